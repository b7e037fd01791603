"""A report says whether its site is clean; what was not looked at never is."""

from __future__ import annotations

import pytest

from audit.samples import finding, report
from cookieconsent.audit.check import Verdict
from cookieconsent.audit.report import Report, StateRow
from cookieconsent.audit.severity import Severity


def judged(*verdicts: Verdict, pages: int = 1) -> Report:
    return report(verdicts=verdicts, states=(StateRow(name="none", pages=pages, unverified=None),))


PASSED = Verdict(check="CC101", state="none")
OPEN = Verdict(check="CC101", state="none", left_open="no answer")
LOW = Verdict(check="CC101", state="none", findings=(finding(severity="low"),))
HALF = Verdict(check="CC101", state="none", findings=LOW.findings, left_open="no answer")
DEAD = judged(OPEN, pages=0)


@pytest.mark.parametrize(
    ("given", "fail_on", "usual", "strict"),
    [
        (judged(PASSED), "medium", "clean", "clean"),
        (judged(PASSED, OPEN), "medium", "clean", "unverified"),
        (judged(PASSED, LOW), "medium", "clean", "clean"),
        (judged(PASSED, LOW), "low", "findings", "findings"),
        (judged(PASSED, HALF), "medium", "clean", "unverified"),
        (judged(OPEN, HALF), "low", "findings", "findings"),
        (judged(OPEN, HALF), "medium", "unverified", "unverified"),
        (judged(OPEN), "medium", "nothing seen", "nothing seen"),
        (DEAD, "info", "nothing seen", "nothing seen"),
        (judged(), "medium", "nothing seen", "nothing seen"),
        (report(verdicts=(), states=()), "medium", "nothing seen", "nothing seen"),
    ],
)
def test_report_says_what_it_came_to(
    given: Report, fail_on: Severity, usual: str, strict: str
) -> None:
    assert given.outcome(fail_on) == usual
    assert given.outcome(fail_on, strict=True) == strict
