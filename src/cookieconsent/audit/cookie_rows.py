"""The cookies of an audit, a row each, over all states.

May not enter: what is wrong with them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from cookieconsent.audit.evidence import Evidence, Sighting
from cookieconsent.audit.report import CookieRow
from cookieconsent.audit.site import Site
from cookieconsent.observation.lines import shown


def cookie_rows(evidence: Evidence, site: Site) -> tuple[CookieRow, ...]:
    """Return the cookies that were set in any state, by name."""
    rows: dict[tuple[str, bytes], CookieRow] = {}
    for state, path, sighting in _set(evidence):
        key = sighting.kind, sighting.line.name
        if key in rows:
            rows[key] = _again(rows[key], sighting, state, path)
        else:
            rows[key] = _first(sighting, site, state, path)
    return tuple(rows[key] for key in sorted(rows))


def _set(evidence: Evidence) -> Iterator[tuple[str, str, Sighting]]:
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
