"""The report for code scanning: SARIF 2.1.0 (OASIS), one result for each check and cookie on a page.

A result points at the cookie's declaration where that is known, else at what was audited. Questions
left open are notifications, a run that saw nothing has failed, known findings are suppressed results;
what passed is not told.
May not enter: what a code host does with it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any, Final
from urllib.parse import quote, urljoin

from cookieconsent.audit.check import Check, Finding
from cookieconsent.audit.gaps import gap_lines
from cookieconsent.audit.report import Report
from cookieconsent.audit.reports.escape import prose, visible
from cookieconsent.audit.severity import Severity
from cookieconsent.audit.sources import first_address

VERSION: Final = "2.1.0"
SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
FINGERPRINT: Final = "cookieconsentAudit/v1"
_LEVELS: Final[dict[Severity, str]] = {
    "critical": "error",
    "high": "error",
    "medium": "warning",
    "low": "note",
    "info": "note",
}


def write(report: Report) -> str:
    """Return the log file as JSON in ASCII."""
    log = {"$schema": SCHEMA, "version": VERSION, "runs": [_run(report)]}
    return json.dumps(log, indent=2) + "\n"


def _run(report: Report) -> dict[str, Any]:
    driver = {
        "name": "cookieconsent",
        "semanticVersion": report.version,
        "rules": [_rule(check) for check in report.checks],
    }
    return {
        "tool": {"driver": driver},
        "automationDetails": {"id": visible(f"cookie-audit/{report.target}")},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(report)],
        "results": list(_results(report)),
    }


def _rule(check: Check) -> dict[str, Any]:
    sources = "\n".join(f"- {prose(source)}" for source in check.sources)
    rule: dict[str, Any] = {
        "id": check.id,
        "shortDescription": {"text": check.title},
        "fullDescription": {"text": check.why},
        "help": {
            "text": f"{check.fix} Sources: {'; '.join(check.sources)}.",
            "markdown": f"{prose(check.fix)}\n\nSources:\n\n{sources}\n",
        },
        "defaultConfiguration": {"level": _LEVELS[check.severity]},
        "properties": {"severity": check.severity, "tags": ["cookies", "privacy", check.family]},
    }
    address = first_address(check.sources)
    return rule if address is None else {**rule, "helpUri": address}


def _invocation(report: Report) -> dict[str, Any]:
    """Return how the run went: no alert may be taken as mended where nothing was seen."""
    nothing = report.nothing_known()
    told = {
        "error": [nothing] if nothing else [],
        "warning": gap_lines(report),
        "note": report.notes,
    }
    notes = [
        {"level": level, "message": {"text": visible(line)}}
        for level, lines in told.items()
        for line in lines
    ]
    about = {"toolExecutionNotifications": notes} if notes else {}
    return {"executionSuccessful": nothing is None, **about}


def _results(report: Report) -> Iterator[dict[str, Any]]:
    numbers = {check.id: number for number, check in enumerate(report.checks)}
    for verdict in report.verdicts:
        number = numbers[verdict.check]
        for finding in verdict.findings:
            yield _result(report, finding, number)
        for finding, reason in verdict.suppressed:
            known = [{"kind": "external", "justification": visible(reason)}]
            yield {**_result(report, finding, number), "suppressions": known}


def _result(report: Report, finding: Finding, number: int) -> dict[str, Any]:
    return {
        "ruleId": finding.check,
        "ruleIndex": number,
        "level": _LEVELS[finding.severity],
        "message": {"text": _message(finding)},
        "locations": [_location(report, finding)],
        "partialFingerprints": {FINGERPRINT: finding.fingerprint},
        "properties": {"severity": finding.severity, **_evidence(finding)},
    }


def _message(finding: Finding) -> str:
    place = f" on {finding.path}" if finding.path else ""
    return visible(f"{finding.said} (state {finding.state}{place}).")


def _evidence(finding: Finding) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "state": finding.state,
        "cookie": finding.cookie,
        "path": finding.path,
        "request": finding.request,
        "line": finding.line,
        "setBy": finding.setter,
        "class": list(finding.chain) or None,
    }
    return {name: fact for name, fact in facts.items() if fact is not None}


def _location(report: Report, finding: Finding) -> dict[str, Any]:
    names = [visible(report.target), *([finding.cookie] if finding.cookie else [])]
    return {
        "physicalLocation": _physical(report, finding),
        "logicalLocations": [{"fullyQualifiedName": " / ".join(names)}],
    }


def _physical(report: Report, finding: Finding) -> dict[str, Any]:
    if report.declaration_file is None:
        return {"artifactLocation": {"uri": _target(report, finding)}}
    line = report.declared_lines.get(finding.cookie or "", 1)
    return {
        "artifactLocation": {"uri": _file(report.declaration_file)},
        "region": {"startLine": line},
    }


def _file(path: str) -> str:
    """Return a file as a URI reference (RFC 3986): relative where the path is."""
    pure = PurePath(path)
    return pure.as_uri() if pure.is_absolute() else quote(visible(pure.as_posix()))


def _target(report: Report, finding: Finding) -> str:
    """Return the page's address, or for an application its name; the colon of that is no scheme's."""
    if report.target.startswith(("http://", "https://")):
        return quote(visible(urljoin(report.target, finding.path or "")), safe="/:?#@!$&'()*+,;=%~")
    return quote(visible(report.target), safe="/")
