"""Attributes: cookies that cannot be stolen, kept too long, or sent too far.

May not enter: how cookies are classed.
"""

from __future__ import annotations

from typing import Final

from cookieconsent.audit.check import Check

CHECKS: Final[tuple[Check, ...]] = ()
