"""The shipped catalogue: well-known cookies of frameworks and vendors, as data.

The facts stand in `catalogue.tsv` beside this file, names of which all else is the same on one line;
docs/how-to/catalogue.md tells how to add one. Exempt classes are given by review only, each with its
reason. A short or generic name carries the domains it needs, and no rule decides it without one.
May not enter: a cookie name in code.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

from cookieconsent.core import lifetime as lifetimes
from cookieconsent.core.registry import (
    EXEMPT_CLASSES,
    Classification,
    Registry,
    Rule,
    RuleSet,
)
from cookieconsent.core.trackers import tracker
from cookieconsent.core.words import meaning

DATA = Path(__file__).with_name("catalogue.tsv")


@cache
def shipped_rules() -> RuleSet:
    """Return the rules of the shipped catalogue, read once."""
    return RuleSet(rule for row in _rows() for rule in _rules(row))


def _rows() -> Iterator[dict[str, str]]:
    with DATA.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


def _rules(row: dict[str, str]) -> Iterator[Rule]:
    cls, vendor, reason = row["cls"], row["vendor"], row["reason"] or None
    lifetime = lifetimes.parse(row["lifetime"]) if row["lifetime"] else None
    domains = tuple(filter(None, row["domain"].split(",")))
    for name in row["names"].split(" "):
        known = Classification(cls, "catalogue", name, vendor, lifetime, reason)
        yield Rule(name.encode("utf-8"), known, domains=domains)


def catalogue() -> Registry:
    """Return the shipped catalogue alone, as a registry without declarations.

    Where no line of it decides, three weaker witnesses are heard: the domain of a known tracker, words
    that name a use by themselves, and, where no domain is given, who is known to set a short name. The
    site's own registry hears none of them.
    """
    return Registry((), shipped_rules(), guess=_guess)


def _guess(name: bytes, domain: str | None) -> Classification | None:
    said = tracker(domain) or meaning(name)
    return said or (_of_known_setters().get(name) if domain is None else None)


@cache
def _of_known_setters() -> dict[bytes, Classification]:
    """Return what the names are that hold for some domains alone, but for what anybody might set.

    Never an exempt class: who sets a cookie of that name may be somebody else.
    """
    bound = (row for row in _rows() if row["domain"] and row["cls"] not in EXEMPT_CLASSES)
    rules = (rule for row in bound if not row["common"] for rule in _rules(row))
    return {
        rule.pattern: replace(rule.classification, reason="no other setter of the name is known")
        for rule in rules
        if b"*" not in rule.pattern
    }
