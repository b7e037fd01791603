"""`cookieconsent init`: looks at an application or a site and writes a declaration of its cookies.

It asks nothing; what only a person knows is marked in the file.
May not enter: how it looks (`observation/`), what the file says (`drafting.py`).
"""

from __future__ import annotations

import argparse
import re
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Final, cast
from urllib.parse import urlsplit

from cookieconsent.cli.declaration import OWN
from cookieconsent.cli.drafting import draft, not_seen, summary
from cookieconsent.cli.output import complain, refuse
from cookieconsent.observation.answer import Client, ObservationError
from cookieconsent.observation.walk import Limits, Walk, walk

NAME: Final = "init"
HELP: Final = "look at an application or a site, and write a declaration of its cookies"
MORE: Final = (
    "It sends GET requests alone, as one visitor who says nothing, follows a few links of the same "
    "site, and never writes down the value of a cookie. Exit code 0: the file is written; 1: nothing "
    "could be looked at; 2: asked wrongly."
)
_STDOUT: Final = "-"
_DEFAULT_LIMIT: Final = 10
_MAX_LIMIT: Final = 100
_HOST: Final = re.compile(r"[a-z0-9.-]+", re.IGNORECASE)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "target",
        metavar="TARGET",
        help="the application as module:attribute (ASGI or WSGI, run in this process), or an address "
        "that begins with http:// or https://",
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        default=OWN,
        help=f"the file to write (default: {OWN}); - writes to standard output",
    )
    parser.add_argument("--force", action="store_true", help="overwrite that file")
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
        "--limit",
        metavar="NUMBER",
        type=_limit,
        default=_DEFAULT_LIMIT,
        help=f"how many pages to look at (default: {_DEFAULT_LIMIT}, at most {_MAX_LIMIT})",
    )
    parser.add_argument(
        "--host",
        metavar="NAME",
        default="localhost",
        type=_host,
        help="the host that an application in this process is asked for (default: localhost)",
    )


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text[:6]) <= _MAX_LIMIT):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no number of pages; use one from 1 to {_MAX_LIMIT}"
        )
    return int(text)


def _host(text: str) -> str:
    if not _HOST.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no host; use a name such as 'shop.example'")
    return text


def run(arguments: argparse.Namespace) -> int:
    """Look at the target and write the file."""
    output = arguments.output
    if output != _STDOUT and Path(output).exists() and not arguments.force:
        return refuse(f"{output} exists. Add --force to overwrite it, or name another with -o.")
    bad = next((page for page in arguments.page if not _is_page(page)), None)
    if bad is not None:
        return refuse(f"--page: {bad!r} is no path of the site. Begin with one '/', in ASCII.")
    # Whatever an application prints while it is looked at is not part of the file.
    with redirect_stdout(sys.stderr):
        try:
            start, client = _reached(arguments)
        except ObservationError as error:
            return refuse(f"{arguments.target}: {error}")
        try:
            with client:
                seen = walk(client, start, arguments.page, Limits(pages=arguments.limit))
        except ObservationError as error:
            complain(f"{arguments.target}: {error}.")
            return 1
    if not seen.pages:
        for path, reason in seen.failed.items():
            complain(f"{arguments.target}: {path}: {reason}.")
        return 1
    return _hand_over(arguments, seen)


def _hand_over(arguments: argparse.Namespace, seen: Walk) -> int:
    """Write the file; say what was seen and what was not."""
    output = arguments.output
    text = draft(seen, arguments.target.partition("?")[0])
    if output == _STDOUT:
        sys.stdout.write(text)
    else:
        try:
            _write(Path(output), text, overwrite=arguments.force)
        except OSError as error:
            return refuse(f"{output}: it cannot be written ({error.strerror}).")
    where = "" if output == _STDOUT else f". Written: {output}"
    complain(f"{summary(seen)}{where}")
    complain("Not looked at:")
    for note in not_seen(seen):
        complain(f"  {note}")
    return 0


def _is_page(page: str) -> bool:
    return re.fullmatch(r"/(?!/)[!-~]*", page) is not None


def _reached(arguments: argparse.Namespace) -> tuple[str, Client]:
    """Return the first address, and what sends requests there.

    Raises:
        ObservationError: The target is neither an application nor an address.
    """
    # Only now: clients bring an event loop, which no other sub-command needs.
    from cookieconsent.observation import asgi, http, loading, wsgi  # noqa: PLC0415

    target = arguments.target
    if target.lower().startswith(("http://", "https://")):
        if not _is_address(target):
            raise ObservationError(
                "it is no address. Write one such as 'https://shop.example/', without a name or "
                "password in it."
            )
        return target.partition("#")[0], http.HttpClient()
    app = loading.load(target, folder=Path.cwd(), factory=arguments.factory)
    door = loading.protocol_of(app)
    client: Client = (
        asgi.AsgiClient(cast("asgi.Application", app))
        if door == "ASGI"
        else wsgi.WsgiClient(cast("wsgi.Application", app))
    )
    # https, so that nobody is sent there first and cookies for https alone are kept.
    return f"https://{arguments.host}/", client


def _is_address(target: str) -> bool:
    try:
        parts = urlsplit(target)
        plain = all("!" <= char <= "~" for char in target) and "@" not in parts.netloc
        return bool(parts.hostname) and parts.port != 0 and plain
    except ValueError:  # it has no port that could be one
        return False


def _write(path: Path, text: str, *, overwrite: bool) -> None:
    with path.open("w" if overwrite else "x", encoding="utf-8", newline="\n") as file:
        file.write(text)
