"""Lifetimes as people write them: `session`, or a number and a unit.

May not enter: words for visitors; those are in the catalogues under `locales/`.
"""

from __future__ import annotations

import math
import re
from datetime import timedelta

SESSION = "session"
TEXTS = "'session', '<number> <minutes|hours|days|months|years>'"

_UNIT_DAYS = {"minutes": 1 / 1440, "hours": 1 / 24, "days": 1, "months": 30.4375, "years": 365}
_LIFETIME = re.compile(r"([0-9]{1,5}) (minute|hour|day|month|year)s?")


def parse(text: str) -> timedelta | None:
    """Read `"session"` as `None` and `"13 months"` as a `timedelta`.

    A month is the 30.4375 days of the calendar's mean, cut to whole days (13 months are 395 days);
    a year is 365 days.

    Raises:
        ValueError: The text is neither.
    """
    if text == SESSION:
        return None
    found = _LIFETIME.fullmatch(text)
    if found is None:
        message = f"{text!r} is neither 'session' nor '<number> <minutes|hours|days|months|years>'"
        raise ValueError(message)
    number, unit = int(found[1]), found[2] + "s"
    if not number:
        message = f"{text!r} is no time at all, so neither 'session' nor a lifetime"
        raise ValueError(message)
    if unit == "months":
        return timedelta(days=int(number * _UNIT_DAYS[unit]))
    return timedelta(days=number * _UNIT_DAYS[unit])


_EXACT_UNITS = (("years", 31_536_000), ("days", 86_400), ("hours", 3_600), ("minutes", 60))


def write(lifetime: timedelta | None) -> str:
    """Write a lifetime so that `parse` reads it: exactly, or rounded up where no unit divides it.

    Args:
        lifetime: More than nothing; `None` is the session.
    """
    if lifetime is None:
        return SESSION
    seconds = math.ceil(lifetime.total_seconds())
    for unit, length in _EXACT_UNITS:
        if seconds % length == 0:
            return _counted(seconds // length, unit)
    # What is rounded is at least two of its unit, so that it stays near the truth.
    unit, length = next(
        (pair for pair in _EXACT_UNITS[1:] if seconds > 2 * pair[1]), _EXACT_UNITS[-1]
    )
    return _counted(-(-seconds // length), unit)


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit.removesuffix('s') if number == 1 else unit}"
