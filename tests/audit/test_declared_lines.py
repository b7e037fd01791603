"""The line of a declaration is found, whatever the file looks like."""

from __future__ import annotations

from pathlib import Path

import pytest

from audit.samples import site
from cookieconsent import Config
from cookieconsent.audit.declared_lines import declared_lines
from doors import SECRET

FILE = """\
# [[cookieconsent.cookies]]
[cookieconsent]
# name = "sid"

[[cookieconsent.cookies]]
name = "sid"  # the session
cls = "authentication"

[[ cookieconsent . cookies ]]  # odd, and TOML
cls = "analytics"
purpose = "name = 'x'"
"name" = '_ga*'

[[cookieconsent.cookies]]
cls = "authentication"
name = "caf\\u00e9"

[[cookieconsent.classes]]
name = "media"
"""

pytestmark = pytest.mark.filterwarnings("ignore::cookieconsent.errors.DeclarationWarning")


def lines(tmp_path: Path, text: str, *names: str) -> dict[str, int]:
    file = tmp_path / "cookieconsent.toml"
    file.write_text(text, encoding="utf-8")
    config = Config.from_toml(file, secret_key=SECRET)
    return declared_lines(site(config=config, registry=config.registry, file=file), names)


@pytest.mark.parametrize(
    ("name", "line"),
    [("sid", 6), ("_ga_1", 12), ("caf\\xc3\\xa9", 16), ("media", None), ("other", None)],
)
def test_declaration_is_found(tmp_path: Path, name: str, line: int | None) -> None:
    assert lines(tmp_path, FILE, name).get(name) == line


def test_table_of_a_project_file_is_found(tmp_path: Path) -> None:
    text = '[tool.cookieconsent]\n[[tool.cookieconsent.cookies]]\nname = "sid"\ncls = "cart"\n'
    file = tmp_path / "pyproject.toml"
    file.write_text(text, encoding="utf-8")
    config = Config.from_toml(file, secret_key=SECRET)
    known = site(config=config, registry=config.registry, file=file)
    assert declared_lines(known, ["sid"]) == {"sid": 3}


def test_line_that_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    text = '[[cookieconsent.cookies]]\ncls = "cart"\nname = """\nsid"""\n'
    assert lines(tmp_path, text, "sid") == {}


def test_without_a_file_there_are_no_lines(tmp_path: Path) -> None:
    assert declared_lines(site(), ["sid"]) == {}
    assert declared_lines(site(file=tmp_path / "gone.toml"), ["sid"]) == {}
