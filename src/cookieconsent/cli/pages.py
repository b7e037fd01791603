"""How many pages a sub-command looks at.

May not enter: which pages; `observation/walk.py` finds them.
"""

from __future__ import annotations

import argparse

from cookieconsent.audit import options


def add_limit(parser: argparse.ArgumentParser, *, usual: int, most: int) -> None:
    """Declare the argument.

    Args:
        parser: That of the sub-command.
        usual: How many without it.
        most: How many anybody may ask for.
    """
    parser.add_argument(
        "--limit",
        metavar="NUMBER",
        type=options.up_to(most, "pages"),
        default=usual,
        help=f"how many pages to look at (default: {usual:,}, at most {most:,})",
    )
