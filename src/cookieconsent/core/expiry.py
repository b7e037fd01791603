"""Which deletions to send for cookies that may not stay, within a budget of bytes.

A request does not tell where a cookie lives, so a name that the site did not declare is deleted in the
scopes where it most likely does, likely ones first: `Domain=` each parent, then host-only, then in
partitions and below the page's path. Repeating a name in one response with different scopes goes
against RFC 6265bis, section 4.1, on purpose: browsers honour all of them, and one response is the only
moment we surely have.
What does not fit the budget starts at a random place next time, so that nothing starves.
May not enter: which names those are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from urllib.parse import quote

from cookieconsent.core.cookies import Scope, expire, is_token
from cookieconsent.core.registry import Rule, is_domain

BUDGET_OCTETS = 2600
"""For all deletions of one response, field names and line ends included: proxies allow 4 kB heads."""
PROMISED_NAMES = 10
"""How many undeclared names of a host with one parent are gone within two page views."""
_LINE_OVERHEAD = len(b"set-cookie: \r\n")
# What a visitor sends bounds the work, not only the bytes written; further names have their turn when
# the first ones are gone.
_MAX_NAMES = 32
_MAX_DOMAINS = 4
_MAX_PATH_PREFIXES = 4
_MAX_SEGMENT = 64  # characters
_MAX_PATH = 1024  # characters


def parents_of(host: str | None) -> tuple[str, ...]:
    """Return the domains that may own cookies of a host, the shortest first, at most four.

    Down to two labels; a public suffix among them is ignored by browsers. Addresses and single labels
    own host-only cookies alone.
    """
    name = (host or "").lower().rstrip(".")
    head, colon, port = name.rpartition(":")
    if colon and port.isdigit():
        name = head
    if not is_domain(name):
        return ()
    labels = name.split(".")
    shortest = range(len(labels) - 2, -1, -1)[:_MAX_DOMAINS]
    return tuple(".".join(labels[start:]) for start in shortest)


def path_prefixes(path: str) -> tuple[str, ...]:
    """Return the cookie paths below `/` that a page's path lies in: the upper ones, deepest first.

    Applications set cookies for their sections, which are near the root.
    """
    prefixes: list[str] = []
    prefix = ""
    parts = filter(None, path[:_MAX_PATH].split("/"))
    for part in islice(parts, _MAX_PATH_PREFIXES):
        if len(part) > _MAX_SEGMENT:
            break
        # Bytes that are no UTF-8 reach some applications as lone surrogates (PEP 383).
        prefix += "/" + quote(part, safe="!$&'()*+,=:@~-._%", errors="surrogateescape")
        prefixes.insert(0, prefix)
    return tuple(prefixes)


def deletions(
    rules: Iterable[tuple[bytes, Rule]],
    *,
    domains: Sequence[str],
    path: str,
    secure: bool,
    pick: Callable[[int], int],
) -> list[bytes]:
    """Return the `Set-Cookie` values that delete cookies, at most `BUDGET_OCTETS` of them.

    Args:
        rules: The names to delete, each with the rule that gave it its class.
        domains: The domains that may own them (`parents_of`, or what the site declared).
        path: The path of the page.
        secure: Whether the page is served over https.
        pick: Returns a random index below a number.
    """
    ranks: tuple[list[bytes], ...] = ([], [], [])
    for name, rule in list(dict(rules).items())[:_MAX_NAMES]:
        if not (is_token(name) or (rule.scopes and rule.pattern == name)):
            continue  # nothing hostile is written back
        for lines, scopes in zip(ranks, _scopes(rule, domains, path), strict=True):
            lines.extend(_lines(name, scopes, secure=secure))
    budget = BUDGET_OCTETS
    chosen: list[bytes] = []
    for lines in ranks:
        for line in _from_random_place(lines, budget, pick):
            cost = len(line) + _LINE_OVERHEAD
            if cost <= budget and line not in chosen:
                chosen.append(line)
                budget -= cost
    return chosen


def _scopes(
    rule: Rule, domains: Sequence[str], path: str
) -> tuple[list[Scope], list[Scope], list[Scope]]:
    """Return the scopes to try first, and those to try with what is left of the budget, and then."""
    usual = [*(Scope(domain) for domain in domains), Scope()]
    # A cookie whose scopes were declared lives there; the others are for what old code left behind.
    first = [*rule.scopes] or usual
    rare = [Scope(domain, partitioned=True) for domain in (None, *domains)]
    rare += [Scope(None, prefix) for prefix in path_prefixes(path)]
    rare += [Scope(domain, prefix) for domain in domains for prefix in path_prefixes(path)]
    return (
        first,
        [scope for scope in usual if scope not in first],
        [scope for scope in rare if scope not in first],
    )


def _lines(name: bytes, scopes: Iterable[Scope], *, secure: bool) -> list[bytes]:
    lines = (expire(name, scope, secure=secure) for scope in scopes)
    return [line for line in lines if line is not None]


def _from_random_place(lines: list[bytes], budget: int, pick: Callable[[int], int]) -> list[bytes]:
    if not lines or sum(len(line) + _LINE_OVERHEAD for line in lines) <= budget:
        return lines
    start = pick(len(lines))
    return lines[start:] + lines[:start]
