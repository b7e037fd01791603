"""The example for Django, driven in a process of its own, since settings are made once in each."""

from __future__ import annotations

import subprocess
import sys

import pytest

from doors import SECRET
from pages import ROOT

EXAMPLE = ROOT / "examples" / "django" / "app.py"

VISIT = """
from app import application
from doors import Visitor
from pages import Written

def look():
    print(visitor.sees, b"/count.js" in visitor.page, b"<iframe" in visitor.page, visitor.jar.names())

visitor = Visitor(Written(application, "wsgi"), origin="https://localhost")
visitor.visit()
look()
visitor.choose("accept")
look()
"""


def run(*arguments: str) -> str:
    """Return what a Python program of the example prints."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, check=False, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_shop_asks_and_then_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COOKIECONSENT_SECRET", SECRET)
    folders = [str(EXAMPLE.parent), *sys.path]
    first, second = run("-c", f"import sys\nsys.path[:0] = {folders!r}\n{VISIT}").splitlines()
    assert first == "banner False False set()"
    assert second.startswith("settings True True")
    assert "visits" in second


def test_system_checks_find_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COOKIECONSENT_SECRET", SECRET)
    assert run(str(EXAMPLE), "check") == "System check identified no issues (0 silenced).\n"
