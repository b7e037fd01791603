"""The box in the place of embedded content: as large as that, on any screen, with style or without."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cookieconsent.core.registry import CookieClass
from cookieconsent.ui.embed import Embed, placeholder
from cookieconsent.ui.theme import SHIPPED
from ui.markup import filled, words

if TYPE_CHECKING:
    from playwright.sync_api import Page

FILM = Embed(
    title="How tea is made",
    provider="Film House",
    link="https://film.example/1",
    width=640,
    height=360,
)


def show(page: Page, locale: str, embed: Embed = FILM, *, styled: bool = True) -> None:
    box = placeholder(embed, CookieClass("media"), words(locale), token=True, sheet=None)
    style = f"<style>{SHIPPED.sheet('embed')}</style>" if styled else ""
    html = f"<!DOCTYPE html><title>t</title>{style}<body style='margin: 0'>"
    page.set_content(html + filled(box).decode("ascii"))


@pytest.mark.parametrize("locale", ["en", "de", "ar", "ja"])
def test_box_is_as_large_as_the_content(page_without_js: Page, locale: str) -> None:
    show(page_without_js, locale)
    box = page_without_js.locator(".cookieconsent-embed").bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (640, 360)


@pytest.mark.parametrize("locale", ["en", "de", "ar", "ja"])
def test_box_fits_a_phone(page_without_js: Page, locale: str) -> None:
    page = page_without_js
    page.set_viewport_size({"width": 320, "height": 640})
    show(page, locale)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 320
    button = page.locator("button[value=grant]").bounding_box()
    assert button is not None
    assert button["height"] >= 44
    text = page.locator(".cookieconsent-embed-text").bounding_box()
    whole = page.locator(".cookieconsent-embed").bounding_box()
    assert text is not None
    assert whole is not None
    assert text["height"] <= whole["height"], "nothing is cut off"


def test_small_content_makes_room_for_its_words(page_without_js: Page) -> None:
    show(page_without_js, "en", Embed(title="A post", width=200, height=50))
    text = page_without_js.locator(".cookieconsent-embed-text").bounding_box()
    whole = page_without_js.locator(".cookieconsent-embed").bounding_box()
    assert text is not None
    assert whole is not None
    assert text["height"] <= whole["height"]


def test_box_without_style_keeps_its_place(page_without_js: Page) -> None:
    """The page may forbid style sheets: then the words stand below the empty place."""
    show(page_without_js, "en", styled=False)
    space = page_without_js.locator("svg").bounding_box()
    assert space is not None
    assert (space["width"], space["height"]) == (640, 360)
    assert page_without_js.locator("button[value=grant]").is_visible()
