"""The documentation builds without a warning, and what it builds fetches nothing from elsewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from pages import PAGES, ROOT

DOCS = ROOT / "docs"
FETCHING = re.compile(
    r"<(?:script|img|iframe)[^>]*\ssrc=\"(?:https?:)?//"
    r"|<link[^>]*rel=\"(?:stylesheet|preload|preconnect|icon)\"[^>]*href=\"(?:https?:)?//"
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The HTML, built as `make docs` builds it."""
    folder = tmp_path_factory.mktemp("built")
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "--fail-on-warning", "--quiet", DOCS, folder],
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return folder


def test_every_page_is_built(built: Path) -> None:
    pages = [page.relative_to(DOCS) for page in PAGES if DOCS in page.parents]
    assert [page for page in pages if not (built / page.with_suffix(".html")).exists()] == []


def test_every_page_is_in_the_navigation(built: Path) -> None:
    index = (built / "index.html").read_text(encoding="utf-8")
    pages = [page.relative_to(DOCS).with_suffix(".html").as_posix() for page in built_sources()]
    assert [page for page in pages if f'href="{page}"' not in index] == []


def built_sources() -> list[Path]:
    return [page for page in PAGES if DOCS in page.parents and page.name != "index.md"]


def test_pages_fetch_nothing_from_elsewhere(built: Path) -> None:
    for file in built.rglob("*.html"):
        assert FETCHING.search(file.read_text(encoding="utf-8")) is None, file
    for file in built.rglob("*.css"):
        sheet = file.read_text(encoding="utf-8")
        assert not re.search(r"@import|url\([\"']?(?:https?:)?//", sheet), file


def test_four_kinds_of_pages() -> None:
    sections = re.findall(
        r"^## (.+)$", (DOCS / "index.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert sections == ["Tutorial", "How-to guides", "Reference", "Explanation"]


def test_folders_are_the_four_kinds() -> None:
    folders = {page.parent.name for page in built_sources()}
    assert folders == {"tutorial", "how-to", "reference", "explanation"}


def test_make_builds_the_same() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "sphinx-build --fail-on-warning --quiet docs build/docs" in makefile
