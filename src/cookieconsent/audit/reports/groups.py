"""What is put together before it is written: findings of one fault, and what was not looked at.

May not enter: how it looks in a format.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal

from cookieconsent.audit.check import Check, Finding, Verdict
from cookieconsent.audit.report import CookieRow, Report
from cookieconsent.audit.severity import SEVERITIES, Severity
from cookieconsent.audit.states import STATES
from cookieconsent.core.choice import VALID_DAYS

SHOWN: Final = 5
"""How many names of a list are written where all of them would be too many."""


Came = Literal["failed", "noted", "not verified", "passed"]
"""What became of a question, as people read it; the first is the worst."""


OWN: Final = "cookieconsent"
"""The vendor of our own cookie, which nobody has to declare."""
_DAY: Final = 86_400


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
    return _grouped(report, (f for verdict in report.verdicts for f in verdict.findings))


def _grouped(report: Report, findings: Iterable[Finding]) -> list[Group]:
    gathered: dict[tuple[str, str | None], list[Finding]] = {}
    for finding in findings:
        gathered.setdefault((finding.check, finding.cookie), []).append(finding)
    found = [
        Group(check=report.check(check), cookie=cookie, findings=tuple(alike))
        for (check, cookie), alike in gathered.items()
    ]
    return sorted(found, key=_order)


def _order(group: Group) -> tuple[int, str, str]:
    return SEVERITIES.index(group.severity), group.check.id, group.cookie or ""


def states_in(findings: Iterable[Finding]) -> list[str]:
    """Return the states that findings were made in, each once, in order."""
    return _unique(finding.state for finding in findings)


def paths_in(findings: Iterable[Finding]) -> list[str]:
    """Return the pages that findings were made on, each once, in order."""
    return _unique(finding.path for finding in findings if finding.path is not None)


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


def severities(report: Report) -> dict[Severity, int]:
    """Return how many groups of findings there are of each severity, the worst first."""
    return _severities(groups(report))


def _severities(found: Iterable[Group]) -> dict[Severity, int]:
    counted = Counter(group.severity for group in found)
    return {severity: counted[severity] for severity in SEVERITIES}


def outcomes(report: Report) -> dict[str, int]:
    """Return how many questions passed, failed and were left open."""
    counted = Counter(verdict.outcome for verdict in report.verdicts)
    return {outcome: counted[outcome] for outcome in ("pass", "violation", "unverified")}


def came_to(verdict: Verdict) -> Came:
    """Return what a question came to, in a word; findings that only inform are no failure."""
    if verdict.outcome != "violation":
        return "passed" if verdict.outcome == "pass" else "not verified"
    only_informs = all(finding.severity == "info" for finding in verdict.findings)
    return "noted" if only_informs else "failed"


# --- in words -------------------------------------------------------------------------------------


def headline(report: Report) -> str:
    """Return what the audit came to, in a sentence; nothing is called clean that was left open."""
    found, asked = severities(report), outcomes(report)
    left = asked["unverified"]
    open_ones = f"{left} of {counted(len(report.verdicts), 'question')} could not be answered"
    if number := sum(found.values()):
        met = (
            f"{counted(number, 'finding')} ({_parts(found)}), met {_times(len(report.findings()))}"
        )
        return f"{met}; {open_ones}." if left else f"{met}."
    if not report.verdicts:
        return "Nothing was asked, so nothing can be said."
    if accepted := _grouped(report, (finding for finding, _ in known(report))):
        told = f"No new finding; {len(accepted)} known ({_parts(_severities(accepted))})"
        return f"{told}; {open_ones}." if left else f"{told}."
    if left:
        return f"No finding, but {open_ones}."
    return f"No finding: {counted(asked['pass'], 'question')} asked, all of them passed."


def _parts(found: dict[Severity, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in found.items() if count)


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def states_of(group: Group, report: Report) -> str:
    """Return the states of a group, all of them in a word."""
    return everywhere(group.states, report) or ", ".join(group.states)


def everywhere(states: list[str], report: Report) -> str | None:
    """Return in words that states are all that were looked at; `None` where they are some or few."""
    number = len(report.states)
    is_all = number > SHOWN and states == [row.name for row in report.states]
    return f"all {number} states that were looked at" if is_all else None


def undeclared(report: Report) -> str | None:
    """Return what must be known where nothing of ours was found; `None` where it was."""
    if report.declaration is not None:
        return None
    if report.target.startswith(("http://", "https://")):  # an application may be browsed, too
        return "An address does not tell its declarations; add --declaration FILE."
    return (
        "No declaration was known, and no middleware of this package was found. Where a setting is "
        "named below, put the middleware around the application first; or write down what the site "
        "sets, and add --declaration FILE."
    )


def tally(report: Report) -> str:
    """Return how much was looked at, in two sentences whose numbers add up."""
    looked = [
        counted(len(report.states), "state"),
        counted(len(report.pages), "page"),
        counted(len(report.cookies), "cookie"),
    ]
    asked = counted(len(report.verdicts), "question")
    return f"{', '.join(looked)}. {asked}: {', '.join(_answers(report))}."


def _answers(report: Report) -> Iterator[str]:
    only_known = sum(v.outcome == "pass" and bool(v.suppressed) for v in report.verdicts)
    came = Counter(map(came_to, report.verdicts))
    yield f"{came['passed'] - only_known} passed"
    yield f"{came['failed']} failed"
    if came["noted"]:
        yield f"{came['noted']} noted"
    if only_known:
        yield f"{only_known} known"
    yield f"{came['not verified']} not verified"


def counted(number: int, noun: str) -> str:
    """Return a number and its noun."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def some(names: Iterable[str], shown: int = SHOWN) -> str:
    """Return the first of a list, and how many more there are."""
    listed = list(names)
    more = len(listed) - shown
    return ", ".join(listed[:shown]) + (f" and {more} more" if more > 0 else "")


