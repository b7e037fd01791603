"""The one truth table: from regime, answer and signal to "may it pass" and "must we ask".

Banner, filter, pages and the state that applications see all follow from `decide`; nothing else in
the package decides anything about consent.

Theory of operation. A class has a regime. A visitor gave it an answer or none; a yes given while
Global Privacy Control was on is told from a plain yes, and a paused class counts as paused whatever
was answered. The signal concerns only classes that share with third parties. These three facts pick
one row of `TABLE`.
May not enter: cookie names, bytes, words.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from cookieconsent.core.choice import Choice
from cookieconsent.core.registry import CookieClass, Regime

Answer = Literal["none", "no", "yes", "yes under signal", "paused"]


class Verdict(NamedTuple):
    """What a row of the table says of a class."""

    allowed: bool
    """Its cookies pass."""
    ask: bool
    """It is undecided: a banner is due."""


_ANSWERS: tuple[Answer, ...] = ("none", "no", "yes", "yes under signal", "paused")

TABLE: dict[tuple[Regime, Answer, bool], Verdict] = {
    # regime      answer              signal   allowed  ask
    ("opt-in", "none", False): Verdict(allowed=False, ask=True),
    ("opt-in", "none", True): Verdict(allowed=False, ask=False),
    ("opt-in", "no", False): Verdict(allowed=False, ask=False),
    ("opt-in", "no", True): Verdict(allowed=False, ask=False),
    ("opt-in", "yes", False): Verdict(allowed=True, ask=False),
    ("opt-in", "yes", True): Verdict(allowed=False, ask=False),
    ("opt-in", "yes under signal", False): Verdict(allowed=True, ask=False),
    ("opt-in", "yes under signal", True): Verdict(allowed=True, ask=False),
    ("opt-in", "paused", False): Verdict(allowed=False, ask=False),
    ("opt-in", "paused", True): Verdict(allowed=False, ask=False),
    ("objection", "none", False): Verdict(allowed=True, ask=False),
    ("objection", "none", True): Verdict(allowed=False, ask=False),
    ("objection", "no", False): Verdict(allowed=False, ask=False),
    ("objection", "no", True): Verdict(allowed=False, ask=False),
    ("objection", "yes", False): Verdict(allowed=True, ask=False),
    ("objection", "yes", True): Verdict(allowed=False, ask=False),
    ("objection", "yes under signal", False): Verdict(allowed=True, ask=False),
    ("objection", "yes under signal", True): Verdict(allowed=True, ask=False),
    ("objection", "paused", False): Verdict(allowed=False, ask=False),
    ("objection", "paused", True): Verdict(allowed=False, ask=False),
}
# The rows for "exempt" are one rule: whatever was said, it passes and nobody is asked.
TABLE |= {
    ("exempt", answer, signal): Verdict(allowed=True, ask=False)
    for answer in _ANSWERS
    for signal in (False, True)
}

Reason = Literal["undecided", "decided", "signal", "nothing to ask"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What holds for one request."""

    allowed: frozenset[str]
    """The classes whose cookies pass."""
    ask: bool
    """Whether a class still needs an answer, so that a banner is due."""
    reason: Reason
    """Which of the four states led here."""
    overruled: frozenset[str]
    """The classes that the signal refused: not answered, or with an answer that it outranks."""
    paused: frozenset[str] = frozenset()
    """The classes that rest: their cookies do not pass, but are not deleted either."""


def answer_of(cls: str, choice: Choice | None) -> Answer:
    """Return the answer column of the table for a class."""
    if choice is None:
        return "none"
    if cls in choice.paused:
        return "paused"
    if cls in choice.under_signal:
        return "yes under signal"
    if cls in choice.granted:
        return "yes"
    return "no" if cls in choice.refused else "none"


def decide(classes: Iterable[CookieClass], choice: Choice | None, *, signal: bool) -> Decision:
    """Decide which classes pass and whether to ask.

    Args:
        classes: The active classes of the site.
        choice: What the visitor said, if it is current; else `None`.
        signal: Whether Global Privacy Control is on.
    """
    allowed: set[str] = set()
    overruled: set[str] = set()
    paused: set[str] = set()
    ask = answered = signalled = False
    for cls in classes:
        answer = answer_of(cls.name, choice)
        heard = signal and cls.shares_with_third_parties and cls.switchable
        verdict = TABLE[cls.regime, answer, heard]
        if verdict.allowed:
            allowed.add(cls.name)
        elif heard and (answer == "none" or TABLE[cls.regime, answer, False].allowed):
            overruled.add(cls.name)
        elif answer == "paused":
            paused.add(cls.name)
        ask = ask or verdict.ask
        answered = answered or (cls.switchable and answer != "none")
        signalled = signalled or heard
    return Decision(
        frozenset(allowed),
        ask,
        _reason(ask, answered, signalled),
        frozenset(overruled),
        frozenset(paused),
    )


def _reason(ask: bool, answered: bool, signalled: bool) -> Reason:  # noqa: FBT001 - three facts
    if ask:
        return "undecided"
    if answered:
        return "decided"
    return "signal" if signalled else "nothing to ask"
