"""What an unknown cookie may be, for the audit: how a name comes to its class, step by step, as data.

Beyond the registry, two weaker witnesses are heard: the domain of a known tracker (`core/trackers.py`),
and the cookie's attributes, which give a hint and never certainty.
May not enter: anything the run-time filter uses. A cookie is never let through on a guess.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from cookieconsent.core.registry import EXEMPT_CLASSES, Registry, Rule
from cookieconsent.core.trackers import tracker

Witness = Literal[
    "declared", "exact name and domain", "exact name", "glob", "tracker domain", "attributes"
]
"""Whom the search asks, in this order; the first that answers decides."""
WITNESSES: Final[tuple[Witness, ...]] = (
    "declared",
    "exact name and domain",
    "exact name",
    "glob",
    "tracker domain",
    "attributes",
)
Certainty = Literal["certain", "likely", "hint", "unknown"]

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


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a cookie is, how sure that is, and every witness that was asked."""

    cls: str | None
    """The class, the likely class or the guess; `None` for an unknown cookie."""
    certainty: Certainty
    chain: tuple[Step, ...]
    """The witnesses in the order they were asked; the last one decided, if any did."""

    @property
    def exempt(self) -> bool:
        """Whether it is certain that no consent is needed."""
        return self.certainty == "certain" and self.cls in EXEMPT_CLASSES


def explain(
    name: str | bytes,
    domain: str | None = None,
    attributes: Attributes | None = None,
    *,
    registry: Registry,
) -> Explanation:
    """Return the class of a cookie with the chain of reasons for it.

    Args:
        name: The name, byte for byte (text stands for its UTF-8 bytes).
        domain: The domain that owns the cookie, where it is known.
        attributes: Its attributes, where a `Set-Cookie` line was seen.
        registry: The site's declarations over the shipped catalogue.
    """
    data = name.encode("utf-8", "surrogateescape") if isinstance(name, str) else name
    host = domain.lower().strip(".") if domain else None
    rule = registry.rule_for(data, host)
    chain: list[Step] = []
    for witness in WITNESSES:
        cls, detail = _asked(witness, rule, host, attributes)
        chain.append(Step(witness, cls, detail))
        if cls is not None:
            return Explanation(cls, _certainty(witness), tuple(chain))
    return Explanation(None, "unknown", tuple(chain))


def guesses(host: str | None, attributes: Attributes | None) -> tuple[Step, ...]:
    """Return what the two weaker witnesses say of a cookie whose name says nothing."""
    return (
        Step("tracker domain", *tracker_class(host)),
        Step("attributes", *_hint(attributes)),
    )


def _asked(
    witness: Witness, rule: Rule | None, host: str | None, attributes: Attributes | None
) -> tuple[str | None, str | None]:
    if witness == "tracker domain":
        return tracker_class(host)
    if witness == "attributes":
        return _hint(attributes)
    if rule is None or _witness_of(rule) != witness:
        return None, None
    return rule.classification.cls, rule.classification.rule


def _witness_of(rule: Rule) -> Witness:
    if rule.classification.source == "declared":
        return "declared"
    if b"*" in rule.pattern:
        return "glob"
    return "exact name and domain" if rule.domains else "exact name"


def _certainty(witness: Witness) -> Certainty:
    if witness == "attributes":
        return "hint"
    return "likely" if witness == "tracker domain" else "certain"


def tracker_class(host: str | None) -> tuple[str | None, str | None]:
    """Return the class of what a known tracker's domain sets, and that domain; `None` for any other."""
    known = tracker(host)
    return (None, None) if known is None else (known.cls, known.rule)


def _hint(attributes: Attributes | None) -> tuple[str | None, str | None]:
    if attributes is None:
        return None, None
    if attributes.http_only and attributes.secure and attributes.max_age is None:
        return "authentication", "HttpOnly, Secure, until the browser is closed"
    long = attributes.max_age is not None and attributes.max_age >= LONG_LIFE
    if long and not attributes.http_only:
        return "analytics", f"readable by scripts, lives {LONG_LIFE.days} days or longer"
    return None, None
