"""What people write in tables of cookies, in some languages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cookieconsent.core.lifetime import parse
from cookieconsent.migration.words import column, lifetime, span


@pytest.mark.parametrize(
    ("heading", "fact"),
    [
        ("Name", "name"),
        ("Cookie", "name"),
        ("Cookie name", "name"),
        ("Nom du cookie", "name"),
        ("Cookie provider", "provider"),
        ("Anbieter", "provider"),
        ("Service", "provider"),
        ("Description", "purpose"),
        ("desc", "purpose"),
        ("Zweck des Cookies", "purpose"),
        ("Cookie duration", "lifetime"),
        ("Expiration", "lifetime"),
        ("Speicherdauer", "lifetime"),
        ("Domain", "domain"),
        ("col1", None),
        ("", None),
    ],
)
def test_heading_tells_the_column(heading: str, fact: str | None) -> None:
    assert column(heading) == fact


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Session", "session"),
        ("Browser session", "session"),
        ("session cookie", "session"),
        ("Sitzung", "session"),
        ("2 years", "2 years"),
        ("1 year", "1 year"),
        ("1 Years", "1 year"),
        ("24 h", "24 hours"),
        ("30min", "30 minutes"),
        ("6 Monate", "6 months"),
        ("1 Jahr", "1 year"),
        ("13 mois", "13 months"),
        ("2 ans", "2 years"),
        ("90 Tage", "90 days"),
        ("2 weeks", "14 days"),
        ("3 settimane", "21 days"),
        ("1 giorno", "1 day"),
        ("2 años", "2 years"),
        ("1 jaar", "1 year"),
        ("0 days", None),
        ("persistent", None),
        ("until deleted", None),
        ("2 moons", None),
        ("99999999 days", None),
        ("", None),
    ],
)
def test_lifetime_is_understood_or_left(text: str, written: str | None) -> None:
    assert lifetime(text) == written
    if written is not None:
        parse(written)


@pytest.mark.parametrize(
    ("lasting", "written"),
    [
        (timedelta(days=730), "2 years"),
        (timedelta(days=395), "395 days"),
        (timedelta(days=1), "1 day"),
        (timedelta(hours=36), "36 hours"),
        (timedelta(minutes=30), "30 minutes"),
        (timedelta(seconds=10), None),
    ],
)
def test_span_is_written_in_its_largest_unit(lasting: timedelta, written: str | None) -> None:
    assert span(lasting) == written
    if written is not None:
        assert parse(written) == lasting
