"""What a sub-command looks at: an application in this process, or a site by its address.

May not enter: what is done with it.
"""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, cast
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from cookieconsent.observation import asgi, wsgi
    from cookieconsent.observation.answer import Client

_HOST: Final = re.compile(r"[a-z0-9.-]+", re.IGNORECASE)


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


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare how a target is named, and how it is reached."""
    parser.add_argument(
        "--factory",
        action="store_true",
        help="the attribute is a function without arguments that returns the application",
    )
    parser.add_argument(
        "--page",
        metavar="PATH",
        action="append",
        default=[],
        help="a page to look at before any link; may be repeated",
    )
    parser.add_argument(
        "--host",
        metavar="NAME",
        default="localhost",
        type=host,
        help="the host that an application in this process is asked for (default: localhost)",
    )


def host(text: str) -> str:
    """Return the name of a host, as `argparse` asks for it."""
    if not _HOST.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no host; use a name such as 'shop.example'")
    return text


def wrong_page(pages: list[str]) -> str | None:
    """Return what is wrong with the pages named, `None` if nothing is."""
    bad = next((page for page in pages if not re.fullmatch(r"/(?!/)[!-~]*", page)), None)
    if bad is None:
        return None
    return f"--page: {bad!r} is no path of the site. Begin with one '/', in ASCII."


def reach(target: str, arguments: argparse.Namespace) -> Reached:
    """Return what a target names.

    Raises:
        ObservationError: It is neither an application nor an address.
    """
    # Only now: clients bring an event loop, which most sub-commands do not need.
    from cookieconsent.observation import asgi, http, loading, wsgi  # noqa: PLC0415
    from cookieconsent.observation.answer import ObservationError  # noqa: PLC0415

    if target.lower().startswith(("http://", "https://")):
        if not _is_address(target):
            raise ObservationError(
                "it is no address. Write one such as 'https://shop.example/', without a name or "
                "password in it."
            )
        return Reached(mode="url", start=target.partition("#")[0], client=http.HttpClient())
    app = loading.load(target, folder=Path.cwd(), factory=arguments.factory)
    # https, so that nobody is sent there first and cookies for https alone are kept.
    start = f"https://{arguments.host}/"
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
