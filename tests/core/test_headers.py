"""Header lists: pairs in, pairs out, in order; nothing becomes a mapping, nothing is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import pytest

from cookieconsent.core.headers import (
    Head,
    HeaderList,
    index,
    make_no_store,
    make_private,
    merge_vary,
    normalise,
    replace,
    tokens,
)

PLAIN: HeaderList = [(b"host", b"shop.example"), (b"cookie", b"sid=1"), (b"accept", b"*/*")]


def test_index_returns_orderly_list_itself() -> None:
    pairs, fields, cookies = index(PLAIN)
    assert pairs is PLAIN
    assert fields == dict(PLAIN)
    assert cookies == [b"sid=1"]


@pytest.mark.parametrize("name", [b"Cookie", b"COOKIE", b"cOOkie", b"cookiE"])
def test_index_finds_cookies_in_any_spelling(name: bytes) -> None:
    """ASGI promises lower case; where one server breaks the promise nothing may slip through."""
    pairs, _, cookies = index([(b"host", b"x"), (name, b"_ga=1")])
    assert cookies == [b"_ga=1"]
    assert pairs[1][0] == b"cookie"


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


def test_head_keeps_orderly_list_itself() -> None:
    """Response names keep their case, so a cased one is no reason for a new list."""
    headers = [(b"Content-Type", b"text/html"), (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")]
    assert Head(headers).lines is headers


@pytest.mark.parametrize("shape", [make for _, make in SHAPES], ids=[name for name, _ in SHAPES])
def test_head_takes_every_shape(shape: Callable[[], Iterable[Sequence[object]]]) -> None:
    head = Head(shape())
    assert [(name.lower(), value) for name, value in head.lines] == PLAIN
    assert head.fields == dict(PLAIN)
    assert {type(part) for pair in head.lines for part in pair} == {bytes}


def test_head_of_nothing() -> None:
    assert Head(()).lines == []
    assert Head([]).fields == {}


def test_buffer_behind_a_repeated_name_is_put_right() -> None:
    """An index keeps the last value of a name only; the lines before it count as well."""
    head = Head([(b"set-cookie", memoryview(b"a=1")), (b"set-cookie", b"b=2")])
    assert head.values(b"set-cookie") == [b"a=1", b"b=2"]


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
    assert replace(before, index(before)[1], changes) == after
    assert before == copy


MIXED: HeaderList = [
    (b"Set-Cookie", b"a=1"),
    (b"Content-Type", b"text/html"),
    (b"SET-COOKIE", b"b=2"),
    (b"set-cookie", b"c=3"),
]


def test_values_in_order_any_case() -> None:
    assert Head(MIXED).values(b"set-cookie") == [b"a=1", b"b=2", b"c=3"]
    assert Head(MIXED).values(b"content-type") == [b"text/html"]
    assert Head(MIXED).values(b"etag") == []


def test_first_in_any_case() -> None:
    assert Head(MIXED).first(b"set-cookie") == b"a=1"
    assert Head(MIXED).first(b"etag") is None


@pytest.mark.parametrize(
    ("names", "left"),
    [
        ([b"set-cookie"], [MIXED[1]]),
        ([b"content-type", b"etag"], [MIXED[0], MIXED[2], MIXED[3]]),
        ([], MIXED),
    ],
)
def test_remove_any_case_keeps_rest(names: list[bytes], left: HeaderList) -> None:
    head = Head(MIXED)
    head.remove(*names)
    assert head.lines == left
    assert head.fields == {name.lower(): value for name, value in left}


def test_set_stands_once() -> None:
    """At the place and in the case of the first; added at the end where there was none."""
    head = Head(MIXED)
    head.set(b"set-cookie", b"z=9")
    assert head.lines == [(b"Set-Cookie", b"z=9"), MIXED[1]]
    head.set(b"etag", b'"a"')
    assert head.lines[-1] == (b"etag", b'"a"')
    assert head.fields == {name.lower(): value for name, value in head.lines}


CHANGES: list[tuple[str, Callable[[Head], object]]] = [
    ("append", lambda head: head.append(b"a", b"b")),
    ("set", lambda head: head.set(b"content-type", b"text/plain")),
    ("set a new one", lambda head: head.set(b"etag", b'"a"')),
    ("remove", lambda head: head.remove(b"content-type")),
    ("write", lambda head: head.write([])),
]


@pytest.mark.parametrize("change", [row[1] for row in CHANGES], ids=[row[0] for row in CHANGES])
def test_list_given_is_never_changed(change: Callable[[Head], object]) -> None:
    """An application may send the same list with every response."""
    given = list(MIXED)
    head = Head(given)
    for _ in range(2):
        change(head)
    assert given == MIXED != head.lines
    assert head.fields == {name.lower(): value for name, value in head.lines}


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
]


@pytest.mark.parametrize(
    ("before", "fields", "after"), [row[1:] for row in VARY], ids=[row[0] for row in VARY]
)
def test_merge_vary(before: HeaderList, fields: tuple[bytes, ...], after: HeaderList) -> None:
    head = Head(before)
    for _ in range(2):
        merge_vary(head, fields)
        assert head.lines == after


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
    head = Head([] if before is None else [(b"Cache-Control", before)])
    make_private(head)
    assert head.values(b"cache-control") == [after]


def test_make_private_joins_lines() -> None:
    head = Head([(b"cache-control", b"public"), (b"x", b"y"), (b"Cache-Control", b"max-age=5")])
    make_private(head)
    assert head.lines == [(b"cache-control", b"private, max-age=5"), (b"x", b"y")]


TARGETED = (
    b"surrogate-control",
    b"Edge-Control",
    b"X-Accel-Expires",
    b"CDN-Cache-Control",
    b"Cloudflare-CDN-Cache-Control",
)


@pytest.mark.parametrize("name", TARGETED)
@pytest.mark.parametrize("change", [make_private, make_no_store])
def test_targeted_fields_do_not_overrule(name: bytes, change: Callable[[Head], None]) -> None:
    head = Head([(name, b"max-age=600"), (b"etag", b'"a"')])
    change(head)
    assert [key for key, _ in head.lines] == [b"etag", b"cache-control"]


def test_make_no_store_replaces_everything() -> None:
    head = Head(
        [(b"Cache-Control", b"public"), (b"etag", b'"a"'), (b"cache-control", b"immutable")]
    )
    make_no_store(head)
    assert head.lines == [(b"Cache-Control", b"no-store"), (b"etag", b'"a"')]
