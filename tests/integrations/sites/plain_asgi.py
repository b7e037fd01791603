"""The common site without a framework, at the ASGI door."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cookieconsent import Config, consent_of
from cookieconsent.middleware.asgi import CookieConsentMiddleware

NAME = "Plain ASGI"
DOOR = "asgi"
WEBSOCKET = True

FILES = Path(__file__).with_name("files")
PAGE = "<!DOCTYPE html><html><head><title>Shop</title></head><body><p>{}</p></body></html>"
STREAM = (
    b"<!DOCTYPE html><html><head>",
    b"<title>Stream</title></head><body>",
    b"<p>streamed</p></body></html>",
)
HTML, TEXT = b"text/html; charset=utf-8", b"text/plain; charset=utf-8"


def answer(scope: Any) -> tuple[int, list[tuple[bytes, bytes]], Iterable[bytes]]:
    """Return status, headers and body."""
    path = scope["path"].removeprefix(scope["root_path"])
    if path == "/":
        cookies = [(b"set-cookie", b"%s=1; Path=/" % name) for name in (b"sid", b"basket", b"_ga")]
        page = PAGE.format(f"analytics {asks(scope)}").encode()
        return 200, [(b"content-type", HTML), *cookies], [page]
    if path == "/redirect":
        return 302, [(b"location", b"/"), (b"set-cookie", b"_ga=1; Path=/")], [b""]
    if path == "/error":
        raise RuntimeError("the site's own mistake")
    if path == "/stream":
        return 200, [(b"content-type", HTML)], STREAM
    if path == "/file.txt":
        return 200, [(b"content-type", TEXT)], [(FILES / "file.txt").read_bytes()]
    if path == "/asks":
        return 200, [(b"content-type", TEXT)], [asks(scope).encode()]
    return 404, [(b"content-type", HTML)], [PAGE.format("Not found").encode()]


def asks(scope: Any) -> str:
    return "on" if consent_of(scope).allows("analytics") else "off"


async def shop(scope: Any, receive: Any, send: Any) -> None:
    """Answer a request, or talk."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": f"analytics {asks(scope)}"})
        await send({"type": "websocket.close"})
        return
    assert scope["type"] == "http"
    status, headers, body = answer(scope)
    await send({"type": "http.response.start", "status": status, "headers": headers})
    for part in () if scope["method"] == "HEAD" else body:
        await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body"})


def application(config: Config) -> object:
    return CookieConsentMiddleware(shop, config)
