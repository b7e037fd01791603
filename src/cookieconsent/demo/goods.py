"""What the shop sells, and its pictures.

May not enter: pages, baskets.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from markupsafe import Markup

_ART = Path(__file__).with_name("art")


def picture(name: str) -> Markup:
    """Return a drawing of ours as inline SVG."""
    return Markup((_ART / f"{name}.svg").read_text(encoding="utf-8"))  # noqa: S704 - a file of ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """Something to buy."""

    slug: str
    """Its name in addresses and in the basket cookie."""
    name: str
    teaser: str
    text: str
    cents: int
    """Its price in cents of a euro."""
    art: Markup


def _article(slug: str, name: str, cents: int, teaser: str, text: str) -> Article:
    return Article(slug=slug, name=name, cents=cents, teaser=teaser, text=text, art=picture(slug))


ARTICLES: Final = (
    _article(
        "teapot",
        "Harbour teapot",
        3_800,
        "Stoneware, for four cups",
        "Thrown by hand, glazed in the green of a harbour wall. The spout does not drip: we poured "
        "two hundred pots to be sure.",
    ),
    _article(
        "mug",
        "Tide mug",
        1_400,
        "Holds 350\u00a0ml and its heat",
        "A thick wall, a wide handle and a line where the sea ends. Dishwasher, microwave and clumsy "
        "mornings are all fine.",
    ),
    _article(
        "tea",
        "Morning black",
        950,
        "Loose leaf, 125\u00a0g",
        "Assam for strength, Ceylon for brightness. Three minutes, water just off the boil; takes "
        "milk without going grey.",
    ),
    _article(
        "biscuits",
        "Lemon biscuits",
        720,
        "Baked on Tuesdays",
        "Short, crisp and sharp, with peel in the dough and sugar on the edge. The tin closes well "
        "enough to send by post.",
    ),
    _article(
        "honey",
        "Heather honey",
        1_150,
        "From one hillside, 340\u00a0g",
        "Dark, thick and a little bitter. It sets like jelly and melts on toast, as heather honey "
        "should.",
    ),
    _article(
        "towel",
        "Tea towel",
        1_200,
        "Linen, woven in stripes",
        "Stiff on the first day, soft on the fiftieth. A loop in the corner, because towels that lie "
        "about get lost.",
    ),
)
BY_SLUG: Final = {article.slug: article for article in ARTICLES}


def price(cents: int) -> str:
    """Write a price as visitors read it."""
    return f"€{cents // 100}.{cents % 100:02d}"
