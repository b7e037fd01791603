"""The table of our own cases: what is sent, to which installation, what must come out, the target.

Each row goes through both doors; what only one door knows (a websocket, a stream) stands apart.
May not enter: other middlewares (`peers`), how time is taken (`timing`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Literal
from unittest.mock import patch

from bench import asgi, wsgi
from bench.outcomes import Outcome, UnexpectedOutcomeError, check
from bench.requests import (
    ANALYTICS,
    CURL,
    EXEMPT,
    FETCH,
    HANDSHAKE,
    UNDECLARED,
    Request,
    cookie_header,
    denied,
    granted,
    with_choices,
)
from bench.sites import HTML, JSON, PLAIN, QUIET, Page
from bench.timing import Case, Work
from cookieconsent.core.codec import ChoiceCodec
from cookieconsent.middleware.asgi import CookieConsentMiddleware as AsgiMiddleware
from cookieconsent.middleware.wsgi import CookieConsentMiddleware as WsgiMiddleware

Door = Literal["ASGI", "WSGI"]

DISTINCT = 4096
"""How many different consent cookies come in turn where none may be remembered."""
KIB = 1024
CHUNK = Page(b"text/html; charset=utf-8", HTML.body.ljust(64 * KIB), 256)
_OTHERS = len(EXEMPT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One case of ours."""

    name: str
    """What it is."""
    request: Request
    """What is sent."""
    page: Page = HTML
    """What the application answers."""
    options: Mapping[str, Any]
    """The installation."""
    outcome: Outcome
    """What must come out."""
    target_us: float | None = None
    """The most it may cost through the ASGI door."""
    miss: bool = False
    """Whether every consent cookie must be verified anew."""


@cache
def rows() -> tuple[Row, ...]:
    """Return the cases that go through both doors."""
    others = cookie_header(*EXEMPT, *UNDECLARED)
    return (
        Row(
            name="a: no cookies, JSON, a browser's fetch with 15 headers",
            request=Request(headers=FETCH),
            page=JSON,
            options=PLAIN,
            outcome=Outcome(),
            target_us=1.5,
        ),
        Row(
            name="a: no cookies, JSON, curl with 3 headers",
            request=Request(headers=CURL),
            page=JSON,
            options=PLAIN,
            outcome=Outcome(),
        ),
        Row(
            name="b1: undecided, 19 cookies, 12 stripped, banner",
            request=Request(cookies=[others]),
            options=PLAIN,
            outcome=Outcome(cookies=_OTHERS, banner=True),
            target_us=11,
        ),
        Row(
            name="expiry: as b1, 3 of the 12 are known analytics and get deleted",
            request=Request(cookies=[cookie_header(*EXEMPT, *ANALYTICS[:3], *UNDECLARED[3:])]),
            options=PLAIN,
            outcome=Outcome(cookies=_OTHERS, banner=True, deletions=True),
        ),
        Row(
            name="expiry: as b1, all 12 are known analytics, deletions fill their budget",
            request=Request(cookies=[cookie_header(*EXEMPT, *ANALYTICS)]),
            options=PLAIN,
            outcome=Outcome(cookies=_OTHERS, banner=True, deletions=True),
        ),
        *_decided("b2: denied, 20 cookies, 12 stripped", denied, UNDECLARED, _OTHERS + 1, (10, 20)),
        *_decided("c: granted, 20 cookies, all kept", granted, ANALYTICS, 20, (9, 17)),
    )


def _decided(
    name: str,
    choices: Callable[[int], list[bytes]],
    others: tuple[bytes, ...],
    kept: int,
    targets: tuple[float, float],
) -> Iterator[Row]:
    """Yield the four cases of a visitor who has decided: remembered or not, with or without element."""
    for miss, target in zip((False, True), targets, strict=True):
        cookies = with_choices(choices(DISTINCT if miss else 1), *EXEMPT, *others)
        request = Request(cookies=cookies)
        text = f"{name}, {'memo miss' if miss else 'memo hit'}"
        yield Row(
            name=text,
            request=request,
            options=QUIET,
            outcome=Outcome(cookies=kept),
            target_us=target,
            miss=miss,
        )
        yield Row(
            name=f"{text}, settings element",
            request=request,
            options=PLAIN,
            outcome=Outcome(cookies=kept, settings=True),
            miss=miss,
        )


