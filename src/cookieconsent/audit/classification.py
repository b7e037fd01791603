"""What an unknown cookie may be, for the audit: two witnesses beyond the registry.

They are the domain of a known tracker (`core/trackers.py`), and the cookie's attributes, which
give a hint and never certainty. What the registry itself knows, `core/reasons.py` tells.
May not enter: anything the run-time filter uses. A cookie is never let through on a guess.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from cookieconsent.core.registry import UNKNOWN
from cookieconsent.core.trackers import tracker

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
    known = tracker(host) or UNKNOWN
    return (
        Step("tracker domain", known.cls, known.rule),
        Step("attributes", *_hint(attributes)),
    )


def _hint(attributes: Attributes | None) -> tuple[str | None, str | None]:
    if attributes is None:
        return None, None
    if attributes.http_only and attributes.secure and attributes.max_age is None:
        return "authentication", "HttpOnly, Secure, until the browser is closed"
    long = attributes.max_age is not None and attributes.max_age >= LONG_LIFE
    if long and not attributes.http_only:
        return "analytics", f"readable by scripts, lives {LONG_LIFE.days} days or longer"
    return None, None
