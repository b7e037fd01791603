"""Hostile input, area B: `Set-Cookie` of responses, deletions, and the one cookie of ours.

Most cases are the lines of an application and what of them goes out, through the core and both doors.
The site declares `sid`, `cart`, `_ga` and `_ga_*`; nobody has consented unless a test says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from typing import Any, Final, Literal, TypeAlias

import pytest

from cookieconsent import Config, ConfigError, Cookie, CookieClass
from cookieconsent.core.expiry import deletions
from cookieconsent.middleware.asgi import CookieConsentMiddleware
from doors import (
    HTML,
    NOON,
    SECRET,
    Asked,
    Door,
    Page,
    Site,
    Visitor,
    both_doors,
    consent_lines,
)
from oracles import set_cookie
from oracles.asgi_lint import AsgiLint
from oracles.drivers import Answer, Exchange, run_asgi
from oracles.jar import Jar

FACTS: Final[dict[str, Any]] = {"purpose": "Counts.", "provider": "Google", "lifetime": "2 years"}
COOKIES: Final = (
    Cookie("sid", "authentication"),
    Cookie("cart", "cart"),
    Cookie("_ga", "analytics", **FACTS),
    Cookie("_ga_*", "analytics", **FACTS),
)
OWN: Final = b"__Host-cookieconsent"
PAST: Final = b"Thu, 01 Jan 1970 00:00:00 GMT"
FUTURE: Final = b"Fri, 01 Jan 2100 00:00:00 GMT"

Way: TypeAlias = Literal["core", "asgi", "wsgi"]
every_way = pytest.mark.parametrize("way", ["core", "asgi", "wsgi"])
LOOSE: Final[dict[Door, dict[str, Any]]] = {
    "asgi": {"lint": {"folded_cookies": True, "lower_case": False}},
    "wsgi": {"lint": False},  # the stock checker refuses control characters, tabs included
}
"""Lints for applications that do what they should not."""


def site_of(door: Door, *lines: bytes, status: int = 200, **options: Any) -> Site:
    """Return a site whose application sets these cookies."""
    given = [(b"set-cookie", line) for line in lines]
    base = [] if status in {204, 304} else list(HTML)

    def application(request: Asked) -> Page:
        return Page(status=status, headers=[*base, *given], chunks=[b"<p>x</p>"])

    options.setdefault("cookies", COOKIES)
    return Site(door, application, **options)


def sent_to_browser(way: Way, *lines: bytes, accepted: bool = False) -> list[bytes]:
    """Return the `Set-Cookie` values that go out."""
    site = site_of("wsgi" if way == "wsgi" else "asgi", *lines)
    cookie = site.answer_cookie() if accepted else None
    if way == "core":
        standing = site.consent.undecided
        if cookie is not None:
            standing = site.consent.read([cookie.partition(b"=")[2]], site.consent.today(NOON))
        passed = [standing.plain.filter.response(line, NOON) for line in lines]
        return [line for line in passed if line is not None]
    answer = site.send(
        Exchange(headers=[] if cookie is None else [(b"cookie", cookie)]), **LOOSE[site.door]
    )
    assert answer.status == 200
    assert site.outcomes[-1].reason != "failure"
    return answer.values(b"set-cookie")


# --- which lines go out -------------------------------------------------------------------------

LINES = [
    pytest.param(
        [b"sid=1; HttpOnly", b"_ga=2", b"cart=3"],
        [b"sid=1; HttpOnly", b"cart=3"],
        marks=pytest.mark.hostile(43),
        id="three apart",
    ),
    pytest.param(
        [b"cart=2", b"sid=1", b"cart=2"],
        [b"cart=2", b"sid=1", b"cart=2"],
        marks=pytest.mark.hostile(43),
        id="order kept",
    ),
    pytest.param([b"  _ga  = x ; Path=/"], [], marks=pytest.mark.hostile(45), id="trimmed name"),
    pytest.param([b"\t_ga\t=x"], [], marks=pytest.mark.hostile(45), id="trimmed tabs"),
    pytest.param(
        [b" sid = x ; Path=/"],
        [b" sid = x ; Path=/"],
        marks=pytest.mark.hostile(45),
        id="bytes kept",
    ),
    pytest.param([b"sid=1, _ga=2"], [b"sid=1, _ga=2"], marks=pytest.mark.hostile(46), id="folded"),
    pytest.param([b"_ga", b"=_ga", b"=", b""], [], marks=pytest.mark.hostile(47), id="nameless"),
    pytest.param(
        [b"\x0b_ga=1", b"_ga=1\x00; sid", b"sid=1\r\nSet-Cookie: _ga=2", b"sid=1\n", b"sid=\x7f"],
        [],
        marks=pytest.mark.hostile(48),
        id="control bytes",
    ),
    pytest.param(
        [b"\xa0_ga=1", b"\xc2\xa0sid=1"], [], marks=pytest.mark.hostile(49), id="disguised"
    ),
    pytest.param(
        [b'sid="a;_ga=b"; Path=/'],
        [b'sid="a;_ga=b"; Path=/'],
        marks=pytest.mark.hostile(50),
        id="quotes do not hold",
    ),
    pytest.param(
        [b"sid=1; _ga=2; Path=/", b'sid=1; Secure qux; "Secure"; b,az=qux'],
        [b"sid=1; _ga=2; Path=/", b'sid=1; Secure qux; "Secure"; b,az=qux'],
        marks=pytest.mark.hostile(51),
        id="attributes are no cookies",
    ),
    pytest.param(
        [b"_ga=; Max-Age=0; Path=/"],
        [b"_ga=; Max-Age=0; Path=/"],
        marks=pytest.mark.hostile(52),
        id="deletion",
    ),
    pytest.param(
        [b"_ga=; Max-Age=-1"],
        [b"_ga=; Max-Age=-1"],
        marks=pytest.mark.hostile(52),
        id="negative age",
    ),
    pytest.param(
        [b"_ga=; Expires=" + PAST],
        [b"_ga=; Expires=" + PAST],
        marks=pytest.mark.hostile(52),
        id="past date",
    ),
    pytest.param(
        [b"x=; Max-Age=0"],
        [b"x=; Max-Age=0"],
        marks=pytest.mark.hostile(52),
        id="of an undeclared one",
    ),
    pytest.param(
        [
            b"_ga=v; Max-Age=0; Max-Age=3600",
            b"_ga=v; Expires=" + PAST + b"; Max-Age=60",
            b"_ga=v; Max-Age=60; Expires=" + PAST,
            b"_ga=v; Max-Age=abc; Expires=" + FUTURE,
            b'_ga=v; Max-Age="0"',
            b"_ga=v; Max-Age= ",
            b"_ga=v; Expires=" + b"x" * 1025,
            b"_ga=v; Expires=" + PAST.ljust(1025, b"x"),
        ],
        [],
        marks=pytest.mark.hostile(53),
        id="fake deletions",
    ),
    pytest.param(
        [b"_ga=ID123; Max-Age=0; Path=/a; Domain=.shop.example; Secure; Partitioned"],
        [b"_ga=; Max-Age=0; Path=/a; Domain=.shop.example; Secure; Partitioned"],
        marks=pytest.mark.hostile(54),
        id="payload taken out",
    ),
]


@every_way
@pytest.mark.parametrize(("lines", "left"), LINES)
def test_browser_gets_exactly(way: Way, lines: list[bytes], left: list[bytes]) -> None:
    assert sent_to_browser(way, *lines) == left


@pytest.mark.parametrize(("lines", "left"), LINES)
def test_browser_keeps_nothing_denied(lines: list[bytes], left: list[bytes]) -> None:
    """What goes out, in a browser's jar: nothing but what is exempt."""
    jar = Jar(now=NOON)
    jar.receive_response("https://shop.example/", [(b"set-cookie", line) for line in left])
    assert jar.names() <= {b"sid", b"cart"}


