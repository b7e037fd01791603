"""What two audits are compared by: a report in JSON, read back and checked.

Reports are of this version or of the one before a release.
May not enter: comparing, how a report is written (`reports/json`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from cookieconsent.audit.report import SCHEMA
from cookieconsent.audit.wording import lasting
from cookieconsent.errors import ConfigError

_VERSION: Final = f"cookieconsent-audit/{SCHEMA}"
_FIX: Final = "Name a report that was written with -f json"
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cookie:
    """A cookie, or an entry of another storage, as one report tells of it."""

    name: str
    kind: str
    facts: Mapping[str, str]
    """What may change, in words."""
    states: tuple[str, ...]
    paths: Mapping[str, str]
    """By state, the page on which it was met first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A finding as one report tells of it."""

    fingerprint: str
    check: str
    state: str
    severity: str
    said: str
    path: str | None
    known: bool
    """Whether it was suppressed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What a comparison needs of a report."""

    target: str
    day: str
    cookies: Mapping[tuple[str, str], Cookie]
    """By kind and name."""
    findings: Mapping[str, Found]
    """By fingerprint."""
    states: frozenset[str]
    """The states that were looked at in whole."""
    pages: frozenset[str]
    """The pages that were looked at, without their queries."""
    missed: frozenset[str]
    """The pages that are known and were not."""
    answered: frozenset[tuple[str, str]]
    """Check and state of each question that was answered."""
    left_open: frozenset[tuple[str, str]] = frozenset()
    """The same of each that was not."""


def read(path: Path) -> Snapshot:
    """Read a report in JSON.

    Raises:
        ConfigError: It cannot be read, or is no such report; names the file and the place.
    """
    try:
        return snapshot(json.loads(path.read_text(encoding="utf-8-sig")))
    except OSError as error:
        refused = ConfigError("file", f"it cannot be read ({error.strerror or error})", _FIX)
    except ConfigError as error:
        refused = error
    except (ValueError, RecursionError) as error:
        refused = ConfigError("file", f"it is no JSON ({error})", _FIX)
    refused.file = str(path)
    raise refused


def snapshot(document: object) -> Snapshot:
    """Return what a comparison needs of a report, which is given as the values that JSON has.

    Raises:
        ConfigError: It is no such report.
    """
    version = _get(document, "schema_version", str)
    if version != _VERSION:
        fix = f"This version reads {_VERSION}; audit again, or use the version that wrote it"
        raise ConfigError("schema_version", f"{version!r} is not known", fix)
    verdicts = _list(document, "verdicts")
    states = _list(document, "states")
    names = [_get(state, "name", str, f"states[{n}]") for n, state in enumerate(states)]
    return Snapshot(
        target=_get(document, "target", str),
        pages=frozenset(str(page).partition("?")[0] for page in _get(document, "pages", list)),
        missed=frozenset(map(str, _get(document, "missed", dict))),
        day=_get(document, "day", str),
        cookies={(c.kind, c.name): c for c in map(_cookie, *_places(document, "cookies"))},
        findings={found.fingerprint: found for found in _all_found(verdicts)},
        states=frozenset(
            name
            for name, state in zip(names, states, strict=True)
            if state.get("unverified") is None
        ),
        answered=_asked(v for v in verdicts if v.get("outcome") != "unverified"),
        left_open=_asked(v for v in verdicts if v.get("outcome") == "unverified"),
    )


def _asked(verdicts: Iterable[Mapping[str, Any]]) -> frozenset[tuple[str, str]]:
    return frozenset((_get(v, "check", str), _get(v, "state", str)) for v in verdicts)


def _places(document: object, name: str) -> tuple[list[dict[str, Any]], list[str]]:
    rows = _list(document, name)
    return rows, [f"{name}[{number}]" for number in range(len(rows))]


def _cookie(row: dict[str, Any], place: str) -> Cookie:
    seconds = row.get("lifetime_seconds")
    if seconds is not None and not isinstance(seconds, int):
        raise _wrong(f"{place}.lifetime_seconds", seconds)
    attributes = _get(row, "attributes", dict, place)
    facts = {
        "class": str(row.get("class") or "unknown"),
        "vendor": str(row.get("vendor") or "unknown"),
        "set by": str(row.get("setter") or "unknown"),
        "lifetime": lasting(seconds),
        "attributes": "; ".join(_attribute(name, attributes[name]) for name in sorted(attributes)),
    }
    return Cookie(
        name=_get(row, "name", str, place),
        kind=_get(row, "kind", str, place),
        facts=facts,
        states=tuple(_get(row, "states", dict, place)),
        paths={state: str(path) for state, path in _get(row, "states", dict, place).items()},
    )


def _attribute(name: str, value: object) -> str:
    return f"{name}={value}" if value else name


def _all_found(verdicts: Sequence[Mapping[str, Any]]) -> Iterator[Found]:
    for number, verdict in enumerate(verdicts):
        place = f"verdicts[{number}]"
        check, state = _get(verdict, "check", str, place), _get(verdict, "state", str, place)
        for name, known in (("findings", False), ("suppressed", True)):
            for row in _list(verdict, name, place):
                yield Found(
                    fingerprint=_get(row, "fingerprint", str, f"{place}.{name}"),
                    check=check,
                    state=state,
                    severity=_get(row, "severity", str, f"{place}.{name}"),
                    said=_get(row, "said", str, f"{place}.{name}"),
                    path=row.get("path"),
                    known=known,
                )


def _get(row: object, name: str, kind: type[_T], place: str = "") -> _T:
    value = row.get(name) if isinstance(row, dict) else None
    if not isinstance(value, kind):
        raise _wrong(f"{place}.{name}" if place else name, value)
    return value


def _list(row: object, name: str, place: str = "") -> list[dict[str, Any]]:
    rows = _get(row, name, list, place)
    if not all(isinstance(each, dict) for each in rows):
        raise _wrong(f"{place}.{name}" if place else name, rows)
    return rows


def _wrong(place: str, value: object) -> ConfigError:
    problem = "it is missing" if value is None else f"a {type(value).__name__} does not fit there"
    return ConfigError(place, problem, _FIX)
