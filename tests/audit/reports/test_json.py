"""The report for programs keeps to the schema that ships with it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from audit.samples import HOSTILE, audited, empty, finding, hostile, report
from cookieconsent.audit.check import Verdict
from cookieconsent.audit.report import Report
from cookieconsent.audit.reports.json import VERSION, schema, write

VALIDATOR = Draft202012Validator(json.loads(schema()), format_checker=FormatChecker())


def problems(document: Any) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(document)]


def test_schema_is_one() -> None:
    Draft202012Validator.check_schema(json.loads(schema()))


@pytest.mark.parametrize("given", [report(), empty(), audited(), *map(hostile, HOSTILE.values())])
def test_every_report_keeps_to_the_schema(given: Report) -> None:
    assert problems(json.loads(write(given))) == []


def test_schema_names_every_member() -> None:
    """A member that is written is described, at every depth."""

    def close(part: Any) -> Any:
        if isinstance(part, dict):
            part = {name: close(inner) for name, inner in part.items()}
            if "properties" in part:
                part.setdefault("additionalProperties", False)
        return [close(inner) for inner in part] if isinstance(part, list) else part

    closed = Draft202012Validator(close(json.loads(schema())))
    assert list(closed.iter_errors(json.loads(write(report())))) == []


@pytest.mark.parametrize("name", ["schema_version", "verdicts", "not_looked_at"])
def test_schema_can_refuse(name: str) -> None:
    document = json.loads(write(report()))
    del document[name]
    assert problems(document)


def test_report_says_its_version_first() -> None:
    assert next(iter(json.loads(write(report())).items())) == ("schema_version", VERSION)


@pytest.mark.parametrize(("severities", "noted"), [(["info"], 1), (["info", "low"], 0)])
def test_violations_that_only_inform_are_counted(severities: list[str], noted: int) -> None:
    findings = tuple(finding(severity=severity) for severity in severities)
    verdict = Verdict(check="CC101", state="none", findings=findings)
    summary = json.loads(write(report(verdicts=(verdict,))))["summary"]
    assert (summary["questions"]["violation"], summary["noted"]) == (1, noted)


def test_known_findings_keep_their_reason() -> None:
    verdict = json.loads(write(report()))["verdicts"][2]
    assert verdict["outcome"] == "pass"
    assert [found["reason"] for found in verdict["suppressed"]] == ["until the launch"]
