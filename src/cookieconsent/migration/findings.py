"""The common form of what the other tools' files say: groups, and the places that name a cookie.

Also the small questions that every reader asks of a value of unknown shape; none of them fails.
May not enter: classes of this package; what one tool calls a field.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from cookieconsent.migration.literal import Found, Pattern, Value

MAX_COOKIES: Final = 2_000
_TAG = re.compile(r"<[^<>]*+>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """What a visitor says yes or no to."""

    title: str | None = None
    """What visitors read."""
    description: str | None = None
    required: bool = False
    """Whether the file says that it works without a yes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One place of a file that names a cookie."""

    group: str
    """A key of `Findings.groups`."""
    name: str | Pattern
    is_prose: bool = False
    """Whether the name was written for visitors, such as `_ga_<id>` in a table."""
    purpose: str | None = None
    provider: str | None = None
    lifetime: str | None = None
    """As it was written, in whatever language."""
    domain: str | None = None
    path: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What a file says."""

    groups: Mapping[str, Group]
    """By their short names, in the order of the file."""
    sightings: Sequence[Sighting]
    own_cookie: str
    """The cookie in which the other tool keeps the answer."""
    policy_version: str | None = None
    privacy_policy_url: str | None = None
    notes: Sequence[str] = field(default=())
    """What to know of the file as a whole; those for a human to decide begin with `DECIDE:`."""


Table: TypeAlias = Mapping[str, Value]


def table(value: Value) -> Table:
    """Return an object, or an empty one."""
    return value if isinstance(value, dict) else {}


def tables(value: Value) -> list[Table]:
    """Return the objects of a list."""
    return [item for item in entries(value) if isinstance(item, dict)]


def entries(value: Value) -> list[Value]:
    """Return the items of a list, or none."""
    return value if isinstance(value, list) else []


def prose(value: Value) -> str | None:
    """Return a text as people read it, without markup, or `None`."""
    if not isinstance(value, str):
        return None
    return " ".join(html.unescape(_TAG.sub(" ", value)).split()) or None


def word(value: Value) -> str | None:
    """Return a text as it is, or `None` where there is none."""
    return value if isinstance(value, str) and value else None


def languages(value: Value, preferred: Value = None) -> Iterator[Table]:
    """Yield the translations of a file: the preferred language, English, then all others."""
    found = table(value)
    names = [name for name in (preferred, "zz", "default", "en") if isinstance(name, str)]
    for name in dict.fromkeys([*names, *found]):
        if name in found:
            yield table(found[name])


def unread_notes(found: Found) -> list[str]:
    """Return a note for each piece of code in a literal that was not read."""
    notes = []
    for code in found.unread:
        place = code.place or "the top"
        if code.is_function:
            notes.append(f"Not read: the function {place} in line {code.line}.")
        else:
            notes.append(
                f"DECIDE: {place} in line {code.line} is code, which was not run: `{code.code}`. Look "
                "whether it names cookies."
            )
    return notes
