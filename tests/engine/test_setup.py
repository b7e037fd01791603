"""What a middleware is handed: the application at its door, and a configuration or its fields."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Literal
from unittest import mock

import pytest

from cookieconsent import Config, ConfigError, ContradictionError
from cookieconsent.core.protocol import Door
from cookieconsent.engine.setup import config_from_fields, consent_from
from cookieconsent.middleware import asgi, wsgi
from doors import SECRET

CONFIG = Config(secret_key=SECRET)
Spoken = Literal["ASGI", "WSGI", "nobody knows"]


def refused(app: object, door: Door) -> ConfigError | None:
    """Return why an application is refused at a door, or `None` if it is let in."""
    try:
        consent_from(app, door, CONFIG, {})
    except ConfigError as error:
        return error
    return None


# --- applications -------------------------------------------------------------------------------


async def asgi_function(scope: Any, receive: Any, send: Any) -> None: ...


def wsgi_function(environ: Any, start_response: Any) -> list[bytes]:
    return []


class AsgiObject:
    """As Starlette, Quart and Litestar have it."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...

    async def method(self, scope: Any, receive: Any, send: Any) -> None: ...


class WsgiObject:
    """As Flask, Bottle, Pyramid and Werkzeug have it."""

    def __call__(self, environ: Any, start_response: Any) -> list[bytes]:
        return []

    def method(self, environ: Any, start_response: Any) -> list[bytes]:
        return []


class WsgiPerRequest:
    """As PEP 3333 shows it: the class itself is the application."""

    def __init__(self, environ: Any, start_response: Any) -> None: ...


class AsgiPerRequest:
    """As Starlette's `HTTPEndpoint`: the class itself is the application."""

    def __init__(self, scope: Any, receive: Any, send: Any) -> None: ...


class Decorated:
    """An object whose call goes through a decorator that tells nothing of its arguments."""

    @functools.wraps(wsgi_function)
    def __call__(self, *arguments: Any) -> Any: ...


def any_arguments(*arguments: Any, **more: Any) -> Any: ...


def either(first: Any, second: Any, third: Any = None) -> Any: ...


def one(request: Any) -> Any: ...


def four(environ: Any, start_response: Any, config: Any, name: Any) -> Any: ...


def keyword_too(environ: Any, start_response: Any, *, config: Any) -> Any: ...


@functools.wraps(wsgi_function)
def bridge_to_wsgi(scope: Any, receive: Any, send: Any) -> Any: ...


@functools.wraps(asgi_function)
def wrapper(*arguments: Any) -> Any: ...


class Unreadable:
    """Nobody can tell how it is called; some proxies raise whatever they like when asked."""

    def __call__(self) -> None: ...

    @property
    def __signature__(self) -> Any:
        raise RuntimeError


def flask() -> Any:
    from flask import Flask

    return Flask("shop")


def flask_inside() -> Any:
    return flask().wsgi_app


def django_wsgi() -> Any:
    from django.core.handlers.wsgi import WSGIHandler

    return WSGIHandler.__new__(WSGIHandler)  # as `get_wsgi_application()`, without settings


def django_asgi() -> Any:
    from django.core.handlers.asgi import ASGIHandler

    return ASGIHandler.__new__(ASGIHandler)  # as `get_asgi_application()`, without settings


def starlette() -> Any:
    from starlette.applications import Starlette

    return Starlette()


def fastapi() -> Any:
    from fastapi import FastAPI

    return FastAPI()


def bridged_to_asgi() -> Any:
    from a2wsgi import WSGIMiddleware

    return WSGIMiddleware(wsgi_function)


def bridged_to_wsgi() -> Any:
    from a2wsgi import ASGIMiddleware

    return ASGIMiddleware(asgi_function)


def local_proxy() -> Any:
    from werkzeug.local import LocalProxy

    def unbound() -> Any:
        raise RuntimeError

    return LocalProxy(unbound)


APPLICATIONS: list[tuple[str, Callable[[], Any], Spoken]] = [
    ("ASGI function", lambda: asgi_function, "ASGI"),
    ("WSGI function", lambda: wsgi_function, "WSGI"),
    ("ASGI object", AsgiObject, "ASGI"),
    ("WSGI object", WsgiObject, "WSGI"),
    ("ASGI method", lambda: AsgiObject().method, "ASGI"),
    ("WSGI method", lambda: WsgiObject().method, "WSGI"),
    ("ASGI class", lambda: AsgiPerRequest, "ASGI"),
    ("WSGI class", lambda: WsgiPerRequest, "WSGI"),
    ("ASGI lambda", lambda: lambda scope, receive, send: None, "ASGI"),
    ("WSGI lambda", lambda: lambda environ, start_response: [], "WSGI"),
    ("rest filled in by position", lambda: functools.partial(four, 1, 2), "WSGI"),
    ("rest filled in by name", lambda: functools.partial(four, config=1, name=2), "WSGI"),
    ("partial of an object", lambda: functools.partial(AsgiObject()), "ASGI"),
    ("partial of anything", lambda: functools.partial(any_arguments, 1), "nobody knows"),
    ("Flask", flask, "WSGI"),
    ("Flask's wsgi_app", flask_inside, "WSGI"),
    ("Django's WSGI handler", django_wsgi, "WSGI"),
    ("Django's ASGI handler", django_asgi, "ASGI"),
    ("Starlette", starlette, "ASGI"),
    ("FastAPI", fastapi, "ASGI"),
    ("WSGI bridged to ASGI", bridged_to_asgi, "ASGI"),
    ("ASGI bridged to WSGI", bridged_to_wsgi, "WSGI"),
    ("ours for ASGI", lambda: asgi.CookieConsentMiddleware(asgi_function, CONFIG), "ASGI"),
    ("ours for WSGI", lambda: wsgi.CookieConsentMiddleware(wsgi_function, CONFIG), "WSGI"),
    ("decorator that bridges", lambda: bridge_to_wsgi, "ASGI"),
    ("decorator of anything", lambda: wrapper, "nobody knows"),
    ("decorated call", Decorated, "nobody knows"),
    ("any arguments", lambda: any_arguments, "nobody knows"),
    ("a third that may be left out", lambda: either, "nobody knows"),
    ("one argument", lambda: one, "nobody knows"),
    ("four arguments", lambda: four, "nobody knows"),
    ("a keyword that must be given", lambda: keyword_too, "nobody knows"),
    ("mock", mock.Mock, "nobody knows"),
    ("magic mock", mock.MagicMock, "nobody knows"),
    ("asynchronous mock", mock.AsyncMock, "nobody knows"),
    ("mock of an application", lambda: mock.create_autospec(asgi_function), "ASGI"),
    ("built-in", lambda: max, "nobody knows"),
    ("built-in type", lambda: dict, "nobody knows"),
    ("unreadable", Unreadable, "nobody knows"),
    ("proxy out of its context", local_proxy, "nobody knows"),
]


