"""The two drivers: equal exchanges, equal answers, and mistakes that do not go unseen."""

from __future__ import annotations

import asyncio
import io
import sys
from typing import TYPE_CHECKING, Any, Literal

import pytest

from oracles import drivers
from oracles.asgi_lint import AsgiViolation
from oracles.drivers import Exchange, Record, asgi_app, drive_asgi, run_asgi, run_wsgi, wsgi_app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Style = Literal["list", "generator", "write"]
STYLES: list[Style] = ["list", "generator", "write"]

PLAIN = (b"content-type", b"text/plain")
PUT = Exchange(method="PUT", path="/\xe9", query=b"q", root="/r", body=b"b")
EXCHANGES = [
    Exchange(),
    Exchange(method="HEAD"),
    Exchange(method="PURGE"),
    Exchange(path="/caf\xe9/\udcff", query=b"a=%20\xff", root="/shop"),
    Exchange(headers=[(b"Cookie", b"a=1"), (b"Accept", b"*/*"), (b"cookie", b"b=\xff")]),
    Exchange(method="POST", body=b"a=1&b=2", headers=[(b"content-type", b"text/plain")]),
    Exchange(method="POST", body=b"a=1&b=2", chunk=1),
    Exchange(scheme="https", http_version="2", host=None),
    Exchange(headers=[(b"Host", b"other.example")]),
]


