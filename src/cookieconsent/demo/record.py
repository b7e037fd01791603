"""The recorder: what a browser really sent and really got, noted outside of the middleware.

It changes nothing, with one exception that the shop asks for: cookies to plant are added to a
response that has left the middleware, as a script in the page would have set them.
May not enter: classes of cookies, markup.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

from cookieconsent.core.cookies import CookieHeader, name_of, read_set_cookie
from cookieconsent.core.headers import Head, HeaderList, index
from cookieconsent.middleware.asgi import ASGIApp, Message, Receive, Scope, Send
from cookieconsent.middleware.environ import Environ
from cookieconsent.middleware.wsgi import ExcInfo, StartResponse, Write, WSGIApp

LOGGER = logging.getLogger("cookieconsent.demo")

RECORD_KEY: Final = "cookieconsent.demo.record"
"""Where the record of a request stands in scope and environ."""
MAX_REMEMBERED: Final = 64
MAX_SECONDS: Final = 30.0
"""How long a form may take to lead to a page."""
_SEE_OTHER = 303


@dataclass(slots=True, kw_only=True)
class Record:
    """What happened to the cookies of one request, noted while it happens."""

    method: str
    path: str
    visitor: tuple[str, str]
    """Address and user agent: enough to tell two browsers on one machine apart."""
    browser_sent: bytes = b""
    """The `Cookie` header before the middleware."""
    shop_saw: bytes = b""
    """The `Cookie` header behind the middleware."""
    shop_set: list[bytes] = field(default_factory=list)
    """The `Set-Cookie` values before the middleware."""
    browser_got: list[bytes] = field(default_factory=list)
    """The `Set-Cookie` values that left."""
    planted: list[bytes] = field(default_factory=list)
    """Those of them that went past the middleware."""

    def leads_to(self, follower: Record) -> bool:
        """Tell whether a browser that got this answer sends just the cookies of a later request."""
        set_here: dict[bytes, bytes] = {}
        deleted: set[bytes] = set()
        for line in self.browser_got:
            cookie = read_set_cookie(line)
            if cookie is None:
                continue
            if cookie.is_deletion(time.time()):
                deleted.add(cookie.name)
            else:
                set_here[cookie.name] = line.partition(b";")[0].strip()
        changed = deleted | set_here.keys()
        left = {
            raw for raw in CookieHeader(self.browser_sent).segments if name_of(raw) not in changed
        }
        left.update(set_here.values())
        sent = CookieHeader(follower.browser_sent).segments
        # A deletion may miss a cookie of another scope, which then still comes.
        return bool(left) and left == {
            raw for raw in sent if name_of(raw) not in deleted - set_here.keys()
        }


class Trail:
    """The last form of each visitor, for the page that it leads to: a redirect shows no panel.

    Address and user agent do not tell everybody apart, so a form is shown only to a browser that
    carries just the cookies which the form's answer left it with, and only for a short while.
    A form without a page to follow is forgotten when `MAX_REMEMBERED` others have come.

    Args:
        clock: The time in seconds, from any beginning.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last: OrderedDict[tuple[str, str], tuple[float, Record]] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, record: Record) -> None:
        """Remember a form."""
        with self._lock:
            self._last[record.visitor] = self._clock(), record
            self._last.move_to_end(record.visitor)
            if len(self._last) > MAX_REMEMBERED:
                self._last.popitem(last=False)

    def take(self, follower: Record) -> Record | None:
        """Return the form that led to this request; `None` where it was somebody else's.

        It is asked for by the next page alone: with a later one it would no longer be just before.
        """
        with self._lock:
            put, form = self._last.pop(follower.visitor, (0.0, None))
        if form is None or self._clock() - put > MAX_SECONDS or not form.leads_to(follower):
            return None
        return form

    def leave(self, record: Record, status: int, headers: HeaderList) -> HeaderList:
        """Note the head of a response that has left the middleware; return what the server gets."""
        headers = [*headers, *((b"set-cookie", line) for line in record.planted)]
        record.browser_got = Head(headers).values(b"set-cookie")
        LOGGER.info("%s %s %d", record.method, quote(record.path, errors="replace"), status)
        if record.method == "POST" and status == _SEE_OTHER:
            self.put(record)
        return headers


class AsgiRecorder:
    """Records what an ASGI application and its server say to each other.

    Args:
        app: The application, middleware included.
        trail: Where forms are remembered.
    """

    def __init__(self, app: ASGIApp, trail: Trail) -> None:
        self.app = app
        self._trail = trail

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        _, fields, cookie_lines = index(scope["headers"])
        client = scope.get("client") or ("",)
        agent = fields.get(b"user-agent", b"").decode("latin-1")
        record = Record(
            method=scope["method"],
            path=scope["path"],
            visitor=(str(client[0]), agent),
            browser_sent=b"; ".join(cookie_lines),
        )

        async def recorded(message: Message) -> None:
            if message["type"] == "http.response.start":
                lines = Head(message["headers"]).lines
                head = self._trail.leave(record, message["status"], lines)
                message = {**message, "headers": head}
            await send(message)

        await self.app({**scope, RECORD_KEY: record}, receive, recorded)


class WsgiRecorder:
    """Records what a WSGI application and its server say to each other.

    Args:
        app: The application, middleware included.
        trail: Where forms are remembered.
    """

    def __init__(self, app: WSGIApp, trail: Trail) -> None:
        self.app = app
        self._trail = trail

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Handle one request."""
        record = Record(
            method=environ["REQUEST_METHOD"],
            path=environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace"),
            visitor=(environ.get("REMOTE_ADDR", ""), environ.get("HTTP_USER_AGENT", "")),
            browser_sent=environ.get("HTTP_COOKIE", "").encode("latin-1"),
        )

        def recorded(
            status: str, headers: list[tuple[str, str]], exc_info: ExcInfo | None = None
        ) -> Write:
            pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
            head: Any = [
                (name.decode("latin-1"), value.decode("latin-1"))
                for name, value in self._trail.leave(record, int(status[:3]), pairs)
            ]
            return (
                start_response(status, head)
                if exc_info is None
                else start_response(status, head, exc_info)
            )

        return self.app({**environ, RECORD_KEY: record}, recorded)
