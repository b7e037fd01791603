"""Every code block of README and docs runs; none is left out in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from doors import SECRET
from pages import COMMANDS, PAGES, ROOT, RUNNERS, Block, blocks, page_name, run, run_alone

# What sets up a framework that can be set up once per process.
ALONE = {"docs/how-to/django.md"}
# Pages that show output, each with a test in `test_how_to.py` or beside it that compares it.
SHOW_OUTPUT = {
    "docs/how-to/audit-browser.md",
    "docs/how-to/audit-reports.md",
    "docs/how-to/dry-run.md",
    "docs/how-to/end-to-end-tests.md",
    "docs/how-to/receipts.md",
}

ALL_BLOCKS = [block for page in PAGES for block in blocks(page)]
PAGES_WITH_BLOCKS = [page for page in PAGES if any(blocks(page))]


@pytest.fixture(autouse=True)
def _reader(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A reader sits in an empty folder and has made a secret."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COOKIECONSENT_SECRET", SECRET)


@pytest.mark.parametrize("page", PAGES_WITH_BLOCKS, ids=page_name)
def test_blocks_of_page_run(page: Path, tmp_path: Path) -> None:
    if page_name(page) in ALONE:
        run_alone(page, tmp_path)
    else:
        run(page, tmp_path)


def test_no_block_is_left_out() -> None:
    assert [str(block) for block in ALL_BLOCKS if block.not_run is not None] == []


@pytest.mark.parametrize("block", ALL_BLOCKS, ids=str)
def test_block_has_a_language_that_runs(block: Block) -> None:
    assert block.language in RUNNERS
    assert block.language != "text" or page_name(block.page) in SHOW_OUTPUT


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_every_fence_is_found(page: Path) -> None:
    """A block inside a list or a quotation would not be run."""
    text = page.read_text(encoding="utf-8")
    directives = text.count("\n```{")
    assert text.count("```") == 2 * (len(list(blocks(page))) + directives)


def at(folder: Path, text: str) -> Block:
    """Return the only block of a page made of some text."""
    page = folder / "page.md"
    page.write_text(text, encoding="utf-8")
    [block] = blocks(page)
    return block


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("python", "import no_such_module"),
        ("python", "assert False"),
        ("toml", '[cookieconsent]\nsecrets = "x"'),
        ("html+jinja", "{# page.html #}\n{% if %}"),
        ("html+jinja", "<p>in no file"),
        ("html+django", "{# page.html #}\n{% load cookieconsent %}{% consent %}"),
        ("sh", "make no-such-target"),
        ("sh", "pip install no-such-package"),
        ("sh", "no-such-command"),
        ("sh", "cookieconsent receipt verify --no-such-option x"),
        ("sh", "cookieconsent receipt none"),
        ("json", '{"cut": "off'),
        ("sh", "uvicorn shop:nothing"),
        ("sh", "python -m cookieconsent.no_such_module"),
    ],
)
def test_wrong_block_is_found(language: str, text: str, tmp_path: Path) -> None:
    block = at(tmp_path, f"```{language}\n{text}\n```\n")
    with pytest.raises(Exception):  # noqa: B017, PT011 - each fails in its own way
        RUNNERS[block.language](block, {"__name__": "shop"}, tmp_path)


def test_block_that_is_not_run_says_why(tmp_path: Path) -> None:
    block = at(tmp_path, "Text.\n\n<!-- not run: needs a printer -->\n\n```sh\nlp x\n```\n")
    assert block.not_run == "needs a printer"
    assert block.line == 5


def test_commands_of_the_readme_are_known() -> None:
    """`make demo` and `make test` come first, and nothing else is needed before them."""
    first = next(blocks(ROOT / "README.md"))
    words = [line.split()[:2] for line in first.text.splitlines()]
    assert words == [["make", "demo"], ["make", "test"]]
    assert "make" in COMMANDS
