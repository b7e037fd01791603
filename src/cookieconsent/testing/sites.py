"""From what a test suite has at hand, an application or its configuration, to the site's rules.

May not enter: frameworks; an application is followed inwards by the names of its attributes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol, cast

from cookieconsent.engine.config import Config
from cookieconsent.engine.consent import Consent
from cookieconsent.engine.setup import config_from_fields
from cookieconsent.errors import NotInstalledError

# Where wrappers, frameworks and test clients keep what they wrap.
_INNER = (
    "app",
    "wsgi_app",
    "asgi_app",
    "asgi_handler",
    "execution_policy",
    "application",
    "middleware_stack",
    # Django's handlers and the layers in them: each wrapped, with the next one in it
    "handler",
    "_middleware_chain",
    "__wrapped__",
    "get_response",
)
_MAX_LAYERS = 64


def consent_behind(site: object) -> Consent:
    """Return the rules of a site.

    Args:
        site: A `Config`, or its fields by name as in Django's setting; a `ConsentStates`, a
            middleware, or an application that has one in it.

    Raises:
        ConfigError: A field does not fit.
        NotInstalledError: There is no middleware in it.
    """
    if isinstance(site, Mapping):
        site = config_from_fields(site)
    if isinstance(site, Config):
        return Consent(site)
    for layer in layers(site):
        consent = getattr(layer, "consent", None)
        if isinstance(consent, Consent):
            return consent
    message = (
        f"no CookieConsentMiddleware is found in this {type(site).__name__}: give the wrapped "
        "application, or the Config that it was made from, in Django settings.COOKIECONSENT"
    )
    raise NotInstalledError(message)


class Door(Protocol):
    """A middleware of ours, for whichever protocol."""

    app: Callable[..., Any]
    """The application behind it."""
    consent: Consent


def door_in(site: object) -> Door | None:
    """Return the outermost middleware of ours in an application; `None` where there is none."""
    for layer in layers(site):
        if isinstance(getattr(layer, "consent", None), Consent) and hasattr(layer, "app"):
            return cast("Door", layer)
    return None


def layers(site: object) -> Iterator[object]:
    """Yield an application and what it wraps, the outer layers first."""
    found = [site]
    for layer in found:  # grows on the way
        yield layer
        if len(found) < _MAX_LAYERS:
            inner = [getattr(layer, name, None) for name in _INNER]
            found += [thing for thing in inner if thing is not None]
            found += _plugins_of(layer)
            # Starlette puts its layers together with the first request.
            build = getattr(layer, "build_middleware_stack", None)
            if callable(build) and getattr(layer, "middleware_stack", None) is None:
                found.append(build())


def _plugins_of(layer: object) -> list[object]:
    """Return a framework's plugins: in Litestar's, the middleware waits until the start."""
    plugins = getattr(layer, "plugins", None)
    return [*plugins] if isinstance(plugins, Iterable) else []
