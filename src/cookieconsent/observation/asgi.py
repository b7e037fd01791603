"""An ASGI application in this process, called as a server calls it (ASGI 3.0), its lifespan included.

One that blocks the event loop is interrupted, as far as `alarm` can.
May not enter: which pages are asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, MutableMapping
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any, Final, Self, TypeAlias
from urllib.parse import unquote, urlsplit

from cookieconsent.core.headers import HeaderList
from cookieconsent.observation.alarm import OverdueError, alarm
from cookieconsent.observation.answer import (
    MAX_BODY_OCTETS,
    PAGE_SECONDS,
    Answer,
    ObservationError,
    Request,
)
from cookieconsent.observation.loading import raised

Message: TypeAlias = MutableMapping[str, Any]
Application: TypeAlias = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]],
    Awaitable[None],
]
_ASGI: Final = {"version": "3.0", "spec_version": "2.4"}
_OCTETS: Final = (bytes, bytearray, memoryview)
_GRACE_SECONDS: Final = 1.0
"""At the most, for what an application does behind its answer, and to end itself."""
_USUAL_MESSAGES: Final = 2
"""Of an answer that is not made of parts."""


class AsgiClient:
    """Calls an ASGI application on an event loop of its own, the same one until it is left.

    Args:
        app: The application.
        seconds: How long start, end and each answer may take.
    """

    def __init__(self, app: Application, *, seconds: float = PAGE_SECONDS) -> None:
        self._app = app
        self._seconds = seconds
        self._grace = min(_GRACE_SECONDS, seconds)
        self._runner = asyncio.Runner()
        self._lifespan = _Lifespan(app)

    def __enter__(self) -> Self:
        """Start the application (ASGI lifespan protocol).

        Raises:
            ObservationError: It could not be started.
        """
        try:
            with self._its_own():
                self._runner.run(self._within(self._lifespan.start()))
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None:
        """Stop the application; one that cannot be stopped is left."""
        try:
            with suppress(ObservationError), self._its_own():  # what was seen, was seen
                self._runner.run(self._within(self._lifespan.stop()))
        finally:
            self._close()

    def send(self, request: Request) -> Answer:
        """Return what a request is answered with."""
        scope = _scope(request, dict(self._lifespan.state))
        with self._its_own():
            return self._runner.run(self._exchange(scope, request.body))

    def _close(self) -> None:
        with suppress(ObservationError), self._its_own():
            self._runner.close()

    @contextmanager
    def _its_own(self) -> Iterator[None]:
        """Make an error of whatever the application raises; it may end itself, and not who looks on.

        Raises:
            ObservationError: It raised something. The words may hold anything, so not those.
        """
        try:
            # Whoever gives way to the event loop is stopped there, and sooner.
            with alarm(self._seconds + 3 * self._grace):
                yield
        except (ObservationError, KeyboardInterrupt):
            raise
        except OverdueError as error:
            raise ObservationError(self._late()) from error
        except BaseException as error:
            raise ObservationError(raised(error)) from error

    def _late(self) -> str:
        return f"no answer within {self._seconds:g} seconds"

    async def _within(self, coroutine: Awaitable[None]) -> None:
        try:
            async with asyncio.timeout(self._seconds):
                await coroutine
        except TimeoutError:
            raise ObservationError(f"it took more than {self._seconds:g} seconds") from None

    async def _exchange(self, scope: Message, body: bytes) -> Answer:
        exchange = _Exchange(body)
        running = _begun(self._app, scope, exchange.receive, exchange.send)
        ended = asyncio.ensure_future(exchange.ended.wait())
        both: set[asyncio.Future[Any]] = {running, ended}
        await asyncio.wait(both, timeout=self._seconds, return_when=asyncio.FIRST_COMPLETED)
        in_time = running.done() or ended.done()
        if exchange.whole and not running.done():
            await asyncio.wait({running}, timeout=self._grace)
        for task in both:
            task.cancel()
        await asyncio.wait(both, timeout=self._grace)
        if exchange.fault is not None:
            raise exchange.fault
        if exchange.status is not None:
            # Frameworks raise again what they have answered with status 500.
            return exchange.answer(exchange.status)
        if not in_time or _is_overdue(running):
            raise ObservationError(self._late())
        raise ObservationError(_fault(running))


def _begun(
    app: Application,
    scope: Message,
    receive: Callable[[], Awaitable[Message]],
    send: Callable[[Message], Awaitable[None]],
) -> asyncio.Future[None]:
    """Return a running call of the application; asyncio does not complain of its errors."""

    async def call() -> None:
        try:
            await app(scope, receive, send)
        except SystemExit as error:  # asyncio would end its loop with it
            raise ObservationError(raised(error)) from error

    running = asyncio.ensure_future(call())
    running.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
    return running


def _is_overdue(running: asyncio.Future[None]) -> bool:
    is_over = running.done() and not running.cancelled()
    return is_over and isinstance(running.exception(), OverdueError)


def _fault(running: asyncio.Future[None]) -> str:
    """Return how an application ended; the words of its error may hold anything, so not those."""
    error = None if running.cancelled() or not running.done() else running.exception()
    if isinstance(error, ObservationError):
        return str(error)
    return "it ended without an answer" if error is None else raised(error)


def _scope(request: Request, state: dict[str, Any]) -> Message:
    parts = urlsplit(request.url)
    fields: HeaderList = [(b"host", parts.netloc.encode("ascii")), *request.headers]
    if request.body:
        fields.append((b"content-length", b"%d" % len(request.body)))
    path = parts.path or "/"
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return {
        "type": "http",
        "asgi": _ASGI,
        "http_version": "1.1",
        "method": request.method,
        "scheme": parts.scheme,
        "path": unquote(path),
        "raw_path": path.encode("ascii"),
        "query_string": parts.query.encode("ascii"),
        "root_path": "",
        "headers": fields,
        "client": ("127.0.0.1", 50_000),
        "server": (parts.hostname, port),
        "extensions": {},
        "state": state,
    }


class _Exchange:
    """The server's side of one request."""

    def __init__(self, sent: bytes) -> None:
        self.status: int | None = None
        self.fault: ObservationError | None = None
        self._sent = sent
        self.whole = False
        self.ended = asyncio.Event()
        self._headers: HeaderList = []
        self._body = bytearray()
        self._asked = False
        self._messages = 0

    async def receive(self) -> Message:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": self._sent, "more_body": False}
        await self.ended.wait()
        await asyncio.sleep(0)  # as in `send`
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self._messages += 1
        if self._messages > _USUAL_MESSAGES:
            await asyncio.sleep(0)  # whoever sends for ever gives way nowhere else
        if self.ended.is_set():
            return
        if message["type"] == "http.response.start":
            self._headers = self._checked(message.get("headers", ()))
            self.status = message["status"]
        elif message["type"] == "http.response.body":
            self._body += message.get("body", b"")[: MAX_BODY_OCTETS + 1 - len(self._body)]
            self.whole = not message.get("more_body", False) and len(self._body) <= MAX_BODY_OCTETS
            if self.whole or len(self._body) > MAX_BODY_OCTETS:
                self.ended.set()

    def _checked(self, headers: Iterable[tuple[object, object]]) -> HeaderList:
        """Return header fields, as servers take them.

        Raises:
            ObservationError: One is no bytes. The application may catch that, so it is kept.
        """
        found: HeaderList = []
        for name, value in headers:
            if not isinstance(name, _OCTETS) or not isinstance(value, _OCTETS):
                self.fault = ObservationError("a header of its answer is not made of bytes")
                raise self.fault
            found.append((bytes(name).lower(), bytes(value)))
        return found

    def answer(self, status: int) -> Answer:
        body = bytes(self._body[:MAX_BODY_OCTETS])
        return Answer(status=status, headers=self._headers, body=body, whole=self.whole)


