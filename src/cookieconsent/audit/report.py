"""What an audit came to: verdicts, and around them what was looked at and what was not.

May not enter: formats (`reports`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from cookieconsent.audit.check import Finding, Verdict
from cookieconsent.audit.evidence import Evidence, Mode
from cookieconsent.audit.severity import SEVERITIES, Severity, is_at_least
from cookieconsent.audit.site import Site
from cookieconsent.observation.lines import shown

SCHEMA = "1"
"""The version of what reports say in JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CookieRow:
    """One cookie over all states."""

    name: str
    cls: str | None
    """Its class, `None` where nobody knows it."""
    needs_consent: bool
    source: str | None
    """`declared` or `catalogue`."""
    vendor: str | None
    kind: str
    """`cookie`, or another storage."""
    lifetime: int | None
    """Seconds; `None` for the session."""
    states: dict[str, str]
    """By state, where it was set first: the path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateRow:
    """One run."""

    name: str
    pages: int
    """How many answers there were."""
    unverified: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The whole of it."""

    version: str
    """Of this package."""
    target: str
    mode: Mode
    day: str
    """When, as a day (ISO 8601)."""
    declaration: str | None
    """The file or the middleware that the declaration is from."""
    states: tuple[StateRow, ...]
    pages: tuple[str, ...]
    missed: dict[str, str]
    """What was not looked at, and why."""
    cookies: tuple[CookieRow, ...]
    verdicts: tuple[Verdict, ...]
    pictures: dict[str, bytes] = field(default_factory=dict, repr=False)
    """Screenshots (PNG) by what they show."""

    def findings(self, least: Severity = "info") -> list[Finding]:
        """Return the findings that are as bad, the worst first."""
        found = [
            finding
            for verdict in self.verdicts
            for finding in verdict.findings
            if is_at_least(finding.severity, least)
        ]
        return sorted(found, key=lambda finding: SEVERITIES.index(finding.severity))

    def unverified(self) -> list[Verdict]:
        """Return the verdicts that are none."""
        return [verdict for verdict in self.verdicts if verdict.outcome == "unverified"]


def cookie_rows(evidence: Evidence, site: Site) -> tuple[CookieRow, ...]:
    """Return the cookies that were set in any state, by name."""
    rows: dict[tuple[str, bytes], CookieRow] = {}
    for state, kind, name, host, seconds, path in _set(evidence):
        found = rows.get((kind, name))
        if found is not None:
            found.states.setdefault(state, path)
            continue
        known = site.classify(name, host)
        rows[kind, name] = CookieRow(
            name=shown(name),
            cls=known.cls,
            needs_consent=site.needs_consent(name, host),
            source=known.source,
            vendor=known.vendor,
            kind=kind,
            lifetime=seconds,
            states={state: path},
        )
    return tuple(rows[key] for key in sorted(rows))


def _set(evidence: Evidence) -> Iterator[tuple[str, str, bytes, str, int | None, str]]:
    for run in evidence.runs.values():
        for view, sighting in run.sightings():
            line = sighting.line
            if not line.deletes:
                seconds = None if line.lifetime is None else int(line.lifetime.total_seconds())
                yield run.state, sighting.kind, line.name, sighting.host, seconds, view.place
