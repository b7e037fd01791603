"""A walk over a few pages of one site, as one visitor who follows links and says nothing.

It stays on the site: the host it began with, with or without `www.`, and never from https to http. It
sends GET requests alone, and leaves out links and forms whose names say that they do something.
May not enter: what cookies mean, words.
"""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final
from urllib.parse import urljoin, urlsplit

from cookieconsent.core.headers import HeaderList
from cookieconsent.observation.answer import Answer, Client, ObservationError, Request
from cookieconsent.observation.coding import is_html, plain
from cookieconsent.observation.jar import Jar
from cookieconsent.observation.links import joined, read_page, refreshed
from cookieconsent.observation.navigation import MAX_REDIRECTS, REDIRECTS, navigation, redirected
from cookieconsent.observation.queries import Query
from cookieconsent.observation.same_site import is_same_site

_ACTS: Final = re.compile(
    r"(?:^|[/_.=&?-])(?:log-?out|log-?off|sign-?out|delete\w*|remove\w*|destroy|erase|unsubscribe|add)"
    r"(?:$|[/_.=&?-])",
    re.IGNORECASE,
)
_FIELDS_THAT_ACT: Final = re.compile(
    r"[?&](?:[\w.-]*(?:token|nonce|csrf|xsrf)[\w.-]*|action|activate|approve|buy|cancel|cmd|confirm\w*"
    r"|do|key|pay|reset|sig|signature|subscribe|verify|vote)=",
    re.IGNORECASE,
)
_FORMS_THAT_ACT: Final = re.compile(
    r"^[^?]*[/_.-](?:basket|cart|checkout|comments?|consent|cookies?|newsletter|orders?|votes?)"
    r"(?:$|[/_.?-])"
    r"|[?&](?:choice|consent|cookies?)=",
    re.IGNORECASE,
)
"""Where forms lead that do more than links do whose names say the same."""
_FILES: Final = re.compile(
    r"\.(?:avif|css|gif|gz|ico|jpe?g|js|json|mp[34]|pdf|png|svg|txt|webm|webp|woff2?|xml|zip)$",
    re.IGNORECASE,
)
FIRST_BROKEN: Final = 500
"""The first status that tells of a fault of the server (RFC 9110, section 15.6)."""
MAY_ACT: Final = "its link may do something"
NEVER_LINKED: Final = "a route that no page leads to; add --page"
OTHER_HOST: Final = "another host of this site; audit it by its own address"
UNFOLLOWED: Final = "its link asks not to be followed"
A_FILE: Final = "its name is that of a file"
WITH_QUERY: Final = "its query was left out; name it to have it looked at"
LEADS_AWAY: Final = "leads to another site"
ON_PURPOSE: Final = frozenset(
    {MAY_ACT, UNFOLLOWED, A_FILE, WITH_QUERY, LEADS_AWAY, OTHER_HOST, NEVER_LINKED}
)
"""Why an ordinary page of an ordinary site is left alone; what else is left out may be mended."""
MOST_SKIPPED: Final = 200
"""Of each kind, for a site may name as many as it likes."""
_BANNER: Final = b'id="cookieconsent-banner"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How far a walk goes."""

    pages: int = 10
    """Pages that are asked for, redirects not counted."""
    redirects: int = MAX_REDIRECTS
    """Redirects in a row."""
    seconds: float = 60.0
    """For all of it."""


