"""A site over HTTP or HTTPS, by the standard library's client: one connection for each request.

Certificates are verified, by the system's authorities or those that are named. Proxies named by the
environment are not used.
May not enter: which pages are asked for, redirects.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from contextlib import closing, suppress
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from cookieconsent.observation.answer import (
    MAX_BODY_OCTETS,
    PAGE_SECONDS,
    Answer,
    ObservationError,
    Request,
)


class HttpClient:
    """Sends requests over the network.

    Args:
        seconds: How long an answer may take, from connection to the end of the body.
        place: Host and port that are asked, whatever the address says; by default what it says.
        trust: Whose certificates are believed; by default those that the system believes.
    """

    def __init__(
        self,
        *,
        seconds: float = PAGE_SECONDS,
        place: tuple[str, int] | None = None,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._seconds = seconds
        self._place = place
        self._trust = trust

    def __enter__(self) -> Self:
        """Do nothing: each request has its own connection."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None:
        """Do nothing: each request has closed its own connection."""

    def send(self, request: Request) -> Answer:
        """Return what a request is answered with."""
        try:
            with closing(self._connection(request.url)) as connection:
                return self._exchange(connection, request)
        except ssl.SSLCertVerificationError as error:
            raise ObservationError(
                f"its certificate is not valid: {error.verify_message}"
            ) from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise ObservationError(_reason(error)) from error

    def _connection(self, url: str) -> http.client.HTTPConnection:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme == "https":
            context = self._trust or ssl.create_default_context()
            return http.client.HTTPSConnection(
                host, parts.port, timeout=self._seconds, context=context
            )
        return http.client.HTTPConnection(host, parts.port, timeout=self._seconds)

    def _connect(self, connection: http.client.HTTPConnection) -> None:
        if self._place is None:
            connection.connect()
            return
        reached = socket.create_connection(self._place, self._seconds)
        if isinstance(connection, http.client.HTTPSConnection):
            context = self._trust or ssl.create_default_context()
            reached = context.wrap_socket(reached, server_hostname=connection.host)
        connection.sock = reached

    def _exchange(self, connection: http.client.HTTPConnection, request: Request) -> Answer:
        self._connect(connection)
        # The socket's own time-out begins anew with each byte that drips in.
        watch = threading.Timer(self._seconds, _hang_up, [connection.sock])
        watch.daemon = True
        watch.start()
        try:
            parts = urlsplit(request.url)._replace(scheme="", netloc="")
            connection.putrequest(request.method, parts.geturl() or "/")
            for name, value in request.headers:
                connection.putheader(name.decode("ascii"), value)
            if request.body:
                connection.putheader("content-length", str(len(request.body)))
            connection.putheader("connection", "close")
            connection.endheaders(request.body or None)
            response = connection.getresponse()
            body = response.read(MAX_BODY_OCTETS + 1)
        finally:
            watch.cancel()
        return Answer(
            status=response.status,
            headers=[
                (name.lower().encode("latin-1"), value.encode("latin-1"))
                for name, value in response.getheaders()
            ],
            body=body[:MAX_BODY_OCTETS],
            whole=len(body) <= MAX_BODY_OCTETS,
        )


def _hang_up(connected: socket.socket) -> None:
    with suppress(OSError):  # it is closed already
        connected.shutdown(socket.SHUT_RDWR)


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, socket.gaierror):
        return "its name is not known"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return f"no HTTP answer ({type(error).__name__})"
