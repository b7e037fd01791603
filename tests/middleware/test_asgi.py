"""The ASGI door by itself: scopes, messages, own pages, websockets."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import FileResponse, HTMLResponse, StreamingResponse
from starlette.routing import Route

from cookieconsent import Config, ConfigError, ContradictionError, consent_of
from cookieconsent.middleware import asgi
from cookieconsent.middleware.asgi import CookieConsentMiddleware
from doors import FORM, HTML, NAVIGATION, NOON, PAGE, SECRET, Headers, Site
from oracles.asgi_lint import AsgiLint
from oracles.drivers import Answer, Exchange, asgi_app, run_asgi

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

App = Callable[[Any, Any, Any], Awaitable[None]]

BANNER = b'id="cookieconsent-banner"'
PREFERENCES = b'id="cookieconsent-preferences"'
GA: tuple[bytes, bytes] = (b"set-cookie", b"_ga=1; Path=/")
SESSION: tuple[bytes, bytes] = (b"set-cookie", b"sessionid=1; Path=/")


def wrapped(app: App, **options: Any) -> CookieConsentMiddleware:
    given: dict[str, Any] = {"secret_key": SECRET, "clock": lambda: NOON}
    return CookieConsentMiddleware(AsgiLint(app), **given | options)


def start(headers: Any = HTML, **parts: Any) -> dict[str, Any]:
    return {"type": "http.response.start", "status": 200, "headers": list(headers), **parts}


def body(chunk: bytes = b"", *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": chunk, "more_body": more}


def saying(*messages: Any) -> App:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        for message in messages:
            await send(message)

    return app


def ask(app: App, exchange: Exchange | None = None, **driver: Any) -> Answer:
    return run_asgi(wrapped(app), exchange or Exchange(headers=NAVIGATION), **driver)


async def uncalled(scope: Any, receive: Any, send: Any) -> None:
    message = "the application ran"
    raise AssertionError(message)


# --- how it is built ------------------------------------------------------------------------------


def test_configuration_or_its_fields() -> None:
    config = Config(secret_key=SECRET)
    assert CookieConsentMiddleware(uncalled, config).consent.config is config
    assert CookieConsentMiddleware(uncalled, config=config).consent.config is config
    assert CookieConsentMiddleware(app=uncalled, config=config).app is uncalled
    by_name = CookieConsentMiddleware(uncalled, secret_key=SECRET, path="/c")
    assert by_name.consent.config.path == "/c"
    with pytest.raises(ContradictionError, match="path"):
        CookieConsentMiddleware(uncalled, config, path="/c")
    with pytest.raises(ConfigError, match="secret_key"):
        CookieConsentMiddleware(uncalled)
    with pytest.raises(ConfigError, match="pathh"):
        CookieConsentMiddleware(uncalled, secret_key=SECRET, pathh="/c")


# --- pages of the application ---------------------------------------------------------------------


def test_page_gets_a_banner_and_loses_cookies() -> None:
    record: list[Any] = []
    length = (b"content-length", b"%d" % len(PAGE))
    app = asgi_app(200, [*HTML, length, GA, SESSION], [PAGE], record)
    exchange = Exchange(headers=[*NAVIGATION, (b"cookie", b"_ga=1; sessionid=2")])
    answer = ask(app, exchange)
    assert record[0].cookie == b"sessionid=2"
    assert BANNER in answer.body
    assert b"sessionid=1; Path=/" in answer.values(b"set-cookie")
    assert not any(value.startswith(b"_ga=1") for value in answer.values(b"set-cookie"))
    assert answer.values(b"content-length") == [b"%d" % len(answer.body)]


def test_data_passes_as_it_is() -> None:
    message = body(b"{}")
    sent: list[Any] = []

    async def server(said: Any) -> None:
        sent.append(said)

    headers = [(b"content-type", b"application/json")]
    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    app = CookieConsentMiddleware(saying(start(headers), message), secret_key=SECRET)
    asyncio.run(app(scope, nothing_more, server))
    assert sent == [start(headers), message]
    assert sent[1] is message


async def nothing_more() -> Any:
    await asyncio.Event().wait()


def test_application_finds_its_state() -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append((consent_of(scope).decided, consent_of(scope).allows("analytics")))
        await send(start())
        await send(body(PAGE))

    ask(app)
    headers = [*NAVIGATION, (b"cookie", Site("asgi").answer_cookie())]
    ask(app, Exchange(headers=headers))
    assert seen == [(False, False), (True, True)]


def test_page_in_chunks() -> None:
    """A chunk of which nothing may go out yet is no message."""
    messages = [start(), body(b"<ht", more=True), body(b"ml><bo", more=True), body(b"dy>x")]
    answer = ask(saying(*messages))
    assert answer.chunks[0] == b"<html>"
    assert len(answer.chunks) == 2
    assert answer.body.startswith(b"<html><body><div ")


def test_head_alone_still_goes_out() -> None:
    app = CookieConsentMiddleware(saying(start()), secret_key=SECRET)
    answer = run_asgi(app, Exchange(headers=NAVIGATION), lint=False)
    assert [message["type"] for message in answer.messages] == ["http.response.start"]


def test_second_start_goes_to_the_server() -> None:
    app = CookieConsentMiddleware(saying(start(), start([*HTML, GA])), secret_key=SECRET)
    answer = run_asgi(app, Exchange(headers=NAVIGATION), lint=False)
    assert len(answer.messages) == 2
    assert GA not in answer.messages[1]["headers"]


@pytest.mark.hostile(135)
def test_files_are_not_offered_where_a_banner_is_due() -> None:
    offered = {"http.response.pathsend": {}, "http.response.zerocopysend": {}, "x": {"y": 1}}
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope.get("extensions"))
        await send(start())
        await send(body(PAGE))

    ask(app, extensions=offered)
    ask(app, Exchange(headers=[(b"accept", b"application/json")]), extensions=offered)
    ask(app, scope={"extensions": None})
    assert seen == [{"x": {"y": 1}}, offered, None]
    assert seen[1].keys() == offered.keys()


@pytest.mark.hostile(135)
def test_file_amid_a_page_ends_the_search() -> None:
    path = {"type": "http.response.pathsend", "path": "/dev/null"}
    app = CookieConsentMiddleware(
        saying(start(), body(b"<html><he", more=True), path), secret_key=SECRET
    )
    answer = run_asgi(app, Exchange(headers=NAVIGATION), lint=False)
    assert answer.chunks == [b"<html>", b"<he", b""]
    assert answer.messages[-1] is path


@pytest.mark.hostile(135)
def test_file_in_place_of_a_page_is_untouched() -> None:
    path = {"type": "http.response.pathsend", "path": "/dev/null"}
    app = CookieConsentMiddleware(saying(start(), path), secret_key=SECRET)
    answer = run_asgi(app, Exchange(headers=NAVIGATION), lint=False)
    assert [message["type"] for message in answer.messages] == [start()["type"], path["type"]]
    assert answer.headers[0] == HTML[0]


@pytest.mark.hostile(177)
def test_session_outside_of_us_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """Its cookies are added where we cannot see them."""
    ask(asgi_app(200, HTML, [PAGE]), scope={"session": {}})
    assert [getattr(record, "event", "") for record in caplog.records] != []


@pytest.mark.hostile(62, 63, 64, 136)
def test_other_messages_of_a_response() -> None:
    hint = {"type": "http.response.early_hint", "links": [b"</a.css>; rel=preload"]}
    push = {
        "type": "http.response.push",
        "path": "/a.css",
        "headers": [(b"accept", b"*/*"), (b"cookie", b"_ga=1; sessionid=2"), (b"x", b"y")],
    }
    bare = {"type": "http.response.push", "path": "/b.css"}
    trailers = {"type": "http.response.trailers", "headers": [GA, SESSION, (b"x", b"y")]}
    messages = [hint, start(trailers=True), hint, push, bare, body(PAGE), trailers]
    names = ["early_hint", "push", "trailers"]
    answer = ask(saying(*messages), extensions={f"http.response.{name}": {} for name in names})
    assert [m["type"] for m in answer.messages] == [m["type"] for m in messages]
    assert answer.messages[0] is hint
    assert answer.messages[2] is hint
    assert (b"cookie", b"sessionid=2") in answer.messages[3]["headers"]
    assert answer.messages[4]["headers"] == []
    assert answer.trailers == [SESSION, (b"x", b"y")]
    assert answer.values(b"set-cookie") == []
    assert push["headers"][1] == (b"cookie", b"_ga=1; sessionid=2")


@pytest.mark.hostile(64)
def test_push_with_no_cookie_left() -> None:
    push = {"type": "http.response.push", "path": "/a", "headers": [(b"cookie", b"_ga=1")]}
    answer = ask(saying(start(), push, body(PAGE)), extensions={"http.response.push": {}})
    assert answer.messages[1]["headers"] == []


# --- a framework ----------------------------------------------------------------------------------


async def starlette_page(request: Request) -> Response:
    response = HTMLResponse(PAGE, background=BackgroundTask(request.state.done.append, True))
    response.set_cookie("_ga", "1")
    response.set_cookie("sessionid", "2")
    return response


async def starlette_stream(request: Request) -> Response:
    return StreamingResponse(iter([PAGE[:20], PAGE[20:]]), media_type="text/html")


def starlette_file(path: Path) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        return FileResponse(path, media_type="text/html")

    return answer


@pytest.mark.parametrize("layer", ["outermost", "added"])
@pytest.mark.parametrize("path", ["/", "/stream", "/file", "/missing"])
def test_starlette_application(layer: str, path: str, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_bytes(PAGE)
    routes = [
        Route("/", starlette_page),
        Route("/stream", starlette_stream),
        Route("/file", starlette_file(file)),
    ]
    inner = Starlette(routes=routes, middleware=[Middleware(GZipMiddleware, minimum_size=1)])
    app: Any = inner
    if layer == "added":
        inner.add_middleware(CookieConsentMiddleware, secret_key=SECRET)
    else:
        app = CookieConsentMiddleware(inner, secret_key=SECRET)
    done: list[bool] = []
    exchange = Exchange(headers=[*NAVIGATION, (b"accept-encoding", b"gzip")], path=path)
    offered: dict[str, Any] = {"http.response.pathsend": {}}
    answer = run_asgi(app, exchange, extensions=offered, scope={"state": {"done": done}})
    assert (BANNER in answer.body) is (path != "/missing")  # which is plain text
    assert answer.values(b"content-encoding") == []
    cookies = [value.partition(b"=")[0] for value in answer.values(b"set-cookie")]
    assert cookies == ([b"sessionid"] if path == "/" else [])
    assert done == ([True] if path == "/" else [])


# --- own pages ------------------------------------------------------------------------------------


class Browser:
    """A server's `receive` that gives a form in pieces, and knows how often it was asked."""

    def __init__(self, *messages: Any) -> None:
        self.messages = list(messages)
        self.asked = 0
        self.sent: list[Any] = []

    async def receive(self) -> Any:
        self.asked += 1
        if not self.messages:
            await asyncio.Event().wait()
        return self.messages.pop(0)

    async def send(self, message: Any) -> None:
        self.sent.append(message)

    def post(self, *headers: tuple[bytes, bytes]) -> Browser:
        scope = {
            "type": "http",
            "method": "POST",
            "path": "/cookie-consent",
            "headers": [(b"content-type", FORM), (b"sec-fetch-site", b"same-origin"), *headers],
        }
        app = CookieConsentMiddleware(uncalled, secret_key=SECRET)
        asyncio.run(app(scope, self.receive, self.send))
        return self

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])


