"""What is known of the site beforehand: its declaration, where there is one, and the catalogue.

May not enter: what was seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cookieconsent.core.reasons import Step, steps
from cookieconsent.core.registry import Classification, CookieClass, Registry
from cookieconsent.engine.config import Config


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

    @property
    def path(self) -> str:
        """Where its preferences page is."""
        return "/cookie-consent" if self.config is None else self.config.path

    @property
    def cookie_name(self) -> str | None:
        """The name of its consent cookie."""
        return None if self.config is None else self.config.cookie_name

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
        return self.registry.classify(name, domain=host)

    def chain(self, name: bytes, host: str | None = None) -> tuple[Step, ...]:
        """Return how that is known."""
        return steps(self.registry, name, host)

    def needs_consent(self, name: bytes, host: str | None = None) -> bool:
        """Tell whether a cookie needs a yes; an unknown one does."""
        if name.decode("latin-1") == self.cookie_name:
            return False
        cls = self.classify(name, host).cls
        return cls is None or self.regime(cls) != "exempt"

    def regime(self, cls: str) -> str:
        """Return how a class is asked about; one that the site does not use needs a yes."""
        own = {known.name: known.regime for known in self.classes}
        return own.get(cls) or CookieClass(cls).regime
