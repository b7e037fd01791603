"""One abstract exchange, sent through an ASGI or a WSGI application.

A test writes down an `Exchange`, sends it through both kinds of application and compares the two
`Answer`s:

    answer = run_asgi(asgi_app(200, [(b"set-cookie", b"sid=1")]), Exchange(path="/cart"))
    assert answer == run_wsgi(wsgi_app(200, [(b"set-cookie", b"sid=1")]), Exchange(path="/cart"))

The drivers play a correct server: they watch the application with `AsgiLint` or with
`wsgiref.validate`, send what an HTTP/1.1 client would send (a `Host`, the length of a body), and
add nothing to the answer. The small applications here play a correct framework and record what
reached them.
"""

from __future__ import annotations

import asyncio
import atexit
import contextvars
import io
import sys
import threading
import warnings
from collections.abc import (
    Awaitable,
    Callable,
    Coroutine,
    Iterable,
    Iterator,
    Mapping,
    MutableMapping,
)
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import quote
from wsgiref.validate import WSGIWarning, validator

from oracles.asgi_lint import AsgiLint

__all__ = [
    "Answer",
    "Exchange",
    "Record",
    "Seen",
    "asgi_app",
    "drive_asgi",
    "run_asgi",
    "run_wsgi",
    "wsgi_app",
]

Headers: TypeAlias = Iterable[tuple[bytes, bytes]]
Message: TypeAlias = MutableMapping[str, Any]
AsgiApplication: TypeAlias = Callable[
    [
        MutableMapping[str, Any],
        Callable[[], Awaitable[Message]],
        Callable[[Message], Awaitable[None]],
    ],
    Awaitable[None],
]
WsgiApplication: TypeAlias = Callable[[dict[str, Any], Any], Iterable[bytes]]

DEADLINE: Final = 30.0
"""Seconds after which an ASGI application that never answers is given up."""

