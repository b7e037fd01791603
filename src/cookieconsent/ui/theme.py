"""Style: the sheets under `styles/` as one site sends them, and what policies need to know of them.

`banner.css`, `settings.css` and `page.css` are the same everywhere; a shape that does not stand in the
flow adds a sheet of its own name to the banner's; a site's colours take the places of the shipped ones.
May not enter: markup, words.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from cookieconsent.core.palette import Palette

SHEETS: Final = ("banner", "settings", "embed", "page")
STICKY: Final = frozenset({"bottom", "corner"})
"""The shapes that stay in the window while the page scrolls; each has a sheet."""

_STYLES = Path(__file__).with_name("styles")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_AROUND = re.compile(r"\s*([{};,]|:(?=\s))\s*")
_DARK = "@media (prefers-color-scheme:dark)"
_SHIPPED_VALUE = re.compile(r"(var\(--cookieconsent-([a-z-]+),)[^()]*(?=\))")


def minify(sheet: str) -> str:
    """Return a style sheet without comments and without white space that means nothing."""
    text = _AROUND.sub(r"\1", _COMMENT.sub("", sheet))
    return re.sub(r"\s+", " ", text).replace(";}", "}").strip()


@cache
def _shipped(name: str) -> str:
    return minify((_STYLES / f"{name}.css").read_text(encoding="utf-8"))


def _painted(sheet: str, palette: Palette) -> str:
    """Return a minified sheet with a site's values in the places of the shipped ones.

    They stay what custom properties of the page fall back to.
    """
    light, mark, dark = sheet.partition(_DARK)
    return _filled(light, palette.light) + mark + _filled(dark, palette.dark)


def _filled(sheet: str, values: Mapping[str, str]) -> str:
    return _SHIPPED_VALUE.sub(
        lambda found: found[1] + values[found[2]] if found[2] in values else found[0], sheet
    )


class Theme:
    """The style of one site.

    Args:
        shape: The shape of its banner.
        palette: Its colours.
    """

    __slots__ = ("_hashes", "_sheets", "linked_name", "linked_sheet", "sticky")

    def __init__(self, shape: str = "top", palette: Palette | None = None) -> None:
        self.sticky: bool = shape in STICKY
        """Whether the banner stays in the window while the page scrolls."""
        sheets = {name: _shipped(name) for name in SHEETS}
        if self.sticky:
            sheets["banner"] += _shipped(shape)
        self._sheets = {name: _painted(text, palette or Palette()) for name, text in sheets.items()}
        self._hashes = {name: _hash_source(text) for name, text in self._sheets.items()}
        self.linked_sheet: bytes = "".join(self._sheets.values()).encode("ascii")
        """The whole style as one file, for pages whose policy forbids inline style."""
        digest = hashlib.sha256(self.linked_sheet).hexdigest()
        self.linked_name: str = f"style.{digest[:12]}.css"
        """The file name of the linked style: it changes when the content does."""

    def sheet(self, name: str) -> str:
        """Return a minified sheet: `banner`, `settings`, `embed` or `page`."""
        return self._sheets[name]

    def source_hash(self, name: str) -> str:
        """Return the CSP hash-source of an inline sheet (CSP Level 3, section 2.3.1)."""
        return self._hashes[name]

    def state_sheet(self, *, ask: bool) -> bytes:
        """Return the tiny sheet that hides the banner of shared pages from those who decided."""
        if ask:
            return b"/* undecided */"
        return b"#cookieconsent-banner{display:none}" + (_NO_ROOM if self.sticky else b"")


# The room that a sticky banner asks of the page, given back.
_NO_ROOM = (
    b"html:has(#cookieconsent-banner){scroll-padding-bottom:auto}"
    b"html:has(#cookieconsent-banner)::after{display:none}"
)


def _hash_source(text: str) -> str:
    digest = hashlib.sha256(text.encode("ascii")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


SHIPPED: Final = Theme()
"""The style of a site that sets nothing."""
