"""What passes when the rules themselves have failed."""

from __future__ import annotations

import pytest

from cookieconsent.core.closed import request_left, response_left
from cookieconsent.core.headers import HeaderList

EXEMPT = frozenset({b"sid", b"cart"})

REQUESTS: list[tuple[list[bytes], bytes | None]] = [
    ([], None),
    ([b""], None),
    ([b"sid=1"], b"sid=1"),
    ([b"_ga=1; sid=1 ;x=2"], b"sid=1"),
    ([b"sid=1", b"cart=2; _ga=3"], b"sid=1; cart=2"),
    ([b" sid =1"], b"sid =1"),
    ([b"sid"], None),
    ([b"=sid"], None),
    ([b"SID=1"], None),
    ([b"sid=\x011; cart=2"], b"cart=2"),
    ([b"sid=a=b"], b"sid=a=b"),
]


@pytest.mark.parametrize(("lines", "left"), REQUESTS)
def test_request_keeps_exact_names_alone(lines: list[bytes], left: bytes | None) -> None:
    assert request_left(lines, EXEMPT) == left


RESPONSES: list[tuple[bytes, bool]] = [
    (b"sid=1", True),
    (b"sid=1; Path=/; HttpOnly", True),
    (b" cart =1; Path=/", True),
    (b"_ga=1", False),
    (b"sid; Path=/", False),
    (b"=sid", False),
    (b"", False),
    (b"sid=1\x00", False),
    (b"sid=1; Path=/\r\nx: y", False),
    (b"_ga=1; sid=2", False),
]


@pytest.mark.parametrize(("line", "passes"), RESPONSES)
@pytest.mark.parametrize("name", [b"set-cookie", b"Set-Cookie"])
def test_response_keeps_exact_names_alone(name: bytes, line: bytes, passes: bool) -> None:
    head: HeaderList = [(b"etag", b"a"), (name, line)]
    assert response_left(head, EXEMPT) == (head if passes else head[:1])