def request(chunk: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.request", "body": chunk, "more_body": more}


def test_own_page_is_answered_here() -> None:
    answer = ask(uncalled, Exchange(path="/cookie-consent"))
    assert (answer.status, PREFERENCES in answer.body) == (200, True)
    head = ask(uncalled, Exchange(path="/cookie-consent", method="HEAD"))
    assert (head.status, head.body) == (200, b"")
    assert ask(uncalled, Exchange(path="/cookie-consent/nothing")).status == 404


@pytest.mark.hostile(94)
def test_form_in_octets() -> None:
    octets = [request(b"choice=reject"[at : at + 1], more=True) for at in range(13)]
    browser = Browser(*octets, request(b"")).post()
    assert browser.status == 303
    assert browser.asked == 14


@pytest.mark.parametrize(
    "messages",
    [
        [request(b"choice=reject")],
        [{"type": "http.request", "body": b"choice=reject"}],
        [request(b"choice=", more=True), {"type": "http.request", "body": bytearray(b"reject")}],
        [request(b"choice=reject", more=True), {"type": "http.request"}],
    ],
)
def test_form_messages_of_every_form(messages: list[Any]) -> None:
    assert Browser(*messages).post().status == 303


@pytest.mark.hostile(94)
def test_large_form_is_not_read_to_its_end() -> None:
    chunks = [request(b"x" * 4096, more=True) for _ in range(100)]
    browser = Browser(*chunks).post()
    assert browser.status == 413
    assert browser.asked == 5


@pytest.mark.hostile(94)
def test_form_announced_as_large_is_not_read() -> None:
    browser = Browser(request(b"choice=reject")).post((b"content-length", b"10000000"))
    assert (browser.status, browser.asked) == (413, 0)


@pytest.mark.hostile(96)
def test_browser_that_left_gets_no_answer() -> None:
    browser = Browser(request(b"choice=", more=True), {"type": "http.disconnect"}).post()
    assert (browser.sent, browser.asked) == ([], 2)


@pytest.mark.hostile(96)
def test_slow_form_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asgi, "BODY_SECONDS", 0.01)
    assert Browser(request(b"choice=", more=True)).post().status == 408


