"""A real Chromium, driven through Playwright: the program, visitors with nothing in it, their tab.

Every wait has an end: for an answer, for a page to load, for its scripts to come to rest; and a browser
that does not answer any more is ended.
May not enter: what is concluded from what was seen, where buttons of a banner are.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache, wraps
from importlib.resources import files
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, TypeVar

from cookieconsent.observation.answer import PAGE_SECONDS, ObservationError
from cookieconsent.observation.layout import NARROW, Control, Layout
from cookieconsent.observation.traffic import Load, Stored, Traffic

if TYPE_CHECKING:
    from playwright.sync_api import Browser as PlaywrightBrowser
    from playwright.sync_api import BrowserContext, CDPSession, Dialog, Locator, Page, Playwright

Arguments = ParamSpec("Arguments")
Given = TypeVar("Given")
NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""What the program is called; the variable `CHROMIUM` names another one."""
WINDOW: Final = (1280, 720)
MAX_PAGE_OCTETS: Final = 10 * 1024 * 1024
"""A longer page is not read to its end."""
MAX_HTML_CHARACTERS: Final = 2 * 1024 * 1024
REST_SECONDS: Final = 3.0
"""How long the scripts of a page may go on behind its loading."""
QUIET_SECONDS: Final = 0.3
"""How long nothing happens on a page that has come to rest."""
_CLICK_SECONDS: Final = 2.0
_LATE_SECONDS: Final = 2.0  # a banner that a script shows may come behind its page
_LAST_SECONDS: Final = 15.0  # beyond what an answer may take; the waits inside end long before
_KILL: Final = getattr(signal, "SIGKILL", signal.SIGTERM)  # Windows has the second alone
_TRIES: Final = 5
_NO_PAGE: Final = re.compile(r"ERR_ABORTED|Download is starting")
_WORLD: Final = "apart"
_RESTLESS: Final = "it does not stay on one page"
_MOVED: Final = re.compile(r"context was destroyed|Cannot find context|navigated|No frame")
_ACTIVE: Final = re.compile(
    r"""[<:](?:script|i?frame|fencedframe|object|embed)|[\s"'/]on[a-z]+\s*=|xml-stylesheet""",
    re.IGNORECASE,
)
"""What may go on behind the loading of a page."""
_PUMP_MILLISECONDS: Final = 10
_FAREWELL_MILLISECONDS: Final = 100  # what a page stores as it goes is told a little later
_QUERY: Final = re.compile(r"(?<=\S)[?#][^\s\"']+")
NO_CHROMIUM: Final = (
    "there is no Chromium. Install your system's, or one by `playwright install chromium`; the "
    "variable CHROMIUM names another one."
)
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


