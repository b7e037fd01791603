"""A visitor of a real application, and what passes between the two on both sides of the middleware.

Applications nobody here wrote answer differently each time (times, tokens, counters), so nothing is
compared with a second run. The application stands behind a tap that adds analytics cookies to every
answer, as a tag manager would, and notes what came in and went out. A `Meeting` is one exchange with
both views of it: what the middleware changed is the difference, to the byte.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, TypeAlias
from urllib.parse import urlencode, urljoin, urlsplit

import html5lib

from oracles.drivers import Answer, Exchange
from oracles.jar import Jar

if TYPE_CHECKING:
    from collections.abc import Iterable
    from xml.etree.ElementTree import Element

__all__ = [
    "ANALYTICS",
    "ANALYTICS_NAMES",
    "HOST",
    "STATES",
    "Kind",
    "Meeting",
    "Site",
    "State",
    "Visitor",
    "analytics_of",
    "assert_page",
    "assert_untouched",
    "exempt_of",
    "names_set",
    "visitor_in",
    "walk_through_every_choice",
]

Headers: TypeAlias = list[tuple[bytes, bytes]]
Kind: TypeAlias = Literal["banner", "settings", "withdrawal"] | None
State: TypeAlias = Literal["undecided", "rejected", "accepted", "withdrawn"]

HOST: Final = "www.shop.example"
ANALYTICS_NAMES: Final = (b"_ga", b"_ga_ABC123")
ANALYTICS: Final = tuple(
    b"%s=GA1.1.1876543210.%d%s; Path=/; Max-Age=34560000; SameSite=Lax" % (name, number, domain)
    for name in ANALYTICS_NAMES
    for number, domain in ((1, b""), (2, b"; Domain=shop.example"))
)
"""What the tag manager sets: each name for the host alone, and for the parent domain."""

# What the middleware may change of a page that carries its markup, or could.
_PAGE_HEADERS: Final = frozenset(
    {b"accept-ranges", b"cache-control", b"content-length", b"etag", b"last-modified", b"vary"}
)
# What servers add on their own account.
_SERVER_HEADERS: Final = frozenset({b"connection", b"date", b"server", b"transfer-encoding"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """One exchange, seen by the visitor and by the application."""

    url: str
    sent: Exchange
    """The request as the visitor sent it."""
    answer: Answer
    """The response as the visitor got it."""
    received: Headers | None
    """The request headers that reached the application; `None`: it never ran."""
    inner: Answer | None
    """The response as the application gave it, analytics included; `None`: it never ran."""
    written: int = 0
    """How often a WSGI application called `write()`."""

    @property
    def cookie(self) -> bytes:
        """The `Cookie` header that reached the application, empty for none."""
        values = [value for name, value in self.received or () if name == b"cookie"]
        assert len(values) <= 1
        return b"".join(values)

    @property
    def cookie_sent(self) -> bytes:
        """The `Cookie` header that the visitor sent, empty for none."""
        return b"".join(value for name, value in self.sent.headers if name == b"cookie")


class Site(Protocol):
    """An application behind the middleware."""

    @property
    def origin(self) -> str:
        """Scheme and host as visitors see them."""

    @property
    def root(self) -> str:
        """The mount prefix, empty for none."""

    @property
    def jars(self) -> dict[State, Jar]:
        """What a browser keeps after each choice, once somebody has made it."""

    def meet(self, exchange: Exchange, url: str) -> Meeting:
        """Take one request."""


STATES: Final[Mapping[State, tuple[tuple[str, ...], Kind]]] = {
    "undecided": ((), "banner"),
    "rejected": (("reject",), "settings"),
    "accepted": (("accept",), "withdrawal"),
    "withdrawn": (("accept", "withdraw"), "settings"),
}
"""What a visitor has said in each state, and what pages carry then."""


def visitor_in(site: Site, state: State, **fields: Any) -> Visitor:
    """Make a visitor who has said something on the preferences page."""
    if state not in site.jars:
        visitor = Visitor(site)
        for choice in STATES[state][0]:
            visitor.choose(visitor.open("/cookie-consent"), choice)
        site.jars[state] = visitor.jar
    return Visitor(site, deepcopy(site.jars[state]), **fields)


@dataclass(slots=True)
class Visitor:
    """A browser without JavaScript: a jar, navigations, the forms of pages."""

    site: Site
    jar: Jar = field(default_factory=lambda: Jar(now=time.time()))
    encodings: bytes = b"gzip, deflate, br, zstd"
    """Its `Accept-Encoding`."""
    headers: Headers = field(default_factory=list)
    """Sent with every request, such as `Authorization`."""

    def open(self, path: str, *headers: tuple[bytes, bytes], method: str = "GET") -> Meeting:
        """Follow a link to a page below the mount prefix."""
        return self._request(method, self._url(path), headers=headers)

    def load(self, path: str, *headers: tuple[bytes, bytes]) -> Meeting:
        """Fetch what a page refers to: a style sheet, an image."""
        return self._request("GET", self._url(path), headers=headers, dest=b"style")

    def press(self, page: Meeting, name: str, value: str, /, **fields: str) -> Meeting:
        """Press a button of one of a page's forms, with some fields filled in."""
        action, values = _form(page, name, value)
        return self._send(page, action, {**values, **fields, name: value})

    def fill(self, page: Meeting, name: str, /, **fields: str) -> Meeting:
        """Fill in and send the form that has a field of a name."""
        action, values = _form(page, name, None)
        return self._send(page, action, {**values, **fields})

    def _send(self, page: Meeting, action: str, fields: Mapping[str, str]) -> Meeting:
        body = urlencode(fields).encode("ascii")
        return self.post(urljoin(page.url, action), body, b"application/x-www-form-urlencoded")

    def post(self, url: str, body: bytes, content_type: bytes) -> Meeting:
        """Send a body from a page of the same origin."""
        headers = [(b"content-type", content_type), (b"origin", self.site.origin.encode())]
        return self._request("POST", urljoin(self._url("/"), url), headers=headers, body=body)

    def follow(self, meeting: Meeting) -> Meeting:
        """Go where a redirect leads."""
        assert meeting.answer.status in {301, 302, 303}, meeting.answer.status
        [location] = meeting.answer.values(b"location")
        return self._request("GET", urljoin(meeting.url, location.decode("ascii")))

    def choose(self, page: Meeting, choice: str, **fields: str) -> Meeting:
        """Press one of the middleware's buttons on a page and see the page that follows."""
        posted = self.press(page, "choice", choice, **fields)
        assert posted.answer.status == 303, posted.answer.status
        assert posted.received is None, "the application saw the middleware's own form"
        return self.follow(posted)

    def plant(self, *lines: bytes) -> None:
        """Put cookies into the jar that an earlier visit has left there."""
        for line in lines:
            self.jar.receive(self._url("/"), line)

    def _url(self, path: str) -> str:
        return self.site.origin + self.site.root + path

    def _request(
        self,
        method: str,
        url: str,
        *,
        headers: Iterable[tuple[bytes, bytes]] = (),
        body: bytes = b"",
        dest: bytes = b"document",
    ) -> Meeting:
        parts = urlsplit(url)
        assert f"{parts.scheme}://{parts.netloc}" == self.site.origin, f"{url} leaves the site"
        lines = [
            (b"host", HOST.encode()),
            (b"accept-encoding", self.encodings),
            *_browser_headers(parts.scheme, dest),
            *self.headers,
            *headers,
        ]
        if cookie := self.jar.send(url, method=method):
            lines.append((b"cookie", cookie))
        exchange = Exchange(
            method=method,
            scheme="https" if parts.scheme == "https" else "http",
            root=self.site.root,
            path=parts.path.removeprefix(self.site.root),
            query=parts.query.encode("ascii"),
            headers=lines,
            body=body,
        )
        meeting = self.site.meet(exchange, url)
        self.jar.receive_response(url, meeting.answer.headers)
        return meeting


