"""Whole exchanges with any bytes, through both doors: properties 1, 5, 6, 12, 13, 18 and 20."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest
from a2wsgi import ASGIMiddleware, WSGIMiddleware
from hypothesis import given
from hypothesis import strategies as st

from cookieconsent.middleware import asgi, wsgi
from doors import DOORS, FORM, HTML, NAVIGATION, NOON, PAGE, Asked, Door, Page, both_doors
from oracles import set_cookie
from oracles.drivers import Answer, Exchange, asgi_app, run_asgi, run_wsgi, wsgi_app
from properties.strategies import (
    HTML_ATOMS,
    SHAPES,
    Pairs,
    borders,
    config,
    cookie_lines,
    cut_at,
    examples,
    html_soups,
    request_headers,
    response_headers,
    soup,
    stage,
)

HELD = 16  # octets of a body that may wait for the next chunk
METHODS = st.sampled_from(
    ["GET", "GET", "GET", "HEAD", "POST", "PUT", "OPTIONS", "TRACE", "pOsT", "PURGE"]
)
PATHS = st.one_of(
    st.sampled_from(["/", "/a/b", "/cookie-consent", "/cookie-consent/x", "//evil.example/", ""]),
    st.text(st.characters(codec="utf-8", exclude_characters="?#"), max_size=12).map(
        lambda text: "/" + text
    ),
)
STATUSES = st.sampled_from([200, 200, 200, 201, 204, 206, 302, 304, 401, 404, 500, 599])
SCHEMES = st.sampled_from(["http", "https"])


@st.composite
def exchanges(draw: st.DrawFn, paths: st.SearchStrategy[str] = PATHS) -> Exchange:
    """Draw a request; half of them navigations, so that pages get their banner."""
    headers = draw(request_headers())
    if draw(st.booleans()):
        headers += [pair for pair in NAVIGATION if pair[0] not in {name for name, _ in headers}]
    method = draw(METHODS)
    return Exchange(
        method=method,
        path=draw(paths),
        query=draw(st.sampled_from([b"", b"a=b", b"next=//evil.example", b"%00&\xff"])),
        headers=[(name.lower(), value) for name, value in headers],
        body=draw(st.binary(max_size=30)) if method == "POST" else b"",
        scheme=draw(SCHEMES),  # type: ignore[arg-type] # one of two
        root=draw(st.sampled_from(["", "/shop", "/caf\xe9"])),
        host=draw(st.sampled_from([b"shop.example", b"www.shop.example:8000", b"[::1]", None])),
    )


@st.composite
def pages(draw: st.DrawFn) -> Page:
    """Draw an answer of the application."""
    document = draw(html_soups())
    return Page(
        status=draw(STATUSES),
        headers=draw(response_headers()),
        chunks=cut_at(document, draw(borders())),
    )


class _Failures(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@contextmanager
def no_failure_of_ours() -> Iterator[None]:
    """Fail if the library caught an exception of its own: visitors do not see it, tests do."""
    handler = _Failures()
    logger = logging.getLogger("cookieconsent")
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
    assert not handler.records, handler.records[0].exc_info


@cache
def _middleware(module: Any) -> Any:
    return module.CookieConsentMiddleware(print, config())  # until it is given another


def behind(module: Any, application: Any) -> Any:
    """Return a middleware with another application in it."""
    middleware = _middleware(module)
    middleware.app = application
    return middleware


def is_own(path: str) -> bool:
    return path == "/cookie-consent" or path.startswith("/cookie-consent/")


# --- 1: whatever is sent --------------------------------------------------------------------------


@pytest.mark.hostile(3, 8, 24, 28, 36, 48, 68, 122, 152, 160, 174, 175, 179)
@both_doors
@examples(200)
@given(exchange=exchanges(), page=pages())
def test_nothing_sent_makes_it_raise(door: Door, exchange: Exchange, page: Page) -> None:
    """The application runs exactly once, or we answer; nothing raises, inside or outside."""
    site = stage(door).show(page)
    with no_failure_of_ours():
        answer = site.send(exchange, lint=False)
    assert len(site.asked) == (not is_own(exchange.path))
    if site.asked:
        assert answer.status == page.status
    for line in answer.values(b"set-cookie"):
        name = set_cookie.name_of(line)
        cls = None if name is None else site.consent.registry.classify(name).cls
        exempt = cls in {"authentication", "cart", "consent"}
        assert exempt or name is None or set_cookie.is_deletion(line, NOON)


@pytest.mark.hostile(97, 105, 106)
@both_doors
@examples(150)
@given(
    body=st.one_of(
        st.binary(max_size=60),
        soup(
            (b"choice=", b"accept", b"reject", b"save", b"&", b"=", b"%", b"%u", b"class-", b"yes"),
        ),
        soup((b"choice=save&", b"class-analytics=", b"no", b"yes", b"&next=", b"&token=", b"%00")),
    ),
    site_header=st.sampled_from([b"same-origin", b"none", b"cross-site", b"\xff"]),
    cookie=cookie_lines(),
)
def test_no_form_makes_it_raise(door: Door, body: bytes, site_header: bytes, cookie: bytes) -> None:
    site = stage(door).show()
    cookie = cookie.translate(None, b"\0\r\n")
    with no_failure_of_ours():
        answer = site.send(posted(body, site_header, cookie), lint=False)
    assert answer.status in {303, 400, 403}
    assert not site.asked
    written = [line for line in answer.values(b"set-cookie") if line.startswith(b"__Host-")]
    assert len(written) == (answer.status == 303)
    assert answer.status != 303 or site_header == b"same-origin"


def posted(body: bytes, fetch_site: bytes, cookie: bytes) -> Exchange:
    headers = [(b"sec-fetch-site", fetch_site), (b"cookie", cookie), (b"content-type", FORM)]
    return Exchange(method="POST", path="/cookie-consent", headers=headers, body=body)


@pytest.mark.hostile(35, 36, 144)
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@examples(60)
@given(pairs=request_headers())
def test_shapes_of_header_lists_are_one(shape: Any, pairs: Pairs) -> None:
    """Servers hand over lists, tuples, generators, views: the application gets the same list."""
    seen = []
    for headers in (list(pairs), shape(list(pairs))):
        site = stage("asgi").show()
        with no_failure_of_ours():
            site.send(Exchange(), scope={"headers": headers}, lint=False)
        (request,) = site.asked
        assert type(request.scope["headers"]) is list
        received = [tuple(pair) for pair in request.scope["headers"]]
        assert all(type(part) is bytes for pair in received for part in pair)
        assert not [name for name, _ in received if name != name.lower()]
        seen.append(received)
    assert seen[0] == seen[1]
    cookies = [pair for pair in seen[0] if pair[0] == b"cookie"]
    assert len(cookies) <= 1
    # Everything else is in order and as it was, but for what a banner needs.
    rest = iter([(name.lower(), value) for name, value in pairs])
    adapted = {b"cookie", b"accept-encoding", b"if-none-match"}
    assert all(pair in rest for pair in seen[0] if pair[0] not in adapted)


@pytest.mark.hostile(65)
@examples(100)
@given(pairs=request_headers(), lines=response_headers())
def test_websockets_are_filtered_both_ways(pairs: Pairs, lines: Pairs) -> None:
    received: list[Any] = []
    sent: list[Any] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        received.append(scope)
        await send({"type": "websocket.accept", "headers": lines})
        await send({"type": "websocket.send", "text": "x"})

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    middleware = behind(asgi, application)
    scope = {"type": "websocket", "path": "/cookie-consent", "scheme": "wss", "headers": pairs}
    before = list(pairs)
    with no_failure_of_ours():
        asyncio.run(middleware(scope, receive, send))
    assert pairs == before
    assert [message["type"] for message in sent] == ["websocket.accept", "websocket.send"]
    page = stage("asgi").show()
    page.send(Exchange(), scope={"headers": pairs}, lint=False)
    cookies = [
        [p for p in s["headers"] if p[0] == b"cookie"] for s in (received[0], page.asked[0].scope)
    ]
    assert cookies[0] == cookies[1]
    for line in (value for name, value in sent[0]["headers"] if name.lower() == b"set-cookie"):
        cls = middleware.consent.registry.classify(set_cookie.name_of(line) or b"").cls
        assert cls in {"authentication", "cart", "consent"} or set_cookie.is_deletion(line, NOON)


def values(pairs: Pairs) -> list[bytes]:
    return [value for name, value in pairs if name == b"cookie"]


# --- 5: twice is once -----------------------------------------------------------------------------


@cache
def doubled(door: Door) -> Any:
    """Return the application of the stage behind a second middleware."""
    module = asgi if door == "asgi" else wsgi
    return module.CookieConsentMiddleware(getattr(stage(door).site, door), config())


@pytest.mark.hostile(42, 129, 177)
@both_doors
@examples(100)
@given(exchange=exchanges(), page=pages())
def test_two_middlewares_are_one(door: Door, exchange: Exchange, page: Page) -> None:
    run: Any = run_asgi if door == "asgi" else run_wsgi
    results = []
    for application in (getattr(stage(door).site, door), doubled(door)):
        site = stage(door).show(page)
        results.append((run(application, exchange, lint=False), [a.cookie for a in site.asked]))
    assert results[0] == results[1]


# --- 12: what is not ours -------------------------------------------------------------------------

UNTOUCHED = {
    "json": (200, "GET", [(b"content-type", b"application/json")]),
    "no type": (200, "GET", []),
    "two types": (200, "GET", [*HTML, (b"content-type", b"text/plain")]),
    "event stream": (200, "GET", [(b"content-type", b"text/event-stream")]),
    "xhtml": (200, "GET", [(b"content-type", b"application/xhtml+xml")]),
    "encoded": (200, "GET", [*HTML, (b"content-encoding", b"br")]),
    "partial": (206, "GET", [*HTML, (b"content-range", b"bytes 0-1/9")]),
    "attachment": (200, "GET", [*HTML, (b"content-disposition", b"attachment")]),
    "utf-16": (200, "GET", [(b"content-type", b"text/html; charset=utf-16")]),
    "signed": (200, "GET", [*HTML, (b"signature", b"x")]),
    "redirect": (302, "GET", [*HTML, (b"location", b"/x")]),
    "not modified": (304, "GET", [(b"etag", b'"a"')]),
    "no content": (204, "GET", []),
    "head": (200, "HEAD", [(b"content-type", b"text/plain"), (b"content-length", b"9")]),
    "two lengths": (200, "GET", [*HTML, (b"content-length", b"1"), (b"content-length", b"2")]),
}


@pytest.mark.hostile(116, 117, 118, 119, 120, 122, 123, 178)
@both_doors
@pytest.mark.parametrize(("status", "method", "head"), UNTOUCHED.values(), ids=UNTOUCHED)
@examples(25)
@given(
    document=soup(HTML_ATOMS),
    places=borders(),
    cookies=st.lists(st.sampled_from([b"sid=1; Path=/", b"cart=2; HttpOnly", b"_ga=3"])),
    sent=st.lists(st.sampled_from([b"sid=1", b"cart=2", b"nobody=3"])),
)
def test_what_is_no_page_stays_untouched(
    door: Door,
    status: int,
    method: str,
    head: Pairs,
    document: bytes,
    places: list[int],
    cookies: list[bytes],
    sent: list[bytes],
) -> None:
    lines = [(b"set-cookie", line) for line in cookies]
    page = Page(
        status=status, headers=[*head, (b"x-a", b"1"), *lines], chunks=cut_at(document, places)
    )
    site = stage(door).show(page)
    cookie = [(b"cookie", b"; ".join(sent))] if sent else []
    answer = site.send(Exchange(method=method, headers=[*NAVIGATION, *cookie]), lint=False)
    ours = {b"vary", b"cache-control"}  # what caches are told of an HTML page in any case
    kept = [pair for pair in page.headers if not pair[1].startswith(b"_ga")]
    assert [pair for pair in answer.headers if pair[0] not in ours] == kept
    if (b"content-type", HTML[0][1]) not in head and status != 304:
        assert answer.headers == kept
    silent = method == "HEAD" or status in {204, 304}
    assert answer.body == (b"" if silent else document)
    if not silent and door == "asgi":
        assert answer.chunks == [*page.chunks, b""]
    if not silent and door == "wsgi":
        assert answer.chunks == list(page.chunks)


# --- 13: both doors are one -----------------------------------------------------------------------


@st.composite
def orderly(draw: st.DrawFn) -> Exchange:
    """Draw a request that every server and bridge lets through alike."""
    drawn = draw(exchanges(st.sampled_from(["/", "/a/b", "/caf\xe9", "/cookie-consent", "//x"])))
    seen: set[bytes] = set()
    headers: Pairs = []
    for name, value in drawn.wire():
        text = value.translate(None, bytes([*range(9), *range(10, 32), 0x7F])).strip(b" \t")
        if name not in seen and name not in {b"content-length", b"cookie2"}:
            seen.add(name)
            headers.append((name, text))
    method = drawn.method if drawn.method.isupper() else "GET"
    body = drawn.body if method == "POST" else b""
    return Exchange(
        method=method,
        path=drawn.path,
        query=b"a=b",
        headers=headers,
        body=body,
        scheme=drawn.scheme,
        root="",
    )


def comparable(answer: Answer) -> tuple[int, Pairs, bytes]:
    return answer.status, sorted(answer.headers), answer.body


@pytest.mark.hostile(154)
@examples(150)
@given(exchange=orderly(), page=pages(), grant=st.booleans())
def test_both_doors_give_one_answer(exchange: Exchange, page: Page, grant: bool) -> None:
    results = []
    for door in DOORS:
        site = stage(door).show(page)
        cookie = [(b"cookie", site.answer_cookie("accept"))] if grant else []
        sent = Exchange(
            method=exchange.method,
            path=exchange.path,
            headers=[*exchange.headers, *cookie],
            body=exchange.body,
            scheme=exchange.scheme,
        )
        answer = site.send(sent, lint=False)
        cookies = [request.cookie for request in site.asked]
        results.append((comparable(answer), answer.headers, cookies))
    assert results[0] == results[1]


@pytest.mark.hostile(154)
@pytest.mark.parametrize("grant", [False, True], ids=["undecided", "accepted"])
@examples(15)
@given(
    document=html_soups(), places=borders(), lines=st.lists(st.sampled_from([b"sid=1", b"_ga=2"]))
)
def test_bridges_change_nothing(
    grant: bool, document: bytes, places: list[int], lines: list[bytes]
) -> None:
    """The same site behind a bridge from ASGI to WSGI, and the other way round."""
    head = [*HTML, *((b"set-cookie", line + b"; Path=/") for line in lines)]
    page = Page(headers=head, chunks=[chunk for chunk in cut_at(document, places) if chunk])
    one, other = (stage(door).show(page) for door in DOORS)
    cookie = [(b"cookie", one.answer_cookie("accept") + b"; _ga=1; sid=2")] if grant else []
    exchange = Exchange(headers=[*NAVIGATION, *cookie])
    direct = run_asgi(one.asgi, exchange, lint=False)
    assert comparable(direct) == comparable(run_wsgi(other.wsgi, exchange, lint=False))
    bridges: list[Any] = [ASGIMiddleware(one.asgi), WSGIMiddleware(other.wsgi)]
    over_wsgi = run_wsgi(bridges[0], exchange, lint=False)
    assert comparable(over_wsgi) == comparable(direct)
    over_asgi = run_asgi(bridges[1], exchange, lint=False)
    assert comparable(over_asgi) == comparable(direct)


# --- 18: streams ----------------------------------------------------------------------------------


@pytest.mark.hostile(130, 131, 142)
@examples(100)
@given(document=html_soups(), places=borders(), head=response_headers())
def test_asgi_holds_back_next_to_nothing(document: bytes, places: list[int], head: Pairs) -> None:
    """Each chunk goes out with the message that brought it, but for an unfinished name."""
    chunks = cut_at(document, places)
    out: list[Any] = []
    lead: list[tuple[int, int]] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        received = 0
        await send({"type": "http.response.start", "status": 200, "headers": head})
        for number, chunk in enumerate(chunks, start=1):
            more = number < len(chunks)
            await send({"type": "http.response.body", "body": chunk, "more_body": more})
            received += len(chunk)
            lead.append((received, sum(len(m.get("body", b"")) for m in out)))

    async def send(message: Any) -> None:
        out.append(message)

    middleware = behind(asgi, application)
    scope = {"type": "http", "path": "/", "method": "GET", "headers": list(NAVIGATION)}
    asyncio.run(middleware(scope, _no_receive, send))
    assert all(sent >= received - HELD for received, sent in lead)
    kinds = [message["type"] for message in out]
    assert kinds == ["http.response.start"] + ["http.response.body"] * (len(kinds) - 1)
    assert [m.get("more_body", False) for m in out[1:]] == [True] * (len(out) - 2) + [False]


async def _no_receive() -> Any:
    raise AssertionError("nobody asked for the body")


class _Body:
    """An iterable that counts, and whose iterator is another object."""

    def __init__(self, chunks: Iterable[bytes], fail_at: int | None) -> None:
        self._chunks = list(chunks)
        self._fail_at = fail_at
        self.taken = self.closed = 0

    def __iter__(self) -> Iterator[bytes]:
        for number, chunk in enumerate(self._chunks):
            if number == self._fail_at:
                raise RuntimeError("the application broke")
            self.taken += 1
            yield chunk

    def close(self) -> None:
        self.closed += 1


@pytest.mark.hostile(131, 147, 148)
@examples(150)
@given(
    document=html_soups(),
    places=borders(),
    head=response_headers(),
    stop=st.none() | st.integers(0, 4),
    fail_at=st.none() | st.integers(0, 4),
)
def test_wsgi_gives_one_for_one(
    document: bytes, places: list[int], head: Pairs, stop: int | None, fail_at: int | None
) -> None:
    """One value out for one taken, whoever breaks off, and the iterable is closed once."""
    body = _Body(cut_at(document, places), fail_at)
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in head]

    def application(environ: Any, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", headers)
        return body

    middleware = behind(wsgi, application)
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/",
        **{f"HTTP_{k.decode().upper().replace('-', '_')}": v.decode() for k, v in NAVIGATION},
    }
    result = middleware(environ, lambda *_: bytes)
    received = sent = number = 0
    try:
        for number, chunk in enumerate(result, start=1):
            assert number - body.taken in {0, 1}  # one more at the very end, for what waited
            sent += len(chunk)
            received = sum(map(len, body._chunks[: body.taken]))
            assert sent >= received - HELD
            if number == stop:
                break
    except RuntimeError:
        assert fail_at is not None
    close = getattr(result, "close", None)
    assert close is not None
    close()
    assert body.closed == 1


# --- 20: what was denied has no influence ---------------------------------------------------------

DENIED_PAIRS = st.lists(
    st.tuples(
        st.sampled_from(
            [b"_ga", b"_ga_X", b"ads", b"_fbp", b"nobody", b"\xa0sid", b"$x", b"__utma"]
        ),
        st.binary(max_size=8).map(lambda value: value.translate(None, b"\0\r\n;")),
    ),
    max_size=5,
)


def observed(request: Asked) -> tuple[object, ...]:
    """Return everything an application can see of a visitor."""
    state = request.state
    scope = {
        key: value
        for key, value in request.scope.items()
        if not key.startswith(("cookieconsent", "wsgi."))
    }
    scope.pop("headers", None)
    facts = (state.decided, state.choice, state.allows("analytics"), state.allows("advertising"))
    return request.cookie, dict(request.headers), scope, facts


OUR_DELETION = b"=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/"


def without_deletions(answer: Answer) -> tuple[object, ...]:
    """Return an answer without what deletes the visitor's own cookies."""
    headers = [
        (name, value)
        for name, value in answer.headers
        if not (name == b"set-cookie" and OUR_DELETION in value)
    ]
    deleted = len(headers) < len(answer.headers)
    if deleted:  # the answer is the visitor's own then, and says so
        assert any(b"private" in v or b"no-store" in v for n, v in headers if n == b"cache-control")
    headers = [pair for pair in headers if pair[0] != b"cache-control"]
    return answer.status, headers, answer.body


