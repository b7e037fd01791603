"""What the property tests draw from: hostile bytes, soups of grammar, header lists, a site.

Two kinds of input find different things. Arbitrary bytes reach what nobody thought of; a small
alphabet of the words and bytes at which parsers change their mind reaches deep into the grammar. Each
alphabet serves hypothesis (which shrinks what it finds) and a plain generator of random numbers
(which is a hundred times faster).
"""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import Any, Final, TypeAlias

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from cookieconsent import Config, Cookie
from cookieconsent.core.choice import Choice
from cookieconsent.core.cookies import CookieHeader
from cookieconsent.core.filter import CookieFilter, Filtered
from cookieconsent.engine.consent import Consent
from cookieconsent.errors import DeclarationWarning
from doors import NOON, SECRET, Door, Page, Site

Pairs: TypeAlias = list[tuple[bytes, bytes]]

EXEMPT: Final = frozenset({"authentication", "cart", "consent"})
SWITCHABLE: Final = ("advertising", "analytics")


def examples(count: int, **options: Any) -> settings:
    """Return hypothesis settings for `count` examples, with a blob to repeat a failure."""
    slow = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
    return settings(
        max_examples=count, print_blob=True, suppress_health_check=slow, deadline=None, **options
    )


# --- a site ---------------------------------------------------------------------------------------


def declared(name: str, cls: str, **scope: Any) -> Cookie:
    """Return a complete declaration."""
    return Cookie(name, cls, purpose="Something.", provider="Somebody", lifetime="1 year", **scope)


COOKIES: Final = (
    declared("sid", "authentication"),
    declared("cart", "cart"),
    declared("_ga", "analytics"),
    declared("_ga_*", "analytics"),
    declared("ads", "advertising"),
)
"""Plain names; beside them the shipped catalogue holds."""

ODD_COOKIES: Final = (
    *COOKIES,
    declared("wp[user]", "analytics"),
    declared("odd[*]", "analytics"),
    declared("my cookie", "analytics"),
    declared("größe", "advertising"),
    declared('t"q', "analytics"),
    declared("a,b", "analytics"),
    declared("x@y/z", "advertising"),
)
"""Names that no RFC allows and people use."""


def config(cookies: Sequence[Cookie] = COOKIES, **options: Any) -> Config:
    """Return the configuration of the site that the property tests visit."""
    given: dict[str, Any] = {"secret_key": SECRET, "clock": lambda: NOON, "cookies": cookies}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeclarationWarning)  # of names that are no tokens
        return Config(**given | options)


def filter_of(consent: Consent, *granted: str) -> CookieFilter:
    """Return the filter that holds after a yes to some classes and a no to the others."""
    choice = Choice(day=consent.today(NOON), granted=frozenset(granted))
    return consent.standing(choice).plain.filter


def filtered(cookie_filter: CookieFilter, *lines: bytes) -> Filtered:
    """Return what becomes of the `Cookie` lines of one request."""
    return cookie_filter.request(list(lines), CookieHeader(b"; ".join(lines)))


@cache
def stage(door: Door, **options: Any) -> Stage:
    """Return the one stage of this kind: building a site takes longer than an exchange."""
    return Stage(door, config(**options))


class Stage:
    """A site on which one page after the other is shown, as if it were new each time."""

    def __init__(self, door: Door, settings: Config) -> None:
        self._page = Page()
        self.site = Site(door, lambda request: self._page, settings)

    def show(self, page: Page | None = None) -> Site:
        """Return the site with another page, and without memory of who asked for what."""
        self._page = Page() if page is None else page
        self.site.asked.clear()
        self.site.consent.reporter._seen.clear()
        return self.site


# --- Cookie ---------------------------------------------------------------------------------------

UNICODE_SPACES: Final = tuple(
    char.encode() for char in "\x85\xa0\u1680\u2000\u2009\u2028\u202f\u205f\u3000\ufeff\u200b"
)
COOKIE_ATOMS: Final = (
    *(b"sid", b"cart", b"_ga", b"_ga", b"_ga_", b"_ga_X", b"ads", b"_fbp", b"wp[user]", b"odd["),
    *(b"my cookie", "größe".encode(), b't"q', b"a,b", b"x@y/z", b"__Host-cookieconsent"),
    *(b"=", b"=", b"=", b"=", b";", b";", b";", b",", b",", b'"', b'"', b"\\", b"\\073", b"\\054"),
    *(b" ", b" ", b"\t", b"\0", b"\r", b"\n", b"\r\n ", b"\x0b", b"\x0c", b"\x1c", b"\x7f"),
    *(b"\x85", b"\xa0", b"\xc3", b"\xff", *UNICODE_SPACES),
    *(b"$Version", b"$Path", b"Path", b"Expires", b"%3B", b"%5Fga", b"[", b"]", b"{", b"}", b":"),
    *(b"a", b"1", b"SID", b"sid=", b"; sid=", b";cart=", b"_ga=", b"_ga_X=", b"ads=", b"a="),
)
_ANY_OCTET: Final = tuple(bytes([octet]) for octet in range(256))


