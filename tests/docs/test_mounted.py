"""What the guide to proxies says of a site below a prefix."""

from __future__ import annotations

from doors import NAVIGATION, Visitor, banners, forms
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
