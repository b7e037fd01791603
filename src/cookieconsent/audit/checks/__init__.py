"""The checks, by their families; `CHECKS` is all of them in the order of their ids.

May not enter: how a verdict is made (`judging`).
"""

from __future__ import annotations

from typing import Final

from cookieconsent.audit.check import Check
from cookieconsent.audit.checks import answers, attributes, banner, consent, declaration, http

CHECKS: Final[tuple[Check, ...]] = tuple(
    sorted(
        (
            *consent.CHECKS,
            *declaration.CHECKS,
            *banner.CHECKS,
            *answers.CHECKS,
            *attributes.CHECKS,
            *http.CHECKS,
        ),
        key=lambda check: check.id,
    )
)
BY_ID: Final = {check.id: check for check in CHECKS}
