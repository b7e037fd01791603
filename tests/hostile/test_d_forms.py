"""Hostile input D: forms that change a choice, who may send them, and where they lead."""

from __future__ import annotations

import asyncio
import io
import itertools
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import html5lib
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cookieconsent import Config, ConfigError, Cookie, CookieClass
from cookieconsent.core.codec import FormToken
from cookieconsent.engine.submission import MAX_BODY_OCTETS
from cookieconsent.middleware import asgi, wsgi
from doors import (
    DOORS,
    FORM,
    NAVIGATION,
    PAGE,
    SECRET,
    Door,
    Headers,
    Page,
    Site,
    Visitor,
    both_doors,
    consent_lines,
    elements,
    form_for,
    forms,
)
from oracles.drivers import Answer, Exchange, asgi_app, run_asgi, run_wsgi, wsgi_app

SITES: dict[Door, Site] = {door: Site(door) for door in DOORS}
"""For tests by many examples."""
SAME = ((b"sec-fetch-site", b"same-origin"),)
TRUSTED = b"https://pay.example"


def token_of(site: Site, days_ago: int = 0) -> str:
    """Return the form token of today, or of a day before."""
    site.clock.advance(days=-days_ago)
    page = site.get("/cookie-consent").body
    site.clock.advance(days=days_ago)
    return dict(form_for(page, "save").fields)["token"]


def is_taken(answer: Answer) -> bool:
    """Tell whether a form was taken; if not, that nothing was set and the form is there again."""
    if answer.status == 303:
        assert len(consent_lines(answer)) == 1
        return True
    assert answer.status == 403, answer
    assert answer.values(b"set-cookie") == []
    assert answer.values(b"location") == []
    assert dict(form_for(answer.body, "save").fields)["token"]
    return False


# --- 85-92: who may send it ----------------------------------------------------------------------

# Each origin with the request schemes on which it is the same as that of its host.
HOSTS: dict[bytes, dict[bytes | None, set[str]]] = {
    b"shop.example": {
        b"http://shop.example": {"http"},
        b"https://shop.example": {"http", "https"},
        b"https://SHOP.example": {"http", "https"},
        b"https://shop.example:443": {"http", "https"},
        b"https://shop.example:444": set(),
        b"https://shop.example.": set(),
        b"https://shop.example.evil.test": set(),
        b"https://www.shop.example": set(),
        b"https://evil.example": set(),
    },
    b"Shop.example:8443": {
        b"http://shop.example:8443": {"http"},
        b"https://shop.example:8443": {"http", "https"},
        b"https://shop.example": set(),
    },
}
TOKENS: dict[str, bool] = {
    "today": True,
    "yesterday": True,
    "missing": False,
    "wrong": False,
    "repeated": False,
}


def token_fields(kind: str, site: Site) -> list[tuple[str, str]]:
    good = token_of(site)
    return {
        "today": [("token", good)],
        "yesterday": [("token", token_of(site, 1))],
        "missing": [],
        "wrong": [("token", "A" + good[1:])],
        "repeated": [("token", good), ("token", good)],
    }[kind]


def truth(fetch_site: bytes | None, origin: bytes | None, *, same: bool, token: bool) -> bool:
    """Give the answer of the truth table in the HTTP contract, first row that fits."""
    if fetch_site == b"same-origin":
        return True
    if fetch_site in {None, b"none"}:
        return token and (origin in {None, b"null", TRUSTED} or same)
    # `same-site`, `cross-site`; and a value that no browser sends is as good as those
    return token and origin == TRUSTED


@both_doors
@pytest.mark.hostile(85, 86, 87, 88, 89)
@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    "fetch_site",
    [None, b"none", b"same-origin", b"same-site", b"cross-site", b"", b"Same-Origin"],
    ids=["absent", "none", "same-origin", "same-site", "cross-site", "empty", "odd case"],
)
def test_truth_table_of_senders(door: Door, scheme: Any, fetch_site: bytes | None) -> None:
    """Every combination of Fetch Metadata, origin, host, token and scheme."""
    site = Site(door, trusted_origins=[TRUSTED.decode()])
    tokens = {kind: token_fields(kind, site) for kind in TOKENS}
    mismatches = []
    for host, known in HOSTS.items():
        origins = {None: set(), b"null": set(), TRUSTED: set(), **known}
        for origin, token in itertools.product(origins, TOKENS):
            headers: list[tuple[bytes, bytes]] = []
            if fetch_site is not None:
                headers.append((b"sec-fetch-site", fetch_site))
            if origin is not None:
                headers.append((b"origin", origin))
            fields = [("choice", "accept"), *tokens[token]]
            answer = site.post(fields, headers, host=host, scheme=scheme)
            same = scheme in origins[origin]
            expected = truth(fetch_site, origin, same=same, token=TOKENS[token])
            if is_taken(answer) is not expected:
                mismatches.append((host, origin, token, expected))
    assert mismatches == []


@both_doors
@pytest.mark.hostile(85)
@pytest.mark.parametrize("fetch_site", [b"cross-site", b"same-site"])
@pytest.mark.parametrize(
    "origin", [None, b"null", b"https://evil.example", b"https://shop.example"]
)
@pytest.mark.parametrize("referer", [None, b"https://shop.example/cookie-consent"])
def test_foreign_page_is_refused_even_with_token(
    door: Door, fetch_site: bytes, origin: bytes | None, referer: bytes | None
) -> None:
    site = Site(door)
    headers = [(b"sec-fetch-site", fetch_site)]
    headers += [(b"origin", origin)] if origin else []
    headers += [(b"referer", referer)] if referer else []
    fields = {"choice": "accept", "token": token_of(site)}
    assert not is_taken(site.post(fields, headers, scheme="https"))


