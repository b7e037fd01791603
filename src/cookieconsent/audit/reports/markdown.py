"""The report for a comment on a pull request: short, and never longer than such a comment may be.

May not enter: evidence; the other formats have it.
"""

from __future__ import annotations

from typing import Final

from cookieconsent.audit.report import Report
from cookieconsent.audit.reports.escape import code, prose
from cookieconsent.audit.reports.groups import (
    Group,
    counted,
    gap_lines,
    groups,
    headline,
    known,
    lasting,
    some,
    tally,
)

MAX_CHARACTERS: Final = 60_000
"""GitHub takes 65,536 in a comment; a workflow may want to say something around it."""
_MARKS: Final = {"critical": "🔴", "high": "🟠", "medium": "🟡", "low": "🔵", "info": "⚪"}


def write(report: Report) -> str:
    """Return the report; what does not fit is counted."""
    head = [
        f"### Cookie audit of {code(report.target)}",
        f"**{prose(headline(report))}** {prose(tally(report))}",
    ]
    tail = [*_notes(report), *_gaps(report)]
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
    found = groups(report)
    if not found:
        return []
    rows = ["| | check | cookie | states | pages | what is wrong |", "|-|-|-|-|-|-|"]
    rows += [_row(group) for group in found]
    return ["\n".join(rows), "\n".join(_fixes(found))]


def _row(group: Group) -> str:
    cells = [
        f"{_MARKS[group.severity]} {group.severity}",
        group.check.id,
        code(group.cookie or ""),
        some(group.states, 3),
        ", ".join(map(code, group.paths[:2]))
        + (f" and {len(group.paths) - 2} more" if len(group.paths) > 2 else ""),  # noqa: PLR2004
        prose(group.sayings[0]),
    ]
    return f"| {' | '.join(cells)} |"


def _fixes(found: list[Group]) -> list[str]:
    checks = {group.check.id: group.check for group in found}
    return [
        f"- **{check.id}** {prose(check.title)}. {prose(check.fix)}" for check in checks.values()
    ]


def _cookies(report: Report) -> list[str]:
    if not report.cookies:
        return []
    rows = ["| cookie | class | needs a yes | lasts | states |", "|-|-|-|-|-|"]
    rows += [
        f"| {code(row.name) or 'no name'} | {prose(row.cls or 'unknown')} "
        f"| {'yes' if row.needs_consent else 'no'} | {lasting(row.lifetime)} "
        f"| {prose(some(row.states, 4))} |"
        for row in report.cookies
    ]
    return ["#### Cookies\n\n" + "\n".join(rows)]


def _notes(report: Report) -> list[str]:
    lines = [
        f"- Known: {prose(found.check)} in {prose(found.state)}: {prose(found.said)} ({prose(why)})"
        for found, why in known(report)
    ]
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
