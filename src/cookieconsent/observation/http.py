"""A site over HTTP or HTTPS, by the standard library's client: one connection for each request.

Certificates are verified. Proxies named by the environment are not used.
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

from cookieconsent.core.headers import HeaderList
from cookieconsent.observation.answer import (
    MAX_BODY_OCTETS,
    PAGE_SECONDS,
    Answer,
    ObservationError,
)


class HttpClient:
    """Sends requests over the network.

    Args:
        seconds: How long an answer may take, from connection to the end of the body.
    """

    def __init__(self, *, seconds: float = PAGE_SECONDS) -> None:
        self._seconds = seconds

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

    def get(self, url: str, headers: HeaderList) -> Answer:
        """Return what a GET request is answered with."""
        try:
            with closing(self._connection(url)) as connection:
                return self._exchange(connection, url, headers)
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
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(
                host, parts.port, timeout=self._seconds, context=context
            )
        return http.client.HTTPConnection(host, parts.port, timeout=self._seconds)

    def _exchange(
        self, connection: http.client.HTTPConnection, url: str, headers: HeaderList
    ) -> Answer:
        connection.connect()
        # The socket's own time-out begins anew with each byte that drips in.
        watch = threading.Timer(self._seconds, _hang_up, [connection.sock])
        watch.daemon = True
        watch.start()
        try:
            parts = urlsplit(url)
            connection.putrequest("GET", parts._replace(scheme="", netloc="").geturl() or "/")
            for name, value in headers:
                connection.putheader(name.decode("ascii"), value)
            connection.putheader("connection", "close")
            connection.endheaders()
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
