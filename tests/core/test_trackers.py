"""The domains of known trackers, as data and as the last word on a cookie of theirs."""

from __future__ import annotations

import csv
import re

import pytest

from cookieconsent import catalogue
from cookieconsent.core.registry import EXEMPT_CLASSES
from cookieconsent.core.trackers import TRACKERS, tracker, tracker_domains


def test_lines_are_sound() -> None:
    with TRACKERS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    domains = [row["domain"] for row in rows]
    assert sorted(set(domains)) == domains
    assert all(re.fullmatch(r"([a-z0-9-]+\.)+[a-z]{2,}", domain) for domain in domains)
    assert all(row["owner"] for row in rows)
    assert {row["cls"] for row in rows} == {"advertising", "analytics", "media"}
    assert not {row["cls"] for row in rows} & set(EXEMPT_CLASSES)


def test_read_once() -> None:
    assert tracker_domains() is tracker_domains()


@pytest.mark.parametrize(
    ("domain", "cls"),
    [
        ("doubleclick.net", "advertising"),
        ("ads.criteo.com", "advertising"),
        ("facebook.com", "advertising"),
        ("linkedin.com", "advertising"),
        ("bidswitch.net", "advertising"),
        ("hotjar.com", "analytics"),
        ("c.clarity.ms", "analytics"),
        ("youtube.com", "media"),
        ("google.com", None),  # it is a site of its own, too
        ("amazonaws.com", None),
        ("stripe.com", None),
        ("onetrust.com", None),
        ("notcriteo.com", None),
        ("com", None),
        ("", None),
        (None, None),
    ],
)
def test_known_domains(domain: str | None, cls: str | None) -> None:
    known = tracker(domain)
    assert (known and known.cls) == cls


# ------------------------------------------------------------------ name and domain together


@pytest.mark.parametrize(
    ("name", "domain", "cls"),
    [
        ("qqqq", "ads.criteo.com", "advertising"),
        ("qqqq", ".Criteo.COM", "advertising"),
        ("fr", ".Facebook.com", "advertising"),
        ("PHPSESSID", "criteo.com", "authentication"),  # the name is asked first
        ("_ga", "criteo.com", "analytics"),
        ("qqqq", "shop.example", None),
        ("qqqq", ".", None),
        ("qqqq", None, None),
    ],
)
def test_domain_decides_where_the_name_is_silent(
    name: str, domain: str | None, cls: str | None
) -> None:
    assert catalogue().classify(name, domain=domain).cls == cls


def test_a_domain_says_what_decided() -> None:
    known = catalogue().classify("qqqq", domain="ads.criteo.com")
    assert (known.source, known.rule, known.vendor) == ("catalogue", "criteo.com", "Criteo")
    assert known.reason is not None
