"""The report for programs, and for `cookieconsent audit diff`; `audit-report.schema.json` describes it.

May not enter: what is read back from it (`snapshot`).
"""

from __future__ import annotations

import hashlib
import json
from importlib.resources import files
from typing import Any, Final

from cookieconsent.audit.check import Check, Finding, Verdict
from cookieconsent.audit.gaps import gaps
from cookieconsent.audit.report import SCHEMA, CookieRow, Report, StateRow
from cookieconsent.audit.reports.groups import known
from cookieconsent.audit.reports.summary import came_to, outcomes, severities

VERSION: Final = f"cookieconsent-audit/{SCHEMA}"


def write(report: Report) -> str:
    """Return the report as JSON in ASCII, keys in a fixed order."""
    return json.dumps(document(report), indent=2) + "\n"


def schema() -> str:
    """Return the JSON Schema (2020-12) of what `write` returns."""
    place = files("cookieconsent.audit.reports") / "audit-report.schema.json"
    return place.read_text(encoding="utf-8")


def document(report: Report) -> dict[str, Any]:
    """Return the report as the values that JSON has."""
    return {
        "schema_version": VERSION,
        "version": report.version,
        "target": report.target,
        "mode": report.mode,
        "day": report.day,
        "language": report.language,
        "declaration": report.declaration,
        "declaration_file": report.declaration_file,
        "summary": _summary(report),
        "states": [_state(row) for row in report.states],
        "pages": list(report.pages),
        "missed": report.missed,
        "not_looked_at": [
            {"what": gap.what, "names": list(gap.names), "why": gap.why} for gap in gaps(report)
        ],
        "notes": list(report.notes),
        "cookies": [_cookie(row, report) for row in report.cookies],
        "checks": [_check(check) for check in report.checks],
        "verdicts": [_verdict(verdict) for verdict in report.verdicts],
        "pictures": [_picture(name, data) for name, data in report.pictures.items()],
    }


def _summary(report: Report) -> dict[str, Any]:
    return {
        "findings": severities(report),
        "met": len(report.findings()),
        "known": len(known(report)),
        "questions": outcomes(report),
        "noted": sum(came_to(verdict) == "noted" for verdict in report.verdicts),
    }


def _state(row: StateRow) -> dict[str, Any]:
    return {"name": row.name, "pages": row.pages, "unverified": row.unverified}


def _cookie(row: CookieRow, report: Report) -> dict[str, Any]:
    return {
        "name": row.name,
        "kind": row.kind,
        "class": row.cls,
        "needs_consent": row.needs_consent,
        "source": row.source,
        "vendor": row.vendor,
        "host": row.host,
        "setter": row.setter,
        "lifetime_seconds": row.lifetime,
        "refreshed": row.refreshed,
        "attributes": row.attributes,
        "states": row.states,
        "declared_at_line": report.declared_lines.get(row.name),
    }


def _check(check: Check) -> dict[str, Any]:
    return {
        "id": check.id,
        "family": check.family,
        "severity": check.severity,
        "title": check.title,
        "why": check.why,
        "sources": list(check.sources),
        "fix": check.fix,
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "check": verdict.check,
        "state": verdict.state,
        "outcome": verdict.outcome,
        "reason": verdict.reason,
        "findings": [_finding(finding) for finding in verdict.findings],
        "suppressed": [
            {**_finding(finding), "reason": reason} for finding, reason in verdict.suppressed
        ],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "fingerprint": finding.fingerprint,
        "severity": finding.severity,
        "said": finding.said,
        "cookie": finding.cookie,
        "path": finding.path,
        "request": finding.request,
        "line": finding.line,
        "setter": finding.setter,
        "chain": list(finding.chain),
    }


def _picture(name: str, data: bytes) -> dict[str, Any]:
    return {"name": name, "octets": len(data), "sha256": hashlib.sha256(data).hexdigest()}
