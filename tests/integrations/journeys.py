"""One table of journeys, and every framework's common site to walk them through.

A site is a module in `sites/`: `NAME`, `DOOR`, `WEBSOCKET`, and `application(config)`, which returns a
finished application with the routes that the journeys visit. A `Journey` is what a visitor does and
what must be seen on the way; it knows no framework. Where a framework forces another answer, it stands
in `deviations.py` with its reason.

The server in here runs the lifespan of an ASGI application, and answers for an application that lets
an error through, as servers do. No rule of the library belongs in here.
"""

from __future__ import annotations

import asyncio
import importlib
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from cookieconsent import Config, Cookie, Outcome
from doors import NAVIGATION, SECRET, Clock, Headers, Site, Visitor, banners, settings_elements
from oracles.drivers import Answer, Exchange, drive_asgi, run_wsgi
from oracles.set_cookie import is_deletion, name_of

FOLDER: Final = Path(__file__).with_name("sites")
MODULES: Final = tuple(sorted(path.stem for path in FOLDER.glob("*.py")))
"""The modules of all sites."""
COOKIES: Final = tuple(
    Cookie(name, cls, purpose=purpose, provider=provider, lifetime=lifetime)
    for name, cls, purpose, provider, lifetime in (
        ("sid", "authentication", "Keeps you signed in.", "This site", "session"),
        ("basket", "cart", "Keeps what you chose.", "This site", "session"),
        ("_ga", "analytics", "Counts visits.", "Google", "2 years"),
        ("_fbp", "advertising", "Chooses what is advertised.", "Meta", "3 months"),
    )
)
CONSENT: Final = "__Host-cookieconsent"
ANSWER: Final = re.compile(rb"analytics (on|off)\b|\A(on|off)\s*\Z")
BY_SERVER: Final = (b"server-answered", b"1")
"""What tells the page of the server from one of the application."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What of one answer is the same in every framework."""

    status: int = 200
    sees: Literal["banner", "settings", "nothing"] = "nothing"
    """What of ours is in the page."""
    sets: tuple[str, ...] = ()
    """The cookies that reach the browser, sorted."""
    deletes: tuple[str, ...] = ()
    """The cookies whose deletion is sent, sorted."""
    stripped: tuple[str, ...] = ()
    """The cookies that were sent and did not reach the application, sorted."""
    stored: Literal["anywhere", "private", "nowhere"] = "anywhere"
    """Who may keep the answer, as far as we have said."""
    varies: bool = False
    """Whether caches are told that it depends on `Cookie`."""
    analytics: bool | None = None
    """What the application says about the class; `None` where it says nothing."""
    streamed: bool = False
    """Whether the body came in three pieces or more."""
    location: str | None = None
    """Where a redirect leads on this site, written as a path or not."""
    by_server: bool = False
    """Whether an error went through to the server, which then answered itself."""


