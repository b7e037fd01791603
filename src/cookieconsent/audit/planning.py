"""From what somebody names and wishes to the plan of an audit, for every door that an audit has.

May not enter: how wishes are written on a command line (`options`), how an audit runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from cookieconsent.audit.declared import site_of
from cookieconsent.audit.earlier import earlier_cookies
from cookieconsent.audit.names import STATE_NAMES, USUAL_MINUTES, USUAL_PAGES, USUAL_RATE
from cookieconsent.audit.plan import Plan
from cookieconsent.audit.visitor import Visitor
from cookieconsent.observation.answer import ObservationError
from cookieconsent.observation.reaching import is_far, reach, within, wrong_page
from cookieconsent.observation.walk import without_values


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What somebody may wish of an audit.

    Attributes:
        pages: Paths that are looked at before any link.
        limit: How many pages at the most.
        seconds: How long the audit may take; states that are not reached by then are unverified.
        states: Names of states; none for all.
        language: What visitors read (BCP 47).
        aliases: Canonical names (CNAME) of hosts that pages load from, where somebody has looked them
            up; an empty one says that there is none.
        earlier: An earlier report in JSON, to tell which cookies are new.
        prepare: Gets the visitor of each state, to sign in or fill a basket.
        rate: How many requests a second an address on the network is sent; nothing else is slowed.
        browser: Whether visitors look through a real Chromium, which needs the extra `browser`.
    """

    pages: Sequence[str] = ()
    limit: int = USUAL_PAGES
    seconds: float = 60.0 * USUAL_MINUTES
    states: Sequence[str] = ()
    language: str = "en"
    aliases: Mapping[str, str] = field(default_factory=dict)
    earlier: Path | None = None
    prepare: Callable[[Visitor], object] | None = None
    rate: float = USUAL_RATE
    browser: bool = False


def plan_for(
    target: object,
    wishes: Wishes,
    *,
    file: Path | None = None,
    folder: Path,
    host: str = "localhost",
    factory: bool = False,
) -> Plan:
    """Return the plan of an audit.

    Args:
        target: An application (ASGI or WSGI), its name as `module:attribute`, or an address.
        wishes: What is looked at, and how.
        file: The file with the declarations, where one was named.
        folder: Where modules, and such a file otherwise, are looked for.
        host: What an application in this process is asked for.
        factory: Whether the attribute is a function that returns the application.

    Raises:
        ObservationError: It is no such target, a state or a page is none, or the extra `browser` is
            not installed.
        ConfigError: The declaration or the earlier report does not hold.
    """
    _refuse_unknown(wishes)
    reached = (
        reach(target, folder=folder.absolute(), host=host, factory=factory)
        if isinstance(target, str)
        else within(target, host)
    )
    site = site_of(reached.app, file, folder)
    earlier = None if wishes.earlier is None else earlier_cookies(wishes.earlier)
    plan = Plan(
        target=without_values(target) if isinstance(target, str) else type(target).__name__,
        mode=reached.mode,
        base=reached.start,
        site=replace(site, aliases=wishes.aliases, earlier=earlier),
        client=reached.client,
        app=reached.app,
        pages=wishes.pages,
        limit=wishes.limit,
        seconds=wishes.seconds,
        states=wishes.states,
        language=wishes.language,
        prepare=wishes.prepare,
        rate=wishes.rate if is_far(reached) else None,
    )
    if not wishes.browser:
        return plan
    from cookieconsent.audit.browser import through_browser  # noqa: PLC0415 - only then

    return through_browser(plan)


def _refuse_unknown(wishes: Wishes) -> None:
    """See that states and pages are such ones: nothing would be looked at, and nothing found."""
    names = [name for name in wishes.states if name not in STATE_NAMES]
    if names:
        raise ObservationError(f"{names[0]!r} is no state; use one of {', '.join(STATE_NAMES)}")
    wrong = wrong_page(wishes.pages)
    if wrong is not None:
        raise ObservationError(wrong)
