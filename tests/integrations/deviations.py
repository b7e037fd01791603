"""Where a framework forces an answer that the common table does not have, and why.

An entry says what is seen instead. The tests fail where it is not seen, and where it is what everybody
sees, so nothing stays in here for longer than it is true.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from integrations.journeys import ERROR, UNKNOWN, Journey, Served, Sight


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """Other sights on one journey."""

    reason: str
    """Why, for readers of the documentation: a sentence."""
    sights: tuple[Sight, ...]


BY_SERVER: Final = Deviation(
    reason="An unhandled error reaches the server, which answers without the application.",
    sights=(Sight(status=500, by_server=True),),
)

DEVIATIONS: Final[Mapping[str, Mapping[str, Deviation]]] = {
    "Plain ASGI": {"Error page": BY_SERVER},
    "Plain WSGI": {"Error page": BY_SERVER},
}
"""By the name of the site, then by the title of the journey."""


def deviation(site: Served, journey: Journey) -> Deviation | None:
    """Return what is declared for a site and a journey."""
    return DEVIATIONS.get(site.name, {}).get(journey.title)


def expected(site: Served, journey: Journey) -> tuple[Sight, ...]:
    """Return what must be seen."""
    declared = deviation(site, journey)
    return journey.sights if declared is None else declared.sights
