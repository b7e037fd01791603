"""Cases 145 to 154: the WSGI protocol, from both sides of the middleware."""

from __future__ import annotations

import gc
import io
import sys
import tempfile
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any
from wsgiref.util import FileWrapper
from wsgiref.validate import validator

import pytest
import webtest

from cookieconsent.middleware.wsgi import CookieConsentMiddleware
from doors import HTML, NAVIGATION, NOON, PAGE, SECRET, Headers, Page, Site
from oracles.drivers import Answer, Exchange, run_wsgi

App = Callable[[dict[str, Any], Any], Iterable[bytes]]
Head = list[tuple[str, str]]

BANNER = b'id="cookieconsent-banner"'
HTML_HEAD: Head = [("Content-Type", "text/html; charset=utf-8")]
JSON_HEAD: Head = [("Content-Type", "application/json")]
LENGTH = ("Content-Length", str(len(PAGE)))
TRACKING = ("Set-Cookie", "_ga=1; Path=/")
# Where the head waits for the body, and where it does not.
both_heads = pytest.mark.parametrize("head", [HTML_HEAD, JSON_HEAD], ids=["page", "data"])


class OwnError(Exception):
    """What an application raises."""


class Server:
    """A server after PEP 3333 that writes down all that happens, in order."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.heads: list[tuple[str, Head]] = []
        self.sent: tuple[str, Head] | None = None
        """The head, once a byte went out."""
        self.body = b""
        self.values: list[bytes] = []

    def start_response(self, status: str, headers: Head, exc_info: Any = None) -> Any:
        self.events.append("start")
        try:
            if exc_info is not None:
                if self.sent is not None:
                    raise exc_info[1].with_traceback(exc_info[2])
            elif self.heads:
                raise AssertionError("the head was set already")
        finally:
            exc_info = None
        assert type(headers) is list
        self.heads.append((status, headers))
        return self._write

    def _write(self, data: bytes) -> None:
        self.events.append("write")
        self._put(data)

    def _put(self, data: bytes) -> None:
        assert type(data) is bytes
        assert self.heads, "body bytes before start_response"
        if data and self.sent is None:
            self.sent = self.heads[-1]
        self.body += data

    def run(self, app: App, environ: dict[str, Any] | None = None, *, values: int = -1) -> Server:
        """Serve one request; after that many values the client is gone."""
        result = app(environ_of() if environ is None else environ, self.start_response)
        try:
            for value in result:
                self.events.append("value")
                self.values.append(value)
                self._put(value)
                if len(self.values) == values:
                    break
            else:
                self.sent = self.sent or self.heads[-1]
        finally:
            if hasattr(result, "close"):
                result.close()
        return self

    def field(self, name: str) -> list[str]:
        assert self.sent is not None
        return [value for key, value in self.sent[1] if key.lower() == name]


def environ_of(headers: Headers = NAVIGATION, **parts: Any) -> dict[str, Any]:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/",
        "QUERY_STRING": "",
        "SERVER_NAME": "shop.example",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "shop.example",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in headers:
        environ["HTTP_" + name.decode().upper().replace("-", "_")] = value.decode("latin-1")
    return environ | parts


def wrapped(app: App, **options: Any) -> CookieConsentMiddleware:
    given: dict[str, Any] = {"secret_key": SECRET, "clock": lambda: NOON}
    return CookieConsentMiddleware(app, **given | options)


def ask(app: App, exchange: Exchange | None = None) -> Answer:
    """Send an exchange through the middleware, watched from both sides."""
    return run_wsgi(wrapped(validator(app)), exchange or Exchange(headers=NAVIGATION))


def cut(body: bytes, page: bytes = PAGE) -> bytes:
    """Take what was inserted out of a page."""
    place = page.index(b"<body>") + len(b"<body>")
    assert body.count(BANNER) == 1
    assert body[place:].startswith(b"<div ")
    return body[:place] + body[place + len(body) - len(page) :]


def error_of(kind: type[BaseException] = OwnError) -> Any:
    try:
        raise kind  # noqa: TRY301 - it is made to be caught
    except kind:
        return sys.exc_info()


# --- start_response -------------------------------------------------------------------------------


@pytest.mark.hostile(145)
@both_heads
def test_head_may_come_with_the_first_value(head: Head) -> None:
    def app(environ: Any, start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [*head, TRACKING])
        yield PAGE

    server = Server().run(wrapped(app))
    assert server.events[0] == "start"
    assert server.field("set-cookie") == []
    assert (server.body if head is JSON_HEAD else cut(server.body)) == PAGE


HEADS = [
    ("page, page", HTML_HEAD, HTML_HEAD),
    ("page, data", HTML_HEAD, JSON_HEAD),
    ("data, page", JSON_HEAD, HTML_HEAD),
    ("data, data", JSON_HEAD, JSON_HEAD),
]
replaced_heads = pytest.mark.parametrize(
    ("first", "second"), [row[1:] for row in HEADS], ids=[row[0] for row in HEADS]
)


@pytest.mark.hostile(145)
@replaced_heads
@pytest.mark.parametrize("length", [True, False])
def test_head_replaced_before_output(first: Head, second: Head, length: bool) -> None:
    """The second one counts, and no cookie of either gets out."""

    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [*first, TRACKING, ("X-First", "1"), ("Content-Length", "9")])
        given = [*second, TRACKING, ("X-Second", "2"), *([LENGTH] if length else [])]
        start_response("500 Oh", given, error_of())
        return [PAGE]

    server = Server().run(wrapped(app))
    assert server.sent is not None
    assert server.sent[0] == "500 Oh"
    assert not any(name.lower() == "set-cookie" for _, head in server.heads for name, _ in head)
    assert (server.field("x-first"), server.field("x-second")) == ([], ["2"])
    assert (server.body if second is JSON_HEAD else cut(server.body)) == PAGE
    if length:
        # Only where the server has seen the first head must the second go out before the body.
        known = second is JSON_HEAD or first is HTML_HEAD
        assert server.field("content-length") == ([str(len(server.body))] if known else [])


@pytest.mark.hostile(145)
@replaced_heads
def test_head_replaced_by_a_generator(first: Head, second: Head) -> None:
    def app(environ: Any, start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [*first, TRACKING])
        yield b""
        start_response("500 Oh", [*second, TRACKING], error_of())
        yield PAGE

    server = Server().run(wrapped(app))
    assert server.sent is not None
    assert server.sent[0] == "500 Oh"
    assert server.field("set-cookie") == []
    assert (server.body if second is JSON_HEAD else cut(server.body)) == PAGE


@pytest.mark.hostile(145)
@replaced_heads
@pytest.mark.parametrize("opening", [b"<html><body>x", b"<html><he", b"<html>"])
def test_error_after_output_is_raised_by_the_server(
    first: Head, second: Head, opening: bytes
) -> None:
    caught: list[BaseException] = []

    def app(environ: Any, start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", list(first))
        yield opening
        try:
            start_response("500 Oh", list(second), error_of())
        except OwnError as error:
            caught.append(error)
            raise

    server = Server()
    with pytest.raises(OwnError):
        server.run(wrapped(app))
    assert len(caught) == 1
    assert server.events[-1] == "start"
    assert server.sent is not None
    assert server.sent[0] == "200 OK"


@pytest.mark.hostile(145)
@both_heads
@pytest.mark.parametrize("late", [True, False], ids=["after output", "before output"])
def test_traceback_is_not_kept(head: Head, late: bool) -> None:
    """Without a collector, so that a cycle through a frame of ours would show."""
    alive: list[Any] = []

    def app(environ: Any, start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", list(head))
        if late:
            yield PAGE
        try:
            raise OwnError  # noqa: TRY301 - it is made to be caught
        except OwnError as error:
            alive.append(weakref.ref(error))
            start_response("500 Oh", list(head), sys.exc_info())
        yield PAGE

    server = Server()
    result: Any = None
    gc.collect()
    gc.disable()
    try:
        result = wrapped(app)(environ_of(), server.start_response)
        try:
            for value in result:
                server._put(value)
        except OwnError:
            pass
        assert alive[0]() is None
    finally:
        gc.enable()
        result.close()


@pytest.mark.hostile(145)
@both_heads
def test_second_head_without_an_error_is_refused(head: Head) -> None:
    """The server's word, as without us: it has seen both."""

    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", list(head))
        start_response("201 Created", [*head, TRACKING])
        return [PAGE]

    server = Server()
    with pytest.raises(AssertionError, match="was set already"):
        server.run(wrapped(app))
    assert server.events == ["start", "start"]


