"""`cookieconsent audit diff`: what it takes, and by which code it ends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from audit.samples import finding, report
from cookieconsent.audit.check import Verdict
from cookieconsent.audit.reports.json import write
from cookieconsent.cli import main

PASSED = Verdict(check="CC101", state="none")
OPEN = Verdict(check="CC101", state="none", left_open="nobody can tell")


def convicted(severity: Any) -> Verdict:
    found = finding(severity=severity)
    return Verdict(check="CC101", state="none", findings=(found,))


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def save(name: str, *verdicts: Verdict) -> None:
    Path(name).write_text(write(report(verdicts=verdicts)), encoding="utf-8")


def compare(before: Verdict, after: Verdict, *options: str) -> int:
    save("before.json", before)
    save("after.json", after)
    return main(["audit", "diff", "before.json", "after.json", *options])


@pytest.mark.parametrize(
    ("after", "options", "code"),
    [
        (PASSED, [], 0),
        (PASSED, ["--strict"], 0),
        (convicted("low"), [], 1),
        (convicted("low"), ["--fail-on", "low"], 1),
        (convicted("low"), ["--fail-on", "medium"], 0),
    ],
)
def test_new_findings_end_with_one(after: Verdict, options: list[str], code: int) -> None:
    assert compare(PASSED, after, *options) == code


def test_severity_nobody_knows_may_be_the_worst() -> None:
    compare(PASSED, convicted("low"))
    later = Path("after.json")
    later.write_text(later.read_text("utf-8").replace('"low"', '"dire"'), encoding="utf-8")
    assert main(["audit", "diff", "before.json", "after.json", "--fail-on", "critical"]) == 1


def test_strict_fails_what_can_no_longer_be_told(capsys: pytest.CaptureFixture[str]) -> None:
    also = Verdict(check="CC102", state="none")
    save("before.json", PASSED, also)
    save("after.json", OPEN, also)
    given = ["audit", "diff", "before.json", "after.json"]
    assert [main(given), main([*given, "--strict"])] == [0, 2]
    said = "Answered before and not in the later report: CC101 in none.\n"
    assert capsys.readouterr().err == said


def test_strict_fails_what_may_be_gone(capsys: pytest.CaptureFixture[str]) -> None:
    other = Verdict(check="CC102", state="none")
    assert compare(convicted("high"), other, "--strict") == 2
    assert "Cannot be told" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("before", "after", "file"), [(PASSED, OPEN, "after.json"), (OPEN, PASSED, "before.json")]
)
def test_audit_without_an_answer_compares_with_nothing(
    before: Verdict, after: Verdict, file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert compare(before, after) == 3
    assert f"{file}: that audit could answer no question" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["a.json"], "the following arguments are required: AFTER.json"),
        (["a.json", "b.json", "c.json"], "unrecognized arguments: c.json"),
        (["a.json", "b.json"], "a.json"),
        (["a.json", "b.json", "--baseline", "x"], "unrecognized arguments: --baseline x"),
        (["a.json", "b.json", "--limit", "5"], "unrecognized arguments: --limit 5"),
        (["a.json", "b.json", "-f", "html"], "invalid choice: 'html'"),
        (["a.json", "b.json", "-o", "no/a.txt"], "there is no folder 'no'"),
    ],
)
def test_wrong_words_give_three(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", "diff", *arguments]) == 3
    assert said in capsys.readouterr().err
