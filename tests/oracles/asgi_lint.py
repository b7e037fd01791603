"""A checker of ASGI dialogues, as strict as `wsgiref.validate` is about WSGI.

Wrap an application to check what it receives and sends; wrap a middleware to check what it sends to
the server. Wrap both and a middleware is checked from both sides:

    AsgiLint(Middleware(AsgiLint(application)))

The rules are those of the ASGI HTTP and WebSocket specification 2.5, the lifespan specification
2.0, the published extensions, and RFC 9110 where a server could not send the response as asked. A
scope of an unknown type passes through untouched.

An `AsgiViolation` is raised where it happens, into the application's own call. An application that
swallows it gets it once more when it returns: a violation is never lost.

Theory of operation: one `_Dialogue` per call holds the state and sees every message in both
directions, before it is handed on. `_Response` is the part that HTTP and a denied WebSocket
handshake share; message types are compared without their `websocket.` prefix there.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

__all__ = ["AsgiLint", "AsgiViolation", "Rules"]

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]


class AsgiViolation(AssertionError):  # noqa: N818 - it is a finding, like an assertion
    """One side of an ASGI dialogue broke a rule; the message says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a lint insists on; every field loosens or tightens one rule."""

    lower_case: bool = True
    """Header names are lower-case."""
    check_scope: bool = True
    """The scope is looked at. Off for tests that play a broken server on purpose."""
    vendor_messages: bool = False
    """Messages of unknown types may be sent."""
    head_body: bool = False
    """The answer to HEAD may have body bytes; many frameworks let the server cut them off."""
    folded_cookies: bool = False
    """A `Set-Cookie` value may look like several cookies joined by a comma."""
    buffers: bool = False
    """Body bytes may be a `bytearray` or a `memoryview`."""
    forgiven_keys: frozenset[str] = frozenset()
    """Required scope keys that may be missing; some test clients leave out `asgi`."""


class AsgiLint:
    """An ASGI application that checks another one, and whoever calls it."""

    def __init__(
        self,
        app: Application,
        *,
        lower_case: bool = True,
        check_scope: bool = True,
        vendor_messages: bool = False,
        head_body: bool = False,
        folded_cookies: bool = False,
        buffers: bool = False,
        forgiven_keys: Iterable[str] = (),
    ) -> None:
        """Wrap `app`; the options are the fields of `Rules`."""
        self.app = app
        self.rules = Rules(
            lower_case=lower_case,
            check_scope=check_scope,
            vendor_messages=vendor_messages,
            head_body=head_body,
            folded_cookies=folded_cookies,
            buffers=buffers,
            forgiven_keys=frozenset(forgiven_keys),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application under observation."""
        _require(isinstance(scope, dict), "the scope is not a dict")
        dialogue_type = _DIALOGUES.get(_text(scope.get("type"), "the scope's type"))
        if dialogue_type is None:
            await self.app(scope, receive, send)
            return
        if self.rules.check_scope:
            scope = dialogue_type.checked_scope(scope, self.rules)
        await _Watch(dialogue_type(scope, self.rules), receive, send).run(self.app, scope)


class _Watch:
    """One observed call: hands messages through and remembers the first violation."""

    def __init__(self, dialogue: _Dialogue, receive: Receive, send: Send) -> None:
        self._dialogue = dialogue
        self._receive = receive
        self._send = send
        self._violation: AsgiViolation | None = None

    async def run(self, app: Application, scope: Scope) -> None:
        try:
            await app(scope, self.receive, self.send)
        except Exception as error:
            # An application's error handler may have turned the violation into something else.
            if self._violation is not None and error is not self._violation:
                raise self._violation from error
            raise
        if self._violation is not None:
            raise self._violation
        self._dialogue.finish()

    async def receive(self) -> Message:
        message = await self._receive()
        self._guarded(self._dialogue.receive, message)
        return message

    async def send(self, message: Message) -> None:
        message = self._guarded(self._dialogue.send, message)
        try:
            result: object = await self._send(message)  # type: ignore[func-returns-value]
        except OSError:
            # Specification 2.4: send() of a closed connection raises OSError.
            self._dialogue.disconnected = True
            raise
        self._guarded(_require, result is None, f"send() returned {result!r} instead of None")

    def _guarded(self, check: Callable[..., Any], *arguments: object) -> Any:
        try:
            return check(*arguments)
        except AsgiViolation as violation:
            self._violation = self._violation or violation
            raise


