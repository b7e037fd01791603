"""Small projects with a test suite each, one a client: what pytester is given.

Each sets `_ga` on its page; with `enforce` on, the middleware keeps it back.
"""

from __future__ import annotations

from typing import Final

CONFIG: Final = """
from cookieconsent import Config, Cookie

CONFIG = Config(
    secret_key="a secret of more than thirty-two characters",
    enforce=ENFORCE,
    cookies=[
        Cookie("_ga", "analytics", purpose="Counts.", provider="Google", lifetime="1 years"),
    ],
)
GA = "_ga=known-value; Path=/; Secure; SameSite=Lax; Max-Age=31536000"
PAGE = "<!DOCTYPE html><html lang=en><title>Shop</title><h1>Shop</h1><a href=/more>More</a>"
HTML = {"Accept": "text/html"}
"""

WSGI: Final = """
from cookieconsent.middleware.wsgi import CookieConsentMiddleware
from facts import CONFIG, GA, PAGE

def shop(environ, start_response):
    status = {"/": "200 OK", "/more": "200 OK", "/boom": "500 Sorry"}
    start_response(
        status.get(environ["PATH_INFO"], "404 Not Found"),
        [("Content-Type", "text/html"), ("Set-Cookie", GA)],
    )
    return [PAGE.encode()]

app = CookieConsentMiddleware(shop, config=CONFIG)
"""

ASGI: Final = """
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route
from cookieconsent.middleware.asgi import CookieConsentMiddleware
from facts import CONFIG, GA, PAGE

async def shop(request):
    return HTMLResponse(PAGE, headers={"Set-Cookie": GA})

app = Starlette(routes=[Route("/", shop), Route("/more", shop)])
app.add_middleware(CookieConsentMiddleware, config=CONFIG)
"""

FLASK: Final = """
import flask
from cookieconsent.middleware.wsgi import CookieConsentMiddleware
from facts import CONFIG, GA, PAGE

def create_app():
    app = flask.Flask("shop")

    @app.get("/")
    @app.get("/more")
    def shop():
        return PAGE, {"Set-Cookie": GA}

    app.wsgi_app = CookieConsentMiddleware(app.wsgi_app, config=CONFIG)
    return app
"""

DJANGO: Final = """
from django.conf import settings
from django.http import HttpResponse
from django.urls import path
from facts import CONFIG, PAGE

def shop(request):
    response = HttpResponse(PAGE)
    response.set_cookie("_ga", "known-value", max_age=31536000, secure=True, samesite="Lax")
    return response

urlpatterns = [path("", shop), path("more", shop)]
settings.configure(
    INSTALLED_APPS=["cookieconsent.integrations.django"],
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF="shop",
    SECRET_KEY="for tests",
    COOKIECONSENT=CONFIG,
    MIDDLEWARE=[
        "django.middleware.common.CommonMiddleware",
        "cookieconsent.integrations.django.middleware.CookieConsentMiddleware",
    ],
)
"""

SUITES: Final[dict[str, tuple[str, str]]] = {
    "webtest": (
        WSGI,
        """
        import webtest
        from facts import HTML
        from shop import app

        def test_pages():
            client = webtest.TestApp(app)
            assert "Shop" in client.get("/", headers=HTML)
            client.get("/boom", headers=HTML, status=500)
        """,
    ),
    "flask": (
        FLASK,
        """
        from facts import HTML
        from shop import create_app

        def test_pages():
            client = create_app().test_client()
            assert b"Shop" in client.get("/", headers=HTML).data
            client.get("/more", headers=HTML)  # and nobody reads it
        """,
    ),
    "starlette": (
        ASGI,
        """
        from facts import HTML
        from shop import app

        def test_pages():
            from starlette.testclient import TestClient

            with TestClient(app) as client:
                assert "Shop" in client.get("/", headers=HTML).text
                assert client.get("/more", headers=HTML).status_code == 200
                assert client.app is app
        """,
    ),
    "httpx": (
        ASGI,
        """
        import asyncio
        import httpx
        from facts import HTML
        from shop import app

        async def several():
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
                answers = [client.get(path, headers=HTML) for path in ("/", "/more")]
                return await asyncio.gather(*answers)

        def test_pages():
            assert [answer.status_code for answer in asyncio.run(several())] == [200, 200]
        """,
    ),
    "httpx2 and WSGI": (
        WSGI,
        """
        import httpx2
        from facts import HTML
        from shop import app

        def test_pages():
            with httpx2.Client(
                transport=httpx2.WSGITransport(app=app), base_url="http://shop"
            ) as client:
                assert client.get("/", headers=HTML).status_code == 200
                assert client.get("/more", headers=HTML).status_code == 200
        """,
    ),
    "django": (
        DJANGO,
        """
        import shop
        import django
        from facts import HTML

        django.setup()

        def test_pages():
            from django.test import Client

            client = Client(headers=HTML)
            assert b"Shop" in client.get("/").content
            assert client.get("/more").status_code == 200
        """,
    ),
    "django, asynchronous": (
        DJANGO,
        """
        import asyncio
        import shop
        import django
        from facts import HTML

        django.setup()

        async def several():
            from django.test import AsyncClient

            client = AsyncClient(headers=HTML)
            return [await client.get("/"), await client.get("/more")]

        def test_pages():
            assert [answer.status_code for answer in asyncio.run(several())] == [200, 200]
        """,
    ),
}
"""By client: the application and its tests, two answers each."""
