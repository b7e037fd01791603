"""Colours as style sheets write them (CSS Color Module Level 4): whether one is, and how it looks.

The named ones stand in `colours.tsv` beside this file. Colours of the system and those outside of sRGB
are known as colours, not how they look.
May not enter: what a colour is for.
"""

from __future__ import annotations

import colorsys
import csv
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, TypeAlias

Rgb: TypeAlias = tuple[float, float, float]
"""Red, green and blue, each from 0 to 1."""

DATA: Final = Path(__file__).with_name("colours.tsv")
_SYSTEM: Final = frozenset(
    "accentcolor accentcolortext activetext buttonborder buttonface buttontext canvas canvastext field "
    "fieldtext graytext highlight highlighttext linktext mark marktext selecteditem selecteditemtext "
    "visitedtext".split()
)
_SPACES: Final = frozenset(
    "srgb srgb-linear display-p3 a98-rgb prophoto-rgb rec2020 xyz xyz-d50 xyz-d65".split()
)
_HEX = re.compile(r"#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})", re.ASCII)
_FUNCTION = re.compile(r"([a-z]+)\(([a-z0-9.,% /+-]{1,60})\)", re.ASCII)
_NUMBER = re.compile(r"([+-]?(?:[0-9]+\.?|[0-9]*\.[0-9]+)(?:e[+-]?[0-9]{1,2})?)(%|[a-z]*)", re.ASCII)
_TURN: Final = {"": 360.0, "deg": 360.0, "grad": 400.0, "rad": 6.283185307179586, "turn": 1.0}


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour."""

    rgb: Rgb | None
    """How it looks; `None` where that is the browser's to say."""
    alpha: float = 1.0
    """From 0, which nobody sees, to 1, which nothing shines through."""

    def over(self, behind: Rgb) -> Rgb | None:
        """Return how it looks before another one (Compositing Level 1, section 5.1)."""
        if self.rgb is None:
            return None
        red, green, blue = (
            front * self.alpha + back * (1 - self.alpha)
            for front, back in zip(self.rgb, behind, strict=True)
        )
        return red, green, blue


@cache
def named() -> Mapping[str, str]:
    """Return the named colours in hexadecimal, read once."""
    with DATA.open(encoding="ascii", newline="") as file:
        return {row["name"]: row["hex"] for row in csv.DictReader(file, delimiter="\t")}


def read_colour(text: str) -> Colour | None:
    """Read a colour; `None` where browsers would not know it."""
    lower = text.lower()
    if lower == "transparent":
        return Colour((0.0, 0.0, 0.0), 0.0)
    if lower in _SYSTEM:
        return Colour(None)
    digits = _HEX.fullmatch(named().get(lower, lower))
    if digits:
        return _of_digits(digits[1])
    call = _FUNCTION.fullmatch(lower)
    return _of_function(call[1], call[2]) if call else None


def _of_digits(digits: str) -> Colour:
    """Return what `rgb`, `rgba`, `rrggbb` or `rrggbbaa` stands for (section 5.2)."""
    pairs = [digit * 2 for digit in digits] if len(digits) <= len("rgba") else re.findall("..", digits)
    red, green, blue, *alpha = (int(pair, 16) / 255 for pair in pairs)
    return Colour((red, green, blue), *alpha)


def _of_function(name: str, inside: str) -> Colour | None:
    """Return what a function stands for: three parts, and for some of them how dense it is."""
    parts, alpha = _parts(name, inside)
    if name == "color" and parts and parts[0] in _SPACES:
        name, parts = "color", parts[1:]
    read = _READERS.get(name)
    density = 1.0 if alpha is None else _share(alpha)
    if read is None or density is None or len(parts) != len("rgb"):
        return None
    return read(parts, min(max(density, 0.0), 1.0))


def _parts(name: str, inside: str) -> tuple[Sequence[str], str | None]:
    """Return the parts of a function and its alpha, in today's form or with commas (section 4.1)."""
    if "," in inside and name in {"rgb", "rgba", "hsl", "hsla"} and "none" not in inside:
        first, second, third, *rest = [*map(str.strip, inside.split(",")), "", ""]
        alpha = rest[0] if len(rest) > 2 else None  # noqa: PLR2004 - the two that were added
        return ([first, second, third] if len(rest) <= 3 else []), alpha  # noqa: PLR2004 - as above
    before, slash, alpha = inside.partition("/")
    return before.split(), alpha.strip() if slash else None
