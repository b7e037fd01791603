"""From the regular expressions and table names of other tools to globs.

A glob has one wildcard, `*`, for any run of characters. Only what surely matches no less becomes one;
where it would match more than the expression, that is said, since a human must agree.
May not enter: matching; `core/registry.py` does that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product
from typing import Final

from cookieconsent.core.cookies import MAX_NAME_OCTETS
from cookieconsent.migration.literal import Pattern

MAX_GLOBS: Final = 16
"""How many globs one expression may become."""
_MAX_GROUPS: Final = 8  # how deep groups may be nested


@dataclass(frozen=True, slots=True)
class Globs:
    """Globs that together match all that an expression matches."""

    names: tuple[str, ...]
    is_wider: bool
    """Whether they match more than it."""


class _NoGlobError(Exception):
    """An expression that globs cannot stand for."""


def globs(pattern: Pattern) -> Globs | None:
    """Return the globs for a regular expression, or `None` where there are none."""
    if len(pattern.source) > MAX_NAME_OCTETS:
        return None
    try:
        reader = _Reader(pattern.source)
        names = reader.read()
    except _NoGlobError:
        return None
    if "i" in pattern.flags and any(char.isalpha() for name in names for char in name):
        return None
    names = tuple(dict.fromkeys(re.sub(r"\*+", "*", name) for name in names))
    if not all(name.strip("*") for name in names):
        return None
    return Globs(names, reader.is_wider)


# A class of characters, or an escape that stands for one.
_CHARACTERS = re.compile(r"\[\^?(?:[^\]\\]|\\.)++\]|\\[dDwWsS]|\.")
_QUANTIFIER = re.compile(r"(?:[*+?]|\{[0-9]+(?:,[0-9]*)?\})\??")
_GROUP = re.compile(r"\((?:\?:|\?<[A-Za-z_]\w*>|(?!\?))")
_LITERAL = re.compile(r"\\([^A-Za-z0-9])|([^\\^$.*+?()\[\]{}|])")


class _Reader:
    """One pass over an expression: alternatives of sequences of pieces, each a set of globs."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._position = 0
        self._groups = 0
        self.is_wider = False

    def read(self) -> tuple[str, ...]:
        names = self._alternatives(is_whole=True)
        if self._position < len(self._source):
            raise _NoGlobError
        return names

    def _take(self, what: re.Pattern[str]) -> re.Match[str] | None:
        found = what.match(self._source, self._position)
        if found is not None:
            self._position = found.end()
        return found

    def _takes(self, text: str) -> bool:
        found = self._source.startswith(text, self._position)
        self._position += len(text) if found else 0
        return found

    def _alternatives(self, *, is_whole: bool) -> tuple[str, ...]:
        """Read `a|b`; an alternative of the whole expression is open where it has no anchor."""
        names: list[str] = []
        while True:
            names += self._sequence(is_whole=is_whole)
            if len(names) > MAX_GLOBS:
                raise _NoGlobError
            if not self._takes("|"):
                return tuple(names)

    def _sequence(self, *, is_whole: bool) -> list[str]:
        begins, ends, names = not is_whole or self._takes("^"), not is_whole, [""]
        while self._position < len(self._source):
            if self._source.startswith(("|", ")"), self._position):
                break
            if is_whole and self._takes("$"):
                ends = True
                break
            names = [before + piece for before, piece in product(names, self._piece())]
            if len(names) > MAX_GLOBS:
                raise _NoGlobError
        opening, closing = "" if begins else "*", "" if ends else "*"
        return [f"{opening}{name}{closing}" for name in names]

    def _piece(self) -> tuple[str, ...]:
        group = self._take(_GROUP)
        if group is not None:
            return self._quantified(self._group())
        characters = self._take(_CHARACTERS)
        if characters is not None:
            return self._run(characters[0])
        literal = self._take(_LITERAL)
        if literal is None:
            raise _NoGlobError
        char = literal[1] or literal[2]
        self.is_wider |= char == "*"
        return self._quantified((char,))

    def _group(self) -> tuple[str, ...]:
        self._groups += 1
        if self._groups > _MAX_GROUPS:
            raise _NoGlobError
        names = self._alternatives(is_whole=False)
        if not self._takes(")"):
            raise _NoGlobError
        return names

    def _quantified(self, names: tuple[str, ...]) -> tuple[str, ...]:
        quantifier = self._take(_QUANTIFIER)
        if quantifier is None:
            return names
        if quantifier[0].startswith("?"):
            return (*names, "")
        self.is_wider = True
        return ("*",)

    def _run(self, characters: str) -> tuple[str, ...]:
        quantifier = self._take(_QUANTIFIER)
        exact = characters == "." and quantifier is not None and quantifier[0][0] == "*"
        self.is_wider |= not exact
        return ("*",)


# How tables write "and then something": `_ga_<id>`, `_pk_id#`, `_gat_UA-XXXX`.
_PLACEHOLDER = re.compile(r"<[^<>]*+>|\{[^{}]*+\}|\[[^\[\]]*+\]|#+|[Xx]{3,}")


def table_names(text: str) -> Globs:
    """Return the names in a cell that was written for people, such as `_ga, _ga_<container-id>`."""
    names = [name.strip() for name in text.split(",")]
    written = tuple(dict.fromkeys(filter(None, names)))
    read = tuple(re.sub(r"\*+", "*", _PLACEHOLDER.sub("*", name)) for name in written)
    return Globs(tuple(dict.fromkeys(read)), is_wider=read != written)
