"""Weigh what our markup adds to a page on the wire, and write the table of docs/how-to/looks.md.

Run it to print every weight and to write the table; the tests fail where the table is stale or a
weight is over its budget.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from cookieconsent import Config, Cookie
from cookieconsent.engine.config import SHAPES, Shape
from cookieconsent.engine.consent import Consent, Kind
from cookieconsent.ui.banner import Look
from cookieconsent.ui.languages import shipped

ROOT: Final = Path(__file__).resolve().parents[1]
PAGE: Final = ROOT / "docs" / "how-to" / "looks.md"
DATA: Final = ROOT / "tests" / "ui" / "data"
HOSTS: Final = {
    "tiny": "/",
    "article": "/articles/the-light-on-the-anvil",
    "forms": "/checkout/address",
}
"""Three host pages and their addresses: of a few lines, where nothing compresses along; an article of
about 30 kB with its own style; a checkout full of forms."""
COOKIES: Final = tuple(
    Cookie(name, cls, purpose="P.", provider=provider, lifetime="13 months")
    for name, cls, provider in (
        ("_ga", "analytics", "Google"),
        ("YSC", "media", "YouTube"),
        ("_fbp", "advertising", "Meta"),
    )
)
"""A site that asks for three classes, with three receivers."""
DAY: Final = 20_454
TABLE: Final = re.compile(r"(?<=<!-- weights -->\n).*?(?=<!-- /weights -->)", re.DOTALL)


def site(shape: Shape = "top") -> Consent:
    """Return the rules of a site that asks for much."""
    secret = "a secret of more than thirty-two characters"  # noqa: S105 - for weighing only
    return Consent(Config(secret_key=secret, cookies=COOKIES, shape=shape))


def compressed(body: bytes) -> int:
    """Return how many octets a body has on the wire."""
    return len(gzip.compress(body, 6, mtime=0))


def weight(consent: Consent, kind: Kind, locale: str) -> int:
    """Return how many octets markup adds to the host page where it adds most."""
    filled = consent.fragment(kind, locale, Look(utf8=True), consent.path, DAY)
    added = []
    for host, address in HOSTS.items():
        page = (DATA / f"host_{host}.html").read_bytes()
        place = re.search(rb"<body[^>]*>", page)
        at = 0 if place is None else place.end()
        whole = page[:at] + filled.to(address) + page[at:]
        added.append(compressed(whole) - compressed(page))
    return max(added)


def weights(consent: Consent, kind: Kind) -> dict[str, int]:
    """Return the weight in every language."""
    return {locale: weight(consent, kind, locale) for locale in shipped().names}


def heaviest() -> Iterator[tuple[str, str, int]]:
    """Yield what, in which language, and how heavy it is there: the heaviest of each."""
    for shape in SHAPES[:-1]:
        yield (f'banner, `shape="{shape}"`', *_most(weights(site(shape), "banner")))
    kinds: tuple[tuple[str, Kind], ...] = (
        ("settings element with the way to withdraw", "withdrawal"),
        ("settings element", "settings"),
    )
    for name, kind in kinds:
        yield (name, *_most(weights(site(), kind)))


def _most(found: dict[str, int]) -> tuple[str, int]:
    return max(found.items(), key=lambda item: (item[1], item[0]))


def _row(what: str, locale: str, octets: int) -> str:
    words = shipped().words(locale)
    return f"| {what} | {words.locale.english_name} (`{words.tag}`) | {octets:,} |"


def table() -> str:
    """Return the table of the page."""
    rows = [_row(what, locale, octets) for what, locale, octets in heaviest()]
    head = ["| | heaviest in | bytes |", "| --- | --- | ---: |"]
    return "\n".join([*head, *rows, ""])


if __name__ == "__main__":
    for shape in SHAPES[:-1]:
        print(shape, weights(site(shape), "banner"))
    print("withdrawal", weights(site(), "withdrawal"))
    if PAGE.exists():
        PAGE.write_text(
            TABLE.sub(lambda _: table(), PAGE.read_text(encoding="utf-8")), encoding="utf-8"
        )
