"""Litestar's plugin: around the routing once the application starts, and around the routes before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar, MediaType, Request, Response, WebSocket, get, websocket
from litestar.config.compression import CompressionConfig
from litestar.di import NamedDependency, Provide
from litestar.exceptions import HTTPException
from litestar.middleware import DefineMiddleware
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Template
from litestar.template.config import TemplateConfig
from litestar.testing import TestClient

from cookieconsent import Config, ConfigError, ConsentState, NotInstalledError, Outcome, consent_of
from cookieconsent.integrations.litestar import Consent, CookieConsentPlugin
from cookieconsent.middleware.asgi import CookieConsentMiddleware
from doors import NAVIGATION, SECRET, Visitor, banners, settings_elements
from oracles.drivers import Exchange, run_asgi
from pages import Written

PAGE = "<!DOCTYPE html><html><body><h1>Shop</h1></body></html>"
BROWSER = {name.decode(): value.decode() for name, value in NAVIGATION}


@get("/", media_type=MediaType.HTML)
async def home() -> str:
    return PAGE


@get("/broken")
async def broken() -> str:
    raise RuntimeError


@get("/asks", media_type=MediaType.TEXT)
async def asks(consent: Consent, request: Request[Any, Any, Any]) -> str:
    assert consent_of(request) is consent
    assert isinstance(consent, ConsentState)
    return str(consent.allows("analytics"))


@websocket("/ws")
async def talk(socket: WebSocket[Any, Any, Any], consent: Consent) -> None:
    await socket.accept()
    await socket.send_json(consent.allows("analytics"))
    await socket.close()


def sorry(request: Request[Any, Any, Any], error: Exception) -> Response[str]:
    status = error.status_code if isinstance(error, HTTPException) else 500
    response = Response(PAGE, media_type=MediaType.HTML, status_code=status)
    response.set_cookie("_ga", "1")
    return response


def site(**options: Any) -> Litestar:
    options = {"plugins": [CookieConsentPlugin(secret_key=SECRET)]} | options
    return Litestar(
        [home, broken, asks, talk], exception_handlers={Exception: sorry, 404: sorry}, **options
    )


def browsing(app: Litestar) -> TestClient[Litestar]:
    """Return a client like a browser; the application starts when its block is entered."""
    client = TestClient(app)
    client.headers.update(BROWSER)
    return client


class Tidy:
    """A middleware of the site's own."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)


@pytest.fixture
def client() -> Iterator[TestClient[Litestar]]:
    with browsing(site()) as started:
        yield started


# --- the door -------------------------------------------------------------------------------------


def test_our_path_is_answered_and_a_choice_kept(client: TestClient[Litestar]) -> None:
    assert banners(client.get("/").content) == 1
    assert b"cookieconsent-preferences" in client.get("/cookie-consent").content
    assert client.get("/asks", headers=accepted(client)).text == "True"


