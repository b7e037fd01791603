"""Numbers, lists and lifetimes as people say them, in reports and in what else is written.

May not enter: what an audit came to, formats.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from cookieconsent.audit.report import CookieRow
from cookieconsent.core.choice import VALID_DAYS

SHOWN: Final = 5
"""How many names of a list are written where all of them would be too many."""
_DAY: Final = 86_400


def counted(number: int, noun: str) -> str:
    """Return a number and its noun."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def some(names: Iterable[str], shown: int = SHOWN) -> str:
    """Return the first of a list, and how many more there are."""
    listed = list(names)
    more = len(listed) - shown
    return ", ".join(listed[:shown]) + (f" and {more} more" if more > 0 else "")


def lasting(seconds: int | None) -> str:
    """Return a lifetime as people say it, rounded up: so it is declared, too."""
    if seconds is None:
        return "session"
    for unit, length in (("day", _DAY), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            return counted(-(-seconds // length), unit)
    return counted(seconds, "second")


def lasting_of(row: CookieRow) -> str:
    """Return how long a cookie lasts; of ours also how long its answer counts, which is less."""
    lasts = lasting(row.lifetime)
    if row.cls == "consent" and row.is_own and (row.lifetime or 0) > VALID_DAYS * _DAY:
        return f"{lasts} (its answer counts for {VALID_DAYS})"
    return lasts


def reasons(chain: Iterable[str]) -> list[str]:
    """Return the steps by which a cookie came to its class, without those that said nothing."""
    steps = list(chain)
    return [step for step in steps if not step.endswith(": nothing")] or steps
