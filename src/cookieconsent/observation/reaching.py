"""What a target names: an application in this process, or a site by its address, and who asks it.

May not enter: which pages are asked for, what is done with the answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast
from urllib.parse import urlsplit

from cookieconsent.observation import asgi, http, loading, wsgi
from cookieconsent.observation.answer import Client, ObservationError


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
        if not _is_address(target):
            raise ObservationError(
                "it is no address. Write one such as 'https://shop.example/', without a name or "
                "password in it."
            )
        return Reached(mode="url", start=target.partition("#")[0], client=http.HttpClient())
    return within(loading.load(target, folder=folder, factory=factory), host)


def within(app: object, host: str = "localhost") -> Reached:
    """Return an application in this process.

    Raises:
        ObservationError: It is none.
    """
    # https, so that nobody is sent there first and cookies for https alone are kept.
    start = f"https://{host}/"
    if loading.protocol_of(app) == "ASGI":
        client: Client = asgi.AsgiClient(cast("asgi.Application", app))
        return Reached(mode="asgi", start=start, client=client, app=app)
    client = wsgi.WsgiClient(cast("wsgi.Application", app))
    return Reached(mode="wsgi", start=start, client=client, app=app)


def _is_address(target: str) -> bool:
    try:
        parts = urlsplit(target)
        plain = all("!" <= char <= "~" for char in target) and "@" not in parts.netloc
        return bool(parts.hostname) and parts.port != 0 and plain
    except ValueError:  # it has no port that could be one
        return False


def wrong_page(pages: Iterable[str]) -> str | None:
    """Return what is wrong with the pages named, `None` if nothing is."""
    bad = next((page for page in pages if not re.fullmatch(r"/(?!/)[!-~]*", page)), None)
    if bad is None:
        return None
    return f"{bad!r} is no path of the site. Begin with one '/', in ASCII."
