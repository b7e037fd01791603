"""What is put together: findings of one fault, and the rules that they break."""

from __future__ import annotations

from audit.samples import finding, report
from cookieconsent.audit.check import Verdict
from cookieconsent.audit.report import StateRow
from cookieconsent.audit.reports.groups import breaches, groups, states_of


def test_findings_of_one_cookie_are_one_group() -> None:
    [group] = groups(report())
    assert (group.check.id, group.cookie, len(group.findings)) == ("CC101", "_ga", 2)
    assert group.paths == ["/", "/shop"]


def test_worst_groups_come_first() -> None:
    verdicts = tuple(
        Verdict(
            check=name,
            state="none",
            findings=(finding(check=name, severity=severity, cookie=cookie),),
        )
        for name, severity, cookie in [
            ("CC501", "low", "b"),
            ("CC501", "low", "a"),
            ("CC201", "high", None),
            ("CC101", "critical", "z"),
        ]
    )
    found = [(group.check.id, group.cookie) for group in groups(report(verdicts=verdicts))]
    assert found == [("CC101", "z"), ("CC201", None), ("CC501", "a"), ("CC501", "b")]


def test_states_are_named_or_are_all_of_them() -> None:
    names = ("none", "ignored", "rejected", "accepted", "withdrawn", "gpc")
    rows = tuple(StateRow(name=name, pages=1, unverified=None) for name in names)

    def told(found: tuple[str, ...]) -> str:
        findings = tuple(finding(state=name) for name in found)
        verdict = Verdict(check="CC101", state="none", findings=findings)
        given = report(states=rows, verdicts=(verdict,))
        return states_of(groups(given)[0], given)

    assert told(names) == "all 6 states that were looked at"
    assert told(names[:5]) == "none, ignored, rejected, accepted, withdrawn"


def test_rule_that_many_cookies_break_is_one_breach() -> None:
    verdicts = tuple(
        Verdict(
            check="CC501",
            state=state,
            findings=(finding(check="CC501", severity=severity, cookie=name, said=f"{name} is"),),
        )
        for state, severity, name in [
            ("none", "low", "a"),
            ("gpc", "low", "b"),
            ("none", "low", "c"),
            ("none", "high", "d"),
        ]
    )
    found = breaches(report(verdicts=verdicts))
    assert [(each.severity, each.cookies) for each in found] == [
        ("high", ["d"]),
        ("low", ["a", "b", "c"]),
    ]
    assert [each.said for each in found] == ["d is", "a is (and 2 more cookies)"]