# --- plain values -------------------------------------------------------------------------------


def _require(condition: object, sentence: str) -> None:
    if not condition:
        raise AsgiViolation(sentence)


def _text(value: object, what: str) -> str:
    _require(isinstance(value, str), f"{what} is {value!r}, not a str")
    return str(value)


def _octets(value: object, what: str) -> bytes:
    _require(type(value) is bytes, f"{what} is {value!r}, not bytes")
    return value if isinstance(value, bytes) else b""


def _flag(message: Mapping[str, Any], key: str) -> bool:
    value = message.get(key, False)
    _require(type(value) is bool, f"{key} of {message['type']} is {value!r}, not a bool")
    return bool(value)


def _integer(value: object, what: str) -> int:
    _require(type(value) is int, f"{what} is {value!r}, not an int")
    return value if isinstance(value, int) else 0


def _optional_text(mapping: Mapping[str, Any], key: str, what: str) -> None:
    if mapping.get(key) is not None:
        _text(mapping[key], f"{key} of {what}")


def _typed(message: object) -> str:
    _require(isinstance(message, dict), f"the message {message!r} is not a dict")
    kind = message.get("type") if isinstance(message, dict) else None
    return _text(kind, "the type of a message")


# --- header lists -------------------------------------------------------------------------------

_TOKEN: Final = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")  # RFC 9110 5.6.2
_BREAKS: Final = re.compile(rb"[\r\n\0]")  # RFC 9110 5.5: invalid and dangerous
# ", name=" after a cookie starts another one. The comma in "Expires=Wed, 09 Jun" does not: a space
# follows "09" before any "=" can.
_FOLD: Final = re.compile(rb",[ \t]*[!#$%&'*+\-.^_`|~0-9A-Za-z]+[ \t]*=")

HeaderList: TypeAlias = list[tuple[bytes, bytes]]


def _header_list(headers: object, what: str, rules: Rules) -> HeaderList:
    _require(isinstance(headers, Iterable), f"{what} are {headers!r}, not an iterable")
    _require(not isinstance(headers, (str, bytes, Mapping)), f"{what} are no list of pairs")
    pairs = [_header(item, what, rules) for item in _iterated(headers)]
    for name, value in pairs:
        _require(not _BREAKS.search(value), f"{name!r} in {what} holds CR, LF or NUL: {value!r}")
    return pairs


def _iterated(value: object) -> list[object]:
    return list(value) if isinstance(value, Iterable) else []


def _header(item: object, what: str, rules: Rules) -> tuple[bytes, bytes]:
    is_pair = isinstance(item, Iterable) and not isinstance(item, (str, bytes, Mapping))
    _require(is_pair, f"{item!r} in {what} is no pair")
    parts = _iterated(item)
    _require(len(parts) == 2, f"{item!r} in {what} has not two items")
    name = _octets(parts[0], f"the name in {item!r} in {what}")
    value = _octets(parts[1], f"the value in {item!r} in {what}")
    _require(_TOKEN.fullmatch(name), f"the name {name!r} in {what} is no token")
    if rules.lower_case:
        _require(name == name.lower(), f"the name {name!r} in {what} is not lower-case")
    return name, value


def _with_list(mapping: MutableMapping[str, Any], pairs: HeaderList) -> MutableMapping[str, Any]:
    """Replace a header iterator, which was used up by the check, by a list."""
    if isinstance(mapping["headers"], (list, tuple)):
        return mapping
    return {**mapping, "headers": pairs}


def _values(headers: HeaderList, wanted: bytes) -> list[bytes]:
    return [value for name, value in headers if name.lower() == wanted]


# --- scopes -------------------------------------------------------------------------------------

_HTTP_VERSIONS: Final = frozenset({"1.0", "1.1", "2", "3"})


def _check_common(scope: Scope, rules: Rules) -> None:
    _check_mapping(scope, "state")
    _check_mapping(scope, "extensions")
    if "asgi" not in scope and "asgi" in rules.forgiven_keys:
        return
    asgi = scope.get("asgi")
    _require(isinstance(asgi, dict), f"the scope's asgi is {asgi!r}, not a dict")
    if isinstance(asgi, dict):
        _text(asgi.get("version"), "the scope's asgi version")
        _optional_text(asgi, "spec_version", "the scope's asgi")


