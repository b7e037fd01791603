"""A declaration is looked through to its end: every fault, every doubt, and no echo of another."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cookieconsent.engine.review import Review, review
from doors import SECRET

WHOLE = 'purpose = "p"\nprovider = "p"\nlifetime = "1 days"\n'


def cookie(name: str, cls: str, more: str = WHOLE) -> str:
    return f'[[cookieconsent.cookies]]\nname = "{name}"\ncls = "{cls}"\n{more}'


def reviewed(folder: Path, text: str) -> Review:
    file = folder / "cookieconsent.toml"
    file.write_text(text, encoding="utf-8")
    return review(file)


@pytest.mark.parametrize(
    ("text", "noted"),
    [
        (cookie("a", "analytics", 'provider = "This site"\n'), True),
        (cookie("a", "analytics", 'provider = " diese website "\n'), True),
        (cookie("a", "analytics", 'provider = "Plausible"\n'), False),
        (cookie("a", "analytics", ""), False),
        (
            cookie("a", "analytics", 'provider = "This site"\n')
            + cookie("b", "analytics", 'provider = "Plausible"\n'),
            False,
        ),
        (cookie("a", "preferences", 'provider = "This site"\n'), False),
        (
            cookie("a", "analytics", 'provider = "This site"\n')
            + '[[cookieconsent.classes]]\nname = "analytics"\nshares_with_third_parties = false\n',
            False,
        ),
    ],
)
def test_class_of_the_site_alone_is_shared_with_nobody(
    text: str, noted: bool, tmp_path: Path
) -> None:
    found = reviewed(tmp_path, text)
    notes = [finding for finding in found.findings if finding.level == "note"]
    assert [finding.field for finding in notes] == (["classes"] if noted else [])
    assert found.config is not None
    for finding in notes:
        assert "shares_with_third_parties = false" in str(finding)


def places(found: Review) -> list[tuple[str, str]]:
    return [(finding.level, finding.field) for finding in found.findings]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[cookieconsent]\n", []),
        ("[cookieconsent]\n" + cookie("sid", "authentication", ""), []),
        ('[cookieconsent]\nshape = "x"\npath = "y"\n', [("error", "shape"), ("error", "path")]),
        (
            '[cookieconsent]\nshap = "top"\nenforce = "no"\n',
            [("error", "shap"), ("error", "enforce")],
        ),
        (
            cookie("a", "analitics") + cookie("b", "other", 'lifetime = "1 d"\ndomain = "x"\n'),
            [
                ("error", "cookies[1].lifetime"),
                ("error", "cookies[1].domain"),
                ("error", "cookies[0].cls"),
                ("error", "cookies[1].cls"),
            ],
        ),
        ('[cookieconsent]\ncookies = "sid"\n', [("error", "cookies")]),
        (
            '[cookieconsent]\ncookies = ["sid", {}]\n',
            [("error", "cookies[0]"), ("error", "cookies[1].name")],
        ),
        (cookie("a", "cart") + cookie("a", "analytics"), [("error", "cookies")]),
        (
            '[[cookieconsent.classes]]\nname = "x"\nregime = "no"\nversion = 0\n'
            + cookie("a", "x")
            + '[[cookieconsent.classes]]\nname = "x"\n',
            [("error", "classes[0].regime"), ("error", "classes[0].version"), ("error", "classes")],
        ),
        ('[cookieconsent]\nsecret_key = "short"\n', [("error", "secret_key")]),
        ('[cookieconsent]\nsecret_key = ""\n', [("error", "secret_key")]),
        (f'[cookieconsent]\nsecret_key = "{SECRET}"\n', []),
        (
            '[cookieconsent]\nlocale = "xx"\ntranslations = "locales"\n',
            [("error", "translations"), ("error", "locale")],
        ),
        (
            '[cookieconsent.theme]\ntext = "!"\nback = "?"\n[cookieconsent.theme.dark]\ntext = "!"\n',
            [("error", "theme.text"), ("error", "theme.back"), ("error", "theme.dark.text")],
        ),
        (
            '[cookieconsent.csp_hosts]\nmedai = ["a.example"]\n',
            [("error", "csp_hosts.medai")],
        ),
        (cookie("a", "analytics", ""), [("warning", "cookies[0]")]),
        (
            '[cookieconsent.theme]\ntext = "#777"\nback = "#888"\n',
            [("warning", "theme.text"), ("warning", "theme.back")],
        ),
        (
            "[cookieconsent]\nstrict = true\n" + cookie("a", "analytics", ""),
            [("error", "cookies[0].purpose")],
        ),
        ("", [("error", "from_toml")]),
        ("[cookieconsent", [("error", "from_toml")]),
        (cookie("_ga", "authentication"), [("conflict", "cookies[0].cls")]),
        (cookie("sessionid", "analytics"), [("note", "cookies[0].cls")]),
        (cookie("_fbp", "analytics"), [("note", "cookies[0].cls")]),
        (cookie("_ga", "analytics"), []),
        (
            '[[cookieconsent.classes]]\nname = "analytics"\nregime = "exempt"\n',
            [("conflict", "classes[0].regime")],
        ),
        (
            '[[cookieconsent.classes]]\nname = "own"\nregime = "exempt"\n' + cookie("_ga_X", "own"),
            [("conflict", "cookies[0].cls")],
        ),
    ],
)
def test_everything_is_found_in_one_go(
    text: str, expected: list[tuple[str, str]], tmp_path: Path
) -> None:
    found = reviewed(tmp_path, text)
    assert places(found) == expected
    assert (found.config is None) == any(level == "error" for level, _ in expected)


def test_errors_do_not_hide_conflicts(tmp_path: Path) -> None:
    text = '[cookieconsent]\nshape = "x"\n' + cookie("_ga", "authentication")
    assert places(reviewed(tmp_path, text)) == [("error", "shape"), ("conflict", "cookies[0].cls")]


def test_value_taken_out_is_no_missing_one(tmp_path: Path) -> None:
    more = 'purpose = "p"\nprovider = "p"\nlifetime = "forever"\n'
    for strict in ("", "[cookieconsent]\nstrict = true\n"):
        found = reviewed(tmp_path, strict + cookie("a", "analytics", more))
        assert places(found) == [("error", "cookies[0].lifetime")]


def test_remedies_are_written_as_toml(tmp_path: Path) -> None:
    [finding] = reviewed(tmp_path, '[tool.cookieconsent]\ncookies = "sid"\n').findings
    assert str(finding).endswith(
        "Begin each of them with [[tool.cookieconsent.cookies]], in double brackets."
    )


def test_conflict_names_the_catalogue(tmp_path: Path) -> None:
    [finding] = reviewed(tmp_path, cookie("_ga", "authentication")).findings
    assert str(finding) == (
        "cookies[0].cls: '_ga' is declared as 'authentication' and passes without a yes, but the "
        "catalogue knows _ga (Google) as 'analytics', which needs one. Write 'analytics', or be ready "
        "to show why nobody has to be asked."
    )


def test_long_lists_of_rules_are_cut(tmp_path: Path) -> None:
    first, *_ = reviewed(tmp_path, cookie("_ga*", "authentication")).findings
    named = first.problem.partition("knows ")[2].partition(" and ")[0]
    assert len(named.split(", ")) == 3
    assert re.search(
        r" and [1-9][0-9]* more as 'analytics'", first.problem
    )  # as the catalogue grows


def test_folder_of_translations_is_beside_the_file(tmp_path: Path) -> None:
    folder = tmp_path / "own" / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    found = reviewed(tmp_path, '[cookieconsent]\ntranslations = ["nowhere"]\n')
    assert places(found) == [("error", "translations")]


def test_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    found = review(tmp_path / "none.toml")
    assert (places(found), found.table) == ([("error", "from_toml")], None)


def test_many_faults_come_to_an_end(tmp_path: Path) -> None:
    text = "".join(cookie(f"c{n}", "no such class") for n in range(300))
    assert len(reviewed(tmp_path, text).findings) == 200
