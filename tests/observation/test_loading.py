"""Applications are found by name, and their protocol by their arguments."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from fastapi import FastAPI
from flask import Flask, request
from starlette.applications import Starlette

from cookieconsent.observation.answer import ObservationError
from cookieconsent.observation.loading import load, protocol_of

MODULE = """
class Holder:
    app = "an application"

def make():
    return "a built one"

def broken(argument):
    return argument

def failing():
    raise OSError("secret")

class Lazy:
    @property
    def unread(self):
        raise OSError("secret")

holder = Lazy()
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "loaded_site.py").write_text(MODULE, encoding="utf-8")
    (tmp_path / "loaded_needs.py").write_text("import loaded_nowhere\n", encoding="utf-8")
    (tmp_path / "loaded_raises.py").write_text("raise ValueError('secret')\n", encoding="utf-8")
    unset = 'import os\nos.environ["NOWHERE_SET"]\n'
    (tmp_path / "loaded_unset.py").write_text(unset, encoding="utf-8")
    (tmp_path / "loaded_spelt.py").write_text("app = (\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("target", "factory", "expected"),
    [
        ("loaded_site:Holder.app", False, "an application"),
        ("loaded_site:make", True, "a built one"),
    ],
)
def test_applications_are_found(target: str, factory: bool, expected: str, folder: Path) -> None:
    assert load(target, folder=folder, factory=factory) == expected


@pytest.mark.parametrize(
    ("target", "factory", "said"),
    [
        ("shop", False, "neither module:attribute nor an address"),
        ("shop:app()", False, "neither module:attribute nor an address"),
        ("loaded_none:app", False, "there is no module 'loaded_none'"),
        ("loaded_site.none:app", False, "there is no module 'loaded_site.none'"),
        ("loaded_site:none", False, "module 'loaded_site' has no 'none'"),
        ("loaded_needs:app", False, "module 'loaded_needs' needs 'loaded_nowhere'"),
        (
            "loaded_raises:app",
            False,
            "cannot be imported: it raised ValueError in loaded_raises.py, ",
        ),
        (
            "loaded_unset:app",
            False,
            "in loaded_unset.py, line 2: the environment has no NOWHERE_SET.",
        ),
        ("loaded_spelt:app", False, "it raised SyntaxError in loaded_spelt.py, line 1."),
        ("127.0.0.1:8000", False, "Write 'http://127.0.0.1:8000'"),
        ("loaded_site.py:app", False, "Write 'loaded_site:app'"),
        ("loaded_site:Holder.app", True, "is no factory. Leave --factory out"),
        ("loaded_site:broken", True, "raised TypeError. It is called without arguments"),
        ("loaded_site:failing", True, "raised OSError in loaded_site.py, line 12. It is called"),
        ("loaded_site:holder.unread", False, "it raised OSError in loaded_site.py, line 17."),
    ],
)
def test_what_is_not_there_is_told(target: str, factory: bool, said: str, folder: Path) -> None:
    with pytest.raises(ObservationError) as raised:
        load(target, folder=folder, factory=factory)
    assert said in str(raised.value)
    assert "secret" not in str(raised.value)


async def plain_asgi(scope: Any, receive: Any, send: Any) -> None: ...


async def any_asgi(*arguments: Any) -> None: ...


def plain_wsgi(environ: Any, start_response: Any) -> list[bytes]:
    return []


@pytest.mark.parametrize(
    ("app", "door"),
    [
        (plain_asgi, "ASGI"),
        (any_asgi, "ASGI"),
        (Starlette(), "ASGI"),
        (FastAPI(), "ASGI"),
        (ASGIHandler, "ASGI"),
        (plain_wsgi, "WSGI"),
        (Flask("x"), "WSGI"),
        (WSGIHandler, "WSGI"),
    ],
)
def test_protocol_is_told_by_the_signature(app: Any, door: str) -> None:
    if isinstance(app, type):
        app = app.__call__.__get__(object.__new__(app))  # unbuilt: building one needs settings
    assert protocol_of(app) == door


@pytest.mark.parametrize(
    ("app", "said"),
    [
        ("text", "a str is no application"),
        (5, "an int is no application"),
        (lambda: plain_wsgi, "Add --factory"),
        (lambda *arguments: [], "nobody can tell"),
        (lambda a, b, c, d: None, "nobody can tell"),
    ],
)
def test_no_application_is_told(app: Any, said: str) -> None:
    with pytest.raises(ObservationError, match=said):
        protocol_of(app)


def test_proxy_outside_of_its_request_is_no_application() -> None:
    with pytest.raises(ObservationError, match="a LocalProxy is no application"):
        protocol_of(request)
