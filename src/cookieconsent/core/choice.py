"""What a visitor said: yes or no per class, and on which day. No identifier, nothing finer than a day.

A class may be paused on top of its answer: the answer stands, and nothing is done with it until the
visitor says so (restriction of processing: GDPR, article 18).

May not enter: how it is written into a cookie, what follows from it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace

VALID_DAYS = 182  # for yes and no alike (CNIL and Garante: six months)
CLOCK_SKEW_DAYS = 1  # two nodes may disagree about midnight

_EPOCH = dt.date(1970, 1, 1)


def date_of(day: int) -> dt.date:
    """Return the date of a day number (days since 1970-01-01, UTC)."""
    return _EPOCH + dt.timedelta(days=day)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A visitor's answer. A class that stands in neither set was not answered."""

    day: int
    """The day of the answer, in days since 1970-01-01 UTC."""
    granted: frozenset[str] = frozenset()
    """The classes answered with yes."""
    refused: frozenset[str] = frozenset()
    """The classes answered with no."""
    under_signal: frozenset[str] = frozenset()
    """Those of `granted` answered while Global Privacy Control was on: the yes outranks it."""
    paused: frozenset[str] = frozenset()
    """The classes that are not used for now, whatever was answered."""

    @property
    def date(self) -> dt.date:
        """The day of the answer (UTC)."""
        return date_of(self.day)

    @property
    def valid_until(self) -> dt.date:
        """The last day on which the answer counts (UTC)."""
        return date_of(self.day + VALID_DAYS)

    def is_current(self, today: int) -> bool:
        """Tell whether the answer counts on `today` (days since 1970-01-01 UTC)."""
        return -CLOCK_SKEW_DAYS <= today - self.day <= VALID_DAYS

    @property
    def answers(self) -> bool:
        """Whether it answers anything; a pause alone does not."""
        return bool(self.granted or self.refused)

    def rests(self, classes: Iterable[str]) -> bool:
        """Tell whether a pause keeps all of these classes from being used, but for refused ones."""
        return bool(self.paused) and self.paused | self.refused >= frozenset(classes)

    def answer(self, cls: str) -> bool | None:
        """Return the answer for a class, `None` where there is none."""
        if cls in self.granted:
            return True
        return False if cls in self.refused else None

    def merge(self, granted: Iterable[str], *, day: int, signal: bool) -> Choice:
        """Return this choice with further classes granted on `day`; the others stand.

        Their day stays too, so that a yes to one class prolongs no other. A yes to a class ends its
        pause.
        """
        added = frozenset(granted)
        under_signal = self.under_signal | added if signal else self.under_signal - added
        return Choice(
            day=self.day if self.answers else day,
            granted=self.granted | added,
            refused=self.refused - added,
            under_signal=under_signal,
            paused=self.paused - added,
        )

    def refuse(self, classes: Iterable[str], *, day: int) -> Choice:
        """Return this choice with further classes refused on `day`; the others and their day stand."""
        added = frozenset(classes)
        return replace(
            self,
            day=self.day if self.answers else day,
            granted=self.granted - added,
            refused=self.refused | added,
            under_signal=self.under_signal - added,
            paused=self.paused - added,
        )

    def pause(self, classes: Iterable[str]) -> Choice:
        """Return this choice with the answers kept and these classes, and no others, paused."""
        # Nothing of a refused class is there to rest.
        return replace(self, paused=frozenset(classes) - self.refused)

    def intersection(self, other: Choice) -> Choice:
        """Return the least permission of two choices: yes where both say yes, no where one does."""
        refused = self.refused | other.refused
        return Choice(
            day=min(self.day, other.day),
            granted=self.granted & other.granted,
            refused=refused,
            under_signal=self.under_signal & other.under_signal,
            paused=(self.paused | other.paused) - refused,
        )