def find_chromium() -> str | None:
    """Return the path of the Chromium on this machine; `None` where only Playwright's can be there.

    Raises:
        ObservationError: `CHROMIUM` names no program.
    """
    named = os.environ.get("CHROMIUM")
    if named and not shutil.which(named):
        raise ObservationError("CHROMIUM in the environment is no program. Write its whole path.")
    return next(filter(None, map(shutil.which, (named,) if named else NAMES)), None)


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
        self._flags = [*_FLAGS, *flags]
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
        timer = threading.Timer(_LAST_SECONDS, _kill, processes)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _open(self, settings: Settings, stack: ExitStack) -> Tab:
        try:
            with _reasoned("the browser cannot be started"):
                running = self._started(settings.keeps_cookies)
                context = running.browser.new_context(
                    accept_downloads=False,
                    extra_http_headers={"Sec-GPC": "1"} if settings.signal else {},
                    java_script_enabled=settings.scripts,
                    locale=settings.language,
                    user_agent=running.agent,
                    viewport={"width": WINDOW[0], "height": WINDOW[1]},
                )
                stack.callback(_close, context)
                return Tab(context, settings, self._seconds, self._thread, running.process)
        except ObservationError:
            self._end()  # another time, another one
            raise

    def _started(self, keeps_cookies: bool) -> Running:  # noqa: FBT001 - one fact
        running = self._running.get(keeps_cookies)
        if running is None or not running.browser.is_connected():
            first = self._driver().chromium.launch_persistent_context(
                _profile(self._opened, keeps_cookies),
                executable_path=self._path or find_chromium(),
                args=self._flags,
            )
            self._opened.callback(_close, first)
            running = self._running[keeps_cookies] = _running(first)
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
        self.patience: float = seconds + _LAST_SECONDS
        """How many seconds any call may take."""
        self._binding = f"_{secrets.token_hex(8)}"
        if settings.signal:
            context.add_init_script(script=_script("signal"))
        if settings.scripts:
            context.add_init_script(script=_script("watch").replace("%BINDING%", self._binding))
        self._page: Page = context.new_page()
        self.process = process
        """The id of the browser's process."""
        self._session: CDPSession
        self._traffic: Traffic
        self._watch()

    @_aside
    def go(self, url: str) -> str | None:
        """Go to an address and wait until its page is at rest.

        Returns:
            Why not all of it was seen; `None` if it was.

        Raises:
            ObservationError: The browser is gone.
        """
        with _reasoned("the browser did not go there"):
            self._traffic.expect_page()
            fault = self._start(url)
            return fault or self._settle()

    @_aside
    def click(self, selector: str, *, leads_on: bool) -> str | None:
        """Click the first element that a selector finds, and wait until the page is at rest.

        Args:
            selector: A CSS selector.
            leads_on: Whether another page must come of it.

        Returns:
            Why not all of what followed was seen; `None` if it was.
        """
        with _reasoned("the browser could not click there"):
            self._traffic.click()
            if leads_on:
                self._traffic.expect_page()
            _press(self._page.locator(selector).first)
            self._traffic.stir()
            return self._settle(stays=not leads_on)

    @_aside
    def submit(self, url: str, fields: Sequence[tuple[str, str]]) -> str | None:
        """Send a form by POST from the page that is open, and wait until what comes is at rest.

        Args:
            url: Where it goes.
            fields: Names and values.

        Returns:
            Why not all of what followed was seen; `None` if it was.
        """
        with _reasoned("the browser could not send a form"):
            self._traffic.expect_page()
            self._page.evaluate(_script("submit"), [url, [list(field) for field in fields]])
            self._traffic.stir()
            return self._settle()

    @_aside
    def leave(self) -> str | None:
        """Leave the page, which may store something then; return why not all of it was seen."""
        with _reasoned("the browser could not leave the page"):
            if self._settings.scripts and self._runs_scripts():
                self._page.goto("about:blank", wait_until="commit", timeout=self._seconds * 1000)
                self._page.wait_for_timeout(_FAREWELL_MILLISECONDS)
            return self._traffic.left_out

    @_aside
    def choose(self, selector: str) -> None:
        """Choose the option that a selector finds, if it is there."""
        with _reasoned("the browser could not choose there"):
            for found in self._page.locator(selector).all()[:1]:
                found.evaluate("element => { element.checked = true }")

    @_aside
    def shows(self, selector: str) -> bool:
        """Tell whether the first element that a selector finds can be seen."""
        found = self._controls({"it": selector})
        return "it" in found and found["it"].visible

    @_aside
    def awaits(self, selector: str) -> bool:
        """Tell whether something that a selector finds is seen, or will be soon."""
        with _reasoned("the browser could not look there"):
            may_come = self._settings.scripts and self._runs_scripts()
            return self._becomes(selector, seen=True, soon=may_come)

    @_aside
    def keeps(self, selector: str) -> bool:
        """Tell whether something that a selector finds is seen, and will be still."""
        with _reasoned("the browser could not look there"):
            return not self._becomes(selector, seen=False)

    @_aside
    def address(self) -> str:
        """Return the address of the page on the screen."""
        return self._page.url

    @_aside
    def has(self, selector: str) -> bool:
        """Tell whether a selector finds anything."""
        with _reasoned("the browser could not look there"):
            return self._page.locator(selector).count() > 0

    @_aside
    def take(self) -> list[Load | Stored]:
        """Return what happened since the last time."""
        return self._traffic.take()

    @_aside
    def html(self) -> tuple[str, bool]:
        """Return the document as it is now, at most `MAX_HTML_CHARACTERS`, and whether that is all."""
        with _reasoned("its document cannot be read"):
            return self._on_one_page(self._html)

    @_aside
    def stores(self) -> list[Stored]:
        """Return the databases, files, caches and service workers of the page and its frames."""
        with _reasoned("its storage cannot be read"):
            if not (self._settings.scripts and self._runs_scripts()):
                return []
            return self._on_one_page(self._stores)

    @_aside
    def picture(self) -> bytes:
        """Return what is on the screen (PNG)."""
        with _reasoned("no picture could be taken"):
            return self._page.screenshot(timeout=self._seconds * 1000, scale="css")

    @_aside
    def controls(self, selectors: Mapping[str, str]) -> dict[str, Control]:
        """Return the first element that each selector finds; what is not there is left out."""
        return self._controls(selectors)

    @_aside
    def layout(self, selectors: Mapping[str, str]) -> Layout:
        """Return how the page lies in its window, with the elements that selectors find."""
        return Layout(controls=self._controls(selectors), narrow_width=self._narrow_width())

    @_aside
    def cookies(self) -> list[Kept]:
        """Return the cookies that the browser keeps for this visitor, of all sites."""
        with _reasoned("the browser's cookies cannot be read"):
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
        with _reasoned("the browser takes no cookie"):
            return bool(self._session.send("Network.setCookie", fields)["success"])

    def _becomes(self, selector: str, *, seen: bool, soon: bool = True) -> bool:
        """Tell whether any element that a selector finds is seen, or none, now or soon."""
        found = self._page.locator(f":is({selector})").locator("visible=true").first
        end = time.monotonic() + _LATE_SECONDS * soon
        while found.is_visible() is not seen:
            if time.monotonic() > end:
                return False
            self._pump()
        return True

    def _watch(self) -> None:
        """Hear of everything from the page that is open."""
        self._page.on("dialog", _answer_dialog)
        # What workers and windows that a page opens ask for, the page's own session is not told.
        self._context.on("request", lambda request: self._traffic.overhear(request.url))
        self._page.on("worker", lambda worker: self._traffic.hand_over(worker.url))
        self._session = self._context.new_cdp_session(self._page)
        frame = self._session.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
        self._traffic = Traffic(frame, self._binding)
        self._traffic.listen(self._session)
        for domain in ("Page", "Network", "Runtime", "DOMStorage"):
            self._session.send(f"{domain}.enable")
        self._session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        self._session.send("Runtime.addBinding", {"name": self._binding})

    def _start(self, url: str) -> str | None:
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

    def _failed(self, said: str, before: Load | None) -> str | None:
        """Return why nothing came; an answer that is no page, such as a file, is seen all the same."""
        page = self._traffic.page
        is_new = page is not None and page is not before
        if _NO_PAGE.search(said) and page is not None and is_new and page.status is not None:
            page.done = self._traffic.is_loaded = True
            return None
        self._await_error_page()
        self._traffic.give_up()
        return _fault(said)

    def _await_error_page(self) -> None:
        """Wait for the browser's own page about a fault, which would get in the way of the next."""
        end = time.monotonic() + _CLICK_SECONDS
        while time.monotonic() < end and not self._page.url.startswith("chrome-error:"):
            self._pump()

    def _settle(self, *, stays: bool = False) -> str | None:
        """Wait until nothing more happens; return why it was not awaited."""
        fault = self._load() or self._cut() or self._rest(stays=stays)
        return fault or self._traffic.left_out

    def _load(self) -> str | None:
        end = time.monotonic() + self._seconds
        while not (self._traffic.is_loaded and self._traffic.is_told):
            if self._traffic.octets > MAX_PAGE_OCTETS:
                self._stop()
                return f"more than {MAX_PAGE_OCTETS // 1024 // 1024} MiB of it came"
            if time.monotonic() > end:
                self._stop()
                return f"it had not loaded within {self._seconds:g} seconds"
            self._pump()
        return None

    def _cut(self) -> str | None:
        """Return why the page came in part; a file to be kept is no page, and whole."""
        fault = None if self._traffic.page is None else self._traffic.page.fault
        return None if fault is None or "ERR_ABORTED" in fault else _fault(fault)

    def _rest(self, *, stays: bool) -> str | None:
        if not self._settings.scripts or not (stays or self._runs_scripts()):
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
            self._pump()
        return None

    def _touch(self) -> None:
        """Move mouse and page, and press a key: many scripts wait for that."""
        self._page.mouse.move(1, 1)
        for way in (WINDOW[1], -WINDOW[1]):
            self._page.mouse.wheel(0, way)
        self._page.keyboard.press("Shift")
        self._traffic.stir()

    def _pump(self) -> None:
        self._page.wait_for_timeout(_PUMP_MILLISECONDS)

    def _stop(self) -> None:
        """Stop what is loading or running."""
        self._traffic.give_up()
        with suppress(Exception):
            self._session.send("Page.stopLoading")
            self._session.send("Runtime.terminateExecution")

    def _runs_scripts(self) -> bool:
        """Tell whether the document as it came has scripts in it: what runs can remove itself."""
        if self._traffic.document is None:
            return True  # nobody can tell
        try:
            asked = {"requestId": self._traffic.document}
            found = self._session.send("Network.getResponseBody", asked)
        except Exception as error:
            if not type(error).__module__.startswith("playwright") or self._page.is_closed():
                raise
            return True  # it is kept no more
        return bool(found["base64Encoded"] or _ACTIVE.search(found["body"]))

    def _html(self) -> tuple[str, bool]:
        html, is_whole = self._called("document", MAX_HTML_CHARACTERS)
        return str(html), bool(is_whole)

    def _controls(self, selectors: Mapping[str, str]) -> dict[str, Control]:
        with _reasoned("the banner cannot be measured"):
            found = self._on_one_page(lambda: self._called("controls", dict(selectors)))
        return {name: Control(**facts) for name, facts in found.items()}

    def _narrow_width(self) -> int:
        """Return how wide the document is in a window of `NARROW` pixels."""
        with _reasoned("the page cannot be measured"):
            try:
                self._page.set_viewport_size({"width": NARROW, "height": WINDOW[1]})
                return int(self._on_one_page(lambda: self._called("width")))
            finally:
                self._page.set_viewport_size({"width": WINDOW[0], "height": WINDOW[1]})

    def _called(self, script: str, *values: object) -> Any:  # noqa: ANN401 - JSON
        """Call one of our scripts in the page's own frame."""
        return self._ask(self._frames()[0]["id"], _script(script), *values)

    def _stores(self) -> list[Stored]:
        by_origin = {frame["securityOrigin"]: frame for frame in reversed(self._frames())}
        return [
            Stored(kind=kind, key=name, value="", url=origin, initiator=None)
            for origin, frame in by_origin.items()
            for kind, names in self._ask(frame["id"], _script("stores")).items()
            for name in names
        ]

    def _frames(self) -> list[Mapping[str, Any]]:
        """Return the page's own frame, and those in it."""
        trees = [self._session.send("Page.getFrameTree")["frameTree"]]
        for tree in trees:
            trees += tree.get("childFrames", ())
        return [tree["frame"] for tree in trees]

    def _ask(self, frame: str, function: str, *values: object) -> Any:  # noqa: ANN401 - JSON
        """Call a function in a world of our own, whose built-ins no page can change."""
        asked = {"frameId": frame, "worldName": _WORLD}
        world = self._session.send("Page.createIsolatedWorld", asked)["executionContextId"]
        call = {
            "functionDeclaration": function,
            "executionContextId": world,
            "arguments": [{"value": value} for value in values],
            "awaitPromise": True,
            "returnByValue": True,
        }
        said = self._session.send("Runtime.callFunctionOn", call)
        if "exceptionDetails" in said:
            raise ObservationError("its page cannot be asked")
        return said["result"]["value"]

    def _on_one_page(self, look: Callable[[], Given]) -> Given:
        """Look at the page; where a script goes elsewhere meanwhile, at the next one."""
        for _ in range(_TRIES):
            try:
                return look()
            except Exception as error:
                if not _MOVED.search(str(error)):
                    raise
                self._load()
        raise ObservationError(_RESTLESS)


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


