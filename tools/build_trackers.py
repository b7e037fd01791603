"""Build src/cookieconsent/core/trackers.tsv from what people reviewed and what a list knows.

    python tools/build_trackers.py                   write the trackers
    python tools/build_trackers.py entities.json     take new facts first, then write them

`tools/catalogue/trackers.tsv` is the layer that people edit, and it always wins. Below it stand the
facts of `dist/entities.json` of the npm package `third-party-web` (MIT), kept in `entities.tsv`:
domains, owners and kinds. Domains of kinds that set cookies for the site's own sake (hosting, consent,
customer service, content) are left out, as are owners that few pages meet.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
TRACKERS: Final = ROOT / "src" / "cookieconsent" / "core" / "trackers.tsv"
REVIEWED: Final = ROOT / "tools" / "catalogue" / "trackers.tsv"
ENTITIES: Final = ROOT / "tools" / "catalogue" / "entities.tsv"
CLASSES: Final = {
    "ad": "advertising",
    "analytics": "analytics",
    "marketing": "advertising",
    "social": "advertising",
    "tag-manager": "analytics",
    "video": "media",
}
MOST_MET: Final = 300  # owners
_DOMAIN: Final = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}")
# Hosts that anybody may rent, or that sign people in as well.
LEFT_OUT: Final = ("akamaihd.net", "amazonaws.com", "cloudfront.net", "github.io", "microsoft.com")

Facts = dict[str, tuple[str, str]]
"""Class and owner by domain."""


def facts(entities: list[dict[str, Any]]) -> Facts:
    """Return the usable facts of the list: class and owner of each domain."""
    known = [entity for entity in entities if entity["category"] in CLASSES]
    known.sort(key=lambda entity: -(entity.get("totalOccurrences") or 0))
    found: Facts = {}
    for entity in known[:MOST_MET]:
        owner = str(entity.get("company") or entity["name"])
        for domain in _domains(entity):
            found.setdefault(domain, (CLASSES[entity["category"]], owner))
    return found


def _domains(entity: dict[str, Any]) -> Iterator[str]:
    for pattern in entity["domains"]:
        domain = str(pattern).lower().removeprefix("*.")
        rented = any(domain.endswith(host) for host in LEFT_OUT)
        if _DOMAIN.fullmatch(domain) and not rented:
            yield domain


def trackers(reviewed: Facts, listed: Facts) -> Facts:
    """Return both layers in one, without domains whose parent says the same."""
    found = {**listed, **reviewed}
    return {domain: fact for domain, fact in found.items() if fact not in _above(domain, found)}


def _above(domain: str, found: Facts) -> list[tuple[str, str]]:
    labels = domain.split(".")
    parents = (".".join(labels[start:]) for start in range(1, len(labels) - 1))
    return [found[parent] for parent in parents if parent in found][:1]


def read(path: Path) -> Facts:
    """Return the facts of a tab-separated file."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["domain"]: (row["cls"], row["owner"]) for row in rows}


def text(found: Facts) -> str:
    """Return the facts as a tab-separated file, sorted by domain."""
    lines = [f"{domain}\t{cls}\t{owner}\n" for domain, (cls, owner) in sorted(found.items())]
    return "".join(["domain\tcls\towner\n", *lines])


def _main(arguments: list[str]) -> None:
    if arguments:
        entities = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
        ENTITIES.write_text(text(facts(entities)), encoding="utf-8", newline="\n")
    found = trackers(read(REVIEWED), read(ENTITIES))
    TRACKERS.write_text(text(found), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    _main(sys.argv[1:])
