"""One audit from end to end: find the pages, send a visitor through each state, judge, report.

A state that fails leaves a run that says why, and the rest goes on.
May not enter: which pages there are, how a state is visited, single checks, formats.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from cookieconsent.audit.check import Check
from cookieconsent.audit.checks import CHECKS
from cookieconsent.audit.evidence import Evidence, Run
from cookieconsent.audit.inside import watching
from cookieconsent.audit.pages import find_pages, found_later, opened
from cookieconsent.audit.plan import Plan
from cookieconsent.audit.report import Report
from cookieconsent.audit.reporting import report_on
from cookieconsent.audit.states import Task, tasks
from cookieconsent.audit.time_limit import TimedClient, TimeLimit
from cookieconsent.audit.visiting import visit
from cookieconsent.observation.answer import ObservationError


def audit(plan: Plan, checks: Iterable[Check] = CHECKS) -> Report:
    """Audit a site and return the report."""
    return report_on(observe(plan), plan.site, checks, plan.now)


def observe(plan: Plan) -> Evidence:
    """Send a visitor through each state and return what was met."""
    evidence = Evidence(target=plan.target, mode=plan.mode, base=plan.base, language=plan.language)
    todo = tasks(plan.states, plan.site)
    limit = TimeLimit(plan.seconds, plan.clock)
    timed = replace(plan, client=TimedClient(plan.client, limit))
    try:
        with plan.client:
            _look(timed, evidence, todo, limit)
    except ObservationError as error:  # no page was found, or what leads there has failed
        for task in todo:
            evidence.runs.setdefault(task.name, Run(state=task.name, unverified=str(error)))
    return evidence


def _look(plan: Plan, evidence: Evidence, todo: list[Task], limit: TimeLimit) -> None:
    """Write into the evidence which pages there are, and what is met in each state."""
    found = find_pages(plan)
    evidence.base, evidence.pages = found.base, found.paths
    evidence.broken, evidence.missed = found.broken, dict(found.missed)
    with watching(plan.app, plan.now) as spy:
        for number, task in enumerate(todo):
            if plan.progress is not None:
                plan.progress(task.name, number, len(todo))
            evidence.runs[task.name] = visit(plan, found, task, spy, limit)
    for path in opened(found, evidence):
        evidence.missed.pop(path, None)
    evidence.missed |= found_later(plan, evidence)
