"""What a failure says: state, request, line, class with its reasons, the fix, what to paste.

May not enter: when something fails.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from cookieconsent.audit.check import Finding, Verdict
from cookieconsent.audit.exports import declaration
from cookieconsent.audit.gaps import gap_lines
from cookieconsent.audit.report import Report
from cookieconsent.audit.reports.escape import terminal
from cookieconsent.audit.reports.groups import Group, groups
from cookieconsent.audit.severity import Severity, is_at_least
from cookieconsent.audit.wording import counted

SHOWN: Final = 10
"""How many findings are told in full."""
_LABEL: Final = 9


def verdict_text(report: Report, verdict: Verdict, findings: Sequence[Finding]) -> str:
    """Return what is wrong with one check in one state."""
    check = report.check(verdict.check)
    lines = [f"{check.id}  {check.title}", *_labelled("state", verdict.state)]
    for finding in findings[:SHOWN]:
        lines += ["", *_finding(finding)]
    if len(findings) > SHOWN:
        lines += ["", f"and {len(findings) - SHOWN} more"]
    lines += ["", *_labelled("fix", check.fix), *_labelled("source", "; ".join(check.sources))]
    return "\n".join([*lines, *_snippet(report, findings)])


def report_text(report: Report, found: Sequence[Group]) -> str:
    """Return what is wrong, by check and cookie, the worst first."""
    parts = [_group(group) for group in found[:SHOWN]]
    if len(found) > SHOWN:
        parts.append(f"and {len(found) - SHOWN} more")
    snippet = _snippet(report, [finding for group in found[:SHOWN] for finding in group.findings])
    return "\n\n".join([*parts, *(["\n".join(snippet[1:])] if snippet else [])])


def _group(group: Group) -> str:
    check = group.check
    lines = [f"{check.id}  {check.title}", *_labelled("states", ", ".join(group.states))]
    lines += [*_finding(group.first), *_labelled("fix", check.fix)]
    return "\n".join(lines)


def _finding(finding: Finding) -> Iterator[str]:
    yield terminal(f"{finding.severity}: {finding.said}")
    yield from _labelled("request", finding.request)
    yield from _labelled("line", finding.line)
    yield from _labelled("set by", finding.setter)
    for number, step in enumerate(finding.chain):
        yield from _labelled("" if number else "class", step)


def _labelled(label: str, words: str | None) -> Iterator[str]:
    if words:
        yield f"  {label:<{_LABEL}}{terminal(words)}"


def _snippet(report: Report, findings: Sequence[Finding]) -> list[str]:
    """Return declarations to paste, for those of the cookies that have none."""
    names = {finding.cookie for finding in findings}
    rows = tuple(row for row in report.cookies if row.name in names)
    about = replace(report, cookies=rows)
    if not declaration.undeclared(about):
        return []
    return ["", "Declare it:", "", *map(terminal, declaration.write(about).splitlines())]


def severe(report: Report, least: Severity) -> list[Group]:
    """Return the findings that are as bad, by check and cookie, the worst first."""
    return [group for group in groups(report) if is_at_least(group.severity, least)]


def unverified_text(report: Report) -> str:
    """Return what could not be verified."""
    if not report.verdicts:
        return "Nothing was looked at, so nothing is clean."
    left, asked = len(report.unverified()), counted(len(report.verdicts), "question")
    nothing = report.nothing_known()
    first = [] if nothing is None else [nothing[0].upper() + nothing[1:]]
    return "\n".join([*first, f"{left} of {asked} could not be answered:", *gap_lines(report)])
