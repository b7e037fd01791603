"""Declarations are drafted for what nobody declared, and are refused until somebody decided."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.fixtures.shop import OPEN, Shop, also, look_at
from audit.samples import HOSTILE, NOW, audited, cookie, report
from cookieconsent import Config
from cookieconsent.audit.exports.declaration import undeclared, write
from cookieconsent.audit.reporting import report_on
from cookieconsent.observation.lines import shown
from doors import SECRET

pytestmark = pytest.mark.filterwarnings("ignore::cookieconsent.errors.DeclarationWarning")


def test_undeclared_cookies_are_drafted() -> None:
    assert [row.name for row in undeclared(report())] == ["_ga"]
    assert tomllib.loads(write(report()))["cookieconsent"]["cookies"] == [
        {
            "name": "_ga",
            "cls": "analytics",
            "lifetime": "2 years",
            "domain": "shop.example",
        }
    ]


def test_draft_says_what_to_decide() -> None:
    written = write(report())
    assert '# purpose = "DECIDE: what it is for, in a plain sentence for visitors"' in written
    assert '# provider = "DECIDE: Google, if it receives its data"' in written
    assert "It waits for a yes." in written


def test_draft_is_a_configuration(tmp_path: Path) -> None:
    file = tmp_path / "cookieconsent.toml"
    file.write_text(write(audited()), encoding="utf-8")
    config = Config.from_toml(file, secret_key=SECRET)
    assert [known.name for known in config.cookies] == ["_ga"]


def test_unknown_cookie_is_a_suggestion() -> None:
    written = write(audited())
    assert '# name = "odd name"' in written
    assert '# cls = "DECIDE"' in written
    assert '# path = "/about"' in written


def test_draft_tells_what_is_kept_back() -> None:
    row = cookie("odd", cls=None, vendor=None, source=None, setter="application, kept back")
    written = " ".join(write(report(cookies=(row,))).split("\n#   "))
    assert "# Set by the application and kept back in none, accepted, first on /." in written
    assert '# name = "odd"' in written


def test_draft_of_an_application_has_what_its_middleware_keeps_back() -> None:
    shop = Shop(lines=also(f"mystery=1{OPEN}", f"_hjid=1{OPEN}"))
    seen = report_on(look_at(shop, states=["none"]), shop.site, now=lambda: NOW)
    written = write(seen)
    assert [(row.name, row.is_kept_back) for row in undeclared(seen)] == [
        ("_hjid", True),
        ("mystery", True),
    ]
    assert written.count("Set by the application and kept back") == len(undeclared(seen))
    [entry] = tomllib.loads(written)["cookieconsent"]["cookies"]
    assert entry["name"] == "_hjid"


@pytest.mark.parametrize("name", ["a*", "*", shown(b"\xff")])
def test_no_more_is_declared_than_was_met(name: str) -> None:
    """A star in a name that was met is no glob."""
    written = write(report(cookies=(cookie(name, cls=None),)))
    assert tomllib.loads(written).get("cookieconsent", {}).get("cookies", []) == []
    assert f"DECIDE: '{name}' cannot be declared" in " ".join(written.split("\n# "))


def test_our_own_cookie_needs_no_declaration() -> None:
    own = cookie("__Host-cookieconsent", cls="consent", vendor="cookieconsent")
    assert undeclared(report(cookies=(own,))) == []


def test_nothing_to_declare_is_said() -> None:
    assert write(report(cookies=())) == "# Every cookie that was met is declared.\n"


@pytest.mark.parametrize("file", ["pyproject.toml", "conf/pyproject.toml"])
def test_project_file_has_its_own_table(file: str) -> None:
    written = tomllib.loads(write(report(declaration_file=file)))
    assert "cookies" in written["tool"]["cookieconsent"]


def test_domain_that_cannot_be_declared_is_left_out() -> None:
    row = cookie(attributes={"domain": "localhost", "partitioned": "", "path": "/a"})
    written = write(report(cookies=(row,)))
    [entry] = tomllib.loads(written)["cookieconsent"]["cookies"]
    assert (entry.get("domain"), entry["partitioned"], entry["path"]) == (None, True, "/a")
    assert "DECIDE: domain: 'localhost' can own no cookies. It was left out." in written


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_site_adds_no_table(text: str) -> None:
    name = shown(text.encode("utf-8", "replace"))
    written = write(report(cookies=(cookie(name, vendor=text, host=text),), target=text))
    found = tomllib.loads(written).get("cookieconsent", {}).get("cookies", [])
    assert len(found) <= 1
    assert {char for char in written if not char.isprintable()} <= {"\n"}


@given(st.binary(min_size=1))
def test_any_name_gives_toml(name: bytes) -> None:
    tomllib.loads(write(report(cookies=(cookie(shown(name)),))))
