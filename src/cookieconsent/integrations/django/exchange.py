"""An exchange that was made from one of Django's requests.

May not enter: which language Django speaks (`language`), what its caches may keep (`caches`).
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

from cookieconsent.engine.consent import Consent
from cookieconsent.engine.exchange import Exchange
from cookieconsent.integrations.django.caches import Caches
from cookieconsent.integrations.django.language import ActiveLanguage
from cookieconsent.middleware.environ import cookie_lines, fields_of, header

if TYPE_CHECKING:
    from django.http import HttpRequest


class DjangoExchange(Exchange):
    """An exchange that speaks Django's active language and keeps answers out of its caches.

    Args:
        consent: The site's rules.
        request: The request as it came.
        negotiates: Whether the project has `LocaleMiddleware`.
    """

    def __init__(self, consent: Consent, request: HttpRequest, *, negotiates: bool = False) -> None:
        # Weakly, since the request refers to this by way of the consent state.
        seen = weakref.ref(request)
        self._active = ActiveLanguage(consent, seen, negotiates=negotiates)
        self._caches = Caches(seen)
        environ = request.META
        super().__init__(
            consent,
            request.method or "GET",
            request.scheme or "http",
            environ.get("SCRIPT_NAME", ""),
            request.path_info,
            header(environ, "QUERY_STRING")[0] or b"",
            fields_of(environ),
            cookie_lines(environ),
        )

    @property
    def locale(self) -> str:
        """The language of our markup: the application's word, then Django's active language."""
        return self._locale or self._active.find() or super().locale

    def follow_language(self) -> None:
        """Keep to the language that Django spoke in the view, whatever it speaks later."""
        if self._locale is None:
            self.set_locale(self._active.find())

    def mark_asked(self) -> None:
        """Note that the response depends on the visitor's answer: no view's cache may keep it."""
        super().mark_asked()
        self._caches.keep_out()

    def settle_caches(self, cache_control: str) -> None:
        """Let the cache of the whole site keep an answer that says on what it depends."""
        self._caches.settle(cache_control)
