"""`make demo`, the README's first command, in an environment that it makes itself."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import urllib.request
from pathlib import Path

import pytest

from demo.processes import OPEN, PATIENCE, both_doors
from test_layout import ROOT


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the environment will be; nothing is there yet."""
    if shutil.which("make") is None:
        pytest.fail("make is not installed")
    return tmp_path_factory.mktemp("make") / "venv"


@pytest.mark.packaging
@pytest.mark.timeout(600)
@both_doors
def test_make_demo_opens_the_shop(environment: Path, door: list[str]) -> None:
    words = ["make", "demo", f"VENV={environment}", f"DEMO_ARGS={' '.join(['--port 0', *door])}"]
    keep = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    process = subprocess.Popen(
        words, cwd=ROOT, env=keep, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        assert process.stdout is not None
        said = next(filter(OPEN.fullmatch, process.stdout), None)
        assert said is not None
        found = re.search(r"http://[^ ]+", said)
        assert found is not None
        request = urllib.request.Request(found[0], headers={"Accept": "text/html"})
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            assert b"cookieconsent-banner" in answer.read()
        os.killpg(process.pid, signal.SIGINT)  # what Ctrl-C does to make and the shop
        process.communicate(timeout=PATIENCE)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
