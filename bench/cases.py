"""The table of our own cases: what is sent, to which installation, what must come out, the target.

Each row goes through both doors; a websocket is for one only.
May not enter: other middlewares (`peers`), how time is taken (`timing`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any
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
from bench.sites import HTML, JSON, PLAIN, QUIET, Page, stream
from bench.timing import Case, Work
from cookieconsent.core.codec import ChoiceCodec
from cookieconsent.middleware.asgi import CookieConsentMiddleware as AsgiMiddleware
from cookieconsent.middleware.wsgi import CookieConsentMiddleware as WsgiMiddleware

DISTINCT = 4096
"""How many different consent cookies come in turn where none may be remembered."""
_EXEMPT = len(EXEMPT)
_ALL = _EXEMPT + len(ANALYTICS)
_PROBES = 10
_STREAM = stream(1024 * 1024 * 1024)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One case of ours."""

    name: str
    """What it is."""
    request: Request
    """What is sent."""
    page: Page = HTML
    """What the application answers."""
    options: Mapping[str, Any] = field(default_factory=PLAIN.copy)
    """The installation."""
    outcome: Outcome
    """What must come out."""
    target_us: float | None = None
    """The most it may cost through the ASGI door."""
    miss: bool = False
    """Whether every consent cookie must be verified anew."""


def _rows() -> Iterator[Row]:
    """Yield the cases that go through both doors."""
    yield from _without_cookies()
    yield from _undecided()
    yield from _decided()


def _letter(row: Row) -> str:
    return row.name.partition(":")[0]


def _without_cookies() -> Iterator[Row]:
    fetch = Request(headers=FETCH)
    outcome = Outcome()
    yield Row(
        name="a: no cookies, JSON, a browser's fetch with 15 headers",
        request=fetch,
        page=JSON,
        outcome=outcome,
        target_us=1.5,
    )
    curl = Request(headers=CURL)
    yield Row(
        name="a: no cookies, JSON, curl with 3 headers", request=curl, page=JSON, outcome=outcome
    )


def _undecided() -> Iterator[Row]:
    asked = Outcome(cookies=_EXEMPT, banner=True)
    unknown = Request(cookies=[cookie_header(*EXEMPT, *UNDECLARED)])
    yield Row(
        name="b1: undecided, 19 cookies, 12 stripped, banner",
        request=unknown,
        outcome=asked,
        target_us=11,
    )
    yield Row(
        name="d: each 64 KiB of a stream of 1 GiB, with banner",
        request=unknown,
        page=_STREAM,
        outcome=asked,
        target_us=0.1,
    )
    for known, text in (
        (3, "expiry: as b1, 3 of the 12 are known analytics and get deleted"),
        (12, "expiry: as b1, all 12 are known analytics, deletions fill their budget"),
    ):
        names = (*EXEMPT, *ANALYTICS[:known], *UNDECLARED[known:])
        yield Row(
            name=text,
            request=Request(cookies=[cookie_header(*names)]),
            outcome=Outcome(cookies=_EXEMPT, banner=True, deletions=True),
        )


def _decided() -> Iterator[Row]:
    """Yield the cases of visitors who have decided: remembered or not, with or without element."""
    for name, choices, others, kept, targets in (
        ("b2: denied, 20 cookies, 12 stripped", denied, UNDECLARED, _EXEMPT + 1, (10, 20)),
        ("c: granted, 20 cookies, all kept", granted, ANALYTICS, _ALL + 1, (9, 17)),
    ):
        for miss, target in zip((False, True), targets, strict=True):
            cookies = with_choices(choices(DISTINCT if miss else 1), *EXEMPT, *others)
            text = f"{name}, {'memo miss' if miss else 'memo hit'}"
            row = partial(Row, request=Request(cookies=cookies), miss=miss)
            quiet, shown = Outcome(cookies=kept), Outcome(cookies=kept, settings=True)
            yield row(name=text, options=QUIET, outcome=quiet, target_us=target)
            yield row(name=f"{text}, settings element", outcome=shown)


def _new_bytes() -> Row:
    return Row(
        name="a: as the fetch with 15 headers, the bytes of all of them new",
        request=Request(headers=FETCH, fresh=True),
        page=JSON,
        outcome=Outcome(),
    )


def _websockets() -> Iterator[Row]:
    for text, choices, others, kept, target in (
        ("e: websocket, denied, 20 cookies, 12 stripped", denied, UNDECLARED, _EXEMPT + 1, 9),
        ("e: websocket, granted, 20 cookies, all kept", granted, ANALYTICS, _ALL + 1, None),
    ):
        cookies = with_choices(choices(1), *EXEMPT, *others)
        yield Row(
            name=f"{text}, memo hit",
            request=Request(kind="websocket", headers=HANDSHAKE, cookies=cookies),
            outcome=Outcome(cookies=kept),
            target_us=target,
        )


def asgi_cases() -> Iterator[Case]:
    """Yield our cases through the ASGI door, each checked."""
    for row in sorted((*_rows(), _new_bytes(), *_websockets()), key=_letter):
        yield asgi_case("ASGI", row)


def asgi_case(group: str, row: Row) -> Case:
    """Return a case through the ASGI door.

    Raises:
        UnexpectedOutcomeError: It does not do what it says.
    """
    socket = row.request.kind == "websocket"
    app = asgi.websocket_application if socket else asgi.application(row.page)
    install: asgi.Install = partial(AsgiMiddleware, **row.options)
    check(row.name, asgi.answer(install, app, row.request.first()), row.outcome)
    work = asgi.work(install(app), asgi.scopes(row.request))
    if row.miss:
        _check_misses(row.name, work)
    return Case(
        group=group,
        name=row.name,
        work=work,
        no_op=asgi.work(asgi.NoOp(app), asgi.scopes(row.request)),
        unit=asgi_unit(),
        target_us=row.target_us,
        parts=row.page.chunks,
    )


def wsgi_cases() -> Iterator[Case]:
    """Yield our cases through the WSGI door, each checked; targets are the ASGI door's."""
    for row in sorted(_rows(), key=_letter):
        app = wsgi.application(row.page)
        install: wsgi.Install = partial(WsgiMiddleware, **row.options)
        check(row.name, wsgi.answer(install, app, row.request.first()), row.outcome)
        work = wsgi.work(install(app), wsgi.environs(row.request))
        if row.miss:
            _check_misses(row.name, work)
        yield Case(
            group="WSGI",
            name=row.name,
            work=work,
            no_op=wsgi.work(wsgi.NoOp(app), wsgi.environs(row.request)),
            unit=wsgi_unit(),
            parts=row.page.chunks,
        )


@cache
def asgi_unit() -> Work:
    """Return a no-op middleware by itself, on a ready scope."""
    return asgi.ready_work(asgi.NoOp(asgi.application(JSON)), Request(headers=CURL))


@cache
def wsgi_unit() -> Work:
    """Return a no-op middleware by itself, on a ready environ."""
    return wsgi.ready_work(wsgi.NoOp(wsgi.application(JSON)), Request(headers=CURL))


def _check_misses(name: str, work: Work) -> None:
    """Make sure that consent cookies are verified anew when all of them have been seen."""
    work(DISTINCT)
    reader: Callable[..., object] = ChoiceCodec.read
    with patch.object(ChoiceCodec, "read", autospec=True, side_effect=reader) as read:
        work(_PROBES)
    if read.call_count != _PROBES:
        raise UnexpectedOutcomeError(f"{name}: {_PROBES - read.call_count} were remembered")
