"""What a test saw of cookies: those that a response set, or those that a client holds.

Responses of all kinds have a request, headers and, where redirects were followed, a history; only how
several fields of one name are asked for differs.
May not enter: what is allowed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.cookies import BaseCookie
from typing import Any

from cookieconsent.core.cookies import CookieHeader, read_set_cookie, value_of
from cookieconsent.core.signals import privacy_control
from cookieconsent.testing.clients import ASYNC_CONTEXT, CLIENTS, jar_of

# By which names WebOb, Werkzeug and httpx give all values of a field.
_ALL_VALUES = ("getall", "getlist", "get_list")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """Cookies seen in one place, and what the visitor had answered then."""

    place: str
    """Where, as in "set by GET /"."""
    names: tuple[bytes, ...]
    """The names of the cookies."""
    answers: list[bytes]
    """The values of the consent cookies."""
    signal: bool = False
    """Whether Global Privacy Control was on."""
    at_rest: bool = False
    """Whether they lie in a jar, where those of a paused class may stay."""


def sightings_of(seen: object, own_name: bytes, now: float) -> list[Sighting]:
    """Return what was seen.

    Args:
        seen: A response, a client, or the list that `BrowserContext.cookies()` returns.
        own_name: The name of the consent cookie.
        now: POSIX seconds, to tell a deletion from a cookie.

    Raises:
        TypeError: It is none of these.
    """
    if isinstance(seen, list):
        return [_in_jar([_of_browser(cookie) for cookie in seen], own_name)]
    if hasattr(seen, "cr_await"):
        raise TypeError(f"seen: {ASYNC_CONTEXT}")
    jar = jar_of(seen)
    if jar is not None:
        return [_in_jar(jar.held(), own_name)]
    return [_of_answer(step, own_name, now) for step in _steps(seen)]


def _of_browser(cookie: object) -> tuple[str, str]:
    if isinstance(cookie, Mapping) and {"name", "value"} <= cookie.keys():
        return cookie["name"], cookie["value"]
    raise TypeError(
        f"seen: a list with a {type(cookie).__name__} in it is not what `BrowserContext.cookies()` "
        "returns. Give one response at a time, or the client itself"
    )


def _in_jar(held: list[tuple[str, str]], own_name: bytes) -> Sighting:
    pairs = [(_bytes(name), _bytes(value)) for name, value in held]
    return Sighting(
        place="held by the client",
        names=tuple(name for name, _ in pairs),
        answers=[value for name, value in pairs if name == own_name],
        at_rest=True,
    )


@dataclass(frozen=True, slots=True)
class _Step:
    """One response, with what is of interest of its request."""

    method: str
    url: str
    cookie: bytes
    signal: bytes
    lines: list[bytes]


def _of_answer(step: _Step, own_name: bytes, now: float) -> Sighting:
    """Judge by what the request said, or by what the response has just written."""
    read = [cookie for line in step.lines if (cookie := read_set_cookie(line)) is not None]
    kept = [cookie for cookie in read if not cookie.is_deletion(now)]
    answers = CookieHeader(step.cookie).values(own_name)
    if any(cookie.name == own_name for cookie in read):
        own = [cookie for cookie in kept if cookie.name == own_name]
        answers = [value_of(cookie.raw.partition(b";")[0]) for cookie in own]
    return Sighting(
        place=f"set by {step.method} {step.url}",
        names=tuple(cookie.name for cookie in kept),
        answers=answers,
        signal=privacy_control({b"sec-gpc": step.signal}),
    )


def _steps(response: object) -> Iterator[_Step]:
    """Yield a response's exchanges, the redirects that led to it first."""
    if callable(getattr(response, "headers_array", None)):
        yield from reversed(list(_browser_steps(response)))
        return
    whole: Any = response
    for step in (*getattr(whole, "history", ()), whole):
        # Django hangs its own request beside a mapping that it calls `request`.
        request = _first(step, "wsgi_request", "asgi_request", "request")
        if not (hasattr(request, "method") and hasattr(request, "headers") and _is_answer(step)):
            raise TypeError(
                f"seen: a {type(response).__name__} is no response and no client that is known "
                f"here. Use a response of {CLIENTS}; or the client itself"
            )
        yield _Step(
            request.method,
            str(_first(request, "url", "path")),
            _bytes(request.headers.get("cookie", "")),
            _bytes(request.headers.get("sec-gpc", "")),
            list(_set_cookies(step)),
        )


def _browser_steps(response: object) -> Iterator[_Step]:
    step: Any = response
    while step is not None:
        request = step.request
        fields = request.all_headers()
        yield _Step(
            request.method,
            request.url,
            _bytes(fields.get("cookie", "")),
            _bytes(fields.get("sec-gpc", "")),
            [
                _bytes(field["value"])
                for field in step.headers_array()
                if field["name"].lower() == "set-cookie"
            ],
        )
        before = request.redirected_from
        step = None if before is None else before.response()


def _set_cookies(response: object) -> Iterator[bytes]:
    """Yield the `Set-Cookie` values of a response."""
    headers: Any = getattr(response, "headers", None)
    cookies = getattr(response, "cookies", None)
    if isinstance(cookies, BaseCookie):  # Django keeps them apart from the other headers
        lines = [morsel.OutputString() for morsel in cookies.values()]
        lines += filter(None, [headers.get("set-cookie")])  # of which it knows one at most
    else:
        lines = _first(headers, *_ALL_VALUES)("set-cookie")
    yield from map(_bytes, lines)


def _is_answer(thing: object) -> bool:
    """Tell whether all `Set-Cookie` lines of something can be read; some clients join them."""
    headers = getattr(thing, "headers", None)
    separate = isinstance(getattr(thing, "cookies", None), BaseCookie) and headers is not None
    return separate or _first(headers, *_ALL_VALUES) is not None


def _first(thing: object, *names: str) -> Any:  # noqa: ANN401 - whatever the client's package made
    return next(
        (found for name in names if (found := getattr(thing, name, None)) is not None), None
    )


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
