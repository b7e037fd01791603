"""The example for datasette, driven in process."""

from __future__ import annotations

import pytest
import yaml  # type: ignore[import-untyped]
from datasette.app import Datasette

from doors import SECRET, Visitor, form_for
from pages import COMMANDS, ROOT, Written

EXAMPLE = ROOT / "examples" / "datasette"
OPTIONS = [
    "--metadata",
    "examples/datasette/metadata.yaml",
    "--template-dir",
    "examples/datasette/templates",
]


def test_datasette_asks_and_then_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COOKIECONSENT_SECRET", SECRET)
    metadata = yaml.safe_load((EXAMPLE / "metadata.yaml").read_text(encoding="utf-8"))
    site = Datasette(memory=True, metadata=metadata, template_dir=str(EXAMPLE / "templates"))
    visitor = Visitor(Written(site.app(), "asgi"))
    visitor.visit()
    assert visitor.sees == "banner"
    assert [part in visitor.page for part in (b"/count.js", b"<iframe")] == [False, False]
    assert form_for(visitor.page, "grant").buttons, "a box stands for the film"
    visitor.choose("accept")
    assert [part in visitor.page for part in (b"/count.js", b"<iframe")] == [True, True]
    assert [visitor.sees] == ["settings"]


def test_command_of_the_example_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COOKIECONSENT_SECRET", SECRET)
    COMMANDS["datasette"](["shop.db", *OPTIONS], {}, ROOT)
