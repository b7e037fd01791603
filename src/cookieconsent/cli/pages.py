"""How many pages a sub-command looks at.

May not enter: which pages; `observation/walk.py` finds them.
"""

from __future__ import annotations

import argparse


def add_limit(parser: argparse.ArgumentParser, *, usual: int, most: int) -> None:
    """Declare the argument.

    Args:
        parser: That of the sub-command.
        usual: How many without it.
        most: How many anybody may ask for.
    """

    def number(text: str) -> int:
        if not (text.isascii() and text.isdigit() and 0 < int(text[:6]) <= most):
            raise argparse.ArgumentTypeError(
                f"{text!r} is no number of pages; use one from 1 to {most:,}"
            )
        return int(text)

    parser.add_argument(
        "--limit",
        metavar="NUMBER",
        type=number,
        default=usual,
        help=f"how many pages to look at (default: {usual:,}, at most {most:,})",
    )
