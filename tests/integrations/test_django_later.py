"""The same tests under the latest Django, which needs a later Python than this project does."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from pages import ROOT

LATEST: Final = "django>=6,<7"
LEAST: Final = (3, 12)
"""What Django 6.0 asks for."""
NAMES: Final = ("python3.14", "python3.13", "python3.12", "python3", "python")
NEEDED: Final = ("hypothesis>=6.100", "pytest>=9", "pytest-timeout>=2.3")
TESTS: Final = ("test_django.py", "test_django_checks.py")


def candidates() -> Iterator[str]:
    """Yield what may be a Python: this one, those on the path, those of a version manager."""
    yield sys.executable
    yield from filter(None, map(shutil.which, NAMES))
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for versions in (pyenv, Path(sys.base_prefix).parent):
        yield from sorted(map(str, versions.glob("3.*/bin/python3")), reverse=True)


def is_late_enough(python: str) -> bool:
    """Tell whether a Python runs, is late enough and can make environments."""
    code = f"import sys, venv, ensurepip; sys.exit(sys.version_info < {LEAST})"
    return subprocess.run([python, "-c", code], capture_output=True, check=False).returncode == 0


@pytest.mark.packaging
@pytest.mark.timeout(600)
def test_latest_django_passes_the_same_tests(tmp_path: Path) -> None:
    later = next(filter(is_late_enough, candidates()), None)
    if later is None:
        pytest.skip("NOT RUN: Django 6 needs Python 3.12 or later, and none was found")
    subprocess.run([later, "-m", "venv", tmp_path / "venv"], check=True)
    python = str(tmp_path / "venv" / "bin" / "python")
    install = [python, "-m", "pip", "install", "-q", str(ROOT), LATEST, *NEEDED]
    subprocess.run(install, check=True, capture_output=True)
    tests = [str(ROOT / "tests" / "integrations" / name) for name in TESTS]
    done = subprocess.run(
        [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^\d{3,} passed", done.stdout, re.MULTILINE), done.stdout
    version = subprocess.run(
        [python, "-c", "import django; print(django.VERSION[0])"],
        capture_output=True,
        check=True,
        text=True,
    )
    assert int(version.stdout) == 6
