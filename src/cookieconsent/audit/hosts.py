"""Which hosts belong to one owner, as far as names alone can tell.

May not enter: what hosts are known for (`core/trackers.py`).
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from cookieconsent.core.registry import KNOWN_SUFFIXES

_ADDRESS: Final = re.compile(r"[0-9.]+|.*:.*")
_LOCAL: Final = re.compile(r"(?:[a-z0-9-]+\.)*localhost")


def owned(host: str) -> str:
    """Return the part of a host that one owner has, as far as it can be told without a list."""
    if _ADDRESS.fullmatch(host):
        return host
    labels = host.split(".")
    return ".".join(labels[-3:] if ".".join(labels[-2:]) in KNOWN_SUFFIXES else labels[-2:])


def is_nowhere(host: str) -> bool:
    """Tell whether a host is a name for this machine, an address or nothing: no site's own name."""
    return "." not in host or bool(_ADDRESS.fullmatch(host) or _LOCAL.fullmatch(host))


def is_foreign(host: str, base: str) -> bool:
    """Tell whether a host is none of the site's own: neither above nor below that of its address."""
    own = urlsplit(base).hostname or ""
    if not own:  # listened to in tests, where everything that answers is the site
        return False
    same = host == own or host.endswith("." + own)
    above = own.endswith("." + host) and not is_nowhere(host)
    return not (same or above)
