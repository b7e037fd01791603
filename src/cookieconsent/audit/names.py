"""What may be asked of an audit: states, forms and limits, by the names and numbers people write.

It loads next to nothing, so the command line and the plugin for pytest know them without the audit. A
test sees to it that states and forms are those that there are.
May not enter: what a state or a form is (`states`, `reports`, `exports`).
"""

from __future__ import annotations

from typing import Final

from cookieconsent.audit.severity import Severity

STATE_NAMES: Final = (
    "none",
    "ignored",
    "rejected",
    "accepted",
    "partial",
    "withdrawn",
    "gpc",
    "gpc-accepted",
    "stale",
    "tampered",
    "seeded",
    "nojs",
    "blocked",
)
"""In the order in which they are looked at."""
REPORT_FORMS: Final = ("text", "json", "html", "sarif", "junit", "markdown", "csv", "edpb")
EXPORT_FORMS: Final = ("declaration", "disclosure", "policy")
DIFFERENCE_FORMS: Final = ("text", "json", "markdown")
USUAL_PAGES: Final = 50
MOST_PAGES: Final = 1000
USUAL_MINUTES: Final = 30
MOST_MINUTES: Final = 24 * 60
USUAL_RATE: Final = 20
MOST_RATE: Final = 1000
FAILING: Final[Severity] = "medium"
"""The least severity that fails, unless somebody says otherwise."""