@pytest.mark.hostile(15, 143)
@both_doors
@examples(120)
@given(
    exchange=orderly(),
    page=pages(),
    one=DENIED_PAIRS,
    other=DENIED_PAIRS,
    decided=st.sampled_from([None, "reject"]),
)
def test_denied_cookies_make_no_difference(
    door: Door,
    exchange: Exchange,
    page: Page,
    one: list[tuple[bytes, bytes]],
    other: list[tuple[bytes, bytes]],
    decided: str | None,
) -> None:
    """Two visitors who differ in denied cookies only cannot be told apart, inside or outside."""
    results = []
    for pairs in (one, other, []):
        site = stage(door).show(page)
        own = [] if decided is None else [site.answer_cookie(decided)]
        first, *rest = [b"=".join(pair) for pair in pairs] or [b""]
        cookie = b"; ".join(filter(None, [first, b"sid=1", *rest, b"cart=2", *own]))
        kept = [pair for pair in exchange.headers if pair[0] != b"cookie"]
        answer = site.send(
            Exchange(
                method=exchange.method,
                path="/page" if is_own(exchange.path) else exchange.path,
                headers=[*kept, (b"cookie", cookie)],
                body=exchange.body,
                scheme=exchange.scheme,
            ),
            lint=False,
        )
        results.append(([observed(request) for request in site.asked], without_deletions(answer)))
    assert results[0] == results[1] == results[2]


def test_the_judge_sees_a_difference() -> None:
    """The comparison above is one that can fail: without the middleware it does."""
    records: list[Any] = []
    for cookie in (b"sid=1; _ga=1", b"sid=1"):
        exchange = Exchange(headers=[(b"cookie", cookie)])
        run_asgi(asgi_app(200, HTML, [PAGE], records), exchange)
        run_wsgi(wsgi_app(200, HTML, [PAGE], records), exchange)
    assert records[0].cookie != records[2].cookie
    assert records[1].cookie != records[3].cookie
