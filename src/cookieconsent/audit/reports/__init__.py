"""A report in the forms that people and programs read, one module a format.

Each has `write(report)`, which returns the whole file; the same report gives the same file. Whatever
an audited site put into a name or a path is escaped for the format (`escape`).
May not enter: judgements, files and streams, options of the command line.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from cookieconsent.audit.report import Report
from cookieconsent.audit.reports import csv, edpb, html, json, junit, markdown, sarif, text

Write = Callable[[Report], str]
"""Returns the file as text, to be encoded as UTF-8."""

FORMATS: Final[dict[str, Write]] = {
    "text": text.write,
    "json": json.write,
    "html": html.write,
    "sarif": sarif.write,
    "junit": junit.write,
    "markdown": markdown.write,
    "csv": csv.write,
    "edpb": edpb.write,
}
"""By the name that the format is asked for with."""
