"""`cookieconsent audit`: exit codes, forms, files, and mistakes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cookieconsent.audit import exports, names, reports, run
from cookieconsent.audit.plan import Plan
from cookieconsent.audit.states import STATES, Task
from cookieconsent.audit.visiting import visit
from cookieconsent.cli import audit, main

APPS = """
from cookieconsent.demo import asgi, wsgi
from cookieconsent.demo.shop import Shop

shop = wsgi.application(Shop())
awaited = asgi.application(Shop())


def bare(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/html"), ("Set-Cookie", "_ga=1; Max-Age=600")])
    return [b"<!DOCTYPE html><html lang=en><title>t</title><body><h1>Shop</h1></body></html>"]


def pictured(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/html")])
    return [b"<!DOCTYPE html><html lang=en><img src=https://metrics.shop.example/p.gif alt=''>"]


def make():
    return bare


def hook(visitor):
    visitor.open("/basket", "before")


def broken(visitor):
    raise ValueError("a secret")
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "audited_apps.py").write_text(APPS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delenv("COOKIECONSENT_SECRET", raising=False)


def test_words_of_the_options_are_those_of_the_audit() -> None:
    """They are written twice, so that no other sub-command waits for the audit to be imported."""
    assert list(names.STATE_NAMES) == [state.name for state in STATES]
    assert list(names.REPORT_FORMS) == list(reports.FORMATS)
    assert list(names.EXPORT_FORMS) == list(exports.FORMATS)


@pytest.mark.parametrize("app", ["shop", "awaited"])
def test_shop_is_clean(app: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", f"audited_apps:{app}"]) == 0
    assert capsys.readouterr().out.startswith("No finding")


def test_bare_application_is_convicted(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "audited_apps:bare", "--state", "none"]) == 1
    out = capsys.readouterr().out
    assert "CRITICAL  CC101" in out
    assert "GA1" not in out


def test_language_that_is_asked_for_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["audit", "audited_apps:shop", "--state", "none", "--language", "pt-BR"]
    assert main([*given, "-f", "json", "-o", "a.json", "-f", "html", "-o", "a.html"]) == 0
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))["language"] == "pt-BR"
    html = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert "<dt>Accept-Language</dt><dd>pt-BR</dd>" in html
    assert main(given) == 0
    assert "audited_apps:shop (wsgi, Accept-Language: pt-BR)," in capsys.readouterr().out


