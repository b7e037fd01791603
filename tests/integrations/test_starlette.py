"""Starlette and FastAPI applications: every way to put the door around them, and templates."""

from __future__ import annotations

import asyncio
import gzip
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import jinja2
import pytest
import uvicorn
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.templating import Jinja2Templates
from starlette.testclient import TestClient
from uvicorn.lifespan.on import LifespanOn

from cookieconsent import Config, ConfigError, Cookie, NotInstalledError
from cookieconsent.integrations.starlette import consent_context, install
from cookieconsent.middleware.asgi import CookieConsentMiddleware
from doors import NAVIGATION, SECRET, Visitor, banners
from oracles.drivers import Exchange, run_asgi
from pages import Written

PAGE = "<!DOCTYPE html><html><body><h1>Shop</h1></body></html>"
BROWSER = {name.decode(): value.decode() for name, value in NAVIGATION}
Made = Callable[..., Starlette]


async def home(request: Request) -> Response:
    return HTMLResponse(PAGE)


async def broken(request: Request) -> Response:
    raise RuntimeError


async def sorry(request: Request, error: Exception) -> Response:
    return HTMLResponse("<h1>Sorry</h1>", 500, {"set-cookie": "_ga=1"})


def routes() -> list[Route]:
    return [Route("/", home), Route("/broken", broken)]


def by_installing(kind: type[Starlette], **options: Any) -> Starlette:
    app = kind(routes=routes(), exception_handlers={Exception: sorry})
    install(app, **options)
    return app


def by_adding(kind: type[Starlette], **options: Any) -> Starlette:
    app = kind(routes=routes(), exception_handlers={Exception: sorry})
    app.add_middleware(CookieConsentMiddleware, **options)
    return app


def by_naming(kind: type[Starlette], **options: Any) -> Starlette:
    named = [Middleware(CookieConsentMiddleware, **options)]
    return kind(routes=routes(), exception_handlers={Exception: sorry}, middleware=named)


EVERY_WAY = pytest.mark.parametrize("make", [by_installing, by_adding, by_naming])
BOTH_KINDS = pytest.mark.parametrize("kind", [Starlette, FastAPI])


# --- the door -------------------------------------------------------------------------------------


@EVERY_WAY
@BOTH_KINDS
def test_visitor_is_asked_and_answers(make: Made, kind: type[Starlette]) -> None:
    visitor = Visitor(Written(make(kind, config=Config(secret_key=SECRET)), "asgi"))
    visitor.visit()
    assert banners(visitor.page) == 1
    visitor.choose("accept")
    assert visitor.sees == "settings"
    assert visitor.visit("/nowhere").status == 404


@EVERY_WAY
@BOTH_KINDS
def test_unhandled_error_page_needs_install(make: Made, kind: type[Starlette]) -> None:
    app = make(kind, secret_key=SECRET)
    client = TestClient(app, raise_server_exceptions=False, headers=BROWSER)
    answer = client.get("/broken")
    covered = make is by_installing
    assert answer.status_code == 500
    assert banners(answer.content) == covered
    assert ("_ga=1" in answer.headers.get_list("set-cookie")) != covered


def test_application_stays_the_object_it_is() -> None:
    begun = []

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        begun.append(app)
        yield

    app = Starlette(routes=routes(), lifespan=lifespan)
    install(app, secret_key=SECRET)
    app.add_route("/later", home)
    with TestClient(app, headers=BROWSER) as client:
        assert banners(client.get("/later").content) == 1
    assert begun == [app]
    assert app.url_path_for("home") == "/"


def test_added_middleware_stays_inside() -> None:
    """A session's cookie is filtered, whichever was called first."""

    class Tracks:
        def __init__(self, app: Any) -> None:
            self.app = app

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            async def tracked(message: Any) -> None:
                if message["type"] == "http.response.start":
                    message["headers"] = [*message["headers"], (b"set-cookie", b"_ga=1")]
                await send(message)

            await self.app(scope, receive, tracked)

    app = by_installing(Starlette, secret_key=SECRET)
    app.add_middleware(Tracks)
    assert run_asgi(app, Exchange(headers=NAVIGATION)).values(b"set-cookie") == []


@pytest.mark.parametrize(
    ("name", "cookies", "kept"),
    [
        ("session", [], True),
        ("ours", [], False),
        ("ours", [Cookie("ours", "authentication")], True),
    ],
)
def test_session_of_another_name_must_be_declared(
    name: str, cookies: list[Cookie], kept: bool
) -> None:
    async def sign_in(request: Request) -> Response:
        request.session["user"] = 1
        return HTMLResponse(PAGE)

    app = Starlette(routes=[Route("/", sign_in)])
    app.add_middleware(SessionMiddleware, secret_key=SECRET, session_cookie=name)
    install(app, secret_key=SECRET, cookies=cookies)
    lines = run_asgi(app, Exchange(headers=NAVIGATION)).values(b"set-cookie")
    assert [line.partition(b"=")[0] for line in lines] == [name.encode()] * kept


