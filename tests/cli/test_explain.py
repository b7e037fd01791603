"""`cookieconsent explain`: the reason chain, in words and in JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from cookieconsent.cli import main

Explain: TypeAlias = Callable[..., tuple[int, str, str]]

DECLARED = """
[cookieconsent]
[[cookieconsent.cookies]]
name = "_ga_*"
cls = "analytics"
provider = "Our own counter"
purpose = "Counts."
lifetime = "13 months"
"""


@pytest.fixture
def explain(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Explain:
    """Run the command in an empty folder; return exit code, output and complaints."""
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> tuple[int, str, str]:
        code = main(["explain", *words])
        written = capsys.readouterr()
        return code, written.out, written.err

    return run


def test_catalogued_name_is_told_in_full(explain: Explain) -> None:
    code, out, err = explain("sessionid")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "sessionid: authentication",
        "  vendor: Django",
        "  usual lifetime: 14 days",
        "  exempt: it passes always, and nobody is asked",
        "  why: login session of the site",
        "",
        "How the class was found:",
        "  1. declared, exact name: none fits",
        "  2. declared, globs: none fits",
        "  3. catalogue, exact name: sessionid (authentication, Django); this decides",
        "  4. catalogue, globs: none fits",
        "",
        "What the middleware does:",
        "  before an answer: it passes in requests and responses",
        "  after a yes to all: it passes in requests and responses",
        "  after a no to all: it passes in requests and responses",
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["_ga"], "asked: it waits for a yes"),
        (["_ga"], "before an answer: it is removed from requests and responses, and deleted"),
        (["_ga"], "after a yes to all: it passes"),
        (["mystery"], "mystery: unknown"),
        (["mystery"], "5. so it is unknown, and an unknown cookie is never exempt"),
        (["mystery"], "after a yes to all: it is removed from requests and responses; not deleted"),
        (["mystery"], 'Declare it to change that, or set undeclared = "allow".'),
        (["OTZ"], "only when set by google.com); not known to be set there"),
        (["OTZ", "--domain", ".Google.com"], "only when set by google.com); this decides"),
        (["OTZ", "--domain", "google.com"], "does not learn which domain set a cookie"),
        (["_fbp"], "No declared cookie is of class 'advertising', so nobody is asked about it."),
        (["__Host-cookieconsent"], "This site keeps the visitor's answer in it"),
    ],
)
def test_each_case_has_its_words(words: list[str], said: str, explain: Explain) -> None:
    code, out, _ = explain(*words)
    assert code == 0
    assert said in out


def test_declarations_win_and_say_what_they_outrank(explain: Explain) -> None:
    Path("cookieconsent.toml").write_text(DECLARED, encoding="utf-8")
    _, out, _ = explain("_ga_X")
    assert "  provider: Our own counter" in out
    assert "2. declared, globs: _ga_* (analytics, Our own counter); this decides" in out
    assert "4. catalogue, globs: _ga_* (analytics, Google); but an earlier step has decided" in out


def test_longer_of_two_globs_decides(explain: Explain) -> None:
    more = '[[cookieconsent.cookies]]\nname = "_g*"\ncls = "cart"\n'
    Path("cookieconsent.toml").write_text(DECLARED + more, encoding="utf-8")
    assert (
        "_ga_* (analytics, Our own counter); _g* (cart); the first of them decides"
        in (explain("_ga_X")[1])
    )


def test_report_only_is_said(explain: Explain) -> None:
    Path("other.toml").write_text("[cookieconsent]\nenforce = false\n", encoding="utf-8")
    assert "would do (enforce = false)" in explain("_ga", "--config", "other.toml")[1]


def test_table_of_the_project_is_found(explain: Explain) -> None:
    text = DECLARED.replace("[cookieconsent", "[tool.cookieconsent")
    Path("pyproject.toml").write_text(text, encoding="utf-8")
    assert "Our own counter" in explain("_ga_X")[1]
    facts = json.loads(explain("_ga_X", "--json")[1])
    assert facts["file"] == "pyproject.toml"


@pytest.mark.parametrize("text", ["[tool]\n", "no toml", '[tool]\ncookieconsent_ = "x"\n'])
def test_foreign_project_files_are_left_alone(text: str, explain: Explain) -> None:
    Path("pyproject.toml").write_text(text, encoding="utf-8")
    code, out, _ = explain("_ga", "--json")
    assert (code, json.loads(out)["file"]) == (0, None)


def test_json_says_the_same(explain: Explain) -> None:
    facts = json.loads(explain("_ga_X", "--json")[1])
    chain = facts.pop("steps")
    assert facts == {
        "name": "_ga_X",
        "domain": None,
        "file": None,
        "class": "analytics",
        "source": "catalogue",
        "rule": "_ga_*",
        "vendor": "Google",
        "lifetime": "2 years",
        "reason": None,
        "regime": "opt-in",
        "used": True,
        "enforced": True,
        "treatment": {"undecided": "deleted", "accepted": "passes", "rejected": "deleted"},
    }
    assert [step["result"] for step in chain] == ["nothing", "nothing", "nothing", "decides"]
    assert chain[3]["rules"] == [
        {"rule": "_ga_*", "class": "analytics", "vendor": "Google", "domains": []}
    ]


def test_unknown_name_in_json(explain: Explain) -> None:
    facts = json.loads(explain("mystery", "--json")[1])
    assert (facts["class"], facts["regime"], facts["used"]) == (None, None, False)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["a=b"], "'a=b' can be no cookie's name. Leave out '=', ';' and spaces."),
        ([""], "'' can be no cookie's name."),
        (["_ga", "--domain", "com"], "--domain: 'com' can own no cookies."),
        (["_ga", "--config", "none.toml"], "none.toml: from_toml: 'none.toml' cannot be read"),
    ],
)
def test_wrong_questions_give_two(words: list[str], said: str, explain: Explain) -> None:
    code, out, err = explain(*words)
    assert (code, out) == (2, "")
    assert err.startswith(said)


def test_wrong_declaration_gives_two(explain: Explain) -> None:
    Path("cookieconsent.toml").write_text('[cookieconsent]\nshape = "x"\n', encoding="utf-8")
    code, _, err = explain("_ga")
    assert (code, err.partition(" Use")[0]) == (2, "cookieconsent.toml: shape: 'x' does not exist.")
