"""System checks: what is wrong with the setting and with the place in `MIDDLEWARE`, field and fix.

May not enter: rules about fields; `Config` has those.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.core.checks import Error
from django.core.checks import Warning as CheckWarning

from cookieconsent.engine.config import Config
from cookieconsent.engine.consent import Consent
from cookieconsent.engine.treatment import lost_cookies
from cookieconsent.errors import (
    ConfigError,
    ContradictionError,
    DeclarationWarning,
    UnknownFieldError,
)
from cookieconsent.integrations.django.order import DOORS, INSIDE, OUTSIDE, OWN, kinds, places
from cookieconsent.integrations.django.site import SETTING, said_of, site_config

if TYPE_CHECKING:
    from django.core.checks import CheckMessage

_CSRF: Final = "django.middleware.csrf.CsrfViewMiddleware"
_SESSION: Final = "django.contrib.sessions.middleware.SessionMiddleware"
_SECRETS: Final = frozenset({"secret_key", "secret_keys", SETTING})


# --- the place --------------------------------------------------------------------------------------


def check_middleware(**_: object) -> list[CheckMessage]:
    """Return what is wrong with the place of the middleware."""
    middleware = list(settings.MIDDLEWARE)
    doors = [path for path in middleware if DOORS & kinds(path)]
    if doors:
        return [_is_door(path) for path in doors]
    own = places(middleware)
    if not own:
        return [
            Error(
                "The cookie consent middleware is not in MIDDLEWARE, so nothing is filtered.",
                hint=f"Add {OWN!r} below SecurityMiddleware. Where wsgi.py or asgi.py wraps the "
                "application instead, add 'cookieconsent.E001' to SILENCED_SYSTEM_CHECKS.",
                id="cookieconsent.E001",
            )
        ]
    if len(own) > 1:
        return [
            Error(
                f"The cookie consent middleware is in MIDDLEWARE {len(own)} times.",
                hint="Keep one of them.",
                id="cookieconsent.E002",
            )
        ]
    return [*_must_be_above(middleware[own[0] :]), *_must_be_below(middleware[: own[0]])]


def _is_door(path: str) -> CheckMessage:
    return Error(
        f"{path} is in MIDDLEWARE, and it goes around whole applications.",
        hint=f"Write {OWN!r} in its place; or take it away, and wrap the application in wsgi.py or "
        "asgi.py.",
        id="cookieconsent.E010",
    )


def _must_be_above(behind: Sequence[str]) -> list[CheckMessage]:
    return [
        Error(
            f"{path} is below the cookie consent middleware in MIDDLEWARE.",
            hint=f"Move it above, {OUTSIDE[kind]}.",
            id="cookieconsent.E003",
        )
        for path in behind
        for kind in OUTSIDE
        if kind in kinds(path)
    ]


def _must_be_below(before: Sequence[str]) -> list[CheckMessage]:
    return [
        Error(
            f"{path} is above the cookie consent middleware in MIDDLEWARE.",
            hint=f"Move it below, {INSIDE[kind]}.",
            id="cookieconsent.E004",
        )
        for path in before
        for kind in INSIDE
        if kind in kinds(path)
    ]


# --- the setting ------------------------------------------------------------------------------------


def check_setting(**_: object) -> list[CheckMessage]:
    """Return what is wrong with the setting `COOKIECONSENT`."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", DeclarationWarning)
        try:
            config = site_config()
            Consent(config)
        except ConfigError as error:
            return [_refused(error)]
    found = [CheckWarning(f"{SETTING}: {w.message}", id="cookieconsent.W001") for w in said]
    return [*found, *_lost_cookies(config)]


def _refused(error: ConfigError) -> CheckMessage:
    return Error(said_of(error), hint=error.fix, id=_id(error))


def _id(error: ConfigError) -> str:
    if isinstance(error, UnknownFieldError):
        return "cookieconsent.E006"
    if isinstance(error, ContradictionError):
        return "cookieconsent.E007"
    return "cookieconsent.E005" if error.field in _SECRETS else "cookieconsent.E008"


def _lost_cookies(config: Config) -> list[CheckMessage]:
    """Return an error for each cookie without which nobody could log in or send a form."""
    needed = _needed_cookies()
    lost = lost_cookies(config, [name for _, name in needed])
    return [
        Error(
            f"{setting} is {name!r}, a cookie that would be removed: {lost[name].reason}.",
            hint=f'Declare it: {SETTING} = {{..., "cookies": [{{"name": {name!r}, '
            '"cls": "authentication"}]}.'
            if lost[name].can_be_declared
            else "Give it another name.",
            id="cookieconsent.E009",
        )
        for setting, name in needed
        if name in lost
    ]


def _needed_cookies() -> list[tuple[str, str]]:
    used = {kind for path in settings.MIDDLEWARE for kind in kinds(path)}
    needed = []
    if _SESSION in used:
        needed.append(("SESSION_COOKIE_NAME", settings.SESSION_COOKIE_NAME))
    if _CSRF in used and not settings.CSRF_USE_SESSIONS:
        needed.append(("CSRF_COOKIE_NAME", settings.CSRF_COOKIE_NAME))
    return needed
