"""A reader of the guides."""

from __future__ import annotations

from pathlib import Path

import pytest

from doors import SECRET
from pages import GUIDES, ReadGuide, run


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ReadGuide:
    """Run a guide and return what it defines."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COOKIECONSENT_SECRET", SECRET)
    return lambda name: run(GUIDES / f"{name}.md", tmp_path)
