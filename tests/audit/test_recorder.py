"""What tests ask becomes evidence: the state of each request, bounded memory, nothing disturbed."""

from __future__ import annotations

import dataclasses
import gzip
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import cookieconsent.audit.recorder as recorder_module
from audit.fixtures.shop import CONFIG, declared
from cookieconsent import Config
from cookieconsent.audit.merging import incomplete, merged
from cookieconsent.audit.page import MAX_ELEMENTS
from cookieconsent.audit.recorder import MAX_FINDINGS, MAX_LINES, Recorder
from cookieconsent.audit.report import Report
from cookieconsent.middleware.wsgi import CookieConsentMiddleware
from cookieconsent.observation.answer import Answer, Request
from cookieconsent.observation.tap import Heard
from cookieconsent.testing import ConsentStates

STATES = ConsentStates(CONFIG)
PAGE = b"<!DOCTYPE html><html lang=en><title>Shop</title><p>Hello"
BROWSER = [(b"accept", b"text/html"), (b"sec-fetch-mode", b"navigate")]


def inner(environ: Any, start_response: Any) -> list[bytes]:
    return []


SHOP = CookieConsentMiddleware(inner, CONFIG)


def heard(
    cookie: str = "",
    *lines: str,
    app: object = SHOP,
    url: str = "http://testserver/",
    method: str = "GET",
    status: int = 200,
) -> Heard:
    headers = [(b"content-type", b"text/html"), *((b"set-cookie", line.encode()) for line in lines)]
    return Heard(
        request=Request(
            url=url,
            method=method,
            headers=[*BROWSER, *[(b"cookie", cookie.encode())][: bool(cookie)]],
        ),
        answer=Answer(status=status, headers=headers, body=PAGE),
        app=app,
    )


def report_of(*exchanges: Heard, folder: Path = Path("nowhere"), limit: int = 100) -> Report:
    recorder = Recorder(limit=limit)
    for exchange in exchanges:
        recorder.hear(exchange)
    return recorder.report(folder=folder)


def states_of(report: Report) -> dict[str, int]:
    return {row.name: row.pages for row in report.states}


def left_out(report: Report) -> list[str]:
    return [name for gap in report.left_out for name in gap.names]


def found(report: Report) -> set[tuple[str, str, str | None]]:
    return {(one.check, one.state, one.cookie) for one in report.findings("medium")}


def answered(value: str | None) -> str:
    return f"{CONFIG.cookie_name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=15811200"


@pytest.mark.parametrize(
    ("exchange", "state"),
    [
        (heard(), "none"),
        (heard("sid=1"), "none"),
        (heard(STATES.accepted.cookie_header), "accepted"),
        (heard(STATES.rejected.cookie_header), "rejected"),
        (heard(STATES.only("analytics").cookie_header), "partial:analytics"),
        (heard(STATES.tampered.cookie_header), "none"),
        (heard(STATES.stale.cookie_header), "none"),
        (heard("", answered(STATES.accepted.value), method="POST"), "accepted"),
        (
            heard(STATES.accepted.cookie_header, answered(STATES.rejected.value), method="POST"),
            "rejected",
        ),
        (heard("", answered(STATES.accepted.value)), "none"),
        (heard(STATES.accepted.cookie_header, app=inner), "recorded"),
        (
            heard(f"{STATES.accepted.cookie_header}; {STATES.rejected.cookie_header}"),
            "rejected",
        ),
    ],
    ids=[
        "no cookie",
        "another cookie",
        "yes",
        "no",
        "yes to one",
        "changed",
        "too old",
        "says yes now",
        "says no now",
        "a link that sets a yes",
        "no middleware",
        "yes and no",
    ],
)
def test_state_is_what_the_consent_cookie_says(exchange: Heard, state: str) -> None:
    assert states_of(report_of(exchange)) == {state: 1}


def test_yes_to_several_classes_names_them_all() -> None:
    config = dataclasses.replace(
        CONFIG, cookies=[*CONFIG.cookies, declared("theme", "preferences")]
    )
    states, app = ConsentStates(config), CookieConsentMiddleware(inner, config)
    cookie = states.only("analytics", "preferences").cookie_header
    report = report_of(heard(cookie, "_fbp=1; Path=/; Secure; SameSite=Lax", app=app))
    assert states_of(report) == {"partial:analytics+preferences": 1}
    assert ("CC109", "partial:analytics+preferences", "_fbp") in found(report)
    assert "analytics and preferences" in report.findings()[0].said


