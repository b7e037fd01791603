"""The common site as Starlette has it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import jinja2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import (
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates
from starlette.websockets import WebSocket

from cookieconsent import Config, consent_of
from cookieconsent.integrations.starlette import consent_context, install

NAME = "Starlette"
DOOR = "asgi"
WEBSOCKET = True

FILES = Path(__file__).with_name("files")
PAGE = """<!DOCTYPE html><html><head><title>Shop</title></head>
<body><p>analytics {{ "on" if consent.allows("analytics") else "off" }}</p></body></html>"""

templates = Jinja2Templates(
    env=jinja2.Environment(loader=jinja2.DictLoader({"page.html": PAGE}), autoescape=True),
    context_processors=[consent_context],
)


async def home(request: Request) -> Response:
    response = templates.TemplateResponse(request, "page.html")
    for name in ("sid", "basket", "_ga"):
        response.set_cookie(name, "1")
    return response


async def redirect(request: Request) -> Response:
    response = RedirectResponse("/", 302)
    response.set_cookie("_ga", "1")
    return response


async def error(request: Request) -> Response:
    raise RuntimeError("the site's own mistake")


async def stream(request: Request) -> Response:
    async def parts() -> AsyncIterator[str]:
        yield "<!DOCTYPE html><html><head>"
        yield "<title>Stream</title></head><body>"
        yield "<p>streamed</p></body></html>"

    return StreamingResponse(parts(), media_type="text/html")


async def asks(request: Request) -> Response:
    return PlainTextResponse("on" if consent_of(request).allows("analytics") else "off")


async def talk(websocket: WebSocket) -> None:
    await websocket.accept()
    allowed = consent_of(websocket).allows("analytics")
    await websocket.send_text(f"analytics {'on' if allowed else 'off'}")
    await websocket.close()


def application(config: Config) -> object:
    app = Starlette(
        routes=[
            Route("/", home),
            Route("/redirect", redirect),
            Route("/error", error),
            Route("/stream", stream),
            Route("/asks", asks),
            WebSocketRoute("/ws", talk),
            Mount("/", StaticFiles(directory=FILES)),
        ]
    )
    install(app, config)
    return app
