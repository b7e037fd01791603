"""What a visitor sent with one of our forms, read from a capped body.

May not enter: who may send it (`core.csrf`), what it leads to (`routes`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

MAX_BODY_OCTETS = 16_384
MAX_FIELDS = 64
BODY_SECONDS = 10.0
"""How long a form may take to arrive."""

_URLENCODED = re.compile(rb"application/x-www-form-urlencoded[ \t]*(?:;|$)", re.IGNORECASE)
_DECIMAL = re.compile(rb"[0-9]+")

# Where one form carries several answers, the one that permits least counts. First what lets nothing be
# used; then a no, which must not get lost in being forgotten, since undecided visitors are counted
# until they object; then what leaves undecided, the milder one first; last what may say yes.
_LEAST_FIRST = (
    "reject",
    "withdraw",
    "pause",
    "object",
    "forget",
    "erase",
    "save",
    "resume",
    "grant",
    "accept",
)


def is_urlencoded(content_type: bytes | None) -> bool:
    """Tell whether a body is the kind that plain HTML forms send."""
    return content_type is not None and _URLENCODED.match(content_type) is not None


def declared_length(content_length: bytes | None) -> int | None:
    """Return a `Content-Length`, `None` for one that is absent or no decimal number."""
    if content_length is None or not _DECIMAL.fullmatch(content_length):
        return None
    # Further digits only make it larger, and reading thousands of them would be a waste.
    return int(content_length.lstrip(b"0")[:18] or b"0")


@dataclass(frozen=True, slots=True)
class Submission:
    """The fields of a form, repeated ones resolved to the least permission."""

    action: str | None
    """The `choice`, `None` where it is missing or none we know."""
    answers: Mapping[str, bool]
    """The `class-<name>` fields."""
    classes: tuple[str, ...]
    """The `class` fields: what `grant` and `object` are about."""
    token: str | None
    """The `token`, `None` where it is missing or repeated."""
    target: str | None
    """The `next` field, `None` where it is missing or repeated; not yet judged."""

    def names(self) -> frozenset[str]:
        """Return every class that the form names."""
        return frozenset(self.answers) | frozenset(self.classes)


def read_submission(body: bytes) -> Submission | None:
    """Read a urlencoded body; `None` where it has too many fields."""
    try:
        pairs = parse_qsl(
            body.decode("utf-8", "replace"),
            keep_blank_values=True,
            encoding="utf-8",
            errors="replace",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError:
        return None
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return Submission(
        action=_action(fields.get("choice", [])),
        answers={
            name.removeprefix("class-"): all(value == "yes" for value in values)
            for name, values in fields.items()
            if name.startswith("class-")
        },
        classes=tuple(fields.get("class", ())),
        token=_single(fields.get("token")),
        target=_single(fields.get("next")),
    )


def _single(values: list[str] | None) -> str | None:
    return values[0] if values is not None and len(values) == 1 else None


def _action(values: list[str]) -> str | None:
    if any(value not in _LEAST_FIRST for value in values):
        return None
    return min(values, key=_LEAST_FIRST.index, default=None)
