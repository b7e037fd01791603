"""What the middleware does with a cookie, by what its visitor has said: for whoever asks beforehand.

It asks the same table and the same filter as an exchange does.
May not enter: words, requests.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from cookieconsent.core.choice import Choice
from cookieconsent.core.decision import decide
from cookieconsent.core.filter import DENIED, PASSES, CookieFilter
from cookieconsent.engine.config import Config

Said = Literal["undecided", "accepted", "rejected"]
SAID: Final[tuple[Said, ...]] = ("undecided", "accepted", "rejected")
Fate = Literal["passes", "deleted", "removed"]


class Treatment(NamedTuple):
    """What becomes of a cookie of one visitor."""

    said: Said
    """What the visitor has said to all classes."""
    fate: Fate
    """`passes`: in requests and responses. `deleted`: removed from both, and deleted from the browser.
    `removed`: from both, and left in the browser, since nobody knows whose it is."""


def treatments(config: Config, name: bytes) -> tuple[Treatment, ...]:
    """Return what becomes of a cookie, in the order of `SAID`, without Global Privacy Control."""
    return tuple(Treatment(said, _fate(config, name, said)) for said in SAID)


def _fate(config: Config, name: bytes, said: Said) -> Fate:
    decision = decide(config.active_classes, _choice(config, said), signal=False)
    verdict = CookieFilter(
        config.registry,
        decision.allowed,
        config.cookie_name.encode("ascii"),
        undeclared=config.undeclared == "allow",
    ).verdict(name)
    if verdict is PASSES:
        return "passes"
    return "deleted" if verdict is DENIED else "removed"


def _choice(config: Config, said: Said) -> Choice | None:
    names = frozenset(cls.name for cls in config.switchable)
    if said == "undecided":
        return None
    return Choice(day=0, granted=names) if said == "accepted" else Choice(day=0, refused=names)
