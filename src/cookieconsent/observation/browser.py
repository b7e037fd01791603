"""A real Chromium, driven through Playwright: visitors with nothing in it, each with a tab.

Every wait has an end, and a browser that does not answer any more is ended.
May not enter: what is concluded from what was seen, what happens in a tab (`tab`).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from types import TracebackType
from typing import TYPE_CHECKING

from cookieconsent.observation.answer import PAGE_SECONDS, ObservationError
from cookieconsent.observation.browser_faults import reasoned
from cookieconsent.observation.chromium import Running, close, kill, start
from cookieconsent.observation.layout import WINDOW
from cookieconsent.observation.tab import LAST_SECONDS, Settings, Tab

if TYPE_CHECKING:
    from playwright.sync_api import Playwright


class Browser(AbstractContextManager["Browser"]):
    """Starts a Chromium when it is first needed, another one for visitors who block cookies.

    Each visitor has a context of its own in it. Contexts are private windows, which by default keep
    third parties from cookies that other windows take; the profile allows them.
    Playwright has a thread of its own, since it keeps an event loop running where it is used.

    Args:
        path: The program; looked for where it is `None`.
        flags: Further arguments of it.
        seconds: How long an answer, and the loading of a page, may take.
    """

    def __init__(
        self, path: str | None = None, *, flags: Sequence[str] = (), seconds: float = PAGE_SECONDS
    ) -> None:
        self._path = path
        self._flags = flags
        self._seconds = seconds
        self._playwright: Playwright | None = None
        self._running: dict[bool, Running] = {}
        self._opened = ExitStack()
        self._thread = ThreadPoolExecutor(1, "browser")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None:
        """End what was started."""
        with self._patient():
            self._thread.submit(self._end).result()
        self._thread.shutdown()

    @contextmanager
    def visitor(self, settings: Settings) -> Iterator[Tab]:
        """Give the tab of a visitor who was never anywhere.

        Raises:
            ObservationError: There is no browser, or it cannot be started.
        """
        stack = ExitStack()
        try:
            yield self._thread.submit(self._open, settings, stack).result()
        finally:
            with self._patient():
                self._thread.submit(stack.close).result()

    @contextmanager
    def _patient(self) -> Iterator[None]:
        """End the browsers that run if what is done meanwhile does not come back."""
        processes = [running.process for running in self._running.values()]
        timer = threading.Timer(LAST_SECONDS, kill, processes)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _open(self, settings: Settings, stack: ExitStack) -> Tab:
        try:
            with reasoned("the browser cannot be started"):
                running = self._started(settings.keeps_cookies)
                context = running.browser.new_context(
                    accept_downloads=False,
                    extra_http_headers={"Sec-GPC": "1"} if settings.signal else {},
                    java_script_enabled=settings.scripts,
                    locale=settings.language,
                    user_agent=running.agent,
                    viewport={"width": WINDOW[0], "height": WINDOW[1]},
                )
                stack.callback(close, context)
                return Tab(context, settings, self._seconds, self._thread, running.process)
        except ObservationError:
            self._end()  # another time, another one
            raise

    def _started(self, keeps_cookies: bool) -> Running:  # noqa: FBT001 - one fact
        running = self._running.get(keeps_cookies)
        if running is None or not running.browser.is_connected():
            running = self._running[keeps_cookies] = start(
                self._driver(), self._path, self._flags, self._opened, keeps_cookies=keeps_cookies
            )
        return running

    def _driver(self) -> Playwright:
        if self._playwright is None:
            try:
                from playwright.sync_api import sync_playwright  # noqa: PLC0415 - an extra
            except ImportError:
                raise ObservationError(
                    "the browser needs Playwright. Install cookieconsent[browser]."
                ) from None
            self._playwright = self._opened.enter_context(sync_playwright())
        return self._playwright

    def _end(self) -> None:
        self._playwright = None
        self._running = {}
        with suppress(Exception):  # whatever a program says that is gone
            self._opened.close()
        self._opened = ExitStack()