class Served(Site):
    """The common site of a framework behind a server.

    Args:
        module: The site.
        name: The part of the module's name that is free: what a test calls it.
    """

    def __init__(self, module: Any, name: str) -> None:
        self.module = name
        self.name: str = module.NAME
        self.door = module.DOOR
        self.websocket: bool = module.WEBSOCKET
        self.root = ""
        """The path that the site is mounted under."""
        self.clock = Clock()
        self.outcomes: list[Outcome] = []
        self.sights: list[Sight] = []
        """Every answer since the last journey began."""
        config = Config(
            secret_key=SECRET, cookies=COOKIES, clock=self.clock, on_outcome=self.outcomes.append
        )
        self.application = module.application(config)
        self._runner = asyncio.Runner()
        self._lifespan: asyncio.Task[None] | None = None

    @property
    def version(self) -> str | None:
        """The version of the framework; `None` where there is none."""
        package = self.module.partition("_")[0]
        return None if package == "plain" else version(package)

    def start(self) -> None:
        """Start what has a lifespan."""
        if self.door == "asgi":
            self._runner.run(self._start())

    async def _start(self) -> None:
        ready, stop = asyncio.Event(), asyncio.Event()
        messages = iter(("startup", "shutdown"))
        self._stop = stop

        async def receive() -> dict[str, Any]:
            message = next(messages)
            if message == "shutdown":
                await stop.wait()
            return {"type": f"lifespan.{message}"}

        async def send(message: Mapping[str, Any]) -> None:
            assert not message["type"].endswith("failed"), message
            ready.set()

        async def live() -> None:
            # An application without a lifespan may raise, says the specification.
            with suppress(Exception):
                await self.application(_lifespan_scope(), receive, send)
            ready.set()

        self._lifespan = asyncio.create_task(live())
        await ready.wait()

    def stop(self) -> None:
        """End what was started."""
        if self._lifespan is not None:
            self._runner.run(self._end(self._lifespan))
        self._runner.close()

    async def _end(self, lifespan: asyncio.Task[None]) -> None:
        self._stop.set()
        await lifespan

    def send(self, exchange: Exchange, **server: Any) -> Answer:
        """Send one exchange to where the site is mounted, and write down what is seen."""
        inside = exchange.path.removeprefix(self.root)
        assert inside.startswith("/"), "the visitor has left the site"
        exchange = replace(exchange, root=self.root, path=inside)
        self.outcomes.clear()
        if self.door == "asgi":
            answer = self._runner.run(drive_asgi(self._asgi, exchange, lint=False))
        else:
            answer = run_wsgi(self._wsgi, exchange, lint=False)
        self.sights.append(self._sight(exchange, answer))
        return answer

    async def _asgi(self, scope: Any, receive: Any, send: Any) -> None:
        started = False

        async def watch(message: Any) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.application(scope, receive, watch)
        except RuntimeError:
            if not started:
                head = [(b"content-type", b"text/plain"), BY_SERVER]
                await send({"type": "http.response.start", "status": 500, "headers": head})
                await send({"type": "http.response.body", "body": b"Internal Server Error"})

    def _wsgi(self, environ: dict[str, Any], start_response: Any) -> Any:
        try:
            return self.application(environ, start_response)
        except RuntimeError:
            pairs = [(name.decode(), value.decode()) for name, value in (BY_SERVER,)]
            start_response("500 Status", [("Content-Type", "text/plain"), *pairs])
            return [b"Internal Server Error"]

    def _sight(self, exchange: Exchange, answer: Answer) -> Sight:
        lines = answer.values(b"set-cookie")
        gone = [line for line in lines if is_deletion(line, self.clock.now)]
        caching = b",".join(answer.values(b"cache-control")).lower()
        # A server cuts off what a framework sends after the head here; ours must not be in it either.
        told = None if exchange.method == "HEAD" else ANSWER.search(answer.body)
        sees: Literal["banner", "settings", "nothing"] = "nothing"
        if banners(answer.body):
            sees = "banner"
        elif settings_elements(answer.body):
            sees = "settings"
        return Sight(
            status=answer.status,
            sees=sees,
            sets=_names([line for line in lines if line not in gone]),
            deletes=_names(gone),
            stripped=self.stripped(),
            stored=_stored(caching),
            varies=b"cookie" in b",".join(answer.values(b"vary")).lower(),
            analytics=None if told is None else b"on" in told.groups(),
            streamed=sum(map(bool, answer.chunks)) > 2,
            location=_location(answer),
            by_server=BY_SERVER in answer.headers,
        )

    def stripped(self) -> tuple[str, ...]:
        """Return what the last exchange kept from the application."""
        return tuple(sorted({name for outcome in self.outcomes for name in outcome.stripped}))

    def talk(self, cookie: bytes | None) -> Sight:
        """Open a websocket, and return what is said until it closes."""
        self.outcomes.clear()
        status, text = self._runner.run(self._talk(cookie))
        told = ANSWER.search(text)
        analytics = None if told is None else b"on" in told.groups()
        sight = Sight(status=status, analytics=analytics, stripped=self.stripped())
        self.sights.append(sight)
        return sight

    async def _talk(self, cookie: bytes | None) -> tuple[int, bytes]:
        headers = [(b"host", b"shop.example"), (b"origin", b"https://shop.example")]
        if cookie is not None:
            headers.append((b"cookie", cookie))
        sent: list[Any] = []
        messages = iter([{"type": "websocket.connect"}])

        async def receive() -> dict[str, Any]:
            return next(messages, {"type": "websocket.disconnect", "code": 1000, "reason": ""})

        async def send(message: Any) -> None:
            sent.append(message)

        await self.application(_websocket_scope(headers), receive, send)
        opened = any(message["type"] == "websocket.accept" for message in sent)
        text = "".join(message.get("text") or "" for message in sent)
        return (101 if opened else 403), text.encode()


