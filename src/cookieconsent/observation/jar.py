"""Cookies as a browser keeps them for one site, and as they were seen (RFC 6265bis, section 5).

What is refused there is refused here, with the reason; one site is one first party, so `SameSite` and
partitions separate nothing.
May not enter: classes; a value leaves this module in a `Cookie` field alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from cookieconsent.core.cookies import MAX_AGE_SECONDS, WHITE_SPACE, Scope
from cookieconsent.core.registry import KNOWN_SUFFIXES
from cookieconsent.observation.lines import SeenLine, read_line

MAX_COOKIES = 200
_MAX_PAIR_OCTETS = 4096  # RFC 6265bis, 5.6
_LOCAL: Final = re.compile(r"(?:[a-z0-9-]+\.)*localhost|127(?:\.[0-9]+){3}|\[?::1\]?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A cookie that was set, without its value."""

    name: bytes
    scope: Scope
    """Where it lives, its domain as the line says it."""
    host: str
    """The host that set it."""
    lifetime: timedelta | None
    """How long it stays; `None` for the session."""
    secure: bool
    """Whether it comes back over https alone."""

    @property
    def domain(self) -> str:
        """The domain it belongs to."""
        return self.scope.domain or self.host


@dataclass(frozen=True, slots=True)
class _Kept:
    seen: Seen
    segment: bytes
    ends: float | None
    """POSIX seconds; `None` for the session."""


class Jar:
    """The cookies of one visitor, and everything that was ever set."""

    def __init__(self) -> None:
        self.seen: dict[tuple[bytes, Scope], Seen] = {}
        """Each cookie that was set, by name and scope, with its longest lifetime."""
        self._kept: dict[tuple[bytes, Scope], _Kept] = {}

    def take(self, lines: list[bytes], url: str, now: float) -> list[tuple[SeenLine, str | None]]:
        """Keep what a response sets.

        Args:
            lines: Its `Set-Cookie` values.
            url: The address that sent it.
            now: POSIX seconds.

        Returns:
            Each line without its value, and why a browser refuses it, if it does.
        """
        return [self._take(line, read_line(line, now), url, now) for line in lines]

    def _take(
        self, line: bytes, read: SeenLine, url: str, now: float
    ) -> tuple[SeenLine, str | None]:
        refused = _refusal(read, url)
        seen = _read(read, url)
        key = seen.name, seen.scope
        if read.deletes:
            if refused is None:
                self._kept.pop(key, None)
        elif read.name and (len(self.seen) < MAX_COOKIES or key in self.seen):
            self.seen[key] = _longer(self.seen.get(key), seen)
            if refused is None:
                ends = None if read.lifetime is None else now + read.lifetime.total_seconds()
                segment = line.partition(b";")[0].strip(WHITE_SPACE)
                self._kept[key] = _Kept(seen, segment, ends)
        return read, refused

    def put(self, name: bytes, value: bytes, url: str) -> None:
        """Keep a cookie that nobody has set before the eyes of this jar, for all paths of a host."""
        line = read_line(name + b"=x; Path=/", 0)
        seen = _read(line, url)
        self._kept[seen.name, seen.scope] = _Kept(seen, name + b"=" + value, None)

    def change(self, name: bytes, change: Callable[[bytes], bytes]) -> bool:
        """Change the value of a cookie; tell whether there is one."""
        found = [key for key in self._kept if key[0] == name]
        for key in found:
            kept = self._kept[key]
            value = kept.segment.partition(b"=")[2]
            self._kept[key] = replace(kept, segment=name + b"=" + change(value))
        return bool(found)

    def kept(self, now: float) -> list[Seen]:
        """Return the cookies that are in the jar."""
        return [kept.seen for kept in self._kept.values() if kept.ends is None or kept.ends > now]

    def names(self, url: str) -> list[bytes]:
        """Return the names that go to an address."""
        return [kept.seen.name for kept in self._for(url)]

    def header(self, url: str) -> bytes:
        """Return the `Cookie` value for an address; empty where nothing belongs there."""
        return b"; ".join(kept.segment for kept in self._for(url))

    def _for(self, url: str) -> Iterable[_Kept]:
        kept = [cookie for cookie in self._kept.values() if _belongs(cookie.seen, url)]
        kept.sort(key=lambda cookie: -len(cookie.seen.scope.path))  # RFC 6265bis, 5.8.3
        return kept


def _longer(one: Seen | None, other: Seen) -> Seen:
    if one is None or one.lifetime is None or other.lifetime is None:
        return other if one is None or one.lifetime is None else one
    return replace(other, lifetime=max(one.lifetime, other.lifetime))


def _read(line: SeenLine, url: str) -> Seen:
    parts = urlsplit(url)
    path = line.get("path") or ""
    scope = Scope(
        _domain(line) or None,
        path if path.startswith("/") else _default_path(parts.path),
        line.has("partitioned"),
    )
    lifetime = line.lifetime
    return Seen(
        name=line.name,
        scope=scope,
        host=parts.hostname or "",
        lifetime=None if lifetime is None else min(lifetime, timedelta(seconds=MAX_AGE_SECONDS)),
        secure=line.has("secure"),
    )


def _domain(line: SeenLine) -> str:
    return (line.get("domain") or "").lower().removeprefix(".")


def _refusal(line: SeenLine, url: str) -> str | None:
    """Return why a browser keeps nothing of a line (RFC 6265bis, 5.7), `None` if it does."""
    if line.malformed is not None and "control" in line.malformed:
        return "it holds a control character"
    if not line.name and not line.length:
        return "it has neither name nor value"
    if len(line.name) + line.length > _MAX_PAIR_OCTETS:
        return f"name and value are longer than {_MAX_PAIR_OCTETS} octets"
    return _scope_refusal(line, url) or _secure_refusal(line, url) or _prefix_refusal(line)


def _scope_refusal(line: SeenLine, url: str) -> str | None:
    host, domain = urlsplit(url).hostname or "", _domain(line)
    if domain and domain != host:
        if not host.endswith("." + domain):
            return "its Domain is another host's"
        if "." not in domain or domain in KNOWN_SUFFIXES:
            return "its Domain is a public suffix"
    return None


def _secure_refusal(line: SeenLine, url: str) -> str | None:
    parts = urlsplit(url)
    secure = line.has("secure")
    if secure and parts.scheme != "https" and not _LOCAL.fullmatch(parts.hostname or ""):
        return "it is Secure and came over http"
    if not secure and (line.get("samesite") or "").lower() == "none":
        return "SameSite=None needs Secure"
    if not secure and line.has("partitioned"):
        return "Partitioned needs Secure"
    return None


def _prefix_refusal(line: SeenLine) -> str | None:
    name = line.name.lower()
    if name.startswith((b"__secure-", b"__host-")) and not line.has("secure"):
        return "its prefix needs Secure"
    if name.startswith(b"__host-") and (_domain(line) or line.get("path") != "/"):
        return "__Host- needs Path=/ and no Domain"
    return None


def _default_path(path: str) -> str:
    """Return the path of a cookie without `Path` (RFC 6265bis, 5.1.4)."""
    return path.rpartition("/")[0] or "/"


def _belongs(seen: Seen, url: str) -> bool:
    parts = urlsplit(url)
    host, path = parts.hostname or "", parts.path or "/"
    own = host == seen.domain or (
        seen.scope.domain is not None and host.endswith("." + seen.domain)
    )
    below = path == seen.scope.path or path.startswith(seen.scope.path.rstrip("/") + "/")
    safe = parts.scheme == "https" or _LOCAL.fullmatch(host) is not None
    return own and below and (safe or not seen.secure)
