"""From what a site hands to a middleware to the object the middleware works with.

May not enter: defaults; those stand in `Config`.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from cookieconsent.core.protocol import ARGUMENTS, Door, takes
from cookieconsent.engine.config import Config
from cookieconsent.engine.consent import Consent
from cookieconsent.errors import ConfigError, ContradictionError

_OTHER: Final[Mapping[Door, Door]] = {"ASGI": "WSGI", "WSGI": "ASGI"}
_MAX_LAYERS: Final = 64


def consent_from(
    app: object, door: Door, config: Config | None, options: Mapping[str, Any]
) -> Consent:
    """Return the rules of a site.

    Args:
        app: The application, which is looked at, not kept.
        door: The protocol in which the middleware will call it.
        config: A configuration, or `None` where `options` are its fields.
        options: `Config` fields by name.

    Raises:
        ContradictionError: Both are given.
        ConfigError: A field is unknown or does not fit, the application speaks the other
            protocol, or it is only a part of one.
    """
    _check_application(app, door)
    _check_place(app, bare=config is None and not options)
    if config is not None and options:
        listed = ", ".join(sorted(options))
        raise ContradictionError(
            "config",
            "config",
            listed,
            "a setting would stand in two places",
            f"Move {listed} into Config(...)",
        )
    if config is None:
        config = Config.from_mapping(options)
    if not isinstance(config, Config):
        # Not its value: it may be the secret, given without its name.
        raise ConfigError(
            "config",
            f"a {type(config).__name__} is no Config",
            "Build one with Config(...), or give the fields by name: secret_key=...",
        )
    return Consent(config)


def config_from_fields(given: Mapping[str, Any]) -> Config:
    """Return the configuration that a mapping of a site's own holds, such as a setting of Django's.

    Args:
        given: `Config` fields by name; beside them `toml`, a file over which they win.

    Raises:
        ConfigError: A field is unknown or does not fit, or the file cannot be taken.
    """
    values = dict(given)
    file = values.pop("toml", None)
    if file is None:
        return Config.from_mapping(values)
    if not isinstance(file, str | Path):
        raise ConfigError("toml", f"{file!r} is no path", "Name a TOML file")
    try:
        return Config.from_toml(file, **values)
    except ConfigError as error:
        if error.field == "from_toml":
            error.field = "toml"
        raise


def _check_application(app: object, door: Door) -> None:
    """Refuse what can never be called through this door; the first request would only show it."""
    # Types alone are named, never values: one may be a secret, given in the wrong place.
    if not callable(app):
        raise ConfigError(
            "app",
            f"a {type(app).__name__} is no application",
            "Give the application first: CookieConsentMiddleware(app, ...)",
        )
    other = _OTHER[door]
    if takes(app, ARGUMENTS[door]) is False and takes(app, ARGUMENTS[other]):
        name = getattr(app, "__qualname__", type(app).__name__)
        raise ConfigError(
            "app",
            f"{name} takes {ARGUMENTS[other]} arguments, as {other} applications do, and this is "
            f"the middleware for {door}",
            f"Import CookieConsentMiddleware from cookieconsent.middleware.{other.lower()}",
        )


def _check_place(app: object, *, bare: bool) -> None:
    """Refuse a framework's own list, where it hands over less than an application."""
    if bare and takes(app, 1) and not any(takes(app, count) for count in ARGUMENTS.values()):
        raise ConfigError(
            "app",
            "it takes 1 argument, as Django's get_response does, and this is the middleware around "
            "whole applications",
            "In MIDDLEWARE write 'cookieconsent.integrations.django.middleware."
            "CookieConsentMiddleware'",
        )
    if _is_litestar_route(app):
        raise ConfigError(
            "app",
            "Litestar's list of middleware goes around each route, so nothing would answer at the "
            "path of the preferences page",
            "Write Litestar(..., plugins=[CookieConsentPlugin(...)]), which is in "
            "cookieconsent.integrations.litestar",
        )


def _is_litestar_route(app: object) -> bool:
    """Tell whether the innermost layer is a route of Litestar's; known by name, never imported."""
    owner: object = None
    with suppress(Exception):  # whatever looking at somebody else's object may raise
        for _ in range(_MAX_LAYERS):
            owner = getattr(app, "__self__", None)
            app = app.app  # type: ignore[attr-defined] # ends where there is none
    return type(owner).__module__.startswith("litestar.routes.")
