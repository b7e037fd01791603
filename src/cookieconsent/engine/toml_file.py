"""Reads the TOML that a declaration stands in, within bounds.

The parser of the standard library calls itself for each bracket, and a key of many thousand parts takes
it minutes. A declaration has no use for either, so both are refused in one line.
May not enter: what a declaration says (`config`).
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, Final

from cookieconsent.errors import ConfigError

MAX_OCTETS: Final = 4_194_304
"""A file of more than 4 MiB is refused."""
MAX_DEPTH: Final = 32
"""How deep tables and lists may be nested."""
_MAX_PARTS: Final = 256  # of a key; looked for in the text, where sentences have dots too
_FIELD: Final = "from_toml"
_PART: Final = r"""(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')"""
_LONG_KEY = re.compile(rf"(?<![\w-]){_PART}(?:[ \t]*+\.[ \t]*+{_PART}){{{_MAX_PARTS}}}")


def read(path: str) -> dict[str, Any]:
    """Return what a TOML file holds.

    Raises:
        ConfigError: It cannot be read, is no TOML, or is beyond the bounds.
    """
    try:
        with Path(path).open("rb") as opened:
            data = opened.read(MAX_OCTETS + 1)
        text = data.decode("utf-8-sig") if len(data) <= MAX_OCTETS else None
    except (OSError, ValueError) as error:  # a null byte in a name is a ValueError
        raise ConfigError(_FIELD, f"{path!r} cannot be read ({error})", "Check the path") from error
    if text is None:
        raise ConfigError(
            _FIELD, f"{path!r} has more than {MAX_OCTETS:,} bytes", "Keep in it what is declared"
        )
    return parse(text, path)


def parse(text: str, path: str) -> dict[str, Any]:
    """Return what a TOML text holds.

    Args:
        text: The text.
        path: What to call it in an error.

    Raises:
        ConfigError: It is no TOML, or nested too deeply.
    """
    try:
        data = None if _LONG_KEY.search(text) else tomllib.loads(text)
    except ValueError as error:  # of the parser, and of `int` for a number of thousands of digits
        raise ConfigError(_FIELD, f"{path!r} is no TOML ({error})", "Correct that line") from error
    except RecursionError:
        data = None
    if data is None or _is_deep(data):
        raise ConfigError(
            _FIELD,
            f"tables or lists in {path!r} are nested more than {MAX_DEPTH} deep",
            "Correct the brackets and dots",
        )
    return data


def _is_deep(data: object) -> bool:
    level = [data]
    for _ in range(MAX_DEPTH + 1):
        inner = [list(item.values()) if isinstance(item, dict) else item for item in level]
        level = [value for items in inner if isinstance(items, list) for value in items]
    return bool(level)
