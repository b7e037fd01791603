"""Two servers for the demo shop, uvicorn and the standard library's, on a socket that listens.

Neither says anything of its own; both run until they are interrupted.
May not enter: arguments, messages.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable

from cookieconsent.demo.shop import Shop
from cookieconsent.observation.serving import WsgiServer

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


class _Server(WsgiServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of browsers that hang up or never ask."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)
