"""The program: finds the sub-command and gives back its exit code.

A sub-command is a module of this room with `NAME`, `HELP`, `MORE`, `add_arguments(parser)` and
`run(arguments) -> int`, named in `COMMANDS`. Exit codes: 0 done, 1 could not be done, 2 asked wrongly,
130 stopped by Ctrl-C.
May not enter: what a sub-command does.
"""

from __future__ import annotations

import argparse
import shlex
import shutil
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final, NoReturn, Protocol

from cookieconsent.cli import audit, audit_diff, check, demo, explain, init, migrate, receipt
from cookieconsent.cli.output import INTERRUPTED, answer, refuse


class Command(Protocol):
    """What a module of a sub-command has."""

    NAME: str
    """What is typed behind the program's name; of two words, the first is another command's."""
    HELP: str
    """What it does, in half a sentence."""
    MORE: str
    """What else to know before it is run."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare its arguments."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Do it; `arguments.program` is what to type to call the program again."""
        ...


COMMANDS: Final[tuple[Command, ...]] = (
    demo,
    init,
    migrate,
    check,
    explain,
    audit,
    audit_diff,
    receipt,
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Args:
        argv: The arguments; `None` for those the process was started with.
    """
    parser = _parser()
    words = _joined(sys.argv[1:] if argv is None else argv)
    if not words:
        parser.print_help(sys.stderr)
        return 2
    try:
        arguments, unknown = parser.parse_known_args(words)
        if unknown:  # said by the sub-command, whose usage shows what it knows
            arguments.parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    except SystemExit as ending:  # argparse has said what was wrong, or given the help
        return answer(ending.code if isinstance(ending.code, int) else 2)
    command: Command = arguments.command
    try:
        return command.run(arguments)
    except KeyboardInterrupt:
        return refuse("Stopped.", INTERRUPTED)


def _joined(words: Sequence[str]) -> list[str]:
    """Return the arguments with a name of two words as one, as `argparse` knows it."""
    name = " ".join(words[:2])
    is_one = len(words) > 1 and name in {command.NAME for command in COMMANDS}
    return [name, *words[2:]] if is_one else [*words]


def _program_name() -> str:
    """Return the name of the program, as usage lines say it."""
    name = Path(sys.argv[0]).name
    return "python -m cookieconsent" if name == "__main__.py" else name


def _command() -> str:
    """Return what a shell takes to call the program again: a name only where its path leads here."""
    called = Path(sys.argv[0])
    as_module = called.name == "__main__.py"
    # Not resolved: the `python` of an environment is a link to one outside of it.
    program = Path(sys.executable if as_module else called)
    found = shutil.which(program.name)
    same = found is not None and Path(found).absolute() == program.absolute()
    words = [program.name if same else str(program)]
    return shlex.join([*words, "-m", "cookieconsent"] if as_module else words)


class _Parser(argparse.ArgumentParser):
    """Ends with the code by which its sub-command says that it was asked wrongly."""

    wrong = 2

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(self.wrong, f"{self.prog}: error: {message}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=_program_name(), description="Cookie consent without JavaScript, for ASGI and WSGI."
    )
    number = version("cookieconsent")
    parser.add_argument("--version", action="version", version=f"cookieconsent {number}")
    parser.set_defaults(program=_command())
    commands = parser.add_subparsers(
        title="commands", metavar="COMMAND", required=True, parser_class=_Parser
    )
    for command in COMMANDS:
        about = f"{command.HELP[0].upper()}{command.HELP[1:]}. {command.MORE}"
        sub = commands.add_parser(command.NAME, help=command.HELP, description=about)
        sub.wrong = getattr(command, "WRONG", 2)  # only those that use 2 for something else say it
        command.add_arguments(sub)
        sub.set_defaults(command=command, parser=sub)
    return parser
