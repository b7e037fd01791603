"""What a check is, what it finds, and what becomes of it.

A check says which states it speaks of and judges one run of them at a time. It finds faults,
finds none, or says why it cannot tell (`UnverifiedError`): three verdicts, and the last is never the
second.
May not enter: single checks (`checks`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, Literal

from cookieconsent.audit.evidence import Evidence, Run, Sighting, View
from cookieconsent.audit.severity import Severity
from cookieconsent.audit.site import Site

Family = Literal["consent", "declaration", "banner", "attributes", "http"]
FAMILIES: Final[tuple[Family, ...]] = ("consent", "declaration", "banner", "attributes", "http")
Outcome = Literal["pass", "violation", "unverified"]
Need = Literal["browser", "declaration", "banner", "earlier", "walk"]
"""What must be there for a check: a browser, a declaration, something to ask for, an earlier report; or
a visitor who walks over the site, and does not only do what tests happen to ask for."""
ALL: Final[frozenset[str]] = frozenset()
"""Every state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fault."""

    check: str
    state: str
    said: str
    """What is wrong, in a sentence; no value of a cookie is in it."""
    severity: Severity
    cookie: str | None = None
    """The name of the cookie, printable."""
    path: str | None = None
    """The page, without its query."""
    request: str | None = None
    """Method, path and step of the request."""
    line: str | None = field(default=None, compare=False)
    """The `Set-Cookie` line, its value left out; of a value that changes it is never the same."""
    setter: str | None = None
    """Who set it: `header`, `script` with its address, `third party`, or `application, kept back`."""
    chain: tuple[str, ...] = ()
    """How the cookie came to its class."""
    aspect: str = ""
    """What tells it from other faults of that check on the same cookie and page."""

    @property
    def fingerprint(self) -> str:
        """What stays the same from one audit to the next: check, state, cookie, page and aspect.

        What is said is not in it: that may name a number of days, or be put better.
        """
        facts = [self.check, self.state, self.cookie or "", self.path or ""]
        told = "\n".join([*facts, self.aspect] if self.aspect else facts)
        return hashlib.sha256(told.encode("utf-8", "backslashreplace")).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What a check judges: one run, and all that is around it."""

    run: Run
    site: Site
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Remark:
    """What a check says that has found no fault, and something to tell all the same."""

    said: str


Judge = Callable[[Case], Iterable["Fault | Remark"]]
"""Yields what it finds; raises `UnverifiedError` where it cannot tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What a check says of one fault; the rest of the finding is filled in from it."""

    said: str
    view: View | None = None
    sighting: Sighting | None = None
    cookie: bytes | None = None
    severity: Severity | None = None
    """Where it is another one than the check's."""
    aspect: str = ""
    """Where the check may find several faults of one cookie on one page: which of them, the same from
    one audit to the next. A measured number is not in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One question that is asked of every run it speaks of."""

    id: str
    """Such as `CC101`."""
    family: Family
    severity: Severity
    title: str
    """The rule, in a sentence without its full stop."""
    why: str
    """What it does to visitors."""
    sources: tuple[str, ...]
    """Where the rule stands."""
    fix: str
    """What to do, with our own setting where there is one."""
    judge: Judge
    states: frozenset[str] = ALL
    """The states it speaks of; empty for all."""
    needs: frozenset[Need] = field(default_factory=frozenset)
    """Without which it is not asked."""

    def speaks_of(self, run: Run) -> bool:
        """Tell whether it judges a run."""
        return not self.states or run.name in self.states


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of one check in one state."""

    check: str
    state: str
    findings: tuple[Finding, ...] = ()
    left_open: str | None = None
    """Why nobody can tell whether there are faults, or more of them; `None` if that is known."""
    remark: str | None = None
    """What is to be known of a question that is not open."""
    suppressed: tuple[tuple[Finding, str], ...] = ()
    """Known findings, each with the reason that was given."""

    @property
    def outcome(self) -> Outcome:
        """What it came to: nothing passes that is left open."""
        if self.findings:
            return "violation"
        return "pass" if self.left_open is None else "unverified"

    @property
    def reason(self) -> str | None:
        """What is said beside the outcome: why it is open, or what is to be known."""
        return self.remark if self.left_open is None else self.left_open
