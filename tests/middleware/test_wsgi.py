"""The WSGI door by itself: environs, `start_response`, own pages."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from wsgiref.validate import validator

import pytest

from cookieconsent import Config, ConfigError, ContradictionError, consent_of
from cookieconsent.middleware.wsgi import CookieConsentMiddleware
from doors import FORM, HTML, NAVIGATION, NOON, PAGE, SECRET, Site
from oracles.drivers import Answer, Exchange, run_wsgi, wsgi_app

App = Callable[[dict[str, Any], Any], Iterable[bytes]]

BANNER = b'id="cookieconsent-banner"'
PREFERENCES = b'id="cookieconsent-preferences"'
GA: tuple[bytes, bytes] = (b"set-cookie", b"_ga=1; Path=/")
SESSION: tuple[bytes, bytes] = (b"set-cookie", b"sessionid=1; Path=/")
HEAD = [(name.decode(), value.decode()) for name, value in HTML]


def wrapped(app: App, **options: Any) -> CookieConsentMiddleware:
    given: dict[str, Any] = {"secret_key": SECRET, "clock": lambda: NOON}
    return CookieConsentMiddleware(validator(app), **given | options)


def ask(app: App, exchange: Exchange | None = None, **driver: Any) -> Answer:
    return run_wsgi(wrapped(app), exchange or Exchange(headers=NAVIGATION), **driver)


def uncalled(environ: Any, start_response: Any) -> Iterable[bytes]:
    message = "the application ran"
    raise AssertionError(message)


def no_write(*arguments: Any) -> Any:
    """Stand for the `start_response` of a server that offers no `write`."""


# --- how it is built ------------------------------------------------------------------------------


def test_configuration_or_its_fields() -> None:
    config = Config(secret_key=SECRET)
    assert CookieConsentMiddleware(uncalled, config).consent.config is config
    by_name = CookieConsentMiddleware(uncalled, secret_key=SECRET, path="/c")
    assert by_name.consent.config.path == "/c"
    with pytest.raises(ContradictionError, match="path"):
        CookieConsentMiddleware(uncalled, config, path="/c")
    with pytest.raises(ConfigError, match="secret_key"):
        CookieConsentMiddleware(uncalled)


# --- pages of the application ---------------------------------------------------------------------


@pytest.mark.parametrize("style", ["list", "generator", "write"])
def test_page_gets_a_banner_and_loses_cookies(style: Any) -> None:
    record: list[Any] = []
    length = (b"content-length", b"%d" % len(PAGE))
    app = wsgi_app(200, [*HTML, length, GA, SESSION], [PAGE], record, style=style)
    answer = ask(app, Exchange(headers=[*NAVIGATION, (b"cookie", b"_ga=1; sessionid=2")]))
    assert record[0].cookie == b"sessionid=2"
    assert BANNER in answer.body
    assert b"sessionid=1; Path=/" in answer.values(b"set-cookie")
    assert not any(value.startswith(b"_ga=1") for value in answer.values(b"set-cookie"))
    assert answer.values(b"content-length") == [b"%d" % len(answer.body)]


def test_data_passes_as_it_is() -> None:
    values = [b"{}"]

    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "application/json")])
        return values

    heads: list[Any] = []

    def start_response(*arguments: Any) -> Any:
        heads.append(arguments)

    result = CookieConsentMiddleware(app, secret_key=SECRET)({}, start_response)
    assert result is values
    assert heads == [("200 OK", [("Content-Type", "application/json")])]


@pytest.mark.hostile(4)
def test_no_cookie_left_is_no_key() -> None:
    record: list[Any] = []
    ask(wsgi_app(200, HTML, [PAGE], record), Exchange(headers=[(b"cookie", b"_ga=1")]))
    assert "HTTP_COOKIE" not in record[0].scope


def test_application_finds_its_state() -> None:
    seen: list[Any] = []

    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        seen.append((consent_of(environ).decided, consent_of(environ).allows("analytics")))
        start_response("200 OK", list(HEAD))
        return [PAGE]

    ask(app)
    ask(app, Exchange(headers=[*NAVIGATION, (b"cookie", Site("wsgi").answer_cookie())]))
    assert seen == [(False, False), (True, True)]


def test_page_without_a_body_tag() -> None:
    """What is added at the end is a value of its own."""
    answer = ask(wsgi_app(200, HTML, [b"<!doctype html>", b"<title>t</title>"], style="generator"))
    assert answer.chunks[:2] == [b"<!doctype html>", b"<title>t</title>"]
    assert answer.chunks[2].startswith(b"<div ")
    assert len(answer.chunks) == 3


@pytest.mark.hostile(145)
def test_head_is_replaced() -> None:
    def app(environ: Any, start_response: Any) -> Iterator[bytes]:
        for status in ("200 OK", "500 Oh"):
            error = None if status == "200 OK" else (ValueError, ValueError(), None)
            start_response(status, [*HEAD, (GA[0].decode(), GA[1].decode())], error)
        yield PAGE

    middleware = CookieConsentMiddleware(app, secret_key=SECRET)
    answer = run_wsgi(middleware, Exchange(headers=NAVIGATION))
    assert (answer.status, answer.values(b"set-cookie")) == (500, [])
    assert BANNER in answer.body


@pytest.mark.hostile(145)
def test_head_that_is_out_is_replaced_at_once() -> None:
    """The server has the first one already; a length could be wrong, so it is left out."""

    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        length = ("Content-Length", str(len(PAGE)))
        start_response("500 Oh", [*HEAD, length], (ValueError, ValueError(), None))
        return [PAGE]

    middleware = CookieConsentMiddleware(app, secret_key=SECRET)
    answer = run_wsgi(middleware, Exchange(headers=NAVIGATION))
    assert (answer.status, answer.values(b"content-length")) == (500, [])
    assert BANNER in answer.body


class Opaque:
    """A body that is no iterable to Python."""


@pytest.mark.hostile(149)
@pytest.mark.parametrize("written", [b"", b"<html><he"])
def test_body_that_only_the_server_can_read(written: bytes) -> None:
    body: Any = Opaque()
    out: list[Any] = []

    def app(environ: Any, start_response: Any) -> Any:
        write = start_response("200 OK", [*HEAD, ("ETag", '"a"')])
        if written:
            write(written)
        return body

    def start_response(status: str, headers: Any) -> Any:
        out.append(headers)
        return out.append

    environ = {"HTTP_ACCEPT": "text/html"}
    assert CookieConsentMiddleware(app, secret_key=SECRET)(environ, start_response) is body
    assert out[1:] == ([b"<html>", b"<he"] if written else [])


def test_server_without_write() -> None:
    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", list(HEAD))(b"lost")
        return [PAGE]

    result = CookieConsentMiddleware(app, secret_key=SECRET)({}, no_write)
    assert b"".join(result) == PAGE


@pytest.mark.hostile(147)
def test_body_without_close() -> None:
    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", list(HEAD))
        return (PAGE,)

    answer = run_wsgi(CookieConsentMiddleware(app, secret_key=SECRET), Exchange(headers=NAVIGATION))
    assert BANNER in answer.body


def test_iteration_stays_at_its_end() -> None:
    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", list(HEAD))
        return [b"<title>t</title>"]

    environ = {"HTTP_ACCEPT": "text/html"}
    result: Any = CookieConsentMiddleware(app, secret_key=SECRET)(environ, no_write)
    assert len(list(result)) == 2
    assert list(result) == []
    assert next(result, None) is None


@pytest.mark.hostile(152)
def test_status_without_a_number_is_the_servers_to_refuse() -> None:
    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        start_response("Fine", list(HEAD))
        return [PAGE]

    statuses: list[str] = []

    def start_response(status: str, headers: Any) -> Any:
        statuses.append(status)

    result = CookieConsentMiddleware(app, secret_key=SECRET)({}, start_response)
    assert (b"".join(result), statuses) == (PAGE, ["Fine"])


# --- environs -------------------------------------------------------------------------------------


def seen_by(environ: dict[str, Any], **options: Any) -> dict[str, Any]:
    """Return the environ that reaches the application."""
    seen: list[dict[str, Any]] = []

    def app(inner: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        seen.append(inner)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return []

    given: dict[str, Any] = {"secret_key": SECRET} | options
    list(CookieConsentMiddleware(app, **given)(environ, no_write))
    return seen[0]


@pytest.mark.hostile(37)
@pytest.mark.parametrize("cookie", ["sessionid=1; a=\u20ac", "\ud800", b"sessionid=1", 5])
def test_cookie_header_that_cannot_be_read(cookie: Any) -> None:
    """Fails closed, and only where anything is done at all."""
    assert "HTTP_COOKIE" not in seen_by({"HTTP_COOKIE": cookie})
    assert seen_by({"HTTP_COOKIE": cookie}, enforce=False)["HTTP_COOKIE"] == cookie


@pytest.mark.hostile(38, 39)
def test_other_forms_of_the_cookies() -> None:
    environ = {
        "HTTP_COOKIE": "_ga=1; sessionid=2",
        "HTTP_COOKIE2": "$Version=1",
        "HTTP_X_COOKIE": "_ga=1",
        "COOKIE": "_ga=1",
        "webob._parsed_cookies": object(),
    }
    seen = seen_by(environ)
    assert seen["HTTP_COOKIE"] == "sessionid=2"
    assert (seen["HTTP_X_COOKIE"], seen["COOKIE"]) == ("_ga=1", "_ga=1")
    assert not {"HTTP_COOKIE2", "webob._parsed_cookies"} & set(seen)
    unchanged = seen_by(environ, enforce=False)
    assert {key: unchanged[key] for key in environ} == environ


@pytest.mark.hostile(152)
@pytest.mark.parametrize("path", ["\u20ac", None, "", "/\xff"])
def test_path_that_cannot_be_read(path: Any) -> None:
    assert seen_by({"PATH_INFO": path, "SCRIPT_NAME": path})["PATH_INFO"] == path


def test_header_that_cannot_be_read_is_not_there() -> None:
    assert seen_by({"HTTP_ACCEPT": "\u20ac", "QUERY_STRING": "\u20ac"})["HTTP_ACCEPT"] == "\u20ac"


@pytest.mark.hostile(177)
def test_session_outside_of_us_is_told(caplog: pytest.LogCaptureFixture) -> None:
    seen_by({"beaker.session": {}})
    assert len(caplog.records) == 1


@pytest.mark.hostile(129)
def test_inner_copy_stays_out_of_the_way() -> None:
    inner = wrapped(wsgi_app(200, HTML, [PAGE]))
    assert ask(inner).body == ask(wsgi_app(200, HTML, [PAGE])).body


def test_report_only_changes_nothing() -> None:
    record: list[Any] = []
    headers = [*HTML, (b"content-length", b"%d" % len(PAGE)), GA]
    app = wrapped(wsgi_app(200, headers, [PAGE], record), enforce=False)
    exchange = Exchange(headers=[*NAVIGATION, (b"cookie", b"_ga=1")], path="/cookie-consent")
    answer = run_wsgi(app, exchange)
    assert (answer.headers, answer.body) == (headers, PAGE)
    assert record[0].cookie == b"_ga=1"


# --- own pages ------------------------------------------------------------------------------------


def test_own_page_is_answered_here() -> None:
    answer = ask(uncalled, Exchange(path="/cookie-consent"))
    assert (answer.status, PREFERENCES in answer.body) == (200, True)
    head = ask(uncalled, Exchange(path="/cookie-consent", method="HEAD"))
    assert (head.status, head.body) == (200, b"")
    assert ask(uncalled, Exchange(path="/cookie-consent/nothing")).status == 404


class Input(io.BytesIO):
    """A request body that tells how it was read."""

    def __init__(self, content: bytes, *, piece: int = 0) -> None:
        super().__init__(content)
        self.sizes: list[int | None] = []
        self.piece = piece

    def read(self, size: int | None = None) -> bytes:
        self.sizes.append(size)
        return super().read(self.piece or size)


def post(body: Input, **environ: Any) -> int:
    statuses: list[str] = []

    def start_response(status: str, headers: Any) -> Any:
        statuses.append(status)

    given = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/cookie-consent",
        "CONTENT_TYPE": FORM.decode(),
        "HTTP_SEC_FETCH_SITE": "same-origin",
        "wsgi.input": body,
    }
    list(CookieConsentMiddleware(uncalled, secret_key=SECRET)(given | environ, start_response))
    return int(statuses[0][:3])


def test_form_is_read_to_its_length() -> None:
    body = Input(b"choice=reject&more=1")
    assert post(body, CONTENT_LENGTH="13") == 303
    assert body.tell() == 13


def test_form_comes_in_pieces() -> None:
    assert post(Input(b"choice=reject", piece=1), CONTENT_LENGTH="13") == 303


def test_form_that_ends_early() -> None:
    assert post(Input(b"choice=reject"), CONTENT_LENGTH="14") == 303


@pytest.mark.hostile(94)
@pytest.mark.parametrize("length", ["-1", "+5", "1_0", "\u0663", "", "x"])
def test_form_without_a_length_is_not_read(length: str) -> None:
    body = Input(b"choice=reject")
    assert post(body, CONTENT_LENGTH=length) == 400
    assert body.sizes == []


@pytest.mark.hostile(94, 95)
def test_form_that_the_server_ends() -> None:
    """Chunked: there is no length, but there is an end."""
    terminated = {"wsgi.input_terminated": True}
    assert post(Input(b"choice=reject"), **terminated) == 303
    large = Input(100_000 * b"x", piece=4096)
    assert post(large, **terminated) == 413
    assert large.tell() < 25_000
    assert None not in large.sizes
    assert -1 not in large.sizes


@pytest.mark.hostile(94)
def test_form_announced_as_large_is_not_read() -> None:
    body = Input(b"choice=reject")
    assert post(body, CONTENT_LENGTH="10000000") == 413
    assert body.sizes == []
