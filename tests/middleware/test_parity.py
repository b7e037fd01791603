"""The same exchanges through the core, both doors, and each door inside a bridge to the other.

One table. Whatever way an exchange takes, the status, the headers, the body and what the application
saw are the same. The bridges (a2wsgi) turn an ASGI application into a WSGI one and back, so that the
middleware stands behind a server it was not made for.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any, Final, Literal, TypeAlias

import pytest
from a2wsgi import ASGIMiddleware, WSGIMiddleware

from cookieconsent import Config, ConsentState, consent_of
from cookieconsent.core import headers as header_lists
from cookieconsent.engine.consent import Consent
from cookieconsent.engine.exchange import Exchange as EngineExchange
from cookieconsent.engine.routes import reply, wants_body
from cookieconsent.engine.submission import MAX_BODY_OCTETS
from cookieconsent.middleware import asgi, wsgi
from doors import DAY, FORM, HTML, NAVIGATION, NOON, PAGE, SECRET, Headers, Site
from oracles.drivers import Answer, Exchange, run_asgi, run_wsgi

Shown: TypeAlias = Literal["banner", "settings", "nothing", "ours"]

SAME_ORIGIN: Headers = ((b"sec-fetch-site", b"same-origin"), (b"content-type", FORM))
CROSS_SITE: Headers = ((b"sec-fetch-site", b"cross-site"), (b"content-type", FORM))
FETCHED: Headers = (
    (b"accept", b"*/*"),
    (b"sec-fetch-dest", b"empty"),
    (b"sec-fetch-mode", b"cors"),
)
COOKIES: Final = b"_ga=GA1.1; sessionid=2; unknown=3; cart=4"
SETS: Headers = (
    (b"set-cookie", b"_ga=GA1.2; Path=/; Domain=shop.example"),
    (b"set-cookie", b"sessionid=5; Path=/; HttpOnly"),
    (b"set-cookie", b"unknown=6"),
    (b"set-cookie", b"_gid=; Max-Age=0; Path=/"),
)
ETAG = (b"etag", b'"abc"')


# --- what an application does ---------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Request:
    """What reached the application."""

    cookie: bytes | None
    headers: list[tuple[bytes, bytes]]
    body: bytes
    decided: bool
    allowed: list[str]


@dataclass(frozen=True, kw_only=True)
class Page:
    """What the application answers."""

    status: int = 200
    headers: Headers = HTML
    chunks: tuple[bytes, ...] = (PAGE,)
    act: Callable[[ConsentState], bytes] | None = None
    """What it does with the state first; what comes back stands at the end of the page."""

    def made_for(self, state: ConsentState) -> Page:
        added = b"" if self.act is None else self.act(state)
        return replace(self, act=None, chunks=(*self.chunks, added)) if added else self

    @property
    def head(self) -> list[tuple[bytes, bytes]]:
        """The headers, as a list of its own."""
        return list(self.headers)


def request_of(headers: Iterable[tuple[bytes, bytes]], body: bytes, state: ConsentState) -> Request:
    lines = [value for name, value in headers if name == b"cookie"]
    assert len(lines) < 2
    # Read without asking: `allows` would add `Vary`.
    decision = state._exchange.ruling.decision
    return Request(
        cookie=lines[0] if lines else None,
        headers=sorted((name, value) for name, value in headers if name != b"cookie"),
        body=body,
        decided=not decision.ask,
        allowed=sorted(decision.allowed),
    )


def is_silent(method: str, status: int) -> bool:
    return method == "HEAD" or status in {204, 304}


def asgi_app(page: Page, seen: list[Request]) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        state = consent_of(scope)
        seen.append(request_of(scope["headers"], body, state))
        made = page.made_for(state)
        await send({"type": "http.response.start", "status": made.status, "headers": made.head})
        for chunk in () if is_silent(scope["method"], made.status) else made.chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body"})

    return app


def wsgi_app(page: Page, seen: list[Request]) -> Any:
    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        state = consent_of(environ)
        headers = [
            (key.removeprefix("HTTP_").replace("_", "-").lower().encode(), value.encode("latin-1"))
            for key, value in environ.items()
            if key.startswith("HTTP_") or key in {"CONTENT_TYPE", "CONTENT_LENGTH"}
        ]
        seen.append(request_of(headers, body, state))
        made = page.made_for(state)
        start_response(
            f"{made.status} {HTTPStatus(made.status).phrase}",
            [(name.decode("latin-1"), value.decode("latin-1")) for name, value in made.head],
        )
        return [] if is_silent(environ["REQUEST_METHOD"], made.status) else list(made.chunks)

    return app


# --- the ways through -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Passage:
    """What came back, and what the application saw."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    seen: list[Request]


