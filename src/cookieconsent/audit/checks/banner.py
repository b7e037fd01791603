"""Banner and preferences page: yes and no are equally near, and can be changed.

May not enter: how cookies are classed.
"""

from __future__ import annotations

from typing import Final

from cookieconsent.audit.check import Check

CHECKS: Final[tuple[Check, ...]] = ()
