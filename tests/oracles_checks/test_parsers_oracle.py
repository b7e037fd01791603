"""The foreign parsers behave as the library's documentation says they do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracles.parsers import PARSERS, SPLIT_ON_SEMICOLON, parse

ORDER = ("stdlib", "starlette", "django", "werkzeug", "webob", "aiohttp")

# What each parser sees, in the order above; names parted by spaces.
NAMES = [
    (b"sid=1; _ga=2", ["_ga sid"] * 6),
    (b'a="x; _ga=1; b="; c=3', ["a c", "_ga a b c", "_ga a b c", "a c", "a c", "a c"]),
    (b"sid=1, _ga=2", ["_ga sid", "sid", "sid", "", "_ga sid", "_ga sid"]),
    (b"sid=1,_ga=2", ["sid", "sid", "sid", "sid", "_ga sid", "sid"]),
    (b"sid=1 _ga=2", ["_ga sid", "sid", "sid", "", "_ga sid", "_ga sid"]),
    (b'a={"x":1}; b=2', ["", "a b", "a b", "b", "a b", "a b"]),
    (b"$Version=1; a=b", ["a", "$Version a", "$Version a", "$Version a", "a", "$Version a"]),
    (b"a@b=1; b=2", ["", "a@b b", "a@b b", "a@b b", "b", "a@b b"]),
    (b"", [""] * 6),
]


@pytest.mark.parametrize(("header", "expected"), NAMES)
def test_names(header: bytes, expected: list[str]) -> None:
    seen = [b" ".join(sorted(PARSERS[name](header))).decode("latin-1") for name in ORDER]
    assert seen == expected


@pytest.mark.parametrize(
    ("parser", "header", "disguised"),
    [
        ("starlette", b"\xa0_ga=1", True),
        ("starlette", b"\xc2\xa0_ga=1", False),
        ("django-asgi", b"\xa0_ga=1", True),
        ("django", b"\xa0_ga=1", False),
        ("django", b"\xc2\xa0_ga=1", True),
        ("webob", b"\xe2\x80\x80_ga=1", True),
        ("aiohttp", b"\xc2\xa0_ga=1", True),
        ("werkzeug", b"\xc2\xa0_ga=1", False),
    ],
)
def test_white_space_disguises(parser: str, header: bytes, disguised: bool) -> None:
    assert (b"_ga" in PARSERS[parser](header)) == disguised


@pytest.mark.parametrize(
    ("parser", "values"),
    [
        ("stdlib", [b"2"]),
        ("starlette", [b"2"]),
        ("django", [b"2"]),
        ("webob", [b"2"]),
        ("werkzeug", [b"1", b"2"]),
        ("aiohttp", [b"1", b"2"]),
    ],
)
def test_values_of_duplicates(parser: str, values: list[bytes]) -> None:
    assert parse(parser, b"a=1; a=2") == {b"a": values}


@pytest.mark.parametrize("parser", sorted(PARSERS))
def test_plain_values_are_the_same_everywhere(parser: str) -> None:
    assert parse(parser, b"sid=abc.DEF-1_2; cart=") == {b"sid": [b"abc.DEF-1_2"], b"cart": [b""]}


def test_unknown_parser_is_an_error() -> None:
    with pytest.raises(KeyError):
        parse("none", b"a=1")


def test_parsers_that_split_on_semicolons() -> None:
    assert set(PARSERS) >= SPLIT_ON_SEMICOLON
    for name in SPLIT_ON_SEMICOLON:
        assert PARSERS[name](b'a="x; b=1,c=2 d=3; e=";f=4') == {b"a", b"b", b"e", b"f"}


@pytest.mark.parametrize("parser", sorted(PARSERS))
@given(header=st.binary(max_size=100))
def test_no_header_raises(parser: str, header: bytes) -> None:
    parse(parser, header)
