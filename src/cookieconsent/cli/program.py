"""The program: finds the sub-command and gives back its exit code.

A sub-command is a module of this room with `NAME`, `HELP`, `add_arguments(parser)` and
`run(arguments) -> int`, named in `COMMANDS`. Exit codes: 0 done, 1 could not be done, 2 asked wrongly.
May not enter: what a sub-command does.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final, Protocol

from cookieconsent.cli import demo


class Command(Protocol):
    """What a module of a sub-command has."""

    NAME: str
    """What is typed behind the program's name."""
    HELP: str
    """What it does, in half a sentence."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare its arguments."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Do it; `arguments.program` is how the program was called."""
        ...


COMMANDS: Final[tuple[Command, ...]] = (demo,)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Args:
        argv: The arguments; `None` for those the process was started with.
    """
    program = _program_name()
    try:
        arguments, unknown = _parser(program).parse_known_args(argv)
        if unknown:  # said by the sub-command, so that its own usage stands above
            arguments.parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    except SystemExit as ending:  # argparse has said what was wrong, or given the help
        return ending.code if isinstance(ending.code, int) else 2
    command: Command = arguments.command
    return command.run(arguments)


def _program_name() -> str:
    """Return what a visitor has to type to call the program the same way again."""
    name = Path(sys.argv[0]).name
    return "python -m cookieconsent" if name == "__main__.py" else name


def _parser(program: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=program, description="Cookie consent without JavaScript, for ASGI and WSGI."
    )
    parser.add_argument("--version", action="version", version=version("cookieconsent"))
    parser.set_defaults(program=program)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        sub = commands.add_parser(command.NAME, help=command.HELP, description=command.HELP)
        command.add_arguments(sub)
        sub.set_defaults(command=command, parser=sub)
    return parser
