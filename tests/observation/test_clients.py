"""The three clients give the same answer to one request, keep their bounds, and end what they began."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from cookieconsent.observation.answer import (
    MAX_BODY_OCTETS,
    Answer,
    Client,
    ObservationError,
    Request,
)
from cookieconsent.observation.asgi import AsgiClient
from cookieconsent.observation.http import HttpClient
from cookieconsent.observation.wsgi import WsgiClient

FIELDS = [(b"cookie", b"a=1"), (b"accept", b"text/html")]
PAGE = b"<h1>Hello</h1>"
LARGE = b"x" * (MAX_BODY_OCTETS + 1)


def told(path: str, query: str, cookie: str) -> bytes:
    return f"{path}|{query}|{cookie}".encode()


async def asgi_app(scope: Any, receive: Any, send: Any) -> None:
    assert scope["type"] == "http"
    assert (await receive())["type"] == "http.request"
    cookie = dict(scope["headers"])[b"cookie"].decode()
    body = told(scope["path"], scope["query_string"].decode(), cookie)
    if scope["path"] == "/large":
        body = LARGE
    headers = [(b"Set-Cookie", b"a=1"), (b"set-cookie", b"b=2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body[:3], "more_body": True})
    await send({"type": "http.response.body", "body": body[3:]})


def wsgi_app(environ: Any, start_response: Any) -> list[bytes]:
    path = environ["PATH_INFO"].encode("latin-1").decode()
    start_response("200 OK", [("Set-Cookie", "a=1"), ("set-cookie", "b=2")])
    if path == "/large":
        return [LARGE]
    body = told(path, environ["QUERY_STRING"], environ["HTTP_COOKIE"])
    return [body[:3], body[3:]]


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        if path == "/silent":
            threading.Event().wait(0.5)
            return
        path = path.replace("%C3%BC", "\u00fc")
        self.send_response(200)
        self.send_header("Set-Cookie", "a=1")
        self.send_header("set-cookie", "b=2")
        self.end_headers()
        self.wfile.write(
            LARGE if path == "/large" else told(path, query, self.headers["cookie"] or "")
        )

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name
        """Say nothing."""


@contextmanager
def site() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(params=["asgi", "wsgi", "http"])
def reached(request: pytest.FixtureRequest) -> Iterator[tuple[Client, str]]:
    """A client, and the origin it reaches."""
    with site() as origin:
        clients: dict[str, Client] = {
            "asgi": AsgiClient(asgi_app),
            "wsgi": WsgiClient(wsgi_app),
            "http": HttpClient(),
        }
        client = clients[request.param]
        with client:
            yield client, origin


def test_every_client_sends_and_reads_alike(reached: tuple[Client, str]) -> None:
    client, origin = reached
    answer = client.send(Request(url=f"{origin}/caf%C3%BC?q=1", headers=FIELDS))
    assert (answer.status, answer.whole) == (200, True)
    assert answer.body == "/caf\u00fc|q=1|a=1".encode()
    assert answer.values(b"set-cookie") == [b"a=1", b"b=2"]


def test_empty_path_is_the_first_page(reached: tuple[Client, str]) -> None:
    client, origin = reached
    assert client.send(Request(url=origin, headers=FIELDS)).body == b"/||a=1"


def test_long_bodies_are_cut(reached: tuple[Client, str]) -> None:
    client, origin = reached
    answer = client.send(Request(url=f"{origin}/large", headers=FIELDS))
    assert (len(answer.body), answer.whole) == (MAX_BODY_OCTETS, False)


def ask(client: Client, path: str = "/") -> Answer:
    with client:
        return client.send(Request(url=f"http://localhost{path}"))


# --- ASGI -----------------------------------------------------------------------------------------


def test_lifespan_is_started_and_stopped() -> None:
    said: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            for _ in range(2):
                event = (await receive())["type"]
                said.append(event)
                scope["state"]["known"] = "yes"
                await send({"type": f"{event}.complete"})
            return
        said.append(f"{scope['state']['known']} {scope['path']}")
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    with AsgiClient(app) as client:
        client.send(Request(url="http://localhost/1"))
        client.send(Request(url="http://localhost/2"))
    assert said == ["lifespan.startup", "yes /1", "yes /2", "lifespan.shutdown"]


def test_failed_start_is_an_error() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no database"})

    with pytest.raises(ObservationError, match="start-up failed"):
        ask(AsgiClient(app))


def test_start_has_an_end() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.Event().wait()

    with pytest.raises(ObservationError, match=r"more than 0\.01 seconds"):
        ask(AsgiClient(app, seconds=0.01))


def test_applications_without_lifespan_are_called() -> None:
    assert ask(AsgiClient(answering)).body == PAGE


async def answering(scope: Any, receive: Any, send: Any) -> None:
    """Answer, and then raise or wait as the path says."""
    assert scope["type"] == "http"
    if scope["path"] == "/raise":
        raise ValueError("secret words")
    if scope["path"] == "/wait":
        await asyncio.Event().wait()
    if scope["path"] == "/nothing":
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    if scope["path"] == "/stream":
        while True:
            await send({"type": "http.response.body", "body": PAGE, "more_body": True})
            await asyncio.sleep(0)
    await send({"type": "http.response.body", "body": PAGE})
    if scope["path"] == "/raise-late":
        raise ValueError("secret words")
    assert (await receive())["type"] == "http.request"
    assert (await receive())["type"] == "http.disconnect"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/raise", r"it raised ValueError in test_clients\.py, line \d+"),
        ("/nothing", "it ended without an answer"),
        ("/wait", "no answer within 0.05 seconds"),
    ],
)
def test_no_answer_is_an_error(path: str, said: str) -> None:
    with pytest.raises(ObservationError, match=f"^{said}$"):
        ask(AsgiClient(answering, seconds=0.05), path)


def test_what_was_answered_before_an_error_counts() -> None:
    answer = ask(AsgiClient(answering), "/raise-late")
    assert (answer.status, answer.body) == (200, PAGE)


def test_endless_bodies_are_cut() -> None:
    answer = ask(AsgiClient(answering), "/stream")
    assert (len(answer.body), answer.whole) == (MAX_BODY_OCTETS, False)


def pouring(message: dict[str, Any], *first: dict[str, Any]) -> Any:
    """An application that says the same for ever, and never pauses or minds who has left."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        for said in first:
            await send(said)
        while True:
            with suppress(OSError):
                await send(message)

    return app


