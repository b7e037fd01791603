"""Starlette, and with it FastAPI: the door around everything, and `consent` in templates.

`app.add_middleware(CookieConsentMiddleware, ...)` needs nothing of this. `install` goes further out,
where the framework's own page for unhandled errors passes too, and refuses a wrong setting at once.
May not enter: rules, FastAPI.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

try:
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.requests import Request
    from starlette.types import ASGIApp
except ImportError:
    raise ImportError(
        "cookieconsent.integrations.starlette needs Starlette: "
        "pip install 'cookieconsent[starlette]'"
    ) from None

from cookieconsent.engine.config import Config
from cookieconsent.engine.state import consent_of
from cookieconsent.errors import ConfigError, NotInstalledError
from cookieconsent.middleware.asgi import CookieConsentMiddleware


def install(
    app: Starlette,
    config: Config | None = None,
    *,
    outside: Sequence[Middleware] = (),
    **options: object,
) -> None:
    """Put the middleware around all of an application, which stays the object it is.

    Error pages that the framework makes outside of every added middleware are covered too.

    Args:
        app: A Starlette or FastAPI application that has not started yet.
        config: The configuration; or its fields by name, not both.
        outside: What must be further out still, such as a compressor; the first is outermost.
        options: `Config` fields.

    Raises:
        ConfigError: The configuration does not hold, or the application cannot take it any more.
    """
    _check_application(app)
    door = CookieConsentMiddleware(app, config, **options)
    stack = _Stack(app.build_middleware_stack, door, outside)
    app.build_middleware_stack = stack  # type: ignore[method-assign]


class _Stack:
    """What an application calls to build its layers, when the first request or the start is told."""

    def __init__(
        self,
        build: Callable[[], ASGIApp],
        door: CookieConsentMiddleware,
        outside: Sequence[Middleware],
    ) -> None:
        self._build = build
        self._door = door
        self._outside = tuple(outside)

    def __call__(self) -> ASGIApp:
        self._door.app = self._build()
        stack: ASGIApp = self._door
        for cls, args, kwargs in reversed(self._outside):
            stack = cls(stack, *args, **kwargs)
        return stack


def consent_context(request: Request) -> dict[str, Any]:
    """Return `consent` for a template: a context processor of `Jinja2Templates`.

    Where a request did not pass through the middleware, `consent` is undefined, and only a template
    that asks it fails, with a `NotInstalledError`.
    """
    try:
        return {"consent": consent_of(request)}
    except NotInstalledError as error:
        # Whoever has templates has Jinja2; the others need none.
        from jinja2 import Undefined  # noqa: PLC0415

        return {"consent": Undefined(str(error), exc=NotInstalledError)}  # type: ignore[arg-type]


def _check_application(app: object) -> None:
    if not isinstance(app, Starlette):
        raise ConfigError(
            "app",
            f"a {type(app).__name__} is no Starlette application",
            "Give the Starlette or FastAPI object itself, before anything is wrapped around it",
        )
    if isinstance(app.build_middleware_stack, _Stack):
        raise ConfigError(
            "app", "it has the middleware already", "Call install once for each application"
        )
    if app.middleware_stack is not None:
        raise ConfigError(
            "app",
            "it has answered requests already, so nothing can be put around it any more",
            "Call install where the application is made",
        )
