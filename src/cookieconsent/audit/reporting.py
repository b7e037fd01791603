"""The report of what visitors met: judged, with the pictures and the declarations beside it.

May not enter: how a check judges (`judging`), formats (`reports`).
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterable
from importlib.metadata import version

from cookieconsent.audit.check import Check
from cookieconsent.audit.checks import CHECKS
from cookieconsent.audit.cookie_rows import cookie_rows
from cookieconsent.audit.declared_lines import declared_lines
from cookieconsent.audit.evidence import Evidence
from cookieconsent.audit.files import unasked
from cookieconsent.audit.judging import judge
from cookieconsent.audit.report import Report, StateRow
from cookieconsent.audit.site import Site
from cookieconsent.observation.lines import shown
from cookieconsent.observation.walk import without_values


def report_on(
    evidence: Evidence,
    site: Site,
    checks: Iterable[Check] = CHECKS,
    now: Callable[[], float] = time.time,
) -> Report:
    """Judge what was seen and return the report."""
    asked, rows = tuple(checks), cookie_rows(evidence, site)
    return Report(
        version=version("cookieconsent"),
        target=evidence.target,
        mode=evidence.mode,
        language=evidence.language,
        day=dt.datetime.fromtimestamp(now(), dt.UTC).date().isoformat(),
        declaration=_source(site),
        states=tuple(
            StateRow(name=run.state, pages=run.answers, unverified=run.unverified)
            for run in evidence.runs.values()
        ),
        pages=tuple(map(without_values, evidence.pages)),
        missed=evidence.missed,
        cookies=rows,
        verdicts=tuple(judge(evidence, site, asked)),
        pictures=_pictures(evidence),
        checks=asked,
        left_out=tuple(unasked(evidence)),
        declaration_file=None if site.file is None else str(site.file),
        declared_lines=declared_lines(site, [row.name for row in rows]),
    )


def _pictures(evidence: Evidence) -> dict[str, bytes]:
    """Return the pictures that were taken, the same one once, by the views that it shows."""
    found: dict[bytes, list[str]] = {}
    for run in evidence.runs.values():
        for view in run.views:
            if view.screenshot is not None:
                name = f"{run.state} at {shown(view.place.encode())} ({view.step})"
                found.setdefault(view.screenshot, []).append(name)
    return {", ".join(dict.fromkeys(names)): data for data, names in found.items()}


def _source(site: Site) -> str | None:
    if site.file is not None:
        return str(site.file)
    return None if site.config is None else "the middleware of the application"
