"""What visitors read of a class."""

from __future__ import annotations

import pytest

from cookieconsent.core.registry import BUILT_IN_CLASSES, READY_CLASSES, CookieClass
from cookieconsent.ui.classes import description_of, title_of
from ui.markup import LOCALES, words

SHIPPED = (*BUILT_IN_CLASSES, *READY_CLASSES)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_class_has_words(name: str, locale: str) -> None:
    cls = CookieClass(name)
    assert title_of(cls, words(locale)) not in {"", name}
    assert description_of(cls, words(locale))[-1] in ".。।" or locale == "th"


@pytest.mark.parametrize("locale", ["de", "fr"])
@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_words_are_translated(name: str, locale: str) -> None:
    cls = CookieClass(name)
    assert title_of(cls, words(locale)) != title_of(cls, words("en"))
    assert description_of(cls, words(locale)) != description_of(cls, words("en"))


@pytest.mark.parametrize("locale", LOCALES)
def test_titles_differ(locale: str) -> None:
    titles = [title_of(CookieClass(name), words(locale)) for name in SHIPPED]
    assert len(set(titles)) == len(titles)


WORDS = [
    ("own words win", CookieClass("analytics", title="T", description="D"), "T", "D"),
    ("own title alone", CookieClass("cart", title="Basket"), "Basket", None),
    ("own class without words", CookieClass("chat"), "chat", ""),
    (
        "own class with words",
        CookieClass("chat", title="Chat", description="Talks."),
        "Chat",
        "Talks.",
    ),
    ("own title is not translated", CookieClass("chat", title="Analytics"), "Analytics", ""),
    ("empty own words", CookieClass("cart", title="", description=""), "", ""),
]


@pytest.mark.parametrize(
    ("cls", "title", "description"), [row[1:] for row in WORDS], ids=[row[0] for row in WORDS]
)
def test_words_of_a_class(cls: CookieClass, title: str, description: str | None) -> None:
    spoken = words("de")
    assert title_of(cls, spoken) == title
    if description is None:
        description = description_of(CookieClass(cls.name), spoken)
    assert description_of(cls, spoken) == description
