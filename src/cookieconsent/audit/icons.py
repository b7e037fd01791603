"""An application that a browser does not bother for its icon.

Chromium asks for `/favicon.ico` behind every page, also after the visitor has gone on; what comes of it
then would be held against a later answer. What an audit asks beside the pages, the icon among it, is
let through.
May not enter: which files are asked for (`files`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from cookieconsent.audit.files import ICON
from cookieconsent.audit.visitor import AGENT
from cookieconsent.core.protocol import Door


def without_icon(app: Any, protocol: Door) -> Callable[..., Any]:  # noqa: ANN401 - an application
    """Return an application of the same protocol that has no icon for browsers."""
    return _asgi(app) if protocol == "ASGI" else _wsgi(app)


def _wsgi(app: Callable[..., Any]) -> Callable[..., Any]:
    def call(environ: dict[str, Any], start_response: Callable[..., Any]) -> object:
        agent = str(environ.get("HTTP_USER_AGENT", "")).encode("latin-1", "replace")
        if environ.get("PATH_INFO") != ICON or agent == AGENT:
            return app(environ, start_response)
        start_response("404 Not Found", [("Content-Length", "0")])
        return []

    return call


def _asgi(app: Callable[..., Awaitable[None]]) -> Callable[..., Any]:
    async def call(scope: dict[str, Any], receive: object, send: Callable[..., Any]) -> None:
        is_icon = scope["type"] == "http" and scope.get("path") == ICON
        if not is_icon or (b"user-agent", AGENT) in scope["headers"]:
            await app(scope, receive, send)
            return
        head = {
            "type": "http.response.start",
            "status": 404,
            "headers": [(b"content-length", b"0")],
        }
        await send(head)
        await send({"type": "http.response.body", "body": b""})

    return call
