"""Declaration: what the site says of its cookies is true and complete.

May not enter: how cookies are classed.
"""

from __future__ import annotations

from typing import Final

from cookieconsent.audit.check import Check

CHECKS: Final[tuple[Check, ...]] = ()
