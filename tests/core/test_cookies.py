"""Cookie bytes: the splitter, the reader of `Set-Cookie`, and what is written.

Names compared with the reading of the oracles, dates and deletions too; what is written is judged by
the strict grammar for servers.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookieconsent.core.cookies import (
    MAX_AGE_SECONDS,
    CookieHeader,
    Scope,
    expire,
    has_control,
    http_date,
    is_folded,
    is_token,
    join_lines,
    read_cookie_date,
    read_set_cookie,
    value_of,
    write,
)
from oracles import set_cookie
from oracles.jar import Jar
from oracles.jar import Rejected as Refused

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp()

# --- the Cookie header --------------------------------------------------------------------------

Segment = tuple[bytes, bytes]

SPLITS: list[tuple[str, bytes, list[Segment], bool]] = [
    ("nothing", b"", [], False),
    ("one", b"a=1", [(b"a", b"a=1")], True),
    ("two", b"a=1; b=2", [(b"a", b"a=1"), (b"b", b"b=2")], True),
    ("no space", b"a=1;b=2", [(b"a", b"a=1"), (b"b", b"b=2")], True),
    ("empty segments", b"; ;a=1;;", [(b"a", b"a=1")], False),
    ("inner white space stays", b"a\t=\t1 ;\tb=2", [(b"a", b"a\t=\t1"), (b"b", b"b=2")], True),
    ("first equals sign parts", b"a=b=c==", [(b"a", b"a=b=c==")], True),
    ("empty value", b"a=", [(b"a", b"a=")], True),
    ("no equals sign", b"cart", [(b"", b"cart")], True),
    ("no name", b"=x", [(b"", b"=x")], True),
    ("only an equals sign", b" = ", [(b"", b"=")], True),
    ("duplicates", b"a=1; a=2", [(b"a", b"a=1"), (b"a", b"a=2")], True),
    (
        "quotes do not hide",
        b'a="x; b=1; c="',
        [(b"a", b'a="x'), (b"b", b"b=1"), (b"c", b'c="')],
        True,
    ),
    ("no percent decoding", b"%61=%62", [(b"%61", b"%61=%62")], True),
    ("no-break space is a name byte", b"\xa0a=1", [(b"\xa0a", b"\xa0a=1")], True),
    ("high bytes", b"a=\xff\xe6\xb8", [(b"a", b"a=\xff\xe6\xb8")], True),
    ("control byte drops its segment", b"a=1\x01; b=2", [(b"b", b"b=2")], False),
    ("NUL", b"a\x00b=1; c=2", [(b"c", b"c=2")], False),
    ("vertical tab", b"\x0ba=1; c=2", [(b"c", b"c=2")], False),
    ("DEL", b"a=\x7f; c=2", [(b"c", b"c=2")], False),
    ("obsolete fold", b"a=1;\r\n b=2", [(b"a", b"a=1"), (b"b", b"b=2")], False),
    ("fold of a bare LF", b"a=1;\n\tb=2", [(b"a", b"a=1"), (b"b", b"b=2")], False),
    ("fold behind a value", b"a=1\r\n ; b=2", [(b"a", b"a=1"), (b"b", b"b=2")], False),
    ("fold inside a value", b"a=1\r\n 2", [(b"a", b"a=1 2")], False),
    ("line end without a fold", b"a=1\r\nb=2; c=3", [(b"c", b"c=3")], False),
    ("line end at the end", b"a=1; c=3\n", [(b"a", b"a=1")], False),
]


@pytest.mark.parametrize(
    ("header", "segments", "whole"), [row[1:] for row in SPLITS], ids=[row[0] for row in SPLITS]
)
def test_split(header: bytes, segments: list[Segment], whole: bool) -> None:
    cookies = CookieHeader(header)
    assert cookies.segments == [raw for _, raw in segments]
    assert cookies.names == [name for name, _ in segments]
    assert cookies.whole is whole


TIDY: list[tuple[bytes, bool]] = [
    (b"a=1", True),
    (b"a=1; b=2; a=", True),
    (b"a=b=c==; =x", True),
    (b"", False),
    (b"a", False),
    (b"a; b=2", False),
    (b"a=1; b", False),
    (b"a=1; ; b=2", False),
    (b"a=1; ", False),
    (b"; a=1", False),
    (b"a=1;b=2", False),
    (b"a=1;  b=2", False),
    (b"a=1 ; b=2", False),
    (b"a =1", False),
    (b"a=1 b=2", False),
    (b"a=1,b=2", False),
    (b'a="1"', False),
    (b"a=[1]", False),
    (b"a=\\", False),
    (b"a=\t", False),
    (b"a=\x00; b=1", False),
    (b"a=\xe9", False),
]


@pytest.mark.parametrize(("header", "tidy"), TIDY)
def test_tidy_header_has_no_byte_with_a_meaning(header: bytes, tidy: bool) -> None:
    assert CookieHeader(header).tidy is tidy


@given(st.lists(st.sampled_from([b"a", b"b=", b"=", b";", b"; ", b" ", b",", b"1"]), max_size=9))
def test_short_way_reads_what_the_long_way_reads(pieces: list[bytes]) -> None:
    """A tidy header is split without looking at each segment; the result is the same."""
    header = b"".join(pieces)
    cookies = CookieHeader(header)
    if cookies.tidy:
        slow = CookieHeader(header + b" ")  # white space at the end, so no longer tidy
        assert not slow.tidy
        assert (cookies.segments, cookies.names) == (slow.segments, slow.names)
        assert cookies.whole
        assert slow.whole
        for name in slow.names:
            assert cookies.values(name) == slow.values(name)


@given(st.binary(max_size=80))
def test_split_keeps_bytes_and_order(header: bytes) -> None:
    """Every segment is a piece of the header (folds aside), in order, with its own name."""
    cookies = CookieHeader(header)
    place = 0
    for name, raw in zip(cookies.names, cookies.segments, strict=True):
        assert raw.startswith(name)
        assert not has_control(raw)
        assert raw == raw.strip(b" \t")
        if b"\n" not in header:
            place = header.index(raw, place) + len(raw)


@given(st.binary(max_size=60))
def test_split_of_joined_is_stable(header: bytes) -> None:
    segments = CookieHeader(header).segments
    again = CookieHeader(b"; ".join(segments))
    assert again.segments == segments
    assert again.whole == bool(segments)


def test_join_lines() -> None:
    assert join_lines([b"a=1"]) == b"a=1"
    assert join_lines([b"a=1", b"b=2", b"c=3"]) == b"a=1; b=2; c=3"


@pytest.mark.parametrize(
    ("segment", "value"),
    [
        (b"a=1", b"1"),
        (b"a \t=\t 1", b"1"),
        (b"a=", b""),
        (b"a=b=c", b"b=c"),
        (b"a", b""),
        (b'a="b"', b'"b"'),
    ],
)
def test_value_of(segment: bytes, value: bytes) -> None:
    assert value_of(segment) == value


def test_control_bytes_are_all_but_tab() -> None:
    controls = [byte for byte in range(256) if has_control(bytes([byte]))]
    assert controls == [*range(9), *range(10, 32), 127]


def test_token_alphabet() -> None:
    """RFC 9110, section 5.6.2, counted out."""
    alphabet = set(b"!#$%&'*+-.^_`|~0123456789")
    alphabet |= set(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    assert {byte for byte in range(256) if is_token(bytes([byte]))} == alphabet
    assert not is_token(b"")
    assert not is_token(b"a\n")


# --- Set-Cookie, read ---------------------------------------------------------------------------

NAMES: list[tuple[bytes, bytes | None]] = [
    (b"sid=1", b"sid"),
    (b"sid=1; HttpOnly", b"sid"),
    (b"  _ga  = x ; Path=/", b"_ga"),
    (b"\t_ga\t=x", b"_ga"),
    (b"sid=1, _ga=2", b"sid"),
    (b'sid="a;_ga=b"; Path=/', b"sid"),
    (b"sid=1; _ga=2; Path=/", b"sid"),
    (b"a=b=c", b"a"),
    (b"\xa0_ga=1", b"\xa0_ga"),
    (b"_ga=", b"_ga"),
    (b"_ga", None),
    (b"=_ga", None),
    (b"=", None),
    (b"", None),
    (b" ; Path=/", None),
    (b"_ga; x=1", None),
    (b"\x0b_ga=1", None),
    (b"_ga=1\x00; sid", None),
    (b"sid=1\r\nSet-Cookie: _ga=2", None),
    (b"sid=1; Path=/\x7f", None),
]


@pytest.mark.parametrize(("line", "name"), NAMES)
def test_set_cookie_name(line: bytes, name: bytes | None) -> None:
    cookie = read_set_cookie(line)
    assert (None if cookie is None else cookie.name) == name
    assert (set_cookie.name_of(line) or None) == name


def test_set_cookie_keeps_bytes() -> None:
    line = b' a = "b c" ; Path=/;;  Secure'
    cookie = read_set_cookie(line)
    assert cookie is not None
    assert (cookie.raw, cookie.rest) == (line, b"; Path=/;;  Secure")
    assert cookie.emptied() == b"a=; Path=/;;  Secure"


PAST, FUTURE = b"Thu, 01 Jan 1970 00:00:00 GMT", b"Fri, 01 Jan 2100 00:00:00 GMT"

DELETIONS: list[tuple[str, bytes, bool]] = [
    ("session cookie", b"", False),
    ("other attributes", b"; Path=/; Secure; Max-Agee=0", False),
    ("no age", b"; Max-Age=0", True),
    ("any case and spaces", b";  mAX-aGE \t= 0 ", True),
    ("negative age", b"; Max-Age=-1", True),
    ("very negative age", b"; Max-Age=-" + b"9" * 400, True),
    ("minus nothing", b"; Max-Age=-", False),
    ("minus zero", b"; Max-Age=-0", True),
    ("many zeros", b"; Max-Age=000000000000", True),
    ("one behind zeros", b"; Max-Age=0000000000001", False),
    ("some age", b"; Max-Age=60", False),
    ("huge age", b"; Max-Age=" + b"9" * 400, False),
    ("past", b"; Expires=" + PAST, True),
    ("future", b"; Expires=" + FUTURE, False),
    ("last age counts", b"; Max-Age=0; Max-Age=3600", False),
    ("last age counts, deletion", b"; Max-Age=3600; Max-Age=0", True),
    ("age beats earlier past", b"; Expires=" + PAST + b"; Max-Age=60", False),
    ("age beats later past", b"; Max-Age=60; Expires=" + PAST, False),
    ("age beats future", b"; Max-Age=0; Expires=" + FUTURE, True),
    ("last date counts", b"; Expires=" + PAST + b"; Expires=" + FUTURE, False),
    ("unreadable date is ignored", b"; Expires=" + PAST + b"; Expires=soon", True),
    ("unreadable age is ignored", b"; Max-Age=abc; Expires=" + FUTURE, False),
    ("unreadable age, past", b"; Max-Age=abc; Expires=" + PAST, True),
    ("unreadable age after one", b"; Max-Age=0; Max-Age=x", True),
    ("quoted age", b'; Max-Age="0"', False),
    ("empty age", b"; Max-Age= ", False),
    ("plus sign", b"; Max-Age=+0", False),
    ("decimal point", b"; Max-Age=0.0", False),
    ("other digits", "; Max-Age=\u0660".encode(), False),
    ("long date", b"; Expires=" + PAST + b" " + b"x" * 1025, False),
    ("longest date", b"; Expires=" + PAST.ljust(1024, b"x"), True),
    ("long age", b"; Max-Age=" + b"0" * 1025, False),
    ("age without a value", b"; Max-Age", False),
]


@pytest.mark.parametrize(
    ("attributes", "expected"), [row[1:] for row in DELETIONS], ids=[row[0] for row in DELETIONS]
)
def test_deletion(attributes: bytes, expected: bool) -> None:
    line = b"_ga=v" + attributes
    cookie = read_set_cookie(line)
    assert cookie is not None
    assert cookie.is_deletion(NOW) is expected
    assert set_cookie.is_deletion(line, NOW) is expected


def test_deletion_at_the_very_second() -> None:
    cookie = read_set_cookie(b"a=1; Expires=" + http_date(NOW))
    assert cookie is not None
    assert [cookie.is_deletion(NOW + shift) for shift in (-1, 0, 1)] == [False, True, True]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"sid=1, _ga=2", True),
        (b"sid=1; Path=/,_ga=2; Path=/", True),
        (b"sid=1,\t_ga =2", True),
        (b"sid=1; Expires=Thu, 01 Jan 2100 00:00:00 GMT; Path=/", False),
        (b"sid=1; Expires=Thu, 01 Jan 2100 00:00:00 GMT, _ga=2", True),
        (b"sid=a,b,c", False),
        (b"sid=1", False),
    ],
)
def test_folded_lines_are_recognised(line: bytes, expected: bool) -> None:
    assert is_folded(line) is expected


DATES: list[tuple[bytes, datetime | None]] = [
    (b"Thu, 01 Jan 1970 00:00:00 GMT", datetime(1970, 1, 1, tzinfo=UTC)),
    (b"Sunday, 06-Nov-94 08:49:37 GMT", datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)),
    (b"Sun Nov  6 08:49:37 1994", datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)),
    (b"1:2:3 9 december 69", datetime(2069, 12, 9, 1, 2, 3, tzinfo=UTC)),
    (b"9 dec 70 1:2:3", datetime(1970, 12, 9, 1, 2, 3, tzinfo=UTC)),
    (b"9 dec 99 1:2:3", datetime(1999, 12, 9, 1, 2, 3, tzinfo=UTC)),
    (b"9th DECember 0102 1:2:3", None),
    (b"09 Dec 2026 12:00:00+0100", datetime(2026, 12, 9, 12, tzinfo=UTC)),
    (b"09 Dec 2026 12:00:00pm", datetime(2026, 12, 9, 12, tzinfo=UTC)),
    (b"9th Dec 2026x 12:00:00", datetime(2026, 12, 9, 12, tzinfo=UTC)),
    (b"31 Dec 1600 00:00:00", None),
    (b"01 Jan 1601 00:00:00", datetime(1601, 1, 1, tzinfo=UTC)),
    (b"30 Feb 2026 00:00:00", None),
    (b"00 Jan 2026 00:00:00", None),
    (b"01 Jan 2026 24:00:00", None),
    (b"01 Jan 2026 00:00:60", None),
    (b"01 Jan 2026", None),
    (b"01 2026 00:00:00", None),
    (b"Jan 2026 00:00:00", None),
    (b"01 Jan 00:00:00", None),
    (b"01 Jan 20260 00:00:00", None),
    (b"", None),
    (b"\xff\xfe", None),
]


@pytest.mark.parametrize(("text", "moment"), DATES)
def test_cookie_date(text: bytes, moment: datetime | None) -> None:
    expected = None if moment is None else moment.timestamp()
    assert read_cookie_date(text) == expected
    assert set_cookie.parse_date(text) == expected


# --- Set-Cookie, written ------------------------------------------------------------------------

EXPIRED = "Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path="

EXPIRIES: list[tuple[str, str, Scope, bool, str | None]] = [
    ("host-only, http", "_ga", Scope(), False, "/"),
    ("host-only, https", "_ga", Scope(), True, "/; Secure"),
    ("domain", "_ga", Scope("shop.example"), False, "/; Domain=shop.example"),
    ("path", "_ga", Scope(path="/a"), True, "/a; Secure"),
    ("domain and path", "_ga", Scope("s.example", "/a"), True, "/a; Domain=s.example; Secure"),
    ("partitioned", "_ga", Scope(partitioned=True), True, "/; Secure; Partitioned"),
    ("partitioned on http", "_ga", Scope(partitioned=True), False, "/; Secure; Partitioned"),
    ("__Host-", "__Host-a", Scope(), False, "/; Secure"),
    ("__Host- in any case", "__hOsT-a", Scope(), False, "/; Secure"),
    ("__Host- partitioned", "__Host-a", Scope(partitioned=True), True, "/; Secure; Partitioned"),
    ("__Host- with a domain", "__Host-a", Scope("s.example"), True, None),
    ("__Host- with a path", "__Host-a", Scope(path="/a"), True, None),
    ("__Secure-", "__Secure-a", Scope("s.example"), False, "/; Domain=s.example; Secure"),
    ("__secure- in any case", "__SECURE-a", Scope(), False, "/; Secure"),
    ("__Http-", "__Http-a", Scope("s.example"), False, "/; Domain=s.example; Secure; HttpOnly"),
    ("__Host-Http-", "__Host-Http-a", Scope(), False, "/; Secure; HttpOnly"),
    ("__Host-Http- with a path", "__host-http-a", Scope(path="/x"), True, None),
    ("prefix inside the name", "a__Host-b", Scope("s.example"), False, "/; Domain=s.example"),
]


@pytest.mark.parametrize(
    ("name", "scope", "secure", "rest"),
    [row[1:] for row in EXPIRIES],
    ids=[row[0] for row in EXPIRIES],
)
def test_expire(name: str, scope: Scope, secure: bool, rest: str | None) -> None:
    line = expire(name.encode(), scope, secure=secure)
    if rest is None:
        assert line is None
        return
    assert line == f"{name}=; {EXPIRED}{rest}".encode()
    set_cookie.assert_strict(line)
    assert set_cookie.is_deletion(line, NOW)


PREFIXED = ["a", "__Host-a", "__Secure-a", "__Http-a", "__Host-Http-a", "__HOST-a"]
SCOPES = [
    Scope(domain, path, partitioned)
    for domain in (None, "shop.example")
    for path in ("/", "/cart")
    for partitioned in (False, True)
]


@pytest.mark.parametrize("name", PREFIXED)
@pytest.mark.parametrize("scope", SCOPES, ids=repr)
def test_expire_removes_from_browser(name: str, scope: Scope) -> None:
    """A cookie that a browser keeps in a scope is gone after the deletion for that scope."""
    url = "https://shop.example/cart/x"
    jar = Jar(now=NOW)
    attributes = [f"{name}=1", f"Path={scope.path}", "Secure", "HttpOnly", "Max-Age=600"]
    attributes += [f"Domain={scope.domain}"] if scope.domain else []
    attributes += ["Partitioned"] if scope.partitioned else []
    kept = not isinstance(jar.receive(url, "; ".join(attributes)), Refused)
    line = expire(name.encode(), scope, secure=True)
    assert (line is not None) is kept
    if line is not None:
        assert not isinstance(jar.receive(url, line), Refused)
    assert len(jar) == 0


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (0, b"Thu, 01 Jan 1970 00:00:00 GMT"),
        (784111777, b"Sun, 06 Nov 1994 08:49:37 GMT"),
        (1456704000, b"Mon, 29 Feb 2016 00:00:00 GMT"),
        (-1, b"Wed, 31 Dec 1969 23:59:59 GMT"),
        (4102444800.9, b"Fri, 01 Jan 2100 00:00:00 GMT"),
        (-62135596800, b"Mon, 01 Jan 0001 00:00:00 GMT"),
    ],
)
def test_http_date(moment: float, text: bytes) -> None:
    assert http_date(moment) == text


@given(st.integers(-11_000_000_000, 200_000_000_000))
def test_http_date_reads_back(moment: int) -> None:
    assert read_cookie_date(http_date(moment)) == moment


WRITES: list[tuple[str, bool, str | None, bytes]] = [
    ("host prefix", True, None, b"; Path=/; Secure; HttpOnly; SameSite=Lax"),
    (
        "domain",
        True,
        "shop.example",
        b"; Path=/; Domain=shop.example; Secure; HttpOnly; SameSite=Lax",
    ),
    ("plain http", False, None, b"; Path=/; HttpOnly; SameSite=Lax"),
]


@pytest.mark.parametrize(
    ("secure", "domain", "rest"), [row[1:] for row in WRITES], ids=[row[0] for row in WRITES]
)
def test_write(secure: bool, domain: str | None, rest: bytes) -> None:
    line = write(b"c", b"v.w", max_age=MAX_AGE_SECONDS, expires=0, secure=secure, domain=domain)
    date = b"Thu, 01 Jan 1970 00:00:00 GMT"
    assert line == b"c=v.w; Expires=" + date + b"; Max-Age=34560000" + rest
    set_cookie.assert_strict(line)


def test_longest_age_is_400_days() -> None:
    assert MAX_AGE_SECONDS == 400 * 24 * 60 * 60
