"""How it looks: in flow, equal, large enough, visible, whatever the window, text size or policy."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import pytest

from browser.journeys import (
    BANNER,
    CONSENT,
    FORM,
    ONE_DOOR,
    SAVED,
    SETTINGS,
    button,
    names,
    own_browser,
    press,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Locator, Page

    from browser.site import Shop

pytestmark = ONE_DOOR

SIZES: Final = {
    "desktop": (1280, 800),
    "phone": (390, 844),
    "narrow": (320, 568),
}
TARGET_PIXELS: Final = 44
READABLE: Final = 4.5
"""The contrast that text needs."""


@pytest.fixture(params=SIZES)
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A page in a window of some size."""
    width, height = SIZES[request.param]
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": width, "height": height}
    )
    yield context.new_page()
    context.close()


def box(locator: Locator) -> tuple[float, float, float, float]:
    """Give left, top, right and bottom of an element."""
    found = locator.bounding_box()
    assert found is not None
    return found["x"], found["y"], found["x"] + found["width"], found["y"] + found["height"]


def assert_no_overflow(page: Page) -> None:
    """Assert that nothing is wider than the window, ours or the page itself."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    width = page.evaluate("document.documentElement.clientWidth")
    places = page.locator("[id^=cookieconsent-], [id^=cookieconsent-] *, .cookieconsent-page *")
    for left, right, what in places.evaluate_all(_EDGES):
        assert left >= -1, f"{what} begins left of the window"
        assert right <= width + 1, f"{what} ends right of the window"


_EDGES: Final = """elements => elements.filter(e => e.getClientRects().length).map(e => {
    const box = e.getBoundingClientRect();
    const hidden = getComputedStyle(e).clipPath != 'none';
    return [hidden ? 0 : box.left, hidden ? 0 : box.right, e.outerHTML.slice(0, 80)];
})"""


def test_banner_stands_in_the_flow(shop: Shop, page: Page) -> None:
    """Before everything else, over the whole width, and the page goes on below it."""
    page.goto(shop.url())
    assert_in_flow(page)


def assert_in_flow(page: Page) -> None:
    """Assert that the banner takes the room it needs, and none of the page's."""
    left, top, right, bottom = box(page.locator(BANNER))
    assert (left, top) == (0, 0)
    assert right == page.evaluate("document.documentElement.clientWidth")
    assert box(page.locator("#header"))[1] >= bottom
    assert box(page.locator("#content"))[1] > bottom
    for locator in (page.locator("#content p"), page.locator("#next"), page.locator("h1")):
        locator.scroll_into_view_if_needed()
        assert locator.evaluate(_IS_ON_TOP), "something covers the page"
    assert_no_overflow(page)


_IS_ON_TOP: Final = """e => {
    const box = e.getClientRects()[0];
    const top = document.elementFromPoint(box.left + 2, box.top + box.height / 2);
    return e == top || e.contains(top);
}"""


@pytest.mark.parametrize("path", ["/", "/strict"])
def test_no_is_as_good_as_yes(shop: Shop, page: Page, path: str) -> None:
    """The two buttons differ in nothing but their words, and are large enough for a finger."""
    page.goto(shop.url(path))
    reject, accept = button(page, "reject", BANNER), button(page, "accept", BANNER)
    assert reject.evaluate(_LOOK) == accept.evaluate(_LOOK)
    boxes = [box(reject), box(accept)]
    for left, top, right, bottom in boxes:
        assert bottom - top >= TARGET_PIXELS
        assert right - left >= TARGET_PIXELS
    assert boxes[0][3] - boxes[0][1] == boxes[1][3] - boxes[1][1]
    assert abs((boxes[0][2] - boxes[0][0]) - (boxes[1][2] - boxes[1][0])) < 1
    assert boxes[0][:2] < boxes[1][:2] or boxes[0][1] < boxes[1][1]