def test_form_under_another_event_loop() -> None:
    """Nothing but the deadline needs asyncio: trio's servers have one of their own."""
    browser = Browser(request(b"choice=reject"))
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/cookie-consent",
        "headers": [(b"content-type", FORM), (b"sec-fetch-site", b"same-origin")],
    }
    app = CookieConsentMiddleware(uncalled, secret_key=SECRET)
    call: Coroutine[Any, Any, None] = app(scope, browser.receive, browser.send)
    with pytest.raises(StopIteration):
        call.send(None)
    assert browser.status == 303


# --- websockets -----------------------------------------------------------------------------------


def handshake(
    *messages: Any, cookie: bytes = b"_ga=1; sessionid=2", path: str = "/", **options: Any
) -> tuple[list[Any], list[Any]]:
    """Open a websocket; return what the application got and what the server got."""
    seen: list[Any] = []
    sent: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope)
        await receive()
        for message in messages:
            await send(message)

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "websocket",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "wss",
        "path": path,
        "headers": [(b"host", b"shop.example"), *NAVIGATION, (b"cookie", cookie)],
        "subprotocols": ["chat"],
        "extensions": {"websocket.http.response": {}},
    }
    asyncio.run(AsgiLint(wrapped(app, **options))(scope, receive, send))
    return seen, sent


