"""README and the pages under docs/, and their code blocks, run in order as a reader runs them.

Every fenced block has a language, and every language has one way to be run:

- `python` is executed; the blocks of a page build on each other. Where its first line says so
  (`# at the end of shop/settings.py`), it is added to that file instead.
- `ini` is a file of settings, which its first line names.
- `toml` is read as a configuration. Where its first line names a file (`# cookieconsent.toml`), it
  is that file for the blocks that follow.
- `groovy` configures Jenkins: its braces close, and its `sh '...'` are checked like those.
- `json` is read, `yaml` likewise; where its first line names a file, it is that file.
- `html+jinja` and `html+django` are templates, each in the file that its first line names
  (`{# templates/page.html #}`).
- `nginx` and `vcl` configure a caching proxy, which `tests/proxies` starts with them.
- `sh` is checked word by word: targets, packages, modules, applications and options exist.
- `text` is output. Which test compares it stands in `tests/docs/test_snippets.py`.

A block behind `<!-- not run: reason -->` is left alone; the tests count those.
"""

from __future__ import annotations

import configparser
import json
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import metadata
from pathlib import Path
from typing import Any, Final, TypeAlias

import jinja2
import yaml  # type: ignore[import-untyped]

from cookieconsent import Config
from cookieconsent.audit import known
from cookieconsent.templating.jinja import ConsentExtension
from doors import SECRET, Clock, Door, Site
from oracles.drivers import Answer, Exchange, run_asgi, run_wsgi

ROOT: Final = Path(__file__).resolve().parents[1]
PAGES: Final = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])

GUIDES: Final = ROOT / "docs" / "how-to"
PROXY_GUIDE: Final = GUIDES / "shared-caches.md"
EXAMPLES_PAGE: Final = ROOT / "docs" / "tutorial" / "examples.md"

Names: TypeAlias = dict[str, Any]
"""What the Python blocks of a page have defined."""
ReadGuide: TypeAlias = Callable[[str], Names]
"""Runs a how-to guide, called by the name of its file."""