def _browser_headers(scheme: str, dest: bytes) -> Headers:
    page = dest == b"document"
    headers = [
        (
            b"accept",
            b"text/html,application/xhtml+xml,*/*;q=0.8" if page else b"text/css,*/*;q=0.1",
        ),
        (b"accept-language", b"en-GB,en;q=0.9"),
    ]
    if scheme == "https":  # on plain http with a real name browsers send none of these
        mode = b"navigate" if page else b"no-cors"
        headers += [
            (b"sec-fetch-dest", dest),
            (b"sec-fetch-mode", mode),
            (b"sec-fetch-site", b"same-origin"),
        ]
    return headers


# --- forms --------------------------------------------------------------------------------------


def _form(page: Meeting, name: str, value: str | None) -> tuple[str, dict[str, str]]:
    """Give action and fields of the first form with a control, as a browser would send it."""
    document = html5lib.parse(page.answer.body, namespaceHTMLElements=False)
    for form in document.iter("form"):
        controls = [item for tag in ("input", "button", "textarea") for item in form.iter(tag)]
        named = [item.get("value") for item in controls if item.get("name") == name]
        if (form.get("method") or "").lower() == "post" and (
            value in named or (named and not value)
        ):
            return form.get("action") or page.url, dict(_fields(form))
    raise AssertionError(f"{page.url} has no form with {name}={value}")