HEAD = {"type": "http.response.start", "status": 200, "headers": []}


@pytest.mark.timeout(20)
@pytest.mark.parametrize("part", [PAGE, b"", LARGE])
def test_bodies_that_never_pause_are_cut(part: bytes) -> None:
    more = {"type": "http.response.body", "body": part, "more_body": True}
    answer = ask(AsgiClient(pouring(more, HEAD), seconds=0.05))
    assert len(answer.body) <= MAX_BODY_OCTETS
    assert not answer.whole


@pytest.mark.timeout(20)
def test_what_is_sent_behind_the_end_ends_too() -> None:
    last = {"type": "http.response.body", "body": PAGE}
    assert ask(AsgiClient(pouring(last, HEAD), seconds=0.05)).body == PAGE


@pytest.mark.timeout(20)
def test_heads_that_never_end_are_given_up() -> None:
    assert not ask(AsgiClient(pouring(HEAD), seconds=0.05)).whole


@pytest.mark.timeout(20)
def test_who_asks_for_ever_is_given_up() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        await send(HEAD)
        await send({"type": "http.response.body", "body": PAGE})
        while True:
            await receive()

    assert ask(AsgiClient(app, seconds=0.05)).body == PAGE


@pytest.mark.timeout(20)
def test_a_start_that_is_told_for_ever_has_an_end() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        while True:
            await send({"type": "lifespan.startup.complete"})

    with AsgiClient(app, seconds=0.05):
        pass