_FENCE = re.compile(
    r"^(?P<mark><!-- not run: (?P<reason>[^>]+) -->\n+)?```(?P<language>[^\n]*)\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)


def page_name(page: Path) -> str:
    """Return how a page is called in test ids."""
    return page.relative_to(ROOT).as_posix()


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One code block of a page."""

    page: Path
    language: str
    text: str
    line: int
    """The line of the page in which its fence opens, from 1."""
    not_run: str | None
    """Why it is not run, where it says so."""

    def __str__(self) -> str:
        return f"{page_name(self.page)}:{self.line}"

    @property
    def file(self) -> str | None:
        """The file that its first line names, if one does."""
        found = re.match(r"(?:#|\{#) ([\w./-]+\.\w+)(?: #\})?\n", self.text)
        return None if found is None else found[1]


def blocks(page: Path) -> Iterator[Block]:
    """Yield the code blocks of a page in order, without the directives of the builder."""
    text = page.read_text(encoding="utf-8")
    for found in _FENCE.finditer(text):
        if not found["language"].startswith("{"):
            yield Block(
                page=page,
                language=found["language"],
                text=found["text"],
                line=text.count("\n", 0, found.start("language")) + 1,
                not_run=found["reason"],
            )


# --- running --------------------------------------------------------------------------------------


def read_along(page: Path, folder: Path) -> Iterator[tuple[Block, Names]]:
    """Run a page block by block in a folder, which is the working one; yield after each."""
    names: Names = {"__name__": "shop"}
    for block in blocks(page):
        if block.not_run is None:
            RUNNERS[block.language](block, names, folder)
        yield block, names


def run(page: Path, folder: Path) -> Names:
    """Run a page; return what its Python blocks have defined."""
    names: Names = {}
    for step in read_along(page, folder):
        names = step[1]
    return names


def run_alone(page: Path, folder: Path, script: str = "") -> str:
    """Run a page, then a script that sees its `names`, in an interpreter of their own.

    For what can be set up only once per process.
    """
    code = (
        f"from pathlib import Path\nimport pages\nnames = pages.run(Path({str(page)!r}), Path())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\nsys.path[:0] = {sys.path!r}\n{code}{script}"],
        cwd=folder,
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


class _File:
    """The reader's file as a module, in which some frameworks look up what annotations name."""

    def __init__(self, names: Names) -> None:
        self.__dict__ = names


def _python(block: Block, names: Names, folder: Path) -> None:
    end = re.match(r"# at the end of ([\w./-]+)\n", block.text)
    if end is not None:
        with (folder / end[1]).open("a", encoding="utf-8") as file:
            file.write(block.text)
        return
    name = names["__name__"]
    if not (folder / name).is_dir():  # else it is a package, as in Django
        sys.modules[name] = _File(names)  # type: ignore[assignment]
    try:
        # As far down as in the page, so that a traceback names the page's own line.
        exec(compile("\n" * block.line + block.text, str(block.page), "exec"), names)
    finally:
        if isinstance(sys.modules.get(name), _File):
            del sys.modules[name]


def _toml(block: Block, names: Names, folder: Path) -> None:
    file = folder / (block.file or f"line-{block.line}.toml")
    file.write_text(block.text, encoding="utf-8")
    if "[[suppress]]" in file.read_text(encoding="utf-8"):
        assert known.read(file)
        return
    Config.from_toml(file, secret_key=SECRET)


def _ini(block: Block, names: Names, folder: Path) -> None:
    assert block.file is not None, f"{block}: the first line names no file"
    configparser.ConfigParser(interpolation=None).read_string(block.text)
    (folder / block.file).write_text(block.text, encoding="utf-8")


def _json(block: Block, names: Names, folder: Path) -> None:
    json.loads(block.text)


def _yaml(block: Block, names: Names, folder: Path) -> None:
    assert yaml.safe_load(block.text)
    if block.file is not None:
        (folder / block.file).parent.mkdir(exist_ok=True, parents=True)
        (folder / block.file).write_text(block.text, encoding="utf-8")


def _groovy(block: Block, names: Names, folder: Path) -> None:
    assert block.text.count("{") == block.text.count("}")
    commands = re.findall(r"\bsh '([^'\n]+)'", block.text)
    assert commands
    for command in commands:
        run_command(command, names, folder)


def _template(block: Block, names: Names, folder: Path) -> None:
    assert block.file is not None, f"{block}: the first line names no file"
    if block.language == "html+django":
        _parse_for_django(block.text)
    else:
        jinja2.Environment(autoescape=True, extensions=[ConsentExtension]).parse(block.text)
    file = folder / block.file
    file.parent.mkdir(exist_ok=True, parents=True)
    file.write_text(block.text, encoding="utf-8")


def _parse_for_django(text: str) -> None:
    from django.template import Engine

    libraries = {
        "cache": "django.templatetags.cache",
        "cookieconsent": "cookieconsent.integrations.django.templatetags.cookieconsent",
    }
    Engine(debug=False, libraries=libraries).from_string(text)


def _shell(block: Block, names: Names, folder: Path) -> None:
    if block.page == EXAMPLES_PAGE:  # whose commands tests/examples compares with the examples
        return
    for line in block.text.splitlines():
        run_command(line, names, folder)


def run_command(line: str, names: Names, folder: Path) -> None:
    """Check a line for a shell, word by word."""
    for part in line.split(" && "):
        command, *words = shlex.split(part, comments=True)
        COMMANDS[command](words, names, folder)


def _proxy(block: Block, names: Names, folder: Path) -> None:
    # Started, and looked through, by tests/proxies, which take every such block of this one page.
    assert block.page == PROXY_GUIDE


RUNNERS: Final[dict[str, Callable[[Block, Names, Path], None]]] = {
    "python": _python,
    "toml": _toml,
    "groovy": _groovy,
    "ini": _ini,
    "json": _json,
    "html+django": _template,
    "html+jinja": _template,
    "yaml": _yaml,
    "sh": _shell,
    "nginx": _proxy,
    "vcl": _proxy,
    "text": lambda block, names, folder: None,
}


# --- commands -------------------------------------------------------------------------------------


def _make(words: list[str], names: Names, folder: Path) -> None:
    program = shutil.which("make")
    assert program is not None
    subprocess.run([program, "--dry-run", *words], cwd=ROOT, check=True, capture_output=True)


def _pip(words: list[str], names: Names, folder: Path) -> None:
    assert words[0] == "install"
    for package in words[1:]:
        name, *extras = re.split(r"[\[,\]]", package.rstrip("]"))
        known = metadata("cookieconsent" if name == "." else name)
        assert set(extras) <= set(known.get_all("Provides-Extra", []))


def _interpreter(words: list[str], names: Names, folder: Path) -> None:
    if words[:2] == ["-m", "venv"]:
        assert re.fullmatch(_ENVIRONMENT, words[2]), (
            "beside the checkout, where tests are one's own"
        )
        return
    if words[0] == "manage.py":
        assert words[1] in {"runserver", "test"}
        assert len(words) == 2
        return
    assert words[:2] == ["-m", "cookieconsent"], words
    command = [sys.executable, *words, "--help"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


_ENVIRONMENT = r"\.\./shop/\.venv"
"""Where a reader makes an environment, seen from the checkout."""


def _activate(words: list[str], names: Names, folder: Path) -> None:
    assert re.fullmatch(rf"{_ENVIRONMENT}/bin/activate", words[0])


def _enter(words: list[str], names: Names, folder: Path) -> None:
    assert words == ["../shop"], "the folder in which the environment was made"


def _export(words: list[str], names: Names, folder: Path) -> None:
    name, _, command = words[0].partition("=")
    assert name == "COOKIECONSENT_SECRET"
    found = re.fullmatch(r"\$\(python3 -c (.+)\)", " ".join([command, *words[1:]]))
    assert found is not None, words
    made = subprocess.run(
        [sys.executable, "-c", found[1]], check=True, capture_output=True, text=True
    )
    Config(secret_key=made.stdout.strip())


def _uvicorn(words: list[str], names: Names, folder: Path) -> None:
    module, _, attribute = words[0].partition(":")
    assert callable(names[attribute])
    assert module == names["__name__"]
    _know_options("uvicorn", words[1:])


def _datasette(words: list[str], names: Names, folder: Path) -> None:
    database, *options = words
    assert database.endswith(".db")
    command = [sys.executable, "-m", "datasette", "--memory", *options, "--get", "/"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


def _flask(words: list[str], names: Names, folder: Path) -> None:
    assert words == ["--app", names["__name__"], "run"]
    assert callable(names["app"])


def _waitress(words: list[str], names: Names, folder: Path) -> None:
    *options, target = words
    module, _, attribute = target.partition(":")
    assert callable(names[attribute])
    assert module == names["__name__"]
    assert all(re.fullmatch(r"--listen=localhost:\d+", option) for option in options)


def _pserve(words: list[str], names: Names, folder: Path) -> None:
    # Imported here, since only one guide has it.
    from plaster import get_settings

    [file] = words
    assert get_settings(file, "app:main")["use"] == f"call:{names['__name__']}:main"
    assert get_settings(file, "server:main")["use"] == "egg:waitress"


def _from_here(words: list[str], names: Names, folder: Path) -> None:
    COMMANDS[words[0]](words[1:], names, folder)


def _django_admin(words: list[str], names: Names, folder: Path) -> None:
    subprocess.run([sys.executable, "-m", "django", *words], cwd=folder, check=True)


def _cookieconsent(words: list[str], names: Names, folder: Path) -> None:
    command = [word for word in words[:2] if re.fullmatch(r"[a-z]+", word)]
    _know_options("cookieconsent", words, *command)


def _pytest(words: list[str], names: Names, folder: Path) -> None:
    command = [sys.executable, "-m", "pytest", "--help"]
    told = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout
    known = set(re.findall(r"--[\w-]+", told))
    assert {word.partition("=")[0] for word in words if word.startswith("-")} <= known


def _curl(words: list[str], names: Names, folder: Path) -> None:
    # tests/docs/test_check_by_hand.py sends them to the demo shop.
    options = {word for word in words if word.startswith("-")}
    assert options <= {"-H", "-b", "-c", "-d", "-i", "-o", "-s"}
    assert words[-1].startswith("http://127.0.0.1:8000/")


def _know_options(module: str, words: list[str], *command_words: str) -> None:
    """Refuse an option that a program does not list."""
    command = [sys.executable, "-m", module, *command_words, "--help"]
    known = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    for word in words:
        if word.startswith("-"):
            assert word.partition("=")[0] in known.replace(",", " ").split(), word


COMMANDS: Final[dict[str, Callable[[list[str], Names, Path], None]]] = {
    ".": _activate,
    "PYTHONPATH=.": _from_here,
    "cookieconsent": _cookieconsent,
    "cd": _enter,
    "curl": _curl,
    "datasette": _datasette,
    "django-admin": _django_admin,
    "export": _export,
    "flask": _flask,
    "make": _make,
    "pip": _pip,
    "pserve": _pserve,
    "pytest": _pytest,
    "python": _interpreter,
    "python3": _interpreter,
    "quart": _flask,
    "uvicorn": _uvicorn,
    "waitress-serve": _waitress,
}


# --- visiting -------------------------------------------------------------------------------------


class Written(Site):
    """An application that a page has written, for visitors.

    Args:
        app: The application, wrapped.
        door: How it is called.
    """

    def __init__(self, app: Any, door: Door) -> None:
        self.door = door
        self.asgi, self.wsgi = (app, None) if door == "asgi" else (None, app)
        self.clock = Clock(time.time())

    def send(self, exchange: Exchange, **server: Any) -> Answer:
        """Send one exchange, unwatched: Django's own headers are not in lower case."""
        if self.door == "asgi":
            return run_asgi(self.asgi, exchange, lint=False, **server)
        return run_wsgi(self.wsgi, exchange, **server)