class _Lifespan:
    """The server's side of the lifespan protocol."""

    def __init__(self, app: Application) -> None:
        self.state: dict[str, Any] = {}
        self._app = app
        self._running: asyncio.Future[None] | None = None
        self._asked: asyncio.Queue[Message] = asyncio.Queue()
        self._said: asyncio.Queue[Message] = asyncio.Queue(1)  # whoever says more has to wait

    async def start(self) -> None:
        scope = {"type": "lifespan", "asgi": _ASGI, "state": self.state}
        self._running = _begun(self._app, scope, self._asked.get, self._said.put)
        if await self._ask("startup") == "lifespan.startup.failed":
            raise ObservationError("its start-up failed (lifespan.startup.failed)")

    async def stop(self) -> None:
        await self._ask("shutdown")

    async def _ask(self, event: str) -> str | None:
        """Send an event; return the answer, `None` from an application that knows no lifespan."""
        if self._running is None or self._running.done():
            return None
        await self._asked.put({"type": f"lifespan.{event}"})
        answer = asyncio.ensure_future(self._said.get())
        both: set[asyncio.Future[Any]] = {answer, self._running}
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done() and self._said.empty():
            # It raised or returned: it does not speak this part of the protocol.
            answer.cancel()
            error = None if self._running.cancelled() else self._running.exception()
            if isinstance(error, ObservationError):
                raise error
            return None
        return str((await answer)["type"])
