"""What an unknown cookie may be, for the audit: two witnesses beyond the registry.

They are the domain of a known tracker (`trackers.tsv` beside this file), and the cookie's attributes,
which give a hint and never certainty. What the registry itself knows, `core/reasons.py` tells.
May not enter: anything the run-time filter uses. A cookie is never let through on a guess.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Final, Literal

TRACKERS: Final = Path(__file__).with_name("trackers.tsv")

Witness = Literal["tracker domain", "attributes"]

LONG_LIFE: Final = timedelta(days=180)
"""From here on, a cookie that scripts can read looks like an identifier of a visitor."""


@dataclass(frozen=True, slots=True)
class Attributes:
    """The attributes of a `Set-Cookie` line that say something of its purpose."""

    http_only: bool
    """Whether scripts cannot read it."""
    secure: bool
    """Whether it travels over https only."""
    max_age: timedelta | None
    """How long it lives; `None` for the browser session."""


@dataclass(frozen=True, slots=True)
class Step:
    """One witness and the answer."""

    witness: Witness
    cls: str | None
    """The class it speaks for; `None` where it knows nothing."""
    detail: str | None
    """The name, glob or domain that matched, or the attributes that spoke."""


def guesses(host: str | None, attributes: Attributes | None) -> tuple[Step, ...]:
    """Return what the two weaker witnesses say of a cookie whose name says nothing."""
    return (
        Step("tracker domain", *tracker_class(host)),
        Step("attributes", *_hint(attributes)),
    )


def tracker_class(host: str | None) -> tuple[str | None, str | None]:
    """Return the class of what a known tracker's domain sets, and that domain; `None` for any other."""
    labels = (host or "").lower().strip(".").split(".")
    for start in range(len(labels) - 1):
        domain = ".".join(labels[start:])
        cls = tracker_domains().get(domain)
        if cls is not None:
            return cls, domain
    return None, None


def _hint(attributes: Attributes | None) -> tuple[str | None, str | None]:
    if attributes is None:
        return None, None
    if attributes.http_only and attributes.secure and attributes.max_age is None:
        return "authentication", "HttpOnly, Secure, until the browser is closed"
    long = attributes.max_age is not None and attributes.max_age >= LONG_LIFE
    if long and not attributes.http_only:
        return "analytics", f"readable by scripts, lives {LONG_LIFE.days} days or longer"
    return None, None


@cache
def tracker_domains() -> dict[str, str]:
    """Return the class of what each known tracker's domain sets, read once."""
    with TRACKERS.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["domain"]: row["cls"] for row in rows}