def accept(*headers: tuple[bytes, bytes], **parts: Any) -> dict[str, Any]:
    return {"type": "websocket.accept", "headers": list(headers), **parts}


CLOSE = {"type": "websocket.close", "code": 1000}


@pytest.mark.hostile(65)
def test_handshake_is_filtered_both_ways() -> None:
    own = accept(GA, (b"x", b"y"), SESSION, subprotocol="chat")
    seen, sent = handshake(own, CLOSE)
    assert (b"cookie", b"sessionid=2") in seen[0]["headers"]
    assert sent == [accept((b"x", b"y"), SESSION, subprotocol="chat"), CLOSE]
    assert sent[1] is CLOSE
    assert own["headers"] == [GA, (b"x", b"y"), SESSION]


@pytest.mark.hostile(65)
def test_handshake_of_a_visitor_who_said_yes() -> None:
    cookie = b"_ga=1; sessionid=2; " + Site("asgi").answer_cookie()
    seen, sent = handshake(accept(GA, SESSION), CLOSE, cookie=cookie)
    assert any(
        name == b"cookie" and value.startswith(b"_ga=1; sessionid=2")
        for name, value in seen[0]["headers"]
    )
    assert sent[0] == accept(GA, SESSION)


@pytest.mark.hostile(65)
@pytest.mark.parametrize("parts", [{}, {"headers": ()}, {"headers": []}])
def test_handshake_without_headers(parts: dict[str, Any]) -> None:
    _, sent = handshake({"type": "websocket.accept", **parts}, CLOSE)
    assert sent[0] == accept()


