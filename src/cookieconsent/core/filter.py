"""Which cookie segments and `Set-Cookie` lines pass, for one set of allowed classes.

Allow decisions use the plainest reading of a name, its exact bytes; deny decisions the most generous
one: inside the value of a cookie that passes, any byte at which some parser starts a new cookie, with
a denied name behind it, ends the value there (`sid=1,_ga=2`).
May not enter: why a class is allowed, writing cookies.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import compress
from typing import Final

from cookieconsent.core.cookies import (
    MAX_NAME_OCTETS,
    CookieHeader,
    join_lines,
    read_set_cookie,
)
from cookieconsent.core.registry import Registry

# Names are chosen by visitors; what is remembered of them is bounded. 4,096 names of 256 bytes are
# 1 MiB; a longer name is judged anew each time.
MEMO_NAMES = 4096
_MEMO_NAME_OCTETS = 256

# Where WebOb, aiohttp or the standard library start a new cookie inside a value (measured, each byte).
_STARTER = rb"\x00-\x20\",\[\\\]\x7f-\xff"
_HAS_STARTER = re.compile(rb"[" + _STARTER + rb"]")
# White space as `str.strip` knows it, in Latin-1 and in UTF-8: aiohttp trims a name so.
_BEHIND = (
    rb"(?:[\x00-\x20\x85\xa0]|\xc2[\x85\xa0]|\xe1\x9a\x80|\xe2\x80[\x80-\x8a\xa8\xa9\xaf]"
    rb"|\xe2\x81\x9f|\xe3\x80\x80)*+="
)
_HIDDEN = re.compile(rb"[" + _STARTER + rb"]([^" + _STARTER + rb"=;]++)" + _BEHIND)
# Behind white space aiohttp takes a name with brackets in it, too (`_ga_[1]` of `_ga_*`).
_BRACKETED = re.compile(
    rb"[\x00-\x20\x7f-\xff]([^\x00-\x20\",\\\x7f-\xff=;]++)" + _BEHIND,
)
# What stands between two cookies in one value belongs to neither: white space (several bytes of it
# in UTF-8) and the comma by which servers join lines.
_SEPARATORS = bytes([*range(0x21), ord(",")])
_CONTINUATIONS = bytes(range(0x80, 0xC0))


Verdict = bool | None
"""What becomes of a cookie. Only one of the three is true, so that lists of them select."""
PASSES: Final = True
"""Kept."""
DENIED: Final = False
"""Removed: the class of the name is not allowed."""
UNKNOWN: Final = None
"""Removed: nobody declared the name."""


class Filtered:
    """A `Cookie` header after the filter."""

    __slots__ = ("_cookies", "_hidden", "_verdicts", "changed", "header")

    def __init__(
        self,
        header: bytes | None,
        changed: bool,  # noqa: FBT001 - made once per request, where keywords cost
        cookies: CookieHeader,
        verdicts: list[Verdict],
        hidden: list[bytes],
    ) -> None:
        self.header: bytes | None = header
        """What the application gets; `None` where nothing is left."""
        self.changed: bool = changed
        """Whether that differs from what came."""
        self._cookies = cookies
        self._verdicts = verdicts
        self._hidden = hidden

    @property
    def stripped(self) -> list[bytes]:
        """The names that did not pass, in order, with repetitions; hidden ones last."""
        pairs = zip(self._cookies.names, self._verdicts, strict=True)
        return [name for name, verdict in pairs if verdict is not PASSES] + self._hidden

    @property
    def denied(self) -> list[bytes]:
        """The names that the registry knows and that did not pass: theirs are the cookies to delete."""
        if DENIED not in self._verdicts:
            return []
        pairs = zip(self._cookies.names, self._verdicts, strict=True)
        return [name for name, verdict in pairs if verdict is DENIED]


class CookieFilter:
    """Lets the cookies of some classes pass.

    Args:
        registry: Knows the class of a name.
        allowed: The classes that pass.
        own_name: The consent cookie: always passes inwards, never outwards but from us.
        undeclared: Whether names that the registry does not know pass.
        report: Told of names that do not pass, when they are judged for the first time.
    """

    __slots__ = (
        "_allowed",
        "_hidden",
        "_own_name",
        "_registry",
        "_report",
        "_undeclared",
        "_verdicts",
    )

    def __init__(
        self,
        registry: Registry,
        allowed: frozenset[str],
        own_name: bytes,
        *,
        undeclared: bool,
        report: Callable[[bytes, Verdict], None] | None = None,
    ) -> None:
        self._registry = registry
        self._allowed = allowed
        self._own_name = own_name
        self._undeclared = undeclared
        self._report = report
        self._verdicts: dict[bytes, Verdict] = {own_name: PASSES}
        odd = [name for name in registry.odd_names() if self._judge(name) is DENIED]
        self._hidden = (_HIDDEN, _BRACKETED, *([_hidden_among(odd)] if odd else []))

    def verdict(self, name: bytes) -> Verdict:
        """Return what becomes of a cookie of this name."""
        if name in self._verdicts:
            return self._verdicts[name]
        verdict = self._judge(name)
        if self._report is not None and verdict is not PASSES:
            self._report(name, verdict)
        if len(self._verdicts) < MEMO_NAMES and len(name) <= _MEMO_NAME_OCTETS:
            self._verdicts[name] = verdict
        return verdict

    def _judge(self, name: bytes) -> Verdict:
        if not name:
            return UNKNOWN
        cls = self._registry.classify(name).cls
        if cls is not None:
            return PASSES if cls in self._allowed else DENIED
        # `$Version` and its kin switch some parsers into another grammar (RFC 2965).
        if not self._undeclared or name.startswith(b"$") or self._is_disguise(name):
            return UNKNOWN
        return PASSES

    def _is_disguise(self, name: bytes) -> bool:
        """Tell whether some parser reads a denied name out of an undeclared one."""
        if _HAS_STARTER.search(name) is None:
            return False
        text = b" " + name + b"="
        readings = {found for pattern in self._hidden for found in pattern.findall(text)}
        for encoding in ("latin-1", "utf-8"):  # frameworks trim the white space of all Unicode
            readings.add(name.decode(encoding, "replace").strip().encode(encoding))
        return any(self.verdict(reading) is DENIED for reading in readings - {name})

    def request(self, lines: list[bytes], cookies: CookieHeader) -> Filtered:
        """Filter a request's `Cookie` header.

        Args:
            lines: The field lines as they came.
            cookies: What they say together.
        """
        verdict_of = self._verdicts
        segments = cookies.segments
        hidden: list[bytes] = []
        try:
            verdicts = [verdict_of[name] for name in cookies.names]
        except KeyError:  # a name not met yet
            verdicts = [self.verdict(name) for name in cookies.names]
        kept = list(compress(segments, verdicts))
        if not cookies.tidy:
            kept = [self._without_hidden(raw, hidden) for raw in kept]
        whole = cookies.whole and len(kept) == len(segments) and not hidden
        header = join_lines(lines) if whole else b"; ".join(kept)
        return Filtered(header or None, not whole or len(lines) > 1, cookies, verdicts, hidden)

    def _without_hidden(self, raw: bytes, hidden: list[bytes]) -> bytes:
        """Cut a segment before the first denied cookie that a parser would find in its value."""
        if _HAS_STARTER.search(raw) is None:
            return raw
        start = raw.index(b"=")
        found: list[re.Match[bytes]] = []
        for pattern in self._hidden:
            # Not `verdict`: a word in a value that is not denied is no cookie to report.
            names = set(pattern.findall(raw, start))
            denied = {name for name in names if self._judge(name) is DENIED}
            if denied:
                hits = pattern.finditer(raw, start)
                found.append(next(hit for hit in hits if hit[1] in denied))
        first = min(found, key=re.Match.start, default=None)
        if first is None:
            return raw
        self.verdict(first[1])  # reports it
        hidden.append(first[1])
        return _before(raw, first.start())

    def response(self, line: bytes, now: float) -> bytes | None:
        """Return what a `Set-Cookie` line of the application becomes, `None` where it is blocked.

        Deletions pass whatever the class (without their value), except of the consent cookie.

        Args:
            line: The field value.
            now: POSIX seconds, to tell a deletion from a cookie.
        """
        cookie = read_set_cookie(line)
        if cookie is None or cookie.name == self._own_name:
            return None
        if self.verdict(cookie.name) is PASSES:
            return line
        if cookie.is_deletion(now):
            return cookie.emptied()
        return None


def _before(raw: bytes, at: int) -> bytes:
    """Return what stands before the character of which the last byte is at `at`."""
    kept = raw[: at + 1].rstrip(_CONTINUATIONS)
    if len(kept) > at:
        kept = kept[:-1]  # not one of several bytes
    elif kept[-1:] >= b"\xc0":
        kept = kept[:-1]
    return kept.rstrip(_SEPARATORS)


def _hidden_among(patterns: list[bytes]) -> re.Pattern[bytes]:
    """Return what finds names that are no tokens: they may hold the very bytes that start a name."""
    names = b"|".join(map(_as_regex, patterns))
    return re.compile(rb"[" + _STARTER + rb"](" + names + rb")" + _BEHIND)


def _as_regex(pattern: bytes) -> bytes:
    """Return a glob as a regular expression that cannot backtrack beyond its last star."""
    head, *parts = map(re.escape, pattern.split(b"*"))
    if not parts:
        return head
    run = rb"[^=;]{0,%d}" % MAX_NAME_OCTETS
    middles = b"".join(rb"(?>" + run + rb"?" + part + rb")" for part in parts[:-1])
    return head + middles + run + parts[-1]
