"""How the examples are started: each by one command, which its file and the documentation tell."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pages import COMMANDS, EXAMPLES_PAGE, ROOT, blocks

EXAMPLES = ROOT / "examples"
START = {
    "bottle": "PYTHONPATH=examples/bottle waitress-serve --listen=localhost:8000 app:app",
    "datasette": (
        "datasette --memory --metadata examples/datasette/metadata.yaml"
        " --template-dir examples/datasette/templates"
    ),
    "django": "python examples/django/app.py runserver",
    "falcon": "uvicorn --app-dir examples/falcon app:app",
    "fastapi": "uvicorn --app-dir examples/fastapi app:app",
    "flask": "flask --app examples/flask/app.py run",
    "litestar": "uvicorn --app-dir examples/litestar app:app",
    "plain_asgi": "uvicorn --app-dir examples/plain_asgi app:app",
    "plain_wsgi": "PYTHONPATH=examples/plain_wsgi waitress-serve --listen=localhost:8000 app:app",
    "pyramid": "PYTHONPATH=examples/pyramid waitress-serve --listen=localhost:8000 app:app",
    "quart": "quart --app examples/quart/app.py run",
    "starlette": "uvicorn --app-dir examples/starlette app:app",
}
"""What starts each of them, once its packages are there and a secret is set."""
SECRET = "COOKIECONSENT_SECRET=$(python3 -c 'import secrets; print(secrets.token_urlsafe(32))')"

every_example = pytest.mark.parametrize("name", START)


def file_of(name: str) -> Path:
    return EXAMPLES / name / ("metadata.yaml" if name == "datasette" else "app.py")


def told_by(name: str) -> tuple[str, str]:
    """Return what the first lines of an example say: the packages, and the command after them."""
    text = re.sub(r"^# *", "", file_of(name).read_text(encoding="utf-8"), flags=re.MULTILINE)
    told = re.search(r"by one command:\n(pip install (?:.*\\\n)*.*)", text)
    assert told is not None
    packages, command = re.sub(r"\s*\\\n\s*", " ", told[1]).split(" && ")
    return packages, command


def test_there_is_an_example_for_each_command() -> None:
    assert sorted(folder.name for folder in EXAMPLES.iterdir()) == sorted(START)


@every_example
def test_example_says_how_it_starts(name: str) -> None:
    assert told_by(name)[1] == f"{SECRET} {START[name]}"


@every_example
def test_packages_of_the_command_exist(name: str) -> None:
    COMMANDS["pip"](re.findall(r"[^\s']+", told_by(name)[0])[1:], {}, ROOT)


@every_example
def test_templates_have_what_renders_them(name: str) -> None:
    """In an empty environment; datasette, Flask and Quart bring Jinja2, Django has its own."""
    brings = {"datasette", "flask", "quart", "django"}
    text = "".join(file.read_text(encoding="utf-8") for file in EXAMPLES.glob(f"{name}/*.py"))
    if "jinja" in text.lower() and name not in brings:
        assert "jinja2" in told_by(name)[0]


@every_example
def test_example_is_short(name: str) -> None:
    assert len(file_of(name).read_text(encoding="utf-8").splitlines()) < 60


def test_page_has_the_same_commands() -> None:
    """With the secret made before, once for all of them."""
    secret, *commands = [block.text.strip() for block in blocks(EXAMPLES_PAGE)]
    assert secret == f"export {SECRET}"
    told = {name: told_by(name)[0] for name in START}
    assert sorted(commands) == sorted(f"{told[name]} && {START[name]}" for name in START)


@every_example
def test_page_leads_to_the_file(name: str) -> None:
    link = f"[The shop](../../examples/{name}/{file_of(name).name})"
    assert EXAMPLES_PAGE.read_text(encoding="utf-8").count(link) == 1
