"""The shape of the house: import directions, exports, lazy imports, packaging."""

from __future__ import annotations

import ast
import importlib
import json
import os
import re
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "cookieconsent"

# The rings, inside out: a room may import itself and the rooms named here, nothing else of ours.
ROOMS: dict[str, frozenset[str]] = {
    "errors": frozenset(),
    "core": frozenset({"errors"}),
    "ui": frozenset({"core", "errors"}),
    "engine": frozenset({"core", "ui", "errors"}),
    "middleware": frozenset({"core", "engine"}),
    "testing": frozenset({"core", "engine", "errors"}),
    "templating": frozenset({"engine", "errors"}),
    "integrations": frozenset({"core", "engine", "middleware", "templating", "errors"}),
    "demo": frozenset({"core", "engine", "middleware"}),
    "migration": frozenset({"core", "errors"}),
    "observation": frozenset({"core", "errors"}),
    "drafting": frozenset({"core", "observation", "migration", "errors"}),
    "audit": frozenset({"core", "engine", "ui", "observation", "testing", "drafting", "errors"}),
    "pytest_plugin": frozenset({"observation", "audit", "errors"}),
    "cli": frozenset(
        {"core", "engine", "observation", "demo", "migration", "drafting", "audit", "errors"}
    ),
    "__init__": frozenset({"core", "engine", "errors"}),
    "__main__": frozenset({"cli"}),
}
# Packages from elsewhere that a room may import.
FOREIGN: dict[str, frozenset[str]] = {
    "core": frozenset({"itsdangerous"}),
    "ui": frozenset({"markupsafe", "babel"}),
    "engine": frozenset({"markupsafe"}),
    "templating": frozenset({"jinja2", "markupsafe"}),
    "integrations": frozenset(
        {
            *("asgiref", "datasette", "django", "fastapi", "flask", "jinja2", "litestar"),
            *("markupsafe", "pyramid", "quart", "starlette", "werkzeug"),
        }
    ),
    "demo": frozenset({"markupsafe", "starlette"}),
    "observation": frozenset({"cryptography", "playwright", "trustme", "uvicorn"}),
    "pytest_plugin": frozenset({"pytest"}),
    "cli": frozenset({"uvicorn"}),
}


