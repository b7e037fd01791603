"""A report says whether its site is clean; what was not looked at never is."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from audit.samples import check, finding, report
from cookieconsent.audit.check import Verdict
from cookieconsent.audit.report import Report, StateRow
from cookieconsent.audit.severity import Severity
from cookieconsent.pytest_plugin.items import Asked, Audited, AuditItem, FindingsError


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
        (judged(OPEN), "medium", "unverified", "unverified"),
        (DEAD, "info", "nothing seen", "nothing seen"),
        (judged(), "medium", "unverified", "unverified"),
        (report(verdicts=(), states=()), "medium", "nothing seen", "nothing seen"),
    ],
)
def test_report_says_what_it_came_to(
    given: Report, fail_on: Severity, usual: str, strict: str
) -> None:
    assert given.outcome(fail_on) == usual
    assert given.outcome(fail_on, strict=True) == strict


def test_site_of_which_every_state_is_open_is_not_clean() -> None:
    states = (StateRow(name="none", pages=1, unverified="the page is too long."),)
    given = report(verdicts=(PASSED, OPEN), states=states)
    assert given.outcome() == "unverified"
    assert given.nothing_known() == "nothing could be verified: the page is too long."
    assert judged(PASSED).nothing_known() is None


@pytest.mark.parametrize(
    ("strict", "ends"), [(True, FindingsError), (False, pytest.skip.Exception)]
)
def test_findings_that_pass_hide_no_open_question(strict: bool, ends: type[BaseException]) -> None:
    audited: Any = Audited.__new__(Audited)
    audited.asked = Asked(baseline=None, fail_on="medium", strict=strict)
    audited.report = judged(HALF, PASSED)
    item: Any = SimpleNamespace(
        audited=audited, name="CC101[none]", add_report_section=lambda *_: None
    )
    item._check, item._state = check("CC101"), "none"
    with pytest.raises(ends, match=": no answer"):
        AuditItem.runtest(item)
