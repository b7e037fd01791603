"""The ASGI door (ASGI HTTP and WebSocket specification 2.5): scopes and messages in and out.

What to do with a request is the engine's to say. Here it becomes a copied scope, a held-back
`http.response.start` and filtered messages; the caller's objects are never changed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any, overload

from cookieconsent.core.headers import index, replace
from cookieconsent.engine.config import Config
from cookieconsent.engine.consent import Consent
from cookieconsent.engine.exchange import Exchange
from cookieconsent.engine.routes import Reply, reply, wants_body
from cookieconsent.engine.setup import consent_from
from cookieconsent.engine.state import (
    SCOPE_ENVIRON_KEY,
    SCOPE_KEY,
    SCOPE_SESSION_KEY,
    ConsentState,
    is_covered,
    state_of,
)
from cookieconsent.engine.submission import BODY_SECONDS, MAX_BODY_OCTETS

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

_FILTERED = frozenset({"http", "websocket"})
# Messages, and the extensions that announce them, by which a server sends a file itself.
_FILE_MESSAGES = frozenset({"http.response.pathsend", "http.response.zerocopysend"})
_HANDSHAKE_MESSAGES = frozenset({"websocket.accept", "websocket.http.response.start"})


class CookieConsentMiddleware:
    """Asks before an ASGI application tracks.

    Args:
        app: The application.
        config: The configuration; or its fields by name, not both.
        options: `Config` fields.

    Raises:
        ConfigError: The configuration does not hold, or the application is one for the other door.
    """

    # Starlette's type of a middleware hands over the application by position alone, Litestar by name.
    @overload
    def __init__(
        self, app: ASGIApp, /, config: Config | None = None, **options: object
    ) -> None: ...
    @overload
    def __init__(
        self, *, app: ASGIApp, config: Config | None = None, **options: object
    ) -> None: ...
    def __init__(  # type: ignore[misc] # an `app` given twice is Python's to refuse
        self, app: ASGIApp, config: Config | None = None, **options: object
    ) -> None:
        self.app = app
        self.consent: Consent = consent_from(app, "ASGI", config, options)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection; anything but http and websocket passes untouched."""
        kind = scope["type"]
        if kind not in _FILTERED or (
            (SCOPE_KEY in scope or SCOPE_ENVIRON_KEY in scope)
            and is_covered(state_of(scope), self.consent)
        ):
            await self.app(scope, receive, send)
            return
        headers, fields, cookie_lines = index(scope.get("headers") or ())
        exchange = Exchange(
            self.consent,
            scope.get("method", "GET"),
            scope.get("scheme") or "http",
            scope.get("root_path") or "",
            scope.get("path") or "",
            scope.get("query_string") or b"",
            fields,
            cookie_lines,
            kind == "websocket",
        )
        if SCOPE_SESSION_KEY in scope:
            exchange.warn_of_outer_session()
        if exchange.route is not None:
            await _answer(exchange, receive, send)
            return
        inner = dict(scope)
        inner[SCOPE_KEY] = ConsentState(exchange)
        changes = exchange.request_changes
        inner["headers"] = replace(headers, fields, changes) if changes else headers
        if exchange.due and scope.get("extensions"):
            inner["extensions"] = {
                name: value
                for name, value in scope["extensions"].items()
                if name not in _FILE_MESSAGES
            }
        if kind == "websocket":
            await self.app(inner, receive, _handshake(exchange, send))
        else:
            response = _Response(exchange, send)
            await self.app(inner, receive, response.send)
            if response.held is not None:
                await response.release()


class _Response:
    """The messages of one response; `start` waits for the first body message where markup goes in."""

    # What passes is handed on by plain functions, which spares each message a coroutine of its own.
    __slots__ = ("_exchange", "_send", "_started", "_through", "held")

    def __init__(self, exchange: Exchange, send: Send) -> None:
        self._exchange = exchange
        self._send = send
        self._started = False
        self.held: Message | None = None
        self._through = True  # body messages pass as they are

    def send(self, message: Message) -> Awaitable[None]:
        kind = message["type"]
        if kind == "http.response.body":
            return self._send(message) if self._through else self._body(message)
        if kind == "http.response.start":
            return self._start(message)
        if kind in _FILE_MESSAGES and not self._through:
            return self._file(message)
        if kind == "http.response.trailers":
            headers = self._exchange.trailers(message.get("headers") or ())
            message = {**message, "headers": headers}
        elif kind == "http.response.push":
            headers = self._exchange.pushed(message.get("headers") or ())
            message = {**message, "headers": headers}
        return self._send(message) if self.held is None else self._after_held(message)

    def _start(self, message: Message) -> Awaitable[None]:
        headers = message.get("headers") or ()
        if self._started:
            # A second one is the server's to refuse, so it must get there; its cookies need not.
            return self._after_held({**message, "headers": self._exchange.trailers(headers)})
        self._started = True
        head = self._exchange.start(message["status"], headers)
        if head is not headers:
            message = {**message, "headers": head}
        if self._exchange.insertion is None:
            return self._send(message)
        self._through = False
        self.held = message
        return _nothing()

    async def _body(self, message: Message) -> None:
        chunk = message.get("body") or b""
        more = message.get("more_body", False)
        body = self._exchange.feed(chunk if type(chunk) is bytes else bytes(chunk), last=not more)
        self._through = not self._exchange.inserting
        if self.held is not None:
            await self.release()
        if body or not more:
            await self._send({**message, "body": body})

    async def _file(self, message: Message) -> None:
        waited = self._exchange.abandon()
        self._through = True
        await self.release()
        if waited:
            await self._send({"type": "http.response.body", "body": waited, "more_body": True})
        await self._send(message)

    async def _after_held(self, message: Message) -> None:
        await self.release()
        await self._send(message)

    async def release(self) -> None:
        held, self.held = self.held, None
        if held is not None:
            await self._send({**held, "headers": self._exchange.settled_head()})


async def _nothing() -> None:
    """Stand for a message that waits."""


def _handshake(exchange: Exchange, send: Send) -> Send:
    """Return a `send` that filters what a websocket handshake sets."""

    def filtered(message: Message) -> Awaitable[None]:
        if message["type"] in _HANDSHAKE_MESSAGES:
            head = exchange.start(message.get("status", 101), message.get("headers") or ())
            message = {**message, "headers": head}
        return send(message)

    return filtered


async def _answer(exchange: Exchange, receive: Receive, send: Send) -> None:
    """Answer a request for one of our own pages."""
    body: bytes | None = b""
    timed_out = False
    if wants_body(exchange):
        try:
            async with _deadline():
                body = await _read_body(receive)
        except TimeoutError:
            timed_out = True
        except _DisconnectedError:
            return
    answer: Reply = reply(exchange, body, timed_out=timed_out)
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    await send({"type": "http.response.body", "body": answer.body})


def _deadline() -> AbstractAsyncContextManager[object]:
    """Bound how long a form may take; under another event loop that is left to the server."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return nullcontext()
    return asyncio.timeout(BODY_SECONDS)


class _DisconnectedError(Exception):
    """The client is gone; there is nobody to answer."""


async def _read_body(receive: Receive) -> bytes | None:
    """Read a body up to the limit; `None` where it is larger."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _DisconnectedError
        parts.append(bytes(message.get("body", b"")))
        size += len(parts[-1])
        if size > MAX_BODY_OCTETS:
            return None
        if not message.get("more_body", False):
            return b"".join(parts)
