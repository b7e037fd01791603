"""Write docs/reference/frameworks.md: every journey of the tests, walked through every framework.

Run it, with `tests` on the path, to write the page; the tests fail where the page is stale. The
versions in it are those of the last run: a new release of a framework alone makes no page stale.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Final

from integrations.deviations import DEVIATIONS, journey_through
from integrations.journeys import JOURNEYS, MODULES, Served, served

DOCS: Final = Path(__file__).resolve().parents[1] / "docs"
PAGE: Final = DOCS / "reference" / "frameworks.md"
GUIDES: Final = {"plain": "any-application"}
"""The guides that are not called like the framework."""
DOORS: Final = {"asgi": "ASGI", "wsgi": "WSGI"}

_VERSION = re.compile(
    r"^\| (?P<name>[^|]+) \| (?P<version>[^|]+) \| (?:ASGI|WSGI) \|", re.MULTILINE
)


def page(versions: Mapping[str, str] | None = None) -> str:
    """Walk all journeys, and return the page.

    Args:
        versions: By the name of the site; without them, those that are installed.

    Raises:
        AssertionError: A framework gives an answer that is not declared.
    """
    sites = [_walk(name) for name in MODULES]
    reasons = _reasons(sites)
    return "\n".join(
        [
            "# Frameworks",
            "",
            "<!-- Written by tools/frameworks.py; do not edit. -->",
            "",
            (
                f"One table of {len(JOURNEYS)} journeys runs through a small site in each framework, "
                "and each answer is compared: the status, what of ours is in the page, the cookies "
                "that pass in and out, the deletions, what caches are told, what the application "
                "is told. The table is `tests/integrations/journeys.py`."
            ),
            "",
            "| framework | tested with | door | guide |",
            "| --- | --- | --- | --- |",
            *(_row([s.name, _version(s, versions), DOORS[s.door], _guide(s)]) for s in sites),
            "",
            *_matrix("asgi", sites, reasons),
            *_matrix("wsgi", sites, reasons),
            (
                "*Same* is the common answer; *other* is what the framework forces, declared in "
                "`tests/integrations/deviations.py` and seen by the same run. A dash: it has no "
                "websockets, as no framework has behind the WSGI door."
            ),
            "",
            *(f"[^{number}]: {reason}" for reason, number in reasons.items()),
            "",
        ]
    )


def versions_in(text: str) -> dict[str, str]:
    """Return the versions that a page tells, by the name of the site."""
    return {found["name"]: found["version"] for found in _VERSION.finditer(text)}


def _walk(name: str) -> Served:
    """Walk through one site what is to be told of it."""
    # Frameworks tell there of the error that a journey is about.
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said), served(name) as site:
        for journey in JOURNEYS:
            if journey.fits(websockets=site.websocket):
                due = journey_through(site.name, journey)
                if due.walk(site) != due.sights:
                    message = f"{site.name}, {journey.title}: not as declared; run the tests"
                    raise AssertionError(message)
    return site


def _reasons(sites: Sequence[Served]) -> dict[str, int]:
    """Number the reasons for other answers in the order of the table."""
    declared = [
        DEVIATIONS[site.name][journey.title].reason
        for door in DOORS
        for journey in JOURNEYS
        for site in sites
        if site.door == door and journey.title in DEVIATIONS.get(site.name, {})
    ]
    return {reason: number for number, reason in enumerate(dict.fromkeys(declared), start=1)}


def _matrix(door: str, sites: Sequence[Served], reasons: Mapping[str, int]) -> list[str]:
    through = [site for site in sites if site.door == door]
    websockets = any(site.websocket for site in through)
    titles = [journey.title for journey in JOURNEYS if journey.fits(websockets=websockets)]
    return [
        f"## Through the {DOORS[door]} door",
        "",
        _row(["journey", *(site.name for site in through)]),
        _row(["---"] * (len(through) + 1)),
        *(_row([title, *(_cell(site, title, reasons) for site in through)]) for title in titles),
        "",
    ]


def _cell(site: Served, title: str, reasons: Mapping[str, int]) -> str:
    [journey] = [journey for journey in JOURNEYS if journey.title == title]
    if not journey.fits(websockets=site.websocket):
        return "\N{EN DASH}"
    declared = DEVIATIONS.get(site.name, {}).get(title)
    return "same" if declared is None else f"other [^{reasons[declared.reason]}]"


def _version(site: Served, versions: Mapping[str, str] | None) -> str:
    if versions is not None:
        return versions.get(site.name, "")
    return site.version or "\N{EN DASH}"


def _guide(site: Served) -> str:
    package = site.module.partition("_")[0]
    guide = GUIDES.get(package, package)
    return f"[how to](../how-to/{guide}.md)"


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
