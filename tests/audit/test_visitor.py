"""What a visitor tells a site beside its cookies (the page it comes from), and what it reads."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from cookieconsent.audit.evidence import View
from cookieconsent.audit.page import MAX_ELEMENTS
from cookieconsent.audit.steps import PROBE
from cookieconsent.audit.visitor import HttpVisitor
from cookieconsent.observation.answer import Request
from cookieconsent.observation.navigation import referrer
from cookieconsent.observation.walk import walk
from cookieconsent.observation.wsgi import WsgiClient

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

BASE = "https://shop.example/"
FORM = b"<form method=post action=/cookies><button name=choice value=reject>No</button></form>"


def told() -> tuple[HttpVisitor, list[tuple[str, str | None]]]:
    """Return a visitor, and the `Referer` of each request that it will have sent."""
    heard: list[tuple[str, str | None]] = []

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        heard.append((path, environ.get("HTTP_REFERER")))
        if path == "/moved":
            start_response("302 Found", [("Location", "/there")])
            return []
        start_response("200 OK", [("Content-Type", "text/html")])
        return [FORM]

    return HttpVisitor(client=WsgiClient(app), base=BASE, preferences="/cookies"), heard


def test_next_page_hears_of_the_one_before() -> None:
    visitor, heard = told()
    for path in ("/", "/a?b=1", "/moved", "/c"):
        visitor.open(path, "before")
    visitor.answer("reject", "answer")
    assert heard == [
        ("/", None),
        ("/a", BASE),
        ("/moved", f"{BASE}a?b=1"),
        ("/there", f"{BASE}a?b=1"),
        ("/c", f"{BASE}there"),
        ("/cookies", f"{BASE}c"),
    ]


def test_questions_come_from_nowhere() -> None:
    visitor, heard = told()
    visitor.open("/", "before")
    visitor.send(Request(url=f"{BASE}x"), PROBE)
    visitor.send(Request(url=f"{BASE}y", headers=[(b"referer", b"https://z.example/")]))
    visitor.send(Request(url="http://shop.example/plain"))
    visitor.open("/a", "after")
    assert heard[1:] == [
        ("/x", None),
        ("/y", "https://z.example/"),
        ("/plain", None),
        ("/a", "http://shop.example/"),
    ]


@pytest.mark.parametrize(
    ("page", "url", "said"),
    [
        ("https://a.example/x?y=1", "https://a.example/z", b"https://a.example/x?y=1"),
        ("https://a.example/x?y=1", "https://b.example/z", b"https://a.example/"),
        ("https://a.example/x", "https://a.example:8443/z", b"https://a.example/"),
        ("https://a.example/x", "http://a.example/z", b""),
        ("http://a.example/x", "https://a.example/z", b"http://a.example/"),
        ("http://a.example", "http://a.example/z", b"http://a.example/"),
    ],
)
def test_other_sites_hear_of_the_origin_alone(page: str, url: str, said: bytes) -> None:
    assert referrer(page, url) == said


@pytest.mark.parametrize(("hops", "fault"), [(10, None), (11, "more than 10 redirects")])
def test_walk_and_visitors_take_as_many_redirects(hops: int, fault: str | None) -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        number = int(environ["PATH_INFO"].strip("/") or 0)
        moved = [("Location", f"/{number + 1}")]
        start_response(*(("302 Found", moved) if number < hops else ("200 OK", [])))
        return []

    client = WsgiClient(app)
    visitor = HttpVisitor(client=client, base=BASE, preferences="/cookies")
    assert visitor.open("/", "before").fault == fault
    assert walk(client, BASE).failed == ({} if fault is None else {"/": fault})


@pytest.mark.parametrize(
    ("body", "headers", "fault"),
    [
        (gzip.compress(FORM), {"Content-Encoding": "gzip"}, None),
        (FORM.decode().encode("utf-16"), {"Content-Type": "text/html; charset=utf-16"}, None),
        (FORM, {"Content-Type": "application/xhtml+xml"}, None),
        (gzip.compress(FORM * 9)[:-9], {"Content-Encoding": "gzip"}, "not read to its end"),
        (FORM + b"<a>" * (MAX_ELEMENTS + 1), {}, "more than 10,000 elements"),
    ],
    ids=["gzip", "UTF-16", "XHTML", "cut gzip", "endless page"],
)
def test_pages_are_read_in_whatever_coding(
    body: bytes, headers: dict[str, str], fault: str | None
) -> None:
    view = opened(body, headers)
    assert view.page is not None
    assert view.page.form_for("reject") is not None
    assert (view.fault is None) if fault is None else (fault in str(view.fault))


def test_unknown_coding_is_a_fault() -> None:
    view = opened(FORM, {"Content-Encoding": "br"})
    assert view.fault == "the content coding of the page cannot be taken off"


def opened(body: bytes, headers: dict[str, str]) -> View:
    def app(_: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", list({"Content-Type": "text/html", **headers}.items()))
        return [body]

    visitor = HttpVisitor(client=WsgiClient(app), base=BASE, preferences="/cookies")
    return visitor.open("/", "before")
