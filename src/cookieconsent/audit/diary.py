"""From what a browser tells to views: which page each request, cookie and entry belongs to.

May not enter: how a browser is driven, what is wrong with what was met.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from cookieconsent.audit.evidence import Setter, Sighting, View
from cookieconsent.audit.hosts import owned
from cookieconsent.audit.steps import RunStep
from cookieconsent.core.cookies import Scope
from cookieconsent.observation.jar import Seen
from cookieconsent.observation.lines import SeenLine, read_entry, read_line, shown
from cookieconsent.observation.same_site import is_same_site
from cookieconsent.observation.tab import Kept
from cookieconsent.observation.traffic import (
    CLICK,
    REFUSED_BY_SETTINGS,
    Load,
    Stored,
    without_query,
)

MAX_REQUESTS: Final = 500
"""How many addresses a view holds."""
_TELLING: Final = frozenset({"Script", "Document", "Image"})
"""What may set something by its answer, or by what it does then."""
MAX_NAME: Final = 1024
"""How many characters are told of the name of an entry."""


class Diary:
    """What one visitor met.

    Args:
        base: The address of the first page.
        views: Where it is written down.
        now: Gives POSIX seconds.
        keeps_cookies: Whether the browser keeps any.
    """

    def __init__(
        self,
        base: str,
        views: list[View],
        now: Callable[[], float] = time.time,
        *,
        keeps_cookies: bool = True,
    ) -> None:
        self._known: set[tuple[bytes, str]] = set()
        self._base = base
        self._views = views
        self._now = now
        self._refused = None if keeps_cookies else REFUSED_BY_SETTINGS
        self._by_page: dict[Load, View] = {}

    def note(
        self, happened: Sequence[Load | Stored], step: RunStep, url: str, fault: str | None
    ) -> View:
        """Write down what happened; return the last view.

        Args:
            happened: In its order.
            step: When in the run.
            url: Where the visitor wanted to go.
            fault: Why not all of it was seen.
        """
        before = len(self._views)
        self._note_pages(happened, step)
        if len(self._views) == before:
            self._views.append(nothing_seen(url, step, fault or "no page of the site came of it"))
        self.note_later(happened)
        last = self._views[-1]
        last.fault = last.fault or fault
        return last

    def note_later(self, happened: Iterable[Load | Stored]) -> None:
        """Write down what happened on pages that are known."""
        for event in happened:
            view = self._view_of(event)
            if view is not None and isinstance(event, Load):
                self._note_load(view, event)
            elif view is not None and isinstance(event, Stored):
                view.sightings.append(self._stored(event))

    def note_stores(self, view: View, stores: Iterable[Stored]) -> None:
        """Write down entries of which nobody has told who made them."""
        told = {(found.kind, found.line.name, found.host) for found in view.sightings}
        for entry in stores:
            key = without_query(entry.key) if entry.kind == "service worker" else entry.key
            found = self._stored(replace(entry, key=key))
            if (found.kind, found.line.name, found.host) not in told:
                view.sightings.append(found)

    def know(self, name: bytes, host: str) -> None:
        """Take it that a cookie of a host, or of all below it, needs no further word."""
        self._known.add((name, host))

    def note_cookies(self, view: View, cookies: Sequence[Kept]) -> None:
        """Write down cookies that are there although nobody was seen to set them."""
        hosts = [cookie.domain.removeprefix(".") for cookie in cookies]
        for cookie, host in zip(cookies, hosts, strict=True):
            if (cookie.name, host) not in self._known:
                line = read_line(_written(cookie, self._now()), self._now())
                found = Sighting(line=line, host=host, setter=self._setter(host), answer=None)
                view.sightings.append(found)
        # What is gone may come back by somebody else.
        self._known = {(c.name, host) for c, host in zip(cookies, hosts, strict=True)}

    def _note_pages(self, happened: Sequence[Load | Stored], step: RunStep) -> None:
        pages = [event for event in happened if isinstance(event, Load) and event.is_page]
        for page in pages:
            idle = page.method == CLICK and not any(event.page is page for event in happened)
            if (idle and page is not pages[-1]) or not is_same_site(self._base, page.url):
                continue
            view = View(step=step, method=page.method, path=_path(page.url), url=page.url)
            self._views.append(view)
            self._by_page[page] = view

    def _view_of(self, event: Load | Stored) -> View | None:
        if isinstance(event, Load) and event.is_page:
            return self._by_page.get(event)
        return None if event.page is None else self._by_page.get(event.page)

    def _note_load(self, view: View, load: Load) -> None:
        if load.is_page:
            view.status, view.headers = load.status, load.headers
            view.sent = tuple(map(shown, load.sent))
        else:
            self._note_request(view, shown(_octets(without_query(load.url))))
        host = urlsplit(load.url).hostname or ""
        if load.is_lost and load.kind in _TELLING and not load.is_page:
            _note_lost(view, shown(_octets(host)))
        setter: Setter = "third party" if load.is_third_party else "header"
        others = max((s.answer for s in view.sightings if s.answer is not None), default=0)
        answer = 0 if load.is_page else others + 1
        for line, refused in load.lines:
            read = read_line(line, self._now())
            self._know(read, host, refused)
            found = Sighting(line=read, host=host, setter=setter, refused=refused, answer=answer)
            view.sightings.append(found)

    def _note_request(self, view: View, address: str) -> None:
        if address in view.requests:
            return
        if len(view.requests) < MAX_REQUESTS:
            view.requests.append(address)
        else:
            view.fault = view.fault or f"it asks for more than {MAX_REQUESTS} addresses"

    def _know(self, line: SeenLine, host: str, refused: str | None) -> None:
        """Remember who has set a cookie."""
        where = line.name, (line.get("domain") or host).removeprefix(".").lower()
        if line.deletes:
            self._known.discard(where)
        elif refused is None:
            self._known.add(where)

    def _stored(self, event: Stored) -> Sighting:
        host = urlsplit(event.url).hostname or ""
        if event.kind == "cookie":
            line = read_line(_octets(event.key), self._now())
            self._know(line, host, self._refused)
        else:
            line = read_entry(_octets(event.key[:MAX_NAME]), _octets(event.value))
        return Sighting(
            line=line,
            host=host,
            setter=self._setter(host),
            kind=event.kind,
            initiator=None if event.initiator is None else shown(_octets(event.initiator)),
            refused=self._refused,
            answer=None,
        )

    def _setter(self, host: str) -> Setter:
        own = urlsplit(self._base).hostname or ""
        return "script" if owned(host) == owned(own) else "third party"


def _note_lost(view: View, host: str) -> None:
    if host not in view.unloaded and len(view.unloaded) < MAX_REQUESTS:
        view.unloaded.append(host)


def nothing_seen(url: str, step: RunStep, fault: str) -> View:
    """Return the view of a page that did not come."""
    return View(step=step, method="GET", path=_path(url), url=url, fault=fault)


def seen(cookie: Kept, now: float) -> Seen:
    """Describe a cookie of a browser as one of a jar, without its value."""
    return Seen(
        name=cookie.name,
        scope=Scope(
            cookie.domain.removeprefix(".") if cookie.domain.startswith(".") else None,
            cookie.path,
            cookie.partitioned,
        ),
        host=cookie.domain.removeprefix("."),
        lifetime=None if cookie.ends is None else timedelta(seconds=max(cookie.ends - now, 0)),
        secure=cookie.secure,
    )


def _written(cookie: Kept, now: float) -> bytes:
    """Return the line that would have set a cookie."""
    parts = [cookie.name + b"=" + cookie.value, b"Path=" + _octets(cookie.path)]
    if cookie.domain.startswith("."):
        parts.append(b"Domain=" + _octets(cookie.domain.removeprefix(".")))
    if cookie.ends is not None:
        parts.append(b"Max-Age=%d" % max(round((cookie.ends - now) / 60) * 60, 1))
    parts += [b"Secure"] * cookie.secure + [b"HttpOnly"] * cookie.http_only
    if cookie.same_site is not None:
        parts.append(b"SameSite=" + _octets(cookie.same_site))
    return b"; ".join(parts + [b"Partitioned"] * cookie.partitioned)


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _path(url: str) -> str:
    return urlsplit(url)._replace(scheme="", netloc="", fragment="").geturl() or "/"
