"""What the sections are made from: the site, and one view of the page.

May not enter: markup, words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from cookieconsent.core.authorities import Authority
from cookieconsent.core.choice import Choice
from cookieconsent.core.registry import Classification, Cookie, CookieClass

Reason = Literal[
    "needed",
    "yes",
    "not objected",
    "let pass",
    "undecided",
    "no",
    "signal",
    "paused",
    "unknown",
]
"""Why a cookie was passed on (the first four), or removed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFacts:
    """What the site says of itself, the same for every visitor."""

    classes: tuple[CookieClass, ...]
    cookies: tuple[Cookie, ...]
    consent_cookie: str
    """The name of the cookie that keeps the answer."""
    policy_version: str | None = None
    last_updated: date | None = None
    privacy_policy_url: str | None = None
    contact: str | None = None
    authority: str | None = None
    """The authority in the site's own words."""
    authorities: tuple[Authority, ...] = ()
    """The authorities that the site has named by country."""

    @property
    def switchable(self) -> list[CookieClass]:
        """The classes that visitors decide about."""
        return [cls for cls in self.classes if cls.switchable]


@dataclass(frozen=True, slots=True, kw_only=True)
class SentCookie:
    """A cookie that the browser sent with this view. Its value is not here."""

    name: str
    """Escaped."""
    cls: str | None
    """The name of its class, `None` where nobody knows it."""
    reason: Reason
    """What became of it, and why."""
    length: int
    """How many characters its value has."""
    known: Classification | None = None
    """What the shipped catalogue says of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What differs between two views of the page."""

    action: str
    """The address of the page."""
    style_url: str
    """The address of the style sheet."""
    token: str | None
    """The form token; `None` where forms carry none."""
    home: str = "/"
    """The address of the site's first page."""
    choice: Choice | None = None
    """The current answer."""
    valid_until: date | None = None
    """The last day on which an answer counts that is kept from now on, or that stands."""
    allowed: frozenset[str] = frozenset()
    """The classes that pass now."""
    signal: bool = False
    """Whether Global Privacy Control is on."""
    overruled: frozenset[str] = frozenset()
    """The classes that the signal refused."""
    sent: tuple[SentCookie, ...] = ()
    """The cookies that this browser sent."""
    unshown: int = 0
    """How many more it sent."""
    filled: Mapping[str, bool] = field(default_factory=dict)
    """Answers of a form that could not be taken, so that they are not lost."""
    back: str | None = None
    """Where the visitor came from, kept through the forms."""
    error: str | None = None
    """Which fault a form had: a key of `preferences.ERRORS`."""
    deletable: bool = False
    """Whether everything of this site can be deleted, which needs https."""
    receipt_url: str | None = None
    """The address of the receipt as a file."""
    print_url: str | None = None
    """The address of the receipt to print."""

    @property
    def paused(self) -> bool:
        """Whether anything rests."""
        return self.choice is not None and bool(self.choice.paused)

    def rests(self, site: SiteFacts) -> bool:
        """Tell whether everything that visitors decide about rests."""
        return self.choice is not None and self.choice.rests(cls.name for cls in site.switchable)
