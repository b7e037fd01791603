"""Why a name has its class: the steps of the registry's search, each with what it found.

Theory of operation. The registry asks four times and stops at the first answer: declared names,
declared globs, catalogued names, catalogued globs. Here all four are asked, so that what was outranked
can be told as well. The registry itself says which rule decides; nothing is decided here.
May not enter: what follows from a class, words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from cookieconsent.core.registry import Cookie, Registry, Rule, RuleSet, Source, glob_matches

Kind = Literal["exact", "glob"]
_KINDS: Final[tuple[Kind, ...]] = ("exact", "glob")
Result = Literal["decides", "nothing", "domain", "outranked"]


@dataclass(frozen=True, slots=True)
class Step:
    """One question of the search, and its answer."""

    source: Source
    """Whose rules were asked."""
    kind: Kind
    """Whether exact names or globs."""
    result: Result
    """`decides`: this step gives the class. `nothing`: no rule covers the name. `domain`: rules do, for
    cookies of other domains only. `outranked`: rules do, and an earlier step has decided."""
    rules: tuple[Rule, ...]
    """The rules that cover the name, the one that decides (or would) first."""


def steps(registry: Registry, name: bytes, domain: str | None = None) -> tuple[Step, ...]:
    """Return how the registry comes to the class of a name.

    Args:
        registry: The site's registry.
        name: The cookie name.
        domain: The domain that set it, where it is known.
    """
    decider = registry.rule_for(name, domain)
    found = []
    decided = False
    for source, rules in registry.rule_sets():
        for kind in _KINDS:
            covering = _covering(rules, kind, name, domain)
            result = _result(covering, decider, domain, decided=decided)
            found.append(Step(source, kind, result, covering))
            decided = decided or result == "decides"
    return tuple(found)


def _covering(rules: RuleSet, kind: Kind, name: bytes, domain: str | None) -> tuple[Rule, ...]:
    def order(rule: Rule) -> tuple[bool, int]:
        return rule.suits(domain), rule.rank

    own = (rule for rule in rules if (b"*" in rule.pattern) == (kind == "glob"))
    return tuple(sorted((r for r in own if _covers(r.pattern, name)), key=order, reverse=True))


def _covers(pattern: bytes, name: bytes) -> bool:
    return glob_matches(pattern, name) if b"*" in pattern else pattern == name


def _result(
    covering: tuple[Rule, ...], decider: Rule | None, domain: str | None, *, decided: bool
) -> Result:
    if not covering:
        return "nothing"
    if not decided and decider in covering:
        return "decides"
    return "outranked" if any(rule.suits(domain) for rule in covering) else "domain"


def overruled(registry: Registry, cookie: Cookie) -> Iterator[Rule]:
    """Yield the catalogue's rules that a declaration overrules with another class.

    For an exact name that is the rule that would decide; for a glob also every rule whose whole
    pattern it covers.
    """
    catalogue = dict(registry.rule_sets())["catalogue"]
    key = cookie.key
    beginning = key.partition(b"*")[0]  # tells nearly all rules apart
    deciding = catalogue.find(key, cookie.domain)
    covered = (
        rule
        for rule in (catalogue if cookie.is_glob else ())
        if rule.pattern.startswith(beginning)
        and rule.suits(cookie.domain)
        and glob_matches(key, rule.pattern)
    )
    rules = dict.fromkeys([*([deciding] if deciding else []), *covered])
    yield from (rule for rule in rules if rule.classification.cls != cookie.cls)
