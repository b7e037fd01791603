"""A WSGI application in this process, called as a server calls it (PEP 3333).

One that does not come back is interrupted, as far as `alarm` can.
May not enter: which pages are asked for.
"""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, TypeAlias
from urllib.parse import unquote_to_bytes, urlsplit

from cookieconsent.observation.alarm import OverdueError, alarm
from cookieconsent.observation.answer import (
    MAX_BODY_OCTETS,
    PAGE_SECONDS,
    Answer,
    ObservationError,
    ReadyClient,
    Request,
)
from cookieconsent.observation.lines import shown
from cookieconsent.observation.loading import raised

Environ: TypeAlias = dict[str, Any]
Application: TypeAlias = Callable[
    [Environ, Callable[..., Callable[[bytes], object]]], Iterable[bytes]
]


class WsgiClient(ReadyClient):
    """Calls a WSGI application in this thread.

    Args:
        app: The application.
        seconds: How long an answer may take.
    """

    def __init__(self, app: Application, *, seconds: float = PAGE_SECONDS) -> None:
        self._app = app
        self._seconds = seconds

    def send(self, request: Request) -> Answer:
        """Return what a request is answered with."""
        exchange = _Exchange(time.monotonic() + self._seconds)
        try:
            with suppress(_GoneError), alarm(self._seconds):
                exchange.run(self._app, _environ(request))
            return exchange.answer()
        except OverdueError:
            return exchange.cut(f"no answer within {self._seconds:g} seconds")
        except (ObservationError, KeyboardInterrupt):
            raise
        except BaseException as error:
            # The words of somebody else's error may hold anything, so not those.
            raise ObservationError(raised(error)) from error


def _environ(request: Request) -> Environ:
    parts = urlsplit(request.url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    environ: Environ = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(parts.path or "/").decode("latin-1"),
        "QUERY_STRING": parts.query,
        "SERVER_NAME": parts.hostname,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": parts.netloc,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": parts.scheme,
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if request.body:
        environ["CONTENT_LENGTH"] = str(len(request.body))
    for name, value in request.headers:
        key = name.decode("ascii").upper().replace("-", "_")
        environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value.decode("latin-1")
    return environ


class _GoneError(OSError):
    """Nobody reads on; servers raise an `OSError` in `write` too."""


class _Exchange:
    """The server's side of one request.

    Args:
        deadline: Until when the body is read, on the monotonic clock.
    """

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline
        self._head: tuple[str, list[tuple[str, str]]] | None = None
        self._body = bytearray()
        self._whole = True

    def run(self, app: Application, environ: Environ) -> None:
        parts = app(environ, self._start)
        try:
            for part in parts:
                self._take(part)
        finally:
            close = getattr(parts, "close", None)
            if close is not None:
                close()

    def _start(
        self,
        status: str,
        headers: list[tuple[str, str]],
        exc_info: object = None,  # noqa: ARG002 - PEP 3333 wants it; nothing has been sent yet
    ) -> Callable[[bytes], object]:
        self._head = status, headers
        return self._take

    def _take(self, part: bytes) -> None:
        self._body += part[: MAX_BODY_OCTETS + 1 - len(self._body)]
        if len(self._body) > MAX_BODY_OCTETS or time.monotonic() > self._deadline:
            self._whole = False
            raise _GoneError

    def cut(self, reason: str) -> Answer:
        """Return what there is of an answer that was given up.

        Raises:
            ObservationError: It had not begun.
        """
        if self._head is None:
            raise ObservationError(reason)
        self._whole = False
        return self.answer()

    def answer(self) -> Answer:
        if self._head is None:
            raise ObservationError("it ended without an answer")
        status, headers = self._head
        return Answer(
            status=_number(status),
            headers=[
                (_octets(name, name.lower()), _octets(name, value)) for name, value in headers
            ],
            body=bytes(self._body[:MAX_BODY_OCTETS]),
            whole=self._whole,
        )


def _number(status: str) -> int:
    try:
        return int(status.split(" ", 1)[0])
    except (AttributeError, ValueError) as error:
        raise ObservationError("its status begins with no number") from error


def _octets(name: str, text: str) -> bytes:
    """Return part of a response field as servers send it.

    Raises:
        ObservationError: They cannot: it must be in Latin-1 (PEP 3333, unicode issues).
    """
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError as error:
        named = shown(name.encode("utf-8", "replace"))
        reason = f"its field {named} is not in Latin-1, so no server can send it (PEP 3333)"
        raise ObservationError(reason) from error
