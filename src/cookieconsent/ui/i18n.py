"""The words of one language: messages, and days, lengths of time and enumerations as CLDR writes them.

May not enter: markup, any text of our own, and which language a visitor gets (`languages`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.units import format_unit

if TYPE_CHECKING:
    from babel.support import NullTranslations


def mark(message: str) -> str:
    """Mark a message for extraction; it is translated where it is used."""
    return message


class Words:
    """The words of one language.

    Args:
        name: A CLDR identifier, such as `de` or `pt_BR`.
        messages: Its messages.
        own: What the site itself has translated, such as the titles of its classes.
    """

    def __init__(self, name: str, messages: NullTranslations, own: NullTranslations) -> None:
        self.name = name
        self.locale: Locale = Locale.parse(name)
        self.gettext: Callable[[str], str] = messages.gettext
        self.ngettext: Callable[[str, str, int], str] = messages.ngettext
        self._own = own

    def own(self, text: str) -> str:
        """Return a text of the site's own, translated where the site's catalogue has it."""
        return self._own.gettext(text) if text else text  # a catalogue's header has the empty name

    @cached_property
    def tag(self) -> str:
        """The BCP 47 tag for `lang` attributes."""
        return self.name.replace("_", "-")

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`, for `dir` attributes."""
        return self.locale.text_direction

    def date(self, day: date) -> str:
        """Return a date in full words."""
        return str(format_date(day, "long", locale=self.locale))

    def listing(self, items: Sequence[str]) -> str:
        """Return an enumeration, such as `A, B and C`."""
        return str(format_list(items, "standard", locale=self.locale))

    def country(self, code: str) -> str:
        """Return the name of a country (ISO 3166-1 code)."""
        return str(self.locale.territories.get(code, code))

    def duration(self, lifetime: timedelta) -> str:
        """Return a length of time in words, in its largest whole unit."""
        number, unit = _largest_unit(lifetime)
        name = f"duration-{unit}"
        text = format_unit(number, name, "long", locale=self.locale)
        # Where a language has no long form, its short one is that (UTS 35, part 1, lateral
        # inheritance); Babel writes the name of the unit instead.
        return format_unit(number, name, "short", locale=self.locale) if name in text else text


_MONTH_DAYS = {int(months * 30.4375): months for months in range(1, 37)}
_SECONDS = {"year": 31_536_000, "day": 86_400, "hour": 3600, "minute": 60}


def _largest_unit(lifetime: timedelta) -> tuple[int, str]:
    """Return the largest unit that fits exactly, else the largest that is there twice, rounded."""
    seconds = int(lifetime.total_seconds())
    days, rest = divmod(seconds, _SECONDS["day"])
    if not rest and days % 365 and days in _MONTH_DAYS:
        return _MONTH_DAYS[days], "month"
    for unit, size in _SECONDS.items():
        if seconds >= size and seconds % size == 0:
            return seconds // size, unit
    for unit, size in _SECONDS.items():
        if seconds >= 2 * size:
            return round(seconds / size), unit
    return max(round(seconds / _SECONDS["minute"]), 1), "minute"
