"""Visitors of a site, by what they have answered: what their browser keeps, made as the site makes it.

Days are counted from the clock of the site's `Config`.
May not enter: test clients.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, get_args
from urllib.parse import urlsplit

from cookieconsent.core.choice import VALID_DAYS, Choice
from cookieconsent.core.codec import ChoiceCodec
from cookieconsent.core.registry import CookieClass
from cookieconsent.engine.consent import Consent
from cookieconsent.errors import ConfigError, UnknownClassError
from cookieconsent.testing.sites import consent_behind

StateName = Literal["none", "accepted", "rejected", "withdrawn", "stale", "outdated", "tampered"]
STATE_NAMES: Final[tuple[StateName, ...]] = get_args(StateName)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCookie:
    """A cookie in a browser, for all paths of the site."""

    name: str
    value: str
    secure: bool = False
    domain: str | None = None
    """The domain it was set for; `None` for the host alone."""
    http_only: bool = False

    def for_browser(self, url: str) -> dict[str, str | bool]:
        """Return it as Playwright's `BrowserContext.add_cookies` wants it.

        Raises:
            ValueError: The address has no host.
        """
        host = urlsplit(url).hostname
        if host is None:
            raise ValueError(f"url: {url!r} names no host. Write it as http://localhost:8000")
        return {
            "name": self.name,
            "value": self.value,
            # Not `url`: Chromium refuses a Secure cookie for an http address, localhost included,
            # and sends it there all the same.
            "domain": host if self.domain is None else f".{self.domain}",
            "path": "/",
            "secure": self.secure,
            "httpOnly": self.http_only,
            "sameSite": "Lax",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorState:
    """A visitor, by what the browser keeps of the answer."""

    name: str
    """What the state is called."""
    cookie_name: str
    """The name of the site's consent cookie."""
    value: str | None
    """Its value; `None` where the visitor has none."""
    secure: bool
    """Whether the consent cookie is `Secure`, so that clients must speak https."""
    domain: str | None
    """The domain of the consent cookie; `None` for the host alone."""
    others: tuple[tuple[str, str], ...] = ()
    """Names and values of further cookies that the browser keeps."""

    def with_cookies(self, cookies: Mapping[str, str]) -> VisitorState:
        """Return this visitor with further cookies, such as those left from before a withdrawal.

        Args:
            cookies: Values by name.
        """
        return replace(self, others=(*self.others, *cookies.items()))

    @property
    def kept(self) -> tuple[KeptCookie, ...]:
        """All that the browser keeps."""
        others = tuple(KeptCookie(name=name, value=value) for name, value in self.others)
        if self.value is None:
            return others
        own = KeptCookie(
            name=self.cookie_name,
            value=self.value,
            secure=self.secure,
            domain=self.domain,
            http_only=True,
        )
        return (own, *others)

    @property
    def cookie_header(self) -> str:
        """The `Cookie` header of this visitor's requests, for clients without a jar."""
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.kept)

    def browser_cookies(self, url: str) -> list[dict[str, str | bool]]:
        """Return what Playwright's `BrowserContext.add_cookies` takes.

        Args:
            url: An address of the site, such as `http://localhost:8000`.

        Raises:
            ValueError: The address has no host.
        """
        return [cookie.for_browser(url) for cookie in self.kept]


class ConsentStates:
    """Makes the visitors of a site: `states.accepted`, or by name, `states["accepted"]`.

    Args:
        site: The site's `Config`, or its fields by name, such as Django's `settings.COOKIECONSENT`;
            its middleware, or the application that has one in it.

    Raises:
        ConfigError: A field does not fit.
        NotInstalledError: There is no middleware in the application.
    """

    def __init__(self, site: object) -> None:
        self.consent: Consent = consent_behind(site)

    def __getitem__(self, name: str) -> VisitorState:
        """Return a state by its name, one of `STATE_NAMES`.

        Raises:
            KeyError: There is none of this name.
        """
        if name not in STATE_NAMES:
            near = difflib.get_close_matches(str(name), STATE_NAMES, 1) or STATE_NAMES
            raise KeyError(f"{name!r} is no state; use one of {', '.join(near)}")
        state: VisitorState = getattr(self, name)
        return state

    @property
    def none(self) -> VisitorState:
        """A visitor who was not asked yet."""
        return self._state("none", None)

    @property
    def accepted(self) -> VisitorState:
        """A visitor who said yes to everything today."""
        return self._chosen("accepted", self.consent.switchable_names)

    @property
    def rejected(self) -> VisitorState:
        """A visitor who said no to everything today."""
        return self._chosen("rejected", ())

    def only(self, *classes: str) -> VisitorState:
        """Return a visitor who said yes to some classes today, and no to all others.

        Args:
            classes: Names of classes that visitors decide about.

        Raises:
            TypeError: A class is given otherwise than by its name.
            UnknownClassError: A class is not one of those.
        """
        for name in classes:
            if not isinstance(name, str):
                raise TypeError(f'classes: {name!r} is no name. Write only("analytics", "media")')
            if name not in self.consent.switchable_names:
                raise UnknownClassError(name, tuple(cls.name for cls in self.consent.switchable))
        return self._chosen(f"only {', '.join(classes)}", classes)

    @property
    def withdrawn(self) -> VisitorState:
        """A visitor who took a yes back today: the same bytes as a no.

        `with_cookies` adds what is left from the time of the yes.
        """
        return self._chosen("withdrawn", ())

    @property
    def stale(self) -> VisitorState:
        """A visitor whose yes is too old to count, by one day.

        Raises:
            ConfigError: The clock stands before the first day of which there can be one.
        """
        day = self._today - VALID_DAYS - 1
        if day < 0:
            problem = f"no answer can be older than {VALID_DAYS} days in the first half of 1970"
            raise ConfigError("clock", problem, "Set the clock of the tests to a later day")
        return self._chosen("stale", self.consent.switchable_names, day)

    @property
    def outdated(self) -> VisitorState:
        """A visitor who said yes before the site changed what it declares for every class."""
        config = self.consent.config
        before = [_of_other_version(cls) for cls in config.switchable]
        codec = ChoiceCodec(config.keys, before, config.cookies, config.site)
        return self._state("outdated", codec.write(self._choice(self.consent.switchable_names)))

    @property
    def tampered(self) -> VisitorState:
        """A visitor who wrote a yes without knowing the secret."""
        value = self.consent.codec.write(self._choice(self.consent.switchable_names))
        payload, _, signature = value.rpartition(b".")
        first = b"B" if signature.startswith(b"A") else b"A"
        return self._state("tampered", payload + b"." + first + signature[1:])

    @property
    def _today(self) -> int:
        return self.consent.today(self.consent.clock())

    def _choice(self, granted: Iterable[str], day: int | None = None) -> Choice:
        yes = frozenset(granted)
        return Choice(
            day=self._today if day is None else day,
            granted=yes,
            refused=self.consent.switchable_names - yes,
        )

    def _chosen(self, name: str, granted: Iterable[str], day: int | None = None) -> VisitorState:
        return self._state(name, self.consent.codec.write(self._choice(granted, day)))

    def _state(self, name: str, value: bytes | None) -> VisitorState:
        config = self.consent.config
        return VisitorState(
            name=name,
            cookie_name=config.cookie_name,
            value=None if value is None else value.decode("ascii"),
            secure=config.secure,
            domain=config.cookie_domain,
        )


def _of_other_version(cls: CookieClass) -> CookieClass:
    return CookieClass(
        cls.name,
        regime=cls.regime,
        shares_with_third_parties=cls.shares_with_third_parties,
        purposes=cls.purposes,
        version=cls.version + 1,
    )
