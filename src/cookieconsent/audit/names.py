"""What may be asked of an audit: states, forms and limits, by the names and numbers that people write.

It loads nothing, so that the command line and the plugin for pytest know them without the audit.
May not enter: what a state or a form is (`states`, `reports`, `exports`).
"""

from __future__ import annotations

from typing import Final, Literal, get_args

StateName = Literal[
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
]
STATE_NAMES: Final[tuple[StateName, ...]] = get_args(StateName)
"""In the order in which they are looked at."""
ReportForm = Literal["text", "json", "html", "sarif", "junit", "markdown", "csv", "edpb"]
REPORT_FORMS: Final[tuple[ReportForm, ...]] = get_args(ReportForm)
ExportForm = Literal["declaration", "disclosure", "policy"]
EXPORT_FORMS: Final[tuple[ExportForm, ...]] = get_args(ExportForm)
DifferenceForm = Literal["text", "json", "markdown"]
DIFFERENCE_FORMS: Final[tuple[DifferenceForm, ...]] = get_args(DifferenceForm)
USUAL_PAGES: Final = 50
MOST_PAGES: Final = 1000
USUAL_MINUTES: Final = 30
MOST_MINUTES: Final = 24 * 60
