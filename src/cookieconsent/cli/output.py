"""What the sub-commands print: lines in which nothing can hide, and tables of such lines.

May not enter: what is said.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TextIO


def say(text: str, stream: TextIO | None = None) -> None:
    """Print a line in which nothing can move the cursor or hide, on whatever terminal there is."""
    ascii_text = text.encode("ascii", "backslashreplace").decode("ascii")
    print("".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in ascii_text), file=stream)


def refuse(problem: str) -> int:
    """Say what was asked wrongly; return the exit code for that."""
    say(problem, sys.stderr)
    return 2


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table: columns as wide as their widest cell, two spaces between."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    for row in (head, *rows):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()
