"""What an audit came to: verdicts, and around them what was looked at and what was not.

May not enter: formats (`reports`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from cookieconsent.audit.check import Check, Finding, Verdict
from cookieconsent.audit.evidence import KEPT_BACK, Mode
from cookieconsent.audit.severity import SEVERITIES, Severity, is_at_least

ReportOutcome = Literal["clean", "findings", "unverified", "nothing seen"]
SCHEMA = "1"
"""The version of what reports say in JSON."""
_OWN: Final = "cookieconsent"


@dataclass(frozen=True, slots=True, kw_only=True)
class CookieRow:
    """One cookie over all states."""

    name: str
    cls: str | None
    """Its class, `None` where nobody knows it."""
    needs_consent: bool
    source: str | None
    """`declared` or `catalogue`."""
    vendor: str | None
    kind: str
    """`cookie`, or another storage."""
    lifetime: int | None
    """Seconds, the longest that was seen; `None` for the session."""
    states: dict[str, str]
    """By state, where it was set first: the path."""
    host: str = ""
    """The host that set it first."""
    setter: str = "header"
    """Who set it first: `header`, `script` or `third party`; `application, kept back` where no visitor
    got it."""
    attributes: dict[str, str] = field(default_factory=dict)
    """The attributes of its first line, by name in lower case; without what says its lifetime."""
    refreshed: bool = False
    """Whether it was set more than once in one run."""

    @property
    def is_own(self) -> bool:
        """Whether it is the middleware's own, which nobody has to declare."""
        return self.vendor == _OWN

    @property
    def is_kept_back(self) -> bool:
        """Whether no visitor got it, since nobody has declared it."""
        return self.setter == KEPT_BACK


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Something that was not looked at."""

    what: str
    """Its kind: `state`, `page`, `check`, `file` or `mode`; of a recorder, `answer`."""
    names: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StateRow:
    """One run."""

    name: str
    pages: int
    """How many answers there were."""
    unverified: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The whole of it."""

    version: str
    """Of this package."""
    target: str
    mode: Mode
    day: str
    """When, as a day (ISO 8601)."""
    declaration: str | None
    """The file or the middleware that the declaration is from."""
    states: tuple[StateRow, ...]
    pages: tuple[str, ...]
    missed: dict[str, str]
    """The pages that were not looked at, and why."""
    cookies: tuple[CookieRow, ...]
    verdicts: tuple[Verdict, ...]
    pictures: dict[str, bytes] = field(default_factory=dict, repr=False)
    """Screenshots (PNG) by what they show."""
    checks: tuple[Check, ...]
    """What was asked."""
    language: str | None = None
    """What visitors read (BCP 47); `None` where each request said that itself."""
    declaration_file: str | None = None
    """The declaration's file, where it is one."""
    declared_lines: dict[str, int] = field(default_factory=dict)
    """By cookie (its printable name), the line of its declaration in that file."""
    known_until: dict[str, str] = field(default_factory=dict)
    """By fingerprint, the last day (ISO 8601) on which a finding that is known counts as that."""
    notes: tuple[str, ...] = ()
    """What whoever keeps the list of known findings should know, a sentence each."""
    left_out: tuple[Gap, ...] = ()
    """What is missing besides states, checks and pages."""

    def check(self, name: str) -> Check:
        """Return the check with an id."""
        return next(check for check in self.checks if check.id == name)

    def findings(self, least: Severity = "info") -> list[Finding]:
        """Return the findings that are as bad, the worst first."""
        found = [
            finding
            for verdict in self.verdicts
            for finding in verdict.findings
            if is_at_least(finding.severity, least)
        ]
        return sorted(found, key=lambda finding: SEVERITIES.index(finding.severity))

    def outcome(self, fail_on: Severity = "medium", *, strict: bool = False) -> ReportOutcome:
        """Return what the whole of it came to.

        A site that cannot be looked at has no findings and is not clean: "nothing seen".

        Args:
            fail_on: The least severity that counts.
            strict: Whether a single open question keeps a site from being clean. All questions always
                do, and so does an open one about each state.
        """
        if not any(row.pages for row in self.states):
            return "nothing seen"
        if self.findings(fail_on):
            return "findings"
        left = self.unverified()
        return "unverified" if self._is_all_open() or (strict and left) else "clean"

    def _is_all_open(self) -> bool:
        return len(self.unverified()) == len(self.verdicts) or all(
            row.unverified for row in self.states
        )

    def nothing_known(self) -> str | None:
        """Return why nothing can be said of the site, in a sentence; `None` if something can."""
        if self.findings() or not self._is_all_open():
            return None
        did = "looked at" if not any(row.pages for row in self.states) else "verified"
        left = [row.unverified for row in self.states] + [v.left_open for v in self.verdicts]
        why = next(filter(None, left), "no state was asked for")
        return f"nothing could be {did}: {why.rstrip('.')}."

    def unverified(self) -> list[Verdict]:
        """Return the verdicts that leave something open, those with findings too."""
        return [verdict for verdict in self.verdicts if verdict.left_open is not None]
