"""Cookies as a browser would keep them for one site, and as they were seen.

A small part of RFC 6265bis, section 5: enough to come back to a site as the same visitor.
May not enter: classes; a value leaves this module in a `Cookie` field alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlsplit

from cookieconsent.core.cookies import (
    MAX_AGE_SECONDS,
    WHITE_SPACE,
    Scope,
    SetCookie,
    read_cookie_date,
    read_set_cookie,
)

_MAX_COOKIES = 200
_MINUTE = 60


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


class Jar:
    """The cookies of one visitor, and everything that was ever set."""

    def __init__(self) -> None:
        self.seen: dict[tuple[bytes, Scope], Seen] = {}
        """Each cookie that was set, by name and scope, with its longest lifetime."""
        self._kept: dict[tuple[bytes, Scope], _Kept] = {}

    def take(self, lines: list[bytes], url: str, now: float) -> None:
        """Keep what a response sets.

        Args:
            lines: Its `Set-Cookie` values.
            url: The address that sent it.
            now: POSIX seconds.
        """
        for line in lines:
            cookie = read_set_cookie(line)
            if cookie is None:
                continue
            seen = _read(cookie, url, now)
            key = seen.name, seen.scope
            if cookie.is_deletion(now):
                self._kept.pop(key, None)
            elif len(self.seen) < _MAX_COOKIES or key in self.seen:
                self._kept[key] = _Kept(seen, cookie.raw.partition(b";")[0].strip(WHITE_SPACE))
                self.seen[key] = _longer(self.seen.get(key), seen)

    def header(self, url: str) -> bytes:
        """Return the `Cookie` value for an address; empty where nothing belongs there."""
        kept = [cookie for cookie in self._kept.values() if _belongs(cookie.seen, url)]
        kept.sort(key=lambda cookie: -len(cookie.seen.scope.path))  # RFC 6265bis, 5.8.3
        return b"; ".join(cookie.segment for cookie in kept)


def _longer(one: Seen | None, other: Seen) -> Seen:
    if one is None or one.lifetime is None or other.lifetime is None:
        return other if one is None or one.lifetime is None else one
    return replace(other, lifetime=max(one.lifetime, other.lifetime))


def _read(cookie: SetCookie, url: str, now: float) -> Seen:
    attributes = _attributes(cookie.rest)
    parts = urlsplit(url)
    path = attributes.get(b"path", b"").decode("latin-1")
    domain = attributes.get(b"domain", b"").decode("latin-1").lower().removeprefix(".")
    scope = Scope(
        domain or None,
        path if path.startswith("/") else _default_path(parts.path),
        b"partitioned" in attributes,
    )
    return Seen(
        name=cookie.name,
        scope=scope,
        host=parts.hostname or "",
        lifetime=_lifetime(attributes, now),
        secure=b"secure" in attributes,
    )


def _attributes(rest: bytes) -> dict[bytes, bytes]:
    """Return the attributes by lower-case name; of several of one name the last (RFC 6265bis, 5.6)."""
    pairs = (attribute.partition(b"=") for attribute in rest.split(b";"))
    return {key.strip(WHITE_SPACE).lower(): value.strip(WHITE_SPACE) for key, _, value in pairs}


def _lifetime(attributes: dict[bytes, bytes], now: float) -> timedelta | None:
    age = attributes.get(b"max-age", b"")
    if age.isdigit():
        return timedelta(seconds=min(int(age[:12]), MAX_AGE_SECONDS))
    expires = read_cookie_date(attributes.get(b"expires", b""))
    if expires is None:
        return None
    # The server's clock and the way here take some seconds: the minute is what was meant.
    minutes = max(round((expires - now) / _MINUTE), 1)
    return timedelta(seconds=min(minutes * _MINUTE, MAX_AGE_SECONDS))


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
    return own and below and (parts.scheme == "https" or not seen.secure)
