"""A small shop behind either door, served on loopback for a real browser.

Both applications give the same answers, and every page tries to set analytics cookies.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from cookieconsent import Config, Cookie
from cookieconsent.engine.events import ChoiceEvent, Outcome
from cookieconsent.middleware.asgi import CookieConsentMiddleware as AsgiConsent
from cookieconsent.middleware.wsgi import CookieConsentMiddleware as WsgiConsent

if TYPE_CHECKING:
    from starlette.requests import Request

Door: TypeAlias = Literal["asgi", "wsgi"]
Page: TypeAlias = tuple[list[tuple[str, str]], str]

PATIENCE: Final = 30.0
"""Seconds that a server may take to start or stop."""

DECLARED: Final = (
    Cookie("_ga", "analytics", purpose="Counts visits", provider="Google", lifetime="2 years"),
    Cookie("_ga_*", "analytics", purpose="Keeps a visit", provider="Google", lifetime="2 years"),
    Cookie("player", "media", purpose="Volume", provider="Film House", lifetime="1 year"),
)
ANALYTICS: Final = (
    "_ga=GA1.1.1; Path=/; Max-Age=34560000",
    "_ga_ABC123=GS1.1.1; Path=/; Max-Age=34560000; HttpOnly",
    "player=loud; Path=/; Max-Age=31536000",
)
"""What every page tries to set."""

_DOCUMENT = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Shop</title>
<link rel="stylesheet" href="/site.css">
</head>
<body>
<header id="header"><h1>The shop</h1></header>
<main id="content">
<p>Shoes, ships and sealing wax. <a id="next" href="/second?of=2&amp;a=b">The next page</a></p>
{extra}
</main>
</body>
</html>
"""
_STYLE = """
body { margin: 0; font: 1rem/1.5 Georgia, serif; color: #222; background: #fff }
#header { background: #e8e2d4; padding: .5rem 1rem }
#content { padding: 1rem }
a { color: #064 }
"""
_FILM = """<form method="post" action="/cookie-consent">
<input type="hidden" name="class" value="media"><input type="hidden" name="next" value="/film">
<button id="show" name="choice" value="grant">Show the film</button></form>"""
_BARE_POLICY: Final = "default-src 'none'; form-action 'self'"
STRICT_POLICY: Final = "default-src 'none'; style-src 'self'; form-action 'self'"


def _page(*headers: tuple[str, str], extra: str = "") -> Page:
    return [("Content-Type", "text/html; charset=utf-8"), *headers], _DOCUMENT.format(extra=extra)


PAGES: Final[Mapping[str, Page]] = {
    "/": _page(),
    "/second": _page(),
    "/shoes/red": _page(),
    "/login": _page(("Set-Cookie", "sessionid=alice; Path=/; HttpOnly; SameSite=Lax")),
    "/film": _page(extra=_FILM),
    "/strict": _page(("Content-Security-Policy", STRICT_POLICY)),
    "/discreet": _page(("Referrer-Policy", "no-referrer")),
    "/bare": ([("Content-Type", "text/html"), ("Content-Security-Policy", _BARE_POLICY)], "<p>Hi"),
    "/site.css": ([("Content-Type", "text/css")], _STYLE),
    "/favicon.ico": ([("Content-Type", "image/x-icon")], ""),
}


@dataclass(slots=True)
class Shop:
    """One shop that is open."""

    door: Door
    port: int
    cookies: list[tuple[str, str]] = field(default_factory=list)
    """Paths and `Cookie` headers that reached the application, empty where there was none."""
    outcomes: list[Outcome] = field(default_factory=list)
    choices: list[ChoiceEvent] = field(default_factory=list)
    set_cookies: list[str] = field(default_factory=lambda: list(ANALYTICS))
    """What every page sets now."""

    def url(self, path: str = "/", host: str = "localhost") -> str:
        """Return the address of a page."""
        return f"http://{host}:{self.port}{path}"

    def respond(self, path: str, cookie: str) -> tuple[int, list[tuple[str, str]], bytes]:
        """Answer one request, the same for both doors."""
        self.cookies.append((path, cookie))
        found = PAGES.get(path)
        status, (headers, body) = (200, found) if found else (404, _page(extra="Nothing here"))
        if "text/html" in headers[0][1]:  # not the icon, which browsers fetch when they like
            headers = [*headers, *(("Set-Cookie", line) for line in self.set_cookies)]
        return status, headers, body.encode()

    def names_at(self, path: str) -> set[str]:
        """Return the names of the cookies that reached a page last."""
        header = [cookie for at, cookie in self.cookies if at == path][-1]
        return {part.partition("=")[0].strip() for part in header.split(";")} - {""}


def _starlette(shop: Shop) -> Starlette:
    async def endpoint(request: Request) -> Response:
        status, headers, body = shop.respond(request.url.path, request.headers.get("cookie", ""))
        response = Response(body, status)
        response.raw_headers += [(k.lower().encode(), v.encode()) for k, v in headers]
        return response

    return Starlette(routes=[Route("/{path:path}", endpoint)])


def _wsgi(shop: Shop) -> Callable[[dict[str, Any], Any], Iterable[bytes]]:
    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        status, headers, body = shop.respond(environ["PATH_INFO"], environ.get("HTTP_COOKIE", ""))
        length = ("Content-Length", str(len(body)))
        start_response("200 OK" if status == 200 else "404 Not Found", [*headers, length])
        return [body]

    return application


class _ThreadedServer(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def server_bind(self) -> None:
        # The standard one looks its own name up, which may take seconds.
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "localhost", self.server_address[1]
        self.setup_environ()


class _QuietHandler(WSGIRequestHandler):
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
        """Say nothing."""


@contextmanager
def open_shop(door: Door, **options: Any) -> Iterator[Shop]:
    """Serve a shop on a free port of loopback.

    Args:
        door: Which kind of application and middleware.
        options: `Config` fields beside the secret.
    """
    shop = Shop(door, 0)
    fields: dict[str, Any] = {
        "secret_key": "a secret of the tests, long enough to sign",
        "cookies": DECLARED,
        "on_outcome": shop.outcomes.append,
        "on_choice": shop.choices.append,
        **options,
    }
    config = Config(**fields)
    server = (
        serve_asgi(AsgiConsent(_starlette(shop), config=config))
        if door == "asgi"
        else serve_wsgi(WsgiConsent(_wsgi(shop), config=config))
    )
    with server as shop.port:
        yield shop
    assert all(outcome.reason != "failure" for outcome in shop.outcomes)


@contextmanager
def serve_asgi(app: Any) -> Iterator[int]:
    """Serve an ASGI application in a thread, and give its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(PATIENCE)


@contextmanager
def serve_wsgi(app: Any) -> Iterator[int]:
    """Serve a WSGI application in a thread, and give its port."""
    with _ThreadedServer(("127.0.0.1", 0), _QuietHandler) as server:
        server.set_app(app)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join(PATIENCE)
