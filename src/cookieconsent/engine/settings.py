"""A framework's flat settings, `COOKIECONSENT_SECRET_KEY` or `cookieconsent.secret_key`, read.

May not enter: what a setting means and whether it fits; `Config` says so, here only names change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from cookieconsent.engine.config import Config
from cookieconsent.errors import ConfigError, ContradictionError, UnknownFieldError

PREFIX: Final = "COOKIECONSENT_"
_FIELDS: Final = frozenset(spec.name for spec in fields(Config) if spec.init)
_ARGUMENT: Final = re.compile(rf"\b({'|'.join(sorted(_FIELDS))})=")


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
    given = {
        name: value
        for name, value in settings.items()
        if isinstance(name, str) and name.startswith(prefix)
    }
    whole = given.pop(names.of("config"), None)
    file = given.pop(names.of("toml"), None)
    if not isinstance(file, str | Path | None):
        raise ConfigError(names.of("toml"), f"{file!r} is no path", "Name a TOML file")
    if whole is not None:
        _check_whole(whole, names, [names.of("toml")] * (file is not None) + sorted(given))
        return whole  # type: ignore[no-any-return]
    values = {names.field(name): value for name, value in given.items()}
    with naming_settings(settings, prefix=prefix):
        if file is None:
            return Config.from_mapping(values)
        return Config.from_toml(Path(folder, file), **values)


@contextmanager
def naming_settings(settings: Mapping[str, Any], *, prefix: str = PREFIX) -> Iterator[None]:
    """Let a refusal name the setting that was written, rather than the field of `Config`.

    What stands in a file keeps its name there, and the file is named; a whole `Config` is Python.

    Args:
        settings: All settings, as `config_from_settings` takes them.
        prefix: What ours begin with.
    """
    names = _Names(prefix)
    try:
        yield
    except ConfigError as error:
        if error.file is None and settings.get(names.of("config")) is None:
            _rename(error, names, settings)
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


def _rename(error: ConfigError, names: _Names, settings: Mapping[str, Any]) -> None:
    """Call fields as the settings are called in which they stand."""
    if error.field == "from_toml":
        error.field = names.of("toml")
        return
    field = _top(error.field)
    file = settings.get(names.of("toml"))
    if field not in map(names.field, settings):
        if field not in _FIELDS:
            return
        if file is not None:
            error.file = str(file)
            return
    rest = error.field.removeprefix(field)
    error.field = names.of(field) + rest
    error.fix = _ARGUMENT.sub(lambda found: f"{names.of(found[1])} = ", error.fix)
    if isinstance(error, ContradictionError):
        _rename_places(error, names)
    if isinstance(error, UnknownFieldError) and error.suggestion and not rest:
        error.suggestion = names.of(error.suggestion)
        error.fix = f"Did you mean {error.suggestion!r}?"


def _rename_places(error: ContradictionError, names: _Names) -> None:
    before = f"{error.first} and {error.second} "
    error.first, error.second = (
        names.of(_top(place)) + place.removeprefix(_top(place)) if _top(place) in _FIELDS else place
        for place in (error.first, error.second)
    )
    error.problem = f"{error.first} and {error.second} {error.problem.removeprefix(before)}"


def _top(field: str) -> str:
    """Return the field of `Config` in which a place such as `cookies[0].cls` is."""
    return re.split(r"[.\[]", field)[0]
