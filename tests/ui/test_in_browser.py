"""Banner, settings element and page as a browser lays them out, in every language and width.

The host page does its worst by accident: it styles all buttons, paragraphs, forms and headings, and
shrinks the root.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from cookieconsent.core.choice import Choice
from cookieconsent.core.registry import CookieClass
from cookieconsent.ui.banner import Look, banner, settings_element
from cookieconsent.ui.preferences import preferences_page
from cookieconsent.ui.theme import SHIPPED
from ui.markup import ADVERTISING, ANALYTICS, LOCALES, MEDIA, facts, filled, site, visit, words

if TYPE_CHECKING:
    from playwright.sync_api import Browser, FloatRect, Locator, Page, Route

ROUGH_HOST = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Rough</title><style>
* { box-sizing: border-box; letter-spacing: .2em }
html { font-size: 62.5% }
body { margin: 0; font: 3rem/3 serif; text-align: center; text-transform: uppercase; color: #eee }
h1, h2, p { margin: 4rem; text-indent: 5em; border-bottom: 9px solid red; font-size: 5rem }
button { width: 100%; padding: 5rem; float: inline-end; border-radius: 99px; background: red }
button + button { display: none }
form { display: flex; flex-direction: column; max-width: 9rem; padding: 5rem; background: lime }
a { display: block; color: transparent; text-decoration: none; position: absolute }
a:focus, button:focus { outline: none }
input { display: block }
[hidden] { display: none !important }
</style></head><body>@<main>Host</main></body></html>"""
PLAIN_HOST = (
    '<!DOCTYPE html><html lang="en"><head><title>Plain</title></head><body>@Hi</body></html>'
)
HOSTS = {"rough": ROUGH_HOST, "plain": PLAIN_HOST}
WIDTHS = (320, 390, 600, 1280)

# The longest and the shortest words, each script, both directions: the others lay out like one of
# these.
SAMPLE = ("en", "de", "fi", "hu", "el", "ru", "ar", "he", "hi", "th", "ja", "ko", "zh_Hans", "ga")
every_locale = pytest.mark.parametrize("locale", LOCALES)
some_locales = pytest.mark.parametrize("locale", SAMPLE)
every_host = pytest.mark.parametrize("host", HOSTS)


