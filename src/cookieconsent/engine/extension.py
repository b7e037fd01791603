"""An extension with `init_app`, as Flask and its likes have them: what it refuses, and when.

Everything is looked at before anything of the application is changed, so that a refusal leaves it as
it was. May not enter: frameworks, rules, what a setting means.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol, TypeVar

from cookieconsent.engine.config import Config
from cookieconsent.engine.settings import config_from_settings, naming_settings
from cookieconsent.engine.state import ConsentState, consent_of
from cookieconsent.engine.treatment import lost_cookies
from cookieconsent.errors import ConfigError, NotInstalledError

EXTENSION: Final = "cookieconsent"
"""Under which name an application has the extension."""
_HOMES: Final = {
    "quart": "integrations.quart.CookieConsent",
    "flask": "integrations.flask.CookieConsent",
    "fastapi": "integrations.starlette.install",
    "starlette": "integrations.starlette.install",
    "litestar": "integrations.litestar.CookieConsentPlugin",
    "django": "integrations.django",
}
"""By the package that an application comes from, the more special one first: what it needs of ours."""
NO_REQUEST: Final = (
    "current_consent is what one visitor said, and there is no request here: ask it in a view or a "
    "template; a generator or task that runs later must be handed what it needs, or keep the request "
    "(stream_with_context)"
)

_Door = TypeVar("_Door")


class Application(Protocol):
    """What is asked of an application."""

    @property
    def name(self) -> str:
        """What it is called."""
        ...

    @property
    def config(self) -> Mapping[str, Any]:
        """All its settings."""
        ...

    @property
    def root_path(self) -> str:
        """Its folder."""
        ...

    @property
    def extensions(self) -> Mapping[str, Any]:
        """Those it has, by name."""
        ...


def door_for(
    app: Application, kind: type, make: Callable[[Config], _Door], *, needed: Sequence[str] = ()
) -> tuple[_Door, Config]:
    """Return the door that goes around an application, and its configuration.

    Args:
        app: The application.
        kind: What it must be.
        make: Makes the door.
        needed: Settings that name cookies without which nobody could log in.

    Raises:
        ConfigError: A setting is unknown or does not fit, or the application is another kind or has
            the extension.
    """
    _check_kind(app, kind)
    if EXTENSION in app.extensions:
        raise ConfigError(
            "init_app",
            f"{app.name} has CookieConsent already",
            "Give it the application once: CookieConsent(app), or init_app(app) in a factory",
        )
    with naming_settings(app.config):
        config = config_from_settings(app.config, app.root_path)
        door = make(config)
    _check_needed(config, app.config, needed)
    return door, config


def state_of_request(request: object) -> ConsentState:
    """Return the consent state of a request that must have passed the extension.

    Raises:
        NotInstalledError: It has not.
    """
    try:
        return consent_of(request)
    except NotInstalledError:
        raise NotInstalledError(
            "this request did not pass CookieConsent: give the application to CookieConsent(app) or "
            "init_app(app), and in tests send requests by app.test_client()"
        ) from None


def _check_kind(app: object, kind: type) -> None:
    """Refuse what is no such application, and name the module for what it is."""
    if isinstance(app, kind):
        return
    bases = {base.__module__.partition(".")[0] for base in type(app).__mro__}
    home = next((home for home in _HOMES if home in bases), None)
    fix = f"Give it the application: CookieConsent(app), with app = {kind.__name__}(...)"
    if home is not None and home != kind.__module__.partition(".")[0] and callable(app):
        fix = f"Use cookieconsent.{_HOMES[home]}, which is made for it"
    # Its type alone: the value may be the secret, given in the wrong place.
    raise ConfigError("app", f"a {type(app).__name__} is no {kind.__name__} application", fix)


def _check_needed(config: Config, settings: Mapping[str, Any], needed: Sequence[str]) -> None:
    named = {name: settings[name] for name in needed if isinstance(settings.get(name), str)}
    lost = lost_cookies(config, named.values())
    for setting, name in named.items():
        if name in lost:
            declared = f'Declare a cookie with name {name!r} and cls "authentication"'
            raise ConfigError(
                setting,
                f"{name!r} is a cookie that would be removed: {lost[name].reason}",
                declared if lost[name].can_be_declared else "Give it another name",
            )
