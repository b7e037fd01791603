"""The reading and judging of one `Set-Cookie` line."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracles.set_cookie import (
    AGE_LIMIT,
    EARLIEST,
    Reason,
    Rejected,
    SameSite,
    SetCookie,
    assert_strict,
    is_deletion,
    name_of,
    parse,
    parse_date,
    seconds,
)

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
PAST = b"Thu, 01 Jan 1970 00:00:00 GMT"
FUTURE = b"Wed, 01 Jul 2026 12:00:01 GMT"

PAIRS = [
    (b"sid=1", b"sid", b"1"),
    (b"sid=", b"sid", b""),
    (b"sid=a=b==", b"sid", b"a=b=="),
    (b" \t sid \t=\t 1 \t; Path=/", b"sid", b"1"),
    (b'sid="a;_ga=b"; Path=/', b"sid", b'"a'),
    (b'sid="a b"', b"sid", b'"a b"'),
    (b"sid=1; _ga=2; Path=/", b"sid", b"1"),
    (b"sid=1, _ga=2", b"sid", b"1, _ga=2"),
    (b"_ga", b"", b"_ga"),
    (b"=_ga", b"", b"_ga"),
    (b" = _ga ; Secure", b"", b"_ga"),
    (b"==", b"", b"="),
    (b"\xa0_ga=1", b"\xa0_ga", b"1"),
    (b"a\tb=c\td", b"a\tb", b"c\td"),
    (b"s\xd1\x96d=\xff", b"s\xd1\x96d", b"\xff"),
    (b"%73id=%31", b"%73id", b"%31"),
    (b"a" * 2048 + b"=" + b"b" * 2048, b"a" * 2048, b"b" * 2048),
]


@pytest.mark.parametrize(("line", "name", "value"), PAIRS)
def test_name_and_value(line: bytes, name: bytes, value: bytes) -> None:
    cookie = parse(line)
    assert isinstance(cookie, SetCookie)
    assert (cookie.name, cookie.value) == (name, value)
    assert name_of(line) == name


IGNORED = [
    (b"", Reason.EMPTY),
    (b"=", Reason.EMPTY),
    (b" \t=\t ; Path=/", Reason.EMPTY),
    (b"; Path=/", Reason.EMPTY),
    (b"\x0b_ga=1", Reason.CONTROL),
    (b"_ga=1\x00; sid", Reason.CONTROL),
    (b"sid=2\r\nSet-Cookie: _ga=2", Reason.CONTROL),
    (b"sid=1; Path=/\x7f", Reason.CONTROL),
    (b"sid=1; Path=/\x1f", Reason.CONTROL),
    (b"a" * 2048 + b"=" + b"b" * 2049, Reason.TOO_LARGE),
    (b"=" + b"b" * 4097, Reason.TOO_LARGE),
]


@pytest.mark.parametrize(("line", "reason"), IGNORED)
def test_ignored_line(line: bytes, reason: Reason) -> None:
    assert parse(line) == Rejected(reason)
    assert name_of(line) is None
    assert not is_deletion(line, NOW)


@pytest.mark.parametrize("octet", [*range(9), *range(10, 32), 127])
def test_every_control_but_tab_is_fatal_anywhere(octet: int) -> None:
    control = bytes([octet])
    lines = [control + b"a=1", b"a=1" + control, b"a=1; Path=/; x" + control]
    assert {name_of(line) for line in lines} == {None}


ATTRIBUTES = [
    (b"; Secure", {"secure": True}),
    (b";secure;", {"secure": True}),
    (b"; Secure=false", {"secure": True}),
    (b"; \tSECURE\t", {"secure": True}),
    (b'; "Secure"', {}),
    (b"; Secure qux", {}),
    (b"; HttpOnly", {"http_only": True}),
    (b"; httponly=", {"http_only": True}),
    (b"; Partitioned", {"partitioned": True}),
    (b"; partitioned=no", {"partitioned": True}),
    (b"; Path=/a", {"path": "/a"}),
    (b"; pAtH = /a b ", {"path": "/a b"}),
    (b"; Path=/caf\xc3\xa9", {"path": "/caf\xc3\xa9"}),
    (b"; Path=a", {}),
    (b"; Path", {}),
    (b"; Path=/a; Path=/b", {"path": "/b"}),
    (b"; Path=/a; Path=b", {}),
    (b"; Domain=Shop.EXAMPLE", {"domain": "shop.example"}),
    (b"; Domain=.shop.example", {"domain": "shop.example"}),
    (b"; Domain=..shop.example", {"domain": ".shop.example"}),
    (b"; Domain=", {"domain": ""}),
    (b"; Domain=a.example; Domain=b.example", {"domain": "b.example"}),
    (b"; SameSite=Strict", {"same_site": SameSite.STRICT}),
    (b"; samesite=LAX", {"same_site": SameSite.LAX}),
    (b"; SameSite=None", {"same_site": SameSite.NONE}),
    (b"; SameSite", {}),
    (b"; SameSite=odd", {}),
    (b"; SameSite=Strict; SameSite=odd", {}),
    (b"; SameSite=Lax; SameSite=Strict", {"same_site": SameSite.STRICT}),
    (b"; Max-Age=60", {"max_age": 60}),
    (b"; Max-Age=-60", {"max_age": -60}),
    (b"; Max-Age=0060", {"max_age": 60}),
    (b"; Max-Age=" + b"9" * 40, {"max_age": int("9" * 40)}),
    (b"; Max-Age=", {}),
    (b"; Max-Age", {}),
    (b"; Max-Age=-", {}),
    (b"; Max-Age=+60", {}),
    (b"; Max-Age=6_0", {}),
    (b"; Max-Age=60s", {}),
    (b'; Max-Age="0"', {}),
    (b"; Max-Age=\xb2", {}),
    (b"; Max-Age=--1", {}),
    (b"; Max-Age=1; Max-Age=2", {"max_age": 2}),
    (b"; Max-Age=1; Max-Age=x", {"max_age": 1}),
    (b"; Expires=" + PAST, {"expires": 0.0}),
    (b"; Expires=never", {}),
    (b"; Expires=" + PAST + b"; Expires=never", {"expires": 0.0}),
    (b"; Path=/" + b"a" * 1023, {"path": "/" + "a" * 1023}),
    (b"; Path=/" + b"a" * 1024, {}),
    (b"; Path=/a; Path=/" + b"a" * 1024, {"path": "/a"}),
    (b"; Domain=" + b"a" * 1025, {}),
    (b"; Secure=" + b"a" * 1025, {}),
    (b"; _ga=2; Comment=x; Version=1; Priority=High", {}),
    (b";;; ;=;==;", {}),
]


@pytest.mark.parametrize(("attributes", "expected"), ATTRIBUTES)
def test_attributes(attributes: bytes, expected: dict[str, object]) -> None:
    wanted = SetCookie(name=b"a", value=b"1", **expected)  # type: ignore[arg-type]
    assert parse(b"a=1" + attributes) == wanted


DATES = [
    ("Wed, 09 Jun 2021 10:18:14 GMT", (2021, 6, 9, 10, 18, 14)),
    ("Wed, 09-Jun-2021 10:18:14 GMT", (2021, 6, 9, 10, 18, 14)),
    ("Wed, 9 Jun 21 1:2:3 GMT", (2021, 6, 9, 1, 2, 3)),
    ("Sunday, 06-Nov-94 08:49:37 GMT", (1994, 11, 6, 8, 49, 37)),
    ("Sun Nov  6 08:49:37 1994", (1994, 11, 6, 8, 49, 37)),
    ("06 November 1994 08:49:37", (1994, 11, 6, 8, 49, 37)),
    ("1994 nOvEmBeR 08:49:37 06", (1994, 11, 6, 8, 49, 37)),
    ("08:49:37GMT 6th Nov 1994", (1994, 11, 6, 8, 49, 37)),
    ("6 Nov 1994 08:49:37 +0900", (1994, 11, 6, 8, 49, 37)),  # zones are not looked at
    ("6 Nov 94 08:49:37", (1994, 11, 6, 8, 49, 37)),
    ("6 Nov 69 08:49:37", (2069, 11, 6, 8, 49, 37)),
    ("6 Nov 70 08:49:37", (1970, 11, 6, 8, 49, 37)),
    ("6 Nov 99 08:49:37", (1999, 11, 6, 8, 49, 37)),
    ("6 Nov 00 08:49:37", (2000, 11, 6, 8, 49, 37)),
    ("6 Nov 1601 00:00:00", (1601, 11, 6, 0, 0, 0)),
    ("29 Feb 2024 00:00:00", (2024, 2, 29, 0, 0, 0)),
    ("6 Nov 9999 23:59:59", (9999, 11, 6, 23, 59, 59)),
    ("6 Nov 1600 00:00:00", None),
    ("6 Nov 100 00:00:00", None),
    ("6 Nov 199 00:00:00", None),
    ("6 Nov 19940 00:00:00", None),
    ("29 Feb 2023 00:00:00", None),
    ("31 Apr 2021 00:00:00", None),
    ("0 Jun 2021 00:00:00", None),
    ("32 Jun 2021 00:00:00", None),
    ("6 Jun 2021 24:00:00", None),
    ("6 Jun 2021 00:60:00", None),
    ("6 Jun 2021 00:00:60", None),
    ("6 Jun 2021 00:00", None),
    ("6 Jun 2021 00:00:123", None),
    ("6 Jun 2021", None),
    ("Jun 2021 00:00:00", None),
    ("6 2021 00:00:00", None),
    ("6 Jux 2021 00:00:00", None),
    ("6 Jun 00:00:00", None),
    ("2021-06-09T10:18:14Z", None),
    ("0", None),
    ("", None),
]


@pytest.mark.parametrize(("text", "expected"), DATES)
def test_cookie_date(text: str, expected: tuple[int, ...] | None) -> None:
    wanted = None if expected is None else float(calendar.timegm((*expected, 0, 0, 0)))
    assert parse_date(text.encode()) == wanted


@given(st.datetimes(min_value=datetime(1601, 1, 1), max_value=datetime(9999, 12, 31)))  # noqa: DTZ001
def test_every_fixdate_is_read_back(moment: datetime) -> None:
    moment = moment.replace(microsecond=0, tzinfo=UTC)
    fixdate = format_datetime(moment, usegmt=True).encode()
    assert parse_date(fixdate) == moment.timestamp()
    if moment <= NOW:
        assert is_deletion(b"a=; Expires=" + fixdate, NOW)
    assert_strict(b"a=1; Expires=" + fixdate)


DELETIONS = [
    (b"_ga=; Max-Age=0; Path=/", True),
    (b"_ga=; Max-Age=-1", True),
    (b"_ga=; Expires=" + PAST, True),
    (b"_ga=ID123; Max-Age=0", True),
    (b"_ga; Max-Age=0", True),
    (b"_ga=; Max-Age=3600; Max-Age=0", True),
    (b"_ga=; Expires=" + FUTURE + b"; Max-Age=0", True),
    (b"_ga=; Max-Age=0; Expires=" + FUTURE, True),
    (b"_ga=; Max-Age=0; Max-Age=abc", True),
    (b"_ga=; Expires=" + PAST + b"; Max-Age=abc", True),
    (b"_ga=; Expires=" + FUTURE + b"; Expires=" + PAST, True),
    (b"_ga=; Max-Age=-0", True),
    (b"_ga=; expires=Wed, 01 Jul 2026 12:00:00 GMT", True),
    (b"_ga=", False),
    (b"_ga=v; Max-Age=0; Max-Age=3600", False),
    (b"_ga=v; Expires=" + PAST + b"; Max-Age=60", False),
    (b"_ga=v; Max-Age=60; Expires=" + PAST, False),
    (b"_ga=v; Max-Age=abc; Expires=" + FUTURE, False),
    (b'_ga=v; Max-Age="0"', False),
    (b"_ga=v; Max-Age= ", False),
    (b"_ga=v; Expires=" + PAST.ljust(1025, b"0"), False),
    (b"_ga=v; Expires=0", False),
    (b"_ga=v; Expires=" + PAST + b"; Expires=" + FUTURE, False),
    (b"_ga=Max-Age=0", False),
    (b'_ga="x; Max-Age=0"', False),
    (b"_ga=\x01; Max-Age=0", False),
    (b"=; Max-Age=0", False),
]


@pytest.mark.parametrize(("line", "expected"), DELETIONS)
def test_deletion(line: bytes, expected: bool) -> None:
    assert is_deletion(line, NOW) is expected
    assert is_deletion(line, NOW.timestamp()) is expected


def test_deletion_depends_on_the_moment() -> None:
    line = b"a=1; Expires=Wed, 01 Jul 2026 12:00:00 GMT"
    assert [is_deletion(line, NOW + timedelta(seconds=step)) for step in (-1, 0, 1)] == [
        False,
        True,
        True,
    ]


LIFETIMES = [
    (b"", None),
    (b"; Max-Age=1", 1),
    (b"; Max-Age=60", 60),
    (b"; Max-Age=0", EARLIEST - NOW.timestamp()),
    (b"; Max-Age=-60", EARLIEST - NOW.timestamp()),
    (b"; Max-Age=60; Expires=" + PAST, 60),
    (b"; Max-Age=34560000", AGE_LIMIT),
    (b"; Max-Age=34560001", AGE_LIMIT),
    (b"; Expires=Wed, 01 Jul 2026 12:00:01 GMT", 1),
    (b"; Expires=Fri, 01 Jul 2050 12:00:01 GMT", AGE_LIMIT),
]


@pytest.mark.parametrize(("attributes", "expected"), LIFETIMES)
def test_lifetime_is_capped(attributes: bytes, expected: float | None) -> None:
    cookie = parse(b"a=1" + attributes)
    assert isinstance(cookie, SetCookie)
    expiry = cookie.expiry(NOW)
    assert (expiry if expiry is None else expiry - NOW.timestamp()) == expected


def test_naive_datetime_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        seconds(datetime(2026, 7, 1))  # noqa: DTZ001


STRICT = [
    b"sid=1",
    b"sid=",
    b'sid="abc"',
    b"sid=1; Path=/; Domain=shop.example; Secure; HttpOnly; SameSite=Lax",
    b"sid=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
    b"sid=1; Max-Age=34560000",
    b"sid=1; path=/a b; secure; samesite=None",
    b"sid=1; Secure; Partitioned; SameSite=None",
    b"__Host-sid=1; Path=/; Secure",
    b"__Secure-sid=1; Secure; Domain=shop.example",
    b"__Http-sid=1; Secure; HttpOnly",
    b"__Host-Http-sid=1; Secure; HttpOnly; Path=/",
    b"!#$%&'*+-.^_`|~=!#$%&'()*+-./:<=>?@[]^_`{|}~",
    b"a" * 2048 + b"=" + b"b" * 2048,
    b"a=1; Path=/" + b"b" * 1023,
    b"a=1; Domain=xn--bcher-kva.example",
]


@pytest.mark.parametrize("line", STRICT)
def test_strict_line(line: bytes) -> None:
    assert_strict(line)
    assert name_of(line) == line.partition(b"=")[0]


LAX = [
    (b"sid", "'='"),
    (b"=1", "token"),
    (b"s d=1", "token"),
    (b" sid=1", "token"),
    (b"sid =1", "token"),
    (b"s\xc3\xafd=1", "token"),
    (b"s@d=1", "token"),
    (b"sid= 1", "cookie-octets"),
    (b"sid=a b", "cookie-octets"),
    (b"sid=a,b", "cookie-octets"),
    (b'sid=a"b', "cookie-octets"),
    (b'sid="a', "cookie-octets"),
    (b"sid=a\\b", "cookie-octets"),
    (b"sid=\xff", "cookie-octets"),
    (b"sid=1\r\nX: y", "cookie-octets"),
    (b"sid=1;Path=/", "cookie-octets"),
    (b"sid=1;  Path=/", "no attribute"),
    (b"sid=1; Path=/;", "Path"),
    (b"sid=1; ", "no attribute"),
    (b"sid=1; Path=", "grammar"),
    (b"sid=1; Path=a", "grammar"),
    (b"sid=1; Path=/\xff", "grammar"),
    (b"sid=1; Path", "grammar"),
    (b"sid=1; Path=/; path=/", "twice"),
    (b"sid=1; Secure=", "no value"),
    (b"sid=1; HttpOnly=1", "no value"),
    (b"sid=1; Max-Age=-1", "grammar"),
    (b"sid=1; Max-Age=", "grammar"),
    (b"sid=1; Max-Age=34560001", "grammar"),
    (b"sid=1; Max-Age", "grammar"),
    (b"sid=1; Domain=.shop.example", "grammar"),
    (b"sid=1; Domain=shop.example.", "grammar"),
    (b"sid=1; Domain=", "grammar"),
    (b"sid=1; Domain=shop.example:80", "grammar"),
    (b"sid=1; Domain=-shop.example", "grammar"),
    (b"sid=1; SameSite=lax", "grammar"),
    (b"sid=1; SameSite=odd", "grammar"),
    (b"sid=1; Expires=Thu, 1 Jan 1970 00:00:00 GMT", "grammar"),
    (b"sid=1; Expires=Fri, 01 Jan 1970 00:00:00 GMT", "grammar"),
    (b"sid=1; Expires=Thu, 01-Jan-1970 00:00:00 GMT", "grammar"),
    (b"sid=1; Expires=0", "grammar"),
    (b"sid=1; Version=1", "no attribute"),
    (b"sid=1; SameSite=None", "SameSite=None"),
    (b"sid=1; Partitioned", "Partitioned"),
    (b"__Secure-sid=1", "__Secure-"),
    (b"__Host-sid=1; Secure", "__Host-"),
    (b"__Host-sid=1; Path=/", "__Host-"),
    (b"__Host-sid=1; Path=/a; Secure", "__Host-"),
    (b"__Host-sid=1; Path=/; Secure; Domain=shop.example", "__Host-"),
    (b"__host-sid=1; Path=/", "__Host-"),
    (b"__Http-sid=1; Secure", "__Http-"),
    (b"__Http-sid=1; HttpOnly", "__Http-"),
    (b"__Host-Http-sid=1; Secure; Path=/", "__Http-"),
    (b"__Host-Http-sid=1; Secure; HttpOnly", "__Host-"),
    (b"a" * 2048 + b"=" + b"b" * 2049, "4096"),
    (b"a=1; Path=/" + b"b" * 1024, "too long"),
]


@pytest.mark.parametrize(("line", "why"), LAX)
def test_line_that_no_server_may_send(line: bytes, why: str) -> None:
    with pytest.raises(AssertionError) as caught:
        assert_strict(line)
    assert why in str(caught.value)


SOUP = st.lists(
    st.sampled_from(
        [
            b"sid", b"_ga", b"=", b";", b" ", b"\t", b'"', b",", b"\\", b"\xa0", b"\x00", b"\r\n",
            b"Path", b"=/", b"Domain", b"shop.example", b"Max-Age", b"0", b"-1", b"60", b"Expires",
            PAST, FUTURE, b"Secure", b"HttpOnly", b"SameSite", b"None", b"Partitioned", b"__Host-",
        ]
    )
).map(b"".join)  # fmt: skip


@given(st.one_of(st.binary(max_size=200), SOUP))
def test_garbage_is_read_or_ignored_but_never_raises(line: bytes) -> None:
    cookie = parse(line)
    name = name_of(line)
    assert (name is None) == isinstance(cookie, Rejected)
    assert isinstance(is_deletion(line, NOW), bool)
    if name is not None:
        assert name in line
        assert b";" not in name
        assert b"=" not in name
        assert name == name.strip(b" \t")


@given(SOUP)
def test_strict_lines_are_read_as_written(line: bytes) -> None:
    try:
        assert_strict(line)
    except AssertionError:
        return
    cookie = parse(line)
    assert isinstance(cookie, SetCookie)
    assert cookie.name + b"=" + cookie.value == line.partition(b";")[0]
