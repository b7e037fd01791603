"""The common site as Falcon has it, at the WSGI door."""

from __future__ import annotations

from pathlib import Path

import falcon
from falcon import Request, Response

from cookieconsent import Config, consent_of
from cookieconsent.middleware.wsgi import CookieConsentMiddleware

NAME = "Falcon (WSGI)"
DOOR = "wsgi"
WEBSOCKET = False

FILES = Path(__file__).with_name("files")
PAGE = (
    "<!DOCTYPE html><html><head><title>Shop</title></head><body><p>analytics {}</p></body></html>"
)
STREAM = (
    b"<!DOCTYPE html><html><head>",
    b"<title>Stream</title></head><body>",
    b"<p>streamed</p></body></html>",
)


def asked(req: Request) -> str:
    return "on" if consent_of(req).allows("analytics") else "off"


class Home:
    def on_get(self, req: Request, resp: Response) -> None:
        resp.content_type = falcon.MEDIA_HTML
        resp.text = PAGE.format(asked(req))
        for name in ("sid", "basket", "_ga"):
            resp.set_cookie(name, "1", path="/")

    on_head = on_get


class Redirect:
    def on_get(self, req: Request, resp: Response) -> None:
        resp.set_cookie("_ga", "1")
        resp.status = falcon.HTTP_302
        resp.location = "/"


class Error:
    def on_get(self, req: Request, resp: Response) -> None:
        raise RuntimeError("the site's own mistake")


class Stream:
    def on_get(self, req: Request, resp: Response) -> None:
        resp.content_type = falcon.MEDIA_HTML
        resp.stream = iter(STREAM)


class Asks:
    def on_get(self, req: Request, resp: Response) -> None:
        resp.content_type = falcon.MEDIA_TEXT
        resp.text = asked(req)


def application(config: Config) -> object:
    site = falcon.App()
    site.add_route("/", Home())
    site.add_route("/redirect", Redirect())
    site.add_route("/error", Error())
    site.add_route("/stream", Stream())
    site.add_route("/asks", Asks())
    site.add_static_route("/", FILES)
    return CookieConsentMiddleware(site, config)