def asgi_cases() -> Iterator[Case]:
    """Yield our cases through the ASGI door, each checked."""
    for row in rows():
        app = asgi.application(row.page)
        yield _asgi_case(row, app)
    yield from _websockets()
    yield _stream()


def _asgi_case(row: Row, app: asgi.ASGIApp, parts: int = 1) -> Case:
    install = partial(AsgiMiddleware, **row.options)
    check(row.name, asgi.answer(install, app, row.request.first()), row.outcome)
    timed = asgi.work(install(app), asgi.scopes(row.request))
    if row.miss:
        _check_misses(row.name, timed)
    return Case(
        group="ASGI",
        name=row.name,
        work=timed,
        no_op=asgi.work(asgi.NoOp(app), asgi.scopes(row.request)),
        unit=asgi_unit(),
        target_us=row.target_us,
        parts=parts,
    )


@cache
def asgi_unit() -> Work:
    """Return a no-op middleware by itself, on a ready scope."""
    return asgi.ready_work(asgi.NoOp(asgi.application(JSON)), Request(headers=CURL))


@cache
def wsgi_unit() -> Work:
    """Return a no-op middleware by itself, on a ready environ."""
    return wsgi.ready_work(wsgi.NoOp(wsgi.application(JSON)), Request(headers=CURL))


def _websockets() -> Iterator[Case]:
    for text, others, choices, kept, target in (
        ("e: websocket, denied, 20 cookies, 12 stripped", UNDECLARED, denied, _OTHERS + 1, 9),
        ("e: websocket, granted, 20 cookies, all kept", ANALYTICS, granted, 20, None),
    ):
        row = Row(
            name=f"{text}, memo hit",
            request=Request(
                kind="websocket",
                headers=HANDSHAKE,
                cookies=with_choices(choices(1), *EXEMPT, *others),
            ),
            options=PLAIN,
            outcome=Outcome(cookies=kept),
            target_us=target,
        )
        yield _asgi_case(row, asgi.websocket_application)


def _stream() -> Case:
    row = Row(
        name="d: a chunk of 64 KiB of a stream with banner",
        request=Request(cookies=[cookie_header(*EXEMPT, *UNDECLARED)]),
        page=CHUNK,
        options=PLAIN,
        outcome=Outcome(cookies=_OTHERS, banner=True),
        target_us=0.1,
    )
    return _asgi_case(row, asgi.application(row.page), row.page.chunks)


def wsgi_cases() -> Iterator[Case]:
    """Yield our cases through the WSGI door, each checked."""
    for row in rows():
        install = partial(WsgiMiddleware, **row.options)
        app = wsgi.application(row.page)
        check(row.name, wsgi.answer(install, app, row.request.first()), row.outcome)
        timed = wsgi.work(install(app), wsgi.environs(row.request))
        if row.miss:
            _check_misses(row.name, timed)
        yield Case(
            group="WSGI",
            name=row.name,
            work=timed,
            no_op=wsgi.work(wsgi.NoOp(app), wsgi.environs(row.request)),
            unit=wsgi_unit(),
        )


def _check_misses(name: str, work: Work) -> None:
    """Make sure that consent cookies are verified anew when all of them have been seen."""
    work(DISTINCT)
    with patch.object(ChoiceCodec, "read", autospec=True, return_value=None) as read:
        work(10)
    if read.call_count != 10:
        raise UnexpectedOutcomeError(f"{name}: {10 - read.call_count} of 10 were remembered")
