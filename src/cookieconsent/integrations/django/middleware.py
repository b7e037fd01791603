"""The one entry in `MIDDLEWARE`, for Django's synchronous and asynchronous handlers alike.

May not enter: rules; how Django's objects are read and written (`request`, `response`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils import translation

from cookieconsent.engine.consent import Consent
from cookieconsent.engine.routes import reply, wants_body
from cookieconsent.errors import ConfigError
from cookieconsent.integrations.django.exchange import DjangoExchange
from cookieconsent.integrations.django.layout import asked_by
from cookieconsent.integrations.django.order import has_locale_middleware
from cookieconsent.integrations.django.request import hand_back, hand_in, outer_state, read_body
from cookieconsent.integrations.django.response import (
    mark,
    pass_async_stream,
    pass_head,
    pass_stream,
    pass_whole,
    reply_as_response,
    write_in_octets,
)
from cookieconsent.integrations.django.site import said_of, site_config

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

_APP: Final = "cookieconsent.integrations.django"


class CookieConsentMiddleware:
    """Asks before a Django project tracks.

    Args:
        get_response: The rest of the project, as Django hands it over.

    Raises:
        ImproperlyConfigured: The setting `COOKIECONSENT` is missing or does not hold.
    """

    sync_capable: bool = True
    async_capable: bool = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        if not apps.is_installed(_APP):  # its checks would have said so
            raise ImproperlyConfigured(
                f"{_APP!r} is not in INSTALLED_APPS: add it; checks, template tags and templates come "
                "with it."
            )
        try:
            self.consent: Consent = Consent(site_config())
        except ConfigError as error:
            message = f"{said_of(error)} {error.fix}"
            raise ImproperlyConfigured(message) from error
        self._negotiates: bool = has_locale_middleware()
        self._is_async: bool = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """Handle one request."""
        return self._respond_async(request) if self._is_async else self._respond(request)

    def _respond(self, request: HttpRequest) -> HttpResponseBase:
        exchange = self._begin(request)
        if exchange is None:
            return self.get_response(request)
        if exchange.route is not None:
            return self._answer(exchange, request)
        before = hand_in(request, exchange)
        response = self.get_response(request)
        exchange.follow_language()
        pass_head(exchange, response)
        if exchange.insertion is not None and response.streaming:
            pass_stream(exchange, response)
        return _end(exchange, request, response, before)

    async def _respond_async(self, request: HttpRequest) -> HttpResponseBase:
        exchange = self._begin(request)
        if exchange is None:
            return await self.get_response(request)
        if exchange.route is not None:
            # The template and the hooks of the project may want its database.
            return await sync_to_async(self._answer)(exchange, request)
        before = hand_in(request, exchange)
        response = await self.get_response(request)
        exchange.follow_language()
        pass_head(exchange, response)
        if exchange.insertion is not None and response.streaming:
            await pass_async_stream(exchange, response)
        return _end(exchange, request, response, before)

    def _begin(self, request: HttpRequest) -> DjangoExchange | None:
        """Return the exchange of a request; `None` where a middleware further out has it."""
        state = outer_state(request, self.consent)
        if state is not None:
            request.cookieconsent = state
            return None
        exchange = DjangoExchange(self.consent, request, negotiates=self._negotiates)
        if hasattr(request, "session"):
            exchange.warn_of_outer_session()
        return exchange

    def _answer(self, exchange: DjangoExchange, request: HttpRequest) -> HttpResponseBase:
        """Answer a request for one of our own pages, in the language the project would speak."""
        body = read_body(request) if wants_body(exchange) else b""
        before = hand_in(request, exchange)
        # Not what is active: that may be the language of whoever had this thread before.
        language = settings.LANGUAGE_CODE
        if self._negotiates:  # further in, where this request does not go
            language = translation.get_language_from_request(request)
        with translation.override(language), asked_by(request):
            response = reply_as_response(reply(exchange, body))
        return _end(exchange, request, response, before)


def _end(
    exchange: DjangoExchange,
    request: HttpRequest,
    response: HttpResponseBase,
    before: dict[bytes, str],
) -> HttpResponseBase:
    """Return the response to the middleware further out, with the request they know."""
    if exchange.insertion is not None and not response.streaming:
        pass_whole(exchange, response)
    mark(exchange, response)
    if hasattr(request, "scope"):
        write_in_octets(response)
    exchange.settle_caches(response.headers.get("Cache-Control", ""))
    hand_back(request, before)
    return response