@pytest.mark.parametrize(
    ("exchange", "finding"),
    [
        (heard("", "_ga=1; Path=/; SameSite=Lax"), ("CC101", "none", "_ga")),
        (
            heard(STATES.rejected.cookie_header, "_ga=1; Path=/; SameSite=Lax"),
            ("CC103", "rejected", "_ga"),
        ),
        (
            heard(STATES.only("analytics").cookie_header, "_fbp=1; Path=/; SameSite=Lax"),
            ("CC109", "partial:analytics", "_fbp"),
        ),
        (
            heard(STATES.accepted.cookie_header, "new=1; Path=/; SameSite=Lax", status=500),
            ("CC201", "accepted", "new"),
        ),
        (
            heard("", answered(STATES.accepted.value)),
            ("CC111", "none", CONFIG.cookie_name),
        ),
    ],
    ids=["before an answer", "after a no", "another class", "undeclared on an error", "by a link"],
)
def test_checks_judge_what_was_heard(exchange: Heard, finding: tuple[str, str, str]) -> None:
    assert finding in found(report_of(exchange))


def test_an_answer_is_no_fault_of_the_state_before_it() -> None:
    report = report_of(heard(), heard("", answered(STATES.accepted.value), method="POST"))
    assert not {one for one in found(report) if one[2] == CONFIG.cookie_name}


def test_clients_speak_http_and_are_not_blamed_for_it() -> None:
    line = "sid=1; Path=/; Secure; HttpOnly; SameSite=Lax"
    assert found(report_of(heard("", line))) == set()


def test_what_only_a_walk_can_tell_is_unverified() -> None:
    report = report_of(heard(), heard(STATES.accepted.cookie_header))
    outcomes = {(v.check, v.state): v.outcome for v in report.verdicts}
    asked = {("CC114", "none"), ("CC309", "none"), ("CC502", "none"), ("CC501", "none")}
    assert {outcomes[key] for key in asked | {("CC202", "accepted")}} == {"unverified"}


def test_visitors_of_tests_are_not_compared() -> None:
    report = report_of(heard("", answered(STATES.rejected.value), method="POST"))
    (verdict,) = (v for v in report.verdicts if v.check == "CC110")
    assert (verdict.state, verdict.outcome) == ("rejected", "unverified")
    assert "run cookieconsent audit" in (verdict.reason or "")


def test_tracker_under_the_consent_cookies_name_is_found() -> None:
    tracked = answered("visitor-1234")
    report = report_of(heard(STATES.rejected.cookie_header, tracked))
    assert ("CC110", "rejected", CONFIG.cookie_name) in found(report)


def test_repeats_are_counted_and_not_kept() -> None:
    report = report_of(*[heard()] * 5, heard(url="http://testserver/b?c=1"))
    assert states_of(report) == {"none": 6}
    assert report.pages == ("/", "/b")
    assert "4 answers like one before" in left_out(report)


def test_value_that_tells_something_is_no_repeat() -> None:
    lines = [
        f"sid={value}; Path=/; Secure; HttpOnly; SameSite=Lax" for value in ("1", "a@b.example")
    ]
    assert ("CC413", "none", "sid") in found(report_of(*(heard("", line) for line in lines)))


def with_field(name: bytes, value: bytes) -> Heard:
    one = heard("", "sid=1; Path=/; Secure; HttpOnly; SameSite=Lax")
    headers = [*one.answer.headers, (name, value)]
    return dataclasses.replace(one, answer=dataclasses.replace(one.answer, headers=headers))


def test_answer_that_caches_may_keep_is_no_repeat() -> None:
    private = with_field(b"cache-control", b"private")
    public = with_field(b"cache-control", b"public, max-age=600")
    report = report_of(private, public)
    assert ("CC501", "none", "sid") in found(report)
    (verdict,) = (v for v in report.verdicts if (v.check, v.state) == ("CC501", "none"))
    assert verdict.left_open is not None, "pages were not compared, whatever was found"


def test_what_is_beyond_the_limit_leaves_no_state_clean() -> None:
    report = report_of(*[heard(url=f"http://testserver/{n}") for n in range(8)], limit=3)
    assert states_of(report) == {"none": 8}
    assert len(report.pages) == 3
    assert "5 answers beyond the first 3 different ones" in left_out(report)
    assert "pass" not in {v.outcome for v in report.verdicts if v.check == "CC101"}


def test_lines_of_one_answer_are_bounded() -> None:
    lines = [f"c{n}=1; Path=/" for n in range(MAX_LINES + 5)]
    report = report_of(heard("", *lines))
    assert len(report.cookies) == MAX_LINES
    assert report.states[0].unverified is not None


