"""A newcomer copies a guide into an empty folder, from its top to a command, and sees the banner.

Nothing else is there: no folder of this checkout is on the path. Only the port differs, since tests run
side by side.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from doors import SECRET, banners
from pages import GUIDES, Block, blocks
from proxies.servers import free_port

OF_FRAMEWORKS = [
    ("starlette", "uvicorn shop:app"),
    ("fastapi", "uvicorn shop:app"),
    ("litestar", "uvicorn shop:app"),
    ("pyramid", "waitress-serve --listen=localhost:8000 shop:app"),
    ("pyramid", "PYTHONPATH=. pserve development.ini"),
    ("datasette", "datasette shop.db --create --metadata metadata.yaml"),
    ("django", "python manage.py runserver"),
    ("flask", "flask --app shop run"),
    ("quart", "quart --app shop run"),
    ("falcon", "waitress-serve --listen=localhost:8000 shop:app"),
    ("bottle", "waitress-serve --listen=localhost:8000 shop:app"),
    ("falcon", "uvicorn shop:async_app"),
]
OF_TASKS = [
    ("any-application", "waitress-serve --listen=localhost:8000 shop:app"),
    ("any-application", "uvicorn shop:async_app"),
    ("strict-csp", "uvicorn shop:app"),
    ("consent-mode", "uvicorn shop:app"),
    ("templates", "uvicorn shop:app"),
    ("embeds", "waitress-serve --listen=localhost:8000 shop:app"),
    ("declare-cookies", "uvicorn shop:app"),
]
PORT_OPTIONS = {"uvicorn": "--port", "datasette": "--port", "flask": "--port", "quart": "--port"}
SECONDS_TO_START = 60


def copied(guide: str, command: str, folder: Path) -> None:
    """Write the files of a guide as they stand in it, until the command comes."""
    for block in blocks(GUIDES / f"{guide}.md"):
        if command in block.text.splitlines():
            return
        if block.language == "sh":
            run_set_up(block.text, folder)
        else:
            write(block, folder)
    raise AssertionError(f"{guide}: {command} is not in it")


def run_set_up(text: str, folder: Path) -> None:
    """Run what makes a project; packages and the secret are there."""
    for line in text.splitlines():
        if line.startswith("django-admin "):
            words = shlex.split(line)[1:]
            subprocess.run([sys.executable, "-m", "django", *words], cwd=folder, check=True)


def write(block: Block, folder: Path) -> None:
    end = re.match(r"# at the end of (\S+)\n", block.text)
    file = folder / (end[1] if end else block.file or "shop.py")
    file.parent.mkdir(exist_ok=True, parents=True)
    with file.open("a", encoding="utf-8") as added:
        added.write(block.text)


def words_with_port(command: str, port: int, folder: Path) -> list[str]:
    """Return a command that listens elsewhere."""
    settings = folder / "development.ini"
    if settings.exists():
        settings.write_text(settings.read_text("utf-8").replace(":8000", f":{port}"), "utf-8")
    words = shlex.split(command.replace(":8000", f":{port}").removeprefix("PYTHONPATH=. "))
    if words[0] in PORT_OPTIONS:
        words += [PORT_OPTIONS[words[0]], str(port)]
    if "runserver" in words:
        words += [str(port), "--noreload"]
    return [str(Path(sys.executable).with_name(words[0])), *words[1:]]


@contextmanager
def serving(words: list[str], folder: Path, *, from_here: bool) -> Iterator[None]:
    environment = {**os.environ, "COOKIECONSENT_SECRET": SECRET}
    environment.pop("PYTHONPATH", None)
    if from_here:
        environment["PYTHONPATH"] = "."
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(words, cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            yield
        finally:
            server.terminate()
            server.wait(10)


def page_at(port: int) -> bytes:
    """Return the front page, as soon as somebody listens."""
    request = urllib.request.Request(f"http://localhost:{port}/", headers={"Accept": "text/html"})
    until = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            with urllib.request.urlopen(request) as answer:
                body: bytes = answer.read()
                return body
        except urllib.error.URLError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


@pytest.mark.parametrize(("guide", "command"), [*OF_FRAMEWORKS, *OF_TASKS])
def test_copy_of_a_guide_shows_the_banner(guide: str, command: str, tmp_path: Path) -> None:
    copied(guide, command, tmp_path)
    port = free_port()
    words = words_with_port(command, port, tmp_path)
    with serving(words, tmp_path, from_here=command.startswith("PYTHONPATH")):
        try:
            page = page_at(port)
        except OSError as error:
            raise AssertionError((tmp_path / "log").read_text("utf-8")) from error
    assert banners(page) == 1


@pytest.mark.parametrize("guide", sorted({guide for guide, _ in OF_FRAMEWORKS}))
def test_guide_says_first_how_to_install(guide: str) -> None:
    first = next(blocks(GUIDES / f"{guide}.md"))
    install, secret, *_ = first.text.splitlines()
    assert install.startswith(f"pip install 'cookieconsent[{guide}]'")
    assert secret.startswith("export COOKIECONSENT_SECRET=")


def test_pserve_needs_what_the_guide_writes(tmp_path: Path) -> None:
    copied("pyramid", "PYTHONPATH=. pserve development.ini", tmp_path)
    done = subprocess.run(
        [str(Path(sys.executable).with_name("pserve")), "development.ini"],
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        capture_output=True,
        check=False,
        text=True,
        timeout=SECONDS_TO_START,
    )
    assert "No module named 'shop'" in done.stderr
