"""The cache oracle stores what it may and nothing else."""

from __future__ import annotations

import pytest

from oracles.cache import Cache, Headers, Response


class Counting:
    """An origin that answers with a number, and with 304 to its own validator."""

    def __init__(self, *headers: tuple[bytes, bytes], status: int = 200) -> None:
        self.headers = list(headers)
        self.status = status
        self.requests: list[Headers] = []

    def __call__(self, method: str, url: str, headers: Headers) -> Response:
        self.requests.append(list(headers))
        tags = [value for name, value in self.headers if name == b"etag"]
        asked = b",".join(value for name, value in headers if name == b"if-none-match")
        if tags and tags[0] in asked:
            return Response(304, self.headers, b"")
        return Response(self.status, self.headers, b"%d" % len(self.requests))


def bodies(cache: Cache, *requests: Headers) -> list[bytes]:
    return [cache.fetch("GET", "/", headers).body for headers in requests]


@pytest.mark.parametrize(
    ("headers", "shared", "private"),
    [
        ([], True, True),
        ([(b"cache-control", b"max-age=60")], True, True),
        ([(b"cache-control", b"private, max-age=60")], False, True),
        ([(b"cache-control", b'private="x-user", max-age=60')], True, True),
        ([(b"cache-control", b"no-store")], False, False),
        ([(b"cache-control", b"no-cache")], False, False),
        ([(b"cache-control", b"max-age=0")], False, False),
        ([(b"cache-control", b"max-age=0, s-maxage=60")], True, False),
        ([(b"cache-control", b"public"), (b"set-cookie", b"a=1")], True, True),
        ([(b"cache-control", b"private"), (b"cdn-cache-control", b"max-age=60")], True, True),
        ([(b"vary", b"*")], False, False),
    ],
)
def test_what_is_stored(headers: Headers, shared: bool, private: bool) -> None:
    for is_shared, stored in ((True, shared), (False, private)):
        cache = Cache(Counting(*headers), shared=is_shared)
        assert bodies(cache, [], []) == ([b"1", b"1"] if stored else [b"1", b"2"])
        assert cache.hits == stored


def test_vary_selects_among_stored_answers() -> None:
    headers = [(b"vary", b"Cookie"), (b"cache-control", b"max-age=60")]
    one, two = [(b"cookie", b"a=1")], [(b"cookie", b"a=2")]
    assert bodies(Cache(Counting(*headers)), one, two, one, two, []) == [
        b"1",
        b"2",
        b"1",
        b"2",
        b"3",
    ]
    careless = Cache(Counting(*headers), ignores=[b"cookie"])
    assert bodies(careless, one, two, []) == [b"1", b"1", b"1"]


def test_stale_answer_is_validated() -> None:
    origin = Counting((b"etag", b'"a"'), (b"cache-control", b"max-age=10"))
    cache = Cache(origin)
    assert bodies(cache, []) == [b"1"]
    cache.now = 11
    assert bodies(cache, []) == [b"1"]
    assert origin.requests[1] == [(b"if-none-match", b'"a"')]
    cache.now = 20
    assert bodies(cache, []) == [b"1"]
    assert len(origin.requests) == 2


def test_validators_of_all_variants_are_sent() -> None:
    origin = Counting((b"etag", b'"a"'), (b"vary", b"Cookie"))
    cache = Cache(origin)
    bodies(cache, [(b"cookie", b"a=1")])
    assert bodies(cache, [(b"cookie", b"a=2")]) == [b"1"], "selected by the validator of the 304"


def test_own_condition_is_answered_from_the_store() -> None:
    origin = Counting((b"etag", b'W/"a"'), (b"cache-control", b"max-age=10"))
    cache = Cache(origin)
    bodies(cache, [])
    answer = cache.fetch("GET", "/", [(b"if-none-match", b'"a"')])
    assert (answer.status, answer.body, answer.cached) == (304, b"", True)


def test_form_clears_the_address() -> None:
    cache = Cache(Counting((b"cache-control", b"max-age=60")))
    bodies(cache, [])
    cache.fetch("POST", "/")
    assert bodies(cache, []) == [b"3"]