@pytest.mark.timeout(20)
@pytest.mark.parametrize("when", ["lifespan", "http"])
def test_applications_that_will_not_end_are_left(when: str) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != when:
            assert scope["type"] == "http"
            await answering(scope, receive, send)
            return
        while True:
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(0.01)

    with pytest.raises(ObservationError):
        ask(AsgiClient(app, seconds=0.05))


LEAVING: list[type[BaseException]] = [SystemExit, GeneratorExit, asyncio.CancelledError]


@pytest.mark.parametrize("kind", LEAVING)
def test_applications_cannot_end_who_looks_on(kind: type[BaseException]) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        if scope["path"] == "/leave":
            raise kind
        await answering(scope, receive, send)

    with AsgiClient(app) as client:
        with pytest.raises(ObservationError):
            client.send(Request(url="http://localhost/leave"))
        assert client.send(Request(url="http://localhost/")).body == PAGE


def test_errors_of_tasks_behind_a_request_are_errors() -> None:
    async def leave() -> None:
        raise SystemExit

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        task = asyncio.ensure_future(leave())
        await asyncio.sleep(0.05)
        task.result()

    with pytest.raises(ObservationError, match="it raised SystemExit"):
        ask(AsgiClient(app))


def test_an_exit_in_the_start_is_an_error() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        raise SystemExit(0)

    with pytest.raises(ObservationError, match="it raised SystemExit"):
        ask(AsgiClient(app))


def test_an_exit_in_the_end_takes_nothing_away() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await answering(scope, receive, send)
            return
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        raise SystemExit(0)

    assert ask(AsgiClient(app)).body == PAGE


@pytest.mark.parametrize("catches", [True, False])
@pytest.mark.parametrize("pair", [("set-cookie", b"a=1"), (b"set-cookie", "a=1"), (b"x", None)])
def test_headers_other_than_bytes_are_an_error(pair: Any, catches: bool) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        try:
            await send({"type": "http.response.start", "status": 200, "headers": [pair]})
        except Exception:
            if not catches:
                raise
            await send({"type": "http.response.start", "status": 500, "headers": []})
        await send({"type": "http.response.body", "body": PAGE})

    with pytest.raises(ObservationError, match="not made of bytes"):
        ask(AsgiClient(app))


# --- WSGI -----------------------------------------------------------------------------------------


class Parts:
    def __init__(self, *parts: bytes) -> None:
        self._parts = iter(parts)
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        return self._parts

    def close(self) -> None:
        self.closed = True


def test_bodies_are_closed() -> None:
    parts = Parts(PAGE)

    def app(environ: Any, start_response: Any) -> Parts:
        start_response("200 OK", [])(b"written ")
        return parts

    assert ask(WsgiClient(app)).body == b"written " + PAGE
    assert parts.closed


