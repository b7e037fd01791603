"""An application of this process, served on loopback, for what can only be seen through a socket.

May not enter: which pages are asked for.
"""

from __future__ import annotations

import socket
import socketserver
import ssl
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from cookieconsent.core.protocol import Door
from cookieconsent.observation.answer import PAGE_SECONDS, ObservationError
from cookieconsent.observation.loading import protocol_of

_IDLE_SECONDS: Final = 30
_FAREWELL_SECONDS: Final = 2
_POLL_SECONDS: Final = 0.05


def listening() -> socket.socket:
    """Return a socket on a free port of loopback."""
    return socket.create_server(("127.0.0.1", 0))


@contextmanager
def served(
    app: Any,  # noqa: ANN401 - any of the two protocols
    listener: socket.socket | None = None,
    *,
    pem: bytes | None = None,
    protocol: Door | None = None,
) -> Iterator[str]:
    """Serve an application, and give the address of its first page.

    The address is one of `localhost`, where browsers take `Secure` cookies even without https.

    Args:
        app: An ASGI 3 or a WSGI application.
        listener: The socket, as `listening` gives it; by default a new one.
        protocol: Which of the two it is; by default what its arguments tell.
        pem: Key and certificate for https; http where it is `None`.

    Raises:
        ObservationError: It is no application, or could not be started.
    """
    with listener or listening() as opened, _file(pem) as certificate:
        speaks = protocol or protocol_of(app)
        serving = _served_asgi if speaks == "ASGI" else _served_wsgi
        with serving(app, opened, certificate):
            scheme = "http" if certificate is None else "https"
            yield f"{scheme}://localhost:{opened.getsockname()[1]}/"


@contextmanager
def _file(pem: bytes | None) -> Iterator[Path | None]:
    """Give a file that nobody else may read: servers take keys from files alone."""
    if pem is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="cookieconsent-") as folder:
        file = Path(folder, "certificate.pem")
        file.write_bytes(pem)
        yield file


@contextmanager
def _served_asgi(
    app: Any,  # noqa: ANN401 - as above
    listener: socket.socket,
    certificate: Path | None,
) -> Iterator[None]:
    try:
        import uvicorn  # noqa: PLC0415 - an extra
    except ImportError:
        raise ObservationError(
            "an ASGI application is served by uvicorn. Install cookieconsent[browser]."
        ) from None
    config = uvicorn.Config(
        app,
        interface="asgi3",  # not guessed from how the application is written
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        ssl_certfile=certificate,
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
def _served_wsgi(
    app: Any,  # noqa: ANN401 - as above
    listener: socket.socket,
    certificate: Path | None,
) -> Iterator[None]:
    server = WsgiServer(listener, certificate)
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


class WsgiServer(socketserver.ThreadingMixIn, WSGIServer):
    """The standard library's server on a socket that listens, a thread for each connection.

    Args:
        listener: The socket.
        certificate: A file with key and certificate for https; http where it is `None`.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self, listener: socket.socket, certificate: Path | None = None) -> None:
        address = listener.getsockname()
        super().__init__(address, _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        # Not the standard one's name, which is looked up and may take seconds.
        self.server_name: str = address[0]
        self.server_port: int = address[1]
        self.setup_environ()
        self._security: ssl.SSLContext | None = None
        if certificate is not None:
            self._security = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            self._security.load_cert_chain(certificate)
            self.base_environ["HTTPS"] = "on"  # so that `wsgi.url_scheme` is https

    def get_request(self) -> tuple[socket.socket, Any]:
        """Take a connection; who does not begin with its hand-shake holds up nobody else."""
        connection, address = super().get_request()
        if self._security is None:
            return connection, address
        connection.settimeout(_IDLE_SECONDS)
        wrapped = self._security.wrap_socket(
            connection, server_side=True, do_handshake_on_connect=False
        )
        return wrapped, address

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: what an application answers is what is looked at."""


class _Handler(WSGIRequestHandler):
    timeout = _IDLE_SECONDS
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
        """Say nothing."""
