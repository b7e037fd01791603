"""What an audit came to, in a sentence or two: how many questions and findings, what was looked at.

May not enter: how it looks in a format, what was not looked at (`gaps`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Literal

from cookieconsent.audit.check import Verdict
from cookieconsent.audit.report import CookieRow, Report
from cookieconsent.audit.reports.groups import Group, grouped, groups, known
from cookieconsent.audit.severity import SEVERITIES, Severity
from cookieconsent.audit.wording import SHOWN, counted, some

Came = Literal["failed", "noted", "not verified", "passed"]
"""What became of a question, as people read it; the first is the worst."""


def headline(report: Report) -> str:
    """Return what the audit came to, in a sentence; nothing is called clean that was left open."""
    found, asked = severities(report), outcomes(report)
    left = asked["unverified"]
    open_ones = f"{left} of {counted(len(report.verdicts), 'question')} could not be answered"
    if number := sum(found.values()):
        met = (
            f"{counted(number, 'finding')} ({_parts(found)}), met {_times(len(report.findings()))}"
        )
        return f"{met}; {open_ones}." if left else f"{met}."
    if not report.verdicts:
        return "Nothing was asked, so nothing can be said."
    if accepted := grouped(report, (finding for finding, _ in known(report))):
        told = f"No new finding; {len(accepted)} known ({_parts(_severities(accepted))})"
        return f"{told}; {open_ones}." if left else f"{told}."
    if left:
        return f"No finding, but {open_ones}."
    return f"No finding: {counted(asked['pass'], 'question')} asked, all of them passed."


def tally(report: Report) -> str:
    """Return how much was looked at, in two sentences whose numbers add up."""
    looked = [
        counted(len(report.states), "state"),
        counted(len(report.pages), "page"),
        counted(len(report.cookies), "cookie"),
    ]
    asked = counted(len(report.verdicts), "question")
    return f"{', '.join(looked)}. {asked}: {', '.join(_answers(report))}."


def undeclared(report: Report) -> str | None:
    """Return what must be known where nothing of ours was found; `None` where it was."""
    if report.declaration is not None:
        return None
    if report.target.startswith(("http://", "https://")):  # an application may be browsed, too
        return "An address does not tell its declarations; add --declaration FILE."
    return (
        "No declaration was known, and no middleware of this package was found. Where a setting is "
        "named below, put the middleware around the application first; or write down what the site "
        "sets, and add --declaration FILE."
    )


def met_in(row: CookieRow, report: Report, shown: int = SHOWN) -> str:
    """Return the states a cookie was met in; one that was not looked at in whole is no such state."""
    open_ones = {state.name for state in report.states if state.unverified is not None}
    whole = [name for name in row.states if name not in open_ones]
    left = len(row.states) - len(whole)
    part = f"{left} not looked at in whole" if left else ""
    kept_back = "kept back" if row.is_kept_back else ""
    return "; ".join(filter(None, (some(whole, shown), part, kept_back)))


def severities(report: Report) -> dict[Severity, int]:
    """Return how many groups of findings there are of each severity, the worst first."""
    return _severities(groups(report))


def outcomes(report: Report) -> dict[str, int]:
    """Return how many questions passed, failed and were left open."""
    number = Counter(verdict.outcome for verdict in report.verdicts)
    return {outcome: number[outcome] for outcome in ("pass", "violation", "unverified")}


def came_to(verdict: Verdict) -> Came:
    """Return what a question came to, in a word; findings that only inform are no failure."""
    if verdict.outcome != "violation":
        return "passed" if verdict.outcome == "pass" else "not verified"
    only_informs = all(finding.severity == "info" for finding in verdict.findings)
    return "noted" if only_informs else "failed"


def _severities(found: Iterable[Group]) -> dict[Severity, int]:
    number = Counter(group.severity for group in found)
    return {severity: number[severity] for severity in SEVERITIES}


def _parts(found: dict[Severity, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in found.items() if count)


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def _answers(report: Report) -> Iterator[str]:
    only_known = sum(v.outcome == "pass" and bool(v.suppressed) for v in report.verdicts)
    came = Counter(map(came_to, report.verdicts))
    yield f"{came['passed'] - only_known} passed"
    yield f"{came['failed']} failed"
    if came["noted"]:
        yield f"{came['noted']} noted"
    if only_known:
        yield f"{only_known} known"
    yield f"{came['not verified']} not verified"