@both_doors
@pytest.mark.hostile(85)
def test_typed_address_shows_the_page_and_changes_nothing(door: Door) -> None:
    site = Site(door)
    typed = [(b"sec-fetch-site", b"none")]
    assert site.get("/cookie-consent", typed).status == 200
    assert not is_taken(site.post({"choice": "accept"}, typed))
    assert is_taken(site.post({"choice": "accept", "token": token_of(site)}, typed))


@both_doors
@pytest.mark.hostile(86)
def test_opaque_origin_of_our_own_form(door: Door) -> None:
    """`Referrer-Policy: no-referrer` makes browsers send `Origin: null` with our own form."""
    site = Site(door)
    null = (b"origin", b"null")
    assert is_taken(site.post({"choice": "accept"}, [*SAME, null]))
    assert not is_taken(site.post({"choice": "accept"}, [null]))
    assert is_taken(site.post({"choice": "accept", "token": token_of(site)}, [null]))


@both_doors
@pytest.mark.hostile(87)
def test_old_browser_has_the_token_alone(door: Door) -> None:
    site = Site(door)
    assert not is_taken(site.post({"choice": "accept"}, ()))
    assert is_taken(site.post({"choice": "accept", "token": token_of(site)}, ()))


@both_doors
@pytest.mark.hostile(88)
@pytest.mark.parametrize(
    ("origin", "scheme", "taken"),
    [
        (b"https://good.example.evil.test", "https", False),
        (b"https://good.example:444", "https", False),
        (b"https://good.example.", "https", False),
        (b"http://good.example", "https", False),
        (b"http://good.example", "http", True),
        (b"https://good.example", "http", True),  # TLS ends at a proxy
        (b"https://good.example", "https", True),
        (b"https://GOOD.example", "https", True),
        (b"HTTPS://good.example", "https", True),
        (b"https://good.example:443", "https", True),
        (b"https://evil.example", "http", False),
        (b"https://xgood.example", "https", False),
        (b"https://good.example/", "https", False),
        (b"https://good.example@evil.example", "https", False),
        (b"https://evil.example#good.example", "https", False),
        (b"https://good.example, https://evil.example", "https", False),
        (b"file://", "https", False),
        (b"chrome-extension://good.example", "https", False),
        (b"NULL", "https", False),
        (b"", "https", False),
        (b"https://g\xf6\xf6d.example", "https", False),
        (b"*", "https", False),
    ],
)
def test_origin_must_be_the_hosts(door: Door, origin: bytes, scheme: Any, taken: bool) -> None:
    site = Site(door)
    fields = {"choice": "accept", "token": token_of(site)}
    headers = [(b"origin", origin)]
    assert is_taken(site.post(fields, headers, host=b"good.example", scheme=scheme)) is taken
    assert not is_taken(
        site.post({"choice": "accept"}, headers, host=b"good.example", scheme=scheme)
    )


@both_doors
@pytest.mark.hostile(88)
@pytest.mark.parametrize("host", [None, b"", b"a b", b"good.example, evil.example", b"[::1"])
def test_unreadable_host_is_nobodys_origin(door: Door, host: bytes | None) -> None:
    site = Site(door)
    fields = {"choice": "accept", "token": token_of(site)}
    origin = [(b"origin", b"https://good.example")]
    assert not is_taken(site.post(fields, origin, host=host))


@both_doors
@pytest.mark.hostile(85, 88)
def test_trusted_origin_needs_a_token_all_the_same(door: Door) -> None:
    site = Site(door, trusted_origins=[TRUSTED.decode()], public_origin="https://shop.example:9")
    token = token_of(site)
    for fetch_site in (b"cross-site", b"same-site"):
        for origin in (TRUSTED, b"https://shop.example:9"):
            headers = [(b"sec-fetch-site", fetch_site), (b"origin", origin)]
            assert is_taken(site.post({"choice": "accept", "token": token}, headers))
            assert not is_taken(site.post({"choice": "accept"}, headers))


@both_doors
@pytest.mark.hostile(89, 70)
@pytest.mark.parametrize(
    "forged",
    [
        pytest.param(lambda site: "", id="empty"),
        pytest.param(lambda site: "x", id="one letter"),
        pytest.param(lambda site: "." * 5000, id="dots"),
        pytest.param(lambda site: "\x00", id="NUL"),
        pytest.param(lambda site: "ü" * 50, id="not ASCII"),
        pytest.param(lambda site: token_of(site)[:-1], id="cut"),
        pytest.param(lambda site: token_of(site) + "A", id="longer"),
        pytest.param(lambda site: token_of(site) + " ", id="space"),
        pytest.param(lambda site: token_of(site).swapcase(), id="other case"),
        pytest.param(lambda site: token_of(site, 2), id="two days old"),
        pytest.param(lambda site: token_of(site, -1), id="of tomorrow"),
        pytest.param(lambda site: token_of(Site("asgi", secret_key="x" * 40)), id="other secret"),
        pytest.param(lambda site: token_of(Site("asgi", site="other")), id="other site"),
        pytest.param(
            lambda site: site.answer_cookie().partition(b"=")[2].decode(), id="a consent cookie"
        ),
        pytest.param(lambda site: FormToken([SECRET + "x"]).write(0).decode(), id="another key"),
    ],
)
def test_forged_token_is_refused(door: Door, forged: Any) -> None:
    site = Site(door)
    assert not is_taken(site.post({"choice": "accept", "token": forged(site)}, ()))