def _fields(form: Element) -> Iterable[tuple[str, str]]:
    for item in form.iter("input"):
        kind = (item.get("type") or "text").lower()
        chosen = kind not in {"checkbox", "radio"} or item.get("checked") is not None
        if item.get("name") and kind not in {"submit", "button", "image", "file"} and chosen:
            yield item.get("name") or "", item.get("value") or ""
    for item in form.iter("textarea"):
        yield item.get("name") or "", item.text or ""
    for item in form.iter("select"):
        options = list(item.iter("option"))
        chosen_ones = [option for option in options if option.get("selected") is not None]
        for option in (chosen_ones or options)[:1]:
            yield item.get("name") or "", option.get("value") or option.text or ""


# --- what is asserted of a meeting --------------------------------------------------------------


def _is_analytics(line: bytes) -> bool:
    return line.split(b"=")[0].strip() in ANALYTICS_NAMES


def analytics_of(cookie: bytes) -> set[bytes]:
    """Give the analytics names in a `Cookie` header."""
    names = {segment.split(b"=")[0].strip() for segment in cookie.split(b";")}
    return names & set(ANALYTICS_NAMES)


def exempt_of(answer: Answer | None) -> list[bytes]:
    """Give the `Set-Cookie` values that are no analytics, in order."""
    assert answer is not None
    return [line for line in answer.values(b"set-cookie") if not _is_analytics(line)]


def names_set(meeting: Meeting) -> list[bytes]:
    """Give the names of the cookies that a response sets, analytics left out."""
    return [line.partition(b"=")[0] for line in exempt_of(meeting.answer)]


def _assert_cookies(meeting: Meeting, *, consented: bool) -> None:
    """Assert that exempt cookies pass byte for byte both ways, and analytics just after a yes."""
    assert meeting.inner is not None
    set_outside = meeting.answer.values(b"set-cookie")
    if consented:
        assert set_outside == meeting.inner.values(b"set-cookie")
        assert meeting.cookie == meeting.cookie_sent
        return
    kept = exempt_of(meeting.inner)
    deletions = set_outside[len(kept) :]
    assert set_outside[: len(kept)] == kept
    sent_analytics = analytics_of(meeting.cookie_sent)
    assert {line.split(b"=")[0] for line in deletions} == sent_analytics
    assert all(b"=;" in line and b"Max-Age=0" in line for line in deletions), deletions
    segments = [part.strip() for part in meeting.cookie_sent.split(b";") if part]
    assert meeting.cookie == b"; ".join(part for part in segments if not _is_analytics(part))


def _others(headers: Headers, left_out: Iterable[bytes]) -> Headers:
    names = {*left_out, *_SERVER_HEADERS, b"set-cookie"}
    return [pair for pair in headers if pair[0] not in names]


def assert_untouched(meeting: Meeting, *, consented: bool = False) -> None:
    """Assert that status, headers and bytes went through as they were, and only analytics did not."""
    assert meeting.inner is not None, f"{meeting.url}: the application never ran"
    assert meeting.answer.status == meeting.inner.status
    _assert_cookies(meeting, consented=consented)
    left_out = []
    if analytics_of(meeting.cookie_sent) and not consented:
        left_out.append(b"cache-control")  # deletions are for one visitor alone
    if not meeting.inner.values(b"content-length"):
        left_out.append(b"content-length")  # servers may add it
    assert _others(meeting.answer.headers, left_out) == _others(meeting.inner.headers, left_out)
    assert meeting.answer.body == meeting.inner.body


