"""The guide that mends a shop: its reports come to what it says, from the first to the last."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Final

import pytest

from cookieconsent.cli import main
from doors import SECRET
from pages import GUIDES, ROOT, blocks

GUIDE: Final = GUIDES / "audit-reports.md"
SOURCE: Final = ROOT / "src" / "cookieconsent"


def texts(language: str) -> list[str]:
    return [block.text for block in blocks(GUIDE) if block.language == language]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The reader's file, not written yet."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("COOKIECONSENT_SECRET", SECRET)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    return tmp_path / "shop.py"


def commanded(number: int) -> list[str]:
    """Return the words of one of the guide's commands, without its program."""
    lines = [line for text in texts("sh") for line in text.splitlines()]
    return shlex.split(lines[number])[1:]


def audited(shop: Path, text: str, number: int) -> int:
    shop.write_text(text, encoding="utf-8")
    sys.modules.pop("shop", None)
    try:
        return main(commanded(number))
    finally:
        sys.modules.pop("shop", None)


def test_first_report_fails_as_the_guide_says(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audited(shop, texts("python")[0], 0) == 1
    assert set(texts("text")[0].splitlines()) <= set(capsys.readouterr().out.splitlines())
    assert "Violations found" in shop.with_name("before.html").read_text(encoding="utf-8")


def test_draft_asks_for_the_class_that_the_guide_decides(shop: Path) -> None:
    audited(shop, texts("python")[0], 1)
    draft = shop.with_name("cookieconsent.toml").read_text(encoding="utf-8")
    assert '# name = "theme"\n# cls = "DECIDE"\n' in draft


def test_last_report_finds_nothing(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shop.with_name("cookieconsent.toml").write_text(texts("toml")[0], encoding="utf-8")
    assert main(commanded(2)) == 0
    capsys.readouterr()
    assert audited(shop, "\n".join(texts("python")), 3) == 0
    assert capsys.readouterr().out.startswith(texts("text")[1])
    after = shop.with_name("after.json")
    shop.with_name("before.json").write_bytes(after.read_bytes())
    assert main(commanded(4)) == 0


def test_reasons_of_the_guide_are_those_of_the_audit() -> None:
    files = [
        file for folder in ("audit", "observation") for file in (SOURCE / folder).rglob("*.py")
    ]
    said = "\n".join(file.read_text(encoding="utf-8") for file in files)
    rows = [line for line in GUIDE.read_text(encoding="utf-8").splitlines() if line[:1] == "|"]
    reasons = [part for row in rows[2:] for part in row.split(" | ")[0].strip("| ").split("; ")]
    assert len(reasons) == 8
    for reason in reasons:
        assert reason.replace("choice=reject", "choice={choice}") in said or reason in said
