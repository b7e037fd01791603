"""The tab of one visitor: where they go, what they do there, and what is on the screen then.

May not enter: what is concluded from what was seen, where buttons of a banner are.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, TypeVar

from cookieconsent.observation.answer import ObservationError
from cookieconsent.observation.browser_faults import reasoned
from cookieconsent.observation.chromium import kill
from cookieconsent.observation.document import Document, script_text
from cookieconsent.observation.layout import Control, Layout
from cookieconsent.observation.rest import Rest
from cookieconsent.observation.traffic import Load, Stored, Traffic

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, CDPSession, Dialog, Locator, Page

Arguments = ParamSpec("Arguments")
Given = TypeVar("Given")
LAST_SECONDS: Final = 15.0
"""How long something may take beyond what an answer may; the waits inside end long before."""
_CLICK_SECONDS: Final = 2.0
_LATE_SECONDS: Final = 2.0  # a banner that a script shows may come behind its page
_FAREWELL_MILLISECONDS: Final = 100  # what a page stores as it goes is told a little later


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a visitor has set in the browser."""

    signal: bool = False
    """Whether it sends Global Privacy Control, and tells scripts so."""
    keeps_cookies: bool = True
    scripts: bool = True
    language: str = "en"
    """What they read (BCP 47), for `Accept-Language` and scripts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A cookie that the browser keeps."""

    name: bytes
    value: bytes = field(repr=False)
    domain: str
    """With a dot in front where it goes to every host below."""
    path: str = "/"
    ends: float | None = None
    """POSIX seconds; `None` for the session."""
    secure: bool = False
    http_only: bool = False
    same_site: str | None = None
    partitioned: bool = False


