"""What changed between two audits of one site: cookies and findings that are new, gone or other ones.

Both are reports in JSON, of this version or of the one before a release. What only one of them looked
at is neither new nor gone: it is told apart, so that a state that was not reached hides no change and
makes none.
May not enter: how a report is written (`reports/json`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from cookieconsent.audit.report import SCHEMA
from cookieconsent.audit.reports.escape import code, prose, terminal
from cookieconsent.audit.reports.groups import counted, lasting, some
from cookieconsent.errors import ConfigError

_VERSION: Final = f"cookieconsent-audit/{SCHEMA}"
_FIX: Final = "Name a report that was written with -f json"
_NOWHERE: Final = "no state that both looked at"
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One fact of a cookie that is another one now."""

    cookie: str
    kind: str
    fact: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What changed."""

    before: Snapshot
    after: Snapshot
    new_cookies: Sequence[Cookie] = ()
    gone_cookies: Sequence[Cookie] = ()
    changes: Sequence[Change] = ()
    new_findings: Sequence[Found] = ()
    gone_findings: Sequence[Found] = ()
    unclear: Sequence[str] = field(default=())
    """What was there before, and not looked at again; sentences."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing changed, as far as both looked."""
        told = (self.new_cookies, self.gone_cookies, self.changes)
        return not any((*told, self.new_findings, self.gone_findings))

    @property
    def failures(self) -> list[Found]:
        """The new findings that nobody has accepted."""
        return [found for found in self.new_findings if not found.known]


# --- reading --------------------------------------------------------------------------------------


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


# --- comparing ------------------------------------------------------------------------------------


def diff(before: Snapshot, after: Snapshot) -> Difference:
    """Return what changed from one report to the next."""
    old, new = before.cookies, after.cookies
    gone = [old[key] for key in old if key not in new]
    lost = [found for key, found in before.findings.items() if key not in after.findings]
    left = _Left(before, after)
    return Difference(
        before=before,
        after=after,
        new_cookies=[new[key] for key in new if key not in old],
        gone_cookies=[cookie for cookie in gone if left.why_cookie(cookie) is None],
        changes=[
            change for key in new if key in old for change in _changes(old[key], new[key], left)
        ],
        new_findings=[found for key, found in after.findings.items() if key not in before.findings],
        gone_findings=[found for found in lost if left.why_finding(found) is None],
        unclear=[
            *filter(None, map(left.why_cookie, gone)),
            *filter(None, map(left.why_finding, lost)),
        ],
    )


@dataclass(frozen=True, slots=True)
class _Left:
    """What the later audit left out."""

    before: Snapshot
    after: Snapshot

    def page(self, path: str | None) -> bool:
        """Tell whether it did not look at a page; what no page has led to is no page."""
        dropped = path in self.before.pages and path not in self.after.pages
        return dropped or path in self.after.missed

    def why_cookie(self, cookie: Cookie) -> str | None:
        """Return why nobody can tell whether a cookie is gone; `None` if it is."""
        again = [state for state in cookie.states if state in self.after.states]
        if not again:
            return (
                f"{cookie.name} was set in {some(cookie.states)}; the later audit looked at none of "
                "these in whole"
            )
        paths = list(dict.fromkeys(cookie.paths[state] for state in again))
        if all(map(self.page, paths)):
            return f"{cookie.name} was set on {some(paths)}; the later audit did not look at that"
        return None

    def why_finding(self, found: Found) -> str | None:
        """Return why nobody can tell whether a finding is gone; `None` if it is."""
        told = f"{found.said} ({found.check} in {found.state})"
        left, again = (
            {check for check, state in asked if _is_part(state, found.state)}
            for asked in (self.after.left_open, self.after.answered)
        )
        if found.check in left or found.check not in again:
            return f"{told}: the later audit could not tell"
        if self.page(found.path):
            return f"{told}: the later audit did not look at {found.path}"
        return None


def _is_part(state: str, of: str) -> bool:
    """Tell whether a state is that one, or one of the classes that it was divided into since."""
    return state == of or state.startswith(f"{of}:")


def _changes(old: Cookie, new: Cookie, left: _Left) -> Iterator[Change]:
    facts = {name: (old.facts[name], new.facts[name]) for name in old.facts}
    both = {
        state
        for state in left.before.states & left.after.states
        if state in new.states or not left.page(old.paths.get(state))
    }
    were, are = ([s for s in each.states if s in both] for each in (old, new))
    if set(were) != set(are):
        facts["states"] = (", ".join(were) or _NOWHERE, ", ".join(are) or _NOWHERE)
    for fact, (before, after) in facts.items():
        if before != after:
            yield Change(cookie=new.name, kind=new.kind, fact=fact, before=before, after=after)


# --- writing --------------------------------------------------------------------------------------


