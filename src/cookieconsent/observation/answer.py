"""What every client gives and takes, and the bounds that all of them keep.

May not enter: how a request is sent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Protocol, Self

from cookieconsent.core.headers import HeaderList
from cookieconsent.errors import ConsentError

MAX_BODY_OCTETS: Final = 2 * 1024 * 1024
"""How much of a body is read; a page beyond it is not looked at in whole."""
PAGE_SECONDS: Final = 10.0
"""How long one answer may take."""


class ObservationError(ConsentError):
    """Something could not be looked at; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request."""

    url: str
    """An absolute address without a fragment, in ASCII."""
    method: str = "GET"
    headers: HeaderList = field(default_factory=list)
    """Further request fields; `host` is told by the address, `content-length` by the body."""
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One response."""

    status: int
    headers: HeaderList
    """In the order sent, names in lower case."""
    body: bytes
    """At most `MAX_BODY_OCTETS` of it."""
    whole: bool = True
    """Whether that is all of the body."""

    def values(self, name: bytes) -> list[bytes]:
        """Return the values of all fields of one (lower-case) name."""
        return [value for key, value in self.headers if key == name]


class Client(Protocol):
    """Sends requests to one application or site; a context manager, for what must be ended."""

    def __enter__(self) -> Self:
        """Make ready: start the application."""
        ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None:
        """End what was started."""

    def send(self, request: Request) -> Answer:
        """Return what a request is answered with; redirects are not followed.

        Raises:
            ObservationError: There was no answer.
        """
        ...


class ReadyClient:
    """A client of what need be neither started nor ended."""

    def __enter__(self) -> Self:
        """Return this one as it is."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None:
        """End nothing."""
