"""Known findings pass until their day, new ones fail, and the file that names them is read strictly."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path

import pytest

from audit.samples import finding, report
from cookieconsent.audit.check import Verdict
from cookieconsent.audit.known import Rule, apply, baseline, read
from cookieconsent.audit.report import Report
from cookieconsent.audit.reports import FORMATS
from cookieconsent.errors import ConfigError

LATER = dt.date(2027, 1, 1)
RULE = {"check": "CC101", "reason": "until the launch", "until": LATER, "place": "suppress[0]"}


def rule(**fields: object) -> Rule:
    return Rule(**{**RULE, **fields})  # type: ignore[arg-type] # a table's columns


def judged(given: Report, *rules: Rule) -> tuple[Report, Verdict]:
    done = apply(given, rules)
    return done, done.verdicts[0]


@pytest.mark.parametrize(
    ("fields", "covers"),
    [
        ({}, True),
        ({"cookie": "_ga"}, True),
        ({"cookie": "_g*"}, True),
        ({"cookie": "_gid"}, False),
        ({"cookie": "_GA"}, False),
        ({"path": "/shop/*"}, True),
        ({"path": "/shop"}, False),
        ({"cookie": "_g*", "path": "*"}, True),
        ({"check": "CC103"}, False),
    ],
)
def test_rule_covers_what_it_names(fields: dict[str, object], covers: bool) -> None:
    assert rule(**fields).covers(finding(path="/shop/tea")) is covers


def test_glob_covers_no_finding_without_a_name() -> None:
    assert not rule(cookie="*").covers(finding(cookie=None))
    assert not rule(path="*").covers(finding(path=None))
    assert rule().covers(finding(cookie=None, path=None))


def test_known_finding_passes_with_its_reason() -> None:
    done, verdict = judged(report(notes=()), rule())
    assert (verdict.outcome, verdict.findings) == ("pass", ())
    assert [why for _, why in verdict.suppressed] == ["until the launch"] * 2
    assert done.notes == ()


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_last_day_of_a_known_finding_is_told(form: str) -> None:
    first = rule(path="/", until=dt.date(2027, 1, 31), reason="agreed")
    done, _ = judged(report(notes=()), first, rule(until=dt.date(2027, 5, 31), reason="agreed"))
    told = FORMATS[form](done)
    assert "agreed; until 2027-01-31" in told
    assert "agreed; until 2027-05-31" in told


def test_new_finding_beside_a_known_one_fails() -> None:
    _, verdict = judged(report(), rule(path="/"))
    assert verdict.outcome == "violation"
    assert [found.path for found in verdict.findings] == ["/shop"]
    assert [found.path for found, _ in verdict.suppressed] == ["/"]


def test_known_finding_makes_no_state_clean() -> None:
    """A question that was answered in part alone stays open."""
    half = Verdict(
        check="CC101", state="none", findings=(finding(),), left_open="no answer in time"
    )
    _, verdict = judged(report(verdicts=(half,)), rule())
    assert (verdict.outcome, verdict.reason) == ("unverified", "no answer in time")


@pytest.mark.parametrize(("day", "holds"), [("2026-09-21", True), ("2026-09-20", False)])
def test_rule_holds_until_its_last_day(day: str, holds: bool) -> None:
    done, verdict = judged(report(notes=()), rule(until=dt.date.fromisoformat(day)))
    assert (verdict.outcome == "pass") is holds
    said = f"suppress[0]: ended on {day} and suppresses nothing any more"
    assert [note.startswith(said) for note in done.notes] == ([] if holds else [True])


def test_rule_that_covers_nothing_is_told() -> None:
    done, _ = judged(report(notes=()), rule(check="CC999"))
    [note] = done.notes
    assert note.startswith("suppress[0]: nothing that was found is covered; take this out")


def test_rules_that_cover_nothing_are_told_together() -> None:
    rules = [rule(check="CC999", place=f"known.toml: baseline[{number}]") for number in range(3)]
    [note] = apply(report(notes=()), rules).notes
    assert note.startswith("known.toml: baseline[0], baseline[1], baseline[2]: nothing that was")


def test_many_rules_of_one_kind_are_counted() -> None:
    rules = [rule(check="CC999", place=f"known.toml: baseline[{number}]") for number in range(60)]
    [note] = apply(report(notes=()), rules).notes
    assert "baseline[4] and 55 more: nothing that was" in note


def test_earlier_known_findings_stay_known() -> None:
    done = apply(report(), [rule()])
    assert len(done.verdicts[2].suppressed) == 1


# --- the file -------------------------------------------------------------------------------------

GOOD = """\
[[suppress]]
check = "CC101"
cookie = "_ga*"
path = "/shop/*"
reason = "until the launch"
until = 2027-01-01

