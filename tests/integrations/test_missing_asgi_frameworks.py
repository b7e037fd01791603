"""An integration whose framework is not installed says so in one line, and names the extra."""

from __future__ import annotations

import subprocess
import sys
import tomllib

import pytest

from pages import ROOT

FRAMEWORKS = {
    "datasette": "datasette",
    "fastapi": "FastAPI",
    "litestar": "Litestar",
    "starlette": "Starlette",
}


def importing(module: str, missing: str) -> list[str]:
    """Return what is written to the terminal by an import where a package is missing."""
    code = f"import sys; sys.modules[{missing!r}] = None; import {module}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, text=True)
    return done.stderr.splitlines()


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_missing_framework_names_the_extra(name: str) -> None:
    module = f"cookieconsent.integrations.{name}"
    lines = importing(module, name)
    assert lines[-1] == (
        f"ImportError: {module} needs {FRAMEWORKS[name]}: pip install 'cookieconsent[{name}]'"
    )
    assert not any("During handling" in line for line in lines)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert name in project["optional-dependencies"]


@pytest.mark.parametrize("missing", ["fastapi", "jinja2"])
def test_starlette_needs_neither_fastapi_nor_jinja(missing: str) -> None:
    assert importing("cookieconsent.integrations.starlette", missing) == []


def test_litestar_needs_no_jinja() -> None:
    assert importing("cookieconsent.integrations.litestar", "jinja2") == []