@both_doors
@pytest.mark.hostile(89, 107)
def test_token_lives_today_and_yesterday(door: Door) -> None:
    site = Site(door)
    token = token_of(site)
    taken = []
    for _ in range(4):
        taken.append(is_taken(site.post({"choice": "accept", "token": token}, ())))
        site.clock.advance(days=1)
    assert taken == [True, True, False, False]


@both_doors
@pytest.mark.hostile(90, 92)
def test_first_visit_needs_no_cookie(door: Door) -> None:
    """The token is in the page, the same for all: a cached banner works for whoever gets it."""
    site = Site(door)
    one, two = Visitor(site), Visitor(site)
    one.visit("/")
    two.visit("/")
    assert one.page == two.page
    assert len(one.jar) == 0
    fields = [*form_for(one.page, "accept").fields, ("choice", "accept")]
    assert is_taken(site.post(fields, ()))


@both_doors
@pytest.mark.hostile(92)
@pytest.mark.parametrize(
    "headers",
    [
        [(b"origin", b"https://evil.example")],
        [(b"sec-fetch-site", b"cross-site")],
        [(b"sec-fetch-site", b"same-site"), (b"origin", b"https://www.shop.example")],
    ],
)
def test_token_of_a_cached_page_weakens_nothing(door: Door, headers: Headers) -> None:
    site = Site(door)
    fields = [*form_for(site.get().body, "accept").fields, ("choice", "accept")]
    assert not is_taken(site.post(fields, headers))


@both_doors
@pytest.mark.hostile(91)
@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/cookie-consent", b"choice=accept"),
        ("/cookie-consent", b"choice=accept&token=x&class-analytics=yes"),
        ("/cookie-consent/accept-all", b""),
        ("/cookie-consent/accept", b"choice=accept"),
        ("/", b"choice=accept"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_reading_changes_nothing(door: Door, path: str, query: bytes, method: str) -> None:
    """Neither prefetch nor link scanner nor `<img src>` can choose for a visitor."""
    site = Site(door)
    answer = site.get(path, SAME, query=query, method=method)
    assert answer.values(b"set-cookie") == []
    assert answer.status in {200, 404}
    assert site.choices == []


# --- 93-100: how it arrives ----------------------------------------------------------------------


@both_doors
@pytest.mark.hostile(93)
@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        (b"application/x-www-form-urlencoded", 303),
        (b"application/x-www-form-urlencoded; charset=UTF-8", 303),
        (b"APPLICATION/X-WWW-FORM-URLENCODED", 303),
        (b"application/x-www-form-urlencodedX", 415),
        (b"multipart/form-data; boundary=x", 415),
        (b"application/json", 415),
        (b"text/plain", 415),
        (b"text/plain; x=application/x-www-form-urlencoded", 415),
        (b"", 415),
        (None, 415),
    ],
)
def test_only_plain_forms_are_taken(door: Door, content_type: bytes | None, status: int) -> None:
    site = Site(door)
    answer = site.post(b"choice=accept", content_type=content_type)
    assert answer.status == status
    assert bool(answer.values(b"set-cookie")) is (status == 303)


def padded(size: int) -> bytes:
    body = b"choice=accept&padding="
    return body + b"x" * (size - len(body))


@both_doors
@pytest.mark.hostile(94)
@pytest.mark.parametrize(
    ("size", "status"), [(MAX_BODY_OCTETS, 303), (MAX_BODY_OCTETS + 1, 413), (1_000_000, 413)]
)
@pytest.mark.parametrize("chunk", [0, 1000])
def test_size_of_a_form_is_limited(door: Door, size: int, status: int, chunk: int) -> None:
    answer = Site(door).post(padded(size), chunk=chunk)
    assert answer.status == status
    assert bool(answer.values(b"set-cookie")) is (status == 303)


class Client:
    """An ASGI client that counts what is read of its body."""

    def __init__(self, size: int, piece: int, *, ends: str = "last") -> None:
        self.read = 0
        self.sent: list[Any] = []
        self.cancelled = False
        self.waits = asyncio.Event()
        self._body = padded(size)
        self._piece = piece
        self._ends = ends

    async def receive(self) -> Any:
        if self.read >= len(self._body):
            if self._ends == "disconnect":
                return {"type": "http.disconnect"}
            self.waits.set()
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                self.cancelled = True
                raise
        piece = self._body[self.read : self.read + self._piece]
        self.read += len(piece)
        more = self._ends != "last" or self.read < len(self._body)
        return {"type": "http.request", "body": piece, "more_body": more}

    async def send(self, message: Any) -> None:
        self.sent.append(message)


def post_scope(*headers: tuple[bytes, bytes]) -> dict[str, Any]:
    return {
        "type": "http",
        "method": "POST",
        "path": "/cookie-consent",
        "headers": [(b"content-type", FORM), *SAME, *headers],
    }


@pytest.mark.hostile(94)
@pytest.mark.parametrize(
    ("size", "status", "read"),
    [
        (MAX_BODY_OCTETS, 303, MAX_BODY_OCTETS),
        (MAX_BODY_OCTETS + 1, 413, MAX_BODY_OCTETS + 1),
        (MAX_BODY_OCTETS + 500, 413, MAX_BODY_OCTETS + 1),
    ],
)
def test_single_bytes_are_read_up_to_the_limit(size: int, status: int, read: int) -> None:
    client = Client(size, 1)
    asyncio.run(Site("asgi").asgi(post_scope(), client.receive, client.send))
    assert client.sent[0]["status"] == status
    assert client.read == read


