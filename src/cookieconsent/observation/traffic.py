"""What a tab of Chromium asks for and stores, put together from the events of its DevTools protocol.

Which response a `Set-Cookie` line came with, which page asked for it and which script stored what is
told by several events, in no fixed order.
May not enter: driving the browser (`browser`), what is wrong with what was seen.
"""

from __future__ import annotations

import json
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol, TypeAlias
from urllib.parse import urlsplit

from cookieconsent.core.headers import HeaderList

Event: TypeAlias = Mapping[str, Any]
StoreKind = Literal[
    "cookie",
    "localStorage",
    "sessionStorage",
    "IndexedDB",
    "cache",
    "file",
    "storage bucket",
    "service worker",
]
CLICK: Final = "CLICK"
"""The method of what happened on a page after a click, without another page."""
_STREAMS: Final = frozenset({"EventSource", "WebSocket", "Media", "Ping"})  # may last for ever
_WEB: Final = frozenset({"http", "https", "ws", "wss"})
_NO_ANSWER: Final = "no answer in time"
_LOST: Final = re.compile(
    r"ERR_(?:ADDRESS|CERT|CONNECTION|CONTENT_LENGTH|DNS|EMPTY_RESPONSE|HTTP2|INCOMPLETE|INTERNET"
    r"|INVALID_HTTP_RESPONSE|NAME|NETWORK|PROXY|QUIC|SOCKET|SOCKS|SSL|TIMED_OUT|TUNNEL)"
)
"""What Chromium calls the faults of a network; what a policy, the page or the browser stops is none."""
_SCRIPT: Final = re.compile(r"(https?://[^\s()]+?)(?::\d+)?(?::\d+)?\)?$", re.MULTILINE)
MAX_EVENTS: Final = 5000
"""How much is told of one page; one that never rests has no end of it."""
MAX_STORED_CHARACTERS: Final = 10 * 1024 * 1024
"""How long names and values may be in all that scripts store on one page."""


@dataclass(slots=True, kw_only=True, eq=False)
class Load:
    """One request of a tab, and its answer."""

    url: str
    """Without its fragment."""
    method: str
    kind: str
    """`Document`, `Script`, `Image` and so on."""
    is_page: bool
    """Whether the tab itself goes there, not a frame in it."""
    is_third_party: bool
    """Whether it goes to another site than the page's."""
    page: Load | None = field(default=None, repr=False)
    """The page that asked for it."""
    sent: list[bytes] = field(default_factory=list)
    """The names of the cookies that went with it."""
    status: int | None = None
    headers: HeaderList = field(default_factory=list)
    """All but `Set-Cookie`, names in lower case."""
    lines: list[tuple[bytes, str | None]] = field(default_factory=list)
    """The `Set-Cookie` lines, and why the browser keeps nothing of one."""
    done: bool = False
    fault: str | None = None
    """Why there was no answer, as Chromium calls it."""
    expects: bool | None = None
    """Whether an event with its raw headers is to come at all; `None` while nobody knows."""
    told: bool = False
    """Whether that has come."""

    @property
    def is_lost(self) -> bool:
        """Whether the network is why there was no answer, or not all of one."""
        fault = self.fault or ""
        return fault == _NO_ANSWER or _LOST.search(fault) is not None


@dataclass(slots=True, kw_only=True)
class Stored:
    """Something that a script stored."""

    kind: StoreKind
    key: str
    """The name; of a cookie all of the line."""
    value: str
    url: str
    """The address of the document that it was stored for."""
    initiator: str | None
    """The address of the script, without its query."""
    page: Load | None = field(default=None, repr=False)


class Session(Protocol):
    """Where the events come from."""

    def on(self, event: Any, f: Callable[..., None]) -> None:  # noqa: ANN401 - as Playwright has it
        """Call a function for each event of a name."""