def test_findings_are_bounded_and_leave_no_state_clean() -> None:
    exchanges = [
        heard("", *[f"c{n}x{m}=1; Path=/; Secure; SameSite=Lax" for m in range(MAX_LINES)])
        for n in range(MAX_FINDINGS // MAX_LINES + 1)
    ]
    report = report_of(*exchanges)
    assert max(len(verdict.findings) for verdict in report.verdicts) == MAX_FINDINGS
    assert "were not kept" in str(report.states[0].unverified)


def test_values_are_not_in_the_report() -> None:
    report = report_of(heard("sid=known-secret", "_ga=other-secret; Path=/"))
    assert "secret" not in repr(dataclasses.replace(report, checks=()))


def test_nothing_heard_is_disturbed_by_a_fault_of_ours() -> None:
    recorder = Recorder()
    broken = dataclasses.replace(heard(), request=Request(url="http://[/", headers=BROWSER))
    recorder.hear(broken)
    recorder.hear(heard())
    report = recorder.report(folder=Path("nowhere"))
    assert "1 answer that could not be read (ValueError)" in left_out(report)
    assert {v.outcome for v in report.verdicts if v.check == "CC101"} == {"unverified"}


def lost(*reasons: str, also: Sequence[Heard] = ()) -> Report:
    recorder = Recorder()
    for exchange in also:
        recorder.hear(exchange)
    for reason in reasons:
        recorder.lose(reason)
    return recorder.report(folder=Path("nowhere"))


@pytest.mark.parametrize("also", [(), (heard(),)], ids=["nothing else", "something else"])
def test_what_the_tap_lost_leaves_no_state_clean(also: Sequence[Heard]) -> None:
    report = lost("UnicodeEncodeError", "UnicodeEncodeError", also=also)
    assert "2 answers that could not be read (UnicodeEncodeError)" in left_out(report)
    assert {v.outcome for v in report.verdicts} == {"unverified"}
    assert {row.unverified for row in report.states} == {"2 answers were not kept"}


def halved(url: str = "http://testserver/") -> Heard:
    one = heard(url=url)
    return dataclasses.replace(one, answer=dataclasses.replace(one.answer, whole=False))


def test_page_without_its_end_leaves_its_state_open() -> None:
    report = report_of(halved(), heard(STATES.accepted.cookie_header))
    unverified = {row.name: row.unverified for row in report.states}
    assert unverified == {"none": "/ was not read to its end", "accepted": None}


@pytest.mark.parametrize(
    ("body", "coding", "leaves"),
    [
        (gzip.compress(PAGE), b"gzip", None),
        (PAGE, b"br", "/ was not read to its end"),
        (PAGE + b"<a>" * (MAX_ELEMENTS + 1), b"", "/ was not read to its end"),
    ],
    ids=["known coding", "unknown coding", "endless page"],
)
def test_page_that_cannot_be_read_leaves_its_state_open(
    body: bytes, coding: bytes, leaves: str | None
) -> None:
    one = heard()
    headers = [*one.answer.headers, (b"content-encoding", coding)]
    answer = dataclasses.replace(one.answer, headers=headers, body=body)
    [row] = report_of(dataclasses.replace(one, answer=answer)).states
    assert row.unverified == leaves


def test_page_that_is_read_to_its_end_later_is_enough() -> None:
    assert report_of(halved(), heard()).states[0].unverified is None
    assert report_of(halved(), heard(url="http://testserver/b")).states[0].unverified is not None


def test_rules_are_read_without_a_word_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    report_of(
        heard(STATES.tampered.cookie_header), heard("; ".join([f"{CONFIG.cookie_name}=x"] * 9))
    )
    assert caplog.records == []


def test_several_threads_may_be_heard() -> None:
    recorder = Recorder()
    threads = [
        threading.Thread(target=recorder.hear, args=(heard(url=f"http://t/{n % 4}"),))
        for n in range(40)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert recorder.heard == 40


def test_a_file_may_declare_where_there_is_no_middleware(tmp_path: Path) -> None:
    line = "sid=1; Path=/; Secure; HttpOnly; SameSite=Lax"
    assert report_of(heard("", line, app=inner), folder=tmp_path).declaration is None
    (tmp_path / "cookieconsent.toml").write_text(
        '[cookieconsent]\n[[cookieconsent.cookies]]\nname = "sid"\ncls = "authentication"\n',
        encoding="utf-8",
    )
    report = report_of(heard("", line, app=inner), folder=tmp_path)
    assert report.declaration == str(tmp_path / "cookieconsent.toml")
    assert ("CC201", "recorded", "sid") not in found(report)


def test_every_application_is_read_by_its_own_rules() -> None:
    """A factory makes one for each test, and each may have a secret of its own."""
    other = Config(secret_key="another secret of more than 32 characters", cookies=CONFIG.cookies)
    app = CookieConsentMiddleware(inner, other)
    report = report_of(heard(), heard(ConsentStates(other).accepted.cookie_header, app=app))
    assert states_of(report) == {"none": 1, "accepted": 1}


THEME = "theme=1; Path=/; Secure; HttpOnly; SameSite=Lax"
OTHER = CookieConsentMiddleware(
    inner, dataclasses.replace(CONFIG, cookies=[*CONFIG.cookies, declared("theme", "analytics")])
)
EXEMPT = CookieConsentMiddleware(
    inner,
    dataclasses.replace(CONFIG, cookies=[*CONFIG.cookies, declared("theme", "authentication")]),
)


@pytest.mark.parametrize("apps", [(EXEMPT, OTHER), (OTHER, EXEMPT)], ids=["last", "first"])
def test_each_of_two_applications_has_its_own_declarations(apps: Sequence[object]) -> None:
    report = report_of(*(heard("", THEME, app=app) for app in apps))
    assert ("CC101", "none", "theme") in found(report)
    assert states_of(report) == {"none": 2}


def test_what_one_application_declares_counts_for_it_alone() -> None:
    bare = report_of(heard("", THEME), heard(app=EXEMPT))
    assert ("CC101", "none", "theme") in found(bare)
    assert found(report_of(heard(), heard("", THEME, app=EXEMPT))) == set()


def test_application_that_is_named_speaks_for_all() -> None:
    recorder = Recorder()
    recorder.hear(heard())
    recorder.hear(heard("", THEME))
    assert ("CC101", "none", "theme") not in found(recorder.report(EXEMPT, folder=Path("nowhere")))
    assert ("CC101", "none", "theme") in found(recorder.report(OTHER, folder=Path("nowhere")))


def test_answer_without_middleware_has_the_only_site_there_is() -> None:
    plain = heard("", THEME, app=inner)
    assert ("CC201", "recorded", "theme") in found(report_of(plain, heard()))
    assert ("CC201", "recorded", "theme") not in found(report_of(plain, heard(app=EXEMPT)))
    both = report_of(plain, heard(), heard(app=EXEMPT))
    asked = {v.outcome for v in both.verdicts if (v.check, v.state) == ("CC201", "recorded")}
    assert asked == {"unverified"}


def with_banner() -> Heard:
    page = PAGE + b'<section id="cookieconsent-banner">'
    return dataclasses.replace(heard(), answer=dataclasses.replace(heard().answer, body=page))


@pytest.mark.parametrize(
    "second",
    [heard(url="http://other/"), heard(url="https://testserver/"), with_banner()],
    ids=["another host", "https", "with a banner"],
)
def test_answer_that_others_do_not_speak_for_is_no_repeat(second: Heard) -> None:
    assert left_out(report_of(heard(), second)) == ["whatever no test asked for"]
    assert "1 answer like one before" in left_out(report_of(heard(), second, second))


def test_applications_that_differ_in_their_secret_are_one_site() -> None:
    """A factory makes one for each test, which would fill the memory otherwise."""
    other = dataclasses.replace(CONFIG, secret_key="another secret of more than 32 characters")
    report = report_of(heard(), heard(app=CookieConsentMiddleware(inner, other)))
    assert "1 answer like one before" in left_out(report)


def test_sites_are_bounded_and_leave_no_state_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder_module, "MAX_SITES", 1)
    report = report_of(heard(), heard(), heard(app=OTHER))
    assert "1 answer of more than 1 sites" in left_out(report)
    assert {v.outcome for v in report.verdicts} == {"unverified"}


# --- several of them ------------------------------------------------------------------------------


def test_reports_of_workers_become_one() -> None:
    clean = report_of(heard(), heard(STATES.accepted.cookie_header))
    faulty = report_of(heard("", "_ga=1; Path=/"))
    both = merged([clean, faulty])
    assert states_of(both) == {"accepted": 1, "none": 2}
    assert ("CC101", "none", "_ga") in found(both)
    assert [row.name for row in both.cookies] == ["_ga"]
    assert found(merged([faulty, clean])) == found(both)


def test_report_that_lacks_a_part_calls_nothing_clean() -> None:
    whole = report_of(heard(), heard("", "_ga=1; Path=/"))
    part = incomplete(whole, ["a worker died"])
    assert {v.outcome for v in part.verdicts} == {"violation", "unverified"}
    assert {row.unverified for row in part.states} == {"a worker died"}
    assert found(part) == found(whole)
    assert incomplete(whole, []) == whole


def test_what_one_worker_left_open_stays_open() -> None:
    clean = report_of(heard())
    left = report_of(*[heard(url=f"http://t/{n}") for n in range(3)], limit=1)
    outcomes = {v.outcome for v in merged([clean, left]).verdicts if v.check == "CC101"}
    assert outcomes == {"unverified"}