def test_bodies_that_take_too_long_are_cut() -> None:
    def app(environ: Any, start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        while True:
            yield b""

    answer = ask(WsgiClient(app, seconds=0.01))
    assert not answer.whole


@pytest.mark.timeout(20)
@pytest.mark.parametrize("part", [PAGE, b""])
@pytest.mark.parametrize("minds", [True, False])
def test_writing_for_ever_is_cut(part: bytes, minds: bool) -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        write = start_response("200 OK", [])
        while True:
            with suppress(*([] if minds else [OSError])):
                write(part)

    answer = ask(WsgiClient(app, seconds=0.05))
    assert len(answer.body) <= MAX_BODY_OCTETS
    assert not answer.whole


@pytest.mark.timeout(20)
@pytest.mark.parametrize("head", [True, False])
@pytest.mark.parametrize("catches", [True, False])
def test_wsgi_that_never_comes_back_is_given_up(head: bool, catches: bool) -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        if head:
            start_response("200 OK", [])
        with suppress(*([Exception] if catches else [])):
            while True:
                time.sleep(0.01)
        raise ValueError("secret words")

    if head:
        assert not ask(WsgiClient(app, seconds=0.05)).whole
        return
    with pytest.raises(ObservationError, match=r"no answer within 0\.05 seconds"):
        ask(WsgiClient(app, seconds=0.05))


@pytest.mark.timeout(20)
def test_bodies_that_sleep_are_cut() -> None:
    def app(environ: Any, start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        yield PAGE
        time.sleep(600)

    answer = ask(WsgiClient(app, seconds=0.05))
    assert (answer.body, answer.whole) == (PAGE, False)


@pytest.mark.timeout(20)
def test_a_blocked_loop_is_given_up() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        time.sleep(600)  # noqa: ASYNC251 - the fault itself

    with pytest.raises(ObservationError, match=r"no answer within 0\.05 seconds"):
        ask(AsgiClient(app, seconds=0.05))


@pytest.mark.parametrize(
    ("status", "field", "said"),
    [
        (
            "200 OK",
            ("Set-Cookie", "b=\u20ac"),
            r"its field Set-Cookie is not in Latin-1, so no server",
        ),
        ("200 OK", ("X-\u20ac", "1"), r"its field X-\\xe2\\x82\\xac is not in Latin-1"),
        ("OK", ("X-A", "1"), r"its status begins with no number"),
    ],
)
def test_wsgi_answer_that_no_server_can_send_is_told(
    status: str, field: tuple[str, str], said: str
) -> None:
    def app(_: Any, start_response: Any) -> list[bytes]:
        start_response(status, [field])
        return []

    with pytest.raises(ObservationError, match=said):
        ask(WsgiClient(app))


@pytest.mark.parametrize("raising", [True, False])
def test_wsgi_without_an_answer_is_an_error(raising: bool) -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        if raising:
            raise ValueError("secret words")
        return []

    with pytest.raises(ObservationError) as raised:
        ask(WsgiClient(app))
    said = "it raised ValueError in test_clients.py, line " if raising else "it ended without"
    assert str(raised.value).startswith(said)


@pytest.mark.parametrize("kind", LEAVING)
def test_wsgi_applications_cannot_end_who_looks_on(kind: type[BaseException]) -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        raise kind

    with pytest.raises(ObservationError, match=f"it raised {kind.__name__}"):
        ask(WsgiClient(app))


# --- HTTP -----------------------------------------------------------------------------------------


def test_silent_sites_are_given_up() -> None:
    with site() as origin, pytest.raises(ObservationError):
        HttpClient(seconds=0.1).send(Request(url=f"{origin}/silent"))


def test_dripping_sites_are_given_up() -> None:
    """Each byte comes in time, and all of them never do."""
    with dripping() as place, pytest.raises(ObservationError, match="no answer in time"):
        HttpClient(seconds=0.2).send(Request(url=f"http://{place}/"))


@contextmanager
def dripping() -> Iterator[str]:
    """A place at which octets come one by one, for ever."""
    over = threading.Event()

    def drip(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(1_000)
            try:
                while not over.wait(0.02):
                    connection.sendall(b"\x02")
            except OSError:
                pass

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, args=[listener])
        thread.start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        over.set()
        thread.join()


def test_closed_ports_are_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ObservationError, match="Connection refused"):
        HttpClient().send(Request(url=f"http://127.0.0.1:{port}/"))


def test_plain_sites_are_no_https_sites() -> None:
    with site() as origin, pytest.raises(ObservationError):
        HttpClient().send(Request(url=origin.replace("http:", "https:")))


@contextmanager
def raw(*parts: bytes, stays: bool = False) -> Iterator[str]:
    """A site that sends octets, and closes the connection, or stays until it is left."""
    over = threading.Event()

    def answer(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(10_000)
            connection.sendall(b"".join(parts))
            if stays:
                over.wait(10)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=answer, args=[listener])
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        over.set()
        thread.join()


OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("line", "more"),
    [
        (b"no colon", []),
        (b"X Powered By: php", []),
        ("X-Stra\u00dfe: 1".encode(), []),
        (b"Set-Cookie : x=1", [b"x=1"]),
        (b" X-Space: 1", []),
        (b"no colon\r\n and a fold", []),
    ],
)
@pytest.mark.parametrize("kind", [b"text/html", b"multipart/mixed; boundary=z", b"text/plain"])
def test_malformed_lines_hide_no_cookies(line: bytes, more: list[bytes], kind: bytes) -> None:
    head = [b"Content-Type: " + kind, b"Set-Cookie: a=1", line, b"Set-Cookie: b=2", b"set-cookie:c"]
    first = line.startswith(b" ")
    if first:
        head = [line, *head[:2], *head[3:]]
    with raw(OK, *(field + b"\r\n" for field in head), b"\r\n", PAGE) as url:
        answer = HttpClient().send(Request(url=url))
    assert answer.values(b"set-cookie") == [b"a=1", *more, b"b=2", b"c"]
    assert (answer.body, answer.whole) == (PAGE, True)


