"""The reader of the shipped catalogue; what stands in it has rules of its own (catalogue data)."""

from __future__ import annotations

import csv
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cookieconsent
from cookieconsent.core.catalog import DATA, catalogue, shipped_rules
from cookieconsent.core.registry import Classification, Registry, Rule, RuleSet, glob_matches


def test_every_line_becomes_a_rule() -> None:
    with DATA.open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
    rules = list(shipped_rules())
    names = [name for line in lines for name in line[-1].split(" ")]
    assert len(rules) == len(names) > 100
    assert sorted(rule.pattern.decode() for rule in rules) == sorted(names)
    assert {rule.classification.source for rule in rules} == {"catalogue"}
    assert not any(rule.scopes for rule in rules)


def test_read_once() -> None:
    assert shipped_rules() is shipped_rules()


def test_public_name() -> None:
    assert cookieconsent.catalogue is catalogue
    assert catalogue().cookies == ()


@pytest.mark.parametrize(
    ("name", "cls", "rule", "vendor", "lifetime"),
    [
        ("PHPSESSID", "authentication", "PHPSESSID", "PHP", None),
        ("_ga", "analytics", "_ga", "Google", timedelta(days=730)),
        ("_ga_ABC", "analytics", "_ga_*", "Google", timedelta(days=730)),
        ("_fbp", "advertising", "_fbp", "Meta", timedelta(days=90)),
    ],
)
def test_known_names(
    name: str, cls: str, rule: str, vendor: str, lifetime: timedelta | None
) -> None:
    known = catalogue().classify(name)
    assert (known.cls, known.source, known.rule) == (cls, "catalogue", rule)
    assert (known.vendor, known.lifetime) == (vendor, lifetime)


@pytest.mark.parametrize(
    "name", ["", "x", "sid", "xPHPSESSID", "PHPSESSIDx", "phpsessid", "_ga\xa0"]
)
def test_unknown_names(name: str) -> None:
    known = catalogue().classify(name)
    assert (known.cls, known.source, known.rule, known.vendor, known.lifetime) == (None,) * 5


def test_generic_name_needs_its_domain() -> None:
    shipped = catalogue()
    assert shipped.classify("ID").cls is None
    assert shipped.classify("ID", domain="shop.example").cls is None
    assert shipped.classify("ID", domain="doubleclick.net").cls == "advertising"
    assert shipped.classify("ID", domain="ad.doubleclick.net").cls == "advertising"
    assert shipped.classify("ID", domain="notdoubleclick.net").cls is None


@pytest.mark.parametrize(("name", "cls"), [("fr", "advertising"), ("SM", "analytics")])
def test_short_name_is_guessed_by_its_only_known_setter(name: str, cls: str) -> None:
    """Without a domain alone: with another one, somebody else set it."""
    known = catalogue().classify(name)
    assert (known.cls, known.rule) == (cls, name)
    assert known.reason == "no other setter of the name is known"
    assert catalogue().classify(name, domain="shop.example").cls is None
    assert Registry((), shipped_rules()).classify(name).cls is None


@pytest.mark.parametrize("name", ["uid", "SID", "sess", "li_gc", "logged_in"])
def test_names_of_anybody_and_exempt_ones_are_not_guessed(name: str) -> None:
    assert catalogue().classify(name).cls is None


def test_exempt_rules_say_why() -> None:
    """A claim that somebody looked at carries its reason."""
    exempt = [
        r for r in shipped_rules() if r.classification.cls in {"authentication", "cart", "consent"}
    ]
    assert exempt
    assert all(rule.classification.reason for rule in exempt)


@given(
    st.sets(st.text("ab*", min_size=1, max_size=7).filter(lambda text: text.count("*") < 3)),
    st.text("ab", max_size=9),
)
def test_index_finds_what_trying_all_finds(patterns: set[str], name: str) -> None:
    """Whatever a glob begins and ends with, the index decides as if every rule had been tried."""
    rules = [
        Rule(text.encode(), Classification("analytics", "catalogue", text, None, None))
        for text in sorted(patterns)
    ]
    found = RuleSet(rules).find(name.encode(), None)
    exact = [rule for rule in rules if rule.pattern == name.encode()]
    globs = [rule for rule in rules if b"*" in rule.pattern]
    fitting = [rule for rule in globs if glob_matches(rule.pattern, name.encode())]
    best = max((rule.rank for rule in exact or fitting), default=None)
    assert (found and found.rank) == best