def headline(difference: Difference) -> str:
    """Return what changed, in a sentence."""
    if difference.is_empty:
        left = f", but {counted(len(difference.unclear), 'thing')} could not be told"
        return f"Nothing changed{left if difference.unclear else ''}."
    new, gone = (_alike(each) for each in (difference.new_findings, difference.gone_findings))
    return (
        f"{counted(len(new), 'new finding')}, {len(gone)} gone; "
        f"{counted(len(difference.new_cookies), 'new cookie')}, {len(difference.gone_cookies)} gone, "
        f"{counted(len(difference.changes), 'change')}."
    )


def text(difference: Difference) -> str:
    """Return the difference for a terminal, in ASCII."""
    before, after = difference.before, difference.after
    ends = f"{before.target} ({before.day}) to {after.target} ({after.day})"
    lines = [headline(difference), ends]
    for title, sentences in _told(difference):
        lines += ["", title, *(f"  {sentence}" for sentence in sentences)]
    return "\n".join(map(terminal, lines)) + "\n"


def markdown(difference: Difference) -> str:
    """Return the difference for a comment on a pull request."""
    before, after = difference.before, difference.after
    ends = (
        f"{code(before.target)} ({prose(before.day)}) to {code(after.target)} ({prose(after.day)})"
    )
    parts = ["### Cookie audit: what changed", f"**{prose(headline(difference))}** {ends}"]
    for title, sentences in _told(difference):
        more = len(sentences) - _ROWS
        rows = [f"- {prose(sentence)}" for sentence in sentences[:_ROWS]]
        rows += [f"- and {more} more"] if more > 0 else []
        parts.append(f"#### {title}\n\n" + "\n".join(rows))
    return "\n\n".join(parts) + "\n"


_ROWS: Final = 50


def _told(difference: Difference) -> Iterator[tuple[str, list[str]]]:
    """Yield each kind of change that there is, in sentences."""
    kinds = (
        ("New findings", [*map(_finding, _alike(difference.new_findings))]),
        ("Findings that are gone", [*map(_finding, _alike(difference.gone_findings))]),
        ("New cookies", [*map(_told_cookie, difference.new_cookies)]),
        ("Cookies that are gone", [*map(_told_cookie, difference.gone_cookies)]),
        ("Cookies that changed", [*map(_change, difference.changes)]),
        ("Cannot be told", list(difference.unclear)),
    )
    return ((title, sentences) for title, sentences in kinds if sentences)


def _alike(findings: Iterable[Found]) -> list[list[Found]]:
    """Return the findings that say the same of several states and pages together, as reports do."""
    gathered: dict[tuple[str, str, str, bool], list[Found]] = {}
    for found in findings:
        key = (found.severity, found.check, found.said, found.known)
        gathered.setdefault(key, []).append(found)
    return [*gathered.values()]


def _finding(alike: Sequence[Found]) -> str:
    found = alike[0]
    states = some(dict.fromkeys(each.state for each in alike))
    paths = dict.fromkeys(each.path for each in alike if each.path)
    place = f" on {some(paths)}" if paths else ""
    known = ", known" if found.known else ""
    return f"{found.severity} {found.check} in {states}{place}: {found.said}{known}"


def _told_cookie(cookie: Cookie) -> str:
    kind = "" if cookie.kind == "cookie" else f" ({cookie.kind})"
    facts = ", ".join(f"{name} {fact}" for name, fact in cookie.facts.items() if fact)
    return f"{cookie.name}{kind}: {facts}; in {some(cookie.states)}"


def _change(change: Change) -> str:
    if change.fact == "states":
        return f"{change.cookie}: was set in {change.before}; is set in {change.after}"
    before, after = change.before or "none", change.after or "none"
    return f"{change.cookie}: {change.fact} was {before}, is {after}"


def as_json(difference: Difference) -> str:
    """Return the difference for programs, as JSON in ASCII."""
    document = {
        "schema_version": f"cookieconsent-audit-difference/{SCHEMA}",
        "before": _end(difference.before),
        "after": _end(difference.after),
        "new_cookies": [*map(_cookie_document, difference.new_cookies)],
        "gone_cookies": [*map(_cookie_document, difference.gone_cookies)],
        "changes": [
            {
                "cookie": change.cookie,
                "kind": change.kind,
                "fact": change.fact,
                "before": change.before,
                "after": change.after,
            }
            for change in difference.changes
        ],
        "new_findings": [*map(_found_document, difference.new_findings)],
        "gone_findings": [*map(_found_document, difference.gone_findings)],
        "unclear": list(difference.unclear),
    }
    return json.dumps(document, indent=2) + "\n"


def _end(end: Snapshot) -> dict[str, str]:
    return {"target": end.target, "day": end.day}


def _cookie_document(cookie: Cookie) -> dict[str, Any]:
    return {
        "name": cookie.name,
        "kind": cookie.kind,
        "facts": dict(cookie.facts),
        "states": list(cookie.states),
    }


def _found_document(found: Found) -> dict[str, Any]:
    return {
        "fingerprint": found.fingerprint,
        "check": found.check,
        "state": found.state,
        "severity": found.severity,
        "said": found.said,
        "path": found.path,
        "known": found.known,
    }
