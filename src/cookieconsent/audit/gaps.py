"""What was not looked at, and why: of this a report says neither that it is clean nor that it is not.

May not enter: how it looks in a format.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from cookieconsent.audit.check import Verdict
from cookieconsent.audit.report import Gap, Report
from cookieconsent.audit.states import STATES
from cookieconsent.audit.wording import SHOWN, counted, some

NOUNS: Final = {
    "state": "States",
    "check": "Checks",
    "page": "Pages",
    "mode": "Not seen at all",
    "file": "Files",
    "answer": "Answers",
}
"""What the kinds of gaps are called."""


def gaps(report: Report) -> list[Gap]:
    """Return what was not looked at, and why: states, pages, checks, and what the mode cannot see."""
    return [
        *_mode(report),
        *_states(report),
        *_checks(report),
        *_pages(report),
        *report.left_out,
    ]


def gap_lines(report: Report, shown: int = SHOWN) -> list[str]:
    """Return what was not looked at, a sentence each, long lists cut."""
    return [f"{NOUNS[gap.what]}: {some(gap.names, shown)} ({gap.why})." for gap in gaps(report)]


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
    if names["file"]:
        parts.append("some files")
    if names["answer"]:
        parts.append("answers that no test asked for, or that were not kept")
    return f"Not looked at, or not in whole: {', '.join(parts)}." if parts else None


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