_LOOK: Final = """e => {
    const style = getComputedStyle(e), look = {};
    for (const name of style)
        // What follows from the length of the word.
        if (!/^(width|inline-size|perspective-origin|transform-origin)$/.test(name))
            look[name] = style.getPropertyValue(name);
    return look;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_can_be_read(shop: Shop, browser: Browser, scheme: Any) -> None:
    context = browser.new_context(java_script_enabled=False, color_scheme=scheme)
    page = context.new_page()
    page.goto(shop.url())
    assert_readable(page.locator(f"{BANNER} :is(h2, p, a, button)"))
    press(page, "accept")
    page.goto(shop.url("/cookie-consent#cookieconsent-saved"))
    assert_readable(page.locator(f"main *, {SAVED} *"))
    context.close()


def assert_readable(locator: Locator) -> None:
    """Assert that text stands out from what is behind it (WCAG 2.2, 1.4.3)."""
    assert locator.count()
    for text, backs, what in locator.evaluate_all(_COLOURS):
        back = next(colour for colour in map(_rgba, backs) if colour[3] > 0)
        lighter, darker = sorted((_luminance(_rgba(text)), _luminance(back)), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= READABLE, what


_COLOURS: Final = """elements => elements.filter(e => e.checkVisibility() && e.innerText).map(e => {
    const backs = [];
    for (let at = e; at; at = at.parentElement) backs.push(getComputedStyle(at).backgroundColor);
    return [getComputedStyle(e).color, backs, e.outerHTML.slice(0, 80)];
})"""


def _rgba(colour: str) -> tuple[float, float, float, float]:
    numbers = [float(number) for number in re.findall(r"[0-9.]+", colour)]
    red, green, blue, *alpha = numbers
    return red, green, blue, alpha[0] if alpha else 1


def _luminance(colour: tuple[float, float, float, float]) -> float:
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (number / 255 for number in colour[:3])
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_settings_element_is_small_and_in_the_flow(shop: Shop, page: Page) -> None:
    page.goto(shop.url())
    press(page, "accept")
    assert page.locator(SAVED).is_visible()
    assert_no_overflow(page)
    page.goto(shop.url())
    _, top, _, bottom = box(page.locator(SETTINGS))
    assert top == 0
    assert bottom <= box(page.locator("#header"))[1]
    assert bottom <= 64, "too much of every page"
    link, withdraw = (page.locator(f"{SETTINGS} {what}") for what in ("a:visible", "button"))
    assert box(withdraw)[3] - box(withdraw)[1] >= TARGET_PIXELS
    # A link may be lower than 24 px where a circle of 24 px around its middle touches nothing else
    # to press (WCAG 2.2, 2.5.8, spacing).
    assert (box(link)[0] + box(link)[2]) / 2 + 12 <= box(withdraw)[0]
    assert_no_overflow(page)


def test_preferences_page_fits(shop: Shop, page: Page) -> None:
    page.goto(shop.url())
    press(page, "accept")
    page.goto(shop.url("/cookie-consent#cookieconsent-saved"))
    open_details(page)
    for control in page.locator("button:visible, label:visible").all():
        assert box(control)[3] - box(control)[1] >= TARGET_PIXELS
    assert_no_overflow(page)


def open_details(page: Page) -> None:
    """Open every list of cookies."""
    while (closed := page.locator("details:not([open]) > summary")).count():
        closed.first.click()
    for name in ("_ga_*", "player", CONSENT):
        assert page.get_by_text(name, exact=True).first.is_visible()


@pytest.mark.parametrize("width", [320, 1280])
def test_twice_the_text_size_fits(
    shop: Shop, browser: Browser, chromium_path: str, tmp_path: Path, width: int
) -> None:
    """The visitor's own setting, which scales text but not the window."""
    settings = {"webkit": {"webprefs": {"default_font_size": 32, "default_fixed_font_size": 26}}}
    context = own_browser(
        browser, chromium_path, tmp_path, settings, viewport={"width": width, "height": 640}
    )
    page = context.new_page()
    page.goto(shop.url())
    assert page.locator("#content p").evaluate("e => getComputedStyle(e).fontSize") == "32px"
    assert_in_flow(page)
    press(page, "accept")
    assert_no_overflow(page)
    page.goto(shop.url("/cookie-consent"))
    open_details(page)
    assert_no_overflow(page)
    context.close()


# --- the site's own policy ----------------------------------------------------------------------


def complaints_of(page: Page) -> list[str]:
    """Note what the browser complains about from now on."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    return complaints


def test_strict_policy_leaves_banner_styled(shop: Shop, page_without_js: Page) -> None:
    """Its style comes by a link, and nothing of ours is against the policy."""
    page = page_without_js
    complaints = complaints_of(page)
    page.goto(shop.url("/"))
    inline = button(page, "reject").evaluate(_LOOK)
    page.goto(shop.url("/strict"))
    assert button(page, "reject").evaluate(_LOOK) == inline
    press(page, "accept")
    assert page.url == shop.url("/strict#cookieconsent-saved")
    assert page.locator(SAVED).is_visible()
    assert names(page.context) >= {CONSENT}
    press(page, "withdraw")
    assert page.locator(SAVED).is_visible()
    assert complaints == []


def test_policy_without_style_leaves_banner_usable(shop: Shop, page_without_js: Page) -> None:
    page = page_without_js
    complaints = complaints_of(page)
    page.goto(shop.url("/bare"))
    assert page.locator(BANNER).is_visible()
    assert page.locator(f"{BANNER} p").first.is_visible()
    assert not page.locator(SAVED).is_visible()
    press(page, "reject")
    assert names(page.context) == {CONSENT}
    assert page.locator(SETTINGS).is_visible()
    assert complaints == []


def test_own_page_obeys_its_own_policy(shop: Shop, page_without_js: Page) -> None:
    page = page_without_js
    complaints = complaints_of(page)
    page.goto(shop.url("/cookie-consent"))
    press(page, "save")
    assert page.locator(FORM).is_visible()
    assert complaints == []
