"""Which tool a file is from: by what is in it, or as it is told.

May not enter: what a tool's fields mean.
"""

from __future__ import annotations

from typing import Final, Protocol

from cookieconsent.errors import ConsentError
from cookieconsent.migration import django_cookie_consent, klaro, literal, orestbida
from cookieconsent.migration.findings import Findings
from cookieconsent.migration.literal import Found, Value


class Peer(Protocol):
    """What a tool's module has."""

    NAME: str
    """How it is called on the command line."""

    def fits(self, value: Value) -> bool:
        """Tell whether a literal is what this tool reads."""
        ...

    def read(self, found: Found) -> Findings:
        """Return what it says."""
        ...


PEERS: Final[tuple[Peer, ...]] = (django_cookie_consent, orestbida, klaro)


class UnknownFormatError(ConsentError, ValueError):
    """A file in which nothing of the tools that are known was found."""


def read(text: str, wanted: str | None = None) -> tuple[Peer, Findings]:
    """Return the tool that a file is from, and what the file says.

    Args:
        text: The file.
        wanted: The name of the tool, where it is known; only such literals count then.

    Raises:
        LiteralError: The text cannot be read.
        UnknownFormatError: No literal in it is what a known tool reads.
    """
    found = literal.read(text)
    for peer in PEERS:
        if wanted in {None, peer.NAME}:
            for candidate in found:
                if peer.fits(candidate.value):
                    return peer, peer.read(candidate)
    names = wanted or ", ".join(peer.NAME for peer in PEERS)
    raise UnknownFormatError(
        f"there is no configuration of {names} in it. It must stand there as a literal, "
        "{...} or [...]; code that builds one is not run"
    )
