"""Which addresses belong to one site, as for a visitor who follows its links and redirects.

May not enter: whose a cookie is (`audit/hosts.py`), which addresses are asked for.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

_PORTS: Final = {"http": 80, "https": 443}
_PLAIN, _SECURE = (tuple(pair) for pair in _PORTS.items())


def is_same_site(base: str, url: str) -> bool:
    """Tell whether who is led from one address to another is still on the site.

    The host is the same, with `www.` or without, and so is the port. The usual https may stand in for
    the usual http, never the other way round.

    Args:
        base: An address of the site.
        url: Where it leads; may be no address at all.
    """
    try:
        (host, *here), (other, *there) = _place(base), _place(url)
    except ValueError:
        return False
    moved = (tuple(here), tuple(there)) == (_PLAIN, _SECURE)
    return host == other and (here == there or moved)


def _place(url: str) -> tuple[str, str, int | None]:
    """Return host, scheme and port.

    Raises:
        ValueError: It is no address.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    return host, parts.scheme, parts.port or _PORTS.get(parts.scheme)
