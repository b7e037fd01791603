"""What the application itself receives and sets: a spy between our middleware and it, for a while.

Both doors keep the application in `.app`, and there the spy stands until the audit is over.
May not enter: values of cookies, judgements.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Final
from urllib.parse import urlsplit

from cookieconsent.audit.evidence import KEPT_BACK, Sighting, View
from cookieconsent.core.cookies import WHITE_SPACE
from cookieconsent.observation.lines import SeenLine, read_line, shown
from cookieconsent.testing.sites import door_in

MAX_LINES: Final = 500
"""How many cookies are told of one view."""


class Spy:
    """Writes down the names of the cookies that reach the application, and the lines that it sets.

    Args:
        now: Gives POSIX seconds.
    """

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._names: dict[str, None] = {}
        self._lines: dict[bytes, SeenLine] = {}

    def note(self, header: bytes) -> None:
        """Note the names of a request's `Cookie` field."""
        for pair in header.split(b";"):
            name, equals, _ = pair.partition(b"=")
            if pair.strip(WHITE_SPACE):
                self._names[shown(name.strip(WHITE_SPACE)) if equals else ""] = None

    def note_set(self, line: bytes) -> None:
        """Note a `Set-Cookie` line of the application, the first one of each name."""
        if len(self._lines) >= MAX_LINES:
            return
        seen = read_line(line, self._now())
        if not seen.deletes:
            self._lines.setdefault(seen.name, seen)

    def take(self) -> tuple[str, ...]:
        """Return the names since the last time."""
        names, self._names = tuple(self._names), {}
        return names

    def forget(self) -> None:
        """Leave out what was noted since the last time."""
        self._names, self._lines = {}, {}

    def tell(self, view: View) -> None:
        """Write into a view what the application received since the last time, and what it set in vain.

        What came out under its name, and does more than delete, was not kept back.
        """
        view.received = self.take()
        lines, self._lines = self._lines, {}
        if view.status is None:  # it is not known what came out
            return
        out = {found.line.name for found in view.sightings if not found.line.deletes}
        host = urlsplit(view.url).hostname or ""
        view.kept_back = [
            Sighting(line=line, host=host, setter=KEPT_BACK, answer=None)
            for name, line in lines.items()
            if name not in out
        ]


@contextmanager
def watching(app: object, now: Callable[[], float] = time.time) -> Iterator[Spy | None]:
    """Put a spy into an application, and take it out again.

    Args:
        app: The application in this process; the stack of its middleware must have been built, as
            the first request does.
        now: Gives POSIX seconds.

    Returns:
        The spy; `None` where there is no middleware of ours to put it behind.
    """
    door = door_in(app)
    if door is None:
        yield None
        return
    spy, watched = Spy(now), door.app
    # The doors differ in this alone: what is awaited speaks ASGI.
    speaks_asgi = inspect.iscoroutinefunction(type(door).__call__)
    door.app = _asgi(watched, spy) if speaks_asgi else _wsgi(watched, spy)
    try:
        yield spy
    finally:
        door.app = watched


def _wsgi(app: Callable[..., Any], spy: Spy) -> Callable[..., Any]:
    def call(environ: dict[str, Any], start_response: Callable[..., Any]) -> object:
        header = str(environ.get("HTTP_COOKIE", "")).encode("latin-1", "replace")
        spy.note(header)

        def start(status: str, headers: object, *rest: object, **named: object) -> object:
            if isinstance(headers, list):
                _note_lines(spy, headers)
            return start_response(status, headers, *rest, **named)

        return app(environ, start)

    return call


def _asgi(app: Callable[..., Awaitable[None]], spy: Spy) -> Callable[..., Any]:
    async def call(
        scope: dict[str, Any], receive: object, send: Callable[[object], Awaitable[None]]
    ) -> None:
        for name, value in scope.get("headers") or ():
            if bytes(name).lower() == b"cookie":
                spy.note(bytes(value))

        async def told(message: object) -> None:
            await send(_noted(spy, message))

        await app(scope, receive, told)

    return call


def _noted(spy: Spy, message: object) -> object:
    """Note the lines of an answer's beginning; return it, with fields that can be read once more."""
    if not isinstance(message, Mapping) or message.get("type") != "http.response.start":
        return message
    fields = message.get("headers", ())
    if not isinstance(fields, Iterable):  # for the middleware to complain of
        return message
    headers = [*fields]
    _note_lines(spy, headers)
    return {**message, "headers": headers}


def _note_lines(spy: Spy, headers: list[Any]) -> None:
    with suppress(TypeError, ValueError, AttributeError):  # those too
        for name, value in headers:
            if _octets(name).lower() == b"set-cookie":
                spy.note_set(_octets(value))


def _octets(text: str | bytes) -> bytes:
    return text.encode("latin-1", "replace") if isinstance(text, str) else bytes(text)