@dataclass(slots=True)
class Walk:
    """What was seen, and what was not."""

    start: str = ""
    """The address that it began with, on the host and scheme that this one leads to."""
    jar: Jar = field(default_factory=Jar)
    """The cookies."""
    places: dict[tuple[bytes, object], str] = field(default_factory=dict)
    """The path on which each cookie of the jar was set first."""
    pages: dict[str, int] = field(default_factory=dict)
    """The pages that answered: path and status; the first and those named with their query."""
    asked: dict[str, str] = field(default_factory=dict)
    """Path and query that each of these was asked for by."""
    broken: set[str] = field(default_factory=set)
    """Paths that answered with a fault of the server, at the end of redirects."""
    failed: dict[str, str] = field(default_factory=dict)
    """The pages that did not: path and reason."""
    acts: set[str] = field(default_factory=set)
    """Paths of links that were not followed since they may do something."""
    left: set[str] = field(default_factory=set)
    """Paths of links that the limits left out."""
    late: bool = False
    """Whether that was the limit of time."""
    skipped: dict[str, str] = field(default_factory=dict)
    """Other pages that were not looked at: path and reason."""
    elsewhere: set[str] = field(default_factory=set)
    """Other hosts that links and redirects lead to."""
    loaded: set[str] = field(default_factory=set)
    """Other hosts that pages load from."""
    cut: set[str] = field(default_factory=set)
    """Pages of which the end was not read."""
    scripts: int = 0
    """Scripts on the pages."""
    forms: int = 0
    """Forms on the pages."""
    banner: bool = False
    """Whether this package's banner stood in a page."""


def walk(
    client: Client,
    start: str,
    pages: Sequence[str] = (),
    limits: Limits | None = None,
    *,
    agent: bytes = b"cookieconsent",
    language: str = "en",
    now: Callable[[], float] = time.time,
    clock: Callable[[], float] = time.monotonic,
) -> Walk:
    """Look at a site.

    Args:
        client: Sends the requests.
        start: The absolute address of the first page.
        pages: Paths to look at next, before any link.
        limits: How far to go.
        agent: Who looks, for `User-Agent`.
        language: What they read (BCP 47), for `Accept-Language`.
        now: Gives POSIX seconds.
        clock: Gives seconds that only go up.
    """
    asks = partial(navigation, agent, language=language)
    walker = _Walker(client, start, limits or Limits(), asks, now, clock)
    for page in (start, *(urljoin(start, page) for page in pages)):
        walker.plan(page, target_of(page))
    return walker.go()


