"""The shapes of the banner and the page as the browser lays them out, and what axe finds in them.

Sticky shapes cover a part of the page: nothing that has the focus may stay below them, and whoever
scrolls to the end sees the end.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import pytest
from axe_playwright_python.sync_playwright import Axe

from cookieconsent.engine.config import SHAPES
from cookieconsent.ui.banner import Look, banner, settings_element
from cookieconsent.ui.languages import shipped
from cookieconsent.ui.preferences import preferences_page
from cookieconsent.ui.theme import STICKY, Theme
from ui.markup import ADVERTISING, ANALYTICS, MEDIA, facts, filled, site, visit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import (
        Browser,
        BrowserContext,
        FloatRect,
        Locator,
        Page,
        ViewportSize,
    )

    from cookieconsent.ui.i18n import Words

BANNER: Final = "#cookieconsent-banner"
TARGET_PIXELS: Final = 44
DESKTOP: Final[ViewportSize] = {"width": 1280, "height": 800}
PHONE: Final[ViewportSize] = {"width": 390, "height": 844}
SIZES: Final[dict[str, ViewportSize]] = {
    "desktop": DESKTOP,
    "tablet": {"width": 800, "height": 1100},
    "phone": PHONE,
    "narrow": {"width": 320, "height": 568},
    "short": {"width": 640, "height": 360},
}
# The languages with the longest words, the largest letters and other scripts, as far as shipped.
SAMPLE: Final = [tag for tag in ("en", "de", "fi", "ar", "th", "ja") if tag in shipped().names]
DRAWN: Final = [shape for shape in SHAPES if shape != "none"]
SPACING: Final = (
    "* { line-height: 1.5 !important; letter-spacing: .12em !important;"
    " word-spacing: .16em !important }"
    " p { margin-bottom: 2em !important }"
)
"""What everybody may set without losing anything (WCAG 2.2, 1.4.12)."""

_HOST_STYLE: Final = (
    "body { font: 1rem/1.5 serif } main p { margin: 5em 0 } input { max-width: 90% }"
)

every_shape = pytest.mark.parametrize("shape", DRAWN)
sticky_shapes = pytest.mark.parametrize("shape", sorted(STICKY))


def language(name: str) -> Words:
    return shipped().words(name)


def document(shape: str, spoken: Words, style: str = "") -> str:
    """Return a long host page with the banner, every paragraph with something to focus."""
    markup = banner(facts(ANALYTICS, MEDIA, ADVERTISING, providers=3), spoken, Look(), Theme(shape))
    paragraphs = "".join(
        f'<p>Paragraph {number}, with <a href="/{number}">a link</a> and '
        f'<input aria-label="Field {number}"></p>'
        for number in range(16)
    )
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Long</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_HOST_STYLE} {style}</style></head><body>"
        f"{filled(markup).decode()}<main><h1>Long</h1>{paragraphs}"
        '<p style="text-align: end"><a id="last" href="/last">The very end</a></p></main></body></html>'
    )


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(java_script_enabled=False)
    yield context
    context.close()


@pytest.fixture(scope="module")
def only_page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def page(only_page: Page) -> Page:
    """An empty page: the same one for all tests, since opening one takes longer than most of them."""
    only_page.emulate_media(media="screen")
    only_page.goto("about:blank")
    return only_page


def show(page: Page, html: str, size: ViewportSize = DESKTOP) -> None:
    page.set_viewport_size(size)
    page.set_content(html)


def box(locator: Locator) -> FloatRect:
    found = locator.bounding_box()
    assert found is not None
    return found


def overlap(one: FloatRect, other: FloatRect) -> bool:
    return (
        min(one["x"] + one["width"], other["x"] + other["width"]) - max(one["x"], other["x"]) > 1
        and min(one["y"] + one["height"], other["y"] + other["height"]) - max(one["y"], other["y"])
        > 1
    )


def is_fixed(page: Page) -> bool:
    return bool(page.locator(BANNER).evaluate("e => getComputedStyle(e).position == 'fixed'"))


# --- where it is ----------------------------------------------------------------------------------

STICKS: Final = {
    ("top", "desktop"): False,
    ("top", "phone"): False,
    ("bottom", "desktop"): True,
    ("bottom", "tablet"): True,
    ("bottom", "phone"): True,
    ("bottom", "narrow"): True,
    ("bottom", "short"): False,
    ("corner", "desktop"): True,
    ("corner", "tablet"): True,
    ("corner", "phone"): False,
    ("corner", "narrow"): False,
    ("corner", "short"): False,
}


@pytest.mark.parametrize(("shape", "size"), STICKS, ids=["-".join(key) for key in STICKS])
def test_banner_sticks_where_there_is_room(page: Page, shape: str, size: str) -> None:
    show(page, document(shape, shipped().words("en")), SIZES[size])
    assert is_fixed(page) == STICKS[shape, size]
    before = box(page.locator(BANNER))
    page.locator("#last").scroll_into_view_if_needed()
    assert (box(page.locator(BANNER)) == before) == STICKS[shape, size]


@pytest.mark.parametrize("locale", [*SAMPLE, "ar"])
@pytest.mark.parametrize("size", ["desktop", "tablet", "phone", "narrow"])
def test_bar_takes_half_of_the_window_at_most(page: Page, locale: str, size: str) -> None:
    show(page, document("bottom", language(locale)), SIZES[size])
    bar, window = box(page.locator(BANNER)), SIZES[size]
    assert (bar["x"], bar["width"]) == (0, window["width"])
    assert bar["y"] + bar["height"] == window["height"]
    assert bar["height"] <= window["height"] / 2
    for control in page.locator(f"{BANNER} button").all():
        assert box(control)["y"] + box(control)["height"] <= window["height"], "out of sight"


@pytest.mark.parametrize("locale", [*SAMPLE, "ar"])
def test_card_stands_where_lines_end(page: Page, locale: str) -> None:
    show(page, document("corner", language(locale)))
    card = box(page.locator(BANNER))
    start, end = card["x"], DESKTOP["width"] - card["x"] - card["width"]
    assert (start if language(locale).direction == "rtl" else end) == 16
    assert DESKTOP["height"] - card["y"] - card["height"] == 16
    assert card["width"] <= 480
    assert card["height"] <= DESKTOP["height"] * 0.7


# --- nothing is lost ------------------------------------------------------------------------------


@pytest.mark.parametrize("locale", [*SAMPLE, "ar"])
@every_shape
def test_nothing_is_cut_off(page: Page, shape: str, locale: str) -> None:
    """In any window, with any spacing; what does not fit can be scrolled to."""
    for style in ("", SPACING):
        show(page, document(shape, language(locale), style))
        for size in SIZES.values():
            page.set_viewport_size(size)
            assert_fits(page)


@every_shape
def test_nothing_is_cut_off_at_twice_the_text(
    browser: Browser, chromium_path: str, tmp_path: Any, shape: str
) -> None:
    from browser.journeys import own_browser

    settings = {"webkit": {"webprefs": {"default_font_size": 32, "default_fixed_font_size": 26}}}
    context = own_browser(browser, chromium_path, tmp_path, settings)
    page = context.new_page()
    for size in SIZES.values():
        show(page, document(shape, shipped().words("de")), size)
        assert page.locator("main p").first.evaluate("e => getComputedStyle(e).fontSize") == "32px"
        assert_fits(page)
    context.close()


# Asked at once: each question to the browser takes some milliseconds.
_LAID_OUT: Final = """selector => {
    const banner = document.querySelector(selector);
    const isShown = e => e.getClientRects().length && getComputedStyle(e).visibility == 'visible';
    return {
        pageOver: document.documentElement.scrollWidth - window.innerWidth,
        wider: banner.scrollWidth - banner.clientWidth,
        higher: banner.scrollHeight - banner.clientHeight,
        overflow: getComputedStyle(banner).overflowY,
        controls: [...banner.querySelectorAll('button, a')].filter(isShown).map(e => ({
            width: e.getBoundingClientRect().width,
            height: e.getBoundingClientRect().height,
            cut: e.clientWidth ? e.scrollWidth - e.clientWidth : 0,
        })),
    };
}"""


def assert_fits(page: Page) -> None:
    found = page.evaluate(_LAID_OUT, BANNER)
    assert found["pageOver"] <= 0
    assert found["wider"] <= 0
    assert found["higher"] <= 0 or found["overflow"] == "auto"
    assert len(found["controls"]) >= 3
    for control in found["controls"]:
        assert min(control["height"], control["width"]) >= TARGET_PIXELS
        assert control["cut"] <= 0


@pytest.mark.parametrize("locale", [*SAMPLE, "ar"])
@every_shape
def test_no_is_as_good_as_yes(page: Page, shape: str, locale: str) -> None:
    show(page, document(shape, language(locale)))
    for size in ("desktop", "phone", "narrow"):
        page.set_viewport_size(SIZES[size])
        no, yes = page.evaluate(_LOOKS, [f"button[value={c}]" for c in ("reject", "accept")])
        assert no == yes
        assert no["style"]["display"]


_LOOKS: Final = """selectors => selectors.map(selector => {
    const found = document.querySelector(selector), style = getComputedStyle(found);
    const names = [...style].filter(name => !/^(perspective|transform)-origin$/.test(name));
    const { width, height } = found.getBoundingClientRect();
    return {
        width, height, style: Object.fromEntries(names.map(n => [n, style.getPropertyValue(n)])),
    };
})"""


# --- the keyboard ---------------------------------------------------------------------------------


_FOCUSED: Final = """selector => {
    const [focused, banner] = [document.activeElement, document.querySelector(selector)];
    const box = e => { const b = e.getBoundingClientRect(); return {
        x: b.x, y: b.y, width: b.width, height: b.height } };
    return [
        focused == document.body || banner.contains(focused) ? null : box(focused),
        getComputedStyle(banner).position == 'fixed' ? box(banner) : null,
    ];
}"""
"""What has the focus outside the banner, and a banner that may cover it."""


@sticky_shapes
@pytest.mark.parametrize("size", ["desktop", "tablet", "phone", "narrow"])
def test_focus_is_never_covered(page: Page, shape: str, size: str) -> None:
    """Tab through a long page and back: what has the focus is beside the banner or in it."""
    show(page, document(shape, shipped().words("en")), SIZES[size])
    seen = 0
    for key, presses in (("Tab", 36), ("Shift+Tab", 20)):
        for _ in range(presses):
            page.keyboard.press(key)
            focused, covering = page.evaluate(_FOCUSED, BANNER)
            if focused is None:
                continue
            seen += 1
            assert covering is None or not overlap(focused, covering)
            assert focused["y"] >= -1
            assert focused["y"] + focused["height"] <= SIZES[size]["height"] + 1
    assert seen > 40


@every_shape
def test_banner_comes_first_for_the_keyboard(page: Page, shape: str) -> None:
    show(page, document(shape, shipped().words("en")))
    reached = []
    for _ in range(4):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.value || document.activeElement.href"))
        if len(reached) < 4:
            style = page.locator(":focus").evaluate("e => getComputedStyle(e).outline")
            assert "solid" in style
            assert "3px" in style
    assert reached[:2] == ["reject", "accept"]
    assert "cookie-consent" in reached[2]
    assert reached[3].endswith("/0")


@sticky_shapes
@pytest.mark.parametrize("size", ["desktop", "tablet", "phone", "narrow"])
def test_end_of_the_page_can_be_seen(page: Page, shape: str, size: str) -> None:
    show(page, document(shape, shipped().words("en")), SIZES[size])
    page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
    last, covering = box(page.locator("#last")), box(page.locator(BANNER))
    assert not is_fixed(page) or last["y"] + last["height"] <= covering["y"]
    assert last["y"] >= 0


@sticky_shapes
def test_room_goes_with_the_banner(page: Page, shape: str) -> None:
    """Where the sheet of shared pages hides it, the page is as long as without it."""
    html = document(shape, shipped().words("en"))
    hidden = Theme(shape).state_sheet(ask=False).decode()
    heights = []
    for given in (
        html.replace("<main>", f"<style>{hidden}</style><main>"),
        re.sub(r'<div id="cookieconsent-banner".*?</div>', "", html),
        html,
    ):
        show(page, given)
        heights.append(page.evaluate("document.documentElement.scrollHeight"))
    assert heights[0] == heights[1] < heights[2]


@every_shape
def test_nothing_of_it_is_printed(page: Page, shape: str) -> None:
    show(page, document(shape, shipped().words("en")))
    page.emulate_media(media="print")
    assert not page.locator(BANNER).is_visible()
    assert page.evaluate("getComputedStyle(document.documentElement, '::after').content") == "none"


@every_shape
def test_forced_colours_show_every_edge(browser: Browser, shape: str) -> None:
    context = browser.new_context(java_script_enabled=False, forced_colors="active")
    page = context.new_page()
    show(page, document(shape, shipped().words("en")))
    edges = "e => { const s = getComputedStyle(e); return [s.borderTopWidth, s.borderBottomWidth] }"
    assert "1px" in page.locator(BANNER).evaluate(edges)
    for button in page.locator(f"{BANNER} button").all():
        assert button.evaluate(edges) == ["2px", "2px"]
        style = (
            "e => { const s = getComputedStyle(e); return [s.borderTopColor, s.backgroundColor] }"
        )
        border, back = button.evaluate(style)
        assert border != back
    context.close()


# --- what axe finds -------------------------------------------------------------------------------

AXE_MILLISECONDS: Final = 30_000
RULES: Final = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
}


def violations(page: Page) -> list[str]:
    page.set_default_timeout(AXE_MILLISECONDS)
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{each['id']}: {node['html'][:120]}" for each in found for node in each["nodes"]]


@pytest.fixture(scope="module", params=["light", "dark"])
def scripted(request: pytest.FixtureRequest, browser: Browser) -> Iterator[BrowserContext]:
    """A browser that runs axe."""
    context = browser.new_context(color_scheme=request.param)
    yield context
    context.close()


@pytest.mark.timeout(60)
@pytest.mark.parametrize("locale", ["en", "ar"])
@every_shape
def test_axe_finds_nothing_in_the_banner(scripted: BrowserContext, shape: str, locale: str) -> None:
    for size in (DESKTOP, PHONE):
        page = scripted.new_page()
        show(page, document(shape, language(locale)), size)
        assert violations(page) == []
        page.close()


@pytest.mark.timeout(60)
@pytest.mark.parametrize("locale", ["en", "ar"])
@pytest.mark.parametrize("state", ["first", "decided", "fault"])
def test_axe_finds_nothing_in_the_page(scripted: BrowserContext, state: str, locale: str) -> None:
    from ui.test_in_browser import DECIDED

    visits: dict[str, dict[str, Any]] = {
        "first": {},
        "decided": {"choice": DECIDED, "deletable": True, "signal": True},
        "fault": {"error": "stale", "filled": {"analytics": True}},
    }
    given = site(privacy_policy_url="/privacy", contact="mailto:a@b.example", authority="A")
    html = preferences_page(given, visit(**visits[state]), language(locale)).decode()
    sheet = Theme().linked_sheet.decode()
    html = re.sub(r'<link rel="stylesheet"[^>]*>', lambda _: f"<style>{sheet}</style>", html)
    for size in (DESKTOP, PHONE):
        page = scripted.new_page()
        show(page, html, size)
        assert violations(page) == []
        page.close()


@pytest.mark.timeout(60)
@pytest.mark.parametrize("locale", ["en", "ar"])
def test_axe_finds_nothing_in_the_settings_element(scripted: BrowserContext, locale: str) -> None:
    markup = filled(settings_element(language(locale), Look(), granted=True)).decode()
    page = scripted.new_page()
    show(page, document("none", shipped().words("en")).replace("<main>", f"<main>{markup}"))
    assert violations(page) == []
    page.close()


@pytest.mark.timeout(60)
def test_axe_can_find_something(scripted: BrowserContext) -> None:
    page = scripted.new_page()
    show(page, document("top", shipped().words("en")).replace("</main>", '<img src="/x"></main>'))
    assert any(found.startswith("image-alt") for found in violations(page))
    page.close()
