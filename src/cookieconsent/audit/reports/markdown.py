"""The report for a comment on a pull request: short, and never longer than such a comment may be.

May not enter: evidence; the other formats have it.
"""

from __future__ import annotations

from typing import Final

from cookieconsent.audit.gaps import gap_lines, overlooked
from cookieconsent.audit.report import Report
from cookieconsent.audit.reports.escape import code, prose
from cookieconsent.audit.reports.groups import Breach, breaches, known_lines, paths_in, states_in
from cookieconsent.audit.reports.legend import declared, meanings
from cookieconsent.audit.reports.summary import headline, met_in, tally, undeclared
from cookieconsent.audit.wording import counted, lasting_of, some

MAX_CHARACTERS: Final = 60_000
"""GitHub takes 65,536 in a comment; a workflow may want to say something around it."""
_MARKS: Final = {"critical": "🔴", "high": "🟠", "medium": "🟡", "low": "🔵", "info": "⚪"}


def write(report: Report) -> str:
    """Return the report; what does not fit is counted."""
    head = [
        f"### Cookie audit of {code(report.target)}",
        f"**{prose(headline(report))}** {prose(tally(report))}",
    ]
    if unseen := overlooked(report):
        head.append(f"❔ **{prose(unseen)}** The list is at the end.")
    head.append(prose(declared(report) or undeclared(report) or ""))
    tail = [*_legend(report), *_notes(report), *_gaps(report)]
    left = MAX_CHARACTERS - sum(len(part) + 2 for part in [*head, *tail])
    parts = [*head, *_fitting([*_findings(report), *_cookies(report)], left), *tail]
    return "\n\n".join(parts) + "\n"


def _fitting(parts: list[str], left: int) -> list[str]:
    """Return tables cut at a row where they would be too long."""
    kept = []
    for part in parts:
        lines = part.split("\n")
        while lines and sum(len(line) + 1 for line in lines) > left - 200:
            lines.pop()
        cut = part.count("\n") + 1 - len(lines)
        text = "\n".join(lines)
        if cut and lines:
            text += f"\n\n{counted(cut, 'more row')} in the full report."
        if text:
            kept.append(text)
            left -= len(text) + 2
    return kept


def _findings(report: Report) -> list[str]:
    found = breaches(report)
    if not found:
        return []
    rows = ["| | check | cookies | states | pages | what is wrong |", "|-|-|-|-|-|-|"]
    rows += [_row(breach) for breach in found]
    return ["\n".join(rows), "\n".join(_fixes(found))]


def _row(breach: Breach) -> str:
    cells = [
        f"{_MARKS[breach.severity]} {breach.severity}",
        breach.check.id,
        _codes(breach.cookies, 5, unnamed="no name"),
        some(states_in(breach.findings), 3),
        _codes(paths_in(breach.findings), 2),
        prose(breach.said),
    ]
    return f"| {' | '.join(cells)} |"


def _codes(names: list[str], shown: int, unnamed: str = "") -> str:
    more = len(names) - shown
    return ", ".join(code(name) or unnamed for name in names[:shown]) + (
        f" and {more} more" if more > 0 else ""
    )


def _fixes(found: list[Breach]) -> list[str]:
    checks = {breach.check.id: breach.check for breach in found}
    return [
        f"- **{check.id}** {prose(check.title)}. To do: {prose(check.fix)}"
        for check in checks.values()
    ]


def _cookies(report: Report) -> list[str]:
    if not report.cookies:
        return []
    rows = ["| cookie | class | needs a yes | lasts | states |", "|-|-|-|-|-|"]
    rows += [
        f"| {code(row.name) or 'no name'} | {prose(row.cls or 'unknown')} "
        f"| {'yes' if row.needs_consent else 'no'} | {lasting_of(row)} "
        f"| {prose(met_in(row, report, 3))} |"
        for row in report.cookies
    ]
    return ["#### Cookies\n\n" + "\n".join(rows)]


def _legend(report: Report) -> list[str]:
    told = "; ".join(f"{code(name)} {prose(about)}" for name, about in meanings(report))
    return [f"What the visitor does: {told}."] if told else []


def _notes(report: Report) -> list[str]:
    lines = [f"- Known: {prose(line)}" for line in known_lines(report)]
    lines += [f"- {prose(note)}" for note in report.notes]
    return [_cut("#### Known and to do", lines)] if lines else []


def _gaps(report: Report) -> list[str]:
    lines = [f"- {prose(line)}" for line in gap_lines(report)]
    return [_cut("#### What was not looked at", lines)] if lines else []


_LINES: Final = 40


def _cut(title: str, lines: list[str]) -> str:
    more = len(lines) - _LINES
    shown = lines[:_LINES] + ([f"- and {more} more"] if more > 0 else [])
    return title + "\n\n" + "\n".join(shown)
