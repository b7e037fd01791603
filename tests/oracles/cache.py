"""An HTTP cache after RFC 9111, as eager as the RFC lets it be, to be put in front of an application.

It stores whatever may be stored (answers with `Set-Cookie` too, section 7.3), makes up a lifetime
where none is given (section 4.2.2), asks with the validators of everything it has for an address
(section 4.3.1) and freshens what a 304 selects (section 4.3.4). Whoever must not see another's answer
has to say so in the headers.

Left out: ranges, HEAD, trailers, `stale-*` and `must-understand`; none of them shares more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

__all__ = ["Cache", "Origin", "Response"]

Headers: TypeAlias = Sequence[tuple[bytes, bytes]]

_MEMBER = re.compile(rb'(?:[^,"]|"(?:[^"\\]|\\.)*")+')
_ETAG = re.compile(rb'(?:W/)?"[^"]*"|\*')
# RFC 9110 15.1: the statuses that may be stored without an explicit lifetime.
_HEURISTIC_STATUSES = frozenset({200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501})
# RFC 9111 3.2: what a 304 may not change.
_KEPT_FIELDS = frozenset(
    {b"content-length", b"content-encoding", b"content-type", b"content-range"}
)


@dataclass(frozen=True, slots=True)
class Response:
    """An answer, from the cache or from behind it."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    cached: bool = field(default=False, compare=False)

    def values(self, name: bytes) -> list[bytes]:
        """Give the values of all headers of one (lower-case) name."""
        return _values(self.headers, name)


Origin: TypeAlias = Callable[[str, str, Headers], Response]
"""What answers: method, address, headers."""


