"""What Django's caches, per view and of the whole site, are told of an answer.

They ask the request whether its answer may be kept. A view's cache (`cache_page`) asks before this
middleware could say `Vary: Cookie`, the cache of the whole site afterwards.
May not enter: on what an answer depends; the engine knows.
"""

from __future__ import annotations

import weakref
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from django.http import HttpRequest

_MAY_KEEP: Final = "_cache_update_cache"
"""The attribute that Django's caches look at."""
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


class Caches:
    """Django's caches around one request.

    Args:
        request: The request as it came.
    """

    def __init__(self, request: weakref.ref[HttpRequest]) -> None:
        self._request = request
        self._kept_out = False

    def keep_out(self) -> None:
        """Let no view's cache keep the answer."""
        request = self._request()
        if request is None or isinstance(request, _KeptOut):
            return
        if getattr(request, _MAY_KEEP, False):
            setattr(request, _MAY_KEEP, False)
            self._kept_out = True
        elif not hasattr(request, _MAY_KEEP):
            # A cache further in has not looked yet, and would ask the request afterwards.
            request.__class__ = _kept_out_kind(type(request))  # type: ignore[arg-type] # untyped Django

    def settle(self, cache_control: str) -> None:
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