def test_server_that_takes_a_second_head_gets_it_filtered() -> None:
    heads: list[tuple[str, Head]] = []

    def start_response(status: str, headers: Head, exc_info: Any = None) -> Any:
        heads.append((status, headers))
        return lambda data: None

    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [*HTML_HEAD, TRACKING])
        start_response("201 Created", [*HTML_HEAD, TRACKING])
        return [PAGE]

    body = b"".join(wrapped(app)(environ_of(), start_response))
    assert [status for status, _ in heads] == ["200 OK", "201 Created"]
    assert not any(name == "Set-Cookie" for _, head in heads for name, _ in head)
    assert cut(body) == PAGE


def test_application_that_never_starts() -> None:
    with pytest.raises(AssertionError, match="before start_response"):
        Server().run(wrapped(lambda environ, start_response: [PAGE]))


@both_heads
def test_error_before_the_head_comes_through(head: Head) -> None:
    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", list(head))
        raise OwnError

    server = Server()
    with pytest.raises(OwnError):
        server.run(wrapped(app))
    assert server.body == b""
    assert server.events == (["start"] if head is JSON_HEAD else [])


STATUSES = [
    *("200 OK", "200 ", "200", "404 Nicht gefunden", "418 I'm a teapot", "599 caf\xe9"),
    *("200 " + 500 * "x", "299 2", "999 ?", "", "OK", "2xx Fine", "\xb2\xb2\xb2 x", "20"),
]


