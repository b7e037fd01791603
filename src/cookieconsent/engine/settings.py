"""A framework's flat settings, `COOKIECONSENT_SECRET_KEY` and so on, as a configuration.

May not enter: what a setting means and whether it fits; `Config` says so, here only names change.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from cookieconsent.engine.config import Config
from cookieconsent.errors import ConfigError, ContradictionError, UnknownFieldError

PREFIX: Final = "COOKIECONSENT_"
WHOLE: Final = "COOKIECONSENT_CONFIG"
"""The setting that is a `Config`, in place of all others."""
FILE: Final = "COOKIECONSENT_TOML"
"""The setting that names a TOML file, over which the others win."""


def config_from_settings(settings: Mapping[str, Any], folder: str | Path) -> Config:
    """Return the configuration that stands in a framework's settings.

    Args:
        settings: All settings; those that begin with `COOKIECONSENT_` are the fields of `Config` in
            upper case, or `COOKIECONSENT_CONFIG` or `COOKIECONSENT_TOML`.
        folder: Where a relative path of a file begins.

    Raises:
        ConfigError: A name is unknown (with "did you mean") or a value does not fit.
    """
    given = {name: value for name, value in settings.items() if name.startswith(PREFIX)}
    whole = given.pop(WHOLE, None)
    file = given.pop(FILE, None)
    if whole is not None:
        _check_whole(whole, [FILE] * (file is not None) + sorted(given))
        return whole  # type: ignore[no-any-return]
    values = {name.removeprefix(PREFIX).lower(): value for name, value in given.items()}
    try:
        if file is None:
            return Config.from_mapping(values)
        return Config.from_toml(Path(folder, file), **values)
    except ConfigError as error:
        if error.file is None:
            _rename(error)
        raise


def _check_whole(whole: object, others: list[str]) -> None:
    if not isinstance(whole, Config):
        # Not its value: it may hold the secret.
        raise ConfigError(
            WHOLE,
            f"a {type(whole).__name__} is no Config",
            f"Build one with Config(...), or set its fields: {PREFIX}SECRET_KEY and so on",
        )
    if others:
        listed = ", ".join(others)
        raise ContradictionError(
            WHOLE,
            WHOLE,
            listed,
            "a setting would stand in two places",
            f"Move {listed} into Config(...)",
        )


def _rename(error: ConfigError) -> None:
    """Call a setting as it is called in the framework."""
    if error.field == "from_toml":
        error.field = FILE
        return
    name = re.split(r"[.\[]", error.field)[0]
    error.field = PREFIX + name.upper() + error.field.removeprefix(name)
    if isinstance(error, UnknownFieldError) and error.suggestion and error.field.isupper():
        error.suggestion = PREFIX + error.suggestion.upper()
        error.fix = f"Did you mean {error.suggestion!r}?"
