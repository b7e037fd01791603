"""What a target names: an application in this process, or a site by its address, and who asks it.

May not enter: which pages are asked for, what is done with the answers.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, cast
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

from cookieconsent.observation import asgi, http, loading, wsgi
from cookieconsent.observation.answer import Client, ObservationError

_ASCII: Final = "".join(map(chr, range(128)))
_LABEL: Final = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_HOST: Final = re.compile(rf"(?=.{{1,253}}$){_LABEL}(\.{_LABEL})*", re.IGNORECASE)
"""RFC 1123, section 2.1; an address of IPv4 is one, too."""
_PAGE: Final = re.compile(r"/(?!/)[!\"$-~]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """Something that can be looked at."""

    mode: Literal["asgi", "wsgi", "url"]
    start: str
    """The address of its first page."""
    client: Client
    """Sends requests there."""
    app: object = None
    """The application, where it is in this process."""


def reach(target: str, *, folder: Path, host: str = "localhost", factory: bool = False) -> Reached:
    """Return what a target names.

    Args:
        target: An application as `module:attribute`, or an address.
        folder: Where modules are looked for first.
        host: What an application in this process is asked for.
        factory: Whether the attribute is a function that returns the application.

    Raises:
        ObservationError: It is neither an application nor an address.
    """
    if target.lower().startswith(("http://", "https://")):
        wrong = _wrong_address(target)
        if wrong is not None:
            raise ObservationError(wrong)
        return Reached(mode="url", start=target.partition("#")[0], client=http.HttpClient())
    return within(loading.load(target, folder=folder, factory=factory), host)


def within(app: object, host: str = "localhost") -> Reached:
    """Return an application in this process.

    Raises:
        ObservationError: It is none, or the host is none.
    """
    wrong = wrong_host(host)
    if wrong is not None:
        raise ObservationError(wrong)
    # https, so that nobody is sent there first and cookies for https alone are kept.
    start = f"https://{host}/"
    if loading.protocol_of(app) == "ASGI":
        client: Client = asgi.AsgiClient(cast("asgi.Application", app))
        return Reached(mode="asgi", start=start, client=client, app=app)
    client = wsgi.WsgiClient(cast("wsgi.Application", app))
    return Reached(mode="wsgi", start=start, client=client, app=app)


def is_far(reached: Reached) -> bool:
    """Tell whether it is on another machine, as far as its address says."""
    host = urlsplit(reached.start).hostname or ""
    try:
        here = ipaddress.ip_address(host).is_loopback
    except ValueError:
        here = host == "localhost" or host.endswith(".localhost")  # RFC 6761, section 6.3
    return reached.mode == "url" and not here


def _wrong_address(target: str) -> str | None:
    """Return what is wrong with an address, `None` if nothing is."""
    try:
        parts = urlsplit(target)
    except ValueError:  # brackets around what is no IPv6 address
        parts = urlsplit("")
    host = parts.hostname or ""
    if not host or not target.isprintable() or " " in target:
        return "it is no address. Write one such as 'https://shop.example/'."
    if "@" in parts.netloc:
        return "it has a name or a password in it. Leave those out."
    if not _has_port(parts):
        return "its port is no number from 1 to 65535."
    if not target.isascii():
        return f"an address is written in ASCII{_in_ascii(parts, host)}."
    return None


def _has_port(parts: SplitResult) -> bool:
    try:
        return parts.port != 0
    except ValueError:
        return False


def _in_ascii(parts: SplitResult, host: str) -> str:
    """Return how browsers write an address, as a remedy; empty where they would not."""
    try:
        named = host.encode("idna").decode("ascii")
    except UnicodeError:
        return ""
    place = f"{named}:{parts.port}" if parts.port else named
    rest = (quote(part, safe=_ASCII) for part in (parts.path, parts.query))
    return f": {urlunsplit((parts.scheme, place, *rest, ''))!r}"


def wrong_host(host: str) -> str | None:
    """Return what is wrong with the name of a host, `None` if nothing is."""
    if _HOST.fullmatch(host):
        return None
    return f"{host!r} is no host; use a name such as 'shop.example'"


def wrong_page(pages: Iterable[str]) -> str | None:
    """Return what is wrong with the pages named, `None` if nothing is."""
    bad = next((page for page in pages if not _PAGE.fullmatch(page)), None)
    if bad is None:
        return None
    return f"{bad!r} is no path of the site. Begin with one '/', in ASCII and without '#'."
