"""What README and docs claim: snippets run, links lead somewhere, generated pages are fresh."""

from __future__ import annotations

import dataclasses
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import configuration
import cookieconsent
import decision_table
import frameworks
import hostile_cases
import languages
from cookieconsent import Config
from cookieconsent.core import catalog
from cookieconsent.core.expiry import BUDGET_OCTETS
from cookieconsent.core.registry import MAX_SITE_CLASSES
from cookieconsent.ui.languages import shipped
from doors import SECRET, Site, banners
from oracles.drivers import Exchange, run_asgi, run_wsgi
from pages import PAGES, ROOT, Names, blocks, page_name, read_along

CONFIG = ROOT / "src" / "cookieconsent" / "engine" / "config.py"
README = ROOT / "README.md"
NAVIGATION = [(b"host", b"localhost"), (b"accept", b"text/html"), (b"sec-fetch-mode", b"navigate")]


# --- the README -----------------------------------------------------------------------------------


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Names]:
    """What is defined after each Python block of the README."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COOKIECONSENT_SECRET", SECRET)
    along = read_along(README, tmp_path)
    return [dict(names) for block, names in along if block.language == "python"]


def test_few_words_before_the_first_code() -> None:
    prose = re.sub(r"!\[.*?\]\(.*?\)", "", README.read_text(encoding="utf-8").split("```")[0])
    assert len(prose.split()) <= 110


def test_one_sentence_and_a_picture_come_first() -> None:
    title, sentence, picture, rest = README.read_text(encoding="utf-8").split("\n\n", 3)
    assert title == "# cookieconsent"
    assert re.findall(r"\.(?: |$)", sentence) == ["."]
    assert picture.startswith("![")
    assert rest.startswith("```sh\nmake demo")


def test_readme_names_the_other_targets() -> None:
    text = README.read_text(encoding="utf-8")
    assert [name for name in ("bench", "lint", "docs") if f"`make {name}`" not in text] == []


def test_first_snippet_is_at_most_eight_lines() -> None:
    first = next(block for block in blocks(README) if block.language == "python")
    assert len([line for line in first.text.splitlines() if line.strip()]) <= 8


def test_first_snippet_shows_a_banner(steps: list[Names]) -> None:
    answer = run_asgi(steps[0]["app"], Exchange(path="/", headers=NAVIGATION))
    assert banners(answer.body) == 1
    assert answer.body.endswith(b"<h1>Hello</h1>")


def test_file_of_the_readme_shadows_no_module() -> None:
    """`site.py` would be taken for the standard library's `site`, which is loaded already."""
    named = set(re.findall(r"uvicorn (\w+):", README.read_text(encoding="utf-8")))
    assert named == {"shop"}
    assert named.isdisjoint(sys.stdlib_module_names)


def test_flask_snippet_is_a_whole_site(steps: list[Names]) -> None:
    app = steps[3]["app"]
    answer = run_wsgi(app.wsgi_app, Exchange(path="/", headers=NAVIGATION))
    assert banners(answer.body) == 1
    assert answer.body.endswith(b"<h1>Hello</h1>")


