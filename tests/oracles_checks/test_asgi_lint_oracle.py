"""The ASGI lint: every violation is convicted, clean dialogues are acquitted."""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING, Any

import pytest

from oracles.asgi_lint import AsgiLint, AsgiViolation

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    Message = dict[str, Any]

EXTENSIONS = [
    "http.response.trailers",
    "http.response.pathsend",
    "http.response.zerocopysend",
    "http.response.push",
    "http.response.early_hint",
    "http.response.debug",
    "websocket.http.response",
]
HTTP: dict[str, Any] = {
    "type": "http",
    "asgi": {"version": "3.0", "spec_version": "2.5"},
    "http_version": "1.1",
    "method": "GET",
    "scheme": "https",
    "path": "/caf\xe9",
    "raw_path": b"/caf%C3%A9",
    "query_string": b"a=1",
    "root_path": "",
    "headers": [(b"host", b"shop.example"), [b"cookie", b"sid=1"]],
    "client": ("192.0.2.1", 50000),
    "server": ["/run/app.sock", None],
    "state": {},
    "extensions": {name: {} for name in EXTENSIONS},
}
WEBSOCKET: dict[str, Any] = {
    **{key: value for key, value in HTTP.items() if key != "method"},
    "type": "websocket",
    "scheme": "wss",
    "subprotocols": ["chat"],
}
LIFESPAN: dict[str, Any] = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}

REQUEST = {"type": "http.request", "body": b"", "more_body": False}
CONNECT = {"type": "websocket.connect"}


def start(*headers: tuple[bytes, bytes], status: Any = 200, **more: Any) -> Message:
    return {"type": "http.response.start", "status": status, "headers": list(headers), **more}


def body(octets: Any = b"", **more: Any) -> Message:
    return {"type": "http.response.body", "body": octets, **more}


MORE = body(b"x", more_body=True)
END = body()
TRAILERS = {"type": "http.response.trailers", "headers": [(b"digest", b"x")]}
MORE_TRAILERS = {**TRAILERS, "more_trailers": True}
PATH = {"type": "http.response.pathsend", "path": "/srv/file"}
PUSH = {"type": "http.response.push", "path": "/x", "headers": [(b"cookie", b"a=1")]}
HINT = {"type": "http.response.early_hint", "links": [b"</x>; rel=preload"]}
DEBUG = {"type": "http.response.debug", "info": {"template": "x"}}
ACCEPT = {"type": "websocket.accept"}
SEND = {"type": "websocket.send", "text": "x"}
CLOSE = {"type": "websocket.close"}
FRAME = {"type": "websocket.receive", "text": "x"}
GONE = {"type": "websocket.disconnect", "code": 1001}


def file_message(**more: Any) -> Message:
    class File(io.BytesIO):
        def fileno(self) -> int:
            return 3

    return {"type": "http.response.zerocopysend", "file": File(b"abc"), **more}


def deny(message: Message) -> Message:
    return {**message, "type": f"websocket.{message['type']}"}