def assert_page(meeting: Meeting, kind: Kind, *, consented: bool = False) -> None:
    """Assert that a page carries our element right behind its body tag, once, and nothing else is new.

    Args:
        meeting: The exchange.
        kind: Which element; `None`: a page that passes without one.
        consented: Whether analytics pass.
    """
    assert meeting.inner is not None, f"{meeting.url}: the application never ran"
    before, after = meeting.inner.body, meeting.answer.body
    assert meeting.answer.status == meeting.inner.status
    _assert_cookies(meeting, consented=consented)
    assert _others(meeting.answer.headers, _PAGE_HEADERS) == _others(
        meeting.inner.headers, _PAGE_HEADERS
    )
    vary = b",".join(meeting.answer.values(b"vary")).lower().replace(b" ", b"").split(b",")
    assert vary.count(b"cookie") == 1, vary
    if kind == "banner":
        cache = b",".join(meeting.answer.values(b"cache-control"))
        assert b"private" in cache or b"no-store" in cache, cache
    if meeting.sent.method == "HEAD":
        assert after == b""
        return
    assert _inserted_kind(before, after) == kind
    for length in meeting.answer.values(b"content-length"):
        assert int(length) == len(after)


_BODY_TAG = re.compile(rb"<body[^>]*>", re.IGNORECASE)


def _inserted_kind(before: bytes, after: bytes) -> Kind:
    found = _BODY_TAG.search(before)
    place = 0 if found is None else found.end()
    assert after[:place] == before[:place]
    assert after.endswith(before[place:])
    markup = after[place : len(after) - len(before) + place]
    assert b"cookieconsent-" not in before
    if not markup:
        return None
    fragment = html5lib.parseFragment(markup, namespaceHTMLElements=False)
    [element] = list(fragment)
    assert not (fragment.text or element.tail or "").strip(), "more than one element"
    assert len([item for item in element.iter() if item.get("id") == element.get("id")]) == 1
    if element.get("id") == "cookieconsent-banner":
        return "banner"
    assert element.get("id") == "cookieconsent-settings"
    withdraws = any(item.get("value") == "withdraw" for item in element.iter("button"))
    return "withdrawal" if withdraws else "settings"


# --- the dialogue that every application must pass ------------------------------------------------


def walk_through_every_choice(site: Site, page: str, other: str, consent_cookie: bytes) -> None:
    """No choice, no, yes, withdrawn; with cookies in the jar from before the site asked.

    Args:
        site: The application.
        page: A page that shows itself to everybody.
        other: Another one.
        consent_cookie: The name of the cookie that keeps the choice.
    """
    visitor = Visitor(site, encodings=b"identity")
    visitor.plant(*ANALYTICS)

    asked = visitor.open(page)
    assert_page(asked, "banner")
    assert analytics_of(asked.cookie_sent) == set(ANALYTICS_NAMES)
    assert analytics_of(visitor.jar.send(asked.url)) == set(), "not gone after one view"
    assert consent_cookie not in visitor.jar.names(), "a cookie before a choice"

    refused = visitor.choose(asked, "reject")
    assert refused.url == asked.url + "#cookieconsent-saved"
    assert_page(refused, "settings")
    assert_page(visitor.open(other), "settings")
    assert visitor.jar.names().isdisjoint(ANALYTICS_NAMES)
    own = visitor.jar.names()
    assert consent_cookie in own

    visitor.choose(visitor.open("/cookie-consent"), "accept")
    assert visitor.jar.names() == own, "our own page sets no analytics"
    accepted = visitor.open(other)
    assert_page(accepted, "withdrawal", consented=True)
    assert set(accepted.answer.values(b"set-cookie")) >= set(ANALYTICS)
    accepted = visitor.open(page)
    assert_page(accepted, "withdrawal", consented=True)
    assert accepted.cookie == accepted.cookie_sent
    assert analytics_of(accepted.cookie) == set(ANALYTICS_NAMES)
    assert len(visitor.jar.find(b"_ga")) == 2

    withdrawn = visitor.choose(accepted, "withdraw")
    assert_page(withdrawn, "settings")
    assert visitor.jar.names() == own
    assert_page(visitor.open(other), "settings")
    assert visitor.jar.names() == own
