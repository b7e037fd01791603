"""The shop's WSGI door: a plain PEP 3333 application in the middleware in the recorder.

May not enter: pages, cookies.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from http import HTTPStatus

from cookieconsent import consent_of
from cookieconsent.demo.record import RECORD_KEY, WsgiRecorder
from cookieconsent.demo.shop import MAX_FORM_OCTETS, Request, Shop
from cookieconsent.middleware.environ import Environ
from cookieconsent.middleware.wsgi import CookieConsentMiddleware, StartResponse, WSGIApp

_LENGTH = re.compile("[0-9]{1,4}")


def application(shop: Shop) -> WSGIApp:
    """Return the shop as a WSGI application."""

    def inner(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        response = shop.respond(
            Request(
                method=environ["REQUEST_METHOD"],
                path=environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace"),
                cookie=environ.get("HTTP_COOKIE", ""),
                form=_read(environ),
                consent=consent_of(environ),
                signal=environ.get("HTTP_SEC_GPC") == "1",
                secure=environ["wsgi.url_scheme"] == "https",
                record=environ[RECORD_KEY],
            )
        )
        start_response(f"{response.status} {HTTPStatus(response.status).phrase}", response.headers)
        return response.parts()

    return WsgiRecorder(CookieConsentMiddleware(inner, config=shop.config), shop.trail)


def _read(environ: Environ) -> bytes:
    """Return the body of a form; nothing where it is larger than any form of ours."""
    length = environ.get("CONTENT_LENGTH", "")
    if not _LENGTH.fullmatch(length) or int(length) > MAX_FORM_OCTETS:
        return b""
    try:
        body: bytes = environ["wsgi.input"].read(int(length))
    except OSError:  # the client is gone, or too slow
        return b""
    return body
