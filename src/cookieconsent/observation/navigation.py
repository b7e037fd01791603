"""What a browser does between two pages: the fields it sends, and where a redirect leads.

May not enter: which pages are asked for, and whether a redirect is followed.
"""

from __future__ import annotations

from typing import Final, Protocol
from urllib.parse import quote, urljoin, urlsplit

from cookieconsent.core.headers import HeaderList
from cookieconsent.observation.answer import ObservationError

REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
"""The statuses that name the place to go to (RFC 9110, section 15.4)."""
MAX_REDIRECTS: Final = 10
"""How many in a row are followed; browsers follow twenty."""
_ASCII: Final = "".join(map(chr, range(128)))


def navigation(
    agent: bytes, *, cookie: bytes = b"", site: bytes = b"none", language: str = "en"
) -> HeaderList:
    """Return the request fields of a browser that opens a page.

    Args:
        agent: Who asks, for `User-Agent`.
        cookie: The value of `Cookie`; empty for none.
        site: From where, for `Sec-Fetch-Site`.
        language: What the visitor reads (BCP 47), for `Accept-Language`.
    """
    fields = [
        (b"user-agent", agent),
        (b"accept", b"text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"),
        (b"accept-language", language.encode("ascii")),
        (b"sec-fetch-dest", b"document"),
        (b"sec-fetch-mode", b"navigate"),
        (b"sec-fetch-site", site),
    ]
    return [*fields, (b"cookie", cookie)] if cookie else fields


def referrer(page: str, url: str) -> bytes:
    """Return what a browser tells an address of the page before it, for `Referer`; empty for nothing.

    As by `strict-origin-when-cross-origin`, which browsers take for every page that says nothing
    (RFC 9110, section 10.1.3; Referrer Policy, section 3.7).

    Args:
        page: The address of the page, in ASCII.
        url: The address that is asked for.
    """
    here, there = urlsplit(page), urlsplit(url)
    if here[:2] == there[:2]:
        return here._replace(path=here.path or "/", fragment="").geturl().encode("ascii")
    if (here.scheme, there.scheme) == ("https", "http"):
        return b""
    return f"{here.scheme}://{here.netloc}/".encode("ascii")


class Answered(Protocol):
    """An answer, or what was kept of it."""

    @property
    def status(self) -> int | None:
        """`None` where there was none."""

    def values(self, name: bytes, /) -> list[bytes]:
        """Return the values of a response field (in lower case)."""
        ...


def redirected(url: str, answer: Answered) -> str | None:
    """Return where a redirect leads, `None` for any other answer.

    Octets beyond ASCII are taken as browsers take them.

    Raises:
        ObservationError: It leads to what is no address.
    """
    locations = answer.values(b"location")
    if answer.status not in REDIRECTS or not locations:
        return None
    try:
        target = urljoin(url, quote(locations[0], safe=_ASCII)).partition("#")[0]
        parts = urlsplit(target)
        fits = parts.scheme in {"http", "https"} and parts.port != 0 and target.isprintable()
    except ValueError:
        fits, target = False, ""
    if not fits or " " in target or not urlsplit(target).hostname:
        raise ObservationError("it redirects to what is no address")
    return target
