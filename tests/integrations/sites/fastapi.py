"""The common site as FastAPI has it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

from fastapi import FastAPI, Request, WebSocket
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse, StreamingResponse
from fastapi.staticfiles import StaticFiles

from cookieconsent import Config, consent_of
from cookieconsent.integrations.fastapi import Consent
from cookieconsent.integrations.starlette import install

NAME = "FastAPI"
DOOR = "asgi"
WEBSOCKET = True

FILES = Path(__file__).with_name("files")
PAGE = """<!DOCTYPE html><html><head><title>Shop</title></head>
<body><p>analytics {}</p></body></html>"""


async def home(consent: Consent) -> HTMLResponse:
    response = HTMLResponse(PAGE.format("on" if consent.allows("analytics") else "off"))
    for name in ("sid", "basket", "_ga"):
        response.set_cookie(name, "1")
    return response


async def redirect() -> RedirectResponse:
    response = RedirectResponse("/", 302)
    response.set_cookie("_ga", "1")
    return response


async def error() -> None:
    raise RuntimeError("the site's own mistake")


async def stream() -> StreamingResponse:
    async def parts() -> AsyncIterator[str]:
        yield "<!DOCTYPE html><html><head>"
        yield "<title>Stream</title></head><body>"
        yield "<p>streamed</p></body></html>"

    return StreamingResponse(parts(), media_type="text/html")


async def asks(request: Request) -> str:
    return "on" if consent_of(request).allows("analytics") else "off"


async def talk(websocket: WebSocket, consent: Consent) -> None:
    await websocket.accept()
    await websocket.send_text(f"analytics {'on' if consent.allows('analytics') else 'off'}")
    await websocket.close()


def application(config: Config) -> object:
    app = FastAPI()
    app.api_route("/", methods=["GET", "HEAD"], response_class=HTMLResponse)(home)
    app.get("/redirect", response_model=None)(redirect)
    app.get("/error")(error)
    app.get("/stream", response_model=None)(stream)
    app.get("/asks", response_class=PlainTextResponse)(asks)
    app.websocket("/ws")(talk)
    app.mount("/", StaticFiles(directory=FILES))
    install(app, config)
    return app
