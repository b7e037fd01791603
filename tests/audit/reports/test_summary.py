"""What an audit came to is said in a sentence, which calls nothing clean that was left open."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import pytest

from audit.samples import cookie, finding, report
from cookieconsent.audit.check import Verdict
from cookieconsent.audit.reports.summary import came_to, headline, met_in, tally, undeclared


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
