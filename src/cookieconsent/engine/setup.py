"""From what a site hands to a middleware to the object the middleware works with.

May not enter: defaults; those stand in `Config`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cookieconsent.core.protocol import ARGUMENTS, Door, takes
from cookieconsent.engine.config import Config
from cookieconsent.engine.consent import Consent
from cookieconsent.errors import ConfigError, ContradictionError

_OTHER: Final[Mapping[Door, Door]] = {"ASGI": "WSGI", "WSGI": "ASGI"}


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
        ConfigError: A field is unknown or does not fit, or the application speaks the other
            protocol.
    """
    _check_application(app, door)
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
