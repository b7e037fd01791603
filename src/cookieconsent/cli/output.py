"""What a sub-command says: lines in which nothing can hide, and what happens where nobody can hear it.

Streams may be closed, full, or a pipe whose reader has gone; none of that ends in a traceback, or in an
exit code of the interpreter's own.
May not enter: what is said.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

STREAM = "-"
"""What stands for standard output among files."""
UNWRITTEN = 2
"""The exit code where an answer could not be written."""
INTERRUPTED = 130
"""The exit code where Ctrl-C ended all of it, as shells tell it (128 and the number of SIGINT)."""


def answer(code: int, lines: Iterable[str] = ()) -> int:
    """Write plain lines to standard output and return the exit code.

    A reader that has gone has had enough; an answer that cannot be written is a fault.
    """
    try:
        _write(map(plain, lines), sys.stdout)
    except BrokenPipeError:
        return code
    except OSError as error:
        complain(f"The answer cannot be written ({reason(error)}).")
        return UNWRITTEN
    return code


def deliver(text: str, place: str, *, overwrite: bool) -> bool:
    """Write a text in UTF-8 where it was asked for, or say why not; tell whether it is there.

    Args:
        text: The text.
        place: A file, or `STREAM`.
        overwrite: Whether a file may be there already. Of a new one nothing is left where that fails.
    """
    try:
        if place == STREAM:
            _pour(text)
        else:
            _save(place, text, overwrite=overwrite)
    except (OSError, ValueError) as error:  # a null byte in a name is a ValueError
        named = "standard output" if place == STREAM else place
        complain(f"{named}: it cannot be written ({reason(error)}).")
        return False
    return True


def _pour(text: str) -> None:
    """Write to standard output, whatever its encoding; a reader may have gone."""
    if sys.stdout is None:
        raise OSError(errno.EBADF, "standard output is closed")
    try:
        with _spent_where_it_fails(sys.stdout):
            sys.stdout.flush()
            sys.stdout.buffer.write(text.encode("utf-8"))
            sys.stdout.buffer.flush()
    except BrokenPipeError:
        return


def is_taken(file: str) -> bool:
    """Tell whether something stands at a path already, as far as anybody may know."""
    try:
        return Path(file).exists()
    except OSError:  # writing will say why
        return False


def _save(file: str, text: str, *, overwrite: bool) -> None:
    if not overwrite:
        Path(file).touch(exist_ok=False)
    try:
        Path(file).write_text(text, encoding="utf-8", newline="\n")
    except OSError:
        if not overwrite:
            Path(file).unlink(missing_ok=True)
        raise


def complain(line: str) -> None:
    """Write a plain line to standard error, if anybody can hear it."""
    try:
        _write([plain(line)], sys.stderr)
    except OSError:
        return


def refuse(problem: str, code: int = 2) -> int:
    """Say why a sub-command does nothing and return the exit code: asked wrongly, unless said."""
    complain(problem)
    return code


def reason(error: Exception) -> str:
    """Return what the system says of an error."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def plain(text: str) -> str:
    """Return a text in which nothing can move the cursor or hide, on whatever terminal there is."""
    ascii_text = text.encode("ascii", "backslashreplace").decode("ascii")
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in ascii_text)


def _write(lines: Iterable[str], stream: TextIO | None) -> None:
    if stream is None:  # the process was started without it
        return
    with _spent_where_it_fails(stream):
        for line in lines:
            stream.write(line + "\n")
        stream.flush()


@contextmanager
def _spent_where_it_fails(stream: TextIO) -> Iterator[None]:
    try:
        yield
    except OSError:
        # The interpreter writes what is left when it ends, and would fail once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        raise


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table: columns as wide as their widest cell, two spaces between."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    for row in (head, *rows):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()
