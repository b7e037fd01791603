"""What every test may lean on: a real browser, Trac's interpreter, a word about what is missing.

A Chromium, caching proxies and an interpreter that can import Trac are not part of the package; where
one is missing its tests are skipped, and the run says at the end how to get it.
`COOKIECONSENT_REQUIRE_ALL=1` makes a missing one a failure, so that nothing is left out silently where
everything must run.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

# Their assertions explain themselves like those in the tests.
pytest.register_assert_rewrite("oracles")

# How long one example takes on a busy machine says nothing; the cost of a parser has its own tests.
settings.register_profile("patient", settings(), deadline=None)
settings.load_profile("patient")

ROOT = Path(__file__).parents[1]

NO_CHROMIUM = "no Chromium found"
NO_PROXY = "no caching proxy found"
NO_CURL = "no curl found"
NO_TRAC = "no interpreter with Trac found"
REMEDIES = {
    NO_CHROMIUM: "install your system's `chromium`, or run `playwright install chromium`,"
    " or name one in CHROMIUM=/path/to/chromium",
    NO_CURL: "install your system's `curl`",
    NO_PROXY: "install your system's `nginx` and `varnish`",
    NO_TRAC: "run `make test`, or name one in TRAC_PYTHON=/path/to/python",
}

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SHELL_NAMES = ("chromium-headless-shell", "chrome-headless-shell")
CHROMIUM_FLAGS = [
    "--headless",
    "--no-sandbox",  # the pages are our own, and containers often run as root
    "--disable-gpu",
    "--disable-quic",
    # nothing that the browser would fetch on its own account
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # names that nobody owns (RFC 6761) are ours
    "--host-resolver-rules=MAP *.test 127.0.0.1, MAP *.example 127.0.0.1",
]


def missing(reason: str) -> NoReturn:
    """Skip the test that needs what is missing, or fail it where nothing may be left out."""
    if os.environ.get("COOKIECONSENT_REQUIRE_ALL", "") not in {"", "0"}:
        pytest.fail(f"{reason}; {REMEDIES[reason]}", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The path of a Chromium that can be started."""
    if named := os.environ.get("CHROMIUM"):
        if found := shutil.which(named):
            return found
        pytest.fail(f"CHROMIUM={named} is not a program", pytrace=False)
    for name in CHROMIUM_NAMES:
        if found := shutil.which(name):
            return found
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else missing(NO_CHROMIUM)


@pytest.fixture(scope="session")
def shell_path(chromium_path: str) -> str:
    """The path of Chromium's headless shell, which opens a page in a third of the time.

    It lays pages out and runs forms as Chromium does, but reads no profile; where there is none, or
    `CHROMIUM` names another one, the whole browser does the same.
    """
    named = (chromium_path,) if os.environ.get("CHROMIUM") else SHELL_NAMES
    return next(filter(None, map(shutil.which, named)), chromium_path)


# Of the module, not of the session: while Playwright's synchronous interface is open its event loop
# counts as running in this thread, and `asyncio.run` in any other test would refuse to start. For
# the same reason a server beside the browser belongs in a thread or process of its own.
@pytest.fixture(scope="module")
def browser(shell_path: str) -> Iterator[Browser]:
    """A Chromium of this test module's own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shell_path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page_without_js(browser: Browser) -> Iterator[Page]:
    """An empty page of a visitor who was never here before and runs no JavaScript."""
    context = browser.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session")
def trac_python() -> str:
    """The path of an interpreter that can import both Trac and this package."""
    python = os.environ.get("TRAC_PYTHON") or str(ROOT / ".venv-trac" / "bin" / "python")
    if not shutil.which(python):
        missing(NO_TRAC)
    check = subprocess.run(
        [python, "-c", "import cookieconsent, trac.web.main"],
        capture_output=True,
        check=False,
        text=True,
    )
    if check.returncode:
        pytest.fail(f"{python} cannot import Trac:\n{check.stderr}", pytrace=False)
    return python


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what needs a browser or Trac."""
    for fixture, marker in (("chromium_path", "browser"), ("trac_python", "realapp")):
        if fixture in getattr(item, "fixturenames", ()):
            item.add_marker(marker)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Iterator[None]:
    """Say at the very end of the run what was left out, and how to get it."""
    yield
    reasons = [str(report.longrepr) for report in terminalreporter.getreports("skipped")]
    for reason, remedy in REMEDIES.items():
        if count := sum(reason in text for text in reasons):
            terminalreporter.write_line(f"{count} left out, {reason}: {remedy}", yellow=True)