@pytest.mark.hostile(152)
@both_heads
@pytest.mark.parametrize("status", STATUSES)
def test_status_goes_out_as_it_came(status: str, head: Head) -> None:
    """What is no status is the server's to refuse."""

    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        start_response(status, list(head))
        return [PAGE]

    server = Server().run(wrapped(app))
    assert server.sent is not None
    assert server.sent[0] == status
    shows = status[:3].isdecimal() and len(status[:3]) == 3
    assert (BANNER in server.body) is (shows and head is HTML_HEAD)


# --- write() --------------------------------------------------------------------------------------

WRITES: list[tuple[str, list[bytes], list[bytes]]] = [
    ("all written", [PAGE], []),
    ("written in octets", [PAGE[at : at + 1] for at in range(len(PAGE))], []),
    ("written and yielded", [PAGE[:20]], [PAGE[20:]]),
    ("head written", [PAGE[:60]], [PAGE[60:90], PAGE[90:]]),
    ("border in a tag", [PAGE[:55]], [PAGE[55:]]),
    ("nothing written", [], [PAGE]),
    ("empty written", [b""], [PAGE]),
    ("empty yielded", [PAGE], [b""]),
]


@pytest.mark.hostile(146)
@both_heads
@pytest.mark.parametrize("length", [True, False])
@pytest.mark.parametrize(
    ("written", "yielded"), [row[1:] for row in WRITES], ids=[row[0] for row in WRITES]
)
def test_written_bytes_come_first(
    written: list[bytes], yielded: list[bytes], length: bool, head: Head
) -> None:
    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        write = start_response("200 OK", [*head, TRACKING, *([LENGTH] if length else [])])
        for data in written:
            write(data)
        return yielded

    server = Server().run(wrapped(app))
    assert (server.body if head is JSON_HEAD else cut(server.body)) == PAGE
    assert server.events.count("write") == len(written)
    assert server.field("set-cookie") == []
    assert server.field("content-length") in ([], [str(len(server.body))])
    if written and length and b"<body>" in written[0]:
        assert server.field("content-length") == [str(len(server.body))]