def test_declarations_take_the_place_of_the_last_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file that a reader ends up with, not what the blocks leave behind one after the other."""
    monkeypatch.setenv("COOKIECONSENT_SECRET", SECRET)
    first, second, *_ = (block.text for block in blocks(README) if block.language == "python")
    names: Names = {}
    exec("".join([*first.splitlines(keepends=True)[:-1], second]), names)
    assert names["config"].registry.classify("_ga_X").cls == "analytics"
    assert len(names["app"].user_middleware) == 1
    answer = run_asgi(names["app"], Exchange(path="/cookie-consent", headers=NAVIGATION))
    assert b"Counts visits." in answer.body
    assert banners(run_asgi(names["app"], Exchange(path="/", headers=NAVIGATION)).body) == 1


def test_curl_needs_the_header_of_the_readme() -> None:
    """`curl` sends `Accept: */*`, which is no wish for a page."""
    site = Site("asgi")
    assert "`-H 'Accept: text/html'`" in README.read_text(encoding="utf-8")
    for accept, number in ((b"*/*", 0), (b"text/html", 1)):
        answer = site.send(Exchange(headers=[(b"host", b"localhost"), (b"accept", accept)]))
        assert banners(answer.body) == number


def test_readme_leads_each_reader_as_the_index_does() -> None:
    """Every page is in the index; README names it, and where each kind of reader begins."""
    index = ROOT / "docs" / "index.md"
    assert page_name(index) in set(links(README))
    begins = re.compile(r"^\| ([a-z ]+) \| \[[^]]+\]\(([^)]+)\)", re.MULTILINE)
    there = dict(begins.findall(index.read_text(encoding="utf-8")))
    here = dict(begins.findall(README.read_text(encoding="utf-8")))
    assert len(there) == 4
    assert {reader: here[reader] for reader in there} == {
        reader: f"docs/{page}" for reader, page in there.items()
    }


def test_readme_names_the_guide_of_every_framework() -> None:
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    section = index.split("\n### Frameworks\n")[1].split("\n### ")[0]
    guides = {f"docs/{page}.md" for page in re.findall(r"^(how-to/[\w-]+)$", section, re.MULTILINE)}
    assert len(guides) >= 4
    assert guides <= set(links(README))


def test_first_screen_is_picture_commands_and_eight_lines() -> None:
    """Nobody scrolls past text to see what it looks like and how much it takes."""
    first_screen = README.read_text(encoding="utf-8").split("\n## ")[0]
    fences = re.findall(r"^```(\w+)$", first_screen, re.MULTILINE)
    assert fences == ["sh", "python"]
    assert first_screen.count("![") == 1
    assert len(re.sub(r"```.*?```|!\[.*?\]\(.*?\)", "", first_screen, flags=re.DOTALL).split()) < 60


def test_toml_snippet_is_read(tmp_path: Path) -> None:
    [block] = [block for block in blocks(README) if block.language == "toml"]
    file = tmp_path / "cookieconsent.toml"
    file.write_text(block.text, encoding="utf-8")
    config = Config.from_toml(file, secret_key=SECRET)
    assert config.registry.classify("sid").cls == "authentication"
    assert config.privacy_policy_url == "/privacy"


# --- every page -----------------------------------------------------------------------------------


def links(page: Path) -> Iterator[str]:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            yield target


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_links_lead_somewhere(page: Path) -> None:
    assert [target for target in links(page) if not (page.parent / target).exists()] == []


def test_languages_page_is_fresh() -> None:
    assert languages.PAGE.read_text(encoding="utf-8") == languages.page()
    assert len(languages.EU) == 24
    assert set(shipped().names) >= languages.EU
    for page in ("README.md", "docs/how-to/translate.md", "CHANGELOG.md"):
        said = re.search(r"(\d+) languages", (ROOT / page).read_text(encoding="utf-8"))
        assert said is not None
        assert int(said[1]) == len(shipped().names), page


def test_decision_table_page_is_fresh() -> None:
    assert decision_table.PAGE.read_text(encoding="utf-8") == decision_table.page()


def test_configuration_page_is_fresh() -> None:
    assert configuration.PAGE.read_text(encoding="utf-8") == configuration.page()
    listed = {name for name, _, _ in configuration.fields_of(CONFIG, "Config")}
    assert listed == {spec.name for spec in dataclasses.fields(Config) if spec.init}


def test_hostile_page_is_fresh() -> None:
    assert hostile_cases.PAGE.read_text(encoding="utf-8") == hostile_cases.page()


def test_frameworks_page_is_fresh() -> None:
    """But for the versions, which a release elsewhere would change."""
    text = frameworks.PAGE.read_text(encoding="utf-8")
    versions = frameworks.versions_in(text)
    assert text == frameworks.page(versions)
    numbers = [told for name, told in versions.items() if not name.startswith("Plain")]
    assert [told for told in numbers if not re.fullmatch(r"\d+(\.\w+)+", told)] == []


def test_every_hostile_case_is_covered() -> None:
    assert hostile_cases.missing() == []
    allowed = {39, 75, 76, 96, 163, 172}
    assert set(hostile_cases.REASONS) <= allowed


def test_docs_name_files_that_exist() -> None:
    """A path in back-quotes is one of the package, the tests or the tools; `/...` is an address."""
    folders = (ROOT, ROOT / "src" / "cookieconsent")
    named = {
        name
        for page in PAGES
        for name in re.findall(
            r"`([\w.-][\w./-]*/[\w.-]+\.(?:py|tsv|css|toml|md))`", page.read_text("utf-8")
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
    assert [name for name in project["optional-dependencies"] if f"| {name} |" not in page] == []


def test_changelog_speaks_of_this_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert "## [Unreleased]" in changelog or f"## [{version}]" in changelog


def test_numbers_in_the_docs_hold() -> None:
    lines = catalog.DATA.read_text("utf-8").splitlines()
    names = sum(len(line.rpartition("\t")[2].split()) for line in lines[1:])
    assert f"{names:,} names and globs" in (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert MAX_SITE_CLASSES == 24
    assert BUDGET_OCTETS == 2600
    assert (
        cookieconsent.Choice(day=0).valid_until.toordinal()
        - cookieconsent.Choice(day=0).date.toordinal()
        == 182
    )
