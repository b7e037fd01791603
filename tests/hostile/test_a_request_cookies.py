"""Hostile input, area A: the `Cookie` header of requests, its splitting and its names.

Most cases are one header and what the application may see of it, through the core and both doors. The
site declares `sid`, `cart`, `_ga` and `_ga_*`; nobody has consented unless a test says so.
"""

from __future__ import annotations

import io
import time
import warnings
from collections.abc import Callable, Iterable
from typing import Any, Final, Literal, TypeAlias

import pytest

from cookieconsent import Config, Cookie, DeclarationWarning
from cookieconsent.core.codec import ChoiceCodec
from cookieconsent.core.cookies import CookieHeader, join_lines
from cookieconsent.core.filter import CookieFilter
from cookieconsent.engine.consent import Consent
from cookieconsent.middleware import asgi, wsgi
from doors import (
    DOORS,
    HTML,
    NOON,
    PAGE,
    SECRET,
    Asked,
    Door,
    Page,
    Site,
    banners,
    both_doors,
)
from oracles.drivers import Exchange, Record, asgi_app, run_asgi, run_wsgi, wsgi_app
from oracles.parsers import PARSERS, parse

FACTS: Final[dict[str, Any]] = {"purpose": "Counts.", "provider": "Google", "lifetime": "2 years"}
COOKIES: Final = (
    Cookie("sid", "authentication"),
    Cookie("cart", "cart"),
    Cookie("_ga", "analytics", **FACTS),
    Cookie("_ga_*", "analytics", **FACTS),
)
OWN: Final = b"__Host-cookieconsent"

Way: TypeAlias = Literal["core", "asgi", "wsgi"]
every_way = pytest.mark.parametrize("way", ["core", "asgi", "wsgi"])


def site_of(door: Door, **options: Any) -> Site:
    options.setdefault("cookies", COOKIES)
    return Site(door, **options)


def consent_filter(consent: Consent, *, accepted: bool) -> CookieFilter:
    """Return the filter of visitors who said nothing, or yes to everything."""
    standing = consent.undecided
    if accepted:
        standing = consent.read([token(consent)], consent.today(NOON))
    return standing.plain.filter


def token(consent: Consent) -> bytes:
    """Return the consent cookie's value after a yes to everything."""
    return Site("asgi", config=consent.config).answer_cookie().partition(b"=")[2]


def seen_by_application(
    way: Way, *lines: bytes, accepted: bool = False, joint: bytes = b"; ", **options: Any
) -> bytes | None:
    """Return the `Cookie` header that reaches the application, without the consent cookie."""
    site = site_of("wsgi" if way == "wsgi" else "asgi", **options)
    if way == "core":
        chosen = consent_filter(site.consent, accepted=accepted)
        return chosen.request(list(lines), CookieHeader(join_lines(list(lines)))).header
    headers = [(b"cookie", line) for line in lines]
    if accepted:
        headers.append((b"cookie", OWN + b"=" + token(site.consent)))
    server = {"cookie_joint": joint} if way == "wsgi" else {}
    answer = site.send(Exchange(headers=headers), **server)
    assert answer.status == 200
    assert len(site.asked) == 1
    assert site.outcomes[0].reason != "failure"
    cookie = site.asked[0].cookie
    if accepted and cookie is not None:
        cookie = cookie.removesuffix(OWN + b"=" + token(site.consent)).removesuffix(b"; ")
    return cookie or None


# --- one header in, one header out --------------------------------------------------------------

