"""Where reports of an audit go: a form and a file each, and what is wrong with those that were named.

May not enter: what a report says, and how it looks in a form (`audit/reports`, `audit/exports`).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

from cookieconsent.cli.output import STREAM, deliver

Said = tuple[Literal["form", "file"], str]
"""A form or a file, in the order in which they stand on the command line."""


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
        dest="reports",
        action=_Saying,
        const="form",
        default=[],
        choices=forms,
        help=f"the form of the report; may be repeated, each with its -o (default: {forms[0]}){about}",
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        dest="reports",
        action=_Saying,
        const="file",
        default=[],
        help="where the report of the -f before it goes; several after several -f go by their order "
        "(default: standard output)",
    )


class _Saying(argparse.Action):
    """Notes what is said among the rest of its kind, in order."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,  # noqa: ARG002 - asked for by argparse
        namespace: argparse.Namespace,
        values: Any,  # noqa: ANN401 - as above
        option_string: str | None = None,  # noqa: ARG002 - as above
    ) -> None:
        setattr(namespace, self.dest, [*getattr(namespace, self.dest), (self.const, values)])


def outputs(arguments: argparse.Namespace, others: Iterable[str | None] = ()) -> list[Output]:
    """Return the reports that are asked for, before the time of an audit is spent.

    Args:
        arguments: What the command line says.
        others: Further files that are written.

    Raises:
        WrongError: They do not fit, or cannot be written there.
    """
    found = paired(arguments.reports)
    files = [each.file for each in found]
    everything = [*files, *(file for file in others if file is not None)]
    places = [file for file in everything if file != STREAM]
    wrong = _twice(places) or next(filter(None, map(_unwritable, places)), None)
    if wrong is not None:
        raise WrongError(wrong)
    if everything.count(STREAM) > 1:
        raise WrongError("Several reports cannot go to standard output; name a file with -o.")
    return found


def paired(said: Iterable[Said]) -> list[Output]:
    """Return each form with its file.

    Files belong to the last ones of the forms that stand before them, in their order; those before any
    form to the first ones that follow. What is left goes to standard output.

    Raises:
        WrongError: There are more files than forms.
    """
    forms: list[str] = []
    files: dict[int, str] = {}
    """By the number of their form."""
    first: list[str] = []
    begins = 0
    for kind, group in groupby(said, key=lambda each: each[0]):
        values = [value for _, value in group]
        if kind == "form":
            begins = len(forms)
            forms += values
        elif not forms:
            first = values
        else:
            _give(files, values, max(begins, len(forms) - len(values)), len(forms))
    _give(files, first, 0, len(forms) or 1)
    return [Output(form, files.get(at, STREAM)) for at, form in enumerate(forms or ["text"])]


def _give(files: dict[int, str], values: Sequence[str], start: int, end: int) -> None:
    """Give files to the forms from one number to another, one each."""
    for at, value in enumerate(values, start):
        if at >= end or at in files:
            raise WrongError(f"There are more files than forms at -o {value}; name -f for each.")
        files[at] = value


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
