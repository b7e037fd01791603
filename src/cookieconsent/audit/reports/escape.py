"""What makes text that comes from a site harmless in each format.

First of all nothing may hide: what cannot be seen (control characters, marks that turn the direction
of writing, halves of surrogate pairs) is shown as an escape, in every format.
May not enter: which text comes from where; everything is escaped.
"""

from __future__ import annotations

import re
from html import escape
from typing import Final

_FORMULA: Final = frozenset(
    "=+-@\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}"
    "\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}"
)
_MARKDOWN: Final = re.compile(r"([\\`*_\[\]<>|~&#$])")
_BREAK: Final = "<!-- -->"
"""What ends a word for whoever looks for mentions and addresses in text, and is not seen."""
_WORD: Final = re.compile(r"@|:(?=//)|(?<=www)(?=\.)", re.IGNORECASE)
_TICKS: Final = re.compile(r"`+")


def visible(text: str) -> str:
    r"""Return a text on one line in which nothing hides; escapes are `\xNN`, `\uNNNN`, `\UNNNNNNNN`."""
    return "".join(char if char.isprintable() else _escape(ord(char)) for char in text)


def _escape(point: int) -> str:
    if point <= 0xFF:  # noqa: PLR2004 - as Python writes it
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point <= 0xFFFF else f"\\U{point:08x}"  # noqa: PLR2004 - as above


def terminal(text: str) -> str:
    """Return a text that any terminal can show: visible, in ASCII."""
    return visible(text).encode("ascii", "backslashreplace").decode("ascii")


def markup(text: str) -> str:
    """Return a text for HTML and XML, also inside a quoted attribute.

    What XML 1.0 forbids (section 2.2) is not visible, and so escaped already, but for two
    noncharacters, which Python does not call printable either.
    """
    return escape(visible(text), quote=True)


def cell(text: str) -> str:
    """Return a text for a cell that no spreadsheet takes for a formula.

    What begins with `=`, `+`, `-` or `@`, white space left aside, gets an apostrophe before it.
    """
    seen = visible(text)
    return f"'{seen}" if seen.lstrip()[:1] in _FORMULA and seen.strip() else seen


def prose(text: str) -> str:
    """Return a text for Markdown that is nothing but text: no link, no mention, no cell's end."""
    return _WORD.sub(rf"\g<0>{_BREAK}", _MARKDOWN.sub(r"\\\1", visible(text)))


def code(text: str) -> str:
    """Return a text as a code span of Markdown, fit for a cell of a table.

    CommonMark 0.31, 6.1: the fence is longer than any run of backticks inside; spaces keep them apart.
    GFM, 4.10: a pipe in a cell has a backslash before it, also in code.
    """
    seen = visible(text).replace("|", r"\|")
    if not seen.strip():
        return ""
    longest = max((len(run) for run in _TICKS.findall(seen)), default=0)
    fence = "`" * (longest + 1)
    gap = " " if seen[0] in "` " or seen[-1] in "` " else ""
    return f"{fence}{gap}{seen}{gap}{fence}"
