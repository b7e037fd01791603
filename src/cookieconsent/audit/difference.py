"""What changed between two audits of one site: cookies and findings that are new, gone or other ones.

What only one of them looked at is neither new nor gone: it is told apart, so that a state that was not
reached hides no change and makes none.
May not enter: how reports are read (`snapshot`), how a difference is written (`reports/difference`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from cookieconsent.audit.snapshot import Cookie, Found, Snapshot
from cookieconsent.audit.wording import some

_NOWHERE: Final = "no state that both looked at"


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
    unclear: Sequence[str] = ()
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
