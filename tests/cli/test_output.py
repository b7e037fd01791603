"""What a sub-command says: in characters that do nothing, and to streams that may be gone."""

from __future__ import annotations

import sys

import pytest

from cookieconsent.cli.output import answer, complain, plain


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