ODDITIES = [
    b'_ga=a b,c"d; path=/;;',
    b"_ga=1; Max-Age=0; Max-Age=3600",
    b" _ga = x",
    b"_ga=\xff\xfe; Path=/; unknown",
    b"_ga_X=1; Expires=soon",
    b"_ga=ID123; Max-Age=0",
]


@every_way
@pytest.mark.hostile(55)
def test_consented_cookies_pass_byte_for_byte(way: Way) -> None:
    assert sent_to_browser(way, *ODDITIES, accepted=True) == ODDITIES
    assert sent_to_browser(way, *ODDITIES) == [b"_ga=; Max-Age=0"]


@both_doors
@pytest.mark.parametrize("cased", [b"Set-Cookie", b"SET-COOKIE", b"sEt-cOOkie"])
@pytest.mark.hostile(44)
def test_header_name_in_any_case(door: Door, cased: bytes) -> None:
    lines = [(cased, b"sid=1"), (cased, b"_ga=2"), (b"set-cookie", b"cart=3")]
    site = Site(door, lambda _: Page(headers=[*HTML, *lines]), cookies=COOKIES)
    answer = site.get() if door == "wsgi" else site.send(Exchange(), **LOOSE[door])
    assert answer.values(b"set-cookie") == [b"sid=1", b"cart=3"]


