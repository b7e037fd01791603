"""Cases 133 to 144: the ASGI protocol, from both sides of the middleware."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import io
import tracemalloc
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from cookieconsent.middleware.asgi import CookieConsentMiddleware
from doors import HTML, NAVIGATION, NOON, PAGE, SECRET, Headers, Site
from oracles.asgi_lint import AsgiLint, AsgiViolation
from oracles.drivers import Answer, Exchange, drive_asgi, run_asgi

App = Callable[[Any, Any, Any], Awaitable[None]]

BANNER = b'id="cookieconsent-banner"'
SETTINGS = b'id="cookieconsent-settings"'
JSON: Headers = ((b"content-type", b"application/json"),)
HTML_OF_PAGE: Headers = (*HTML, (b"content-length", b"%d" % len(PAGE)))
NAVIGATE = Exchange(headers=NAVIGATION)
FILES: Mapping[str, Any] = {"http.response.pathsend": {}, "http.response.zerocopysend": {}}
OTHERS: Mapping[str, Any] = {
    "http.response.debug": {},
    "http.response.early_hint": {},
    "http.response.push": {},
    "http.response.trailers": {},
}
# Where the head waits for the body, and where it does not.
both_heads = pytest.mark.parametrize("headers", [HTML, JSON], ids=["page", "data"])


def start(headers: Any = HTML, status: int = 200, **parts: Any) -> dict[str, Any]:
    return {"type": "http.response.start", "status": status, "headers": headers, **parts}


def body(chunk: bytes = b"", *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": chunk, "more_body": more}


def saying(*messages: Any) -> App:
    """Make an application that sends these messages."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        for message in messages:
            await send(message)

    return app


def wrapped(app: App, **options: Any) -> CookieConsentMiddleware:
    given: dict[str, Any] = {"secret_key": SECRET, "clock": lambda: NOON}
    return CookieConsentMiddleware(app, **given | options)


def ask(app: App, exchange: Exchange = NAVIGATE, **driver: Any) -> Answer:
    """Send an exchange through the middleware, watched from both sides."""
    lint = driver.get("lint")
    inner = AsgiLint(app, **lint) if isinstance(lint, dict) else AsgiLint(app)
    return run_asgi(wrapped(inner), exchange, **driver)


def consent(action: str) -> bytes:
    return Site("asgi").answer_cookie(action)


def with_cookie(cookie: bytes, **parts: Any) -> Exchange:
    return Exchange(headers=(*NAVIGATION, (b"cookie", cookie)), **parts)


# --- messages -------------------------------------------------------------------------------------

BODIES: list[tuple[str, list[Any], bytes]] = [
    ("no keys", [{"type": "http.response.body"}], b""),
    ("no body", [body(PAGE, more=True), {"type": "http.response.body", "more_body": False}], PAGE),
    ("no more_body", [{"type": "http.response.body", "body": PAGE}], PAGE),
    ("empty last chunk", [body(PAGE, more=True), body()], PAGE),
    ("empty first chunk", [body(more=True), body(PAGE)], PAGE),
    ("only empty chunks", [body(more=True), body(more=True), body()], b""),
    ("bytearray", [{"type": "http.response.body", "body": bytearray(PAGE)}], PAGE),
    ("memoryview", [{"type": "http.response.body", "body": memoryview(PAGE)}], PAGE),
    (
        "views in chunks",
        [
            {"type": "http.response.body", "body": memoryview(PAGE)[:9], "more_body": True},
            {"type": "http.response.body", "body": bytearray(PAGE[9:40]), "more_body": True},
            {"type": "http.response.body", "body": memoryview(PAGE)[40:]},
        ],
        PAGE,
    ),
]


@pytest.mark.hostile(133)
@both_heads
@pytest.mark.parametrize(
    ("messages", "expected"), [row[1:] for row in BODIES], ids=[row[0] for row in BODIES]
)
def test_body_messages_of_every_form(
    messages: list[Any], expected: bytes, headers: Headers
) -> None:
    answer = ask(saying(start(list(headers)), *messages), lint={"buffers": True})
    assert answer.messages[-1].get("more_body", False) is False
    if headers is JSON or not expected:
        assert answer.body == expected
    else:
        place = expected.index(b"<body>") + len(b"<body>")
        added = len(answer.body) - len(expected)
        assert answer.body[:place] + answer.body[place + added :] == expected
        assert answer.body.count(BANNER) == 1


