"""Whether a form was sent by one of our own pages, told without a cookie.

Fetch Metadata decides where a browser sends it; else the Origin, else the signed token of the day.
`Referrer-Policy: no-referrer` makes our own form send `Origin: null`, and plain http on a real name
sends no `Sec-Fetch-*`, so each of the three is the only one left somewhere (all measured).
May not enter: how a token is made, what the form says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_ORIGIN = re.compile(r"(https?)://([a-z0-9._~-]+|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?", re.IGNORECASE)
_DEFAULT_PORTS: Final = {"http": "80", "https": "443"}


@dataclass(frozen=True, slots=True)
class Origin:
    """A web origin (RFC 6454), folded to lower case, its default port left out."""

    scheme: str
    host: str
    """Host, with a port that is not the default one."""


def read_origin(text: str) -> Origin | None:
    """Read a serialised origin; `None` for `null` and anything that is not http or https."""
    found = _ORIGIN.fullmatch(text)
    if found is None:
        return None
    scheme = found[1].lower()
    return Origin(scheme, _host(scheme, found[2], found[3]))


def _host(scheme: str, host: str, port: str | None) -> str:
    host = host.lower()
    return host if port in {None, _DEFAULT_PORTS[scheme]} else f"{host}:{port}"


@dataclass(frozen=True, slots=True)
class Sender:
    """What a form submission tells of where it was sent from."""

    fetch_site: str | None
    """`Sec-Fetch-Site`; `None` where it was not sent."""
    origin: str | None
    """`Origin`; `None` where it was not sent."""
    host: str | None
    """`Host` of the request; `None` where it was not sent, or more than once."""
    scheme: str
    """`http` or `https`, as the server sees it."""


def is_own_form(
    sender: Sender, trusted: frozenset[Origin], *, token_valid: bool, tokenless: bool = False
) -> bool:
    """Tell whether a form submission may change a choice: the truth table of the HTTP contract.

    Args:
        sender: What the request tells.
        trusted: The site's public origin and those it trusts.
        token_valid: Whether the form carried exactly one valid token.
        tokenless: Whether the site's forms carry no token because its pages are cached for
            everybody; then a known origin suffices, and nothing replaces one.
    """
    if sender.fetch_site == "same-origin":
        return True
    origin = None if sender.origin is None else read_origin(sender.origin)
    known = origin is not None and origin in trusted
    if sender.fetch_site not in {None, "none"}:  # same-site, cross-site, or nothing we know
        return known and token_valid
    if sender.origin in {None, "null"}:
        return token_valid
    same = origin is not None and _is_same(origin, sender)
    return (known or same) and (token_valid or tokenless)


def _is_same(origin: Origin, sender: Sender) -> bool:
    """Compare with the request's own host; https is never a step down: TLS may end at a proxy."""
    if origin.scheme not in {sender.scheme, "https"} or sender.host is None:
        return False
    own = read_origin(f"{origin.scheme}://{sender.host}")
    return own is not None and own.host == origin.host
