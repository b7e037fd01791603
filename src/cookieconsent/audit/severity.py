"""How bad a finding is."""

from __future__ import annotations

from typing import Final, Literal

Severity = Literal["critical", "high", "medium", "low", "info"]
SEVERITIES: Final[tuple[Severity, ...]] = ("critical", "high", "medium", "low", "info")
"""The worst first."""


def is_at_least(severity: Severity, least: Severity) -> bool:
    """Tell whether a severity is as bad as another one, or worse."""
    return SEVERITIES.index(severity) <= SEVERITIES.index(least)
