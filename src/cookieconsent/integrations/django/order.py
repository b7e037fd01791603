"""Where the middleware may stand in `MIDDLEWARE`, among those of Django whose place matters.

May not enter: words for developers (`checks`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.conf import settings
from django.utils.module_loading import import_string

OWN: Final = "cookieconsent.integrations.django.middleware.CookieConsentMiddleware"
DOORS: Final = frozenset(
    f"cookieconsent.middleware.{door}.CookieConsentMiddleware" for door in ("asgi", "wsgi")
)
"""The middleware around whole applications, which cannot stand in the list."""
_LOCALE: Final = "django.middleware.locale.LocaleMiddleware"

OUTSIDE: Final = {
    "django.middleware.security.SecurityMiddleware": "so that it redirects to https before the "
    "banner's form is answered, and puts its headers on our pages",
    "django.middleware.gzip.GZipMiddleware": "so that pages are compressed with the banner in them",
    "django.middleware.cache.UpdateCacheMiddleware": "so that pages are kept with the Vary header "
    "that says on what they depend",
}
"""What must come before it in the list, and why."""

INSIDE: Final = {
    "django.contrib.sessions.middleware.SessionMiddleware": "so that its cookie is seen",
    _LOCALE: "so that it reads no cookie that needs a yes, and its language is that of the banner",
    "django.middleware.csrf.CsrfViewMiddleware": "so that its cookie is seen",
    "django.contrib.auth.middleware.AuthenticationMiddleware": "so that it gets the session",
    "django.contrib.messages.middleware.MessageMiddleware": "so that its cookie is seen",
    "django.contrib.flatpages.middleware.FlatpageFallbackMiddleware": "so that its pages get the "
    "banner",
    "django.middleware.csp.ContentSecurityPolicyMiddleware": "so that the banner is written as the "
    "page's policy allows",
    "django.middleware.cache.FetchFromCacheMiddleware": "so that nobody is given a page by a cookie "
    "that needs a yes",
}
"""What must come after it in the list, and why."""


def kinds(path: str) -> frozenset[str]:
    """Return the dotted names of a middleware and of the classes it is made from.

    They are compared by name, since some may only be imported with their application installed.
    """
    if path in {OWN, *OUTSIDE, *INSIDE}:
        return frozenset({path})
    try:
        found = import_string(path)
    except Exception:  # noqa: BLE001 - somebody else's module may raise anything; Django refuses it
        return frozenset({path})
    classes = found.__mro__ if isinstance(found, type) else ()
    return frozenset({path, *(f"{cls.__module__}.{cls.__qualname__}" for cls in classes)})


def places(middleware: Sequence[str]) -> list[int]:
    """Return at which places of the list our middleware stands."""
    return [place for place, path in enumerate(middleware) if OWN in kinds(path)]


def has_locale_middleware() -> bool:
    """Tell whether Django chooses a language for each request."""
    return any(_LOCALE in kinds(path) for path in settings.MIDDLEWARE)
