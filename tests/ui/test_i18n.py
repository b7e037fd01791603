"""How days, lengths of time and enumerations are said in a language."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookieconsent.ui.i18n import Words
from ui.markup import LOCALES, words

every_locale = pytest.mark.parametrize("locale", LOCALES)

# --- numbers, days, enumerations ----------------------------------------------------------------

DURATIONS = [
    ("half a year", timedelta(days=182), "6 months", "6 Monate"),
    ("13 months", timedelta(days=395), "13 months", "13 Monate"),
    ("a year", timedelta(days=365), "1 year", "1 Jahr"),
    ("two years", timedelta(days=730), "2 years", "2 Jahre"),
    ("400 days", timedelta(days=400), "400 days", "400 Tage"),
    ("a month", timedelta(days=30), "1 month", "1 Monat"),
    ("90 days", timedelta(days=90), "90 days", "90 Tage"),
    ("a day", timedelta(days=1), "1 day", "1 Tag"),
    ("36 hours", timedelta(hours=36), "36 hours", "36 Stunden"),
    ("8 hours", timedelta(hours=8), "8 hours", "8 Stunden"),
    ("30 minutes", timedelta(minutes=30), "30 minutes", "30 Minuten"),
    ("90 seconds", timedelta(seconds=90), "2 minutes", "2 Minuten"),
    ("a second", timedelta(seconds=1), "1 minute", "1 Minute"),
    ("100,000 seconds", timedelta(seconds=100_000), "28 hours", "28 Stunden"),
    ("ten days and a second", timedelta(days=10, seconds=1), "10 days", "10 Tage"),
]


@pytest.mark.parametrize(
    ("lifetime", "english", "german"), [r[1:] for r in DURATIONS], ids=[r[0] for r in DURATIONS]
)
def test_duration(lifetime: timedelta, english: str, german: str) -> None:
    assert words("en").duration(lifetime) == english
    assert words("de").duration(lifetime) == german


@given(st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(days=40_000)))
def test_duration_is_a_number_and_a_unit(lifetime: timedelta) -> None:
    number, unit = words("en").duration(lifetime).replace(",", "").split()
    assert int(number) >= 1
    assert unit.removesuffix("s") in {"minute", "hour", "day", "month", "year"}


@pytest.mark.parametrize(
    ("locale", "expected"),
    [("en", "March 1, 2026"), ("de", "1. März 2026"), ("fr", "1 mars 2026")],
)
def test_date(locale: str, expected: str) -> None:
    assert words(locale).date(date(2026, 3, 1)) == expected


@every_locale
def test_duration_is_in_words_everywhere(locale: str) -> None:
    lengths = [timedelta(minutes=5), timedelta(hours=2)]
    lengths += [timedelta(days=days) for days in (1, 2, 14, 30, 395, 365, 730)]
    said = [words(locale).duration(length) for length in lengths]
    assert [text for text in said if "duration" in text] == []


@pytest.mark.parametrize(
    ("locale", "expected"), [("nl", "2 dagen"), ("it", "2 giorni"), ("ja", "2 日"), ("ar", "يومان")]
)
def test_short_form_stands_in_for_a_long_one(locale: str, expected: str) -> None:
    assert words(locale).duration(timedelta(days=2)) == expected


@pytest.mark.parametrize(
    ("locale", "items", "expected"),
    [
        ("en", ["A"], "A"),
        ("en", ["A", "B"], "A and B"),
        ("de", ["A", "B", "C"], "A, B und C"),
        ("fr", ["A", "B", "C"], "A, B et C"),
        ("en", [], ""),
    ],
)
def test_listing(locale: str, items: list[str], expected: str) -> None:
    assert words(locale).listing(items) == expected


@pytest.mark.parametrize("locale", ["en", "de", "fr", "pl", "ru", "ar", "cy", "mt"])
def test_plural_forms_differ(locale: str) -> None:
    one, two = (words(locale).ngettext("%(num)d cookie", "%(num)d cookies", n) for n in (1, 2))
    assert one != two


def test_french_counts_nothing_as_one() -> None:
    spoken = words("fr")
    assert spoken.ngettext("%(num)d cookie", "%(num)d cookies", 0) == "%(num)d cookie"


def test_message_without_translation_stays_english() -> None:
    assert words("de").gettext("not in any catalogue") == "not in any catalogue"


@pytest.mark.parametrize(
    ("name", "tag"), [("de", "de"), ("pt_BR", "pt-BR"), ("zh_Hant", "zh-Hant")]
)
def test_tag_is_for_html(name: str, tag: str) -> None:
    stand_in = object.__new__(Words)
    stand_in.name = name
    assert stand_in.tag == tag


def test_direction() -> None:
    assert words("de").direction == "ltr"
    assert words("ar").direction == "rtl"
