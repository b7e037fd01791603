"""What is built once from a `Config` and only read afterwards: the object adapters share.

Everything kept here that depends on what visitors send is bounded.
May not enter: the facts of one request.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import Literal, TypeVar

from cookieconsent.core.choice import Choice
from cookieconsent.core.codec import ChoiceCodec, FormToken, ReceiptSeal
from cookieconsent.core.cookies import write
from cookieconsent.core.decision import Decision, decide
from cookieconsent.core.filter import CookieFilter
from cookieconsent.core.gate import ALWAYS, HEADERS, narrowing_policy
from cookieconsent.core.registry import CookieClass, Registry
from cookieconsent.engine.config import Config
from cookieconsent.engine.events import LOGGER, ChoiceEvent, Reporter
from cookieconsent.errors import ConfigError
from cookieconsent.ui.banner import BannerFacts, Look, banner, settings_element
from cookieconsent.ui.forms import Filled, Fragment
from cookieconsent.ui.languages import SOURCE_LOCALE, Languages, shipped
from cookieconsent.ui.sections.facts import SiteFacts
from cookieconsent.ui.theme import Theme

Kind = Literal["banner", "settings", "withdrawal"]
"""What goes into a page: the banner, the settings link, or that link with the way to withdraw."""

Event = TypeVar("Event")

SECONDS_A_DAY = 86_400
# One day more than the answer counts, so that the signed day decides and not the browser's clock.
COOKIE_DAYS = 183
_MAX_CHECKS = 4  # signatures checked per request
_MAX_STANDINGS = 1024
_MAX_RULINGS = 256
_MAX_FRAGMENTS = 256
_MAX_FILTERS = 16  # each remembers up to 4,096 names
_MAX_OPERATOR_NAME = 64


class Ruling:
    """A decision with what follows from it, ready to use."""

    __slots__ = ("decision", "filter", "gate", "kind")

    def __init__(
        self,
        decision: Decision,
        filter_: CookieFilter,
        kind: Kind | None,
        gate: tuple[bytes, bytes] | None,
    ) -> None:
        self.decision: Decision = decision
        self.filter: CookieFilter = filter_
        self.kind: Kind | None = kind
        self.gate: tuple[bytes, bytes] | None = gate


class Standing:
    """A choice (or none), with its ruling without and with Global Privacy Control."""

    __slots__ = ("choice", "plain", "signalled")

    def __init__(self, choice: Choice | None, plain: Ruling, signalled: Ruling) -> None:
        self.choice: Choice | None = choice
        self.plain: Ruling = plain
        self.signalled: Ruling = signalled

    def ruling(self, *, signal: bool) -> Ruling:
        """Return the ruling for a request."""
        return self.signalled if signal else self.plain


class Consent:
    """A site's consent rules, precomputed.

    Raises:
        ConfigError: The configuration names a language that is not shipped.
    """

    def __init__(self, config: Config) -> None:
        self.config: Config = config
        self.registry: Registry = config.registry
        # One look-up nearer than in `config`, since every request asks.
        self.path: str = config.path
        self.enforces: bool = config.enforce
        self.clock: Callable[[], float] = config.clock
        self.class_names: frozenset[str] = frozenset(cls.name for cls in config.active_classes)
        self.switchable: tuple[CookieClass, ...] = config.switchable
        self.switchable_names: frozenset[str] = frozenset(cls.name for cls in self.switchable)
        self.cookie_name: bytes = config.cookie_name.encode("ascii")
        self.codec: ChoiceCodec = ChoiceCodec(
            config.keys, self.switchable, config.cookies, config.site
        )
        self.token: FormToken = FormToken(config.keys, config.site)
        self.receipt_seal: ReceiptSeal = ReceiptSeal(config.keys, config.site)
        self.reporter: Reporter = Reporter(enforced=config.enforce)
        self.random_below: Callable[[int], int] = random.randrange
        self.hears_signal: bool = any(cls.shares_with_third_parties for cls in self.switchable)
        self.vary: tuple[bytes, ...] = (
            (b"Cookie", b"Sec-GPC") if self.hears_signal else (b"Cookie",)
        )
        self.languages: Languages = languages_of(config)
        self.locale: str | None = fixed_locale(config, self.languages)
        self.site_facts: SiteFacts = SiteFacts(
            classes=config.active_classes,
            cookies=tuple(config.cookies),
            consent_cookie=config.cookie_name,
            policy_version=config.policy_version,
            last_updated=config.last_updated,  # type: ignore[arg-type] # read when Config was built
            privacy_policy_url=config.privacy_policy_url,
            contact=config.contact,
            authority=config.named_authority,
            authorities=config.authorities,
        )
        self.theme: Theme = Theme(config.shape, config.palette)
        self._banner_facts = BannerFacts(self.switchable, self._count_providers())
        self._filters: dict[frozenset[str], CookieFilter] = {}
        self._standings: dict[bytes, Standing] = {}
        self._rulings: dict[object, tuple[Ruling, Ruling]] = {}
        self._fragments: dict[tuple[object, ...], Filled] = {}
        self.exact_exempt: frozenset[bytes] = self._exact_exempt()
        self.undecided: Standing = self.standing(None)
        self.unknown: Standing = self._unknown()
        # An incomplete installation fails here, not later.
        self.languages.words(self.locale or SOURCE_LOCALE)
        if not config.enforce:
            LOGGER.warning(
                "report only: nothing is filtered and nobody is asked; what would be done is "
                "logged at level INFO",
                extra={"event": "report only"},
            )
        if not config.secure:
            LOGGER.warning(
                "insecure: the consent cookie is sent over plain http; for development only",
                extra={"event": "insecure"},
            )

    def _unknown(self) -> Standing:
        """Return what holds where there may be a no that was not looked at.

        Nothing is used on the strength of it, and nothing is deleted either.
        """
        objectionable = {cls.name for cls in self.switchable if cls.regime == "objection"}
        refused = self.standing(Choice(day=0, refused=frozenset(objectionable)))
        return Standing(None, refused.plain, refused.signalled)

    def is_exempt(self, cls: str) -> bool:
        """Tell whether a class is one that nobody is asked about."""
        return cls in self.class_names and cls not in self.switchable_names

    def _count_providers(self) -> int:
        sharing = {cls.name for cls in self.switchable if cls.shares_with_third_parties}
        return len({c.provider for c in self.config.cookies if c.cls in sharing and c.provider})

    def _exact_exempt(self) -> frozenset[bytes]:
        """Return the names that pass even when the rules themselves have failed."""
        exempt = {cls.name for cls in self.config.active_classes if not cls.switchable}
        names = [name for name, cls in self.registry.exact_names() if cls in exempt]
        return frozenset(names) | {self.cookie_name}

    def today(self, now: float) -> int:
        """Return the day (since 1970-01-01 UTC) of POSIX seconds."""
        return int(now // SECONDS_A_DAY)

    def standing(self, choice: Choice | None) -> Standing:
        """Return what follows from a choice: the same for equal answers, whatever their day."""
        answers = choice and (choice.granted, choice.refused, choice.under_signal, choice.paused)
        rulings = self._rulings.get(answers)
        if rulings is None:
            rulings = self._ruling(choice, signal=False), self._ruling(choice, signal=True)
            if len(self._rulings) >= _MAX_RULINGS:
                self._rulings.clear()
            self._rulings[answers] = rulings
        return Standing(choice, *rulings)

    def _ruling(self, choice: Choice | None, *, signal: bool) -> Ruling:
        decision = decide(self.config.active_classes, choice, signal=signal)
        return Ruling(
            decision,
            self._filter(decision.allowed),
            self._kind(decision, choice),
            self._gate(decision.allowed),
        )

    def _gate(self, allowed: frozenset[str]) -> tuple[bytes, bytes] | None:
        """Return the response field that keeps pages from hosts that need a yes."""
        config = self.config
        header = HEADERS.get(config.csp_gate)
        if header is None:
            return None
        open_for = {ALWAYS, *allowed}
        hosts = [h for name, listed in config.csp_hosts.items() if name in open_for for h in listed]
        return header, narrowing_policy(hosts, config.csp_report_uri)

    def _filter(self, allowed: frozenset[str]) -> CookieFilter:
        found = self._filters.get(allowed)
        if found is None:
            if len(self._filters) >= _MAX_FILTERS:
                # Standings and rulings hold filters: only together are they bounded.
                self._filters.clear()
                self._standings.clear()
                self._rulings.clear()
            found = self._filters[allowed] = CookieFilter(
                self.registry,
                allowed,
                self.cookie_name,
                undeclared=self.config.undeclared == "allow",
                report=self.reporter.stripped,
            )
        return found

    def _kind(self, decision: Decision, choice: Choice | None) -> Kind | None:
        config = self.config
        if not config.enforce or config.shape == "none" or not self.switchable:
            return None
        if config.shared_cache or decision.ask:
            return "banner"
        return self.settings_kind(choice) if config.settings_link else None

    def settings_kind(self, choice: Choice | None) -> Kind:
        """Return which settings element somebody with this choice gets."""
        return "withdrawal" if choice is not None and choice.granted else "settings"

    def read(self, values: list[bytes], today: int) -> Standing:
        """Return what holds for the consent cookie values of a request.

        Forged and outdated ones are ignored; several valid ones count as their intersection; too many
        to look at are `unknown`.
        """
        if len(values) == 1:
            standing = self._standings.get(values[0])
            if standing is not None and standing.choice is not None:
                return standing if standing.choice.is_current(today) else self.undecided
        found = self._verified(values)
        if found is None:
            # What was not looked at may have been a no.
            self.reporter.names("too many consent cookies", [self.cookie_name])
            return self.unknown
        current = {
            standing.choice: standing
            for standing in found
            if standing.choice is not None and standing.choice.is_current(today)
        }
        if not current:
            self.reporter.names("consent cookie not valid", [self.cookie_name])
            return self.undecided
        if len(current) > 1:
            self.reporter.names("several consent cookies", [self.cookie_name])
            return self.standing(reduce(Choice.intersection, current))
        return next(iter(current.values()))

    def _verified(self, values: list[bytes]) -> list[Standing] | None:
        """Return what follows from each valid value; `None` if there are too many to check."""
        different = dict.fromkeys(values)
        if len(different) > _MAX_CHECKS:
            return None
        standings = (self._standings.get(value) or self._verify(value) for value in different)
        return [standing for standing in standings if standing is not None]

    def _verify(self, value: bytes) -> Standing | None:
        choice = self.codec.read(value)
        if choice is None:
            return None
        if len(self._standings) >= _MAX_STANDINGS:
            self._standings.clear()
        standing = self._standings[value] = self.standing(choice)
        return standing

    def choice_cookie(self, choice: Choice) -> bytes:
        """Return the `Set-Cookie` value that keeps a choice, the same for all on one day."""
        return write(
            self.cookie_name,
            self.codec.write(choice),
            max_age=COOKIE_DAYS * SECONDS_A_DAY,
            expires=(choice.day + COOKIE_DAYS) * SECONDS_A_DAY,
            secure=self.config.secure,
            domain=self.config.cookie_domain,
        )

    def forgetting_cookie(self) -> bytes:
        """Return the `Set-Cookie` value that removes our cookie."""
        return write(
            self.cookie_name,
            b"",
            max_age=0,
            expires=0,
            secure=self.config.secure,
            domain=self.config.cookie_domain,
        )

    def fragment(self, kind: Kind, locale: str, look: Look, action: str, day: int) -> Filled:
        """Return rendered markup, kept per language and per what the host page allows.

        Args:
            kind: What it is.
            locale: A language of the site.
            look: What the host page allows.
            action: The address of our pages there.
            day: Today, for the form token.
        """
        key = (kind, locale, look, action, day)
        found = self._fragments.get(key)
        if found is None:
            if len(self._fragments) >= _MAX_FRAGMENTS:
                self._fragments.clear()
            words = self.languages.words(locale)
            markup = (
                banner(self._banner_facts, words, look, self.theme)
                if kind == "banner"
                else settings_element(words, look, self.theme, granted=kind == "withdrawal")
            )
            fragment = Fragment(markup, utf8=look.utf8)
            found = self._fragments[key] = fragment.fill(action, self.token.write(day))
        return found

    def announce(self, event: ChoiceEvent) -> None:
        """Tell the site of a visitor's act."""
        LOGGER.info("choice: %s", event.action, extra={"event": "choice", "action": event.action})
        if self.config.on_choice is not None:
            self.call_hook(self.config.on_choice, event)

    def call_hook(self, hook: Callable[[Event], object], event: Event) -> None:
        """Call a function of the site's; its failure is logged and changes nothing."""
        try:
            hook(event)
        except Exception:  # noqa: BLE001 - the site's own code may fail in any way
            self.reporter.failure(f"hook {getattr(hook, '__name__', hook)!s}")


def languages_of(config: Config) -> Languages:
    """Return the languages of a site: the shipped ones, and what it adds or says otherwise.

    Raises:
        ConfigError: Its catalogues or texts do not fit.
    """
    if not config.translations and not config.texts:
        return shipped()
    said = [text for cls in config.active_classes for text in (cls.title, cls.description)]
    said += [text for cookie in config.cookies for text in (cookie.purpose, cookie.provider)]
    return Languages(
        tuple(map(Path, config.translations)), config.texts, frozenset(filter(None, said))
    )


def fixed_locale(config: Config, languages: Languages) -> str | None:
    """Return the one language that a site has chosen; `None` where visitors' wishes decide.

    Raises:
        ConfigError: The site does not have it.
    """
    if config.locale is None:
        return None
    found = languages.find(config.locale[:_MAX_OPERATOR_NAME])
    if found is None:
        raise ConfigError(
            "locale",
            f"{config.locale!r} is not shipped",
            "Use one of " + ", ".join(languages.names),
        )
    return found
