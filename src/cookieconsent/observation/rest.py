"""How a page comes to rest: it is gone to, it loads, its scripts are woken up, nothing more happens.

Every wait has an end.
May not enter: what is on the page, what visitors do on it.
"""

from __future__ import annotations

import re
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from cookieconsent.observation.browser_faults import fault_in, is_playwright
from cookieconsent.observation.layout import WINDOW
from cookieconsent.observation.traffic import Load, Traffic

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page

MAX_PAGE_OCTETS: Final = 10 * 1024 * 1024
"""A longer page is not read to its end."""
REST_SECONDS: Final = 3.0
"""How long the scripts of a page may go on behind its loading."""
QUIET_SECONDS: Final = 0.3
"""How long nothing happens on a page that has come to rest."""
_ERROR_PAGE_SECONDS: Final = 2.0
_NO_PAGE: Final = re.compile(r"ERR_ABORTED|Download is starting")
_ACTIVE: Final = re.compile(
    r"""[<:](?:script|i?frame|fencedframe|object|embed)|[\s"'/]on[a-z]+\s*=|xml-stylesheet""",
    re.IGNORECASE,
)
"""What may go on behind the loading of a page."""
_PUMP_MILLISECONDS: Final = 10


class Rest:
    """Waits for the page of one tab.

    Args:
        page: Is waited for.
        session: Leads to it.
        traffic: Tells what happens on it.
        seconds: How long an answer, and the loading of a page, may take.
        scripts: Whether scripts run.
    """

    def __init__(
        self, page: Page, session: CDPSession, traffic: Traffic, *, seconds: float, scripts: bool
    ) -> None:
        self._page = page
        self._session = session
        self._traffic = traffic
        self._seconds = seconds
        self._scripts = scripts

    def start(self, url: str) -> str | None:
        """Go to an address; return why nothing came of it."""
        from playwright.sync_api import Error  # noqa: PLC0415 - an extra
        from playwright.sync_api import TimeoutError as Late  # noqa: PLC0415 - an extra

        before = self._traffic.page
        try:
            self._page.goto(url, wait_until="commit", timeout=self._seconds * 1000)
        except Late:
            self._stop()
            return f"no answer within {self._seconds:g} seconds"
        except Error as error:
            if self._page.is_closed():
                raise
            return self._failed(str(error), before)
        return None

    def settle(self, *, stays: bool = False) -> str | None:
        """Wait until nothing more happens; return why it was not awaited."""
        fault = self.load() or self._cut() or self._come_to_rest(stays=stays)
        return fault or self._traffic.left_out

    def load(self) -> str | None:
        """Wait until the page has loaded; return why it was not awaited."""
        end = time.monotonic() + self._seconds
        while not (self._traffic.is_loaded and self._traffic.is_told):
            if self._traffic.octets > MAX_PAGE_OCTETS:
                self._stop()
                return f"more than {MAX_PAGE_OCTETS // 1024 // 1024} MiB of it came"
            if time.monotonic() > end:
                self._stop()
                return f"it had not loaded within {self._seconds:g} seconds"
            self.pump()
        return None

    def pump(self) -> None:
        """Let a moment pass in which things happen."""
        self._page.wait_for_timeout(_PUMP_MILLISECONDS)

    def runs_scripts(self) -> bool:
        """Tell whether the document as it came has scripts in it: what runs can remove itself."""
        if not self._scripts:
            return False
        if self._traffic.document is None:
            return True  # nobody can tell
        try:
            asked = {"requestId": self._traffic.document}
            found = self._session.send("Network.getResponseBody", asked)
        except Exception as error:
            if not is_playwright(error) or self._page.is_closed():
                raise
            return True  # it is kept no more
        return bool(found["base64Encoded"] or _ACTIVE.search(found["body"]))

    def _failed(self, said: str, before: Load | None) -> str | None:
        """Return why nothing came; an answer that is no page, such as a file, is seen all the same."""
        page = self._traffic.page
        is_new = page is not None and page is not before
        if _NO_PAGE.search(said) and page is not None and is_new and page.status is not None:
            page.done = self._traffic.is_loaded = True
            return None
        self._await_error_page()
        self._traffic.give_up()
        return fault_in(said)

    def _await_error_page(self) -> None:
        """Wait for the browser's own page about a fault, which would get in the way of the next."""
        end = time.monotonic() + _ERROR_PAGE_SECONDS
        while time.monotonic() < end and not self._page.url.startswith("chrome-error:"):
            self.pump()

    def _cut(self) -> str | None:
        """Return why the page came in part; a file to be kept is no page, and whole."""
        fault = None if self._traffic.page is None else self._traffic.page.fault
        return None if fault is None or "ERR_ABORTED" in fault else fault_in(fault)

    def _come_to_rest(self, *, stays: bool) -> str | None:
        if not (self._scripts if stays else self.runs_scripts()):
            return None
        if not stays:
            self._touch()
        traffic, end = self._traffic, time.monotonic() + REST_SECONDS
        while (
            traffic.is_waiting
            or not traffic.is_loaded
            or time.monotonic() - traffic.moved < QUIET_SECONDS
        ):
            if time.monotonic() > end:
                self._stop()
                return f"it had not come to rest {REST_SECONDS:g} seconds after it had loaded"
            self.pump()
        return None

    def _touch(self) -> None:
        """Move mouse and page, and press a key: many scripts wait for that."""
        self._page.mouse.move(1, 1)
        for way in (WINDOW[1], -WINDOW[1]):
            self._page.mouse.wheel(0, way)
        self._page.keyboard.press("Shift")
        self._traffic.stir()

    def _stop(self) -> None:
        """Stop what is loading or running."""
        self._traffic.give_up()
        with suppress(Exception):
            self._session.send("Page.stopLoading")
            self._session.send("Runtime.terminateExecution")
