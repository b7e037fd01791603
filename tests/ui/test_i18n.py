"""Languages: which one a visitor gets, and how numbers and days are said in it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookieconsent.ui import i18n
from cookieconsent.ui.i18n import (
    Words,
    available_locales,
    catalogue_folder,
    find_locale,
    negotiate,
    words,
)
from ui.markup import LOCALES, mirrored

every_locale = pytest.mark.parametrize("locale", LOCALES)


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> Any:
    """More languages than are shipped today, to choose from."""
    names = ("de", "en", "fr", "he", "id", "nb", "pt", "pt_BR", "zh_Hans", "zh_Hant")
    monkeypatch.setattr(i18n, "available_locales", lambda: names)
    i18n._best.cache_clear()
    yield
    i18n._best.cache_clear()


# --- the shipped ones ---------------------------------------------------------------------------


def test_three_languages_are_shipped() -> None:
    assert set(LOCALES) <= set(available_locales())
    assert list(available_locales()) == sorted(available_locales())


def test_catalogues_are_looked_for_in_the_package_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "src" / "cookieconsent"
    monkeypatch.setattr(i18n, "__file__", str(package / "ui" / "i18n.py"))
    with pytest.raises(FileNotFoundError, match="no message catalogues"):
        catalogue_folder()
    (tmp_path / "locales" / "en").mkdir(parents=True)
    assert catalogue_folder() == tmp_path / "locales"
    (package / "locales" / "en").mkdir(parents=True)
    assert catalogue_folder() == package / "locales"


def test_words_are_read_once() -> None:
    assert words("de") is words("de")


# --- choosing -----------------------------------------------------------------------------------

FOUND = [
    ("exact", "de", "de"),
    ("capitals", "DE", "de"),
    ("region is dropped", "de-AT", "de"),
    ("underscore", "de_CH", "de"),
    ("own region", "pt-br", "pt_BR"),
    ("foreign region", "pt-AO", "pt"),
    ("script", "zh-Hant-TW", "zh_Hant"),
    ("script by region", "zh-TW", "zh_Hant"),
    ("script by another region", "zh-SG", "zh_Hans"),
    ("extension is dropped", "fr-u-ca-buddhist", "fr"),
    ("macrolanguage", "no", "nb"),
    ("macrolanguage with region", "no-NO", "nb"),
    ("old name", "iw-IL", "he"),
    ("white space", " fr ", "fr"),
    ("unknown", "xx", None),
    ("longer name", "deu", None),
    ("empty", "", None),
    ("star", "*", None),
    ("path", "../../../../etc/passwd", None),
    ("path behind a language", "de/../../etc/passwd", None),
    ("root", "root", None),
    ("C", "C", None),
    ("nul", "de\x00", None),
]


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize(("tag", "expected"), [r[1:] for r in FOUND], ids=[r[0] for r in FOUND])
def test_find_locale(tag: str, expected: str | None) -> None:
    assert find_locale(tag) == expected


CHOSEN = [
    ("none", None, "en"),
    ("empty", b"", "en"),
    ("one", b"fr", "fr"),
    ("region", b"de-CH", "de"),
    ("first of equals", b"fr, de", "fr"),
    ("weights", b"fr;q=0.5, de;q=0.9", "de"),
    ("weight left out is one", b"fr;q=0.9, de", "de"),
    ("weight above one is one", b"fr, de;q=5", "fr"),
    ("zero is no wish", b"fr;q=0, de;q=0.1", "de"),
    ("zero with digits", b"fr;q=0.000", "en"),
    ("only unknown ones", b"xx, yy;q=0.5", "en"),
    ("unknown before known", b"xx, fr;q=0.3", "fr"),
    ("browser's own", b"de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7", "de"),
    ("white space", b" fr ; q = 0.5 , de ; q=0.4", "de"),
    ("white space around weights", b"fr ;q=0.5 ,de; q=0.9 ", "de"),
    ("capital weight", b"fr;Q=0.5, de;Q=0.9", "de"),
    ("english before others", b"en-GB,de;q=0.9", "en"),
]


@pytest.mark.parametrize(
    ("header", "expected"), [r[1:] for r in CHOSEN], ids=[r[0] for r in CHOSEN]
)
def test_negotiate(header: bytes | None, expected: str) -> None:
    assert negotiate(header) == expected


HOSTILE = [
    ("path", b"../../../../etc/passwd", "en"),
    ("path before a wish", b"../../../../etc/passwd, fr", "fr"),
    ("100 kB of a", b"a" * 100_000, "en"),
    ("100 kB of a behind a wish", b"fr, " + b"a" * 100_000, "fr"),
    ("star", b"*", "en"),
    ("star before a wish", b"*, fr;q=0.5", "fr"),
    ("weight is not a number", b"fr;q=NaN", "en"),
    ("weight is infinite", b"fr;q=inf", "en"),
    ("weight is huge", b"fr;q=1e999", "en"),
    ("weight of the default is not a number", b"en;q=NaN, fr;q=0.1", "fr"),
    ("weight of the default is huge", b"en;q=1e999, fr;q=0.1", "fr"),
    ("negative weight", b"fr;q=-1", "en"),
    ("weight in other digits", "fr;q=\u0660.\u0669".encode(), "en"),
    ("weight of many digits", b"fr;q=0." + b"9" * 900, "fr"),
    ("root", b"root", "en"),
    ("C", b"C", "en"),
    ("POSIX", b"C.UTF-8, POSIX", "en"),
    ("nul", b"\x00", "en"),
    ("nul in a wish", b"fr\x00", "en"),
    ("5,000 entries", b"xx," * 5000 + b"fr", "en"),
    ("5,000 entries behind a wish", b"fr," + b"xx," * 5000, "fr"),
    ("5,000 hyphens", b"fr" + b"-" * 5000, "en"),
    ("500 hyphens", b"fr" + b"-" * 500, "fr"),
    ("no text", b"\xff\xfe\x80", "en"),
    ("line break", b"fr\r\nSet-Cookie: a=b", "en"),
]


@pytest.mark.hostile(179)
@pytest.mark.parametrize(
    ("header", "expected"), [row[1:] for row in HOSTILE], ids=[row[0] for row in HOSTILE]
)
def test_negotiate_with_hostile_input(header: bytes, expected: str) -> None:
    assert negotiate(header) == expected


@given(st.one_of(st.none(), st.binary(), st.text("defrn-;q=0.19, *\t").map(str.encode)))
def test_negotiate_is_total(header: bytes | None) -> None:
    assert negotiate(header) in available_locales()


@given(st.text())
def test_find_locale_is_total(tag: str) -> None:
    assert find_locale(tag) in {None, *available_locales()}


@given(st.lists(st.sampled_from(["de", "fr", "en", "xx", "de-AT"]), max_size=5))
def test_order_decides_among_equals(wishes: list[str]) -> None:
    known = [wish.partition("-")[0] for wish in wishes if wish != "xx"]
    assert negotiate(",".join(wishes).encode()) == (known[0] if known else "en")


@pytest.mark.hostile(179)
def test_memory_is_bounded() -> None:
    """What is kept of a header is its beginning, however long it was."""
    i18n._best.cache_clear()
    for length in range(2000, 2010):
        assert negotiate(b"fr," + b"a" * length) == "fr"
    assert i18n._best.cache_info().currsize == 1
    assert i18n._best.cache_info().maxsize == 1024


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


@every_locale
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
    assert mirrored().direction == "rtl"