_SERVER: Final = ("shop.example", 80)
_CLIENT: Final = ("192.0.2.1", 50_000)  # RFC 5737: an address for documentation


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request, told without the words of ASGI or WSGI."""

    method: str = "GET"
    path: str = "/"
    """Below `root`, percent-decoded; bytes that are no UTF-8 as surrogate escapes."""
    query: bytes = b""
    headers: Headers = ()
    """In the order of the wire, any case; give a tuple or a list to use an exchange twice."""
    body: bytes = b""
    scheme: Literal["http", "https"] = "http"
    root: str = ""
    http_version: str = "1.1"
    host: bytes | None = b"shop.example"
    """The `Host` header, put first unless `headers` has one; `None`: no such header."""
    chunk: int = 0
    """Octets of the body that arrive at once (ASGI only); 0: all of it."""

    def wire(self) -> list[tuple[bytes, bytes]]:
        """Give the headers as a server receives them, with lower-case names."""
        lines = [(name.lower(), value) for name, value in self.headers]
        names = {name for name, _ in lines}
        if self.host is not None and b"host" not in names:
            lines.insert(0, (b"host", self.host))
        if self.body and names.isdisjoint({b"content-length", b"transfer-encoding"}):
            lines.append((b"content-length", b"%d" % len(self.body)))
        return lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back; equal answers are equal whichever way they came."""

    status: int
    headers: list[tuple[bytes, bytes]]
    """In the order sent, names lower-cased."""
    body: bytes
    chunks: list[bytes] = field(compare=False)
    """The body in the pieces in which the server got it, empty ones included."""
    trailers: list[tuple[bytes, bytes]] = field(default_factory=list, compare=False)
    messages: list[Message] = field(default_factory=list, compare=False, repr=False)
    """Everything an ASGI application sent; empty for WSGI."""

    def values(self, name: bytes) -> list[bytes]:
        """Give the values of all headers of one (lower-case) name."""
        return [value for key, value in self.headers if key == name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one call of a test application received."""

    cookies: list[bytes]
    """The values of all `Cookie` headers; WSGI has one at most."""
    headers: list[tuple[bytes, bytes]]
    """All other headers, lower-case names."""
    body: bytes
    scope: Mapping[str, Any]
    """The ASGI scope or WSGI environ itself."""

    @property
    def cookie(self) -> bytes | None:
        """The `Cookie` header, or `None`; several are joined by `; ` (RFC 9113 8.2.3)."""
        return b"; ".join(self.cookies) if self.cookies else None


Record: TypeAlias = list[Seen]


# --- ASGI ---------------------------------------------------------------------------------------


def run_asgi(
    app: AsgiApplication,
    exchange: Exchange,
    *,
    lint: bool | Mapping[str, Any] = True,
    extensions: Mapping[str, Any] | None = None,
    scope: Mapping[str, Any] | None = None,
) -> Answer:
    """Send an exchange through an ASGI application.

    Args:
        app: The application.
        exchange: What to send.
        lint: Whether to watch the application with `AsgiLint`, or the options of that lint.
        extensions: What the server announces in the scope.
        scope: Keys of the scope to replace.

    With `scope`, with a method in lower case or with a line break in a header, the test plays a
    server of its own: the lint then leaves the scope alone.
    """
    driven = drive_asgi(app, exchange, lint=lint, extensions=extensions, scope=scope)
    return _in_loop(driven)


_LOOPS: Final = threading.local()


def _in_loop(driven: Coroutine[Any, Any, Answer]) -> Answer:
    """Run on an event loop of this thread: a new one for each exchange would cost more than it.

    Raises:
        AssertionError: A task goes on after the answer.
    """
    if not hasattr(_LOOPS, "runner"):
        _LOOPS.runner = asyncio.Runner()
        atexit.register(_LOOPS.runner.close)
    # A context of its own: what one exchange sets in it, the next must not find.
    answer: Answer = _LOOPS.runner.run(driven, context=contextvars.copy_context())
    if left := asyncio.all_tasks(_LOOPS.runner.get_loop()):
        _LOOPS.runner.close()  # which ends them
        del _LOOPS.runner
        raise AssertionError(f"still running after the answer: {left}")
    return answer


async def drive_asgi(
    app: AsgiApplication,
    exchange: Exchange,
    *,
    lint: bool | Mapping[str, Any] = True,
    extensions: Mapping[str, Any] | None = None,
    scope: Mapping[str, Any] | None = None,
) -> Answer:
    """Do what `run_asgi` does, on the event loop that is running."""
    server = _AsgiServer(exchange)
    if lint is not False:
        options = {"check_scope": scope is None and _is_orderly(exchange)}
        app = AsgiLint(app, **{**options, **({} if lint is True else lint)})
    async with asyncio.timeout(DEADLINE):
        call_scope = {**_scope(exchange, extensions), **(scope or {})}
        await app(call_scope, server.receive, server.send)
    return server.answer()


def _is_orderly(exchange: Exchange) -> bool:
    breaks = any(not {0, 10, 13}.isdisjoint(value) for _, value in exchange.wire())
    return exchange.method == exchange.method.upper() and not breaks


def _scope(exchange: Exchange, extensions: Mapping[str, Any] | None) -> dict[str, Any]:
    # "path" includes root_path (ASGI HTTP 2.4 and later).
    path = exchange.root + exchange.path
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.5"},
        "http_version": exchange.http_version,
        "method": exchange.method,
        "scheme": exchange.scheme,
        "path": path,
        "raw_path": quote(path.encode(errors="surrogateescape")).encode("ascii"),
        "query_string": exchange.query,
        "root_path": exchange.root,
        "headers": exchange.wire(),
        "client": _CLIENT,
        "server": _SERVER,
        "extensions": dict(extensions or {}),
        "state": {},
    }


class _AsgiServer:
    """The server's side of one call: gives the body, keeps the answer."""

    def __init__(self, exchange: Exchange) -> None:
        self._incoming = _request_messages(exchange)
        self._messages: list[Message] = []
        self._chunks: list[bytes] = []
        self._answered = asyncio.Event()

    async def receive(self) -> Message:
        message = next(self._incoming, None)
        if message is None:
            # The client stays until it has the whole answer.
            await self._answered.wait()
            return {"type": "http.disconnect"}
        return message

    async def send(self, message: Message) -> None:
        self._messages.append(message)
        body = _BODY_MESSAGES.get(message["type"])
        if body is not None:
            # Now, not later: files get closed and buffers reused once send() has returned.
            self._chunks.append(body(message))
            if not message.get("more_body", False):
                self._answered.set()
        # Gives other tasks of the application their turn, as a real socket does.
        await asyncio.sleep(0)

    def answer(self) -> Answer:
        of_type = {message["type"]: message for message in self._messages}
        start = of_type.get("http.response.start", {"status": 0})
        trailers = of_type.get("http.response.trailers", {})
        return Answer(
            status=start["status"],
            headers=[(name.lower(), value) for name, value in start.get("headers", ())],
            body=b"".join(self._chunks),
            chunks=self._chunks,
            trailers=[(name.lower(), value) for name, value in trailers.get("headers", ())],
            messages=self._messages,
        )


def _request_messages(exchange: Exchange) -> Iterator[Message]:
    size = exchange.chunk or len(exchange.body) or 1
    pieces = [exchange.body[at : at + size] for at in range(0, len(exchange.body), size)] or [b""]
    for number, piece in enumerate(pieces, start=1):
        yield {"type": "http.request", "body": piece, "more_body": number < len(pieces)}


def _body(message: Message) -> bytes:
    return bytes(message.get("body", b""))


def _path_body(message: Message) -> bytes:
    return Path(message["path"]).read_bytes()


def _file_body(message: Message) -> bytes:
    file = message["file"]
    if message.get("offset") is not None:
        file.seek(message["offset"])
    count = message.get("count")
    return bytes(file.read(-1 if count is None else count))


_BODY_MESSAGES: Final[Mapping[str, Callable[[Message], bytes]]] = {
    "http.response.body": _body,
    "http.response.pathsend": _path_body,
    "http.response.zerocopysend": _file_body,
}


def asgi_app(
    status: int = 200,
    headers: Headers = (),
    chunks: Iterable[bytes] = (b"",),
    record: Record | None = None,
) -> AsgiApplication:
    """Make an application that answers always the same and writes down what it received."""
    head = list(headers)
    pieces = list(chunks)

    async def app(
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        body = await _read_asgi(receive)
        if record is not None:
            record.append(_seen(list(scope["headers"]), body, scope))
        await send({"type": "http.response.start", "status": status, "headers": list(head)})
        silent = _is_silent(scope["method"], status)
        for piece in () if silent else pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    return app


async def _read_asgi(receive: Callable[[], Awaitable[Message]]) -> bytes:
    pieces: list[bytes] = []
    while True:
        message = await receive()
        pieces.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(pieces)


def _seen(headers: list[tuple[bytes, bytes]], body: bytes, scope: Mapping[str, Any]) -> Seen:
    return Seen(
        cookies=[value for name, value in headers if name.lower() == b"cookie"],
        headers=[(name.lower(), value) for name, value in headers if name.lower() != b"cookie"],
        body=body,
        scope=scope,
    )


def _is_silent(method: str, status: int) -> bool:
    # RFC 9110 6.4.1: the responses that have no body.
    return method == "HEAD" or status in {204, 304} or status < 200


# --- WSGI ---------------------------------------------------------------------------------------


def run_wsgi(
    app: WsgiApplication,
    exchange: Exchange,
    *,
    lint: bool = True,
    cookie_joint: bytes = b"; ",
    environ: Mapping[str, Any] | None = None,
) -> Answer:
    """Send an exchange through a WSGI application.

    Args:
        app: The application.
        exchange: What to send.
        lint: Whether to watch the application with `wsgiref.validate`, which insists on a
            `Content-Type` and on values without control characters, tabs included.
        cookie_joint: What the server puts between several `Cookie` headers. RFC 9113 8.2.3 says
            `; `, Gunicorn and wsgiref say `,`, Waitress says `, `.
        environ: Keys of the environ to replace.
    """
    server = _WsgiServer()
    call_environ = {**_environ(exchange, cookie_joint), **(environ or {})}
    with _odd_methods_allowed():
        result = (validator(app) if lint else app)(call_environ, server.start_response)
        try:
            for chunk in result:
                server.write(chunk)
        finally:
            close = getattr(result, "close", None)
            if close is not None:
                close()
    return server.answer()


@contextmanager
def _odd_methods_allowed() -> Iterator[None]:
    # `wsgiref.validate` warns of methods it does not know, such as "PURGE"; HTTP has no such list.
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Unknown REQUEST_METHOD", WSGIWarning)
        yield


def _environ(exchange: Exchange, cookie_joint: bytes) -> dict[str, Any]:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": exchange.method,
        "SCRIPT_NAME": _tunnelled(exchange.root),
        "PATH_INFO": _tunnelled(exchange.path),
        "QUERY_STRING": exchange.query.decode("latin-1"),
        "SERVER_NAME": _SERVER[0],
        "SERVER_PORT": str(_SERVER[1]),
        "SERVER_PROTOCOL": f"HTTP/{exchange.http_version}",
        "REMOTE_ADDR": _CLIENT[0],
        "REMOTE_PORT": str(_CLIENT[1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": exchange.scheme,
        "wsgi.input": io.BytesIO(exchange.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in exchange.wire():
        key = _environ_key(name)
        text = value.decode("latin-1")
        # RFC 9110 5.3: lines of one name join by a comma. Cookie is the exception.
        joint = cookie_joint.decode("latin-1") if name == b"cookie" else ","
        environ[key] = f"{environ[key]}{joint}{text}" if key in environ else text
    return environ


def _tunnelled(path: str) -> str:
    # PEP 3333, "Unicode Issues": bytes travel as Latin-1 text.
    return path.encode(errors="surrogateescape").decode("latin-1")


def _environ_key(name: bytes) -> str:
    key = name.decode("latin-1").upper().replace("-", "_")
    return key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"


class _WsgiServer:
    """The server's side of one call, after the example in PEP 3333."""

    def __init__(self) -> None:
        self._head: tuple[str, list[tuple[str, str]]] | None = None
        self._chunks: list[bytes] = []

    def start_response(
        self,
        status: str,
        headers: list[tuple[str, str]],
        exc_info: Any = None,
    ) -> Callable[[bytes], None]:
        if exc_info is not None:
            # Only a non-empty body makes the server send the headers.
            if any(self._chunks):
                raise exc_info[1].with_traceback(exc_info[2])
        elif self._head is not None:
            msg = "start_response was called twice without exc_info"
            raise AssertionError(msg)
        self._head = (status, list(headers))
        return self.write

    def write(self, chunk: bytes) -> None:
        if self._head is None:
            msg = "the application gave body bytes before it called start_response"
            raise AssertionError(msg)
        self._chunks.append(chunk)

    def answer(self) -> Answer:
        if self._head is None:
            msg = "the application never called start_response"
            raise AssertionError(msg)
        status, headers = self._head
        return Answer(
            status=int(status[:3]),
            headers=[(name.lower().encode("latin-1"), _latin(value)) for name, value in headers],
            body=b"".join(self._chunks),
            chunks=self._chunks,
        )


def _latin(text: str) -> bytes:
    return text.encode("latin-1")


def wsgi_app(
    status: int = 200,
    headers: Headers = (),
    chunks: Iterable[bytes] = (b"",),
    record: Record | None = None,
    *,
    style: Literal["list", "generator", "write"] = "list",
) -> WsgiApplication:
    """Make an application that answers always the same and writes down what it received.

    Args:
        status: The status of every answer.
        headers: Its headers.
        chunks: The pieces of its body.
        record: Where to write down what arrived.
        style: How to answer: return a list; return a generator that calls `start_response` only
            when the server asks for the first piece; or push everything through `write()`.
    """
    head = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]
    pieces = list(chunks)

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        body = _read_wsgi(environ)
        if record is not None:
            record.append(_seen(_received_headers(environ), body, environ))
        silent = _is_silent(environ["REQUEST_METHOD"], status)
        due = [] if silent else pieces
        return _STYLES[style](lambda: start_response(_status_line(status), list(head)), due)

    return app


def _read_wsgi(environ: Mapping[str, Any]) -> bytes:
    length = environ.get("CONTENT_LENGTH") or ""
    # PEP 3333: without a length there is no telling where the body ends.
    return bytes(environ["wsgi.input"].read(int(length))) if length.isdecimal() else b""


def _received_headers(environ: Mapping[str, Any]) -> list[tuple[bytes, bytes]]:
    headers = []
    for key, value in environ.items():
        if key.startswith("HTTP_") or key in {"CONTENT_TYPE", "CONTENT_LENGTH"}:
            name = key.removeprefix("HTTP_").replace("_", "-")
            headers.append((_latin(name), _latin(value)))
    return headers


def _status_line(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status} Unknown"


_Start: TypeAlias = Callable[[], Callable[[bytes], None]]


def _answer_list(start: _Start, pieces: list[bytes]) -> Iterable[bytes]:
    start()
    return list(pieces)


def _answer_generator(start: _Start, pieces: list[bytes]) -> Iterator[bytes]:
    start()
    yield from pieces


def _answer_write(start: _Start, pieces: list[bytes]) -> Iterable[bytes]:
    write = start()
    for piece in pieces:
        write(piece)
    return []


_STYLES: Final[Mapping[str, Callable[[_Start, list[bytes]], Iterable[bytes]]]] = {
    "list": _answer_list,
    "generator": _answer_generator,
    "write": _answer_write,
}