@both_doors
@pytest.mark.hostile(46)
def test_folded_line_is_warned_of_once(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    site = site_of(door, b"sid=1, _ga=SECRET")
    with caplog.at_level("WARNING", "cookieconsent"):
        for _ in range(3):
            site.send(Exchange(), **LOOSE[door])
    assert len(caplog.records) == 1
    assert "'sid'" in caplog.text
    assert "SECRET" not in caplog.text


@both_doors
@pytest.mark.hostile(46)
def test_date_is_no_fold(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    site = site_of(door, b"sid=1; Expires=" + FUTURE + b"; Path=/")
    with caplog.at_level("WARNING", "cookieconsent"):
        site.get()
    assert not caplog.records


@both_doors
@pytest.mark.hostile(48)
def test_unreadable_line_is_logged(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    site = site_of(door, b"sid=1\r\nSet-Cookie: _ga=2")
    with caplog.at_level("INFO", "cookieconsent"):
        site.send(Exchange(), **LOOSE[door])
    assert site.outcomes[0].blocked == ("(unreadable)",)
    assert [record.getMessage() for record in caplog.records] == ["cookie blocked: (unreadable)"]


# --- our own deletions --------------------------------------------------------------------------


def scopes(lines: Iterable[bytes], name: bytes) -> list[str]:
    """Return where the deletions of one name point: domain, path, flags."""
    found = []
    for line in lines:
        cookie = set_cookie.parse(line)
        assert isinstance(cookie, set_cookie.SetCookie)
        if cookie.name == name:
            assert set_cookie.is_deletion(line, NOON)
            flags = "".join(
                letter
                for letter, flag in (
                    ("S", cookie.secure),
                    ("H", cookie.http_only),
                    ("P", cookie.partitioned),
                )
                if flag
            )
            found.append(f"{cookie.domain or ''}{cookie.path} {flags}".strip())
    return found


DECLARED: Final = (
    Cookie("_ga", "analytics", **FACTS, domain="shop.example.com"),
    Cookie("seen", "analytics", **FACTS, path="/shop"),
    Cookie("chip", "analytics", **FACTS, partitioned=True),
    Cookie("sid", "authentication"),
)


@both_doors
@pytest.mark.parametrize("scheme", ["https", "http"])
@pytest.mark.hostile(56)
def test_withdrawal_expires_what_was_sent(door: Door, scheme: Literal["https", "http"]) -> None:
    """Once per declared scope; parents from the configuration; nothing that was not sent."""
    site = Site(door, cookies=DECLARED, domains=["example.com", "shop.example.com"])
    sent = site.answer_cookie() + b"; _ga=1; seen=2; chip=3; sid=4; unknown=5"
    answer = site.post(
        {"choice": "withdraw"}, cookie=sent, host=b"www.shop.example.com", scheme=scheme
    )
    assert answer.status == 303
    lines = [line for line in answer.values(b"set-cookie") if not line.startswith(OWN)]
    secure = " S" if scheme == "https" else ""
    parents = [f"example.com/{secure}", f"shop.example.com/{secure}", f"/{secure}"]
    assert scopes(lines, b"_ga")[0] == f"shop.example.com/{secure}"
    assert scopes(lines, b"seen")[0] == f"/shop{secure}"
    assert scopes(lines, b"chip")[0] == "/ SP"
    for name in (b"_ga", b"seen", b"chip"):
        found = scopes(lines, name)
        assert set(parents) <= set(found)
        assert len(set(found)) == len(found)
    assert {line.partition(b"=")[0] for line in lines} == {b"_ga", b"seen", b"chip"}
    assert not any(b"Domain=com;" in line or b"Domain=www" in line for line in lines)
    assert len(consent_lines(answer)) == 1


@pytest.mark.hostile(56)
def test_withdrawal_expires_in_the_core() -> None:
    config = Config(secret_key=SECRET, cookies=DECLARED)
    rule = config.registry.rule_for(b"_ga")
    assert rule is not None
    lines = deletions(
        [(b"_ga", rule)], domains=["example.com"], path="/", secure=True, pick=lambda _: 0
    )
    assert scopes(lines, b"_ga") == [
        "shop.example.com/ S",
        "example.com/ S",
        "/ S",
        "/ SP",
        "example.com/ SP",
    ]


@both_doors
@pytest.mark.hostile(57)
@pytest.mark.filterwarnings("ignore::cookieconsent.DeclarationWarning")
def test_hostile_name_is_never_reflected(door: Door) -> None:
    """Undeclared ones, ones that a glob happens to match; a declared byte string is written."""
    cookies = [*COOKIES, Cookie("wp[u]", "analytics", **FACTS)]
    names = [
        b"x\x7f",
        b'"x"',
        b"\xff",
        b'_ga_"x"',
        b"_ga_\xff",
        b"_ga_\x1b[2J",
        b"_ga_a b",
        b"_ga_<b>",
    ]
    site = Site(door, cookies=cookies)
    answer = site.get(cookie=b"; ".join(name + b"=1" for name in names))
    assert answer.values(b"set-cookie") == []
    answer = site.get(cookie=b"wp[u]=1; " + b"; ".join(name + b"=1" for name in names))
    lines = answer.values(b"set-cookie")
    assert lines
    assert all(line.startswith(b"wp[u]=;") for line in lines)


PREFIXED = [
    ("__Host-x", {}, b"; Path=/; Secure"),
    ("__Host-x", {"partitioned": True}, b"; Path=/; Secure; Partitioned"),
    ("__Secure-x", {"domain": "shop.example"}, b"; Path=/; Domain=shop.example; Secure"),
    ("__Http-x", {"path": "/a"}, b"; Path=/a; Secure; HttpOnly"),
    ("__Host-Http-x", {}, b"; Path=/; Secure; HttpOnly"),
]


@both_doors
@pytest.mark.parametrize(("name", "scope", "attributes"), PREFIXED)
@pytest.mark.parametrize("scheme", ["https", "http"])
@pytest.mark.hostile(58)
def test_prefixed_name_is_deleted_by_its_rules(
    door: Door,
    name: str,
    scope: Mapping[str, Any],
    attributes: bytes,
    scheme: Literal["https", "http"],
) -> None:
    site = Site(door, cookies=[Cookie(name, "analytics", **FACTS, **scope)])
    lines = site.get(cookie=name.encode() + b"=1", scheme=scheme).values(b"set-cookie")
    assert lines[0] == name.encode() + b"=; Expires=" + PAST + b"; Max-Age=0" + attributes
    for line in lines:
        set_cookie.assert_strict(line)


# --- our own cookie -----------------------------------------------------------------------------


def many_classes(count: int) -> list[CookieClass]:
    return [CookieClass(f"class-number-{number:02}-of-the-site-here") for number in range(count)]


READY: Final = [
    Cookie(name, name, **FACTS) for name in ("preferences", "media", "advertising", "analytics")
]


@both_doors
@pytest.mark.parametrize("choice", ["accept", "reject"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"site": "s" * 16},
        {"cookie_domain": "a" * 60 + "." + "b" * 60 + ".example", "site": "s" * 16},
        {"secure": False},
    ],
    ids=["host", "site", "domain", "plain"],
)
@pytest.mark.hostile(59)
def test_largest_consent_cookie_is_small(door: Door, choice: str, options: dict[str, Any]) -> None:
    """256 bytes at most, in browsers' limits by far, with all the classes a site may have."""
    site = Site(door, classes=many_classes(24), cookies=READY, **options)
    answer = site.post({"choice": choice})
    name = site.consent.cookie_name
    (line,) = consent_lines(answer, name)
    assert len(line.partition(b";")[0]) <= 256
    set_cookie.assert_strict(line)
    site.get(cookie=line.partition(b";")[0])
    assert site.asked[-1].state.decided


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"classes": many_classes(25)}, "classes"),
        ({"site": "s" * 17}, "site"),
        ({"site": "S;x"}, "site"),
        ({"cookie_domain": ".".join(["a" * 60] * 5)}, "cookie_domain"),
    ],
    ids=["classes", "site", "site alphabet", "domain"],
)
@pytest.mark.hostile(59)
def test_too_large_fails_at_start_up(options: dict[str, Any], field: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Config(secret_key=SECRET, **options)
    assert caught.value.field == field


@both_doors
@pytest.mark.parametrize("choice", ["accept", "reject", "withdraw"])
@pytest.mark.hostile(60)
def test_age_within_browsers_cap(door: Door, choice: str) -> None:
    """The same for yes and no, longer than the answer counts, never negative."""
    site = Site(door)
    (line,) = consent_lines(site.post({"choice": choice}))
    cookie = set_cookie.parse(line)
    assert isinstance(cookie, set_cookie.SetCookie)
    assert cookie.max_age == 183 * 86_400 < 34_560_000
    assert cookie.expires is not None
    assert 0 < cookie.expires - NOON <= 183 * 86_400


@both_doors
@pytest.mark.hostile(60)
def test_signed_day_decides_not_the_browser(door: Door) -> None:
    """A browser that keeps the cookie for ever gains nothing."""
    site = site_of(door, b"_ga=1")
    cookie = site.answer_cookie()
    site.clock.advance(days=182)
    assert site.get(cookie=cookie).values(b"set-cookie") == [b"_ga=1"]
    site.clock.advance(days=1)
    answer = site.get(cookie=cookie + b"; _ga=1")
    assert b"_ga=1" not in answer.values(b"set-cookie")
    assert not site.asked[-1].state.decided


FORGED: Final = [
    OWN + b"=forged; Path=/; Secure",
    OWN + b"=; Max-Age=0; Path=/; Secure",
    b" " + OWN + b" = x",
]


@both_doors
@pytest.mark.parametrize("forged", FORGED)
@pytest.mark.hostile(61)
def test_forged_consent_cookie_is_removed(door: Door, forged: bytes) -> None:
    site = site_of(door, forged, b"sid=1")
    assert site.get().values(b"set-cookie") == [b"sid=1"]
    assert site.outcomes[0].blocked == (OWN.decode(),)
    assert site.get(cookie=site.answer_cookie()).values(b"set-cookie") == [b"sid=1"]


@both_doors
@pytest.mark.parametrize("forged", FORGED)
@pytest.mark.hostile(61)
def test_our_cookie_stands_once(door: Door, forged: bytes) -> None:
    """The application grants in the same response in which it forges."""

    def application(request: Asked) -> Page:
        request.state.grant("analytics")
        return Page(headers=[*HTML, (b"set-cookie", forged), (b"set-cookie", b"_ga=1")])

    site = Site(door, application, cookies=COOKIES)
    answer = site.get()
    (ours,) = consent_lines(answer)
    assert answer.values(b"set-cookie") == [b"_ga=1", ours]
    assert site.consent.codec.read(ours.partition(b";")[0].partition(b"=")[2]) is not None


# --- every kind of response ---------------------------------------------------------------------


@both_doors
@pytest.mark.parametrize(
    "status", [200, 201, 204, 206, 301, 302, 303, 304, 307, 400, 401, 404, 500, 503, 599]
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS", "PUT"])
@pytest.mark.hostile(66)
def test_every_status_is_filtered(door: Door, status: int, method: str) -> None:
    site = site_of(door, b"sid=1", b"_ga=2", b"cart=3", status=status)
    answer = site.get(method=method)
    assert answer.status == status
    assert answer.values(b"set-cookie") == [b"sid=1", b"cart=3"]


@both_doors
@pytest.mark.hostile(66)
def test_switching_protocols_is_filtered(door: Door) -> None:
    """101 belongs to the server; an application that sends it all the same is filtered."""
    lines = [(b"set-cookie", b"sid=1"), (b"set-cookie", b"_ga=2")]
    site = Site(door, lambda _: Page(status=101, headers=lines, chunks=[]), cookies=COOKIES)
    answer = site.send(Exchange(), lint=False)
    assert answer.values(b"set-cookie") == [b"sid=1"]


@both_doors
@pytest.mark.parametrize("accepted", [False, True])
@pytest.mark.hostile(67)
def test_clear_site_data_of_the_application_passes(door: Door, accepted: bool) -> None:
    page = Page(headers=[*HTML, (b"clear-site-data", b'"cookies", "storage"')])
    site = Site(door, lambda _: page, cookies=COOKIES)
    cookie = site.answer_cookie() if accepted else b"_ga=1"
    assert site.get(cookie=cookie).values(b"clear-site-data") == [b'"cookies", "storage"']


@both_doors
@pytest.mark.hostile(67)
def test_withdrawal_clears_no_site_data(door: Door) -> None:
    """That would take the login and the cart along; only `erase` does it, and only over https."""
    visitor = Visitor(Site(door, cookies=COOKIES))
    visitor.visit("/")
    visitor.choose("accept")
    answer = visitor.choose("withdraw")
    assert not answer.values(b"clear-site-data")
    erased = visitor.site.post({"choice": "erase"}, scheme="https")
    assert erased.values(b"clear-site-data") == [b'"cookies", "storage"']


# --- messages that only ASGI has ----------------------------------------------------------------

Message: TypeAlias = MutableMapping[str, Any]
START: Final[Message] = {"type": "http.response.start", "status": 200, "headers": list(HTML)}
END: Final[Message] = {"type": "http.response.body", "body": b"x"}


def answer_of(
    *messages: Message, extensions: Iterable[str] = (), cookie: bytes | None = None
) -> Answer:
    """Let an application send these messages through the middleware; linted on both sides."""

    async def application(scope: Any, receive: Any, send: Any) -> None:
        for message in messages:
            await send(message)

    middleware = CookieConsentMiddleware(AsgiLint(application), secret_key=SECRET, cookies=COOKIES)
    return run_asgi(
        middleware,
        Exchange(headers=[] if cookie is None else [(b"cookie", cookie)]),
        extensions={name: {} for name in extensions},
    )


@pytest.mark.hostile(62)
def test_early_hint_passes_untouched() -> None:
    """Also where a deletion is due: it rides on the response itself."""
    hint: Message = {"type": "http.response.early_hint", "links": [b"</a.css>; rel=preload"]}
    answer = answer_of(
        hint, START, END, extensions=["http.response.early_hint"], cookie=b"_ga=1; sid=2"
    )
    assert answer.messages[0] == hint
    assert answer.messages[1]["type"] == "http.response.start"
    assert answer.values(b"set-cookie")


@pytest.mark.hostile(63)
def test_trailers_are_filtered() -> None:
    trailers = [(b"set-cookie", b"_ga=1"), (b"x-checksum", b"1"), (b"set-cookie", b"sid=1")]
    answer = answer_of(
        {**START, "trailers": True},
        END,
        {"type": "http.response.trailers", "headers": trailers},
        extensions=["http.response.trailers"],
    )
    assert answer.trailers == trailers[1:]


@pytest.mark.parametrize(
    ("cookie", "left"), [(b"_ga=1", []), (b"sid=1; _ga=1", [(b"cookie", b"sid=1")])]
)
@pytest.mark.hostile(64)
def test_push_is_filtered_like_a_request(cookie: bytes, left: list[tuple[bytes, bytes]]) -> None:
    push: Message = {
        "type": "http.response.push",
        "path": "/a.css",
        "headers": [(b"accept", b"text/css"), (b"cookie", cookie)],
    }
    answer = answer_of(START, push, END, extensions=["http.response.push"])
    (pushed,) = (m for m in answer.messages if m["type"] == "http.response.push")
    assert pushed["headers"] == [(b"accept", b"text/css"), *left]


HANDSHAKE: Final = {
    "type": "websocket",
    "asgi": {"version": "3.0", "spec_version": "2.5"},
    "http_version": "1.1",
    "scheme": "wss",
    "path": "/live",
    "raw_path": b"/live",
    "query_string": b"",
    "root_path": "",
    "headers": [(b"host", b"shop.example"), (b"cookie", b"sid=1; _ga=2; x=3")],
    "client": ("192.0.2.1", 50_000),
    "server": ("shop.example", 443),
    "subprotocols": [],
    "extensions": {"websocket.http.response": {}},
    "state": {},
}
COOKIE_PAIRS: Final = [
    (b"set-cookie", b"_ga=1"),
    (b"set-cookie", b"sid=1"),
    (b"x-a", b"1"),
    (b"set-cookie", b"_ga=; Max-Age=0"),
]


def shake_hands(*messages: Message) -> tuple[Mapping[str, Any], list[Message]]:
    """Open a websocket; return the scope that arrived and what the server got."""
    seen: list[Mapping[str, Any]] = []
    sent: list[Message] = []
    incoming: Iterator[Message] = iter(
        [{"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1001}]
    )

    async def application(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope)
        await receive()
        for message in messages:
            await send(message)

    async def receive() -> Message:
        return next(incoming)

    async def send(message: Message) -> None:
        sent.append(message)

    middleware = CookieConsentMiddleware(AsgiLint(application), secret_key=SECRET, cookies=COOKIES)
    asyncio.run(AsgiLint(middleware)(dict(HANDSHAKE), receive, send))
    return seen[0], sent


@pytest.mark.hostile(65)
def test_websocket_handshake_is_filtered_both_ways() -> None:
    close: Message = {"type": "websocket.close", "code": 1000}
    scope, sent = shake_hands({"type": "websocket.accept", "headers": COOKIE_PAIRS}, close)
    assert dict(scope["headers"])[b"cookie"] == b"sid=1"
    assert sent[0]["headers"] == COOKIE_PAIRS[1:]
    assert sent[1] == close


@pytest.mark.hostile(65)
def test_denied_websocket_is_filtered() -> None:
    start: Message = {
        "type": "websocket.http.response.start",
        "status": 403,
        "headers": [*HTML, *COOKIE_PAIRS],
    }
    body: Message = {"type": "websocket.http.response.body", "body": b"<h1>no</h1>"}
    _, sent = shake_hands(start, body)
    assert sent == [{**start, "headers": [*HTML, *COOKIE_PAIRS[1:]]}, body]
