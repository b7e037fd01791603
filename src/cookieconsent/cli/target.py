"""What a sub-command looks at: an application in this process, or a site by its address.

May not enter: what is done with it.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cookieconsent.observation.reaching import Reached


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare how a target is named, and how it is reached."""
    parser.add_argument(
        "--factory",
        action="store_true",
        help="the attribute is a function without arguments that returns the application",
    )
    parser.add_argument(
        "--page",
        metavar="PATH",
        action="append",
        default=[],
        help="a page to look at before any link; may be repeated",
    )
    parser.add_argument(
        "--host",
        metavar="NAME",
        default="localhost",
        type=host,
        help="the host that an application in this process is asked for (default: localhost)",
    )


def host(text: str) -> str:
    """Return the name of a host, as `argparse` asks for it."""
    from cookieconsent.observation import reaching  # noqa: PLC0415 - as below

    wrong = reaching.wrong_host(text)
    if wrong is not None:
        raise argparse.ArgumentTypeError(wrong)
    return text


def wrong_page(pages: list[str]) -> str | None:
    """Return what is wrong with the pages named, `None` if nothing is."""
    from cookieconsent.observation import reaching  # noqa: PLC0415 - as below

    wrong = reaching.wrong_page(pages)
    return None if wrong is None else f"--page: {wrong}"


def reach(target: str, arguments: argparse.Namespace) -> Reached:
    """Return what a target names.

    Raises:
        ObservationError: It is neither an application nor an address.
    """
    # Only now: clients bring an event loop, which most sub-commands do not need.
    from cookieconsent.observation import reaching  # noqa: PLC0415

    return reaching.reach(target, folder=Path.cwd(), host=arguments.host, factory=arguments.factory)
