"""How a name comes to its class: every step of the search, and what declarations overrule."""

from __future__ import annotations

import pytest

from cookieconsent.core.reasons import overruled, steps
from cookieconsent.core.registry import Classification, Cookie, Registry, Rule


def rule(pattern: str, cls: str = "analytics", *domains: str) -> Rule:
    known = Classification(cls, "catalogue", pattern, "Vendor", None)
    return Rule(pattern.encode(), known, domains=domains)


CATALOGUE = [
    rule("_ga"),
    rule("_ga_*"),
    rule("_g*", "advertising"),
    rule("NID", "advertising", "google.com"),
]
REGISTRY = Registry([Cookie("_ga_*", "cart"), Cookie("sid", "authentication")], CATALOGUE)


@pytest.mark.parametrize(
    ("name", "domain", "results"),
    [
        ("sid", None, ["decides", "nothing", "nothing", "nothing"]),
        ("_ga_X", None, ["nothing", "decides", "nothing", "outranked"]),
        ("_ga", None, ["nothing", "nothing", "decides", "outranked"]),
        ("_gx", None, ["nothing", "nothing", "nothing", "decides"]),
        ("NID", None, ["nothing", "nothing", "domain", "nothing"]),
        ("NID", "www.google.com", ["nothing", "nothing", "decides", "nothing"]),
        ("mystery", None, ["nothing", "nothing", "nothing", "nothing"]),
    ],
)
def test_each_step_tells_what_it_found(name: str, domain: str | None, results: list[str]) -> None:
    found = steps(REGISTRY, name.encode(), domain)
    assert [step.result for step in found] == results
    assert [(step.source, step.kind) for step in found] == [
        ("declared", "exact"),
        ("declared", "glob"),
        ("catalogue", "exact"),
        ("catalogue", "glob"),
    ]


@pytest.mark.parametrize("name", ["sid", "_ga_X", "_ga", "_gx", "NID", "mystery"])
def test_deciding_step_agrees_with_the_registry(name: str) -> None:
    deciding = [s.rules[0] for s in steps(REGISTRY, name.encode()) if s.result == "decides"]
    known = REGISTRY.rule_for(name.encode())
    assert deciding == ([] if known is None else [known])


def test_longer_glob_stands_first() -> None:
    last = steps(Registry([], CATALOGUE), b"_ga_X")[-1]
    assert [r.pattern for r in last.rules] == [b"_ga_*", b"_g*"]


@pytest.mark.parametrize(
    ("cookie", "patterns"),
    [
        (Cookie("_ga", "authentication"), [b"_ga"]),
        (Cookie("_ga", "analytics"), []),
        (Cookie("_ga_X", "authentication"), [b"_ga_*"]),
        (Cookie("_ga_X*", "authentication"), [b"_ga_*"]),
        (Cookie("_*", "authentication"), [b"_ga", b"_ga_*", b"_g*"]),
        (Cookie("_*", "analytics"), [b"_g*"]),
        (Cookie("NID", "analytics"), []),
        (Cookie("NID", "analytics", domain="google.com"), [b"NID"]),
        (Cookie("mystery", "cart"), []),
    ],
)
def test_overruled_rules_are_named(cookie: Cookie, patterns: list[bytes]) -> None:
    found = overruled(Registry([cookie], CATALOGUE), cookie)
    assert [r.pattern for r in found] == patterns
