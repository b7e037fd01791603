"""From findings to a draft of the declaration, with what a human must decide beside each line.

Nothing is made exempt on a file's word, and nothing is guessed in silence: what is not sure is either
left out and shown as a comment, or declared the stricter way and marked `DECIDE:`.
May not enter: what a tool's file looks like; what can be declared of a cookie (`cookie.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from cookieconsent.core.cookies import Scope
from cookieconsent.core.registry import EXEMPT_CLASSES, MAX_SITE_CLASSES
from cookieconsent.drafting import cookie as tables
from cookieconsent.drafting.toml import Entry, Value
from cookieconsent.errors import ConsentError
from cookieconsent.migration import words
from cookieconsent.migration.classes import ESSENTIAL, Decision, Known, decide, known
from cookieconsent.migration.findings import (
    MAX_COOKIES,
    MAX_FACT,
    Findings,
    Group,
    Sighting,
    bounded,
)
from cookieconsent.migration.literal import Pattern
from cookieconsent.migration.pattern import Globs, globs, table_names

_LINK: Final = re.compile(r"(?:https?://|/(?![/\\]))[!-\[\]-~]+|/")
_LONGEST: Final = 80  # characters of a foreign text in a note
_MOST_NOTES: Final = 10  # beside one cookie
_MOST_NAMED: Final = 5  # groups in a note


class DraftError(ConsentError, ValueError):
    """Findings that no declaration can hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The whole declaration."""

    notes: tuple[str, ...]
    site: Entry
    classes: tuple[Entry, ...]
    cookies: tuple[Entry, ...]


def draft(findings: Findings, tool: str) -> Draft:
    """Return the draft of a declaration.

    Args:
        findings: What the other tool's file says.
        tool: The name of that tool.

    Raises:
        DraftError: There are more cookies or groups than a declaration can have.
    """
    gathered = _Gathered(findings)
    decisions = {
        name: decide(name, group, gathered.names_in[name])
        for name, group in findings.groups.items()
    }
    cookies = [
        table
        for cookie in gathered.cookies.values()
        for table in _tables(cookie, _asking_first(cookie, findings.groups), decisions)
    ]
    used = {table.fields["cls"] for table in cookies if not table.is_comment}
    classes = _classes(findings.groups, decisions, used)
    if len(classes) > MAX_SITE_CLASSES:
        raise DraftError(
            f"{len(classes)} groups would be classes of your own, and a site has at most "
            f"{MAX_SITE_CLASSES}. Merge some of them in the file first"
        )
    return Draft(
        notes=(
            *_opening_notes(findings, tool),
            *bounded(findings.notes),
            *(_group_note(name, findings.groups[name], decisions[name]) for name in decisions),
        ),
        site=_site(findings),
        classes=classes,
        cookies=(*cookies, *gathered.unnamed),
    )


def _opening_notes(findings: Findings, tool: str) -> tuple[str, str]:
    rule = "Every line with DECIDE waits for you; nothing else does."
    own = f"Its own cookie, {_shown(findings.own_cookie)}, is not needed any more."
    return (
        f"Written by cookieconsent migrate from a file of {tool}. {rule}",
        f"Answers that visitors gave to {tool} do not count here: they are asked once more. {own}",
    )


def _group_note(name: str, group: Group, decision: Decision) -> str:
    told = f"Group {_shown(name)}" + (f" ({_shown(group.title)})" if group.title else "")
    if decision.cls == ESSENTIAL:
        return f"{told}: the catalogue decides about each of its cookies; {decision.reason}."
    return f"{told}: class {decision.cls!r}; {decision.reason}."


def _site(findings: Findings) -> Entry:
    fields: dict[str, Value] = {}
    notes: list[str] = []
    link = findings.privacy_policy_url
    if link is not None and _LINK.fullmatch(link):
        fields["privacy_policy_url"] = link
    elif link is not None:
        notes.append(f"DECIDE: {_shown(link)} is no address of a privacy policy; give one.")
    if findings.policy_version is not None:
        fields["policy_version"] = findings.policy_version
    return Entry(fields=fields, notes=tuple(notes))


def _classes(
    groups: Mapping[str, Group], decisions: Mapping[str, Decision], used: set[Value]
) -> tuple[Entry, ...]:
    """Return the classes of the site's own that a cookie uses."""
    parts: dict[str, Entry] = {}
    for name, decision in decisions.items():
        if decision.is_own and decision.cls in used and decision.cls not in parts:
            group = groups[name]
            told: dict[str, str | None] = {
                "name": decision.cls,
                "title": group.title or name,
                "description": group.description,
            }
            fields: dict[str, Value] = {
                key: text for key, text in told.items() if text and text.strip()
            }
            fields |= {"regime": "opt-in", "shares_with_third_parties": True}
            note = (
                f"DECIDE: is {_shown(name)} one of the built-in classes? And does anybody but you "
                "receive its data? Written as if so."
            )
            parts[decision.cls] = Entry(fields=fields, notes=(note,))
    return tuple(parts.values())


