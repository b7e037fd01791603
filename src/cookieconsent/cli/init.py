"""`cookieconsent init`: looks at an application or a site and writes a declaration of its cookies.

It asks nothing; what only a person knows is marked in the file.
May not enter: how it looks (`observation/`), what the file says (`drafting/`).
"""

from __future__ import annotations

import argparse
import sys
from contextlib import redirect_stdout
from typing import Final

from cookieconsent.cli import pages, target
from cookieconsent.cli.output import STREAM, UNWRITTEN, complain, deliver, is_taken, refuse
from cookieconsent.drafting.from_walk import draft, not_seen, summary
from cookieconsent.engine.declaration import OWN
from cookieconsent.observation.answer import ObservationError
from cookieconsent.observation.walk import Limits, Walk, walk

NAME: Final = "init"
HELP: Final = "look at an application or a site, and write a declaration of its cookies"
MORE: Final = (
    "It sends GET requests alone, as one visitor who says nothing, follows a few links of the same "
    "site, and never writes down the value of a cookie. Exit code 0: the file is written; 1: nothing "
    "could be looked at; 2: asked wrongly, or the file "
    "cannot be written."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "target",
        metavar="TARGET",
        help="the application as module:attribute (ASGI or WSGI, run in this process), or an address "
        "that begins with http:// or https://",
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        default=OWN,
        help=f"the file to write (default: {OWN}); - writes to standard output",
    )
    parser.add_argument("--force", action="store_true", help="overwrite that file")
    target.add_arguments(parser)
    pages.add_limit(parser, usual=10, most=100)


def run(arguments: argparse.Namespace) -> int:
    """Look at the target and write the file."""
    output = arguments.output
    if output != STREAM and not arguments.force and is_taken(output):
        return refuse(f"{output} exists. Add --force to overwrite it, or name another with -o.")
    wrong = target.wrong_page(arguments.page)
    if wrong is not None:
        return refuse(wrong)
    # Whatever an application prints while it is looked at is not part of the file.
    with redirect_stdout(sys.stderr):
        try:
            reached = target.reach(arguments.target, arguments)
        except ObservationError as error:
            return refuse(f"{arguments.target}: {error}")
        try:
            with reached.client:
                seen = walk(
                    reached.client,
                    reached.start,
                    arguments.page,
                    Limits(pages=arguments.limit),
                    agent=b"cookieconsent-init",
                )
        except ObservationError as error:
            complain(f"{arguments.target}: {error}.")
            return 1
    if not seen.pages:
        for path, why in seen.failed.items():
            complain(f"{arguments.target}: {path}: {why}.")
        return 1
    return _hand_over(arguments, seen)


def _hand_over(arguments: argparse.Namespace, seen: Walk) -> int:
    """Write the file; say what was seen and what was not."""
    output = arguments.output
    text = draft(seen, arguments.target.partition("?")[0])
    if not deliver(text, output, overwrite=arguments.force):
        return UNWRITTEN
    where = "" if output == STREAM else f". Written: {output}"
    complain(f"{summary(seen)}{where}")
    complain("Not looked at:")
    for note in not_seen(seen):
        complain(f"  {note}")
    return 0
