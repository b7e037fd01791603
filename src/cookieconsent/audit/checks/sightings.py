"""What several families ask of a run: what was set, in words, and what could not be seen.

May not enter: judgements.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import urlsplit

from cookieconsent.audit.check import Case, Fault
from cookieconsent.audit.evidence import Evidence, Run, Sighting, View
from cookieconsent.audit.site import Site
from cookieconsent.audit.steps import PROBE, RunStep
from cookieconsent.audit.unverified import UnverifiedError
from cookieconsent.observation.lines import shown
from cookieconsent.observation.traffic import REFUSED_BY_SETTINGS
from cookieconsent.observation.walk import without_values

Pair = tuple[View, Sighting]
SCRIPTS_UNSEEN: Final = (
    "scripts were not run and other hosts not asked, which may set more; add --browser"
)

_SHOWN: Final = 3
_SCRIPTLESS: Final = "nojs"
"""The state whose visitors run no script anyway."""
_UNASKED: Final = "nothing was asked beside the pages"


def lasting(case: Case, *steps: RunStep) -> Iterator[Pair]:
    """Yield what was set, in the steps named or in all; what only deletes is left out."""
    for view, sighting in case.run.sightings(*steps):
        if not sighting.line.deletes:
            yield view, sighting


def anywhere(case: Case) -> list[Pair]:
    """Return what was set on pages, and by errors, files and whatever was asked beside them."""
    return [*lasting(case), *lasting(case, PROBE)]


def cookies(case: Case) -> list[Pair]:
    """Return the cookies that were set anywhere, each kind of line once."""
    pairs = ((v, s) for v, s in anywhere(case) if s.kind == "cookie")
    return list(_once(pairs, with_attributes=True))


def names(pairs: Iterable[Pair]) -> list[Pair]:
    """Return each cookie once, where it was set first."""
    return list(_once(pairs, with_attributes=False))


def _once(pairs: Iterable[Pair], *, with_attributes: bool) -> Iterator[Pair]:
    found = set()
    for view, sighting in pairs:
        line = sighting.line
        attributes = tuple(pair for pair in line.attributes if pair[0] != "expires")
        key = (
            sighting.kind,
            line.name,
            sighting.host,
            (attributes, line.traits, line.malformed, sighting.refused, _scheme(view))
            * with_attributes,
        )
        if key not in found:
            found.add(key)
            yield view, sighting


def _scheme(view: View) -> str:
    return urlsplit(view.url).scheme  # the same line may be wrong over one of the two alone


def subject(sighting: Sighting) -> str:
    """Return what a sentence about it begins with."""
    name = shown(sighting.line.name) or "a cookie without a name"
    return name if sighting.kind == "cookie" else f"{name} in {sighting.kind}"


def remark(site: Site, sighting: Sighting) -> str:
    """Return what must be added where a cookie is unknown, or browsers refuse it."""
    added = ""
    if site.classify(sighting.line.name, sighting.host).cls is None:
        added = "; nobody knows what it is for, so it counts as needing consent"
    return added + refused(sighting)


def fault(case: Case, pair: Pair, what: str, aspect: str = "") -> Fault:
    """Return a fault of consent: the cookie, and what is wrong with it."""
    view, sighting = pair
    said = f"{subject(sighting)} {what}{remark(case.site, sighting)}"
    return Fault(said=said, view=view, sighting=sighting, aspect=aspect)


def refused(sighting: Sighting) -> str:
    """Return what must be added where browsers refuse a cookie, whatever a visitor has set."""
    if sighting.refused in {None, REFUSED_BY_SETTINGS}:
        return ""
    return f"; browsers refuse it, for {sighting.refused}"


def probed(case: Case, place: str | None = None) -> list[View]:
    """Return what was asked beside the pages: all of it, or what was asked of one path.

    Raises:
        UnverifiedError: Nothing was, or there was no answer, so nobody knows what it would have been.
    """
    views = [view for view in case.run.probes() if place in {None, view.place}]
    if not views:
        why = case.run.unasked
        raise UnverifiedError(_UNASKED if why is None else f"{_UNASKED}: {why}")
    silent = next((view for view in views if view.status is None), None)
    if silent is not None:
        asked = f"{silent.method} {shown(without_values(silent.path).encode())}"
        raise UnverifiedError(f"there was no answer to {asked}: {silent.fault}")
    return views


def demand_loaded(case: Case) -> None:
    """See that nothing was lost on the way to a browser; asked last, when all faults are told.

    Raises:
        UnverifiedError: Something was, and it might have set more.
    """
    why = _lost([case.run])
    if why is not None:
        raise UnverifiedError(why)


def demand_seen(case: Case) -> None:
    """See that whatever was set in a run could be seen; asked last, when all faults are told.

    Raises:
        UnverifiedError: Scripts and other hosts might have set more.
    """
    why = unseen(case.evidence, [case.run])
    if why is not None:
        raise UnverifiedError(why)


def _lost(runs: Iterable[Run]) -> str | None:
    """Return of which hosts something could not be loaded, `None` for none."""
    hosts = list(dict.fromkeys(host for r in runs for v in r.views for host in v.unloaded))
    if not hosts:
        return None
    named = ", ".join(hosts[:_SHOWN]) + (" and more" if len(hosts) > _SHOWN else "")
    return f"what pages load from {named} could not be loaded, and may set more"


def unseen(evidence: Evidence, runs: Iterable[Run]) -> str | None:
    """Return why not all that these runs may have set was seen; `None` where it was."""
    if evidence.runs_scripts:
        return _lost(runs)
    loud = any(
        page.hosts or (page.scripts and run.name != _SCRIPTLESS)
        for run in runs
        for view in run.views
        if (page := view.page) is not None
    )
    return SCRIPTS_UNSEEN if loud else None
