"""Applications that nobody here wrote: what a report says of them alone, and behind the middleware."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from datasette.app import Datasette

from cookieconsent.audit import reports
from cookieconsent.audit.declared import site_of
from cookieconsent.audit.plan import Plan
from cookieconsent.audit.report import Report
from cookieconsent.audit.run import audit
from cookieconsent.middleware.asgi import CookieConsentMiddleware
from cookieconsent.observation import reaching
from doors import SECRET

pytestmark = pytest.mark.realapp

REALAPPS = Path(__file__).parents[1] / "realapps"


# --- datasette ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("datasette") / "shop.db"
    with closing(sqlite3.connect(file)) as shop, shop:
        shop.execute("create table goods (id integer primary key, name text)")
        shop.executemany("insert into goods (name) values (?)", [("tea",), ("pots",)])
    return str(file)


def of_datasette(database: str, *, behind: bool) -> Report:
    datasette = Datasette([database], secret=SECRET)
    app: Any = datasette.app()
    if behind:
        app = CookieConsentMiddleware(app, secret_key=SECRET)
    reached = reaching.within(app)
    site = site_of(app, None, Path())
    try:
        return audit(
            Plan(
                target="datasette",
                mode="asgi",
                base=reached.start,
                site=site,
                client=reached.client,
                app=app,
                pages=["/-/messages"],
                limit=2,
            )
        )
    finally:
        datasette.executor.shutdown()


def convictions(report: Report, least: str = "low") -> set[tuple[str, str | None]]:
    return {(found.check, found.cookie) for found in report.findings(least)}  # type: ignore[arg-type]


def test_datasette_alone_is_not_called_clean(database: str) -> None:
    """No middleware of ours, so nobody can say yes or no; what that leaves open stands first."""
    report = of_datasette(database, behind=False)
    assert ("CC401", "ds_csrftoken") in convictions(report)
    first, *rest = reports.text.write(report).splitlines()
    assert first.endswith("questions could not be answered.")
    text = " ".join(rest)
    assert "no middleware of this package was found" in text
    assert "accepted, withdrawn, gpc-accepted, blocked" in text


def test_datasette_behind_the_middleware_keeps_its_promises(database: str) -> None:
    report = of_datasette(database, behind=True)
    assert {row.unverified for row in report.states} == {None}
    assert not {check for check, _ in convictions(report) if check < "CC200"}
    assert not {check for check, _ in convictions(report) if "CC300" < check < "CC400"}
    assert {row.name: row.cls for row in report.cookies} == {
        "__Host-cookieconsent": "consent",
        "ds_csrftoken": "authentication",
    }


# --- Trac -----------------------------------------------------------------------------------------

SITES = f"""
import sys
from pathlib import Path

sys.path.insert(0, {str(REALAPPS)!r})
import trac_server

from cookieconsent.middleware.wsgi import CookieConsentMiddleware

project = trac_server.make_trac(Path.cwd(), inline_files=False)
alone = trac_server.TracEnvironMiddleware(
    trac_server.dispatch_request, None, [str(project)], single_env=True
)
TAG = "_ga=GA1.1.1876543210.1; Path=/; Max-Age=34560000; SameSite=Lax; Secure"


def tagged(environ, start):
    def tag(status, headers, *more):
        return start(status, [*headers, ("Set-Cookie", TAG)], *more)

    return alone(environ, tag)


behind = CookieConsentMiddleware(tagged, secret_key={SECRET!r})
"""


@pytest.fixture(scope="module")
def audited_trac(
    trac_python: str, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, Any]]:
    """Reports of Trac with a tag manager's cookie: as it is, and behind the middleware."""
    found = {}
    for name in ("tagged", "behind"):
        folder = tmp_path_factory.mktemp(name)
        (folder / "trac_site.py").write_text(SITES, encoding="utf-8")
        states = ["none", "accepted", "withdrawn", "gpc"]
        command = [trac_python, "-m", "cookieconsent", "audit", f"trac_site:{name}", "--limit", "1"]
        command += [part for state in states for part in ("--state", state)]
        done = subprocess.run(
            [*command, "-f", "json", "-o", "audit.json"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1, done.stderr
        found[name] = json.loads((folder / "audit.json").read_text(encoding="utf-8"))
    return found


def found_in(report: dict[str, Any]) -> set[tuple[str, str | None]]:
    verdicts = report["verdicts"]
    return {(v["check"], finding["cookie"]) for v in verdicts for finding in v["findings"]}


def test_trac_with_a_tag_is_convicted_of_it(audited_trac: dict[str, dict[str, Any]]) -> None:
    found = found_in(audited_trac["tagged"])
    assert {("CC101", "_ga"), ("CC106", "_ga")} <= found
    assert {("CC401", "trac_session"), ("CC407", "trac_session")} <= found


def test_middleware_takes_that_charge_from_trac(audited_trac: dict[str, dict[str, Any]]) -> None:
    report = audited_trac["behind"]
    assert not {pair for pair in found_in(report) if pair[0] < "CC200"}
    [row] = [row for row in report["cookies"] if row["name"] == "_ga"]
    assert set(row["states"]) == {"accepted", "withdrawn"}


@pytest.mark.parametrize("name", ["tagged", "behind"])
def test_pages_that_expired_long_ago_are_kept_for_nobody(
    name: str, audited_trac: dict[str, dict[str, Any]]
) -> None:
    """Trac forbids caches by an `Expires` of 1999, and leaves `Date` to the server."""
    verdicts = [v for v in audited_trac[name]["verdicts"] if v["check"] == "CC501"]
    paths = {finding["path"] for verdict in verdicts for finding in verdict["findings"]}
    # The tag is on style sheets too, and these may be kept.
    assert not [path for path in paths if not path.startswith("/chrome/")]
