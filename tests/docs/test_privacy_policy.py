"""What a privacy policy promises stands on the preferences page, as the explanation maps it."""

from __future__ import annotations

import re

import pytest

from cookieconsent import Config, Cookie
from doors import HTML, NOON, SECRET, Asked, Clock, Page, Site, Visitor, banners
from pages import ROOT

PAGE = ROOT / "docs" / "explanation" / "privacy-policy.md"
CONFIG = Config(
    secret_key=SECRET,
    clock=Clock(NOON),
    cookies=[
        Cookie("_ga", "analytics", purpose="Counts.", provider="Google", lifetime="13 months"),
        Cookie("sid", "authentication", purpose="Signs in.", provider="Us", lifetime="session"),
    ],
    contact="mailto:privacy@shop.example",
    authority="FR",
    last_updated="2026-11-01",
    policy_version="7",
    privacy_policy_url="/privacy",
)


@pytest.fixture(scope="module")
def preferences() -> str:
    """The preferences page of somebody who said yes, over https."""
    visitor = Visitor(Site("asgi", config=CONFIG))
    visitor.visit()
    visitor.choose("accept")
    visitor.visit("/cookie-consent")
    return visitor.page.decode("utf-8")


@pytest.mark.parametrize(
    "promise",
    [
        "13 months",
        "Session cookies are deleted when you close the browser.",
        "Firefox",
        "Google",
        'value="withdraw"',
        'value="forget"',
        'value="erase"',
        'value="pause"',
        "receipt.json",
        "https://www.cnil.fr",
        "mailto:privacy@shop.example",
        "Last updated: November 1, 2026",
        "Version: 7",
    ],
)
def test_promise_is_on_the_preferences_page(preferences: str, promise: str) -> None:
    assert promise in preferences


def test_browser_that_keeps_nothing_is_asked_on_each_page() -> None:
    site = Site("asgi", config=CONFIG)
    assert [banners(site.get().body) for _ in range(3)] == [1, 1, 1]


def test_longer_cookie_is_not_cut_short() -> None:
    def ten_years(request: Asked) -> Page:
        return Page(headers=[*HTML, (b"set-cookie", b"sid=1; Max-Age=315360000")])

    answer = Site("asgi", ten_years, config=CONFIG).get()
    assert b"sid=1; Max-Age=315360000" in answer.values(b"set-cookie")


def test_every_named_setting_exists() -> None:
    text = PAGE.read_text(encoding="utf-8")
    named = re.findall(r"settings? ((?:`\w+`(?: and )?)+)", text)
    names = {name for group in named for name in re.findall(r"\w+", group) if name != "and"}
    assert names == {"authority", "contact", "last_updated", "policy_version"}
    assert all(hasattr(CONFIG, name) for name in names)
