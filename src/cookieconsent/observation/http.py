"""A site over HTTP or HTTPS, by the standard library's client: one connection for each request.

Certificates are verified, by the system's authorities or those that are named. Proxies named by the
environment are not used.
May not enter: which pages are asked for, redirects.
"""

from __future__ import annotations

import http.client
import re
import socket
import ssl
import threading
from collections.abc import Iterable
from contextlib import closing, suppress
from email.errors import MissingHeaderBodySeparatorDefect
from io import BufferedReader
from typing import Final, cast
from urllib.parse import urlsplit

from cookieconsent.core.headers import HeaderList
from cookieconsent.observation.answer import (
    MAX_BODY_OCTETS,
    PAGE_SECONDS,
    Answer,
    ObservationError,
    ReadyClient,
    Request,
)

_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.6.2
_FRAMING: Final = {b"content-length", b"transfer-encoding"}
"""Fields that tell where a body ends; what `http.client` lost of them, it did not go by."""
_LINE_END: Final = re.compile(r"\r?\n")
_FOLD: Final = re.compile(r"\r?\n[ \t]+")


class HttpClient(ReadyClient):
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
            connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                host, parts.port, timeout=self._seconds, context=context
            )
        else:
            connection = http.client.HTTPConnection(host, parts.port, timeout=self._seconds)
        connection.response_class = _Response
        return connection

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
        late = threading.Event()
        watch = threading.Timer(self._seconds, _hang_up, [connection.sock, late])
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
            body, breaks_off = _body(response)
        except (OSError, http.client.HTTPException, ObservationError) as error:
            if late.is_set():
                raise TimeoutError from error
            raise
        finally:
            watch.cancel()
        lost = _lost(response)
        return Answer(
            status=response.status,
            headers=[*_fields(response.getheaders()), *lost],
            body=body[:MAX_BODY_OCTETS],
            whole=len(body) <= MAX_BODY_OCTETS
            and not breaks_off
            and not response.length  # of what was told, nothing is left
            and not late.is_set()
            and not any(name in _FRAMING for name, _ in lost),
        )


class _Response(http.client.HTTPResponse):
    """An answer of which the head has to be there to its end (RFC 9112, section 8)."""

    def begin(self) -> None:
        """Read the head.

        Raises:
            ObservationError: It broke off; for `http.client` that is its end.
        """
        lines = _Lines(self.fp)
        self.fp = cast("BufferedReader", lines)
        try:
            super().begin()
        finally:
            if self.fp is not None:  # what has no body is closed by now
                self.fp = lines.inside
        if lines.break_off:
            raise ObservationError("the head of its answer broke off")


class _Lines:
    """What a head is read from."""

    def __init__(self, inside: BufferedReader) -> None:
        self.inside = inside
        self.break_off = False

    def readline(self, limit: int = -1) -> bytes:
        line = self.inside.readline(limit)
        self.break_off = not line.endswith(b"\n")
        return line

    def close(self) -> None:
        self.inside.close()


def _body(response: http.client.HTTPResponse) -> tuple[bytes, bool]:
    """Return what is read of a body, and whether its last chunk is missing."""
    try:
        return response.read(MAX_BODY_OCTETS + 1), False
    except http.client.IncompleteRead as error:
        return error.partial, True


def _fields(pairs: Iterable[tuple[str, str]]) -> HeaderList:
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in pairs]


def _lost(response: http.client.HTTPResponse) -> HeaderList:
    """Return the fields behind a malformed line, with which `http.client` ends the head.

    Browsers skip such a line, and take a name with white space before its colon.

    Raises:
        ObservationError: They cannot be told any more.
    """
    if not any(isinstance(d, MissingHeaderBodySeparatorDefect) for d in response.headers.defects):
        return []
    lost = response.headers.get_payload()
    if not isinstance(lost, str):
        raise ObservationError("the head of its answer is malformed")
    pairs = (line.partition(":")[::2] for line in _LINE_END.split(_FOLD.sub(" ", lost)))
    fields = [(name.rstrip(" \t"), value.strip(" \t")) for name, value in pairs]
    return _fields(field for field in fields if _TOKEN.fullmatch(field[0]))


def _hang_up(connected: socket.socket, late: threading.Event) -> None:
    late.set()
    with suppress(OSError):  # it is closed already
        connected.shutdown(socket.SHUT_RDWR)


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, socket.gaierror):
        return "its name is not known"
    if isinstance(error, UnicodeError):  # an empty label, or one that is too long
        return "its host is no name"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return f"no HTTP answer ({type(error).__name__})"