def passage(answer: Answer, seen: list[Request]) -> Passage:
    return Passage(answer.status, sorted(answer.headers), answer.body, seen)


def through_core(config: Config, exchange: Exchange, page: Page) -> Passage:
    """Do what an adapter does, in a dozen lines."""
    headers, fields, lines = header_lists.index(exchange.wire())
    inner = EngineExchange(
        consent_from(config),
        method=exchange.method,
        scheme=exchange.scheme,
        root=exchange.root,
        path=exchange.path,
        query=exchange.query,
        fields=fields,
        cookie_lines=lines,
    )
    if inner.route is not None:
        given = exchange.body if wants_body(inner) else b""
        own = reply(inner, given if len(given) <= MAX_BODY_OCTETS else None)
        return Passage(own.status, sorted(own.headers), own.body, [])
    kept = header_lists.replace(headers, fields, inner.request_changes)
    seen = [request_of(kept, exchange.body, ConsentState(inner))]
    made = page.made_for(ConsentState(inner))
    head = inner.start(made.status, made.head)
    body = b""
    silent = is_silent(exchange.method, made.status)
    for number, chunk in enumerate((*(() if silent else made.chunks), b"")):
        last = not chunk and number == (0 if silent else len(made.chunks))
        body += inner.feed(chunk, last=last)
        if number == 0 and inner.insertion is not None:
            head = inner.settled_head()
    return Passage(made.status, sorted((name.lower(), value) for name, value in head), body, seen)


def consent_from(config: Config) -> Consent:
    consent = Consent(config)
    consent.random_below = first_of
    return consent


def first_of(number: int) -> int:
    """Choose always the first: where deletions start is drawn by lot else."""
    return 0


def through_asgi(config: Config, exchange: Exchange, page: Page) -> Passage:
    seen: list[Request] = []
    return passage(run_asgi(asgi_site(config, page, seen), exchange), seen)


def through_wsgi(config: Config, exchange: Exchange, page: Page) -> Passage:
    seen: list[Request] = []
    return passage(run_wsgi(wsgi_site(config, page, seen), exchange), seen)


def asgi_site(config: Config, page: Page, seen: list[Request]) -> Any:
    site = asgi.CookieConsentMiddleware(asgi_app(page, seen), config)
    site.consent.random_below = first_of
    return site


def wsgi_site(config: Config, page: Page, seen: list[Request]) -> Any:
    site = wsgi.CookieConsentMiddleware(wsgi_app(page, seen), config)
    site.consent.random_below = first_of
    return site


def asgi_under_wsgi(
    config: Config, exchange: Exchange, page: Page, loop: asyncio.AbstractEventLoop
) -> Passage:
    seen: list[Request] = []
    bridge: Any = ASGIMiddleware(asgi_site(config, page, seen), loop=loop)
    return passage(run_wsgi(bridge, exchange), seen)


def wsgi_under_asgi(config: Config, exchange: Exchange, page: Page) -> Passage:
    seen: list[Request] = []
    bridge: Any = WSGIMiddleware(wsgi_site(config, page, seen), workers=1)
    try:
        return passage(run_asgi(bridge, exchange), seen)
    finally:
        bridge.executor.shutdown()


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """An event loop in a thread, which the bridge would start and never stop."""
    own = asyncio.new_event_loop()
    thread = threading.Thread(target=own.run_forever)
    thread.start()
    yield own
    own.call_soon_threadsafe(own.stop)
    thread.join()
    own.close()


