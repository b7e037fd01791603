"""The WSGI door (PEP 3333): environ and `start_response` in and out, lazily, one value per value.

What to do with a request is the engine's to say. Here it becomes a copied environ, a held-back
`start_response` and a filtered body; the caller's objects are never changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from types import TracebackType

from cookieconsent.core.headers import HeaderList
from cookieconsent.engine.config import Config
from cookieconsent.engine.consent import Consent
from cookieconsent.engine.exchange import Exchange
from cookieconsent.engine.routes import reply, wants_body
from cookieconsent.engine.setup import consent_from
from cookieconsent.engine.state import (
    ENVIRON_KEY,
    ENVIRON_SCOPE_KEY,
    ENVIRON_SESSION_KEY,
    is_covered,
    state_of,
)
from cookieconsent.engine.submission import MAX_BODY_OCTETS, declared_length
from cookieconsent.middleware.environ import Environ, cookie_lines, fields_of, filtered, header

ExcInfo = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]
Write = Callable[[bytes], object]
StartResponse = Callable[..., Write]
WSGIApp = Callable[[Environ, StartResponse], Iterable[bytes]]


class CookieConsentMiddleware:
    """Asks before a WSGI application tracks.

    Args:
        app: The application.
        config: The configuration; or its fields by name, not both.
        options: `Config` fields.

    Raises:
        ConfigError: The configuration does not hold, or the application is one for the other door.
    """

    def __init__(self, app: WSGIApp, config: Config | None = None, **options: object) -> None:
        self.app = app
        self.consent: Consent = consent_from(app, "WSGI", config, options)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Handle one request."""
        if (ENVIRON_KEY in environ or ENVIRON_SCOPE_KEY in environ) and is_covered(
            state_of(environ), self.consent
        ):
            return self.app(environ, start_response)
        exchange = Exchange(
            self.consent,
            environ.get("REQUEST_METHOD") or "GET",
            environ.get("wsgi.url_scheme") or "http",
            _text(environ.get("SCRIPT_NAME")),
            _text(environ.get("PATH_INFO")),
            header(environ, "QUERY_STRING")[0] or b"",
            fields_of(environ),
            cookie_lines(environ),
        )
        if ENVIRON_SESSION_KEY in environ:
            exchange.warn_of_outer_session()
        if exchange.route is not None:
            return _answer(exchange, environ, start_response)
        response = _Response(exchange, start_response)
        return response.wrap(self.app(filtered(environ, exchange), response.start))


def _text(value: str | None) -> str:
    """Return a path as text: WSGI carries its UTF-8 bytes as latin-1 (PEP 3333, Unicode issues)."""
    try:
        return (value or "").encode("latin-1").decode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return ""


class _Response:
    """One response: the head waits for the first body value where markup goes in."""

    __slots__ = ("_exchange", "_held", "_sent", "_server_start", "_server_write")

    def __init__(self, exchange: Exchange, start_response: StartResponse) -> None:
        self._exchange = exchange
        self._server_start = start_response
        self._server_write: Write | None = None
        self._held: str | None = None  # the status of a head that waits
        self._sent = False

    def start(
        self, status: str, headers: list[tuple[str, str]], exc_info: ExcInfo | None = None
    ) -> Write:
        """Stand for the server's `start_response`."""
        exchange = self._exchange
        try:
            if exc_info is not None:
                self._held = None  # replaced before it was sent
                exchange.restart()
            else:
                self._release()  # a second head without `exc_info` is the server's to refuse
            pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
            head = exchange.start(_code(status), pairs)
            if exchange.insertion is None:
                self._send(status, head, exc_info)
            elif self._sent:
                # Only the server knows whether bytes are out, so that it must re-raise (PEP 3333).
                self._send(status, exchange.settled_head(), exc_info)
            else:
                self._held = status
        finally:
            exc_info = None  # no reference cycle with the traceback
        return self.write

    def _send(self, status: str, head: HeaderList, exc_info: ExcInfo | None) -> None:
        pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in head]
        self._sent = True
        start = self._server_start
        try:
            self._server_write = (
                start(status, pairs) if exc_info is None else start(status, pairs, exc_info)
            )
        finally:
            exc_info = None  # as above

    def _release(self) -> None:
        status, self._held = self._held, None
        if status is not None:
            self._send(status, self._exchange.settled_head(), None)

    def feed(self, chunk: bytes, *, last: bool) -> bytes:
        """Pass a body value through; the head is sent by the first."""
        data = self._exchange.feed(chunk, last=last)
        self._release()
        return data

    def write(self, data: bytes) -> None:
        """Stand for the server's `write`: what comes this way comes first."""
        data = self.feed(data, last=False)
        if self._server_write is not None:
            self._server_write(data)

    def wrap(self, body: Iterable[bytes]) -> Iterable[bytes]:
        """Return the body for the server: the application's own object if nothing is left to do."""
        if self._sent and not self._exchange.inserting:
            return body
        if not hasattr(body, "__iter__") and not hasattr(body, "__getitem__"):
            self._abandon()  # a file that only the server itself can read
            return body
        return _Body(self, body)

    def _abandon(self) -> None:
        waited = self._exchange.abandon()
        self._release()
        if waited and self._server_write is not None:
            self._server_write(waited)


def _code(status: str) -> int:
    """Return the number of a status line; 0 where there is none, which the server will refuse."""
    code = status[:3]
    return int(code) if code.isdecimal() else 0


class _Body:
    """The application's body on its way: each value taken gives one value, `close` goes through."""

    __slots__ = ("_body", "_done", "_response", "_values")

    def __init__(self, response: _Response, body: Iterable[bytes]) -> None:
        self._response = response
        self._body = body
        self._values: Iterator[bytes] | None = None
        self._done = False

    def __iter__(self) -> _Body:
        return self

    def __next__(self) -> bytes:
        if self._done:
            raise StopIteration
        if self._values is None:
            self._values = iter(self._body)
        for value in self._values:
            return self._response.feed(value, last=False)
        self._done = True
        rest = self._response.feed(b"", last=True)
        if not rest:
            raise StopIteration
        return rest

    def close(self) -> None:
        """Close the application's body, which may not be the iterator that was read."""
        close = getattr(self._body, "close", None)
        if close is not None:
            close()


def _answer(exchange: Exchange, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Answer a request for one of our own pages."""
    body = _read_body(exchange, environ) if wants_body(exchange) else b""
    answer = reply(exchange, body)
    phrase = HTTPStatus(answer.status).phrase
    start_response(
        f"{answer.status} {phrase}",
        [
            (name.decode("latin-1").title(), value.decode("latin-1"))
            for name, value in answer.headers
        ],
    )
    return [answer.body]


def _read_body(exchange: Exchange, environ: Environ) -> bytes | None:
    """Read a body up to the limit; `None` where it is larger. Never reads without a bound."""
    length = declared_length(exchange.fields.get(b"content-length"))
    if length is None and not environ.get("wsgi.input_terminated"):
        return b""
    limit = MAX_BODY_OCTETS + 1 if length is None else length
    parts: list[bytes] = []
    while limit > 0:
        try:
            part = environ["wsgi.input"].read(limit)
        except OSError:  # the client is gone, or sent what the server could not read
            return b""
        if not part:
            break
        parts.append(part)
        limit -= len(part)
    body = b"".join(parts)
    return body if len(body) <= MAX_BODY_OCTETS else None
