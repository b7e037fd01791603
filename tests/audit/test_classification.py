"""What may be said of a cookie where the registry is silent."""

from __future__ import annotations

import csv
import re
from datetime import timedelta

import pytest

from cookieconsent.audit.classification import (
    TRACKERS,
    Attributes,
    guesses,
    tracker_domains,
)

SESSION = Attributes(http_only=True, secure=True, max_age=None)
THIRTEEN_MONTHS = Attributes(http_only=False, secure=True, max_age=timedelta(days=395))
ONE_DAY = Attributes(http_only=False, secure=False, max_age=timedelta(days=1))


@pytest.mark.parametrize(
    ("domain", "attributes", "by_domain", "by_attributes"),
    [
        ("ads.criteo.com", SESSION, "advertising", "authentication"),
        (".FaceBook.com", None, "advertising", None),
        (None, SESSION, None, "authentication"),
        ("shop.example", THIRTEEN_MONTHS, None, "analytics"),
        ("shop.example", ONE_DAY, None, None),
        ("notcriteo.com", None, None, None),
        ("com", None, None, None),
        (".", None, None, None),
        (None, None, None, None),
    ],
)
def test_two_witnesses_guess(
    domain: str | None,
    attributes: Attributes | None,
    by_domain: str | None,
    by_attributes: str | None,
) -> None:
    asked = [(step.witness, step.cls) for step in guesses(domain, attributes)]
    assert asked == [("tracker domain", by_domain), ("attributes", by_attributes)]


def test_detail_names_what_spoke() -> None:
    domain, attributes = guesses("x.criteo.com", SESSION)
    assert (domain.detail, attributes.detail) == (
        "criteo.com",
        "HttpOnly, Secure, until the browser is closed",
    )


# ------------------------------------------------------------------ the tracker domains


def test_tracker_lines_are_sound() -> None:
    with TRACKERS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    domains = [row["domain"] for row in rows]
    assert sorted(set(domains)) == domains
    assert all(re.fullmatch(r"([a-z0-9-]+\.)+[a-z]{2,}", domain) for domain in domains)
    assert all(row["owner"] for row in rows)
    assert {row["cls"] for row in rows} == {"advertising", "analytics", "media"}


@pytest.mark.parametrize(
    ("domain", "cls"),
    [
        ("doubleclick.net", "advertising"),
        ("facebook.com", "advertising"),
        ("linkedin.com", "advertising"),
        ("hotjar.com", "analytics"),
        ("youtube.com", "media"),
        ("google.com", None),  # it is a site of its own, too
        ("amazonaws.com", None),
        ("stripe.com", None),
        ("onetrust.com", None),
    ],
)
def test_known_tracker_domains(domain: str, cls: str | None) -> None:
    assert tracker_domains().get(domain) == cls
