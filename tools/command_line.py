"""Write docs/reference/cli.md from the argument parsers of the command line.

Not from `--help`, which every version of Python lays out in another way. Run it to write the page; the
tests fail where the page is stale.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from cookieconsent.cli import program
from cookieconsent.engine import toml_file

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "cli.md"

HEAD = """# Command line

<!-- Written by tools/command_line.py from the code; edit the help texts there. -->

`cookieconsent COMMAND`, or `python -m cookieconsent COMMAND`. `--help` behind any command shows what
stands here, `--version` the version. Arguments that do not fit give exit code 2, their usage and a line
that says what is wrong; what else is asked wrongly gives 2 (`audit`: 3) and that line alone.

A TOML file is read up to {mebibytes} MiB, with tables and lists up to {depth} deep.
"""


def page() -> str:
    """Return the page as the code says it."""
    parser = program._parser()  # noqa: SLF001 - it is the program's own, and nobody else builds it
    mebibytes = toml_file.MAX_OCTETS // 2**20
    parts = [HEAD.format(mebibytes=mebibytes, depth=toml_file.MAX_DEPTH)]
    for name, sub in _commands(parser):
        parts.append(f"## cookieconsent {name}\n\n{sub.description}\n\n{_synopsis(name, sub)}")
        parts.append(_table(sub))
    return "\n".join(filter(None, parts))


def _commands(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Yield each command that does something, with the words it is called by."""
    for name, sub in _subparsers(parser).items():
        if _subparsers(sub):
            yield from ((f"{name} {inner}", found) for inner, found in _commands(sub))
        else:
            yield name, sub


def _subparsers(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in parser._actions:  # noqa: SLF001 - argparse tells it in no other way
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            return dict(action.choices)
    return {}


def _arguments(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    found = parser._actions  # noqa: SLF001
    return [action for action in found if action.dest != "help"]


def _synopsis(name: str, parser: argparse.ArgumentParser) -> str:
    words = [_word(action) for action in _arguments(parser)]
    return f"`cookieconsent {' '.join([name, *words])}`\n"


def _word(action: argparse.Action) -> str:
    if not action.option_strings:
        shown = str(action.metavar)
        return f"[{shown}]" if action.nargs == "?" else shown
    return f"[{_option(action, action.option_strings[-1])}]"


def _option(action: argparse.Action, name: str) -> str:
    if action.nargs == 0:
        return name
    shown = action.metavar or ("|".join(action.choices) if action.choices else action.dest.upper())
    return f"{name} {shown}"


def _table(parser: argparse.ArgumentParser) -> str:
    rows = [
        f"| {', '.join(f'`{_escaped(name)}`' for name in _names(action))} | {_help(action)} |"
        for action in _arguments(parser)
    ]
    return "\n".join(["| argument | what it does |", "| --- | --- |", *rows, ""])


def _names(action: argparse.Action) -> list[str]:
    if not action.option_strings:
        return [str(action.metavar)]
    return [_option(action, name) for name in action.option_strings]


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


def _help(action: argparse.Action) -> str:
    return _escaped(action.help or "")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE}")
