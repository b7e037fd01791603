"""What may be wished of an audit is offered by every door, and comes to the same plan."""

from __future__ import annotations

import argparse
import inspect
import json
from dataclasses import fields, replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from audit.samples import cookie, report
from cookieconsent.audit import in_browser, reports, run
from cookieconsent.audit.in_browser import audit_in_browser
from cookieconsent.audit.plan import Plan
from cookieconsent.audit.planning import Wishes, plan_for
from cookieconsent.audit.run import observe
from cookieconsent.cli import audit as command
from cookieconsent.errors import ConfigError, ConsentError
from cookieconsent.observation.pace import PacedClient
from cookieconsent.pytest_plugin import fixtures, items
from cookieconsent.pytest_plugin.fixtures import AuditApplication

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

WISHES = Wishes(
    pages=["/a"],
    limit=7,
    seconds=120.0,
    states=["none"],
    language="pt-BR",
    aliases={"m.shop.example": "t.example"},
    earlier=Path("earlier.json"),
    prepare=print,
    rate=5,
)
WORDS = {
    "page": ["/a"],
    "limit": "7",
    "minutes": "2",
    "state": ["none"],
    "language": "pt-BR",
    "alias": ["m.shop.example=t.example"],
    "earlier": "earlier.json",
    "login": "builtins:print",
    "rate": "5",
}


def app(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/html")])
    return [b"<!DOCTYPE html><p>Shop"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    text = reports.FORMATS["json"](report(cookies=(cookie("met"),)))
    (tmp_path / "earlier.json").write_text(text, encoding="utf-8")
    return tmp_path


def of_command_line() -> Wishes:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    words = ["x:y"]
    for name, given in WORDS.items():
        for word in [given] if isinstance(given, str) else given:
            words += [f"--{name}", word]
    return command._wishes(parser.parse_args(words))


def of_pytest(options: dict[str, Any]) -> Wishes:
    given = {f"cookie_audit_{name}": word for name, word in options.items()}
    config: Any = SimpleNamespace(
        getoption=lambda name: given.get(name, [] if name.endswith(("page", "state")) else None),
        invocation_params=SimpleNamespace(dir=Path()),
        rootpath=Path(),
    )
    return items._wishes(config)


def test_command_line_says_every_wish() -> None:
    assert of_command_line() == WISHES


def test_pytest_says_every_wish() -> None:
    assert replace(of_pytest(WORDS), browser=False) == WISHES


def test_what_nobody_says_is_the_same_everywhere() -> None:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    nothing = replace(Wishes(), pages=[], states=[])
    assert command._wishes(parser.parse_args(["x:y"])) == nothing
    assert replace(of_pytest({}), browser=False) == nothing
    usual = {each.name: each.default for each in fields(Plan)}
    assert Wishes().limit == usual["limit"]
    assert Wishes().seconds == usual["seconds"]


@pytest.mark.parametrize("door", ["fixture", "browser"])
def test_calls_say_every_wish(door: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    planned: list[Wishes] = []

    def plan(target: object, wishes: Wishes, **_: object) -> Plan:
        planned.append(wishes)
        return plan_for(target, replace(wishes, browser=False), folder=folder)

    call: Any = AuditApplication(folder) if door == "fixture" else audit_in_browser
    monkeypatch.setattr(fixtures if door == "fixture" else in_browser, "plan_for", plan)
    asked = {each.name: getattr(WISHES, each.name) for each in fields(Wishes)}
    if door == "browser":
        del asked["browser"]
    call(app, **(asked | {"prepare": lambda _: None, "earlier": "earlier.json"}))
    [got] = planned
    assert got.browser is (door == "browser")
    earlier = folder / "earlier.json" if door == "fixture" else Path("earlier.json")
    same = replace(got, prepare=print, earlier=WISHES.earlier, browser=False)
    assert (same, got.earlier) == (WISHES, earlier)
    usual = {name: one.default for name, one in inspect.signature(call).parameters.items()}
    assert (usual["limit"], usual["seconds"]) == (Wishes().limit, Wishes().seconds)
    assert usual["rate"] == Wishes().rate


def test_plan_has_every_wish(folder: Path) -> None:
    plan = plan_for(app, WISHES, folder=folder)
    assert plan.site.earlier is not None
    assert [one.name for one in plan.site.earlier] == ["met"]
    assert plan.site.aliases == WISHES.aliases
    told = ("pages", "limit", "seconds", "states", "language", "prepare")
    assert [getattr(plan, name) for name in told] == [getattr(WISHES, name) for name in told]


@pytest.mark.parametrize(
    ("target", "rate"),
    [
        ("https://shop.example/", 5),
        ("http://192.0.2.1:8000/", 5),
        ("http://127.0.0.1:8000/", None),
        ("http://[::1]:8000/", None),
        ("http://localhost/", None),
        ("http://shop.localhost/", None),
        ("http://localhost.example/", 5),
        (app, None),
    ],
)
def test_addresses_on_the_network_are_asked_slowly(
    target: object, rate: float | None, folder: Path
) -> None:
    assert plan_for(target, WISHES, folder=folder).rate == rate


def test_client_waits_for_its_turn(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(
        run, "PacedClient", partial(PacedClient, clock=lambda: 0.0, sleep=waited.append)
    )
    plan = replace(plan_for(app, Wishes(states=["none"]), folder=folder), rate=4)
    observe(plan)
    assert waited[:3] == [0.25, 0.5, 0.75]


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        (Wishes(states=["asleep"]), "'asleep' is no state; use one of none, ignored"),
        (Wishes(pages=["elsewhere"]), "'elsewhere' is no path of the site"),
        (Wishes(earlier=Path("no.json")), "no.json: file: it cannot be read"),
    ],
)
def test_wishes_that_cannot_be_are_refused(wishes: Wishes, said: str, folder: Path) -> None:
    with pytest.raises(ConsentError, match=said):
        plan_for(app, wishes, folder=folder)


def test_earlier_report_is_read_as_one(folder: Path) -> None:
    (folder / "earlier.json").write_text(json.dumps({"schema_version": "0"}), encoding="utf-8")
    with pytest.raises(ConfigError, match="is not known"):
        plan_for(app, WISHES, folder=folder)


def test_declaration_that_is_not_there_is_named(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"no\.toml: file: there is no such file\. Check"):
        plan_for(app, Wishes(), file=folder / "no.toml", folder=folder)
