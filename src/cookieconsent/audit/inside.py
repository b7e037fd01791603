"""What the application itself receives: a spy between our middleware and the application, for a while.

Both doors keep the application in `.app`, and there the spy stands until the audit is over.
May not enter: values of cookies, judgements.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from cookieconsent.core.cookies import WHITE_SPACE
from cookieconsent.observation.lines import shown
from cookieconsent.testing.sites import door_in

_ICON: Final = "/favicon.ico"


class Spy:
    """Writes down the names of the cookies that reach the application."""

    def __init__(self) -> None:
        self._names: dict[str, None] = {}

    def note(self, path: str, header: bytes) -> None:
        """Note the names of a request's `Cookie` field.

        Browsers ask for the icon behind a page, and may do so after the visitor's next step.
        """
        if path.endswith(_ICON):
            return
        for pair in header.split(b";"):
            name, equals, _ = pair.partition(b"=")
            if pair.strip(WHITE_SPACE):
                self._names[shown(name.strip(WHITE_SPACE)) if equals else ""] = None

    def take(self) -> tuple[str, ...]:
        """Return the names since the last time."""
        names, self._names = tuple(self._names), {}
        return names


@contextmanager
def watching(app: object) -> Iterator[Spy | None]:
    """Put a spy into an application, and take it out again.

    Args:
        app: The application in this process; the stack of its middleware must have been built, as
            the first request does.

    Returns:
        The spy; `None` where there is no middleware of ours to put it behind.
    """
    door = door_in(app)
    if door is None:
        yield None
        return
    spy, watched = Spy(), door.app
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
        spy.note(str(environ.get("PATH_INFO", "")), header)
        return app(environ, start_response)

    return call


def _asgi(app: Callable[..., Awaitable[None]], spy: Spy) -> Callable[..., Any]:
    async def call(scope: dict[str, Any], receive: object, send: object) -> None:
        for name, value in scope.get("headers") or ():
            if bytes(name).lower() == b"cookie":
                spy.note(str(scope.get("path", "")), bytes(value))
        await app(scope, receive, send)

    return call
