"""Klaro: services (`apps` in old versions) with purposes; each lists the cookies it sets.

A cookie is a text, which is compared as it is, or a regular expression, or a list or object of one of
these with path and domain. Groups are purposes: that is what visitors of this package decide about.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Final

from cookieconsent.migration.findings import (
    Findings,
    Group,
    Sighting,
    Table,
    entries,
    languages,
    prose,
    table,
    tables,
    unread_notes,
    word,
)
from cookieconsent.migration.literal import Found, Pattern, Value

NAME: Final = "klaro"
REQUIRED: Final = "required"
_OWN_COOKIE: Final = "klaro"
_NO_PURPOSE: Final = "no purpose"


def fits(value: Value) -> bool:
    """Tell whether a literal is such a configuration."""
    services = _services(table(value))
    return any("purposes" in service or "cookies" in service for service in services)


def read(found: Found) -> Findings:
    """Return what a configuration says."""
    top = table(found.value)
    translations = list(languages(top.get("translations"), top.get("lang")))
    services = _services(top)
    told, described = _purposes(translations), _descriptions(translations)
    names = dict.fromkeys(_purpose(service, top) for service in services)
    sightings = (_cookies(service, top, described) for service in services)
    return Findings(
        groups={name: told.get(name, Group()) for name in names},
        sightings=list(chain.from_iterable(sightings)),
        own_cookie=word(top.get("storageName")) or word(top.get("cookieName")) or _OWN_COOKIE,
        privacy_policy_url=_policy(top, translations),
        notes=[*unread_notes(found), *_notes(services, top)],
    )


def _services(top: Table) -> list[Table]:
    return tables(top.get("services")) or tables(top.get("apps"))


def _flag(name: str, service: Table, top: Table) -> bool:
    return service.get(name, top.get(name)) is True


def _label(service: Table) -> str:
    return prose(service.get("title")) or prose(service.get("name")) or "a service without a name"


def _purpose(service: Table, top: Table) -> str:
    """Return the group of a service: its first purpose, unless it needs no yes."""
    if _flag("required", service, top):
        return REQUIRED
    return next(filter(None, map(word, entries(service.get("purposes")))), _NO_PURPOSE)


def _purposes(translations: list[Table]) -> dict[str, Group]:
    """Return what the file says of each purpose, in the first language that names it."""
    groups = {REQUIRED: Group(required=True)}
    for translation in translations:
        for name, said in table(translation.get("purposes")).items():
            title = prose(said) or prose(table(said).get("title"))
            if title is not None and name not in groups:
                groups[name] = Group(title=title, description=prose(table(said).get("description")))
    return groups


def _descriptions(translations: list[Table]) -> dict[str, str]:
    """Return the descriptions of services that stand apart from them, by the services' names."""
    described: dict[str, str] = {}
    for translation in translations:
        for name, said in translation.items():
            description = prose(table(said).get("description"))
            if description is not None:
                described.setdefault(name, description)
    return described


def _about(service: Table, top: Table, described: Mapping[str, str]) -> str | None:
    """Return the description of a service, wherever the file has put it."""
    own = languages(service.get("translations"), top.get("lang"))
    for said in (service, *own):
        description = prose(said.get("description"))
        if description is not None:
            return description
    return described.get(str(service.get("name")))


def _cookies(service: Table, top: Table, described: Mapping[str, str]) -> Iterator[Sighting]:
    group, purpose = _purpose(service, top), _about(service, top, described)
    provider = _label(service)
    for cookie in entries(service.get("cookies")):
        name, path, domain = _parts(cookie)
        if isinstance(name, str | Pattern) and name:
            yield Sighting(
                group=group,
                name=name,
                purpose=purpose,
                provider=provider,
                path=word(path),
                domain=word(domain),
            )


def _parts(cookie: Value) -> tuple[Value, Value, Value]:
    """Return name, path and domain of a cookie in any of its forms."""
    if isinstance(cookie, list):
        name, path, domain = [*cookie, None, None, None][:3]
        return name, path, domain
    if isinstance(cookie, dict):
        name = cookie.get("pattern", cookie.get("name"))
        return name, cookie.get("path"), cookie.get("domain")
    return cookie, None, None


def _policy(top: Table, translations: list[Table]) -> str | None:
    own = top.get("privacyPolicy")
    places: list[Value] = [own, *table(own).values()]
    places += [translation.get("privacyPolicyUrl") for translation in translations]
    return next(filter(None, map(word, places)), None)


def _notes(services: list[Table], top: Table) -> Iterator[str]:
    for service in services:
        label, purposes = _label(service), entries(service.get("purposes"))
        if len(purposes) > 1 and not _flag("required", service, top):
            said = ", ".join(repr(purpose) for purpose in purposes if isinstance(purpose, str))
            yield (
                f"DECIDE: {label!r} has several purposes ({said}), a class has one. The first was "
                "taken."
            )
        if _flag("optOut", service, top):
            yield (
                f"DECIDE: {label!r} was loaded before an answer (optOut). Here it waits for a yes; "
                'regime = "objection" on a class is for the few that may.'
            )
        if not entries(service.get("cookies")):
            yield (
                f"{label!r} names no cookies. What it loads from elsewhere is kept back by "
                "consent.embed() or csp_hosts, not by this file."
            )