HEADS: list[tuple[str, Callable[[], Any]]] = [
    ("list of tuples", lambda: [*HTML, (b"set-cookie", b"_ga=1"), (b"x-a", b"b")]),
    ("tuple of tuples", lambda: (*HTML, (b"set-cookie", b"_ga=1"), (b"x-a", b"b"))),
    ("list of lists", lambda: [[*HTML[0]], [b"set-cookie", b"_ga=1"], [b"x-a", b"b"]]),
    ("generator", lambda: (pair for pair in (*HTML, (b"set-cookie", b"_ga=1"), (b"x-a", b"b")))),
    ("map", lambda: map(tuple, [[*HTML[0]], [b"set-cookie", b"_ga=1"], [b"x-a", b"b"]])),
]


@pytest.mark.hostile(134)
@pytest.mark.parametrize("headers", [row[1] for row in HEADS], ids=[row[0] for row in HEADS])
def test_response_headers_of_every_form(headers: Callable[[], Any]) -> None:
    answer = ask(saying(start(headers()), body(PAGE)))
    assert answer.values(b"content-type") == [HTML[0][1]]
    assert answer.values(b"x-a") == [b"b"]
    assert answer.values(b"set-cookie") == []
    assert answer.body.count(BANNER) == 1


@pytest.mark.hostile(134)
@pytest.mark.parametrize("kind", [bytearray, memoryview])
def test_response_headers_as_buffers(kind: Callable[[bytes], Any]) -> None:
    headers = [
        (kind(name), kind(value))
        for name, value in (*HTML, (b"set-cookie", b"_ga=1"), (b"x", b"y"))
    ]
    answer = run_asgi(wrapped(saying(start(headers), body(PAGE))), NAVIGATE)
    assert answer.values(b"x") == [b"y"]
    assert answer.values(b"set-cookie") == []
    assert answer.body.count(BANNER) == 1


@pytest.mark.hostile(134)
@pytest.mark.parametrize("parts", [{}, {"headers": None}, {"headers": []}, {"headers": ()}])
def test_response_without_headers(parts: dict[str, Any]) -> None:
    message = {"type": "http.response.start", "status": 200, **parts}
    answer = run_asgi(wrapped(saying(message, body(PAGE))), NAVIGATE)
    assert (answer.headers, answer.body) == ([], PAGE)


@pytest.mark.hostile(44, 134)
def test_response_names_in_any_case() -> None:
    headers = [(b"Content-Type", b"text/html"), (b"Set-Cookie", b"_ga=1"), (b"SET-COOKIE", b"a=1")]
    answer = ask(saying(start(headers), body(PAGE)), lint={"lower_case": False})
    assert answer.values(b"set-cookie") == []
    assert answer.body.count(BANNER) == 1


# --- files ----------------------------------------------------------------------------------------


@pytest.fixture
def page_file(tmp_path: Path) -> Path:
    file = tmp_path / "page.html"
    file.write_bytes(PAGE)
    return file


def by_path(path: Path, headers: Headers = HTML_OF_PAGE) -> App:
    """Send a file as frameworks do: by its path where the server can, else by its bytes."""
    content = path.read_bytes()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(start(list(headers)))
        if "http.response.pathsend" in scope["extensions"]:
            await send({"type": "http.response.pathsend", "path": str(path)})
        else:
            await send(body(content))

    return app


@pytest.mark.hostile(135)
def test_file_comes_as_bytes_where_a_banner_is_due(page_file: Path) -> None:
    offered = {**FILES, **OTHERS}
    seen: list[Mapping[str, Any]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["extensions"])
        await by_path(page_file)(scope, receive, send)

    answer = ask(app, extensions=offered)
    assert answer.body.count(BANNER) == 1
    assert answer.values(b"content-length") == [b"%d" % len(answer.body)]
    assert seen[0].keys() == OTHERS.keys()


UNTOUCHED: list[tuple[str, Headers, Headers]] = [
    ("data", NAVIGATION, ((b"content-type", b"image/png"), (b"content-length", b"117"))),
    ("page that is fetched", [(b"sec-fetch-dest", b"empty")], HTML_OF_PAGE),
]


