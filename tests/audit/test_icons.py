"""The icon that browsers ask for behind a page."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from cookieconsent.audit.icons import without_icon
from cookieconsent.audit.visitor import AGENT

CASES = [
    # path, who asks, whether the application is asked
    ("/favicon.ico", b"Mozilla/5.0 Chrome/150", False),
    ("/favicon.ico", AGENT, True),
    ("/", b"Mozilla/5.0 Chrome/150", True),
    ("/shop/favicon.ico", b"Mozilla/5.0 Chrome/150", True),
]


@pytest.mark.parametrize(("path", "agent", "is_asked"), CASES)
def test_only_the_audit_itself_gets_the_icon_over_wsgi(
    path: str, agent: bytes, is_asked: bool
) -> None:
    def app(environ: Any, start: Any) -> list[bytes]:
        start("200 OK", [])
        return [b"it"]

    said: list[str] = []
    environ = {"PATH_INFO": path, "HTTP_USER_AGENT": agent.decode("latin-1")}
    body = without_icon(app, "WSGI")(environ, lambda status, headers: said.append(status))
    assert (said, b"".join(body)) == (["200 OK"], b"it") if is_asked else (["404 Not Found"], b"")


@pytest.mark.parametrize(("path", "agent", "is_asked"), CASES)
def test_only_the_audit_itself_gets_the_icon_over_asgi(
    path: str, agent: bytes, is_asked: bool
) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    said: list[Any] = []

    async def send(message: Any) -> None:
        said.append(message)

    scope = {"type": "http", "path": path, "headers": [(b"user-agent", agent)]}
    asyncio.run(without_icon(app, "ASGI")(scope, None, send))
    assert said[0]["status"] == (200 if is_asked else 404)
