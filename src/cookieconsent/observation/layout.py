"""How a page with its controls, such as buttons, lies in a browser's window.

May not enter: how it is measured (`scripts/controls.js`), what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

WINDOW: Final = (1280, 720)
"""CSS pixels: the window of visitors."""
NARROW: Final = 320
"""CSS pixels: a window in which a page must not be wider than it (WCAG 2.2, 1.4.10)."""
PHONES: Final = {390: 844, NARROW: 568}
"""Windows of telephones, in CSS pixels: their height by their width."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """What people see of a control; lengths in CSS pixels, colours as `#rrggbb`."""

    tag: str
    text: str
    """What it says."""
    width: float
    height: float
    x: float
    """From the left of the document, as `y` from its top."""
    y: float
    font_size: float
    font_weight: int
    colour: str
    """Of its letters, blended with what lies below, as `background` is."""
    background: str
    visible: bool
    """Whether it has a size, and is neither hidden nor as good as transparent."""
    at_hand: bool
    """Whether it is in the window as the page opens, with nothing else on it."""

    @property
    def area(self) -> float:
        """Square pixels."""
        return self.width * self.height


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A page in windows."""

    controls: Mapping[str, Control]
    """What was looked for and is there."""
    phones: Mapping[int, Mapping[str, Control]]
    """The same in the windows of telephones, by their width."""
    narrow_width: int
    """How wide the document is in a window of `NARROW`."""
