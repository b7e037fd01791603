"""A tap hears every exchange and changes none."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from typing import Any

import pytest

from cookieconsent.observation.answer import MAX_BODY_OCTETS, Request
from cookieconsent.observation.asgi import AsgiClient
from cookieconsent.observation.tap import AsgiTap, Heard, WsgiTap, settle, tapped
from cookieconsent.observation.wsgi import WsgiClient

PAGE = b"<!DOCTYPE html><p>Hello"
HEADERS = [("Content-Type", "text/html"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]
RAW = [(name.encode(), value.encode()) for name, value in HEADERS]
ASKED = Request(url="https://shop.test/a%20b?c=%3F", method="POST", headers=[(b"cookie", b"s=1")])


def wsgi(environ: Any, start_response: Any) -> list[bytes]:
    start_response("201 Created", HEADERS)
    return [PAGE[:5], PAGE[5:]]


def writing(environ: Any, start_response: Any) -> list[bytes]:
    write = start_response("201 Created", HEADERS)
    write(PAGE[:5])
    return [PAGE[5:]]


async def asgi(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        return
    await send({"type": "http.response.start", "status": 201, "headers": RAW})
    await send({"type": "http.response.body", "body": PAGE[:5], "more_body": True})
    await send({"type": "http.response.body", "body": PAGE[5:]})


async def failing_asgi(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 500, "headers": []})
    raise LookupError


def client_of(app: Any) -> AsgiClient | WsgiClient:
    return AsgiClient(app) if isinstance(app, AsgiTap) else WsgiClient(app)


@pytest.mark.parametrize("app", [wsgi, writing, asgi])
def test_hears_request_and_answer(app: Any) -> None:
    heard: list[Heard] = []
    with client_of(tapped(app, heard.append)) as client:
        answer = client.send(ASKED)
    [one] = heard
    assert answer.body == PAGE
    assert one.answer == answer
    assert one.answer.values(b"set-cookie") == [b"a=1", b"b=2"]
    assert (one.request.method, one.request.url) == (
        "POST",
        "https://shop.test/a b?c=%3F".replace(" ", "%20"),
    )
    assert (b"cookie", b"s=1") in one.request.headers
    assert one.app is app


def test_of_other_than_pages_no_body_is_kept() -> None:
    def image(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "image/png")])
        return [b"\x89PNG"]

    heard: list[Heard] = []
    assert WsgiClient(WsgiTap(image, heard.append)).send(ASKED).body == b"\x89PNG"
    assert heard[0].answer.body == b""
    assert heard[0].answer.whole


def test_no_more_than_the_bound_is_kept() -> None:
    def endless(environ: Any, start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", HEADERS)
        for _ in range(3):
            yield b"x" * MAX_BODY_OCTETS

    heard: list[Heard] = []
    parts = WsgiTap(endless, heard.append)({"REQUEST_METHOD": "GET"}, lambda *_: bytearray().extend)
    assert sum(map(len, parts)) == 3 * MAX_BODY_OCTETS
    assert len(heard[0].answer.body) == MAX_BODY_OCTETS
    assert not heard[0].answer.whole


def test_parts_come_when_they_are_asked_for() -> None:
    made: list[int] = []

    def lazy(environ: Any, start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", HEADERS)
        for number in range(3):
            made.append(number)
            yield b"x"

    parts = iter(
        WsgiTap(lazy, lambda _: None)({"REQUEST_METHOD": "GET"}, lambda *_: bytearray().extend)
    )
    next(parts)
    assert made == [0]


def test_close_is_passed_on() -> None:
    class Body(list[bytes]):
        closed = False

        def close(self) -> None:
            self.closed = True

    body, heard = Body([PAGE]), list[Heard]()

    def app(environ: Any, start_response: Any) -> Body:
        start_response("200 OK", HEADERS)
        return body

    parts: Any = WsgiTap(app, heard.append)(
        {"REQUEST_METHOD": "GET"}, lambda *_: bytearray().extend
    )
    parts.close()
    assert body.closed
    assert len(heard) == 1


@pytest.mark.parametrize("forget", [settle, gc.collect])
def test_what_nobody_reads_is_heard_as_well(forget: Any) -> None:
    heard: list[Heard] = []
    parts: Any = WsgiTap(wsgi, heard.append)(
        {"REQUEST_METHOD": "GET"}, lambda *_: bytearray().extend
    )
    next(parts)
    if forget is not settle:
        del parts
    forget()
    assert [(one.answer.body, one.answer.whole) for one in heard] == [(PAGE[:5], False)]


def test_a_length_that_was_told_makes_it_whole() -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [*HEADERS, ("Content-Length", str(len(PAGE)))])
        return [PAGE]

    heard: list[Heard] = []
    parts: Any = WsgiTap(app, heard.append)(
        {"REQUEST_METHOD": "GET"}, lambda *_: bytearray().extend
    )
    next(parts)
    settle()
    assert heard[0].answer.whole


def test_errors_of_the_application_pass() -> None:
    heard: list[Heard] = []

    async def sent(message: Any) -> None: ...

    async def asked() -> Any: ...

    scope = {"type": "http", "method": "GET", "path": "/"}
    with pytest.raises(LookupError):
        asyncio.run(AsgiTap(failing_asgi, heard.append)(scope, asked, sent))
    assert heard[0].answer.status == 500


def test_an_application_that_raises_is_not_heard() -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        raise LookupError

    heard: list[Heard] = []
    with pytest.raises(LookupError):
        WsgiTap(app, heard.append)({"REQUEST_METHOD": "GET"}, lambda *_: bytearray().extend)
    assert heard == []


def test_other_scopes_pass_unheard() -> None:
    scopes: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        scopes.append(scope["type"])

    async def asked() -> Any: ...

    heard: list[Heard] = []
    asyncio.run(AsgiTap(app, heard.append)({"type": "websocket"}, asked, asked))  # type: ignore[arg-type]
    assert (scopes, heard) == (["websocket"], [])


FOREIGN = "\u65e5\u672c"


def test_headers_that_no_server_sends_are_heard() -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [*HEADERS, ("X-Name", FOREIGN)])
        return [PAGE]

    heard: list[Heard] = []
    environ = {"REQUEST_METHOD": "GET", "HTTP_X_NAME": FOREIGN}
    parts = WsgiTap(app, heard.append)(environ, lambda *_: bytearray().extend)
    assert list(parts) == [PAGE]
    assert heard[0].answer.values(b"set-cookie") == [b"a=1", b"b=2"]


@pytest.mark.parametrize(
    ("environ", "status"), [({}, "200 OK"), ({"REQUEST_METHOD": "GET"}, "fine")]
)
def test_wsgi_calls_go_on_unheard(environ: dict[str, Any], status: str) -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        start_response(status, HEADERS)
        return [PAGE]

    heard, lost = list[Heard](), list[str]()
    tap = WsgiTap(app, heard.append, lost.append)
    assert list(tap(environ, lambda *_: bytearray().extend)) == [PAGE]
    assert (heard, len(lost)) == ([], 1)
    assert lost[0] in {"KeyError", "ValueError"}


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ([], [("x-name", FOREIGN)]),
        ([], [(b"x-name", None)]),
        ([("x-name", FOREIGN)], []),
    ],
)
def test_asgi_calls_go_on_unheard(asked: Any, answered: Any) -> None:
    sent: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": answered})
        await send({"type": "http.response.body", "body": PAGE})

    async def receive() -> Any: ...

    async def send(message: Any) -> None:
        sent.append(message["type"])

    heard, lost = list[Heard](), list[str]()
    scope = {"type": "http", "method": "GET", "path": "/", "headers": asked}
    asyncio.run(AsgiTap(app, heard.append, lost.append)(scope, receive, send))
    assert (sent, heard) == (["http.response.start", "http.response.body"], [])
    assert lost == ["TypeError"]


def test_page_that_breaks_off_is_not_whole() -> None:
    async def breaking(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": RAW})
        await send({"type": "http.response.body", "body": PAGE, "more_body": True})
        raise LookupError

    async def other(*_: Any) -> Any: ...

    heard: list[Heard] = []
    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    with pytest.raises(LookupError):
        asyncio.run(AsgiTap(breaking, heard.append)(scope, other, other))
    assert [one.answer.whole for one in heard] == [False]
