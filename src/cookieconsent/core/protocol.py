"""Which protocol an application speaks, as far as looking at it tells; it is never called here.

May not enter: calling it.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Final, Literal

Door = Literal["ASGI", "WSGI"]

ARGUMENTS: Final[Mapping[Door, int]] = {"ASGI": 3, "WSGI": 2}
"""How many arguments an application is called with: `scope, receive, send` (ASGI 3.0), or `environ,
start_response` (PEP 3333)."""


def takes(app: object, count: int) -> bool | None:
    """Tell whether an application can be called with so many arguments; `None` if nobody knows."""
    try:
        # Not what a decorator has wrapped: it may be there to bridge the protocols.
        signature = inspect.signature(app, follow_wrapped=False)  # type: ignore[arg-type]
    except Exception:  # noqa: BLE001 - whatever looking at somebody else's object may raise
        return None
    try:
        signature.bind(*range(count))
    except TypeError:
        return False
    return True
