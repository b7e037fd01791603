"""The WSGI door: environs as a server makes them, and applications called until the body is read.

May not enter: which requests and sites (`cases`), how time is taken (`timing`).
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import cycle, repeat
from typing import Any

from bench.outcomes import Answer, count_cookies
from bench.requests import Request
from bench.sites import Page
from bench.timing import Work
from cookieconsent.middleware.environ import Environ
from cookieconsent.middleware.wsgi import StartResponse, WSGIApp

Install = Callable[[WSGIApp], WSGIApp]

_ENVIRON: dict[str, Any] = {
    "REQUEST_METHOD": "GET",
    "SCRIPT_NAME": "",
    "QUERY_STRING": "page=2",
    "SERVER_NAME": "127.0.0.1",
    "SERVER_PORT": "8000",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "REMOTE_ADDR": "127.0.0.1",
    "wsgi.version": (1, 0),
    "wsgi.url_scheme": "https",
    "wsgi.input": io.BytesIO(),
    "wsgi.errors": sys.stderr,
    "wsgi.multithread": True,
    "wsgi.multiprocess": False,
    "wsgi.run_once": False,
}


class NoOp:
    """The middleware that everything is measured against: it does nothing."""

    def __init__(self, app: WSGIApp) -> None:
        self.app = app

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Hand everything on."""
        return self.app(environ, start_response)


def application(page: Page) -> WSGIApp:
    """Return an application that answers with a page, reading nothing."""
    content_type, body = page.content_type.decode(), page.body
    length = ("Content-Length", str(len(body) * page.chunks))
    others = [(name.decode(), value.decode("latin-1")) for name, value in page.headers]

    def app(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:  # noqa: ARG001 - WSGI's
        start_response("200 OK", [("Content-Type", content_type), length, *others])
        return [body] if page.chunks == 1 else repeat(body, page.chunks)

    return app


def _write(data: bytes) -> None:
    """Write into nothing."""


def start_response(
    status: str,  # noqa: ARG001 - WSGI's signature
    headers: list[tuple[str, str]],  # noqa: ARG001
    exc_info: object = None,  # noqa: ARG001
) -> Callable[[bytes], object]:
    """Start a response that goes nowhere."""
    return _write


def _key(name: bytes) -> str:
    text = name.decode().upper().replace("-", "_")
    return text if text in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{text}"


def environs(request: Request) -> Callable[[], Environ]:
    """Return what makes an environ per call, with a new `Cookie` header each time."""
    template = {**_ENVIRON, "PATH_INFO": request.path}
    template |= {_key(name): value.decode() for name, value in request.headers}
    if not request.cookies:
        return template.copy
    turns = cycle([bytearray(cookie) for cookie in request.cookies])
    return lambda: {**template, "HTTP_COOKIE": next(turns).decode("latin-1")}


def work(app: WSGIApp, make_environ: Callable[[], Environ]) -> Work:
    """Return what runs an application so many times, reads each body and closes it."""

    def run(count: int) -> None:
        for _ in repeat(None, count):
            body = app(make_environ(), start_response)
            for _value in body:
                pass
            if hasattr(body, "close"):
                body.close()

    return run


def ready_work(app: WSGIApp, request: Request) -> Work:
    """Return what runs an application so many times on one and the same environ."""
    environ = environs(request)()
    return work(app, lambda: environ)


def answer(install: Install, app: WSGIApp, request: Request) -> Answer:
    """Return what comes out of an installation, and which cookies the application saw."""
    seen: list[bytes] = []
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def watched(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        seen.append(environ.get("HTTP_COOKIE", "").encode("latin-1"))
        return app(environ, start_response)

    def keep(
        status: str,
        headers: list[tuple[str, str]],
        exc_info: object = None,  # noqa: ARG001 - WSGI's
    ) -> Callable[[bytes], object]:
        started.append((status, headers))
        return _write

    body = b"".join(_values(install(watched)(environs(request)(), keep)))
    status, headers = started[-1]
    return Answer(
        status=int(status[:3]),
        headers=[(name.lower().encode(), value.encode("latin-1")) for name, value in headers],
        body=body,
        cookies=count_cookies(seen),
    )


def _values(body: Iterable[bytes]) -> Iterator[bytes]:
    try:
        yield from body
    finally:
        if hasattr(body, "close"):
            body.close()
