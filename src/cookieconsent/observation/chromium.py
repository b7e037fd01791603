"""The program: where Chromium is, how one is started with a visitor's settings, and ended.

May not enter: visitors, their tabs.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cookieconsent.observation.answer import ObservationError

if TYPE_CHECKING:
    from playwright.sync_api import Browser as PlaywrightBrowser
    from playwright.sync_api import BrowserContext, Playwright

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""What the program is called; the variable `CHROMIUM` names another one."""
_KILL: Final = getattr(signal, "SIGKILL", signal.SIGTERM)  # Windows has the second alone
_FLAGS: Final = (
    "--disable-gpu",
    "--disable-quic",
    # One process for a page and the frames in it, so that one session sees all of them.
    "--disable-site-isolation-trials",
    # Scripts that spare programs what they do to people are not told that this is one.
    "--disable-blink-features=AutomationControlled",
    # nothing that the browser would fetch on its own account
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_ALL_COOKIES: Final = {"cookie_controls_mode": 0, "block_third_party_cookies": False}
"""What most people have: third parties may set cookies."""
_NO_COOKIES: Final = {"default_content_setting_values": {"cookies": 2}}
"""Chromium's own setting that blocks all cookies, which keeps all other storage away as well."""


@dataclass(frozen=True, slots=True)
class Running:
    """A Chromium that runs."""

    browser: PlaywrightBrowser
    process: int
    """Its id."""
    agent: str
    """What it calls itself, as it would with a window."""


def find_chromium() -> str | None:
    """Return the path of the Chromium on this machine; `None` where only Playwright's can be there.

    Raises:
        ObservationError: `CHROMIUM` names no program.
    """
    named = os.environ.get("CHROMIUM")
    if named and not shutil.which(named):
        raise ObservationError("CHROMIUM in the environment is no program. Write its whole path.")
    return next(filter(None, map(shutil.which, (named,) if named else NAMES)), None)


def start(
    playwright: Playwright,
    path: str | None,
    flags: Sequence[str],
    opened: ExitStack,
    *,
    keeps_cookies: bool,
) -> Running:
    """Start a Chromium, which ends with what was opened.

    Args:
        playwright: Drives it.
        path: The program; looked for where it is `None`.
        flags: Further arguments of it.
        opened: Is closed when it is needed no more.
        keeps_cookies: Whether it takes cookies from anybody.

    Raises:
        ObservationError: Playwright is too old, or `CHROMIUM` names no program.
    """
    first = playwright.chromium.launch_persistent_context(
        _profile(opened, keeps_cookies=keeps_cookies),
        executable_path=path or find_chromium(),
        args=[*_FLAGS, *flags],
    )
    opened.callback(close, first)
    return _running(first)


def kill(*processes: int) -> None:
    """End processes at once."""
    for process in processes:
        with suppress(OSError):  # it has ended by itself
            os.kill(process, _KILL)


def close(context: BrowserContext) -> None:
    """Close a window, if it is there still."""
    with suppress(Exception):  # it is gone already
        context.close()


def _profile(stack: ExitStack, *, keeps_cookies: bool) -> str:
    """Return a folder for a profile with the visitors' settings; it is removed at the end."""
    folder = stack.enter_context(
        tempfile.TemporaryDirectory(prefix="cookieconsent-", ignore_cleanup_errors=True)
    )
    own = Path(folder, "Default")
    own.mkdir()
    chosen = _ALL_COOKIES if keeps_cookies else _NO_COOKIES
    own.joinpath("Preferences").write_text(json.dumps({"profile": chosen}), encoding="ascii")
    return folder


def _running(first: BrowserContext) -> Running:
    browser = first.browser
    if browser is None:
        raise ObservationError("this Playwright is too old. Install 1.54 or later.")
    session = browser.new_browser_cdp_session()
    found = session.send("SystemInfo.getProcessInfo")["processInfo"]
    agent = str(session.send("Browser.getVersion")["userAgent"]).replace("Headless", "")
    session.detach()
    process = next(int(process["id"]) for process in found if process["type"] == "browser")
    return Running(browser, process, agent)
