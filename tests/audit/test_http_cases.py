"""What the checks of HTTP and caching make of single answers, and what they cannot tell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from audit.fixtures.http import OWN_SERVER, PICTURE, TRACKER, open_to_caches
from audit.fixtures.shop import (
    BASE,
    CONFIG,
    GA_LINE,
    OPEN,
    Outside,
    Shop,
    configured,
    look_at,
    planned,
    wsgi,
)
from cookieconsent.audit.check import Finding, Verdict
from cookieconsent.audit.checks import BY_ID
from cookieconsent.audit.evidence import View
from cookieconsent.audit.files import ICON, unasked
from cookieconsent.audit.inside import Spy
from cookieconsent.audit.judging import judge
from cookieconsent.audit.plan import Plan
from cookieconsent.audit.probes import ABSENT, GPC_PATH, leads_abroad
from cookieconsent.audit.run import observe
from cookieconsent.audit.site import Site
from cookieconsent.audit.states import Task
from cookieconsent.audit.visitor import HttpVisitor, Visitor
from cookieconsent.core.catalog import shipped_rules
from cookieconsent.core.registry import Registry
from cookieconsent.observation.answer import Answer, Request
from cookieconsent.observation.wsgi import WsgiClient
from cookieconsent.pytest_plugin.fixtures import AuditApplication

FILE = '<link rel="stylesheet" href="/style.css">'
MODIFIED = ("Last-Modified", "Mon, 02 Nov 2026 10:00:00 GMT")


def verdicts(shop: Shop, check: str) -> list[Verdict]:
    return judge(look_at(shop), shop.site, [BY_ID[check]])


def findings(shop: Shop, check: str) -> list[Finding]:
    return [finding for verdict in verdicts(shop, check) for finding in verdict.findings]


def kept(*fields: tuple[str, str], path: str = "/a") -> Callable[[Outside], None]:
    """Return what lets one page say how it may be kept, and set nothing."""

    def spoil(answer: Outside) -> None:
        if answer.path == path and answer.method == "GET":
            answer.drop("cache-control", "vary", "set-cookie")
            answer.headers = [*answer.headers, *fields]

    return spoil


def cached(*fields: tuple[str, str]) -> Callable[[Outside], None]:
    """Return what lets a file say how it may be kept, and set a cookie."""

    def spoil(answer: Outside) -> None:
        if answer.path == "/style.css":
            answer.drop("cache-control", "vary", "set-cookie")
            answer.headers = [*answer.headers, ("Set-Cookie", f"sid=1{OPEN}"), *fields]

    return spoil


PAGES = [
    # fields of a page that asks those who have not answered; severity of what is found
    ([("Cache-Control", "max-age=60")], "critical"),
    ([("Cache-Control", "s-maxage=60")], "critical"),
    ([MODIFIED], "medium"),
    ([("Cache-Control", "max-age=60"), ("Vary", "Accept")], "critical"),
    ([("Cache-Control", "max-age=60"), ("Vary", "Cookie")], None),
    ([("Cache-Control", "private, max-age=60")], None),
    ([("Cache-Control", "no-store")], None),
    ([("Cache-Control", "max-age=0")], None),
    ([], None),
]


@pytest.mark.parametrize(("fields", "severity"), PAGES)
def test_kept_page_is_convicted(fields: list[tuple[str, str]], severity: str | None) -> None:
    found = findings(Shop(spoil=kept(*fields)), "CC501")
    assert {finding.severity for finding in found} == ({severity} if severity else set())


FILES = [
    # fields of a file that sets a cookie; severity of what is found
    ([("Cache-Control", "public, max-age=60")], "critical"),
    # Whoever has no cookie yet shares one answer, whatever it varies by.
    ([("Cache-Control", "public, max-age=60"), ("Vary", "Cookie")], "critical"),
    ([("Cache-Control", 'max-age=60, no-cache="set-cookie"')], None),
    ([MODIFIED], "medium"),
    ([MODIFIED, ("Vary", "Cookie")], None),
    ([("Cache-Control", "private")], None),
]


@pytest.mark.parametrize(("fields", "severity"), FILES)
def test_kept_cookie_is_convicted(fields: list[tuple[str, str]], severity: str | None) -> None:
    found = findings(Shop(head=FILE, spoil=cached(*fields)), "CC501")
    assert {finding.severity for finding in found} == ({severity} if severity else set())


def test_page_that_always_changes_is_not_laid_to_the_answer() -> None:
    number = count()

    def spoil(answer: Outside) -> None:
        open_to_caches(answer)
        words = b"word " * next(number)
        answer.body = answer.body.replace(b"<main>", b"<main>" + words)

    assert findings(Shop(spoil=spoil), "CC501") == []


COMPARED = [
    # states that were looked at; what is missing
    (("none",), "add the states rejected and accepted"),
    (("none", "rejected"), "add the state accepted"),
    (("none", "rejected", "accepted"), None),
]


@pytest.mark.parametrize(("states", "missing"), COMPARED)
def test_page_is_compared_with_those_of_an_answer(
    states: tuple[str, ...], missing: str | None
) -> None:
    evidence = look_at(Shop(), states=states)
    (verdict,) = (v for v in judge(evidence, Shop().site, [BY_ID["CC501"]]) if v.state == "none")
    unknown = f"whether pages depend on the answer is not known: {missing}"
    expected = ("pass", None) if missing is None else ("unverified", unknown)
    assert (verdict.outcome, verdict.reason) == expected


def test_site_that_takes_no_answer_is_not_compared() -> None:
    def spoil(answer: Outside) -> None:
        answer.body = answer.body.replace(b"<form", b"<div")

    evidence = look_at(Shop(spoil=spoil))
    (verdict,) = (v for v in judge(evidence, Shop().site, [BY_ID["CC501"]]) if v.state == "none")
    assert verdict.reason is not None
    assert "is not known: no page has a form" in verdict.reason


# --- beside the pages -----------------------------------------------------------------------------


def on(
    path: str, *, method: str = "GET", status: int | None = None, **fields: str
) -> Callable[[Outside], None]:
    """Return what lets one address set an analytics cookie."""

    def spoil(answer: Outside) -> None:
        if answer.path == path and answer.method == method:
            answer.status = status or answer.status
            answer.headers = [*answer.headers, ("Set-Cookie", GA_LINE), *fields.items()]

    return spoil


BESIDE = [
    (on(ABSENT, status=404), "an error page"),
    (on("/", method="HEAD"), "an answer to HEAD"),
    (on("/", method="OPTIONS"), "an answer to OPTIONS"),
    (on("/shop/b/", status=308, Location="/shop/b"), "a redirect"),
    (on("/style.css"), "an address beside the pages"),
    (on("/p4.gif"), "an address beside the pages"),
    (on("/icon.svg"), "an address beside the pages"),
    (on(ICON), "an address beside the pages"),
]


PICTURES = "".join(f'<img src="/p{number}.gif?who=ada" alt="">' for number in range(7))
LOADING = f'{FILE}<script src="/s.js"></script><link rel="icon" href="/icon.svg">{PICTURES}'


@pytest.mark.parametrize(("spoil", "kind"), BESIDE)
def test_cookie_beside_the_pages_is_found(spoil: Callable[[Outside], None], kind: str) -> None:
    found = findings(Shop(head=LOADING, spoil=spoil), "CC502")
    assert {finding.state for finding in found} == {"none", "rejected"}
    assert {f"is set by {kind} although" in finding.said for finding in found} == {True}


def test_files_are_asked_for_as_browsers_do() -> None:
    heard: dict[str, tuple[str, str]] = {}

    def app(environ: Any, start_response: Any) -> list[bytes]:
        fields = ("HTTP_SEC_FETCH_MODE", "HTTP_SEC_FETCH_DEST")
        heard[environ["PATH_INFO"]] = tuple(environ[field] for field in fields)
        start_response("200 OK", [("Content-Type", "text/html")])
        return [f'<!DOCTYPE html>{LOADING}<img src="/logout.gif">'.encode()]

    observe(replace(planned(Shop()), client=WsgiClient(app), app=None, states=["none"]))
    pictures = {path for path in heard if path.endswith(".gif")}
    assert pictures == {f"/p{number}.gif" for number in range(5)}
    assert heard["/p0.gif"] == heard[ICON] == ("no-cors", "image")
    assert (heard["/s.js"], heard["/style.css"]) == (("no-cors", "script"), ("no-cors", "style"))


def test_files_that_nobody_asked_for_are_named() -> None:
    shop = Shop(head=f'{LOADING}<img src="https://cdn.example/p.gif">')
    evidence = observe(replace(planned(shop), states=["none"]))
    [gap] = unasked(evidence)
    assert gap.names == ("2 files of the site's own: /p5.gif, /p6.gif",)
    evidence.mode = "browser"  # loads all of them
    assert list(unasked(evidence)) == []


def confirming(environ: Any, start_response: Any) -> list[bytes]:
    """A site without us whose confirmations alone set a cookie."""
    html = [("Content-Type", "text/html"), ("ETag", '"1"')]
    if environ.get("HTTP_IF_NONE_MATCH") == '"1"':
        start_response("304 Not Modified", [*html, ("Set-Cookie", GA_LINE)])
        return []
    start_response("200 OK", html)
    return [b"<!DOCTYPE html><title>Shop</title>"]


def failing(visitor: object) -> None:
    raise ValueError("bad sid=S3CR3T")


def test_words_of_a_failing_hook_are_not_told() -> None:
    runs = observe(replace(planned(Shop()), prepare=failing, states=["none"])).runs
    said = r"the hook \(--login\) raised ValueError in test_http_cases.py, line \d+"
    assert re.fullmatch(said, runs["none"].unverified or "")


def test_hook_that_takes_no_visitor_is_told_so() -> None:
    planned_ = replace(planned(Shop()), prepare=lambda: None, states=["none"])  # type: ignore[arg-type,misc]
    said = "the hook (--login) raised TypeError; it is called with one argument, the visitor"
    assert observe(planned_).runs["none"].unverified == said


@pytest.mark.parametrize(("path", "place"), [("/no", "/no"), ("/no?who=ada", "/no?...")])
def test_hook_that_is_turned_away_leaves_its_state_unverified(path: str, place: str) -> None:
    def sign_in(visitor: Visitor) -> None:
        visitor.send(Request(url=f"{BASE.rstrip('/')}{path}", method="POST"))

    def app(environ: Any, start_response: Any) -> list[bytes]:
        is_in = environ["PATH_INFO"] == "/"
        start_response("200 OK" if is_in else "403 No", [("Content-Type", "text/html")])
        return [b"hello"]

    planned_ = replace(planned(Shop()), client=WsgiClient(app), app=None, pages=["/"])
    runs = observe(replace(planned_, prepare=sign_in, states=["none"])).runs
    assert runs["none"].unverified == f"the hook (--login) was met with 403 at POST {place}"


class Partial(WsgiClient):
    """Gives every answer as one that broke off."""

    def send(self, request: Request) -> Answer:
        return replace(super().send(request), whole=False)


def test_pages_that_broke_off_leave_a_state_unverified() -> None:
    shop = Shop()
    runs = observe(replace(planned(shop), client=Partial(wsgi(shop)), states=["none"])).runs
    assert runs["none"].unverified == "the page was not read to its end"


def test_cookie_of_a_confirmation_is_found() -> None:
    site = Site(config=None, registry=Registry((), shipped_rules()))
    client = WsgiClient(confirming)
    evidence = observe(
        Plan(target="shop", mode="wsgi", base=BASE, site=site, client=client, states=["none"])
    )
    (verdict,) = judge(evidence, site, [BY_ID["CC502"]])
    said = [finding.said for finding in verdict.findings]
    assert said == ["_ga is set by a confirmation (304) although nobody has said yes"]


def test_what_a_page_sets_as_well_is_told_elsewhere() -> None:
    shop = Shop(past=lambda _visit: [GA_LINE], spoil=on(ABSENT, status=404))
    assert findings(shop, "CC502") == []


# --- Global Privacy Control -----------------------------------------------------------------------


def saying(body: bytes, kind: str = "application/json") -> Callable[[Outside], None]:
    def spoil(answer: Outside) -> None:
        if answer.path == GPC_PATH:
            answer.body = body
            answer.drop("content-type")
            answer.headers = [*answer.headers, ("Content-Type", kind)]

    return spoil


@pytest.mark.parametrize(
    ("body", "kind", "is_told"),
    [
        (b'{"gpc": true, "lastUpdate": "2026-11-01"}', "application/json", True),
        (b'{"gpc": true}', "application/json; charset=utf-8", True),
        (b'{"gpc": false}', "application/json", False),
        (b'{"gpc": 1}', "application/json", False),
        (b"[true]", "application/json", False),
        (b"{", "application/json", False),
        (b"<!DOCTYPE html><title>Home</title>", "text/html", False),  # pages for every address
    ],
)
def test_signal_is_told_by_one_member(body: bytes, kind: str, is_told: bool) -> None:
    found = findings(Shop(spoil=saying(body, kind)), "CC505")
    assert bool(found) is not is_told


@pytest.mark.parametrize("enforce", [True, False])
def test_remedy_for_an_untold_signal_names_what_hides_it(enforce: bool) -> None:
    found = findings(Shop(config=configured(gpc=True, enforce=enforce)), "CC505")
    assert bool(found) is not enforce
    assert "Config.enforce" in BY_ID["CC505"].fix


# --- names of trackers ----------------------------------------------------------------------------

SCRIPT = '<script src="/app.js"></script>'


LIMIT = "beyond the limit of pages"
SAME = '<img src="https://shop.example/p.gif" alt="">'
OTHER_OWNER = '<img src="https://cdn.other.example/p.gif" alt="">'
HIDDEN_TRACKER = '<img src="https://metrics.shop.example:8443/p.gif" alt="">'
KEPT_BACK = configured(
    csp_gate="enforce",
    csp_hosts={"analytics": ["https://metrics.shop.example"], "always": ["cdn.shop.example"]},
)
STATIC = '<img src="https://cdn.shop.example/p.gif" alt="">'


@pytest.mark.parametrize(
    ("shop", "outcome", "reason"),
    [
        (Shop(), "pass", None),
        (Shop(text=PICTURE), "unverified", "metrics.shop.example is another name"),
        (Shop(text=PICTURE), "unverified", "aliases={'metrics.shop.example': '...'}"),
        (Shop(text=PICTURE), "unverified", "--alias metrics.shop.example=NAME"),
        (Shop(text=HIDDEN_TRACKER), "unverified", "metrics.shop.example is another name"),
        (Shop(text=PICTURE, base="https://app.shop.example/"), "unverified", "another name"),
        (Shop(text=PICTURE, aliases=OWN_SERVER), "pass", None),
        (Shop(text=PICTURE, aliases={"metrics.shop.example": ""}), "pass", None),
        (Shop(text=PICTURE, aliases=TRACKER), "violation", None),
        (Shop(text=PICTURE, aliases=TRACKER, base="https://app.shop.example/"), "violation", None),
        (Shop(text=PICTURE, config=KEPT_BACK), "pass", None),
        (Shop(text=STATIC, config=KEPT_BACK), "unverified", "cdn.shop.example is another name"),
        (Shop(text=SAME), "pass", None),
        (Shop(text=OTHER_OWNER), "pass", None),
        (Shop(text=PICTURE, base="https://localhost/"), "unverified", "name the site, by --host"),
        (Shop(text="<img src=/p.gif alt=''>", base="https://localhost/"), "pass", None),
        (Shop(head=SCRIPT), "unverified", "scripts were not run"),
    ],
)
def test_names_are_verified_where_they_were_looked_up(
    shop: Shop, outcome: str, reason: str | None
) -> None:
    (verdict,) = verdicts(shop, "CC507")
    assert verdict.outcome == outcome
    assert (reason or "") in (verdict.reason or "")


def test_names_that_were_looked_up_are_passed_by_the_fixture() -> None:
    shop = wsgi(Shop(text=PICTURE))

    def app(environ: Any, start_response: Any) -> Any:
        return shop(environ, start_response)

    report = AuditApplication(Path("nowhere"))(
        app, states=["none"], host="www.shop.example", aliases=TRACKER
    )
    assert "CC507" in {finding.check for finding in report.findings()}


@pytest.mark.parametrize(
    ("missed", "said"),
    [
        (["/a"], f"1 page that is linked was not looked at: /a ({LIMIT})"),
        (
            ["/a", "/b"],
            f"2 pages that are linked were not looked at: /a ({LIMIT}), /b ({LIMIT})",
        ),
    ],
)
def test_pages_left_out_are_counted_in_words(missed: list[str], said: str) -> None:
    shop = Shop()
    evidence = look_at(shop)
    evidence.missed = dict.fromkeys(missed, LIMIT)
    found = [f.said for v in judge(evidence, shop.site, [BY_ID["CC508"]]) for f in v.findings]
    assert found == [said]


# --- the rest -------------------------------------------------------------------------------------


def test_form_that_is_stopped_is_found() -> None:
    def spoil(answer: Outside) -> None:
        answer.headers = [*answer.headers, ("Content-Security-Policy", "form-action 'none'")]

    assert "form-action" in "".join(f.said for f in findings(Shop(spoil=spoil), "CC506"))


def test_policy_without_a_banner_is_unverified() -> None:
    def spoil(answer: Outside) -> None:
        answer.body = answer.body.replace(b"cookieconsent-banner", b"gone")
        answer.body = answer.body.replace(b'name="choice"', b'name="gone"')

    assert {v.outcome for v in verdicts(Shop(spoil=spoil), "CC506")} == {"unverified"}


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        (b"https://elsewhere.example/", True),
        (b"//elsewhere.example/", True),
        (b"/\\elsewhere.example/", True),
        (b"/cookie-consent?next=https://elsewhere.example/", False),
        (b"/", False),
        (b"https://[", False),
    ],
)
def test_redirect_elsewhere_is_known(location: bytes, expected: bool) -> None:
    assert leads_abroad(location) is expected


def test_probes_leave_the_jar_alone() -> None:
    shop = Shop(spoil=on(ABSENT, status=404))
    evidence = look_at(shop)
    assert b"_ga" not in {seen.name for seen in evidence.runs["none"].kept}


def test_failing_probe_ends_no_audit() -> None:
    def spoil(answer: Outside) -> None:
        if answer.path == ABSENT:
            raise RuntimeError

    evidence = look_at(replace(Shop(), spoil=spoil))
    fault = evidence.runs["none"].probes()[0].fault or ""
    assert fault.startswith("it raised RuntimeError in test_http_cases.py, line ")
    assert evidence.runs["none"].unverified is None


def silent(path: str, method: str = "GET") -> Callable[[Outside], None]:
    """Return what lets one address break down instead of answering."""

    def spoil(answer: Outside) -> None:
        if (answer.path, answer.method) == (path, method):
            raise RuntimeError

    return spoil


SILENT = [
    # check, its state, what does not answer, what is said of it
    ("CC502", "none", silent(ABSENT), f"GET {ABSENT}"),
    ("CC502", "rejected", silent("/", "OPTIONS"), "OPTIONS /"),
    ("CC504", "none", silent("/shop/b/"), "GET /shop/b/"),
    ("CC314", "none", silent(CONFIG.path, "POST"), f"POST {CONFIG.path}"),
    ("CC505", "gpc", silent(GPC_PATH), f"GET {GPC_PATH}"),
]


@pytest.mark.parametrize(("check", "state", "spoil", "asked"), SILENT)
def test_question_without_an_answer_is_open(
    check: str, state: str, spoil: Callable[[Outside], None], asked: str
) -> None:
    shop = Shop(spoil=spoil)
    evidence = observe(replace(planned(shop), states=[state, "accepted"]))
    (verdict,) = judge(evidence, shop.site, [BY_ID[check]])
    said = f"there was no answer to {asked}: it raised RuntimeError in test_http_cases.py"
    assert verdict.outcome == "unverified"
    assert (verdict.reason or "").startswith(said)


def test_open_question_hides_no_finding() -> None:
    def spoil(answer: Outside) -> None:
        silent(ABSENT)(answer)
        on("/", method="HEAD")(answer)

    assert len(findings(Shop(spoil=spoil), "CC502")) == 2


def test_nothing_is_asked_by_who_could_not_answer() -> None:
    """The banner of this site is there for browsers alone, so over HTTP nobody can say no."""
    shop = Shop()
    seen_by_browsers, seen_by_programs = WsgiClient(wsgi(shop)), WsgiClient(confirming)

    @contextmanager
    def visitors(task: Task, views: list[View], spy: Spy | None) -> Iterator[Visitor]:
        path = shop.site.path
        yield HttpVisitor(client=seen_by_browsers, base=BASE, preferences=path, views=views)

    plan = replace(planned(shop), client=seen_by_programs, app=None, visitors=visitors)
    evidence = observe(replace(plan, states=["none", "rejected"]))
    none, rejected = evidence.runs.values()
    assert none.probes()
    assert (rejected.unverified, rejected.probes()) == (None, [])
    said = "nothing was asked beside the pages: no page has a form that sends choice=reject"
    last = judge(evidence, shop.site, [BY_ID["CC502"]])[-1]
    assert (last.state, last.outcome, last.reason) == ("rejected", "unverified", said)
