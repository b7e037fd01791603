"""Pyramid: `config.include("cookieconsent.integrations.pyramid")`, settings, `request.cookieconsent`.

A tween sees neither what other tweens outside of it answer nor, from below the exception views, the
pages they make. So the door goes around the execution policy, through which every request of the
router passes, whatever policy the site has chosen; the policy's answer is all that the server gets.
May not enter: rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from copy import copy
from dataclasses import fields
from functools import partial
from typing import Any, Final

try:
    from pyramid.config import Configurator
    from pyramid.events import ApplicationCreated, BeforeRender, NewResponse
    from pyramid.exceptions import ConfigurationError
    from pyramid.interfaces import ILocaleNegotiator, ITranslationDirectories
    from pyramid.request import Request
    from pyramid.settings import aslist, aslist_cronly, falsey, truthy
except ImportError:
    raise ImportError(
        "cookieconsent.integrations.pyramid needs Pyramid: pip install 'cookieconsent[pyramid]'"
    ) from None

from cookieconsent.engine.config import Config
from cookieconsent.engine.settings import config_from_settings
from cookieconsent.engine.state import ConsentState, consent_of
from cookieconsent.errors import ConfigError, NotInstalledError
from cookieconsent.middleware.environ import Environ
from cookieconsent.middleware.wsgi import CookieConsentMiddleware, StartResponse, WSGIApp

PREFIX: Final = "cookieconsent."
NAME: Final = "cookieconsent"
"""What the state is called on requests; templates have it as `consent`."""

_WORDS: Final = frozenset({"domains", "trusted_origins"})
_LINES: Final = frozenset({"secret_keys", "translations"})
_CODE: Final = frozenset({"config", "layout", "on_choice", "on_outcome", "clock"})
_TABLES: Final = frozenset({"cookies", "classes", "theme", "csp_hosts", "texts"})
_SWITCHES: Final = frozenset(spec.name for spec in fields(Config) if spec.type == "bool")


def includeme(config: Configurator) -> None:
    """Put the middleware around the application that is being configured; Pyramid calls this.

    Settings are the fields of `Config`, such as `cookieconsent.secret_key`; with them may stand
    `cookieconsent.toml`, a file over which they win; or alone `cookieconsent.config`, a `Config` or
    its dotted name.

    Raises:
        ConfigurationError: A setting does not hold.
    """
    try:
        door = CookieConsentMiddleware(_unmade, _config_from(config))
    except ConfigError as error:
        if error.file is None and not error.field.startswith(PREFIX):
            error.field = PREFIX + error.field
        raise ConfigurationError(str(error)) from error
    config.add_request_method(partial(_state, site=door.consent.config), NAME, reify=True)
    config.add_subscriber(partial(_wrap, door=door), ApplicationCreated)
    config.add_subscriber(_give_templates, BeforeRender)
    config.add_subscriber(_tell_language, NewResponse)


# --- settings -------------------------------------------------------------------------------------


def _config_from(config: Configurator) -> Config:
    settings = {
        name: _read(config, name, value)
        for name, value in config.registry.settings.items()
        if name.startswith(PREFIX)
    }
    return config_from_settings(settings, "", prefix=PREFIX)


def _read(config: Configurator, name: str, value: object) -> object:
    """Return a setting as what it means: settings of an .ini file are all text."""
    if not isinstance(value, str):
        return value
    field = name.removeprefix(PREFIX)
    if field in _SWITCHES:
        return _switch(name, value)
    if field in _WORDS:
        return aslist(value)
    if field in _LINES:
        return aslist_cronly(value)
    if field in _CODE:
        return _dotted(config, name, value)
    if field in _TABLES:
        raise ConfigError(
            name,
            "it is a table, which a setting of text cannot hold",
            f"Write it into a TOML file, and name that: {PREFIX}toml = %(here)s/cookieconsent.toml",
        )
    return value


def _switch(name: str, value: str) -> bool:
    """Return yes or no; `asbool` would take every word that it does not know for a no."""
    word = value.strip().lower()
    if word not in truthy and word not in falsey:
        raise ConfigError(name, f"{value!r} is neither yes nor no", "Write true or false")
    return word in truthy


def _dotted(config: Configurator, name: str, value: str) -> object:
    try:
        return config.maybe_dotted(value)
    except (ImportError, ValueError) as error:
        fix = "Write the dotted name of something that can be imported, such as shop.consent.config"
        raise ConfigError(name, f"{value!r} cannot be imported ({error})", fix) from error


# --- requests -------------------------------------------------------------------------------------


def _unmade(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Stand for the application, which is made later."""
    raise NotImplementedError


def _wrap(event: Any, *, door: CookieConsentMiddleware) -> None:  # noqa: ANN401 - it has no types
    """Put the door around the execution policy of a router that has just been made."""
    router = event.app
    policy: Callable[..., WSGIApp] = router.execution_policy

    def inside(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        return policy(environ, router)(environ, start_response)

    own = copy(door)  # a configurator may make several applications
    own.app = inside
    router.execution_policy = _Covered(own)


class _Covered:
    """The execution policy of a router that the door goes around."""

    def __init__(self, door: CookieConsentMiddleware) -> None:
        self.app = door

    def __call__(self, _environ: Environ, _router: object) -> WSGIApp:
        # What a policy returns is called with environ and start_response, and so is the door.
        return self.app


def _state(request: Request, *, site: Config) -> ConsentState:
    """Return the consent state of a request; it speaks the language that the site has chosen.

    Raises:
        NotInstalledError: The request did not pass through the application as a server calls it.
    """
    state = consent_of(request)
    if site.locale is None and _translates(request.registry):
        state.locale = request.locale_name
    return state


def _translates(registry: Any) -> bool:  # noqa: ANN401 - as above
    """Tell whether a site chooses languages; one that does not says `en` to everybody."""
    chosen = (ILocaleNegotiator, ITranslationDirectories)
    return any(registry.queryUtility(interface) is not None for interface in chosen)


def _give_templates(event: Any) -> None:  # noqa: ANN401 - as above
    """Give renderers `consent`, where there is a request that has it and nothing else of the name."""
    request = event.get("request")
    if request is None or "consent" in event:
        return
    # One made by hand has none: only a template that asks will fail.
    with suppress(AttributeError, NotInstalledError):
        event["consent"] = request.cookieconsent


def _tell_language(event: Any) -> None:  # noqa: ANN401 - as above
    """Let the banner speak the site's language, also where no view has asked for the state."""
    if _translates(event.request.registry):
        with suppress(NotInstalledError):  # a request made by hand
            _ = event.request.cookieconsent
