"""The common site without a framework, at the WSGI door."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from wsgiref.util import FileWrapper

from cookieconsent import Config, consent_of
from cookieconsent.middleware.wsgi import CookieConsentMiddleware

NAME = "Plain WSGI"
DOOR = "wsgi"
WEBSOCKET = False

FILES = Path(__file__).with_name("files")
PAGE = "<!DOCTYPE html><html><head><title>Shop</title></head><body><p>{}</p></body></html>"
STREAM = (
    b"<!DOCTYPE html><html><head>",
    b"<title>Stream</title></head><body>",
    b"<p>streamed</p></body></html>",
)
HTML, TEXT = "text/html; charset=utf-8", "text/plain; charset=utf-8"


def answer(environ: dict[str, Any]) -> tuple[str, list[tuple[str, str]], Iterable[bytes]]:
    """Return status, headers and body."""
    path = environ["PATH_INFO"]
    if path == "/":
        cookies = [("Set-Cookie", f"{name}=1; Path=/") for name in ("sid", "basket", "_ga")]
        page = PAGE.format(f"analytics {asks(environ)}").encode()
        return "200 OK", [("Content-Type", HTML), *cookies], [page]
    if path == "/redirect":
        return "302 Found", [("Location", "/"), ("Set-Cookie", "_ga=1; Path=/")], []
    if path == "/error":
        raise RuntimeError("the site's own mistake")
    if path == "/stream":
        return "200 OK", [("Content-Type", HTML)], iter(STREAM)
    if path == "/file.txt":
        file = (FILES / "file.txt").open("rb")
        return "200 OK", [("Content-Type", TEXT)], FileWrapper(file)
    if path == "/asks":
        return "200 OK", [("Content-Type", TEXT)], [asks(environ).encode()]
    return "404 Not Found", [("Content-Type", HTML)], [PAGE.format("Not found").encode()]


def asks(environ: dict[str, Any]) -> str:
    return "on" if consent_of(environ).allows("analytics") else "off"


def shop(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer a request."""
    status, headers, body = answer(environ)
    start_response(status, headers)
    return () if environ["REQUEST_METHOD"] == "HEAD" else body


def application(config: Config) -> object:
    return CookieConsentMiddleware(shop, config)
