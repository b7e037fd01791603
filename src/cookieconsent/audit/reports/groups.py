"""Findings put together before they are written: those of one fault, those that are mended at once.

May not enter: how they look in a format.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cookieconsent.audit.check import Check, Finding
from cookieconsent.audit.report import Report
from cookieconsent.audit.severity import SEVERITIES, Severity
from cookieconsent.audit.wording import SHOWN, counted, some


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The findings of one check about one cookie, or about none."""

    check: Check
    cookie: str | None
    findings: tuple[Finding, ...]

    @property
    def severity(self) -> Severity:
        """The worst of them."""
        return min((finding.severity for finding in self.findings), key=SEVERITIES.index)

    @property
    def first(self) -> Finding:
        """The one whose evidence stands for all."""
        return self.findings[0]

    @property
    def states(self) -> list[str]:
        """The states it was found in, in order."""
        return states_in(self.findings)

    @property
    def paths(self) -> list[str]:
        """The pages it was found on, in order."""
        return paths_in(self.findings)

    @property
    def sayings(self) -> list[str]:
        """What is said of it, each once."""
        return _unique(finding.said for finding in self.findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """A rule that is broken as badly by some cookies, or by none: what is mended at once."""

    groups: tuple[Group, ...]

    @property
    def check(self) -> Check:
        """The check whose rule it is."""
        return self.groups[0].check

    @property
    def severity(self) -> Severity:
        """How bad it is for each of them."""
        return self.groups[0].severity

    @property
    def cookies(self) -> list[str]:
        """The names of the cookies."""
        return [group.cookie for group in self.groups if group.cookie is not None]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All of them."""
        return tuple(finding for group in self.groups for finding in group.findings)

    @property
    def said(self) -> str:
        """What is wrong, told of the first cookie, and how many more there are."""
        more = len(self.groups) - 1
        first = self.groups[0].sayings[0]
        return f"{first} (and {counted(more, 'more cookie')})" if more else first


def breaches(report: Report) -> list[Breach]:
    """Return the groups by check and severity, in their order."""
    gathered: dict[tuple[str, Severity], list[Group]] = {}
    for group in groups(report):
        gathered.setdefault((group.check.id, group.severity), []).append(group)
    return [Breach(groups=tuple(alike)) for alike in gathered.values()]


def groups(report: Report) -> list[Group]:
    """Return the findings by check and cookie: the worst first, then by id and name."""
    return grouped(report, (f for verdict in report.verdicts for f in verdict.findings))


def grouped(report: Report, findings: Iterable[Finding]) -> list[Group]:
    """Return some findings by check and cookie, in the same order."""
    gathered: dict[tuple[str, str | None], list[Finding]] = {}
    for finding in findings:
        gathered.setdefault((finding.check, finding.cookie), []).append(finding)
    found = [
        Group(check=report.check(check), cookie=cookie, findings=tuple(alike))
        for (check, cookie), alike in gathered.items()
    ]
    return sorted(found, key=_order)


def known(report: Report) -> list[tuple[Finding, str]]:
    """Return the findings that are known, each with its reason."""
    return [pair for verdict in report.verdicts for pair in verdict.suppressed]


def known_lines(report: Report) -> list[str]:
    """Return what is known, a sentence for what says the same of several states."""
    gathered: dict[tuple[str, str, str], list[str]] = {}
    for found, reason in known(report):
        day = report.known_until.get(found.fingerprint)
        why = reason if day is None else f"{reason}; until {day}"
        gathered.setdefault((found.check, found.said, why), []).append(found.state)
    return [
        f"{check} in {some(_unique(states))}: {said} ({why})"
        for (check, said, why), states in gathered.items()
    ]


def states_of(group: Group, report: Report) -> str:
    """Return the states of a group, all of them in a word."""
    return everywhere(group.states, report) or ", ".join(group.states)


def everywhere(states: list[str], report: Report) -> str | None:
    """Return in words that states are all that were looked at; `None` where they are some or few."""
    number = len(report.states)
    is_all = number > SHOWN and states == [row.name for row in report.states]
    return f"all {number} states that were looked at" if is_all else None


def states_in(findings: Iterable[Finding]) -> list[str]:
    """Return the states that findings were made in, each once, in order."""
    return _unique(finding.state for finding in findings)


def paths_in(findings: Iterable[Finding]) -> list[str]:
    """Return the pages that findings were made on, each once, in order."""
    return _unique(finding.path for finding in findings if finding.path is not None)


def _order(group: Group) -> tuple[int, str, str]:
    return SEVERITIES.index(group.severity), group.check.id, group.cookie or ""


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
