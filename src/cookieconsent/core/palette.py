"""A site's theme: the handful of values it may set, what may stand in them, and whether one can read.

Values go into style sheets as they are, so each must be of a shape that can neither end a declaration
nor fetch anything.
May not enter: style sheets, selectors.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Final, Literal, TypeGuard

from cookieconsent.core.colours import Rgb, read_colour
from cookieconsent.errors import ConfigError, UnknownFieldError

Scheme = Literal["light", "dark"]
SCHEMES: Final[tuple[Scheme, ...]] = ("light", "dark")
COLOURS: Final = ("text", "back", "line", "accent", "on-accent")
NAMES: Final = (*COLOURS, "font", "radius")
SHIPPED: Final[Mapping[Scheme, Mapping[str, str]]] = {
    "light": {
        "text": "#1d2733",
        "back": "#f2f5f8",
        "line": "#c3ccd6",
        "accent": "#2c4459",
        "on-accent": "#fff",
    },
    "dark": {
        "text": "#e4e9ef",
        "back": "#1b232d",
        "line": "#3d4855",
        "accent": "#c2d5e8",
        "on-accent": "#12202f",
    },
}
"""The colours of the banner where a site sets none."""
LEAST_CONTRAST: Final = (
    ("text", "back", 4.5),
    ("on-accent", "accent", 4.5),
    ("accent", "back", 3.0),
)
"""What stands on what, and the contrast it needs (WCAG 2.2, 1.4.3 for text and 1.4.11 for the rest)."""

_FAMILY = r"""(?:[a-z][a-z0-9 -]*|"[a-z0-9 -]+"|'[a-z0-9 -]+')"""
_FORMS: Final = {
    "font": (
        re.compile(rf"{_FAMILY}(?: ?, ?{_FAMILY})*", re.IGNORECASE | re.ASCII),
        "Write font families, such as 'Inter, system-ui, sans-serif'",
    ),
    "radius": (
        re.compile(r"0|[0-9]{1,3}(?:\.[0-9]{1,3})?(?:px|em|rem)"),
        "Write a length, such as '6px'",
    ),
}
_MAX_VALUE = 200
_LEAST_ALPHA = 0.05
_BEHIND: Final[Mapping[Scheme, Rgb]] = {"light": (1.0, 1.0, 1.0), "dark": (0.0, 0.0, 0.0)}
"""What shines through a background: the empty page of each scheme."""


@dataclass(frozen=True, slots=True)
class Palette:
    """The values that a site sets, by scheme and name."""

    light: Mapping[str, str] = field(default_factory=dict, hash=False)
    dark: Mapping[str, str] = field(default_factory=dict, hash=False)

    def value(self, scheme: Scheme, name: str) -> str:
        """Return a colour: the site's, else the shipped one."""
        own = self.light if scheme == "light" else self.dark
        return own.get(name) or SHIPPED[scheme][name]


def read_palette(theme: object) -> Palette:
    """Read what a site wrote as its theme: values, and under `dark` those of the dark scheme.

    Raises:
        ConfigError: A name is unknown, or a value may not stand in a style sheet.
    """
    values = _table("theme", theme)
    dark = _table("theme.dark", values.pop("dark", {}))
    _check("theme", values, NAMES, also=("dark",))
    _check("theme.dark", dark, COLOURS)
    return Palette(values, dark)


def _table(place: str, value: object) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise ConfigError(
            place,
            f"{value!r} is no table of values",
            f"Write names and values, such as {{'accent': {SHIPPED['light']['accent']!r}}}",
            toml_fix=f"Write a table [{{table}}.{place}]",
        )
    return dict(value)


def _check(
    place: str, values: Mapping[str, object], known: tuple[str, ...], also: tuple[str, ...] = ()
) -> None:
    for name, value in values.items():
        if name not in known:
            near = difflib.get_close_matches(str(name), [*known, *also], 1)
            if near:
                raise UnknownFieldError(f"{place}.{name}", near[0])
            raise ConfigError(
                f"{place}.{name}", "there is no such value", f"Use one of {', '.join(known)}"
            )
        if name in COLOURS:
            _check_colour(f"{place}.{name}", value)
            continue
        form, fix = _FORMS[name]
        if not (_is_short(value) and form.fullmatch(value)):
            raise ConfigError(f"{place}.{name}", f"{value!r} does not fit", fix)


def _is_short(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and len(value) <= _MAX_VALUE


def _check_colour(place: str, value: object) -> None:
    colour = read_colour(value) if _is_short(value) else None
    if colour is None:
        raise ConfigError(
            place, f"{value!r} does not fit", "Write a colour, such as '#2c4459' or 'navy'"
        )
    if colour.alpha < _LEAST_ALPHA:
        raise ConfigError(
            place, f"{value!r} cannot be seen", "Write a colour that is not transparent"
        )


def weak_contrasts(palette: Palette) -> Iterator[tuple[str, str]]:
    """Yield the field and the fault of each pair of colours that is too hard to tell apart.

    Colours of the system, and those that only some screens have, are not judged.
    """
    for scheme, (front, back, least) in product(SCHEMES, LEAST_CONTRAST):
        own = palette.light if scheme == "light" else palette.dark
        if {front, back}.isdisjoint(own):
            continue
        colours = palette.value(scheme, front), palette.value(scheme, back)
        ratio = contrast(*colours, behind=_BEHIND[scheme])
        if ratio is not None and ratio < least:
            name = front if front in own else back
            field_name = f"theme.{name}" if scheme == "light" else f"theme.dark.{name}"
            pair = f"{front} {colours[0]} on {back} {colours[1]}"
            needed = f"many people need at least {least:g}:1"
            yield field_name, f"{pair} has a contrast of {ratio:.2f}:1; {needed}"


def contrast(front: str, back: str, *, behind: Rgb = _BEHIND["light"]) -> float | None:
    """Return the contrast ratio of two colours (WCAG 2.2, "contrast ratio").

    Args:
        front: What stands on the other.
        back: What it stands on.
        behind: What shines through where that is not dense.

    Returns:
        From 1 to 21; `None` where one of them is none whose look is known.
    """
    above, below = read_colour(front), read_colour(back)
    ground = below and below.over(behind)
    shown = above and ground and above.over(ground)
    if not (ground and shown):
        return None
    darker, lighter = sorted((_luminance(shown), _luminance(ground)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Rgb) -> float:
    """Return the relative luminance of a colour (WCAG 2.2, "relative luminance")."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004
        for part in colour
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
