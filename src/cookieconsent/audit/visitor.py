"""One visitor of a site: opens pages, answers the banner, keeps cookies, and writes down what it meets.

May not enter: which state of consent that makes (`states`), what is wrong with it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol
from urllib.parse import urlencode, urljoin, urlsplit

from cookieconsent.audit.caching import dated
from cookieconsent.audit.evidence import Sighting, View
from cookieconsent.audit.inside import Spy
from cookieconsent.audit.page import Form, read_page
from cookieconsent.audit.steps import PROBE, RunStep
from cookieconsent.audit.unverified import UnverifiedError
from cookieconsent.core.headers import HeaderList
from cookieconsent.observation.answer import Answer, Client, ObservationError, Request
from cookieconsent.observation.coding import is_html, plain
from cookieconsent.observation.jar import Jar, Seen
from cookieconsent.observation.lines import shown
from cookieconsent.observation.navigation import (
    MAX_REDIRECTS,
    REDIRECTS,
    navigation,
    redirected,
    referrer,
)
from cookieconsent.observation.same_site import is_same_site

AGENT: Final = b"cookieconsent-audit"
FIRST_FAULT: Final = 400
FORM_TYPE: Final = b"application/x-www-form-urlencoded"
"""What browsers send a form as, unless it says otherwise (HTML, form submission)."""
_CUT: Final = "the page was not read to its end"
_CODED: Final = "the content coding of the page cannot be taken off"
_TOLD: Final = (b"text/css", b"application/json")
_SHORT_OCTETS: Final = 512


class Visitor(Protocol):
    """What `states` sends through a site: over HTTP, or in a browser."""

    base: str
    """The address of the first page."""
    views: list[View]
    """What it met so far."""

    def open(self, path: str, step: RunStep) -> View:
        """Open a page of the site, following redirects; return the last view."""
        ...

    def answer(self, choice: str, step: RunStep, classes: tuple[str, ...] = ()) -> View:
        """Answer by a form of the site.

        Args:
            choice: What is sent as `choice`.
            step: When in the run.
            classes: For `save`, the classes that get a yes.

        Raises:
            UnverifiedError: There is no such form.
        """
        ...

    def send(self, request: Request, step: RunStep = "before") -> View:
        """Send any request, such as a form of the site's own, following redirects.

        Raises:
            UnverifiedError: A browser sends no such request.
        """
        ...

    def put(self, name: bytes, value: bytes) -> None:
        """Keep a cookie from before."""

    def change(self, name: bytes, change: Callable[[bytes], bytes]) -> bool:
        """Change the value of a cookie; tell whether there is one."""
        ...

    def kept(self) -> list[Seen]:
        """Return the cookies that it keeps.

        Raises:
            UnverifiedError: Nobody can tell any more.
        """
        ...


@dataclass(slots=True, kw_only=True)
class HttpVisitor:
    """A visitor that speaks HTTP and runs no script.

    Args:
        client: Sends the requests.
        base: The address of the first page.
        preferences: The path of the preferences page.
    """

    client: Client
    base: str
    preferences: str
    signal: bool = False
    """Whether it sends Global Privacy Control."""
    keeps_cookies: bool = True
    """Whether it returns cookies at all."""
    language: str = "en"
    """What it reads (BCP 47)."""
    now: Callable[[], float] = time.time
    spy: Spy | None = None
    """Knows what the application itself receives."""
    views: list[View] = field(default_factory=list)
    jar: Jar = field(default_factory=Jar)

    def open(self, path: str, step: RunStep) -> View:
        """Open a page of the site, following redirects; return the last view."""
        return self._go(Request(url=urljoin(self.base, path)), step)

    def answer(self, choice: str, step: RunStep, classes: tuple[str, ...] = ()) -> View:
        """Answer by a form of the page shown last, or else of the preferences page."""
        form, page = self._form(choice, step)
        fields = [*form.fields(), ("choice", choice)]
        if choice == "save":
            asked = {
                control.get("name").removeprefix("class-")
                for control in form.controls
                if control.get("name").startswith("class-")
            }
            fields += [
                (f"class-{name}", "yes" if name in classes else "no") for name in sorted(asked)
            ]
        return self._go(_submission(form, fields, page, self.base), step)

    def send(self, request: Request, step: RunStep = "before") -> View:
        """Send any request, such as a form of the site's own, following redirects."""
        return self._go(request, step)

    def put(self, name: bytes, value: bytes) -> None:
        """Keep a cookie from before."""
        self.jar.put(name, value, self.base)

    def change(self, name: bytes, change: Callable[[bytes], bytes]) -> bool:
        """Change the value of a cookie; tell whether there is one."""
        return self.jar.change(name, change)

    def kept(self) -> list[Seen]:
        """Return the cookies that it keeps."""
        return self.jar.kept(self.now())

    def _form(self, choice: str, step: RunStep) -> tuple[Form, str]:
        """Return the form, and the address of its page."""
        page = next((view.page for view in reversed(self.views) if view.page is not None), None)
        form = None if page is None else page.form_for(choice)
        if form is None:
            page = self.open(self.preferences, step).page
            form = None if page is None else page.form_for(choice)
        if page is None or form is None:
            raise UnverifiedError(f"no page has a form that sends choice={choice}")
        return form, page.url

    def _go(self, request: Request, step: RunStep) -> View:
        view, answer = self._send(request, step)
        for number in range(MAX_REDIRECTS + 1):
            target = None if answer is None else _led(request.url, answer, view)
            if target is None or not is_same_site(self.base, target):
                break
            if number == MAX_REDIRECTS:
                view.fault = f"more than {MAX_REDIRECTS} redirects"
                break
            request = Request(url=target)
            view, answer = self._send(request, step)
        return view

    def _send(self, request: Request, step: RunStep) -> tuple[View, Answer | None]:
        parts = urlsplit(request.url)
        path = parts._replace(scheme="", netloc="").geturl() or "/"
        cookie = self.jar.header(request.url) if self.keeps_cookies else b""
        names = self.jar.names(request.url) if self.keeps_cookies else []
        view = View(
            step=step,
            method=request.method,
            path=path,
            url=request.url,
            sent=tuple(map(shown, names)),
        )
        usual = self._fields(request.url, step)
        self.views.append(view)
        named = {name for name, _ in request.headers}
        usual = [pair for pair in usual if pair[0] not in named]
        headers = [*request.headers, *usual, *_cookie(cookie)]
        try:
            answer = self.client.send(
                Request(url=request.url, method=request.method, headers=headers, body=request.body)
            )
        except ObservationError as error:
            view.fault = str(error)
            return view, None
        else:
            self._note(view, answer)
            return view, answer
        finally:
            if self.spy is not None:
                self.spy.tell(view)

    def _fields(self, url: str, step: RunStep) -> HeaderList:
        """Return the request fields of a browser that arrives, or shows a page of the site."""
        arrives = all(earlier.status in REDIRECTS for earlier in self.views)
        site = b"none" if arrives else b"same-origin"
        usual = navigation(AGENT, site=site, language=self.language)
        fields = [*usual, (b"sec-fetch-user", b"?1")]
        page = None if step == PROBE else self._page()
        comes_from = b"" if page is None else referrer(page, url)
        if comes_from:
            fields.append((b"referer", comes_from))
        return [*fields, (b"sec-gpc", b"1")] if self.signal else fields

    def _page(self) -> str | None:
        """Return the address of the page that is shown, `None` for none."""
        pages = (
            view.url
            for view in reversed(self.views)
            if view.step != PROBE and view.status not in {None, *REDIRECTS}
        )
        return next(pages, None)

    def _note(self, view: View, answer: Answer) -> None:
        host = urlsplit(view.url).hostname or ""
        view.status = answer.status
        now = self.now()
        told = [pair for pair in answer.headers if pair[0] != b"set-cookie"]
        view.headers = dated(told, now)
        taken = self.jar.take(answer.values(b"set-cookie"), view.url, now)
        view.sightings = [Sighting(line=line, host=host, refused=why) for line, why in taken]
        if not answer.whole:
            view.fault = _CUT
        if not answer.body:
            return
        kind = b"".join(answer.values(b"content-type")[:1]).lower().lstrip()
        if is_html(answer):
            _read(view, answer)
        elif view.step == PROBE and kind.startswith(_TOLD):
            body = plain(answer).body
            view.told = body.decode("utf-8", "replace") if len(body) <= _SHORT_OCTETS else ""


