"""What a visitor without JavaScript does, in words, and what can be seen of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request, Route

ONE_DOOR: Final = pytest.mark.parametrize("open_shops", ["asgi"], indirect=True)
"""For what a browser shows of the same bytes: that both doors send them is tested elsewhere."""

BANNER: Final = "#cookieconsent-banner"
SETTINGS: Final = "#cookieconsent-settings"
SAVED: Final = "#cookieconsent-saved"
FORM: Final = "#cookieconsent-preferences"
CONSENT: Final = "__Host-cookieconsent"
ANALYTICS: Final = frozenset({"_ga", "_ga_ABC123"})
OPTIONAL: Final = frozenset({*ANALYTICS, "player"})


def button(page: Page, choice: str, place: str = "") -> Locator:
    """Give the button for a choice, in one place of the page or in all of it."""
    return page.locator(f"{place} button[name=choice][value={choice}]")


def press(page: Page, choice: str, place: str = "") -> None:
    """Click the button for a choice and wait for the page that follows."""
    with page.expect_navigation():
        button(page, choice, place).click()


def press_key(page: Page, key: str) -> None:
    """Press a key that sends a form and wait for the page that follows."""
    with page.expect_navigation():
        page.keyboard.press(key)


def names(context: BrowserContext, url: str | None = None) -> set[str]:
    """Give the names of the cookies that a browser keeps."""
    return {cookie.get("name", "") for cookie in context.cookies(url or [])}


def is_focused(locator: Locator) -> bool:
    """Tell whether an element has the keyboard's focus."""
    return bool(locator.evaluate("element => element === document.activeElement"))


def requests_of(page: Page) -> list[Request]:
    """Note every request that a page makes from now on."""
    requests: list[Request] = []
    page.on("request", lambda request: requests.append(request))  # noqa: PLW0108 - no built-in here
    return requests


def serving(body: str) -> Callable[[Route], None]:
    """Answer for a site that is not there."""

    def serve(route: Route) -> None:
        route.fulfill(content_type="text/html", body=body)

    return serve


def own_browser(
    browser: Browser, chromium_path: str, folder: Path, settings: Mapping[str, Any], **options: Any
) -> BrowserContext:
    """Open another browser, whose visitor has changed its settings."""
    profile = folder / "Default"
    profile.mkdir()
    (profile / "Preferences").write_text(json.dumps(settings))
    return browser.browser_type.launch_persistent_context(
        folder,
        executable_path=chromium_path,
        args=["--headless", "--no-sandbox", "--disable-gpu"],
        java_script_enabled=False,
        **options,
    )