def _check_mapping(scope: Scope, key: str) -> None:
    value = scope.get(key)
    known = value is None or isinstance(value, Mapping)
    _require(known, f"the scope's {key} is {value!r}, not a dict")


def _check_connection(scope: Scope, rules: Rules, *, required: Iterable[str]) -> Scope:
    _check_common(scope, rules)
    for key in set(required) - rules.forgiven_keys:
        _require(key in scope, f"the scope has no {key}")
    for key in ("path", "root_path", "scheme", "http_version"):
        if key in scope:
            _text(scope[key], f"the scope's {key}")
    _require(scope.get("scheme", "http"), "the scope's scheme is empty")
    version = scope.get("http_version", "1.1")
    _require(version in _HTTP_VERSIONS, f"the scope's http_version is {version!r}")
    if "query_string" in scope:
        _octets(scope["query_string"], "the scope's query_string")
    if scope.get("raw_path") is not None:
        _octets(scope["raw_path"], "the scope's raw_path")
    for key in ("client", "server"):
        _check_address(scope, key)
    if "headers" not in scope:
        return scope
    return _with_list(scope, _header_list(scope["headers"], "the scope's headers", rules))


def _check_address(scope: Scope, key: str) -> None:
    value = scope.get(key)
    if value is None:
        return
    is_pair = isinstance(value, (list, tuple)) and len(value) == 2
    _require(is_pair, f"the scope's {key} is {value!r}, not host and port")
    _text(value[0], f"the host in the scope's {key}")
    # The server's "port" of a Unix socket is None (specification 2.5, "server").
    if not (key == "server" and value[1] is None):
        _integer(value[1], f"the port in the scope's {key}")


# --- responses ----------------------------------------------------------------------------------

_BODILESS: Final = frozenset({204, 304})  # RFC 9110 6.4.1; so is every 1xx
_UNSENT, _OPEN, _TRAILING, _DONE = "unsent", "open", "trailing", "done"


