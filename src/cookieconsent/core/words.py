"""Words that tell a cookie's use by themselves, whoever sets it: `lang`, `visitor_id`, `csrf`.

The facts stand in `words.tsv` beside this file: what a name says that is such a word; which words say
it inside a longer name too (`shop_language`), or only there (`consent`); and, with the class `-`,
beside which they say nothing (`login_language`). Two neighbours may make a word (`cookie_notice`).
Words of choices, forged requests and baskets are exempt, unless another word of the name needs a yes
(`cart_visitor`). A word is a guess of `catalogue()` alone: no site's registry, no filter, no audit
hears it.
May not enter: a word in code, an exempt class that no held-out list bears out.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Final

from cookieconsent.core.registry import EXEMPT_CLASSES, Classification

WORDS: Final = Path(__file__).with_name("words.tsv")
_PART: Final = re.compile(rb"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")  # parts of snake_case and camelCase
_LONGEST: Final = 64  # octets of a name worth looking at
_REMEMBERED: Final = 4096  # names; whoever calls may be fed by strangers


@dataclass(frozen=True, slots=True)
class Words:
    """What words say, by their letters in lower case."""

    whole: dict[bytes, Classification]
    inside: dict[bytes, Classification]
    silencing: frozenset[bytes]


@cache
def words() -> Words:
    """Return the words, read once."""
    with WORDS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    known = {row["word"].encode(): _classification(row) for row in rows if row["cls"] != "-"}
    inside = {row["word"].encode() for row in rows if row["inside"]}
    alone = {row["word"].encode() for row in rows if row["inside"] != "only"}
    silencing = {row["word"].encode() for row in rows if row["cls"] == "-"}
    return Words(
        {word: said for word, said in known.items() if word in alone},
        {word: said for word, said in known.items() if word in inside},
        frozenset(silencing),
    )


def _classification(row: dict[str, str]) -> Classification:
    return Classification(
        row["cls"], "catalogue", row["word"], None, None, "what such a name usually means"
    )


@lru_cache(maxsize=_REMEMBERED)
def meaning(name: bytes) -> Classification | None:
    """Return what a name says by its words, whatever its case and what stands between them."""
    if len(name) > _LONGEST:
        return None
    parts = [part.lower() for part in _PART.findall(name)]
    whole = words().whole.get(b"".join(parts))
    if whole is not None or len(parts) == 1:
        return whole
    return _said(one + other for one, other in pairwise(parts)) or _said_by_one(parts)


def _said(candidates: Iterable[bytes]) -> Classification | None:
    inside = words().inside
    return next((inside[part] for part in candidates if part in inside), None)


def _said_by_one(parts: list[bytes]) -> Classification | None:
    """What single words say; where some are exempt and some need a yes, they say nothing."""
    said = [words().inside[part] for part in parts if part in words().inside]
    exempt = [known.cls in EXEMPT_CLASSES for known in said]
    if not said or any(exempt) != all(exempt):
        return None
    silent = not any(exempt) and not words().silencing.isdisjoint(parts)
    return None if silent else said[0]