@pytest.fixture(scope="module")
def show(browser: Browser) -> Iterator[Callable[[str], Page]]:
    """Show a document to a visitor without JavaScript; the own sheet is served beside it."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    document = ""

    def serve(route: Route) -> None:
        if route.request.url.endswith(".css"):
            route.fulfill(body=SHIPPED.linked_sheet, content_type="text/css")
        else:
            route.fulfill(body=document, content_type="text/html; charset=utf-8")

    def load(html: str, fragment: str = "") -> Page:
        nonlocal document
        document = html
        page.set_viewport_size({"width": 1280, "height": 720})
        page.goto("about:blank")
        page.goto("http://shop.example/" + fragment)
        return page

    page.route("**/*", serve)
    yield load
    context.close()


def box(locator: Locator) -> FloatRect:
    found = locator.bounding_box()
    assert found is not None
    return found


def with_banner(locale: str, host: str, *classes: CookieClass) -> str:
    markup = banner(facts(*(classes or (ANALYTICS, MEDIA, ADVERTISING))), words(locale), Look())
    return HOSTS[host].replace("@", filled(markup).decode("ascii"))


def with_settings(locale: str, host: str) -> str:
    markup = settings_element(words(locale), Look(), granted=True)
    return HOSTS[host].replace("@", filled(markup).decode("ascii"))


def overflow(page: Page, selector: str) -> Any:
    """Return by how many pixels the content of an element is wider than the window."""
    return page.evaluate(
        "s => Math.max(...[...document.querySelectorAll(s + ', ' + s + ' *')].map("
        "e => e.getBoundingClientRect().right)) - document.documentElement.clientWidth",
        selector,
    )


def sizes(page: Page, selector: str) -> list[tuple[float, float]]:
    """Return width and height of all that a selector finds, asked at once."""
    found: list[tuple[float, float]] = page.evaluate(
        "s => [...document.querySelectorAll(s)].map("
        "e => [e.getBoundingClientRect().width, e.getBoundingClientRect().height])",
        selector,
    )
    return found


@every_host
@some_locales
def test_buttons_are_of_one_size_at_every_width(show: Any, locale: str, host: str) -> None:
    page = show(with_banner(locale, host))
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 720})
        no, yes = (box(page.locator(f"button[value={choice}]")) for choice in ("reject", "accept"))
        assert (no["width"], no["height"]) == (yes["width"], yes["height"]), width
        assert min(no["width"], no["height"]) >= 44
        assert overflow(page, "#cookieconsent-banner") <= 0
        assert box(page.locator("#cookieconsent-banner form a"))["height"] >= 44


@some_locales
def test_host_style_changes_nothing_of_the_banner(show: Any, locale: str) -> None:
    """Every box of ours is as large in a rough page as in a plain one."""
    sizes = []
    for host in HOSTS:
        page = show(with_banner(locale, host) + "<style>body { margin: 0 }</style>")
        sizes.append([box(part) for part in page.locator("#cookieconsent-banner :visible").all()])
    assert sizes[0] == sizes[1]
    assert len(sizes[0]) > 5


def test_long_title_does_not_widen_the_page(show: Any) -> None:
    page = show(with_banner("en", "plain", CookieClass("own", title="Donaudampfschiff" * 12)))
    page.set_viewport_size({"width": 320, "height": 720})
    assert overflow(page, "#cookieconsent-banner") <= 0


@every_locale
def test_settings_element_stays_small(show: Any, locale: str) -> None:
    page = show(with_settings(locale, "plain"))
    assert box(page.locator("#cookieconsent-settings"))["height"] <= 64
    page.set_viewport_size({"width": 320, "height": 720})
    assert overflow(page, "#cookieconsent-settings") <= 0


@some_locales
def test_button_of_the_settings_element_is_the_browsers_own(show: Any, locale: str) -> None:
    """Whatever the host page does to its own buttons."""
    looks = []
    for host in HOSTS:
        button = show(with_settings(locale, host)).locator("#cookieconsent-settings button")
        assert box(button)["height"] >= 44
        looks.append(
            button.evaluate("e => [e.offsetWidth, e.offsetHeight, getComputedStyle(e).color]")
        )
    assert looks[0] == looks[1]


@pytest.mark.parametrize(
    ("kind", "host"),
    [(with_banner, "plain"), (with_banner, "rough"), (with_settings, "plain")],
    ids=["banner-plain", "banner-rough", "settings-plain"],
)
def test_confirmation_shows_at_its_fragment_only(show: Any, kind: Any, host: str) -> None:
    """And goes when one hides it."""
    page = show(kind("en", host))
    line = page.locator("#cookieconsent-saved")
    assert not line.is_visible()
    page = show(kind("en", host), "#cookieconsent-saved")
    assert line.is_visible()
    line.get_by_text("Hide").click()
    assert page.url.endswith("#")
    assert not line.is_visible()


@pytest.mark.parametrize(
    ("kind", "host", "drawn"),
    [
        (with_banner, "plain", ["solid"] * 3),
        (with_banner, "rough", ["solid"] * 3),
        (with_settings, "plain", ["auto", "auto"]),
        # Its links are as the host page has all links: here one that hides where the focus is.
        (with_settings, "rough", ["none", "auto"]),
    ],
    ids=["banner-plain", "banner-rough", "settings-plain", "settings-rough"],
)
def test_focus_is_seen(show: Any, kind: Any, host: str, drawn: list[str]) -> None:
    page = show(kind("en", host))
    seen = []
    for _ in range(3):
        page.keyboard.press("Tab")
        style, ours = page.evaluate(
            "() => { const e = document.activeElement; return [getComputedStyle(e).outlineStyle,"
            " e.closest('[id^=cookieconsent-]') !== null] }"
        )
        if ours:
            seen.append(style)
    assert seen == drawn


@pytest.mark.parametrize("kind", [with_banner, with_settings], ids=["banner", "settings"])
def test_forced_colours_leave_everything_to_see(browser: Browser, kind: Any) -> None:
    context = browser.new_context(java_script_enabled=False, forced_colors="active")
    page = context.new_page()
    page.set_content(kind("en", "plain"))
    for control in page.locator("[id^=cookieconsent] :is(a, button):visible").all():
        front, line, border = control.evaluate(
            "e => { const s = getComputedStyle(e);"
            " return [s.color, s.textDecorationLine, s.borderTopWidth] }"
        )
        assert front != "rgba(0, 0, 0, 0)"
        assert line == "underline" or border == "2px"
    context.close()


# --- the page -----------------------------------------------------------------------------------

DECIDED = Choice(day=20_454, granted=frozenset({"analytics"}), refused=frozenset({"media"}))


@every_locale
def test_page_fits_every_width(show: Any, locale: str) -> None:
    document = preferences_page(site(), visit(choice=DECIDED, deletable=True), words(locale))
    page = show(document.decode())
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 720})
        assert overflow(page, "body") <= 0, width
        heights = [height for _, height in sizes(page, ".cookieconsent-button")]
        assert len(set(heights)) == 1 or width < 1280
        assert min(heights) >= 44
        assert min(min(size) for size in sizes(page, "label")) >= 44


def test_confirmation_of_the_page_takes_the_focus(show: Any) -> None:
    """So that a screen reader says it."""
    document = preferences_page(site(), visit(choice=DECIDED), words("en")).decode()
    page = show(document)
    assert not page.locator("#cookieconsent-saved").is_visible()
    page = show(document, "#cookieconsent-saved")
    assert page.locator("#cookieconsent-saved").is_visible()
    assert page.evaluate("() => document.activeElement.id") == "cookieconsent-saved"


@some_locales
def test_stacked_table_is_still_a_table(show: Any, locale: str) -> None:
    """On a small screen cells stand below each other; what is read aloud stays rows and columns."""
    page = show(preferences_page(site(), visit(), words(locale)).decode())
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 720})
        table = page.get_by_role("table").first
        assert table.get_by_role("row").count() == 3
        assert table.get_by_role("columnheader").count() == 4
        assert table.get_by_role("rowheader").count() == 2
        assert table.get_by_role("cell").count() == 6
