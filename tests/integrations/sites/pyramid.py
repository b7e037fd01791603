"""The common site as Pyramid has it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPFound
from pyramid.response import Response

from cookieconsent import Config, consent_of

NAME = "Pyramid"
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


def home(request: Any) -> Response:
    allowed = request.cookieconsent.allows("analytics")
    response = Response(PAGE.format("on" if allowed else "off"))
    for name in ("sid", "basket", "_ga"):
        response.set_cookie(name, "1")
    return response


def redirect(request: Any) -> Response:
    response = HTTPFound("/")
    response.set_cookie("_ga", "1")
    return response


def error(request: Any) -> Response:
    raise RuntimeError("the site's own mistake")


def stream(request: Any) -> Response:
    return Response(app_iter=iter(STREAM), content_type="text/html", charset="utf-8")


def asks(request: Any) -> Response:
    allowed = consent_of(request).allows("analytics")
    return Response("on" if allowed else "off", content_type="text/plain")


def application(config: Config) -> object:
    site = Configurator(settings={"cookieconsent.config": config})
    site.include("cookieconsent.integrations.pyramid")
    views = {"/": home, "/redirect": redirect, "/error": error, "/stream": stream, "/asks": asks}
    for path, view in views.items():
        site.add_route(view.__name__, path)
        site.add_view(view, route_name=view.__name__)
    site.add_static_view("/", str(FILES))
    return site.make_wsgi_app()
