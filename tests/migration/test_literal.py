"""The reader of literals: what it takes, what it notes, what it refuses, and that it stays linear."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookieconsent.migration.literal import (
    MAX_DEPTH,
    MAX_OCTETS,
    MAX_UNREAD,
    LiteralError,
    Pattern,
    Unread,
    Value,
    read,
)


def value_of(text: str) -> Value:
    [found] = read(f"x = {{value: {text}}}")
    assert isinstance(found.value, dict)
    assert found.unread == ()
    return found.value["value"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("'single'", "single"),
        ('"dou\\"ble"', 'dou"ble'),
        ("'it\\'s'", "it's"),
        ("`plain ' \" $ {`", "plain ' \" $ {"),
        ("`two\nlines`", "two\nlines"),
        ("'a' + \"b\" + `c`", "abc"),
        (r"'\n\t\x41\u0042\u{43}\0\q'", "\n\tABC\0q"),
        (r"'\ud83d\ude00 \ud83d'", "\U0001f600 \ufffd"),
        ("'one \\\ntwo'", "one two"),
        ("'\\u{110000}'", "\ufffd"),
        ("0", 0),
        ("-2.5e1", -25),
        (".5", 0.5),
        ("9" * 400, float("inf")),
        ("true", True),
        ("!0", True),
        ("!1", False),
        ("null", None),
        ("undefined", None),
        ("/^_ga/", Pattern("^_ga")),
        (r"/[/\]]\/x/gi", Pattern(r"[/\]]\/x", "gi")),
        ("[1, 'a', , /b/,]", [1, "a", Pattern("b")]),
        ("{a: 1, 'b-c': 2, 3: 4, \"d\": {},}", {"a": 1, "b-c": 2, "3": 4, "d": {}}),
        ("1 /* one */ // two\n", 1),
    ],
)
def test_literals_are_read(text: str, value: Value) -> None:
    assert value_of(text) == value


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text()
    | st.floats(-1e9, 1e9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), JSON), st.booleans())
def test_any_json_is_read(value: dict[str, Any], ascii_only: bool) -> None:
    [found] = read(json.dumps(value, ensure_ascii=ascii_only))
    assert found.value == value
    assert found.unread == ()


@pytest.mark.parametrize(
    "text",
    [
        "{a: 1}",
        "({a: 1})",
        "const x = {a: 1};",
        "var x={a:1}",
        "export const x: Config<Y> = {a: 1} satisfies Config",
        "module.exports = {a: 1}",
        "export default {a: 1}",
        "CookieConsent.run({a: 1});",
        "(function(){ if (x) { cc.run({a: 1}) } })()",
        "window.addEventListener('load', () => { run({a: 1}) })",
        "useEffect(() => { run({a: 1}) }, 'x')",
        "x = Object.freeze({a: 1})",
        "function f() { return {a: 1} }",
        "import { b } from 'c'\nlet x = y || {a: 1}",
        "s = `${ {b: `}`} }`; t = `${ '`' }` + 4 / 2 / 1; x = {a: 1}",
        "if (/[}'\"]/.test(b)) { y = c[0] / d }; x = {a: 1} // '",
        "<!-- old\nx = {a: 1}",
        "\ufeff/* ' */ x = {a: 1}",
    ],
)
def test_literal_is_found_in_a_file(text: str) -> None:
    assert [found.value for found in read(text)] == [{"a": 1}]


@pytest.mark.parametrize(
    ("member", "place", "code", "is_function"),
    [
        ("a: function () { return 1 }", "a", "function () { return 1 }", True),
        ("a: async (b) => {}", "a", "async (b) => {}", True),
        ("a: b => b", "a", "b => b", True),
        ("a: ({ b }) => b", "a", "({ b }) => b", True),
        ("a(b) {}", "a", "a(b) {}", True),
        ("get a() { return 1 }", "get", "get a() { return 1 }", True),
        ("...a", "", "...a", False),
        ("a", "a", "a", False),
        ("[a]: 1", "", "[a]: 1", False),
        ("a: b.c[0]", "a", "b.c[0]", False),
        ("a: 'x' + b", "a", "'x' + b", False),
        ("a: `x${b}`", "a", "`x${b}`", False),
        ("a: [1].map(b)", "a", "[1].map(b)", False),
        ("a: 'x' as const", "a", "'x' as const", False),
        ("a: 0x1F", "a", "0x1F", False),
        ("a: {b: [c]}", "a.b[0]", "c", False),
        ("a: new Set([...b])", "a", "new Set([...b])", False),
        ("a: 1 ? 2 : 3", "a", "1 ? 2 : 3", False),
    ],
)
def test_code_is_noted_and_not_run(member: str, place: str, code: str, is_function: bool) -> None:
    outer = read(f"x = {{\n{member}, z: 1}}")[-1]
    assert outer.unread == (Unread(place, 2, code, is_function),)
    assert isinstance(outer.value, dict)
    assert outer.value["z"] == 1


def test_last_of_a_repeated_name_counts() -> None:
    [found] = read("x = {a: 1,\nb: [{a: 5, a: 6}], a: 2}")
    assert found.value == {"a": 2, "b": [{"a": 6}]}
    assert [(note.place, note.line, note.is_repeated) for note in found.unread] == [
        ("b[0].a", 2, True),
        ("a", 2, True),
    ]


def test_noted_code_is_bounded() -> None:
    [found] = read(f"x = {{{'n' * 500}: [{'f,' * (MAX_UNREAD + 7)}]}}")
    assert (len(found.unread), found.more_unread) == (MAX_UNREAD, 7)
    assert len(found.unread[0].place) < 300


def test_noted_code_is_shortened() -> None:
    [found] = read("x = {" + "k" * 500 + ": y." + "z" * 5_000 + "}")
    [unread] = found.unread
    assert len(unread.code) < 70
    assert len(unread.place) < 70


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = {\n  a: 1\n  b: 2}", "line 3, column 3: a comma is missing before this"),
        ("[1, 2", "line 1, column 1: '[' is never closed"),
        ("x = {a: [1,\n", "line 1, column 9: '[' is never closed"),
        ("x = {a: f(", "line 1, column 10: '(' is never closed"),
        ("{a: 1}}", "line 1, column 7: '}' closes nothing"),
        ("x = {a: (1]}", "line 1, column 11: ']' closes nothing"),
        ("x = {a: 1]", "line 1, column 10: ']' stands where ',' or '}' should"),
        ('{"a" 1}', "line 1, column 6: a colon is missing behind the name 'a'"),
        ("a = 'x\n'", "line 1, column 5: this text is not closed on its line"),
        ("\r\n\r\na = `x", "line 3, column 5: this template literal is never closed"),
        ("a = `x${ {", "line 1, column 5: this template literal is never closed"),
        ("a = `x${b} y", "line 1, column 5: this template literal is never closed"),
        ("/* x", "line 1, column 1: this comment is never closed"),
        ("a = /x", "line 1, column 5: this regular expression is not closed on its line"),
        ("[" * 99, f"line 1, column 65: brackets are nested more than {MAX_DEPTH} deep"),
        ("f" + "(" * 99, f"line 1, column 66: brackets are nested more than {MAX_DEPTH} deep"),
        ("`${" * 99, f"line 1, column 193: templates are nested more than {MAX_DEPTH} deep"),
        (" " * (MAX_OCTETS + 1), "line 1, column 1: there are more than 2,097,152 characters"),
    ],
)
def test_refusals_name_line_and_column(text: str, message: str) -> None:
    with pytest.raises(LiteralError) as caught:
        read(text)
    assert str(caught.value) == message
    assert (
        f"line {caught.value.line}, column {caught.value.column}: {caught.value.problem}" == message
    )


MANY = MAX_OCTETS // 4


@pytest.mark.parametrize(
    "text",
    [
        "x={" + "a:1," * (MANY // 4) + "}",
        "x=[" + "f," * (MANY // 2) + "]",
        "x=[" + "\n...f," * (MANY // 6) + "]",
        "=/[" * (MANY // 3),
        "a/" * (MANY // 2),
        "/*" * (MANY // 2),
        "`$" * (MANY // 2),
        "'\\a" * (MANY // 3),
        "\\" * MANY,
        "x={'" + "\\" * (MANY // 2 * 2) + "':1}",
        "[]" * (MANY // 2),
        "x=[" * 60 + "\n" * MANY,
        "x='a'" + "+'a'" * (MANY // 4),
        "x=[" + "'a'+" * (MANY // 4) + "'a']",
        "x=(" + "9" * MANY,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_hostile_text_ends(text: str) -> None:
    """What took a time that grows with the square would run into the limit of a test."""
    with contextlib.suppress(LiteralError):
        assert len(read(text)) <= len(text)


@given(st.text("{}[]()'\"`/\\*$.:,=>+-!ab1\n #", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = read(text)
    except LiteralError:
        return
    assert isinstance(found, list)
