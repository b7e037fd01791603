"""Choosing, and choosing anew, in a real browser with JavaScript off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from browser.journeys import (
    ANALYTICS,
    BANNER,
    CONSENT,
    FORM,
    ONE_DOOR,
    OPTIONAL,
    SAVED,
    SETTINGS,
    button,
    is_focused,
    names,
    own_browser,
    press,
    press_key,
    requests_of,
    serving,
)

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from browser.site import Shop


def test_first_visit_leaves_no_cookie(shop: Shop, page_without_js: Page) -> None:
    page = page_without_js
    for path in ("/", "/second?of=2", "/nowhere"):
        page.goto(shop.url(path))
        assert page.locator(BANNER).is_visible()
        assert page.locator(BANNER).count() == 1
        assert not page.locator(SAVED).is_visible()
    assert page.context.cookies() == []
    # Not what a page of the visitor before still fetches: its icon, its style.
    seen = {cookie for path, cookie in shop.cookies if path in {"/", "/second", "/nowhere"}}
    assert seen == {""}


@pytest.mark.parametrize(
    ("choice", "kept", "withdrawable"),
    [
        pytest.param("reject", {CONSENT}, False, id="reject"),
        pytest.param("accept", {CONSENT, *OPTIONAL}, True, id="accept"),
    ],
)
def test_banner_takes_the_choice(
    shop: Shop, page_without_js: Page, choice: str, kept: set[str], withdrawable: bool
) -> None:
    page = page_without_js
    page.goto(shop.url("/second?of=2&a=b"))
    press(page, choice, BANNER)
    assert page.url == shop.url("/second?of=2&a=b#cookieconsent-saved")
    assert names(page.context) == kept

    assert page.locator(BANNER).count() == 0
    assert page.locator(SETTINGS).is_visible()
    assert page.locator(SAVED).is_visible()
    assert button(page, "withdraw", SETTINGS).count() == withdrawable
    page.click(f"{SAVED} a")
    assert not page.locator(SAVED).is_visible()

    page.click("#next")
    assert page.locator(BANNER).count() == 0
    assert not page.locator(SAVED).is_visible()
    assert names(page.context) == kept
    assert shop.names_at("/second") == kept
    assert [event.action for event in shop.choices] == [choice]


@pytest.mark.parametrize(
    ("tabs", "choice", "key"),
    [
        pytest.param(1, "reject", "Enter", id="reject"),
        pytest.param(2, "accept", "Space", id="accept"),
    ],
)
@ONE_DOOR
def test_banner_works_by_keyboard_alone(
    shop: Shop, page_without_js: Page, tabs: int, choice: str, key: str
) -> None:
    """The first two stops of the page, in this order, are no and yes."""
    page = page_without_js
    page.goto(shop.url())
    for _ in range(tabs):
        page.keyboard.press("Tab")
    assert is_focused(button(page, choice, BANNER))
    press_key(page, key)
    assert [event.action for event in shop.choices] == [choice]
    assert page.locator(SETTINGS).is_visible()


@ONE_DOOR
def test_every_stop_of_the_banner_shows_its_focus(shop: Shop, page_without_js: Page) -> None:
    page = page_without_js
    page.goto(shop.url())
    stops = [
        button(page, "reject", BANNER),
        button(page, "accept", BANNER),
        page.locator(f"{BANNER} a[href='/cookie-consent']"),
    ]
    for stop in stops:
        page.keyboard.press("Tab")
        assert is_focused(stop)
        style = stop.evaluate(
            "e => [getComputedStyle(e).outlineStyle, getComputedStyle(e).outlineWidth]"
        )
        assert style[0] != "none"
        assert float(style[1].removesuffix("px")) >= 2
    page.keyboard.press("Tab")
    assert is_focused(page.locator("#next")), "the banner holds the focus"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_consent_cookie_says_little(shop: Shop, browser: Browser, host: str) -> None:
    """Its attributes as promised, and the same bytes for two visitors who say the same."""
    values = []
    for _ in range(2):
        context = browser.new_context(java_script_enabled=False)
        page = context.new_page()
        page.goto(shop.url(host=host))
        press(page, "accept")
        [cookie] = [cookie for cookie in context.cookies() if cookie.get("name") == CONSENT]
        values.append(cookie.get("value", ""))
        context.close()
        assert cookie.get("httpOnly") is True
        assert cookie.get("secure") is True
        assert cookie.get("sameSite") == "Lax"
        assert (cookie.get("domain"), cookie.get("path")) == (host, "/")
        assert cookie.get("expires", 0) > 0
    assert values[0] == values[1]
    assert len(CONSENT) + 1 + len(values[0]) <= 256


# --- the preferences page -----------------------------------------------------------------------


def open_preferences(page: Page, shop: Shop) -> None:
    """Follow the link that every page has."""
    page.goto(shop.url())
    place = BANNER if page.locator(BANNER).count() else SETTINGS
    page.click(f"{place} a[href='/cookie-consent']")
    assert page.locator(FORM).is_visible()


def answer(page: Page, name: str, value: str) -> bool:
    """Tell whether the radio button of an answer is set."""
    return page.locator(f"{FORM} input[name=class-{name}][value={value}]").is_checked()


def test_each_class_is_saved_by_itself(shop: Shop, page_without_js: Page) -> None:
    page = page_without_js
    open_preferences(page, shop)
    for name in ("analytics", "media"):
        assert not answer(page, name, "yes"), "an answer is given beforehand"
        assert not answer(page, name, "no"), "an answer is given beforehand"
    page.check(f"{FORM} input[name=class-analytics][value=yes]")
    page.check(f"{FORM} input[name=class-media][value=no]")
    press(page, "save")
    assert page.url == shop.url("/#cookieconsent-saved"), "where the visitor came from"
    assert page.locator(SAVED).is_visible()
    open_preferences(page, shop)
    assert answer(page, "analytics", "yes")
    assert answer(page, "media", "no")

    page.goto(shop.url())
    assert page.locator(BANNER).count() == 0
    assert names(page.context) == {CONSENT, *ANALYTICS}


@ONE_DOOR
def test_preferences_work_by_keyboard_alone(shop: Shop, page_without_js: Page) -> None:
    page = page_without_js
    page.goto(shop.url("/cookie-consent"))
    for name, presses in (("analytics", ["Space", "ArrowRight"]), ("media", ["Space"])):
        first = page.locator(f"{FORM} input[name=class-{name}]").first
        while not is_focused(first):
            page.keyboard.press("Tab")
        for key in presses:
            page.keyboard.press(key)
    assert answer(page, "analytics", "no")
    assert answer(page, "media", "yes")
    save = button(page, "save")
    for _ in range(20):
        if is_focused(save):
            break
        page.keyboard.press("Tab")
    assert is_focused(save)
    press_key(page, "Enter")
    page.goto(shop.url())
    assert names(page.context) == {CONSENT, "player"}


@pytest.mark.parametrize(
    ("choice", "kept"),
    [
        pytest.param("reject", {CONSENT}, id="reject"),
        pytest.param("accept", {CONSENT, *OPTIONAL}, id="accept"),
    ],
)
@ONE_DOOR
def test_preferences_offer_all_or_nothing(
    shop: Shop, page_without_js: Page, choice: str, kept: set[str]
) -> None:
    page = page_without_js
    open_preferences(page, shop)
    press(page, choice)
    page.goto(shop.url())
    assert names(page.context) == kept


def test_forgetting_asks_again(shop: Shop, page_without_js: Page) -> None:
    page = page_without_js
    page.goto(shop.url())
    press(page, "accept")
    open_preferences(page, shop)
    press(page, "forget")
    assert names(page.context) == set()
    page.goto(shop.url())
    assert page.locator(BANNER).is_visible()
    assert names(page.context) == set()


# --- one class, one click -----------------------------------------------------------------------


@pytest.mark.parametrize("before", [None, "reject"])
@ONE_DOOR
def test_embed_form_grants_its_class_alone(
    shop: Shop, page_without_js: Page, before: str | None
) -> None:
    page = page_without_js
    page.goto(shop.url("/film"))
    if before is not None:
        press(page, before)
    with page.expect_navigation():
        page.click("#show")
    assert page.url == shop.url("/film#cookieconsent-saved")
    assert names(page.context) == {CONSENT, "player"}
    # Without an earlier no, the other class is still to be asked for.
    assert page.locator(BANNER).count() == (before is None)


@pytest.mark.parametrize("place", ["settings element", "preferences page"])
@pytest.mark.parametrize("means", ["mouse", "keyboard"])
@ONE_DOOR
def test_withdrawing_is_as_easy_as_accepting(
    shop: Shop, page_without_js: Page, place: str, means: str
) -> None:
    page = page_without_js
    page.goto(shop.url("/login"))
    press(page, "accept")
    page.goto(shop.url("/second") if place == "settings element" else shop.url("/cookie-consent"))
    withdraw = button(page, "withdraw")
    if means == "mouse":
        press(page, "withdraw")
    else:
        for _ in range(40):
            page.keyboard.press("Tab")
            if is_focused(withdraw):
                break
        assert is_focused(withdraw)
        press_key(page, "Enter")
    assert page.locator(SAVED).is_visible()
    assert names(page.context) == {CONSENT, "sessionid"}
    assert [event.action for event in shop.choices] == ["accept", "withdraw"]
    page.goto(shop.url())
    assert page.locator(BANNER).count() == 0
    assert names(page.context) == {CONSENT, "sessionid"}


# --- odd ways -----------------------------------------------------------------------------------


@pytest.mark.parametrize("then", ["reject", "accept"])
@pytest.mark.hostile(107)
def test_back_button_after_choosing(shop: Shop, page_without_js: Page, then: str) -> None:
    """The page of before may show itself again; what is pressed there counts."""
    page = page_without_js
    page.goto(shop.url())
    page.goto(shop.url("/second"))
    press(page, "accept")
    page.go_back()
    assert page.url == shop.url("/second"), "the banner's page is not behind the answer"
    if page.locator(BANNER).count():
        press(page, then)
        assert shop.choices[-1].action == then
        assert page.locator(SAVED).is_visible()
    page.reload()
    assert page.locator(BANNER).count() == 0
    assert page.locator(SETTINGS).is_visible()


@pytest.mark.hostile(107)
def test_last_of_two_tabs_wins(shop: Shop, page_without_js: Page) -> None:
    page = page_without_js
    other = page.context.new_page()
    for tab in (page, other):
        tab.goto(shop.url())
    press(page, "accept")
    assert names(page.context) == {CONSENT, *OPTIONAL}
    press(other, "reject")
    assert names(page.context) == {CONSENT}
    page.reload()
    assert button(page, "withdraw").count() == 0


def test_privacy_signal_answers_for_the_visitor(shop: Shop, browser: Browser) -> None:
    """Every class of this shop is shared with third parties, so nothing is left to ask."""
    context = browser.new_context(java_script_enabled=False, extra_http_headers={"Sec-GPC": "1"})
    page = context.new_page()
    page.goto(shop.url())
    assert page.locator(BANNER).count() == 0
    assert context.cookies() == []
    page.goto(shop.url("/cookie-consent"))
    assert "Global Privacy Control" in page.inner_text("main")
    press(page, "accept")
    page.goto(shop.url())
    assert names(context) == {CONSENT, *OPTIONAL}, "a yes under the signal does not count"
    context.close()


def test_page_without_referrer_sends_its_form(shop: Shop, page_without_js: Page) -> None:
    """Its form carries `Origin: null`; `Sec-Fetch-Site` vouches for it."""
    page = page_without_js
    requests = requests_of(page)
    page.goto(shop.url("/discreet"))
    press(page, "accept")
    [post] = [request for request in requests if request.method == "POST"]
    assert post.all_headers()["origin"] == "null"
    assert names(page.context) == {CONSENT, *OPTIONAL}
    assert page.url == shop.url("/discreet#cookieconsent-saved")


@pytest.mark.parametrize("path", ["/second?of=2", "/discreet"])
def test_plain_http_with_a_name_works(plain_shop: Shop, page_without_js: Page, path: str) -> None:
    """No `Sec-Fetch-*` there: the token vouches for the form, and `Origin` where it says something."""
    page = page_without_js
    requests = requests_of(page)
    page.goto(plain_shop.url(path, "shop.example"))
    assert page.locator(BANNER).is_visible()
    assert page.context.cookies() == []
    press(page, "accept")
    assert not any("sec-fetch-site" in request.all_headers() for request in requests)
    assert names(page.context) == {"cookieconsent", *OPTIONAL}
    press(page, "withdraw")
    assert names(page.context) == {"cookieconsent"}


def test_form_of_another_site_changes_nothing(
    shop: Shop, plain_shop: Shop, page_without_js: Page
) -> None:
    """Even with a token, which everybody can read."""
    page = page_without_js
    for victim, host in ((shop, "localhost"), (plain_shop, "shop.example")):
        page.goto(victim.url("/", host))
        token = page.locator(f"{BANNER} input[name=token]").get_attribute("value")
        form = (
            f'<form method="post" action="{victim.url("/cookie-consent", host)}">'
            f'<input type="hidden" name="token" value="{token}">'
            '<button name="choice" value="accept">Win a ship</button></form>'
        )
        page.route("http://evil.test/**", serving(form))
        page.goto("http://evil.test/")
        with page.expect_navigation() as navigation:
            page.click("button")
        assert navigation.value is not None
        assert navigation.value.status == 403
        assert page.context.cookies() == []
        assert page.locator(FORM).is_visible()
        page.unroute("http://evil.test/**")


@pytest.mark.hostile(84)
def test_browser_that_keeps_no_cookie_is_told(
    shop: Shop, browser: Browser, chromium_path: str, tmp_path: Path
) -> None:
    """One POST, one page: no loop, and the banner says what happened."""
    settings = {"profile": {"default_content_setting_values": {"cookies": 2}}}
    context = own_browser(browser, chromium_path, tmp_path, settings)
    page = context.new_page()
    requests = requests_of(page)
    page.goto(shop.url("/second"))
    press(page, "accept")
    assert page.url == shop.url("/second#cookieconsent-saved")
    assert context.cookies() == []
    assert page.locator(BANNER).is_visible()
    assert page.locator(SAVED).is_visible()
    assert len([request for request in requests if request.is_navigation_request()]) == 3
    page.goto(shop.url("/second"))
    assert not page.locator(SAVED).is_visible()
    context.close()


@pytest.mark.parametrize("decided", [False, True])
@ONE_DOOR
def test_page_fetched_by_a_script_is_left_alone(
    shop: Shop, browser: Browser, decided: bool
) -> None:
    """The only test with JavaScript: the site's own."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(shop.url())
    if decided:
        press(page, "accept")
    fetched = page.evaluate("() => fetch('/second').then(response => response.text())")
    assert "sealing wax" in fetched
    assert "cookieconsent" not in fetched
    assert names(context) == ({CONSENT, *OPTIONAL} if decided else set())
    context.close()
