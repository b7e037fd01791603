"""Everything that is wrong or doubtful in a declaration, not only the first fault.

Theory of operation. `Config` knows every rule and stops at the first fault. So the fault is written
down, the value at fault is taken out of a copy, and the copy is built again, until it can be built:
each rule stands in one place. A table that is wrong as a whole is replaced by a right one, so that
the numbers of the others stay. Then the declarations are compared with the catalogue.
May not enter: rules for settings (`config`), how findings are shown.
"""

from __future__ import annotations

import copy
import re
import secrets
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from cookieconsent.core.reasons import overruled
from cookieconsent.core.registry import SHARING_CLASSES, Cookie, CookieClass
from cookieconsent.engine.config import Config, beside, site_table
from cookieconsent.errors import ConfigError, ContradictionError, DeclarationWarning

Level = Literal["error", "conflict", "warning", "note"]
_MAX_FAULTS: Final = 200
_SHOWN_RULES: Final = 3
_SECRETS: Final = ("secret_key", "secret_keys")
_PLACE = re.compile(r"(cookies|classes)\[(\d+)\](?:\.(\w+))?")
_REQUIRED: Final = frozenset({"name", "cls"})


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at."""

    level: Level
    """`error`: the site would not start. `conflict`: a cookie passes without a yes, and the catalogue
    knows it as one that needs one. `warning`: visitors or auditors lack a fact. `note`: the site says
    otherwise than the catalogue, and no less strictly, or more strictly than it seems to need."""
    field: str
    """Where it is, such as `cookies[3].lifetime`, from 0."""
    problem: str
    """What is wrong there."""
    fix: str
    """What to write instead; empty where the problem says it."""

    def __str__(self) -> str:
        """Return place, problem and remedy as one line."""
        parts = [f"{self.field}: {self.problem}", self.fix]
        return " ".join(part if part.endswith(("?", ".")) else f"{part}." for part in parts if part)


@dataclass(frozen=True, slots=True)
class Review:
    """What was found in a file."""

    file: str
    table: str | None
    """The site's table in it; `None` where there is none."""
    findings: tuple[Finding, ...]
    config: Config | None
    """The configuration; `None` where it has errors."""


def review(path: Path) -> Review:
    """Look through the declaration in a TOML file. A missing secret is not looked for.

    Args:
        path: The file.
    """
    try:
        table, values = site_table(str(path))
    except ConfigError as error:
        return Review(str(path), None, (_finding(error, "cookieconsent"),), None)
    findings: list[Finding] = []
    draft = _Draft(path, copy.deepcopy(dict(values)))
    config = None
    while config is None and len(findings) < _MAX_FAULTS:
        try:
            config, caught = draft.build()
        except ConfigError as error:
            if error.field not in {finding.field for finding in findings} or "[" not in error.field:
                findings.append(_finding(error, table))
            if not draft.mend(error):
                break
        else:
            findings += _warnings(caught, findings)
    if config is not None:
        faulty = _faulty(findings)
        conflicts = (f for f in _conflicts(config) if f.field.rpartition(".")[0] not in faulty)
        findings += sorted(conflicts, key=lambda finding: finding.level)
        findings += _shared_with_nobody(config)
    if any(finding.level == "error" for finding in findings):
        config = None
    return Review(str(path), table, tuple(findings), config)


def _finding(error: ConfigError, table: str) -> Finding:
    fix = (error.toml_fix or error.fix).replace("{table}", table)
    return Finding("error", error.field, error.problem, fix)


def _warnings(texts: Iterable[str], errors: Iterable[Finding]) -> Iterator[Finding]:
    """Yield what is no error, without what follows from a value that was taken out."""
    faulty = _faulty(errors)
    for text in dict.fromkeys(texts):
        place, _, problem = text.partition(": ")
        if place not in faulty:
            yield Finding("warning", place, problem, "")


def _faulty(errors: Iterable[Finding]) -> set[str]:
    """Return the tables with errors, such as `cookies[3]`."""
    return {found[0] for error in errors if (found := re.match(r"\w+\[\d+\]", error.field))}


