"""The data protection authorities to which visitors may complain, by country, as data.

The facts stand in `authorities.tsv` beside this file: the European Union, Iceland, Liechtenstein,
Norway, the United Kingdom and Switzerland, each under its ISO 3166-1 code. Several federal states have
further ones; the one that is named leads to them.
May not enter: which country a visitor is in; nobody here knows.
"""

from __future__ import annotations

import csv
import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from cookieconsent.errors import ConfigError

DATA: Final = Path(__file__).with_name("authorities.tsv")
GROUP: Final = "EEA"
"""Stands for every country of the European Economic Area."""
_OUTSIDE: Final = frozenset({"CH", "GB"})
# The European Union's own codes for two countries.
_ALSO: Final = {"EL": "GR", "UK": "GB"}


@dataclass(frozen=True, slots=True)
class Authority:
    """An authority."""

    country: str
    """ISO 3166-1 alpha-2."""
    name: str
    """In a language of its country."""
    url: str


@cache
def authorities() -> dict[str, Authority]:
    """Return the authorities by country, read once."""
    with DATA.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["country"]: Authority(row["country"], row["name"], row["url"]) for row in rows}


def is_code(value: str) -> bool:
    """Tell whether a text is meant as a country, or as the group of them."""
    # In small letters too: nobody's authority is called "de".
    return value.upper() == GROUP or (len(value) == 2 and value.isascii() and value.isalpha())  # noqa: PLR2004


def authorities_of(field: str, codes: Iterable[str]) -> tuple[Authority, ...]:
    """Return the authorities of countries, each once, in order.

    Args:
        field: Where the codes stand, for the error.
        codes: ISO 3166-1 codes; `EL`, `UK` and `EEA` are understood.

    Raises:
        ConfigError: A country has no authority here.
    """
    known = authorities()
    found: dict[str, Authority] = {}
    for code in codes:
        if code == GROUP:
            found |= {name: one for name, one in known.items() if name not in _OUTSIDE}
            continue
        name = _ALSO.get(code, code)
        if name not in known:
            near = difflib.get_close_matches(name.upper(), known, 1)
            meant = f"Did you mean {near[0]!r}? " if near else ""
            raise ConfigError(
                field,
                f"{code!r} is no country of the list",
                f"{meant}Use one of {', '.join(known)}, EEA, or the authority's name",
            )
        found[name] = known[name]
    return tuple(found.values())
