"""The plugin for pytest: one test per check and state, two fixtures, and a recorder that listens.

pytest loads this module in every project where the package is installed, so it imports next to nothing;
what an option, an ini line or a fixture asks for is imported then.
May not enter: checks, visitors, rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import pytest

from cookieconsent.audit.names import (
    FAILING,
    MOST_MINUTES,
    MOST_PAGES,
    MOST_RATE,
    USUAL_MINUTES,
    USUAL_PAGES,
    USUAL_RATE,
)
from cookieconsent.audit.severity import SEVERITIES

if TYPE_CHECKING:
    from cookieconsent.pytest_plugin.fixtures import AuditApplication, OneTestRecorder

RECORDER: Final = "cookie_audit_recorder"
"""The ini line that switches the recorder on."""
_FOR_TARGETS: Final = (
    *("factory", "host", "state", "page", "limit", "minutes", "rate", "language", "login"),
    *("browser", "alias", "earlier"),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options and the ini line."""
    group = parser.getgroup("cookie-audit", "cookie audit (cookieconsent)")
    group.addoption(
        "--cookie-audit",
        metavar="TARGET",
        help="audit an application (module:attribute) or a site (http://..., https://...): one test "
        "for each check in each state of consent",
    )
    group.addoption(
        "--cookie-audit-factory",
        action="store_true",
        help="the attribute is a function without arguments that returns the application",
    )
    group.addoption(
        "--cookie-audit-host",
        metavar="NAME",
        help="the host that an application in this process is asked for (default: localhost)",
    )
    group.addoption(
        "--cookie-audit-state",
        action="append",
        default=[],
        metavar="STATE",
        help="a state of consent; may be repeated (default: all)",
    )
    group.addoption(
        "--cookie-audit-page",
        action="append",
        default=[],
        metavar="PATH",
        help="a page to look at before any link; may be repeated",
    )
    group.addoption(
        "--cookie-audit-limit",
        metavar="NUMBER",
        help=f"how many pages to look at (default: {USUAL_PAGES:,}, at most {MOST_PAGES:,})",
    )
    group.addoption(
        "--cookie-audit-minutes",
        metavar="NUMBER",
        help="how long all of it may take; states that are not reached by then are unverified "
        f"(default: {USUAL_MINUTES}, at most {MOST_MINUTES:,})",
    )
    group.addoption(
        "--cookie-audit-rate",
        metavar="NUMBER",
        help="how many requests a second an address on the network is sent; this machine is not slowed "
        f"(default: {USUAL_RATE}, at most {MOST_RATE:,})",
    )
    group.addoption(
        "--cookie-audit-language",
        metavar="TAG",
        help="the language that visitors ask for, such as de or pt-BR (default: en)",
    )
    group.addoption(
        "--cookie-audit-login",
        metavar="MODULE:FUNCTION",
        help="a function that gets the visitor of each state, to sign in or fill a basket",
    )
    group.addoption(
        "--cookie-audit-browser",
        action="store_true",
        help="look through a real Chromium; needs the extra `browser`",
    )
    group.addoption(
        "--cookie-audit-alias",
        metavar="HOST=NAME",
        action="append",
        default=[],
        help="the canonical name (CNAME) of a host that pages load from; HOST= where it has none; "
        "may be repeated",
    )
    group.addoption(
        "--cookie-audit-earlier",
        metavar="FILE",
        help="an earlier report in JSON, to tell which cookies are new",
    )
    group.addoption(
        "--cookie-audit-declaration",
        metavar="FILE",
        help="the TOML file with the declarations (default: the middleware's, else "
        "cookieconsent.toml or pyproject.toml in the root folder)",
    )
    group.addoption(
        "--cookie-audit-baseline",
        metavar="FILE",
        help="known findings, each with a reason and an end; only others count",
    )
    group.addoption(
        "--cookie-audit-fail-on",
        choices=SEVERITIES,
        default=FAILING,
        help=f"the least severity that fails (default: {FAILING})",
    )
    group.addoption(
        "--cookie-audit-strict",
        action="store_true",
        help="let what could not be verified fail instead of being skipped",
    )
    parser.addini(
        RECORDER,
        "listen to the test suite and judge the cookies in it: module:attribute of the application, "
        "or true",
        default="",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Load what was asked for, and nothing otherwise."""
    is_audit = config.getoption("cookie_audit") is not None
    for name in _FOR_TARGETS:
        if config.getoption(f"cookie_audit_{name}") and not is_audit:
            raise pytest.UsageError(f"--cookie-audit-{name} needs --cookie-audit=TARGET")
    if is_audit:
        from cookieconsent.pytest_plugin.items import Auditing  # noqa: PLC0415 - only then

        config.pluginmanager.register(Auditing(config), "cookie-audit-items")
    if str(config.getini(RECORDER)).strip().lower() not in {"", "false", "no", "off", "0"}:
        from cookieconsent.pytest_plugin.recording import Recording  # noqa: PLC0415 - as above

        config.pluginmanager.register(Recording(config), "cookie-audit-recorder")


@pytest.fixture
def cookie_audit(request: pytest.FixtureRequest) -> AuditApplication:
    """A function that audits an application and returns the report, with `assert_clean()`."""
    from cookieconsent.pytest_plugin.fixtures import AuditApplication  # noqa: PLC0415 - as above

    return AuditApplication(request.config.rootpath)


@pytest.fixture
def cookie_recorder(request: pytest.FixtureRequest) -> Iterator[OneTestRecorder]:
    """A recorder that hears what this test asks from here on; `report()` judges it."""
    from cookieconsent.pytest_plugin.fixtures import recording  # noqa: PLC0415 - as above

    with recording(request.node.nodeid, request.config.rootpath) as recorder:
        yield recorder
