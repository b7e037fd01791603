"""A small HTTP/1.1 client that forgives nothing: what is not exactly framed is an error.

Browsers repair much of what servers get wrong, so they would hide a short body, a second length, or a
response that has got bytes of its neighbour. Sources: RFC 9112, sections 4 to 9.
May not enter: cookies, pages, what a response should say.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

HOST: Final = "127.0.0.1"
PATIENCE: Final = 60
"""Seconds that one exchange may take on a busy machine."""

_STATUS_LINE = re.compile(rb"(HTTP/1\.[01]) ([1-5][0-9]{2}) [\t\x20-\x7e\x80-\xff]*\r\n")
_FIELD_LINE = re.compile(
    rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[\t ]*([\t\x20-\x7e\x80-\xff]*?)[\t ]*\r\n"
)
_CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,8})\r\n")
_DECIMAL = re.compile(rb"[0-9]{1,9}")
_BODILESS = frozenset({204, 304})


class MalformedError(Exception):
    """What came is no HTTP response, or only a part of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request, as it is sent."""

    method: str = "GET"
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def octets(self) -> bytes:
        """Return the request as it stands on the wire."""
        lines = [f"{self.method} {self.target} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.method == "POST":
            lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + self.body


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A whole response."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    """Names in lower case."""
    body: bytes
    stays: bool = True
    """Whether the connection may be used again."""

    def values(self, name: bytes) -> list[bytes]:
        """Return the values of a field, in order."""
        return [value for key, value in self.headers if key == name]


async def read_response(reader: asyncio.StreamReader, method: str) -> Response:
    """Read one response to the last of its bytes.

    Raises:
        MalformedError: It is not framed as RFC 9112 wants it, or the connection ended early.
    """
    try:
        version, status, headers = await _read_head(reader)
        response = Response(
            status=status, headers=headers, body=b"", stays=_stays(version, headers)
        )
        body = await _read_body(reader, method, response)
        if not response.stays and await reader.read():
            raise MalformedError("bytes behind the end of the response")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise MalformedError(f"the connection ended in mid-response: {error}") from error
    return Response(status=status, headers=headers, body=body, stays=response.stays)


async def _read_head(
    reader: asyncio.StreamReader,
) -> tuple[bytes, int, tuple[tuple[bytes, bytes], ...]]:
    line = await reader.readuntil(b"\n")
    found = _STATUS_LINE.fullmatch(line)
    if found is None:
        raise MalformedError(f"no status line: {line[:80]!r}")
    headers = []
    while (line := await reader.readuntil(b"\n")) != b"\r\n":
        field = _FIELD_LINE.fullmatch(line)
        if field is None:
            raise MalformedError(f"no header line: {line[:80]!r}")
        headers.append((field[1].lower(), field[2]))
    return found[1], int(found[2]), tuple(headers)


def _stays(version: bytes, headers: tuple[tuple[bytes, bytes], ...]) -> bool:
    """Tell whether the connection persists (RFC 9112, 9.3); no server here offers it in 1.0."""
    closes = any(name == b"connection" and b"close" in value.lower() for name, value in headers)
    return version == b"HTTP/1.1" and not closes


async def _read_body(reader: asyncio.StreamReader, method: str, head: Response) -> bytes:
    lengths, codings = head.values(b"content-length"), head.values(b"transfer-encoding")
    if len(lengths) + len(codings) > 1:
        raise MalformedError(f"framed more than once: {lengths} {codings}")
    if lengths and not _DECIMAL.fullmatch(lengths[0]):
        raise MalformedError(f"no length: {lengths[0]!r}")
    if codings and codings[0].lower() != b"chunked":
        raise MalformedError(f"an unknown transfer coding: {codings[0]!r}")
    if method == "HEAD" or head.status in _BODILESS:
        return b""
    if codings:
        return await _read_chunks(reader)
    if lengths:
        return await reader.readexactly(int(lengths[0]))
    if head.stays:
        raise MalformedError("a body without an end")
    return await reader.read()


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while True:
        line = await reader.readuntil(b"\n")
        found = _CHUNK_LINE.fullmatch(line)
        if found is None:
            raise MalformedError(f"no chunk: {line[:80]!r}")
        size = int(found[1], 16)
        chunk = await reader.readexactly(size + 2)
        if not chunk.endswith(b"\r\n"):
            raise MalformedError("a chunk that is longer than it says")
        if not size:
            return body
        body += chunk[:-2]


class Connection:
    """A connection to a server on this machine, opened anew whenever the server has closed it.

    Args:
        port: Where the server listens.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(self, request: Request) -> Response:
        """Send a request and return the whole response.

        Raises:
            MalformedError: The response is not exactly framed.
            OSError: The connection failed, or nothing came in `PATIENCE` seconds.
        """
        async with asyncio.timeout(PATIENCE):
            if self._streams is None:
                self._streams = await asyncio.open_connection(HOST, self._port)
            reader, writer = self._streams
            writer.write(request.octets())
            response = await read_response(reader, request.method)
        if not response.stays:
            await self.close()
        return response

    async def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._streams is not None:
            writer, self._streams = self._streams[1], None
            writer.close()
            with suppress(OSError):  # all that was to come has come, or is missed already
                await writer.wait_closed()
