"""The receipt to print: all facts of the file in words, nothing to send, nothing that runs."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from cookieconsent.core.choice import Choice
from cookieconsent.core.receipt import Receipt
from cookieconsent.core.registry import Cookie, CookieClass
from cookieconsent.ui.i18n import Words
from cookieconsent.ui.receipt import answered_classes, receipt_page
from ui.markup import (
    ANALYTICS,
    HOSTILE,
    LOCALES,
    MEDIA,
    STATISTICS,
    active_parts,
    by_id,
    parse,
    site,
    text_of,
    words,
)

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

CHOICE = Choice(day=20_454, granted=frozenset({"analytics"}), refused=frozenset({"media"}))
SIGNATURE = "abc-DEF_123"


def receipt(words_: Words | None = None, choice: Choice | None = CHOICE, **other: Any) -> Receipt:
    classes = other.pop("classes", (ANALYTICS, MEDIA, STATISTICS))
    cookies = {"cookies": other.pop("cookies")} if "cookies" in other else {}
    return dataclasses.replace(
        Receipt(
            site="shop.example",
            language="en",
            issued=date(2026, 1, 3),
            answered=date(2026, 1, 1),
            valid_until=date(2026, 7, 2),
            paused=False,
            gpc=False,
            policy_version="7",
            policy_last_updated=date(2025, 12, 1),
            privacy_policy_url="/privacy",
            contact="mailto:privacy@shop.example",
            authority="The authority",
            withdraw_at="/cookie-consent",
            classes=answered_classes(site(*classes, **cookies), choice, words_ or words("en")),
        ),
        **other,
    )


def tree_of(words_: Words | None = None, *args: Any, **other: Any) -> Element:
    """Return the tree of a page; fails where it is not well-formed."""
    spoken = words_ or words("en")
    page = receipt_page(receipt(spoken, *args, **other), SIGNATURE, spoken, "/style.css")
    tree, errors = parse(page)
    assert errors == []
    return tree


def rows(tree: Element) -> list[list[str]]:
    return [[text_of(cell) for cell in row] for body in tree.iter("tbody") for row in body]


def pairs(tree: Element) -> dict[str, str]:
    terms = [[text_of(e) for e in tree.iter(tag)] for tag in ("dt", "dd")]
    return dict(zip(*terms, strict=True))


def test_facts_are_told_in_words() -> None:
    assert pairs(tree_of()) == {
        "Website": "shop.example",
        "Issued on": "January 3, 2026",
        "Answered on": "January 1, 2026",
        "Counts until": "July 2, 2026",
        "Contact": "privacy@shop.example",
        "Data protection authority": "The authority",
    }


def test_nothing_is_made_up() -> None:
    tree = tree_of(
        site=None,
        answered=None,
        valid_until=None,
        contact=None,
        authority=None,
        privacy_policy_url=None,
        policy_version=None,
        policy_last_updated=None,
    )
    assert pairs(tree) == {"Issued on": "January 3, 2026", "Answered on": "Not answered"}
    assert "Version" not in text_of(tree)
    assert "Last updated" not in text_of(tree)


def test_answers_stand_in_a_table() -> None:
    assert rows(tree_of())[:6] == [
        ["Authentication and status", "Always on"],
        ["Shopping cart", "Always on"],
        ["Cookie consent", "Always on"],
        ["Analytics", "Yes"],
        ["Embedded media", "No"],
        ["Counting", "Not answered"],
    ]


def test_cookies_stand_in_tables_of_their_class() -> None:
    found = rows(tree_of())
    assert ["_ga", "Counts visits.", "Google", "13 months"] in found
    assert ["sid", "Not stated", "Not stated", "Not stated"] in found
    assert ["YSC", "Counts views.", "YouTube", "Until you close the browser"] in found
    own = ["__Host-cookieconsent", "Keeps your answer on this page.", "This site", "6 months"]
    assert own in found


def test_who_else_reads_is_told() -> None:
    text = text_of(tree_of())
    assert text.count("Third parties may receive this data, also outside the EU.") == 2
    assert text.count("These cookies are used until you say no.") == 1


@pytest.mark.parametrize(
    ("paused", "everything", "states"),
    [
        ({"analytics", "statistics"}, True, ["Yes (Paused)", "No", "Not answered (Paused)"]),
        ({"statistics"}, False, ["Yes", "No", "Not answered (Paused)"]),
        (set(), False, ["Yes", "No", "Not answered"]),
    ],
)
def test_pause_is_told(paused: set[str], everything: bool, states: list[str]) -> None:
    """A yes given during a pause ends it for that class."""
    choice = dataclasses.replace(CHOICE, paused=frozenset(paused))
    tree = tree_of(None, choice, paused=bool(paused))
    assert ("Everything is paused." in text_of(tree)) == everything
    assert [row[1] for row in rows(tree)[:6]] == ["Always on"] * 3 + states


@pytest.mark.parametrize("gpc", [True, False])
def test_signal_is_told(gpc: bool) -> None:
    assert ("Your browser sends Global Privacy Control." in text_of(tree_of(gpc=gpc))) == gpc


def test_signature_stands_in_small_print() -> None:
    tree = tree_of()
    [small] = tree.iter("small")
    assert text_of(small) == f"Signature: cookieconsent-receipt/1 {SIGNATURE}"
    text = text_of(next(tree.iter("footer")))
    assert text.startswith("Last updated: December 1, 2025 Version: 7 ")


def test_page_leads_back_and_to_the_policy() -> None:
    links = [(a.get("href"), text_of(a)) for a in tree_of().iter("a")]
    assert ("/cookie-consent", "Cookie settings") in links
    assert ("/privacy", "Privacy policy") in links


def test_page_sends_and_runs_nothing() -> None:
    tree = tree_of()
    assert active_parts(tree) == []
    assert not {e.tag for e in tree.iter()} & {"form", "button", "input", "details"}


def test_headings_are_in_order() -> None:
    levels = [e.tag for e in tree_of().iter() if e.tag in {"h1", "h2", "h3"}]
    assert levels == ["h1", "h2", *["h3"] * 6]
    assert len(list(tree_of().iter("main"))) == 1


@pytest.mark.parametrize("locale", LOCALES)
def test_every_language_makes_a_page(locale: str) -> None:
    tree = tree_of(words(locale))
    [html] = [e for e in tree.iter() if e.tag == "html"]
    spoken = words(locale)
    assert (html.get("lang"), html.get("dir")) == (spoken.tag, spoken.direction)


def test_page_is_mirrored_for_arabic() -> None:
    [html] = [e for e in tree_of(words("ar")).iter() if e.tag == "html"]
    assert (html.get("lang"), html.get("dir")) == ("ar", "rtl")
    assert by_id(tree_of(words("ar")), "cookieconsent-signature").tag == "bdi"


@pytest.mark.parametrize("text", HOSTILE)
def test_texts_of_a_site_stay_text(text: str) -> None:
    cls = CookieClass("analytics", title=text, description=text)
    cookie = Cookie("_ga", "analytics", purpose=text, provider=text, lifetime="1 day")
    tree = tree_of(
        classes=(cls,), cookies=(cookie,), contact=text, authority=text, policy_version=text
    )
    assert active_parts(tree) == []
    assert text in text_of(tree)


def test_hidden_characters_of_a_name_are_shown() -> None:
    tree = tree_of(cookies=(Cookie("a\u202eb", "analytics"),))
    assert "a\\x202eb" in text_of(tree)