# --- the table ------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Row:
    """An exchange, and what the visitor sees of us in the answer."""

    exchange: Exchange
    shown: Shown
    page: Page = Page()
    options: dict[str, Any] = field(default_factory=dict)
    crumbs: bool = False
    """Whether it has several `Cookie` lines, which the bridge to WSGI joins by commas."""

    @property
    def config(self) -> Config:
        given: dict[str, Any] = {"secret_key": SECRET, "clock": lambda: NOON}
        return Config(**given | self.options)


def token(action: str, *, day: int = DAY) -> bytes:
    site = Site("asgi")
    site.clock.now = day * 86_400.0
    return site.answer_cookie(action)


def flipped(cookie: bytes) -> bytes:
    """Change a letter of the signature."""
    return cookie[:-3] + (b"A" if cookie[-3:-2] != b"A" else b"B") + cookie[-2:]


ACCEPTED, REJECTED = token("accept"), token("reject")
GPC: Headers = ((b"sec-gpc", b"1"),)
STATES: dict[str, tuple[bytes, Headers, Shown]] = {
    "none": (b"", (), "banner"),
    "accepted": (ACCEPTED, (), "settings"),
    "rejected": (REJECTED, (), "settings"),
    "signal": (b"", GPC, "settings"),
    "accepted, signal": (ACCEPTED, GPC, "settings"),
    "stale": (token("accept", day=DAY - 183), (), "banner"),
    "tampered": (flipped(ACCEPTED), (), "banner"),
    "both": (ACCEPTED + b"; " + REJECTED, (), "settings"),
}

LENGTH = (b"content-length", b"%d" % len(PAGE))
HEAD_OF_PAGE: Headers = (*HTML, LENGTH, ETAG, *SETS, (b"last-modified", b"x"))
CHUNKS = (b"<!doctype html><ht", b"ml><title>t</title><bo", b"dy class='a>b'>", b"x", b"")
# Each kind with its page, its request headers, and whether a page of it can show us.
KINDS: dict[str, tuple[Page, Headers, str, bool]] = {
    "page": (Page(headers=HEAD_OF_PAGE), NAVIGATION, "GET", True),
    "stream": (Page(headers=[*HTML, *SETS], chunks=CHUNKS), NAVIGATION, "GET", True),
    "error page": (Page(status=404, headers=HEAD_OF_PAGE), NAVIGATION, "GET", True),
    "fragment": (Page(headers=HEAD_OF_PAGE), FETCHED, "GET", False),
    "data": (
        Page(headers=[(b"content-type", b"application/json"), *SETS], chunks=(b"{}",)),
        NAVIGATION,
        "GET",
        False,
    ),
    "redirect": (
        Page(status=302, headers=[*HTML, *SETS, (b"location", b"/x")], chunks=(b"x",)),
        NAVIGATION,
        "GET",
        False,
    ),
    "not modified": (
        Page(status=304, headers=[ETAG, *SETS], chunks=()),
        [*NAVIGATION, (b"if-none-match", b'"abc", W/"x-consentS-y"')],
        "GET",
        False,
    ),
    "head": (Page(headers=HEAD_OF_PAGE), NAVIGATION, "HEAD", False),
}
FORMS: dict[str, tuple[bytes, Headers]] = {
    "accept": (b"choice=accept&next=/a", SAME_ORIGIN),
    "reject": (b"choice=reject", SAME_ORIGIN),
    "save": (b"choice=save&class-analytics=yes&next=//evil", SAME_ORIGIN),
    "withdraw": (b"choice=withdraw", SAME_ORIGIN),
    "erase": (b"choice=erase", SAME_ORIGIN),
    "forget": (b"choice=forget", SAME_ORIGIN),
    "nonsense": (b"choice=nonsense&\xff%", SAME_ORIGIN),
    "from elsewhere": (b"choice=accept", CROSS_SITE),
    "without a token": (b"choice=accept", [(b"content-type", FORM)]),
    "of another type": (b"choice=accept", [(b"content-type", b"text/plain")]),
    "too large": (b"choice=accept&x=" + 20_000 * b"x", SAME_ORIGIN),
}