class Traffic:
    """The events of one tab.

    Args:
        frame: The id of its main frame.
        binding: The name by which the watching script tells.
    """

    def __init__(self, frame: str, binding: str) -> None:
        self.is_loaded: bool = True
        self.octets: int = 0
        """How much of the page has come."""
        self.moved: float = time.monotonic()
        """When something happened last."""
        self.page: Load | None = None
        self.document: str | None = None
        """By which number the browser gives the document as it came, once all of it has."""
        self.left_out: str | None = None
        """Why not all is told that has happened since the last time; `None` if it is."""
        self._characters = 0
        self._frame = frame
        self._binding = binding
        self._overheard: dict[str, Load | None] = {}
        self._told: set[str] = set()
        self._happened: list[Load | Stored] = []
        self._hops: dict[str, list[Load]] = defaultdict(list)
        self._asked: dict[str, list[Event]] = defaultdict(list)
        self._answered: dict[str, list[Event]] = defaultdict(list)
        self._pages: dict[str, Load] = {}

    def listen(self, session: Session) -> None:
        """Take the events of a session."""
        for name, take in (
            ("Network.requestWillBeSent", self._begin),
            ("Network.requestWillBeSentExtraInfo", self._ask),
            ("Network.responseReceived", self._respond),
            ("Network.responseReceivedExtraInfo", self._answer),
            ("Network.dataReceived", self._receive),
            ("Network.loadingFinished", self._finish),
            ("Network.loadingFailed", self._finish),
            ("Network.webSocketCreated", self._open_socket),
            ("Page.loadEventFired", self._load),
            ("Runtime.bindingCalled", self._hear),
            ("DOMStorage.domStorageItemAdded", self._store),
            ("DOMStorage.domStorageItemUpdated", self._store),
        ):
            session.on(name, take)

    def overhear(self, url: str) -> None:
        """Take an address that anybody in the browser asks for, the page itself included."""
        self.moved = time.monotonic()
        if urlsplit(url).scheme in _WEB:
            self._overheard[url.partition("#")[0]] = self.page

    def hand_over(self, url: str) -> None:
        """Wait no longer for the script of a worker: its end is told to the worker alone."""
        for key, hops in self._hops.items():
            if hops[-1].url == url and not hops[-1].done:
                hops[-1].done, hops[-1].expects = True, bool(self._answered[key])
                self._join(key)

    def expect_page(self) -> None:
        """Count the tab as loading until the next page is there."""
        self.is_loaded = False
        self.moved = time.monotonic()

    def stir(self) -> None:
        """Count the tab as at rest no more: something was done to it."""
        self.moved = time.monotonic()

    def click(self) -> None:
        """Tell what happens on the page from now on from what happened before."""
        old = self.page
        if old is None:
            return
        after = Load(
            url=old.url,
            method=CLICK,
            kind="Document",
            is_page=True,
            is_third_party=False,
            status=old.status,
            headers=old.headers,
            done=True,
            expects=False,
        )
        self._pages = {key: after if page is old else page for key, page in self._pages.items()}
        self.page = after
        self._happened.append(after)

    def take(self) -> list[Load | Stored]:
        """Return what happened and is at its end, in its order; what is not comes with a later call."""
        self.left_out, self._characters = None, 0
        taken = [event for event in self._happened if _is_whole(event)]
        self._happened = [event for event in self._happened if not _is_whole(event)]
        return [*_merged(taken), *self._by_others()]

    def _by_others(self) -> Iterator[Load]:
        """Yield what was asked for by none of the pages and frames of the tab."""
        overheard, self._overheard = self._overheard, {}
        for url, page in overheard.items():
            if url not in self._told:
                yield Load(
                    url=url,
                    method="GET",
                    kind="Other",
                    is_page=False,
                    is_third_party=page is not None and _host(url) != _host(page.url),
                    page=page,
                    done=True,
                    expects=False,
                )

    def give_up(self) -> None:
        """Wait no longer for what is open."""
        for event in self._happened:
            if isinstance(event, Load) and not _is_whole(event):
                if event.status is None and event.fault is None:
                    event.fault = _NO_ANSWER
                event.done, event.expects = True, False

    @property
    def is_told(self) -> bool:
        """Whether all headers of what has ended have come."""
        return all(
            _is_whole(event) for event in self._happened if isinstance(event, Load) and event.done
        )

    @property
    def is_waiting(self) -> bool:
        """Whether requests are open that have an end."""
        return any(
            not event.done and event.kind not in _STREAMS
            for event in self._happened
            if isinstance(event, Load)
        )

    def _add(self, event: Load | Stored) -> None:
        self.moved = time.monotonic()
        if isinstance(event, Stored):
            self._characters += len(event.key) + len(event.value)
        if len(self._happened) >= MAX_EVENTS:
            self.left_out = f"more than {MAX_EVENTS} things happened on it"
        elif self._characters > MAX_STORED_CHARACTERS:
            self.left_out = f"its scripts store more than {MAX_STORED_CHARACTERS} characters"
        else:
            self._happened.append(event)

    def _begin(self, event: Event) -> None:
        request, key = event["request"], event["requestId"]
        if urlsplit(request["url"]).scheme not in _WEB:
            return
        hops = self._hops[key]
        if "redirectResponse" in event and hops:
            hops[-1].expects = bool(event.get("redirectHasExtraInfo", True))
            _respond(hops[-1], event["redirectResponse"])
            hops[-1].done = True
        self._told.add(request["url"])
        is_page = event.get("type") == "Document" and event.get("frameId") == self._frame
        load = Load(
            url=request["url"],
            method=request["method"],
            kind=event.get("type", "Other"),
            is_page=is_page,
            is_third_party=not is_page and not request.get("isSameSite", True),
            page=self._pages.get(event.get("loaderId", ""), self.page),
        )
        hops.append(load)
        if is_page:
            self._pages[event["loaderId"]] = self.page = load
            self.is_loaded, self.octets, self.document = False, 0, None
        self._add(load)
        self._join(key)

    def _ask(self, event: Event) -> None:
        self._asked[event["requestId"]].append(event)
        self._join(event["requestId"])

    def _respond(self, event: Event) -> None:
        hops = self._hops.get(event["requestId"])
        if hops:
            hops[-1].expects = bool(event.get("hasExtraInfo", False))
            _respond(hops[-1], event["response"])
            self._join(event["requestId"])

    def _answer(self, event: Event) -> None:
        self._answered[event["requestId"]].append(event)
        self._join(event["requestId"])

    def _receive(self, event: Event) -> None:
        hops = self._hops.get(event["requestId"])
        if hops and hops[-1].is_page:
            self.octets += int(event.get("dataLength", 0))

    def _finish(self, event: Event) -> None:
        self.moved = time.monotonic()
        hops = self._hops.get(event["requestId"])
        if not hops:
            return
        hops[-1].done = True
        if hops[-1] is self.page and "errorText" not in event:
            self.document = event["requestId"]
        if "errorText" in event:
            hops[-1].fault = event["errorText"]
            if hops[-1].expects is None:  # there may have been one that the page was refused
                earlier = sum(hop.expects is True for hop in hops)
                hops[-1].expects = len(self._answered[event["requestId"]]) > earlier
                self._join(event["requestId"])
            if hops[-1].is_page:
                self.is_loaded = True

    def _open_socket(self, event: Event) -> None:
        url = event["url"]
        here = "" if self.page is None else urlsplit(self.page.url).hostname
        self._add(
            Load(
                url=url,
                method="GET",
                kind="WebSocket",
                is_page=False,
                page=self.page,
                done=True,
                is_third_party=urlsplit(url).hostname != here,
                expects=False,
            )
        )

    def _load(self, _: Event) -> None:
        self.is_loaded = True
        self.moved = time.monotonic()

    def _join(self, key: str) -> None:
        """Give each request of a chain of redirects what the network tells of it."""
        hops = self._hops.get(key, [])
        for load, asked in zip(hops, self._asked[key], strict=False):
            load.sent = [
                found["cookie"]["name"].encode("utf-8", "replace")
                for found in asked.get("associatedCookies", ())
                if not found.get("blockedReasons") and "cookie" in found
            ]
        answers = iter(self._answered[key])
        for load in hops:
            answer = next(answers, None) if load.expects else None
            if load.expects is None or (load.expects and answer is None):
                return
            if answer is not None and not load.told:
                _answer(load, answer)

    def _hear(self, event: Event) -> None:
        if event.get("name") != self._binding:
            return
        try:
            told = json.loads(event["payload"])
            url = told["url"] if urlsplit(told["url"]).scheme in _WEB else told["origin"]
            is_address = told["kind"] == "service worker"
            stored = Stored(
                kind=told["kind"],
                key=without_query(told["key"]) if is_address else told["key"],
                value=told["value"],
                url=url,
                initiator=_script(told["stack"]),
            )
        except (KeyError, TypeError, ValueError):
            return  # the page itself has found the way to tell, and tells nonsense
        stored.page = self._page_at(url)
        self._add(stored)

    def _store(self, event: Event) -> None:
        place = event["storageId"]
        url = place.get("securityOrigin") or place.get("storageKey") or ""
        self._add(
            Stored(
                kind="localStorage" if place["isLocalStorage"] else "sessionStorage",
                key=event["key"],
                value=event["newValue"],
                url=url,
                initiator=None,
                page=self.page,
            )
        )

    def _page_at(self, url: str) -> Load | None:
        """Return the page that an address belongs to: the last one that is still on the screen."""
        asked = url.partition("#")[0]
        for event in reversed(self._happened):
            if isinstance(event, Load) and event.is_page and event.url == asked:
                return event
        return self.page