@pytest.mark.parametrize(("path", "status"), [("/nowhere", 404), ("/broken", 500)])
def test_error_pages_are_covered(client: TestClient[Litestar], path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert banners(answer.content) == 1
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("others_inside", [[], [Tidy]])
@pytest.mark.parametrize("plugins", [[], [CookieConsentPlugin(secret_key=SECRET)]])
def test_middleware_list_is_refused(plugins: list[Any], others_inside: list[Any]) -> None:
    """Litestar calls it for paths with a route alone, so the preferences page would be missing."""
    door: Any = CookieConsentMiddleware  # Litestar's scopes are types of its own
    listed = [DefineMiddleware(door, secret_key=SECRET), *others_inside]
    with pytest.raises(ConfigError, match=r"plugins=\[CookieConsentPlugin"):
        site(plugins=plugins, middleware=listed)


def test_application_of_litestar_is_wrapped() -> None:
    app: Any = Litestar([home])
    for wrapped in (app, app.asgi_handler):
        CookieConsentMiddleware(wrapped, secret_key=SECRET)


@pytest.mark.parametrize(("path", "covered"), [("/", True), ("/broken", True), ("/nowhere", False)])
def test_routes_are_covered_where_nobody_says_start(path: str, covered: bool) -> None:
    app: Any = site()
    answer = run_asgi(app, Exchange(path=path, headers=NAVIGATION))
    assert banners(answer.body) == covered
    assert (answer.values(b"set-cookie") == []) == (covered or path == "/")


def test_our_path_is_answered_where_nobody_says_start() -> None:
    visitor = Visitor(Written(site(), "asgi"))
    visitor.visit("/cookie-consent?receipt")
    assert b"<h1" in visitor.page
    assert visitor.visit("/cookie-consent/receipt.json").status == 200
    visitor.visit()
    visitor.choose("accept")
    assert visitor.sees == "settings"


def test_path_of_the_site_is_no_second_home() -> None:
    """`path=` puts routes below a prefix, ours stays where the configuration has it."""
    with browsing(site(path="/shop")) as client:
        assert client.get("/shop/cookie-consent").status_code == 404
        assert client.get("/cookie-consent").status_code == 200


def test_application_that_starts_twice_has_one_door() -> None:
    app = site()
    for _ in range(2):
        with browsing(app) as client:
            assert banners(client.get("/").content) == 1
    assert isinstance(app.asgi_handler, CookieConsentMiddleware)
    assert not isinstance(app.asgi_handler.app, CookieConsentMiddleware)


@pytest.mark.parametrize("enforce", [True, False])
def test_one_request_has_one_outcome(enforce: bool) -> None:
    """In a dry run too, where a door does not step aside for another one."""
    outcomes: list[Outcome] = []
    plugin = CookieConsentPlugin(secret_key=SECRET, enforce=enforce, on_outcome=outcomes.append)
    app: Any = site(plugins=[plugin])
    run_asgi(app, Exchange(headers=NAVIGATION))
    with browsing(app) as client:
        client.get("/")
    assert len(outcomes) == 2


def test_plugin_serves_several_applications() -> None:
    plugin = CookieConsentPlugin(secret_key=SECRET)
    for _ in range(2):
        with browsing(site(plugins=[plugin])) as client:
            assert banners(client.get("/nowhere").content) == 1


async def track(message: Any, scope: Any) -> None:
    if message["type"] == "http.response.start":
        message["headers"] = [
            *message["headers"],
            (b"set-cookie", b"_ga=1"),
            (b"x-hook", scope["path"].encode()),
        ]


def test_cookie_of_a_send_hook_waits_for_a_yes() -> None:
    """Litestar itself calls these hooks behind everything that an application can add."""
    app = site(before_send=[track])
    for _ in range(2):  # it may start more than once
        with browsing(app) as client:
            answer = client.get("/")
            assert (answer.headers["x-hook"], banners(answer.content)) == ("/", 1)
            assert "set-cookie" not in answer.headers
            answer = client.get("/nowhere")
            assert (answer.headers["x-hook"], "set-cookie" in answer.headers) == ("/nowhere", False)
            yes = accepted(client)
            assert "_ga=1" in client.get("/", headers=yes).headers["set-cookie"]


def test_send_hook_sees_no_page_of_ours() -> None:
    with browsing(site(before_send=[track])) as client:
        assert "x-hook" not in client.get("/cookie-consent").headers


def test_cookie_of_a_send_hook_is_out_of_reach_where_nobody_says_start() -> None:
    app: Any = site(before_send=[track])
    assert run_asgi(app, Exchange(headers=NAVIGATION)).values(b"set-cookie") == [b"_ga=1"]


def accepted(client: TestClient[Litestar]) -> dict[str, str]:
    """Return the header of a visitor who has accepted everything."""
    same = {"sec-fetch-site": "same-origin"}
    answer = client.post(
        "/cookie-consent", data={"choice": "accept"}, headers=same, follow_redirects=False
    )
    return {"cookie": answer.headers["set-cookie"].partition(";")[0]}


@pytest.mark.parametrize("compressed", [True, False])
def test_compressed_page_has_no_settings_element(compressed: bool) -> None:
    config = CompressionConfig(backend="gzip", minimum_size=1) if compressed else None
    with browsing(site(compression_config=config)) as client:
        page = client.get("/", headers=accepted(client) | {"accept-encoding": "gzip"})
        assert (page.headers.get("content-encoding") == "gzip") == compressed
        assert settings_elements(page.content) == (not compressed)


def test_cached_handler_answers_everybody_alike() -> None:
    @get("/cached", media_type=MediaType.TEXT, cache=True)
    async def cached(consent: Consent) -> str:
        return str(consent.allows("analytics"))

    with browsing(Litestar([cached], plugins=[CookieConsentPlugin(secret_key=SECRET)])) as client:
        assert client.get("/cached", headers=accepted(client)).text == "True"
        assert client.get("/cached").text == "True"


# --- the state ------------------------------------------------------------------------------------


def test_handlers_get_the_state(client: TestClient[Litestar]) -> None:
    assert client.get("/asks").text == "False"
    with client.websocket_connect("/ws") as socket:
        assert socket.receive_json() is False


def test_dependency_of_the_site_wins() -> None:
    async def mine() -> str:
        return "mine"

    @get("/mine", media_type=MediaType.TEXT)
    async def page(consent: NamedDependency[str]) -> str:
        return consent

    app = Litestar(
        [page],
        dependencies={"consent": Provide(mine)},
        plugins=[CookieConsentPlugin(secret_key=SECRET)],
    )
    with TestClient(app) as client:
        assert client.get("/mine").text == "mine"


def test_schema_is_equal_with_and_without() -> None:
    @get("/item")
    async def item() -> int:
        return 7

    @get("/item")
    async def item_that_asks(consent: Consent) -> int:
        return 7

    item_that_asks.fn.__name__ = "item"
    plain = Litestar([item]).openapi_schema.to_schema()
    plugins = [CookieConsentPlugin(secret_key=SECRET)]
    assert Litestar([item], plugins=plugins).openapi_schema.to_schema() == plain
    assert Litestar([item_that_asks], plugins=plugins).openapi_schema.to_schema() == plain


def test_state_without_the_plugin_says_so() -> None:
    @get("/")
    async def page(request: Request[Any, Any, Any]) -> str:
        with pytest.raises(NotInstalledError, match="wrap the application"):
            consent_of(request)
        return "said"

    with TestClient(Litestar([page])) as client:
        assert client.get("/").text == "said"


def test_templates_have_functions_and_block(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(
        "<body>{{ consent_banner() }}{% consent 'analytics' %}on{% else %}off{% endconsent %}"
        "{{ consent_preferences_url() }}</body>",
        encoding="utf-8",
    )

    @get("/")
    async def page() -> Template:
        return Template("page.html")

    app = Litestar(
        [page],
        plugins=[CookieConsentPlugin(secret_key=SECRET)],
        template_config=TemplateConfig(directory=tmp_path, engine=JinjaTemplateEngine),
    )
    with browsing(app) as client:
        answer = client.get("/")
    assert banners(answer.content) == 1
    assert answer.text.endswith("off/cookie-consent</body>")


# --- mistakes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "secret_key: there is none"),
        ({"secret_key": SECRET, "pth": "/x"}, "pth: .* Did you mean 'path'"),
        ({"config": Config(secret_key=SECRET), "path": "/x"}, "Move path into Config"),
    ],
)
def test_plugin_refuses_at_once(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        CookieConsentPlugin(**options)


@pytest.mark.parametrize("same", [True, False])
def test_second_plugin_is_refused(same: bool) -> None:
    first, other = (CookieConsentPlugin(secret_key=SECRET) for _ in range(2))
    with pytest.raises(ConfigError, match="plugins: CookieConsentPlugin is among them twice"):
        site(plugins=[first, first if same else other])
