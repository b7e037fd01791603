"""What is put together: findings of one fault, and all that was not looked at."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import pytest

from audit.samples import cookie, empty, finding, report
from cookieconsent.audit.check import Verdict
from cookieconsent.audit.report import StateRow
from cookieconsent.audit.reports.groups import (
    breaches,
    came_to,
    gaps,
    groups,
    headline,
    lasting,
    met_in,
    overlooked,
    reasons,
    some,
    states_of,
    tally,
    undeclared,
)
from cookieconsent.audit.states import STATES


@pytest.mark.parametrize(
    ("states", "told"),
    [
        (["none", "accepted"], "none, accepted"),
        (["none", "rejected", "accepted"], "none, accepted; 1 not looked at in whole"),
        (["rejected"], "1 not looked at in whole"),
    ],
)
def test_state_that_was_not_reached_is_no_state_of_a_cookie(states: list[str], told: str) -> None:
    assert met_in(cookie(states=dict.fromkeys(states, "/")), report()) == told


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


@pytest.mark.parametrize(
    ("verdicts", "said"),
    [
        (
            report().verdicts,
            "1 finding (1 critical), met 2 times; 2 of 5 questions could not be answered.",
        ),
        ((), "Nothing was asked, so nothing can be said."),
        (report().verdicts[1:2], "No finding: 1 question asked, all of them passed."),
        (report().verdicts[3:4], "No finding, but 1 of 1 question could not be answered."),
        (report().verdicts[1:3], "No new finding; 1 known (1 critical)."),
        (
            report().verdicts[1:4],
            "No new finding; 1 known (1 critical); 1 of 3 questions could not be answered.",
        ),
    ],
)
def test_headline_calls_nothing_clean_that_was_left_open(
    verdicts: tuple[Verdict, ...], said: str
) -> None:
    assert headline(report(verdicts=verdicts)) == said


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


def test_absence_of_our_middleware_is_told() -> None:
    assert undeclared(report()) is None
    told = undeclared(report(declaration=None)) or ""
    assert "no middleware of this package was found" in told


@pytest.mark.parametrize("mode", ["url", "browser"])
def test_address_does_not_tell_its_declarations(mode: Literal["url", "browser"]) -> None:
    told = undeclared(report(declaration=None, mode=mode, target="https://shop.example/"))
    assert told == "An address does not tell its declarations; add --declaration FILE."


def test_tally_counts_what_was_looked_at() -> None:
    assert tally(report()) == (
        "3 states, 2 pages, 3 cookies. 5 questions: 1 passed, 1 failed, 1 known, 2 not verified."
    )


def test_finding_that_only_informs_is_no_failure() -> None:
    told = finding(severity="info")
    noted = Verdict(check="CC101", state="none", findings=(told,))
    worse = replace(noted, findings=(told, finding(severity="low")))
    assert [came_to(noted), came_to(worse)] == ["noted", "failed"]
    assert tally(report(verdicts=(noted,))).endswith(
        "1 question: 0 passed, 0 failed, 1 noted, 0 not verified."
    )


def test_gaps_are_told_by_reason() -> None:
    found = [(gap.what, gap.names, gap.why) for gap in gaps(report())]
    assert found[0][0] == "mode"
    assert found[1][:1] == ("state",)
    assert "withdrawn" in found[1][1]
    assert found[2:] == [
        ("state", ("rejected",), "no page has a form"),
        ("check", ("CC501 in none",), "add --browser"),
        ("page", ("/logout",), "its link may do something"),
    ]


def test_open_checks_are_told_with_their_states() -> None:
    verdicts = tuple(
        Verdict(check=check, state=state, left_open="add --browser")
        for check, state in [("CC101", "none"), ("CC501", "none"), ("CC101", "gpc")]
    )
    found = [gap.names for gap in gaps(report(verdicts=verdicts)) if gap.what == "check"]
    assert found == [("CC101 in none and gpc", "CC501 in none")]


def test_browser_has_run_the_scripts() -> None:
    assert all(gap.what != "mode" for gap in gaps(replace(report(), mode="browser")))


def test_audit_that_saw_nothing_says_so() -> None:
    [_, states] = gaps(empty())
    assert len(states.names) == 13


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(None, "session"), (1, "1 second"), (90, "2 minutes"), (7200, "2 hours"), (86400, "1 day")],
)
def test_lifetimes_are_said_as_people_do(seconds: int | None, said: str) -> None:
    assert lasting(seconds) == said


def test_long_lists_are_cut_and_counted() -> None:
    assert some("abcdefg") == "a, b, c, d, e and 2 more"


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


def test_what_was_overlooked_is_counted_in_one_sentence() -> None:
    assert overlooked(report()) == (
        "Not looked at, or not in whole: 11 states, 1 check, 1 page, all that scripts do."
    )
    every = tuple(StateRow(name=state.name, pages=1, unverified=None) for state in STATES)
    whole = report(mode="browser", states=every, missed={}, verdicts=())
    assert overlooked(whole) is None


def test_steps_that_said_nothing_are_left_out_unless_all_did() -> None:
    nothing, something = "declared name: nothing", "catalogue name: _ga is analytics (decides)"
    assert reasons([nothing, something]) == [something]
    assert reasons([nothing]) == [nothing]