def lasting(seconds: int | None) -> str:
    """Return a lifetime as people say it."""
    if seconds is None:
        return "session"
    for unit, length in (("day", _DAY), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            return counted(round(seconds / length), unit)
    return counted(seconds, "second")


def met_in(row: CookieRow, report: Report, shown: int = SHOWN) -> str:
    """Return the states a cookie was met in; one that was not looked at in whole is no such state."""
    open_ones = {state.name for state in report.states if state.unverified is not None}
    whole = [name for name in row.states if name not in open_ones]
    left = len(row.states) - len(whole)
    part = f"{left} not looked at in whole" if left else ""
    return "; ".join(filter(None, (some(whole, shown), part)))


def lasting_of(row: CookieRow) -> str:
    """Return how long a cookie lasts; of ours also how long its answer counts, which is less."""
    lasts = lasting(row.lifetime)
    if row.cls == "consent" and row.vendor == OWN and (row.lifetime or 0) > VALID_DAYS * _DAY:
        return f"{lasts} (its answer counts for {VALID_DAYS})"
    return lasts


# --- what was not looked at -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Something that was not looked at."""

    what: str
    """Its kind: `state`, `page`, `check` or `mode`."""
    names: tuple[str, ...]
    why: str


def gaps(report: Report) -> list[Gap]:
    """Return what was not looked at, and why: states, pages, checks, and what the mode cannot see."""
    return [*_mode(report), *_states(report), *_checks(report), *_pages(report)]


def _mode(report: Report) -> Iterator[Gap]:
    if report.mode != "browser":
        names = ("cookies and storage that scripts set", "requests to other hosts")
        yield Gap(what="mode", names=names, why="no script was run; add --browser")


def _states(report: Report) -> Iterator[Gap]:
    reached = {row.name.partition(":")[0] for row in report.states}
    absent = tuple(state.name for state in STATES if state.name not in reached)
    if absent:
        yield Gap(what="state", names=absent, why="not part of this audit")
    yield from _by_reason("state", ((row.name, row.unverified) for row in report.states))


def _checks(report: Report) -> Iterator[Gap]:
    """Yield the checks that were left open for another reason than their state's."""
    states = {row.name: row.unverified for row in report.states}
    left = [v for v in report.unverified() if v.reason != states.get(v.state)]
    for gap in _by_reason("check", ((v.check, v.reason) for v in left)):
        names = tuple(_with_states(check, gap.why, left) for check in dict.fromkeys(gap.names))
        yield replace(gap, names=names)


def _with_states(check: str, why: str, left: list[Verdict]) -> str:
    states = [v.state for v in left if (v.check, v.reason) == (check, why)]
    listed = " and ".join(states) if len(states) <= SHOWN else counted(len(states), "state")
    return f"{check} in {listed}"


def _pages(report: Report) -> Iterator[Gap]:
    yield from _by_reason("page", report.missed.items())


def _by_reason(what: str, pairs: Iterable[tuple[str, str | None]]) -> Iterator[Gap]:
    """Yield a gap for each reason; what has none is no gap."""
    gathered: dict[str, list[str]] = {}
    for name, why in pairs:
        if why is not None:
            gathered.setdefault(why, []).append(name)
    for why, names in gathered.items():
        yield Gap(what=what, names=tuple(names), why=why)


def overlooked(report: Report) -> str | None:
    """Return in one sentence how much was not looked at; `None` where all was."""
    found = gaps(report)
    names = {what: [n for gap in found if gap.what == what for n in gap.names] for what in NOUNS}
    checks = {name.partition(" in ")[0] for name in names["check"]}
    parts = [
        counted(number, noun)
        for noun, number in (
            ("state", len(names["state"])),
            ("check", len(checks)),
            ("page", len(names["page"])),
        )
        if number
    ]
    if names["mode"]:
        parts.append("all that scripts do")
    return f"Not looked at, or not in whole: {', '.join(parts)}." if parts else None


NOUNS: Final = {"state": "States", "check": "Checks", "page": "Pages", "mode": "Not seen at all"}
"""What the kinds of gaps are called."""


def reasons(chain: Iterable[str]) -> list[str]:
    """Return the steps by which a cookie came to its class, without those that said nothing."""
    steps = list(chain)
    return [step for step in steps if not step.endswith(": nothing")] or steps


def gap_lines(report: Report, shown: int = SHOWN) -> list[str]:
    """Return what was not looked at, a sentence each, long lists cut."""
    return [f"{NOUNS[gap.what]}: {some(gap.names, shown)} ({gap.why})." for gap in gaps(report)]


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
