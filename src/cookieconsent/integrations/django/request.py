"""Django's request: what the views get in its place, and what the middleware further out gets back.

May not enter: responses, rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import UnreadablePostError

from cookieconsent.core.headers import index, replace
from cookieconsent.engine.consent import Consent
from cookieconsent.engine.exchange import Exchange
from cookieconsent.engine.state import (
    ENVIRON_KEY,
    SCOPE_KEY,
    ConsentState,
    consent_of,
    is_covered,
)
from cookieconsent.engine.submission import MAX_BODY_OCTETS
from cookieconsent.errors import NotInstalledError
from cookieconsent.middleware.environ import KEYS, filtered

if TYPE_CHECKING:
    from django.http import HttpRequest


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
    request.cookieconsent = state = request.META[ENVIRON_KEY]
    if scope is not None:
        headers, fields, _ = index(scope.get("headers") or ())
        changed = replace(headers, fields, exchange.request_changes)
        request.scope = {**scope, "headers": changed, SCOPE_KEY: state}
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
