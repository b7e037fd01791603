"""The visitor's desk without JavaScript: pause, object, take the answer away; embeds and the gate."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from browser.journeys import BANNER, CONSENT, OPTIONAL, button, names, press
from browser.site import DECLARED, Shop, open_shop
from cookieconsent import Cookie, CookieClass

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

COUNTED = Cookie("visits", "statistics", purpose="Counts", provider="Us", lifetime="1 day")
PIXEL = "http://pixel.example/dot.gif"


@pytest.fixture(scope="module", params=["asgi", "wsgi"])
def desk(request: pytest.FixtureRequest) -> Iterator[Shop]:
    """A shop that also counts visits until somebody objects, and gates a host."""
    with open_shop(
        request.param,
        cookies=(*DECLARED, COUNTED),
        classes=[CookieClass("statistics", title="Counting", regime="objection")],
        csp_gate="enforce",
        csp_hosts={"analytics": ["pixel.example"]},
    ) as shop:
        yield shop


def at_desk(page: Page, shop: Shop) -> None:
    page.goto(shop.url("/cookie-consent"))


def test_pause_keeps_cookies_in_the_browser_and_from_the_shop(
    desk: Shop, page_without_js: Page
) -> None:
    page = page_without_js
    page.goto(desk.url())
    press(page, "accept")
    page.goto(desk.url("/second"))
    assert names(page.context) == {CONSENT, *OPTIONAL}
    at_desk(page, desk)
    press(page, "pause")
    page.goto(desk.url("/second"))
    assert names(page.context) == {CONSENT, *OPTIONAL}, "nothing is deleted"
    assert desk.names_at("/second") == {CONSENT}, "nothing is used"
    assert page.locator(BANNER).count() == 0
    at_desk(page, desk)
    assert "Removed, because everything is paused" in page.inner_text("main")
    press(page, "resume")
    page.goto(desk.url("/second"))
    assert desk.names_at("/second") == {CONSENT, *OPTIONAL}


def test_objecting_takes_one_click(desk: Shop, page_without_js: Page) -> None:
    page = page_without_js
    page.context.add_cookies([{"name": "visits", "value": "1", "url": desk.url()}])
    page.goto(desk.url("/second"))
    assert desk.names_at("/second") == {"visits"}
    at_desk(page, desk)
    press(page, "object")
    page.goto(desk.url("/second"))
    assert desk.names_at("/second") == {CONSENT}
    assert names(page.context) == {CONSENT}
    assert page.locator(BANNER).is_visible(), "the other classes are still to be asked for"


def test_answer_is_taken_away_as_file_and_on_paper(desk: Shop, page_without_js: Page) -> None:
    page = page_without_js
    page.goto(desk.url())
    press(page, "accept")
    at_desk(page, desk)
    with page.expect_download() as download:
        page.click("text=Download my choice")
    receipt = json.loads(download.value.path().read_text(encoding="utf-8"))
    assert download.value.suggested_filename == "cookie-choice.json"
    answers = {cls["name"]: cls["answer"] for cls in receipt["classes"]}
    assert answers["analytics"] == "yes"
    page.click("text=Print my choice")
    assert page.locator("h1").inner_text() == "Receipt of your choice"
    assert receipt["signature"] in page.inner_text("main")


def test_desk_leads_back_to_where_one_came_from(desk: Shop, page_without_js: Page) -> None:
    page = page_without_js
    page.goto(desk.url("/second?of=2&a=b"))
    page.click(f"{BANNER} a[href='/cookie-consent']")
    press(page, "reject")
    assert page.url == desk.url("/second?of=2&a=b#cookieconsent-saved")


def test_gate_lets_no_request_out_before_a_yes(desk: Shop, browser: Browser) -> None:
    """Whoever wrote the tag: here a script of the page itself."""
    context = browser.new_context()
    page = context.new_page()
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(body=b"GIF89a", content_type="image/gif")

    context.route("http://pixel.example/**", answer)

    def load_pixel() -> bool:
        return bool(
            page.evaluate(
                "url => new Promise(done => { const dot = new Image();"
                " dot.onload = dot.onerror = () => done(true); dot.src = url })",
                PIXEL,
            )
        )

    page.goto(desk.url())
    assert load_pixel()
    assert asked == []
    press(page, "accept")
    assert load_pixel()
    assert asked == [PIXEL]
    press(page, "withdraw")
    assert load_pixel()
    assert asked == [PIXEL]
    context.close()


def test_every_button_of_the_desk_is_a_target(desk: Shop, page_without_js: Page) -> None:
    page = page_without_js
    page.goto(desk.url())
    press(page, "accept")
    page.set_viewport_size({"width": 320, "height": 700})
    at_desk(page, desk)
    assert button(page, "object").is_visible()
    for target in page.locator("main button, main .cookieconsent-links a").all():
        found = target.bounding_box()
        assert found is not None
        assert min(found["width"], found["height"]) >= 44
    width = page.evaluate("() => document.documentElement.scrollWidth")
    assert width <= 320
