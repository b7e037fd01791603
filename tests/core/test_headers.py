"""Header lists: pairs in, pairs out, in order; nothing becomes a mapping, nothing is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import pytest

from cookieconsent.core.headers import (
    HeaderList,
    as_list,
    first,
    index,
    make_no_store,
    make_private,
    merge_vary,
    normalise,
    replace,
    tokens,
    values,
    with_value,
    without,
)

PLAIN: HeaderList = [(b"host", b"shop.example"), (b"cookie", b"sid=1"), (b"accept", b"*/*")]


def test_index_returns_orderly_list_itself() -> None:
    pairs, fields, cookies = index(PLAIN)
    assert pairs is PLAIN
    assert fields == dict(PLAIN)
    assert cookies == [b"sid=1"]


def test_index_without_cookie_line() -> None:
    assert index([(b"host", b"x")])[2] == []


SHAPES: list[tuple[str, Callable[[], Iterable[Sequence[object]]]]] = [
    ("tuple", lambda: tuple(PLAIN)),
    ("generator", lambda: (pair for pair in PLAIN)),
    ("list of lists", lambda: [list(pair) for pair in PLAIN]),
    ("bytearray names", lambda: [(bytearray(name), value) for name, value in PLAIN]),
    ("bytearray values", lambda: [(name, bytearray(value)) for name, value in PLAIN]),
    ("memoryview names", lambda: [(memoryview(name), value) for name, value in PLAIN]),
    ("memoryview values", lambda: [(name, memoryview(value)) for name, value in PLAIN]),
    ("upper case", lambda: [(name.upper(), value) for name, value in PLAIN]),
    ("mixed case", lambda: [(name.title(), value) for name, value in PLAIN]),
    ("a pair too short", lambda: [*PLAIN, (b"alone",)]),
    ("a pair too long", lambda: [*PLAIN, (b"a", b"b", b"c")]),
    ("text", lambda: [*PLAIN, ("name", "value")]),
]


@pytest.mark.parametrize("shape", [make for _, make in SHAPES], ids=[name for name, _ in SHAPES])
def test_index_takes_every_shape(shape: Callable[[], Iterable[Sequence[object]]]) -> None:
    pairs, fields, cookies = index(shape())
    assert [tuple(pair) for pair in pairs] == PLAIN
    assert fields == dict(PLAIN)
    assert cookies == [b"sid=1"]
    assert {type(value) for value in fields.values()} == {bytes}
    assert type(cookies[0]) is bytes


def test_index_of_nothing() -> None:
    assert index([]) == ([], {}, [])


def test_index_joins_repeated_fields() -> None:
    """Lists join by commas, `Cookie` lines stay apart."""
    headers = [(b"accept", b"a/b"), (b"cookie", b"a=1"), (b"accept", b"c/d"), (b"Cookie", b"b=2")]
    pairs, fields, cookies = index(headers)
    assert fields[b"accept"] == b"a/b, c/d"
    assert cookies == [b"a=1", b"b=2"]
    assert pairs == [(name.lower(), value) for name, value in headers]


def test_normalise_reads_generator_once() -> None:
    taken: list[bytes] = []

    def source() -> Iterable[tuple[bytes, bytes]]:
        for pair in PLAIN:
            taken.append(pair[0])
            yield pair

    assert normalise(source()) == PLAIN
    assert taken == [name for name, _ in PLAIN]


def test_as_list_returns_orderly_list_itself() -> None:
    """Response names keep their case, so a cased one is no reason for a new list."""
    headers = [(b"Content-Type", b"text/html"), (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")]
    assert as_list(headers) is headers


@pytest.mark.parametrize("shape", [make for _, make in SHAPES], ids=[name for name, _ in SHAPES])
def test_as_list_takes_every_shape(shape: Callable[[], Iterable[Sequence[object]]]) -> None:
    pairs = as_list(shape())
    assert [(name.lower(), value) for name, value in pairs] == PLAIN
    assert {type(part) for pair in pairs for part in pair} == {bytes}


def test_as_list_of_nothing() -> None:
    assert as_list(None) == []
    assert as_list(()) == []


REPLACEMENTS: list[tuple[str, HeaderList, dict[bytes, bytes | None], HeaderList]] = [
    ("nothing", [(b"a", b"1")], {}, [(b"a", b"1")]),
    ("one", [(b"a", b"1"), (b"b", b"2")], {b"a": b"9"}, [(b"a", b"9"), (b"b", b"2")]),
    ("removed", [(b"a", b"1"), (b"b", b"2")], {b"a": None}, [(b"b", b"2")]),
    (
        "repeated goes to the first place",
        [(b"x", b"0"), (b"a", b"1"), (b"y", b"0"), (b"a", b"2"), (b"z", b"0")],
        {b"a": b"9"},
        [(b"x", b"0"), (b"a", b"9"), (b"y", b"0"), (b"z", b"0")],
    ),
    ("repeated removed", [(b"a", b"1"), (b"a", b"2")], {b"a": None}, []),
    ("absent is not added", [(b"a", b"1")], {b"b": b"9"}, [(b"a", b"1")]),
]


@pytest.mark.parametrize(
    ("before", "changes", "after"),
    [row[1:] for row in REPLACEMENTS],
    ids=[row[0] for row in REPLACEMENTS],
)
def test_replace(before: HeaderList, changes: dict[bytes, bytes | None], after: HeaderList) -> None:
    copy = list(before)
    assert replace(before, changes) == after
    assert before == copy


MIXED: HeaderList = [
    (b"Set-Cookie", b"a=1"),
    (b"Content-Type", b"text/html"),
    (b"SET-COOKIE", b"b=2"),
    (b"set-cookie", b"c=3"),
]


def test_values_in_order_any_case() -> None:
    assert values(MIXED, b"set-cookie") == [b"a=1", b"b=2", b"c=3"]
    assert values(MIXED, b"etag") == []


def test_first_in_any_case() -> None:
    assert first(MIXED, b"set-cookie") == b"a=1"
    assert first(MIXED, b"etag") is None


def test_without_any_case_keeps_rest() -> None:
    assert without(MIXED, b"set-cookie") == [MIXED[1]]
    assert without(MIXED, b"content-type", b"etag") == [MIXED[0], MIXED[2], MIXED[3]]
    assert without(MIXED) == MIXED


def test_with_value_stands_once() -> None:
    """At the place and in the case of the first; added at the end where there was none."""
    assert with_value(MIXED, b"set-cookie", b"z=9") == [(b"Set-Cookie", b"z=9"), MIXED[1]]
    assert with_value([], b"etag", b'"a"') == [(b"etag", b'"a"')]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"", []),
        (b" , ,\t,", []),
        (b"a", [b"a"]),
        (b"a, b\t,c ,", [b"a", b"b", b"c"]),
        (b'"a,b", c', [b'"a,b"', b"c"]),
        (b'W/"a\\",b", "c"', [b'W/"a\\",b"', b'"c"']),
        (b'a, "unclosed, b', [b"a", b'"unclosed, b']),
        (b'private="set-cookie, x", no-cache', [b'private="set-cookie, x"', b"no-cache"]),
    ],
)
def test_tokens(value: bytes, expected: list[bytes]) -> None:
    assert tokens(value) == expected


VARY: list[tuple[str, HeaderList, tuple[bytes, ...], HeaderList]] = [
    ("none yet", [], (b"Cookie",), [(b"vary", b"Cookie")]),
    ("merged", [(b"Vary", b"Accept")], (b"Cookie",), [(b"Vary", b"Accept, Cookie")]),
    ("there in another case", [(b"vary", b"cookie")], (b"Cookie",), [(b"vary", b"cookie")]),
    ("star stays alone", [(b"vary", b"*")], (b"Cookie",), [(b"vary", b"*")]),
    ("star among others", [(b"vary", b"a, *")], (b"Cookie",), [(b"vary", b"a, *")]),
    (
        "several lines",
        [(b"vary", b"a"), (b"x", b"y"), (b"vary", b"b")],
        (b"Cookie", b"B"),
        [(b"vary", b"a, b, Cookie"), (b"x", b"y")],
    ),
    ("two fields", [], (b"Cookie", b"Sec-GPC"), [(b"vary", b"Cookie, Sec-GPC")]),
    ("nothing to add", [(b"x", b"y")], (), [(b"x", b"y")]),
]


@pytest.mark.parametrize(
    ("before", "fields", "after"), [row[1:] for row in VARY], ids=[row[0] for row in VARY]
)
def test_merge_vary(before: HeaderList, fields: tuple[bytes, ...], after: HeaderList) -> None:
    assert merge_vary(before, *fields) == after
    assert merge_vary(after, *fields) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, b"private"),
        (b"public, max-age=600", b"private, max-age=600"),
        (b"PUBLIC, S-MaxAge=5, proxy-revalidate", b"private"),
        (b"max-age=1, s-maxage=9", b"private, max-age=1"),
        (b"private, max-age=60", b"private, max-age=60"),
        (b"Private", b"Private"),
        (b"no-store", b"no-store"),
        (b"no-store, public", b"no-store"),
        (b'private="x-field"', b"private"),
        (b'private="a, public", max-age=1', b"private, max-age=1"),
        (b"no-cache", b"private, no-cache"),
    ],
)
def test_make_private(before: bytes | None, after: bytes) -> None:
    headers = [] if before is None else [(b"Cache-Control", before)]
    assert values(make_private(headers), b"cache-control") == [after]


def test_make_private_joins_lines() -> None:
    headers = [(b"cache-control", b"public"), (b"x", b"y"), (b"Cache-Control", b"max-age=5")]
    assert make_private(headers) == [(b"cache-control", b"private, max-age=5"), (b"x", b"y")]


TARGETED = (
    b"surrogate-control",
    b"Edge-Control",
    b"X-Accel-Expires",
    b"CDN-Cache-Control",
    b"Cloudflare-CDN-Cache-Control",
)


@pytest.mark.parametrize("name", TARGETED)
@pytest.mark.parametrize("change", [make_private, make_no_store])
def test_targeted_fields_do_not_overrule(
    name: bytes, change: Callable[[HeaderList], HeaderList]
) -> None:
    changed = change([(name, b"max-age=600"), (b"etag", b'"a"')])
    assert [key for key, _ in changed] == [b"etag", b"cache-control"]


def test_make_no_store_replaces_everything() -> None:
    headers = [(b"Cache-Control", b"public"), (b"etag", b'"a"'), (b"cache-control", b"immutable")]
    assert make_no_store(headers) == [(b"Cache-Control", b"no-store"), (b"etag", b'"a"')]
