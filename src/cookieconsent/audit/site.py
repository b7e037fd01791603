"""What is known of the site beforehand: its declaration, where there is one, and the catalogue.

May not enter: what was seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

from cookieconsent.core.reasons import Step, steps
from cookieconsent.core.registry import Classification, Cookie, CookieClass, Registry
from cookieconsent.core.trackers import tracker
from cookieconsent.engine.config import Config

_TRACKING: Final = frozenset({"analytics", "advertising"})


_MOST_KEPT: Final = 4096
"""One cookie is met on each page and in each state, and the catalogue is long."""


@lru_cache(maxsize=_MOST_KEPT)
def _steps(registry: Registry, name: bytes, host: str | None) -> tuple[Step, ...]:
    return steps(registry, name, host)


@lru_cache(maxsize=_MOST_KEPT)
def _classified(registry: Registry, name: bytes, host: str | None) -> Classification:
    return registry.classify(name, domain=host)


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierCookie:
    """A cookie as an earlier report has it."""

    name: str
    """Printable."""
    cls: str | None
    vendor: str | None
    lifetime: int | None
    """Seconds; `None` for the session."""
    kind: str = "cookie"
    attributes: Mapping[str, str] | None = None
    """Those of its line, by name in lower case; `None` where nobody knows them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A site that is audited."""

    config: Config | None
    """Its configuration: the one in its middleware, or the file's; `None` where neither is known."""
    registry: Registry
    """Its declarations over the catalogue, or the catalogue alone."""
    has_secret: bool = False
    """Whether consent cookies can be made in its name."""
    file: Path | None = None
    """The file with the declarations."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Canonical names (CNAME) of hosts, where somebody has looked them up."""
    earlier: Sequence[EarlierCookie] | None = None
    """What an earlier report says of its cookies; `None` where there is none to compare with."""

    @property
    def path(self) -> str:
        """Where its preferences page is."""
        return "/cookie-consent" if self.config is None else self.config.path

    @property
    def cookie_name(self) -> str | None:
        """The name of its consent cookie."""
        return None if self.config is None else self.config.cookie_name

    def is_own(self, name: bytes) -> bool:
        """Tell whether a cookie is its consent cookie."""
        return name.decode("latin-1") == self.cookie_name

    @property
    def classes(self) -> Sequence[CookieClass]:
        """The classes in use."""
        return () if self.config is None else self.config.active_classes

    @property
    def switchable(self) -> list[str]:
        """The names of the classes that visitors decide about."""
        return [cls.name for cls in self.classes if cls.switchable]

    def classify(self, name: bytes, host: str | None = None) -> Classification:
        """Return what is known of a cookie."""
        return _classified(self.registry, name, host)

    def chain(self, name: bytes, host: str | None = None) -> tuple[Step, ...]:
        """Return how that is known."""
        return _steps(self.registry, name, host)

    def needs_consent(self, name: bytes, host: str | None = None) -> bool:
        """Tell whether a cookie needs a yes; an unknown one does."""
        if self.is_own(name):
            return False
        cls = self.classify(name, host).cls
        return cls is None or self.regime(cls) != "exempt"

    def needs_yes(self, name: bytes, host: str | None = None) -> bool:
        """Tell whether a cookie must wait for a yes; others may stay until there is a no."""
        cls = self.classify(name, host).cls
        return self.needs_consent(name, host) and (cls is None or self.regime(cls) == "opt-in")

    def shares(self, cls: str) -> bool:
        """Tell whether somebody else receives what is in the cookies of a class."""
        own = {known.name: known for known in self.classes}
        return (own.get(cls) or CookieClass(cls)).shares_with_third_parties

    def declarations(self, name: bytes, host: str | None = None) -> list[Cookie]:
        """Return the declarations that cover a cookie, all of one pattern."""
        rule = self.registry.rule_for(name, host)
        if self.config is None or rule is None or rule.classification.source != "declared":
            return []
        return [cookie for cookie in self.config.cookies if cookie.key == rule.pattern]

    def tracks(self, host: str) -> str | None:
        """Return the class of what a host sets, where all that is known of it is tracking."""
        known = tracker(host)
        return None if known is None or known.cls not in _TRACKING else known.cls

    def regime(self, cls: str) -> str:
        """Return how a class is asked about; one that the site does not use needs a yes."""
        own = {known.name: known.regime for known in self.classes}
        return own.get(cls) or CookieClass(cls).regime
