"""The guides to auditing in tests and in pipelines: what they show runs, and comes to what they say."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from cookieconsent import Config
from cookieconsent.cli import main
from doors import SECRET
from pages import GUIDES, blocks, run_command

pytest_plugins = ("pytester",)

IN_TESTS = GUIDES / "audit-pytest.md"
IN_PIPELINES = GUIDES / "audit-ci.md"
CLIENT = """
class AnyClient:
    def __init__(self, app):
        self.app = app

    def get(self, path):
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "HTTP_ACCEPT": "text/html"}
        return b"".join(self.app(environ, lambda *head: None))
"""


@pytest.fixture
def shop(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """The project of the guide, with its tests."""
    monkeypatch.setenv("COOKIECONSENT_SECRET", SECRET)
    # Plugins that happen to be installed take long to load.
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:faker -p no:hypothesispytest -p no:anyio")
    application, *tests = [b.text for b in blocks(IN_TESTS) if b.language == "python"]
    (pytester.path / "shop.py").write_text(application, encoding="utf-8")
    written = "\n\n".join(["from shop import app", CLIENT, *tests])
    (pytester.path / "test_shop.py").write_text(written, encoding="utf-8")
    return pytester


def test_command_of_the_guide_finds_nothing_wrong(shop: pytest.Pytester) -> None:
    [command] = [b.text for b in blocks(IN_TESTS) if b.language == "sh"]
    result = shop.runpytest_subprocess(*shlex.split(command)[1:], "-p", "no:randomly")
    assert result.ret == 0
    assert result.parseoutcomes()["passed"] > 100


def test_fixtures_of_the_guide_pass(shop: pytest.Pytester) -> None:
    shop.runpytest_subprocess().assert_outcomes(passed=2)


def test_line_of_the_guide_listens(shop: pytest.Pytester) -> None:
    [line] = [b.text for b in blocks(IN_TESTS) if b.language == "ini"]
    (shop.path / "pytest.ini").write_text(line, encoding="utf-8")
    tests = "import webtest, shop\ndef test_it(): webtest.TestApp(shop.app).get('/')"
    (shop.path / "test_shop.py").write_text(tests, encoding="utf-8")
    result = shop.runpytest_subprocess()
    result.stdout.fnmatch_lines(["1 answer heard (1 none).", "0 findings at medium or worse."])


def test_every_option_is_in_the_guide(pytester: pytest.Pytester) -> None:
    told = pytester.runpytest_subprocess("--help").stdout.str()
    options = set(re.findall(r"--cookie-audit[\w-]*", told))
    text = IN_TESTS.read_text(encoding="utf-8")
    assert options == set(re.findall(r"--cookie-audit[\w-]*", text))


def pipelines() -> dict[str, Any]:
    """Return the YAML files of the guide by name."""
    found = [b for b in blocks(IN_PIPELINES) if b.language == "yaml"]
    return {str(b.file): yaml.safe_load(b.text) for b in found}


def commands(node: object) -> Iterator[str]:
    """Yield what a pipeline runs in a shell."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "run":
                yield value
            elif key == "script":
                yield from value
            else:
                yield from commands(value)
    elif isinstance(node, list):
        for item in node:
            yield from commands(item)


@pytest.mark.parametrize("name", [".github/workflows/cookies.yml", ".gitlab-ci.yml"])
def test_commands_of_a_pipeline_are_known(name: str, tmp_path: Path) -> None:
    lines = list(commands(pipelines()[name]))
    assert len(lines) == 2
    for line in lines:
        run_command(line, {}, tmp_path)


def test_every_pipeline_has_a_secret_that_is_accepted() -> None:
    text = IN_PIPELINES.read_text(encoding="utf-8")
    secrets = re.findall(r"COOKIECONSENT_SECRET\W+([\w-]+)'?$", text, re.MULTILINE)
    assert len(secrets) == 3
    for secret in secrets:
        Config(secret_key=secret)


def test_pipelines_upload_what_was_written() -> None:
    """Whoever renames a report renames it wherever it is taken from."""
    for name, pipeline in pipelines().items():
        [audit] = [line for line in commands(pipeline) if line.startswith("cookieconsent")]
        text = str(pipeline)
        for file in re.findall(r"-o (\S+)", audit):
            assert text.count(file) >= 2, (name, file)
    [jenkins] = [b.text for b in blocks(IN_PIPELINES) if b.language == "groovy"]
    assert all(jenkins.count(file) == 2 for file in re.findall(r"-o (\S+?)(?=[ '])", jenkins))


def test_commands_of_the_guide_work_one_after_the_other(
    shop: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [
        line for b in blocks(IN_PIPELINES) if b.language == "sh" for line in b.text.splitlines()
    ]
    audits = [shlex.split(line)[1:] for line in lines if line.startswith("cookieconsent")]
    monkeypatch.chdir(shop.path)
    monkeypatch.syspath_prepend(shop.path)
    assert [main([*words, "--state", "none"]) for words in audits[:3]] == [0, 0, 0]
    assert {"audit.sarif", "audit.xml", "audit.json", "known.toml"} <= {
        path.name for path in shop.path.iterdir()
    }
    (shop.path / "before.json").write_bytes((shop.path / "audit.json").read_bytes())
    assert main(audits[3]) == 0
    assert (shop.path / "drift.md").exists()