def _aside(
    method: Callable[Concatenate[Tab, Arguments], Given],
) -> Callable[Concatenate[Tab, Arguments], Given]:
    """Call a method in the browser's own thread, and end a browser that does not come back."""

    @wraps(method)
    def call(tab: Tab, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Given:
        is_late = threading.Event()
        timer = threading.Timer(tab.patience, _give_up, [tab.process, is_late])
        timer.daemon = True
        timer.start()
        try:
            return tab.thread.submit(method, tab, *args, **kwargs).result()
        except ObservationError as error:
            if is_late.is_set():
                raise ObservationError(
                    f"it kept the browser busy for {tab.patience:g} seconds, and was given up"
                ) from error
            raise
        finally:
            timer.cancel()

    return call


class Tab:
    """The tab of one visitor."""

    def __init__(
        self,
        context: BrowserContext,
        settings: Settings,
        seconds: float,
        thread: ThreadPoolExecutor,
        process: int,
    ) -> None:
        self.thread = thread
        """Where Playwright runs."""
        self._context = context
        self._settings = settings
        self._seconds = seconds
        self.patience: float = seconds + LAST_SECONDS
        """How many seconds any call may take."""
        self._binding = f"_{secrets.token_hex(8)}"
        if settings.signal:
            context.add_init_script(script=script_text("signal"))
        if settings.scripts:
            context.add_init_script(script=script_text("watch").replace("%BINDING%", self._binding))
        self.process = process
        """The id of the browser's process."""
        self._page: Page = context.new_page()
        self._session: CDPSession = context.new_cdp_session(self._page)
        self._traffic = self._watched()
        self._rest = Rest(
            self._page, self._session, self._traffic, seconds=seconds, scripts=settings.scripts
        )
        self._document = Document(self._page, self._session, self._rest.load)

    @_aside
    def go(self, url: str) -> str | None:
        """Go to an address and wait until its page is at rest.

        Returns:
            Why not all of it was seen; `None` if it was.

        Raises:
            ObservationError: The browser is gone.
        """
        with reasoned("the browser did not go there"):
            self._traffic.expect_page()
            fault = self._rest.start(url)
            return fault or self._rest.settle()

    @_aside
    def click(self, selector: str, *, leads_on: bool) -> str | None:
        """Click the first element that a selector finds, and wait until the page is at rest.

        Args:
            selector: A CSS selector.
            leads_on: Whether another page must come of it.

        Returns:
            Why not all of what followed was seen; `None` if it was.
        """
        with reasoned("the browser could not click there"):
            self._traffic.click()
            if leads_on:
                self._traffic.expect_page()
            _press(self._page.locator(selector).first)
            self._traffic.stir()
            return self._rest.settle(stays=not leads_on)

    @_aside
    def submit(self, url: str, fields: Sequence[tuple[str, str]]) -> str | None:
        """Send a form by POST from the page that is open, and wait until what comes is at rest.

        Args:
            url: Where it goes.
            fields: Names and values.

        Returns:
            Why not all of what followed was seen; `None` if it was.
        """
        with reasoned("the browser could not send a form"):
            self._traffic.expect_page()
            self._page.evaluate(script_text("submit"), [url, [list(field) for field in fields]])
            self._traffic.stir()
            return self._rest.settle()

    @_aside
    def leave(self) -> str | None:
        """Leave the page, which may store something then; return why not all of it was seen."""
        with reasoned("the browser could not leave the page"):
            if self._rest.runs_scripts():
                self._page.goto("about:blank", wait_until="commit", timeout=self._seconds * 1000)
                self._page.wait_for_timeout(_FAREWELL_MILLISECONDS)
            return self._traffic.left_out

    @_aside
    def choose(self, selector: str) -> None:
        """Choose the option that a selector finds, if it is there."""
        with reasoned("the browser could not choose there"):
            for found in self._page.locator(selector).all()[:1]:
                found.evaluate("element => { element.checked = true }")

    @_aside
    def shows(self, selector: str) -> bool:
        """Tell whether the first element that a selector finds can be seen."""
        found = self._document.controls({"it": selector})
        return "it" in found and found["it"].visible

    @_aside
    def awaits(self, selector: str) -> bool:
        """Tell whether something that a selector finds is seen, or will be soon."""
        with reasoned("the browser could not look there"):
            may_come = self._rest.runs_scripts()
            return self._becomes(selector, seen=True, soon=may_come)

    @_aside
    def keeps(self, selector: str) -> bool:
        """Tell whether something that a selector finds is seen, and will be still."""
        with reasoned("the browser could not look there"):
            return not self._becomes(selector, seen=False)

    @_aside
    def address(self) -> str:
        """Return the address of the page on the screen."""
        return self._page.url

    @_aside
    def has(self, selector: str) -> bool:
        """Tell whether a selector finds anything."""
        with reasoned("the browser could not look there"):
            return self._page.locator(selector).count() > 0

    @_aside
    def take(self) -> list[Load | Stored]:
        """Return what happened since the last time."""
        return self._traffic.take()

    @_aside
    def html(self) -> tuple[str, bool]:
        """Return the document as it is now, at most `MAX_HTML_CHARACTERS`, and whether that is all."""
        with reasoned("its document cannot be read"):
            return self._document.html()

    @_aside
    def stores(self) -> list[Stored]:
        """Return the databases, files, caches and service workers of the page and its frames."""
        with reasoned("its storage cannot be read"):
            if not self._rest.runs_scripts():
                return []
            return self._document.stores()

    @_aside
    def picture(self) -> bytes:
        """Return what is on the screen (PNG)."""
        with reasoned("no picture could be taken"):
            return self._page.screenshot(timeout=self._seconds * 1000, scale="css")

    @_aside
    def controls(self, selectors: Mapping[str, str]) -> dict[str, Control]:
        """Return the first element that each selector finds; what is not there is left out."""
        return self._document.controls(selectors)

    @_aside
    def layout(self, selectors: Mapping[str, str]) -> Layout:
        """Return how the page lies in its window and on telephones, with what selectors find."""
        return self._document.layout(selectors)

    @_aside
    def cookies(self) -> list[Kept]:
        """Return the cookies that the browser keeps for this visitor, of all sites."""
        with reasoned("the browser's cookies cannot be read"):
            found = self._session.send("Network.getAllCookies")["cookies"]
        return [_kept(cookie) for cookie in found]

    @_aside
    def put(self, cookie: Kept, url: str) -> bool:
        """Keep a cookie; tell whether the browser takes it."""
        fields: dict[str, Any] = {
            "name": cookie.name.decode("utf-8", "replace"),
            "value": cookie.value.decode("utf-8", "replace"),
            "url": url,
            "path": cookie.path,
            "secure": cookie.secure,
            "httpOnly": cookie.http_only,
        }
        if cookie.domain.startswith("."):
            fields["domain"] = cookie.domain
        if cookie.same_site is not None:
            fields["sameSite"] = cookie.same_site
        if cookie.ends is not None:
            fields["expires"] = cookie.ends
        with reasoned("the browser takes no cookie"):
            return bool(self._session.send("Network.setCookie", fields)["success"])

    def _becomes(self, selector: str, *, seen: bool, soon: bool = True) -> bool:
        """Tell whether any element that a selector finds is seen, or none, now or soon."""
        found = self._page.locator(f":is({selector})").locator("visible=true").first
        end = time.monotonic() + _LATE_SECONDS * soon
        while found.is_visible() is not seen:
            if time.monotonic() > end:
                return False
            self._rest.pump()
        return True

    def _watched(self) -> Traffic:
        """Hear of everything from the page that is open."""
        frame = self._session.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
        traffic = Traffic(frame, self._binding)
        self._page.on("dialog", _answer_dialog)
        # What workers and windows that a page opens ask for, the page's own session is not told.
        self._context.on("request", lambda request: traffic.overhear(request.url))
        self._page.on("worker", lambda worker: traffic.hand_over(worker.url))
        traffic.listen(self._session)
        for domain in ("Page", "Network", "Runtime", "DOMStorage"):
            self._session.send(f"{domain}.enable")
        self._session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        self._session.send("Runtime.addBinding", {"name": self._binding})
        return traffic


def _answer_dialog(dialog: Dialog) -> None:
    """Leave a page that asks whether to stay, and answer nothing else."""
    with suppress(Exception):  # its page is gone already
        if dialog.type == "beforeunload":
            dialog.accept()
        else:
            dialog.dismiss()


def _press(locator: Locator) -> None:
    """Click as a visitor does, or else as a keyboard does, which nothing can cover."""
    from playwright.sync_api import TimeoutError as Late  # noqa: PLC0415 - an extra

    try:
        locator.click(timeout=_CLICK_SECONDS * 1000, no_wait_after=True)
    except Late:
        locator.evaluate("element => element.click()")


def _give_up(process: int, is_late: threading.Event) -> None:
    is_late.set()
    kill(process)


def _kept(cookie: Mapping[str, Any]) -> Kept:
    return Kept(
        name=cookie["name"].encode("utf-8", "replace"),
        value=cookie["value"].encode("utf-8", "replace"),
        domain=cookie["domain"],
        path=cookie["path"],
        ends=None if cookie.get("session") else float(cookie["expires"]),
        secure=bool(cookie["secure"]),
        http_only=bool(cookie["httpOnly"]),
        same_site=cookie.get("sameSite"),
        partitioned="partitionKey" in cookie,
    )