# --- gathering ------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Cookie:
    """All that a file says of one name."""

    name: str
    groups: dict[str, None] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict[str, str])
    scopes: dict[Scope, None] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)

    def note(self, words: str) -> None:
        self.notes[words] = None


class _Gathered:
    """The cookies of a file by name, and those that cannot have one."""

    def __init__(self, findings: Findings) -> None:
        self.cookies: dict[str, _Cookie] = {}
        self.unnamed: list[Entry] = []
        self.names_in: dict[str, dict[str, None]] = {group: {} for group in findings.groups}
        self._tables = 0
        for sighting in findings.sightings:
            if sighting.name != findings.own_cookie:
                self._add(sighting)

    def _add(self, sighting: Sighting) -> None:
        found = _names(sighting)
        if found is None:
            self._leave_out(_unnamed(sighting))
            return
        for name in found.names:
            problem = _name_problem(name)
            if problem is not None:
                self._leave_out(_unnamed(sighting, problem))
                continue
            if name not in self.cookies:
                self._count()
            cookie = self.cookies.setdefault(name, _Cookie(name))
            self.names_in[sighting.group][name] = None
            self._fill(cookie, sighting)
            if found.is_wider:
                cookie.note(
                    f"DECIDE: the file says {_shown(str(sighting.name))}; this matches more. Is any "
                    "other cookie meant by it?"
                )

    def _leave_out(self, entry: Entry) -> None:
        self._count()
        self.unnamed.append(entry)

    def _count(self) -> None:
        """Count one more table of the draft."""
        self._tables += 1
        if self._tables > MAX_COOKIES:
            raise DraftError(
                f"the file names more than {MAX_COOKIES:,} cookies. Divide it into several files"
            )

    def _fill(self, cookie: _Cookie, sighting: Sighting) -> None:
        cookie.groups[sighting.group] = None
        for fact in ("purpose", "provider", "lifetime"):
            told = getattr(sighting, fact)
            if told and told.strip():
                _learn(cookie, fact, told)
        if sighting.is_prose and not (sighting.domain or "").startswith("."):
            if sighting.domain:
                _learn(cookie, "domain", sighting.domain)
            return
        scope = _scope(cookie, sighting)
        if scope is None:
            return
        if cookie.scopes and scope not in cookie.scopes:
            self._count()
        cookie.scopes[scope] = None


def _learn(cookie: _Cookie, fact: str, told: str) -> None:
    """Keep what is said first of a cookie."""
    if fact in cookie.facts:
        return
    if len(told) > MAX_FACT:
        cookie.note(f"DECIDE: its {fact} has {len(told):,} characters; {MAX_FACT:,} were taken.")
        told = told[:MAX_FACT]
    cookie.facts[fact] = told


def _asking_first(cookie: _Cookie, groups: Mapping[str, Group]) -> list[str]:
    """Return a cookie's groups, required ones last: where two disagree, the one that asks is taken."""
    return sorted(cookie.groups, key=lambda name: groups[name].required)


def _names(sighting: Sighting) -> Globs | None:
    if isinstance(sighting.name, Pattern):
        return globs(sighting.name)
    if sighting.is_prose:
        return table_names(sighting.name)
    collapsed = re.sub(r"\*+", "*", sighting.name)
    return Globs((collapsed,), is_wider="*" in collapsed)


def _name_problem(name: str) -> str | None:
    if " " in name:
        return "this reads like words, not like a cookie's name"
    return tables.problem(name)


def _unnamed(sighting: Sighting, problem: str | None = None) -> Entry:
    why = problem or "no name with '*' stands for it"
    note = f"DECIDE: {_shown(str(sighting.name))} in group {_shown(sighting.group)}: {why}."
    return tables.unnamed(*bounded([note]))


