"""One small shop behind either door, and a client of every kind that walks into it.

Each kind says how it visits and how it sends a form; the tests are the same for all.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from cookieconsent import Config, Cookie
from cookieconsent.middleware.asgi import CookieConsentMiddleware as AsgiConsent
from cookieconsent.middleware.wsgi import CookieConsentMiddleware as WsgiConsent

if TYPE_CHECKING:
    from starlette.requests import Request

SECRET: Final = "a secret of the tests, long enough to sign"
DECLARED: Final = (
    Cookie("_ga", "analytics", purpose="Counts visits", provider="Google", lifetime="2 years"),
    Cookie("player", "media", purpose="Volume", provider="Film House", lifetime="1 year"),
)
LINES: Final = ("_ga=1; Path=/", "player=loud; Path=/", "sessionid=alice; Path=/; HttpOnly")
"""What every page sets."""
HTML: Final = {"Accept": "text/html"}


def config_of(**options: Any) -> Config:
    """Return the shop's configuration."""
    return Config(**{"secret_key": SECRET, "cookies": DECLARED, **options})


class Client:
    """A client, whatever its kind."""

    def __init__(self, client: Any, app: Any) -> None:
        self.client = client
        self.app = app
        """The wrapped application, as a site has it."""

    def get(self, path: str = "/", headers: dict[str, str] | None = None) -> Any:
        """Visit a page and return the client's own response."""
        return self.client.get(path, headers=HTML | (headers or {}))

    def post(self, choice: str) -> Any:
        """Answer with the shop's form; redirects are not followed."""
        raise NotImplementedError

    def text(self, response: Any) -> str:
        """Return a page's text."""
        return str(response.text)


def pages(cookie: str) -> str:
    """Return what a page of the shop shows: the names of the cookies that reached it."""
    names = sorted(part.partition("=")[0].strip() for part in cookie.split(";") if part)
    return f"<h1>Shop</h1><p>came: {' '.join(names)}</p>"


def wsgi_shop(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Answer one request."""
    headers = [("Content-Type", "text/html"), *(("Set-Cookie", line) for line in LINES)]
    start_response("200 OK", headers)
    return [pages(environ.get("HTTP_COOKIE", "")).encode()]


# --- the kinds ------------------------------------------------------------------------------------


class WebTest(Client):
    """WebTest's `TestApp`."""

    def post(self, choice: str) -> Any:
        return self.client.post(
            "/cookie-consent", {"choice": choice}, headers={"Sec-Fetch-Site": "same-origin"}
        )


@contextmanager
def webtest(config: Config | None) -> Iterator[Client]:
    from webtest import TestApp

    app: Any = wsgi_shop if config is None else WsgiConsent(wsgi_shop, config)
    yield WebTest(TestApp(app), app)


class Starlette(Client):
    """Starlette's `TestClient`."""

    def post(self, choice: str) -> Any:
        return self.client.post(
            "/cookie-consent",
            data={"choice": choice},
            headers={"Sec-Fetch-Site": "same-origin"},
            follow_redirects=False,
        )


@contextmanager
def starlette(config: Config | None) -> Iterator[Client]:
    from starlette.applications import Starlette as App
    from starlette.responses import HTMLResponse
    from starlette.routing import Route
    from starlette.testclient import TestClient

    async def page(request: Request) -> HTMLResponse:
        response = HTMLResponse(pages(request.headers.get("cookie", "")))
        response.raw_headers += [(b"set-cookie", line.encode()) for line in LINES]
        return response

    app = App(routes=[Route("/", page)])
    if config is not None:
        app.add_middleware(AsgiConsent, config=config)
    yield Starlette(TestClient(app), app)


class Flask(Client):
    """Flask's test client."""

    def post(self, choice: str) -> Any:
        return self.client.post(
            "/cookie-consent", data={"choice": choice}, headers={"Sec-Fetch-Site": "same-origin"}
        )


@contextmanager
def flask(config: Config | None) -> Iterator[Client]:
    from flask import Flask as App
    from flask import Response, request

    app = App("shop")

    @app.route("/")
    def page() -> Response:
        response = Response(pages(request.headers.get("Cookie", "")))
        for line in LINES:
            response.headers.add("Set-Cookie", line)
        return response

    if config is not None:
        app.wsgi_app = WsgiConsent(app.wsgi_app, config)  # type: ignore[method-assign]
    yield Flask(app.test_client(), app)


class Django(Client):
    """Django's test client."""

    def post(self, choice: str) -> Any:
        # Left to itself this client sends multipart/form-data, which no browser does with our form.
        return self.client.post(
            "/cookie-consent",
            f"choice={choice}",
            content_type="application/x-www-form-urlencoded",
            headers={"Sec-Fetch-Site": "same-origin"},
        )

    def text(self, response: Any) -> str:
        return str(response.content.decode())


@contextmanager
def django(config: Config | None) -> Iterator[Client]:
    """A project without files; its client goes through the middleware where there is one."""
    import django as package
    from django.conf import settings
    from django.http import HttpResponse
    from django.test import Client as TestClient
    from django.test import override_settings
    from django.urls import path

    if not settings.configured:
        settings.configure()

    def page(request: Any) -> HttpResponse:
        response = HttpResponse(pages(request.headers.get("Cookie", "")))
        for line in LINES:
            name, _, value = line.partition(";")[0].partition("=")
            response.set_cookie(name, value)
        return response

    urls = ModuleType("shop_urls")
    urls.urlpatterns = [path("", page)]  # type: ignore[attr-defined]
    sys.modules[urls.__name__] = urls
    chosen = {"ALLOWED_HOSTS": ["*"], "MIDDLEWARE": []}
    with override_settings(ROOT_URLCONF=urls.__name__, **chosen):
        package.setup()
        client, app = TestClient(), None
        if config is not None:
            client.handler, app = _through(config, client.handler)
        yield Django(client, app)
    del sys.modules[urls.__name__]


def _through(config: Config, handler: Any) -> tuple[Callable[[Any], Any], WsgiConsent]:
    """Return a handler for Django's client that goes through the middleware, as servers do."""
    from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
    from django.http import HttpResponse

    app = WsgiConsent(WSGIHandler(), config)

    def answer(environ: dict[str, Any]) -> HttpResponse:
        head: list[Any] = []

        def start_response(*said: Any) -> Callable[[bytes], None]:
            head.extend(said)
            return head.append

        request = WSGIRequest(dict(environ))
        body = app({"wsgi.errors": sys.stderr, **environ}, start_response)
        response = HttpResponse(b"".join(body), status=int(head[0].split()[0]))
        for name, value in head[1]:
            if name.lower() == "set-cookie":
                response.cookies.load(value)
            else:
                response.headers[name] = value
        response.wsgi_request = request
        return response

    return answer, app


KINDS: Final = {"webtest": webtest, "starlette": starlette, "flask": flask, "django": django}