def _read(view: View, answer: Answer) -> None:
    """Read the page that an answer is, and say of the view why not all of it could be read."""
    read = plain(answer)
    view.page = read_page(view.url, read.body)
    if answer.whole and not read.whole:
        view.fault = _CUT if read.body else _CODED
    view.fault = view.fault or view.page.cut


def _submission(form: Form, fields: list[tuple[str, str]], page: str, base: str) -> Request:
    if not is_same_site(base, form.action):
        raise UnverifiedError("the form leads to another site")
    data = urlencode(fields).encode("ascii")
    if not form.is_post:
        return Request(url=form.action.partition("?")[0] + "?" + data.decode("ascii"))
    own = urlsplit(page)
    headers = [
        (b"content-type", FORM_TYPE),
        (b"origin", f"{own.scheme}://{own.netloc}".encode("ascii")),
    ]
    return Request(url=form.action, method="POST", headers=headers, body=data)


def _led(url: str, answer: Answer, view: View) -> str | None:
    try:
        return redirected(url, answer)
    except ObservationError as error:
        view.fault = str(error)
        return None


def _cookie(value: bytes) -> HeaderList:
    return [(b"cookie", value)] if value else []


def is_fault(view: View) -> bool:
    """Tell whether a view shows that something went wrong."""
    return view.status is None or view.status >= FIRST_FAULT
