"""What the filter does to `Set-Cookie`, for any bytes: property 9, and 6 for responses.

The judge is a second reading of the draft that shares no line with the library.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookieconsent.core.cookies import read_cookie_date, read_set_cookie
from cookieconsent.core.filter import CookieFilter
from cookieconsent.engine.consent import Consent
from doors import NOON, request_to
from oracles import set_cookie
from oracles.jar import Jar
from oracles.set_cookie import Reason, Rejected
from properties.strategies import (
    DATES,
    SET_COOKIE_ATOMS,
    SWITCHABLE,
    Pairs,
    config,
    examples,
    filter_of,
    random_soups,
    response_headers,
    set_cookie_lines,
    soup,
)

CONSENT = Consent(config())
PAGE_URL = "https://shop.example/a/b"


def soups_and_lines(seed: int) -> Iterator[bytes]:
    for prefix in (b"_ga=1", b"sid=1; Path=/", b"_ga=; Max-Age=0"):
        yield from random_soups(seed, SET_COOKIE_ATOMS, 4_000, prefix=prefix)


def assert_same_reading(line: bytes) -> None:
    """Compare name and "is a deletion" with the draft's algorithm."""
    oracle = set_cookie.parse(line)
    ours = read_set_cookie(line)
    if isinstance(oracle, Rejected):
        # What is only too long for a browser is none of our business: it never gets stored.
        assert ours is None or oracle.reason is Reason.TOO_LARGE
    elif not oracle.name:
        assert ours is None
    else:
        assert ours is not None
        assert ours.name == oracle.name
        assert ours.is_deletion(NOON) == set_cookie.is_deletion(line, NOON), line


@pytest.mark.hostile(45, 47, 48, 50, 51, 52, 53)
@examples(600)
@given(line=set_cookie_lines())
def test_lines_read_as_the_draft_reads(line: bytes) -> None:
    assert_same_reading(line)


@pytest.mark.hostile(45, 47, 48, 50, 51, 52, 53)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_thousands_of_soups_read_alike(seed: int) -> None:
    for line in soups_and_lines(seed):
        assert_same_reading(line)


DATE_ATOMS = (
    *(b"Thu,", b" ", b"-", b":", b"1", b"01", b"31", b"29", b"jan", b"FEB", b"december", b"70"),
    *(
        b"69",
        b"99",
        b"100",
        b"1600",
        b"1601",
        b"2024",
        b"2023",
        b"00:00:00",
        b"23:59:59",
        b"24:0:0",
    ),
    *(b"1:2:3x", b"12:60:1", b"GMT", b"\x80", b"a", b"00001", b"0", b"th", b"\t", b"/", b"9999"),
    *DATES,
)


@pytest.mark.hostile(53)
@examples(600)
@given(text=st.one_of(soup(DATE_ATOMS, max_size=9), st.binary(max_size=40)))
def test_dates_read_as_the_draft_reads(text: bytes) -> None:
    assert read_cookie_date(text) == set_cookie.parse_date(text)


@pytest.mark.hostile(53)
def test_thousands_of_dates_read_alike() -> None:
    for text in random_soups(4, DATE_ATOMS, 15_000, prefix=b"1 jan ", size=6):
        assert read_cookie_date(text) == set_cookie.parse_date(text), text


def assert_right_fate(cookie_filter: CookieFilter, line: bytes, granted: tuple[str, ...]) -> None:
    """An allowed cookie passes as it is, a denied one only as a deletion, any other never."""
    out = cookie_filter.response(line, NOON)
    name = set_cookie.name_of(line)
    if name is None:
        assert out is None or out == line
        return
    cls = CONSENT.registry.classify(name).cls
    if name and cls in {"authentication", "cart", "consent", *granted}:
        assert out == (None if name == CONSENT.cookie_name else line)
    elif out is not None:
        sent, got = set_cookie.parse(line), set_cookie.parse(out)
        assert not isinstance(sent, Rejected)
        assert not isinstance(got, Rejected)
        assert set_cookie.is_deletion(line, NOON)
        assert set_cookie.is_deletion(out, NOON)
        assert not got.value
        assert (got.name, got.domain, got.path) == (sent.name, sent.domain, sent.path)
        assert (got.secure, got.partitioned) == (sent.secure, sent.partitioned)


@pytest.mark.hostile(43, 46, 49, 52, 53, 54, 55)
@pytest.mark.parametrize("granted", [(), ("analytics",), SWITCHABLE], ids=["none", "some", "all"])
@examples(300)
@given(line=set_cookie_lines())
def test_each_line_has_its_fate(line: bytes, granted: tuple[str, ...]) -> None:
    assert_right_fate(filter_of(CONSENT, *granted), line, granted)


@pytest.mark.hostile(52, 53, 54)
def test_thousands_of_lines_have_their_fate() -> None:
    cookie_filter = filter_of(CONSENT)
    for line in soups_and_lines(5):
        assert_right_fate(cookie_filter, line, ())


@pytest.mark.hostile(52, 53, 54)
@examples(300)
@given(line=set_cookie_lines())
def test_no_jar_holds_denied_cookies(line: bytes) -> None:
    """What passes leaves no denied cookie in a browser, and deletes what it deleted before."""
    out = filter_of(CONSENT).response(line, NOON)
    jar, plain = (Jar(now=NOON) for _ in range(2))
    for each in (jar, plain):
        each.receive(PAGE_URL, b"_ga=old; Path=/")
    plain.receive(PAGE_URL, line)
    if out is not None:
        jar.receive(PAGE_URL, out)
    fresh = [cookie for cookie in jar if cookie.value != b"old"]
    allowed = {"authentication", "cart", "consent"}
    assert all(CONSENT.registry.classify(cookie.name).cls in allowed for cookie in fresh)
    if not plain.find("_ga"):
        assert not jar.find("_ga"), "a deletion got lost"


@pytest.mark.hostile(43, 44, 46)
@examples(300)
@given(headers=response_headers(), status=st.sampled_from([200, 204, 302, 404, 500]))
def test_other_headers_keep_their_place(headers: Pairs, status: int) -> None:
    """Filtered or not, what is no cookie stays in order, and kept cookies keep theirs."""
    headers = [pair for pair in headers if pair[0].lower() != b"content-type"]
    exchange = request_to(CONSENT)
    before = list(headers)
    out = exchange.start(status, headers)
    assert headers == before
    rest = iter(before)
    for pair in out:
        emptied = set_cookie.is_deletion(pair[1], NOON)
        assert any(
            pair == other or (emptied and pair[0] == other[0] and is_emptied(pair[1], other[1]))
            for other in rest
        ), (pair, before)
    others = [pair for pair in before if pair[0].lower() != b"set-cookie"]
    assert [pair for pair in out if pair[0].lower() != b"set-cookie"] == others


def is_emptied(line: bytes, original: bytes) -> bool:
    return line.partition(b";")[2] == original.partition(b";")[2]


@pytest.mark.hostile(42)
@examples(300)
@given(line=set_cookie_lines())
def test_filtering_twice_changes_nothing(line: bytes) -> None:
    cookie_filter = filter_of(CONSENT)
    once = cookie_filter.response(line, NOON)
    if once is not None:
        assert cookie_filter.response(once, NOON) == once
