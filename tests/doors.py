"""One site behind either door, its clock and its visitors: what dialogues are made of.

A test writes down an application as a function from a request to a page, a configuration, and what
visitors do; the rest is the same through ASGI and WSGI:

    site = Site("asgi", enforce=True)
    visitor = Visitor(site)
    visitor.visit("/")
    visitor.choose("accept")

Nothing in here knows a rule of the library: what a visitor sends is read from the page, as a browser
does it, and what comes back is kept in a jar of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import urlencode, urlsplit

import pytest

from cookieconsent import ChoiceEvent, Config, ConsentState, Outcome, consent_of
from cookieconsent.engine.consent import Consent
from cookieconsent.engine.exchange import Exchange as EngineExchange
from cookieconsent.middleware import asgi, wsgi
from oracles.drivers import Answer, Exchange, run_asgi, run_wsgi
from oracles.jar import Jar

Door: TypeAlias = Literal["asgi", "wsgi"]
DOORS: Final[tuple[Door, ...]] = ("asgi", "wsgi")
both_doors = pytest.mark.parametrize("door", DOORS)

SECRET: Final = "this secret is made of more than 32 characters"
DAY: Final = 20_454
"""The first of January 2026, in days since 1970-01-01."""
NOON: Final = DAY * 86_400 + 43_200.0

Headers: TypeAlias = Sequence[tuple[bytes, bytes]]
HTML: Final[Headers] = ((b"content-type", b"text/html; charset=utf-8"),)
PAGE: Final = (
    b"<!DOCTYPE html><html><head><title>Shop</title></head>"
    b"<body><h1>Our shop</h1><p>Welcome.</p></body></html>"
)
NAVIGATION: Final[Headers] = (
    (b"accept", b"text/html,application/xhtml+xml,*/*;q=0.8"),
    (b"accept-language", b"en"),
    (b"sec-fetch-site", b"none"),
    (b"sec-fetch-mode", b"navigate"),
    (b"sec-fetch-dest", b"document"),
)
FORM: Final = b"application/x-www-form-urlencoded"


@dataclass(slots=True)
class Clock:
    """A clock that stands still until it is moved."""

    now: float = NOON

    def __call__(self) -> float:
        return self.now

    def advance(self, *, days: float) -> None:
        self.now += days * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as the application got it."""

    state: ConsentState
    cookie: bytes | None
    headers: Mapping[bytes, bytes]
    """By lower-case name, without `Cookie`."""
    scope: Mapping[str, Any]
    """The ASGI scope or WSGI environ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What the application answers."""

    status: int = 200
    headers: Headers = HTML
    chunks: Sequence[bytes] = (PAGE,)
    after_head: Callable[[], object] | None = None
    """What the application does between sending the head and the body."""


Application: TypeAlias = Callable[[Asked], Page]


def plain_page(request: Asked) -> Page:
    """Answer every request with the same page."""
    return Page()


