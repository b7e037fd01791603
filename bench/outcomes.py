"""What must come out of a case before it is timed, so that no case times an error path.

May not enter: time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_BANNER = re.compile(rb"""id=["']?cookieconsent-banner""")
_SETTINGS = re.compile(rb"""id=["']?cookieconsent-settings""")
_DELETION = re.compile(rb"max-age=0", re.IGNORECASE)


class UnexpectedOutcomeError(Exception):
    """A case does not do what it says, so its time would mean nothing."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a case does."""

    cookies: int = 0
    """How many cookies the application sees."""
    banner: bool = False
    """Whether the page carries the banner."""
    settings: bool = False
    """Whether the page carries the settings element."""
    deletions: bool = False
    """Whether the response deletes cookies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A response, and what the application saw of the request."""

    status: int
    """The status code."""
    headers: list[tuple[bytes, bytes]]
    """The response headers, names in lower case."""
    body: bytes
    """The whole body."""
    cookies: int
    """How many cookies the application saw."""

    @property
    def succeeded(self) -> bool:
        """Whether it is a page or an accepted connection."""
        return self.status in {101, 200}

    @property
    def deletions(self) -> int:
        """How many lines delete a cookie."""
        return sum(
            name == b"set-cookie" and _DELETION.search(value) is not None
            for name, value in self.headers
        )

    @property
    def outcome(self) -> Outcome:
        """What was done."""
        return Outcome(
            cookies=self.cookies,
            banner=_BANNER.search(self.body) is not None,
            settings=_SETTINGS.search(self.body) is not None,
            deletions=self.deletions > 0,
        )


def count_cookies(lines: Iterable[bytes]) -> int:
    """Return how many cookies some `Cookie` headers carry."""
    return sum(len(line.split(b";")) for line in lines if line)


def check(case: str, answer: Answer, expected: Outcome) -> None:
    """Compare what came out with what should.

    Raises:
        UnexpectedOutcomeError: They differ.
    """
    if not answer.succeeded or answer.outcome != expected:
        raise UnexpectedOutcomeError(
            f"{case}: {answer.status} with {answer.outcome}, expected {expected}"
        )


def expect(case: str, *, holds: bool) -> None:
    """Refuse a case that does not do what it says.

    Raises:
        UnexpectedOutcomeError: It does not.
    """
    if not holds:
        raise UnexpectedOutcomeError(f"{case} does not do what it says")