async def play(
    scope: dict[str, Any],
    script: list[Message | str],
    incoming: list[Message],
    **options: Any,
) -> list[Message]:
    """Let an application send the script's messages, receiving where it says "receive"."""
    queue = iter(incoming)
    arrived: list[Message] = []

    async def receive() -> Message:
        return next(queue)

    async def send(message: Message) -> None:
        arrived.append(message)

    async def app(
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        for step in script:
            if isinstance(step, str):
                await receive()
            else:
                await send(step)

    await AsgiLint(app, **options)(scope, receive, send)  # type: ignore[arg-type]
    return arrived


def run(
    scope: dict[str, Any],
    script: list[Message | str],
    incoming: list[Message] | None = None,
    **options: Any,
) -> list[Message]:
    return asyncio.run(play(scope, script, incoming or [], **options))


def convict(
    why: str,
    scope: dict[str, Any],
    script: list[Message | str],
    incoming: list[Message] | None = None,
    **options: Any,
) -> None:
    with pytest.raises(AsgiViolation) as caught:
        run(scope, script, incoming, **options)
    assert why in str(caught.value)


# --- clean dialogues ----------------------------------------------------------------------------

CLEAN: list[tuple[str, dict[str, Any], list[Message | str], list[Message]]] = [
    ("one body", HTTP, ["receive", start(), body(b"x")], [REQUEST]),
    ("nothing received", HTTP, [start(), END], []),
    ("no headers key", HTTP, [{"type": "http.response.start", "status": 200}, END], []),
    ("no body key", HTTP, [start(), {"type": "http.response.body"}], []),
    ("header tuples", HTTP, [start(headers=((b"a", b"1"), [b"b", b"2"])), END], []),
    ("several bodies", HTTP, [start(), MORE, MORE, END], []),
    ("right length", HTTP, [start((b"content-length", b"2")), MORE, body(b"y")], []),
    ("length of nothing", HTTP, [start((b"content-length", b"0")), END], []),
    ("HEAD's length", {**HTTP, "method": "HEAD"}, [start((b"content-length", b"9")), END], []),
    ("304's length", HTTP, [start((b"content-length", b"9"), status=304), END], []),
    ("204", HTTP, [start(status=204), END], []),
    ("two cookies", HTTP, [start((b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")), END], []),
    (
        "comma in Expires",
        HTTP,
        [start((b"set-cookie", b"a=1; Expires=Wed, 09 Jun 2021 10:18:14 GMT; Path=/")), END],
        [],
    ),
    (
        "request in chunks",
        HTTP,
        ["receive", "receive", "receive", start(), END],
        [{**REQUEST, "more_body": True}, {"type": "http.request"}, {"type": "http.disconnect"}],
    ),
    ("disconnect before the answer", HTTP, ["receive"], [{"type": "http.disconnect"}]),
    (
        "send after disconnect",
        HTTP,
        ["receive", start(), MORE],
        [{"type": "http.disconnect"}],
    ),
    ("trailers", HTTP, [start(trailers=True), END, TRAILERS], []),
    (
        "trailers in two parts",
        HTTP,
        [start(trailers=True), END, MORE_TRAILERS, TRAILERS],
        [],
    ),
    ("path", HTTP, [start((b"content-length", b"9")), PATH], []),
    ("file", HTTP, [start((b"content-length", b"9")), file_message()], []),
    (
        "file and bodies",
        HTTP,
        [
            start((b"content-length", b"5")),
            MORE,
            file_message(offset=1, count=3, more_body=True),
            body(b"y"),
        ],
        [],
    ),
    ("lowest status", HTTP, [start(status=100), END], []),
    ("highest status", HTTP, [start(status=999), END], []),
    ("first ordinary status", HTTP, [start(status=200), body(b"x")], []),
    ("push", HTTP, [start(), PUSH, END], []),
    ("hints", HTTP, [HINT, start(), HINT, MORE, HINT, END], []),
    ("debug", HTTP, [DEBUG, start(), PATH], []),
    ("other HTTP versions", {**HTTP, "http_version": "3"}, [start(), END], []),
    (
        "smallest scope",
        {
            key: HTTP[key]
            for key in ("type", "asgi", "http_version", "method", "path", "query_string", "headers")
        },
        [start(), END],
        [],
    ),
    ("websocket", WEBSOCKET, ["receive", ACCEPT, SEND, "receive", CLOSE], [CONNECT, FRAME]),
    (
        "websocket details",
        WEBSOCKET,
        [
            "receive",
            {**ACCEPT, "subprotocol": "chat", "headers": [(b"set-cookie", b"a=1")]},
            {"type": "websocket.send", "bytes": b"x", "text": None},
            {**CLOSE, "code": 1001, "reason": "bye"},
        ],
        [CONNECT],
    ),
    ("websocket refused", WEBSOCKET, ["receive", CLOSE], [CONNECT]),
    ("websocket refused unheard", WEBSOCKET, [CLOSE], []),
    ("websocket left open", WEBSOCKET, ["receive", ACCEPT], [CONNECT]),
    ("websocket disconnect", WEBSOCKET, ["receive", "receive"], [CONNECT, GONE]),
    (
        "websocket send after disconnect",
        WEBSOCKET,
        ["receive", ACCEPT, "receive", SEND],
        [CONNECT, GONE],
    ),
    (
        "websocket denied",
        WEBSOCKET,
        ["receive", deny(start(status=401)), deny(MORE), deny(END)],
        [CONNECT],
    ),
    ("lifespan unsupported", LIFESPAN, [], []),
    (
        "lifespan",
        LIFESPAN,
        [
            "receive",
            {"type": "lifespan.startup.complete"},
            "receive",
            {"type": "lifespan.shutdown.complete"},
        ],
        [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}],
    ),
    (
        "lifespan failed",
        LIFESPAN,
        ["receive", {"type": "lifespan.startup.failed", "message": "no database"}],
        [{"type": "lifespan.startup"}],
    ),
]


@pytest.mark.parametrize(
    ("scope", "script", "incoming"),
    [pytest.param(*row[1:], id=row[0]) for row in CLEAN],
)
def test_clean_dialogue(
    scope: dict[str, Any], script: list[Message | str], incoming: list[Message]
) -> None:
    sent = [step for step in script if not isinstance(step, str)]
    arrived = run(scope, script, incoming)
    assert len(arrived) == len(sent)
    assert all(one is other for one, other in zip(arrived, sent, strict=True))


# --- scopes -------------------------------------------------------------------------------------

MISSING = object()
BAD_SCOPES = [
    (HTTP, "type", MISSING, "type"),
    (HTTP, "type", b"http", "type"),
    (HTTP, "asgi", MISSING, "asgi"),
    (HTTP, "asgi", {}, "asgi version"),
    (HTTP, "asgi", {"version": 3}, "asgi version"),
    (HTTP, "asgi", {"version": "3.0", "spec_version": 2.5}, "spec_version"),
    (HTTP, "http_version", MISSING, "http_version"),
    (HTTP, "http_version", "HTTP/1.1", "http_version"),
    (HTTP, "http_version", 1.1, "http_version"),
    (HTTP, "method", MISSING, "method"),
    (HTTP, "method", b"GET", "method"),
    (HTTP, "method", "get", "method"),
    (HTTP, "method", "", "method"),
    (HTTP, "scheme", "", "scheme"),
    (HTTP, "scheme", b"http", "scheme"),
    (HTTP, "path", MISSING, "path"),
    (HTTP, "path", b"/", "path"),
    (HTTP, "raw_path", "/", "raw_path"),
    (HTTP, "query_string", MISSING, "query_string"),
    (HTTP, "query_string", "a=1", "query_string"),
    (HTTP, "root_path", b"", "root_path"),
    (HTTP, "headers", MISSING, "headers"),
    (HTTP, "headers", None, "headers"),
    (HTTP, "headers", {b"a": b"1"}, "headers"),
    (HTTP, "headers", b"a: 1", "headers"),
    (HTTP, "headers", [b"ab"], "no pair"),
    (HTTP, "headers", [(b"a", b"1", b"2")], "two items"),
    (HTTP, "headers", [("a", b"1")], "not bytes"),
    (HTTP, "headers", [(b"a", "1")], "not bytes"),
    (HTTP, "headers", [(b"a", bytearray(b"1"))], "not bytes"),
    (HTTP, "headers", [(b"Cookie", b"a=1")], "lower-case"),
    (HTTP, "headers", [(b":path", b"/")], "token"),
    (HTTP, "headers", [(b"", b"/")], "token"),
    (HTTP, "headers", [(b"cookie", b"a=1\r\n b=2")], "CR, LF or NUL"),
    (HTTP, "client", "192.0.2.1", "client"),
    (HTTP, "client", ("192.0.2.1",), "client"),
    (HTTP, "client", ("192.0.2.1", "80"), "client"),
    (HTTP, "client", ("192.0.2.1", None), "client"),
    (HTTP, "server", (b"shop.example", 80), "server"),
    (HTTP, "state", [], "state"),
    (HTTP, "extensions", ["http.response.push"], "extensions"),
    (WEBSOCKET, "path", MISSING, "path"),
    (WEBSOCKET, "headers", MISSING, "headers"),
    (WEBSOCKET, "subprotocols", "chat", "subprotocols"),
    (WEBSOCKET, "subprotocols", [b"chat"], "subprotocols"),
    (LIFESPAN, "asgi", MISSING, "asgi"),
    (LIFESPAN, "state", 1, "state"),
]


@pytest.mark.parametrize(("scope", "key", "value", "why"), BAD_SCOPES)
def test_bad_scope(scope: dict[str, Any], key: str, value: object, why: str) -> None:
    broken = {**scope, key: value}
    if value is MISSING:
        del broken[key]
    convict(why, broken, [start(), END] if scope is HTTP else [CLOSE])


def test_scope_that_is_no_dict() -> None:
    convict("not a dict", None, [start(), END])  # type: ignore[arg-type]


def test_scope_check_can_be_left_out() -> None:
    assert run({**HTTP, "headers": [(b"Cookie", "a=1")]}, [start(), END], check_scope=False)


def test_scope_keys_can_be_forgiven() -> None:
    scope = {key: value for key, value in HTTP.items() if key not in {"asgi", "method"}}
    assert run(scope, [start(), END], forgiven_keys={"asgi", "method"})


def test_upper_case_can_be_allowed() -> None:
    scope = {**HTTP, "headers": [(b"Cookie", b"a=1")]}
    assert run(scope, [start((b"Set-Cookie", b"a=1")), END], lower_case=False)


def test_length_is_found_under_any_name() -> None:
    script: list[Message | str] = [start((b"Content-Length", b"9")), END]
    convict("announced", HTTP, script, lower_case=False)


def test_unknown_scope_passes_the_same_objects() -> None:
    given = ({"type": "x.vendor"}, object(), object())
    seen: list[tuple[object, ...]] = []

    async def app(*arguments: object) -> None:
        seen.append(arguments)

    asyncio.run(AsgiLint(app)(*given))  # type: ignore[arg-type]
    assert all(one is other for one, other in zip(seen[0], given, strict=True))


def test_clean_scope_stays_the_same_object() -> None:
    seen: list[object] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope)
        await send(start())
        await send(END)

    async def send(message: Any) -> None:
        pass

    asyncio.run(AsgiLint(app)(HTTP, None, send))  # type: ignore[arg-type]
    assert seen[0] is HTTP


# --- header iterators ---------------------------------------------------------------------------


def pairs() -> Iterator[tuple[bytes, bytes]]:
    yield (b"a", b"1")
    yield (b"b", b"2")


def test_header_iterators_survive_the_check() -> None:
    arrived = run(
        HTTP,
        [start(headers=pairs(), trailers=True), END, {**TRAILERS, "headers": pairs()}],
    )
    assert arrived[0]["headers"] == arrived[2]["headers"] == list(pairs())


def test_other_iterators_survive_the_check() -> None:
    hint = {**HINT, "links": iter([b"</x>"])}
    arrived = run(HTTP, [start(), {**PUSH, "headers": pairs()}, hint, END])
    assert arrived[1]["headers"] == list(pairs())
    assert arrived[2]["links"] == [b"</x>"]
    accept = {**ACCEPT, "headers": pairs()}
    assert run(WEBSOCKET, [accept])[0]["headers"] == list(pairs())


def test_scope_header_iterator_survives_the_check() -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.extend(scope["headers"])
        await send(CLOSE)

    async def send(message: Any) -> None:
        pass

    scope = {**WEBSOCKET, "headers": pairs()}
    asyncio.run(AsgiLint(app)(scope, None, send))  # type: ignore[arg-type]
    assert seen == list(pairs())


# --- http violations ----------------------------------------------------------------------------

HEAD = {**HTTP, "method": "HEAD"}
BARE = {**HTTP, "extensions": {}}
NO_EXTENSIONS = {**HTTP, "extensions": None}
LENGTH = b"content-length"

HTTP_VIOLATIONS: list[tuple[str, dict[str, Any], list[Message | str]]] = [
    ("without starting", HTTP, []),
    ("without ending", HTTP, [start()]),
    ("without ending", HTTP, [start(), MORE]),
    ("before the response start", HTTP, [END]),
    ("second response start", HTTP, [start(), start()]),
    ("second response start", HTTP, [start(), END, start()]),
    ("after the last body", HTTP, [start(), END, END]),
    ("after the last body", HTTP, [start(), END, HINT]),
    ("after the last body", HTTP, [start(), END, PUSH]),
    ("after the last body", HTTP, [start(), PATH, END]),
    ("status is None", HTTP, [{"type": "http.response.start"}, END]),
    ("status is '200'", HTTP, [start(status="200"), END]),
    ("status is True", HTTP, [start(status=True), END]),
    ("status is 99", HTTP, [start(status=99), END]),
    ("status is 1000", HTTP, [start(status=1000), END]),
    ("headers are None", HTTP, [start(headers=None), END]),
    ("no list of pairs", HTTP, [start(headers={b"a": b"1"}), END]),
    ("not bytes", HTTP, [start(("a", "1")), END]),  # type: ignore[arg-type]
    ("not bytes", HTTP, [start((b"a", 1)), END]),  # type: ignore[arg-type]
    ("two items", HTTP, [start((b"a",)), END]),  # type: ignore[arg-type]
    ("no pair", HTTP, [start(headers=[b"ab"]), END]),
    ("lower-case", HTTP, [start((b"Set-Cookie", b"a=1")), END]),
    ("token", HTTP, [start((b"a b", b"1")), END]),
    ("token", HTTP, [start((b":status", b"200")), END]),
    ("CR, LF or NUL", HTTP, [start((b"a", b"1\r\nb: 2")), END]),
    ("CR, LF or NUL", HTTP, [start((b"a", b"1\n")), END]),
    ("CR, LF or NUL", HTTP, [start((b"a", b"\x00")), END]),
    ("Transfer-Encoding", HTTP, [start((b"transfer-encoding", b"chunked")), END]),
    ("folded", HTTP, [start((b"set-cookie", b"a=1; Path=/, b=2")), END]),
    ("folded", HTTP, [start((b"set-cookie", b"a=1,b=2")), END]),
    ("2 Content-Length", HTTP, [start((LENGTH, b"0"), (LENGTH, b"0")), END]),
    ("Content-Length is", HTTP, [start((LENGTH, b"+1")), body(b"x")]),
    ("Content-Length is", HTTP, [start((LENGTH, b"-1")), body(b"x")]),
    ("Content-Length is", HTTP, [start((LENGTH, b"1_0")), body(b"x")]),
    ("Content-Length is", HTTP, [start((LENGTH, b"")), END]),
    ("Content-Length is", HTTP, [start((LENGTH, b"1, 1")), body(b"x")]),
    ("1 were announced", HTTP, [start((LENGTH, b"1")), END]),
    ("announced 1 bytes", HTTP, [start((LENGTH, b"1")), MORE, MORE, END]),
    ("announced 1 bytes", HTTP, [start((LENGTH, b"1")), body(b"xy")]),
    ("announced 0 bytes", HTTP, [start((LENGTH, b"0")), file_message(count=1)]),
    ("with status 204", HTTP, [start(status=204), body(b"x")]),
    ("with status 304", HTTP, [start(status=304), body(b"x")]),
    ("with status 103", HTTP, [start(status=103), body(b"x")]),
    ("with status 199", HTTP, [start(status=199), body(b"x")]),
    ("answer to HEAD", HEAD, [start(), body(b"x")]),
    ("body is 'x'", HTTP, [start(), body("x")]),
    ("body is None", HTTP, [start(), body(None)]),
    ("not bytes", HTTP, [start(), body(bytearray(b"x"))]),
    ("not bytes", HTTP, [start(), body(memoryview(b"x"))]),
    ("more_body", HTTP, [start(), body(b"x", more_body=0)]),
    ("more_body", HTTP, [start(), body(b"x", more_body=None)]),
    ("trailers of", HTTP, [start(trailers=1), END]),
    ("without the trailers", HTTP, [start(trailers=True), END]),
    (
        "without the trailers",
        HTTP,
        [start(trailers=True), END, {**TRAILERS, "more_trailers": True}],
    ),
    ("not due", HTTP, [start(), END, TRAILERS]),
    ("not due", HTTP, [start(trailers=True), TRAILERS, END]),
    ("not due", HTTP, [start(trailers=True), END, TRAILERS, TRAILERS]),
    ("lower-case", HTTP, [start(trailers=True), END, {**TRAILERS, "headers": [(b"A", b"1")]}]),
    ("more_trailers", HTTP, [start(trailers=True), END, {**TRAILERS, "more_trailers": 1}]),
    ("mixed", HTTP, [start(), MORE, PATH]),
    ("path of pathsend", HTTP, [start(), {**PATH, "path": b"/srv"}]),
    ("before the response start", HTTP, [PATH]),
    ("before the response start", HTTP, [file_message()]),
    ("no file", HTTP, [start(), {"type": "http.response.zerocopysend"}]),
    ("no file", HTTP, [start(), {"type": "http.response.zerocopysend", "file": 3}]),
    ("count of", HTTP, [start(), file_message(count="1")]),
    ("offset of", HTTP, [start(), file_message(offset=1.0)]),
    ("before the response start", HTTP, [PUSH]),
    ("path of a push", HTTP, [start(), {**PUSH, "path": b"/"}]),
    ("headers of a push", HTTP, [start(), {**PUSH, "headers": [(b":path", b"/")]}]),
    ("links", HTTP, [start(), {**HINT, "links": b"</x>"}]),
    ("a link of", HTTP, [start(), {**HINT, "links": ["</x>"]}]),
    ("sent twice", HTTP, [DEBUG, DEBUG]),
    ("after the response start", HTTP, [start(), DEBUG]),
    ("not a dict", HTTP, [{**DEBUG, "info": "x"}]),
    ("not announce", BARE, [start(trailers=True), END, TRAILERS]),
    ("unknown message", HTTP, [{"type": "x.vendor"}]),
    ("unknown message", HTTP, [{"type": "http.response.finish"}]),
    ("does not belong", HTTP, [ACCEPT]),
    ("does not belong", HTTP, [{"type": "lifespan.startup.complete"}]),
    ("type of a message", HTTP, [{"status": 200}]),
    ("type of a message", HTTP, [{"type": b"http.response.start"}]),
    ("not a dict", HTTP, [("http.response.start", 200)]),  # type: ignore[list-item]
]


@pytest.mark.parametrize(("why", "scope", "script"), HTTP_VIOLATIONS)
def test_http_violation(why: str, scope: dict[str, Any], script: list[Message | str]) -> None:
    convict(why, scope, script)


@pytest.mark.parametrize("scope", [BARE, NO_EXTENSIONS])
@pytest.mark.parametrize(
    "message",
    [PATH, file_message(), PUSH, HINT, DEBUG, TRAILERS],
    ids=lambda message: message["type"],
)
def test_extension_must_be_announced(scope: dict[str, Any], message: Message) -> None:
    convict("not announce", scope, [start(), message])


RECEIVED: list[tuple[str, list[Message]]] = [
    ("after the last one", [REQUEST, REQUEST]),
    ("after http.disconnect", [{"type": "http.disconnect"}, REQUEST]),
    ("received websocket.connect", [CONNECT]),
    ("body is 'x'", [{**REQUEST, "body": "x"}]),
    ("more_body", [{**REQUEST, "more_body": 1}]),
    ("type of a message", [{}]),
]


@pytest.mark.parametrize(("why", "incoming"), RECEIVED)
def test_what_an_http_application_may_not_receive(why: str, incoming: list[Message]) -> None:
    convict(why, HTTP, [*("receive" for _ in incoming), start(), END], incoming)


# --- websocket and lifespan violations ----------------------------------------------------------

WEBSOCKET_VIOLATIONS: list[tuple[str, list[Message | str], list[Message]]] = [
    ("without answering", ["receive"], [CONNECT]),
    ("without answering", [], []),
    ("connect was received twice", ["receive", "receive"], [CONNECT, CONNECT]),
    ("outside a connection", ["receive", "receive"], [CONNECT, FRAME]),
    ("outside a connection", ["receive", ACCEPT, CLOSE, "receive"], [CONNECT, FRAME]),
    ("after websocket.disc", ["receive", ACCEPT, "receive", "receive"], [CONNECT, GONE, FRAME]),
    ("one of bytes", ["receive", ACCEPT, "receive"], [CONNECT, {**FRAME, "bytes": b"x"}]),
    ("one of bytes", ["receive", ACCEPT, "receive"], [CONNECT, {"type": "websocket.receive"}]),
    ("text of", ["receive", ACCEPT, "receive"], [CONNECT, {**FRAME, "text": b"x"}]),
    ("code of", ["receive", "receive"], [CONNECT, {**GONE, "code": None}]),
    ("reason of", ["receive", "receive"], [CONNECT, {**GONE, "reason": 1}]),
    ("received http.request", ["receive"], [REQUEST]),
    ("before websocket.accept", ["receive", SEND], [CONNECT]),
    ("accept was sent twice", [ACCEPT, ACCEPT], []),
    ("after the end", [ACCEPT, CLOSE, SEND], []),
    ("after the end", [ACCEPT, CLOSE, CLOSE], []),
    ("after the end", [CLOSE, ACCEPT], []),
    ("one of bytes", [ACCEPT, {**SEND, "bytes": b"x"}], []),
    ("one of bytes", [ACCEPT, {"type": "websocket.send"}], []),
    ("text of", [ACCEPT, {**SEND, "text": b"x"}], []),
    ("bytes of", [ACCEPT, {"type": "websocket.send", "bytes": "x"}], []),
    ("code of", [{**CLOSE, "code": "1000"}], []),
    ("reason of", [{**CLOSE, "reason": b"bye"}], []),
    ("subprotocol", [{**ACCEPT, "subprotocol": b"chat"}], []),
    ("subprotocol", [{**ACCEPT, "headers": [(b"sec-websocket-protocol", b"chat")]}], []),
    ("lower-case", [{**ACCEPT, "headers": [(b"Set-Cookie", b"a=1")]}], []),
    ("after the handshake", [ACCEPT, deny(start())], []),
    ("denial response", [deny(start()), ACCEPT], []),
    ("denial response", [deny(start()), CLOSE], []),
    ("after the end", [deny(start()), deny(END), CLOSE], []),
    ("without ending", [deny(start())], []),
    ("before the response start", [deny(END)], []),
    ("unknown message", [deny(PATH)], []),
    ("unknown message", [{"type": "websocket.ping"}], []),
    ("does not belong", [start()], []),
]


@pytest.mark.parametrize(("why", "script", "incoming"), WEBSOCKET_VIOLATIONS)
def test_websocket_violation(
    why: str, script: list[Message | str], incoming: list[Message]
) -> None:
    convict(why, WEBSOCKET, script, incoming)


def test_denial_must_be_announced() -> None:
    convict("not announce", {**WEBSOCKET, "extensions": {}}, [deny(start()), deny(END)])


STARTUP, SHUTDOWN = {"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}
STARTED = {"type": "lifespan.startup.complete"}
LIFESPAN_VIOLATIONS: list[tuple[str, list[Message | str], list[Message]]] = [
    ("out of order", ["receive"], [SHUTDOWN]),
    ("out of order", ["receive", "receive"], [STARTUP, STARTUP]),
    ("received http.request", ["receive"], [REQUEST]),
    ("before lifespan.startup", [STARTED], []),
    ("a second time", ["receive", STARTED, STARTED], [STARTUP]),
    ("before lifespan.shutdown", ["receive", {"type": "lifespan.shutdown.complete"}], [STARTUP]),
    ("message of", ["receive", {"type": "lifespan.startup.failed", "message": 1}], [STARTUP]),
    ("unknown message", ["receive", {"type": "lifespan.startup"}], [STARTUP]),
    ("unknown message", ["receive", {"type": "lifespan.startup.begun"}], [STARTUP]),
    ("does not belong", ["receive", start()], [STARTUP]),
]


@pytest.mark.parametrize(("why", "script", "incoming"), LIFESPAN_VIOLATIONS)
def test_lifespan_violation(why: str, script: list[Message | str], incoming: list[Message]) -> None:
    convict(why, LIFESPAN, script, incoming)


# --- options ------------------------------------------------------------------------------------


def test_vendor_messages_can_be_allowed() -> None:
    vendor = {"type": "x.vendor"}
    assert len(run(HTTP, [vendor, start(), vendor, END, vendor], vendor_messages=True)) == 5
    convict("does not belong", HTTP, [ACCEPT], vendor_messages=True)


def test_head_body_can_be_allowed() -> None:
    assert run(HEAD, [start((LENGTH, b"1")), body(b"x")], head_body=True)


def test_folded_cookies_can_be_allowed() -> None:
    assert run(HTTP, [start((b"set-cookie", b"a=1, b=2")), END], folded_cookies=True)


def test_buffers_can_be_allowed() -> None:
    script: list[Message | str] = [
        start((LENGTH, b"2")),
        body(bytearray(b"x"), more_body=True),
        body(memoryview(b"y")),
    ]
    assert run(HTTP, script, buffers=True)
    convict("not bytes", HTTP, [start(), body("x")], buffers=True)


# --- what happens to a violation ----------------------------------------------------------------


async def _sink(message: Any) -> None:
    pass


def test_swallowed_violation_comes_back() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        try:
            await send(END)
        except AsgiViolation:
            await send(start())
            await send(END)

    with pytest.raises(AsgiViolation, match="before the response start"):
        asyncio.run(AsgiLint(app)(HTTP, None, _sink))  # type: ignore[arg-type]


def test_disguised_violation_comes_back() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        try:
            await send(END)
        except AsgiViolation as error:
            message = "internal error"
            raise RuntimeError(message) from error

    with pytest.raises(AsgiViolation, match="before the response start"):
        asyncio.run(AsgiLint(app)(HTTP, None, _sink))  # type: ignore[arg-type]


def test_exception_of_the_application_passes() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(start())
        raise KeyError

    with pytest.raises(KeyError):
        asyncio.run(AsgiLint(app)(HTTP, None, _sink))  # type: ignore[arg-type]


def test_closed_connection_ends_the_duty_to_finish() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        with pytest.raises(OSError, match="closed"):
            await send(start())

    async def send(message: Any) -> None:
        message = "closed"
        raise OSError(message)

    asyncio.run(AsgiLint(app)(HTTP, None, send))  # type: ignore[arg-type]


def test_send_returns_nothing() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(start())

    async def send(message: Any) -> int:
        return 1

    with pytest.raises(AsgiViolation, match="instead of None"):
        asyncio.run(AsgiLint(app)(HTTP, None, send))  # type: ignore[arg-type]


def test_calls_do_not_share_a_state() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(start())
        await asyncio.sleep(0)
        await send(END)

    async def crowd() -> None:
        lint = AsgiLint(app)
        await asyncio.gather(*(lint(HTTP, None, _sink) for _ in range(10)))  # type: ignore[arg-type]

    asyncio.run(crowd())
