"""What was not looked at is told, by reason and in one sentence."""

from __future__ import annotations

from dataclasses import replace

from audit.samples import empty, report
from cookieconsent.audit.check import Verdict
from cookieconsent.audit.gaps import gap_lines, gaps, overlooked
from cookieconsent.audit.report import Gap, StateRow
from cookieconsent.audit.reports.json import document
from cookieconsent.audit.states import STATES


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


def test_what_was_overlooked_is_counted_in_one_sentence() -> None:
    assert overlooked(report()) == (
        "Not looked at, or not in whole: 11 states, 1 check, 1 page, all that scripts do."
    )
    every = tuple(StateRow(name=state.name, pages=1, unverified=None) for state in STATES)
    whole = report(mode="browser", states=every, missed={}, verdicts=())
    assert overlooked(whole) is None


def test_files_that_were_not_asked_for_are_told() -> None:
    files = Gap(what="file", names=("2 files of the site's own: /a.gif, /b.js",), why="too many")
    whole = replace(report(), left_out=(files,))
    assert gap_lines(whole)[-1] == "Files: 2 files of the site's own: /a.gif, /b.js (too many)."
    assert str(overlooked(whole)).endswith("all that scripts do, some files.")


def test_audit_that_saw_nothing_says_so() -> None:
    [_, states] = gaps(empty())
    assert len(states.names) == 13


def test_what_a_recorder_did_not_hear_is_no_page() -> None:
    unheard = Gap(what="answer", names=("whatever no test asked for",), why="nothing else")
    whole = replace(report(), missed={}, left_out=(unheard,))
    assert gap_lines(whole)[-1] == "Answers: whatever no test asked for (nothing else)."
    assert "page" not in {gap.what for gap in gaps(whole)}
    assert document(whole)["missed"] == {}
    assert document(whole)["not_looked_at"][-1]["what"] == "answer"
    assert str(overlooked(whole)).endswith("answers that no test asked for, or that were not kept.")