def request(
    headers: Headers = NAVIGATION, cookie: bytes = b"", own: Headers = (), **parts: Any
) -> Exchange:
    line = COOKIES + b"; " + cookie if cookie else COOKIES
    return Exchange(headers=[*headers, *own, (b"cookie", line)], **parts)


def rows() -> Iterator[tuple[str, Row]]:
    for state, (cookie, own, shown) in STATES.items():
        for kind, (page, headers, method, shows) in KINDS.items():
            exchange = request(headers, cookie, own, method=method)
            yield (
                f"{kind}, {state}",
                Row(exchange=exchange, page=page, shown=shown if shows else "nothing"),
            )
        yield (
            f"our page, {state}",
            Row(exchange=request(NAVIGATION, cookie, own, path="/cookie-consent"), shown="ours"),
        )
    for form, (body, headers) in FORMS.items():
        for state, scheme, root in (("none", "http", ""), ("accepted", "https", "/sh\xf6p")):
            cookie = STATES[state][0]
            parts: dict[str, Any] = {
                "method": "POST",
                "path": "/cookie-consent",
                "scheme": scheme,
                "root": root,
            }
            exchange = request(headers, cookie, body=body, **parts)
            yield f"form {form}, {state}, {scheme}", Row(exchange=exchange, shown="ours")
    for path in ("/style.css", "/state.css", "/receipt.json", "/", "/../x"):
        exchange = request(path="/cookie-consent" + path)
        yield f"our {path}", Row(exchange=exchange, shown="ours")
    for method in ("HEAD", "PUT", "OPTIONS", "PURGE"):
        exchange = request(path="/cookie-consent", method=method)
        yield f"our page, {method}", Row(exchange=exchange, shown="ours")
    yield from other_rows()


def grant(state: ConsentState) -> bytes:
    state.grant("analytics")
    return b"<p>thanks</p>"


def withdraw(state: ConsentState) -> bytes:
    state.withdraw()
    return b""


def ask(state: ConsentState) -> bytes:
    return b"yes" if state.allows("analytics") else b"no"


def place(state: ConsentState) -> bytes:
    return str(state.banner()).encode() + str(state.settings_link()).encode()


def speak_german(state: ConsentState) -> bytes:
    state.locale = "de"
    return b""


