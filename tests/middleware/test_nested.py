"""Copies of the middleware around one another: the outermost that enforces decides, for all."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from a2wsgi import ASGIMiddleware, WSGIMiddleware
from flask import Flask
from starlette.applications import Starlette
from starlette.routing import Mount
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from cookieconsent import Cookie
from cookieconsent.integrations.flask import CookieConsent, current_consent
from cookieconsent.middleware import asgi, wsgi
from doors import NAVIGATION, NOON, SECRET, Asked, Door, Page, Site, banners, forms
from oracles.drivers import Answer, Exchange, run_asgi, run_wsgi

NESTINGS: list[tuple[Door, Door]] = [
    ("asgi", "asgi"),
    ("wsgi", "wsgi"),
    ("asgi", "wsgi"),
    ("wsgi", "asgi"),
]
every_nesting = pytest.mark.parametrize(
    ("outside", "inside"), NESTINGS, ids=[f"{inner} in {outer}" for outer, inner in NESTINGS]
)
SETTING = (*Page().headers, (b"set-cookie", b"_ga=1"), (b"set-cookie", b"sessionid=2"))
VISITOR = Cookie("visitor", "analytics", purpose="P.", provider="Us", lifetime="1 day")


def inner_site(door: Door, **options: Any) -> Site:
    def page(asked: Asked) -> Page:
        body = b"<!DOCTYPE html><body>%s</body>" % asked.state.preferences_url.encode()
        return Page(headers=SETTING, chunks=[body])

    return Site(door, page, **options)


def mounted(app: Any, inside: Door, outside: Door, **options: Any) -> Any:
    """Wrap an application again, at either door, and mount it below `/shop`."""
    if outside == "asgi":
        bridged: Any = app if inside == "asgi" else WSGIMiddleware(app)
        site: Any = Starlette(routes=[Mount("/shop", bridged)])
        return asgi.CookieConsentMiddleware(site, secret_key=SECRET, clock=clock, **options)
    bridged = app if inside == "wsgi" else ASGIMiddleware(app)
    site = DispatcherMiddleware(lambda environ, start: [], {"/shop": bridged})
    return wsgi.CookieConsentMiddleware(site, secret_key=SECRET, clock=clock, **options)


def clock() -> float:
    return NOON


def get(app: Any, door: Door, path: str = "/shop/x", *headers: tuple[bytes, bytes]) -> Answer:
    exchange = Exchange(path=path, headers=[*NAVIGATION, *headers])
    return run_asgi(app, exchange, lint=False) if door == "asgi" else run_wsgi(app, exchange)


@every_nesting
def test_page_asks_once(outside: Door, inside: Door) -> None:
    inner = inner_site(inside)
    app = mounted(inner.asgi or inner.wsgi, inside, outside)
    answer = get(app, outside, "/shop/x", (b"cookie", b"_ga=1; sessionid=2"))
    assert banners(answer.body) == 1
    assert {form.action for form in forms(answer.body)} == {"/cookie-consent"}
    assert b">/cookie-consent<" in answer.body, "the application has the outer state"
    assert inner.asked[-1].cookie == b"sessionid=2"
    assert [v for v in answer.values(b"set-cookie") if v.startswith(b"_ga=1")] == []
    assert len(answer.values(b"set-cookie")) == len(set(answer.values(b"set-cookie")))


@every_nesting
def test_answer_to_the_outer_one_holds_inside(outside: Door, inside: Door) -> None:
    inner = inner_site(inside)
    app = mounted(inner.asgi or inner.wsgi, inside, outside)
    answer = get(app, outside, "/shop/x", (b"cookie", inner.answer_cookie("accept")))
    assert banners(answer.body) == 0
    assert answer.body.count(b'id="cookieconsent-settings"') == 1
    assert inner.asked[-1].state.allows("analytics")


@every_nesting
def test_page_of_the_inner_one_is_not_served(outside: Door, inside: Door) -> None:
    inner = inner_site(inside)
    app = mounted(inner.asgi or inner.wsgi, inside, outside)
    get(app, outside, "/shop/cookie-consent")
    assert len(inner.asked) == 1


@every_nesting
def test_inner_one_filters_where_the_outer_one_reports(outside: Door, inside: Door) -> None:
    inner = inner_site(inside)
    app = mounted(inner.asgi or inner.wsgi, inside, outside, enforce=False)
    answer = get(app, outside, "/shop/x", (b"cookie", b"_ga=1; sessionid=2"))
    assert {form.action for form in forms(answer.body)} == {"/shop/cookie-consent"}
    assert b">/shop/cookie-consent<" in answer.body, "the application has the inner state"
    assert inner.asked[-1].cookie == b"sessionid=2"


@every_nesting
def test_other_consent_cookie_inside_is_warned_of(
    outside: Door, inside: Door, caplog: pytest.LogCaptureFixture
) -> None:
    """Two banners in a page would have the same ids, and neither would be the last word."""
    inner = inner_site(inside, site="shop", cookies=[VISITOR])
    app = mounted(inner.asgi or inner.wsgi, inside, outside)
    for _ in range(2):
        assert banners(get(app, outside).body) == 1
    [record] = [r for r in caplog.records if r.levelno == logging.WARNING]
    assert "another consent cookie is wrapped around this one" in record.getMessage()


@every_nesting
def test_nobody_can_claim_to_be_covered(outside: Door, inside: Door) -> None:
    """What a client sends stands under names of its own in scopes and environs."""
    names = [b"asgi.scope", b"wsgi_environ", b"cookieconsent", b"cookieconsent.state"]
    fakes = [(name, b"1") for name in names]
    inner = inner_site(inside)
    answer = inner.get("/x", [*fakes, (b"cookie", b"_ga=1")])
    assert banners(answer.body) == 1
    assert inner.asked[-1].cookie is None


@pytest.mark.parametrize("carried", [None, "", 1, {}, {"cookieconsent": "yes"}, []])
@pytest.mark.parametrize("door", ["asgi", "wsgi"])
def test_strange_carriers_cover_nothing(door: Door, carried: object) -> None:
    site = inner_site(door)
    key = "wsgi_environ" if door == "asgi" else "asgi.scope"
    inner: Any = site.asgi or site.wsgi
    app: Any

    if door == "asgi":

        async def app(scope: Any, receive: Any, send: Any) -> None:
            await inner({**scope, key: carried}, receive, send)

    else:

        def app(environ: Any, start_response: Any) -> Any:
            return inner({**environ, key: carried}, start_response)

    assert banners(get(app, door, "/x").body) == 1


def extended_flask() -> Flask:
    app = Flask(__name__)
    app.config["COOKIECONSENT_SECRET_KEY"] = SECRET
    CookieConsent(app)

    @app.route("/x")
    def home() -> str:
        return f"<!DOCTYPE html><body>{current_consent.preferences_url}</body>"

    return app


@pytest.mark.parametrize("outside", ["asgi", "wsgi"])
def test_extension_of_flask_is_covered_too(outside: Door) -> None:
    answer = get(mounted(extended_flask(), "wsgi", outside), outside)
    assert banners(answer.body) == 1
    assert b">/cookie-consent<" in answer.body


def test_plain_flask_has_the_state_of_an_asgi_site() -> None:
    """No copy of the middleware inside: `consent_of` looks through the bridge."""
    app = Flask(__name__)

    @app.route("/x")
    def home() -> str:
        return f"<!DOCTYPE html><body>{current_consent.allows('analytics')}</body>"

    answer = get(mounted(app, "wsgi", "asgi"), "asgi")
    assert banners(answer.body) == 1
    assert b">False<" in answer.body
