"""The common form of what the other tools' files say: groups, and the places that name a cookie.

Also the small questions that every reader asks of a value of unknown shape; none of them fails.
May not enter: classes of this package; what one tool calls a field.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from cookieconsent.errors import ConsentError
from cookieconsent.migration.literal import Found, Pattern, Value

MAX_COOKIES: Final = 2_000
"""How many tables a draft may have."""
MAX_GROUPS: Final = 500
MAX_SIGHTINGS: Final = 20_000
MAX_FACT: Final = 1_000
"""Characters of a purpose, provider or lifetime; one text may stand beside many cookies."""
MAX_NOTES: Final = 100
_MAX_NOTE: Final = 400  # characters
_TAG = re.compile(r"<[^<>]*+>")


class BoundsError(ConsentError, ValueError):
    """A file that says more than is read."""


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

    def __post_init__(self) -> None:
        """Refuse what is out of bounds.

        Raises:
            BoundsError: There are too many groups, or places that name a cookie.
        """
        for things, most, what in (
            (self.groups, MAX_GROUPS, "has {} groups"),
            (self.sightings, MAX_SIGHTINGS, "names cookies in {} places"),
        ):
            if len(things) > most:
                raise BoundsError(
                    f"it {what.format(f'{len(things):,}')}, and at most {most:,} are read. Divide "
                    "it into several files"
                )


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
    if found.more_unread:  # first, so that it is not itself left out
        notes.append(f"DECIDE: {found.more_unread:,} more pieces of code in it were not run.")
    for code in found.unread:
        place = code.place or "the top"
        if code.is_repeated:
            notes.append(
                f"DECIDE: {place} stands more than once; the last counts, in line {code.line} or "
                "below. Look whether the others name cookies."
            )
        elif code.is_function:
            notes.append(f"Not read: the function {place} in line {code.line}.")
        else:
            notes.append(
                f"DECIDE: {place} in line {code.line} is code, which was not run: `{code.code}`. Look "
                "whether it names cookies."
            )
    return notes


def _cut(note: str) -> str:
    return note if len(note) <= _MAX_NOTE else f"{note[:_MAX_NOTE]}..."


def bounded(notes: Iterable[str], most: int = MAX_NOTES) -> list[str]:
    """Return the first notes, each once and not too long, and one that says what is left out."""
    distinct = list(dict.fromkeys(_cut(note) for note in notes))
    left_out = len(distinct) - most
    more = [f"DECIDE: {left_out:,} more notes like these are left out here."]
    return distinct[:most] + (more if left_out > 0 else [])
