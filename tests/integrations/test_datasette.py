"""datasette's plugin: nothing until it is configured, and then the door, the templates, the secret."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner
from datasette.app import Datasette
from datasette.cli import cli
from datasette.plugins import get_plugins
from datasette.utils import StartupError

from doors import NAVIGATION, SECRET, Visitor, banners, consent_pair
from oracles.drivers import Answer, Exchange, run_asgi
from pages import Written


def datasette(configured: Any, **options: Any) -> Any:
    metadata = {"plugins": {} if configured is None else {"cookieconsent": configured}}
    return Datasette(memory=True, metadata=metadata, **({"secret": SECRET} | options)).app()


def get(app: Any, path: str = "/", *headers: tuple[bytes, bytes], **parts: Any) -> Answer:
    exchange = Exchange(path=path, headers=[*NAVIGATION, *headers], **parts)
    return run_asgi(app, exchange, lint={"lower_case": False, "head_body": True})


# --- switched on ----------------------------------------------------------------------------------


def test_plugin_is_found_by_its_entry_point() -> None:
    [found] = [plugin for plugin in get_plugins() if plugin["name"] == "cookieconsent"]
    assert (found["static_path"], found["templates_path"]) == (None, None)


@pytest.mark.parametrize("plugins", [{}, {"cookieconsent": None}])
def test_nothing_happens_until_it_is_configured(plugins: Any) -> None:
    app = Datasette(memory=True, metadata={"plugins": plugins}).app()
    assert banners(get(app).body) == 0
    assert get(app, "/cookie-consent").status == 404


def test_nothing_is_loaded_until_it_is_configured() -> None:
    code = (
        "import json, sys\n"
        "from datasette.app import Datasette\n"
        "Datasette(memory=True).app()\n"
        "names = ['integrations.datasette', 'middleware', 'ui', 'templating']\n"
        "print(json.dumps([f'cookieconsent.{name}' in sys.modules for name in names]))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert json.loads(done.stdout) == [True, False, False, False]


def test_visitor_is_asked_and_answers() -> None:
    visitor = Visitor(Written(datasette({}), "asgi"))
    visitor.visit()
    assert banners(visitor.page) == 1
    visitor.choose("accept")
    assert visitor.sees == "settings"


def test_page_not_found_asks_too() -> None:
    answer = get(datasette({}), "/nowhere")
    assert (answer.status, banners(answer.body)) == (404, 1)


TOLD: Final = {"purpose": "Counts.", "provider": "Us", "lifetime": "1 days"}


# --- settings -------------------------------------------------------------------------------------


def test_declarations_come_from_the_metadata(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONSENT_SECRET", SECRET)
    told = {"name": "_ga", "cls": "analytics", "purpose": "Counts visits.", "provider": "Us"}
    configured = {
        "secret_key": {"$env": "CONSENT_SECRET"},
        "path": "/privacy",
        "cookies": [told | {"lifetime": "2 years"}],
    }
    assert b"Counts visits." in get(datasette(configured), "/privacy").body


@pytest.mark.parametrize(
    ("configured", "message"),
    [
        ({"pth": "/x"}, "plugins: cookieconsent: pth: there is no such setting. Did you mean"),
        ({"path": "x/"}, "plugins: cookieconsent: path: 'x/' is no path"),
        ({"secret_key": {"$env": "NOT_SET"}}, "plugins: cookieconsent: secret_key: there is none"),
        (
            {"cookies": "_ga"},
            "plugins: cookieconsent: cookies: .* Write a list, each cookie with name",
        ),
        ({"classes": 5}, "plugins: cookieconsent: classes: .* Write a list, each class with name"),
        ({"secret_key": "short"}, "plugins: cookieconsent: secret_key: it is too weak"),
        (
            {"cookies": [{"name": "ds_actor", "cls": "analytics", **TOLD}]},
            "plugins: cookieconsent: cookies.ds_actor: it would be removed, and nobody could log in",
        ),
        (True, "plugins: cookieconsent: a bool is no configuration. Write settings by name"),
        (SECRET, "plugins: cookieconsent: a str is no configuration. Write settings by name"),
    ],
)
def test_wrong_setting_is_refused_at_start(configured: Any, message: str) -> None:
    with pytest.raises(StartupError, match=message):
        datasette(configured)


def test_serve_says_it_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "metadata.json"
    file.write_text('{"plugins": {"cookieconsent": {"pth": "/x"}}}', encoding="utf-8")
    done = CliRunner().invoke(cli, ["serve", "--memory", "--metadata", str(file), "--get", "/"])
    assert done.exit_code == 1
    [line] = done.output.splitlines()
    assert line.startswith("Error: plugins: cookieconsent: pth: there is no such setting.")


# --- the secret -----------------------------------------------------------------------------------


def answered(app: Any) -> bytes:
    visitor = Visitor(Written(app, "asgi"))
    visitor.visit()
    return consent_pair(visitor.choose("reject"))


@pytest.mark.parametrize(
    ("configured", "secret", "holds"),
    [
        ({}, SECRET, True),
        ({}, "another secret of the tests that is long", False),
        ({"secret_key": SECRET}, SECRET, False),
    ],
)
def test_secret_is_derived_from_datasettes(configured: Any, secret: str, holds: bool) -> None:
    cookie = (b"cookie", answered(datasette({})))
    again = datasette(configured, secret=secret)
    assert banners(get(again, "/", cookie).body) == (not holds)


# --- templates ------------------------------------------------------------------------------------


def test_templates_have_consent_functions_and_block(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(
        "<body>{{ consent_banner() }}{{ consent.allows('analytics') }}"
        "{% consent 'analytics' %}on{% else %}off{% endconsent %}</body>",
        encoding="utf-8",
    )
    body = get(datasette({}, template_dir=str(tmp_path))).body
    assert banners(body) == 1
    assert body.endswith(b"Falseoff</body>")


def test_templates_have_no_consent_unless_configured(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("{{ consent is defined }}", encoding="utf-8")
    assert get(datasette(None, template_dir=str(tmp_path))).body == b"False"


# --- behind a proxy -------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/cookie-consent", "/data/cookie-consent"])
def test_path_stands_below_the_base_url(path: str) -> None:
    """Whether or not the proxy takes the prefix away, as datasette has it."""
    app = datasette({}, settings={"base_url": "/data/"})
    assert b'action="/data/cookie-consent"' in get(app, path).body
    assert b'action="/data/cookie-consent"' in get(app, "/data/").body


@pytest.mark.parametrize("forced", [True, False])
def test_forced_https_is_believed(forced: bool) -> None:
    """Erasing everything of the site needs a secure connection, so its button tells."""
    app = datasette({}, settings={"force_https_urls": forced})
    assert (b'value="erase"' in get(app, "/cookie-consent").body) == forced


# --- caching --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("configured", "cookie", "stored"),
    [
        (None, b"sid=1", False),  # datasette does not look which cookie it is
        ({}, b"sid=1", True),  # nobody knows it, so datasette never sees it
        ({}, b"ds_actor=x", False),
        ({}, None, False),  # the visitor's answer
    ],
)
def test_pages_for_who_has_answered_are_not_stored(
    configured: Any, cookie: bytes | None, stored: bool
) -> None:
    app = datasette(configured)
    assert get(app, "/.json").values(b"cache-control") == []
    answer = get(app, "/.json", (b"cookie", cookie or answered(app)))
    assert answer.values(b"cache-control") == ([] if stored else [b"private, no-store"])


def test_static_files_are_stored_all_the_same() -> None:
    app = datasette({})
    answer = get(app, "/-/static/app.css", (b"cookie", answered(app)))
    assert (answer.status, answer.values(b"cache-control")) == (200, [])
