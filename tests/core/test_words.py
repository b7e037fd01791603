"""Words that name a use by themselves: guesses of the catalogue alone, never of a site."""

from __future__ import annotations

import csv

import pytest

from cookieconsent import catalogue
from cookieconsent.core.catalog import shipped_rules
from cookieconsent.core.registry import EXEMPT_CLASSES, Registry
from cookieconsent.core.words import WORDS, meaning, words


def test_lines_are_sound() -> None:
    with WORDS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    names = [row["word"] for row in rows]
    assert sorted(set(names)) == names
    assert all(name.isalpha() and name.islower() for name in names)
    assert all(meaning(row["word"].encode()) for row in rows if row["cls"] != "-")
    assert {row["cls"] for row in rows} == {"advertising", "analytics", "preferences", "-"}
    assert not {row["cls"] for row in rows} & set(EXEMPT_CLASSES)
    assert not [row["word"] for row in rows if row["inside"] and row["cls"] == "-"]


def test_read_once() -> None:
    assert words() is words()


@pytest.mark.parametrize(
    ("name", "cls"),
    [
        ("lang", "preferences"),
        ("user_lang", "preferences"),
        ("User-Lang", "preferences"),
        ("visitorId", "analytics"),
        ("utm_source", "analytics"),
        ("affiliate.id", "advertising"),
        ("shop_language", "preferences"),
        ("myAffiliateCode", "advertising"),
        ("XYVisitorKey", "analytics"),
        ("login_language", None),  # what a login needs may be exempt
        ("visitor_session", None),
        ("slang", None),
        ("session", None),  # a session is somebody's login: no guess
        ("token", None),
        ("user_id", None),
        ("langue", None),
        ("", None),
        ("lang" + "_" * 64, None),
    ],
)
def test_words_are_found_in_any_spelling(name: str, cls: str | None) -> None:
    known = meaning(name.encode())
    assert (known and known.cls) == cls


def test_catalogue_guesses_and_a_site_does_not() -> None:
    known = catalogue().classify("user_lang")
    assert (known.cls, known.rule, known.vendor) == ("preferences", "userlang", None)
    assert Registry((), shipped_rules()).classify("user_lang").cls is None


def test_guesses_are_seldom_too_strict() -> None:
    """Of the names that the catalogue knows, hardly any exempt one would be guessed to need a yes."""
    spoken = [
        rule.classification.cls
        for rule in shipped_rules()
        if meaning(rule.pattern.replace(b"*", b"")) is not None
    ]
    exempt = [cls for cls in spoken if cls in EXEMPT_CLASSES]
    assert len(spoken) > 200
    assert len(exempt) < 0.05 * len(spoken)


def test_tracker_is_heard_before_a_word() -> None:
    assert catalogue().classify("lang", domain="criteo.com").cls == "advertising"
    assert catalogue().classify("lang", domain="shop.example").cls == "preferences"