def _lifespan_scope() -> dict[str, Any]:
    versions = {"version": "3.0", "spec_version": "2.0"}
    return {"type": "lifespan", "asgi": versions, "state": {}}


def _websocket_scope(headers: list[tuple[bytes, bytes]]) -> dict[str, Any]:
    return {
        "type": "websocket",
        "asgi": {"version": "3.0", "spec_version": "2.5"},
        "http_version": "1.1",
        "scheme": "wss",
        "path": "/ws",
        "raw_path": b"/ws",
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "client": ("192.0.2.1", 50_000),
        "server": ("shop.example", 443),
        "subprotocols": [],
        "extensions": {},
        "state": {},
    }


def _names(lines: list[bytes]) -> tuple[str, ...]:
    return tuple(sorted({(name_of(line) or b"").decode() for line in lines}))


def _location(answer: Answer) -> str | None:
    for value in answer.values(b"location"):
        return value.decode().removeprefix("https://shop.example")
    return None


def _stored(caching: bytes) -> Literal["anywhere", "private", "nowhere"]:
    if b"no-store" in caching:
        return "nowhere"
    return "private" if b"private" in caching else "anywhere"


def site_module(name: str) -> Any:
    """Return the module of a site."""
    return importlib.import_module(f"integrations.sites.{name}")


@contextmanager
def served(module: str) -> Iterator[Served]:
    """Serve the site of one module."""
    site = Served(site_module(module), module)
    site.start()
    try:
        yield site
    finally:
        site.stop()


# --- what visitors do -----------------------------------------------------------------------------

Act: TypeAlias = Callable[[Visitor, Served], object]


def visit(path: str = "/", headers: Headers = (), *, method: str = "GET") -> Act:
    """Load a page."""
    return lambda visitor, site: visitor.visit(site.root + path, headers, method=method)


def press(choice: str, **fields: str) -> Act:
    """Press a button of the page in view, and follow."""
    sent = {f"class-{name}": value for name, value in fields.items()}
    return lambda visitor, site: visitor.choose(choice, **sent)


def carry(*names: str) -> Act:
    """Have cookies from an earlier life."""

    def put(visitor: Visitor, site: Served) -> None:
        for name in names:
            visitor.jar.receive(visitor.origin, f"{name}=1".encode(), now=site.clock.now)

    return put


def talk() -> Act:
    """Open the websocket."""
    return lambda visitor, site: site.talk(
        visitor.jar.send(f"{visitor.origin}/ws", now=site.clock.now) or None
    )