HEADERS = [
    pytest.param(b"sid=1; _ga=2; cart=3", b"sid=1; cart=3", marks=pytest.mark.hostile(1)),
    pytest.param(b"sid=1;_ga=2;cart=3", b"sid=1; cart=3", marks=pytest.mark.hostile(2)),
    pytest.param(b"; ;sid=1;;", b"sid=1", marks=pytest.mark.hostile(3)),
    pytest.param(b"; \t;;", None, marks=pytest.mark.hostile(3)),
    pytest.param(b"_ga=2", None, marks=pytest.mark.hostile(4)),
    pytest.param(b"sid\t=\t1 ;\t_ga=2", b"sid\t=\t1", marks=pytest.mark.hostile(5)),
    pytest.param(b"sid=a=b==; _ga=x=y", b"sid=a=b==", marks=pytest.mark.hostile(6)),
    pytest.param(b"sid=; cart", b"sid=", marks=pytest.mark.hostile(7)),
    pytest.param(b"=__Host-cookieconsent=bad; sid=1", b"sid=1", marks=pytest.mark.hostile(8)),
    pytest.param(b"_ga; sid=1", b"sid=1", marks=pytest.mark.hostile(9)),
    pytest.param(b"=_ga; sid=1", b"sid=1", marks=pytest.mark.hostile(9)),
    pytest.param(b"sid=1; sid=2", b"sid=1; sid=2", marks=pytest.mark.hostile(10)),
    pytest.param(b"SID=1; Sid=2; sid=3", b"sid=3", marks=pytest.mark.hostile(11)),
    pytest.param(b"sid=%73; %73id=1; %5Fga=1", b"sid=%73", marks=pytest.mark.hostile(12)),
    pytest.param(b'sid="a b"; cart="x"', b'sid="a b"; cart="x"', marks=pytest.mark.hostile(13)),
    pytest.param(b'cart="x; _ga=1; z="; sid=3', b'cart="x; sid=3', marks=pytest.mark.hostile(14)),
    pytest.param(
        b'$Version=1; p="start; sid=SECRET; q=end"', b"sid=SECRET", marks=pytest.mark.hostile(15)
    ),
    pytest.param(b"$Version=1; sid=1; $Path=/; $Domain=x", b"sid=1", marks=pytest.mark.hostile(16)),
    pytest.param(
        b'sid="x\\073 y=1"; cart=2', b'sid="x\\073 y=1"; cart=2', marks=pytest.mark.hostile(17)
    ),
    pytest.param(
        b'sid="x\\015\\012Set-Cookie: z=1"',
        b'sid="x\\015\\012Set-Cookie: z=1"',
        marks=pytest.mark.hostile(18),
    ),
    pytest.param(b'sid="x; cart=2', b'sid="x; cart=2', marks=pytest.mark.hostile(19)),
    pytest.param(
        b"\xe6\xb8\x85=1; sid=\xe6\xb8\x85\xff",
        b"sid=\xe6\xb8\x85\xff",
        marks=pytest.mark.hostile(23),
    ),
    pytest.param(b"cart=\xff; sid=1", b"cart=\xff; sid=1", marks=pytest.mark.hostile(23)),
    pytest.param(b"sid=a\x01b; cart=c\x00d; _ga=e", None, marks=pytest.mark.hostile(24)),
    pytest.param(b"sid=a\x7f; cart=2", b"cart=2", marks=pytest.mark.hostile(24)),
    pytest.param(b"sid=1;\r\n cart=2", b"sid=1; cart=2", marks=pytest.mark.hostile(25)),
    pytest.param(b"sid=1\r\nX: y; cart=2", b"cart=2", marks=pytest.mark.hostile(25)),
    pytest.param(
        b"Path=/; Secure; HttpOnly; Expires=Wed, 01 Jan 2020 00:00:00 GMT; sid=1",
        b"sid=1",
        marks=pytest.mark.hostile(26),
    ),
    pytest.param(
        b"__proto__=1; constructor=1; __class__=1; toString=1", None, marks=pytest.mark.hostile(27)
    ),
    pytest.param(
        b'sid[a]=1; a@b=2; a/b=3; a b=4; a:b=5; "sid"=6', None, marks=pytest.mark.hostile(28)
    ),
    pytest.param(b"s\xd1\x96d=1; sid=2", b"sid=2", marks=pytest.mark.hostile(31)),
]


@every_way
@pytest.mark.parametrize(("header", "left"), HEADERS)
def test_application_sees_exactly(way: Way, header: bytes, left: bytes | None) -> None:
    assert seen_by_application(way, header) == left


@every_way
@pytest.mark.parametrize(("header", "left"), HEADERS)
@pytest.mark.hostile(42)
def test_filtered_header_stays_as_it_is(way: Way, header: bytes, left: bytes | None) -> None:
    if left is not None:
        assert seen_by_application(way, left) == left


