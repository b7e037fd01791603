"""What an application used of the consent state while it made one response.

Its head follows from this: caches must know what a page depends on, and a page of one visitor is
nobody else's. May not enter: what a head says then (`exchange`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final


@dataclass(slots=True)
class Use:
    """What was used so far. Everything begins unused."""

    answer: bool = False
    """What the visitor said, so that the response may depend on it."""
    banner: bool = False
    """The banner, which the template has placed, or would have."""
    settings: bool = False
    """The settings element, likewise."""
    words: bool = False
    """Markup in the visitor's language, or in none where there was nothing to say."""
    style: bool = False
    """The link to our style sheet, which a page needs once."""
    personal: bool = False
    """What nobody but this visitor may see."""
    pages: dict[str, int] = field(default_factory=dict)
    """In which page what may stand there once was placed last: a page answers one error, or none."""

    @property
    def anything(self) -> bool:
        """Whether anything was used."""
        return self != NOTHING


NOTHING: Final = Use()
"""For reading where an application has used nothing, as most have."""
