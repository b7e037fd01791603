"""The audit in process: how many page views a second, over all states, of a site of fifty pages.

May not enter: what the audit finds.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import Any

from cookieconsent.audit.plan import Plan
from cookieconsent.audit.run import audit
from cookieconsent.audit.site import Site
from cookieconsent.engine.config import Config
from cookieconsent.middleware import asgi, wsgi
from cookieconsent.observation.answer import Client
from cookieconsent.observation.asgi import AsgiClient
from cookieconsent.observation.wsgi import WsgiClient

PAGES = 50
_LINKS = "".join(
    f'<li><a href="/page/{number}">Page {number}</a> of the shop</li>' for number in range(PAGES)
)
_BODY = (
    "<!DOCTYPE html><html lang=en><head><meta charset=utf-8><title>Shop</title></head>"
    f"<body><main><h1>Shop</h1><ul>{_LINKS}</ul></main></body></html>"
).encode()
_LINES = (
    "sessionid=1; Path=/; Secure; HttpOnly; SameSite=Lax",
    "_ga=1; Max-Age=34000000; Path=/; Secure",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRate:
    """How fast an audit is."""

    name: str
    views: int
    """Requests in all states together."""
    seconds: float

    @property
    def rate(self) -> float:
        """Views a second."""
        return self.views / self.seconds


def audits(rounds: int) -> list[AuditRate]:
    """Return the fastest of several audits through each door."""
    config = Config(secret_key=secrets.token_urlsafe(32))
    site = Site(config=config, registry=config.registry, has_secret=True)
    return [
        min((_timed(name, site) for _ in range(rounds)), key=lambda found: found.seconds)
        for name in ("WSGI", "ASGI")
    ]


def _client(name: str, config: Config) -> Client:
    if name == "WSGI":
        return WsgiClient(wsgi.CookieConsentMiddleware(_wsgi, config))
    return AsgiClient(asgi.CookieConsentMiddleware(_asgi, config))


def _timed(name: str, site: Site) -> AuditRate:
    assert site.config is not None  # noqa: S101 - given above
    client = _client(name, site.config)
    plan = Plan(
        target="bench",
        mode="wsgi" if name == "WSGI" else "asgi",
        base="https://localhost/",
        site=site,
        client=client,
    )
    start = time.perf_counter()
    report = audit(plan)
    seconds = time.perf_counter() - start
    return AuditRate(name=name, views=sum(row.pages for row in report.states), seconds=seconds)


def _wsgi(environ: dict[str, Any], start_response: Any) -> list[bytes]:  # noqa: ANN401, ARG001
    headers = [("Content-Type", "text/html; charset=utf-8")]
    start_response("200 OK", [*headers, *(("Set-Cookie", line) for line in _LINES)])
    return [_BODY]


async def _asgi(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401
    if scope["type"] == "lifespan":
        for _ in range(2):
            await send({"type": (await receive())["type"] + ".complete"})
        return
    headers = [(b"content-type", b"text/html; charset=utf-8")]
    headers += [(b"set-cookie", line.encode("ascii")) for line in _LINES]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": _BODY})