def other_rows() -> Iterator[tuple[str, Row]]:
    page = Page(headers=HEAD_OF_PAGE)
    html = Page(headers=[*HTML, *SETS])
    policy = (b"content-security-policy", b"default-src 'none'; style-src 'self'")
    yield "https", Row(exchange=request(scheme="https"), page=page, shown="banner")
    yield (
        "mounted",
        Row(exchange=request(root="/shop", path="/caf\xe9", query=b"a=%20b"), shown="banner"),
    )
    yield "mounted with an odd name", Row(exchange=request(root='/"s'), shown="banner")
    yield "empty path", Row(exchange=request(root="/shop", path=""), shown="banner")
    yield "two slashes", Row(exchange=request(path="//evil.example/x"), shown="banner")
    yield "odd method", Row(exchange=request(method="PURGE"), shown="nothing")
    yield (
        "form of the application",
        Row(
            exchange=request([*NAVIGATION, *SAME_ORIGIN[1:]], method="POST", body=b"a=1&b=\xff"),
            page=page,
            shown="banner",
        ),
    )
    crumbs = [
        *NAVIGATION,
        (b"cookie", b"sessionid=1"),
        (b"cookie", b"_ga=2"),
        (b"cookie", b"cart=3"),
    ]
    yield "crumbs", Row(exchange=Exchange(headers=crumbs), shown="banner", crumbs=True)
    hidden = [*NAVIGATION, (b"cookie", b"sessionid=1, _ga=2; cart=\xff; a\x01=b")]
    yield "hidden cookie", Row(exchange=Exchange(headers=hidden), shown="banner")
    yield "no cookie at all", Row(exchange=Exchange(headers=NAVIGATION), shown="banner")
    languages = [*NAVIGATION[:1], (b"accept-language", b"fr;q=0.9, de"), *NAVIGATION[2:]]
    yield "another language", Row(exchange=request(languages), page=page, shown="banner")
    encodings = [*NAVIGATION, (b"accept-encoding", b"gzip"), (b"range", b"bytes=0-")]
    yield "encodings and ranges", Row(exchange=request(encodings), page=page, shown="banner")
    yield (
        "policy",
        Row(exchange=request(), page=Page(headers=[*HTML, policy]), shown="banner"),
    )
    yield (
        "encoded",
        Row(
            exchange=request(),
            page=Page(headers=[*HTML, (b"content-encoding", b"gzip")]),
            shown="nothing",
        ),
    )
    public = (b"cache-control", b"public, max-age=600")
    vary = (b"vary", b"accept, cookie")
    yield (
        "public page",
        Row(exchange=request(), page=Page(headers=[*HTML, public, vary]), shown="banner"),
    )
    yield "frameset", Row(exchange=request(), page=Page(chunks=(b"<frameset>",)), shown="nothing")
    yield "empty page", Row(exchange=request(), page=Page(chunks=()), shown="nothing")
    yield (
        "foreign base",
        Row(exchange=request(), page=Page(chunks=(b"<base href=//x><body>",)), shown="nothing"),
    )
    acts: list[tuple[str, Callable[[ConsentState], bytes], Shown]] = [
        ("grants", grant, "settings"),
        ("withdraws", withdraw, "banner"),
        ("asks", ask, "banner"),
        ("places the banner", place, "banner"),
        ("speaks german", speak_german, "banner"),
    ]
    for name, act, shown in acts:
        yield (
            f"application {name}",
            Row(exchange=request(), page=replace(html, act=act), shown=shown),
        )
    yield (
        "application withdraws a yes",
        Row(exchange=request(cookie=ACCEPTED), page=replace(html, act=withdraw), shown="settings"),
    )
    yield (
        "report only",
        Row(exchange=request(), page=page, options={"enforce": False}, shown="nothing"),
    )
    yield (
        "undeclared allowed",
        Row(exchange=request(), page=page, options={"undeclared": "allow"}, shown="banner"),
    )
    yield (
        "shared cache",
        Row(exchange=request(), page=page, options={"shared_cache": True}, shown="banner"),
    )
    yield (
        "shared cache, accepted",
        Row(
            exchange=request(cookie=ACCEPTED),
            page=page,
            options={"shared_cache": True},
            shown="banner",
        ),
    )
    yield (
        "no settings element",
        Row(
            exchange=request(cookie=ACCEPTED),
            page=page,
            options={"settings_link": False},
            shown="nothing",
        ),
    )


ROWS: Final = dict(rows())


def test_table_is_large_enough() -> None:
    assert len(ROWS) >= 100
    assert {row.shown for row in ROWS.values()} == {"banner", "settings", "nothing", "ours"}


@pytest.mark.hostile(154)
@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_every_way_is_the_same(row: Row, loop: asyncio.AbstractEventLoop) -> None:
    config, exchange, page = row.config, row.exchange, row.page
    reference = through_core(config, exchange, page)
    assert shown_in(reference) == row.shown
    assert through_asgi(config, exchange, page) == reference
    assert through_wsgi(config, exchange, page) == reference
    assert asgi_under_wsgi(config, exchange, page, loop) == reference
    if not row.crumbs:
        assert wsgi_under_asgi(config, exchange, page) == reference


def shown_in(result: Passage) -> Shown:
    if not result.seen:
        return "ours"
    banners = result.body.count(b'id="cookieconsent-banner"')
    settings = result.body.count(b'id="cookieconsent-settings"')
    assert banners + settings < 2
    if banners:
        return "banner"
    return "settings" if settings else "nothing"


def test_different_rows_differ() -> None:
    """A comparison of nothing with nothing would pass too."""
    seen = set()
    for row in ROWS.values():
        seen.add(repr(through_core(row.config, row.exchange, row.page)))
    assert len(seen) > len(ROWS) // 2