class _Response:
    """The messages of one response, by their types without the `websocket.` of a denial."""

    def __init__(self, extensions: Mapping[str, Any], rules: Rules, *, head: bool) -> None:
        self.state = _UNSENT
        self._extensions = extensions
        self._rules = rules
        self._head = head
        self._status = 0
        self._trailers = False
        self._length: int | None = None
        self._sent = 0
        self._counted = True
        self._kinds: set[str] = set()

    def send(self, kind: str, message: Message) -> Message:
        handler = _RESPONSE_MESSAGES[kind]
        return handler(self, message) or message

    def announced(self, kind: str) -> None:
        _require(kind in self._extensions, f"{kind} was sent, but the scope does not announce it")

    def finish(self) -> None:
        _require(self.state != _UNSENT, "the application returned without starting a response")
        _require(self.state != _OPEN, "the application returned without ending the body")
        _require(self.state == _DONE, "the application returned without the trailers it announced")

    def start(self, message: Message) -> Message:
        _require(self.state == _UNSENT, "a second response start was sent")
        self._status = _integer(message.get("status"), "the response's status")
        _require(100 <= self._status <= 999, f"the response's status is {self._status}")
        self._trailers = _flag(message, "trailers")
        if self._trailers:
            self.announced("http.response.trailers")
        headers = _header_list(message.get("headers", ()), "the response's headers", self._rules)
        self._check_headers(headers)
        self.state = _OPEN
        return _with_list(message, headers) if "headers" in message else message

    def _check_headers(self, headers: HeaderList) -> None:
        _require(
            not _values(headers, b"transfer-encoding"),
            "the response has a Transfer-Encoding, which is the server's to set",
        )
        if not self._rules.folded_cookies:
            for value in _values(headers, b"set-cookie"):
                # bis 3: Set-Cookie headers cannot be folded into one, a comma may be a value's own.
                _require(not _FOLD.search(value), f"a Set-Cookie looks folded: {value!r}")
        lengths = _values(headers, b"content-length")
        _require(len(lengths) <= 1, f"the response has {len(lengths)} Content-Length headers")
        for length in lengths:
            _require(re.fullmatch(rb"[0-9]+", length), f"the Content-Length is {length!r}")
            self._length = int(length)

    def body(self, message: Message) -> None:
        self._require_open(message)
        body = message.get("body", b"")
        if not (self._rules.buffers and isinstance(body, (bytearray, memoryview))):
            body = _octets(body, "the response's body")
        self._count(len(bytes(body)))
        self._end(more=_flag(message, "more_body"))

    def zero_copy(self, message: Message) -> None:
        self._require_open(message)
        _require(callable(getattr(message.get("file"), "fileno", None)), "zerocopysend has no file")
        for key in ("offset", "count"):
            if message.get(key) is not None:
                _integer(message[key], f"{key} of zerocopysend")
        if message.get("count") is not None:
            self._count(message["count"])
        else:
            self._counted = False  # only the server learns how long the file is
        self._end(more=_flag(message, "more_body"))

    def path(self, message: Message) -> None:
        self._require_open(message)
        _text(message.get("path"), "the path of pathsend")
        # "Cannot be mixed with http.response.body", and one per response: it is the whole body.
        _require("body" not in self._kinds, "pathsend was mixed with other body messages")
        self._counted = False
        self._end(more=False)

    def trailers(self, message: Message) -> Message:
        _require(self.state == _TRAILING, "trailers were sent that are not due")
        headers = _header_list(message.get("headers", ()), "the trailers", self._rules)
        if not _flag(message, "more_trailers"):
            self.state = _DONE
        return _with_list(message, headers) if "headers" in message else message

    def push(self, message: Message) -> Message:
        self._require_open(message)
        _text(message.get("path"), "the path of a push")
        headers = _header_list(message.get("headers", ()), "the headers of a push", self._rules)
        return _with_list(message, headers) if "headers" in message else message

    def early_hint(self, message: Message) -> Message | None:
        # The extension says "after Response Start"; servers that implement it also take a hint
        # before, where RFC 8297 wants it on the wire.
        before_end = self.state in {_UNSENT, _OPEN}
        _require(before_end, "an early hint was sent after the last body message")
        links = message.get("links", ())
        listed = isinstance(links, Iterable) and not isinstance(links, (str, bytes))
        _require(listed, f"the links of an early hint are {links!r}")
        kept = [_octets(link, "a link of an early hint") for link in _iterated(links)]
        return None if isinstance(links, (list, tuple)) else {**message, "links": kept}

    def debug(self, message: Message) -> None:
        _require(self.state == _UNSENT, "debug information was sent after the response start")
        _require("debug" not in self._kinds, "debug information was sent twice")
        _require(isinstance(message.get("info"), dict), "debug information is not a dict")
        self._kinds.add("debug")

    def _require_open(self, message: Message) -> None:
        kind = message["type"]
        _require(self.state != _UNSENT, f"{kind} was sent before the response start")
        _require(self.state == _OPEN, f"{kind} was sent after the last body message")

    def _count(self, octets: int) -> None:
        self._sent += octets
        if not octets:
            return
        without = self._status in _BODILESS or self._status < 200
        _require(not without, f"body bytes were sent with status {self._status}")
        if self._head:
            _require(self._rules.head_body, "body bytes were sent in answer to HEAD")
        elif self._length is not None and self._counted:
            too_long = self._sent > self._length
            _require(not too_long, f"more than the announced {self._length} bytes were sent")

    def _end(self, *, more: bool) -> None:
        self._kinds.add("body")
        if more:
            return
        self.state = _TRAILING if self._trailers else _DONE
        # RFC 9110 8.6: HEAD and 304 may tell the length that GET would have had.
        silent = self._head or self._status in _BODILESS or self._status < 200
        if self._length is not None and self._counted and not silent:
            short = self._sent != self._length
            _require(not short, f"{self._sent} bytes were sent, {self._length} were announced")


_RESPONSE_MESSAGES: Final[Mapping[str, Callable[[_Response, Message], Message | None]]] = {
    "http.response.start": _Response.start,
    "http.response.body": _Response.body,
    "http.response.trailers": _Response.trailers,
    "http.response.zerocopysend": _Response.zero_copy,
    "http.response.pathsend": _Response.path,
    "http.response.push": _Response.push,
    "http.response.early_hint": _Response.early_hint,
    "http.response.debug": _Response.debug,
}
_CORE_MESSAGES: Final = frozenset({"http.response.start", "http.response.body"})