def _profile(stack: ExitStack, keeps_cookies: bool) -> str:  # noqa: FBT001 - one fact
    """Return a folder for a profile with the visitors' settings; it is removed at the end."""
    folder = stack.enter_context(
        tempfile.TemporaryDirectory(prefix="cookieconsent-", ignore_cleanup_errors=True)
    )
    own = Path(folder, "Default")
    own.mkdir()
    chosen = _ALL_COOKIES if keeps_cookies else _NO_COOKIES
    own.joinpath("Preferences").write_text(json.dumps({"profile": chosen}), encoding="ascii")
    return folder


@dataclass(frozen=True, slots=True)
class Running:
    """A Chromium that runs."""

    browser: PlaywrightBrowser
    process: int
    """Its id."""
    agent: str
    """What it calls itself, as it would with a window."""


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


def _kill(*processes: int) -> None:
    for process in processes:
        with suppress(OSError):  # it has ended by itself
            os.kill(process, _KILL)


def _give_up(process: int, is_late: threading.Event) -> None:
    is_late.set()
    _kill(process)


def _close(what: BrowserContext) -> None:
    with suppress(Exception):  # it is gone already
        what.close()


@contextmanager
def _reasoned(what: str) -> Iterator[None]:
    """Say in our words what Playwright could not do; of its own, the first line."""
    try:
        yield
    except ObservationError:
        raise
    except Exception as error:
        if type(error).__module__.startswith("playwright") or isinstance(error, OSError):
            raise ObservationError(f"{what}: {_first_line(str(error))}") from error
        raise


