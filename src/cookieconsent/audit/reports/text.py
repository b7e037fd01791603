"""The report for a terminal: what it came to, the findings, the cookies, what was not looked at.

May not enter: whether there is a terminal, and whether it wants colours; the caller knows.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator
from typing import Final

from cookieconsent.audit.report import Report
from cookieconsent.audit.reports.escape import terminal
from cookieconsent.audit.reports.groups import (
    Group,
    gap_lines,
    groups,
    headline,
    known,
    lasting,
    some,
    states_of,
    tally,
    undeclared,
)
from cookieconsent.audit.severity import Severity
from cookieconsent.audit.sources import by_weight

WIDTH: Final = 100
# A name may have thousands of letters; the other forms have all of them.
_ENDLESS: Final = re.compile(r"(\S{100})\S{100,}")
_Paint = Callable[[str, str], str]
"""Takes words and the code of a colour."""
_LABEL: Final = 10
_RESET: Final = "\x1b[0m"
_BOLD: Final = "\x1b[1m"
_COLOURS: Final[dict[Severity, str]] = {
    "critical": "\x1b[1;31m",
    "high": "\x1b[31m",
    "medium": "\x1b[33m",
    "low": "\x1b[36m",
    "info": "\x1b[2m",
}


def write(report: Report, *, colours: bool = False) -> str:
    """Return the report as lines of ASCII.

    Args:
        report: What an audit came to.
        colours: Whether to colour severities and headings (ECMA-48).
    """
    paint = _painted if colours else _plain
    parts = [
        _head(report, paint),
        *(_group(group, report, paint) for group in groups(report)),
        _cookies(report, paint),
        _list("Known findings", _known(report), paint),
        _list("To do", report.notes, paint),
        _list("What was not looked at", gap_lines(report), paint),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _plain(text: str, code: str) -> str:  # noqa: ARG001 - the same as the other one
    return terminal(text)


def _painted(text: str, code: str) -> str:
    return f"{code}{terminal(text)}{_RESET}"


def _head(report: Report, paint: _Paint) -> str:
    lines = [
        paint(headline(report), _BOLD),
        terminal(f"{report.target} ({', '.join(_means(report))}), {report.day}"),
        terminal(tally(report)),
    ]
    if report.declaration is not None:
        lines.append(terminal(f"Declared by {report.declaration}."))
    else:
        lines += textwrap.wrap(undeclared(report) or "", WIDTH)
    return "\n".join(lines)


def _means(report: Report) -> Iterator[str]:
    yield report.mode
    if report.language is not None:
        yield f"Accept-Language: {report.language}"


def _group(group: Group, report: Report, paint: _Paint) -> str:
    check, first = group.check, group.first
    title = paint(group.severity.upper(), _COLOURS[group.severity])
    lines = [f"{title}  {_named(group)}"]
    lines += _wrapped("", "; ".join(group.sayings[:3]))
    lines += _wrapped("rule", check.title)
    lines += _wrapped("states", states_of(group, report))
    if group.paths:
        lines += _wrapped("pages", some(group.paths))
    for label, words in (
        ("request", first.request),
        ("line", first.line),
        ("set by", first.setter),
        ("class", "; ".join(first.chain)),
        ("fix", check.fix),
        *((weight, "; ".join(sources)) for weight, sources in by_weight(check.sources).items()),
    ):
        if words:
            lines += _wrapped(label, words)
    return "\n".join(lines)


def _named(group: Group) -> str:
    words = group.check.id if group.cookie is None else f"{group.check.id} {group.cookie}"
    return _ENDLESS.sub(r"\g<1>[...]", terminal(words)).rstrip()


def _wrapped(label: str, words: str) -> list[str]:
    return textwrap.wrap(
        _ENDLESS.sub(r"\g<1>[...]", terminal(words)),
        WIDTH,
        initial_indent=f"  {label:<{_LABEL}}" if label else "  ",
        subsequent_indent="  " + " " * (_LABEL if label else 0),
        break_on_hyphens=False,
        break_long_words=False,
    )


def _cookies(report: Report, paint: _Paint) -> str:
    if not report.cookies:
        return ""
    rows = [
        [
            _ENDLESS.sub(r"\g<1>[...]", terminal(row.name)) if row.name else "(no name)",
            row.cls or "unknown",
            "yes" if row.needs_consent else "no",
            lasting(row.lifetime),
            some(row.states, 3),
        ]
        for row in report.cookies
    ]
    head = ["cookie", "class", "needs a yes", "lasts", "states"]
    return "\n".join([paint("Cookies", _BOLD), *_table([head, *rows])])


def _table(rows: list[list[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  " + "  ".join(cells).rstrip()


def _known(report: Report) -> list[str]:
    return [
        f"{found.check} in {found.state}: {found.said} ({reason})"
        for found, reason in known(report)
    ]


def _list(title: str, sentences: list[str] | tuple[str, ...], paint: _Paint) -> str:
    if not sentences:
        return ""
    lines = [line for sentence in sentences for line in _wrapped("", sentence)]
    return "\n".join([paint(title, _BOLD), *lines])
