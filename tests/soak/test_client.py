"""The client's own checks: what it takes for a response, and what it refuses to take for one."""

from __future__ import annotations

import asyncio

import pytest

from soak.client import MalformedError, Request, Response, read_response

OK = b"HTTP/1.1 200 OK\r\n"


def read(octets: bytes, method: str = "GET") -> Response:
    async def reading() -> Response:
        reader = asyncio.StreamReader()
        reader.feed_data(octets)
        reader.feed_eof()
        return await read_response(reader, method)

    return asyncio.run(reading())


@pytest.mark.parametrize(
    ("octets", "method", "body", "stays"),
    [
        (OK + b"Content-Length: 2\r\n\r\nhi", "GET", b"hi", True),
        (OK + b"Content-Length: 2\r\n\r\n", "HEAD", b"", True),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", "HEAD", b"", True),
        (OK + b"Connection: close\r\nContent-Length: 2\r\n\r\nhi", "GET", b"hi", False),
        (
            OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\nh\r\n1\r\ni\r\n0\r\n\r\n",
            "GET",
            b"hi",
            True,
        ),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", "GET", b"", True),
        (b"HTTP/1.0 200 OK\r\n\r\nhi", "GET", b"hi", False),
    ],
)
def test_whole_responses_are_read(octets: bytes, method: str, body: bytes, stays: bool) -> None:
    response = read(octets, method)
    assert (response.body, response.stays) == (body, stays)


@pytest.mark.parametrize(
    ("octets", "method"),
    [
        (b"", "GET"),
        (b"hi", "GET"),
        (b"HTTP/1.1 200\r\n\r\n", "GET"),
        (b"hiHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "GET"),
        (OK + b"Content-Length: 2\r\n", "GET"),
        (OK + b"Content-Length: 2\r\n\r\nh", "GET"),
        (OK + b"Content-Length: -2\r\n\r\nhi", "GET"),
        (OK + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\nhi", "GET"),
        (OK + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nhi", "GET"),
        (OK + b"Transfer-Encoding: gzip\r\n\r\nhi", "GET"),
        (OK + b"No colon\r\nContent-Length: 0\r\n\r\n", "GET"),
        (OK + b"A: b\nContent-Length: 0\r\n\r\n", "GET"),
        (OK + b"A: \x00\r\nContent-Length: 0\r\n\r\n", "GET"),
        (OK + b"\r\nhi", "GET"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n", "GET"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\nhi\r\n0\r\n\r\n", "GET"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\nx\r\nhi\r\n0\r\n\r\n", "GET"),
        (OK + b"Connection: close\r\nContent-Length: 1\r\n\r\nhi", "GET"),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", "HEAD"),
    ],
)
def test_what_is_badly_framed_is_an_error(octets: bytes, method: str) -> None:
    with pytest.raises(MalformedError):
        read(octets, method)


def test_forms_carry_their_length() -> None:
    request = Request(method="POST", target="/", headers=(("Host", "a"),), body=b"x=1")
    assert request.octets() == b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nx=1"