class Site:
    """An application behind the middleware, at one of its doors.

    Args:
        door: Which one.
        application: What answers; by default always the same page.
        config: The configuration; or its fields in `options`.
        options: `Config` fields; the secret, the clock and the hooks are given.
    """

    def __init__(
        self,
        door: Door,
        application: Application = plain_page,
        config: Config | None = None,
        **options: Any,
    ) -> None:
        self.door: Door = door
        self.clock = Clock()
        self.asked: list[Asked] = []
        """What reached the application."""
        self.outcomes: list[Outcome] = []
        self.choices: list[ChoiceEvent] = []
        self._application = application
        if config is None:
            given: dict[str, Any] = {
                "clock": self.clock,
                "on_outcome": self.outcomes.append,
                "on_choice": self.choices.append,
            }
            if "secret_keys" not in options:
                given["secret_key"] = SECRET
            options = given | options
        self.asgi: Any = None
        """The ASGI application, at that door."""
        self.wsgi: Any = None
        """The WSGI application, at that door."""
        if door == "asgi":
            self.asgi = asgi.CookieConsentMiddleware(self._asgi, config, **options)
        else:
            self.wsgi = wsgi.CookieConsentMiddleware(self._wsgi, config, **options)
        self.consent: Consent = (self.asgi or self.wsgi).consent

    async def _asgi(self, scope: Any, receive: Any, send: Any) -> None:
        lines = [value for name, value in scope["headers"] if name == b"cookie"]
        assert len(lines) < 2
        page = self._answer(lines, dict(scope["headers"]), scope)
        await send(
            {"type": "http.response.start", "status": page.status, "headers": list(page.headers)}
        )
        if page.after_head is not None:
            page.after_head()
        for chunk in page.chunks if _has_body(scope["method"], page.status) else ():
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    def _wsgi(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        headers = {
            _field_name(key): value.encode("latin-1")
            for key, value in environ.items()
            if key.startswith("HTTP_") or key in {"CONTENT_TYPE", "CONTENT_LENGTH"}
        }
        lines = [] if b"cookie" not in headers else [headers[b"cookie"]]
        page = self._answer(lines, headers, environ)
        start_response(
            f"{page.status} Status",
            [(name.decode("latin-1"), value.decode("latin-1")) for name, value in page.headers],
        )
        if page.after_head is not None:
            page.after_head()
        return list(page.chunks) if _has_body(environ["REQUEST_METHOD"], page.status) else []

    def _answer(
        self, lines: list[bytes], headers: dict[bytes, bytes], scope: Mapping[str, Any]
    ) -> Page:
        headers.pop(b"cookie", None)
        cookie = lines[0] if lines else None
        request = Asked(state=consent_of(scope), cookie=cookie, headers=headers, scope=scope)
        self.asked.append(request)
        return self._application(request)

    def send(self, exchange: Exchange, **server: Any) -> Answer:
        """Send one exchange; `server` goes to the driver of this door."""
        if self.door == "asgi":
            return run_asgi(self.asgi, exchange, **server)
        return run_wsgi(self.wsgi, exchange, **server)

    def get(
        self,
        path: str = "/",
        headers: Headers = (),
        *,
        cookie: bytes | None = None,
        base: Headers = NAVIGATION,
        **parts: Any,
    ) -> Answer:
        """Send a navigation; `headers` win over those of `base`."""
        named = {name for name, _ in headers}
        lines = [pair for pair in base if pair[0] not in named] + list(headers)
        if cookie is not None:
            lines.append((b"cookie", cookie))
        return self.send(Exchange(path=path, headers=lines, **parts))

    def post(
        self,
        fields: Iterable[tuple[str, str]] | Mapping[str, str] | bytes,
        headers: Headers = ((b"sec-fetch-site", b"same-origin"),),
        *,
        path: str = "/cookie-consent",
        cookie: bytes | None = None,
        content_type: bytes | None = FORM,
        **parts: Any,
    ) -> Answer:
        """Send a form to the preferences page; by default from one of the site's own pages."""
        pairs = list(fields.items()) if isinstance(fields, Mapping) else fields
        body = pairs if isinstance(pairs, bytes) else urlencode(list(pairs)).encode("ascii")
        lines = list(headers)
        if content_type is not None:
            lines.append((b"content-type", content_type))
        if cookie is not None:
            lines.append((b"cookie", cookie))
        return self.send(Exchange(method="POST", path=path, headers=lines, body=body, **parts))

    def answer_cookie(self, action: str = "accept", **fields: str) -> bytes:
        """Return the `name=value` of the consent cookie that an answer gives today."""
        answer = self.post({"choice": action} | fields)
        assert answer.status == 303, answer
        return consent_pair(answer, self.consent.cookie_name)


def consent_pair(answer: Answer, name: bytes = b"__Host-cookieconsent") -> bytes:
    """Return the `name=value` of the one consent cookie that an answer sets."""
    lines = consent_lines(answer, name)
    assert len(lines) == 1, answer.headers
    return lines[0].partition(b";")[0]


def consent_lines(answer: Answer, name: bytes = b"__Host-cookieconsent") -> list[bytes]:
    """Return the `Set-Cookie` values for the consent cookie."""
    return [line for line in answer.values(b"set-cookie") if line.partition(b"=")[0] == name]


def _field_name(key: str) -> bytes:
    return key.removeprefix("HTTP_").replace("_", "-").lower().encode("latin-1")


def _has_body(method: str, status: int) -> bool:
    return method != "HEAD" and status not in {204, 304}


def request_to(
    consent: Consent,
    path: str = "/",
    headers: Headers = (),
    *,
    cookies: Sequence[bytes] = (),
    base: Headers = NAVIGATION,
    method: str = "GET",
    scheme: str = "https",
    root: str = "",
    query: bytes = b"",
    upgrade: bool = False,
) -> EngineExchange:
    """Return the engine's side of one request, without a door."""
    return EngineExchange(
        consent,
        method=method,
        scheme=scheme,
        root=root,
        path=path,
        query=query,
        fields={b"host": b"shop.example", **dict(base), **dict(headers)},
        cookie_lines=list(cookies),
        upgrade=upgrade,
    )


# --- pages, as a browser reads them ---------------------------------------------------------------


@dataclass(slots=True)
class Element:
    """A start tag and the text directly behind it."""

    tag: str
    attributes: dict[str, str | None]
    form: Element | None = None
    """The form it stands in."""
    text: str = ""

    def __getitem__(self, name: str) -> str:
        value = self.attributes[name]
        assert value is not None, (self.tag, name)
        return value

    def get(self, name: str) -> str | None:
        return self.attributes.get(name)

    def has(self, name: str) -> bool:
        return name in self.attributes


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self._form: Element | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs), self._form)
        self.elements.append(element)
        if tag == "form":
            self._form = element

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None

    def handle_data(self, data: str) -> None:
        if self.elements:
            self.elements[-1].text += data