def _values(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> list[bytes]:
    return [value for key, value in headers if key.lower() == name]


def _members(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> list[bytes]:
    text = b",".join(_values(headers, name))
    return [member.strip(b" \t") for member in _MEMBER.findall(text) if member.strip(b" \t")]


def _directives(headers: Headers, name: bytes) -> dict[bytes, bytes | None]:
    found: dict[bytes, bytes | None] = {}
    for member in _members(headers, name):
        key, equals, value = member.partition(b"=")
        found[key.strip().lower()] = value.strip().strip(b'"') if equals else None
    return found


def _opaque(etag: bytes) -> bytes:
    # RFC 9110 8.8.3.2: weak comparison.
    return etag.removeprefix(b"W/")


@dataclass(slots=True)
class _Stored:
    response: Response
    since: float
    lifetime: float
    no_cache: bool
    selecting: dict[bytes, list[bytes]] | None
    """The request fields that `Vary` names, as they were; `None` for `*`."""

    @property
    def etag(self) -> bytes | None:
        tags = self.response.values(b"etag")
        return tags[0] if tags else None

    def fits(self, headers: Headers) -> bool:
        return self.selecting is not None and all(
            _values(headers, name) == values for name, values in self.selecting.items()
        )


class Cache:
    """A cache in front of an origin.

    Args:
        origin: What answers.
        shared: Whether it serves many visitors; a browser's own cache serves one.
        ignores: Fields of `Vary` that it does not look at; many CDNs ignore `Cookie`.
        heuristic: The lifetime in seconds of what says nothing about it.
        targeted: The field that overrules `Cache-Control` for this cache (RFC 9213).
    """

    def __init__(
        self,
        origin: Origin,
        *,
        shared: bool = True,
        ignores: Iterable[bytes] = (),
        heuristic: float = 60.0,
        targeted: bytes = b"cdn-cache-control",
    ) -> None:
        self.now = 0.0
        self.hits = 0
        """How often it answered without asking the origin for the whole."""
        self._origin = origin
        self._shared = shared
        self._ignores = frozenset(ignores)
        self._heuristic = heuristic
        self._targeted = targeted
        self._store: dict[str, list[_Stored]] = {}

    def stored(self) -> list[Response]:
        """Give everything that is kept."""
        return [kept.response for responses in self._store.values() for kept in responses]

    def fetch(self, method: str, url: str, headers: Headers = ()) -> Response:
        """Answer a request, from the store where the headers of the stored answer allow it."""
        if method != "GET" or b"no-store" in _directives(headers, b"cache-control"):
            response = self._origin(method, url, headers)
            if method not in {"GET", "HEAD", "OPTIONS", "TRACE"} and response.status < 400:
                self._store.pop(url, None)  # section 4.4
            return response
        kept = self._store.setdefault(url, [])
        for candidate in reversed(kept):
            fresh = self.now - candidate.since < candidate.lifetime and not candidate.no_cache
            if fresh and candidate.fits(headers):
                self.hits += 1
                return _conditional(candidate.response, headers)
        return self._validate(url, headers, kept)

    def _validate(self, url: str, headers: Headers, kept: list[_Stored]) -> Response:
        own = [stored.etag for stored in kept if stored.etag is not None]
        asked = _members(headers, b"if-none-match")
        sent = [pair for pair in headers if pair[0] != b"if-none-match"]
        if tags := list(dict.fromkeys([*asked, *own])):
            sent.append((b"if-none-match", b", ".join(tags)))
        response = self._origin("GET", url, sent)
        if response.status == 304:
            selected = self._freshen(kept, response)
            if selected is not None:
                self.hits += 1
                return _conditional(selected, headers)
            if asked:
                return response  # it answers the visitor's own condition
            response = self._origin("GET", url, headers)
        self._keep(kept, headers, response)
        return _conditional(response, headers, cached=False)

    def _freshen(self, kept: list[_Stored], response: Response) -> Response | None:
        tags = response.values(b"etag")
        for stored in reversed(kept):
            if tags and stored.etag is not None and _opaque(stored.etag) == _opaque(tags[0]):
                new = [pair for pair in response.headers if pair[0] not in _KEPT_FIELDS]
                names = {name for name, _ in new}
                old = [pair for pair in stored.response.headers if pair[0] not in names]
                stored.response = Response(
                    stored.response.status, [*old, *new], stored.response.body
                )
                lifetime = self._lifetime(stored.response)
                if lifetime is None:
                    kept.remove(stored)
                else:
                    stored.since, stored.lifetime = self.now, lifetime
                return stored.response
        return None

    def _keep(self, kept: list[_Stored], headers: Headers, response: Response) -> None:
        lifetime = self._lifetime(response)
        shared_login = self._shared and _values(headers, b"authorization")
        if lifetime is None or response.status in {206, 304} or shared_login:
            return
        names = [name.lower() for name in _members(response.headers, b"vary")]
        selecting = {name: _values(headers, name) for name in names if name not in self._ignores}
        found = _Stored(
            response,
            self.now,
            lifetime,
            b"no-cache" in _directives(response.headers, b"cache-control"),
            None if b"*" in names else selecting,
        )
        kept[:] = [old for old in kept if old.selecting != found.selecting] + [found]

    def _lifetime(self, response: Response) -> float | None:
        """Return for how long an answer stays fresh; `None` where it may not be kept."""
        rules = _directives(response.headers, b"cache-control")
        if self._shared and response.values(self._targeted):
            rules = _directives(response.headers, self._targeted)
        if b"no-store" in rules or (
            self._shared and b"private" in rules and rules[b"private"] is None
        ):
            return None
        for name in (b"s-maxage", b"max-age") if self._shared else (b"max-age",):
            value = rules.get(name)
            if value is not None and value.isdigit():
                return float(value)
        explicit = {b"public", b"private"} & set(rules)
        if response.status in _HEURISTIC_STATUSES or explicit:
            return self._heuristic
        return None


def _conditional(response: Response, headers: Headers, *, cached: bool = True) -> Response:
    """Answer the visitor's own condition (section 4.3.2)."""
    wanted = [_opaque(tag) for tag in _ETAG.findall(b",".join(_values(headers, b"if-none-match")))]
    tags = response.values(b"etag")
    if response.status == 200 and tags and _opaque(tags[0]) in wanted:
        return Response(304, response.headers, b"", cached)
    return Response(response.status, response.headers, response.body, cached)
