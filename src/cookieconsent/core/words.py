"""Words that tell a cookie's use by themselves, whoever sets it: `lang`, `visitor_id`, `utm_source`.

The facts stand in `words.tsv` beside this file: what a name says that is such a word, which words say
it inside a longer name too (`shop_language`), and, with the class `-`, beside which they say nothing
(`login_language`). A word is a guess: it never makes a cookie exempt, and no site's registry hears it.
May not enter: a word in code, an exempt class.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from cookieconsent.core.registry import Classification

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
    whole = {row["word"].encode(): _classification(row) for row in rows if row["cls"] != "-"}
    inside = {row["word"].encode() for row in rows if row["inside"]}
    silencing = {row["word"].encode() for row in rows if row["cls"] == "-"}
    return Words(whole, {word: whole[word] for word in inside}, frozenset(silencing))


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
    known = words()
    said = known.whole.get(b"".join(parts))
    if said is not None or not known.silencing.isdisjoint(parts):
        return said
    return next((known.inside[part] for part in parts if part in known.inside), None)
