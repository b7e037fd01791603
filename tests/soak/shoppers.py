"""People in the demo shop: each knows what it has said, bought and been called, and keeps a jar.

A shopper is the other half of the bookkeeping: it never asks the library what should have happened.
Everything it invents carries its number, so that a response with somebody else's shows.
May not enter: sockets, markup.
"""

from __future__ import annotations

import base64
import random
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Final, Literal

from cookieconsent.demo.cookies import MAX_OF_ONE, VISIT, VISITOR

CONSENT: Final = "__Host-cookieconsent"
LANGUAGES: Final = ("en", "de", "fr")
ANALYTICS: Final = frozenset({VISITOR, VISIT, "_hjid"})
"""What a yes lets pass, of the cookies that the shop sets or plants."""
ALWAYS_DENIED: Final = frozenset({"_fbp"})
"""Of a class that the shop does not use."""
PLANTED: Final = "GA1.1.1234567890.1700000000"
"""A browser number that the shop hands to everybody who asks for it."""

TAG: Final = re.compile(rb"soak([0-9]+)x")
"""Whose invention something is."""

Answer = Literal["yes", "yes under the signal", "no"]


@dataclass(slots=True, kw_only=True)
class Shopper:
    """One visitor."""

    number: int
    language: str
    signal: bool
    """Whether its browser sends Global Privacy Control."""
    metadata: bool
    """Whether its browser sends Fetch Metadata."""
    answer: Answer | None = None
    """What it has said, as far as its jar can still prove it."""
    jar: dict[str, str] = field(default_factory=dict)
    """Cookies by name. The shop uses one scope, so scopes are not minded."""
    name: str | None = None
    """What it is called while it is signed in."""
    basket: dict[str, int] = field(default_factory=dict)
    token: str | None = None
    """The form token of the last page that had one."""
    view: str = "/"
    """The address of the page it looks at."""
    form: str | None = None
    """Where it has sent its last form, until a page has shown that."""

    @property
    def tag(self) -> str:
        """What everything bears that it invents."""
        return f"soak{self.number}x"

    @property
    def allows(self) -> bool:
        """Whether analytics cookies may pass: a yes that the signal does not outrank."""
        if self.answer == "yes":
            return not self.signal
        return self.answer == "yes under the signal"

    @property
    def granted(self) -> bool:
        """Whether it has something to withdraw."""
        return self.answer in {"yes", "yes under the signal"}

    @property
    def undecided(self) -> bool:
        """Whether somebody must ask it."""
        return self.answer is None and not self.signal

    @property
    def yes(self) -> Answer:
        """What a yes of this visitor is, now."""
        return "yes under the signal" if self.signal else "yes"

    def forge(self, value: str) -> None:
        """Put something else in the place of the consent cookie."""
        self.jar[CONSENT] = value
        self.answer = None

    def leave(self) -> None:
        """Come back as somebody else, in a browser that has never been here."""
        self.jar.clear()
        self.basket = {}
        self.answer = self.name = None


def session_of(name: str) -> str:
    """Return how the session cookie of somebody begins; a signature follows."""
    return base64.urlsafe_b64encode(name.encode()).decode().rstrip("=") + "."


def basket_with(basket: dict[str, int], slug: str, change: int) -> dict[str, int]:
    """Return a basket with one article more or less, as the shop counts."""
    count = min(basket.get(slug, 0) + change, MAX_OF_ONE)
    changed = basket | {slug: count}
    return {one: number for one, number in changed.items() if number > 0}


def cart_of(basket: dict[str, int]) -> str:
    """Return the value of the cookie of a basket."""
    return ".".join(f"{slug}:{count}" for slug, count in basket.items())


def crowd(size: int, chance: random.Random) -> list[Shopper]:
    """Return people who were never in the shop."""
    return [
        Shopper(
            number=number,
            language=chance.choice(LANGUAGES),
            signal=chance.random() < 0.25,
            metadata=chance.random() < 0.6,
        )
        for number in range(size)
    ]


class Ledger:
    """What is true of all shoppers together."""

    def __init__(self) -> None:
        self.answers: dict[Answer, set[str]] = {}
        """The values that stand for an answer: one a day, the same for everybody."""
        self.browsers: dict[str, int] = {}
        """To whom each analytics number was given."""
        self.views: Counter[str] = Counter()
        """Page views that the shop may count, by path."""
        self.done: Counter[str] = Counter()
        """How often each thing was done."""
        self.invented = 0
        """Cookie names that existed once only."""

    def note_answer(self, answer: Answer, value: str) -> str | None:
        """Note the consent cookie of an answer; return what is wrong with it."""
        for other, values in self.answers.items():
            if other != answer and value in values:
                return f"got the cookie of {other!r} for {answer!r}"
        known = self.answers.setdefault(answer, set())
        known.add(value)
        # Midnight may pass once while the shop is open.
        return None if len(known) <= 2 else f"{len(known)} different cookies for {answer!r}"

    def note_browser(self, number: str, shopper: Shopper) -> str | None:
        """Note to whom an analytics number was given; return what is wrong with it."""
        if number == PLANTED:
            return None
        owner = self.browsers.setdefault(number, shopper.number)
        return None if owner == shopper.number else f"got the analytics number of {owner}"
