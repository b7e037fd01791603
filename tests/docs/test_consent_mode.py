"""What the guide to Google's consent state writes into a page, for each answer."""

from __future__ import annotations

import json
import re

import pytest

from doors import Visitor
from pages import ReadGuide, Written

GRANTED, DENIED = "granted", "denied"


def state(page: bytes) -> dict[str, str] | None:
    """Return the state that a page tells Google's tags, if it has any tag."""
    found = re.search(rb'gtag\("consent", "default", (\{.*?\})\);', page)
    assert (found is None) == (b"googletagmanager" not in page), "no tag without its state"
    return None if found is None else json.loads(found[1])


@pytest.fixture
def visitor(read: ReadGuide) -> Visitor:
    visitor = Visitor(Written(read("consent-mode")["app"], "asgi"))
    visitor.visit()
    return visitor


def test_nothing_of_google_before_a_yes(visitor: Visitor) -> None:
    assert state(visitor.page) is None
    visitor.choose("reject")
    assert state(visitor.page) is None


def test_yes_to_all_grants_every_kind(visitor: Visitor) -> None:
    visitor.choose("accept")
    said = state(visitor.page)
    assert said is not None
    assert set(said) == {"analytics_storage", "ad_storage", "ad_user_data", "ad_personalization"}
    assert set(said.values()) == {GRANTED}
    visitor.choose("withdraw")
    assert state(visitor.page) is None


@pytest.mark.parametrize(
    ("cls", "analytics", "advertising"),
    [("analytics", GRANTED, DENIED), ("advertising", DENIED, GRANTED)],
)
def test_yes_to_one_class_grants_its_kinds(
    visitor: Visitor, cls: str, analytics: str, advertising: str
) -> None:
    visitor.visit("/cookie-consent")
    visitor.choose("save", **{f"class-{cls}": "yes"})
    visitor.visit()
    said = state(visitor.page)
    assert said is not None
    assert said.pop("analytics_storage") == analytics
    assert set(said.values()) == {advertising}


def test_state_comes_before_everything_else(visitor: Visitor) -> None:
    visitor.choose("accept")
    order = [b'gtag("consent"', b'gtag("js"', b'gtag("config"', b"googletagmanager.com"]
    places = [visitor.page.index(text) for text in order]
    assert places == sorted(places)


def test_gate_names_google_after_a_yes_only(visitor: Visitor) -> None:
    first = visitor.visit().values(b"content-security-policy")
    visitor.choose("accept")
    second = visitor.visit().values(b"content-security-policy")
    assert b"googletagmanager" not in b"".join(first)
    assert b"www.googletagmanager.com" in b"".join(second)
