"""datasette behind the ASGI door, with its databases, forms, exports and downloads.

Nothing is configured but the secret: the shipped catalogue knows datasette's cookies and Google's.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import closing
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from datasette.app import Datasette
from starlette.middleware.gzip import GZipMiddleware

from cookieconsent.engine.events import Outcome
from cookieconsent.middleware.asgi import CookieConsentMiddleware
from oracles.drivers import Answer, Exchange, drive_asgi
from oracles.jar import Jar
from realapps.visits import (
    ANALYTICS,
    HOST,
    STATES,
    Meeting,
    State,
    Visitor,
    assert_page,
    assert_untouched,
    exempt_of,
    names_set,
    visitor_in,
    walk_through_every_choice,
)

pytestmark = [pytest.mark.realapp, pytest.mark.xdist_group("datasette")]

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

SECRET = "a secret of the tests, long enough to sign"
ROWS = 250
"""More than datasette shows or exports on one page, so that streaming is another thing."""


class Tap:
    """Adds analytics cookies to what an ASGI application answers, and notes both directions."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.received: list[tuple[bytes, bytes]] | None = None
        self.messages: list[Message] = []

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        self.received = [(name, value) for name, value in scope["headers"]]

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                cookies = [(b"set-cookie", line) for line in ANALYTICS]
                message = {**message, "headers": [*message["headers"], *cookies]}
            self.messages.append(message)
            await send(message)

        await self.app(scope, receive, noted)

    def forget(self) -> None:
        """Begin another exchange."""
        self.received = None
        self.messages = []

    @property
    def answer(self) -> Answer | None:
        """What the application answered, `None` if it was not asked."""
        if not self.messages:
            return None
        start, *bodies = self.messages
        chunks = [message.get("body", b"") for message in bodies]
        return Answer(
            status=start["status"],
            headers=[(name.lower(), value) for name, value in start["headers"]],
            body=b"".join(chunks),
            chunks=chunks,
        )


class DatasetteSite:
    """One datasette with its own event loop, started as a server starts it."""

    origin = f"https://{HOST}"
    root = ""

    def __init__(self, datasette: Datasette) -> None:
        self.datasette = datasette
        self.jars: dict[State, Jar] = {}
        self._runner = asyncio.Runner()
        self._outcomes: list[Outcome] = []
        # As many put it: the compressor inside, next to the application.
        self._tap = Tap(GZipMiddleware(datasette.app()))
        self.app = CookieConsentMiddleware(
            self._tap, secret_key=SECRET, on_outcome=self._outcomes.append
        )
        self._lifespan = self._runner.run(self._start())

    async def _start(self) -> tuple[asyncio.Queue[Message], asyncio.Task[None]]:
        events: asyncio.Queue[Message] = asyncio.Queue()
        started = asyncio.Event()

        async def send(message: Message) -> None:
            assert message["type"].endswith(".complete"), message
            started.set()

        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}}
        task = asyncio.create_task(self.app(scope, events.get, send))
        await events.put({"type": "lifespan.startup"})
        await started.wait()
        return events, task

    def close(self) -> None:
        """Stop as a server stops it."""
        events, task = self._lifespan

        async def stop() -> None:
            await events.put({"type": "lifespan.shutdown"})
            await task

        self._runner.run(stop())
        self._runner.close()
        self.datasette.executor.shutdown()

    def meet(self, exchange: Exchange, url: str) -> Meeting:
        """Take one request."""
        self._tap.forget()
        self._outcomes.clear()
        # datasette writes some names in capitals, sends bodies to HEAD, and says that its downloads
        # are chunked, which is the server's to say.
        lint = {"head_body": True, "lower_case": False}
        download = exchange.path.endswith(".db")
        answer = self._runner.run(drive_asgi(self.app, exchange, lint=False if download else lint))
        assert all(outcome.reason != "failure" for outcome in self._outcomes)
        return Meeting(
            url=url,
            sent=exchange,
            answer=answer,
            received=self._tap.received,
            inner=self._tap.answer,
        )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatasetteSite]:
    """A shop's database to write to, and an archive of it that nobody changes."""
    folder: Path = tmp_path_factory.mktemp("datasette")
    for name in ("shop", "archive"):
        with closing(sqlite3.connect(folder / f"{name}.db")) as database, database:
            database.execute("create table goods (id integer primary key, name text, price real)")
            database.executemany(
                "insert into goods (name, price) values (?, ?)",
                [(f"thing {number} <body>", number / 100) for number in range(ROWS)],
            )
    datasette = Datasette(
        [str(folder / "shop.db")],
        immutables=[str(folder / "archive.db")],
        settings={"max_returned_rows": 100, "default_page_size": 20},
        metadata={
            "databases": {
                "shop": {
                    "queries": {
                        "rename": {
                            "sql": "update goods set name = :name where id = :id",
                            "write": True,
                            "on_success_message": "Renamed",
                        }
                    }
                }
            }
        },
        secret=SECRET,
    )
    site = DatasetteSite(datasette)
    yield site
    site.close()