def source_files() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def room_of(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imports_of(path: Path) -> Iterator[str]:
    """Yield the dotted name of every module a file imports, at any depth of nesting."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide the direction"
            assert node.module is not None
            yield node.module
            if node.module == "cookieconsent" or node.module.count(".") == 1:
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


def rooms_imported(path: Path) -> set[str]:
    names = (name.split(".") for name in imports_of(path))
    own = {parts[1] for parts in names if parts[0] == "cookieconsent" and len(parts) > 1}
    return {name for name in own if (SOURCE / name).exists() or (SOURCE / f"{name}.py").exists()}


def foreign_imported(path: Path) -> set[str]:
    tops = {name.split(".")[0] for name in imports_of(path)}
    return {top for top in tops if top != "cookieconsent" and top not in sys.stdlib_module_names}


@pytest.mark.parametrize("path", source_files(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_point_inwards(path: Path) -> None:
    room = room_of(path)
    assert rooms_imported(path) - {room} <= ROOMS[room]


@pytest.mark.parametrize("path", source_files(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_foreign_imports_are_argued(path: Path) -> None:
    assert foreign_imported(path) <= FOREIGN.get(room_of(path), frozenset())


def rooms_of_the_page(text: str) -> dict[str, tuple[list[str], list[str]]]:
    """Return, by room and in order, what the page on architecture lets it import: ours, others'."""
    rooms = {}
    table = re.compile(r"^\| `(\w+)(?:/|\.py)` \|[^|]*\|[^|]*\|([^|]*)\|$", re.MULTILINE)
    for room, cell in table.findall(text):
        ours, _, theirs = re.sub(r"\([^)]*\)", "", cell).partition(";")
        rooms[room] = _names(ours), _names(theirs)
    return rooms


def _names(listed: str) -> list[str]:
    return [name.strip() for name in listed.split(",") if name.strip() not in {"", "nothing"}]


PAGE = rooms_of_the_page((ROOT / "docs/explanation/architecture.md").read_text("utf-8"))


def test_page_has_a_row_for_each_room() -> None:
    assert sorted(PAGE) == sorted([*ROOMS, "locales"])


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_page_says_what_a_room_may_import(room: str) -> None:
    ours, theirs = PAGE[room]
    assert set(ours) == set(ROOMS[room])
    assert set(theirs) == set(FOREIGN.get(room, ()))
    rows = [*PAGE]
    assert all(rows.index(other) < rows.index(room) for other in ours), "imports point up the table"


def test_no_integration_imports_another() -> None:
    folder = SOURCE / "integrations"
    for path in folder.rglob("*.py"):
        own = ".".join(("cookieconsent", *path.relative_to(SOURCE).with_suffix("").parts[:2]))
        others = [
            name
            for name in imports_of(path)
            if name.startswith("cookieconsent.integrations.")
            and not f"{name}.".startswith(f"{own}.")
        ]
        assert others == [], path


def test_audit_is_run_from_outside_alone() -> None:
    """Whoever plans, visits or reports does not need to know in what order that is done."""
    names = {
        path.name
        for path in (SOURCE / "audit").rglob("*.py")
        if "cookieconsent.audit.run" in imports_of(path)
    }
    assert names == {"in_browser.py"}


def test_only_codec_signs() -> None:
    signing = {p.name for p in source_files() if "itsdangerous" in foreign_imported(p)}
    assert signing == {"codec.py"}


@pytest.mark.parametrize("path", source_files(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_module_says_what_its_room_is(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def test_direction_test_can_fail(tmp_path: Path) -> None:
    outward = tmp_path / "x.py"
    outward.write_text("from cookieconsent.engine.config import Config\n", encoding="utf-8")
    assert rooms_imported(outward) == {"engine"}
    assert not rooms_imported(outward) <= ROOMS["core"]


def test_adapters_hold_no_words() -> None:
    """No string of an adapter reads like text for visitors, and none names one of our cookies."""
    for path in (SOURCE / "middleware").glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        docstrings = {
            ast.get_docstring(node, clean=False)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        }
        texts = [
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node.value not in docstrings
        ]
        assert [text for text in texts if text.count(" ") > 1] == []
        assert [text for text in texts if "_ga" in text or "__Host-" in text] == []


@pytest.mark.parametrize("name", ["asgi", "wsgi"])
def test_adapters_stay_thin(name: str) -> None:
    lines = (SOURCE / "middleware" / f"{name}.py").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 280


def root_exports() -> dict[str, str]:
    """Return what the package root re-exports: name and the module it comes from."""
    tree = ast.parse((SOURCE / "__init__.py").read_text(encoding="utf-8"))
    exports = {}
    for node in tree.body[1:]:
        assert isinstance(node, ast.ImportFrom), "the root is a table of contents"
        assert node.module is not None
        for alias in node.names:
            assert alias.asname == alias.name, (
                "re-exports are aliases, so that they count as public"
            )
            exports[alias.name] = node.module
    return exports


def test_root_is_a_table_of_contents() -> None:
    for name, module in root_exports().items():
        package = importlib.import_module("cookieconsent")
        assert getattr(package, name) is getattr(importlib.import_module(module), name)


def test_every_error_is_exported() -> None:
    errors = importlib.import_module("cookieconsent.errors")
    assert set(errors.__all__) <= set(root_exports())


def modules_after(statement: str) -> set[str]:
    """Return the modules a fresh interpreter has loaded after a statement."""
    code = f"{statement}\nimport sys, json\nprint(json.dumps(sorted(sys.modules)))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, env=environment, text=True
    )
    return set(json.loads(done.stdout))


SECRET = "a secret of more than thirty-two characters"


@pytest.mark.parametrize(
    "statement",
    [
        "import cookieconsent",
        f"import cookieconsent; cookieconsent.Config(secret_key={SECRET!r})",
        "from cookieconsent import consent_of",
        "import cookieconsent; cookieconsent.catalogue().classify('_ga')",
    ],
    ids=["root", "config", "consent_of", "catalogue"],
)
def test_root_loads_no_words(statement: str) -> None:
    loaded = modules_after(statement)
    assert not {name for name in loaded if name.startswith("cookieconsent.ui")}
    assert not {"babel", "markupsafe", "starlette", "asyncio"} & loaded


@pytest.mark.parametrize("door", ["asgi", "wsgi"])
def test_doors_load_no_framework(door: str) -> None:
    loaded = modules_after(f"import cookieconsent.middleware.{door}")
    assert not {"starlette", "django", "flask", "werkzeug", "webob"} & loaded


def test_testing_loads_no_framework() -> None:
    loaded = modules_after("import cookieconsent.testing")
    assert not {"starlette", "django", "flask", "webtest", "httpx2", "playwright"} & loaded


# --- packaging ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The sdist, and the wheel built from it."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT],
        check=True,
        capture_output=True,
    )
    return next(folder.glob("*.tar.gz")), next(folder.glob("*.whl"))


@pytest.mark.packaging
def test_wheel_holds_what_it_needs(distributions: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(distributions[1]) as wheel:
        names = set(wheel.namelist())
    shipped = {path.relative_to(SOURCE.parent).as_posix() for path in source_files()}
    assert shipped <= names
    assert {
        "cookieconsent/py.typed",
        "cookieconsent/core/catalogue.tsv",
        "cookieconsent/core/trackers.tsv",
        "cookieconsent/ui/styles/banner.css",
        "cookieconsent/demo/styles/shop.css",
        "cookieconsent/demo/art/teapot.svg",
        "cookieconsent/locales/de/LC_MESSAGES/cookieconsent.po",
    } <= names
    assert not [name for name in names if "tests" in name.split("/")]


@pytest.mark.packaging
def test_every_locale_loads_from_the_wheel(
    distributions: tuple[Path, Path], tmp_path: Path
) -> None:
    """The wheel made from the sdist works in an empty environment, far from the checkout."""
    home = tmp_path / "venv"
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    site = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--target", site, distributions[1]],
        check=True,
        capture_output=True,
    )
    code = (
        "from cookieconsent.ui.languages import shipped\n"
        "from cookieconsent.middleware.wsgi import CookieConsentMiddleware\n"
        f"CookieConsentMiddleware(lambda e, s: [], secret_key={SECRET!r})\n"
        "for name in shipped().names:\n"
        "    print(name, shipped().words(name).gettext('Accept all'))\n"
    )
    done = subprocess.run(
        [python, "-I", "-c", code], check=True, capture_output=True, text=True, cwd=tmp_path
    )
    spoken = dict(line.split(" ", 1) for line in done.stdout.splitlines())
    shipped = {path.name for path in (ROOT / "locales").iterdir() if path.is_dir()}
    assert set(spoken) == shipped
    assert spoken["en"] == "Accept all"
    assert spoken["de"] != "Accept all"


@pytest.mark.packaging
def test_sdist_holds_the_project(distributions: tuple[Path, Path]) -> None:
    listed = subprocess.run(
        ["tar", "-tzf", distributions[0]], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    tops = {line.split("/")[1] for line in listed if "/" in line}
    assert {
        "src",
        "tests",
        "bench",
        "docs",
        "examples",
        "locales",
        "LICENSE",
        "NOTICE",
        "CHANGELOG.md",
    } <= tops