@both_doors
@pytest.mark.parametrize(("header", "left"), HEADERS)
@pytest.mark.hostile(42)
def test_nested_middleware_is_one(door: Door, header: bytes, left: bytes | None) -> None:
    """Two copies, the inner one with another secret and so with rules of its own."""
    record: Record = []
    inner, outer = (Config(secret_key=key * 32, cookies=COOKIES) for key in "ab")
    exchange = Exchange(headers=[(b"cookie", header)])
    if door == "asgi":
        nested = asgi.CookieConsentMiddleware(asgi_app(record=record), inner)
        run_asgi(asgi.CookieConsentMiddleware(nested, outer), exchange)
    else:
        app = wsgi_app(headers=HTML, record=record)
        run_wsgi(
            wsgi.CookieConsentMiddleware(wsgi.CookieConsentMiddleware(app, inner), outer),
            exchange,
        )
    assert record[0].cookie == left


@both_doors
@pytest.mark.hostile(4)
def test_empty_header_is_no_header(door: Door) -> None:
    """No ASGI tuple, no WSGI key: not an empty value."""
    site = site_of(door)
    site.get(cookie=b"_ga=2")
    scope = site.asked[0].scope
    assert "HTTP_COOKIE" not in scope
    assert b"cookie" not in dict(scope.get("headers", ()))


@both_doors
@pytest.mark.hostile(8)
def test_nameless_look_alike_is_no_choice(door: Door) -> None:
    site = site_of(door)
    value = token(site.consent)
    answer = site.get(cookie=b"=__Host-cookieconsent=" + value + b"; sid=1")
    assert not site.asked[0].state.decided
    assert banners(answer.body) == 1


@pytest.mark.parametrize("parser", PARSERS)
@every_way
@pytest.mark.hostile(14, 15, 16)
def test_no_parser_is_switched(way: Way, parser: str) -> None:
    """Neither quotes nor `$Version` make a parser see what was taken out, or swallow the session."""
    quoted = seen_by_application(way, b'cart="x; _ga=1; z="; sid=3')
    assert quoted is not None
    assert PARSERS[parser](quoted) <= {b"sid", b"cart"}
    for header in (
        b'$Version=1; p="start; sid=SECRET; q=end"',
        b"$Version=1; sid=SECRET; $Path=/; $Domain=x",
    ):
        left = seen_by_application(way, header)
        assert left is not None
        assert parse(parser, left) == {b"sid": [b"SECRET"]}


