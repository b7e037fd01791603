"""The shipped catalogue: well-known cookies of frameworks and vendors, as data.

The facts stand in `catalogue.tsv` beside this file, names of which all else is the same on one line;
docs/how-to/catalogue.md tells how to add one. Exempt classes are given by review only, each with its
reason. A generic name carries the domains it needs, and is not decided without one.
May not enter: a cookie name in code.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from cookieconsent.core import lifetime as lifetimes
from cookieconsent.core.registry import Classification, Registry, Rule, RuleSet
from cookieconsent.core.trackers import tracker
from cookieconsent.core.words import meaning

DATA = Path(__file__).with_name("catalogue.tsv")


@cache
def shipped_rules() -> RuleSet:
    """Return the rules of the shipped catalogue, read once."""
    with DATA.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return RuleSet(rule for row in rows for rule in _rules(row))


def _rules(row: dict[str, str]) -> Iterator[Rule]:
    cls, vendor, reason = row["cls"], row["vendor"], row["reason"] or None
    lifetime = lifetimes.parse(row["lifetime"]) if row["lifetime"] else None
    domains = tuple(filter(None, row["domain"].split(",")))
    for name in row["names"].split(" "):
        known = Classification(cls, "catalogue", name, vendor, lifetime, reason)
        yield Rule(name.encode("utf-8"), known, domains=domains)


def catalogue() -> Registry:
    """Return the shipped catalogue alone, as a registry without declarations.

    Where no line of it decides, two weaker witnesses are heard: the domain of a known tracker, and
    words that name a use by themselves. The site's own registry hears neither.
    """
    return Registry((), shipped_rules(), guess=_guess)


def _guess(name: bytes, domain: str | None) -> Classification | None:
    return tracker(domain) or meaning(name)