@pytest.mark.hostile(94)
def test_announced_size_is_believed_before_reading() -> None:
    client = Client(100, 10)
    scope = post_scope((b"content-length", b"10000000"))
    asyncio.run(Site("asgi").asgi(scope, client.receive, client.send))
    assert client.sent[0]["status"] == 413
    assert client.read == 0


class Input:
    """A `wsgi.input` that is never read without a bound, nor beyond one."""

    def __init__(self, body: bytes, *, readable: bool = True, most: int | None = None) -> None:
        self._body = io.BytesIO(body)
        self._readable = readable
        self._most = most
        self.read_octets = 0

    def read(self, size: int) -> bytes:
        assert self._readable, "this would block"
        assert 0 < size <= MAX_BODY_OCTETS + 1, "unbounded"
        data = self._body.read(min(size, self._most or size))
        self.read_octets += len(data)
        return data


def post_wsgi(source: Input, **environ: Any) -> Answer:
    """Send a form by an environ of some server."""
    site = Site("wsgi")
    exchange = Exchange(
        method="POST",
        path="/cookie-consent",
        headers=[(b"content-type", FORM), (b"sec-fetch-site", b"same-origin")],
    )
    return site.send(exchange, lint=False, environ={"wsgi.input": source, **environ})


@pytest.mark.hostile(94)
@pytest.mark.parametrize(
    "length", ["-1", "+5", "1_0", "٣", "", " ", "5 ", "x", "1e3", "\u2460", None], ids=repr
)
def test_odd_length_counts_as_none(length: str | None) -> None:
    """And nothing is read then, which would block on a server that ends no body."""
    source = Input(b"choice=accept", readable=False)
    environ = {} if length is None else {"CONTENT_LENGTH": length}
    answer = post_wsgi(source, **environ)
    assert answer.status == 400
    assert answer.values(b"set-cookie") == []


@pytest.mark.hostile(94)
@pytest.mark.parametrize("length", ["10000000", "16385", "9" * 30])
def test_large_length_is_refused_unread(length: str) -> None:
    answer = post_wsgi(Input(b"choice=accept", readable=False), CONTENT_LENGTH=length)
    assert answer.status == 413


@pytest.mark.hostile(95)
@pytest.mark.parametrize(
    ("environ", "status"),
    [
        pytest.param({"wsgi.input_terminated": True}, 303, id="gunicorn, werkzeug, granian"),
        pytest.param({"wsgi.input_terminated": True, "CONTENT_LENGTH": ""}, 303, id="empty length"),
        pytest.param({"CONTENT_LENGTH": "13"}, 303, id="waitress"),
        pytest.param({"CONTENT_LENGTH": ""}, 400, id="wsgiref"),
        pytest.param({"wsgi.input_terminated": False}, 400, id="not terminated"),
    ],
)
@pytest.mark.parametrize("most", [1, None], ids=["byte by byte", "at once"])
def test_chunked_body_is_read_where_it_ends(
    environ: dict[str, Any], status: int, most: int | None
) -> None:
    source = Input(b"choice=accept", readable=status == 303, most=most)
    answer = post_wsgi(source, HTTP_TRANSFER_ENCODING="chunked", **environ)
    assert answer.status == status


@pytest.mark.hostile(95)
def test_endless_chunked_body_is_cut() -> None:
    source = Input(padded(1_000_000), most=4096)
    answer = post_wsgi(source, **{"wsgi.input_terminated": True})
    assert answer.status == 413
    assert source.read_octets <= MAX_BODY_OCTETS + 1


@pytest.mark.hostile(95)
def test_length_bounds_what_is_read() -> None:
    """What lies behind the body may be the next request of the connection."""
    source = Input(b"choice=reject&choice=accept&POST / HTTP/1.1")
    answer = post_wsgi(source, CONTENT_LENGTH="13")
    assert answer.status == 303
    assert source.read_octets == 13


