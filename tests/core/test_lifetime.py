"""Lifetimes as people write them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cookieconsent.core import lifetime
from cookieconsent.core.lifetime import parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("session", None),
        ("30 minutes", timedelta(minutes=30)),
        ("1 minute", timedelta(minutes=1)),
        ("24 hours", timedelta(days=1)),
        ("1 day", timedelta(days=1)),
        ("90 days", timedelta(days=90)),
        ("1 month", timedelta(days=30)),
        ("6 months", timedelta(days=182)),
        ("13 months", timedelta(days=395)),
        ("1 year", timedelta(days=365)),
        ("2 years", timedelta(days=730)),
        ("99999 years", timedelta(days=365 * 99999)),
    ],
)
def test_lifetime_read(text: str, expected: timedelta | None) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Session",
        "13",
        "months",
        "13months",
        "13  months",
        " 13 months",
        "13 months ",
        "13 months\n",
        "13 Months",
        "1.5 years",
        "-1 days",
        "0 days",
        "+1 days",
        "123456 days",
        "2 weeks",
        "30 seconds",
        "13 monthss",
    ],
)
def test_lifetime_refused(text: str) -> None:
    with pytest.raises(ValueError, match="neither 'session' nor"):
        parse(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (60, "1 minute"),
        (3_600, "1 hour"),
        (7_200, "2 hours"),
        (86_400, "1 day"),
        (31_536_000, "1 year"),
        (34_128_000, "395 days"),
        (1, "1 minute"),
        (61, "2 minutes"),
        (7_201, "3 hours"),
        (7_199, "120 minutes"),
        (0.5, "1 minute"),
        (34_560_000 - 1, "400 days"),
    ],
)
def test_lifetimes_are_written_as_they_are_read(seconds: float, text: str) -> None:
    assert lifetime.write(timedelta(seconds=seconds)) == text
    read = lifetime.parse(text)
    assert read is not None
    assert read >= timedelta(seconds=seconds)


def test_session_is_written_as_it_is_read() -> None:
    assert lifetime.parse(lifetime.write(None)) is None