@both_doors
@pytest.mark.hostile(18)
def test_value_is_never_shown_unquoted(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    """Not on the preferences page, not in a log, not in a header."""
    site = site_of(door)
    with caplog.at_level("DEBUG"):
        answer = site.get(
            "/cookie-consent", cookie=b'_ga="x\\015\\012Set-Cookie: z=1"; sid="y\\012"'
        )
        site.get(cookie=b'_ga="x\\015\\012Set-Cookie: z=1"; sid="y\\012"')
    assert b"z=1" not in answer.body
    assert not any(b"z=1" in value for _, value in answer.headers)
    assert "z=1" not in caplog.text
    assert "\\012" not in caplog.text


# --- a cookie hidden in an allowed value --------------------------------------------------------

HIDDEN = [
    pytest.param(b"sid=1, _ga=2", b"sid=1", id="comma and space"),
    pytest.param(b"sid=1,_ga=2", b"sid=1", id="comma"),
    pytest.param(b"sid=1 _ga=2", b"sid=1", id="space"),
    pytest.param(b"sid=1\t_ga=2", b"sid=1", id="tab"),
    pytest.param(b"cart=x\xe2\x80\x80_ga=1", b"cart=x", id="white space of Unicode"),
    pytest.param(b"sid=1,_ga =2", b"sid=1", id="space behind"),
    pytest.param(b"sid=1,_ga_X=2", b"sid=1", id="glob"),
    pytest.param(b"sid=1,_fbp=2", b"sid=1", id="catalogue"),
    pytest.param(b'cart="a"_ga=1; sid=2', b'cart="a; sid=2', id="quote"),
]
HARMLESS = [b'cart={"a":1,"b":2}', b"cart=/p?_ga=2.1", b"cart=a&_ga=1", b"sid=1,_ga", b"sid=1,x=2"]


@every_way
@pytest.mark.parametrize(("header", "left"), HIDDEN)
@pytest.mark.hostile(20)
def test_hidden_cookie_is_cut(way: Way, header: bytes, left: bytes) -> None:
    assert seen_by_application(way, header) == left
    assert not any(b"_ga" in names(left) for names in PARSERS.values())


@every_way
@pytest.mark.parametrize("header", HARMLESS)
@pytest.mark.hostile(20)
def test_harmless_value_stays(way: Way, header: bytes) -> None:
    assert seen_by_application(way, header) == header


@every_way
@pytest.mark.parametrize("header", [b"sid=1, _ga=2", b"sid=1 _ga=2", b"sid=1,_ga_X=2"])
@pytest.mark.hostile(20)
def test_hidden_cookie_that_is_allowed_stays(way: Way, header: bytes) -> None:
    assert seen_by_application(way, header, accepted=True) == header


@both_doors
@pytest.mark.hostile(20)
def test_hidden_cookie_is_counted(door: Door) -> None:
    site = site_of(door)
    site.get(cookie=b"sid=1,_ga=2; cart=3 _fbp=4")
    assert site.outcomes[0].stripped == ("_ga", "_fbp")


@pytest.mark.parametrize("joint", [b",", b", ", b";", b"; "])
@pytest.mark.hostile(20)
def test_server_joins_lines_oddly(joint: bytes) -> None:
    """Gunicorn and wsgiref join by a comma, Waitress by comma and space, Granian by a semicolon."""
    assert seen_by_application("wsgi", b"sid=1", b"_ga=2", joint=joint) == b"sid=1"


# --- disguised names ----------------------------------------------------------------------------

DISGUISES = [
    b"\xa0_ga=1",
    b"\x85_ga=1",
    b"_ga\xa0=1",
    b"\x0b_ga=1",
    b"\x0c_ga=1",
    b"\x1c_ga=1",
    b"\xc2\xa0_ga=1",
    b"\xe2\x80\x80_ga=1",
    b"\xef\xbb\xbf_ga=1",
    b"_ga\xe3\x80\x80=1",
    b"%5Fga=1",
    b"_GA=1",
]


@every_way
@pytest.mark.parametrize("accepted", [False, True])
@pytest.mark.parametrize("disguise", DISGUISES)
@pytest.mark.hostile(21)
def test_disguised_name_is_dropped(way: Way, accepted: bool, disguise: bytes) -> None:
    """Before a yes, and after it too: only the exact bytes are the name that was granted."""
    header = b"sid=1; " + disguise + b"; cart=2"
    assert seen_by_application(way, header, accepted=accepted) == b"sid=1; cart=2"
    assert seen_by_application(way, b"; ".join(DISGUISES), accepted=accepted) is None


@every_way
@pytest.mark.parametrize(
    "disguise", [row for row in DISGUISES if row not in {b"%5Fga=1", b"_GA=1"}]
)
@pytest.mark.hostile(21)
def test_disguised_name_where_undeclared_pass(way: Way, disguise: bytes) -> None:
    header = b"sid=1; " + disguise + b"; other=2"
    assert seen_by_application(way, header, undeclared="allow") == b"sid=1; other=2"


@both_doors
@pytest.mark.parametrize(
    "disguise",
    [
        b"\xe2\x80\x80" + OWN,
        b"\xa0" + OWN,
        OWN + b"\xa0",
        b"\xc2\xa0" + OWN,
        OWN.lower(),
        OWN.upper(),
    ],
)
@pytest.mark.hostile(22)
def test_disguised_consent_cookie_is_not_read(door: Door, disguise: bytes) -> None:
    site = site_of(door)
    cookie = disguise + b"=" + token(site.consent) + b"; _ga=1; sid=2"
    answer = site.get(cookie=cookie)
    assert not site.asked[0].state.decided
    assert not site.asked[0].state.allows("analytics")
    assert site.asked[0].cookie == b"sid=2"
    assert banners(answer.body) == 1


# --- declared names -----------------------------------------------------------------------------


@every_way
@pytest.mark.parametrize("name", ["my cookie", "wp[user]", "\u6e05"])
@pytest.mark.hostile(29)
def test_declared_odd_name_is_its_exact_bytes(way: Way, name: str) -> None:
    """Accepted when the configuration is built, with a warning."""
    cookies = [*COOKIES, Cookie(name, "authentication")]
    with pytest.warns(DeclarationWarning, match="no token") as caught:
        Config(secret_key=SECRET, cookies=cookies)
    assert len(caught) == 1
    assert repr(name) in str(caught[0].message)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeclarationWarning)
        header = name.encode() + b"=1"
        assert seen_by_application(way, header + b"; x=2", cookies=cookies) == header
        other = name.encode().upper() if name.isascii() else name.encode("utf-16-le")
        assert seen_by_application(way, other + b"=1", cookies=cookies) is None


