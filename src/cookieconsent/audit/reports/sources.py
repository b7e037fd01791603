"""Where the sources of checks can be read: addresses that are made to last.

May not enter: sources themselves; those stand in the checks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

_Address = Callable[[re.Match[str]], str]

# The European Legislation Identifier of an act, and the addresses of the RFC Editor.
_KNOWN: Final[tuple[tuple[re.Pattern[str], _Address], ...]] = (
    (
        re.compile(r"Directive (\d{4})/(\d+)/EC"),
        lambda found: f"https://eur-lex.europa.eu/eli/dir/{found[1]}/{found[2]}/oj",
    ),
    (
        re.compile(r"Regulation \(EU\) (\d{4})/(\d+)"),
        lambda found: f"https://eur-lex.europa.eu/eli/reg/{found[1]}/{found[2]}/oj",
    ),
    (
        re.compile(r"RFC (\d{3,5})\b(?!bis)"),
        lambda found: f"https://www.rfc-editor.org/rfc/rfc{found[1]}",
    ),
)


def address(source: str) -> str | None:
    """Return where a source can be read; `None` where no lasting address is known."""
    for pattern, make in _KNOWN:
        found = pattern.search(source)
        if found is not None:
            return make(found)
    return None


def first_address(sources: Iterable[str]) -> str | None:
    """Return where the first source that has an address can be read."""
    return next((found for found in map(address, sources) if found is not None), None)
