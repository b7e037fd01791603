"""An application of this process, served on loopback, for what can only be seen through a socket.

May not enter: which pages are asked for.
"""

from __future__ import annotations

import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from cookieconsent.observation.answer import PAGE_SECONDS, ObservationError
from cookieconsent.observation.loading import protocol_of

_IDLE_SECONDS: Final = 30
_FAREWELL_SECONDS: Final = 2
_POLL_SECONDS: Final = 0.05


def listening() -> tuple[socket.socket, str]:
    """Return a socket on a free port of loopback, and the address that it will be reached by.

    The address is `http://localhost`, where browsers take `Secure` cookies without https.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    return listener, f"http://localhost:{listener.getsockname()[1]}/"


@contextmanager
def served(app: Any, at: tuple[socket.socket, str] | None = None) -> Iterator[str]:  # noqa: ANN401 - any of the two protocols
    """Serve an application, and give the address of its first page.

    Args:
        app: An ASGI 3 or a WSGI application.
        at: The socket and its address, as `listening` gives them; by default new ones.

    Raises:
        ObservationError: It is no application, or could not be started.
    """
    listener, address = at or listening()
    with listener:
        serving = _served_asgi if protocol_of(app) == "ASGI" else _served_wsgi
        with serving(app, listener):
            yield address


@contextmanager
def _served_asgi(app: Any, listener: socket.socket) -> Iterator[None]:  # noqa: ANN401 - as above
    try:
        import uvicorn  # noqa: PLC0415 - an extra
    except ImportError:
        raise ObservationError(
            "an ASGI application is served by uvicorn. Install cookieconsent[browser]."
        ) from None
    config = uvicorn.Config(
        app,
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_FAREWELL_SECONDS,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=_run, args=[server, listener], daemon=True)
    thread.start()
    try:
        _await_start(server, thread)
        yield
    finally:
        server.should_exit = True
        thread.join(PAGE_SECONDS)


def _run(server: Any, listener: socket.socket) -> None:  # noqa: ANN401 - an extra
    with suppress(SystemExit):  # how uvicorn says that an application has not started
        server.run(sockets=[listener])


def _await_start(server: Any, thread: threading.Thread) -> None:  # noqa: ANN401 - an extra
    end = time.monotonic() + PAGE_SECONDS
    while not server.started:
        if not thread.is_alive():
            raise ObservationError("its start-up failed (lifespan.startup.failed)")
        if time.monotonic() > end:
            raise ObservationError(f"it had not started within {PAGE_SECONDS:g} seconds")
        time.sleep(_POLL_SECONDS)


@contextmanager
def _served_wsgi(app: Any, listener: socket.socket) -> Iterator[None]:  # noqa: ANN401 - as above
    server = _Server(listener)
    server.set_app(app)
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": _POLL_SECONDS}, daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join(PAGE_SECONDS)


class _Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, listener: socket.socket) -> None:
        address = listener.getsockname()
        super().__init__(address, _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        # Not the standard one's name, which is looked up and may take seconds.
        self.server_name, self.server_port = "localhost", address[1]
        self.setup_environ()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: what an application answers is what is looked at."""


class _Handler(WSGIRequestHandler):
    timeout = _IDLE_SECONDS
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
        """Say nothing."""
