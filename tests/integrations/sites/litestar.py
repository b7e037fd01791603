"""The common site as Litestar has it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from litestar import (
    HttpMethod,
    Litestar,
    MediaType,
    Request,
    Response,
    WebSocket,
    get,
    route,
    websocket,
)
from litestar.response import Redirect, Stream
from litestar.static_files import create_static_files_router

from cookieconsent import Config, consent_of
from cookieconsent.integrations.litestar import Consent, CookieConsentPlugin

NAME = "Litestar"
DOOR = "asgi"
WEBSOCKET = True

FILES = Path(__file__).with_name("files")
PAGE = """<!DOCTYPE html><html><head><title>Shop</title></head>
<body><p>analytics {}</p></body></html>"""


@route("/", http_method=[HttpMethod.GET, HttpMethod.HEAD], media_type=MediaType.HTML)
async def home(consent: Consent) -> Response[str]:
    response = Response(PAGE.format("on" if consent.allows("analytics") else "off"))
    for name in ("sid", "basket", "_ga"):
        response.set_cookie(name, "1")
    return response


@get("/redirect", status_code=302)
async def redirect() -> Redirect:
    response = Redirect("/", status_code=302)
    response.set_cookie("_ga", "1")
    return response


@get("/error")
async def error() -> None:
    raise RuntimeError("the site's own mistake")


@get("/stream", media_type=MediaType.HTML)
async def stream() -> Stream:
    async def parts() -> AsyncIterator[str]:
        yield "<!DOCTYPE html><html><head>"
        yield "<title>Stream</title></head><body>"
        yield "<p>streamed</p></body></html>"

    return Stream(parts())


@get("/asks", media_type=MediaType.TEXT)
async def asks(request: Request[Any, Any, Any]) -> str:
    return "on" if consent_of(request).allows("analytics") else "off"


@websocket("/ws")
async def talk(socket: WebSocket[Any, Any, Any], consent: Consent) -> None:
    await socket.accept()
    await socket.send_text(f"analytics {'on' if consent.allows('analytics') else 'off'}")
    await socket.close()


def application(config: Config) -> object:
    static = create_static_files_router("/", directories=[FILES])
    return Litestar(
        [home, redirect, error, stream, asks, talk, static],
        plugins=[CookieConsentPlugin(config)],
    )
