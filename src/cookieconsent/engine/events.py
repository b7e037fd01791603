"""What the engine tells operators: structured log events and the outcome of an exchange.

Names of cookies are escaped, values never appear. Whatever is remembered of names that visitors invent
is bounded.
May not enter: decisions.
"""

from __future__ import annotations

import difflib
import logging
from collections.abc import Iterable
from dataclasses import dataclass

from cookieconsent.core.filter import UNKNOWN, Verdict
from cookieconsent.core.registry import READY_CLASSES

LOGGER = logging.getLogger("cookieconsent")

_MAX_NAME = 64
_MAX_REMEMBERED = 1024
_MAX_CLASSES = 64  # that were asked for and do not exist: the site's own code names them


def escape_name(name: bytes) -> str:
    r"""Return a cookie name as printable ASCII, other bytes as `\xNN`, cut at 64 characters."""
    text = "".join(
        chr(byte) if 0x20 <= byte < 0x7F and byte != 0x5C else f"\\x{byte:02x}"  # noqa: PLR2004
        for byte in name[: _MAX_NAME + 1]
    )
    return text if len(text) <= _MAX_NAME else text[: _MAX_NAME - 3] + "..."


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one exchange did, for logs, audits and records. Names are escaped."""

    reason: str
    """Why: `undecided`, `decided`, `signal`, `nothing to ask`, or `failure`."""
    stripped: tuple[str, ...] = ()
    """Names removed from the request."""
    blocked: tuple[str, ...] = ()
    """Names removed from the response."""
    expired: tuple[str, ...] = ()
    """Names whose deletion was sent."""
    asked: bool = False
    """Whether a banner went into the page."""
    status: int = 0
    """The response status; 0 for a websocket, or where no response was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceEvent:
    """A visitor's act: what a consent record would keep. It holds no identifier."""

    action: str
    """`accept`, `reject`, `save`, `grant`, `object`, `pause`, `resume`, `withdraw`, `forget` or
    `erase`."""
    granted: frozenset[str]
    """The classes that stand granted after the act."""
    refused: frozenset[str]
    """The classes that stand refused after the act."""
    paused: frozenset[str] = frozenset()
    """The classes that rest after the act, whatever was answered."""
    day: int
    """Days since 1970-01-01 UTC."""
    signal: bool
    """Whether Global Privacy Control was on."""
    locale: str
    """The language of the page."""
    policy_version: str | None
    """The site's policy version."""


class Reporter:
    """Writes log events; each cookie name once.

    Args:
        enforced: Whether what is reported is also done.
    """

    __slots__ = ("_classes", "_only", "_seen")

    def __init__(self, *, enforced: bool = True) -> None:
        self._only = "" if enforced else "report only, "
        self._seen: set[tuple[str, bytes]] = set()
        # Apart, so that names invented by visitors leave room for the operator's mistakes.
        self._classes: set[str] = set()

    def names(self, event: str, names: Iterable[bytes]) -> None:
        """Report names that did not pass, each once per kind of event."""
        for name in names:
            key = (event, name[:_MAX_NAME])
            if key in self._seen or len(self._seen) >= _MAX_REMEMBERED:
                continue
            self._seen.add(key)
            escaped = escape_name(name)
            extra = {"event": event, "cookie": escaped, "enforced": not self._only}
            LOGGER.info("%s%s: %s", self._only, event, escaped, extra=extra)

    def stripped(self, name: bytes, verdict: Verdict) -> None:
        """Report a cookie name that does not pass in either direction."""
        self.names("cookie undeclared" if verdict is UNKNOWN else "cookie denied", [name])

    def once(self, event: str, message: str) -> None:
        """Warn once per process about something the operator should change."""
        key = (event, b"")
        if key not in self._seen:
            self._seen.add(key)
            LOGGER.warning("%s: %s", event, message, extra={"event": event})

    def unknown_class(self, name: str, known: Iterable[str]) -> None:
        """Warn once of a class that was asked for and that the site does not have.

        Args:
            name: What was asked for, in whatever type.
            known: The classes in use.
        """
        name = str(name)[:_MAX_NAME]
        if name in self._classes or len(self._classes) >= _MAX_CLASSES:
            return
        self._classes.add(name)
        if name in READY_CLASSES:
            hint = "declare a cookie of it, or name it in classes"
            self._deny("class not in use", name, hint)
        else:
            self._deny("unknown class", name, _nearest(name, known))

    def _deny(self, event: str, name: str, hint: str) -> None:
        shown = escape_name(name.encode("utf-8", "backslashreplace"))
        extra = {"event": event, "cls": shown}
        LOGGER.warning("%s: allows('%s') is always False; %s", event, shown, hint, extra=extra)

    def failure(self, where: str) -> None:
        """Report a failure of our own code, with its traceback, once per place."""
        key = ("failure", where.encode())
        if key not in self._seen:
            self._seen.add(key)
            extra = {"event": "failure", "where": where}
            # Called while the exception is handled, which the linter cannot see.
            LOGGER.error("failure: %s", where, exc_info=True, extra=extra)  # noqa: LOG014


def _nearest(name: str, known: Iterable[str]) -> str:
    """Return what was probably meant by the name of a class, or all there are."""
    names = sorted(known)
    near = difflib.get_close_matches(name, [*names, *READY_CLASSES], 1)
    return f"did you mean '{near[0]}'?" if near else "this site has: " + ", ".join(names)
