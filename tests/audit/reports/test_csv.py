"""The report for spreadsheets."""

from __future__ import annotations

import csv
import io

import pytest

from audit.samples import HOSTILE, finding, hostile, report
from cookieconsent.audit.check import Verdict
from cookieconsent.audit.report import Report
from cookieconsent.audit.reports.csv import HEAD, write


def rows(given: Report) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(write(given), newline="")))


def test_rows_are_findings_known_ones_and_open_questions() -> None:
    assert [(row["outcome"], row["check"], row["path"]) for row in rows(report())][:5] == [
        ("violation", "CC101", "/"),
        ("violation", "CC101", "/shop"),
        ("known", "CC201", "/"),
        ("unverified", "CC501", ""),
        ("unverified", "CC501", ""),
    ]


def test_what_was_not_looked_at_has_its_rows() -> None:
    unseen = [row for row in rows(report()) if row["outcome"] == "not looked at"]
    told = [(row["state"], row["path"], row["said"], row["reason"]) for row in unseen]
    assert told[1] == ("", "", "requests to other hosts", "no script was run; add --browser")
    assert told[-2:] == [
        ("rejected", "", "", "no page has a form"),
        ("", "/logout", "", "its link may do something"),
    ]


def test_open_question_has_nothing_to_mend() -> None:
    assert {row["fix"] for row in rows(report()) if row["outcome"] == "unverified"} == {""}


def test_findings_hide_no_open_question() -> None:
    half = Verdict(check="CC101", state="none", findings=(finding(),), left_open="too few visitors")
    told = [(row["outcome"], row["reason"]) for row in rows(report(verdicts=(half,)))]
    assert told[:2] == [("violation", ""), ("unverified", "too few visitors")]


def test_reasons_are_told() -> None:
    assert [row["reason"] for row in rows(report())[2:4]] == [
        "until the launch",
        "no page has a form",
    ]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_cell_is_a_formula(text: str) -> None:
    for row in rows(hostile(text)):
        assert list(row) == list(HEAD)
        assert [
            cell for cell in row.values() if cell.lstrip()[:1] in {"=", "+", "-", "@"} and cell
        ] == []


def test_lines_end_as_the_format_wants() -> None:
    written = write(report())
    assert written.count("\r\n") == written.count("\n") == len(rows(report())) + 1
