"""Which cookie segments and `Set-Cookie` lines pass, for one set of allowed classes.

Allow decisions use the plainest reading of a name, its exact bytes; deny decisions the most generous
one: inside the value of a cookie that passes, any byte at which some parser starts a new cookie, with
a denied name behind it, ends the value there (`sid=1,_ga=2`).
May not enter: why a class is allowed, writing cookies.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, Literal, NamedTuple

from cookieconsent.core.cookies import (
    Segment,
    is_token,
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
_HIDDEN = re.compile(
    rb"[" + _STARTER + rb"]([^" + _STARTER + rb"=;]+)[\x00-\x20\x85\xa0\xc2\xe2\x80-\x8a]*="
)


Verdict = Literal[0, 1, 2]
UNKNOWN: Final = 0
"""Removed: nobody declared the name."""
DENIED: Final = 1
"""Removed: the class of the name is not allowed."""
PASSES: Final = 2
"""Kept."""


class Filtered(NamedTuple):
    """A `Cookie` header after the filter."""

    header: bytes | None
    """What the application gets; `None` where nothing is left."""
    changed: bool
    """Whether that differs from what came."""
    stripped: list[bytes]
    """The names that did not pass, in order, with repetitions."""
    denied: list[bytes]
    """Those of them that the registry knows: theirs are the cookies to delete."""


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
        "_odd",
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
        self._odd = tuple(name for name in registry.odd_names() if self._judge(name) == DENIED)

    def verdict(self, name: bytes) -> Verdict:
        """Return what becomes of a cookie of this name."""
        verdict = self._verdicts.get(name)
        if verdict is None:
            verdict = self._judge(name)
            if self._report is not None and verdict != PASSES:
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
        return PASSES if self._undeclared and not name.startswith(b"$") else UNKNOWN

    def request(self, lines: list[bytes], segments: list[Segment], *, whole: bool) -> Filtered:
        """Filter the segments of a request's `Cookie` header.

        Args:
            lines: The field lines as they came.
            segments: What `split` made of them.
            whole: What `split` said of them.
        """
        verdicts = self._verdicts
        kept: list[bytes] = []
        stripped: list[bytes] = []
        denied: list[bytes] = []
        for name, raw in segments:
            verdict = verdicts.get(name)
            if verdict is None:
                verdict = self.verdict(name)
            if verdict != PASSES:
                stripped.append(name)
                if verdict == DENIED:
                    denied.append(name)
            elif _HAS_STARTER.search(raw) is None and not self._odd:
                kept.append(raw)
            else:
                kept.append(self._without_hidden(raw, stripped))
                whole = whole and kept[-1] is raw
        if whole and not stripped:
            return Filtered(join_lines(lines), len(lines) > 1, stripped, denied)
        return Filtered(b"; ".join(kept) or None, True, stripped, denied)  # noqa: FBT003

    def _without_hidden(self, raw: bytes, stripped: list[bytes]) -> bytes:
        """Cut a segment before the first denied cookie that a parser would find in its value."""
        start = raw.index(b"=")
        for found in _HIDDEN.finditer(raw, start):
            if self.verdict(found[1]) == DENIED:
                stripped.append(found[1])
                return raw[: found.start()].rstrip(b" \t")
        for name in self._odd:
            at = raw.find(name, start + 2)
            if (
                at > 0
                and _HIDDEN_BEHIND.match(raw, at + len(name))
                and _HAS_STARTER.match(raw, at - 1)
            ):
                stripped.append(name)
                return raw[: at - 1].rstrip(b" \t")
        return raw

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
        if self.verdict(cookie.name) == PASSES:
            return line
        if cookie.is_deletion(now):
            return cookie.emptied() if is_token(cookie.name) else None
        return None


_HIDDEN_BEHIND = re.compile(rb"[\x00-\x20\x85\xa0]*=")