def soup(atoms: Sequence[bytes], *, max_size: int = 14) -> st.SearchStrategy[bytes]:
    """Return bytes made of atoms, here and there any other byte."""
    one = st.one_of(st.sampled_from(atoms), st.sampled_from(atoms), st.sampled_from(_ANY_OCTET))
    return st.lists(one, max_size=max_size).map(b"".join)


def cookie_lines() -> st.SearchStrategy[bytes]:
    """Return values of a `Cookie` header: anything, soups, and soups in a cookie that passes."""
    anything = st.binary(max_size=60)
    words = soup(COOKIE_ATOMS)
    return st.one_of(words, words.map(lambda tail: b"sid=" + tail), anything)


def random_soups(
    seed: int, atoms: Sequence[bytes], count: int | None, *, prefix: bytes = b"", size: int = 12
) -> Iterator[bytes]:
    """Yield soups from a seed, fast; most of them behind `prefix`. `count` of `None` never ends."""
    numbers = random.Random(seed)
    pick, number = numbers.choice, numbers.random
    produced = 0
    while count is None or produced < count:
        produced += 1
        parts = [
            pick(atoms) if number() < 0.9 else pick(_ANY_OCTET)
            for _ in range(1 + int(number() * size))
        ]
        yield (prefix if number() < 0.7 else b"") + b"".join(parts)


# --- Set-Cookie -----------------------------------------------------------------------------------

DATES: Final = (
    *(b"Thu, 01 Jan 1970 00:00:00 GMT", b"Wed, 09 Jun 2100 10:18:14 GMT", b"0"),
    *(b"01-Jan-69 00:00:00 GMT", b"1 1 1 1:1:1 jan 70", b"Jan 1 99 23:59:60", b"31 feb 1999 1:2:3"),
    *(b"1601 jan 1 0:0:0", b"1600 jan 1 0:0:0", b"12:34:56 2020-dec-31", b"99999 jan 1 0:0:0"),
    *(b"00:00:00 1 january 2000x", b"8:5:3x 07th sept 1999"),
)
SET_COOKIE_ATOMS: Final = (
    *(b"sid", b"_ga", b"_ga_X", b"ads", b"other", b"=", b"=", b"=", b";", b";", b"; ", b" ", b"\t"),
    *(b"Max-Age", b"max-age=", b"MAX-AGE =", b"; Max-Age=0", b"; Max-Age=-1", b"; Max-Age=3600"),
    *(b"; Max-Age=abc", b'; Max-Age="0"', b"; Max-Age=", b"; Max-Age=+0", b"; Max-Age=00", b"0"),
    *(b"-", b"1", b"99999999999999999999", b"\xd9\xa3", b"Expires", b"; expires=", b"; Expires ="),
    *(b"; Path=/", b"; Path=odd", b"; Domain=shop.example", b"; Secure", b"; HttpOnly"),
    *(b"; SameSite=None", b"; Partitioned", b",", b'"', b"\x01", b"\0", b"\r\n", b"\x7f", b"\xa0"),
    *(b"x" * 1025, *DATES, *(b"; Expires=" + date for date in DATES)),
)


def set_cookie_lines() -> st.SearchStrategy[bytes]:
    """Return values of a `Set-Cookie` header."""
    words = soup(SET_COOKIE_ATOMS)
    named = st.sampled_from([b"_ga=1", b"sid=1", b" _ga =", b"ads=x; Path=/"])
    return st.one_of(
        words, st.tuples(named, words).map(b"".join), st.binary(max_size=40), cookie_lines()
    )


# --- HTML -----------------------------------------------------------------------------------------

HTML_ATOMS: Final = (
    *(b"<!DOCTYPE html>", b"<html>", b"<html lang=en>", b"<head>", b"</head>", b"<HEAD >"),
    *(b"<body>", b"<BODY class='a>b'>", b'<body data-x="</body>">', b"<bodyx>", b"</body>"),
    *(b"</body\n>", b"</html>", b"<body", b"<title>", b"</title>", b"<title>t</title>"),
    *(b"<script>", b"</script>", b"</SCRIPT >", b"<!--", b"-->", b"--!>", b"<!-->", b"<!--->"),
    *(b"<!-", b"--", b"-", b"<!", b"<?", b"</", b"</>", b"<style>", b"</style>", b"<noscript>"),
    *(b"</noscript>", b"<template>", b"</template>", b"<textarea>", b"</textarea>", b"<xmp>"),
    *(b"</xmp>", b"<plaintext>", b"<frameset>", b"<noframes>", b"</noframes>", b"<select>"),
    *(b"<meta charset=utf-8>", b"<meta http-equiv=x content='>'>", b'<link rel=a href="b>c">'),
    *(b"<base href=/>", b"<p>", b"<h1>Hello</h1>", b"<svg>", b"<![CDATA[", b"]]>", b"text", b" "),
    *(b"\n", b"\x0c", b"<", b">", b"=", b'"', b"'", b"/", b"a", b"&lt;", b"\xef\xbb\xbf"),
    *("größe".encode(), b"\xff", b"<br>", b"</br>", b"</p>", b"<iframe>", b"<basefont>"),
)


