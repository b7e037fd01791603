"""What a reader needs besides the findings: what the states mean, and where declarations are from.

May not enter: how it looks in a format.
"""

from __future__ import annotations

from collections.abc import Iterator

from cookieconsent.audit.report import Report
from cookieconsent.audit.states import BY_NAME


def meanings(report: Report) -> Iterator[tuple[str, str]]:
    """Yield the states of a report, and what the visitor in each of them does."""
    for name in dict.fromkeys(row.name.partition(":")[0] for row in report.states):
        # A recorder does not know the state of each request that it hears.
        yield name, BY_NAME[name].about if name in BY_NAME else "asked for what a test wanted"


def declared(report: Report) -> str | None:
    """Return where declarations are from, in a sentence; `None` where there are none."""
    if report.declaration is None:
        return None
    if report.declaration_file is None:
        return f"Declarations are those of {report.declaration}."
    if report.target.startswith(("http://", "https://")):
        told = "An address does not tell its declarations; they are from the file"
        return f"{told} {report.declaration_file}."
    return f"Declarations are from the file {report.declaration_file}."
