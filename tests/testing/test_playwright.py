"""A state in a real browser. Alone here: Playwright holds this thread's event loop."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from browser.site import serve_wsgi
from cookieconsent.middleware.wsgi import CookieConsentMiddleware
from cookieconsent.testing import (
    STATE_NAMES,
    ConsentStates,
    assert_no_cookies_without_consent,
    put_into,
)
from testing.kinds import config_of, wsgi_shop
from testing.test_asserts import fault, names_in
from testing.test_clients import ASKED, CAME, CONSENT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

SHOP = CookieConsentMiddleware(wsgi_shop, config_of())
STATES = ConsentStates(SHOP)


@pytest.fixture(scope="module")
def shops() -> Iterator[dict[str, str]]:
    """The addresses of the shop, with the middleware and without."""
    with ExitStack() as open_shops:
        ports: dict[str, Any] = {
            name: open_shops.enter_context(serve_wsgi(app))
            for name, app in (("guarded", SHOP), ("unguarded", wsgi_shop))
        }
        yield {name: f"http://localhost:{port}/" for name, port in ports.items()}


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser without JavaScript, and without cookies."""
    context = browser.new_context(java_script_enabled=False)
    yield context
    context.close()


@pytest.mark.parametrize("name", STATE_NAMES)
def test_browser_is_in_the_state(context: BrowserContext, shops: dict[str, str], name: str) -> None:
    put_into(context, STATES[name], url=shops["guarded"])
    page = context.new_page()
    first = page.goto(shops["guarded"])
    assert_no_cookies_without_consent(first, SHOP)
    page.goto(shops["guarded"])
    assert page.locator("p", has_text="came:").inner_text() == f"came: {CAME[name]}"
    assert page.locator("#cookieconsent-banner").count() == (name in ASKED)
    assert_no_cookies_without_consent(context, SHOP)
    assert_no_cookies_without_consent(context.cookies(), SHOP)


def test_leftovers_leave_the_browser(context: BrowserContext, shops: dict[str, str]) -> None:
    left = STATES.withdrawn.with_cookies({"_ga": "1", "player": "loud"})
    put_into(context, left, url=shops["guarded"])
    assert names_in(fault(context, SHOP)) == ["_ga", "player"]
    context.new_page().goto(shops["guarded"])
    assert {cookie["name"] for cookie in context.cookies()} == {CONSENT, "sessionid"}


def test_answer_in_the_browser_replaces_the_state(
    context: BrowserContext, shops: dict[str, str]
) -> None:
    put_into(context, STATES.accepted, url=shops["guarded"])
    page = context.new_page()
    page.goto(shops["guarded"])
    with page.expect_navigation():
        page.click("#cookieconsent-settings button[value=withdraw]")
    assert [c["name"] for c in context.cookies()].count(CONSENT) == 1
    assert_no_cookies_without_consent(context, SHOP)
    put_into(context, STATES.none, url=shops["guarded"])
    assert CONSENT not in {cookie["name"] for cookie in context.cookies()}


def test_unguarded_shop_is_found_out(context: BrowserContext, shops: dict[str, str]) -> None:
    put_into(context, STATES.only("media"), url=shops["unguarded"])
    response = context.new_page().goto(shops["unguarded"])
    for seen in (response, context, context.cookies()):
        assert names_in(fault(seen, SHOP)) == ["_ga"]
    assert f"_ga, set by GET {shops['unguarded']}" in fault(response, SHOP)


def test_browser_without_an_address_is_refused(context: BrowserContext) -> None:
    with pytest.raises(ValueError, match="url: the client does not say where the site is"):
        put_into(context, STATES.accepted)