@every_way
@pytest.mark.hostile(30)
def test_glob_is_anchored(way: Way) -> None:
    """After a yes the glob's names pass and the one that only contains it does not."""
    header = b"_ga_ABC=1; x_ga_1=2; _ga_=3"
    assert seen_by_application(way, header) is None
    assert seen_by_application(way, header, accepted=True) == b"_ga_ABC=1; _ga_=3"


@both_doors
@pytest.mark.hostile(31)
def test_look_alike_is_shown_escaped(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    site = site_of(door)
    with caplog.at_level("INFO"):
        site.get(cookie=b"s\xd1\x96d=1")
    assert site.outcomes[0].stripped == ("s\\xd1\\x96d",)
    assert "s\\xd1\\x96d" in caplog.text
    assert "s\u0456d" not in caplog.text


# --- several lines, odd types -------------------------------------------------------------------


@pytest.mark.hostile(32)
def test_crumbs_become_one_header_in_place() -> None:
    """At the place of the first, with all other headers in order."""
    site = site_of("asgi")
    headers = [
        (b"host", b"shop.example"),
        (b"cookie", b"sid=1"),
        (b"x-a", b"1"),
        (b"cookie", b"_ga=2"),
        (b"x-b", b"2"),
        (b"cookie", b"cart=3"),
        (b"x-a", b"3"),
    ]
    site.send(Exchange(headers=headers))
    assert site.asked[0].scope["headers"] == [
        (b"host", b"shop.example"),
        (b"cookie", b"sid=1; cart=3"),
        (b"x-a", b"1"),
        (b"x-b", b"2"),
        (b"x-a", b"3"),
    ]


@every_way
@pytest.mark.hostile(32)
def test_crumbs_are_filtered_together(way: Way) -> None:
    assert seen_by_application(way, b"sid=1", b"_ga=2", b"cart=3") == b"sid=1; cart=3"
    assert seen_by_application(way, b"sid=1", b"cart=3") == b"sid=1; cart=3"


@every_way
@pytest.mark.hostile(33)
def test_crumbs_with_separators_of_their_own(way: Way) -> None:
    assert seen_by_application(way, b"sid=1;", b" cart=2") == b"sid=1; cart=2"


@every_way
@pytest.mark.hostile(34)
def test_crumbs_never_merge_names(way: Way) -> None:
    assert seen_by_application(way, b'cart="x', b'y"; sid=1') == b'cart="x; sid=1'


@pytest.mark.hostile(35)
def test_header_names_in_any_case() -> None:
    """Filtered, and lower-case for those who read only that."""
    site = site_of("asgi")
    headers = [(b"Cookie", b"_ga=1; sid=1"), (b"COOKIE", b"_ga=2"), (b"X-Other", b"3")]
    site.send(Exchange(), scope={"headers": headers})
    assert site.asked[0].scope["headers"] == [(b"cookie", b"sid=1"), (b"x-other", b"3")]


LINES = [(b"host", b"shop.example"), (b"cookie", b"sid=1; _ga=2"), (b"accept", b"text/html")]
SHAPES: list[tuple[str, Callable[[], object]]] = [
    ("tuple", lambda: tuple(LINES)),
    ("list of lists", lambda: [list(pair) for pair in LINES]),
    ("generator", lambda: (pair for pair in LINES)),
    ("iterator", lambda: iter(LINES)),
    ("bytearray", lambda: [(bytearray(name), bytearray(value)) for name, value in LINES]),
    ("bytearray values", lambda: [(name, bytearray(value)) for name, value in LINES]),
    ("memoryview", lambda: [(memoryview(name), memoryview(value)) for name, value in LINES]),
    ("memoryview values", lambda: [(name, memoryview(value)) for name, value in LINES]),
]


@pytest.mark.parametrize("shape", [row[1] for row in SHAPES], ids=[row[0] for row in SHAPES])
@pytest.mark.parametrize("cookie_denied", [True, False])
@pytest.mark.hostile(36)
def test_header_lists_of_every_shape(shape: Callable[[], object], cookie_denied: bool) -> None:
    """A generator is read once and becomes a list; the banner is there as always."""
    undeclared = {} if cookie_denied else {"cookies": [*COOKIES[:2], Cookie("_ga", "cart")]}
    site = site_of("asgi", **undeclared)
    answer = site.send(Exchange(), scope={"headers": shape()}, lint=False)
    assert site.asked[0].cookie == (b"sid=1" if cookie_denied else b"sid=1; _ga=2")
    headers = site.asked[0].scope["headers"]
    assert isinstance(headers, list)
    assert [bytes(name) for name, _ in headers] == [name for name, _ in LINES]
    assert banners(answer.body) == 1


# --- what a WSGI environ may hold ---------------------------------------------------------------


@pytest.mark.parametrize("text", ["sid=1; cart=\u0434", "_ga=\U0001f36a", "\udcff=1; sid=1"])
@pytest.mark.hostile(37)
def test_undecodable_cookie_fails_closed(text: str) -> None:
    site = site_of("wsgi")
    answer = site.send(Exchange(), environ={"HTTP_COOKIE": text})
    assert answer.status == 200
    assert "HTTP_COOKIE" not in site.asked[0].scope
    assert not site.asked[0].state.decided


@pytest.mark.hostile(38)
def test_only_one_environ_key_is_cookie_state() -> None:
    site = site_of("wsgi")
    others = {"HTTP_X_COOKIE": "_ga=1", "COOKIE": "_ga=2", "HTTP_COOKIES": "_ga=3"}
    environ = {"HTTP_COOKIE": "sid=1; _ga=2", "HTTP_COOKIE2": '$Version="1"', **others}
    site.send(Exchange(), environ=environ)
    scope = site.asked[0].scope
    assert scope["HTTP_COOKIE"] == "sid=1"
    assert "HTTP_COOKIE2" not in scope
    assert {key: scope[key] for key in others} == others


def werkzeug_before(environ: dict[str, Any]) -> object:
    from werkzeug.wrappers import Request

    request = Request(environ)  # leaves itself in the environ
    return request.cookies


def webob_before(environ: dict[str, Any]) -> object:
    from webob import Request

    request = Request(environ)
    request.seen = "x"  # leaves attributes in the environ
    return request.cookies.get("_ga")


def werkzeug_inside(environ: dict[str, Any]) -> set[str]:
    from werkzeug.wrappers import Request

    request = environ.get("werkzeug.request") or Request(environ)
    return set(request.cookies)


def webob_inside(environ: dict[str, Any]) -> set[str]:
    from webob import Request

    return set(Request(environ).cookies)


FRAMEWORKS = {"werkzeug": (werkzeug_before, werkzeug_inside), "webob": (webob_before, webob_inside)}


@pytest.mark.parametrize("before", FRAMEWORKS)
@pytest.mark.parametrize("inside", FRAMEWORKS)
@pytest.mark.hostile(39)
def test_stale_parsed_cookies_do_not_come_back(before: str, inside: str) -> None:
    """Another middleware further out has parsed the cookies already, with a real framework."""
    seen: list[set[str]] = []

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        seen.append(FRAMEWORKS[inside][1](environ))
        start_response("200 OK", [("Content-Type", "text/html")])
        return [PAGE]

    inner = wsgi.CookieConsentMiddleware(app, secret_key=SECRET, cookies=COOKIES)

    def outer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        FRAMEWORKS[before][0](environ)
        return inner(environ, start_response)

    run_wsgi(outer, Exchange(headers=[(b"cookie", b"sid=1; _ga=2; cart=3")]))
    assert seen == [{"sid", "cart"}]


@pytest.mark.parametrize(
    "key",
    ["webob._parsed_cookies", "webob.adhoc_attrs", "bottle.request.cookies", "werkzeug.request"],
)
@pytest.mark.hostile(39)
def test_known_caches_are_emptied(key: str) -> None:
    """In the copy that the application gets; the caller's environ is left alone."""
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/",
        "HTTP_COOKIE": "sid=1; _ga=2",
        "wsgi.input": io.BytesIO(),
        key: {"_ga": "2"},
    }
    before = dict(environ)
    seen: list[dict[str, Any]] = []

    def app(inner: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        seen.append(inner)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b""]

    middleware = wsgi.CookieConsentMiddleware(app, secret_key=SECRET, cookies=COOKIES)
    list(middleware(environ, lambda *_: lambda _: None))
    assert key not in seen[0]
    assert seen[0]["HTTP_COOKIE"] == "sid=1"
    assert environ == before


