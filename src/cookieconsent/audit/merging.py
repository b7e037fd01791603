"""One report from several of the same tests, whose parts ran apart.

May not enter: judgements; a finding of one is a finding of all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cookieconsent.audit.check import Verdict
from cookieconsent.audit.report import CookieRow, Gap, Report, StateRow


def merged(reports: Sequence[Report]) -> Report:
    """Return what several reports of one target say together.

    What one of them left open, or what is clean in one alone, is as open or as clean together.

    Args:
        reports: At least one.
    """
    if len(reports) == 1:
        return reports[0]
    return replace(
        next((report for report in reports if report.declaration is not None), reports[0]),
        states=_states(reports),
        pages=tuple(dict.fromkeys(page for report in reports for page in report.pages)),
        missed={what: why for report in reports for what, why in report.missed.items()},
        left_out=tuple(dict.fromkeys(gap for report in reports for gap in report.left_out)),
        cookies=_cookies(reports),
        verdicts=_verdicts(reports),
        notes=tuple(dict.fromkeys(note for report in reports for note in report.notes)),
    )


def incomplete(report: Report, reasons: Sequence[str]) -> Report:
    """Return a report in which nothing is called clean, since something that belongs in it is lost.

    Args:
        report: What there is.
        reasons: Why that is not all; none if it is.
    """
    if not reasons:
        return report
    why = "; ".join(dict.fromkeys(reasons))
    return replace(
        report,
        states=tuple(replace(row, unverified=row.unverified or why) for row in report.states),
        left_out=(*report.left_out, Gap(what="answer", names=("what is lost",), why=why)),
        verdicts=tuple(
            replace(verdict, outcome="unverified", reason=why)
            if verdict.outcome == "pass"
            else verdict
            for verdict in report.verdicts
        ),
    )


def _states(reports: Sequence[Report]) -> tuple[StateRow, ...]:
    rows: dict[str, StateRow] = {}
    for row in (row for report in reports for row in report.states):
        before = rows.get(row.name)
        rows[row.name] = (
            row
            if before is None
            else StateRow(
                name=row.name,
                pages=before.pages + row.pages,
                unverified=before.unverified or row.unverified,
            )
        )
    return tuple(rows[name] for name in sorted(rows))


def _verdicts(reports: Sequence[Report]) -> tuple[Verdict, ...]:
    verdicts: dict[tuple[str, str], Verdict] = {}
    for verdict in (verdict for report in reports for verdict in report.verdicts):
        key = verdict.check, verdict.state
        verdicts[key] = _together(verdicts[key], verdict) if key in verdicts else verdict
    return tuple(verdicts[key] for key in sorted(verdicts))


def _together(one: Verdict, other: Verdict) -> Verdict:
    worse = next(
        (
            verdict
            for outcome in ("violation", "unverified")
            for verdict in (one, other)
            if verdict.outcome == outcome
        ),
        one,
    )
    return replace(
        worse,
        findings=tuple(dict.fromkeys((*one.findings, *other.findings))),
        suppressed=tuple(dict.fromkeys((*one.suppressed, *other.suppressed))),
    )


def _cookies(reports: Sequence[Report]) -> tuple[CookieRow, ...]:
    rows: dict[tuple[str, str], CookieRow] = {}
    for row in (row for report in reports for row in report.cookies):
        key = row.kind, row.name
        before = rows.get(key)
        rows[key] = (
            row
            if before is None
            else replace(
                before,
                lifetime=max((before.lifetime, row.lifetime), key=lambda seconds: seconds or 0),
                states={**row.states, **before.states},
                refreshed=before.refreshed or row.refreshed,
            )
        )
    return tuple(rows[key] for key in sorted(rows))
