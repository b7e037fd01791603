"""What an application sees in one raw `Cookie` header, through the parsers of other people.

Each parser is reached as its framework reaches it: with the framework's own decoding of the header,
since half of the differences come from there. An exception of a parser means that the application
sees no cookie at all.

    PARSERS["webob"](b"sid=1,_ga=2")  # {b"sid", b"_ga"}
    parse("werkzeug", b"a=1; a=2")  # {b"a": [b"1", b"2"]}

Names and values come back as bytes, encoded the way the framework decoded them; what a framework
replaced by U+FFFD therefore comes back as the three bytes of that character.
"""

from __future__ import annotations

import warnings
from functools import partial
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Final

from aiohttp._cookie_helpers import parse_cookie_header
from django.core.handlers.wsgi import get_str_from_wsgi
from django.http import parse_cookie as django_parse_cookie
from starlette.requests import cookie_parser
from werkzeug.http import parse_cookie as werkzeug_parse_cookie

with warnings.catch_warnings():
    # WebOb 1.8 imports `cgi`, which Python 3.11 and 3.12 announce as leaving.
    warnings.simplefilter("ignore", DeprecationWarning)
    from webob import Request as WebObRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["PARSERS", "SPLIT_ON_SEMICOLON", "parse"]

SPLIT_ON_SEMICOLON: Final = frozenset({"starlette", "django", "django-asgi"})
"""Parsers that split on `;` and on nothing else: no value can hide a second cookie from them."""


def _stdlib(header: bytes) -> dict[bytes, list[bytes]]:
    cookies: SimpleCookie = SimpleCookie(header.decode("latin-1"))
    return _gathered(((name, morsel.value) for name, morsel in cookies.items()), "latin-1")


def _starlette(header: bytes) -> dict[bytes, list[bytes]]:
    return _gathered(cookie_parser(header.decode("latin-1")).items(), "latin-1")


def _werkzeug(header: bytes) -> dict[bytes, list[bytes]]:
    # Takes WSGI text and decodes it as strict UTF-8; one odd byte costs all cookies.
    return _gathered(werkzeug_parse_cookie(header.decode("latin-1")).items(multi=True), "utf-8")


def _webob(header: bytes) -> dict[bytes, list[bytes]]:
    request = WebObRequest({"REQUEST_METHOD": "GET", "HTTP_COOKIE": header.decode("latin-1")})
    return _gathered(request.cookies.items(), "utf-8")


def _django(header: bytes) -> dict[bytes, list[bytes]]:
    # WSGIRequest.COOKIES: WSGI text back to bytes, then UTF-8 with U+FFFD for what is not UTF-8.
    environ = {"HTTP_COOKIE": header.decode("latin-1")}
    text = get_str_from_wsgi(environ, "HTTP_COOKIE", "")
    return _gathered(django_parse_cookie(text).items(), "utf-8")


def _django_asgi(header: bytes) -> dict[bytes, list[bytes]]:
    # ASGIRequest decodes every header as Latin-1 instead.
    return _gathered(django_parse_cookie(header.decode("latin-1")).items(), "latin-1")


def _aiohttp(header: bytes) -> dict[bytes, list[bytes]]:
    text = header.decode("utf-8", "surrogateescape")
    pairs = ((name, morsel.value) for name, morsel in parse_cookie_header(text))
    return _gathered(pairs, "utf-8")


def _gathered(pairs: Iterable[tuple[str, str]], encoding: str) -> dict[bytes, list[bytes]]:
    gathered: dict[bytes, list[bytes]] = {}
    for name, value in pairs:
        gathered.setdefault(_octets(name, encoding), []).append(_octets(value, encoding))
    return gathered


def _octets(text: str, encoding: str) -> bytes:
    return text.encode(encoding, "surrogateescape")


_READERS: Final[Mapping[str, Callable[[bytes], dict[bytes, list[bytes]]]]] = {
    "stdlib": _stdlib,
    "starlette": _starlette,
    "werkzeug": _werkzeug,
    "webob": _webob,
    "django": _django,
    "django-asgi": _django_asgi,
    "aiohttp": _aiohttp,
}


def parse(name: str, header: bytes) -> dict[bytes, list[bytes]]:
    """Give names and values that an application sees through the parser called `name`.

    A name that the parser keeps only once has one value; otherwise all its values, in order.
    """
    reader = _READERS[name]
    try:
        return reader(header)
    except Exception:
        return {}


def _names(name: str, header: bytes) -> set[bytes]:
    return set(parse(name, header))


PARSERS: Final[dict[str, Callable[[bytes], set[bytes]]]] = {
    name: partial(_names, name) for name in _READERS
}
"""For each parser, the function from a raw `Cookie` header to the names an application sees."""
