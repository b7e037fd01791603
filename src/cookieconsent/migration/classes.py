"""Which class of ours a group or a cookie of another tool becomes.

By the usual names of groups and by the verdict of the shipped catalogue. Closed by default: that a file
calls a cookie required makes it exempt only where the catalogue agrees.
May not enter: what a file looks like; writing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Final

from cookieconsent.core.catalog import shipped_rules
from cookieconsent.core.registry import EXEMPT_CLASSES, MAX_CLASS_NAME, UNKNOWN, glob_matches
from cookieconsent.migration.findings import Group

ESSENTIAL: Final = "essential"
"""Not a class: the catalogue decides about each cookie of such a group."""

# Beginnings of the words in a group's name, in the order in which they are looked for.
_USUAL: Final[Mapping[str, str]] = {
    "necessary": ESSENTIAL,
    "required": ESSENTIAL,
    "essential": ESSENTIAL,
    "notwendig": ESSENTIAL,
    "essenziell": ESSENTIAL,
    "erforderlich": ESSENTIAL,
    "mandatory": ESSENTIAL,
    "advert": "advertising",
    "marketing": "advertising",
    "ads": "advertising",
    "target": "advertising",
    "retarget": "advertising",
    "remarket": "advertising",
    "werbung": "advertising",
    "analytic": "analytics",
    "analys": "analytics",
    "statisti": "analytics",
    "stats": "analytics",
    "measure": "analytics",
    "performance": "analytics",
    "media": "media",
    "social": "media",
    "video": "media",
    "map": "media",
    "embed": "media",
    "external": "media",
    "preference": "preferences",
    "functional": "preferences",
    "personali": "preferences",
    "setting": "preferences",
    "language": "preferences",
    "customi": "preferences",
    "komfort": "preferences",
}


@dataclass(frozen=True, slots=True)
class Decision:
    """What a group becomes, and why."""

    cls: str
    """A class, or `ESSENTIAL`."""
    reason: str
    is_own: bool = False
    """Whether it is a class of the site's own, which must be declared."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the shipped catalogue knows of a name or a glob."""

    classes: tuple[str, ...] = ()
    """The classes of all names of the catalogue that it stands for."""
    vendor: str | None = None
    lifetime: timedelta | None = None
    reason: str | None = None
    is_partly_known: bool = False
    """Whether it stands for other names, too."""

    @property
    def cls(self) -> str | None:
        """The class, where there is exactly one."""
        return self.classes[0] if len(self.classes) == 1 else None

    @property
    def is_exempt(self) -> bool:
        """Whether the catalogue lets it pass without a yes."""
        return self.cls in EXEMPT_CLASSES and not self.is_partly_known


@lru_cache(maxsize=4096)  # each group of a cookie asks, and a glob is held against every rule
def known(name: str, domain: str | None = None) -> Known:
    """Return what the catalogue's lines know of a name, or of all names that a glob stands for."""
    if "*" not in name:
        rule = shipped_rules().find(name.encode("utf-8", "replace"), domain)
        found = UNKNOWN if rule is None else rule.classification
        classes = () if found.cls is None else (found.cls,)
        return Known(classes, found.vendor, found.lifetime, found.reason)
    glob = name.encode("utf-8", "replace")
    rules = [rule for rule in shipped_rules() if glob_matches(glob, rule.pattern)]
    facts = [rule.classification for rule in rules]
    vendors = {fact.vendor for fact in facts}
    return Known(
        tuple(sorted({fact.cls for fact in facts if fact.cls is not None})),
        vendors.pop() if len(vendors) == 1 else None,
        # It stands for names that the catalogue never saw, unless the very glob is in there.
        is_partly_known=glob not in {rule.pattern for rule in rules},
    )


def decide(name: str, group: Group, cookies: Iterable[str]) -> Decision:
    """Return what a group becomes.

    Args:
        name: Its short name in the file.
        group: What the file says of it.
        cookies: The names and globs in it.
    """
    if group.required:
        return Decision(ESSENTIAL, "the file says that it is required")
    for words, source in ((name, "name"), (group.title or "", "title")):
        usual = _usual(words)
        if usual is not None:
            return Decision(usual, f"by its {source}")
    classes = {cls for cookie in cookies for cls in known(cookie).classes}
    if len(classes) == 1 and not classes & set(EXEMPT_CLASSES):
        return Decision(classes.pop(), "the catalogue has its cookies there")
    return Decision(
        own_class(name), "neither its name nor the catalogue tells a class", is_own=True
    )


def _usual(words: str) -> str | None:
    split = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", words)
    parts = re.findall(r"[^\W\d_]+", split.casefold())
    for stem, cls in _USUAL.items():
        if any(part.startswith(stem) for part in parts):
            return cls
    return None


def own_class(name: str) -> str:
    """Return a name for a class of the site's own; never one that passes without a yes."""
    plain = re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-_")[: MAX_CLASS_NAME - len("group-")]
    fits = plain[:1].isalpha() and plain not in EXEMPT_CLASSES
    return plain if fits else f"group-{plain}".rstrip("-")
