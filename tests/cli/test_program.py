"""The command line: which words it knows, which exit codes it gives, what it loads."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from cookieconsent.cli import main
from cookieconsent.cli.program import COMMANDS, Command


@pytest.mark.parametrize(
    ("argv", "code", "said"),
    [
        ([], 2, "the following arguments are required: COMMAND"),
        (["deom"], 2, "invalid choice: 'deom'"),
        (["demo", "--colour"], 2, "unrecognized arguments: --colour"),
        (["demo", "--port", "eighty"], 2, "'eighty' is no port"),
        (["demo", "--port", "65536"], 2, "'65536' is no port"),
        (["demo", "--port", "-1"], 2, "'-1' is no port"),
        (["demo", "--port"], 2, "expected one argument"),
    ],
)
def test_unknown_words_give_two(
    argv: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(argv) == code
    written = capsys.readouterr()
    assert said in written.err
    assert written.out == ""


def test_misspelt_option_shows_the_usage_of_its_command(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["demo", "--wsgy"]) == 2
    assert re.match(r"usage: \S.* demo .*--wsgi", capsys.readouterr().err)


def test_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == version("cookieconsent") + "\n"


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.NAME)
def test_help_lists_every_command(command: Command, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    words = " ".join(capsys.readouterr().out.split())
    assert f"{command.NAME} {command.HELP}" in words


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ([sys.executable, "-m", "cookieconsent"], "python -m cookieconsent"),
        ([str(Path(sys.executable).with_name("cookieconsent"))], "cookieconsent"),
    ],
)
def test_program_says_its_own_name(command: list[str], name: str) -> None:
    done = subprocess.run([*command, "none"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(f"usage: {name} ")
