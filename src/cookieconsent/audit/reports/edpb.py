"""The cookies as a knowledge base for the EDPB Website Auditing Tool, to be imported there.

The tool's own description of the format was not to be had. What is written has the fields, and the
order of them, of the file that the Open Cookie Database publishes for that import: one knowledge base
of the category `cookie`, whose entries are of the kind `cookie`. What the tool calls entries of other
storages is not known, so those are left out.
May not enter: findings; the tool has no place for them.
"""

from __future__ import annotations

import json
from typing import Any, Final

from cookieconsent.audit.report import CookieRow, Report
from cookieconsent.audit.reports.escape import visible
from cookieconsent.audit.wording import lasting_of

_CATEGORIES: Final = {
    "authentication": "functional",
    "cart": "functional",
    "consent": "functional",
    "preferences": "personalization",
    "analytics": "analytics",
    "media": "marketing",
    "advertising": "marketing",
}
"""Our classes in the words of the Open Cookie Database; a class of a site's own keeps its name."""


def write(report: Report) -> str:
    """Return the knowledge base as JSON in ASCII."""
    base = {
        "name": visible(f"Cookies of {report.target}"),
        "author": f"cookieconsent {report.version}",
        "category": "cookie",
        "knowledges": [
            _entry(row, report)
            for row in report.cookies
            if row.kind == "cookie" and not row.is_kept_back
        ],
        "created_at": _moment(report),
    }
    return json.dumps([base], indent=4) + "\n"


def _moment(report: Report) -> str:
    """Return the day as the moment that the format wants; the time of day is not told."""
    return f"{report.day}T00:00:00.000Z"


def _entry(row: CookieRow, report: Report) -> dict[str, Any]:
    return {
        "updated_at": _moment(report),
        "created_at": _moment(report),
        "kind": "cookie",
        "domain": row.attributes.get("domain") or row.host,
        "name": row.name,
        "category": _CATEGORIES.get(row.cls or "", row.cls or ""),
        "source": visible(report.target),
        "controller": visible(row.vendor or ""),
        "date": report.day,
        "policy": "",
        "reference": "",
        "comment": _comment(row),
    }


def _comment(row: CookieRow) -> str:
    asked = "needs consent" if row.needs_consent else "needs no consent"
    declared = "declared" if row.source == "declared" else "not declared"
    if row.is_own:
        declared = "the cookie that keeps the answer"
    seen = ", ".join(row.states)
    lasts = lasting_of(row)
    return visible(f"Lasts: {lasts}. It {asked} and is {declared}. Seen: {seen}.")
