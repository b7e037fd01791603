"""Two servers for the demo shop, uvicorn and the standard library's, on a socket that listens.

Neither says anything of its own; both run until they are interrupted.
May not enter: arguments, messages.
"""

from __future__ import annotations

import socket
import socketserver
import sys
from collections.abc import Callable
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from cookieconsent.demo.shop import Shop

_IDLE_SECONDS = 30
_FAREWELL_SECONDS = 2
Announce = Callable[[], None]


def serve_asgi(shop: Shop, listener: socket.socket, announce: Announce) -> None:
    """Serve the shop's ASGI door by uvicorn.

    Args:
        shop: The shop.
        listener: A socket that listens.
        announce: Called once, when requests are accepted.
    """
    import uvicorn  # noqa: PLC0415 - the other door does without

    from cookieconsent.demo.asgi import application  # noqa: PLC0415

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            announce()

    config = uvicorn.Config(
        application(shop),
        log_config=None,
        log_level="critical",  # an upload that was cut off at the end is nobody's business
        access_log=False,  # the recorder notes each request, for both doors
        lifespan="off",
        ws="none",
        server_header=False,
        timeout_graceful_shutdown=_FAREWELL_SECONDS,
    )
    Server(config).run(sockets=[listener])


def serve_wsgi(shop: Shop, listener: socket.socket, announce: Announce) -> None:
    """Serve the shop's WSGI door by the standard library, a thread per connection.

    Args:
        shop: The shop.
        listener: A socket that listens.
        announce: Called once, when requests are accepted.
    """
    from cookieconsent.demo.wsgi import application  # noqa: PLC0415 - as above

    server = _Server(listener)
    server.set_app(application(shop))
    announce()
    server.serve_forever()


class _Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, listener: socket.socket) -> None:
        address = listener.getsockname()
        super().__init__(address, _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        self.server_name, self.server_port = address[:2]
        self.setup_environ()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of browsers that hang up or never ask."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(WSGIRequestHandler):
    timeout = _IDLE_SECONDS
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
        """Say nothing: the recorder notes each request."""