def signal(visitor: Visitor, site: Served) -> None:
    """Switch on Global Privacy Control."""
    visitor.headers[b"sec-gpc"] = b"1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """What a visitor does, and what must be seen."""

    title: str
    acts: tuple[Act, ...]
    sights: tuple[Sight, ...]
    """One per answer; pressing a button gives two, the answer and the page that it leads to."""
    root: str = ""
    """The path that the site is mounted under."""
    websocket: bool = False
    """Whether it needs a framework that has websockets."""

    def fits(self, *, websockets: bool) -> bool:
        """Tell whether a framework has what the journey needs."""
        return websockets or not self.websocket

    def walk(self, site: Served) -> tuple[Sight, ...]:
        """Walk it as somebody who was never here before; return what was seen."""
        visitor = Visitor(site)
        visitor.headers = dict(NAVIGATION)
        site.root = self.root
        site.sights.clear()
        for act in self.acts:
            act(visitor, site)
        return tuple(site.sights)


# --- the table ------------------------------------------------------------------------------------

OWN: Final = ("basket", "sid")
"""What the home page sets for everybody."""
ALL: Final = ("_ga", "basket", "sid")

NEWCOMER: Final = Sight(sees="banner", sets=OWN, stored="private", varies=True, analytics=False)
LEFTOVER: Final = replace(NEWCOMER, stripped=("_ga",), deletes=("_ga",))
REFUSER: Final = Sight(sees="settings", sets=OWN, varies=True, analytics=False)
ACCEPTER: Final = replace(REFUSER, sets=ALL, analytics=True)
PREFERENCES: Final = Sight(stored="nowhere", varies=True)
SAID_NO: Final = Sight(varies=True, analytics=False)
SAID_YES: Final = replace(SAID_NO, analytics=True)
ERROR: Final = Sight(status=500, sees="banner", stored="private", varies=True)
UNKNOWN: Final = replace(ERROR, status=404)


def saved(path: str) -> Sight:
    """Return the answer to a form that leads back to a page."""
    target = f"{path}#cookieconsent-saved"
    return Sight(status=303, sets=(CONSENT,), stored="nowhere", location=target)


JOURNEYS: Final = (
    Journey(
        title="No choice",
        acts=(carry("_ga", "sid", "stranger"), visit(), visit("/asks")),
        sights=(
            replace(LEFTOVER, stripped=("_ga", "stranger")),
            replace(SAID_NO, stripped=("stranger",)),
        ),
    ),
    Journey(
        title="Reject",
        acts=(carry("_ga"), visit(), press("reject")),
        sights=(LEFTOVER, saved("/"), REFUSER),
    ),
    Journey(
        title="Accept",
        acts=(visit(), press("accept"), visit()),
        sights=(NEWCOMER, saved("/"), ACCEPTER, ACCEPTER),
    ),
    Journey(
        title="Save per class",
        acts=(
            carry("_ga", "_fbp"),
            visit("/cookie-consent"),
            press("save", analytics="yes", advertising="no"),
            visit(),
        ),
        sights=(
            replace(PREFERENCES, deletes=("_fbp", "_ga")),
            saved("/cookie-consent"),
            PREFERENCES,
            ACCEPTER,
        ),
    ),
    Journey(
        title="Withdraw",
        acts=(visit(), press("accept"), press("withdraw")),
        sights=(
            NEWCOMER,
            saved("/"),
            ACCEPTER,
            replace(saved("/"), deletes=("_ga",)),
            REFUSER,
        ),
    ),
    Journey(
        title="Global Privacy Control",
        acts=(signal, carry("_ga"), visit(), visit("/asks")),
        sights=(replace(LEFTOVER, sees="settings"), SAID_NO),
    ),
    Journey(
        title="`consent_of` with the framework's request",
        acts=(visit("/asks"), visit("/cookie-consent"), press("accept"), visit("/asks")),
        sights=(SAID_NO, PREFERENCES, saved("/cookie-consent"), PREFERENCES, SAID_YES),
    ),
    Journey(title="Error page", acts=(visit("/error"),), sights=(ERROR,)),
    Journey(title="Unknown path", acts=(visit("/nothing"),), sights=(UNKNOWN,)),
    Journey(
        title="Redirect",
        acts=(visit("/redirect"), visit(), press("accept"), visit("/redirect")),
        sights=(
            Sight(status=302, location="/"),
            NEWCOMER,
            saved("/"),
            ACCEPTER,
            Sight(status=302, location="/", sets=("_ga",)),
        ),
    ),
    Journey(
        title="Streaming",
        acts=(visit("/stream"), press("reject")),
        sights=(
            Sight(sees="banner", stored="private", varies=True, streamed=True),
            saved("/stream"),
            Sight(sees="settings", varies=True, streamed=True),
        ),
    ),
    Journey(title="Static file", acts=(visit("/file.txt"),), sights=(Sight(),)),
    Journey(
        title="HEAD",
        acts=(visit(method="HEAD"), visit("/cookie-consent", method="HEAD")),
        sights=(replace(NEWCOMER, sees="nothing", analytics=None), PREFERENCES),
    ),
    Journey(
        title="Mounted under a prefix",
        root="/shop",
        acts=(visit(), press("accept"), visit("/cookie-consent"), visit("/asks")),
        sights=(NEWCOMER, saved("/shop/"), ACCEPTER, PREFERENCES, SAID_YES),
    ),
    Journey(
        title="Websocket",
        websocket=True,
        acts=(carry("_ga"), talk(), visit("/cookie-consent"), press("accept"), talk()),
        sights=(
            Sight(status=101, stripped=("_ga",), analytics=False),
            replace(PREFERENCES, deletes=("_ga",)),
            saved("/cookie-consent"),
            PREFERENCES,
            Sight(status=101, analytics=True),
        ),
    ),
)
