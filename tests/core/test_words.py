"""Words that name a use by themselves: guesses of the catalogue alone, never of a site."""

from __future__ import annotations

import csv
from collections.abc import Iterator

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
    assert all(
        bool(meaning(row["word"].encode())) is (row["cls"] != "-" and row["inside"] != "only")
        for row in rows
    )
    assert {row["cls"] for row in rows} - set(EXEMPT_CLASSES) == {
        "advertising",
        "analytics",
        "preferences",
        "-",
    }
    assert {row["inside"] for row in rows} == {"", "yes", "only"}
    assert not [row["word"] for row in rows if row["inside"] and row["cls"] == "-"]
    assert all(row["inside"] for row in rows if row["cls"] in EXEMPT_CLASSES)


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
        ("csrf", "authentication"),
        ("my-csrf-token", "authentication"),
        ("XsrfKey", "authentication"),
        ("shop_cart", "cart"),
        ("basketToken", "cart"),
        ("cookie_notice", "consent"),
        ("acceptCookies", "consent"),
        ("mysite_consent", "consent"),
        ("analytics_consent", "consent"),
        ("csrf_tracker", None),  # a tracker may call itself so
        ("cart_visitor", None),
        ("visitor_consent", None),
        ("cart", None),  # the rows decide, or the domain
        ("CONSENT", None),
        ("cookie_test", None),
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
    exempt = [
        known in EXEMPT_CLASSES for known, said in _known_and_said() if said not in EXEMPT_CLASSES
    ]
    assert len(exempt) > 200
    assert sum(exempt) < 0.05 * len(exempt)


def test_guesses_are_hardly_ever_too_lenient() -> None:
    """Of the names that the catalogue knows, hardly any that needs a yes would be guessed exempt."""
    asked = [
        known not in EXEMPT_CLASSES for known, said in _known_and_said() if said in EXEMPT_CLASSES
    ]
    assert len(asked) > 200
    assert sum(asked) < 0.03 * len(asked)


def _known_and_said() -> Iterator[tuple[str | None, str | None]]:
    for rule in shipped_rules():
        said = meaning(rule.pattern.replace(b"*", b""))
        if said is not None:
            yield rule.classification.cls, said.cls


def test_tracker_is_heard_before_a_word() -> None:
    assert catalogue().classify("lang", domain="criteo.com").cls == "advertising"
    assert catalogue().classify("lang", domain="shop.example").cls == "preferences"
