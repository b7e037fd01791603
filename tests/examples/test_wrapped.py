"""The examples for Pyramid, Falcon, Bottle and plain applications, driven in process."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

from doors import SECRET, Door, Visitor, form_for
from pages import ROOT, Written

EXAMPLES: dict[str, Door] = {
    "bottle": "wsgi",
    "falcon": "asgi",
    "plain_asgi": "asgi",
    "plain_wsgi": "wsgi",
    "pyramid": "wsgi",
}
every_example = pytest.mark.parametrize("name", EXAMPLES)


def file_of(name: str) -> Path:
    return ROOT / "examples" / name / "app.py"


def started(name: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Import an example as a server does, and return its application."""
    spec = importlib.util.spec_from_file_location("app", file_of(name))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "app", module)
    spec.loader.exec_module(module)
    return module.app


@every_example
def test_shop_asks_and_then_counts(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COOKIECONSENT_SECRET", SECRET)
    visitor = Visitor(Written(started(name, monkeypatch), EXAMPLES[name]))
    visitor.visit()
    assert visitor.sees == "banner"
    assert [part in visitor.page for part in (b"/count.js", b"<iframe")] == [False, False]
    assert form_for(visitor.page, "grant").buttons, "a box stands for the film"
    assert visitor.jar.names() == set()
    visitor.choose("accept")
    assert [part in visitor.page for part in (b"/count.js", b"<iframe")] == [True, True]
    assert [visitor.sees] == ["settings"]
    assert b"visits" in visitor.jar.names()
    visitor.visit("/cookie-consent")
    assert b"The tea shop" in visitor.page
    assert b"The tea shop (third party)" not in visitor.page


@every_example
def test_secret_has_no_default(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COOKIECONSENT_SECRET", raising=False)
    with pytest.raises(KeyError, match="COOKIECONSENT_SECRET"):
        started(name, monkeypatch)