def _scope(cookie: _Cookie, sighting: Sighting) -> Scope | None:
    """Return domain and path as a declaration takes them, or `None` where they do not fit."""
    asked = Scope(sighting.domain or None, sighting.path or "/")
    scope, note = tables.declarable(cookie.name, asked)
    if note is None:
        return scope
    cookie.note(note)
    return None


# --- one cookie -----------------------------------------------------------------------------------


def _tables(
    cookie: _Cookie, groups: Sequence[str], decisions: Mapping[str, Decision]
) -> Iterator[Entry]:
    """Yield a table for each place where a cookie lives."""
    domain = next((scope.domain for scope in cookie.scopes if scope.domain), None)
    fact = known(cookie.name, domain)
    cls, note = _class_of(cookie, decisions[groups[0]], fact)
    if note is not None:
        cookie.note(note)
    for group in groups[1 : _MOST_NAMED + 1]:
        cookie.note(f"DECIDE: it is also in group {_shown(group)}; the stricter one was taken.")
    if len(groups) > _MOST_NAMED + 1:
        cookie.note(f"DECIDE: it is in {len(groups) - _MOST_NAMED - 1:,} more groups.")
    facts, unset = _told(cookie, cls, fact)
    for scope in cookie.scopes or (Scope(),):
        yield tables.table(
            cookie.name,
            cls,
            scope,
            facts=facts,
            notes=bounded(cookie.notes, _MOST_NOTES),
            unset={} if cls is None else unset,
        )


def _class_of(cookie: _Cookie, decision: Decision, fact: Known) -> tuple[str | None, str | None]:
    """Return the class of a cookie, or `None` where a human must say, and what to note."""
    if decision.cls != ESSENTIAL:
        if fact.classes and fact.classes != (decision.cls,):
            named = " and ".join(map(repr, fact.classes))
            return decision.cls, f"DECIDE: the catalogue calls this {named}."
        return decision.cls, None
    if fact.is_exempt:
        return fact.cls, f"Exempt by the catalogue: {fact.reason or fact.cls}."
    if fact.cls is not None and fact.cls not in EXEMPT_CLASSES:
        return fact.cls, (
            f"DECIDE: the file calls this required, the catalogue calls it {fact.cls!r}, which needs "
            "a yes. The catalogue was followed."
        )
    why = "does not know all that it stands for" if fact.classes else "does not know it"
    return None, (
        f"DECIDE: the file calls {_shown(cookie.name)} required, and the catalogue {why}. It is "
        "blocked until you declare it: as 'authentication' or 'cart' if what the visitor asked for "
        "fails without it."
    )


def _told(cookie: _Cookie, cls: str | None, fact: Known) -> tuple[dict[str, str], dict[str, Value]]:
    """Return what visitors are told of a cookie, and what is missing."""
    told = dict(cookie.facts)
    unset: dict[str, Value] = {}
    written = told.pop("lifetime", None)
    lifetime = words.lifetime(written) if written else None
    if lifetime is not None:
        told["lifetime"] = lifetime
    domain = told.pop("domain", None)
    if domain is not None and not any(scope.domain for scope in cookie.scopes):
        unset["domain"] = domain
        cookie.note(
            f"DECIDE: the file names {_shown(domain)}. Set domain if its Set-Cookie line says Domain, "
            "or it cannot be deleted."
        )
    if fact.vendor is not None and cls not in EXEMPT_CLASSES:  # a framework's session is the site's
        told.setdefault("provider", fact.vendor)
    missing = [name for name in ("purpose", "provider", "lifetime") if name not in told]
    if missing and cls not in EXEMPT_CLASSES and cls is not None:
        usual = words.span(fact.lifetime) if fact.lifetime else None
        unset |= tables.unsaid(missing, lifetime=usual or "")
        heard = f" The file says {_shown(written)}." if written and "lifetime" in missing else ""
        guess = f" {usual} is usual." if usual and "lifetime" in missing else ""
        cookie.note(f"DECIDE: visitors must be told {_listed(missing)}.{heard}{guess}")
    return told, unset


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:-1]) + f" and {names[-1]}" if len(names) > 1 else names[0]


def _shown(text: str) -> str:
    """Return a foreign text in quotes, shortened."""
    return f"'{text}'" if len(text) <= _LONGEST else f"'{text[:_LONGEST]}...'"
