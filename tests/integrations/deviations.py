"""Where a framework forces an answer that the common table does not have, and why.

An entry says what is seen instead. The tests fail where it is not seen, and where it is what everybody
sees, so nothing stays in here for longer than it is true.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from integrations.journeys import (
    JOURNEYS,
    PREFERENCES,
    UNKNOWN,
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


def not_stored(title: str, *at: int, varies: tuple[int, ...] = ()) -> Deviation:
    """Return a journey on which datasette tells caches more than we do, at these sights."""
    [sights] = [journey.sights for journey in JOURNEYS if journey.title == title]
    return Deviation(
        reason="It says `private, no-store` where a cookie comes or goes, and `Vary: Cookie` always.",
        sights=tuple(
            replace(
                sight,
                stored="nowhere" if index in at else sight.stored,
                varies=sight.varies or index in varies,
            )
            for index, sight in enumerate(sights)
        ),
    )


DEVIATIONS: Final[Mapping[str, Mapping[str, Deviation]]] = {
    "FastAPI": {"Error page": NO_HTML_ERROR, "Unknown path": NO_HTML_UNKNOWN},
    "Litestar": {"Error page": NO_HTML_ERROR, "Unknown path": NO_HTML_UNKNOWN},
    "Starlette": {"Error page": NO_HTML_ERROR, "Unknown path": NO_HTML_UNKNOWN},
    "datasette": {
        "No choice": not_stored("No choice", 0, 1),
        "Reject": not_stored("Reject", 0, 2),
        "Accept": not_stored("Accept", 0, 2, 3),
        "Save per class": not_stored("Save per class", 3),
        "Withdraw": not_stored("Withdraw", 0, 2, 4),
        "Global Privacy Control": not_stored("Global Privacy Control", 0, 1),
        "`consent_of` with the framework's request": not_stored(
            "`consent_of` with the framework's request", 4
        ),
        "Redirect": not_stored("Redirect", 0, 1, 3, 4, varies=(0, 4)),
        "Streaming": not_stored("Streaming", 2),
        "Static file": not_stored("Static file", varies=(0,)),
        "HEAD": not_stored("HEAD", 0),
        "Mounted under a prefix": Deviation(
            reason="It is told of a prefix by `base_url` alone, so its own pages are not found; our "
            "own pages need nothing.",
            acts=(visit("/nothing"), visit("/cookie-consent"), press("accept")),
            sights=(UNKNOWN, PREFERENCES, saved("/shop/cookie-consent"), PREFERENCES),
        ),
    },
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
