"""Where a site's declaration is found when none is named.

May not enter: what is wrong in it (`engine/review.py`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from cookieconsent.engine import toml_file
from cookieconsent.errors import ConfigError

OWN: Final = "cookieconsent.toml"
PROJECT: Final = "pyproject.toml"


def find() -> Path | None:
    """Return the file in the working folder: our own, else `pyproject.toml` where it has our table."""
    if Path(OWN).is_file():
        return Path(OWN)
    return Path(PROJECT) if _has_table(Path(PROJECT)) else None


def _has_table(path: Path) -> bool:
    try:
        tool = toml_file.read(str(path)).get("tool")
    except ConfigError:  # not there, no text, or no TOML
        return False
    return isinstance(tool, dict) and "cookieconsent" in tool
