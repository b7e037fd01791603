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
from functools import lru_cache
from itertools import islice
from urllib.parse import quote

from cookieconsent.core.cookies import Scope, expire, is_token
from cookieconsent.core.registry import Rule, is_domain

BUDGET_OCTETS = 2600
"""For all deletions of one response, field names and line ends included: proxies allow 4 kB heads."""
PROMISED_NAMES = 10
"""How many undeclared names of a host with one parent are gone within two page views."""
_LINE_OVERHEAD = len(b"set-cookie: \r\n")
_SHORTEST_LINE = _LINE_OVERHEAD + len(expire(b"a", Scope(), secure=False) or b"")
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
    places = _places(tuple(domains), path[:_MAX_PATH])
    named = [
        (name, places.of(rule.scopes))
        for name, rule in islice(dict(rules).items(), _MAX_NAMES)
        # Nothing hostile is written back, and nothing taken that may be another application's.
        if (is_token(name) and (rule.scopes or not _may_be_anybodys(name)))
        or (rule.scopes and rule.pattern == name)
    ]
    budget = BUDGET_OCTETS
    chosen: list[bytes] = []
    for rank in range(_RANKS):
        if budget < _SHORTEST_LINE:
            break  # what could not be sent anyway need not be written
        lines = [
            line
            for name, scopes in named
            for scope in scopes[rank]
            if (line := expire(name, scope, secure=secure)) is not None
        ]
        for line in _from_random_place(lines, budget, pick):
            cost = len(line) + _LINE_OVERHEAD
            if cost <= budget and line not in chosen:
                chosen.append(line)
                budget -= cost
    return chosen


def _may_be_anybodys(name: bytes) -> bool:
    """Whether a name is too short for the catalogue alone to delete it (`IDE`, `NID`)."""
    return len(name) <= _SHORT_NAME and name.isalnum()


_SHORT_NAME = 4  # letters and digits; an underscore at the start is a vendor's mark
_RANKS = 3
_Ranked = tuple[Sequence[Scope], Sequence[Scope], Sequence[Scope]]


class _Places:
    """The scopes a cookie may live in on one page: to try first, then, and with what is left."""

    def __init__(self, domains: Sequence[str], path: str) -> None:
        prefixes = path_prefixes(path)
        self._usual = [*(Scope(domain) for domain in domains), Scope()]
        self._rare = [Scope(domain, partitioned=True) for domain in (None, *domains)]
        self._rare += [Scope(None, prefix) for prefix in prefixes]
        self._rare += [Scope(domain, prefix) for domain in domains for prefix in prefixes]
        self._ranked: dict[tuple[Scope, ...], _Ranked] = {(): (self._usual, (), self._rare)}

    def of(self, declared: tuple[Scope, ...]) -> _Ranked:
        """Return the scopes to try for cookies of which some scopes were declared."""
        ranked = self._ranked.get(declared)
        if ranked is None:
            # They live there; the others are for what old code left.
            ranked = self._ranked[declared] = (
                declared,
                [scope for scope in self._usual if scope not in declared],
                [scope for scope in self._rare if scope not in declared],
            )
        return ranked


# Pages and hosts are a visitor's to invent, so what is kept of them is bounded in number and size.
_places = lru_cache(maxsize=64)(_Places)


def _from_random_place(lines: list[bytes], budget: int, pick: Callable[[int], int]) -> list[bytes]:
    if not lines or sum(len(line) + _LINE_OVERHEAD for line in lines) <= budget:
        return lines
    start = pick(len(lines))
    return lines[start:] + lines[:start]
