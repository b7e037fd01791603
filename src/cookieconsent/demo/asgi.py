"""The shop's ASGI door: a Starlette application in the middleware in the recorder.

May not enter: pages, cookies.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.requests import Request as StarletteRequest
from starlette.responses import Response as StarletteResponse
from starlette.responses import StreamingResponse
from starlette.routing import Mount

from cookieconsent import consent_of
from cookieconsent.demo.record import RECORD_KEY, AsgiRecorder
from cookieconsent.demo.shop import MAX_FORM_OCTETS, Request, Response, Shop
from cookieconsent.middleware.asgi import (
    ASGIApp,
    CookieConsentMiddleware,
    Receive,
    Scope,
    Send,
)


def application(shop: Shop) -> ASGIApp:
    """Return the shop as an ASGI application."""
    inner = Starlette(routes=[Mount("/", app=_Counter(shop))])
    return AsgiRecorder(CookieConsentMiddleware(inner, config=shop.config), shop.trail)


class _Counter:
    """Where requests are handed over to the shop; every path and every method is the shop's."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        asked = StarletteRequest(scope, receive)
        response = self._shop.respond(
            Request(
                method=asked.method,
                path=scope["path"],
                cookie=asked.headers.get("cookie", ""),
                form=await _read(asked),
                consent=consent_of(asked),
                signal=asked.headers.get("sec-gpc") == "1",
                secure=scope["scheme"] == "https",
                record=scope[RECORD_KEY],
            )
        )
        answer: StarletteResponse = (
            StarletteResponse(response.body, response.status)
            if response.tail is None
            else StreamingResponse(_parts(response), response.status)
        )
        answer.raw_headers = [
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for name, value in response.headers
        ]
        await answer(scope, receive, send)


async def _parts(response: Response) -> AsyncIterator[bytes]:
    for part in response.parts():  # in this thread: they are made in microseconds
        yield part


async def _read(asked: StarletteRequest) -> bytes:
    """Return the body of a form; nothing where it is larger than any form of ours."""
    body = b""
    try:
        async for chunk in asked.stream():
            body += chunk
            if len(body) > MAX_FORM_OCTETS:
                return b""
    except ClientDisconnect:
        return b""
    return body
