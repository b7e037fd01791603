"""The cookies of an audit, a row each, over all states.

May not enter: what is wrong with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from cookieconsent.audit.evidence import Evidence, Sighting
from cookieconsent.audit.report import CookieRow
from cookieconsent.audit.site import Site
from cookieconsent.observation.lines import shown


def cookie_rows(evidence: Evidence, site: Site) -> tuple[CookieRow, ...]:
    """Return the cookies that were set in any state, by name; those that nobody got at all, too."""
    rows = _kept_back(evidence, site) | _gathered(_set(evidence), site)
    return tuple(rows[key] for key in sorted(rows))


_Rows = dict[tuple[str, bytes], CookieRow]
_Met = tuple[str, str, Sighting]
"""State, path and what was set."""


def _gathered(met: Iterable[_Met], site: Site) -> _Rows:
    rows: _Rows = {}
    for state, path, sighting in met:
        key = sighting.kind, sighting.line.name
        if key in rows:
            rows[key] = _again(rows[key], sighting, state, path)
        else:
            rows[key] = _first(sighting, site, state, path)
    return rows


def _kept_back(evidence: Evidence, site: Site) -> _Rows:
    """Return what the middleware kept back; what is declared only waits for a yes."""
    met = (
        (run.state, view.place, sighting)
        for run in evidence.runs.values()
        for view, sighting in evidence.kept_back(run)
        if not site.is_own(sighting.line.name)
    )
    rows = _gathered(met, site)
    return {key: row for key, row in rows.items() if row.source != "declared"}


def _set(evidence: Evidence) -> Iterator[_Met]:
    for run in evidence.runs.values():
        for view, sighting in run.sightings():
            if not sighting.line.deletes:
                yield run.state, view.place, sighting


def _first(sighting: Sighting, site: Site, state: str, path: str) -> CookieRow:
    line = sighting.line
    known = site.classify(line.name, sighting.host)
    return CookieRow(
        name=shown(line.name),
        cls=known.cls,
        needs_consent=site.needs_consent(line.name, sighting.host),
        source=known.source,
        vendor=known.vendor,
        kind=sighting.kind,
        lifetime=_seconds(sighting),
        states={state: path},
        host=sighting.host,
        setter=sighting.setter,
        attributes={name: value for name, value in line.attributes if name not in _LASTING},
    )


_LASTING = frozenset({"expires", "max-age"})


def _again(row: CookieRow, sighting: Sighting, state: str, path: str) -> CookieRow:
    """Return a row with one more sighting in it."""
    longest = max((row.lifetime, _seconds(sighting)), key=lambda seconds: seconds or 0)
    return replace(
        row,
        lifetime=longest,
        states=row.states if state in row.states else {**row.states, state: path},
        refreshed=row.refreshed or state in row.states,
    )


def _seconds(sighting: Sighting) -> int | None:
    lifetime = sighting.line.lifetime
    return None if lifetime is None else int(lifetime.total_seconds())
