"""TOML as it is written: whatever goes in comes back, and comments stay comments."""

from __future__ import annotations

import tomllib
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookieconsent.drafting import toml


def parsed(line: str) -> Any:
    return tomllib.loads(f"key = {line}")["key"]


@given(st.text())
def test_any_text_comes_back(words: str) -> None:
    written = toml.text(words)
    assert parsed(written) == words
    assert written.isprintable()


@given(st.lists(st.text()))
def test_any_list_comes_back(words: list[str]) -> None:
    assert parsed(toml.value(words)) == words


@pytest.mark.parametrize(
    ("content", "written"),
    [
        ("plain", '"plain"'),
        ('a "b" \\c', '"a \\"b\\" \\\\c"'),
        ("one\r\ntwo", '"one\\r\\ntwo"'),
        ("\x00\x7f\u202e\U000e0001", '"\\u0000\\u007F\\u202E\\U000E0001"'),
        ("half \ud83d of a pair", '"half \ufffd of a pair"'),
        (True, "true"),
        (False, "false"),
        (3, "3"),
        (date(2026, 11, 1), "2026-11-01"),
        (("a", "b"), '["a", "b"]'),
        ((), "[]"),
    ],
)
def test_values_are_written_on_one_line(content: toml.Value, written: str) -> None:
    assert toml.value(content) == written
    written.encode("utf-8")


@given(st.text())
def test_comment_is_nothing_but_comment(words: str) -> None:
    lines = toml.comment(words)
    assert tomllib.loads("\n".join(lines)) == {}
    assert all(line.startswith("# ") for line in lines)
    "\n".join(lines).encode("utf-8")


def test_long_comment_is_wrapped_and_indented() -> None:
    first, second = toml.comment("DECIDE: " + "word " * 25)
    assert first.startswith("# DECIDE: word")
    assert second.startswith("#   word")
    assert len(first) <= toml.WIDTH


def test_declaration_has_its_tables_in_order() -> None:
    written = toml.declaration(
        notes=["Written by a test."],
        site=toml.Entry(fields={"strict": True}, unset={"contact": "mailto:a@b.example"}),
        classes=[toml.Entry(fields={"name": "chat"}, notes=["Why."])],
        cookies=[toml.Entry(fields={"name": "sid", "cls": "chat"}), toml.Entry()],
    )
    assert written == (
        "# Written by a test.\n\n"
        '[cookieconsent]\nstrict = true\n# contact = "mailto:a@b.example"\n\n'
        '# Why.\n[[cookieconsent.classes]]\nname = "chat"\n\n'
        '[[cookieconsent.cookies]]\nname = "sid"\ncls = "chat"\n\n'
        "[[cookieconsent.cookies]]\n"
    )
    assert tomllib.loads(written)["cookieconsent"]["cookies"] == [
        {"name": "sid", "cls": "chat"},
        {},
    ]


def test_suggested_table_is_a_comment() -> None:
    entry = toml.Entry(
        fields={"name": "sid", "cls": "cart"}, notes=["DECIDE: a cart?"], is_comment=True
    )
    written = toml.declaration(cookies=[entry])
    assert written.endswith(
        '\n\n# DECIDE: a cart?\n# [[cookieconsent.cookies]]\n# name = "sid"\n# cls = "cart"\n'
    )
    assert tomllib.loads(written) == {"cookieconsent": {}}


def test_empty_declaration_is_a_table() -> None:
    assert toml.declaration() == "[cookieconsent]\n"


@given(st.lists(st.text(), max_size=3), st.dictionaries(st.sampled_from("abc"), st.text()))
def test_declaration_keeps_every_text(notes: list[str], fields: dict[str, str]) -> None:
    entry = toml.Entry(fields=fields, notes=notes, unset=fields)
    read = tomllib.loads(toml.declaration(notes=notes, site=entry, cookies=[entry]))
    assert read == {"cookieconsent": {**fields, "cookies": [fields]}}
