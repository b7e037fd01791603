"""The report for spreadsheets: a row for each finding, known finding and question left open.

At the end a row for each state and page that was not looked at, and for what the mode cannot see.
RFC 4180: CRLF, every cell in quotes. No cell can be taken for a formula.
May not enter: questions that passed.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Final

from cookieconsent.audit.check import Finding, Verdict
from cookieconsent.audit.gaps import gaps
from cookieconsent.audit.report import Report
from cookieconsent.audit.reports.escape import cell

HEAD: Final = (
    "outcome",
    "severity",
    "check",
    "state",
    "cookie",
    "path",
    "said",
    "reason",
    "request",
    "line",
    "set by",
    "class",
    "rule",
    "fix",
    "sources",
    "fingerprint",
)


def write(report: Report) -> str:
    """Return the rows; the first names the columns."""
    text = io.StringIO(newline="")
    sheet = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    sheet.writerow(HEAD)
    for verdict in report.verdicts:
        for row in _rows(report, verdict):
            sheet.writerow(map(cell, row))
    for row in _unseen(report):
        sheet.writerow(map(cell, row))
    return text.getvalue()


def _unseen(report: Report) -> Iterator[list[str]]:
    """Yield what was not looked at whatever is asked; open questions have rows of their own."""
    columns = {"state": "state", "page": "path", "mode": "said", "answer": "said"}
    for gap in gaps(report):
        for name in gap.names if gap.what in columns else ():
            facts = {"outcome": "not looked at", columns[gap.what]: name, "reason": gap.why}
            yield [facts.get(column, "") for column in HEAD]


def _rows(report: Report, verdict: Verdict) -> Iterator[list[str]]:
    for finding in verdict.findings:
        yield _row(report, "violation", finding, "")
    for finding, reason in verdict.suppressed:
        yield _row(report, "known", finding, reason)
    if verdict.left_open is not None:
        left = Finding(
            check=verdict.check,
            state=verdict.state,
            said="",
            severity=report.check(verdict.check).severity,
        )
        yield _row(report, "unverified", left, verdict.reason or "")


def _row(report: Report, outcome: str, finding: Finding, reason: str) -> list[str]:
    check = report.check(finding.check)
    return [
        outcome,
        finding.severity,
        finding.check,
        finding.state,
        finding.cookie or "",
        finding.path or "",
        finding.said,
        reason,
        finding.request or "",
        finding.line or "",
        finding.setter or "",
        "; ".join(finding.chain),
        check.title,
        "" if outcome == "unverified" else check.fix,
        "; ".join(check.sources),
        "" if outcome == "unverified" else finding.fingerprint,
    ]
