"""Where a site's declaration is found when none is named.

May not enter: what is wrong in it (`review`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from cookieconsent.engine import toml_file
from cookieconsent.errors import ConfigError

OWN: Final = "cookieconsent.toml"
PROJECT: Final = "pyproject.toml"
_HERE: Final = Path()


def find(folder: Path = _HERE) -> Path | None:
    """Return the file in a folder: our own, else `pyproject.toml` where it has our table.

    Args:
        folder: The working folder, where none is named.
    """
    own, project = folder / OWN, folder / PROJECT
    if own.is_file():
        return own
    return project if _has_table(project) else None


def _has_table(path: Path) -> bool:
    try:
        tool = toml_file.read(str(path)).get("tool")
    except ConfigError:  # not there, no text, or no TOML
        return False
    return isinstance(tool, dict) and "cookieconsent" in tool
