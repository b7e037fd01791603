"""HTTP and caching: nothing of one visitor reaches another, nothing escapes.

May not enter: how cookies are classed.
"""

from __future__ import annotations

from typing import Final

from cookieconsent.audit.check import Check

CHECKS: Final[tuple[Check, ...]] = ()
