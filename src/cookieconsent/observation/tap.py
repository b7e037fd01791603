"""A tap between an application and whoever calls it: hears each request and answer, changes neither.

Lifespan, web sockets and whatever else the protocols have pass by unheard. An exchange that cannot be
written down goes on, for a call that works without a tap works with it, and it is told why it is lost.
May not enter: what is made of what was heard.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, cast
from weakref import WeakSet

from cookieconsent.core.headers import HeaderList
from cookieconsent.observation.answer import MAX_BODY_OCTETS, Answer, Request
from cookieconsent.observation.asgi import Application as AsgiApplication
from cookieconsent.observation.asgi import Message
from cookieconsent.observation.loading import protocol_of
from cookieconsent.observation.wsgi import Application as WsgiApplication
from cookieconsent.observation.wsgi import Environ

_USUAL_PORTS: Final = {"http": "80", "https": "443"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One exchange that went by."""

    request: Request
    """Without its body."""
    answer: Answer
    """Its body is there for HTML alone."""
    app: object
    """What answered."""


Listener: TypeAlias = Callable[[Heard], object]
Loser: TypeAlias = Callable[[str], object]
"""Is told of each answer that could not be written down: the name of the error, none of its words."""


def _forget(why: str) -> None:
    """Make nothing of a loss."""


def tapped(app: object, hear: Listener, lose: Loser = _forget) -> AsgiTap | WsgiTap:
    """Return an application with a tap before it.

    Args:
        app: An ASGI or WSGI application.
        hear: Called with each exchange.
        lose: Called instead where it cannot be written down.

    Raises:
        ObservationError: It is no application.
    """
    if protocol_of(app) == "ASGI":
        return AsgiTap(cast("AsgiApplication", app), hear, lose)
    return WsgiTap(cast("WsgiApplication", app), hear, lose)


class _Notes:
    """An answer as it goes by; of a body only what is HTML is kept, and not more than is read."""

    def __init__(self) -> None:
        self.request: Request | None = None
        self.ended = False
        """Whether an ASGI application said that this is all."""
        self.status: int | None = None
        self._lost: str | None = None
        self.headers: HeaderList = []
        self._body = bytearray()
        self._is_page = False
        self._whole = True

    @contextmanager
    def taking(self) -> Iterator[None]:
        """Give up the notes, and not the call, where something cannot be written down."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - whatever it is, it is not the call's
            self._lost = self._lost or type(error).__name__

    def begin(self, status: int, headers: HeaderList) -> None:
        self.status, self.headers = status, headers
        kinds = (value for name, value in headers if name == b"content-type")
        self._is_page = any(b"html" in kind.lower() for kind in kinds)

    def add(self, part: bytes) -> None:
        if not self._is_page:
            return
        left = MAX_BODY_OCTETS - len(self._body)
        self._body += part[:left]
        self._whole = self._whole and len(part) <= left

    def tell(self, app: object, hear: Listener, lose: Loser, *, ended: bool) -> None:
        """Say what went by, or why that is lost; where there was no answer, nothing.

        Args:
            app: What answered.
            hear: Is told what went by.
            lose: Is told why that is lost.
            ended: Whether it was read to its end.
        """
        if self._lost is not None:
            lose(self._lost)
        elif self.status is not None and self.request is not None:
            hear(self._heard(self.request, self.status, app, ended=ended))

    def _heard(self, request: Request, status: int, app: object, *, ended: bool) -> Heard:
        answer = Answer(
            status=status,
            headers=self.headers,
            body=bytes(self._body),
            whole=self._whole and (ended or self._is_as_long_as_told()),
        )
        return Heard(request=request, answer=answer, app=app)

    def _is_as_long_as_told(self) -> bool:
        told = next((value for name, value in self.headers if name == b"content-length"), b"")
        return not self._is_page or told == b"%d" % len(self._body)


# --- ASGI -----------------------------------------------------------------------------------------


class AsgiTap:
    """A tap before an ASGI application."""

    def __init__(self, app: AsgiApplication, hear: Listener, lose: Loser = _forget) -> None:
        self.app: AsgiApplication = app
        self._hear = hear
        self._lose = lose

    async def __call__(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        """Pass a call on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        notes = _Notes()
        with notes.taking():
            notes.request = asgi_request(scope)  # before anybody mounts it elsewhere

        async def listen(message: Message) -> None:
            with notes.taking():
                _note(notes, message)
            await send(message)

        try:
            await self.app(scope, receive, listen)
        finally:
            notes.tell(self.app, self._hear, self._lose, ended=notes.ended)


def _note(notes: _Notes, message: Message) -> None:
    if message["type"] == "http.response.start":
        pairs = message.get("headers", ())
        notes.begin(message["status"], [(bytes(n).lower(), bytes(v)) for n, v in pairs])
    elif message["type"] == "http.response.body":
        notes.add(message.get("body", b""))
        notes.ended = not message.get("more_body", False)


