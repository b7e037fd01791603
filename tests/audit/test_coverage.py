"""What was not looked at is never called clean: refused, skipped and unreachable pages are named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from audit.samples import NOW, site
from cookieconsent.audit.evidence import Evidence
from cookieconsent.audit.reports.groups import gap_lines
from cookieconsent.audit.run import Plan, observe, report_on
from cookieconsent.observation.wsgi import WsgiClient

if TYPE_CHECKING:
    from collections.abc import Mapping

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from cookieconsent.audit.check import Verdict


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


@pytest.mark.parametrize(
    ("status", "unverified"),
    [("404 Not Found", None), ("500 Sorry", "/more answered with status 500")],
)
def test_linked_page_with_an_error_is_missed(status: str, unverified: str | None) -> None:
    app = pages({"/": "<a href=/more>more</a>"}, {"/more": status})
    evidence = observe(plan(app))
    assert evidence.missed == {"/more": f"answered with status {status[:3]}"}
    assert {run.unverified for run in evidence.runs.values()} == {unverified}


def test_site_for_those_who_sign_in_is_looked_at() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        is_in = "in=1" in environ.get("HTTP_COOKIE", "") or environ["PATH_INFO"] == "/in"
        headers = [("Content-Type", "text/html"), ("Set-Cookie", "in=1")][: 1 + is_in]
        start_response("200 OK" if is_in else "403 Forbidden", headers)
        return [b"hello"]

    evidence = observe(plan(app, prepare=lambda visitor: visitor.open("/in", "before")))
    assert [run.unverified for run in evidence.runs.values()] == [None, None]


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


def test_links_seen_only_after_signing_in_are_missed() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/html"), ("Set-Cookie", "in=1")])
        is_in = "in=1" in environ.get("HTTP_COOKIE", "")
        return [b"<a href=/account>mine</a><a href=/>home</a>" if is_in else b"<a href=/>home</a>"]

    evidence = observe(plan(app))
    assert evidence.missed == {"/account": "its link was met in a state alone; add --page"}


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
