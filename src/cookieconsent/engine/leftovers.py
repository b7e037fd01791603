"""The cookies that may not stay, as deletions for one response.

Which names those are the filter has said; where they may live, `core.expiry` knows.
May not enter: whether a response may carry deletions at all (`exchange`).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import ip_address
from typing import TYPE_CHECKING

from cookieconsent.core.csrf import read_origin
from cookieconsent.core.expiry import PROMISED_NAMES, deletions, parents_of
from cookieconsent.core.target import whole_path

if TYPE_CHECKING:
    from cookieconsent.engine.exchange import Exchange

_MAX_HOST = 320  # a name has 253 octets at most (RFC 1035, section 2.3.4); the rest is too long


def deletion_lines(exchange: Exchange, names: Iterable[bytes]) -> list[bytes]:
    """Return the `Set-Cookie` values that delete cookies of these names.

    Args:
        exchange: The request that brought them.
        names: Names that the registry knows.
    """
    consent = exchange.consent
    rules = ((name, consent.registry.rule_for(name)) for name in dict.fromkeys(names))
    named = [(name, rule) for name, rule in rules if rule is not None]
    if sum(not rule.scopes for _, rule in named) > PROMISED_NAMES:
        consent.reporter.once(
            "many cookies to delete",
            f"a browser sent more than {PROMISED_NAMES} known cookies that are not declared; "
            "deleting them takes several page views, fewer if you declare them",
        )
    return deletions(
        named,
        domains=_domains(exchange),
        path=whole_path(exchange.root, exchange.path),
        secure=exchange.is_secure,
        pick=consent.random_below,
    )


def _domains(exchange: Exchange) -> tuple[str, ...]:
    """Return the domains that may own cookies here: those the site named, else the host's parents."""
    field = exchange.fields.get(b"host", b"")
    host = _host_name(field) if len(field) <= _MAX_HOST else None
    named = exchange.consent.config.domains
    if not named:
        return parents_of(host)
    return tuple(
        domain for domain in named if host is None or host == domain or host.endswith("." + domain)
    )


@lru_cache(maxsize=256)  # a visitor's to invent, so bounded
def _host_name(field: bytes) -> str | None:
    """Return the name in a `Host` field without its port; `None` for an address or no name."""
    origin = read_origin("http://" + field.decode("latin-1"))
    if origin is None:
        return None
    host = origin.host if origin.host.endswith("]") else origin.host.partition(":")[0]
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return host
    return None