@pytest.mark.parametrize(
    ("aliases", "outcome"),
    [
        ([], "unverified"),
        (["metrics.shop.example="], "pass"),
        (["metrics.shop.example=web7.shop.example."], "pass"),
        (["other.shop.example=", "Metrics.Shop.example=shop.sc.omtrdc.net."], "violation"),
    ],
)
def test_names_that_were_looked_up_are_believed(
    aliases: list[str], outcome: str, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [word for alias in aliases for word in ("--alias", alias)]
    app = ["audited_apps:pictured", "--host", "www.shop.example", "--state", "none"]
    main(["audit", *app, *given, "-f", "json"])
    verdicts = json.loads(capsys.readouterr().out)["verdicts"]
    assert [v["outcome"] for v in verdicts if v["check"] == "CC507"] == [outcome]


def test_severity_and_strictness_decide() -> None:
    shop = ["audit", "audited_apps:shop", "--state", "none"]
    assert main([*shop, "--strict"]) == 2
    assert main(["audit", "audited_apps:make", "--factory", "--fail-on", "info"]) == 1


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (
            ["--browser"],
            "looked at: CHROMIUM in the environment is no program. Write its whole path.",
        ),
        (
            ["--login", "audited_apps:broken"],
            "verified: the hook (--login) raised ValueError in audited_apps.py, line 28.",
        ),
    ],
)
def test_audit_of_nothing_says_why(
    options: list[str],
    why: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What is asked beside the pages is answered all the same, and makes no state a clean one."""
    monkeypatch.setenv("CHROMIUM", "/nonexistent")
    words = ["audit", "audited_apps:shop", "--state", "none", "--state", "rejected"]
    assert main([*words, *options]) == 3
    assert capsys.readouterr().err == f"audited_apps:shop: nothing could be {why}\n"


def test_stopped_audit_has_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopping(plan: Plan, found: Any, task: Task, *others: Any) -> Any:
        if task.name == "accepted":
            raise KeyboardInterrupt
        return visit(plan, found, task, *others)

    monkeypatch.setattr(run, "visit", stopping)
    states = [word for name in ("none", "rejected", "accepted") for word in ("--state", name)]
    words = ["audit", "audited_apps:shop", *states, "-f", "json", "-o", "a.json"]
    assert main(words) == 2  # never 0, though nothing was found
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("Stopping: ")
    told = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    open_ones = {state["name"]: state["unverified"] for state in told["states"]}
    assert open_ones == {"none": None, "rejected": None, "accepted": "the audit was stopped"}


def test_terminal_shows_what_is_done_until_the_end(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    main(["audit", "audited_apps:shop", "--state", "none", "--state", "rejected"])
    shown = [line.strip() for line in capsys.readouterr().err.split("\r")]
    bar = f"[{'#' * 10:<20}] rejected"
    assert shown == ["", f"[{'':<20}] looking for pages", f"[{'':<20}] none", bar, "", ""]


@pytest.mark.parametrize(
    ("variables", "coloured"),
    [({"TERM": "xterm"}, True), ({"TERM": "dumb"}, False), ({"NO_COLOR": "1"}, False)],
)
def test_colours_are_for_terminals_that_know_them(
    variables: dict[str, str],
    coloured: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    main(["audit", "audited_apps:shop", "--state", "none"])
    assert ("\x1b[" in capsys.readouterr().out) is coloured


def test_reports_go_where_they_are_sent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    forms = ["json", "html", "sarif", "junit", "markdown", "csv", "edpb", "policy", "disclosure"]
    options = [word for form in forms for word in ("-f", form, "-o", f"a.{form}")]
    assert main(["audit", "audited_apps:shop", "--login", "audited_apps:hook", *options]) == 0
    assert capsys.readouterr().out == ""
    assert all((tmp_path / f"a.{form}").stat().st_size for form in forms)
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))["schema_version"]


def test_known_findings_pass_and_reports_are_compared(tmp_path: Path) -> None:
    bare = ["audit", "audited_apps:bare", "--state", "none"]
    accepted = ["--write-baseline", "known.toml", "--reason", "known", "--until", "2999-01-01"]
    assert main([*bare, *accepted, "-f", "json", "-o", "a.json"]) == 1
    assert main([*bare, "--baseline", "known.toml", "-f", "json", "-o", "b.json"]) == 0
    assert main(["audit", "diff", "a.json", "b.json"]) == 0
    assert main(["audit", "diff", "b.json", "a.json", "-f", "markdown"]) == 0
    assert main([*bare, "--earlier", "a.json", "-o", str(tmp_path / "no" / "folder")]) == 3


LEFT = """
import sys, threading, time
from concurrent.futures import ThreadPoolExecutor
from cookieconsent.cli import leaving

leaving._LAST_SECONDS = 0.01
if "thread" in sys.argv:
    threading.Thread(target=time.sleep, args=[600]).start()
if "executor" in sys.argv:
    ThreadPoolExecutor().submit(time.sleep, 600)
leaving.leave(3, [threading.main_thread()])
sys.exit(0)
"""


@pytest.mark.parametrize(("left", "code"), [("thread", 3), ("executor", 3), ("nothing", 0)])
def test_threads_left_behind_hold_nobody_up(left: str, code: int) -> None:
    done = subprocess.run([sys.executable, "-c", LEFT, left], check=False, timeout=60)
    assert done.returncode == code


ACCEPTED = ("--reason", "known", "--until", "2999-01-01")
MISTAKES: list[tuple[list[str], str]] = [
    (["audited_apps:missing"], "has no 'missing'"),
    (["nowhere:app"], "no module"),
    (["audited_apps:shop", "audited_apps:bare"], "One target at a time"),
    (["audited_apps:shop", "--page", "shop"], "--page"),
    (["audited_apps:shop", "--baseline", "missing.toml"], "missing.toml"),
    (
        ["audited_apps:shop", "--declaration", "missing.toml"],
        "--declaration missing.toml: there is",
    ),
    (
        ["audited_apps:bare", "--declaration", "missing.toml"],
        "--declaration missing.toml: there is",
    ),
    (["audited_apps:shop", "--write-baseline", "x.toml"], "--reason"),
    (["audited_apps:shop", "-o", "a", "-o", "b"], "more files than forms at -o b"),
    (["audited_apps:shop", "-f", "json", "-f", "csv"], "standard output"),
    (["audited_apps:shop", "--login", "audited_apps:APPS"], "APPS"),
    (["--strict", "diff", "a.json", "b.json"], "Write `audit diff BEFORE.json AFTER.json`"),
    (["http://127.0.0.1:9/"], "nothing could be looked at"),
    (["http://.example/"], "its host is no name"),
    (["http://localhost:99999/"], "its port is no number from 1 to 65535"),
    (["http://localhost:x/"], "its port is no number from 1 to 65535"),
    (
        ["http://b\u00fccher.example:81/\u00fc?a=\u00fc"],
        "'http://xn--bcher-kva.example:81/%C3%BC?a=%C3%BC'",
    ),
    (["http://[::1/"], "it is no address"),
    (
        ["http://me:hush@localhost/"],
        "http://...@localhost/: it has a name or",
    ),
    (["audited_apps:shop", "--page", "/a#b"], "'/a#b' is no path of the site"),
    (["audited_apps:shop", "--login", "audited_apps:no"], "Name the function in it"),
    (["audited_apps:shop", "--login", "audited_apps"], "write module:function"),
    (["audited_apps:shop", "--reason", "because"], "are for --write-baseline"),
    (["audited_apps:shop", "--until", "2999-01-01"], "are for --write-baseline"),
    (
        ["audited_apps:shop", "--write-baseline", "a", "--reason", "r", "--until", "2020-01-01"],
        "--until 2020-01-01 is over",
    ),
    (["audited_apps:shop", *ACCEPTED, "--write-baseline", "-"], "cannot go to standard output"),
    (["http://localhost:99999/?token=hush"], "http://localhost:99999/?...: its port"),
    (["audited_apps:shop", "-o", "no/a.txt"], "no/a.txt: there is no folder 'no'; make it first"),
    (["audited_apps:shop", "-o", "."], "'.' is a folder; name a file"),
    (["audited_apps:shop", "-o", ""], "'' is a folder; name a file"),
    (["audited_apps:shop", "-o", "a", *ACCEPTED, "--write-baseline", "./a"], "would go to a"),
]


def test_file_at_fault_is_named_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "audited_apps:shop", "--baseline", "missing.toml"]) == 3
    assert capsys.readouterr().err.count("missing.toml") == 1


def test_nothing_is_asked_where_nothing_can_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "_audited", lambda *_: pytest.fail("it was audited"))
    assert main(["audit", "audited_apps:shop", "-o", "no/a.txt"]) == 3


@pytest.mark.parametrize(("arguments", "said"), MISTAKES, ids=[str(m[0]) for m in MISTAKES])
def test_mistakes_are_told(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", *arguments]) == 3
    assert said in capsys.readouterr().err