[[baseline]]
fingerprint = "0123456789abcdef"
check = "CC201"
reason = "old"
until = 2026-12-31
"""


def test_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "known.toml"
    file.write_text(GOOD, encoding="utf-8")
    assert read(file) == [
        Rule(
            place=f"{file}: suppress[0]",
            check="CC101",
            cookie="_ga*",
            path="/shop/*",
            reason="until the launch",
            until=LATER,
        ),
        Rule(
            place=f"{file}: baseline[0]",
            fingerprint="0123456789abcdef",
            reason="old",
            until=dt.date(2026, 12, 31),
        ),
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "[[suppress]]",
            "[[supress]]",
            "supress: there is no such table. Did you mean 'suppress'?",
        ),
        ("[[suppress]]", "[suppress]", "suppress: it is no list of tables. Write [[suppress]]."),
        (
            "cookie =",
            "cokie =",
            "suppress[0].cokie: there is no such field. Did you mean 'cookie'?",
        ),
        ('check = "CC101"\n', "", 'suppress[0].check: it is missing. Write check = "...".'),
        (
            '"until the launch"',
            '" "',
            "suppress[0].reason: ' ' is no text. Write reason = \"...\".",
        ),
        ('"_ga*"', "7", 'suppress[0].cookie: 7 is no text. Write cookie = "...".'),
        ("until = 2027-01-01\n", "", "suppress[0].until: it is missing. Write the last day"),
        ("2027-01-01", '"2027-01-01"', "suppress[0].until: '2027-01-01' is no day. Write the last"),
        ("2027-01-01", "2027-01-01T00:00:00", "suppress[0].until: datetime.datetime(2027, 1, 1"),
        ('"0123456789abcdef"', "7", "baseline[0].fingerprint: 7 is no text."),
        ("[[suppress]]", "[[suppress", "file: it is no TOML ("),
    ],
)
def test_malformed_file_is_refused_with_place_and_fix(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    file = tmp_path / "known.toml"
    assert old in GOOD
    file.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        read(file)
    assert str(raised.value).startswith(f"{file}: {said}")


def test_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="it cannot be read"):
        read(tmp_path / "nowhere.toml")


def test_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "known.toml"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="it is no TOML"):
        read(file)


def test_file_that_is_nested_too_deeply_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "known.toml"
    file.write_text("a = " + "[" * 100_000, encoding="utf-8")
    with pytest.raises(ConfigError, match="nested too deeply"):
        read(file)


# --- a baseline from a report ---------------------------------------------------------------------


def test_baseline_makes_every_finding_known(tmp_path: Path) -> None:
    file = tmp_path / "known.toml"
    file.write_text(baseline(report(), reason="old", until=LATER), encoding="utf-8")
    done = apply(report(notes=()), read(file))
    assert done.findings() == []
    assert done.notes == ()


def test_finding_on_another_page_is_new(tmp_path: Path) -> None:
    file = tmp_path / "known.toml"
    file.write_text(baseline(report(), reason="old", until=LATER), encoding="utf-8")
    more = Verdict(check="CC101", state="none", findings=(finding(path="/new"),))
    done = apply(report(verdicts=(*report().verdicts, more)), read(file))
    assert [found.path for found in done.findings()] == ["/new"]


def test_baseline_says_what_each_finding_is() -> None:
    text = baseline(report(), reason='a "good" one', until=LATER)
    first = tomllib.loads(text)["baseline"][0]
    assert first == {
        "fingerprint": report().findings()[0].fingerprint,
        "check": "CC101",
        "state": "none",
        "cookie": "_ga",
        "path": "/",
        "reason": 'a "good" one',
        "until": LATER,
    }
    assert "# _ga is set although nobody has said yes\n" in text


def test_baseline_of_a_clean_report_is_a_comment() -> None:
    assert tomllib.loads(baseline(report(verdicts=()), reason="none", until=LATER)) == {}