class _Walker:
    def __init__(
        self,
        client: Client,
        start: str,
        limits: Limits,
        asks: Callable[..., HeaderList],
        now: Callable[[], float],
        clock: Callable[[], float],
    ) -> None:
        self._client = client
        self._asks = asks
        self._start = start
        self._limits = limits
        self._now = now
        self._clock = clock
        self._end = clock() + limits.seconds
        self._planned: deque[str] = deque()
        self._urls: dict[str, str] = {}
        self._known: set[str] = set()
        self._walk = Walk()

    def plan(self, url: str, name: str) -> None:
        """Visit a page later, under this name, unless there is one of that name already."""
        if name not in self._known:
            self._known.add(name)
            self._planned.append(name)
            self._urls[name] = url

    def go(self) -> Walk:
        """Visit what is planned, and what that leads to."""
        walk = self._walk
        walk.start = first = self._start
        while self._planned:
            number = len(walk.pages) + len(walk.failed)
            walk.late = self._clock() > self._end
            if number >= self._limits.pages or walk.late:
                walk.left.update(self._planned)
                break
            name = self._planned.popleft()
            asked = self._urls[name]
            url = self._visit(name, asked)
            if asked == first and url is not None:
                there = urlsplit(url)
                walk.start = (
                    urlsplit(first)._replace(scheme=there.scheme, netloc=there.netloc).geturl()
                )
        return walk

    def _visit(self, name: str, asked: str) -> str | None:
        """Return the address at the end of a page's redirects, if it answered."""
        try:
            url, answer = self._followed(asked)
        except ObservationError as error:
            self._walk.failed[name] = str(error)
            return None
        self._walk.pages[name] = answer.status
        self._walk.asked[name] = target_of(asked)
        if answer.status >= FIRST_BROKEN:
            self._walk.broken.add(_path(url))
        self._walk.skipped.pop(name, None)  # another link has led there
        if answer.status in REDIRECTS and answer.values(b"location"):
            self._walk.skipped[name] = LEADS_AWAY
        self._read(url, answer)
        return url

    def _followed(self, url: str) -> tuple[str, Answer]:
        """Return the answer at the end of the redirects that stay here, and its address."""
        for _ in range(self._limits.redirects + 1):
            answer = self._ask(url)
            target = redirected(url, answer)
            if target is None:
                return url, answer
            if not self._is_here(target, moved=True):
                _note(self._walk.elsewhere, urlsplit(target).netloc)
                return url, answer
            self._known.add(target_of(target))
            url = target
        raise ObservationError(f"more than {self._limits.redirects} redirects")

    def _ask(self, url: str) -> Answer:
        fields = self._asks(cookie=self._walk.jar.header(url))
        answer = self._client.send(Request(url=url, headers=fields))
        self._walk.jar.take(answer.values(b"set-cookie"), url, self._now())
        for key in self._walk.jar.seen:
            self._walk.places.setdefault(key, _path(url))
        return answer

    def _read(self, url: str, answer: Answer) -> None:
        for value in answer.values(b"refresh")[:1]:
            place = refreshed(value.decode("latin-1"))
            link = joined(url, place) if place else None
            if link is not None:
                self._consider(link)
        if answer.body and is_html(answer):
            answer = plain(answer)
            self._read_page(url, answer)
        if not answer.whole:
            self._walk.cut.add(_path(url))

    def _read_page(self, url: str, answer: Answer) -> None:
        page = read_page(url, answer.body)
        if page.is_cut:
            self._walk.cut.add(_path(url))
        self._walk.banner = self._walk.banner or _BANNER in answer.body
        self._walk.scripts += page.scripts
        self._walk.forms += page.forms
        for host in page.hosts:
            _note(self._walk.loaded, host)
        for link in page.links:
            self._consider(link)
        for query in page.queries:
            if target_of(query.address) != _path(url):  # nothing is asked of the page itself
                self._consider_form(query)
        for link in filter(self._is_here, page.unfollowed):
            self._skip(_path(link), UNFOLLOWED)

    def _skip(self, name: str, why: str) -> None:
        if name not in self._known and len(self._walk.skipped) < MOST_SKIPPED:
            self._walk.skipped.setdefault(name, why)

    def _consider(self, link: str) -> None:
        path, target = _path(link), target_of(link)
        if not self._is_here(link):
            _note(self._walk.elsewhere, urlsplit(link).netloc)
        elif may_act(target):
            _note(self._walk.acts, without_values(target))
        elif is_file(path):
            self._skip(path, A_FILE)
        elif path not in self._known:
            if len(self._urls) < self._limits.pages + MOST_SKIPPED:
                self.plan(link, path)  # with its query, for it may be the only way there
        else:
            self._meet_again(link, path, target)

    def _consider_form(self, query: Query) -> None:
        target = target_of(query.address)
        if self._is_here(query.address) and (query.has_password or _FORMS_THAT_ACT.search(target)):
            _note(self._walk.acts, without_values(target))
        else:
            self._consider(query.address)

    def _meet_again(self, link: str, path: str, target: str) -> None:
        """Take a page without its query where there is such a link; a query seldom changes cookies."""
        planned = target_of(self._urls.get(path, path))
        if target == path != planned and path in self._planned:
            self._urls[path], target = link, planned
        elif target == planned or target in self._known:
            return
        self._skip(without_values(target), WITH_QUERY)

    def _is_here(self, url: str, *, moved: bool = False) -> bool:
        if not is_same_site(self._start, url):
            return False
        to_https = urlsplit(url).scheme != urlsplit(self._start).scheme
        if to_https and moved:
            self._start = url  # the site has moved
        return moved or not to_https


def may_act(target: str) -> bool:
    """Tell whether a link may do something, by its path and query."""
    return bool(_ACTS.search(target) or _FIELDS_THAT_ACT.search(target))


def is_file(path: str) -> bool:
    """Tell whether a path has the name of a file."""
    return bool(_FILES.search(path))


def target_of(url: str) -> str:
    """Return path and query of an address."""
    parts = urlsplit(url)
    return f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"


def without_values(target: str) -> str:
    """Return path and query as reports show it: a query may hold what nobody else may know."""
    path, mark, _ = target.partition("?")
    return f"{path}?..." if mark else path


def _note(names: set[str], name: str) -> None:
    if len(names) < MOST_SKIPPED:
        names.add(name)


def _path(url: str) -> str:
    return urlsplit(url).path or "/"
