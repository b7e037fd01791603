"""A framework's flat settings, `COOKIECONSENT_SECRET_KEY` or `cookieconsent.secret_key`, read.

May not enter: what a setting means and whether it fits; `Config` says so, here only names change.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cookieconsent.engine.config import Config
from cookieconsent.errors import ConfigError, ContradictionError, UnknownFieldError

PREFIX: Final = "COOKIECONSENT_"


def config_from_settings(
    settings: Mapping[str, Any], folder: str | Path, *, prefix: str = PREFIX
) -> Config:
    """Return the configuration that stands in a framework's settings.

    Args:
        settings: All settings; those that begin with the prefix are the fields of `Config`, or
            `CONFIG`, a `Config` in place of all others, or `TOML`, a file over which they win.
        folder: Where a relative path of a file begins.
        prefix: What ours begin with; in upper case where the prefix is.

    Raises:
        ConfigError: A name is unknown (with "did you mean") or a value does not fit.
    """
    names = _Names(prefix)
    given = {name: value for name, value in settings.items() if name.startswith(prefix)}
    whole = given.pop(names.of("config"), None)
    file = given.pop(names.of("toml"), None)
    if not isinstance(file, str | Path | None):
        raise ConfigError(names.of("toml"), f"{file!r} is no path", "Name a TOML file")
    if whole is not None:
        _check_whole(whole, names, [names.of("toml")] * (file is not None) + sorted(given))
        return whole  # type: ignore[no-any-return]
    values = {names.field(name): value for name, value in given.items()}
    try:
        if file is None:
            return Config.from_mapping(values)
        return Config.from_toml(Path(folder, file), **values)
    except ConfigError as error:
        if error.file is None:
            _rename(error, names)
        raise


@dataclass(frozen=True, slots=True)
class _Names:
    """How fields are called among a framework's settings."""

    prefix: str

    def of(self, field: str) -> str:
        return self.prefix + (field.upper() if self.prefix.isupper() else field)

    def field(self, name: str) -> str:
        field = name.removeprefix(self.prefix)
        return field.lower() if self.prefix.isupper() else field


def _check_whole(whole: object, names: _Names, others: list[str]) -> None:
    setting = names.of("config")
    if not isinstance(whole, Config):
        # Not its value: it may hold the secret.
        raise ConfigError(
            setting,
            f"a {type(whole).__name__} is no Config",
            f"Build one with Config(...), or set its fields: {names.of('secret_key')} and so on",
        )
    if others:
        listed = ", ".join(others)
        raise ContradictionError(
            setting,
            setting,
            listed,
            "a setting would stand in two places",
            f"Move {listed} into Config(...)",
        )


def _rename(error: ConfigError, names: _Names) -> None:
    """Call a setting as it is called in the framework."""
    if error.field == "from_toml":
        error.field = names.of("toml")
        return
    name = re.split(r"[.\[]", error.field)[0]
    rest = error.field.removeprefix(name)
    error.field = names.of(name) + rest
    if isinstance(error, UnknownFieldError) and error.suggestion and not rest:
        error.suggestion = names.of(error.suggestion)
        error.fix = f"Did you mean {error.suggestion!r}?"
