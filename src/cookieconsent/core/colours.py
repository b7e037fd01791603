"""Colours as style sheets write them (CSS Color Module Level 4): whether one is, and how it looks.

The named ones stand in `colours.tsv` beside this file. Colours of the system and those outside of sRGB
are known as colours, not how they look.
May not enter: what a colour is for.
"""

from __future__ import annotations

import colorsys
import csv
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, TypeAlias

Rgb: TypeAlias = tuple[float, float, float]
"""Red, green and blue, each from 0 to 1."""

DATA: Final = Path(__file__).with_name("colours.tsv")
_SYSTEM = re.compile(
    "accentcolor(?:text)?|activetext|button(?:border|face|text)|canvas(?:text)?|field(?:text)?|graytext"
    "|highlight(?:text)?|linktext|mark(?:text)?|selecteditem(?:text)?|visitedtext"
)
_SPACE = re.compile(
    "srgb(?:-linear)?|display-p3|a98-rgb|prophoto-rgb|rec2020|xyz(?:-d50|-d65)?",
)
_TURN: Final = {"": 360.0, "deg": 360.0, "grad": 400.0, "rad": math.tau, "turn": 1.0}
_HEX = re.compile(r"#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})")
_FUNCTION = re.compile(r"([a-z]+)\(([a-z0-9.,% /+-]{1,60})\)")
_PAIR = re.compile("..")
_NUMBER = re.compile(r"([+-]?(?:[0-9]+|[0-9]*\.[0-9]+)(?:e[+-]?[0-9]{1,2})?)(%|[a-z]*)")


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
    if not text.isascii():
        return None  # some letters become ASCII ones in lower case
    lower = text.lower()
    if lower == "transparent":
        return Colour((0.0, 0.0, 0.0), 0.0)
    if _SYSTEM.fullmatch(lower):
        return Colour(None)
    digits = _HEX.fullmatch(named().get(lower, lower))
    if digits:
        return _of_digits(digits[1])
    call = _FUNCTION.fullmatch(lower)
    return _of_function(call[1], call[2]) if call else None


def _of_digits(digits: str) -> Colour:
    """Return what `rgb`, `rgba`, `rrggbb` or `rrggbbaa` stands for (section 5.2)."""
    pairs = [digit * 2 for digit in digits] if len(digits) <= len("rgba") else _PAIR.findall(digits)
    red, green, blue, *alpha = (int(pair, 16) / 255 for pair in pairs)
    return Colour((red, green, blue), *alpha)


def _of_function(name: str, inside: str) -> Colour | None:
    """Return what a function stands for: its parts, and how dense it is (section 4.1)."""
    if "," in inside:
        parts = [part.strip() for part in inside.split(",")]
        density = parts.pop() if len(parts) == len("rgba") else "1"
        if not _may_have_commas(name, parts):
            return None
    else:
        before, slash, after = inside.partition("/")
        parts, density = before.split(), after.strip() if slash else "1"
    if name == "color" and not (parts and _SPACE.fullmatch(parts.pop(0))):
        return None
    read, alpha = _READERS.get(name), _amount(density, 1.0)
    if read is None or alpha is None or len(parts) != len("rgb"):
        return None
    return read(parts, alpha)


def _may_have_commas(name: str, parts: Sequence[str]) -> bool:
    """Tell whether a function is of those that had commas once, and was written so (section 5.1)."""
    per_cent = [part.endswith("%") for part in parts]
    if "none" in parts:
        return False
    if name in {"rgb", "rgba"}:
        return len(set(per_cent)) == 1
    return name in {"hsl", "hsla"} and all(per_cent[1:])


def _amount(part: str, whole: float) -> float | None:
    """Return a number or percentage as a share of the whole, from 0 to 1; `None` for neither."""
    found = _NUMBER.fullmatch(part)
    if part == "none":
        return 0.0
    if found is None or found[2] not in {"", "%"}:
        return None
    return min(max(float(found[1]) / (100 if found[2] else whole), 0.0), 1.0)


def _hue(part: str) -> float | None:
    """Return an angle in turns."""
    found = _NUMBER.fullmatch(part)
    if part == "none":
        return 0.0
    return float(found[1]) / _TURN[found[2]] % 1 if found and found[2] in _TURN else None


def _rgb(parts: Sequence[str], alpha: float) -> Colour | None:
    red, green, blue = (_amount(part, 255) for part in parts)
    if red is None or green is None or blue is None:
        return None
    return Colour((red, green, blue), alpha)


def _hsl(parts: Sequence[str], alpha: float) -> Colour | None:
    hue, saturation, lightness = _hue(parts[0]), _amount(parts[1], 100), _amount(parts[2], 100)
    if hue is None or saturation is None or lightness is None:
        return None
    return Colour(colorsys.hls_to_rgb(hue, lightness, saturation), alpha)


def _hwb(parts: Sequence[str], alpha: float) -> Colour | None:
    hue, white, black = _hue(parts[0]), _amount(parts[1], 100), _amount(parts[2], 100)
    if hue is None or white is None or black is None:
        return None
    total = max(white + black, 1.0)
    white, black = white / total, black / total
    red, green, blue = (
        part * (1 - white - black) + white for part in colorsys.hls_to_rgb(hue, 0.5, 1.0)
    )
    return Colour((red, green, blue), alpha)


def _wider(parts: Sequence[str], alpha: float) -> Colour | None:
    """Return a colour of another space, if its parts are numbers; the browser fits it in."""
    fit = all(_amount(part, 1.0) is not None for part in parts[:2]) and _hue_or_amount(parts[2])
    return Colour(None, alpha) if fit else None


def _hue_or_amount(part: str) -> bool:
    return _hue(part) is not None or _amount(part, 1.0) is not None


_Reader: TypeAlias = Callable[[Sequence[str], float], Colour | None]
_READERS: Final[Mapping[str, _Reader]] = {
    **dict.fromkeys(("rgb", "rgba"), _rgb),
    **dict.fromkeys(("hsl", "hsla"), _hsl),
    "hwb": _hwb,
    **dict.fromkeys(("lab", "lch", "oklab", "oklch", "color"), _wider),
}
