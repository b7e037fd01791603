"""What the guide to proxies says of a site below a prefix."""

from __future__ import annotations

from importlib import import_module

import pytest

from cookieconsent.middleware.asgi import CookieConsentMiddleware
from doors import NAVIGATION, SECRET, Visitor, banners, forms
from oracles.drivers import Exchange, run_asgi
from pages import GUIDES, ReadGuide, Written, blocks


def test_everything_moves_with_the_prefix(read: ReadGuide) -> None:
    visitor = Visitor(Written(read("proxy")["app"], "asgi"))
    visitor.visit("/shop/")
    assert visitor.sees == "banner"
    assert {form.action for form in forms(visitor.page)} == {"/shop/cookie-consent"}
    visitor.choose("accept")
    assert (visitor.url, visitor.sees) == ("/shop/", "settings")
    visitor.visit("/shop/cookie-consent")
    assert b'action="/shop/cookie-consent"' in visitor.page
    assert b'href="/shop/"' in visitor.page
    cookies = visitor.jar.send(visitor.origin, now=visitor.site.clock.now) or b""
    assert cookies.startswith(b"__Host-cookieconsent-shop=")


def test_prefix_of_a_header_is_not_read(read: ReadGuide) -> None:
    app = read("proxy")["asking"]
    header = (b"x-forwarded-prefix", b"/elsewhere")
    page = run_asgi(app, Exchange(headers=[*NAVIGATION, header])).body
    assert banners(page) == 1
    assert b"/elsewhere" not in page


def test_prefix_comes_from_the_server(read: ReadGuide) -> None:
    """Of the application that the command names, which has no route below the prefix itself."""
    [command] = [
        block.text.split() for block in blocks(GUIDES / "proxy.md") if block.language == "sh"
    ]
    assert command[2:] == ["--root-path", "/shop"]
    app = read("proxy")[command[1].removeprefix("shop:")]
    page = run_asgi(app, Exchange(headers=NAVIGATION, root="/shop")).body
    assert {form.action for form in forms(page)} == {"/shop/cookie-consent"}


def test_part_with_its_own_extension_asks_once(read: ReadGuide) -> None:
    app = read("proxy")["around"]
    page = run_asgi(app, Exchange(path="/blog/", headers=NAVIGATION), lint=False).body
    assert banners(page) == 1
    assert {form.action for form in forms(page)} == {"/cookie-consent"}


@pytest.mark.filterwarnings("ignore::starlette.exceptions.StarletteDeprecationWarning")
@pytest.mark.filterwarnings("ignore:async_to_sync was passed a non-async-marked callable")
@pytest.mark.parametrize("bridge", ["asgiref", "starlette"])
def test_other_bridges_hide_the_outer_one(read: ReadGuide, bridge: str) -> None:
    """What the guide says of them; if one of these learns to hand on the scope, it may be praised."""
    names = read("proxy")
    module = import_module("asgiref.wsgi" if bridge == "asgiref" else "starlette.middleware.wsgi")
    kind = module.WsgiToAsgi if bridge == "asgiref" else module.WSGIMiddleware
    app = CookieConsentMiddleware(kind(names["blog"]), secret_key=SECRET)
    page = run_asgi(app, Exchange(headers=NAVIGATION), lint=False).body
    assert banners(page) == 2