# --- dialogues ----------------------------------------------------------------------------------


class _Dialogue:
    """What was said so far in one call."""

    protocol = ""

    def __init__(self, scope: Scope, rules: Rules) -> None:
        self.rules = rules
        self.extensions: Mapping[str, Any] = scope.get("extensions") or {}
        self.disconnected = False

    @staticmethod
    def checked_scope(scope: Scope, rules: Rules) -> Scope:
        raise NotImplementedError

    def receive(self, message: Message) -> None:
        raise NotImplementedError

    def send(self, message: Message) -> Message:
        raise NotImplementedError

    def finish(self) -> None:
        raise NotImplementedError

    def unknown(self, kind: str) -> None:
        """Take a message of a type that this protocol does not know."""
        foreign = kind.partition(".")[0] in _DIALOGUES and not kind.startswith(f"{self.protocol}.")
        _require(not foreign, f"{kind} does not belong to {self.protocol}")
        _require(self.rules.vendor_messages, f"{kind} is an unknown message type")


class _Http(_Dialogue):
    protocol = "http"

    def __init__(self, scope: Scope, rules: Rules) -> None:
        super().__init__(scope, rules)
        self._response = _Response(self.extensions, rules, head=scope.get("method") == "HEAD")
        self._body_ended = False

    @staticmethod
    def checked_scope(scope: Scope, rules: Rules) -> Scope:
        required = ("http_version", "method", "path", "query_string", "headers")
        scope = _check_connection(scope, rules, required=required)
        if "method" in scope:
            method = _text(scope["method"], "the scope's method")
            _require(method == method.upper() != "", f"the scope's method is {method!r}")
        return scope

    def receive(self, message: Message) -> None:
        kind = _typed(message)
        if kind == "http.disconnect":
            self.disconnected = True
            return
        _require(kind == "http.request", f"the application received {kind}")
        _require(not self.disconnected, "http.request was received after http.disconnect")
        _require(not self._body_ended, "http.request was received after the last one")
        _octets(message.get("body", b""), "the request's body")
        self._body_ended = not _flag(message, "more_body")

    def send(self, message: Message) -> Message:
        kind = _typed(message)
        if kind not in _RESPONSE_MESSAGES:
            self.unknown(kind)
            return message
        if kind not in _CORE_MESSAGES:
            self._response.announced(kind)
        return self._response.send(kind, message)

    def finish(self) -> None:
        # Nobody is left to read the rest of a response after a disconnect.
        if not self.disconnected:
            self._response.finish()


_CONNECTING, _HANDSHAKE, _CONNECTED, _DENYING, _CLOSED = range(5)


