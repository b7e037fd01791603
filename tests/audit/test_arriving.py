"""Who is led off the site has not seen it; who meets a way out among other pages has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from audit.samples import NOW, site
from cookieconsent.audit.arriving import is_shut_out, turned_away
from cookieconsent.audit.evidence import Evidence, Run, View
from cookieconsent.audit.plan import Plan
from cookieconsent.audit.reporting import report_on
from cookieconsent.audit.run import observe
from cookieconsent.observation.answer import Request
from cookieconsent.observation.wsgi import WsgiClient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from cookieconsent.audit.visitor import Visitor

BASE = "https://shop.example/"
ELSEWHERE = "https://id.example/in?for=hush7"
AWAY = "/ leads to another site (id.example)"


def view(path: str, status: int = 200, location: str = "", **fields: object) -> View:
    """Return what one address answered with."""
    headers = [(b"location", location.encode())] if location else []
    given: dict[str, object] = {"step": "before", "method": "GET", "url": BASE + path[1:], **fields}
    return View(path=path, status=status, headers=headers, **given)  # type: ignore[arg-type]


OUT = view("/out", 302, ELSEWHERE)
OFF = view("/", 302, ELSEWHERE)
ARRIVALS = [
    # what a visitor met, why it was not let in
    ([view("/"), view("/a")], None),
    ([OFF], AWAY),
    ([view("/", 302, "/in"), view("/in", 302, ELSEWHERE)], AWAY),
    ([OFF, view("/in?code=1", 302, "/"), view("/")], None),
    ([OFF, view("/"), view("/a")], None),
    ([view("/"), OFF], AWAY),
    ([view("/"), OUT, view("/a")], None),
    ([view("/"), view("/a", 302, "/out"), OUT], None),
    (
        [view("/", 302, "https://www.shop.example/"), view("/", url="https://www.shop.example/")],
        None,
    ),
    # the page of the other site, which a hook has asked for, is none of this one
    ([OFF, view("/in", url=ELSEWHERE)], AWAY),
    ([OFF, view("/", url="https://id.example/")], AWAY),
    ([view("/", 302, "/in"), view("/in", 403), view("/")], None),
    ([view("/", 302, "/in"), view("/in", 403)], "/in answered with status 403"),
    ([view("/", 302, "http://["), view("/a")], None),
]


@pytest.mark.parametrize(("views", "said"), ARRIVALS)
def test_first_page_decides_who_was_let_in(views: list[View], said: str | None) -> None:
    assert turned_away(Run(state="none", views=views), BASE, frozenset()) == said


@pytest.mark.parametrize(
    ("views", "expected"),
    [([], True), ([view("/", 403)], True), ([OFF, OUT], True), ([OFF, view("/a")], False)],
)
def test_who_saw_no_page_is_shut_out(views: list[View], expected: bool) -> None:
    assert is_shut_out(views, BASE) is expected


# --- whole audits ---------------------------------------------------------------------------------


def observed(
    answer: Callable[[WSGIEnvironment], tuple[str, list[tuple[str, str]]]], **fields: object
) -> Evidence:
    """Look at a site of which every page is one line."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        status, headers = answer(environ)
        start_response(status, [("Content-Type", "text/html"), *headers])
        return [b"<a href=/a>a</a> <a href=/out>out</a>"]

    given: dict[str, object] = {"states": ("none", "gpc"), "now": lambda: NOW, **fields}
    client = WsgiClient(app)
    plan = Plan(target="shop", mode="wsgi", base=BASE, site=site(), client=client, **given)  # type: ignore[arg-type]
    return observe(plan)


def reasons(evidence: Evidence) -> list[str | None]:
    return [run.unverified for run in evidence.runs.values()]


def led_to(place: str, *headers: tuple[str, str]) -> tuple[str, list[tuple[str, str]]]:
    return "302 Found", [("Location", place), *headers]


def test_state_that_is_led_off_is_not_clean() -> None:
    def answer(environ: WSGIEnvironment) -> tuple[str, list[tuple[str, str]]]:
        return led_to(ELSEWHERE) if "HTTP_SEC_GPC" in environ else ("200 OK", [])

    evidence = observed(answer)
    assert reasons(evidence) == [None, AWAY]
    outcomes = {v.outcome for v in report_on(evidence, site()).verdicts if v.state == "gpc"}
    assert "pass" not in outcomes


def test_way_out_among_pages_leaves_states_verified() -> None:
    def answer(environ: WSGIEnvironment) -> tuple[str, list[tuple[str, str]]]:
        return led_to(ELSEWHERE) if environ["PATH_INFO"] == "/out" else ("200 OK", [])

    evidence = observed(answer)
    assert reasons(evidence) == [None, None]
    assert evidence.missed == {"/out": "leads to another site"}


def signing_in_elsewhere(environ: WSGIEnvironment) -> tuple[str, list[tuple[str, str]]]:
    """A site, and the one on which its visitors sign in."""
    if environ["HTTP_HOST"] == "id.example":
        return led_to(f"{BASE}back?code=1")
    if environ["PATH_INFO"] == "/back":
        return led_to("/", ("Set-Cookie", "sid=1; Secure; HttpOnly; Path=/"))
    return ("200 OK", []) if "sid=1" in environ.get("HTTP_COOKIE", "") else led_to(ELSEWHERE)


def through_there(visitor: Visitor) -> None:
    visitor.send(Request(url=ELSEWHERE))


def test_who_signs_in_elsewhere_is_let_in() -> None:
    evidence = observed(signing_in_elsewhere, prepare=through_there)
    assert reasons(evidence) == [None, None]
    assert evidence.runs["none"].pages("before")
    assert evidence.missed == {}


def test_hook_that_does_not_sign_in_leaves_states_open() -> None:
    evidence = observed(signing_in_elsewhere, prepare=lambda _: None)
    assert reasons(evidence) == [AWAY, AWAY]
    assert evidence.missed == dict.fromkeys(("/", "/a", "/out"), "leads to another site")


def test_page_that_moves_to_www_is_looked_at() -> None:
    def answer(environ: WSGIEnvironment) -> tuple[str, list[tuple[str, str]]]:
        if environ["PATH_INFO"] != "/a":
            return "200 OK", []
        if environ["HTTP_HOST"] == "shop.example":
            return led_to("https://www.shop.example/a")
        return "200 OK", [("Set-Cookie", "_ga=1; Path=/")]

    found = report_on(observed(answer), site()).findings("critical")
    assert {finding.path for finding in found if finding.check == "CC101"} == {"/a"}
