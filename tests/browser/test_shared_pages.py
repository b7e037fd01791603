"""Pages cached for everybody, in a browser: a small sheet hides the banner, without a flash."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from browser.journeys import BANNER, CONSENT, SETTINGS, button, names, press
from browser.site import Shop, open_shop

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route


@pytest.fixture(scope="module", params=["asgi", "wsgi"])
def open_shops(request: pytest.FixtureRequest) -> Iterator[Shop]:
    with open_shop(request.param, shared_cache=True) as shop:
        yield shop


@pytest.mark.parametrize("choice", ["accept", "reject"])
@pytest.mark.parametrize("path", ["/", "/strict"])
def test_answering_hides_the_banner(
    open_shops: Shop, page_without_js: Page, choice: str, path: str
) -> None:
    page = page_without_js
    page.goto(open_shops.url(path))
    assert page.locator(BANNER).is_visible()
    html = page.content()
    press(page, choice)
    assert names(page.context) >= {CONSENT}
    assert page.locator(BANNER).count() == 1
    assert not page.locator(BANNER).is_visible()
    assert page.locator(SETTINGS).count() == 0
    assert page.content() == html


def test_banner_comes_back_when_the_choice_is_forgotten(
    open_shops: Shop, page_without_js: Page
) -> None:
    page = page_without_js
    page.goto(open_shops.url())
    press(page, "accept")
    page.goto(open_shops.url("/cookie-consent"))
    press(page, "forget")
    page.goto(open_shops.url())
    assert page.locator(BANNER).is_visible()


def test_withdrawal_is_on_the_preferences_page(open_shops: Shop, page_without_js: Page) -> None:
    page = page_without_js
    page.goto(open_shops.url())
    press(page, "accept")
    page.goto(open_shops.url("/second"))
    assert "_ga" in names(page.context)
    page.goto(open_shops.url("/cookie-consent"))
    assert button(page, "withdraw").is_visible()
    press(page, "withdraw")
    page.goto(open_shops.url())
    assert names(page.context) == {CONSENT}


def test_leftovers_go_with_the_sheet(open_shops: Shop, page_without_js: Page) -> None:
    page = page_without_js
    page.context.add_cookies([{"name": "_ga", "value": "1", "url": open_shops.url()}])
    page.goto(open_shops.url())
    assert names(page.context) == set()


def test_banner_never_flashes(open_shops: Shop, browser: Browser) -> None:
    """Nothing is painted before the sheet is there, and nothing moves afterwards."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(open_shops.url())
    press(page, "reject")

    def late(route: Route) -> None:
        time.sleep(0.5)
        route.continue_()

    page.route("**/state.css", late)
    page.goto(open_shops.url("/second"))
    painted, arrived, moved = page.evaluate(
        """() => new Promise(done => {
            const moves = [];
            new PerformanceObserver(list => moves.push(...list.getEntries()))
                .observe({ type: 'layout-shift', buffered: true });
            const [sheet] = performance.getEntriesByType('resource')
                .filter(entry => entry.name.endsWith('/state.css'));
            const look = () => {
                const [paint] = performance.getEntriesByName('first-contentful-paint');
                if (!paint) { setTimeout(look, 20); return; }
                setTimeout(() => done([paint.startTime, sheet.responseEnd, moves.length]), 100);
            };
            look();
        })"""
    )
    context.close()
    assert painted >= arrived > 500
    assert moved == 0
