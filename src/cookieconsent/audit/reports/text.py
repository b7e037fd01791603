"""The report for a terminal: what it came to, the findings, the cookies, what was not looked at.

May not enter: whether there is a terminal, and whether it wants colours; the caller knows.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator
from typing import Final

from cookieconsent.audit.gaps import gap_lines, overlooked
from cookieconsent.audit.report import Report
from cookieconsent.audit.reports.escape import terminal
from cookieconsent.audit.reports.groups import Breach, Group, breaches, known_lines, states_of
from cookieconsent.audit.reports.legend import declared, meanings
from cookieconsent.audit.reports.summary import headline, met_in, tally, undeclared
from cookieconsent.audit.severity import Severity
from cookieconsent.audit.sources import by_weight
from cookieconsent.audit.wording import lasting_of, reasons, some

WIDTH: Final = 100
# A name may have thousands of letters; the other forms have all of them.
_ENDLESS: Final = re.compile(r"(\S{100})\S{100,}")
_Paint = Callable[[str, str], str]
"""Takes words and the code of a colour."""
_LABEL: Final = 10
_NAME: Final = 40
"""How long a name may be in a list of names."""
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
        *(_breach(breach, report, paint) for breach in breaches(report)),
        _cookies(report, paint),
        _legend(report, paint),
        _list("Known findings", known_lines(report), paint),
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
    if left := overlooked(report):
        lines += textwrap.wrap(f"{left} The list is at the end.", WIDTH)
    lines += textwrap.wrap(terminal(declared(report) or undeclared(report) or ""), WIDTH)
    return "\n".join(lines)


def _means(report: Report) -> Iterator[str]:
    yield report.mode
    if report.language is not None:
        yield f"Accept-Language: {report.language}"


def _breach(breach: Breach, report: Report, paint: _Paint) -> str:
    """Return what is wrong with each cookie, and once what to do and where the rule stands."""
    check = breach.check
    title = paint(breach.severity.upper(), _COLOURS[breach.severity])
    lines = [f"{title}  {_named(breach)}"]
    for group in breach.groups:
        lines += _group(group, report)
    for label, words in (
        ("rule", check.title),
        ("fix", check.fix),
        *((weight, "; ".join(sources)) for weight, sources in by_weight(check.sources).items()),
    ):
        lines += _wrapped(label, words)
    return "\n".join(lines)


def _group(group: Group, report: Report) -> list[str]:
    first = group.first
    lines = _wrapped("", "; ".join(group.sayings[:3]))
    for label, words in (
        ("states", states_of(group, report)),
        ("pages", some(group.paths)),
        ("request", first.request),
        ("line", first.line),
        ("set by", first.setter),
        ("class", "; ".join(reasons(first.chain))),
    ):
        if words:
            lines += _wrapped(label, words, "    ")
    return lines


def _named(breach: Breach) -> str:
    return f"{breach.check.id} {some(map(_short, breach.cookies), 3)}".rstrip()


def _short(name: str) -> str:
    """Return a name that leaves a line room for more; what is said of it has more of it."""
    seen = terminal(name)
    return seen if len(seen) <= _NAME else f"{seen[: _NAME - 5]}[...]"


def _wrapped(label: str, words: str, margin: str = "  ") -> list[str]:
    return textwrap.wrap(
        _ENDLESS.sub(r"\g<1>[...]", terminal(words)),
        WIDTH,
        initial_indent=f"{margin}{label:<{_LABEL}}" if label else margin,
        subsequent_indent=margin + " " * (_LABEL if label else 0),
        break_on_hyphens=False,
        break_long_words=False,
    )


def _cookies(report: Report, paint: _Paint) -> str:
    if not report.cookies:
        return ""
    rows = [
        [
            _short(row.name) or "(no name)",
            row.cls or "unknown",
            "yes" if row.needs_consent else "no",
            lasting_of(row),
            met_in(row, report, 3),
        ]
        for row in report.cookies
    ]
    head = ["cookie", "class", "needs a yes", "lasts", "states"]
    return "\n".join([paint("Cookies", _BOLD), *_table([head, *rows])])


def _legend(report: Report, paint: _Paint) -> str:
    rows = [[terminal(name), about] for name, about in meanings(report)]
    return "\n".join([paint("What the visitor does", _BOLD), *_table(rows)]) if rows else ""


def _table(rows: list[list[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  " + "  ".join(cells).rstrip()


def _list(title: str, sentences: list[str] | tuple[str, ...], paint: _Paint) -> str:
    if not sentences:
        return ""
    lines = [line for sentence in sentences for line in _wrapped("", sentence)]
    return "\n".join([paint(title, _BOLD), *lines])