@pytest.mark.hostile(135)
@pytest.mark.parametrize("kind", ["pathsend", "zerocopysend"])
@pytest.mark.parametrize("choice", ["accept", "reject"])
def test_file_of_a_decided_visitor_passes(kind: str, choice: str, page_file: Path) -> None:
    """Head and message as they were: no settings element, no changed validator, the same length."""
    headers = [*HTML_OF_PAGE, (b"etag", b'"a"'), (b"accept-ranges", b"bytes")]
    with page_file.open("rb") as file:
        message = {"type": f"http.response.{kind}", "path": str(page_file), "file": file}
        answer = ask(
            saying(start(headers), message), with_cookie(consent(choice)), extensions=FILES
        )
    assert answer.body == PAGE
    assert answer.messages[1] is message
    assert answer.headers[: len(headers)] == headers
    assert {name for name, _ in answer.headers[len(headers) :]} <= {b"vary"}


@pytest.mark.hostile(135)
@pytest.mark.parametrize("kind", ["pathsend", "zerocopysend"])
@pytest.mark.parametrize(
    ("request_headers", "headers"),
    [row[1:] for row in UNTOUCHED],
    ids=[row[0] for row in UNTOUCHED],
)
def test_file_of_something_else_passes(
    kind: str, request_headers: Headers, headers: Headers, page_file: Path
) -> None:
    with page_file.open("rb") as file:
        message = {"type": f"http.response.{kind}", "path": str(page_file), "file": file}
        app = wrapped(saying(start(list(headers)), message))
        exchange = Exchange(headers=request_headers)
        answer = run_asgi(app, exchange, lint=False, extensions=FILES)
    assert answer.messages[1] is message
    assert answer.headers[: len(headers)] == list(headers)


@pytest.mark.hostile(135)
def test_file_between_body_messages() -> None:
    """Bytes that waited go out before the file, in their place."""
    file = io.BytesIO(b"ad><title>t</title>")
    file.fileno = lambda: 9  # type: ignore[method-assign]
    app = wrapped(
        saying(
            start(list(HTML)),
            body(b"<html><he", more=True),
            {"type": "http.response.zerocopysend", "file": file, "more_body": True},
            body(b"</head><body>", more=True),
            body(b"x"),
        )
    )
    answer = run_asgi(app, NAVIGATE, extensions=FILES)
    assert answer.body == b"<html><head><title>t</title></head><body>x"


@pytest.mark.hostile(135)
def test_file_sent_though_it_was_not_offered(page_file: Path) -> None:
    """An application that does not look at the extensions gets its file out all the same."""
    message = {"type": "http.response.pathsend", "path": str(page_file)}
    app = wrapped(saying(start(list(HTML_OF_PAGE)), message))
    answer = run_asgi(app, NAVIGATE, extensions=FILES)
    assert answer.body == PAGE
    assert answer.values(b"content-length") == [b"%d" % len(PAGE)]


# --- other messages -------------------------------------------------------------------------------

HINT = {"type": "http.response.early_hint", "links": [b"</a.css>; rel=preload"]}
DEBUG: dict[str, Any] = {"type": "http.response.debug", "info": {"template": "t"}}
VENDOR = {"type": "x.vendor", "anything": object()}


@pytest.mark.hostile(62, 136)
@both_heads
def test_unknown_messages_keep_their_places(headers: Headers) -> None:
    messages = [
        DEBUG,
        HINT,
        VENDOR,
        start([*headers, (b"set-cookie", b"_ga=1")]),
        HINT,
        VENDOR,
        body(b"<html><body>", more=True),
        VENDOR,
        HINT,
        body(b"x"),
        VENDOR,
    ]
    answer = ask(saying(*messages), extensions=OTHERS, lint={"vendor_messages": True})
    assert [message["type"] for message in answer.messages] == [m["type"] for m in messages]
    for sent, got in zip(messages, answer.messages, strict=True):
        if not sent["type"].endswith((".start", ".body")):
            assert got is sent
    assert (BANNER in answer.body) is (headers is HTML)
    assert answer.values(b"set-cookie") == []


