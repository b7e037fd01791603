"""One audit from end to end: find the pages, send a visitor through each state, judge, report.

A state that fails leaves a run that says why, and the rest goes on; so do those that Ctrl-C cuts off.
May not enter: which pages there are, how a state is visited, single checks, formats.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from cookieconsent.audit.check import Check
from cookieconsent.audit.checks import CHECKS
from cookieconsent.audit.evidence import Evidence, Run
from cookieconsent.audit.inside import watching
from cookieconsent.audit.pages import find_pages, found_later, never_linked, opened
from cookieconsent.audit.plan import Plan
from cookieconsent.audit.report import Report
from cookieconsent.audit.reporting import report_on
from cookieconsent.audit.states import Task, tasks
from cookieconsent.audit.time_limit import STOPPED, TimedClient, TimeLimit
from cookieconsent.audit.visiting import visit
from cookieconsent.observation.answer import ObservationError
from cookieconsent.observation.pace import PacedClient


def audit(plan: Plan, checks: Iterable[Check] = CHECKS) -> Report:
    """Audit a site and return the report."""
    return report_on(observe(plan), plan.site, checks, plan.now)


def observe(plan: Plan) -> Evidence:
    """Send a visitor through each state and return what was met."""
    evidence = Evidence(target=plan.target, mode=plan.mode, base=plan.base, language=plan.language)
    todo = tasks(plan.states, plan.site)
    limit = TimeLimit(plan.seconds, plan.clock)
    paced = plan.client if plan.rate is None else PacedClient(plan.client, plan.rate)
    timed = replace(plan, client=TimedClient(paced, limit))
    try:
        with plan.client:
            _look_until_stopped(timed, evidence, todo, limit)
    except ObservationError as error:  # no page was found, or what leads there has failed
        _leave_open(evidence, todo, str(error))
    return evidence


def _leave_open(evidence: Evidence, todo: list[Task], why: str) -> None:
    for task in todo:
        evidence.runs.setdefault(task.name, Run(state=task.name, unverified=why))


def _look_until_stopped(plan: Plan, evidence: Evidence, todo: list[Task], limit: TimeLimit) -> None:
    try:
        _look(plan, evidence, todo, limit)
    except KeyboardInterrupt:
        if plan.stopped is None:
            raise
        plan.stopped()
        _leave_open(evidence, todo, STOPPED)


def _look(plan: Plan, evidence: Evidence, todo: list[Task], limit: TimeLimit) -> None:
    """Write into the evidence which pages there are, and what is met in each state."""
    progress = plan.progress or _silent
    progress("looking for pages", 0, len(todo))
    found = find_pages(plan)
    evidence.base, evidence.pages = found.base, found.paths
    evidence.broken, evidence.missed = found.broken, dict(found.missed)
    with watching(plan.app, plan.now) as spy:
        for number, task in enumerate(todo):
            progress(task.name, number, len(todo))
            evidence.runs[task.name] = visit(plan, found, task, spy, limit)
    for path in opened(found, evidence):
        evidence.missed.pop(path, None)
    evidence.missed |= found_later(plan, evidence)
    evidence.missed |= never_linked(plan, evidence)


def _silent(doing: str, number: int, total: int) -> None:
    """Tell nobody."""