@pytest.mark.hostile(96)
def test_slow_body_times_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reason stands for WSGI: its servers read bodies, and no time can be taken from them."""
    monkeypatch.setattr(asgi, "BODY_SECONDS", 0.05)
    site = Site("asgi")
    client = Client(100, 10, ends="never")
    asyncio.run(site.asgi(post_scope(), client.receive, client.send))
    assert client.cancelled
    assert [message["type"] for message in client.sent] == [
        "http.response.start",
        "http.response.body",
    ]
    assert client.sent[0]["status"] == 408
    names = {name for name, _ in client.sent[0]["headers"]}
    assert b"set-cookie" not in names
    assert site.choices == []


@pytest.mark.hostile(96)
def test_disconnected_client_gets_nothing() -> None:
    site = Site("asgi")
    client = Client(100, 10, ends="disconnect")
    asyncio.run(site.asgi(post_scope(), client.receive, client.send))
    assert client.sent == []
    assert site.choices == []


@pytest.mark.hostile(96)
def test_cancelled_request_stays_cancelled() -> None:
    """A server that stops is not answered with 408."""

    async def scenario() -> Client:
        client = Client(100, 10, ends="never")
        task = asyncio.create_task(_run(Site("asgi"), client))
        await client.waits.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return client

    client = asyncio.run(scenario())
    assert client.sent == []
    assert client.cancelled


async def _run(site: Site, client: Client) -> None:
    await site.asgi(post_scope(), client.receive, client.send)


@both_doors
@pytest.mark.hostile(97)
@pytest.mark.parametrize(
    ("body", "status", "granted"),
    [
        (b"choice=save&a=%FF&b=%&c=%u1234&d;e=1&&&&", 303, False),
        (b"choice=save&class-analytics=yes&a=%FF&\x00=\x00&%00=%00", 303, True),
        (b"choice=save&class-analytics=yes&class-analytics=no", 303, False),
        (b"choice=save&class-analytics=no&class-analytics=yes", 303, False),
        (b"choice=save&analytics=on&analytics=off", 303, False),
        (b"choice=save&__class__=1&constructor=1&class=analytics", 303, False),
        (b"choice=save&class-zzz=yes", 400, False),
        (b"choice=save&class-=yes", 400, False),
        (b"choice=save&class-__class__=yes", 400, False),
        (b"choice=save&class-analytics%00=yes", 400, False),
        (b"choice=save&class-%FF=yes", 400, False),
        (b"choice=save&class-analytics=yes" + b"&a=1" * 62, 303, True),
        (b"choice=save&class-analytics=yes" + b"&a=1" * 63, 400, False),
        (b"choice=accept" + b"&" * 64, 400, False),
        (b"\xff\xfe", 400, False),
        (b"=", 400, False),
        (b"", 400, False),
    ],
    ids=lambda value: repr(value[:40]) if isinstance(value, bytes) else None,
)
def test_strange_bodies(door: Door, body: bytes, status: int, granted: bool) -> None:
    site = Site(door)
    answer = site.post(body)
    assert answer.status == status
    assert bool(answer.values(b"set-cookie")) is (status == 303)
    assert [event.granted == {"analytics"} for event in site.choices] == (
        [granted] if status == 303 else []
    )


@both_doors
@given(
    body=st.binary(max_size=200)
    | st.text("choice=savclt&-yno+%;\x00", max_size=120).map(str.encode)
)
def test_no_body_raises(door: Door, body: bytes) -> None:
    answer = SITES[door].post(body)
    assert answer.status in {303, 400}


@both_doors
@pytest.mark.hostile(98)
@pytest.mark.parametrize(
    ("field", "granted"),
    [
        ("", False),
        ("class-analytics=yes", True),
        ("class-analytics=no", False),
        ("class-analytics=0", False),
        ("class-analytics=false", False),
        ("class-analytics=", False),
        ("class-analytics=on", False),
        ("class-analytics=1", False),
        ("class-analytics=true", False),
        ("class-analytics=Yes", False),
        ("class-analytics=+yes", False),
        ("class-Analytics=yes", None),
        ("class-analytics", False),
        ("analytics=yes", False),
    ],
)
def test_only_the_exact_yes_grants(door: Door, field: str, granted: bool | None) -> None:
    site = Site(door)
    answer = site.post(f"choice=save&{field}".encode())
    assert answer.status == (400 if granted is None else 303)
    if granted is not None:
        assert site.choices[0].granted == ({"analytics"} if granted else set())
        assert site.choices[0].refused == (set() if granted else {"analytics"})


@both_doors
@pytest.mark.hostile(99)
@pytest.mark.parametrize("name", ["authentication", "cart", "consent"])
def test_essential_class_stays_on(door: Door, name: str) -> None:
    site = Site(door)
    answer = site.post({"choice": "save", f"class-{name}": "no"})
    assert answer.status == 303
    cookie = consent_lines(answer)[0].partition(b";")[0]
    site.get(cookie=cookie + b"; sessionid=1")
    assert site.asked[-1].state.allows(name)
    assert b"sessionid=1" in (site.asked[-1].cookie or b"")


@both_doors
@pytest.mark.hostile(99)
@pytest.mark.parametrize(
    "order", list(itertools.permutations(["accept", "reject", "save"])), ids=str
)
def test_refusal_wins_among_buttons(door: Door, order: tuple[str, ...]) -> None:
    site = Site(door)
    site.post([("choice", choice) for choice in order])
    assert [event.action for event in site.choices] == ["reject"]


@pytest.mark.hostile(100)
def test_other_bodies_are_not_touched() -> None:
    """The application gets the very objects that the server gave."""
    record: list[Any] = []
    exchange = Exchange(
        method="POST",
        path="/order",
        headers=[(b"content-type", FORM), *NAVIGATION],
        body=b"choice=accept",
    )
    run_asgi(asgi.CookieConsentMiddleware(asgi_app(record=record), secret_key=SECRET), exchange)
    run_wsgi(
        wsgi.CookieConsentMiddleware(
            wsgi_app(record=record, headers=[(b"content-type", b"text/plain")]), secret_key=SECRET
        ),
        exchange,
    )
    assert [seen.body for seen in record] == [b"choice=accept"] * 2

    given_receive: list[Any] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        given_receive.append(receive)
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    client = Client(50, 10)
    scope = post_scope() | {"path": "/order"}
    middleware = asgi.CookieConsentMiddleware(application, secret_key=SECRET)
    asyncio.run(middleware(scope, client.receive, client.send))
    assert given_receive == [client.receive]
    assert client.read == 0

    site = Site("wsgi")
    source = io.BytesIO(b"choice=accept")
    site.send(exchange, lint=False, environ={"wsgi.input": source})
    assert site.asked[-1].scope["wsgi.input"] is source
    assert source.tell() == 0


# --- 101-104: where it leads ---------------------------------------------------------------------

REFUSED_TARGETS = [
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r/evil.example",
    "\t//evil.example",
    "///evil.example",
    "////evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "https://evil.example",
    "http://x@evil.example",
    "https://shop.example/",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "//[",
    "http://[",
    " //evil.example",
    " /shop",
    "/shop ",
    "\x01//evil.example",
    "\x00/shop",
    "",
    "/" + "a" * 100_000,
    ".//evil.example",
    "./shop",
    "../shop",
    "shop",
    "?a",
    "#a",
    "/shop#a",
    "\uff0f\uff0fevil.example",
    "/\uff0fevil.example",
    "/größe",
    "/a b",
    "/a\x7fb",
    "/a\xa0b",
    "/a\u2028b",
    "/a\\b",
    "/.//evil.example",
    "/..//evil.example",
    "/a/..//evil.example",
    "/%2e//evil.example",
    "/%2E%2e//evil.example",
    "/a/%2e%2e//evil.example",
    "/./\\evil.example",
    "/.\\/evil.example",
]
CONTROL_TARGETS = [
    "/a\r\nSet-Cookie: y=1",
    "/a%0d%0aSet-Cookie:%20y=1",
    "/a%0D%0ASet-Cookie:%20y=1",
    "/a%0a",
    "/a%00b",
    "/a%1fb",
    "/a%7Fb",
    "/a?x=%0d%0a",
]
TAKEN_TARGETS = [
    "/",
    "/shop",
    "/shop?a=1&b=%20c&d=[e]",
    "/shop//twice",
    "/a%2Fb",
    "/%2Fevil.example/x",
    "/?next=//evil.example",
    "/?u=https://evil.example/",
    "/a:b@c",
    "/%C3%BC",
    "/~a/-._!$&'()*+,;=",
    "/.well-known/x",
    "/a/../b",
    "/a/b/..",
    "/" + "a" * 2000,
]
FALLBACK = b"/cookie-consent#cookieconsent-saved"


def browser_host(location: str) -> str | None:
    """Return the host to which a browser on https://shop.example/shop/ goes (URL Standard).

    What the parser does before anything else: white space and controls at the edges go, tab and
    line breaks go everywhere, a backslash is a slash.
    """
    text = location.strip("".join(map(chr, range(0x21))))
    text = text.translate({9: None, 10: None, 13: None}).replace("\\", "/")
    scheme, colon, rest = text.partition(":")
    if colon and scheme[:1].isalpha() and all(c.isalnum() or c in "+-." for c in scheme):
        if scheme.lower() not in {"http", "https"}:
            return None
        return rest.lstrip("/").partition("/")[0]
    if text.startswith("//"):
        return text.lstrip("/").partition("/")[0]
    return "shop.example"


def allowed_by_django(location: str) -> bool:
    from django.utils.http import url_has_allowed_host_and_scheme

    return bool(url_has_allowed_host_and_scheme(location, allowed_hosts={"shop.example"}))


def assert_stays(location: bytes) -> str:
    """Check that an address stays on the site, and return it without our fragment."""
    assert all(0x21 <= byte <= 0x7E for byte in location)
    text = location.decode("ascii")
    assert browser_host(text) == "shop.example"
    assert allowed_by_django(text)
    assert urlsplit(text).netloc == ""
    target, _, fragment = text.partition("#")
    assert fragment == "cookieconsent-saved"
    assert browser_host(_tidied(target)) == "shop.example"
    return target


def _tidied(target: str) -> str:
    """Return a target with the dots of its path resolved, as a browser sends it (RFC 3986, 5.2.4)."""
    kept: list[str] = []
    for segment in target.partition("?")[0].split("/")[1:]:
        plain = segment.lower().replace("%2e", ".")
        if plain == "..":
            del kept[-1:]
        elif plain != ".":
            kept.append(segment)
    return "/" + "/".join(kept)


def location_after(site: Site, target: str) -> bytes:
    answer = site.post({"choice": "reject", "next": target})
    if answer.status == 413:  # 100 kB are no form
        return FALLBACK
    assert answer.status == 303
    [location] = answer.values(b"location")
    assert_stays(location)
    return location


@both_doors
@pytest.mark.parametrize(
    "target",
    [
        *[pytest.param(target, marks=pytest.mark.hostile(101)) for target in REFUSED_TARGETS],
        *[pytest.param(target, marks=pytest.mark.hostile(102)) for target in CONTROL_TARGETS],
    ],
    ids=lambda target: repr(target[:40]),
)
def test_target_that_leaves_falls_back(door: Door, target: str) -> None:
    """Not to `/`: the preferences page says what was chosen."""
    assert location_after(Site(door), target) == FALLBACK


@both_doors
@pytest.mark.hostile(101, 102)
@pytest.mark.parametrize("target", TAKEN_TARGETS, ids=lambda target: target[:40])
def test_target_on_this_site_is_kept(door: Door, target: str) -> None:
    location = location_after(Site(door), target)
    assert location == target.encode() + b"#cookieconsent-saved"


@both_doors
@pytest.mark.hostile(101)
def test_missing_or_repeated_target_falls_back(door: Door) -> None:
    site = Site(door)
    for fields in (
        [],
        [("next", "/a"), ("next", "/b")],
        [("next", "/a"), ("next", "//evil.example")],
    ):
        answer = site.post([("choice", "reject"), *fields], root="/mount")
        assert answer.values(b"location") == [b"/mount" + FALLBACK]


@given(
    target=st.text(st.sampled_from("/\\.%2fFeE5cC0dDaA:@?#&=evil\t\n \x00é\uff0fx[]"), max_size=20)
    | st.text(max_size=30)
    | st.binary(max_size=20).map(lambda data: data.decode("latin-1")),
)
@example("/\\evil.example")
@example("///evil.example")
@example("/a\r\nSet-Cookie: y=1")
@example("/%2e//evil.example")
def test_no_target_leaves_the_site(target: str) -> None:
    for door in DOORS:
        location_after(SITES[door], target)


@both_doors
@pytest.mark.hostile(103)
@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("//evil.example/x", "/%2Fevil.example/x"),
        ("///evil.example", "/%2F%2Fevil.example"),
        ("/\\evil.example", "/%5Cevil.example"),
        ("//a/../", None),
        ("/.//evil.example", None),
        ("/..//evil.example", None),
        ("/a\r\nb", None),
        ("/a\x00b", None),
        ("/a b", "/a%20b"),
        ("/größe", "/gr%C3%B6%C3%9Fe"),
        ("/a%b", "/a%25b"),
        ("/a?b", "/a%3Fb"),
        ("/a#b", "/a%23b"),
        ('/"><script>', "/%22%3E%3Cscript%3E"),
        ("/a;b,c=d&e", "/a;b,c=d&e"),
        ("relative", "/relative"),
        ("", "/"),
        ("/\udcff", None),
    ],
)
def test_path_of_the_page_becomes_a_safe_target(door: Door, path: str, kept: str | None) -> None:
    """Servers decode `/%2Fevil.example/x` to `//evil.example/x`; the form must not lead there."""
    site = Site(door)
    exchange = Exchange(path=path, headers=NAVIGATION)
    extra: dict[str, Any] = (
        {"lint": False} if door == "wsgi" else {"scope": {"path": path}, "lint": False}
    )
    answer = site.send(exchange, **extra)
    assert answer.status == 200
    [target] = [value for name, value in form_for(answer.body, "accept").fields if name == "next"]
    assert_stays(target.encode() + b"#cookieconsent-saved")
    if kept is not None:
        assert target == kept
    location_after(site, target)


@both_doors
@pytest.mark.hostile(103)
@pytest.mark.parametrize(
    "query", [b"a=//evil", b"\r\n", b"%0d%0a", b'"><script>', b"\xff", b"a#b", b"a b", b"a" * 5000]
)
def test_query_of_the_page_becomes_a_safe_target(door: Door, query: bytes) -> None:
    site = Site(door)
    extra: dict[str, Any] = {"lint": False} if door == "wsgi" else {"scope": {}}
    answer = site.send(Exchange(path="/p", query=query, headers=NAVIGATION), **extra)
    [target] = [value for name, value in form_for(answer.body, "accept").fields if name == "next"]
    assert_stays(target.encode() + b"#cookieconsent-saved")


@both_doors
@pytest.mark.hostile(104)
@pytest.mark.parametrize("target", ["/shop", "//evil.example"])
def test_answer_is_a_relative_303(door: Door, target: str) -> None:
    headers = [
        *SAME,
        (b"x-forwarded-host", b"evil.example"),
        (b"x-forwarded-proto", b"https"),
        (b"forwarded", b"host=evil.example"),
        (b"x-original-url", b"//evil.example"),
        (b"referer", b"https://evil.example/"),
    ]
    answer = Site(door).post({"choice": "accept", "next": target}, headers, host=b"evil.example")
    assert answer.status == 303
    assert answer.values(b"cache-control") == [b"no-store"]
    assert len(answer.values(b"set-cookie")) == 1
    [location] = answer.values(b"location")
    assert location.startswith(b"/")
    assert not any(b"evil" in value for _, value in answer.headers)


# --- 105-107 -------------------------------------------------------------------------------------


@both_doors
@pytest.mark.hostile(105)
@pytest.mark.parametrize(
    "override",
    [b"x-http-method-override", b"x-method-override", b"x-http-method"],
)
def test_overridden_method_means_nothing(door: Door, override: bytes) -> None:
    site = Site(door)
    got = site.get("/cookie-consent", [(override, b"POST"), *SAME], query=b"choice=accept")
    assert (got.status, got.values(b"set-cookie")) == (200, [])
    posted = site.post({"choice": "accept", "_method": "DELETE"}, [*SAME, (override, b"DELETE")])
    assert posted.status == 303


@both_doors
@pytest.mark.hostile(105)
@pytest.mark.parametrize(
    "method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "pOsT", "CONNECT"]
)
def test_other_methods_are_405(door: Door, method: str) -> None:
    site = Site(door)
    answer = site.send(
        Exchange(
            method=method,
            path="/cookie-consent",
            headers=[(b"content-type", FORM), *SAME],
            body=b"choice=accept",
        ),
    )
    assert (answer.status, answer.values(b"allow")) == (405, [b"GET, HEAD, POST"])
    assert answer.values(b"set-cookie") == []
    assert site.asked == []


ATTACKS = [
    '"><script>alert(1)</script>',
    "' onfocus=alert(1) autofocus='",
    "--></style></title></textarea><script>alert(1)</script>",
    "javascript:alert(1)",
    "\u202egnp.exe",
    "\x00<script>",
    "&lt;script&gt;&#60;script&#62;",
    "\x02action\x03\x02token\x03\x02next\x03",
    "{0}{action}%(classes)s{{7*7}}",
]


@cache
def parsed(html: bytes) -> Any:
    """Return a page as the HTML standard reads it."""
    return html5lib.parse(html, namespaceHTMLElements=False, transport_encoding="utf-8")


def shape_of(html: bytes) -> set[tuple[object, ...]]:
    """Return the tags of a page, each with the names of its attributes."""
    return {(element.tag, *element.attrib) for element in parsed(html).iter("*")}


def assert_inert(html: bytes) -> None:
    """Check that a page has no active content at all."""
    for element in parsed(html).iter("*"):
        assert element.tag not in {"script", "iframe", "object", "embed", "img", "base"}
        for name, value in element.attrib.items():
            assert not name.startswith("on"), (element.tag, name)
            if name in {"href", "action", "src", "formaction"}:
                assert value.startswith(("/", "#", "https://", "mailto:")), value
                assert not value.startswith("//"), value


def reflected(door: Door, attack: str) -> Iterator[Answer]:
    """Yield every page of ours that could echo what a visitor sends."""
    site = Site(door)
    bare: dict[str, Any] = {"lint": False} if door == "wsgi" else {"scope": {}, "lint": False}
    raw = attack.encode()
    for fields in (
        {"choice": "save", "next": attack},
        {"choice": "save", "next": "/" + attack},
        {"choice": attack},
        {"choice": "save", f"class-{attack}": attack},
        {"choice": "save", "class-analytics": attack, "token": attack},
        {"choice": "grant", "class": attack},
        {attack: attack},
    ):
        yield site.post(fields, ())
        yield site.post({**fields, "class-zzz": "yes"})
    for path, query in (("/cookie-consent", raw), ("/" + attack, b""), ("/x", raw)):
        yield site.send(Exchange(path=path, query=query, headers=NAVIGATION), **bare)
    for name, value in (
        (b"accept-language", raw),
        (b"accept-language", b"de-" + raw),
        (b"cookie", b"_ga_" + raw.replace(b";", b"") + b"=" + raw),
        (b"cookie", b"_ga=" + raw),
        (b"host", raw),
        (b"origin", raw),
        (b"referer", raw),
        (b"x-forwarded-host", raw),
        (b"x-forwarded-prefix", raw),
        (b"sec-gpc", raw),
    ):
        for path in ("/cookie-consent", "/"):
            headers = [pair for pair in NAVIGATION if pair[0] != name]
            yield site.send(Exchange(path=path, headers=[*headers, (name, value)]), **bare)


@cache
def harmless_of(door: Door) -> list[Answer]:
    return list(reflected(door, "word"))


@both_doors
@pytest.mark.hostile(106)
@pytest.mark.parametrize("attack", ATTACKS, ids=repr)
def test_echoed_values_are_inert(door: Door, attack: str) -> None:
    """No element and no attribute that a harmless word does not bring, and none that acts."""
    for answer, harmless in zip(reflected(door, attack), harmless_of(door), strict=True):
        assert answer.status == harmless.status
        assert_inert(answer.body)
        assert shape_of(answer.body) <= shape_of(harmless.body)
        assert attack.encode() not in answer.body or not {*attack} & {*"<>\"'\x00\x02\u202e"}


@both_doors
@pytest.mark.hostile(106)
def test_address_of_the_mount_is_inert(door: Door) -> None:
    site = Site(door)
    for attack in ATTACKS[:3]:
        answer = site.get(root="/" + attack)
        assert_inert(answer.body)
        page = site.get("/cookie-consent", root="/" + attack)
        assert_inert(page.body)


@pytest.mark.hostile(106)
@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "JAVASCRIPT:x", "data:text/html,x", "vbscript:x"]
)
def test_links_have_a_list_of_schemes(link: str) -> None:
    """Escaping does not stop a scheme."""
    with pytest.raises(ConfigError):
        Config(secret_key=SECRET, privacy_policy_url=link)
    page = Site("asgi", contact=link, authority=link).get("/cookie-consent").body
    assert link.encode() in page, "as text"
    assert_inert(page)


@both_doors
@pytest.mark.hostile(106)
def test_words_of_the_operator_are_text(door: Door) -> None:
    attack = ATTACKS[0]
    site = Site(
        door,
        classes=[CookieClass("own", title=attack, description=attack)],
        cookies=[Cookie("_x", "own", purpose=attack, provider=attack, lifetime="session")],
        policy_version=attack,
        contact=attack,
        authority=attack,
    )
    assert_inert(site.get("/cookie-consent").body)
    assert_inert(site.get("/").body)


@both_doors
@pytest.mark.hostile(107)
def test_last_of_several_tabs_wins(door: Door) -> None:
    """Double click, back button and a second tab: each form is good, the last answer stands."""
    site = Site(door)
    visitor = Visitor(site)
    visitor.visit("/")
    first_tab = visitor.page
    lines = set()
    for choice in ("accept", "accept", "reject", "accept"):
        visitor.page = first_tab
        answer = visitor.choose(choice)
        lines.add((choice, consent_lines(answer)[0]))
        assert site.asked[-1].state.allows("analytics") is (choice == "accept")
    assert len(lines) == 2, "the same answer has the same bytes"
    assert len(visitor.jar) == 1


@both_doors
def test_page_behind_the_form_is_the_applications(door: Door) -> None:
    site = Site(door, lambda asked: Page())
    visitor = Visitor(site)
    visitor.visit("/shop?a=1")
    visitor.choose("reject")
    assert (visitor.url, visitor.fragment) == ("/shop?a=1", "cookieconsent-saved")
    assert PAGE[:60] in visitor.page
    assert [e for e in elements(visitor.page) if e.get("id") == "cookieconsent-saved"]
    assert forms(visitor.page) == []
