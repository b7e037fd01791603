"""The report for CI servers, held against a schema of what they read."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import xmlschema

from audit.samples import HOSTILE, audited, empty, finding, hostile, report
from cookieconsent.audit.check import Verdict
from cookieconsent.audit.report import Report
from cookieconsent.audit.reports.escape import visible
from cookieconsent.audit.reports.junit import write

SCHEMA = xmlschema.XMLSchema(Path(__file__).parents[1] / "data" / "junit.xsd")
REPORTS = {"whole": report(), "empty": empty(), "real": audited()} | {
    name: hostile(text) for name, text in HOSTILE.items()
}


@pytest.mark.parametrize("given", REPORTS.values(), ids=REPORTS)
def test_every_report_keeps_to_the_schema(given: Report) -> None:
    SCHEMA.validate(write(given))


MIXED = Verdict(
    check="CC501",
    state="none",
    findings=tuple(finding(check="CC501", severity=each) for each in ("info", "medium", "low")),
)


def test_schema_can_refuse() -> None:
    assert not SCHEMA.is_valid(write(report()).replace("<skipped ", "<left-out "))


def test_each_check_is_a_suite_and_each_state_a_case() -> None:
    root = ET.fromstring(write(report()))
    assert root.attrib["tests"] == "5"
    assert [
        (suite.get("name"), suite.get("tests"), suite.get("failures"), suite.get("skipped"))
        for suite in root
    ] == [
        ("CC101 The rule of CC101 is kept", "2", "1", "0"),
        ("CC201 The rule of CC201 is kept", "1", "0", "0"),
        ("CC501 The rule of CC501 is kept", "2", "0", "2"),
    ]
    assert [case.get("name") for case in root.iter("testcase")][:2] == [
        "CC101 in none",
        "CC101 in accepted",
    ]


def test_failure_has_its_evidence_and_the_remedy() -> None:
    [failure] = ET.fromstring(write(report())).iter("failure")
    assert failure.get("message") == "_ga is set although nobody has said yes (and 1 more)"
    text = failure.text or ""
    assert "request: GET /shop (before)" in text
    assert "class: catalogue name: _ga is analytics (decides)\n" in text
    assert "fix: Ask consent.allows(...) first." in text


def test_open_question_is_skipped_with_its_reason() -> None:
    skipped = [each.get("message") for each in ET.fromstring(write(report())).iter("skipped")]
    assert skipped == ["not verified: no page has a form", "not verified: add --browser"]


def test_audit_that_saw_nothing_is_one_error() -> None:
    root = ET.fromstring(write(empty()))
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("1", "0", "1")
    [error] = root.iter("error")
    assert error.get("message") == "nothing could be looked at: no state was asked for."
    assert not list(ET.fromstring(write(report())).iter("error"))


def test_finding_that_only_informs_fails_no_build() -> None:
    told = Verdict(
        check="CC501",
        state="none",
        findings=(finding(check="CC501", severity="info", said="1 page was not looked at"),),
    )
    root = ET.fromstring(write(report(verdicts=(told,))))
    assert [each.get("message") for each in root.iter("skipped")] == [
        "info: 1 page was not looked at"
    ]
    assert root.get("failures") == root[0].get("failures") == "0"
    assert root[0].get("skipped") == "1"


def test_failure_is_as_bad_as_its_worst_finding() -> None:
    """A finding may be worse or better than its check usually is."""
    [failure] = ET.fromstring(write(report(verdicts=(MIXED,)))).iter("failure")
    assert failure.get("type") == "medium"


def test_known_finding_passes_and_is_told() -> None:
    [known] = ET.fromstring(write(report())).iter("system-out")
    assert known.text == "known: _ga is not declared (until the launch)"


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_text_of_a_site_comes_back(text: str) -> None:
    root = ET.fromstring(write(hostile(text)))
    assert root.get("name") == visible(f"cookieconsent audit of {text}")
