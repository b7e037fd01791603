"""django-cookie-consent: what `manage.py dumpdata cookie_consent` writes, and fixtures.

A list of records: `model`, `pk` and `fields`. A cookie refers to its group by primary key, or by
natural key (`["analytics"]`) where the dump was made with `--natural-foreign`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cookieconsent.migration.findings import (
    Findings,
    Group,
    Sighting,
    Table,
    entries,
    prose,
    table,
    tables,
    word,
)
from cookieconsent.migration.literal import Found, Value

NAME: Final = "django-cookie-consent"
_GROUP: Final = "cookie_consent.cookiegroup"
_COOKIE: Final = "cookie_consent.cookie"
_OWN_COOKIE: Final = "cookie_consent"  # the default of COOKIE_CONSENT_NAME


def fits(value: Value) -> bool:
    """Tell whether a literal is such a dump."""
    return any(_model(record) in {_GROUP, _COOKIE} for record in tables(value))


def read(found: Found) -> Findings:
    """Return what a dump says."""
    records = tables(found.value)
    groups: dict[str, Group] = {}
    keys: dict[str, str] = {}
    for record in records:
        if _model(record) == _GROUP:
            fields = table(record.get("fields"))
            name = word(fields.get("varname")) or f"group-{record.get('pk')}"
            keys[str(record.get("pk"))] = name
            groups[name] = _group(fields)
    cookies = [table(record.get("fields")) for record in records if _model(record) == _COOKIE]
    sightings = list(_sightings(cookies, keys))
    missing = {sighting.group for sighting in sightings} - groups.keys()
    return Findings(
        groups={**groups, **{name: Group() for name in sorted(missing)}},
        sightings=sightings,
        own_cookie=_OWN_COOKIE,
        notes=[
            f"DECIDE: the group {name!r} is not in the file; dump the whole application cookie_consent."
            for name in sorted(missing)
        ],
    )


def _model(record: Table) -> str:
    return (word(record.get("model")) or "").lower()


def _group(fields: Table) -> Group:
    return Group(
        title=prose(fields.get("name")),
        description=prose(fields.get("description")),
        required=fields.get("is_required") is True,
    )


def _sightings(cookies: list[Table], keys: dict[str, str]) -> Iterator[Sighting]:
    for fields in cookies:
        name = word(fields.get("name"))
        if name is not None:
            reference = fields.get("cookiegroup")
            natural = word(next(iter(entries(reference)), None))
            yield Sighting(
                group=natural or keys.get(str(reference), f"group-{reference}"),
                name=name,
                purpose=prose(fields.get("description")),
                domain=word(fields.get("domain")),
                path=word(fields.get("path")),
            )
