"""The language that Django speaks while it answers, which our markup follows.

May not enter: words, and what a site or a view says of our language; the engine asks those first.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

from django.conf import settings
from django.conf.urls.i18n import is_language_prefix_patterns_used
from django.utils.translation import get_language, get_language_from_request

from cookieconsent.engine.consent import Consent

if TYPE_CHECKING:
    from django.http import HttpRequest


class ActiveLanguage:
    """Django's active language, seen from one request.

    Args:
        consent: The site's rules.
        request: The request as it came.
        negotiates: Whether the project has `LocaleMiddleware`.
    """

    def __init__(
        self, consent: Consent, request: weakref.ref[HttpRequest], *, negotiates: bool
    ) -> None:
        self._consent = consent
        self._request = request
        self._negotiates = negotiates
        self._before = get_language()  # that of whoever had this thread before, perhaps

    def find(self) -> str | None:
        """Return the language of now; `None` where it is none of ours to follow."""
        if not settings.USE_I18N or self._consent.locale is not None:
            return None
        language, request = get_language(), self._request()
        if language == self._before and self._negotiates and request is not None:
            # The answer may have been made before `LocaleMiddleware` had its turn.
            used, _ = is_language_prefix_patterns_used(settings.ROOT_URLCONF)
            language = get_language_from_request(request, check_path=used)
        return self._consent.languages.find(language or "")
