"""What options of an audit may say, for the command line and for pytest alike.

Each is a type of argparse: it refuses with a message that says what to write.
May not enter: names of options, what is done with them.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from cookieconsent.observation.answer import ObservationError
from cookieconsent.observation.loading import load

_ALIAS: Final = re.compile(r"([A-Za-z0-9._-]+)=([A-Za-z0-9._-]*)")
_TAG: Final = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
_LONGEST_TAG: Final = 35  # characters: RFC 5646, section 4.4.1


def language(text: str) -> str:
    """Return the tag of a language (BCP 47)."""
    if len(text) > _LONGEST_TAG or not _TAG.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no tag of a language; use one such as pt-BR")
    return text


def up_to(most: int, noun: str) -> Callable[[str], int]:
    """Return what reads a number, from 1 on.

    Args:
        most: The greatest one.
        noun: What is counted.
    """

    def number(text: str) -> int:
        if not (text.isascii() and text.isdigit() and 0 < int(text[:6]) <= most):
            raise argparse.ArgumentTypeError(
                f"{text!r} is no number of {noun}; use one from 1 to {most:,}"
            )
        return int(text)

    return number


def alias(text: str) -> tuple[str, str]:
    """Return a host and its canonical name (CNAME), an empty one where it has none."""
    found = _ALIAS.fullmatch(text)
    if found is None:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no host with its canonical name; write HOST=NAME, or HOST= where it has none"
        )
    host, name = (part.strip(".").lower() for part in found.groups())
    return host, name


def hook(named: str, folder: Path) -> Callable[..., object]:
    """Return a site's own function, named as `module:function`.

    Args:
        named: The module and the function.
        folder: Where modules are looked for first.

    Raises:
        ObservationError: There is no such function.
    """
    if ":" not in named:
        raise ObservationError("write module:function, such as 'signing:sign_in'.")
    found = load(named, folder=folder, what="function")
    if not callable(found):
        raise ObservationError("it is no function.")
    return found
