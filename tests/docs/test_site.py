"""The documentation builds without a warning, and what it builds fetches nothing from elsewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

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


# --- finding one's way ----------------------------------------------------------------------------

READERS = {
    "build a site": ["tutorial/shop", "how-to/flask", "reference/configuration"],
    "answer for data protection": [
        "explanation/law",
        "explanation/privacy-policy",
        "explanation/limits",
        "how-to/receipts",
    ],
    "test a site": ["how-to/check-by-hand", "how-to/end-to-end-tests", "reference/http"],
    "run servers": ["how-to/proxy", "how-to/shared-caches", "how-to/secrets"],
}


class _Links(HTMLParser):
    """Where a page leads, and what can be led to in it."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.ids: set[str] = set()
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if identifier := named.get("id"):
            self.ids.add(identifier)
        target = named.get("href") if tag in {"a", "link"} else named.get("src")
        if target is not None and not urlsplit(target).scheme and not target.startswith("//"):
            self.targets.append(target)


def test_internal_links_and_anchors_lead_somewhere(built: Path) -> None:
    pages = {page: _Links(page) for page in built.rglob("*.html")}
    lost = []
    for page, links in pages.items():
        for target in links.targets:
            parts = urlsplit(target)
            there = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            known = pages.get(there)
            anchor = unquote(parts.fragment)
            if not there.is_file() or (anchor and known and anchor not in known.ids):
                lost.append(f"{page.relative_to(built)}: {target}")
    assert lost == []


@pytest.mark.parametrize("reader", READERS)
def test_reader_finds_the_page_in_two_clicks(built: Path, reader: str) -> None:
    table = (DOCS / "index.md").read_text(encoding="utf-8").split("\n## ")[1]
    [row] = [line for line in table.splitlines() if line.startswith(f"| {reader} |")]
    first = set(re.findall(r"\]\(([\w/-]+)\.md\)", row))
    near = set(first)
    for page in first:
        text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
        folder = (DOCS / page).parent
        near |= {
            (folder / target).resolve().relative_to(DOCS).as_posix()
            for target in re.findall(r"\]\(([\w./-]+)\.md(?:#[^)]*)?\)", text)
            if (folder / f"{target}.md").is_file()
        }
    if "#frameworks" in row:
        near |= {"how-to/flask"}
        assert _Links(built / "index.html").ids >= {"frameworks"}
    assert [page for page in READERS[reader] if page not in near] == []


def test_four_kinds_of_pages() -> None:
    sections = re.findall(
        r"^## (.+)$", (DOCS / "index.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert sections == [
        "Find your page",
        "Tutorial",
        "How-to guides",
        "Reference",
        "Explanation",
    ]


def test_folders_are_the_four_kinds() -> None:
    docs = ROOT / "docs"
    folders = {page.relative_to(docs).parts[0] for page in built_sources() if page.parent != docs}
    assert folders == {"tutorial", "how-to", "reference", "explanation"}


def test_make_builds_the_same() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "sphinx-build --fail-on-warning --quiet docs build/docs" in makefile