@pytest.mark.hostile(65)
@pytest.mark.parametrize(
    "headers", [lambda: (GA, SESSION), lambda: iter([GA, SESSION]), lambda: [[*GA], [*SESSION]]]
)
def test_handshake_headers_of_every_form(headers: Callable[[], Any]) -> None:
    _, sent = handshake({"type": "websocket.accept", "headers": headers()}, CLOSE)
    assert [tuple(pair) for pair in sent[0]["headers"]] == [SESSION]


@pytest.mark.hostile(65, 66)
def test_denial_is_filtered_and_shows_no_banner() -> None:
    denial = {
        "type": "websocket.http.response.start",
        "status": 403,
        "headers": [*HTML, GA, SESSION],
    }
    page = {"type": "websocket.http.response.body", "body": PAGE}
    _, sent = handshake(denial, page)
    assert sent[0] == {**denial, "headers": [*HTML, SESSION]}
    assert sent[1] is page


@pytest.mark.hostile(65)
def test_websocket_is_no_way_to_our_pages() -> None:
    seen, sent = handshake(accept(), CLOSE, path="/cookie-consent")
    assert len(seen) == 1
    assert [message["type"] for message in sent] == ["websocket.accept", "websocket.close"]


def test_answer_given_in_a_handshake_is_kept() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        consent_of(scope).grant("analytics")
        await send(accept(GA))
        await send(CLOSE)

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": "/", "headers": []}
    asyncio.run(CookieConsentMiddleware(app, secret_key=SECRET)(scope, nothing_more, send))
    lines = [value for name, value in sent[0]["headers"] if name == b"set-cookie"]
    assert lines[0] == GA[1]
    assert lines[1].startswith(b"__Host-cookieconsent=")


async def unsent(message: Any) -> None:
    raise AssertionError(message)


@pytest.mark.parametrize("headers", [[], (), None])
def test_scope_without_headers(headers: Headers | None) -> None:
    """And without anything else but a type: test clients leave out a lot."""
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["headers"])

    for kind in ("http", "websocket"):
        scope = {"type": kind} if headers is None else {"type": kind, "headers": headers}
        asyncio.run(CookieConsentMiddleware(app, secret_key=SECRET)(scope, nothing_more, unsent))
    assert seen == [[], []]


def test_report_only_changes_nothing() -> None:
    record: list[Any] = []
    headers = [*HTML, (b"content-length", b"%d" % len(PAGE)), GA]
    app = wrapped(asgi_app(200, headers, [PAGE], record), enforce=False)
    exchange = Exchange(headers=[*NAVIGATION, (b"cookie", b"_ga=1")], path="/cookie-consent")
    answer = run_asgi(app, exchange)
    assert (answer.headers, answer.body) == (headers, PAGE)
    assert record[0].cookie == b"_ga=1"


@pytest.mark.hostile(129)
def test_inner_copy_stays_out_of_the_way() -> None:
    inner = wrapped(asgi_app(200, HTML, [PAGE]))
    assert ask(inner).body == ask(asgi_app(200, HTML, [PAGE])).body