class _WebSocket(_Dialogue):
    protocol = "websocket"

    def __init__(self, scope: Scope, rules: Rules) -> None:
        super().__init__(scope, rules)
        self._state = _CONNECTING
        self._response = _Response(self.extensions, rules, head=False)

    @staticmethod
    def checked_scope(scope: Scope, rules: Rules) -> Scope:
        scope = _check_connection(scope, rules, required=("path", "headers"))
        names = scope.get("subprotocols", ())
        listed = isinstance(names, (list, tuple)) and all(isinstance(name, str) for name in names)
        _require(listed, f"the scope's subprotocols are {names!r}, not a list of str")
        return scope

    def receive(self, message: Message) -> None:
        kind = _typed(message)
        if kind == "websocket.connect":
            _require(self._state == _CONNECTING, "websocket.connect was received twice")
            self._state = _HANDSHAKE
        elif kind == "websocket.receive":
            _require(self._state == _CONNECTED, "websocket.receive came outside a connection")
            _require(not self.disconnected, "websocket.receive came after websocket.disconnect")
            _check_frame(message)
        else:
            _require(kind == "websocket.disconnect", f"the application received {kind}")
            _integer(message.get("code", 1005), "the code of websocket.disconnect")
            _optional_text(message, "reason", kind)
            self.disconnected = True

    def send(self, message: Message) -> Message:
        kind = _typed(message)
        handler = _WEBSOCKET_MESSAGES.get(kind)
        if handler is not None:
            _require(self._state != _DENYING, f"{kind} was sent during a denial response")
            _require(self._state != _CLOSED, f"{kind} was sent after the end")
            return handler(self, message) or message
        if kind not in {"websocket.http.response.start", "websocket.http.response.body"}:
            self.unknown(kind)
            return message
        return self._deny(kind, message)

    def accept(self, message: Message) -> Message:
        _require(self._state in {_CONNECTING, _HANDSHAKE}, "websocket.accept was sent twice")
        self._state = _CONNECTED
        _optional_text(message, "subprotocol", "websocket.accept")
        what = "the headers of websocket.accept"
        headers = _header_list(message.get("headers", ()), what, self.rules)
        # The subprotocol has a key of its own (specification 2.5, "Accept").
        own = _values(headers, b"sec-websocket-protocol")
        _require(not own, "websocket.accept names the subprotocol in a header")
        return _with_list(message, headers) if "headers" in message else message

    def frame(self, message: Message) -> None:
        _require(self._state == _CONNECTED, "websocket.send was sent before websocket.accept")
        _check_frame(message)

    def close(self, message: Message) -> None:
        _integer(message.get("code", 1000), "the code of websocket.close")
        _optional_text(message, "reason", "websocket.close")
        self._state = _CLOSED

    def _deny(self, kind: str, message: Message) -> Message:
        announced = "websocket.http.response" in self.extensions
        _require(announced, f"{kind} was sent, but the scope does not announce it")
        pending = self._state in {_CONNECTING, _HANDSHAKE, _DENYING}
        _require(pending, f"{kind} was sent after the handshake")
        self._state = _DENYING
        message = self._response.send(kind.removeprefix("websocket."), message)
        if self._response.state == _DONE:
            self._state = _CLOSED
        return message

    def finish(self) -> None:
        if self.disconnected:
            return
        answered = self._state not in {_CONNECTING, _HANDSHAKE}
        _require(answered, "the application returned without answering the handshake")
        if self._state == _DENYING:
            self._response.finish()


def _check_frame(message: Message) -> None:
    kind = message["type"]
    octets, text = message.get("bytes"), message.get("text")
    _require((octets is None) != (text is None), f"{kind} needs one of bytes and text")
    if octets is None:
        _text(text, f"the text of {kind}")
    else:
        _octets(octets, f"the bytes of {kind}")


_WEBSOCKET_MESSAGES: Final[Mapping[str, Callable[[_WebSocket, Message], Message | None]]] = {
    "websocket.accept": _WebSocket.accept,
    "websocket.send": _WebSocket.frame,
    "websocket.close": _WebSocket.close,
}


class _Lifespan(_Dialogue):
    protocol = "lifespan"

    def __init__(self, scope: Scope, rules: Rules) -> None:
        super().__init__(scope, rules)
        self._received: list[str] = []
        self._sent: list[str] = []

    @staticmethod
    def checked_scope(scope: Scope, rules: Rules) -> Scope:
        _check_common(scope, rules)
        return scope

    def receive(self, message: Message) -> None:
        kind = _typed(message)
        phases = ("lifespan.startup", "lifespan.shutdown")
        _require(kind in phases, f"the application received {kind}")
        expected = phases[: len(self._received) + 1]
        _require([*self._received, kind] == list(expected), f"{kind} came out of order")
        self._received.append(kind)

    def send(self, message: Message) -> Message:
        kind = _typed(message)
        phase, _, outcome = kind.rpartition(".")
        if not phase.startswith("lifespan.") or outcome not in {"complete", "failed"}:
            self.unknown(kind)
            return message
        _require(phase in self._received, f"{kind} was sent before {phase} was received")
        _require(phase not in self._sent, f"{kind} answers {phase} a second time")
        _text(message.get("message", ""), f"the message of {kind}")
        self._sent.append(phase)
        return message

    def finish(self) -> None:
        """Allow anything: an application may leave the lifespan protocol at any time."""


_DIALOGUES: Final[Mapping[str, type[_Dialogue]]] = {
    "http": _Http,
    "websocket": _WebSocket,
    "lifespan": _Lifespan,
}
