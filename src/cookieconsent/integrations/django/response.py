"""Django's response: its head and body taken through the engine and put back.

Django keeps cookies by name and other fields once each, the engine has lines. Lines that come back as
they went stay the very objects they were; the others become what prints exactly that line.
May not enter: requests, rules.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing
from http.cookies import Morsel
from typing import TYPE_CHECKING, Final

from django.http import HttpResponse

from cookieconsent.core.headers import HeaderList
from cookieconsent.engine.exchange import Exchange
from cookieconsent.engine.routes import Reply
from cookieconsent.integrations.django.cookies import CookieLine

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

_SET_COOKIE: Final = "Set-Cookie"
_MARK: Final = "cookieconsent_in_it"
"""Set on a response with our markup; Django's caches keep it with the response."""


# --- the head ---------------------------------------------------------------------------------------


def pass_head(exchange: Exchange, response: HttpResponseBase) -> None:
    """Take the head of a response through the engine."""
    lines = _lines(response)
    head = exchange.start(response.status_code, lines)
    if exchange.insertion is None and head is not lines:
        _write(response, head)


def _lines(response: HttpResponseBase) -> HeaderList:
    pairs = [*response.items(), *((_SET_COOKIE, cookie) for cookie in response.cookies.values())]
    return [(name.encode("latin-1"), _printed(value).encode("latin-1")) for name, value in pairs]


def _printed(value: str | Morsel[str]) -> str:
    """Return a field value; a character that none may have cannot hide a cookie's name."""
    text = value if isinstance(value, str) else value.OutputString()
    return text.encode("latin-1", "replace").decode("latin-1")


def _write(response: HttpResponseBase, head: HeaderList) -> None:
    """Let a response say what a head says."""
    fields: dict[str, list[str]] = {}
    for raw_name, raw_value in head:
        values = fields.setdefault(raw_name.decode("latin-1").lower(), [])
        values.append(raw_value.decode("latin-1"))
    _write_cookies(response, fields.pop("set-cookie", []))
    for name in [name for name, _ in response.items() if name.lower() not in fields]:
        del response.headers[name]
    for name, values in fields.items():
        # Several lines of a list are one, joined by commas (RFC 9110, section 5.3).
        value = ", ".join(values)
        if response.headers.get(name) != value:
            response.headers[_spelled(response, name)] = value


def _spelled(response: HttpResponseBase, name: str) -> str:
    """Return a field name as the response spells it."""
    return next((own for own, _ in response.items() if own.lower() == name), name.title())


def _write_cookies(response: HttpResponseBase, lines: list[str]) -> None:
    """Let the cookies of a response be these lines, in this order."""
    response.headers.pop(_SET_COOKIE, None)  # a line that was written without Django's cookies
    before = {_printed(cookie): cookie for cookie in response.cookies.values()}
    response.cookies.clear()
    for line in lines:
        cookie = before.pop(line, None) or CookieLine(line)
        place = cookie.key
        while place in response.cookies:
            place += ";"  # no name ends like this
        dict.__setitem__(response.cookies, place, cookie)


def write_in_octets(response: HttpResponseBase) -> None:
    """Let lines that are not ASCII go through Django's ASGI handler as through its other one."""
    for cookie in response.cookies.values():
        if isinstance(cookie, CookieLine):
            cookie.in_octets = True


def reply_as_response(reply: Reply) -> HttpResponse:
    """Return an answer of ours as one of Django's."""
    response = HttpResponse(reply.body, status=reply.status)
    _write(response, reply.headers)
    return response


# --- the body ---------------------------------------------------------------------------------------


def pass_whole(exchange: Exchange, response: HttpResponse) -> None:
    """Take a body that is there as a whole through the engine, and settle the head."""
    if getattr(response, _MARK, False):
        exchange.abandon()  # it comes from one of Django's caches, with our markup
    else:
        response.content = exchange.feed(response.content, last=True)
    _settle(exchange, response)


def mark(exchange: Exchange, response: HttpResponseBase) -> None:
    """Note on a response whether our markup is in it already, for when a cache brings it back."""
    inserted = exchange.insertion is not None and exchange.insertion.inserted
    if inserted or exchange.is_placed("banner") or exchange.is_placed("settings"):
        setattr(response, _MARK, True)


def _settle(exchange: Exchange, response: HttpResponseBase) -> None:
    _write(response, exchange.settled_head())


def pass_stream(exchange: Exchange, response: HttpResponseBase) -> None:
    """Take a streamed body through the engine; the head is settled by the first part."""
    parts = iter(response)
    try:
        first = next(parts, None)
    except Exception as error:  # noqa: BLE001 - the project's own; raised where Django would meet it
        response.streaming_content = _raising(error)
        _settle(exchange, response)
        return
    data = exchange.feed(first or b"", last=first is None)
    _settle(exchange, response)
    response.streaming_content = _streamed(exchange, data, parts)


def _raising(error: Exception) -> Iterator[bytes]:
    """Fail as a stream fails whose first part could not be made: after the head."""
    for failure in (error,):
        raise failure
    yield b""


async def _async_raising(error: Exception) -> AsyncIterator[bytes]:
    for failure in (error,):
        raise failure
    yield b""


def _streamed(exchange: Exchange, data: bytes, parts: Iterator[bytes]) -> Iterator[bytes]:
    if data:
        yield data
    for part in parts:
        passed = exchange.feed(part, last=False)
        if passed:
            yield passed
    rest = exchange.feed(b"", last=True)
    if rest:
        yield rest


async def pass_async_stream(exchange: Exchange, response: HttpResponseBase) -> None:
    """Do the same on an event loop."""
    parts = aiter(response)
    try:
        first = await anext(parts, None)
    except Exception as error:  # noqa: BLE001 - as above
        response.streaming_content = _async_raising(error)
        _settle(exchange, response)
        return
    data = exchange.feed(first or b"", last=first is None)
    _settle(exchange, response)
    response.streaming_content = _async_streamed(exchange, data, parts)


async def _async_streamed(
    exchange: Exchange, data: bytes, parts: AsyncGenerator[bytes]
) -> AsyncIterator[bytes]:
    async with aclosing(parts):
        if data:
            yield data
        async for part in parts:
            passed = exchange.feed(part, last=False)
            if passed:
                yield passed
        rest = exchange.feed(b"", last=True)
        if rest:
            yield rest