@pytest.mark.hostile(136)
@pytest.mark.parametrize("between", [[], [b""]], ids=["at once", "after an empty one"])
def test_head_waits_for_the_first_body_message_only(between: list[bytes]) -> None:
    sent: list[str] = []
    told: list[list[str]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(start(list(HTML)))
        told.append(list(sent))
        for chunk in between:
            await send(body(chunk, more=True))
        await send(body(b"<ht", more=True))
        told.append(list(sent))
        await send(body(b"ml><body>"))

    async def server(message: Any) -> None:
        sent.append(message["type"])

    scope = {"type": "http", "method": "GET", "path": "/", "headers": list(NAVIGATION)}
    asyncio.run(wrapped(app)(scope, never, server))
    assert told == [[], ["http.response.start"]]
    assert sent == ["http.response.start", "http.response.body"]


async def never() -> Any:
    await asyncio.Event().wait()


# --- faults of the application --------------------------------------------------------------------


class OwnError(Exception):
    """What an application raises."""


@pytest.mark.hostile(137)
def test_error_before_the_body_takes_the_head_along() -> None:
    """The head still waits, so the server can answer with its own 500."""
    sent: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(start(list(HTML)))
        raise OwnError

    async def server(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/", "headers": list(NAVIGATION)}
    with pytest.raises(OwnError):
        asyncio.run(wrapped(app)(scope, never, server))
    assert sent == []


@pytest.mark.hostile(137)
@both_heads
def test_error_amid_the_body_comes_through(headers: Headers) -> None:
    sent: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(start(list(headers)))
        await send(body(b"<html><body>a", more=True))
        raise OwnError

    async def server(message: Any) -> None:
        sent.append(message["type"])

    scope = {"type": "http", "method": "GET", "path": "/", "headers": list(NAVIGATION)}
    with pytest.raises(OwnError):
        asyncio.run(wrapped(app)(scope, never, server))
    assert sent == ["http.response.start", "http.response.body"]


VIOLATIONS: list[tuple[str, list[Any]]] = [
    ("nothing", []),
    ("body first", [body(b"x")]),
    ("body before the start", [body(b"x"), start(list(HTML))]),
    ("start alone", [start(list(HTML))]),
    ("no last body", [start(list(HTML)), body(b"<html>", more=True)]),
    ("no last body of data", [start(list(JSON)), body(b"{", more=True)]),
    ("two starts", [start(list(HTML)), start(list(HTML), 500), body(PAGE)]),
    ("two starts of data", [start(list(JSON)), start(list(JSON), 500), body(b"{}")]),
    ("start amid the body", [start(list(HTML)), body(PAGE, more=True), start(list(HTML))]),
    ("body after the end", [start(list(HTML)), body(PAGE), body(b"x")]),
    ("pathsend before the start", [{"type": "http.response.pathsend", "path": "/x"}]),
    ("trailers not announced", [start(list(HTML)), body(PAGE), {"type": "http.response.trailers"}]),
    ("unknown message", [start(list(HTML)), VENDOR, body(PAGE)]),
    ("websocket message", [{"type": "websocket.accept"}]),
    ("status as text", [start(list(HTML), "200")]),  # type: ignore[arg-type]
]


@pytest.mark.hostile(138)
@pytest.mark.parametrize(
    "messages", [row[1] for row in VIOLATIONS], ids=[row[0] for row in VIOLATIONS]
)
def test_violation_is_the_same_as_without_us(messages: list[Any]) -> None:
    extensions = {**FILES, **OTHERS}
    found: list[str] = []
    for app in (saying(*messages), wrapped(saying(*messages))):
        with pytest.raises(AsgiViolation) as caught:
            run_asgi(app, NAVIGATE, extensions=extensions)
        found.append(str(caught.value))
    assert found[0] == found[1]


@pytest.mark.hostile(138)
@both_heads
def test_second_start_sets_no_cookie_either(headers: Headers) -> None:
    app = wrapped(
        saying(
            start(list(headers)),
            start([*headers, (b"set-cookie", b"_ga=1"), (b"x-a", b"b")], 500),
            body(b"<body>"),
        )
    )
    answer = run_asgi(app, NAVIGATE, lint=False)
    starts = [m for m in answer.messages if m["type"] == "http.response.start"]
    assert [message["status"] for message in starts] == [200, 500]
    assert (b"x-a", b"b") in starts[1]["headers"]
    assert not any(name == b"set-cookie" for message in starts for name, _ in message["headers"])


@pytest.mark.hostile(136)
@both_heads
@pytest.mark.parametrize("order", ["gathered", "awaited late"])
def test_messages_need_not_be_awaited_at_once(order: str, headers: Headers) -> None:
    """The order is that of the calls of `send` where the head is held back, as it is elsewhere."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        messages = [start(list(headers)), body(PAGE)]
        if order == "gathered":
            await asyncio.gather(*map(send, messages))
        else:
            for promise in [send(message) for message in messages]:
                await promise

    answer = ask(app)
    assert (BANNER in answer.body) is (headers is HTML)
    assert [message["type"][14:] for message in answer.messages] == ["start", "body"]


# --- disconnects and cancellation -----------------------------------------------------------------


@pytest.mark.hostile(139)
@both_heads
@pytest.mark.parametrize("broken", [1, 2, 3])
def test_disconnect_reaches_the_application(broken: int, headers: Headers) -> None:
    """A closed connection raises OSError in `send`; the application may clean up and go on."""
    done: list[str] = []
    sent = 0

    async def app(scope: Any, receive: Any, send: Any) -> None:
        try:
            await send(start(list(headers)))
            for _ in range(5):
                await send(body(b"<html><body>x", more=True))
        except OSError:
            done.append("cleaned up")
            raise
        finally:
            done.append("background task")

    async def server(message: Any) -> None:
        nonlocal sent
        sent += 1
        if sent == broken:
            raise BrokenPipeError

    scope = {"type": "http", "method": "GET", "path": "/", "headers": list(NAVIGATION)}
    with pytest.raises(BrokenPipeError):
        asyncio.run(wrapped(app)(scope, never, server))
    assert done == ["cleaned up", "background task"]
    assert sent == broken


@pytest.mark.hostile(139)
def test_background_task_runs_after_the_answer() -> None:
    done: list[bool] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(start(list(HTML)))
        await send(body(PAGE))
        await asyncio.sleep(0)
        done.append((await receive())["type"] == "http.request")

    assert ask(app).body.count(BANNER) == 1
    assert done == [True]


@pytest.mark.hostile(139)
@pytest.mark.parametrize("point", ["before", "head", "body", "send"])
def test_cancellation_is_never_swallowed(point: str) -> None:
    seen: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        try:
            if point != "before":
                await send(start(list(HTML)))
            if point in {"body", "send"}:
                await send(body(b"<html><body>", more=True))
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    async def server(message: Any) -> None:
        if point == "send":
            await asyncio.Event().wait()

    async def main() -> None:
        scope = {"type": "http", "method": "GET", "path": "/", "headers": list(NAVIGATION)}
        task = asyncio.ensure_future(wrapped(app)(scope, never, server))
        for _ in range(5):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert task.cancelled()

    asyncio.run(main())
    assert seen == ["cancelled"]


# --- objects that pass as they are ----------------------------------------------------------------


class Untouchable(dict[str, Any]):
    """A scope that must not be written to or copied."""

    def __setitem__(self, key: str, value: Any) -> None:
        raise AssertionError(key)

    def __delitem__(self, key: str) -> None:
        raise AssertionError(key)


async def other_send(message: Any) -> None:
    """Stand for the server's."""


@pytest.mark.hostile(140)
@pytest.mark.parametrize("kind", ["lifespan", "unknown", "http3.datagram", ""])
def test_other_scopes_pass_as_the_same_objects(kind: str) -> None:
    seen: list[Any] = []

    async def app(*arguments: Any) -> None:
        seen.extend(arguments)

    scope = Untouchable(type=kind, headers=None)
    asyncio.run(wrapped(app)(scope, never, other_send))
    assert len(seen) == 3
    assert seen[0] is scope
    assert seen[1] is never
    assert seen[2] is other_send


@pytest.mark.hostile(140)
def test_lifespan_works_through_the_middleware() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert (await receive())["type"] == "lifespan.startup"
        scope["state"]["pool"] = 1
        await send({"type": "lifespan.startup.complete"})
        assert (await receive())["type"] == "lifespan.shutdown"
        await send({"type": "lifespan.shutdown.complete"})

    sent: list[str] = []
    messages = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]

    async def receive() -> Any:
        return messages.pop(0)

    async def send(message: Any) -> None:
        sent.append(message["type"])

    scope: dict[str, Any] = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    asyncio.run(AsgiLint(wrapped(AsgiLint(app)))(scope, receive, send))
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert scope["state"] == {"pool": 1}


@pytest.mark.hostile(100, 141)
@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_receive_is_the_servers_own(kind: str, method: str) -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(receive)

    scope = {"type": kind, "method": method, "path": "/form", "headers": list(NAVIGATION)}
    asyncio.run(wrapped(app)(scope, never, other_send))
    assert seen[0] is never


@pytest.mark.hostile(144)
@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("form", [list, tuple])
def test_scope_is_not_changed(kind: str, form: Callable[[Iterable[Any]], Any]) -> None:
    """The application gets a shallow copy; what it shares with the server it goes on sharing."""
    state: dict[str, Any] = {"pool": object()}
    app_object = object()
    scope: dict[str, Any] = {
        "type": kind,
        "asgi": {"version": "3.0", "spec_version": "2.5"},
        "http_version": "1.1",
        "method": "GET",
        "path": "/",
        "query_string": b"",
        "headers": form(
            [*NAVIGATION, (b"cookie", b"_ga=1; sessionid=2"), (b"accept-encoding", b"gzip")]
        ),
        "extensions": {**FILES, **OTHERS},
        "state": state,
        "app": app_object,
    }
    before = {**scope, "headers": list(scope["headers"]), "extensions": dict(scope["extensions"])}
    seen: list[Any] = []

    async def app(inner: Any, receive: Any, send: Any) -> None:
        seen.append(inner)
        inner["own"] = 1

    asyncio.run(wrapped(app)(scope, never, other_send))
    assert {**scope, "headers": list(scope["headers"])} == before
    assert seen[0] is not scope
    assert seen[0]["state"] is state
    assert seen[0]["app"] is app_object
    assert (b"cookie", b"sessionid=2") in seen[0]["headers"]
    assert "cookieconsent" not in scope


# --- long answers ---------------------------------------------------------------------------------

STREAMS: list[tuple[str, Headers, bytes]] = [
    ("events", [(b"content-type", b"text/event-stream")], b""),
    ("data", JSON, b""),
    ("page behind the banner", HTML, b"<html><body>"),
    ("page without a place", HTML, b"<html><frameset>"),
    ("encoded page", [*HTML, (b"content-encoding", b"gzip")], b""),
]


@pytest.mark.hostile(131, 142)
@pytest.mark.parametrize(
    ("headers", "opening"), [row[1:] for row in STREAMS], ids=[row[0] for row in STREAMS]
)
def test_messages_of_a_long_answer_are_the_same_objects(headers: Headers, opening: bytes) -> None:
    """No work per chunk: the application's message and the server's awaitable, nothing between."""
    sent: list[Any] = []
    awaited: list[Any] = []

    class Server:
        def __call__(self, message: Any) -> Awaitable[None]:
            sent.append(message)
            waiting = other_send(message)
            awaited.append(waiting)
            return waiting

    messages = [body(b"data: %d\n\n" % number, more=True) for number in range(20)] + [body()]

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(start(list(headers)))
        if opening:
            await send(body(opening, more=True))
        for message in messages:
            promise = send(message)
            assert promise is awaited[-1]
            await promise

    scope = {"type": "http", "method": "GET", "path": "/", "headers": list(NAVIGATION)}
    asyncio.run(wrapped(app)(scope, never, Server()))
    assert len(sent) == 1 + bool(opening) + len(messages)
    assert all(got is said for got, said in zip(sent[-len(messages) :], messages, strict=True))


@pytest.mark.hostile(130, 142)
@pytest.mark.parametrize(
    ("headers", "opening", "chunk"),
    [
        ([(b"content-type", b"text/event-stream")], b"", b"data: x\n\n"),
        (HTML, b"<html><body>", b"<p>x</p>"),
        (HTML, b"<html><head>", b"<meta http-equiv=a content=b><link rel=b>"),
        (HTML, b"<html><script>", b"var a = '<body>'; <!-- --"),
        (HTML, b"<!--", b"-- x --- y"),
    ],
    ids=["events", "behind the banner", "endless head", "endless script", "endless comment"],
)
def test_memory_does_not_grow_with_the_answer(
    headers: Headers, opening: bytes, chunk: bytes
) -> None:
    measured: list[int] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(start(list(headers)))
        await send(body(opening, more=True))
        for number in range(15_000):
            if number in {5_000, 14_999}:
                gc.collect()
                measured.append(tracemalloc.get_traced_memory()[0])
            await send(body(chunk, more=True))
        await send(body())

    scope = {"type": "http", "method": "GET", "path": "/", "headers": list(NAVIGATION)}
    tracemalloc.start()
    try:
        asyncio.run(wrapped(app)(scope, never, other_send))
    finally:
        tracemalloc.stop()
    assert measured[1] - measured[0] < 100_000  # a message kept each time would be 2 MB


@pytest.mark.hostile(142)
def test_websocket_messages_are_the_same_objects() -> None:
    frames = [{"type": "websocket.send", "text": str(number)} for number in range(5)]
    sent: list[Any] = []

    async def server(message: Any) -> None:
        sent.append(message)

    app = wrapped(saying({"type": "websocket.accept"}, *frames, {"type": "websocket.close"}))
    asyncio.run(app({"type": "websocket", "path": "/", "headers": []}, never, server))
    assert all(got is said for got, said in zip(sent[1:-1], frames, strict=True))


# --- many at once ---------------------------------------------------------------------------------


@pytest.mark.hostile(143)
def test_hundred_visitors_at_once_do_not_mix() -> None:
    """Every other visitor has said yes; all answers are under way at the same time."""
    yes, no = consent("accept"), consent("reject")
    barrier = asyncio.Barrier(100)
    seen: dict[str, bytes] = {}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        cookies = [value for name, value in scope["headers"] if name == b"cookie"]
        seen[scope["path"]] = cookies[0]
        number = scope["path"][1:].encode()
        await barrier.wait()
        headers = [
            *HTML,
            (b"set-cookie", b"_ga=" + number),
            (b"set-cookie", b"sessionid=" + number),
        ]
        await send(start(headers))
        await barrier.wait()
        await send(body(b"<html><body>" + number, more=True))
        await barrier.wait()
        await send(body(b"</body>"))

    middleware = wrapped(AsgiLint(app))

    async def visit(number: int) -> Answer:
        own = (b"; " + (yes, no)[number // 2 % 2]) if number % 2 else b""
        cookie = b"sessionid=%d; _ga=%d" % (number, number) + own
        return await drive_asgi(middleware, with_cookie(cookie, path=f"/{number}"))

    async def main() -> list[Answer]:
        return await asyncio.gather(*(visit(number) for number in range(100)))

    for number, answer in enumerate(asyncio.run(main())):
        granted = number % 2 and number // 2 % 2 == 0
        cookies = seen[f"/{number}"].split(b"; ")
        assert b"sessionid=%d" % number in cookies
        assert (b"_ga=%d" % number in cookies) is bool(granted)
        set_cookies = answer.values(b"set-cookie")
        assert b"sessionid=%d" % number in set_cookies
        assert (b"_ga=%d" % number in set_cookies) is bool(granted)
        assert answer.body.endswith(b"%d</body>" % number)
        assert (BANNER in answer.body) is (number % 2 == 0)
        assert (SETTINGS in answer.body) is (number % 2 == 1)


@pytest.mark.hostile(143)
def test_no_context_variable_is_left_behind() -> None:
    inside: list[set[Any]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        inside.append(set(contextvars.copy_context()))
        await send(start(list(HTML)))
        await send(body(PAGE))

    async def main() -> None:
        before = set(contextvars.copy_context())
        scope = {"type": "http", "method": "GET", "path": "/", "headers": list(NAVIGATION)}
        await wrapped(app)(scope, never, other_send)
        assert set(contextvars.copy_context()) == before == inside[0]

    asyncio.run(main())


@pytest.mark.hostile(143)
def test_nothing_of_a_request_outlives_it() -> None:
    """No cycle and no register keeps the exchange of a finished request alive."""
    states: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        states.append(scope["cookieconsent"])
        await send(start(list(HTML)))
        await send(body(PAGE))

    async def main() -> None:
        middleware = wrapped(app)
        scope = {"type": "http", "method": "GET", "path": "/", "headers": list(NAVIGATION)}
        before = living()
        for _ in range(3):
            await middleware(scope, never, other_send)
        assert living()["ConsentState"] == before["ConsentState"] + 3
        states.clear()
        assert living() == before

    asyncio.run(main())


def living() -> Counter[str]:
    """Count what there is of the objects that belong to one request."""
    gc.collect()
    kinds = Counter(type(thing).__name__ for thing in gc.get_objects())
    return Counter({name: kinds[name] for name in ("ConsentState", "Exchange", "Insertion")})
