"""What the page on installing says, and that the guides say the same."""

from __future__ import annotations

import re

import pytest

from pages import COMMANDS, GUIDES, ROOT, blocks

TEXT = (GUIDES / "install.md").read_text(encoding="utf-8")
ROWS = dict(
    re.findall(r"^\| \[[^]]+\]\((\S+)\) \| (`pip install .+`) \|$", TEXT, re.MULTILINE),
)
"""The cells of each row of the table, by the guide that the row leads to."""
SERVERS = {"datasette", "flask", "python", "quart", "uvicorn", "waitress-serve"}


def commands(guide: str) -> list[str]:
    return re.findall(r"`([^`]+)`", ROWS[guide])


@pytest.mark.parametrize("guide", ROWS)
def test_row_installs_what_it_starts(guide: str) -> None:
    packages, start = commands(guide)
    words = re.findall(r"[^\s']+", packages)[1:]
    COMMANDS["pip"](words, {}, ROOT)
    server = start.split()[0]
    assert server in SERVERS
    assert server in {"python", "waitress-serve"} or server in " ".join(words)


def test_every_framework_has_a_row() -> None:
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    section = index.split("\n### Frameworks\n")[1].split("\n### ")[0]
    guides = set(re.findall(r"^how-to/([\w-]+)$", section, re.MULTILINE))
    assert {guide.split(".md")[0] for guide in ROWS} == guides - {"install"}


@pytest.mark.parametrize("guide", ["falcon.md", "bottle.md"])
def test_guide_installs_and_starts_likewise(guide: str) -> None:
    lines = [line for block in blocks(GUIDES / guide) for line in block.text.splitlines()]
    assert [lines.count(command) for command in commands(guide)] == [1, 1]


@pytest.mark.parametrize("guide", ["falcon", "bottle", "any-application"])
def test_guide_leads_to_installing_and_to_the_example(guide: str) -> None:
    text = (GUIDES / f"{guide}.md").read_text(encoding="utf-8")
    assert "](install.md)" in text.split("```")[0]
    assert "](../tutorial/examples.md" in text