def _is_whole(event: Load | Stored) -> bool:
    return isinstance(event, Stored) or (event.done and (event.told or event.expects is False))


def _respond(load: Load, response: Event) -> None:
    """Take the headers that a page may see; the raw ones, if they come, are better."""
    load.status = int(response["status"])
    load.headers = _fields(response.get("headers", {}))


def _answer(load: Load, answer: Event) -> None:
    load.status = int(answer.get("statusCode") or load.status or 0)
    fields = _fields(answer.get("headers", {}))
    load.headers = [pair for pair in fields if pair[0] != b"set-cookie"]
    refused = {
        blocked["cookieLine"].encode("utf-8", "replace"): _refusal(blocked["blockedReasons"])
        for blocked in answer.get("blockedCookies", ())
        if "cookieLine" in blocked
    }
    lines = [value for name, value in fields if name == b"set-cookie"]
    load.lines = [(line, refused.get(line)) for line in lines]
    load.told = True


def _fields(headers: Mapping[str, str]) -> HeaderList:
    """Return the fields of a response; of several with one name Chromium makes lines."""
    return [
        (name.lower().encode("utf-8", "replace"), line.encode("utf-8", "replace"))
        for name, value in headers.items()
        for line in value.split("\n")
    ]


REFUSED_BY_SETTINGS: Final = "the visitor's settings refuse it"
_REFUSALS: Final = {
    "SecureOnly": "it is Secure and came over http",
    "SameSiteStrict": "its SameSite keeps it from other sites",
    "SameSiteLax": "its SameSite keeps it from other sites",
    "SameSiteUnspecifiedTreatedAsLax": "without SameSite=None it is kept from other sites",
    "SameSiteNoneInsecure": "SameSite=None needs Secure",
    "UserPreferences": REFUSED_BY_SETTINGS,
    "ThirdPartyPhaseout": "the browser refuses cookies of third parties",
    "InvalidDomain": "its Domain is another host's",
    "InvalidPrefix": "its prefix asks for other attributes",
    "OverwriteSecure": "a Secure cookie of that name is there",
    "NameValuePairExceedsMaxSize": "name and value are longer than 4096 octets",
    "DisallowedCharacter": "it holds a control character",
    "NoCookieContent": "it has neither name nor value",
    "SyntaxError": "the browser cannot read it",
}


def _refusal(reasons: Iterable[str]) -> str:
    plain = dict.fromkeys(reason.removeprefix("Schemeful") for reason in reasons)
    return "; ".join(_REFUSALS.get(reason, f"the browser says {reason}") for reason in plain)


def _script(stack: str) -> str | None:
    """Return the address of the innermost script in a stack, without its query."""
    found = _SCRIPT.search(stack)
    if found is None:
        return None
    return without_query(found[1])


def without_query(url: str) -> str:
    """Return an address without password, query and fragment, in which values may stand."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def _merged(events: list[Load | Stored]) -> Iterable[Load | Stored]:
    """Yield the events; what the script told of a storage stands for what the browser told of it."""
    told = {_place(event) for event in events if isinstance(event, Stored) and event.initiator}
    for event in events:
        is_told = isinstance(event, Stored) and event.initiator is None and _place(event) in told
        if not is_told:
            yield event


def _host(url: str) -> str | None:
    return urlsplit(url).hostname


def _place(stored: Stored) -> tuple[str, str, str]:
    return stored.kind, stored.key, urlsplit(stored.url).netloc
