"""The ASGI door (ASGI HTTP and WebSocket specification 2.5): scopes and messages in and out.

What to do with a request is the engine's to say. Here it becomes a copied scope, a held-back
`http.response.start` and filtered messages; the caller's objects are never changed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from cookieconsent.core.headers import index, normalise, replace
from cookieconsent.engine.config import Config
from cookieconsent.engine.consent import Consent
from cookieconsent.engine.exchange import Exchange
from cookieconsent.engine.routes import Reply, reply, wants_body
from cookieconsent.engine.setup import consent_from
from cookieconsent.engine.state import SCOPE_KEY
from cookieconsent.engine.submission import BODY_SECONDS, MAX_BODY_OCTETS

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

_FILE_EXTENSIONS = ("http.response.pathsend", "http.response.zerocopysend")
_HANDSHAKE_MESSAGES = frozenset({"websocket.accept", "websocket.http.response.start"})


class CookieConsentMiddleware:
    """Asks before an ASGI application tracks.

    Args:
        app: The application.
        config: The configuration; or its fields by name, not both.
        options: `Config` fields.

    Raises:
        ConfigError: The configuration does not hold.
    """

    def __init__(self, app: ASGIApp, config: Config | None = None, **options: object) -> None:
        self.app = app
        self.consent: Consent = consent_from(config, options)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection; anything but http and websocket passes untouched."""
        kind = scope["type"]
        if kind not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        headers, fields, cookie_lines = index(scope.get("headers") or ())
        exchange = Exchange(
            self.consent,
            method=scope.get("method", "GET"),
            scheme=scope.get("scheme") or "http",
            root=scope.get("root_path") or "",
            path=scope.get("path") or "",
            query=scope.get("query_string") or b"",
            fields=fields,
            cookie_lines=cookie_lines,
            upgrade=kind == "websocket",
        )
        if exchange.route is not None:
            await _answer(exchange, receive, send)
            return
        inner = dict(scope)
        inner[SCOPE_KEY] = exchange.state
        changes = exchange.request_changes
        inner["headers"] = replace(headers, changes) if changes else headers
        if exchange.due and scope.get("extensions"):
            inner["extensions"] = {
                name: value
                for name, value in scope["extensions"].items()
                if name not in _FILE_EXTENSIONS
            }
        if kind == "websocket":
            await self.app(inner, receive, _handshake(exchange, send))
        else:
            await self.app(inner, receive, _Response(exchange, send).send)


class _Response:
    """The messages of one response; `start` waits for the first body message where markup goes in."""

    __slots__ = ("_exchange", "_held", "_send")

    def __init__(self, exchange: Exchange, send: Send) -> None:
        self._exchange = exchange
        self._send = send
        self._held: Message | None = None

    def send(self, message: Message) -> Awaitable[None]:
        kind = message["type"]
        exchange = self._exchange
        if kind == "http.response.body":
            if exchange.insertion is None:
                return self._send(message)
            return self._body(message)
        if kind == "http.response.start":
            headers = message.get("headers", ())
            head = exchange.start(
                message["status"], headers if type(headers) is list else normalise(headers)
            )
            message = {**message, "headers": head}
            if exchange.insertion is None:
                return self._send(message)
            self._held = message
            return _nothing()
        if kind == "http.response.trailers":
            headers = exchange.trailers(list(message.get("headers", ())))
            message = {**message, "headers": headers}
        elif kind == "http.response.push":
            message = {**message, "headers": exchange.pushed(list(message.get("headers", ())))}
        return self._after_held(message)

    async def _body(self, message: Message) -> None:
        chunk = message.get("body", b"")
        more = message.get("more_body", False)
        body = self._exchange.feed(chunk if type(chunk) is bytes else bytes(chunk), last=not more)
        await self._release()
        if body or not more:
            await self._send({**message, "body": body})

    async def _after_held(self, message: Message) -> None:
        await self._release()
        await self._send(message)

    async def _release(self) -> None:
        held, self._held = self._held, None
        if held is not None and self._exchange.insertion is not None:
            self._exchange.insertion.settle()
            await self._send({**held, "headers": self._exchange.insertion.head})


async def _nothing() -> None:
    """Stand for a message that waits."""


def _handshake(exchange: Exchange, send: Send) -> Send:
    """Return a `send` that filters what a websocket handshake sets."""

    def filtered(message: Message) -> Awaitable[None]:
        if message["type"] in _HANDSHAKE_MESSAGES:
            head = exchange.start(message.get("status", 101), normalise(message.get("headers", ())))
            message = {**message, "headers": head}
        return send(message)

    return filtered


async def _answer(exchange: Exchange, receive: Receive, send: Send) -> None:
    """Answer a request for one of our own pages."""
    body: bytes | None = b""
    timed_out = False
    if wants_body(exchange):
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await _read_body(receive)
        except TimeoutError:
            timed_out = True
        except _DisconnectedError:
            return
    answer: Reply = reply(exchange, body, timed_out=timed_out)
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    await send({"type": "http.response.body", "body": answer.body})


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
