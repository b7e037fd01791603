"""What changed from one release to the next, and what nobody can tell."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from audit.samples import HOSTILE, audited, cookie, finding, hostile, report
from cookieconsent.audit.check import Verdict
from cookieconsent.audit.difference import Difference, diff
from cookieconsent.audit.report import Report, StateRow
from cookieconsent.audit.reports.difference import as_json, markdown, text
from cookieconsent.audit.reports.json import document, write
from cookieconsent.audit.snapshot import read, snapshot
from cookieconsent.errors import ConfigError


def compare(before: Report, after: Report) -> Difference:
    return diff(snapshot(document(before)), snapshot(document(after)))


def with_findings(*findings: Any, left_open: str | None = None) -> Report:
    verdict = Verdict(check="CC101", state="none", left_open=left_open, findings=findings)
    return report(verdicts=(verdict,))


def test_same_report_has_no_difference() -> None:
    found = compare(report(), report())
    assert found.is_empty
    assert text(found).splitlines()[0] == "Nothing changed."


@pytest.mark.parametrize(
    "later",
    [
        {"pages": ("/",)},
        {"pages": ("/", "/shop"), "missed": {"/shop": "answered with status 403"}},
    ],
)
def test_nothing_is_gone_from_a_page_not_looked_at(later: dict[str, Any]) -> None:
    on_shop = finding(path="/shop")
    met = Verdict(check="CC101", state="none", findings=(on_shop,))
    passed = Verdict(check="CC101", state="none")
    before = report(cookies=(cookie(states={"none": "/shop"}),), verdicts=(met,))
    found = compare(before, report(cookies=(), verdicts=(passed,), **later))
    assert (found.gone_cookies, found.gone_findings) == ([], [])
    assert ["did not look at" in sentence for sentence in found.unclear] == [True, True]
    again = compare(before, report(cookies=(), verdicts=(passed,), missed={}))
    assert (len(again.gone_cookies), len(again.gone_findings), again.unclear) == (1, 1, [])


def test_state_is_not_lost_with_its_page() -> None:
    before = report(cookies=(cookie(states={"none": "/", "accepted": "/shop"}),))
    after = report(cookies=(cookie(states={"none": "/"}),), pages=("/",))
    assert compare(before, after).changes == []


def test_new_and_gone_cookies_are_told() -> None:
    found = compare(report(cookies=(cookie("_ga"),)), report(cookies=(cookie("_gid"),)))
    assert [each.name for each in found.new_cookies] == ["_gid"]
    assert [each.name for each in found.gone_cookies] == ["_ga"]
    assert not found.is_empty


@pytest.mark.parametrize(
    ("fields", "fact", "after"),
    [
        ({"cls": "advertising"}, "class", "advertising"),
        ({"vendor": None}, "vendor", "unknown"),
        ({"setter": "script"}, "set by", "script"),
        ({"lifetime": None}, "lifetime", "session"),
        ({"attributes": {"path": "/", "secure": ""}}, "attributes", "path=/; secure"),
        ({"states": {"none": "/"}}, "states", "none"),
    ],
)
def test_changed_cookie_is_told(fields: dict[str, Any], fact: str, after: str) -> None:
    found = compare(report(cookies=(cookie(),)), report(cookies=(cookie(**fields),)))
    [change] = found.changes
    assert (change.cookie, change.fact, change.after) == ("_ga", fact, after)


def test_order_of_attributes_is_no_change() -> None:
    old = cookie(attributes={"path": "/", "secure": ""})
    new = cookie(attributes={"secure": "", "path": "/"})
    assert compare(report(cookies=(old,)), report(cookies=(new,))).is_empty


def test_new_and_gone_findings_are_told() -> None:
    found = compare(with_findings(finding(path="/a")), with_findings(finding(path="/b")))
    assert [each.path for each in found.new_findings] == ["/b"]
    assert [each.path for each in found.gone_findings] == ["/a"]
    assert found.failures == found.new_findings


def test_new_finding_that_is_known_is_no_failure() -> None:
    verdict = Verdict(check="CC101", state="none", suppressed=((finding(), "agreed"),))
    found = compare(report(verdicts=()), report(verdicts=(verdict,)))
    assert [each.known for each in found.new_findings] == [True]
    assert found.failures == []


def test_finding_that_was_not_looked_for_is_not_gone() -> None:
    found = compare(with_findings(finding()), with_findings(left_open="no answer"))
    assert found.gone_findings == []
    assert found.is_empty
    assert found.unclear == [
        "_ga is set although nobody has said yes (CC101 in none): the later audit could not tell"
    ]
    assert text(found).startswith("Nothing changed, but 1 thing could not be told.")


def test_cookie_of_a_state_that_was_not_reached_is_not_gone() -> None:
    blind = tuple(replace(row, unverified="no form") for row in report().states)
    found = compare(report(cookies=(cookie(),)), report(cookies=(), states=blind))
    assert found.gone_cookies == []
    assert found.unclear[0].startswith("_ga was set in none, accepted; the later audit looked at")


def test_state_that_one_audit_alone_looked_at_changes_no_cookie() -> None:
    states = (*report().states, StateRow(name="gpc", pages=2, unverified=None))
    more = cookie(states={"none": "/", "accepted": "/", "gpc": "/"})
    assert compare(report(cookies=(cookie(),)), report(cookies=(more,), states=states)).is_empty


def test_cookie_that_waits_for_a_yes_now_is_set_in_no_state_of_that_name() -> None:
    before = report(cookies=(cookie(states={"none": "/", "accepted": "/"}),))
    after = report(cookies=(cookie(states={"gpc": "/"}),))
    lines = text(compare(before, after)).splitlines()
    assert "  _ga: was set in none, accepted; is set in no state that both looked at" in lines


def test_findings_that_say_the_same_are_told_and_counted_once() -> None:
    states = [(state, path) for state in ("none", "accepted") for path in ("/a", "/b")]
    met = [
        Verdict(
            check="CC101",
            state=state,
            findings=(finding(path=path, state=state),),
        )
        for state, path in states
    ]
    lines = text(compare(report(verdicts=()), report(verdicts=tuple(met)))).splitlines()
    assert lines[0].startswith("1 new finding, 0 gone;")
    said = "_ga is set although nobody has said yes"
    assert lines[4:] == [f"  critical CC101 in none, accepted on /a, /b: {said}"]


def test_state_that_was_divided_by_class_was_looked_at_again() -> None:
    met = Verdict(check="CC101", state="partial", findings=(finding(),))
    passed = Verdict(check="CC101", state="partial:media")
    found = compare(report(verdicts=(met,)), report(verdicts=(passed,)))
    assert (len(found.gone_findings), found.unclear) == (1, [])
    blind = Verdict(check="CC101", state="partial:ads", left_open="no form")
    found = compare(report(verdicts=(met,)), report(verdicts=(passed, blind)))
    assert (found.gone_findings, len(found.unclear)) == ([], 1)


# --- forms ----------------------------------------------------------------------------------------

BEFORE = report(cookies=(cookie("_ga"), cookie("old")), verdicts=())
AFTER = report(cookies=(cookie("_ga", lifetime=None), cookie("new")))


def test_text_tells_each_kind() -> None:
    lines = text(compare(BEFORE, AFTER)).splitlines()
    assert lines[0] == "2 new findings, 0 gone; 1 new cookie, 1 gone, 1 change."
    assert "  _ga: lifetime was 730 days, is session" in lines
    assert "  critical CC101 in none on /, /shop: _ga is set although nobody has said yes" in lines
    assert [line for line in lines if line and not line.startswith(" ")][2:] == [
        "New findings",
        "New cookies",
        "Cookies that are gone",
        "Cookies that changed",
    ]


def test_markdown_tells_each_kind() -> None:
    written = markdown(compare(BEFORE, AFTER))
    assert written.startswith("### Cookie audit: what changed\n\n**2 new findings, 0 gone;")
    assert "- \\_ga: lifetime was 730 days, is session" in written


def test_json_tells_each_kind() -> None:
    told = json.loads(as_json(compare(BEFORE, AFTER)))
    assert told["schema_version"] == "cookieconsent-audit-difference/1"
    assert [each["name"] for each in told["new_cookies"]] == ["new"]
    assert [each["name"] for each in told["gone_cookies"]] == ["old"]
    assert told["changes"][0]["fact"] == "lifetime"
    assert len(told["new_findings"]) == 3


@pytest.mark.parametrize("given", HOSTILE.values(), ids=HOSTILE)
def test_nothing_of_a_site_hides_in_it(given: str) -> None:
    found = compare(BEFORE, hostile(given))
    for form in (text, markdown, as_json):
        written = form(found)
        assert {char for char in written if not char.isprintable()} <= {"\n"}


# --- reading --------------------------------------------------------------------------------------


def test_written_report_is_read(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    file.write_text(write(audited()), encoding="utf-8")
    assert read(file) == snapshot(document(audited()))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "file: it is no JSON ("),
        ("[" * 100_000, "file: it is no JSON ("),
        ("[]", "schema_version: it is missing. Name a report that was written with -f json."),
        ("7", "schema_version: it is missing."),
        ('{"schema_version": "cookieconsent-audit/0"}', "schema_version: 'cookieconsent-audit/0'"),
        ('{"schema_version": "cookieconsent-audit/1"}', "verdicts: it is missing."),
    ],
)
def test_what_is_no_report_is_refused(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "report.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        read(file)
    assert str(raised.value).startswith(f"{file}: {said}")


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        (["cookies", 0, "attributes"], [], "cookies[0].attributes: a list does not fit there"),
        (["cookies", 0, "name"], 7, "cookies[0].name: a int does not fit there"),
        (["cookies", 0, "lifetime_seconds"], "x", "cookies[0].lifetime_seconds"),
        (["cookies"], [7], "cookies: a list does not fit there"),
        (["verdicts", 0, "findings", 0, "fingerprint"], None, "verdicts[0].findings.fingerprint"),
        (["states", 1, "name"], None, "states[1].name: it is missing"),
    ],
)
def test_wrong_part_is_named(path: list[Any], value: object, place: str) -> None:
    whole = document(report())
    inner: Any = whole
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    with pytest.raises(ConfigError) as raised:
        snapshot(whole)
    assert str(raised.value).startswith(place)


def test_report_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="it cannot be read"):
        read(tmp_path / "nowhere.json")
