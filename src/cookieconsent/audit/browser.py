"""A visitor who has a real browser: what it asks for and stores is written down as views.

Banners of others are answered where their buttons have stable ids (`platforms`), else the state is
unverified.
May not enter: how a browser is driven (`observation.browser`), what is wrong with what was met.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import replace
from types import TracebackType
from typing import Final, Self, TypedDict, Unpack
from urllib.parse import parse_qsl, urljoin, urlsplit

from cookieconsent.audit.diary import Diary, nothing_seen, seen
from cookieconsent.audit.evidence import View
from cookieconsent.audit.icons import without_icon
from cookieconsent.audit.inside import Spy
from cookieconsent.audit.labels import ANSWERS, is_reversed
from cookieconsent.audit.page import BANNER, read_page
from cookieconsent.audit.plan import Plan
from cookieconsent.audit.platforms import PLATFORMS, Platform
from cookieconsent.audit.states import Task
from cookieconsent.audit.steps import AFTER, RunStep
from cookieconsent.audit.unverified import UnverifiedError
from cookieconsent.audit.visitor import FORM_TYPE
from cookieconsent.core.protocol import Door
from cookieconsent.observation.answer import PAGE_SECONDS, ObservationError, Request
from cookieconsent.observation.browser import Browser
from cookieconsent.observation.certificate import certificate
from cookieconsent.observation.document import MAX_HTML_CHARACTERS
from cookieconsent.observation.http import HttpClient
from cookieconsent.observation.jar import Seen
from cookieconsent.observation.layout import Layout
from cookieconsent.observation.lines import shown
from cookieconsent.observation.navigation import REDIRECTS
from cookieconsent.observation.same_site import is_same_site
from cookieconsent.observation.serving import listening, served
from cookieconsent.observation.tab import Kept, Settings, Tab
from cookieconsent.observation.traffic import CLICK

_TOO_LONG: Final = f"its document is longer than {MAX_HTML_CHARACTERS} characters"
_BUTTONS: Final = [
    (f"{platform.name}: {choice}", platform, where)
    for platform in PLATFORMS
    for choice, where in platform.buttons.items()
]
_ANY_BUTTON: Final = ", ".join(f"{platform.accept}, {platform.reject}" for platform in PLATFORMS)


class BrowserVisitors(AbstractContextManager["BrowserVisitors"]):
    """Gives each state a visitor with a browser of its own: `Plan.visitors`.

    Args:
        base: The address of the first page.
        preferences: The path of the preferences page.
        path: The Chromium; looked for where it is `None`.
        flags: Further arguments of it.
        seconds: How long an answer, and the loading of a page, may take.
        language: What visitors read (BCP 47).
        now: Gives POSIX seconds.
    """

    def __init__(
        self,
        base: str,
        preferences: str,
        *,
        path: str | None = None,
        flags: Sequence[str] = (),
        seconds: float = PAGE_SECONDS,
        language: str = "en",
        now: Callable[[], float] = time.time,
    ) -> None:
        self._base = base
        self._preferences = preferences
        self._browser = Browser(path, flags=flags, seconds=seconds)
        self._language = language
        self._now = now

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None:
        """End what was started."""
        self._browser.__exit__(kind, error, trace)

    @contextmanager
    def __call__(
        self, task: Task, views: list[View], spy: Spy | None = None
    ) -> Iterator[BrowserVisitor]:
        """Give the visitor of a state.

        Raises:
            UnverifiedError: There is no browser.
        """
        state = task.state
        settings = Settings(
            signal=state.signal,
            keeps_cookies=state.keeps_cookies,
            scripts=state.scripts,
            language=self._language,
        )
        with _verified(), self._browser.visitor(settings) as tab:
            yield BrowserVisitor(
                tab,
                base=self._base,
                preferences=self._preferences,
                now=self._now,
                views=views,
                keeps_cookies=settings.keeps_cookies,
                spy=spy,
            )


class _Client(HttpClient):
    """Asks over HTTP for what needs no browser; what the browser needs is open as long as it is."""

    def __init__(
        self, needed: Sequence[AbstractContextManager[object]], **options: Unpack[_Options]
    ) -> None:
        super().__init__(**options)
        self._needed = needed
        self._opened = ExitStack()

    def __enter__(self) -> Self:
        for needed in self._needed:
            self._opened.enter_context(needed)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None:
        self._opened.close()


class _Options(TypedDict, total=False):
    place: tuple[str, int]
    trust: ssl.SSLContext


def through_browser(
    plan: Plan, *, hosts: Sequence[str] = (), path: str | None = None, flags: Sequence[str] = ()
) -> Plan:
    """Return a plan for the same site that looks through a browser.

    An application in this process is served on loopback as long as the audit goes on. The browser
    finds it there under the name that the plan has for it, by https if its address says so.

    Args:
        plan: What is looked at.
        hosts: Further hosts that the application in this process answers for.
        path: The Chromium; looked for where it is `None`.
        flags: Further arguments of it.

    Raises:
        ObservationError: The extra `browser` is not installed.
    """
    if plan.mode not in {"asgi", "wsgi"}:
        visitors = _visitors(plan, path, flags)
        return replace(plan, mode="browser", client=_Client([visitors]), visitors=visitors)
    here = urlsplit(plan.base)
    names = [here.hostname or "", *hosts]
    own = certificate(names)
    listener = listening()
    place: tuple[str, int] = listener.getsockname()
    port = here.port or (443 if here.scheme == "https" else 80)
    rules = ", ".join(f"MAP {name}:{port} {place[0]}:{place[1]}" for name in names)
    flags = [
        *flags,
        f"--host-resolver-rules={rules}",
        f"--ignore-certificate-errors-spki-list={own.key_digest}",
    ]
    visitors = _visitors(plan, path, flags)
    pem = own.pem if here.scheme == "https" else None
    protocol: Door = "ASGI" if plan.mode == "asgi" else "WSGI"
    serving = served(without_icon(plan.app, protocol), listener, pem=pem, protocol=protocol)
    client = _Client([visitors, serving], place=place, trust=own.trust)
    return replace(plan, mode="browser", client=client, visitors=visitors)


def _visitors(plan: Plan, path: str | None, flags: Sequence[str]) -> BrowserVisitors:
    return BrowserVisitors(
        plan.base, plan.site.path, path=path, flags=flags, language=plan.language
    )


class BrowserVisitor:
    """A visitor who has a browser.

    Args:
        tab: Its only tab.
        base: The address of the first page.
        preferences: The path of the preferences page.
        views: Where it writes down what it meets.
        now: Gives POSIX seconds.
        keeps_cookies: Whether the browser keeps any.
        spy: Knows what the application itself receives.
    """

    def __init__(
        self,
        tab: Tab,
        *,
        base: str,
        preferences: str,
        views: list[View],
        now: Callable[[], float] = time.time,
        keeps_cookies: bool = True,
        spy: Spy | None = None,
    ) -> None:
        self.views = views
        self._tab = tab
        self.base = base
        self._preferences = preferences
        self._now = now
        self._diary = Diary(base, views, now, keeps_cookies=keeps_cookies)
        self._spy = spy
        if spy is not None:
            spy.forget()  # what came from the visitor before

    def open(self, path: str, step: RunStep) -> View:
        """Open a page of the site, following redirects; return the last view."""
        url = urljoin(self.base, path)
        try:
            return self._finish(step, url, self._tab.go(url))
        except ObservationError as error:
            self.views.append(nothing_seen(url, step, str(error)))
            return self.views[-1]

    def answer(self, choice: str, step: RunStep, classes: tuple[str, ...] = ()) -> View:
        """Answer by a button of the page, or else of the preferences page."""
        with _verified():
            own = f"button[name=choice][value={choice}]"
            button = own if self._tab.has(own) else self._foreign(choice)
            if button is None:
                self.open(self._preferences, step)
                button = own if self._tab.has(own) else None
            if button is None:
                raise UnverifiedError(f"no page has a form that sends choice={choice}")
            if choice == "save":
                self._choose(classes)
            fault = self._tab.click(button, leads_on=button == own)
            view = self._finish(step, self.base, fault)
        if view.method == CLICK and view.fault is not None:
            raise UnverifiedError(f"nothing came of the button for {choice!r}: {view.fault}")
        with _verified():
            if button != own and self._tab.keeps(_ANY_BUTTON):
                raise UnverifiedError(f"a banner is still there after the button for {choice!r}")
        return view

    def send(self, request: Request, step: RunStep = "before") -> View:
        """Open a page, or send a form as if it stood on the page that is open.

        Raises:
            UnverifiedError: A browser sends no such request, or it came to nothing.
        """
        if request.method == "GET":
            return self.open(request.url, step)
        kinds = [value for name, value in request.headers if name.lower() == b"content-type"]
        if request.method != "POST" or kinds != [FORM_TYPE]:
            raise UnverifiedError(
                "a browser sends GET, and POST of application/x-www-form-urlencoded alone; let the "
                "hook (--login) do so"
            )
        fields = parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)
        with _verified():
            return self._finish(step, request.url, self._tab.submit(request.url, fields))

    def put(self, name: bytes, value: bytes) -> None:
        """Keep a cookie from before."""
        secure = name.startswith((b"__Host-", b"__Secure-"))
        host = urlsplit(self.base).hostname or ""
        self._keep(Kept(name=name, value=value, domain=host, secure=secure))

    def change(self, name: bytes, change: Callable[[bytes], bytes]) -> bool:
        """Change the value of a cookie; tell whether there is one."""
        with _verified():
            found = [cookie for cookie in self._tab.cookies() if cookie.name == name]
        for cookie in found:
            self._keep(replace(cookie, value=change(cookie.value)))
        return bool(found)

    def kept(self) -> list[Seen]:
        """Leave the last page; return the cookies that the browser keeps then, of all sites.

        Raises:
            UnverifiedError: The browser is gone.
        """
        try:
            if self.views:
                last = self.views[-1]
                last.fault = self._tab.leave() or last.fault
                self._diary.note_later(self._tab.take())
                self._diary.note_cookies(last, self._tab.cookies())
            return [seen(cookie, self._now()) for cookie in self._tab.cookies()]
        except ObservationError as error:
            faults = (view.fault for view in self.views if view.fault is not None)
            raise UnverifiedError(next(faults, str(error))) from error  # what it is gone for

    def _keep(self, cookie: Kept) -> None:
        with _verified():
            taken = self._tab.put(cookie, self.base)
        if not taken:
            raise UnverifiedError(f"the browser does not take {shown(cookie.name)}")
        self._diary.know(cookie.name, cookie.domain.removeprefix("."))

    def _choose(self, classes: tuple[str, ...]) -> None:
        """Say yes to these classes and no to all others."""
        page = self.views[-1].page
        names = () if page is None else (e.get("name") for e in page.elements if e.tag == "input")
        for name in dict.fromkeys(names):
            if name.startswith("class-"):
                said = "yes" if name.removeprefix("class-") in classes else "no"
                self._tab.choose(f'input[name="{name}"][value={said}]')

    def _foreign(self, choice: str) -> str | None:
        """Return the button of somebody else's banner, `None` where there is none.

        Raises:
            UnverifiedError: There is such a banner, but it cannot be answered so.
        """
        if not self._tab.awaits(_ANY_BUTTON):
            return None
        platform = self._platform()
        if platform is None:
            return None
        for needed in (choice, "accept"):  # a no that stands alone may be anything
            button = platform.buttons.get(needed)
            if button is None or not self._tab.shows(button):
                raise UnverifiedError(
                    f"the banner of {platform.name} shows no button that is known for {needed!r}"
                )
        self._tell_apart(platform)
        return platform.buttons[choice]

    def _tell_apart(self, platform: Platform) -> None:
        buttons = self._tab.controls(platform.buttons)
        yes, no = (buttons[c].text if c in buttons else "" for c in ANSWERS)
        if yes and yes.casefold() == no.casefold():
            raise UnverifiedError(f"the buttons of {platform.name} for yes and no say the same")
        if is_reversed(yes, no):
            raise UnverifiedError(f"the buttons of {platform.name} say the other way round")

    def _platform(self) -> Platform | None:
        """Return the platform of which a button can be seen."""
        found = self._tab.controls({key: where for key, _, where in _BUTTONS})
        return next((p for key, p, _ in _BUTTONS if key in found and found[key].visible), None)

    def _finish(self, step: RunStep, url: str, fault: str | None) -> View:
        """Write down what happened, and look at the page that it has led to."""
        view = self._diary.note(self._tab.take(), step, url, fault)
        if self._spy is not None:
            self._spy.tell(view)
        if any(b"html" in kind.lower() for kind in view.values(b"content-type")):
            self._read(view)
        self._diary.note_stores(view, self._tab.stores())
        self._diary.note_cookies(view, self._tab.cookies())
        if view.page is not None:
            self._picture(view)
        return view

    def _read(self, view: View) -> None:
        """Read the document, if it is one of the site: redirects and scripts may lead off."""
        if not is_same_site(self.base, self._tab.address()):
            if view.status not in REDIRECTS:
                view.fault = view.fault or "in the end there was no page of the site"
            return
        html, is_whole = self._tab.html()
        view.page = read_page(view.url, html.encode("utf-8", "replace"))
        if not is_whole:
            view.fault = view.fault or _TOO_LONG
        view.fault = view.fault or view.page.cut

    def _picture(self, view: View) -> None:
        """Take evidence of the first page, and of the first one after an answer."""
        others = [other for other in self.views if other is not view and other.page is not None]
        with suppress(ObservationError):  # what is missing then is not judged
            if not others:
                view.layout = self._layout()
            if not others or (view.step == AFTER and AFTER not in {o.step for o in others}):
                view.screenshot = self._tab.picture()

    def _layout(self) -> Layout:
        platform = self._platform()
        own = {c: f"#{BANNER} button[name=choice][value={c}]" for c in ANSWERS}
        return self._tab.layout(own if platform is None else platform.buttons)


@contextmanager
def _verified() -> Iterator[None]:
    """Call a state unverified where the browser cannot do what it needs."""
    try:
        yield
    except ObservationError as error:
        raise UnverifiedError(str(error)) from error
