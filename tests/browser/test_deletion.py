"""Nothing is left after a withdrawal, whatever scope a cookie was set in, and nothing else is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from browser.journeys import BANNER, CONSENT, names, press
from browser.site import open_shop
from cookieconsent import Cookie

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright._impl._api_structures import SetCookieParam
    from playwright.sync_api import Page

    from browser.site import Shop

PAGE: Final = "/shoes/red"


def declared(name: str, path: str = "/", **scope: bool | str) -> Cookie:
    """Declare an analytics cookie in full."""
    facts = {"purpose": "Counts", "provider": "Us", "lifetime": "1 year"}
    return Cookie(name, "analytics", path=path, **facts, **scope)  # type: ignore[arg-type]


DECLARED: Final = (
    declared("stat_host"),
    declared("stat_http"),
    declared("stat_path", path="/shoes"),
    declared("stat_parent", domain="shop.test"),
    declared("stat_parent_path", domain="shop.test", path="/shoes"),
    declared("stat_both"),
    declared("stat_script"),
    declared("__Secure-stat"),
    declared("__Host-stat"),
    declared("__Http-stat"),
    declared("__Host-Http-stat"),
    declared("stat_partitioned", partitioned=True),
    declared("__Host-stat_partitioned", partitioned=True),
)

BY_NAME: Final = (
    "stat_host=1; Path=/",
    "stat_http=1; Path=/; HttpOnly",
    "stat_path=1; Path=/shoes",
    "stat_parent=1; Domain=shop.test; Path=/",
    "stat_parent_path=1; Domain=shop.test; Path=/shoes",
    "stat_both=1; Path=/; SameSite=Strict",
    "stat_both=2; Domain=shop.test; Path=/",
)
"""What a server on plain http sets in declared scopes, and one name in two of them."""

SECURE: Final = (
    "stat_host=1; Path=/; Secure; SameSite=None",
    "__Secure-stat=1; Path=/; Secure",
    "__Host-stat=1; Path=/; Secure; HttpOnly",
    "__Http-stat=1; Path=/; Secure; HttpOnly",
    "__Host-Http-stat=1; Path=/; Secure; HttpOnly",
    "stat_partitioned=1; Path=/; Secure; SameSite=None; Partitioned",
    "__Host-stat_partitioned=1; Path=/; Secure; SameSite=None; Partitioned",
)
"""What needs a trustworthy origin."""

CATALOGUED: Final = (
    "_ga",
    "_gid",
    "_gat_UA-1",
    "_ga_ABC123",
    "_clck",
    "_clsk",
    "_hjSessionUser_1",
    "_hjSession_1",
    "_pk_id.1.1fff",
    "_pk_ses.1.1fff",
)
"""Ten names that the site did not declare and the catalogue knows as analytics."""

OURS_TO_KEEP: Final = ("sessionid=alice; Path=/; HttpOnly",)
NOT_OURS: Final = ("wiki_theme=dark; Path=/", "neighbour=1; Domain=shop.test; Path=/")


@pytest.fixture(scope="module", params=["asgi", "wsgi"])
def open_shops(request: pytest.FixtureRequest) -> Iterator[tuple[Shop, Shop]]:
    """Shops that have declared where their cookies live, and whose neighbours share the host."""
    with (
        open_shop(request.param, cookies=DECLARED) as secure,
        open_shop(request.param, cookies=DECLARED, secure=False) as plain,
    ):
        for shop in (secure, plain):
            shop.set_cookies.clear()
        yield secure, plain


def accept_and_collect(page: Page, shop: Shop, host: str, *lines: str) -> None:
    """Accept, then let the server set cookies; neighbours on the same host have set theirs."""
    address = shop.url(PAGE, host)
    page.goto(address)
    press(page, "accept", BANNER)
    shop.set_cookies[:] = [*lines, *OURS_TO_KEEP]
    page.goto(address)
    shop.set_cookies.clear()
    page.context.add_cookies([_planted(line, host) for line in NOT_OURS])


def _planted(line: str, host: str) -> SetCookieParam:
    """Turn a `Set-Cookie` line into a cookie put straight into the browser, as its scripts do."""
    pair, *attributes = line.split("; ")
    name, _, value = pair.partition("=")
    given = dict(attribute.partition("=")[::2] for attribute in attributes)
    domain = "." + given["Domain"] if "Domain" in given else host
    return {"name": name, "value": value, "domain": domain, "path": given.get("Path", "/")}


def withdraw_and_look_around(page: Page, shop: Shop, host: str) -> None:
    """Withdraw, which leads back to the page: the first view. Then the second."""
    press(page, "withdraw")
    assert page.url == shop.url(PAGE + "#cookieconsent-saved", host)
    page.goto(shop.url(PAGE, host))


def scopes(page: Page) -> set[tuple[str, str, str]]:
    """Give name, domain and path of everything in the browser."""
    return {
        (cookie.get("name", ""), cookie.get("domain", ""), cookie.get("path", ""))
        for cookie in page.context.cookies()
    }


def test_declared_scopes_are_emptied(plain_shop: Shop, page_without_js: Page) -> None:
    page, host = page_without_js, "a.shop.test"
    accept_and_collect(page, plain_shop, host, *BY_NAME)
    page.context.add_cookies([_planted("stat_script=1; Path=/", host)])
    page.goto(plain_shop.url(PAGE, host))
    assert {name for name, _, _ in scopes(page) if name.startswith("stat_")} == {
        line.partition("=")[0] for line in (*BY_NAME, "stat_script=")
    }
    withdraw_and_look_around(page, plain_shop, host)
    assert scopes(page) == {
        ("cookieconsent", host, "/"),
        ("sessionid", host, "/"),
        ("wiki_theme", host, "/"),
        ("neighbour", ".shop.test", "/"),
    }
    assert plain_shop.names_at(PAGE) == {"cookieconsent", "sessionid"}


@pytest.mark.hostile(58)
def test_secure_and_partitioned_cookies_are_deleted(shop: Shop, page_without_js: Page) -> None:
    """Each prefix has a rule of its own for the deletion to be taken."""
    page, host = page_without_js, "localhost"
    accept_and_collect(page, shop, host, *SECURE)
    page.goto(shop.url(PAGE))
    wanted = {line.partition("=")[0] for line in SECURE}
    assert names(page.context) >= wanted, "the browser has not taken them"
    assert shop.names_at(PAGE) >= wanted
    withdraw_and_look_around(page, shop, host)
    assert names(page.context, shop.url(PAGE)) == {CONSENT, "sessionid", "wiki_theme"}
    assert shop.names_at(PAGE) == {CONSENT, "sessionid"}


@pytest.mark.parametrize(
    "domains",
    [
        pytest.param([""], id="for the host"),
        pytest.param(["; Domain=shop.test"], id="for the parent"),
        pytest.param(["", "; Domain=shop.test"], id="for both"),
    ],
)
def test_ten_catalogued_names_are_deleted(
    plain_shop: Shop, page_without_js: Page, domains: list[str]
) -> None:
    """Undeclared, so where they live is guessed: the likely scopes, within two views."""
    page, host = page_without_js, "a.shop.test"
    lines = [f"{name}=1{domain}; Path=/" for name in CATALOGUED for domain in domains]
    accept_and_collect(page, plain_shop, host, *lines)
    page.goto(plain_shop.url(PAGE, host))
    assert len([name for name, _, _ in scopes(page) if name in CATALOGUED]) == len(lines)
    withdraw_and_look_around(page, plain_shop, host)
    assert names(page.context) == {"cookieconsent", "sessionid", "wiki_theme", "neighbour"}


def test_leftovers_of_before_are_deleted_without_a_choice(
    plain_shop: Shop, page_without_js: Page
) -> None:
    """The site asks since today; what it set yesterday goes, and what is unknown stays unread."""
    page, host = page_without_js, "a.shop.test"
    old = ["_ga=1; Domain=shop.test; Path=/", "stat_host=1; Path=/", *NOT_OURS]
    page.context.add_cookies([_planted(line, host) for line in old])
    page.goto(plain_shop.url(PAGE, host))
    assert names(page.context) == {"wiki_theme", "neighbour"}
    assert plain_shop.names_at(PAGE) == set()
