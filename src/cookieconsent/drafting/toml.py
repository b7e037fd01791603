"""Writes a declaration as TOML 1.0 by hand: comments are half of what such a file says.

The standard library reads TOML and does not write it. Whatever text comes in, the file stays TOML and
shows what it holds: characters that cannot be seen are escaped in values and left out of comments.
May not enter: what is declared, and why.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, TypeAlias

TABLE: Final = "cookieconsent"
WIDTH: Final = 100  # characters of a comment line

Value: TypeAlias = str | bool | int | date | Sequence[str]
"""What a field of a declaration may hold."""

_SHORT: Final = {
    "\b": "\\b",
    "\t": "\\t",
    "\n": "\\n",
    "\f": "\\f",
    "\r": "\\r",
    '"': '\\"',
    "\\": "\\\\",
}
_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"


def text(words: str) -> str:
    """Return a basic string (TOML 1.0, "String") on one line.

    Half a surrogate pair, which JSON can hold and no file in UTF-8, becomes U+FFFD.
    """
    return f'"{"".join(map(_escaped, words))}"'


def _escaped(char: str) -> str:
    if "\ud800" <= char <= "\udfff":
        return _REPLACEMENT
    if char in _SHORT:
        return _SHORT[char]
    if char.isprintable():
        return char
    return f"\\u{ord(char):04X}" if char <= "\uffff" else f"\\U{ord(char):08X}"


def value(content: Value) -> str:
    """Return a value as it stands behind `=`."""
    if isinstance(content, str):
        return text(content)
    if isinstance(content, bool):
        return "true" if content else "false"
    if isinstance(content, int):
        return str(content)
    if isinstance(content, date):
        return content.isoformat()
    return f"[{', '.join(map(text, content))}]"


def comment(words: str) -> list[str]:
    """Return comment lines; the second and later ones are indented.

    Line breaks and characters that cannot be seen become spaces.
    """
    seen = "".join(char if char.isprintable() else " " for char in words)
    return textwrap.wrap(
        seen,
        WIDTH,
        initial_indent="# ",
        subsequent_indent="#   ",
        break_long_words=False,
        break_on_hyphens=False,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One table of the file."""

    fields: Mapping[str, Value] = field(default_factory=dict[str, Value])
    """Bare keys (letters, digits, `-`, `_`) and their values."""
    notes: Sequence[str] = ()
    """Comments, each a sentence or more; they stand above the table."""
    unset: Mapping[str, Value] = field(default_factory=dict[str, Value])
    """Fields that are commented out, below the others: examples of what to fill in."""
    is_comment: bool = False
    """Whether the whole table is commented out, as a suggestion."""


def declaration(
    *,
    notes: Sequence[str] = (),
    site: Entry | None = None,
    classes: Sequence[Entry] = (),
    cookies: Sequence[Entry] = (),
) -> str:
    """Return the whole file.

    Args:
        notes: Comments for the top of the file.
        site: The fields of `[cookieconsent]` itself.
        classes: One for each `[[cookieconsent.classes]]`.
        cookies: One for each `[[cookieconsent.cookies]]`.
    """
    parts = [_commented(notes)] if notes else []
    parts.append(_table(f"[{TABLE}]", site or Entry()))
    parts += [_table(f"[[{TABLE}.classes]]", entry) for entry in classes]
    parts += _cookies(cookies, TABLE)
    return "\n".join(parts)


def cookie_tables(
    cookies: Sequence[Entry], *, notes: Sequence[str] = (), table: str = TABLE
) -> str:
    """Return declarations alone, to be added to a file.

    Args:
        cookies: One for each `[[cookieconsent.cookies]]`.
        notes: Comments for the top.
        table: The name of the site's table, where it is another one.
    """
    parts = [_commented(notes)] if notes else []
    return "\n".join([*parts, *_cookies(cookies, table)])


def _cookies(cookies: Sequence[Entry], table: str) -> list[str]:
    return [_table(f"[[{table}.cookies]]", entry) for entry in cookies]


def _table(header: str, entry: Entry) -> str:
    lines = [header, *_fields(entry.fields)]
    if entry.is_comment:
        lines = [f"# {line}" for line in lines]
    lines += [f"# {line}" for line in _fields(entry.unset)]
    return _commented(entry.notes) + "\n".join(lines) + "\n"


def _commented(notes: Sequence[str]) -> str:
    return "".join(f"{line}\n" for note in notes for line in comment(note))


def _fields(fields: Mapping[str, Value]) -> Iterator[str]:
    for name, content in fields.items():
        yield f"{name} = {value(content)}"
