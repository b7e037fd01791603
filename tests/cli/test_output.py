"""What a sub-command says: in characters that do nothing, and to streams that may be gone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cookieconsent.cli.output import STREAM, answer, complain, deliver, is_taken, plain


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Valid.", "Valid."),
        ("\x1b[2J\r\n", "\\x1b[2J\\x0d\\x0a"),
        ("gr\xf6\xdfer", "gr\\xf6\\xdfer"),
        ("\u202e\ud800", "\\u202e\\ud800"),
        ("\x7f", "\\x7f"),
    ],
)
def test_nothing_moves_the_cursor(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_answer_and_complaint_go_to_their_streams(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(1, ["a", "b"]) == 1
    complain("c")
    assert capsys.readouterr() == ("a\nb\n", "c\n")


def test_streams_that_are_missing_are_passed_over(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    assert answer(0, ["a"]) == 0
    complain("c")
    assert capsys.readouterr() == ("", "")


def test_what_is_delivered_needs_standard_output(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    assert not deliver("a", STREAM, overwrite=False)
    said = "standard output: it cannot be written (standard output is closed).\n"
    assert capsys.readouterr().err == said


PROGRAM = (
    "from cookieconsent.cli.output import deliver;"
    " deliver('gr\\xf6\\xdfer\\n' * {times}, '-', overwrite=False)"
)


def test_delivery_is_in_utf8_everywhere() -> None:
    environment = {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(times=2)],
        capture_output=True,
        check=True,
        env=environment,
    )
    assert done.stdout == "größer\n".encode() * 2


@pytest.mark.parametrize("times", [1, 100_000])
def test_reader_that_has_gone_has_had_enough(times: int) -> None:
    line = (
        f"'{sys.executable}' -c \"{PROGRAM.format(times=times)}\" | true; echo ${{PIPESTATUS[0]}}"
    )
    done = subprocess.run(["/bin/bash", "-c", line], capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"0\n", b"")


def test_name_that_no_file_can_have_is_not_taken() -> None:
    assert not is_taken("n" * 300)
    assert not is_taken("a\0b")
    assert is_taken("/dev/null")


@pytest.mark.parametrize(("overwrite", "left"), [(False, False), (True, True)])
def test_no_half_of_a_new_file_is_left(overwrite: bool, left: bool, tmp_path: Path) -> None:
    code = (
        "from cookieconsent.cli.output import deliver\n"
        f"print(deliver('a' * 9000, 'new.toml', overwrite={overwrite}))\n"
    )
    line = f"ulimit -f 1; exec '{sys.executable}' -B -c \"{code}\""
    done = subprocess.run(
        ["/bin/bash", "-c", line], capture_output=True, check=True, cwd=tmp_path, text=True
    )
    assert done.stdout == "False\n"
    assert done.stderr == "new.toml: it cannot be written (File too large).\n"
    assert (tmp_path / "new.toml").exists() is left