# --- size ---------------------------------------------------------------------------------------

MEGABYTE = 1_000_000
FLOODS: list[tuple[str, Callable[[int], bytes]]] = [
    ("names", lambda size: b"; ".join(b"n%06d=%d" % (n, n % 7) for n in range(size // 11))),
    ("semicolons", lambda size: b";" * size),
    ("escaped quotes", lambda size: b'a="' + b'\\"' * (size // 2)),
    ("escaped quotes, allowed", lambda size: b'sid="' + b'\\"' * (size // 2)),
    ("hidden names", lambda size: b"sid=" + b",".join(b"h%06d=1" % n for n in range(size // 10))),
    ("white space", lambda size: b"sid=1,a" + b" " * size),
    ("wide white space", lambda size: b"sid=1,a" + b"\xe2\x80\x80" * (size // 3)),
    ("commas", lambda size: b"sid=" + b"," * size),
    ("equals signs", lambda size: b"sid" + b"=" * size),
    ("one name", lambda size: b"a" * size),
    ("glob names", lambda size: b"_ga_" + b"a" * size + b"=1"),
    ("control bytes", lambda size: b";\x01" * (size // 2)),
    ("folds", lambda size: b"\r\n " * (size // 3)),
    ("carriage returns", lambda size: b"\r" * size),
]


def seconds_for(work: Callable[[], object]) -> float:
    """Return the least processor time of a few runs."""
    times = []
    for _ in range(2):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


@pytest.mark.parametrize("flood", [row[1] for row in FLOODS], ids=[row[0] for row in FLOODS])
@pytest.mark.hostile(40)
def test_cost_grows_linearly(flood: Callable[[int], bytes]) -> None:
    """Four times the bytes take about four times as long; anything quadratic takes sixteen."""

    def filtering(size: int) -> Callable[[], object]:
        line = flood(size)

        def work() -> object:
            cookies = CookieHeader(line)
            fresh = CookieFilter(
                config.registry, frozenset({"cart", "authentication"}), OWN, undeclared=False
            )
            return fresh.request([line], cookies)

        return work

    config = Config(secret_key=SECRET, cookies=COOKIES)
    small, large = (seconds_for(filtering(size)) for size in (MEGABYTE // 8, MEGABYTE // 2))
    assert large < 10
    assert large < 10 * small + 0.05


@both_doors
@pytest.mark.parametrize(
    "flood", [row[1] for row in FLOODS[:5]], ids=[row[0] for row in FLOODS[:5]]
)
@pytest.mark.hostile(40)
def test_megabyte_of_cookies_is_answered(door: Door, flood: Callable[[int], bytes]) -> None:
    site = site_of(door)
    answer = site.get(cookie=flood(MEGABYTE) + b"; cart=7")
    assert answer.status == 200
    assert banners(answer.body) == 1
    assert site.outcomes[0].reason == "undecided"
    cookie = site.asked[0].cookie
    assert cookie is not None
    assert cookie.endswith(b"cart=7")
    assert not any(line.startswith(b"n") for line in answer.values(b"set-cookie"))


@both_doors
@pytest.mark.parametrize("distinct", [False, True])
@pytest.mark.hostile(41)
def test_few_signatures_are_checked(
    door: Door, distinct: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[bytes] = []
    read = ChoiceCodec.read

    def counting(codec: ChoiceCodec, value: bytes) -> object:
        checked.append(value)
        return read(codec, value)

    monkeypatch.setattr(ChoiceCodec, "read", counting)
    site = site_of(door)
    bogus = (b"bogus%d" % n if distinct else b"bogus" for n in range(50_000))
    site.get(cookie=b"; ".join(OWN + b"=" + value for value in bogus))
    assert len(checked) == (0 if distinct else 1)  # too many: none of them counts
    assert not site.asked[0].state.decided


def test_table_runs_through_a_page(caplog: pytest.LogCaptureFixture) -> None:
    """None of the headers above makes our own code fail, on a page or on ours."""

    def application(request: Asked) -> Page:
        return Page(headers=[*HTML, (b"set-cookie", b"sid=1"), (b"set-cookie", b"_ga=1")])

    rows = [row.values[0] for row in (*HEADERS, *HIDDEN)] + HARMLESS + DISGUISES
    with caplog.at_level("ERROR", "cookieconsent"):
        for door in DOORS:
            site = site_of(door, application=application)
            for header in rows:
                assert isinstance(header, bytes)
                site.get(cookie=header)
                site.get("/cookie-consent", cookie=header)
            assert {outcome.reason for outcome in site.outcomes} == {"undecided"}
    assert not caplog.records
