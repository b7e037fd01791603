"""Where a framework forces an answer that the common table does not have, and why.

An entry says what is seen instead. The tests fail where it is not seen, and where it is what everybody
sees, so nothing stays in here for longer than it is true.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from integrations.journeys import (
    PREFERENCES,
    Act,
    Journey,
    Sight,
    press,
    saved,
    visit,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """Other sights on one journey."""

    reason: str
    """Why, for readers of the documentation: a sentence."""
    sights: tuple[Sight, ...]
    acts: tuple[Act, ...] | None = None
    """What the visitor does instead, where the journey cannot be walked to its end."""


BY_SERVER: Final = Deviation(
    reason="An unhandled error reaches the server, which answers in place of the application.",
    sights=(Sight(status=500, by_server=True),),
)
NO_HTML_ERROR: Final = Deviation(
    reason="Its own page for unhandled errors is no HTML, so nothing is put into it.",
    sights=(Sight(status=500),),
)
NO_HTML_UNKNOWN: Final = Deviation(
    reason="Its own page for unknown paths is no HTML, so nothing is put into it.",
    sights=(Sight(status=404),),
)
ROUTES_NAME_THE_PREFIX: Final = Deviation(
    reason="It looks for the whole path, prefix included, so its routes must name the prefix; our "
    "own pages need nothing.",
    acts=(visit("/nothing"), visit("/cookie-consent"), press("accept")),
    sights=(Sight(status=404), PREFERENCES, saved("/shop/cookie-consent"), PREFERENCES),
)

DEVIATIONS: Final[Mapping[str, Mapping[str, Deviation]]] = {
    "Falcon (ASGI)": {
        "Error page": NO_HTML_ERROR,
        "Unknown path": NO_HTML_UNKNOWN,
        "Mounted under a prefix": ROUTES_NAME_THE_PREFIX,
    },
    "Falcon (WSGI)": {"Error page": NO_HTML_ERROR, "Unknown path": NO_HTML_UNKNOWN},
    "Plain ASGI": {"Error page": BY_SERVER},
    "Plain WSGI": {"Error page": BY_SERVER},
    "Pyramid": {"Error page": BY_SERVER},
}
"""By the name of the site, then by the title of the journey."""


def journey_through(name: str, journey: Journey) -> Journey:
    """Return a journey as it must go through one site."""
    declared = DEVIATIONS.get(name, {}).get(journey.title)
    if declared is None:
        return journey
    return replace(journey, acts=declared.acts or journey.acts, sights=declared.sights)