@pytest.mark.hostile(146)
def test_page_without_a_body_written() -> None:
    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", list(HTML_HEAD))(b"<!doctype html><title>t</title>")
        return []

    server = Server().run(wrapped(app))
    assert server.body.startswith(b"<!doctype html><title>t</title><div ")
    assert server.events == ["start", "write", "value"]


@pytest.mark.hostile(146)
def test_write_may_be_called_while_iterating() -> None:
    def app(environ: Any, start_response: Any) -> Iterator[bytes]:
        write = start_response("200 OK", list(HTML_HEAD))
        write(PAGE[:20])
        yield PAGE[20:40]
        write(PAGE[40:60])
        yield PAGE[60:]

    assert cut(Server().run(wrapped(app)).body) == PAGE


# --- bodies ---------------------------------------------------------------------------------------


class Iterable_:  # noqa: N801 - not the abstract one
    """An iterable that is no iterator; its iterator is another object, and it wants closing."""

    def __init__(self, values: Sequence[bytes], error: BaseException | None = None) -> None:
        self.values = values
        self.error = error
        self.closed = 0
        self.taken = 0

    def __iter__(self) -> Iterator[bytes]:
        return self._values()

    def _values(self) -> Iterator[bytes]:
        for value in self.values:
            self.taken += 1
            yield value
        if self.error is not None:
            raise self.error

    def close(self) -> None:
        self.closed += 1


class OldStyle:
    """A body that is read by index, as gunicorn's file wrapper is."""

    def __init__(self, values: Sequence[bytes]) -> None:
        self.values = values

    def __getitem__(self, index: int) -> bytes:
        return self.values[index]


