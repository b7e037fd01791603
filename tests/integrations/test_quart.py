"""Quart's extension: settings, factories, async templates, websockets, error pages."""

from __future__ import annotations

import asyncio
import runpy
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from quart import (
    Blueprint,
    Quart,
    make_response,
    render_template_string,
    request,
    stream_template_string,
    websocket,
)

from cookieconsent import ConfigError, ConsentState, NotInstalledError, consent_of
from cookieconsent.integrations import quart as integration
from cookieconsent.integrations.quart import CookieConsent, current_consent
from cookieconsent.middleware.asgi import CookieConsentMiddleware
from doors import NAVIGATION, SECRET, Headers, Visitor, banners, settings_elements
from oracles.drivers import Answer, Exchange, run_asgi
from pages import Written

PAGE = "<!DOCTYPE html><html><body>{}</body></html>"
MEDIA = {"name": "v", "cls": "media", "purpose": "P.", "provider": "F.", "lifetime": "1 day"}


def site(*, extend: bool = True, **settings: Any) -> Quart:
    app = Quart(__name__)
    app.config["COOKIECONSENT_SECRET_KEY"] = SECRET
    app.config.update(settings)
    if extend:
        CookieConsent(app)
    return app


def page(app: Quart | Blueprint, source: str) -> None:
    """Add a page that is made of a template."""

    async def home() -> str:
        return await render_template_string(PAGE.format(source))

    app.add_url_rule("/", "home", home)


def get(app: Any, path: str = "/", headers: Headers = NAVIGATION) -> Answer:
    return run_asgi(app, Exchange(path=path, headers=headers), lint=False)


def visitor_of(app: Quart) -> Visitor:
    return Visitor(Written(app, "asgi"))


# --- the door -------------------------------------------------------------------------------------


def test_extension_wraps_asgi_app() -> None:
    app = site()
    door: Any = app.asgi_app
    assert isinstance(door, CookieConsentMiddleware)
    assert app.extensions["cookieconsent"] is door.consent.config


def test_visitor_is_asked_once() -> None:
    app = site()
    page(app, '{% consent "analytics" %}counted{% endconsent %}')
    visitor = visitor_of(app)
    visitor.visit()
    assert visitor.sees == "banner"
    visitor.choose("accept")
    assert (banners(visitor.page), settings_elements(visitor.page)) == (0, 1)
    assert b"counted" in visitor.page


def test_test_client_of_quart_goes_through() -> None:
    app = site()
    page(app, "")

    async def visit() -> Any:
        answer = await app.test_client().get("/", headers={"Accept": "text/html"})
        return await answer.get_data(as_text=False)

    assert banners(asyncio.run(visit())) == 1


@pytest.mark.parametrize("handled", [True, False], ids=["handler", "plain"])
def test_page_of_an_unhandled_error_is_covered(handled: bool) -> None:
    app = site()

    @app.route("/broken")
    async def broken() -> str:
        raise RuntimeError

    if handled:

        @app.errorhandler(500)
        async def sorry(error: Exception) -> Any:
            text = await render_template_string(PAGE.format("{{ consent.decided }}"))
            answer: Any = await make_response(text)
            answer.set_cookie("_ga", "1")
            return answer, 500

    answer = get(app, "/broken")
    assert answer.status == 500
    assert banners(answer.body) == 1
    assert not [line for line in answer.values(b"set-cookie") if line.startswith(b"_ga=1")]
    assert (b"False" in answer.body) == handled


# --- settings -------------------------------------------------------------------------------------


def test_settings_are_those_of_the_application() -> None:
    app = site(COOKIECONSENT_PATH="/cookies", COOKIECONSENT_SHAPE="bottom")
    assert get(app, "/cookies").status == 200
    assert app.extensions["cookieconsent"].shape == "bottom"


def test_secret_of_quart_is_not_used() -> None:
    app = Quart(__name__)
    app.config["SECRET_KEY"] = SECRET
    with pytest.raises(ConfigError, match=r"^COOKIECONSENT_SECRET_KEY: "):
        CookieConsent(app)


def test_unknown_setting_is_refused_and_nothing_changed() -> None:
    app = site(extend=False, COOKIECONSENT_PTAH="/cookies")
    with pytest.raises(ConfigError, match="Did you mean 'COOKIECONSENT_PATH'"):
        CookieConsent(app)
    assert "cookieconsent" not in app.extensions
    assert not isinstance(app.asgi_app, CookieConsentMiddleware)


def test_second_init_app_is_refused() -> None:
    app = site()
    with pytest.raises(ConfigError, match="has CookieConsent already"):
        CookieConsent().init_app(app)


