"""A request head in CGI variables (RFC 3875, section 4.1): how WSGI and Django hand it over.

Here it is read for the engine, and copied with what the engine changed.
May not enter: responses.
"""

from __future__ import annotations

from typing import Any

from cookieconsent.core.headers import Fields
from cookieconsent.core.signals import REQUEST_FIELDS
from cookieconsent.engine.exchange import Exchange
from cookieconsent.engine.state import ENVIRON_KEY, ConsentState

Environ = dict[str, Any]

COOKIE = "HTTP_COOKIE"
_UNPREFIXED = {b"content-length": "CONTENT_LENGTH", b"content-type": "CONTENT_TYPE"}
# The variable of each request field that the engine reads.
KEYS = {
    name: _UNPREFIXED.get(name) or "HTTP_" + name.decode("ascii").upper().replace("-", "_")
    for name in (*REQUEST_FIELDS, b"cookie")
}
_READ_KEYS = [(name, KEYS[name]) for name in REQUEST_FIELDS]
# Where frameworks keep what they have parsed of the cookies, and an older form of the header.
_STALE_KEYS = (
    "HTTP_COOKIE2",
    "werkzeug.request",
    "werkzeug.parsed_cookies",
    "webob._parsed_cookies",
    "webob.adhoc_attrs",
    "bottle.request.cookies",
    "paste.cookies",
)


def header(environ: Environ, key: str) -> tuple[bytes | None, bool]:
    """Return a header as bytes, and whether it could be read: some servers hand over other text."""
    value = environ.get(key)
    if value is None:
        return None, True
    try:
        return value.encode("latin-1"), True
    except (UnicodeEncodeError, AttributeError):
        return None, False


def fields_of(environ: Environ) -> Fields:
    """Return the request fields that the engine reads, by name."""
    fields: Fields = {}
    for name, key in _READ_KEYS:
        if key in environ:
            value = header(environ, key)[0]
            if value is not None:
                fields[name] = value
    return fields


def cookie_lines(environ: Environ) -> list[bytes]:
    """Return the `Cookie` line, where there is one that can be read."""
    line = header(environ, COOKIE)[0]
    return [] if line is None else [line]


def filtered(environ: Environ, exchange: Exchange) -> Environ:
    """Return a copy for the application: with the consent state, without what it may not see."""
    inner = dict(environ)
    inner[ENVIRON_KEY] = ConsentState(exchange)
    if exchange.consent.config.enforce:
        for key in _STALE_KEYS:
            inner.pop(key, None)
        if not header(environ, COOKIE)[1]:
            inner.pop(COOKIE, None)
    for name, value in exchange.request_changes.items():
        if value is None:
            inner.pop(KEYS[name], None)
        else:
            inner[KEYS[name]] = value.decode("latin-1")
    return inner
