"""Where reports of an audit go: a form and a file each, and what is wrong with those that were named.

May not enter: what a report says, and how it looks in a form (`audit/reports`, `audit/exports`).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cookieconsent.cli.output import STREAM, deliver


class WrongError(Exception):
    """Asked wrongly; the message says how to ask."""


@dataclass(frozen=True, slots=True)
class Output:
    """One report that is asked for."""

    form: str
    file: str
    """A path, or `STREAM`."""


def add_arguments(parser: argparse.ArgumentParser, forms: Sequence[str], about: str) -> None:
    """Declare which forms there are, and where each goes.

    Args:
        parser: That of the sub-command.
        forms: Their names; the first is the usual one.
        about: What else to know of them.
    """
    parser.add_argument(
        "-f",
        "--format",
        action="append",
        default=[],
        choices=forms,
        help=f"the form of the report; may be repeated, each with its -o (default: {forms[0]}){about}",
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        action="append",
        default=[],
        help="where the report goes, in the order of -f (default: standard output)",
    )


def outputs(arguments: argparse.Namespace, others: Iterable[str | None] = ()) -> list[Output]:
    """Return the reports that are asked for, before the time of an audit is spent.

    Args:
        arguments: What the command line says.
        others: Further files that are written.

    Raises:
        WrongError: They do not fit, or cannot be written there.
    """
    forms: Sequence[str] = arguments.format or ["text"]
    files: Sequence[str] = arguments.output
    if len(files) > len(forms):
        raise WrongError(
            f"There are more files ({len(files)}) than forms ({len(forms)}); name -f for each."
        )
    named = [*files, *[STREAM] * (len(forms) - len(files))]
    places = [*(file for file in files if file != STREAM), *(f for f in others if f is not None)]
    wrong = _twice(places) or next(filter(None, map(_unwritable, places)), None)
    if wrong is not None:
        raise WrongError(wrong)
    if named.count(STREAM) > 1:
        raise WrongError("Several reports cannot go to standard output; name a file with -o.")
    return [Output(form, file) for form, file in zip(forms, named, strict=True)]


def write(file: str, text: str) -> bool:
    """Write a report, or say why not; tell whether it is there."""
    # What a name that was given holds beyond Unicode is written as an escape.
    safe = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return deliver(safe, file, overwrite=True)


def _twice(files: Sequence[str]) -> str | None:
    places = [Path(file).resolve() for file in files]
    twice = next((place.name for place in places if places.count(place) > 1), None)
    return None if twice is None else f"Two reports would go to {twice}; name a file for each."


def _unwritable(file: str) -> str | None:
    place = Path(file)
    try:
        if place.is_dir():
            return f"{file!r} is a folder; name a file to write to."
        if not place.parent.is_dir():
            return f"{file}: there is no folder {str(place.parent)!r}; make it first."
    except OSError:  # writing will say why
        return None
    return None
