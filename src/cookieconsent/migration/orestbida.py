"""orestbida/cookieconsent ("vanilla-cookieconsent"), versions 2 and 3.

Version 3 has `categories` beside `language.translations`, and names cookies in `autoClear` and in the
tables of the preferences; version 2 has all of it in the blocks of `languages.*.settings_modal`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Final, TypeVar

from cookieconsent.migration import words
from cookieconsent.migration.findings import (
    BoundsError,
    Findings,
    Group,
    Sighting,
    Table,
    languages,
    prose,
    table,
    tables,
    unread_notes,
    word,
)
from cookieconsent.migration.literal import Found, Pattern, Value

NAME: Final = "orestbida"
_OWN_COOKIE: Final = "cc_cookie"
_MAX_COLUMNS: Final = 100
_Columns = TypeVar("_Columns", Table, list[Table])


def fits(value: Value) -> bool:
    """Tell whether a literal is such a configuration."""
    top = table(value)
    if isinstance(top.get("categories"), dict) and ("language" in top or "cookie" in top):
        return True
    return any("settings_modal" in language for language in languages(top.get("languages")))


def read(found: Found) -> Findings:
    """Return what a configuration says."""
    top = table(found.value)
    sections = list(_sections(top))
    groups = _groups(top, sections)
    sightings = [*_cleared(top), *chain.from_iterable(_listed(part) for part in sections)]
    revision = top.get("revision")
    return Findings(
        groups={**{sighting.group: Group() for sighting in sightings}, **groups},
        sightings=sightings,
        own_cookie=word(table(top.get("cookie")).get("name"))
        or word(top.get("cookie_name"))
        or _OWN_COOKIE,
        policy_version=str(revision) if isinstance(revision, int) and revision else None,
        notes=[*_notes(top), *unread_notes(found)],
    )


def _notes(top: Table) -> Iterator[str]:
    if top.get("mode") == "opt-out":
        yield (
            "DECIDE: mode was 'opt-out': scripts ran until the visitor objected. Here every group "
            'waits for a yes; regime = "objection" on a class is for the few that may.'
        )
    domain = table(top.get("cookie")).get("domain") or top.get("cookie_domain")
    if isinstance(domain, str):
        yield (
            f"DECIDE: one answer was kept for all of {domain!r}. cookie_domain does the same here, "
            "and needs every site below it to run this package."
        )


# --- groups ---------------------------------------------------------------------------------------


def _sections(top: Table) -> Iterator[Table]:
    """Yield the sections of all languages, the preferred language first."""
    language = table(top.get("language"))
    for translation in languages(language.get("translations"), language.get("default")):
        yield from tables(table(translation.get("preferencesModal")).get("sections"))
    for translation in languages(top.get("languages"), top.get("current_lang")):
        modal = table(translation.get("settings_modal"))
        headings = modal.get("cookie_table_headers")
        for block in tables(modal.get("blocks")):
            yield {"cookie_table_headers": headings, **block}


def _category(section: Table) -> str | None:
    """Return the short name of the group that a section is about."""
    return word(section.get("linkedCategory")) or word(table(section.get("toggle")).get("value"))


def _groups(top: Table, sections: list[Table]) -> dict[str, Group]:
    told: dict[str, Table] = {}
    for section in sections:
        name = _category(section)
        if name is not None:
            told.setdefault(name, section)
    categories = table(top.get("categories"))
    return {
        name: Group(
            title=prose(told.get(name, {}).get("title")),
            description=prose(told.get(name, {}).get("description")),
            required=table(categories.get(name)).get("readOnly") is True
            or table(told.get(name, {}).get("toggle")).get("readonly") is True,
        )
        for name in dict.fromkeys([*categories, *told])
    }


# --- cookies --------------------------------------------------------------------------------------


def _cleared(top: Table) -> Iterator[Sighting]:
    """Yield the cookies that are deleted after a no."""
    for group, category in table(top.get("categories")).items():
        own = table(category)
        cleared = own.get("autoClear")
        # The documentation of version 3 had a list here for a while.
        for entry in tables(table(cleared).get("cookies")) or tables(cleared):
            yield from _entry(group, entry, None)
        for service in map(table, table(own.get("services")).values()):
            for entry in tables(service.get("cookies")):
                yield from _entry(group, entry, prose(service.get("label")))


def _entry(group: str, entry: Table, label: str | None) -> Iterator[Sighting]:
    name = entry.get("name")
    if isinstance(name, str | Pattern) and name:
        yield Sighting(
            group=group,
            name=name,
            provider=label,
            domain=word(entry.get("domain")),
            path=word(entry.get("path")),
        )


def _listed(section: Table) -> Iterator[Sighting]:
    """Yield the cookies of a section's table, where the section belongs to a group."""
    group = _category(section)
    if group is None:
        return
    cookie_table = table(section.get("cookieTable"))
    rows = tables(cookie_table.get("body")) or tables(section.get("cookie_table"))
    headings = dict(_bounded(table(cookie_table.get("headers"))))
    for heading in _bounded(tables(section.get("cookie_table_headers"))):
        headings.update(_bounded(heading))
    facts = _columns(rows[0] if rows else {}, headings)
    for row in rows:
        yield from _row(group, row, facts)


def _bounded(columns: _Columns) -> _Columns:
    """Return the columns of a table; in version 2 one heading stands above many tables."""
    if len(columns) > _MAX_COLUMNS:
        raise BoundsError(f"a table in it has more than {_MAX_COLUMNS} columns")
    return columns


def _columns(row: Table, headings: Table) -> dict[str, str]:
    """Return which column tells which fact; the first is the name where no other is."""
    facts: dict[str, str] = {}
    for key in dict.fromkeys([*headings, *row]):
        fact = words.column(prose(headings.get(key)) or "") or words.column(key)
        if fact is not None:
            facts.setdefault(fact, key)
    columns = list(dict.fromkeys([*headings, *row]))
    if columns:
        facts.setdefault("name", columns[0])
    return facts


def _row(group: str, row: Table, facts: Mapping[str, str]) -> Iterator[Sighting]:
    told = {fact: prose(row.get(key)) for fact, key in facts.items()}
    raw = row.get(facts["name"])
    if row.get("is_regex") is True and isinstance(raw, str):
        name: str | Pattern | None = Pattern(re.sub(r"^/(.*)/$", r"\1", raw))
    else:
        name = word(raw)
    if name is not None:
        yield Sighting(
            group=group,
            name=name,
            is_prose=isinstance(name, str),
            purpose=told.get("purpose"),
            provider=told.get("provider"),
            lifetime=told.get("lifetime"),
            domain=told.get("domain"),
            path=word(row.get("path")),
        )