class _Draft:
    """A copy of a site's table, from which faults are taken out one by one.

    Args:
        path: The file it was read from.
        values: The table, which is changed.
    """

    def __init__(self, path: Path, values: dict[str, Any]) -> None:
        self._path = path
        self._values = values
        # Kept nowhere: nothing is signed with it.
        self._secret = secrets.token_urlsafe(32)

    def build(self) -> tuple[Config, list[str]]:
        """Build the configuration; return it with the warnings.

        Raises:
            ConfigError: It has a fault.
        """
        # Only now: the languages bring Babel, which nobody who merely imports this needs.
        from cookieconsent.engine.consent import fixed_locale, languages_of  # noqa: PLC0415

        given = not self._values.keys().isdisjoint(_SECRETS)
        overrides = {} if given else {"secret_key": self._secret}
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", DeclarationWarning)
            config = Config.from_mapping(beside(self._path, self._values), **overrides)
            fixed_locale(config, languages_of(config))
        return config, [str(warning.message) for warning in caught]

    def mend(self, error: ConfigError) -> bool:
        """Take out the value at fault; tell whether something could be."""
        place = error.field
        if isinstance(error, ContradictionError) and _PLACE.fullmatch(error.second):
            place = error.second
        found = _PLACE.match(place)
        if found is not None:
            return self._mend_table(found[1], int(found[2]), found[3])
        if place == "classes":
            return False  # without them every cookie would be wrong, too
        return _take_out(self._values, place.split("."))

    def _mend_table(self, name: str, index: int, key: str | None) -> bool:
        tables = self._values[name]
        table = tables[index]
        if isinstance(table, dict) and key in table and key not in _REQUIRED:
            del table[key]
        else:
            tables[index] = {"name": f"in-place-of-{index}"}
            if name == "cookies":
                tables[index]["cls"] = "consent"
        return True


def _take_out(values: dict[str, Any], keys: list[str]) -> bool:
    """Remove the value at the end of a path of keys, or the deepest one that there is."""
    for key in keys[:-1]:
        inner = values.get(key)
        if not isinstance(inner, dict) or not inner:
            return values.pop(key, None) is not None
        values = inner
    return values.pop(keys[-1], None) is not None


# --- the catalogue's word -------------------------------------------------------------------------


def _conflicts(config: Config) -> Iterator[Finding]:
    """Yield where the site says otherwise than the catalogue."""
    for index, cls in enumerate(config.classes):
        if cls.name in SHARING_CLASSES and not cls.switchable:
            yield Finding(
                "conflict",
                f"classes[{index}].regime",
                f"{cls.name!r} is exempt here, so nobody is asked for any cookie of that class",
                "Leave regime out",
            )
    classes = {cls.name: cls for cls in config.active_classes}
    for index, cookie in enumerate(config.cookies):
        yield from _conflicts_of(f"cookies[{index}].cls", cookie, config, classes)


def _conflicts_of(
    place: str, cookie: Cookie, config: Config, classes: Mapping[str, CookieClass]
) -> Iterator[Finding]:
    exempt = not classes[cookie.cls].switchable
    by_class: dict[str, list[str]] = {}
    for rule in overruled(config.registry, cookie):
        known = rule.classification
        by_class.setdefault(known.cls or "", []).append(f"{known.rule} ({known.vendor})")
    for name, rules in by_class.items():
        asked = (classes.get(name) or CookieClass(name)).switchable
        more = f" and {len(rules) - _SHOWN_RULES} more" if len(rules) > _SHOWN_RULES else ""
        listed = f"{', '.join(rules[:_SHOWN_RULES])}{more}"
        said = f"{cookie.name!r} is declared as {cookie.cls!r}"
        knows = f"the catalogue knows {listed} as {name!r}"
        if exempt and asked:
            problem = f"{said} and passes without a yes, but {knows}, which needs one"
            fix = f"Write {name!r}, or be ready to show why nobody has to be asked"
            yield Finding("conflict", place, problem, fix)
        else:
            yield Finding("note", place, f"{said}; {knows}", "")


# --- the site's own word --------------------------------------------------------------------------


def _shared_with_nobody(config: Config) -> Iterator[Finding]:
    """Yield the classes that count as shared although the site is the only provider in them."""
    for cls in config.active_classes:
        providers = {cookie.provider for cookie in config.cookies if cookie.cls == cls.name}
        if cls.switchable and cls.shares_with_third_parties and _is_site(providers):
            yield Finding(
                "note",
                "classes",
                f"{cls.name!r} counts as shared with third parties, and visitors read so, but its only "
                "provider is the site itself",
                f"If nobody else receives its data, declare class {cls.name!r} with "
                "shares_with_third_parties = false; its visitors are asked once more",
            )


def _is_site(providers: Iterable[str | None]) -> bool:
    """Tell whether all that is named, and something is, is the site, in any language of ours."""
    # Only now: see `_Draft.build`.
    from cookieconsent.ui.languages import shipped  # noqa: PLC0415

    named = {(provider or "").strip().casefold() for provider in providers}
    if not named or "" in named:
        return False
    languages = shipped()
    own = {languages.words(name).gettext("This site").casefold() for name in languages.names}
    return named <= own