def test_one_extension_serves_several_applications() -> None:
    extension = CookieConsent()
    apps = [site(extend=False, COOKIECONSENT_PATH=path) for path in ("/one", "/two")]
    for app in apps:
        extension.init_app(app)
    answers = [[get(app, path).status for path in ("/one", "/two")] for app in apps]
    assert answers == [[200, 404], [404, 200]]


# --- views, templates, websockets -----------------------------------------------------------------


def test_factory_and_blueprint_have_the_state() -> None:
    shop = Blueprint("shop", __name__)
    page(shop, "{{ consent.allows('analytics') }}")

    def create_app() -> Quart:
        app = site()
        app.register_blueprint(shop, url_prefix="/shop")
        return app

    assert b"False" in get(create_app(), "/shop/").body


def test_current_consent_is_the_state_of_the_request() -> None:
    app = site()

    @app.route("/grant")
    async def grant() -> str:
        assert isinstance(current_consent, ConsentState)
        assert not consent_of(request).allows("analytics")
        current_consent.grant("analytics")
        current_consent.locale = "de"
        return PAGE.format(current_consent.allows("analytics"))

    answer = get(app, "/grant")
    assert b"True" in answer.body
    assert b"Cookie-Einstellungen" in answer.body
    assert answer.values(b"set-cookie")[-1].startswith(b"__Host-cookieconsent=")


@pytest.mark.parametrize(
    ("source", "asks"),
    [
        ("plain", False),
        ("{{ consent.allows('analytics') }}", True),
        ('{% consent "analytics" %}{% endconsent %}', True),
    ],
)
def test_asking_in_a_template_sets_vary(source: str, asks: bool) -> None:
    app = site()

    @app.route("/")
    async def text() -> Any:
        return await render_template_string(source), {"Content-Type": "text/plain"}

    headers = [(b"accept", b"*/*"), (b"cookie", b"sid=1")]
    varies = get(app, headers=headers).values(b"vary")
    assert ("Cookie" in b",".join(varies).decode().replace(" ", "").split(",")) == asks


def streamed(source: str) -> Callable[[], Awaitable[Any]]:
    async def home() -> Any:
        return await stream_template_string(source)

    return home


def test_embed_in_a_streamed_template_waits() -> None:
    app = site(COOKIECONSENT_COOKIES=[MEDIA])
    source = PAGE.format(
        "{% set video %}<iframe></iframe>{% endset %}"
        '{{ consent_embed(video, "media", title="Film", provider="Film House") }}'
    )
    app.add_url_rule("/", "home", streamed(source))
    visitor = visitor_of(app)
    visitor.visit()
    assert b"<iframe>" not in visitor.page
    assert b"Film House" in visitor.page
    visitor.choose("grant")
    assert b"<iframe>" in visitor.page


def test_websocket_has_the_state() -> None:
    app = site()

    @app.websocket("/ws")
    async def talk() -> None:
        assert consent_of(websocket).decided is current_consent.decided
        template = '{% consent "analytics" %}on{% else %}off{% endconsent %}'
        await websocket.send(await render_template_string(template))

    async def listen() -> Any:
        async with app.test_client().websocket("/ws") as socket:
            return await socket.receive()

    assert asyncio.run(listen()) == "off"


def test_template_without_a_request_renders() -> None:
    """A template for a letter, say; one that asks is told why it cannot."""
    app = site()

    async def letter() -> None:
        async with app.app_context():
            assert await render_template_string("Dear customer") == "Dear customer"
            with pytest.raises(RuntimeError, match="there is no request here"):
                await render_template_string("{{ consent.decided }}")
        async with app.test_request_context("/"):
            with pytest.raises(NotInstalledError):
                await render_template_string("{{ consent.decided }}")

    asyncio.run(letter())


def test_page_of_a_failed_template_has_the_banner() -> None:
    app = site()
    page(app, "{{ consent_banner() }}{{ 1 / 0 }}")

    @app.errorhandler(500)
    async def sorry(error: Exception) -> Any:
        source = "{{ consent_banner() }}<i>{{ consent_banner() }}"
        return await render_template_string(PAGE.format(source)), 500

    answer = get(app)
    assert answer.status == 500
    assert b"</div><i>" in answer.body
    assert banners(answer.body) == 1


# --- loading --------------------------------------------------------------------------------------


def test_without_quart_one_line_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "quart", None)
    with pytest.raises(ImportError) as caught:
        runpy.run_path(integration.__file__)
    assert str(caught.value) == (
        "cookieconsent.integrations.quart needs Quart: pip install 'cookieconsent[quart]'"
    )
    assert caught.value.__suppress_context__