def asgi_request(scope: Message) -> Request:
    """Return the request of a scope."""
    headers = [(bytes(name).lower(), bytes(value)) for name, value in scope.get("headers", ())]
    path = (scope.get("raw_path") or str(scope["path"]).encode()).partition(b"?")[0]
    query = scope.get("query_string", b"")
    query = query.encode() if isinstance(query, str) else query
    server = scope.get("server") or ("localhost", None)
    return Request(
        url=_url(
            str(scope.get("scheme", "http")),
            _host(headers, *server),
            path.decode("latin-1"),
            query.decode("latin-1"),
        ),
        method=scope["method"],
        headers=headers,
    )


# --- WSGI -----------------------------------------------------------------------------------------


class WsgiTap:
    """A tap before a WSGI application."""

    def __init__(self, app: WsgiApplication, hear: Listener, lose: Loser = _forget) -> None:
        self.app: WsgiApplication = app
        self._hear = hear
        self._lose = lose

    def __call__(
        self, environ: Environ, start_response: Callable[..., Callable[[bytes], object]]
    ) -> Iterable[bytes]:
        """Pass a call on."""
        notes = _Notes()
        with notes.taking():
            notes.request = wsgi_request(environ)

        def begin(status: str, headers: list[tuple[str, str]], *more: Any) -> Callable[..., object]:  # noqa: ANN401 - exc_info
            with notes.taking():
                pairs = [(_octets(n.lower()), _octets(v)) for n, v in headers]
                notes.begin(int(status.split(" ", 1)[0]), pairs)
            write = start_response(status, headers, *more)

            def listen(part: bytes) -> object:
                with notes.taking():
                    notes.add(part)
                return write(part)

            return listen

        def end(*, ended: bool) -> None:
            notes.tell(self.app, self._hear, self._lose, ended=ended)

        return _Parts(self.app(environ, begin), notes, end)


class _Parts:
    """A body that is listened to until it is read to its end, closed, or forgotten."""

    def __init__(self, parts: Iterable[bytes], notes: _Notes, end: Callable[..., None]) -> None:
        self._parts = parts
        self._rest: Iterator[bytes] | None = None
        self._notes = notes
        self._end: Callable[..., None] | None = end
        _OPEN.add(self)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._rest is None:
            self._rest = iter(self._parts)
        try:
            part = next(self._rest)
        except StopIteration:
            self.finish(ended=True)
            raise
        with self._notes.taking():
            self._notes.add(part)
        return part

    def close(self) -> None:
        """Close it (PEP 3333)."""
        try:
            close = getattr(self._parts, "close", None)
            if close is not None:
                close()
        finally:
            self.finish(ended=False)

    def __del__(self) -> None:
        """Hear what nobody read to its end, as clients of Werkzeug leave it."""
        self.finish(ended=False)

    def finish(self, *, ended: bool) -> None:
        """Say what was heard, once."""
        end, self._end = self._end, None
        if end is not None:
            end(ended=ended)


_OPEN: Final[WeakSet[_Parts]] = WeakSet()


def settle() -> None:
    """Hear now what nobody has read to its end so far."""
    for parts in tuple(_OPEN):
        parts.finish(ended=False)
    _OPEN.clear()


def _octets(text: str) -> bytes:
    """Return the octets of a header; test clients pass on text that no server could send."""
    return text.encode("latin-1", "backslashreplace")


def wsgi_request(environ: Environ) -> Request:
    """Return the request of an environ."""
    headers = [
        (_octets(key[5:].lower().replace("_", "-")), _octets(str(value)))
        for key, value in environ.items()
        if key.startswith("HTTP_")
    ]
    path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    host = _host(headers, environ.get("SERVER_NAME", "localhost"), environ.get("SERVER_PORT"))
    scheme = environ.get("wsgi.url_scheme", "http")
    return Request(
        url=_url(scheme, host, path, environ.get("QUERY_STRING", "")),
        method=environ["REQUEST_METHOD"],
        headers=headers,
    )


# --- both -----------------------------------------------------------------------------------------


def _host(headers: HeaderList, name: object, port: object) -> str:
    told = next((value for key, value in headers if key == b"host"), None)
    return told.decode("latin-1") if told else f"{name}:{port or ''}".rstrip(":")


def _url(scheme: str, host: str, path: str, query: str) -> str:
    """Return an address, in printable ASCII."""
    host = host.removesuffix(f":{_USUAL_PORTS.get(scheme, '')}") if ":" in host else host
    url = f"{scheme}://{host}{path or '/'}" + (f"?{query}" if query else "")
    return "".join(char if "!" <= char <= "~" else f"%{ord(char):02X}" for char in url)