@pytest.fixture
def visitor(site: DatasetteSite) -> Visitor:
    return Visitor(site)


# --- tables -------------------------------------------------------------------------------------

PAGES = [
    pytest.param("/", 200, id="list of databases"),
    pytest.param("/shop", 200, id="database"),
    pytest.param("/shop/goods?_sort=price&_facet=name", 200, id="table"),
    pytest.param("/shop/goods/7", 200, id="row"),
    pytest.param("/shop?sql=select+name,+price+from+goods", 200, id="query"),
    pytest.param("/shop?sql=nonsense", 400, id="query that fails"),
    pytest.param("/shop/rename", 200, id="form of a canned query"),
    pytest.param("/-/versions", 200, id="JSON shown as a page"),
    pytest.param("/-/patterns", 200, id="page of everything"),
    pytest.param("/-/messages", 200, id="page that sets a cookie"),
    pytest.param("/-/permissions", 403, id="forbidden"),
    pytest.param("/nowhere", 404, id="not found"),
    pytest.param("/-/static/", 403, id="one line called HTML"),
]

FILES = [
    pytest.param("/shop/goods.json", 200, b"application/json", id="JSON"),
    pytest.param("/shop/goods.jsono", 302, b"text/plain", id="redirect to JSON"),
    pytest.param("/shop/goods.csv", 200, b"text/plain", id="CSV"),
    pytest.param("/shop/goods.csv?_stream=on&_dl=1", 200, b"text/csv", id="streamed CSV"),
    pytest.param("/archive.db", 200, b"application/octet-stream", id="database download"),
    pytest.param("/-/static/app.css", 200, b"text/css", id="style sheet"),
    pytest.param("/-/static/table.js", 200, b"text/javascript", id="script"),
    pytest.param("/favicon.ico", 200, b"image/png", id="icon"),
    pytest.param("/shop/goods/", 302, b"text/html", id="redirect called HTML"),
    pytest.param("/-/config", 301, b"text/plain", id="permanent redirect"),
]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(("path", "status"), PAGES)
def test_page_carries_the_right_element(
    site: DatasetteSite, state: State, path: str, status: int
) -> None:
    visitor = visitor_in(site, state, encodings=b"identity")
    page = visitor.open(path)
    assert page.answer.status == status
    assert_page(page, STATES[state][1], consented=state == "accepted")


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(("path", "status", "content_type"), FILES)
def test_file_passes_byte_for_byte(
    site: DatasetteSite, state: State, path: str, status: int, content_type: bytes
) -> None:
    """Opened like a page, compressed where datasette's compressor likes to, chunk by chunk."""
    visitor = visitor_in(site, state)
    file = visitor.open(path)
    assert file.answer.status == status
    assert file.answer.values(b"content-type")[0].partition(b";")[0] == content_type
    assert_untouched(file, consented=state == "accepted")
    assert file.inner is not None
    assert file.answer.chunks == file.inner.chunks


# --- dialogues ----------------------------------------------------------------------------------


def test_analytics_follow_the_choice(site: DatasetteSite) -> None:
    walk_through_every_choice(site, "/shop", "/shop/goods?_size=5", b"__Host-cookieconsent")


