"""The example for Flask, driven in process."""

from __future__ import annotations

import runpy

import pytest

from doors import SECRET, Visitor, form_for
from pages import ROOT, Written

EXAMPLE = ROOT / "examples" / "flask" / "app.py"


def test_shop_asks_and_then_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COOKIECONSENT_SECRET", SECRET)
    visitor = Visitor(Written(runpy.run_path(str(EXAMPLE), run_name="app")["app"], "wsgi"))
    visitor.visit()
    assert visitor.sees == "banner"
    assert [part in visitor.page for part in (b"/count.js", b"<iframe")] == [False, False]
    assert form_for(visitor.page, "grant").buttons, "a box stands for the film"
    assert visitor.jar.names() == set()
    visitor.choose("accept")
    assert [part in visitor.page for part in (b"/count.js", b"<iframe")] == [True, True]
    assert [visitor.sees] == ["settings"]
    assert b"visits" in visitor.jar.names()
    visitor.visit("/counted")
    assert b"true" in visitor.page
