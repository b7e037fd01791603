"""The common site as Falcon has it, at the ASGI door."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import falcon
import falcon.asgi
from falcon.asgi import Request, Response, WebSocket

from cookieconsent import Config, consent_of
from cookieconsent.middleware.asgi import CookieConsentMiddleware

NAME = "Falcon (ASGI)"
DOOR = "asgi"
WEBSOCKET = True

FILES = Path(__file__).with_name("files")
PAGE = (
    "<!DOCTYPE html><html><head><title>Shop</title></head><body><p>analytics {}</p></body></html>"
)


def asked(req: Request) -> str:
    return "on" if consent_of(req).allows("analytics") else "off"


class Home:
    async def on_get(self, req: Request, resp: Response) -> None:
        resp.content_type = falcon.MEDIA_HTML
        resp.text = PAGE.format(asked(req))
        for name in ("sid", "basket", "_ga"):
            resp.set_cookie(name, "1", path="/")

    on_head = on_get


class Redirect:
    async def on_get(self, req: Request, resp: Response) -> None:
        resp.set_cookie("_ga", "1")
        resp.status = falcon.HTTP_302
        resp.location = "/"


class Error:
    async def on_get(self, req: Request, resp: Response) -> None:
        raise RuntimeError("the site's own mistake")


class Stream:
    async def on_get(self, req: Request, resp: Response) -> None:
        async def parts() -> AsyncIterator[bytes]:
            yield b"<!DOCTYPE html><html><head>"
            yield b"<title>Stream</title></head><body>"
            yield b"<p>streamed</p></body></html>"

        resp.content_type = falcon.MEDIA_HTML
        resp.stream = parts()


class Asks:
    async def on_get(self, req: Request, resp: Response) -> None:
        resp.content_type = falcon.MEDIA_TEXT
        resp.text = asked(req)


class Talk:
    async def on_websocket(self, req: Request, ws: WebSocket) -> None:
        await ws.accept()
        await ws.send_text(f"analytics {asked(req)}")
        await ws.close()


def application(config: Config) -> object:
    site = falcon.asgi.App()
    site.add_route("/", Home())
    site.add_route("/redirect", Redirect())
    site.add_route("/error", Error())
    site.add_route("/stream", Stream())
    site.add_route("/asks", Asks())
    site.add_route("/ws", Talk())
    site.add_static_route("/", FILES)
    # Falcon's type of a scope is narrower than a middleware's.
    return CookieConsentMiddleware(site, config)  # type: ignore[arg-type]
