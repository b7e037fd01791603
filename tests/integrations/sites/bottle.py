"""The common site as Bottle has it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bottle import Bottle, redirect, request, response, static_file

from cookieconsent import Config, consent_of
from cookieconsent.middleware.wsgi import CookieConsentMiddleware

NAME = "Bottle"
DOOR = "wsgi"
WEBSOCKET = False

FILES = Path(__file__).with_name("files")
PAGE = (
    "<!DOCTYPE html><html><head><title>Shop</title></head><body><p>analytics {}</p></body></html>"
)


def home() -> str:
    for name in ("sid", "basket", "_ga"):
        response.set_cookie(name, "1", path="/")
    return PAGE.format(asks())


def away() -> None:
    response.set_cookie("_ga", "1")
    redirect("/", 302)


def error() -> None:
    raise RuntimeError("the site's own mistake")


def stream() -> Iterator[str]:
    yield "<!DOCTYPE html><html><head>"
    yield "<title>Stream</title></head><body>"
    yield "<p>streamed</p></body></html>"


def asks() -> str:
    return "on" if consent_of(request).allows("analytics") else "off"


def asks_as_text() -> str:
    response.content_type = "text/plain"
    return asks()


def file() -> Any:
    return static_file("file.txt", root=FILES)


def application(config: Config) -> object:
    site = Bottle()
    site.route("/", callback=home)
    site.route("/redirect", callback=away)
    site.route("/error", callback=error)
    site.route("/stream", callback=stream)
    site.route("/asks", callback=asks_as_text)
    site.route("/file.txt", callback=file)
    return CookieConsentMiddleware(site, config)
