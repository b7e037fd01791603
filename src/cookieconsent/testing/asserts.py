"""The assertion: no cookie without consent, and if there is one, which, why, and what to declare.

May not enter: how clients and responses are read.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from cookieconsent.core.choice import Choice
from cookieconsent.core.decision import Answer, Decision, answer_of
from cookieconsent.core.filter import PASSES, CookieFilter
from cookieconsent.core.registry import Classification
from cookieconsent.engine.consent import Consent
from cookieconsent.engine.events import escape_name
from cookieconsent.testing.answers import Sighting, sightings_of
from cookieconsent.testing.sites import consent_behind

_ANSWERED: dict[Answer, str] = {
    "none": "the visitor has not answered",
    "no": "the visitor said no",
    "yes": "the visitor said yes",
    "yes under signal": "the visitor said yes",
    "paused": "the visitor has paused it",
}
_DAYS_A_YEAR = 365


def assert_no_cookies_without_consent(seen: object, site: object, *, gpc: bool = False) -> None:
    """Fail where a cookie is set, or held, that the visitor's answer does not allow.

    A response is judged by the answer in its own request, or by the one that it writes itself; the
    redirects that led to it, where the client keeps them, are judged too. A jar is judged by the answer
    in it. Deletions are allowed.

    Args:
        seen: A response of, or the client itself: WebTest's `TestApp`, Starlette's `TestClient` or
            another httpx client, the test clients of Django and Flask, Playwright's `BrowserContext`.
            Also the list that `BrowserContext.cookies()` returns.
        site: The site's `Config` or its fields by name, its `ConsentStates`, its middleware or the
            application.
        gpc: Whether the client sends Global Privacy Control, which a jar does not tell.

    Raises:
        AssertionError: There is such a cookie. The message names it, its class, the reasons, and the
            declaration to paste where the class is wrong.
        NotInstalledError: There is no middleware in the application.
        TypeError: `seen` is nothing that can be looked at.
    """
    __tracebackhide__ = True
    consent = consent_behind(site)
    seen_here = sightings_of(seen, consent.cookie_name, consent.clock())
    found = [line for sighting in seen_here for line in _faults(consent, sighting, gpc=gpc)]
    if found:
        raise AssertionError("cookies without consent:\n" + "\n".join(found))


def _faults(consent: Consent, sighting: Sighting, *, gpc: bool) -> Iterator[str]:
    """Yield a paragraph for each cookie that may not be where it was seen."""
    signal = gpc or sighting.signal
    today = consent.today(consent.clock())
    standing = consent.read(sighting.answers, today) if sighting.answers else consent.undecided
    decision = standing.ruling(signal=signal).decision
    allowed = decision.allowed | (decision.paused if sighting.at_rest else frozenset())
    undeclared = consent.config.undeclared == "allow"
    judge = CookieFilter(consent.registry, allowed, consent.cookie_name, undeclared=undeclared)
    for name in dict.fromkeys(sighting.names):
        if judge.verdict(name) is not PASSES:
            known = consent.registry.classify(name)
            reasons = _reasons(consent, known, standing.choice, decision)
            yield f"- {escape_name(name)}, {sighting.place}"
            yield f"  class: {known.cls or 'unknown'}"
            yield f"  why: {' > '.join(reasons)}"
            yield f"  if that is wrong, declare: {_declaration(name, known)}"


def _reasons(
    consent: Consent, known: Classification, choice: Choice | None, decision: Decision
) -> Iterator[str]:
    """Yield the chain from what is known of a name to why it may not be there."""
    yield f"declared as {known.rule!r}" if known.source == "declared" else "not declared"
    if known.cls is None:
        yield from ("not in the catalogue", "nobody can allow what is unknown")
        return
    if known.source == "catalogue":
        yield f"{known.rule!r} in the catalogue"
    if known.cls not in consent.class_names:
        yield f"class {known.cls!r} is not in use on this site"
        return
    regime = next(cls.regime for cls in consent.config.active_classes if cls.name == known.cls)
    yield f"class {known.cls!r} is {regime}"
    if known.cls in decision.overruled:
        yield "Global Privacy Control refuses it"
    else:
        yield _ANSWERED[answer_of(known.cls, choice)]


def _declaration(name: bytes, known: Classification) -> str:
    """Return a `Cookie` to paste; its dots are the site's to fill in."""
    rule = known.rule or escape_name(name)
    return (
        f'Cookie("{rule}", "{known.cls or "..."}", purpose="...", '
        f'provider="{known.vendor or "..."}", lifetime="{_lifetime(known.lifetime)}")'
    )


def _lifetime(lifetime: timedelta | None) -> str:
    """Return a lifetime as declarations write it."""
    if lifetime is None:
        return "..."
    if lifetime.days and lifetime.days % _DAYS_A_YEAR == 0:
        return f"{lifetime.days // _DAYS_A_YEAR} years"
    if lifetime.days:
        return f"{lifetime.days} days"
    return f"{max(1, lifetime.seconds // 60)} minutes"