@pytest.mark.parametrize("state", STATES)
def test_login_lasts_through_every_choice(site: DatasetteSite, state: State) -> None:
    """Signed in, notices shown, forms posted, signed out: with the same bytes as without us."""
    visitor = visitor_in(site, state, encodings=b"identity")
    consented = state == "accepted"
    site.datasette._root_token = "once"
    login = visitor.open("/-/auth-token?token=once")
    assert_untouched(login, consented=consented)
    [actor] = exempt_of(login.answer)
    assert actor.startswith(b"ds_actor=")
    assert b'"root"' in visitor.load("/-/actor.json").answer.body

    page = visitor.open("/-/messages")
    assert_page(page, STATES[state][1], consented=consented)
    assert b"ds_csrftoken" in names_set(page)

    posted = visitor.fill(page, "message", message="Sold; out", message_type="WARNING")
    assert_untouched(posted, consented=consented)
    assert names_set(posted) == [b"ds_messages"]
    page = visitor.follow(posted)
    assert b"Sold; out" in page.answer.body
    assert b"ds_messages" in names_set(page), "the notice is not taken away"
    assert_page(page, STATES[state][1], consented=consented)

    page = visitor.fill(visitor.open("/-/logout"), "csrftoken")
    assert_untouched(page, consented=consented)
    assert b'"actor": null' in visitor.load("/-/actor.json").answer.body


def test_choosing_keeps_the_visitor_signed_in(site: DatasetteSite) -> None:
    visitor = Visitor(site, encodings=b"identity")
    site.datasette._root_token = "once more"
    visitor.follow(visitor.open("/-/auth-token?token=once+more"))
    before = visitor.jar.find(b"ds_actor")
    for choice in ("reject", "accept", "withdraw", "forget"):
        visitor.choose(visitor.open("/cookie-consent"), choice)
        assert b'"root"' in visitor.load("/-/actor.json").answer.body
    assert [cookie.value for cookie in visitor.jar.find(b"ds_actor")] == [before[0].value]
    assert visitor.jar.names() == {b"ds_actor", b"ds_csrftoken"}


def test_form_without_its_token_is_refused_as_ever(site: DatasetteSite) -> None:
    """The error page answers a navigation, so it asks too."""
    visitor = Visitor(site)
    visitor.open("/-/messages")
    refused = visitor.post("/-/messages", b"message=x", b"application/x-www-form-urlencoded")
    assert refused.answer.status == 403
    assert_page(refused, "banner")


def test_canned_query_writes(site: DatasetteSite) -> None:
    visitor = Visitor(site)
    page = visitor.open("/shop/rename")
    posted = visitor.fill(page, "csrftoken", name="renamed", id="3")
    assert_untouched(posted)
    page = visitor.follow(posted)
    assert b"Renamed" in page.answer.body
    assert_page(page, "banner")
    assert b"renamed" in visitor.open("/shop/goods/3.json").answer.body


def test_unmodified_download_stays_unmodified(site: DatasetteSite) -> None:
    for state in STATES:
        visitor = visitor_in(site, state)
        [etag] = visitor.load("/archive.db").answer.values(b"etag")
        again = visitor.load("/archive.db", (b"if-none-match", etag))
        assert again.answer.status == 304
        assert_untouched(again, consented=state == "accepted")


@pytest.mark.parametrize("path", ["/shop", "/shop/goods.csv?_stream=on", "/-/static/app.css"])
def test_compressed_answer_passes_as_it_is(site: DatasetteSite, path: str) -> None:
    """A page for somebody who has decided included: the settings element must wait."""
    visitor = visitor_in(site, "rejected")
    answer = visitor.open(path)
    assert answer.answer.values(b"content-encoding") == [b"gzip"]
    assert answer.inner is not None
    assert answer.answer.chunks == answer.inner.chunks
    if path == "/shop":
        assert_page(answer, None)
    else:
        assert_untouched(answer)


def test_undecided_page_comes_uncompressed_only_as_a_page(site: DatasetteSite) -> None:
    visitor = Visitor(site)
    assert visitor.open("/shop").answer.values(b"content-encoding") == []
    assert visitor.load("/-/static/app.css").answer.values(b"content-encoding") == [b"gzip"]


def test_page_fetched_by_a_script_has_no_banner(site: DatasetteSite) -> None:
    fetched = Visitor(site, encodings=b"identity").load("/shop/goods")
    assert_page(fetched, None)


@pytest.mark.parametrize("path", ["/shop", "/shop/goods.csv", "/archive.db"])
def test_head_says_what_get_says(site: DatasetteSite, path: str) -> None:
    visitor = Visitor(site, encodings=b"identity")
    head, get = visitor.open(path, method="HEAD"), visitor.open(path)
    lengths = head.answer.values(b"content-length")
    assert lengths in ([], [b"%d" % len(get.answer.body)])
    # datasette answers HEAD as GET; the server would cut the body off.
    assert head.answer.status == get.answer.status