def html_soups() -> st.SearchStrategy[bytes]:
    """Return documents, most of them broken."""
    return st.one_of(
        soup(HTML_ATOMS, max_size=20),
        st.lists(st.sampled_from(HTML_ATOMS), max_size=20).map(b"".join),
        st.binary(max_size=60),
    )


def cut_at(data: bytes, borders: Iterable[int]) -> list[bytes]:
    """Cut data at the given places."""
    places = [0, *sorted(place % (len(data) + 1) for place in borders), len(data)]
    return [data[start:end] for start, end in pairwise(places)]


def borders() -> st.SearchStrategy[list[int]]:
    """Return places at which `cut_at` may cut."""
    return st.lists(st.integers(0, 10_000), max_size=8)


# --- header lists ---------------------------------------------------------------------------------

REQUEST_NAMES: Final = (
    *(
        b"cookie",
        b"cookie",
        b"Cookie",
        b"COOKIE",
        b"accept",
        b"accept-encoding",
        b"accept-language",
    ),
    *(b"host", b"origin", b"range", b"if-none-match", b"sec-fetch-dest", b"sec-fetch-mode"),
    *(b"sec-fetch-site", b"sec-gpc", b"hx-request", b"hx-boosted", b"x-custom", b"content-length"),
    *(b"content-type", b"cookie2", b"x-cookie", b"sec-purpose", b"if-modified-since"),
)
VALUE_ATOMS: Final = (
    *(b"1", b"0", b",", b";", b"q=", b"NaN", b"1e999", b'"', b"W/", b"*", b"-", b" ", b"\t"),
    *(b"navigate", b"document", b"text/html", b"gzip", b"identity", b"same-origin", b"cross-site"),
    *(b"null", b"https://", b"shop.example", b"[", b"]", b":", b"en", b"de", b"../../etc/passwd"),
    *(b"\xff", b"\xc3\xa4", b"=", b"bytes=0-9", b"-consentS-", b"charset", b"utf-16", b"true"),
)


def header_values() -> st.SearchStrategy[bytes]:
    """Return field values without the bytes that no server lets through."""
    text = st.one_of(soup(VALUE_ATOMS, max_size=8), st.binary(max_size=30))
    return text.map(lambda value: value.translate(None, b"\0\r\n"))


def request_headers() -> st.SearchStrategy[Pairs]:
    """Return request header lists as pairs of bytes, names in any case."""
    field = st.sampled_from(REQUEST_NAMES).flatmap(
        lambda name: st.tuples(
            st.just(name), cookie_lines() if name.lower() == b"cookie" else header_values()
        )
    )
    return st.lists(field, max_size=8)


def _generated(pairs: Pairs) -> Iterator[tuple[bytes, bytes]]:
    yield from pairs


SHAPES: Final[dict[str, Callable[[Pairs], Any]]] = {
    "list of tuples": list,
    "list of lists": lambda pairs: [list(pair) for pair in pairs],
    "tuple of tuples": tuple,
    "generator": _generated,
    "bytearrays": lambda pairs: [(bytearray(name), bytearray(value)) for name, value in pairs],
    "memoryviews": lambda pairs: [(memoryview(name), memoryview(value)) for name, value in pairs],
    "mixed": lambda pairs: [(name, memoryview(value)) for name, value in pairs],
}
"""The shapes in which ASGI servers hand over headers."""


RESPONSE_NAMES: Final = (
    *(b"set-cookie", b"set-cookie", b"Set-Cookie", b"content-type", b"content-type", b"vary"),
    *(b"cache-control", b"etag", b"content-length", b"content-encoding", b"content-disposition"),
    *(b"content-security-policy", b"content-range", b"x-custom", b"Last-Modified", b"location"),
)
RESPONSE_ATOMS: Final = (
    *(b"text/html", b"; charset=", b"utf-8", b"utf-16", b"Cookie", b"*", b",", b" ", b'"', b"W/"),
    *(b"public", b"max-age=600", b"private", b"no-store", b"gzip", b"identity", b"attachment"),
    *(b"default-src 'self'", b"; form-action 'none'", b"; sandbox", b"style-src", b"'nonce-a'"),
    *(b"bytes 0-1/2", b"0", b"5", b"-1", b"x", b"\xff", b"=", b"/"),
)


def response_headers() -> st.SearchStrategy[Pairs]:
    """Return response header lists; a lone `text/html` more often than chance would have it."""
    values = soup(RESPONSE_ATOMS, max_size=6).map(lambda value: value.translate(None, b"\0\r\n"))
    field = st.sampled_from(RESPONSE_NAMES).flatmap(
        lambda name: st.tuples(
            st.just(name), set_cookie_lines() if name.lower() == b"set-cookie" else values
        )
    )
    html = st.sampled_from(
        [[], [(b"content-type", b"text/html")], [(b"Content-Type", b"text/html; charset=utf-8")]]
    )
    return st.tuples(html, st.lists(field, max_size=6)).map(lambda parts: parts[0] + parts[1])
