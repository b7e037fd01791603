"""The user agent model: what it keeps, what it sends, what it forgets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracles.jar import (
    Cookie,
    Jar,
    Reason,
    Rejected,
    SameSite,
    default_path,
    domain_matches,
    path_matches,
)

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
HTTPS = "https://shop.example/"
HTTP = "http://shop.example/"
WWW = "https://www.shop.example/"
FOREIGN = "https://news.example/"
DAY = 24 * 60 * 60


def kept(jar: Jar, url: str, line: bytes | str) -> Cookie:
    """Receive a line that must be taken."""
    result = jar.receive(url, line)
    assert isinstance(result, Cookie)
    return result


# --- one line, one verdict ----------------------------------------------------------------------

VERDICTS: list[tuple[str, str | bytes, Reason | None]] = [
    # bis 5.6: the line itself
    (HTTPS, "sid=1", None),
    (HTTPS, "sid", None),
    (HTTPS, "sid=1\ttab", None),
    (HTTPS, "sid=\x01", Reason.CONTROL),
    (HTTPS, "sid=1; Path=/\r\nX: y", Reason.CONTROL),
    (HTTPS, "", Reason.EMPTY),
    (HTTPS, " = ; Path=/", Reason.EMPTY),
    (HTTPS, "a" * 2048 + "=" + "b" * 2048, None),
    (HTTPS, "a" * 2048 + "=" + "b" * 2049, Reason.TOO_LARGE),
    (HTTPS, "a=1; Path=/" + "b" * 1024, None),
    (HTTPS, "a=1; Domain=evil.test" + "x" * 1024, None),
    # bis 5.7 steps 8 to 10: domain
    (HTTPS, "a=1; Domain=shop.example", None),
    (WWW, "a=1; Domain=shop.example", None),
    (WWW, "a=1; Domain=.SHOP.Example", None),
    ("https://SHOP.example/", "a=1; Domain=shop.example", None),
    (HTTPS, "a=1; Domain=", None),
    (HTTPS, "a=1; Domain=..shop.example", Reason.FOREIGN_DOMAIN),
    (HTTPS, "a=1; Domain=shop.example.", Reason.FOREIGN_DOMAIN),
    (HTTPS, "a=1; Domain=www.shop.example", Reason.FOREIGN_DOMAIN),
    (HTTPS, "a=1; Domain=hop.example", Reason.FOREIGN_DOMAIN),
    (HTTPS, "a=1; Domain=news.example", Reason.FOREIGN_DOMAIN),
    (HTTPS, "a=1; Domain=shop.example:443", Reason.FOREIGN_DOMAIN),
    (HTTPS, "a=1; Domain=shop.example; Domain=news.example", Reason.FOREIGN_DOMAIN),
    (HTTPS, "a=1; Domain=news.example; Domain=shop.example", None),
    (HTTPS, b"a=1; Domain=b\xc3\xbccher.example", Reason.BAD_DOMAIN),
    ("https://b\xfccher.example/", "a=1; Domain=xn--bcher-kva.example", None),
    (HTTPS, "a=1; Domain=example", Reason.PUBLIC_SUFFIX),
    (HTTPS, "a=1; Domain=.example", Reason.PUBLIC_SUFFIX),
    ("https://a.co.uk/", "a=1; Domain=co.uk", Reason.PUBLIC_SUFFIX),
    ("https://me.github.io/", "a=1; Domain=github.io", Reason.PUBLIC_SUFFIX),
    ("https://github.io/", "a=1; Domain=github.io", None),
    ("https://a.unlisted/", "a=1; Domain=unlisted", Reason.PUBLIC_SUFFIX),
    ("http://localhost/", "a=1; Domain=localhost", None),
    ("http://192.0.2.1/", "a=1; Domain=192.0.2.1", None),
    ("http://192.0.2.1/", "a=1; Domain=0.2.1", Reason.FOREIGN_DOMAIN),
    ("http://192.0.2.1/", "a=1; Domain=1", Reason.PUBLIC_SUFFIX),
    ("http://[2001:db8::1]/", "a=1; Domain=[2001:db8::1]", None),
    ("http://[2001:db8::1]/", "a=1; Domain=2001:db8::2", Reason.FOREIGN_DOMAIN),
    # step 13: Secure
    (HTTPS, "a=1; Secure", None),
    ("wss://shop.example/", "a=1; Secure", None),
    (HTTP, "a=1", None),
    (HTTP, "a=1; Secure", Reason.INSECURE_ORIGIN),
    ("ws://shop.example/", "a=1; Secure", Reason.INSECURE_ORIGIN),
    ("http://localhost/", "a=1; Secure", Reason.INSECURE_ORIGIN),
    # step 19: SameSite=None
    (HTTPS, "a=1; SameSite=None; Secure", None),
    (HTTPS, "a=1; SameSite=None", Reason.NONE_WITHOUT_SECURE),
    (HTTP, "a=1; SameSite=None", Reason.NONE_WITHOUT_SECURE),
    (HTTPS, "a=1; SameSite=None; SameSite=Lax", None),
    (HTTPS, "a=1; SameSite=None; SameSite=odd", None),
    # CHIPS
    (HTTPS, "a=1; Partitioned; Secure", None),
    (HTTPS, "a=1; Partitioned", Reason.PARTITIONED_WITHOUT_SECURE),
    (HTTPS, "__Host-a=1; Partitioned; Secure; Path=/; SameSite=None", None),
    # steps 20 to 22: prefixes, whatever their case
    (HTTPS, "__Secure-a=1; Secure", None),
    (HTTPS, "__Secure-a=1; Secure; Domain=shop.example; Path=/x", None),
    (HTTPS, "__Secure-a=1", Reason.SECURE_PREFIX),
    (HTTPS, "__sEcUrE-a=1", Reason.SECURE_PREFIX),
    (HTTP, "__Secure-a=1; Secure", Reason.INSECURE_ORIGIN),
    (HTTPS, "__Host-a=1; Secure; Path=/", None),
    (HTTPS, "__Host-a=1; Secure; Path=/; Domain=", None),
    (HTTPS, "__Host-a=1; Path=/", Reason.HOST_PREFIX),
    (HTTPS, "__Host-a=1; Secure", Reason.HOST_PREFIX),
    (HTTPS, "__Host-a=1; Secure; Path=/a", Reason.HOST_PREFIX),
    (HTTPS, "__Host-a=1; Secure; Path=/; Path=", Reason.HOST_PREFIX),
    (HTTPS, "__Host-a=1; Secure; Path=/; Domain=shop.example", Reason.HOST_PREFIX),
    (HTTPS, "__HOST-a=1; Secure; Path=/; Domain=shop.example", Reason.HOST_PREFIX),
    ("https://192.0.2.1/", "__Host-a=1; Secure; Path=/; Domain=192.0.2.1", None),
    (HTTP, "__Host-a=1; Path=/", Reason.HOST_PREFIX),
    (HTTPS, "__Host-a=; Path=/; Max-Age=0", Reason.HOST_PREFIX),
    (HTTPS, "__Http-a=1; Secure; HttpOnly", None),
    (HTTPS, "__Http-a=1; Secure; HttpOnly; Path=/x; Domain=shop.example", None),
    (HTTPS, "__Http-a=1; Secure", Reason.HTTP_PREFIX),
    (HTTPS, "__http-a=1; HttpOnly", Reason.HTTP_PREFIX),
    (HTTPS, "__Host-Http-a=1; Secure; HttpOnly; Path=/", None),
    (HTTPS, "__Host-Http-a=1; Secure; Path=/", Reason.HTTP_PREFIX),
    (HTTPS, "__host-http-a=1; Secure; HttpOnly; Path=/x", Reason.HOST_PREFIX),
    (HTTPS, "__Host-a", Reason.NAMELESS_PREFIX),
    (HTTPS, "=__Host-a=1; Secure; Path=/", Reason.NAMELESS_PREFIX),
    (HTTPS, "=__secure-a=1; Secure", Reason.NAMELESS_PREFIX),
    (HTTPS, "=__HTTP-a", Reason.NAMELESS_PREFIX),
    (HTTPS, "= __Host-Http-a", Reason.NAMELESS_PREFIX),
    (HTTPS, "a=__Host-b", None),
    (HTTPS, "\xa0__Host-a=1", None),
]


@pytest.mark.parametrize(("url", "line", "reason"), VERDICTS)
def test_verdict(url: str, line: str | bytes, reason: Reason | None) -> None:
    jar = Jar(now=NOW)
    result = jar.receive(url, line)
    assert (result.reason if isinstance(result, Rejected) else None) == reason
    assert len(jar) == (reason is None)


# --- what is sent where -------------------------------------------------------------------------

SENT = [
    # host-only or not (bis 5.8.3 step 1)
    (HTTPS, "a=1", HTTPS, b"a=1"),
    (HTTPS, "a=1", WWW, b""),
    (HTTPS, "a=1; Domain=shop.example", WWW, b"a=1"),
    (WWW, "a=1; Domain=shop.example", HTTPS, b"a=1"),
    (WWW, "a=1", HTTPS, b""),
    (HTTPS, "a=1; Domain=shop.example", "https://notshop.example/", b""),
    (HTTPS, "a=1; Domain=", WWW, b""),
    ("https://github.io/", "a=1; Domain=github.io", "https://me.github.io/", b""),
    ("http://192.0.2.1/", "a=1; Domain=192.0.2.1", "http://192.0.2.1/", b"a=1"),
    ("http://[::1]/", "a=1", "http://[::1]:8000/", b"a=1"),
    # ports and schemes do not matter, Secure does
    (HTTPS, "a=1", "http://shop.example:8000/", b"a=1"),
    (HTTPS, "a=1; Secure", HTTP, b""),
    (HTTPS, "a=1; Secure", "wss://shop.example/", b"a=1"),
    # paths
    (HTTPS, "a=1; Path=/cart", HTTPS + "cart", b"a=1"),
    (HTTPS, "a=1; Path=/cart", HTTPS + "cart/", b"a=1"),
    (HTTPS, "a=1; Path=/cart", HTTPS + "cart/1?x=/#y", b"a=1"),
    (HTTPS, "a=1; Path=/cart", HTTPS + "carts", b""),
    (HTTPS, "a=1; Path=/cart", HTTPS + "CART", b""),
    (HTTPS, "a=1; Path=/cart", HTTPS, b""),
    (HTTPS, "a=1; Path=/cart/", HTTPS + "cart", b""),
    (HTTPS, "a=1; Path=/cart/", HTTPS + "cart/1", b"a=1"),
    (HTTPS + "x/y", "a=1", HTTPS + "x/z", b"a=1"),
    (HTTPS + "x/y", "a=1", HTTPS + "x", b"a=1"),
    (HTTPS + "x/y", "a=1", HTTPS, b""),
    (HTTPS + "x/", "a=1", HTTPS + "xy", b""),
    (HTTPS + "x/y", "a=1; Path=nonsense", HTTPS + "x/z", b"a=1"),
    (HTTPS + "x/y", "a=1; Path=/" + "b" * 1024, HTTPS + "x/z", b"a=1"),
    (HTTPS + "x/y", "a=1; Path=/", HTTPS, b"a=1"),
    ("https://shop.example", "a=1", "https://shop.example?x", b"a=1"),
    (HTTPS, "a=1; Path=/caf%C3%A9", HTTPS + "caf\xe9", b"a=1"),
    # bytes
    (HTTPS, 'a="x y"', HTTPS, b'a="x y"'),
    (HTTPS, " a \t= 1 ", HTTPS, b"a=1"),
    (HTTPS, "\xff=\xfe", HTTPS, b"\xff=\xfe"),
    (HTTPS, "=nameless", HTTPS, b"nameless"),
    (HTTPS, "nameless", HTTPS, b"nameless"),
    (HTTPS, "==x", HTTPS, b"=x"),
    (HTTPS, "a=", HTTPS, b"a="),
]


@pytest.mark.parametrize(("set_at", "line", "requested", "expected"), SENT)
def test_sent(set_at: str, line: str, requested: str, expected: bytes) -> None:
    jar = Jar(now=NOW)
    kept(jar, set_at, line)
    assert jar.send(requested) == expected


# --- sites --------------------------------------------------------------------------------------

# Columns: same_site, navigation, top_level_site, method -> is the cookie sent?
ALL, LAX, STRICT = "SameSite=None; Secure", "SameSite=Lax", "SameSite=Strict"
CROSSINGS: list[tuple[dict[str, object], set[str]]] = [
    ({}, {ALL, LAX, STRICT}),
    ({"method": "POST"}, {ALL, LAX, STRICT}),
    ({"navigation": False}, {ALL, LAX, STRICT}),
    ({"top_level_site": "https://www.shop.example"}, {ALL, LAX, STRICT}),
    ({"same_site": False}, {ALL, LAX}),
    ({"same_site": False, "method": "head"}, {ALL, LAX}),
    ({"same_site": False, "method": "POST"}, {ALL}),
    ({"same_site": False, "navigation": False}, {ALL}),
    ({"top_level_site": FOREIGN}, {ALL}),
    ({"top_level_site": "http://shop.example"}, {ALL}),
]


@pytest.mark.parametrize(("request_", "expected"), CROSSINGS)
@pytest.mark.parametrize("attribute", [ALL, LAX, STRICT])
def test_same_site_on_requests(
    attribute: str, request_: dict[str, object], expected: set[str]
) -> None:
    jar = Jar(now=NOW)
    kept(jar, HTTPS, f"a=1; {attribute}")
    sent = jar.send(HTTPS, **request_)  # type: ignore[arg-type]
    assert (sent == b"a=1") == (attribute in expected)


@pytest.mark.parametrize(
    ("host", "other", "same"),
    [
        ("www.shop.example", "api.shop.example", True),
        ("a.co.uk", "b.co.uk", False),
        ("me.github.io", "you.github.io", False),
        ("github.io", "me.github.io", False),
        ("localhost", "localhost:8000", True),
        ("localhost", "app.localhost", False),
        ("192.0.2.1", "198.51.2.1", False),
        ("[2001:db8::1]", "[2001:db8::2]", False),
        ("www.shop.example.", "shop.example.", True),
        ("a.shop.unlisted", "b.shop.unlisted", True),
    ],
)
def test_which_hosts_are_one_site(host: str, other: str, same: bool) -> None:
    jar = Jar(now=NOW)
    kept(jar, f"https://{host}/", "a=1")
    assert bool(jar.send(f"https://{host}/", top_level_site=f"https://{other}/")) == same


@pytest.mark.parametrize("line", ["a=1", "a=1; SameSite", "a=1; SameSite=odd"])
def test_same_site_defaults_to_lax(line: str) -> None:
    jar = Jar(now=NOW)
    assert kept(jar, HTTPS, line).same_site is SameSite.DEFAULT
    assert jar.send(HTTPS, same_site=False) == b"a=1"
    assert jar.send(HTTPS, same_site=False, method="POST") == b""


RECEPTIONS: list[tuple[str, dict[str, object], bool]] = [
    ("a=1", {"same_site": False}, True),
    ("a=1; SameSite=Strict", {"same_site": False}, True),
    ("a=1", {"same_site": False, "navigation": False}, False),
    ("a=1", {"top_level_site": FOREIGN}, False),
    ("a=1; SameSite=Strict", {"top_level_site": FOREIGN}, False),
    ("a=1; SameSite=None; Secure", {"top_level_site": FOREIGN}, True),
    ("a=1; SameSite=None; Secure", {"same_site": False, "navigation": False}, True),
]


@pytest.mark.parametrize(("line", "request_", "expected"), RECEPTIONS)
def test_same_site_on_responses(line: str, request_: dict[str, object], expected: bool) -> None:
    result = Jar(now=NOW).receive(HTTPS, line, **request_)  # type: ignore[arg-type]
    assert (result != Rejected(Reason.CROSS_SITE)) == expected
    assert isinstance(result, Cookie) == expected
    headers = [("Set-Cookie", line)]
    (again,) = Jar(now=NOW).receive_response(HTTPS, headers, **request_)  # type: ignore[arg-type]
    assert again == result


# --- time ---------------------------------------------------------------------------------------

LIVES = [
    ("a=1; Max-Age=60", 59, True),
    ("a=1; Max-Age=60", 60, False),
    ("a=1; Max-Age=0", 0, False),
    ("a=1; Max-Age=-5", 0, False),
    ("a=1; Max-Age=", 10**9, True),
    ("a=1; Max-Age=1 0", 10**9, True),
    ('a=1; Max-Age="0"', 0, True),
    ("a=1; Max-Age=0; Max-Age=60", 59, True),
    ("a=1; Max-Age=60; Max-Age=0", 0, False),
    ("a=1; Expires=Wed, 01 Jul 2026 12:01:00 GMT", 59, True),
    ("a=1; Expires=Wed, 01 Jul 2026 12:01:00 GMT", 60, False),
    ("a=1; Expires=Wed, 01-Jul-26 12:01:00 GMT", 60, False),
    ("a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT", 0, False),
    ("a=1; Expires=soon", 10**9, True),
    ("a=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", 59, True),
    ("a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=60", 59, True),
    ("a=1; Expires=Fri, 01 Jan 2100 00:00:00 GMT; Max-Age=0", 0, False),
    ("a=1; Max-Age=315360000", 400 * DAY - 1, True),
    ("a=1; Max-Age=315360000", 400 * DAY, False),
    ("a=1; Expires=Fri, 01 Jan 2100 00:00:00 GMT", 400 * DAY - 1, True),
    ("a=1; Expires=Fri, 01 Jan 2100 00:00:00 GMT", 400 * DAY, False),
    ("a=1", 10**9, True),
]


@pytest.mark.parametrize(("line", "later", "expected"), LIVES)
def test_life(line: str, later: float, expected: bool) -> None:
    jar = Jar(now=NOW)
    kept(jar, HTTPS, line)
    jar.advance(later)
    assert (jar.send(HTTPS) == b"a=1") == expected
    assert len(jar) == expected


def test_clock_is_moved_by_days_and_by_moments() -> None:
    jar = Jar(now=NOW)
    jar.advance(days=2)
    assert jar.now == (NOW + timedelta(days=2)).timestamp()
    jar.travel(NOW)
    assert jar.now == NOW.timestamp()


def test_every_door_takes_a_moment() -> None:
    jar = Jar(now=0)
    jar.receive(HTTPS, "a=1; Max-Age=10", now=100)
    assert jar.send(HTTPS, now=109) == b"a=1"
    jar.script_set(HTTPS, "b=1; Max-Age=10", now=109)
    jar.receive_response(HTTPS, [("Set-Cookie", "c=1; Max-Age=10")], now=110)
    assert jar.names() == {b"b", b"c"}
    assert jar.script_get(HTTPS, now=119) == "c=1"
    jar.receive_response(HTTPS, [], now=120)
    assert len(jar) == 0


def test_what_expired_does_not_come_back_with_the_clock() -> None:
    jar = Jar(now=NOW)
    kept(jar, HTTPS, "a=1; Max-Age=60")
    jar.advance(60)
    jar.advance(-60)
    assert jar.send(HTTPS) == b""


def test_end_of_session() -> None:
    jar = Jar(now=NOW)
    kept(jar, HTTPS, "session=1")
    kept(jar, HTTPS, "lasting=1; Max-Age=60")
    jar.end_session()
    assert jar.names() == {b"lasting"}


def test_shorter_age_limit() -> None:
    jar = Jar(now=NOW, age_limit=7 * DAY)
    assert kept(jar, HTTPS, "a=1; Max-Age=9999999").expiry_time == NOW.timestamp() + 7 * DAY


# --- identity -----------------------------------------------------------------------------------

FIRST = "a=1; Path=/; Domain=shop.example; Secure; SameSite=None"
SECONDS = [
    ("a=2; Path=/; Domain=shop.example", True),
    ("a=2; Path=/; Domain=.shop.example; HttpOnly; SameSite=Strict", True),
    ("a=2; Path=/", False),
    ("a=2; Path=/x; Domain=shop.example", False),
    ("A=2; Path=/; Domain=shop.example", False),
    ("a=2; Path=/; Domain=shop.example; Secure; Partitioned", False),
]


@pytest.mark.parametrize(("second", "replaces"), SECONDS)
def test_identity(second: str, replaces: bool) -> None:
    jar = Jar(now=NOW)
    first = kept(jar, HTTPS, FIRST)
    jar.advance(10)
    newcomer = kept(jar, HTTPS, second)
    assert len(jar) == (1 if replaces else 2)
    assert (first.identity == newcomer.identity) == replaces
    # The replaced cookie hands down its creation time (bis 5.7 step 23.3).
    assert (newcomer.creation_time == first.creation_time) == replaces


@pytest.mark.parametrize(("second", "matches"), SECONDS)
def test_deletion_needs_the_identity(second: str, matches: bool) -> None:
    jar = Jar(now=NOW)
    kept(jar, HTTPS, FIRST)
    deleting = kept(jar, HTTPS, second + "; Max-Age=0")
    assert deleting.expired(NOW)
    assert len(jar) == (0 if matches else 1)


def test_deleting_what_is_not_there() -> None:
    jar = Jar(now=NOW)
    kept(jar, HTTPS, "a=; Max-Age=0")
    assert len(jar) == 0


def test_a_deleted_cookie_loses_its_place() -> None:
    jar = Jar(now=NOW)
    for line in ("a=1", "b=1", "a=; Max-Age=0", "a=2"):
        kept(jar, HTTPS, line)
    assert jar.send(HTTPS) == b"b=1; a=2"


# --- order --------------------------------------------------------------------------------------


def test_longest_path_first_then_the_oldest() -> None:
    jar = Jar(now=NOW)
    for line in ("r=1; Path=/", "d=1; Path=/x/y", "m=1; Path=/x", "s=1; Path=/"):
        kept(jar, HTTPS, line)
        jar.advance(1)
    assert jar.send(HTTPS + "x/y/z") == b"d=1; m=1; r=1; s=1"


def test_same_moment_keeps_the_order_of_arrival() -> None:
    jar = Jar(now=NOW)
    for name in "cab":
        kept(jar, HTTPS, f"{name}=1")
    assert jar.send(HTTPS) == b"c=1; a=1; b=1"


def test_a_replaced_cookie_keeps_its_place() -> None:
    jar = Jar(now=NOW)
    for line in ("a=1", "b=1"):
        kept(jar, HTTPS, line)
        jar.advance(1)
    kept(jar, HTTPS, "a=2")
    assert jar.send(HTTPS) == b"a=2; b=1"


# --- leave secure cookies alone (bis 5.7 step 16) -----------------------------------------------

SECURE_FIRST = [
    # secure cookie, later cookie over http, is the later one refused?
    ("a=1; Secure; Path=/login", "a=2; Path=/login", True),
    ("a=1; Secure; Path=/login", "a=2; Path=/login/en", True),
    ("a=1; Secure; Path=/login", "a=2; Path=/", False),
    ("a=1; Secure; Path=/login", "a=2; Path=/foo", False),
    ("a=1; Secure; Path=/", "a=2; Path=/", True),
    ("a=1; Secure; Path=/", "a=; Path=/; Max-Age=0", True),
    ("a=1; Secure; Path=/", "b=2; Path=/", False),
    ("a=1; Secure; Path=/; Domain=shop.example", "a=2; Path=/", True),
    ("a=1; Secure; Path=/", "a=2; Path=/; Domain=shop.example", True),
    ("a=1; Path=/", "a=2; Path=/", False),
    ("a=1; Secure; Partitioned; Path=/", "a=2; Path=/", False),
]


@pytest.mark.parametrize(("first", "second", "refused"), SECURE_FIRST)
def test_secure_cookies_are_left_alone(first: str, second: str, refused: bool) -> None:
    jar = Jar(now=NOW)
    kept(jar, HTTPS, first)
    result = jar.receive(HTTP, second)
    assert (result == Rejected(Reason.SECURE_LEFT_ALONE)) == refused
    # From a secure origin the same line is welcome.
    assert isinstance(jar.receive(HTTPS, second), Cookie)


def test_a_subdomain_may_not_shadow_a_secure_cookie_of_its_parent() -> None:
    jar = Jar(now=NOW)
    kept(jar, HTTPS, "a=1; Secure; Path=/; Domain=shop.example")
    result = jar.receive("http://www.shop.example/", "a=2; Path=/")
    assert result == Rejected(Reason.SECURE_LEFT_ALONE)


# --- loopback -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "trusted"),
    [
        ("localhost", True),
        ("LOCALHOST:8000", True),
        ("app.localhost", True),
        ("127.0.0.1:8000", True),
        ("127.1.2.3", True),
        ("[::1]:8000", True),
        ("192.0.2.1", False),
        ("localhost.example", False),
        ("notlocalhost", False),
    ],
)
def test_loopback_may_count_as_secure(host: str, trusted: bool) -> None:
    jar = Jar(now=NOW, trustworthy_loopback=True)
    result = jar.receive(f"http://{host}/", "__Host-a=1; Secure; Path=/")
    assert isinstance(result, Cookie) == trusted
    assert jar.send(f"http://{host}/") == (b"__Host-a=1" if trusted else b"")


# --- scripts ------------------------------------------------------------------------------------


def test_script_sees_and_sets_cookies() -> None:
    jar = Jar(now=NOW)
    kept(jar, HTTPS, "a=1")
    assert isinstance(jar.script_set(HTTPS, "b=\xe9; Path=/"), Cookie)
    assert jar.script_get(HTTPS) == "a=1; b=\xe9"
    assert jar.send(HTTPS) == b"a=1; b=\xc3\xa9"


def test_http_only_is_hidden_from_scripts() -> None:
    jar = Jar(now=NOW)
    kept(jar, HTTPS, "a=1; HttpOnly")
    assert jar.script_get(HTTPS) == ""
    assert jar.send(HTTPS) == b"a=1"


def test_script_sets_no_http_only_cookie() -> None:
    jar = Jar(now=NOW)
    assert jar.script_set(HTTPS, "a=1; HttpOnly") == Rejected(Reason.SCRIPT_HTTP_ONLY)
    line = "__Http-a=1; Secure; HttpOnly"
    assert jar.script_set(HTTPS, line) == Rejected(Reason.SCRIPT_HTTP_ONLY)
    assert jar.script_set(HTTPS, "__Http-a=1; Secure") == Rejected(Reason.HTTP_PREFIX)


@pytest.mark.parametrize("line", ["a=2", "a=; Max-Age=0"])
def test_script_touches_no_http_only_cookie(line: str) -> None:
    jar = Jar(now=NOW)
    kept(jar, HTTPS, "a=1; HttpOnly")
    assert jar.script_set(HTTPS, line) == Rejected(Reason.SCRIPT_OVERWRITE)
    assert jar.send(HTTPS) == b"a=1"


def test_response_may_replace_an_http_only_cookie() -> None:
    jar = Jar(now=NOW)
    kept(jar, HTTPS, "a=1; HttpOnly")
    kept(jar, HTTPS, "a=2")
    assert jar.script_get(HTTPS) == "a=2"


def test_script_in_a_foreign_page() -> None:
    jar = Jar(now=NOW)
    kept(jar, HTTPS, "lax=1")
    kept(jar, HTTPS, "none=1; SameSite=None; Secure")
    assert jar.script_get(HTTPS, top_level_site=FOREIGN) == "none=1"
    result = jar.script_set(HTTPS, "a=1", top_level_site=FOREIGN)
    assert result == Rejected(Reason.CROSS_SITE)


# --- partitions (CHIPS) -------------------------------------------------------------------------

EMBED = "a=1; Secure; SameSite=None; Partitioned; Path=/"


def test_partitioned_cookie_stays_in_its_partition() -> None:
    jar = Jar(now=NOW)
    jar.receive(HTTPS, EMBED, top_level_site=FOREIGN)
    assert jar.find("a")[0].partition == "https://news.example"
    assert jar.send(HTTPS, top_level_site="https://www.news.example/page") == b"a=1"
    assert jar.send(HTTPS, top_level_site="https://blog.example") == b""
    assert jar.send(HTTPS) == b""


def test_partition_of_the_first_party_is_its_own_site() -> None:
    jar = Jar(now=NOW)
    assert kept(jar, WWW, EMBED).partition == "https://shop.example"
    assert jar.send(WWW) == b"a=1"
    assert jar.send(WWW, top_level_site="wss://shop.example") == b"a=1"
    assert jar.send(WWW, top_level_site=FOREIGN) == b""


def test_deletion_must_repeat_partitioned() -> None:
    jar = Jar(now=NOW)
    kept(jar, HTTPS, EMBED)
    jar.receive(HTTPS, "a=; Secure; Path=/; Max-Age=0")
    assert len(jar) == 1
    jar.receive(HTTPS, EMBED + "; Max-Age=0", top_level_site=FOREIGN)
    assert len(jar) == 1
    jar.receive(HTTPS, "a=; Secure; Partitioned; Path=/; Max-Age=0")
    assert len(jar) == 0


def test_partitioned_and_unpartitioned_live_side_by_side() -> None:
    jar = Jar(now=NOW)
    kept(jar, HTTPS, "a=0; Path=/")
    kept(jar, HTTPS, EMBED)
    assert jar.send(HTTPS) == b"a=0; a=1"


# --- limits -------------------------------------------------------------------------------------


def test_eviction_takes_the_least_used() -> None:
    jar = Jar(now=NOW, limit_per_domain=2)
    kept(jar, HTTPS, "a=1; Path=/a")
    kept(jar, HTTPS, "b=1; Path=/b")
    jar.advance(1)
    assert jar.send(HTTPS + "a") == b"a=1"
    jar.advance(1)
    kept(jar, HTTPS, "c=1; Path=/c")
    assert jar.names() == {b"a", b"c"}


def test_eviction_takes_insecure_cookies_first() -> None:
    jar = Jar(now=NOW, limit_per_domain=2)
    kept(jar, HTTPS, "old=1; Secure")
    kept(jar, HTTPS, "new=1; Secure")
    jar.advance(1)
    kept(jar, HTTPS, "insecure=1")
    assert jar.names() == {b"old", b"new"}


def test_eviction_counts_each_domain_alone() -> None:
    jar = Jar(now=NOW, limit_per_domain=1)
    kept(jar, HTTPS, "a=1")
    kept(jar, WWW, "b=1")
    assert len(jar) == 2


def test_without_a_limit_everything_stays() -> None:
    jar = Jar(now=NOW)
    for number in range(300):
        kept(jar, HTTPS, f"a{number}=1")
    assert len(jar) == 300


# --- Clear-Site-Data ----------------------------------------------------------------------------


def filled_jar() -> Jar:
    jar = Jar(now=NOW)
    kept(jar, HTTPS, "host=1")
    kept(jar, WWW, "sub=1")
    kept(jar, WWW, "wide=1; Domain=shop.example; HttpOnly")
    kept(jar, FOREIGN, "other=1")
    jar.receive(HTTPS, EMBED.replace("a=", "own="))
    jar.receive(HTTPS, EMBED.replace("a=", "embedded="), top_level_site=FOREIGN)
    return jar


def test_clear_site_data_takes_the_whole_registrable_domain() -> None:
    jar = filled_jar()
    gone = jar.clear_site_data("https://api.shop.example/logout")
    assert {cookie.name for cookie in gone} == {b"host", b"sub", b"wide", b"own"}
    assert jar.names() == {b"other", b"embedded"}


def test_clear_site_data_in_a_foreign_page() -> None:
    jar = filled_jar()
    jar.clear_site_data(HTTPS, top_level_site=FOREIGN)
    assert jar.names() == {b"other", b"own"}


def test_clear_site_data_needs_a_secure_origin() -> None:
    jar = filled_jar()
    assert jar.clear_site_data(HTTP) == []
    assert len(jar) == 6


@pytest.mark.parametrize(
    ("value", "clears"),
    [
        (b'"cookies"', True),
        (b'"cache", "cookies"', True),
        (b'"*"', True),
        (b'"storage"', False),
        (b"cookies", False),
        (b'"Cookies"', False),
        (b"", False),
    ],
)
def test_clear_site_data_header_comes_after_the_cookies(value: bytes, clears: bool) -> None:
    jar = Jar(now=NOW)
    jar.receive_response(HTTPS, [(b"Clear-Site-Data", value), (b"Set-Cookie", b"a=1")])
    assert len(jar) == (0 if clears else 1)


# --- whole responses, listing, plain functions --------------------------------------------------


def test_response_headers_in_any_case_and_type() -> None:
    jar = Jar(now=NOW)
    results = jar.receive_response(
        HTTPS,
        [("SET-COOKIE", "a=1"), ("set-cookie", "b=\xff"), ("X-Set-Cookie", "c=1")],
    )
    assert [isinstance(result, Cookie) for result in results] == [True, True]
    more = jar.receive_response(HTTPS, [(b"Set-Cookie", b"d=\x00"), (b"set-cookie", b"b=2")])
    assert more[0] == Rejected(Reason.CONTROL)
    assert jar.send(HTTPS) == b"a=1; b=2"


def test_a_name_may_be_repeated_in_one_response_with_other_scopes() -> None:
    jar = Jar(now=NOW)
    kept(jar, HTTPS, "a=1; Path=/; Domain=shop.example")
    kept(jar, HTTPS, "a=1; Path=/")
    lines = [
        (b"set-cookie", b"a=; Path=/; Max-Age=0"),
        (b"set-cookie", b"a=; Path=/; Domain=shop.example; Max-Age=0"),
    ]
    jar.receive_response(HTTPS, lines)
    assert len(jar) == 0


def test_listing() -> None:
    jar = Jar(now=NOW)
    kept(jar, HTTPS, "a=1; Path=/x")
    kept(jar, WWW, "b=1")
    kept(jar, HTTPS, "a=2; Path=/")
    assert [cookie.name for cookie in jar] == [b"a", b"b", b"a"]
    assert jar.names() == {b"a", b"b"}
    assert [cookie.value for cookie in jar.find("a")] == [b"1", b"2"]
    assert jar.find(b"A") == []


@pytest.mark.parametrize("url", ["shop.example", "/cart", "https://", "https:///x"])
def test_url_without_a_host_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="scheme and a host"):
        Jar(now=NOW).send(url)


@pytest.mark.parametrize(
    ("request_path", "cookie_path", "expected"),
    [
        ("/", "/", True),
        ("/a", "/", True),
        ("/a/b", "/a", True),
        ("/a/b", "/a/", True),
        ("/a", "/a/", False),
        ("/ab", "/a", False),
        ("/", "/a", False),
    ],
)
def test_path_matches(request_path: str, cookie_path: str, expected: bool) -> None:
    assert path_matches(request_path, cookie_path) is expected


@pytest.mark.parametrize(
    ("request_path", "expected"),
    [("", "/"), ("a", "/"), ("/", "/"), ("/a", "/"), ("/a/", "/a"), ("/a/b", "/a"), ("//", "/")],
)
def test_default_path(request_path: str, expected: str) -> None:
    assert default_path(request_path) == expected


@pytest.mark.parametrize(
    ("host", "domain", "expected"),
    [
        ("shop.example", "shop.example", True),
        ("www.shop.example", "shop.example", True),
        ("shop.example", "www.shop.example", False),
        ("bigshop.example", "shop.example", False),
        ("192.0.2.1", "0.2.1", False),
        ("192.0.2.1", "192.0.2.1", True),
    ],
)
def test_domain_matches(host: str, domain: str, expected: bool) -> None:
    assert domain_matches(host, domain) is expected


URLS = st.sampled_from([HTTPS, HTTP, WWW, FOREIGN, HTTPS + "x/y", "http://localhost/"])
LINES = st.lists(
    st.sampled_from(
        [
            "a", "b", "__Host-a", "=", "1", ";", " ", '"', ",", "\xa0", "\x01", "Path=/", "Secure",
            "Domain=shop.example", "Max-Age=0", "Max-Age=60", "HttpOnly", "SameSite=None",
            "Partitioned", "Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        ]
    )
).map("".join)  # fmt: skip


@given(st.lists(st.tuples(URLS, LINES, st.booleans())), URLS)
def test_no_dialogue_breaks_the_invariants(
    dialogue: list[tuple[str, str, bool]], requested: str
) -> None:
    jar = Jar(now=NOW)
    for url, line, by_script in dialogue:
        jar.receive(url, line, http_api=not by_script)
        jar.advance(1)
    cookies = list(jar)
    assert len({cookie.identity for cookie in cookies}) == len(cookies)
    assert not any(cookie.expired(jar.now) for cookie in cookies)
    # No value can hold a ";", so the header splits back into what the jar holds.
    sent = set(filter(None, jar.send(requested).split(b"; ")))
    assert sent <= {cookie.pair for cookie in cookies}
    if requested.startswith("http:"):
        assert sent <= {cookie.pair for cookie in cookies if not cookie.secure}
