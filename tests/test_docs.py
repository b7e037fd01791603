"""What README and docs claim: snippets run, links lead somewhere, generated pages are fresh."""

from __future__ import annotations

import dataclasses
import re
import tomllib
import types
from collections.abc import Iterator
from pathlib import Path

import pytest

import configuration
import cookieconsent
import decision_table
import hostile_cases
from cookieconsent import Config
from cookieconsent.core import catalog
from cookieconsent.core.expiry import BUDGET_OCTETS
from cookieconsent.core.registry import MAX_SITE_CLASSES
from oracles.drivers import Exchange, run_asgi, run_wsgi

ROOT = Path(__file__).resolve().parents[1]
CONFIG = ROOT / "src" / "cookieconsent" / "engine" / "config.py"
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
README = (ROOT / "README.md").read_text(encoding="utf-8")
NAVIGATION = [(b"host", b"localhost"), (b"accept", b"text/html"), (b"sec-fetch-mode", b"navigate")]


def snippets(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def run_snippet(code: str) -> types.SimpleNamespace:
    names: dict[str, object] = {"__name__": "readme"}
    exec(compile(code, "README.md", "exec"), names)
    return types.SimpleNamespace(**names)


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COOKIECONSENT_SECRET", "a secret that is made for this test alone")


def test_first_snippet_is_at_most_eight_lines() -> None:
    code = [line for line in snippets("python")[0].splitlines() if line.strip()]
    assert len(code) <= 8


def test_few_words_before_the_first_code() -> None:
    prose = re.sub(r"!\[.*?\]\(.*?\)", "", README.split("```")[0])
    assert len(prose.split()) <= 110


def test_first_snippet_shows_a_banner() -> None:
    app = run_snippet(snippets("python")[0]).app
    answer = run_asgi(app, Exchange(path="/", headers=NAVIGATION))
    assert (
        answer.body.count(b'id="cookieconsent-banner"')
        + answer.body.count(b"id=cookieconsent-banner")
        == 1
    )
    assert answer.body.endswith(b"<h1>Hello</h1>")


def test_second_snippet_wraps_flask() -> None:
    app = run_snippet(snippets("python")[1]).app
    app.add_url_rule("/", view_func=lambda: "<h1>Hello</h1>")
    answer = run_wsgi(app.wsgi_app, Exchange(path="/", headers=NAVIGATION))
    assert answer.body.count(b"cookieconsent-banner") >= 1
    assert answer.body.endswith(b"<h1>Hello</h1>")


def test_declarations_build_a_config() -> None:
    config = run_snippet(snippets("python")[2]).config
    assert config.registry.classify("_ga_X").cls == "analytics"


def test_toml_snippet_is_read(tmp_path: Path) -> None:
    file = tmp_path / "cookieconsent.toml"
    file.write_text(snippets("toml")[0], encoding="utf-8")
    config = Config.from_toml(file, secret_key="a secret that is made for this test alone")
    assert config.registry.classify("sid").cls == "authentication"
    assert config.privacy_policy_url == "/privacy"


def links(page: Path) -> Iterator[str]:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            yield target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    assert [target for target in links(page) if not (page.parent / target).exists()] == []


def test_decision_table_page_is_fresh() -> None:
    assert decision_table.PAGE.read_text(encoding="utf-8") == decision_table.page()


def test_configuration_page_is_fresh() -> None:
    assert configuration.PAGE.read_text(encoding="utf-8") == configuration.page()
    listed = {name for name, _, _ in configuration.fields_of(CONFIG, "Config")}
    assert listed == {spec.name for spec in dataclasses.fields(Config) if spec.init}


def test_hostile_page_is_fresh() -> None:
    assert hostile_cases.PAGE.read_text(encoding="utf-8") == hostile_cases.page()


def test_every_hostile_case_is_covered() -> None:
    assert hostile_cases.missing() == []
    allowed = {39, 75, 76, 96, 163, 172}
    assert set(hostile_cases.REASONS) <= allowed


def test_docs_name_files_that_exist() -> None:
    """A path in back-quotes on a page is a path of the package, the tests or the tools."""
    folders = (ROOT, ROOT / "src" / "cookieconsent")
    named = {
        name
        for page in PAGES
        for name in re.findall(
            r"`([\w./-]+/[\w.-]+\.(?:py|tsv|css|toml|md))`", page.read_text("utf-8")
        )
        if "::" not in name
    }
    missing = [n for n in named if not any((folder / n).exists() for folder in folders)]
    assert [name for name in missing if not (ROOT / "tests" / name).exists()] == []


def test_dependencies_page_lists_them_all() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    page = (ROOT / "docs/explanation/dependencies.md").read_text("utf-8")
    names = [re.split(r"[<>=]", requirement)[0] for requirement in project["dependencies"]]
    assert [name for name in names if f"| {name} |" not in page] == []
    assert len(names) == 3


def test_changelog_speaks_of_this_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert "## [Unreleased]" in changelog or f"## [{version}]" in changelog


def test_numbers_in_the_docs_hold() -> None:
    rows = catalog.DATA.read_text("utf-8").count("\n") - 1
    assert f"{rows:,} reviewed names" in (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert MAX_SITE_CLASSES == 24
    assert BUDGET_OCTETS == 2600
    assert (
        cookieconsent.Choice(day=0).valid_until.toordinal()
        - cookieconsent.Choice(day=0).date.toordinal()
        == 182
    )
