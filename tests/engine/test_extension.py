"""What extensions with `init_app` refuse, in both frameworks that have one, changing nothing."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI
from flask import Flask
from quart import Quart

from cookieconsent import Config, ConfigError, NotInstalledError
from cookieconsent.integrations import flask, quart
from doors import NAVIGATION, SECRET
from oracles.drivers import Answer, Exchange, run_asgi, run_wsgi

KINDS: list[tuple[Any, Any, str]] = [
    (Flask, flask, "wsgi_app"),
    (Quart, quart, "asgi_app"),
]
both = pytest.mark.parametrize(("kind", "module", "door"), KINDS, ids=["flask", "quart"])
DECLARED = {"name": "ours", "cls": "authentication"}
COUNTED = {
    "name": "ours",
    "cls": "analytics",
    "purpose": "P.",
    "provider": "Us",
    "lifetime": "1 day",
}


def made(kind: Any, **settings: Any) -> Any:
    app = kind("shop")
    app.config["COOKIECONSENT_SECRET_KEY"] = SECRET
    app.config.update(settings)
    return app


def state_of(app: Any, door: str) -> tuple[object, ...]:
    """Return all of an application that an extension changes."""
    hooks = [len(app.template_context_processors[None]), len(app.after_request_funcs)]
    return getattr(app, door), dict(app.extensions), hooks, dict(app.jinja_env.extensions)


def refused(module: Any, app: Any) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        module.CookieConsent(app)
    return caught.value


def get(app: Any) -> Answer:
    exchange = Exchange(headers=NAVIGATION)
    return (
        run_wsgi(app, exchange) if isinstance(app, Flask) else run_asgi(app, exchange, lint=False)
    )


# --- the application ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("module", "app", "problem", "fix"),
    [
        (flask, Quart("x"), "a Quart is no Flask", "cookieconsent.integrations.quart"),
        (quart, Flask("x"), "a Flask is no Quart", "cookieconsent.integrations.flask"),
        (flask, FastAPI(), "a FastAPI is no Flask", "cookieconsent.integrations.starlette.install"),
        (flask, Flask("x").wsgi_app, "a method is no Flask", "app = Flask(...)"),
        (flask, SECRET, "a str is no Flask", "app = Flask(...)"),
        (quart, Quart, "a type is no Quart", "app = Quart(...)"),
        (quart, {"SECRET_KEY": SECRET}, "a dict is no Quart", "app = Quart(...)"),
    ],
    ids=["quart", "flask", "fastapi", "wsgi_app", "text", "class", "mapping"],
)
def test_other_things_are_refused_with_their_module(
    module: Any, app: Any, problem: str, fix: str
) -> None:
    error = refused(module, app)
    assert error.field == "app"
    assert error.problem.startswith(problem)
    assert fix in error.fix
    assert SECRET not in str(error)


@both
def test_subclass_of_the_application_is_taken(kind: Any, module: Any, door: str) -> None:
    class Shop(kind):  # type: ignore[misc] # a class of either framework
        pass

    app = made(Shop)
    module.CookieConsent(app)
    assert "cookieconsent" in app.extensions


def test_application_that_answered_is_refused() -> None:
    """Quart keeps no account of that, so there it cannot be told."""
    app = made(Flask)
    get(app)
    before = state_of(app, "wsgi_app")
    error = refused(flask, app)
    assert "shop has answered a request already" in error.problem
    assert "before the first request" in error.fix
    assert state_of(app, "wsgi_app") == before
    assert get(app).status == 404


@both
@pytest.mark.parametrize(
    "settings",
    [
        {"COOKIECONSENT_PTAH": "/x"},
        {"COOKIECONSENT_LOCALE": "xx"},
        {"SESSION_COOKIE_NAME": "ours"},
    ],
    ids=["unknown", "locale", "session"],
)
def test_refusal_leaves_the_application_alone(
    kind: Any, module: Any, door: str, settings: dict[str, Any]
) -> None:
    app = made(kind, **settings)
    before = state_of(app, door)
    refused(module, app)
    assert state_of(app, door) == before


# --- settings -------------------------------------------------------------------------------------


@both
@pytest.mark.parametrize(
    ("settings", "start"),
    [
        ({"COOKIECONSENT_LOCALE": "xx"}, "COOKIECONSENT_LOCALE: 'xx' is not shipped"),
        ({"COOKIECONSENT_TEXTS": {"en": {"no": "x"}}}, "COOKIECONSENT_TEXTS.en: there is no text"),
        ({"COOKIECONSENT_TRANSLATIONS": ["none"]}, "COOKIECONSENT_TRANSLATIONS: 'none' holds no"),
        ({"COOKIECONSENT_CONFIG": Config(secret_key=SECRET, locale="xx")}, "locale: 'xx' is not"),
    ],
    ids=["locale", "texts", "translations", "whole"],
)
def test_what_only_the_rules_find_names_the_setting(
    kind: Any, module: Any, door: str, settings: dict[str, Any], start: str
) -> None:
    app = made(kind, **settings)
    if "COOKIECONSENT_CONFIG" in settings:
        del app.config["COOKIECONSENT_SECRET_KEY"]
    assert str(refused(module, app)).startswith(start)


LOGIN = [
    (flask, Flask, "SESSION_COOKIE_NAME"),
    (flask, Flask, "REMEMBER_COOKIE_NAME"),
    (quart, Quart, "SESSION_COOKIE_NAME"),
    (quart, Quart, "QUART_AUTH_COOKIE_NAME"),
]


@pytest.mark.parametrize(("module", "kind", "setting"), LOGIN)
@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({}, "'ours' is a cookie that would be removed: nothing declares it"),
        ({"COOKIECONSENT_COOKIES": [COUNTED]}, "its declaration says analytics"),
        ({"COOKIECONSENT_COOKIES": [DECLARED]}, None),
        ({"COOKIECONSENT_UNDECLARED": "allow"}, None),
        ({"COOKIECONSENT_ENFORCE": False}, None),
    ],
    ids=["undeclared", "analytics", "declared", "undeclared allowed", "report only"],
)
def test_login_cookie_that_would_be_lost_is_refused(
    module: Any, kind: Any, setting: str, settings: dict[str, Any], problem: str | None
) -> None:
    app = made(kind, **{setting: "ours"}, **settings)
    if problem is None:
        module.CookieConsent(app)
        return
    error = refused(module, app)
    assert error.field == setting
    assert problem in error.problem
    assert "name 'ours' and cls \"authentication\"" in error.fix


@pytest.mark.parametrize(("module", "kind", "setting"), LOGIN)
@pytest.mark.parametrize("name", [None, "session", "remember_token", "QUART_AUTH"])
def test_usual_login_cookies_pass(module: Any, kind: Any, setting: str, name: str | None) -> None:
    app = made(kind, **{setting: name})
    module.CookieConsent(app)
    assert "cookieconsent" in app.extensions


# --- the state ------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", [flask, quart], ids=["flask", "quart"])
def test_state_outside_of_a_request_says_what_to_do(module: Any) -> None:
    with pytest.raises(RuntimeError, match="no request here: ask it in a view or a template"):
        module.current_consent.allows("analytics")
    # What looks at a module's names, as test runners do, must not fail.
    assert "unbound" in repr(module.current_consent)
    assert not isinstance(module.current_consent, str)
    assert not module.current_consent


def test_state_of_an_application_without_the_extension_says_so() -> None:
    app = Flask("shop")
    with (
        app.test_request_context(),
        pytest.raises(NotInstalledError, match=r"init_app\(app\), and in tests .*test_client"),
    ):
        flask.current_consent.allows("analytics")
