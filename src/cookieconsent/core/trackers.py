"""Domains of known trackers: what their cookies are, whatever the name.

The facts stand in `trackers.tsv` beside this file; tools/build_trackers.py builds it. They say less
than a name does, so they are asked last, and they never make a cookie exempt.
May not enter: a domain in code, an exempt class.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import Final

from cookieconsent.core.registry import Classification

TRACKERS: Final = Path(__file__).with_name("trackers.tsv")


@cache
def tracker_domains() -> dict[str, Classification]:
    """Return what each known tracker's domain sets, read once."""
    with TRACKERS.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["domain"]: _classification(row) for row in rows}


def _classification(row: dict[str, str]) -> Classification:
    return Classification(
        row["cls"], "catalogue", row["domain"], row["owner"], None, "set by a tracker's domain"
    )


def tracker(host: str | None) -> Classification | None:
    """Return what a host sets as a known tracker; `None` for any other host.

    Args:
        host: Case and dots at its edges do not matter. Its parents are looked up too.
    """
    known = tracker_domains()
    rest = host.strip(".").lower() if host else None
    while rest:
        if rest in known:
            return known[rest]
        rest = rest.partition(".")[2]
    return None
