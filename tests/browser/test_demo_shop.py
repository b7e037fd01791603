"""The demo shop in a real browser without JavaScript: the journey its tutorial describes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import pytest

from browser.journeys import (
    BANNER,
    CONSENT,
    SAVED,
    SETTINGS,
    names,
    own_browser,
    press,
    press_key,
)
from demo.processes import DOORS, opened
from demo.visits import GOT, SENT, fates, state

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

ANALYTICS: Final = {"_ga", "_ga_K3TTL3CRMB"}
PLANTED: Final = {"_ga", "_hjid", "_fbp", "mystery"}
ONE_DOOR: Final = pytest.mark.parametrize("shop_url", [[]], ids=["asgi"], indirect=True)
"""For what a browser shows of the same bytes."""
PATHS: Final = ("/", "/basket", "/goods/mug", "/sign-in", "/privacy", "/statistics", "/nowhere")

BROKEN_WORDS: Final = """(() => {
    const broken = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (walker.nextNode())
        for (const word of walker.currentNode.data.matchAll(/[A-Za-z]{2,}/g)) {
            const range = document.createRange()
            range.setStart(walker.currentNode, word.index)
            range.setEnd(walker.currentNode, word.index + word[0].length)
            if (new Set([...range.getClientRects()].map(box => box.top)).size > 1)
                broken.push(word[0])
        }
    return broken
})()"""
"""Gives the words that stand on more than one line."""


@pytest.fixture(scope="module", params=DOORS, ids=["asgi", "wsgi"])
def shop_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of an open shop."""
    with opened(*request.param) as (_, url):
        yield url


def follow(page: Page, selector: str) -> None:
    """Click what leads somewhere, and wait for it."""
    with page.expect_navigation():
        page.click(selector)


def shown(page: Page, heading: str) -> dict[str, str]:
    return fates(page.content().encode(), heading)


def test_visitor_sees_what_the_tour_promises(page_without_js: Page, shop_url: str) -> None:
    page = page_without_js
    page.goto(shop_url)
    assert page.locator(BANNER).is_visible()
    assert shown(page, GOT) == dict.fromkeys(ANALYTICS, "blocked")
    assert names(page.context) == set()

    press(page, "reject", BANNER)
    assert names(page.context) == {CONSENT}
    assert "You said no to everything optional" in state(page.content().encode())

    follow(page, "text=Plant tracking cookies")
    assert shown(page, SENT).items() >= dict.fromkeys(PLANTED, "stripped").items()
    assert names(page.context) == {CONSENT, "mystery"}

    follow(page, "text=Cookie settings >> nth=0")
    press(page, "accept")
    page.goto(shop_url)
    assert shown(page, GOT) == dict.fromkeys(ANALYTICS, "set")
    follow(page, "text=Load this page again")
    assert shown(page, SENT).items() >= dict.fromkeys(ANALYTICS, "passed").items()

    press(page, "withdraw", SETTINGS)
    before = shown(page, "Just before: POST /cookie-consent")
    assert before.items() >= dict.fromkeys(ANALYTICS, "deleted").items()
    assert names(page.context) == {CONSENT, "mystery"}


def test_basket_and_sign_in_work_after_a_no(page_without_js: Page, shop_url: str) -> None:
    page = page_without_js
    page.goto(shop_url)
    press(page, "reject", BANNER)
    follow(page, "text=Tide mug")
    follow(page, "text=Add to basket")
    follow(page, "text=Sign in")
    page.fill("#name", "Ada")
    press_key(page, "Enter")
    assert page.locator("header").inner_text().split() == [
        *("Kettle", "&", "Crumb", "Basket", "1"),
        *("articles", "Ada", "Sign", "out"),
    ]
    assert names(page.context) == {CONSENT, "shop_cart", "shop_session"}


@ONE_DOOR
@pytest.mark.parametrize("width", [320, 360, 768, 1023, 1024, 1440])
@pytest.mark.parametrize("choice", ["none", "accept"])
def test_nothing_sticks_out_at_any_width(
    browser: Browser, shop_url: str, width: int, choice: str
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 700})
    page = context.new_page()
    page.goto(shop_url)
    follow(page, "text=Plant tracking cookies")
    page.goto(shop_url + "/goods/mug")
    follow(page, "text=Add to basket")
    if choice == "accept":
        press(page, "accept", BANNER)
    for path in PATHS:
        page.goto(shop_url + path)
        overflow = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert overflow <= 0, path
    context.close()


