"""The command line: which words it knows, which exit codes it gives, what it loads."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from cookieconsent.cli import main, program
from cookieconsent.cli.program import COMMANDS, Command


@pytest.mark.parametrize(
    ("argv", "code", "said"),
    [
        ([], 2, "open a small shop that shows what happens to its cookies"),
        (["deom"], 2, "invalid choice: 'deom'"),
        (["demo", "--colour"], 2, "unrecognized arguments: --colour"),
        (["demo", "--port", "eighty"], 2, "'eighty' is no port"),
        (["demo", "--port", "65536"], 2, "'65536' is no port"),
        (["demo", "--port", "0000099999"], 2, "'0000099999' is no port"),
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
    assert capsys.readouterr().out == f"cookieconsent {version('cookieconsent')}\n"


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


@pytest.mark.parametrize(
    ("called", "executable", "path", "typed"),
    [
        ("/env/bin/cookieconsent", "/env/bin/python", "/env/bin", "cookieconsent"),
        ("/env/bin/cookieconsent", "/env/bin/python", "/usr/bin", "/env/bin/cookieconsent"),
        ("/x/__main__.py", "/env/bin/python", "/env/bin", "python -m cookieconsent"),
        ("/x/__main__.py", "/env/bin/python", "/usr/bin", "/env/bin/python -m cookieconsent"),
        ("/x/__main__.py", "/my env/python", "/usr/bin", "'/my env/python' -m cookieconsent"),
    ],
)
def test_program_can_be_called_again(
    called: str, executable: str, path: str, typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its name only where the shell finds this very program under it."""
    monkeypatch.setattr(sys, "argv", [called])
    monkeypatch.setattr(sys, "executable", executable)
    monkeypatch.setattr(shutil, "which", lambda name: f"{path}/{name}")
    assert program._command() == typed


def test_command_that_is_named_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/anywhere/__main__.py"])
    monkeypatch.setenv("PATH", "/nowhere")
    words = shlex.split(program._command())
    done = subprocess.run([*words, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"cookieconsent {version('cookieconsent')}\n"


def test_wrong_option_shows_the_usage_of_its_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--wsgii"]) == 2
    written = capsys.readouterr().err
    assert " demo [-h] [--wsgi]" in written
    assert written.endswith(" demo: error: unrecognized arguments: --wsgii\n")


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (["init", "none"], 2),
        (["check", "none.toml"], 2),
        (["explain", "a", "--config", "none.toml"], 2),
        (["receipt", "verify", "a", "--config", "none.toml"], 2),
        (["audit", "none"], 3),
    ],
)
def test_what_is_asked_wrongly_gets_one_line(
    argv: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(argv) == code
    written = capsys.readouterr()
    assert (written.out, written.err.count("\n")) == ("", 1)


@pytest.mark.parametrize(
    ("name", "code"), [("init", 2), ("migrate", 2), ("audit", 3), ("explain", 2), ("receipt", 2)]
)
def test_arguments_that_do_not_fit_show_usage_and_fault(
    name: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([name]) == code
    written = capsys.readouterr().err
    assert written.startswith("usage: ")
    assert "error: the following arguments are required" in written.splitlines()[-1]


@pytest.mark.parametrize("words", [["demo"], ["audit", "x:y"], ["explain", "_ga"]])
def test_interrupt_is_one_line(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(_: object) -> int:
        raise KeyboardInterrupt

    for command in COMMANDS:
        monkeypatch.setattr(command, "run", stop)
    assert main(words) == 130
    assert capsys.readouterr().err == "Stopped.\n"
