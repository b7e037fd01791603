"""The ASGI door: scopes as a server makes them, and applications driven without an event loop.

May not enter: which requests and sites (`cases`), how time is taken (`timing`).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from itertools import cycle, repeat
from typing import Any

from bench.outcomes import Answer, count_cookies
from bench.requests import Request
from bench.sites import Page
from bench.timing import Work
from cookieconsent.middleware.asgi import ASGIApp, Message, Receive, Scope, Send

Install = Callable[[ASGIApp], ASGIApp]

_SCOPE: dict[str, Any] = {
    "asgi": {"version": "3.0", "spec_version": "2.4"},
    "http_version": "1.1",
    "server": ("127.0.0.1", 8000),
    "client": ("127.0.0.1", 40000),
    "root_path": "",
    "query_string": b"page=2",
}


class NoOp:
    """The middleware that everything is measured against: it does nothing."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand everything on."""
        await self.app(scope, receive, send)


def application(page: Page) -> ASGIApp:
    """Return an application that answers with a page, reading nothing."""
    content_type, body, last = page.content_type, page.body, page.chunks - 1
    length = (b"content-length", str(len(body) * page.chunks).encode())

    async def app(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - ASGI's
        head = [(b"content-type", content_type), length, *page.headers]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": body})

    async def streaming(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001
        head = [(b"content-type", content_type), length, *page.headers]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        for _ in repeat(None, last):
            await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": "http.response.body", "body": body})

    return streaming if last else app


async def websocket_application(
    scope: Scope,  # noqa: ARG001 - ASGI's signature
    receive: Receive,  # noqa: ARG001
    send: Send,
) -> None:
    """Accept a connection and close it."""
    await send({"type": "websocket.accept", "headers": []})
    await send({"type": "websocket.close"})


async def receive() -> Message:
    """Receive an empty body."""
    return {"type": "http.request", "body": b"", "more_body": False}


async def send(message: Message) -> None:
    """Send into nothing."""


def scopes(request: Request) -> Callable[[], Scope]:
    """Return what makes a scope per call, with a new `Cookie` header each time.

    A server's bytes are new, so nothing may profit from a hash that was computed before.
    """
    secure = {"http": "https", "websocket": "wss"}[request.kind]
    path = request.path.encode()
    template = {**_SCOPE, "type": request.kind, "scheme": secure, "path": request.path}
    template["raw_path"] = path
    if request.kind == "http":
        template["method"] = "GET"
    headers = request.headers
    if request.fresh:
        pairs = [(bytearray(name), bytearray(value)) for name, value in headers]
        return lambda: {**template, "headers": [(bytes(n), bytes(v)) for n, v in pairs]}
    if not request.cookies:
        return lambda: {**template, "headers": [*headers]}
    turns = cycle([bytearray(cookie) for cookie in request.cookies])
    return lambda: {**template, "headers": [*headers, (b"cookie", bytes(next(turns)))]}


def work(app: ASGIApp, make_scope: Callable[[], Scope]) -> Work:
    """Return what runs an application so many times; it may wait for nothing."""

    def run(count: int) -> None:
        for _ in repeat(None, count):
            coroutine = app(make_scope(), receive, send)
            try:
                coroutine.send(None)  # type: ignore[attr-defined] # every door is an async def
            except StopIteration:
                continue
            raise RuntimeError("the application waits for an event loop")

    return run


def ready_work(app: ASGIApp, request: Request) -> Work:
    """Return what runs an application so many times on one and the same scope."""
    scope = scopes(request)()
    return work(app, lambda: scope)


def answer(install: Install, app: ASGIApp, request: Request) -> Answer:
    """Return what comes out of an installation, and which cookies the application saw."""
    seen: list[bytes] = []
    sent: list[Message] = []

    async def watched(scope: Scope, receive: Receive, send: Send) -> None:
        seen.extend(value for name, value in scope["headers"] if name == b"cookie")
        await app(scope, receive, send)

    async def keep(message: Message) -> None:
        sent.append(message)

    coroutine = install(watched)(scopes(request)(), receive, keep)
    with suppress(StopIteration):
        coroutine.send(None)  # type: ignore[attr-defined] # every door is an async def
    head = next(message for message in sent if "headers" in message)
    return Answer(
        status=head.get("status", 101),
        headers=list(head["headers"]),
        body=b"".join(message.get("body", b"") for message in sent),
        cookies=count_cookies(seen),
    )
