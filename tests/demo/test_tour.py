"""The tour of the shop (docs/tutorial/demo.md): its table, its names and its quotations hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from demo.visits import GOT, SENT, OpenShop, fates, panel, press, visitor_of
from doors import Door, both_doors

TOUR = Path(__file__).parents[2].joinpath("docs", "tutorial", "demo.md").read_text("utf-8")
TABLE = re.findall(r"^\| `(\w+)` \| (.*?) \|", TOUR, re.MULTILINE)


@both_doors
def test_planted_cookies_end_as_the_table_says(door: Door) -> None:
    visitor = visitor_of(OpenShop(door))
    visitor.visit("/")
    visitor.choose("reject")
    press(visitor, "/plant")
    sent, got = fates(visitor.page, SENT), fates(visitor.page, GOT)
    for name, promise in TABLE:
        assert sent[name] == "stripped"
        assert (got.get(name) == "deleted") == (promise == "stripped and deleted"), name
    assert [name for name, _ in TABLE] == ["_ga", "_hjid", "_fbp", "mystery"]


def test_tour_quotes_what_the_panel_says() -> None:
    quoted = re.findall(r'"([^"]+\.)"', TOUR)
    reasons = {row.why for row in panel(OpenShop("asgi").get("/").body)[GOT]}
    assert set(quoted) == reasons


@pytest.mark.parametrize("words", re.findall(r"(?:Press|Open) \*([^*]+)\*", TOUR))
def test_what_the_tour_presses_is_there(words: str) -> None:
    visitor = visitor_of(OpenShop("asgi"))
    visitor.visit("/")
    seen = visitor.page
    visitor.choose("accept")
    assert words.encode() in seen + visitor.page


def test_report_of_the_form_shows_the_consent_cookie() -> None:
    visitor = visitor_of(OpenShop("asgi"))
    visitor.visit("/")
    visitor.choose("reject")
    before = fates(visitor.page, "Just before: POST /cookie-consent")
    assert before == {"__Host-cookieconsent": "set"}
    assert visitor.jar.names() == {b"__Host-cookieconsent"}


def test_restart_forgets_answers_and_sign_ins() -> None:
    visitor = visitor_of(OpenShop("asgi"))
    visitor.visit("/sign-in")
    press(visitor, "/sign-in", name="Ada")
    visitor.choose("accept")
    visitor.site = OpenShop("asgi", secret=None)
    visitor.visit("/")
    assert visitor.sees == "banner"
    assert b"Ada" not in visitor.page
