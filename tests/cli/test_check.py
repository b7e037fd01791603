"""`cookieconsent check`: exit codes, findings in order, and what each cookie is."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from cookieconsent.cli import main
from doors import SECRET

Check: TypeAlias = Callable[..., tuple[int, str, str]]

GOOD = """
[cookieconsent]
[[cookieconsent.cookies]]
name = "sid"
cls = "authentication"
[[cookieconsent.cookies]]
name = "_ga_*"
cls = "analytics"
provider = "Google"
purpose = "Counts visits."
lifetime = "13 months"
domain = "a.example"
partitioned = true
"""
LOUD = '[cookieconsent]\n[[cookieconsent.cookies]]\nname = "_ga"\ncls = "authentication"\n'
BAD = '[cookieconsent]\nshape = "x"\n'


@pytest.fixture
def check(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Check:
    """Write a declaration and check it in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COOKIECONSENT_SECRET", raising=False)

    def run(text: str | None, *words: str) -> tuple[int, str, str]:
        if text is not None:
            Path("cookieconsent.toml").write_text(text, encoding="utf-8")
        before = {path: path.read_bytes() for path in tmp_path.iterdir()}
        code = main(["check", *words])
        written = capsys.readouterr()
        assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
        return code, written.out, written.err

    return run


def test_good_declaration_is_explained(check: Check) -> None:
    code, out, err = check(GOOD)
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "cookieconsent.toml [cookieconsent]: nothing wrong",
        "",
        "class           visitors are  third parties  cookies",
        "authentication  not asked     no             sid",
        "cart            not asked     no             those of the catalogue",
        "consent         not asked     no             those of the catalogue",
        "analytics       asked         yes            _ga_*",
        "",
        "cookie  class           visitors are  source    provider  lifetime   where",
        "sid     authentication  exempt        declared  not said  not said   this host/",
        "_ga_*   analytics       asked         declared  Google    13 months  a.example/, partitioned",
        "",
        "Other names are judged by the shipped catalogue: cookieconsent explain NAME",
    ]


def test_declaration_without_cookies_has_one_table(check: Check) -> None:
    code, out, _ = check("[cookieconsent]\n")
    assert code == 0
    assert out.count("visitors are") == 1


def test_loosened_cookie_is_told_loudly(check: Check) -> None:
    code, out, _ = check(LOUD)
    assert code == 1
    assert out.splitlines()[0].endswith(": 1 conflict")
    assert "  CONFLICT: cookies[0].cls: '_ga' is declared as 'authentication' and passes" in out
    assert "declared, over the catalogue's analytics" in out


def test_errors_come_first_and_alone(check: Check) -> None:
    code, out, _ = check(BAD + LOUD.removeprefix("[cookieconsent]\n"))
    assert code == 1
    assert [line.split(":")[0] for line in out.splitlines()] == [
        "cookieconsent.toml [cookieconsent]",
        "  error",
        "  CONFLICT",
    ]


def test_notes_alone_are_fine(check: Check) -> None:
    code, out, _ = check(LOUD.replace("_ga", "csrftoken").replace("authentication", "cart"))
    assert code == 0
    assert "1 note" in out


def test_warnings_are_findings(check: Check) -> None:
    code, out, _ = check(LOUD.replace("authentication", "analytics"))
    assert code == 1
    assert "  warning: cookies[0]: '_ga' has no purpose, provider, lifetime" in out


def test_json_says_the_same(check: Check) -> None:
    code, out, _ = check(LOUD, "--json")
    facts = json.loads(out)
    assert code == 1
    assert (facts["file"], facts["table"], facts["valid"]) == (
        "cookieconsent.toml",
        "cookieconsent",
        True,
    )
    [finding] = facts["findings"]
    assert (finding["level"], finding["field"]) == ("conflict", "cookies[0].cls")
    assert [cls["name"] for cls in facts["classes"]][-1] == "analytics"
    [cookie] = facts["cookies"]
    assert cookie["overrules"] == [{"rule": "_ga", "class": "analytics"}]
    assert (cookie["regime"], cookie["lifetime"]) == ("exempt", None)


def test_json_of_a_wrong_file_has_no_cookies(check: Check) -> None:
    code, out, _ = check(BAD, "--json")
    facts = json.loads(out)
    assert (code, facts["valid"], facts["cookies"], facts["classes"]) == (1, False, [], [])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "There is no cookieconsent.toml here, and no pyproject.toml with"),
        (["none.toml"], "none.toml: there is no such file. Check the path."),
        (["."], ".: there is no such file. Check the path."),
        (["n" * 300], f"{'n' * 300}: there is no such file."),
        (["a\0b"], "a\\x00b: there is no such file."),
    ],
)
def test_no_file_is_asked_wrongly(words: list[str], said: str, check: Check) -> None:
    code, out, err = check(None, *words)
    assert (code, out) == (2, "")
    assert err.startswith(said)


def test_table_of_the_project_is_found(check: Check) -> None:
    Path("pyproject.toml").write_text("[tool.cookieconsent]\n", encoding="utf-8")
    code, out, _ = check(None)
    assert code == 0
    assert out.startswith("pyproject.toml [tool.cookieconsent]: nothing wrong\n")


def test_secrets_are_not_repeated(check: Check) -> None:
    for secret in (SECRET, "short and weak"):
        for words in ((), ("--json",)):
            code, out, err = check(f'[cookieconsent]\nsecret_key = "{secret}"\n', *words)
            assert code == (0 if secret == SECRET else 1)
            assert secret not in out + err
