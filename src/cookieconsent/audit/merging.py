"""One report from several of the same tests, whose parts ran apart.

May not enter: judgements; a finding of one is a finding of all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
            replace(verdict, left_open=verdict.left_open or why) for verdict in report.verdicts
        ),
    )


def _states(reports: Sequence[Report]) -> tuple[StateRow, ...]:
    rows: dict[str, list[StateRow]] = {}
    for row in (row for report in reports for row in report.states):
        rows.setdefault(row.name, []).append(row)
    return tuple(
        StateRow(
            name=name,
            pages=sum(row.pages for row in rows[name]),
            unverified=_joined(row.unverified for row in rows[name]),
        )
        for name in sorted(rows)
    )


def _verdicts(reports: Sequence[Report]) -> tuple[Verdict, ...]:
    verdicts: dict[tuple[str, str], list[Verdict]] = {}
    for verdict in (verdict for report in reports for verdict in report.verdicts):
        verdicts.setdefault((verdict.check, verdict.state), []).append(verdict)
    return tuple(_together(verdicts[key]) for key in sorted(verdicts))


def _together(verdicts: Sequence[Verdict]) -> Verdict:
    """Return what several verdicts of one check in one state say together."""
    return replace(
        verdicts[0],
        findings=tuple(dict.fromkeys(f for verdict in verdicts for f in verdict.findings)),
        left_open=_joined(verdict.left_open for verdict in verdicts),
        remark=_joined(verdict.remark for verdict in verdicts),
        suppressed=tuple(
            dict.fromkeys(pair for verdict in verdicts for pair in verdict.suppressed)
        ),
    )


def _joined(reasons: Iterable[str | None]) -> str | None:
    """Return several reasons, each once; `None` where there is none."""
    return "; ".join(dict.fromkeys(reason for reason in reasons if reason)) or None


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