@pytest.mark.parametrize("outside", [True, False])
def test_compressor_outside_compresses_the_settings_element(outside: bool) -> None:
    app = Starlette(routes=routes())
    compressor = Middleware(GZipMiddleware, minimum_size=1)
    if outside:
        install(app, secret_key=SECRET, outside=[compressor])
    else:
        install(app, secret_key=SECRET)
        app.add_middleware(GZipMiddleware, minimum_size=1)
    visitor = Visitor(Written(app, "asgi"))
    visitor.visit()
    visitor.choose("reject")
    answer = visitor.visit("/", [(b"accept-encoding", b"gzip")])
    assert answer.values(b"content-encoding") == [b"gzip"]
    assert (b"cookieconsent-settings" in gzip.decompress(answer.body)) == outside


# --- mistakes -------------------------------------------------------------------------------------


async def bare(scope: Any, receive: Any, send: Any) -> None: ...


def started() -> Starlette:
    app = Starlette(routes=routes())
    run_asgi(app, Exchange(headers=NAVIGATION))
    return app


def installed() -> Starlette:
    app = Starlette(routes=routes())
    install(app, secret_key=SECRET)
    return app


MISTAKES: list[tuple[Callable[[], Any], dict[str, Any], str]] = [
    (Starlette, {}, r"secret_key: there is none"),
    (Starlette, {"secret_key": "short"}, r"secret_key: it is too weak"),
    (Starlette, {"secret_key": SECRET, "pth": "/x"}, r"pth: .* Did you mean 'path'\?"),
    (Starlette, {"config": Config(secret_key=SECRET), "path": "/x"}, r"Move path into Config"),
    (lambda: bare, {"secret_key": SECRET}, r"app: a function is no Starlette application"),
    (lambda: GZipMiddleware(Starlette()), {"secret_key": SECRET}, r"app: a GZipMiddleware is no"),
    (installed, {"secret_key": SECRET}, r"app: it has the middleware already"),
    (started, {"secret_key": SECRET}, r"app: it has answered requests already"),
]


@pytest.mark.parametrize(("make", "options", "message"), MISTAKES, ids=[m[2] for m in MISTAKES])
def test_install_refuses_at_once(
    make: Callable[[], Any], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        install(make(), **options)


def test_server_hides_a_mistake_in_added_middleware(caplog: pytest.LogCaptureFixture) -> None:
    """Starlette builds its stack when the server says that it starts, and uvicorn goes on."""
    caplog.set_level(logging.INFO, "uvicorn.error")
    app = by_adding(Starlette, secret_key="short")
    server = LifespanOn(uvicorn.Config(app, lifespan="auto", log_config=None))
    asyncio.run(server.startup())
    assert not server.should_exit
    assert "'lifespan' protocol appears unsupported" in caplog.text
    with pytest.raises(ConfigError, match="too weak"):
        run_asgi(app, Exchange(headers=NAVIGATION))


# --- templates ------------------------------------------------------------------------------------


def rendered(source: str, *, door: bool = True) -> Any:
    """Return the answer of a site whose page is one template."""
    templates = Jinja2Templates(
        env=jinja2.Environment(loader=jinja2.DictLoader({"page.html": source}), autoescape=True),
        context_processors=[consent_context],
    )

    async def page(request: Request) -> Response:
        # Of a type that never carries a banner, which would be another reason to vary.
        return templates.TemplateResponse(request, "page.html", media_type="text/plain")

    app = Starlette(routes=[Route("/", page)])
    if door:
        install(app, secret_key=SECRET)
    return TestClient(app).get("/")


def test_template_has_consent() -> None:
    answer = rendered("{{ consent.allows('analytics') }} {{ consent.preferences_url }}")
    assert answer.text == "False /cookie-consent"


@pytest.mark.parametrize(("source", "varies"), [("{{ consent.decided }}", True), ("x", False)])
def test_only_a_template_that_asks_varies(source: str, varies: bool) -> None:
    assert ("cookie" in rendered(source).headers.get("vary", "").lower()) == varies


def test_template_outside_of_the_door_may_not_ask() -> None:
    assert rendered("{% if consent %}x{% else %}y{% endif %}", door=False).text == "y"
    with pytest.raises(NotInstalledError, match="wrap the application in CookieConsentMiddleware"):
        rendered("{{ consent.allows('analytics') }}", door=False)
