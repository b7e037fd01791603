"""Build src/cookieconsent/audit/trackers.tsv from the entities of the third-party-web project.

    python tools/build_trackers.py entities.json

`entities.json` is `dist/entities.json` of the npm package `third-party-web` (MIT). Taken from it are
facts alone: domains, owners and kinds. Domains of kinds that set cookies for the site's own sake
(hosting, consent, customer service, content) are left out, as are owners that few pages meet.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

TRACKERS: Final = (
    Path(__file__).resolve().parents[1] / "src" / "cookieconsent" / "audit" / "trackers.tsv"
)
CLASSES: Final = {
    "ad": "advertising",
    "analytics": "analytics",
    "marketing": "advertising",
    "social": "advertising",
    "tag-manager": "analytics",
    "video": "media",
}
MOST_MET: Final = 400  # owners
_DOMAIN: Final = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}")
# Hosts that anybody may rent, or that sign people in as well.
LEFT_OUT: Final = ("akamaihd.net", "amazonaws.com", "cloudfront.net", "github.io", "microsoft.com")
# What the list files under another kind, though what they set on other people's pages is this.
ADDED: Final = {
    "linkedin.com": ("advertising", "LinkedIn"),
    "t.co": ("advertising", "X"),
    "twitter.com": ("advertising", "X"),
    "vimeo.com": ("media", "Vimeo"),
    "x.com": ("advertising", "X"),
}


def trackers(entities: list[dict[str, Any]]) -> dict[str, tuple[str, str]]:
    """Return class and owner of each domain, without domains whose parent says the same."""
    known = [entity for entity in entities if entity["category"] in CLASSES]
    known.sort(key=lambda entity: -(entity.get("totalOccurrences") or 0))
    found = dict(ADDED)
    for entity in known[:MOST_MET]:
        owner = str(entity.get("company") or entity["name"])
        for domain in _domains(entity):
            found.setdefault(domain, (CLASSES[entity["category"]], owner))
    return {domain: fact for domain, fact in found.items() if fact not in _above(domain, found)}


def _domains(entity: dict[str, Any]) -> Iterator[str]:
    for pattern in entity["domains"]:
        domain = str(pattern).lower().removeprefix("*.")
        rented = any(domain.endswith(host) for host in LEFT_OUT)
        if _DOMAIN.fullmatch(domain) and not rented:
            yield domain


def _above(domain: str, found: dict[str, tuple[str, str]]) -> list[tuple[str, str]]:
    labels = domain.split(".")
    parents = (".".join(labels[start:]) for start in range(1, len(labels) - 1))
    return [found[parent] for parent in parents if parent in found][:1]


def _main(path: Path) -> None:
    found = trackers(json.loads(path.read_text(encoding="utf-8")))
    lines = [f"{domain}\t{cls}\t{owner}\n" for domain, (cls, owner) in sorted(found.items())]
    text = "".join(["domain\tcls\towner\n", *lines])
    TRACKERS.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