@ONE_DOOR
@pytest.mark.parametrize(("width", "beside"), [(1280, True), (360, False)])
def test_panel_stands_beside_or_below(
    browser: Browser, shop_url: str, width: int, beside: bool
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 700})
    page = context.new_page()
    page.goto(shop_url)
    shop, panel = (page.locator(name).bounding_box() for name in (".shop", ".panel"))
    assert shop is not None
    assert panel is not None
    assert (panel["x"] >= shop["width"]) == beside
    assert (panel["y"] >= shop["y"] + shop["height"]) != beside
    assert page.locator(".jump").is_visible() != beside
    page.click(".panel summary")
    assert not page.locator(".panel .state").is_visible()
    context.close()


@ONE_DOOR
@pytest.mark.parametrize("path", ["/", "/basket", "/privacy", "/statistics"])
def test_large_text_breaks_no_word(
    browser: Browser, chromium_path: str, tmp_path: Path, shop_url: str, path: str
) -> None:
    """Twice the size on a phone (WCAG 2.2, 1.4.4): words stay whole, nothing scrolls sideways."""
    settings = {"webkit": {"webprefs": {"default_font_size": 32, "default_fixed_font_size": 26}}}
    size = {"width": 360, "height": 740}
    context = own_browser(browser, chromium_path, tmp_path, settings, viewport=size)
    page = context.new_page()
    page.goto(shop_url + "/goods/teapot")
    follow(page, "text=Add to basket")
    page.goto(shop_url + path)
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert page.evaluate(BROKEN_WORDS) == []
    context.close()


@ONE_DOOR
@pytest.mark.parametrize("choice", ["none", "accept"])
@pytest.mark.parametrize("width", [360, 800, 1280, 1700])
def test_consent_layer_is_in_line_with_the_shop(
    browser: Browser, shop_url: str, width: int, choice: str
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(shop_url)
    banner = page.locator(f"{BANNER} h2").bounding_box()
    if choice == "accept":
        press(page, "accept", BANNER)
        banner = page.locator(SAVED).bounding_box()
    top = page.locator(".top").bounding_box()
    assert banner is not None
    assert top is not None
    assert abs(banner["x"] - top["x"]) < 1
    page.close()


@ONE_DOOR
def test_details_are_shown_on_demand(page_without_js: Page, shop_url: str) -> None:
    page = page_without_js
    page.goto(shop_url)
    exact = page.locator(".panel .exact")
    assert exact.count() > 1
    assert not any(found.is_visible() for found in exact.all())
    page.get_by_label("Show details for developers").check()
    assert all(found.is_visible() for found in exact.all())


@ONE_DOOR
def test_skip_link_hides_nothing_of_the_banner(page_without_js: Page, shop_url: str) -> None:
    page = page_without_js
    page.goto(shop_url)
    skip = page.locator(".skip")
    skip.focus()
    banner, link = page.locator(BANNER).bounding_box(), skip.bounding_box()
    assert banner is not None
    assert link is not None
    assert link["height"] >= 24
    assert link["y"] >= banner["y"] + banner["height"]


@ONE_DOOR
def test_targets_are_large_enough_for_fingers(browser: Browser, shop_url: str) -> None:
    """WCAG 2.2, 2.5.8: 24 by 24 CSS pixels; links in sentences are excepted."""
    context = browser.new_context(viewport={"width": 360, "height": 700})
    page = context.new_page()
    page.goto(shop_url + "/goods/mug")
    follow(page, "text=Add to basket")
    small = page.evaluate(
        """[...document.querySelectorAll('.frame button, header a, .panel .links a, summary')]
        .filter(e => { const b = e.getBoundingClientRect()
            return b.width && Math.min(b.width, b.height) < 24 }).map(e => e.textContent)"""
    )
    assert small == []
    context.close()


def test_page_needs_no_more_than_its_own_files(page_without_js: Page, shop_url: str) -> None:
    asked: list[str] = []
    page_without_js.on("request", lambda request: asked.append(request.url))
    page_without_js.goto(shop_url)
    page_without_js.wait_for_load_state("networkidle")
    assert all(url.startswith(shop_url) for url in asked)
    assert len(asked) <= 4