def answering(head: Head, result: Any) -> App:
    def app(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", list(head))
        return result() if callable(result) else result

    return app


RESULTS: list[tuple[str, Callable[[], Any]]] = [
    ("list of one", lambda: [PAGE]),
    ("list", lambda: [PAGE[:9], PAGE[9:]]),
    ("tuple", lambda: (PAGE[:99], PAGE[99:])),
    ("generator", lambda: (PAGE[at : at + 7] for at in range(0, len(PAGE), 7))),
    ("iterator", lambda: iter([PAGE])),
    ("iterable", lambda: Iterable_([PAGE[:60], PAGE[60:]])),
    ("by index", lambda: OldStyle([PAGE[:60], PAGE[60:]])),
    ("dictionary of values", lambda: {PAGE: 1}),
    ("with empty values", lambda: [b"", PAGE[:30], b"", PAGE[30:], b""]),
]


@pytest.mark.hostile(147)
@both_heads
@pytest.mark.parametrize("result", [row[1] for row in RESULTS], ids=[row[0] for row in RESULTS])
def test_every_kind_of_body(result: Callable[[], Any], head: Head) -> None:
    body = Server().run(wrapped(answering(head, result))).body
    assert (body if head is JSON_HEAD else cut(body)) == PAGE


@pytest.mark.hostile(147)
@both_heads
@pytest.mark.parametrize("result", [list, tuple, lambda: iter(()), lambda: [b""]])
def test_empty_body(result: Callable[[], Any], head: Head) -> None:
    server = Server().run(wrapped(answering([*head, ("X-A", "b")], result)))
    assert server.body == b""
    assert server.field("x-a") == ["b"]


@pytest.mark.hostile(147)
def test_length_can_still_be_derived_from_a_list_of_one() -> None:
    seen = [PAGE]
    result = wrapped(answering(JSON_HEAD, seen))(environ_of(), Server().start_response)
    assert result is seen


ENDS: list[tuple[str, Any, int, type[BaseException] | None]] = [
    ("exhausted", None, -1, None),
    ("left at once", None, 1, None),
    ("left later", None, 2, None),
    ("error", OwnError(), -1, OwnError),
    ("generator exit", GeneratorExit(), -1, GeneratorExit),
]


@pytest.mark.hostile(147)
@both_heads
@pytest.mark.parametrize("lazy", [True, False], ids=["lazy", "at once"])
@pytest.mark.parametrize(
    ("error", "values", "raised"), [row[1:] for row in ENDS], ids=[row[0] for row in ENDS]
)
def test_iterable_is_closed_once(
    error: Any, values: int, raised: type[BaseException] | None, lazy: bool, head: Head
) -> None:
    body = Iterable_([b"<html>", b"<body>", b"x", b"y"], error)

    def app(environ: Any, start_response: Any) -> Any:
        if not lazy:
            start_response("200 OK", list(head))
            return body

        class Lazy(Iterable_):
            def __iter__(self) -> Iterator[bytes]:
                start_response("200 OK", list(head))
                return iter(body)

            def close(self) -> None:
                body.close()

        return Lazy([])

    server = Server()
    if raised is None:
        server.run(wrapped(app), values=values)
    else:
        with pytest.raises(raised):
            server.run(wrapped(app), values=values)
    assert body.closed == 1
    if values > 0:
        assert body.taken == values


@pytest.mark.hostile(147)
def test_iterable_is_closed_where_the_server_refuses_the_head() -> None:
    body = Iterable_([PAGE])

    def refuse(status: str, headers: Head, exc_info: Any = None) -> Any:
        raise OwnError

    result: Any = wrapped(answering(HTML_HEAD, body))(environ_of(), refuse)
    with pytest.raises(OwnError):
        next(iter(result))
    result.close()
    assert body.closed == 1


@pytest.mark.hostile(147)
def test_error_in_close_comes_through() -> None:
    class Failing(Iterable_):
        def close(self) -> None:
            super().close()
            raise OwnError

    body = Failing([PAGE])
    with pytest.raises(OwnError):
        Server().run(wrapped(answering(HTML_HEAD, body)))
    assert body.closed == 1


@pytest.mark.hostile(148)
@both_heads
@pytest.mark.parametrize(
    "values",
    [
        [PAGE[at : at + 1] for at in range(len(PAGE))],
        [b"<html>", b"<he", b"ad", b">", b"", b"<bo", b"d", b"y>", b"x"],
        [b"<", b"<", b"<"],
        [b"<!-", b"-", b"-", b"-", b">x"],
    ],
    ids=["octets", "tags", "less-thans", "comment"],
)
def test_one_value_for_each_value(values: list[bytes], head: Head) -> None:
    """Before the next is asked for; and what is yielded never goes through write()."""
    body = Iterable_(values)
    server = Server()
    result: Any = wrapped(answering(head, body))(environ_of(), server.start_response)
    iterator = iter(result)
    for number, _ in enumerate(values, start=1):
        assert type(next(iterator)) is bytes
        assert body.taken == number
    assert len(list(iterator)) <= 1
    result.close()
    assert "write" not in server.events


# --- files ----------------------------------------------------------------------------------------


class GunicornFileWrapper:
    """As gunicorn 23 has it: no `__iter__`, and `close` only where the file has one."""

    def __init__(self, filelike: Any, blksize: int = 8192) -> None:
        self.filelike = filelike
        self.blksize = blksize
        if hasattr(filelike, "close"):
            self.close = filelike.close

    def __getitem__(self, key: int) -> bytes:
        if data := self.filelike.read(self.blksize):
            return bytes(data)
        raise IndexError


class OpaqueFile:
    """What only its server can read."""

    def __init__(self, filelike: Any, blksize: int = 8192) -> None:
        self.close = filelike.close


def file_app(head: Head, path: Path) -> App:
    def app(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [*head, LENGTH, ("ETag", '"a"')])
        return environ["wsgi.file_wrapper"](path.open("rb"), 20)

    return app


@pytest.fixture
def page_file(tmp_path: Path) -> Path:
    file = tmp_path / "page.html"
    file.write_bytes(PAGE)
    return file


@pytest.mark.hostile(149)
@pytest.mark.parametrize("wrapper", [FileWrapper, GunicornFileWrapper, OpaqueFile])
@pytest.mark.parametrize("fetch", [True, False], ids=["fetched page", "data"])
def test_file_of_something_else_is_the_servers_own(
    wrapper: Any, fetch: bool, page_file: Path
) -> None:
    made: list[Any] = []

    def remembering(*arguments: Any) -> Any:
        made.append(wrapper(*arguments))
        return made[-1]

    parts: dict[str, Any] = {"wsgi.file_wrapper": remembering}
    headers = [(b"sec-fetch-dest", b"empty")] if fetch else NAVIGATION
    app = wrapped(file_app(HTML_HEAD if fetch else JSON_HEAD, page_file))
    result: Any = app(environ_of(headers, **parts), Server().start_response)
    assert result is made[0]
    result.close()


@pytest.mark.hostile(149)
@pytest.mark.parametrize("wrapper", [FileWrapper, GunicornFileWrapper])
@pytest.mark.parametrize("choice", [None, "accept"])
def test_file_of_a_page_is_read_and_closed(
    wrapper: Any, choice: str | None, page_file: Path
) -> None:
    files: list[Any] = []

    def remembering(file: Any, size: int) -> Any:
        files.append(file)
        return wrapper(file, size)

    headers = list(NAVIGATION)
    if choice is not None:
        headers.append((b"cookie", Site("wsgi").answer_cookie(choice)))
    parts: dict[str, Any] = {"wsgi.file_wrapper": remembering}
    app = wrapped(file_app(HTML_HEAD, page_file))
    body = Server().run(app, environ_of(headers, **parts)).body
    assert (BANNER in body) is (choice is None)
    assert body.endswith(b"<h1>Our shop</h1><p>Welcome.</p></body></html>")
    assert files[0].closed


@pytest.mark.hostile(149)
def test_file_that_cannot_be_read_goes_out_without_a_banner(page_file: Path) -> None:
    server = Server()
    parts: dict[str, Any] = {"wsgi.file_wrapper": OpaqueFile}
    app = wrapped(file_app(HTML_HEAD, page_file))
    result: Any = app(environ_of(**parts), server.start_response)
    assert isinstance(result, OpaqueFile)
    result.close()
    ((_, head),) = server.heads
    assert LENGTH in head
    assert ("ETag", '"a"') in head


# --- headers and paths ----------------------------------------------------------------------------


class OddList(list[tuple[str, str]]):
    """A list that is not one to `type`."""


@pytest.mark.hostile(150)
@both_heads
@pytest.mark.parametrize("kind", [list, OddList])
def test_header_list_is_a_new_plain_list(kind: Callable[[Head], Head], head: Head) -> None:
    own = kind([*head, TRACKING, ("X-Caf\xe9", "\xe9"), ("Set-Cookie", "sessionid=1")])
    before = list(own)

    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", own)
        own.append(("X-Late", "1"))
        return [PAGE]

    server = Server().run(wrapped(app))
    assert server.sent is not None
    headers = server.sent[1]
    assert type(headers) is list
    for pair in headers:
        assert type(pair) is tuple
        assert [type(part) for part in pair] == [str, str]
    assert own[:-1] == before
    assert headers is not own
    assert server.field("set-cookie") == ["sessionid=1"]
    assert server.field("x-caf\xe9") == ["\xe9"]
    assert server.field("x-late") == []


@pytest.mark.hostile(150)
def test_environ_is_not_changed() -> None:
    environ = environ_of(
        [*NAVIGATION, (b"cookie", b"_ga=1; sessionid=2"), (b"accept-encoding", b"gzip")],
        own=object(),
    )
    before = dict(environ)
    seen: list[Any] = []

    def app(inner: Any, start_response: Any) -> Iterable[bytes]:
        seen.append(inner)
        inner["late"] = 1
        start_response("200 OK", list(HTML_HEAD))
        return [PAGE]

    Server().run(wrapped(app), environ)
    assert environ == before
    assert type(seen[0]) is dict
    assert seen[0] is not environ
    assert seen[0]["own"] is environ["own"]
    assert seen[0]["wsgi.input"] is environ["wsgi.input"]
    assert seen[0]["HTTP_COOKIE"] == "sessionid=2"


MOUNTS: list[tuple[str, str, str]] = [
    ("", "/caf\xc3\xa9", "/cookie-consent"),
    ("/shop", "/caf\xc3\xa9", "/shop/cookie-consent"),
    ("/caf\xc3\xa9", "/", "/caf%C3%A9/cookie-consent"),
    ("/a b", "/", "/a%20b/cookie-consent"),
    ('/"><script>', "/", "/%22%3E%3Cscript%3E/cookie-consent"),
    ("/%2F", "/", "/%252F/cookie-consent"),
]


@pytest.mark.hostile(151)
@pytest.mark.parametrize(("root", "path", "action"), MOUNTS)
def test_paths_travel_as_bytes(root: str, path: str, action: str) -> None:
    app = wrapped(answering(HTML_HEAD, lambda: [PAGE]))
    parts: dict[str, Any] = {"SCRIPT_NAME": root, "PATH_INFO": path}
    body = Server().run(app, environ_of(**parts)).body
    assert f'action="{action}"'.encode() in body
    server = Server().run(app, environ_of(**{**parts, "PATH_INFO": "/cookie-consent"}))
    assert b'id="cookieconsent-preferences"' in server.body
    form = b"choice=reject"
    posted = environ_of(
        [(b"sec-fetch-site", b"same-origin")],
        **{
            **parts,
            "PATH_INFO": "/cookie-consent",
            "REQUEST_METHOD": "POST",
            "CONTENT_TYPE": "application/x-www-form-urlencoded",
            "CONTENT_LENGTH": str(len(form)),
            "wsgi.input": io.BytesIO(form),
        },
    )
    server = Server().run(app, posted)
    assert server.field("location") == [f"{action}#cookieconsent-saved"]


@pytest.mark.hostile(151)
def test_way_back_is_percent_encoded() -> None:
    app = wrapped(answering(HTML_HEAD, lambda: [PAGE]))
    parts: dict[str, Any] = {
        "SCRIPT_NAME": "/shop",
        "PATH_INFO": "/caf\xc3\xa9",
        "QUERY_STRING": "a=\xff b",
    }
    body = Server().run(app, environ_of(**parts)).body
    assert b'name="next" value="/shop/caf%C3%A9?' in body.replace(b"name=next", b'name="next"')


OPTIONAL = ["SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "CONTENT_TYPE", "CONTENT_LENGTH"]


@pytest.mark.hostile(152)
@pytest.mark.parametrize("missing", [*OPTIONAL, "REQUEST_METHOD", "wsgi.url_scheme", "HTTP_HOST"])
@pytest.mark.parametrize("empty", [True, False], ids=["empty", "missing"])
@pytest.mark.parametrize("path", ["/", "/cookie-consent"])
def test_environ_without_a_key(missing: str, empty: bool, path: str) -> None:
    environ = environ_of(PATH_INFO=path, CONTENT_TYPE="", CONTENT_LENGTH="")
    if empty:
        environ[missing] = ""
    else:
        environ.pop(missing, None)
    server = Server().run(wrapped(answering(HTML_HEAD, lambda: [PAGE])), environ)
    assert b"cookieconsent" in server.body


@pytest.mark.hostile(152)
def test_empty_path_is_no_route() -> None:
    server = Server().run(wrapped(answering(HTML_HEAD, lambda: [PAGE])), environ_of(PATH_INFO=""))
    assert cut(server.body) == PAGE


@pytest.mark.hostile(152)
@pytest.mark.parametrize("method", ["PURGE", "get", "pOsT", "M-SEARCH", "", "DELETE", "\xe9"])
@pytest.mark.parametrize("path", ["/", "/cookie-consent"])
def test_odd_methods(method: str, path: str) -> None:
    app = wrapped(answering(JSON_HEAD, lambda: [b"{}"]))
    server = Server().run(app, environ_of(REQUEST_METHOD=method, PATH_INFO=path))
    assert server.sent is not None
    allowed = path == "/" or method == ""
    assert server.sent[0][:3] == ("200" if allowed else "405")


@pytest.mark.hostile(152)
def test_scheme_of_a_proxy_counts() -> None:
    """`erase` works on https only, and the middleware asks the server which it is."""
    form = b"choice=erase"
    for scheme, status in (("http", "400"), ("https", "303")):
        environ = environ_of(
            [(b"sec-fetch-site", b"same-origin")],
            **{
                "REQUEST_METHOD": "POST",
                "PATH_INFO": "/cookie-consent",
                "CONTENT_TYPE": "application/x-www-form-urlencoded",
                "CONTENT_LENGTH": str(len(form)),
                "wsgi.input": io.BytesIO(form),
                "wsgi.url_scheme": scheme,
            },
        )
        server = Server().run(wrapped(answering(HTML_HEAD, lambda: [PAGE])), environ)
        assert server.sent is not None
        assert server.sent[0][:3] == status


# --- checkers -------------------------------------------------------------------------------------

LINTED: list[tuple[str, Page]] = [
    ("page", Page()),
    ("page with length", Page(headers=[*HTML, (b"content-length", b"%d" % len(PAGE))])),
    ("page in chunks", Page(chunks=[PAGE[:20], PAGE[20:]])),
    ("empty page", Page(chunks=[])),
    ("frameset", Page(chunks=[b"<frameset>"])),
    ("data", Page(headers=[(b"content-type", b"application/json")], chunks=[b"{}"])),
    ("error page", Page(status=500)),
    ("cookies", Page(headers=[*HTML, (b"set-cookie", b"_ga=1"), (b"set-cookie", b"sessionid=1")])),
    ("no content", Page(status=204, headers=[], chunks=[])),
    ("not modified", Page(status=304, headers=[(b"etag", b'"a"')], chunks=[])),
    ("redirect", Page(status=302, headers=[*HTML, (b"location", b"/")], chunks=[b""])),
]


@pytest.mark.hostile(153)
@pytest.mark.parametrize("path", ["/", "/cookie-consent", "/cookie-consent/none"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize("page", [row[1] for row in LINTED], ids=[row[0] for row in LINTED])
def test_webtest_has_no_complaint(page: Page, method: str, path: str) -> None:
    site = Site("wsgi", lambda request: page)
    site.wsgi.app = webtest.lint.middleware(site.wsgi.app)
    client = webtest.TestApp(site.wsgi)  # its lint is on by default
    headers = {name.decode(): value.decode() for name, value in NAVIGATION}
    answer = client.request(path, method=method, headers=headers, status="*", expect_errors=True)
    assert answer.status_int == (page.status if path == "/" else answer.status_int)


@pytest.mark.hostile(153)
@pytest.mark.parametrize("style", ["list", "generator", "write"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize("page", [row[1] for row in LINTED], ids=[row[0] for row in LINTED])
def test_validator_has_no_complaint(page: Page, method: str, style: str) -> None:
    head = [(name.decode(), value.decode()) for name, value in page.headers]
    silent = method == "HEAD"

    def at_once(environ: Any, start_response: Any) -> Iterable[bytes]:
        write = start_response(f"{page.status} Status", list(head))
        if style == "list":
            return [] if silent else list(page.chunks)
        for chunk in () if silent else page.chunks:
            write(chunk)
        return []

    def lazily(environ: Any, start_response: Any) -> Iterator[bytes]:
        start_response(f"{page.status} Status", list(head))
        yield from () if silent else page.chunks

    app = lazily if style == "generator" else at_once
    answer = ask(app, Exchange(method=method, headers=NAVIGATION))
    assert answer.status == page.status
    body = b"" if silent else b"".join(page.chunks)
    assert (BANNER in answer.body) is (not silent and b"<body>" in body)


@pytest.mark.hostile(153)
def test_validator_sees_files_and_replaced_heads() -> None:
    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [*HTML_HEAD, TRACKING])
        start_response("500 Oh", [*JSON_HEAD, TRACKING], error_of())
        file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the body
        file.write(b"{}")
        file.seek(0)
        return FileWrapper(file)

    answer = ask(app)
    assert (answer.status, answer.body, answer.values(b"set-cookie")) == (500, b"{}", [])
