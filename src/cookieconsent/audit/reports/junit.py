"""The report for CI servers: a test suite for each check, a test case for each state.

A question left open is a skipped test with its reason, never one that passed; so is one whose
findings only inform. Where nothing could be looked at, one more test ends with an error. The elements
are those that Jenkins, GitLab and GitHub actions read; there are no times, for nothing is timed.
May not enter: how a CI server shows it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from cookieconsent.audit.check import Check, Verdict
from cookieconsent.audit.report import Report
from cookieconsent.audit.reports.escape import markup, visible
from cookieconsent.audit.reports.summary import came_to
from cookieconsent.audit.severity import SEVERITIES
from cookieconsent.audit.wording import reasons


def write(report: Report) -> str:
    """Return the report as JUnit's XML."""
    total, nothing = _counts(report.verdicts), report.nothing_known()
    errors = 0 if nothing is None else 1
    suites = (
        _suite(report, check, [v for v in report.verdicts if v.check == check.id])
        for check in report.checks
    )
    return "".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>\n',
            f'<testsuites name="{markup("cookieconsent audit of " + report.target)}" ',
            f'tests="{total["tests"] + errors}" failures="{total["failures"]}" errors="{errors}">\n',
            *([] if nothing is None else [_error(nothing)]),
            *suites,
            "</testsuites>\n",
        ]
    )


def _error(nothing: str) -> str:
    """Return the suite of the one test beside the questions: whether they could be put."""
    return (
        '  <testsuite name="The audit" tests="1" failures="0" errors="1" skipped="0">\n'
        '    <testcase classname="cookieconsent.audit" name="The site can be looked at">\n'
        f'      <error type="audit" message="{markup(nothing)}"/>\n'
        "    </testcase>\n  </testsuite>\n"
    )


def _counts(verdicts: tuple[Verdict, ...] | list[Verdict]) -> dict[str, int]:
    came = Counter(map(came_to, verdicts))
    return {
        "tests": len(verdicts),
        "failures": came["failed"],
        "errors": 0,
        "skipped": came["not verified"] + came["noted"],
    }


def _suite(report: Report, check: Check, verdicts: list[Verdict]) -> str:
    if not verdicts:
        return ""
    counts = " ".join(f'{name}="{number}"' for name, number in _counts(verdicts).items())
    cases = "".join(_case(report, verdict) for verdict in verdicts)
    name = markup(f"{check.id} {check.title}")
    return f'  <testsuite name="{name}" {counts}>\n{cases}  </testsuite>\n'


def _case(report: Report, verdict: Verdict) -> str:
    name = markup(f"{verdict.check} in {verdict.state}")
    opened = f'    <testcase classname="cookieconsent.audit.{markup(verdict.check)}" name="{name}"'
    inside = "".join(_inside(report, verdict))
    return f"{opened}>\n{inside}    </testcase>\n" if inside else f"{opened}/>\n"


def _inside(report: Report, verdict: Verdict) -> Iterator[str]:
    came = came_to(verdict)
    if came == "failed":
        worst = min((finding.severity for finding in verdict.findings), key=SEVERITIES.index)
        told = "\n\n".join(_told(report, verdict))
        yield (
            f'      <failure type="{worst}" message="{markup(_message(verdict))}">'
            f"{_lines(told)}</failure>\n"
        )
    elif came == "noted":
        yield f'      <skipped message="{markup(f"info: {_message(verdict)}")}"/>\n'
    elif came == "not verified":
        yield f'      <skipped message="{markup(f"not verified: {verdict.reason}")}"/>\n'
    if verdict.suppressed:
        known = "\n".join(f"known: {found.said} ({why})" for found, why in verdict.suppressed)
        yield f"      <system-out>{_lines(known)}</system-out>\n"


def _message(verdict: Verdict) -> str:
    more = len(verdict.findings) - 1
    return verdict.findings[0].said + (f" (and {more} more)" if more else "")


def _told(report: Report, verdict: Verdict) -> Iterator[str]:
    """Yield what a failure says: each finding, then the remedy once."""
    for finding in verdict.findings:
        facts = {
            "request": finding.request,
            "line": finding.line,
            "set by": finding.setter,
            "class": "; ".join(reasons(finding.chain)),
        }
        lines = [f"{name}: {fact}" for name, fact in facts.items() if fact]
        yield "\n".join([finding.said, *map(visible, lines)])
    check = report.check(verdict.check)
    yield f"fix: {check.fix}\nsource: {'; '.join(check.sources)}"


def _lines(text: str) -> str:
    return "\n".join(markup(line) for line in text.split("\n"))
