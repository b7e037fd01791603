"""Which pages a site has: those that a walk finds before, and those that only visitors were shown.

May not enter: what is in a page (`page`), how a state is reached.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final
from urllib.parse import urlsplit

from cookieconsent.audit.arriving import refusal
from cookieconsent.audit.evidence import Evidence
from cookieconsent.audit.hosts import is_foreign
from cookieconsent.audit.plan import Plan
from cookieconsent.audit.site import Site
from cookieconsent.audit.steps import PROBE
from cookieconsent.audit.visitor import AGENT, FIRST_FAULT
from cookieconsent.observation.answer import ObservationError
from cookieconsent.observation.links import joined
from cookieconsent.observation.navigation import REDIRECTS
from cookieconsent.observation.routes import known_pages
from cookieconsent.observation.same_site import is_same_site
from cookieconsent.observation.walk import (
    LEADS_AWAY,
    MAY_ACT,
    NEVER_LINKED,
    OTHER_HOST,
    Limits,
    Walk,
    is_file,
    may_act,
    target_of,
    walk,
    without_values,
)
from cookieconsent.testing.sites import layers

_WALK_SHARE: Final = 0.1
"""How much of the time goes into finding the pages, at the most: each state takes as long again."""
_LONGEST_HOST: Final = 260
"""Characters of a host and its port (RFC 1035, section 2.3.4)."""
_MOST_FOUND_LATER: Final = 50
_SHOWN: Final = 200
_FOUND_LATER: Final = "linked only for who has signed in or answered; add --page"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPages:
    """What a walk by a visitor in no state has come to."""

    base: str
    """The address of the first page, on the host and scheme that it leads to."""
    paths: list[str]
    """What each visitor visits: path and query."""
    broken: set[str]
    """Paths that answered with a fault of the server."""
    missed: dict[str, str]
    """What is not looked at, and why."""
    closed: frozenset[str]
    """Those of them that were asked for, and not shown to who is in no state."""
    unread: str | None
    """A page that could not be read, and why."""


def find_pages(plan: Plan) -> FoundPages:
    """Walk over the site once, to know its pages.

    Raises:
        ObservationError: There is none that the plan's visitors could see.
    """
    seen = _walked(plan)
    if plan.prepare is None:  # who signs in may be let in then
        _refuse_elsewhere(seen)
    failed = {without_values(name): why for name, why in seen.failed.items()}
    unread = next((f"{path} could not be read: {why}" for path, why in failed.items()), None)
    if unread is not None and not seen.pages and plan.visitors is None:
        raise ObservationError(unread)  # a browser may fare better
    refused = {path: status for path, status in seen.pages.items() if status >= FIRST_FAULT}
    nobody_else = plan.visitors is None and plan.prepare is None
    if refused and len(refused) == len(seen.pages) and nobody_else:
        raise ObservationError(refusal(*next(iter(refused.items()))))
    own = [seen.asked[path] for path in seen.pages if path != plan.site.path]
    return FoundPages(
        base=seen.start,
        paths=own or [target_of(seen.start)],
        broken=seen.broken,
        missed={**_told(refused, failed), **_left_out(seen, plan.site)},
        closed=frozenset({*refused, *(p for p, why in seen.skipped.items() if why == LEADS_AWAY)}),
        unread=unread,
    )


def _walked(plan: Plan) -> Walk:
    limits = Limits(pages=plan.limit, seconds=plan.seconds * _WALK_SHARE)
    return walk(
        plan.client,
        plan.base,
        plan.pages,
        limits,
        agent=AGENT,
        language=plan.language,
        now=plan.now,
        clock=plan.clock,
    )


def _refuse_elsewhere(seen: Walk) -> None:
    """See that the first page is one of this site.

    Raises:
        ObservationError: It leads to another one, of which nothing here would tell.
    """
    first = target_of(seen.start)
    if seen.pages.get(first) in REDIRECTS:
        hosts = " or ".join(sorted(seen.elsewhere))
        named = without_values(first)
        raise ObservationError(f"{named} leads to another site; name that one ({hosts})")


def _told(refused: dict[str, int], failed: dict[str, str]) -> dict[str, str]:
    """Return the pages that were asked for in vain."""
    return {
        **{without_values(p): f"answered with status {refused[p]}" for p in sorted(refused)},
        **{path: f"failed: {reason}" for path, reason in sorted(failed.items())},
    }


def _left_out(seen: Walk, site: Site) -> dict[str, str]:
    """Return the pages that were not asked for."""
    left = "the time for finding pages was over" if seen.late else "beyond the limit of pages"
    skipped = sorted(seen.skipped.items())
    return {
        **dict.fromkeys(sorted(seen.acts), MAY_ACT),
        **dict.fromkeys(map(without_values, sorted(seen.left)), left),
        **{path: why for path, why in skipped if not _is_ours(path, site)},
        **dict.fromkeys(sorted(_beside(seen)), OTHER_HOST),
    }


def _beside(seen: Walk) -> Iterator[str]:
    """Yield other hosts of the site that links lead to, with their ports."""
    for place in seen.elsewhere:
        named = place.rpartition("@")[2][:_LONGEST_HOST]  # what comes before may be a password
        host = urlsplit(f"//{named}").hostname or ""
        if not is_foreign(host, seen.start) and not is_same_site(seen.start, f"https://{named}/"):
            yield named


def opened(found: FoundPages, evidence: Evidence) -> set[str]:
    """Return the closed pages that every visitor was shown in the end: those who have signed in."""
    lasts = [
        {view.place: view.status or 0 for view in run.views if view.step != PROBE}
        for run in evidence.runs.values()
    ]
    met = {place for last in lasts for place in last}
    return {
        without_values(path)
        for path in found.closed
        if (place := path.partition("?")[0]) in met
        and all(last.get(place, _SHOWN) == _SHOWN for last in lasts)
    }


def found_later(plan: Plan, evidence: Evidence) -> dict[str, str]:
    """Return the pages that only links met in a state lead to: after signing in, or a yes."""
    known = {*evidence.pages, *evidence.missed}
    met = {view.place for run in evidence.runs.values() for view in run.views}
    found: dict[str, str] = {}
    for target in _linked(evidence):
        path = target.partition("?")[0]
        is_known = path in known or path in met or _is_ours(path, plan.site)
        if not is_known and len(found) < _MOST_FOUND_LATER:
            found.setdefault(path, MAY_ACT if may_act(target) else _FOUND_LATER)
    return found


def never_linked(plan: Plan, evidence: Evidence) -> dict[str, str]:
    """Return the pages that the application knows of, and that no visitor has come to."""
    if plan.app is None:
        return {}
    seen = {view.place for run in evidence.runs.values() for view in run.views}
    known = {path.partition("?")[0] for path in (*evidence.pages, *evidence.missed)} | seen
    routes = (path for path in known_pages(layers(plan.app)) if not is_file(path))
    return {
        path: MAY_ACT if may_act(path) else NEVER_LINKED
        for path in islice(routes, _MOST_FOUND_LATER)
        if path not in known and not _is_ours(path, plan.site)
    }


def _is_ours(path: str, site: Site) -> bool:
    """Tell whether the middleware answers there; visitors ask it what they have to."""
    return path.partition("?")[0] == site.path or path.startswith(f"{site.path}/")


def _linked(evidence: Evidence) -> Iterator[str]:
    """Yield path and query of what pages lead to on this site."""
    views = (view for run in evidence.runs.values() for view in run.pages())
    pages = {id(view.page): view.page for view in views if view.page is not None}
    links = {
        (page.base or page.url, element.get("href"))
        for page in pages.values()
        for element in page.elements
        if element.tag == "a" and element.has("href")
    }
    for begin, href in sorted(links):
        url = joined(begin, href)
        if url is not None and is_same_site(evidence.base, url):
            yield target_of(url)
