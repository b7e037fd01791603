"""What the middleware does with a cookie, by what its visitor has said: for whoever asks beforehand.

It asks the same table and the same filter as an exchange does.
May not enter: words, requests.
"""

from __future__ import annotations

from collections.abc import Iterable
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


class Lost(NamedTuple):
    """A cookie that the site cannot do without, and that the middleware takes away."""

    reason: str
    """Why, for the operator."""
    can_be_declared: bool
    """Whether a declaration helps; the name of the consent cookie is nobody else's."""


def lost_cookies(config: Config, names: Iterable[str]) -> dict[str, Lost]:
    """Return which cookies are taken from some visitors, and why: those nobody could log in without.

    Args:
        config: The site's. One that only reports takes nothing.
        names: The names of the cookies that the site cannot do without.

    Returns:
        What is to be said of each, by name.
    """
    if not config.enforce:
        return {}
    keys = {name: name.encode("utf-8", "replace") for name in names}
    lost = {
        name: Lost(_reason(config, key), can_be_declared=True)
        for name, key in keys.items()
        if any(treatment.fate != "passes" for treatment in treatments(config, key))
    }
    if config.cookie_name in keys:  # it passes on its way in alone
        said = "it is the name of the consent cookie, which nobody else may set"
        lost[config.cookie_name] = Lost(said, can_be_declared=False)
    return lost


def _reason(config: Config, name: bytes) -> str:
    found = config.registry.classify(name)
    if found.cls is None:
        return "nothing declares it"
    where = "the catalogue" if found.source == "catalogue" else "its declaration"
    return f"{where} says {found.cls}, which waits for a yes or ends with a no"


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