def elements(html: bytes) -> list[Element]:
    """Return the elements of a page in order."""
    reader = _Reader()
    reader.feed(html.decode("utf-8", "replace"))
    reader.close()
    return reader.elements


def banners(html: bytes) -> int:
    """Count the banners in a page."""
    return sum(element.get("id") == "cookieconsent-banner" for element in elements(html))


def settings_elements(html: bytes) -> int:
    """Count the settings elements in a page."""
    return sum(element.get("id") == "cookieconsent-settings" for element in elements(html))


def buttons(html: bytes) -> set[str]:
    """Return the choices that a page has buttons for."""
    return {element["value"] for element in elements(html) if element.get("name") == "choice"}


def language(html: bytes) -> str | None:
    """Return the language of our markup in a page."""
    ours = ("cookieconsent-banner", "cookieconsent-settings")
    return next((e.get("lang") for e in elements(html) if e.get("id") in ours), None)


@dataclass(frozen=True, slots=True)
class Form:
    """A form with what it would send, and its buttons."""

    method: str
    action: str
    fields: list[tuple[str, str]]
    buttons: list[Element]
    controls: list[Element]


def forms(html: bytes) -> list[Form]:
    """Return the forms of a page, filled in as it comes."""
    page = elements(html)
    found = []
    for form in (element for element in page if element.tag == "form"):
        inside = [element for element in page if element.form is form]
        controls = [element for element in inside if element.tag == "input"]
        sent = [
            (control["name"], control.get("value") or "")
            for control in controls
            if control.get("type") != "radio" or control.has("checked")
        ]
        buttons = [element for element in inside if element.tag == "button"]
        found.append(Form(form["method"], form["action"], sent, buttons, controls))
    return found


def form_for(html: bytes, choice: str) -> Form:
    """Return the first form with a button for `choice`."""
    for form in forms(html):
        if any(button.get("value") == choice for button in form.buttons):
            return form
    message = f"no button for {choice!r} in {html!r}"
    raise AssertionError(message)


# --- visitors -------------------------------------------------------------------------------------


@dataclass(slots=True)
class Visitor:
    """A browser with a jar, without scripts, that follows redirects."""

    site: Site
    origin: str = "https://shop.example"
    headers: dict[bytes, bytes] = field(default_factory=lambda: dict(NAVIGATION))
    """What the browser sends with every navigation."""
    jar: Jar = field(default_factory=lambda: Jar(trustworthy_loopback=True))
    page: bytes = b""
    """The page in view."""
    url: str = "/"
    """Its path and query."""
    fragment: str = ""

    def visit(
        self,
        url: str = "/",
        headers: Headers = (),
        *,
        method: str = "GET",
        body: bytes = b"",
        same_site: bool = True,
    ) -> Answer:
        """Load a page and keep its cookies."""
        scheme, host = self.origin.split("://")
        path, _, query = url.partition("?")
        whole = self.origin + url
        cookie = self.jar.send(whole, method=method, same_site=same_site, now=self.site.clock.now)
        sent = self.headers | dict(headers) | ({b"cookie": cookie} if cookie else {})
        answer = self.site.send(
            Exchange(
                method=method,
                path=path,
                query=query.encode("ascii"),
                headers=list(sent.items()),
                body=body,
                host=host.encode("ascii"),
                scheme="https" if scheme == "https" else "http",
            )
        )
        self.jar.receive_response(whole, answer.headers, same_site=same_site)
        self.page, self.url = answer.body, url
        return answer

    def choose(self, choice: str, **fields: str) -> Answer:
        """Press the button for `choice` on the page in view, and follow to where it leads."""
        form = form_for(self.page, choice)
        sent = [pair for pair in form.fields if pair[0] not in fields]
        answer = self.visit(
            form.action,
            [
                (b"content-type", FORM),
                (b"origin", self.origin.encode("ascii")),
                (b"sec-fetch-site", b"same-origin"),
            ],
            method="POST",
            body=urlencode([*sent, *fields.items(), ("choice", choice)]).encode("ascii"),
        )
        if answer.status == 303:
            target = urlsplit(answer.values(b"location")[0].decode("ascii"))
            assert not target.netloc, target
            self.fragment = target.fragment
            url = target.path + (f"?{target.query}" if target.query else "")
            self.visit(url, [(b"sec-fetch-site", b"same-origin")])
        return answer

    @property
    def sees(self) -> Literal["banner", "settings", "nothing"]:
        """What of ours is in the page in view."""
        if banners(self.page):
            return "banner"
        return "settings" if settings_elements(self.page) else "nothing"
