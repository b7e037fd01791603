"""`cookieconsent migrate`: turns another tool's configuration into a declaration in TOML.

Nothing in the file is run. What is written was loaded first, so it is never a file that the package
would refuse.
May not enter: how a file is read and what is made of it (`migration/`); how TOML looks (`drafting/`).
"""

from __future__ import annotations

import argparse
import sys
import warnings
from pathlib import Path
from typing import Final

from cookieconsent.cli.output import STREAM, UNWRITTEN, complain, deliver, is_taken, reason, refuse
from cookieconsent.drafting import toml
from cookieconsent.drafting.from_findings import Draft, DraftError, draft
from cookieconsent.engine import toml_file
from cookieconsent.engine.config import MIN_SECRET_CHARACTERS, Config
from cookieconsent.errors import ConfigError, DeclarationWarning
from cookieconsent.migration import peers
from cookieconsent.migration.findings import BoundsError
from cookieconsent.migration.literal import MAX_OCTETS, LiteralError

NAME: Final = "migrate"
HELP: Final = "write a declaration from another tool's configuration"
MORE: Final = (
    "Reads django-cookie-consent (dumpdata), orestbida/cookieconsent 2 and 3, and Klaro, as JSON or as "
    "the usual JavaScript, which is not run. Exit code 0: the declaration is written; 1: there is none "
    "to be read in the file; 2: asked wrongly, or the declaration cannot be written."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("file", metavar="FILE", help="the file; - reads it from standard input")
    parser.add_argument(
        "--from",
        dest="tool",
        choices=[peer.NAME for peer in peers.PEERS],
        help="the tool it is from (default: seen from what is in it)",
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        default=STREAM,
        help="the file to write (default: -, which writes to standard output)",
    )
    parser.add_argument("--force", action="store_true", help="overwrite that file")


def run(arguments: argparse.Namespace) -> int:
    """Read the file and write the declaration."""
    if arguments.output != STREAM and not arguments.force and is_taken(arguments.output):
        return refuse(f"{arguments.output} exists; add --force to write over it.")
    try:
        data = _read(arguments.file)
        peer, findings = peers.read(data.decode("utf-8-sig"), arguments.tool)
        drafted = draft(findings, peer.NAME)
        written = _written(drafted)
        _check(written)
    except UnicodeDecodeError:
        return refuse(f"{arguments.file}: it is no text in UTF-8.", 1)
    except (LiteralError, peers.UnknownFormatError, BoundsError, DraftError) as error:
        return refuse(f"{arguments.file}: {error}.", 1)
    except ConfigError as error:
        return refuse(f"{arguments.file}: what it says would not load. {error}", 1)
    except (OSError, ValueError) as error:  # a null byte in a name is a ValueError
        return refuse(f"{arguments.file}: it cannot be read ({reason(error)}).", 1)
    if not deliver(written, arguments.output, overwrite=arguments.force):
        return UNWRITTEN
    complain(_summary(drafted, written))
    return 0


def _read(file: str) -> bytes:
    """Return the beginning of a file, as much as shows that it is too large."""
    if file == STREAM:
        if sys.stdin is None:
            raise ValueError("standard input is closed")
        return sys.stdin.buffer.read(MAX_OCTETS + 1)
    with Path(file).open("rb") as opened:
        return opened.read(MAX_OCTETS + 1)


def _written(drafted: Draft) -> str:
    return toml.declaration(
        notes=drafted.notes,
        site=drafted.site,
        classes=drafted.classes,
        cookies=drafted.cookies,
    )


def _check(written: str) -> None:
    """Load what was written, so that it is known to load."""
    if len(written.encode("utf-8")) > toml_file.MAX_OCTETS:
        raise DraftError(
            f"the declaration would have more than {toml_file.MAX_OCTETS:,} bytes. Divide the file "
            "into several"
        )
    values = toml_file.parse(written, "the declaration")[toml.TABLE]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeclarationWarning)  # each has its DECIDE line
        Config.from_mapping(values, secret_key="x" * MIN_SECRET_CHARACTERS)


def _summary(drafted: Draft, written: str) -> str:
    declared = sum(not table.is_comment for table in drafted.cookies)
    left_out = len(drafted.cookies) - declared
    decisions = written.count("# DECIDE:")
    said = f"{declared} cookies declared, {left_out} left out until you decide."
    return f"{said} Lines to decide: {decisions}, marked DECIDE." if decisions else said