@pytest.mark.parametrize("exchange", EXCHANGES)
@pytest.mark.parametrize("style", STYLES)
def test_both_drivers_tell_the_same(exchange: Exchange, style: Style) -> None:
    headers = [PLAIN, (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")]
    by_asgi, by_wsgi = Record(), Record()
    answer = run_asgi(asgi_app(404, headers, [b"one", b"two"], by_asgi), exchange)
    twin = run_wsgi(wsgi_app(404, headers, [b"one", b"two"], by_wsgi, style=style), exchange)
    assert answer == twin
    assert answer.body == (b"" if exchange.method == "HEAD" else b"onetwo")
    assert answer.values(b"set-cookie") == [b"a=1", b"b=2"]
    assert by_asgi[0].cookie == by_wsgi[0].cookie
    assert sorted(by_asgi[0].headers) == sorted(by_wsgi[0].headers)
    assert by_asgi[0].body == by_wsgi[0].body == exchange.body


def test_asgi_application_sees_the_request() -> None:
    record = Record()
    headers = [(b"Cookie", b"a=1"), (b"X-One", b"1"), (b"cookie", b"b=2")]
    exchange = Exchange(
        method="PUT", path="/\xe9", query=b"q", root="/r", headers=headers, body=b"b"
    )
    run_asgi(asgi_app(record=record), exchange)
    (seen,) = record
    assert seen.cookies == [b"a=1", b"b=2"]
    assert seen.cookie == b"a=1; b=2"
    assert seen.headers == [(b"host", b"shop.example"), (b"x-one", b"1"), (b"content-length", b"1")]
    assert seen.scope["path"] == "/r/\xe9"
    assert seen.scope["raw_path"] == b"/r/%C3%A9"
    assert (seen.scope["root_path"], seen.scope["query_string"]) == ("/r", b"q")


def test_wsgi_application_sees_the_request() -> None:
    record = Record()
    headers = [(b"Cookie", b"a=1"), (b"X-One", b"1"), (b"cookie", b"b=2"), (b"x-one", b"2")]
    exchange = Exchange(
        method="PUT", path="/\xe9", query=b"q", root="/r", headers=headers, body=b"b"
    )
    run_wsgi(wsgi_app(200, [PLAIN], record=record), exchange, cookie_joint=b",")
    (seen,) = record
    assert seen.cookies == [b"a=1,b=2"]
    assert (b"x-one", b"1,2") in seen.headers
    assert seen.scope["PATH_INFO"] == "/\xc3\xa9"
    assert (seen.scope["SCRIPT_NAME"], seen.scope["QUERY_STRING"]) == ("/r", "q")
    assert seen.scope["REQUEST_METHOD"] == "PUT"


WIRES: list[tuple[Exchange, list[tuple[bytes, bytes]]]] = [
    (Exchange(), [(b"host", b"shop.example")]),
    (Exchange(host=None), []),
    (Exchange(headers=[(b"A", b"B"), (b"HOST", b"x")]), [(b"a", b"B"), (b"host", b"x")]),
    (Exchange(headers=[(b"a", b"b")], host=b"x"), [(b"host", b"x"), (b"a", b"b")]),
    (Exchange(body=b"xyz", host=None), [(b"content-length", b"3")]),
    (
        Exchange(body=b"xyz", host=None, headers=[(b"Content-Length", b"9")]),
        [(b"content-length", b"9")],
    ),
    (
        Exchange(body=b"xyz", host=None, headers=[(b"Transfer-Encoding", b"chunked")]),
        [(b"transfer-encoding", b"chunked")],
    ),
]


@pytest.mark.parametrize(("exchange", "expected"), WIRES)
def test_headers_on_the_wire(exchange: Exchange, expected: list[tuple[bytes, bytes]]) -> None:
    assert exchange.wire() == expected


def test_names_are_recorded_in_lower_case() -> None:
    record = Record()
    headers = [(b"Cookie", b"a=1"), (b"X-One", b"1")]
    run_asgi(asgi_app(record=record), Exchange(), scope={"headers": headers})
    assert (record[0].cookie, record[0].headers) == (b"a=1", [(b"x-one", b"1")])


def test_body_is_there_without_chunks_too() -> None:
    record = Record()
    run_asgi(asgi_app(record=record), Exchange(body=b"abcde"))
    assert record[0].body == b"abcde"


def test_first_status_with_a_body() -> None:
    assert run_asgi(asgi_app(200, chunks=[b"x"]), Exchange()).body == b"x"
    assert run_asgi(asgi_app(199, chunks=[b"x"]), Exchange()).body == b""


def test_no_cookie_is_none() -> None:
    record = Record()
    run_asgi(asgi_app(record=record), Exchange())
    run_wsgi(wsgi_app(200, [PLAIN], record=record), Exchange())
    assert [seen.cookie for seen in record] == [None, None]
    assert "HTTP_COOKIE" not in record[1].scope


def test_body_arrives_in_chunks() -> None:
    bodies: list[tuple[bytes, bool]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while not bodies or bodies[-1][1]:
            message = await receive()
            bodies.append((message["body"], message["more_body"]))
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body"})

    run_asgi(app, Exchange(body=b"abcde", chunk=2))
    assert bodies == [(b"ab", True), (b"cd", True), (b"e", False)]


def test_application_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await receive()

    monkeypatch.setattr(drivers, "DEADLINE", 0.01)
    with pytest.raises(TimeoutError):
        run_asgi(app, Exchange())


def test_running_loop_can_be_used() -> None:
    answer = asyncio.run(drive_asgi(asgi_app(chunks=[b"x"]), Exchange()))
    assert answer.body == b"x"


def test_disconnect_comes_after_the_answer() -> None:
    kinds: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        waiting = asyncio.gather(receive(), receive())
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": b"x", "more_body": True})
        await asyncio.sleep(0.01)
        assert not waiting.done()
        await send({"type": "http.response.body"})
        kinds.extend(message["type"] for message in await waiting)

    answer = run_asgi(app, Exchange())
    assert kinds == ["http.request", "http.disconnect"]
    assert answer.chunks == [b"x", b""]


def test_extensions_are_announced_and_served(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"0123456789")
    names = ["http.response.pathsend", "http.response.zerocopysend", "http.response.trailers"]
    extensions: dict[str, Any] = {name: {} for name in names}

    async def by_path(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.pathsend", "path": str(file)})

    async def by_file(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "trailers": True})
        with file.open("rb") as opened:
            part = {"type": "http.response.zerocopysend", "file": opened, "more_body": True}
            await send({**part, "offset": 2, "count": 3})
            await send({"type": "http.response.body"})
        await send({"type": "http.response.trailers", "headers": [(b"digest", b"x")]})

    assert run_asgi(by_path, Exchange(), extensions=extensions).body == b"0123456789"
    answer = run_asgi(by_file, Exchange(), extensions=extensions)
    assert (answer.body, answer.trailers) == (b"234", [(b"digest", b"x")])


def test_asgi_mistakes_are_seen() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200})

    with pytest.raises(AsgiViolation):
        run_asgi(app, Exchange())
    assert run_asgi(app, Exchange(), lint=False).status == 200


def test_lint_options_can_be_given() -> None:
    app = asgi_app(200, [(b"Set-Cookie", b"a=1")])
    with pytest.raises(AsgiViolation, match="lower-case"):
        run_asgi(app, Exchange())
    answer = run_asgi(app, Exchange(), lint={"lower_case": False})
    assert answer.headers == [(b"set-cookie", b"a=1")]


def test_names_are_answered_in_lower_case() -> None:
    answer = run_wsgi(wsgi_app(200, [(b"Content-Type", b"text/plain")]), Exchange())
    assert answer.headers == [PLAIN]


@pytest.mark.parametrize(
    "exchange",
    [
        Exchange(method="pOsT"),
        Exchange(headers=[(b"cookie", b"a=\r")]),
        Exchange(headers=[(b"cookie", b"a=\n")]),
        Exchange(headers=[(b"cookie", b"a=\x00")]),
    ],
)
def test_a_broken_server_can_be_played(exchange: Exchange) -> None:
    record = Record()
    assert run_asgi(asgi_app(record=record), exchange).status == 200
    assert record[0].scope["method"] == exchange.method


def test_orderly_scope_is_checked() -> None:
    with pytest.raises(AsgiViolation, match="scheme"):
        run_asgi(asgi_app(), Exchange(scheme=""))  # type: ignore[arg-type]


def test_scope_keys_can_be_replaced() -> None:
    record = Record()
    headers = [(b"Cookie", b"a=1")]
    run_asgi(asgi_app(record=record), Exchange(), scope={"headers": headers, "root_path": "/x"})
    assert record[0].scope["headers"] == headers
    assert record[0].cookies == [b"a=1"]


def test_environ_keys_can_be_replaced() -> None:
    record = Record()
    run_wsgi(wsgi_app(200, [PLAIN], record=record), Exchange(), environ={"HTTP_COOKIE": "a=1"})
    assert record[0].cookies == [b"a=1"]


@pytest.mark.parametrize("status", [204, 304])
def test_no_body_where_none_may_be(status: int) -> None:
    answer = run_asgi(asgi_app(status, chunks=[b"x"]), Exchange())
    assert answer == run_wsgi(wsgi_app(status, chunks=[b"x"]), Exchange())
    assert answer.body == b""


def test_status_without_a_phrase() -> None:
    assert run_wsgi(wsgi_app(599, [PLAIN]), Exchange()).status == 599


# --- the WSGI server's own rules ----------------------------------------------------------------


def test_wsgi_mistakes_are_seen() -> None:
    app = wsgi_app(200, [(b"set-cookie", b"a=\x01"), PLAIN])
    with pytest.raises(AssertionError):
        run_wsgi(app, Exchange())
    assert run_wsgi(app, Exchange(), lint=False).values(b"set-cookie") == [b"a=\x01"]


def test_close_is_called_once_whatever_happens() -> None:
    closed: list[bool] = []

    class Body:
        def __init__(self, *, fails: bool) -> None:
            self.fails = fails

        def __iter__(self) -> Iterator[bytes]:
            yield b"x"
            if self.fails:
                raise KeyError

        def close(self) -> None:
            closed.append(self.fails)

    def app(environ: Any, start_response: Any, *, fails: bool = False) -> Any:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return Body(fails=fails)

    assert run_wsgi(app, Exchange()).body == b"x"
    with pytest.raises(KeyError):
        run_wsgi(lambda environ, start: app(environ, start, fails=True), Exchange())
    assert closed == [False, True]


def fail() -> None:
    raise KeyError


def test_headers_may_be_replaced_until_the_first_byte() -> None:
    def app(environ: Any, start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        yield b""
        try:
            fail()
        except KeyError:
            start_response("500 Oops", [("Content-Type", "text/html")], sys.exc_info())
        yield b"sorry"

    answer = run_wsgi(app, Exchange())
    assert (answer.status, answer.body, answer.chunks) == (500, b"sorry", [b"", b"sorry"])


def test_exc_info_after_the_first_byte_is_raised_again() -> None:
    def app(environ: Any, start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        yield b"x"
        try:
            fail()
        except KeyError:
            start_response("500 Oops", [("Content-Type", "text/html")], sys.exc_info())

    with pytest.raises(KeyError):
        run_wsgi(app, Exchange())


def test_start_response_once() -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        start_response("200 OK", [("Content-Type", "text/plain")])
        return []

    with pytest.raises(AssertionError, match="twice"):
        run_wsgi(app, Exchange(), lint=False)


@pytest.mark.parametrize(("body", "why"), [([b""], "before"), ([], "never")])
def test_start_response_must_be_called(body: list[bytes], why: str) -> None:
    with pytest.raises(AssertionError, match=why):
        run_wsgi(lambda environ, start_response: body, Exchange(), lint=False)


def test_generator_starts_late() -> None:
    calls: list[str] = []

    def start_response(status: str, headers: Any, exc_info: Any = None) -> Any:
        calls.append(status)
        return calls.append

    environ = {"REQUEST_METHOD": "GET", "wsgi.input": io.BytesIO()}
    body = iter(wsgi_app(200, [PLAIN], [b"x"], style="generator")(environ, start_response))
    assert calls == []
    assert next(body) == b"x"
    assert calls == ["200 OK"]


def test_write_pushes_everything() -> None:
    written: list[bytes] = []

    def start_response(status: str, headers: Any, exc_info: Any = None) -> Any:
        return written.append

    environ = {"REQUEST_METHOD": "GET", "wsgi.input": io.BytesIO()}
    assert list(wsgi_app(200, [], [b"x", b"y"], style="write")(environ, start_response)) == []
    assert written == [b"x", b"y"]
