"""What is kept of a `Set-Cookie` line never tells its value."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest

from cookieconsent.observation.lines import read_entry, read_line

NOW = 1_790_000_000.0

PRINTED = [
    (b"a=yes", "a=<3 octets>"),
    (b"a=", "a="),
    (b"S3CR3T", "<6 octets>"),
    (b'q="a;S3CR3Tb"', "q=<2 octets>; <8 octets>"),
    (b"k=1; S3CR3T;", "k=<1 octet>; <6 octets>"),
    (b"k=1; S3CR3T=S3CR3T", "k=<1 octet>; <13 octets>"),
    (b"j=1; Expires=S3CR3T", "j=<1 octet>; Expires=<6 octets>"),
    (
        b"j=1; Expires=S3CR3T Wed, 01 Jan 2031 00:00:00 GMT",
        "j=<1 octet>; Expires=<36 octets>",
    ),
    (b"a=1; max-age=1S3CR3T", "a=<1 octet>; max-age=<7 octets>"),
    (b"a=1; Secure=S3CR3T; HttpOnly=x", "a=<1 octet>; Secure=<6 octets>; HttpOnly=<1 octet>"),
    (b"a=1; Path=S3CR3T", "a=<1 octet>; Path=<6 octets>"),
    (b'a=1; Domain="S3CR3T"', "a=<1 octet>; Domain=<8 octets>"),
    (b"a=1; SameSite=S3CR3T", "a=<1 octet>; SameSite=<6 octets>"),
    (b"a=1; Priority=S3CR3T", "a=<1 octet>; Priority=<6 octets>"),
    (b"a=S3CR3TS3CR3T", "a=<12 octets, sha256 DIGEST...>"),
    (b"S3CR3TS3CR3T", "<12 octets, sha256 DIGEST...>"),
    (b"a=S3CR3TS", "a=<7 octets>"),
    (b"a=S3CR3T@shop.example", "a=<19 octets>"),
    (b"a=1990-01-01", "a=<10 octets>"),
    (b"a=+49 (170) 123456", "a=<16 octets>"),
    (b"a=123456789012345678", "a=<18 octets>"),
]


@pytest.mark.parametrize(("line", "text"), PRINTED)
def test_nothing_of_a_value_is_printed(line: bytes, text: str) -> None:
    seen = read_line(line, NOW)
    assert seen.text == text.replace("DIGEST", hashlib.sha256(b"S3CR3TS3CR3T").hexdigest()[:4])
    assert "S3CR3T" not in repr(seen).upper()


@pytest.mark.parametrize(
    "rest",
    [
        "Path=/a b; Domain=.shop.example; Secure; HttpOnly; SameSite=Lax; Partitioned",
        "Max-Age=-1; Priority=High; samesite=none; path=",
        "Expires=Wed, 01 Jan 2031 00:00:00 GMT",
        "expires=Wednesday, 01-January-31 00:00:00 UTC",
        "Expires=Sun Nov  6 08:49:37 1994",
    ],
)
def test_known_attributes_are_printed(rest: str) -> None:
    seen = read_line(f"a=1; {rest}".encode(), NOW)
    assert seen.text == f"a=<1 octet>; {rest}"
    assert [name for name, _ in seen.attributes] == [
        part.partition("=")[0].strip().lower() for part in rest.split(";")
    ]


def test_hidden_dates_count_all_the_same() -> None:
    hidden = read_line(b"a=1; Expires=x Wed, 01 Jan 2031 00:00:00 GMT", NOW)
    told = read_line(b"a=1; Expires=Wed, 01 Jan 2031 00:00:00 GMT", NOW)
    assert hidden.lifetime == told.lifetime
    assert told.lifetime is not None
    assert told.lifetime > timedelta(days=1)
    assert hidden.malformed is None


def test_values_are_compared_by_their_digests() -> None:
    assert read_line(b"a=yes", NOW).digest == read_entry(b"b", b"yes").digest
    assert read_line(b"a=yes", NOW).digest != read_line(b"a=no", NOW).digest


def test_entries_are_printed_without_values() -> None:
    assert read_entry(b"key", b"yes").text == "key=<3 octets>"


def test_digest_tells_two_values_apart() -> None:
    first, second, again = (read_line(b"a=session-" + x, NOW).text for x in (b"1", b"2", b"1"))
    assert first == again != second
    assert read_entry(b"key", b"").text == "key"


PAST, LATER = "Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 02 Jan 1970 00:00:00 GMT"


@pytest.mark.parametrize(
    ("attributes", "seconds"),
    [
        ("Max-Age=60; Max-Age=120", 120),
        ("Max-Age=60; Max-Age=soon", 60),
        ("Max-Age=60; Max-Age=", 60),
        (f"Max-Age=60; Max-Age=soon; Expires={PAST}", 60),
        (f"Expires={LATER}; Expires=tomorrow", 86_400),
        (f"Expires={PAST}; Expires={LATER}", 86_400),
        ("Max-Age=soon", None),
    ],
)
def test_lifetime_is_the_last_that_browsers_understand(attributes: str, seconds: int) -> None:
    line = read_line(f"a=1; {attributes}".encode(), 0)
    lifetime = None if line.lifetime is None else line.lifetime.total_seconds()
    assert (lifetime, line.deletes) == (seconds, False)
