"""Which report goes to which file."""

from __future__ import annotations

import argparse
import shlex

import pytest

from cookieconsent.cli.audit_outputs import WrongError, add_arguments, paired


def said(words: str) -> list[tuple[str, str]]:
    parser = argparse.ArgumentParser()
    add_arguments(parser, ["text", "json", "html"], "")
    return [
        (each.form, each.file) for each in paired(parser.parse_args(shlex.split(words)).reports)
    ]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", "text -"),
        ("-o a", "text a"),
        ("-f json", "json -"),
        ("-f json -f html -o a -o b", "json a, html b"),
        ("-f json -o a -f html -o b", "json a, html b"),
        ("-f text -f json -o a", "text -, json a"),
        ("-f json -o a -f text", "json a, text -"),
        ("-o a -f json", "json a"),
        ("-o a -f json -f html", "json a, html -"),
        ("-o a -o b -f json -f html", "json a, html b"),
        ("-o a -f json -f html -o b", "json a, html b"),
        ("-o a -f json -o - -f html -o b", None),
        ("-f json -f html -o a -f text -o b", "json -, html a, text b"),
        ("-f json -o a -o b", None),
        ("-f json -o a -f html -o b -o c", None),
        ("-o a -o b", None),
        ("-o a -f json -o b", None),
    ],
)
def test_file_belongs_to_the_form_beside_it(words: str, found: str | None) -> None:
    if found is None:
        with pytest.raises(WrongError, match="more files than forms at -o "):
            said(words)
        return
    assert ", ".join(map(" ".join, said(words))) == found