def test_heads_that_nobody_can_read_are_an_error() -> None:
    head = b"Content-Type: multipart/mixed; boundary=z\r\n--z\r\nSet-Cookie: a=1\r\n\r\n"
    with raw(OK, head, PAGE) as url, pytest.raises(ObservationError, match="malformed"):
        HttpClient().send(Request(url=url))


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 5000",
        b"no colon\r\nContent-Length: 5000",
        b"no colon\r\nTransfer-Encoding: chunked",
    ],
)
def test_bodies_that_break_off_are_not_whole(head: bytes) -> None:
    with raw(OK, head, b"\r\n\r\n", PAGE) as url:
        answer = HttpClient().send(Request(url=url))
    assert (answer.body, answer.whole) == (PAGE, False)


@pytest.mark.parametrize("head", [b"", b"Set-Cookie: a=1; Sec", b"Set-Cookie: a=1\r\n"])
def test_heads_that_break_off_are_an_error(head: bytes) -> None:
    with raw(OK, head) as url, pytest.raises(ObservationError, match="broke off"):
        HttpClient().send(Request(url=url))


CHUNKED = b"Set-Cookie: a=1\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("chunks", "body"),
    [
        (b"", b""),
        (b"5\r\nhello\r\n", b"hello"),
        (b"5\r\nhel", b""),
        (b"5\r\nhello\r\nzz\r\n", b"hello"),
    ],
)
def test_chunks_that_break_off_are_a_part(chunks: bytes, body: bytes) -> None:
    with raw(OK, CHUNKED, chunks) as url:
        answer = HttpClient().send(Request(url=url))
    assert answer.values(b"set-cookie") == [b"a=1"]
    assert (answer.body, answer.whole) == (body, False)


def test_chunks_with_an_end_are_whole() -> None:
    with raw(OK, CHUNKED, b"5\r\nhello\r\n0\r\n\r\n") as url:
        answer = HttpClient().send(Request(url=url))
    assert (answer.body, answer.whole) == (b"hello", True)


@pytest.mark.parametrize("part", [b"\r\n" + PAGE, b"Set-Cook"])
def test_answers_that_never_end_are_not_whole(part: bytes) -> None:
    with raw(OK, b"Set-Cookie: a=1\r\n", part, stays=True) as url:
        assert is_partial(HttpClient(seconds=0.2), url)


def is_partial(client: Client, url: str) -> bool:
    """Tell whether an answer is given as a part, or not at all."""
    try:
        return not client.send(Request(url=url)).whole
    except ObservationError:
        return True


def test_context_of_a_request_is_not_the_next_ones() -> None:
    """A visitor whom the application noted in its context is unknown to the request of another."""
    noted: ContextVar[str] = ContextVar("noted", default="nobody")

    async def remembering(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": noted.get().encode()})
            noted.set("Ada")

    with AsgiClient(remembering) as client:
        assert [client.send(Request(url="http://x/")).body for _ in range(2)] == [b"nobody"] * 2
