"""Other middlewares, measured in the same run: what their users pay already.

They are imported where they are used, so that the other cases run without them; one that is not
installed ends the run.
May not enter: our own cases (`cases`).
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable, Iterator
from functools import partial

from bench import asgi, wsgi
from bench.cases import asgi_unit, wsgi_unit
from bench.outcomes import Answer, expect
from bench.requests import ANALYTICS, EXEMPT, SECRET, UNDECLARED, Request, cookie_header
from bench.sites import HTML, PLAIN
from bench.timing import Case, Work
from cookieconsent.middleware.asgi import ASGIApp, Receive, Scope, Send
from cookieconsent.middleware.wsgi import CookieConsentMiddleware, WSGIApp

GROUP = "peers"
DISTRIBUTIONS = ("starlette", "asgi-csrf", "django", "django-cookie-consent")
"""What the versions on the page are of."""

_COOKIES = (*EXEMPT, *UNDECLARED, b"theme")
_LEFTOVERS = (*EXEMPT, *ANALYTICS, b"theme")


def cases(runner: asyncio.Runner) -> Iterator[Case]:
    """Yield the peers, each checked.

    Args:
        runner: The event loop of those that need one.
    """
    yield from _sessions()
    yield _csrf()
    yield _base_http(runner)
    yield from _django()


def _case(name: str, install: asgi.Install, request: Request) -> Case:
    app = asgi.application(HTML)
    answer = asgi.answer(install, app, request)
    expect(name, holds=answer.succeeded and answer.body == HTML.body)
    return Case(
        group=GROUP,
        name=name,
        work=asgi.work(install(app), asgi.scopes(request)),
        no_op=asgi.work(asgi.NoOp(app), asgi.scopes(request)),
        unit=asgi_unit(),
    )


def _sessions() -> Iterator[Case]:
    from itsdangerous import TimestampSigner
    from starlette.middleware.sessions import SessionMiddleware

    install = partial(SessionMiddleware, secret_key=SECRET)
    others = cookie_header(*_COOKIES)
    data = base64.b64encode(json.dumps({"user": 7, "basket": [3, 8, 21]}).encode())
    session = b"session=" + TimestampSigner(SECRET).sign(data)
    expect(
        "SessionMiddleware",
        holds=_session_of(install, session) == {"user": 7, "basket": [3, 8, 21]},
    )
    for name, cookies in (
        ("SessionMiddleware, 20 cookies, none is the session", others),
        ("SessionMiddleware, valid session and 20 cookies", session + b"; " + others),
    ):
        yield _case(name, install, Request(cookies=[cookies]))


def _session_of(install: asgi.Install, cookie: bytes) -> object:
    """Return the session that an application finds."""
    found: list[object] = []
    app = asgi.application(HTML)

    async def looking(scope: Scope, receive: Receive, send: Send) -> None:
        found.append(dict(scope["session"]))
        await app(scope, receive, send)

    asgi.answer(install, looking, Request(cookies=[cookie]))
    return found[0]


def _csrf() -> Case:
    from asgi_csrf import asgi_csrf

    install = partial(asgi_csrf, signing_secret=SECRET)
    return _case(
        "asgi-csrf, 20 cookies, no token", install, Request(cookies=[cookie_header(*_COOKIES)])
    )


def _base_http(runner: asyncio.Runner) -> Case:
    """Return the base class of many middlewares; it needs an event loop, and so does its no-op."""
    from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
    from starlette.requests import Request as StarletteRequest
    from starlette.responses import Response

    async def dispatch(request: StarletteRequest, call_next: RequestResponseEndpoint) -> Response:
        return await call_next(request)

    app = asgi.application(HTML)
    make_scope = asgi.scopes(Request(cookies=[cookie_header(*_COOKIES)]))
    return Case(
        group=GROUP,
        name="BaseHTTPMiddleware, dispatch does nothing",
        work=_work_on_loop(runner, BaseHTTPMiddleware(app, dispatch), make_scope),
        no_op=_work_on_loop(runner, asgi.NoOp(app), make_scope),
        unit=asgi_unit(),
    )


def _work_on_loop(runner: asyncio.Runner, app: ASGIApp, make_scope: Callable[[], Scope]) -> Work:
    async def run(count: int) -> None:
        for _ in range(count):
            await app(make_scope(), asgi.receive, asgi.send)

    return lambda count: runner.run(run(count))


# --- Django ---------------------------------------------------------------------------------------


def _django() -> Iterator[Case]:
    """Yield what cleans cookies for one Django application: a middleware of its own, and ours."""
    _set_up_django()
    plain = _handler()
    cleaning = _handler("cookie_consent.middleware.CleanCookiesMiddleware")
    ours = CookieConsentMiddleware(plain, **PLAIN)
    request = Request(cookies=[cookie_header(*_LEFTOVERS)])
    for name, app in (
        ("Django's CleanCookiesMiddleware, 20 cookies, 12 deleted", cleaning),
        ("cookieconsent around the same Django, 20 cookies, 12 deleted, banner", ours),
    ):
        answer = _answer_of(app, request)
        expect(name, holds=answer.succeeded and answer.deletions >= len(ANALYTICS))
        yield Case(
            group=GROUP,
            name=name,
            work=wsgi.work(app, wsgi.environs(request)),
            no_op=wsgi.work(plain, wsgi.environs(request)),
            unit=wsgi_unit(),
        )


def _answer_of(app: WSGIApp, request: Request) -> Answer:
    return wsgi.answer(lambda _: app, app, request)


def _set_up_django() -> None:
    """Configure a Django of nothing but the peer: in-memory database and cache, 20 known cookies."""
    import django
    from django.conf import settings
    from django.core.management import call_command
    from django.http import HttpResponse
    from django.urls import path

    def shoes(_request: object) -> HttpResponse:
        return HttpResponse(HTML.body)

    settings.configure(
        ALLOWED_HOSTS=["shop.example"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        INSTALLED_APPS=["cookie_consent"],
        MIDDLEWARE=[],
        ROOT_URLCONF=(path("shoes", shoes),),
        SECRET_KEY=SECRET,
        USE_TZ=True,
    )
    django.setup()
    call_command("migrate", verbosity=0)
    _declare_in_django()


def _declare_in_django() -> None:
    """Declare four groups of five cookies, of which twelve come with the request."""
    from cookie_consent.models import Cookie, CookieGroup

    names = [name.decode() for name in ANALYTICS] + [f"absent_{number}" for number in range(8)]
    for number in range(4):
        group = CookieGroup.objects.create(varname=f"group{number}", name=f"Group {number}")
        for name in names[number::4]:
            Cookie.objects.create(cookiegroup=group, name=name)


def _handler(*middlewares: str) -> WSGIApp:
    """Return Django as a WSGI application, with the given middlewares."""
    from django.core.handlers.wsgi import WSGIHandler
    from django.test import override_settings

    with override_settings(MIDDLEWARE=list(middlewares)):
        handler: WSGIApp = WSGIHandler()
    return handler
