"""What was not looked at is never called clean: refused, skipped and unreachable pages are named."""

from __future__ import annotations

from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from audit.samples import NOW, site
from cookieconsent.audit.browser import through_browser
from cookieconsent.audit.evidence import Evidence
from cookieconsent.audit.gaps import gap_lines
from cookieconsent.audit.plan import Plan
from cookieconsent.audit.planning import Wishes, plan_for
from cookieconsent.audit.reporting import report_on
from cookieconsent.audit.reports import json
from cookieconsent.audit.run import audit, observe
from cookieconsent.audit.visitor import HttpVisitor
from cookieconsent.observation.answer import ObservationError
from cookieconsent.observation.browser import Browser
from cookieconsent.observation.tab import Settings
from cookieconsent.observation.wsgi import WsgiClient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from cookieconsent.audit.check import Verdict
    from cookieconsent.audit.evidence import View
    from cookieconsent.audit.inside import Spy
    from cookieconsent.audit.states import Task
    from cookieconsent.audit.visitor import Visitor


def pages(found: Mapping[str, str], statuses: Mapping[str, str] | None = None) -> WSGIApplication:
    """Return a site of these bodies by path and query; any other page is not found."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        query = environ.get("QUERY_STRING", "")
        path = environ["PATH_INFO"].encode("latin-1").decode() + (f"?{query}" if query else "")
        usual = "200 OK" if path in found else "404 Not Found"
        status = (statuses or {}).get(path, usual)
        start_response(status, [("Content-Type", "text/html")])
        return [found.get(path, "gone").encode()]

    return app


def plan(app: WSGIApplication, **fields: object) -> Plan:
    """Return the plan of an audit in two states."""
    given: dict[str, object] = {
        "target": "shop:app",
        "mode": "wsgi",
        "base": "https://shop.example/",
        "site": site(),
        "client": WsgiClient(app),
        "states": ("none", "ignored"),
        "now": lambda: NOW,
        **fields,
    }
    return Plan(**given)  # type: ignore[arg-type]


def verdicts(evidence: Evidence, check: str) -> list[Verdict]:
    """Return what became of one check."""
    report = report_on(evidence, site(), now=lambda: NOW)
    return [verdict for verdict in report.verdicts if verdict.check == check]


@pytest.mark.parametrize("status", ["403 Forbidden", "503 Service Unavailable", "404 Not Found"])
def test_site_that_refuses_everything_is_unverified(status: str) -> None:
    evidence = observe(plan(pages({"/": "no"}, {"/": status})))
    said = f"/ answered with status {status[:3]}"
    assert {run.unverified for run in evidence.runs.values()} == {said}
    assert {verdict.outcome for verdict in verdicts(evidence, "CC101")} == {"unverified"}


@pytest.mark.parametrize("status", ["404 Not Found", "500 Sorry", "503 Busy"])
@pytest.mark.parametrize("path", ["/more", "/more?id=1", "/moved"])
def test_linked_page_with_an_error_is_missed(status: str, path: str) -> None:
    app = pages({"/": f"<a href={path}>more</a>"}, {"/more": status, "/more?id=1": status})

    def moving(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/moved":
            return app(environ, start_response)
        start_response("302 Found", [("Location", "/more")])
        return []

    evidence = observe(plan(moving))
    place = path.partition("?")[0]
    assert evidence.missed == {place: f"answered with status {status[:3]}"}
    assert {run.unverified for run in evidence.runs.values()} == {None}


def test_page_that_breaks_in_a_state_leaves_it_open() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        breaks = environ["PATH_INFO"] == "/more" and "HTTP_SEC_GPC" in environ
        status = "500 Sorry" if breaks else "200 OK"
        start_response(status, [("Content-Type", "text/html")])
        return [b"<a href=/more>more</a>"]

    evidence = observe(plan(app, states=["none", "gpc"]))
    assert [run.unverified for run in evidence.runs.values()] == [
        None,
        "/more answered with status 500",
    ]


def test_first_page_that_is_broken_leaves_all_open() -> None:
    app = pages({"/": "no", "/more": "yes"}, {"/": "500 Sorry"})
    evidence = observe(plan(app, pages=["/more"]))
    assert {run.unverified for run in evidence.runs.values()} == {"/ answered with status 500"}


def test_site_for_those_who_sign_in_is_looked_at() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        is_in = "in=1" in environ.get("HTTP_COOKIE", "") or environ["PATH_INFO"] == "/in"
        headers = [("Content-Type", "text/html"), ("Set-Cookie", "in=1")][: 1 + is_in]
        start_response("200 OK" if is_in else "403 Forbidden", headers)
        return [b"hello"]

    evidence = observe(plan(app, prepare=lambda visitor: visitor.open("/in", "before")))
    assert [run.unverified for run in evidence.runs.values()] == [None, None]
    assert evidence.missed == {}


def test_page_that_is_gone_is_told() -> None:
    evidence = observe(plan(pages({"/": "<a href=/more>more</a>"})))
    (found,) = [finding for verdict in verdicts(evidence, "CC508") for finding in verdict.findings]
    assert found.said == (
        "1 page that is linked was not looked at: /more (answered with status 404)"
    )


@pytest.mark.parametrize(
    ("markup", "path", "why"),
    [
        ("<a href=/logout>Bye</a>", "/logout", "its link may do something"),
        ("<a href=/book.pdf>Book</a>", "/book.pdf", "its name is that of a file"),
        ("<a href=/x rel=nofollow>X</a>", "/x", "its link asks not to be followed"),
        (
            "<a href=/?page=2>Next</a>",
            "/?...",
            "its query was left out; name it to have it looked at",
        ),
    ],
)
def test_page_left_alone_on_purpose_is_no_fault(markup: str, path: str, why: str) -> None:
    evidence = observe(plan(pages({"/": markup})))
    (verdict,) = verdicts(evidence, "CC508")
    remark = f"left alone on purpose: {path} ({why}); --page PATH has one looked at all the same"
    assert (verdict.outcome, verdict.reason) == ("pass", remark)
    assert evidence.missed == {path: why}
    assert any(path in line for line in gap_lines(report_on(evidence, site(), now=lambda: NOW)))


def test_named_pages_are_visited_with_their_query() -> None:
    app = pages({"/": "one", "/?id=2": "two"})
    evidence = observe(plan(app, pages=["/?id=2"]))
    assert evidence.pages == ["/", "/?id=2"]
    assert "/?id=2" in {view.path for view in evidence.runs["none"].views}


def test_linked_pages_are_visited_with_the_query_they_need() -> None:
    app = pages({"/": "<a href=/item?id=hush7>3</a>", "/item?id=hush7": "three"})
    evidence = observe(plan(app))
    assert evidence.pages == ["/", "/item?id=hush7"]
    assert {run.unverified for run in evidence.runs.values()} == {None}
    assert evidence.missed == {}


@pytest.mark.parametrize("status", ["200 OK", "404 No", "500 Sorry", None])
def test_no_report_has_the_values_of_a_query(status: str | None) -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        is_item = environ["PATH_INFO"] == "/item"
        if is_item and status is None:
            raise ValueError
        start_response((is_item and status) or "200 OK", [("Content-Type", "text/html")])
        return [b"<a href=/item?id=hush7>3</a><a href=/a?token=hush7>4</a>"]

    given = plan(app, pages=["/item?id=hush7", "/named?id=hush7"])
    written = json.write(audit(given))
    assert "/item?..." in written
    assert "hush7" not in written


def test_links_seen_only_after_signing_in_are_missed() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/html"), ("Set-Cookie", "in=1")])
        is_in = "in=1" in environ.get("HTTP_COOKIE", "")
        mine = b"<a href=/account>mine</a><a href=/logout>out</a><a href=/item?delete=1>less</a>"
        return [(mine if is_in else b"") + b"<a href=/>home</a>"]

    assert observe(plan(app)).missed == {
        "/account": "linked only for who has signed in or answered; add --page",
        "/item": "its link may do something",
        "/logout": "its link may do something",
    }


def slow(seconds: float, app: WSGIApplication) -> tuple[WSGIApplication, Callable[[], float]]:
    """Return an application of which each answer takes so long, and the clock that says so."""
    moments = [0.0]

    def call(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        moments[0] += seconds
        return app(environ, start_response)

    return call, lambda: moments[0]


def test_states_behind_the_end_of_the_time_are_unverified() -> None:
    app, clock = slow(100, pages({"/": "one"}))
    evidence = observe(plan(app, states=(), seconds=1_500, clock=clock))
    over = [run.unverified == "the time of the audit was over" for run in evidence.runs.values()]
    assert evidence.runs["none"].unverified is None
    assert over[-5:] == [True] * 5
    asked = [view for run in evidence.runs.values() for view in run.views if view.status]
    assert len(asked) == 14
    report = report_on(evidence, site(), now=lambda: NOW)
    assert {v.outcome for v in report.verdicts if v.state == "blocked"} == {"unverified"}


def test_a_state_ends_with_the_time() -> None:
    app, clock = slow(100, pages({"/": "<a href=/a>a</a><a href=/b>b</a>"}))
    evidence = observe(plan(app, states=["ignored"], seconds=300, clock=clock))
    run = evidence.runs["ignored"]
    assert (run.answers, run.unverified) == (2, "the time of the audit was over")
    assert evidence.missed == dict.fromkeys(["/a", "/b"], "the time for finding pages was over")


def test_questions_that_there_was_no_time_for_are_told() -> None:
    app, clock = slow(100, pages({"/": "one"}))
    evidence = observe(plan(app, states=["none"], seconds=500, clock=clock))
    run = evidence.runs["none"]
    assert len(run.pages()) == 2
    assert run.unverified == "the time of the audit was over"


def test_other_visitors_end_with_the_time_too() -> None:
    app, clock = slow(100, pages({"/": "one"}))
    given = plan(app, states=["none", "ignored"], seconds=1_000, clock=clock)

    @contextmanager
    def visitors(task: Task, views: list[View], spy: Spy | None) -> Iterator[Visitor]:
        yield HttpVisitor(client=given.client, base=given.base, preferences="/c", views=views)

    evidence = observe(replace(given, visitors=visitors))
    assert evidence.runs["none"].answers
    assert evidence.runs["ignored"].unverified == "the time of the audit was over"


def test_every_visitor_asks_for_the_language() -> None:
    asked: set[str] = set()

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        asked.add(environ["HTTP_ACCEPT_LANGUAGE"])
        start_response("200 OK", [("Content-Type", "text/html")])
        return [b"<a href=/more>more</a>"]

    observe(plan(app, states=(), language="de"))
    assert asked == {"de"}


def test_browsers_ask_for_the_language(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Settings] = []

    def visitor(self: Browser, settings: Settings) -> AbstractContextManager[None]:
        asked.append(settings)
        raise ObservationError("no browser here")

    monkeypatch.setattr(Browser, "visitor", visitor)
    given = replace(plan(pages({"/": "one"}), language="de", states=["none"]), mode="url")
    evidence = observe(replace(through_browser(given), client=given.client))
    assert evidence.runs["none"].unverified == "no browser here"
    assert [settings.language for settings in asked] == ["de"]


@pytest.mark.parametrize(
    ("bases", "path"),
    [
        (["/deep/"], "/deep/mine"),
        (["/deep/", "/other/"], "/deep/mine"),
        (["http://[", "/deep/"], "/deep/mine"),
        (["https://elsewhere.example/"], None),
        ([], "/mine"),
    ],
)
def test_links_met_later_begin_at_the_base(bases: list[str], path: str | None) -> None:
    head = "".join(f'<base href="{base}">' for base in bases)

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/html"), ("Set-Cookie", "in=1")])
        is_in = "in=1" in environ.get("HTTP_COOKIE", "")
        return [f"{head}<a href=mine>mine</a>".encode() if is_in else b"hello"]

    evidence = observe(plan(app))
    assert list(evidence.missed) == ([] if path is None else [path])


def test_cookie_for_those_who_arrive_is_found() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        arrives = environ.get("HTTP_SEC_FETCH_SITE") == "none"
        headers = [("Content-Type", "text/html"), ("Set-Cookie", "_ga=1; Path=/")][: 1 + arrives]
        start_response("200 OK", headers)
        return [b"hello"]

    found = verdicts(observe(plan(app)), "CC101")
    assert [(verdict.state, verdict.outcome) for verdict in found] == [
        ("none", "violation"),
        ("ignored", "violation"),
    ]


def test_address_that_is_named_hides_its_query() -> None:
    given = plan_for("https://shop.example/?key=hush7", Wishes(), folder=Path())
    assert (given.target, given.base) == (
        "https://shop.example/?...",
        "https://shop.example/?key=hush7",
    )