@pytest.mark.parametrize("door", ["ASGI", "WSGI"])
@pytest.mark.parametrize(
    ("make", "spoken"), [row[1:] for row in APPLICATIONS], ids=[row[0] for row in APPLICATIONS]
)
def test_only_the_other_protocol_is_refused(
    make: Callable[[], Any], spoken: Spoken, door: Door
) -> None:
    error = refused(make(), door)
    assert (error is None) == (spoken in {door, "nobody knows"})
    if error is not None:
        assert error.field == "app"
        assert error.fix.endswith(f"cookieconsent.middleware.{spoken.lower()}")


def test_refusal_names_the_remedy() -> None:
    assert str(refused(flask(), "ASGI")) == (
        "app: Flask takes 2 arguments, as WSGI applications do, and this is the middleware for "
        "ASGI. Import CookieConsentMiddleware from cookieconsent.middleware.wsgi."
    )
    assert str(refused(asgi_function, "WSGI")) == (
        "app: asgi_function takes 3 arguments, as ASGI applications do, and this is the "
        "middleware for WSGI. Import CookieConsentMiddleware from cookieconsent.middleware.asgi."
    )


@pytest.mark.parametrize("middleware", [asgi, wsgi], ids=["asgi", "wsgi"])
@pytest.mark.parametrize("app", [None, CONFIG, SECRET, "shop:app", 5], ids=lambda a: str(type(a)))
def test_what_cannot_be_called_is_refused(middleware: Any, app: object) -> None:
    with pytest.raises(ConfigError, match="is no application") as caught:
        middleware.CookieConsentMiddleware(app, secret_key=SECRET)
    assert caught.value.field == "app"
    assert SECRET not in str(caught.value)


def test_starlettes_own_list_refuses_the_other_door() -> None:
    """Starlette builds its middlewares later, and hands over its own inner application then."""
    site = starlette()
    site.add_middleware(wsgi.CookieConsentMiddleware, secret_key=SECRET)
    with pytest.raises(ConfigError, match=r"cookieconsent\.middleware\.asgi"):
        site.build_middleware_stack()


def test_application_is_not_called() -> None:
    called: list[object] = []

    def app(scope: Any, receive: Any, send: Any) -> Awaitable[None] | None:
        called.append(scope)
        return None

    consent_from(app, "ASGI", CONFIG, {})
    assert refused(app, "WSGI") is not None
    assert called == []


@pytest.mark.parametrize("door", ["ASGI", "WSGI"])
def test_what_django_hands_over_is_refused(door: Door) -> None:
    """A class that stands in `MIDDLEWARE` is called with `get_response` and nothing else."""
    with pytest.raises(ConfigError, match=r"In MIDDLEWARE write 'cookieconsent\.integrations"):
        consent_from(one, door, None, {})


# --- the configuration --------------------------------------------------------------------------


def test_option_beside_a_config_has_one_place() -> None:
    with pytest.raises(ContradictionError) as caught:
        consent_from(wsgi_function, "WSGI", CONFIG, {"secure": False, "path": "/c"})
    assert caught.value.fix == "Move path, secure into Config(...)"
    assert (caught.value.first, caught.value.second) == ("config", "path, secure")


def test_secret_without_its_name_is_not_repeated() -> None:
    with pytest.raises(ConfigError, match="a str is no Config") as caught:
        consent_from(wsgi_function, "WSGI", SECRET, {})  # type: ignore[arg-type]
    assert SECRET not in str(caught.value)


def test_file_lies_below_the_fields(tmp_path: Path) -> None:
    file = tmp_path / "cookieconsent.toml"
    file.write_text('[cookieconsent]\npath = "/one"\nsite = "shop"\n', encoding="utf-8")
    config = config_from_fields({"toml": file, "path": "/two", "secret_key": SECRET})
    assert (config.path, config.site) == ("/two", "shop")
    assert config_from_fields({"toml": None, "secret_key": SECRET}).path == "/cookie-consent"


def test_file_is_named_as_it_was_given(tmp_path: Path) -> None:
    for file, said in ((tmp_path / "none.toml", "cannot be read"), (5, "5 is no path")):
        with pytest.raises(ConfigError, match=said) as caught:
            config_from_fields({"toml": file, "secret_key": SECRET})
        assert caught.value.field == "toml"
