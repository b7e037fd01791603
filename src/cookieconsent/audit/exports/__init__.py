"""What else an audit's cookies are good for: a draft of declarations, a disclosure, a table to print.

May not enter: findings; those are in `reports`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from cookieconsent.audit.exports import declaration, disclosure, policy
from cookieconsent.audit.report import Report
from cookieconsent.audit.site import Site

FORMATS: Final[dict[str, Callable[[Report, Site], str]]] = {
    "declaration": lambda report, site: declaration.write(report),  # noqa: ARG005 - one signature
    "disclosure": lambda report, site: disclosure.write(report),  # noqa: ARG005 - as above
    "policy": policy.html,
}
"""By the name that the form is asked for with."""