def _first_line(text: str) -> str:
    if "has been closed" in text or "Connection closed" in text:
        return "it has ended"
    if "interrupted by another navigation" in text or _MOVED.search(text):
        return _RESTLESS
    if "crashed" in text:
        return "its page has crashed"
    if "Executable doesn't exist" in text:
        return NO_CHROMIUM
    line = next((line for line in text.splitlines() if line.strip()), "no reason given").strip()
    line = _QUERY.sub("", line)  # values may stand in it
    return line if line.isascii() else line.encode("ascii", "replace").decode()


_FAULTS: Final = {
    "ERR_NAME_NOT_RESOLVED": "its name is not known",
    "ERR_CONNECTION_REFUSED": "Connection refused",
    "ERR_CONNECTION_RESET": "it hung up",
    "ERR_EMPTY_RESPONSE": "it ended without an answer",
    "ERR_TOO_MANY_REDIRECTS": "it redirects without an end",
    "ERR_SSL_PROTOCOL_ERROR": "it does not speak TLS",
    "ERR_TIMED_OUT": "no answer in time",
    "ERR_CONNECTION_TIMED_OUT": "no answer in time",
    "ERR_INTERNET_DISCONNECTED": "there is no network",
    "ERR_CONTENT_LENGTH_MISMATCH": "it was cut off",
    "ERR_INCOMPLETE_CHUNKED_ENCODING": "it was cut off",
    "ERR_INVALID_AUTH_CREDENTIALS": "it asks for a password",
    "ERR_UNEXPECTED_PROXY_AUTH": "it asks for a password as a proxy does",
    "ERR_UNSAFE_REDIRECT": "it redirects to what is no page of the web",
    "ERR_ABORTED": "it is no page that a browser shows",
}


def _fault(said: str) -> str:
    """Return in words what Chromium calls `net::ERR_...`."""
    found = re.search(r"ERR_[A-Z0-9_]+", said)
    if found is None:
        return _first_line(said)
    name = found[0]
    if name.startswith("ERR_CERT_"):
        return f"its certificate is not valid: {name}"
    return _FAULTS.get(name, f"the browser says {name}")


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


@cache
def _script(name: str) -> str:
    """Return one of our scripts."""
    path = files("cookieconsent.observation").joinpath("scripts", f"{name}.js")
    return path.read_text(encoding="utf-8")
