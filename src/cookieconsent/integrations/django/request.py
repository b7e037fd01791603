"""Django's request: what the engine reads of it, and what the views get instead.

May not enter: responses, rules.
"""

from __future__ import annotations

import weakref
from functools import cache
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.conf.urls.i18n import is_language_prefix_patterns_used
from django.http import UnreadablePostError
from django.utils.translation import get_language, get_language_from_request

from cookieconsent.core.headers import index, replace
from cookieconsent.engine.consent import Consent
from cookieconsent.engine.exchange import Exchange
from cookieconsent.engine.state import ENVIRON_KEY, ConsentState, consent_of, is_covered
from cookieconsent.engine.submission import MAX_BODY_OCTETS
from cookieconsent.errors import NotInstalledError
from cookieconsent.middleware.environ import KEYS, cookie_lines, fields_of, filtered, header

if TYPE_CHECKING:
    from django.http import HttpRequest

# Django's caches, per site and per view, ask the request whether its answer may be kept.
_MAY_KEEP: Final = "_cache_update_cache"


_WANTED: Final = "_cookieconsent_may_keep"


class _KeptOut:
    """A request whose answer no cache further in may keep, whatever it decides later."""


@cache
def _kept_out_kind(kind: type[HttpRequest]) -> type[HttpRequest]:
    """Return a class of requests like another one, of which caches are told no."""

    def want(request: HttpRequest, value: object) -> None:
        vars(request)[_WANTED] = value

    namespace = {_MAY_KEEP: property(lambda _request: False, want)}
    return type(kind.__name__, (kind, _KeptOut), namespace)


class DjangoExchange(Exchange):
    """An exchange that knows Django's active language and Django's caches.

    Args:
        consent: The site's rules.
        request: The request as it came.
        negotiates: Whether the project has `LocaleMiddleware`.
    """

    _kept_out: bool = False

    def __init__(self, consent: Consent, request: HttpRequest, *, negotiates: bool = False) -> None:
        self._negotiates_here = negotiates
        self._language_before = get_language()  # that of whoever had this thread before, perhaps
        self._request = weakref.ref(request)  # which refers to this by way of the consent state
        environ = request.META
        super().__init__(
            consent,
            request.method or "GET",
            request.scheme or "http",
            request.META.get("SCRIPT_NAME", ""),
            request.path_info,
            header(environ, "QUERY_STRING")[0] or b"",
            fields_of(environ),
            cookie_lines(environ),
        )

    @property
    def locale(self) -> str:
        """The language of our markup: the application's word, then Django's active language."""
        return self._locale or self.active_language or super().locale

    @property
    def active_language(self) -> str | None:
        """The language that Django speaks just now; `None` where it is none of ours to follow."""
        if not settings.USE_I18N or self.consent.locale is not None:
            return None
        language, request = get_language(), self._request()
        if language == self._language_before and self._negotiates_here and request is not None:
            # The answer may have been made before `LocaleMiddleware` had its turn.
            used, _ = is_language_prefix_patterns_used(settings.ROOT_URLCONF)
            language = get_language_from_request(request, check_path=used)
        return self.consent.languages.find(language or "")

    def follow_language(self) -> None:
        """Keep to the language that Django spoke in the view, whatever it speaks later."""
        if self._locale is None and self.active_language is not None:
            self.set_locale(self.active_language)

    def mark_asked(self) -> None:
        """Note that the response depends on the visitor's answer: no view's cache may keep it.

        `cache_page` looks before this middleware has said `Vary: Cookie`.
        """
        super().mark_asked()
        request = self._request()
        if request is None or isinstance(request, _KeptOut):
            return
        if getattr(request, _MAY_KEEP, False):
            setattr(request, _MAY_KEEP, False)
            self._kept_out = True
        elif not hasattr(request, _MAY_KEEP):
            # A cache further in has not looked yet, and would ask the request afterwards.
            request.__class__ = _kept_out_kind(type(request))  # type: ignore[arg-type] # untyped Django

    def settle_cache(self, cache_control: str) -> None:
        """Tell the cache of the whole site, which is further out, whether it may keep the answer.

        Args:
            cache_control: The field of the response that goes out. It says `no-store` where an answer
                is for one visitor alone, at which not every version of Django looks.
        """
        request = self._request()
        if request is None:
            return
        if isinstance(request, _KeptOut):
            request.__class__ = type(request).__mro__[1]
            if vars(request).pop(_WANTED, False):
                self._kept_out = True
        if "no-store" in cache_control:
            setattr(request, _MAY_KEEP, False)
        elif self._kept_out:  # `Vary` says now what it depends on
            setattr(request, _MAY_KEEP, True)


def outer_state(request: HttpRequest, consent: Consent) -> ConsentState | None:
    """Return the state of a middleware further out that does already what this one would."""
    try:
        state = consent_of(request)
    except NotInstalledError:
        return None
    return state if is_covered(state, consent) else None


def hand_in(request: HttpRequest, exchange: Exchange) -> dict[bytes, str]:
    """Give a request its consent state and take away what views may not see.

    Returns:
        What the other fields that were changed said before.
    """
    before = {name: request.META.get(KEYS[name], "") for name in exchange.request_changes}
    before.pop(b"cookie", None)
    _write(request, filtered(request.META, exchange))
    request.__dict__.pop("COOKIES", None)
    scope = getattr(request, "scope", None)
    if scope is not None and exchange.request_changes:
        headers, fields, _ = index(scope.get("headers") or ())
        changed = replace(headers, fields, exchange.request_changes)
        request.scope = {**scope, "headers": changed}
    request.cookieconsent = request.META[ENVIRON_KEY]
    # Views have no use for it, and Django's caches ask whether a request came without cookies.
    request.COOKIES.pop(exchange.consent.config.cookie_name, None)
    return before


def hand_back(request: HttpRequest, before: dict[bytes, str]) -> None:
    """Give a request its fields back, for the middleware further out; cookies stay away."""
    if before:
        restored = {KEYS[name]: value for name, value in before.items()}
        _write(request, {**request.META, **restored})


def _write(request: HttpRequest, environ: dict[str, object]) -> None:
    request.META = environ
    if hasattr(request, "environ"):
        request.environ = environ
    request.__dict__.pop("headers", None)  # what Django has read of them so far


def read_body(request: HttpRequest) -> bytes | None:
    """Read a body up to the limit; `None` where it is larger."""
    parts: list[bytes] = []
    left = MAX_BODY_OCTETS + 1
    while left > 0:
        try:
            part: bytes = request.read(left)
        except UnreadablePostError:  # the client is gone
            return b""
        if not part:
            return b"".join(parts)
        parts.append(part)
        left -= len(part)
    return None
