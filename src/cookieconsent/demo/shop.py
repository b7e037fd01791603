"""The shop itself: a function from a request to a response, which knows neither ASGI nor WSGI.

All it remembers of visitors is in their cookies; in memory it keeps one number per page.
May not enter: scopes, environs, which cookie passes.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl

from cookieconsent import Config, ConsentState
from cookieconsent.demo import cookies, pages
from cookieconsent.demo.goods import ARTICLES, BY_SLUG, picture
from cookieconsent.demo.panel import panel
from cookieconsent.demo.privacy import LAST_UPDATED, VERSION, privacy
from cookieconsent.demo.record import Record, Trail
from cookieconsent.engine.config import Shape

MAX_FORM_OCTETS: Final = 4_096
"""The largest form the shop reads."""
_MAX_FIELDS = 16

_STYLE = Path(__file__).with_name("styles").joinpath("shop.css").read_bytes()
STYLE_PATH: Final = f"/shop.{hashlib.sha256(_STYLE).hexdigest()[:8]}.css"
ICON_PATH: Final = "/favicon.svg"
_FILES: Final = {
    STYLE_PATH: ("text/css; charset=utf-8", _STYLE),
    ICON_PATH: ("image/svg+xml", picture("favicon").encode()),
}
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_PAGE_HEADERS = (
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Security-Policy", _POLICY),
    ("Cache-Control", "no-store"),  # the panel is about one request, so no copy of it is true
    ("X-Content-Type-Options", "nosniff"),
)
# The shop's colours, for the page that its own style sheet does not reach.
THEME: Final[dict[str, str | dict[str, str]]] = {
    "text": "#26221c",
    "back": "#fffdf9",
    "line": "#e2d8c7",
    "accent": "#1f5a52",
    "on-accent": "#fff",
    "dark": {
        "text": "#f1eadf",
        "back": "#221f1b",
        "line": "#3b352d",
        "accent": "#8fd3c5",
        "on-accent": "#0e2521",
    },
}
_NOTHING = (("Content-Type", "text/plain"), ("Content-Length", "0"))
_READING = ("GET", "HEAD")

Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a door hands to the shop."""

    method: str
    path: str
    cookie: str = ""
    """The `Cookie` header as it reached the application."""
    form: bytes = b""
    """The body, at most `MAX_FORM_OCTETS` of it."""
    consent: ConsentState
    signal: bool = False
    """Whether the browser sends Global Privacy Control."""
    secure: bool = False
    """Whether it came over https, so that cookies can stay there."""
    record: Record

    @property
    def fields(self) -> dict[str, str]:
        """The fields of the form; of a body that is none, nothing."""
        try:
            return dict(parse_qsl(self.form.decode("ascii"), max_num_fields=_MAX_FIELDS))
        except ValueError:
            return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What the shop hands to a door."""

    status: int = 200
    headers: Headers = field(default_factory=list)
    body: bytes = b""
    tail: Callable[[], bytes] | None = None
    """The rest of the page, made when the head has left."""

    def parts(self) -> Iterator[bytes]:
        """Yield the body; what comes second is made when the first has been taken."""
        if self.body:
            yield self.body
        if self.tail is not None:
            yield self.tail()


class Shop:
    """One shop that is open.

    Args:
        secret: Signs the session cookie and the visitors' choices; at least 32 characters.
        shape: The shape of the banner.
        clock: Gives POSIX seconds.
        random_below: Gives a number below its argument.
    """

    def __init__(
        self,
        secret: str | None = None,
        *,
        shape: Shape = "top",
        clock: Callable[[], float] = time.time,
        random_below: Callable[[int], int] = secrets.randbelow,
    ) -> None:
        self._secret = secret or secrets.token_urlsafe(32)
        self._clock = clock
        self._random_below = random_below
        self._lock = threading.Lock()
        self.trail: Trail = Trail()
        self.config: Config = Config(
            secret_key=self._secret,
            cookies=cookies.DECLARED,
            shape=shape,
            theme=THEME,
            policy_version=VERSION,
            last_updated=LAST_UPDATED,
            privacy_policy_url="/privacy",
            contact="mailto:privacy@kettle-and-crumb.example",
            gpc=True,
            clock=clock,
        )
        self._pages: dict[str, Callable[[pages.Visit], pages.Page]] = {
            "/": lambda _: pages.home(),
            "/basket": pages.basket,
            "/sign-in": pages.sign_in,
            "/thanks": lambda _: pages.thanks(),
            "/statistics": lambda _: pages.statistics(self.views),
            "/privacy": lambda _: privacy(self.config),
        }
        for article in ARTICLES:
            self._pages[f"/goods/{article.slug}"] = _goods_page(article.slug)
        self._forms: dict[str, Callable[[Request], Response]] = {
            "/basket": self._change_basket,
            "/checkout": self._check_out,
            "/sign-in": self._sign_in,
            "/sign-out": self._sign_out,
            "/plant": self._plant,
        }
        self._methods: dict[str, tuple[str, ...]] = dict.fromkeys((*self._pages, *_FILES), _READING)
        for path in self._forms:
            self._methods[path] = (*self._methods.get(path, ()), "POST")
        self.views: dict[str, int] = dict.fromkeys(self._pages, 0)
        """Page views of visitors who allow analytics, per page."""

    def respond(self, request: Request) -> Response:
        """Answer a request, and tell the recorder what the shop saw and set."""
        record = request.record
        record.shop_saw = request.cookie.encode("latin-1", "replace")
        response = self._answer(request)
        if request.secure:
            response = replace(response, headers=[_secured(field) for field in response.headers])
        record.shop_set = [
            value.encode("latin-1") for name, value in response.headers if name == "Set-Cookie"
        ]
        return response

    def _answer(self, request: Request) -> Response:
        path, method = request.path, request.method
        allowed = self._methods.get(path)
        if allowed is not None and method not in allowed:
            return Response(status=405, headers=[("Allow", ", ".join(allowed)), *_NOTHING])
        if allowed is not None and method == "POST":
            return self._forms[path](request)
        response = _file(path) if path in _FILES else self._page(request)
        return _head_of(response) if method == "HEAD" else response

    def _page(self, request: Request) -> Response:
        make = self._pages.get(request.path)
        found = cookies.read_cookies(request.cookie)
        visit = pages.Visit(
            name=cookies.read_session(found, self._secret), basket=cookies.read_basket(found)
        )
        consent = request.consent
        if make is not None and request.method == "GET" and consent.allows("analytics"):
            with self._lock:
                self.views[request.path] += 1
        page = pages.missing() if make is None else make(visit)
        # A shop that cares for nothing sets these for everybody. It need not care.
        set_cookies = cookies.write_analytics(found, int(self._clock()), self._random_below)
        return Response(
            status=404 if make is None else 200,
            headers=[*_PAGE_HEADERS, *(("Set-Cookie", line) for line in set_cookies)],
            body=pages.frame(
                page, visit, style=STYLE_PATH, icon=ICON_PATH, shape=self.config.shape
            ).encode(),
            tail=lambda: self._tail(request).encode("utf-8", "replace"),
        )

    def _tail(self, request: Request) -> str:
        record = request.record
        before = self.trail.take(record)
        written = panel(record, before, self.config, request.consent, signal=request.signal)
        return written + pages.END

    def _change_basket(self, request: Request) -> Response:
        basket = cookies.read_basket(cookies.read_cookies(request.cookie))
        for action, change in (("add", 1), ("remove", -1)):
            slug = request.fields.get(action)
            if slug in BY_SLUG:
                count = min(basket.get(slug, 0) + change, cookies.MAX_OF_ONE)
                basket[slug] = count
                if count < 1:
                    del basket[slug]
        return _see("/basket", cookies.write_basket(basket))

    def _check_out(self, _: Request) -> Response:
        return _see("/thanks", cookies.write_basket({}))

    def _sign_in(self, request: Request) -> Response:
        name = " ".join(request.fields.get("name", "").split())[: cookies.MAX_NAME]
        return _see("/", cookies.write_session(name, self._secret)) if name else _see("/sign-in")

    def _sign_out(self, _: Request) -> Response:
        return _see("/", cookies.signed_out())

    def _plant(self, request: Request) -> Response:
        request.record.planted.extend(cookies.PLANTED)
        return _see("/#cookies")


def _secured(field: tuple[str, str]) -> tuple[str, str]:
    name, value = field
    return (name, f"{value}; Secure") if name == "Set-Cookie" else field


def _goods_page(slug: str) -> Callable[[pages.Visit], pages.Page]:
    return lambda _: pages.goods(BY_SLUG[slug])


def _file(path: str) -> Response:
    kind, body = _FILES[path]
    lasting = "public, max-age=31536000, immutable" if path == STYLE_PATH else "no-cache"
    headers = [("Content-Type", kind), ("Content-Length", str(len(body)))]
    return Response(headers=[*headers, ("Cache-Control", lasting)], body=body)


def _see(path: str, *set_cookies: str) -> Response:
    lines = [("Set-Cookie", line) for line in set_cookies]
    return Response(status=303, headers=[("Location", path), *_NOTHING, *lines])


def _head_of(response: Response) -> Response:
    return Response(status=response.status, headers=response.headers)
