"""One state of one site: a visitor goes through it, and questions are put beside the pages.

Whatever goes wrong leaves a run that says why it is not whole.
May not enter: how requests are sent, what a state is, judgements.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from cookieconsent.audit.arriving import is_shut_out, turned_away
from cookieconsent.audit.evidence import Run, View
from cookieconsent.audit.inside import Spy
from cookieconsent.audit.pages import FoundPages
from cookieconsent.audit.plan import Plan
from cookieconsent.audit.probes import has_questions, probe
from cookieconsent.audit.states import Journey, Task
from cookieconsent.audit.steps import PROBE
from cookieconsent.audit.time_limit import OVER, TimeLimit
from cookieconsent.audit.unverified import UnverifiedError
from cookieconsent.audit.visitor import HttpVisitor, Visitor


def visit(plan: Plan, found: FoundPages, task: Task, spy: Spy | None, limit: TimeLimit) -> Run:
    """Send a visitor through one state and return what was met, with what is open of it.

    Args:
        plan: How the site is reached.
        found: Its pages.
        task: The state.
        spy: Sees what reaches an application in this process.
        limit: When nothing more is asked.
    """
    run = _met(plan, found, task, spy, limit)
    away = turned_away(run, found.base, found.broken)
    run.unverified = run.unverified or found.unread or away
    return run


def _met(plan: Plan, found: FoundPages, task: Task, spy: Spy | None, limit: TimeLimit) -> Run:
    run = Run(state=task.name)
    if limit.is_over():
        run.unverified = OVER
        return run
    if plan.visitors is None:
        visitor = _http_visitor(plan, found, task, spy, run.views)
        with _noted(run):
            task.state.perform(_journey(plan, found, task, visitor, limit))
        run.kept = visitor.kept()
        with _noted(run):
            probe(visitor, run.state, found.paths, plan.site)
        return run
    with _noted(run), plan.visitors(task, run.views, spy) as other:
        try:
            task.state.perform(_journey(plan, found, task, other, limit))
        except Exception:
            run.kept = other.kept()
            raise
        run.kept = other.kept()  # not after Ctrl-C, which ends the browser as well
    _probe_aside(plan, found, task, run, limit)
    return run


def _probe_aside(plan: Plan, found: FoundPages, task: Task, run: Run, limit: TimeLimit) -> None:
    """Put the questions of a state by a visitor who speaks HTTP, and has answered as the other did."""
    if not has_questions(run.state, plan.site):
        return
    visitor = _http_visitor(plan, found, task, None, [])
    try:
        journey = _journey(plan, found, task, visitor, limit)
        task.state.perform(replace(journey, prepare=None))
    except UnverifiedError as error:  # such as a banner that scripts alone can show
        run.unasked = str(error)  # by somebody who has not answered it would be another state
    if is_shut_out(visitor.views, found.base):
        run.unasked = "the site lets in browsers alone, or who has signed in"
    if run.unasked is not None:
        return
    with _noted(run):
        probe(visitor, run.state, found.paths, plan.site)
    run.views += [view for view in visitor.views if view.step == PROBE]


def _journey(
    plan: Plan, found: FoundPages, task: Task, visitor: Visitor, limit: TimeLimit
) -> Journey:
    return Journey(
        visitor=visitor,
        site=plan.site,
        pages=found.paths,
        prepare=plan.prepare,
        part=task.part,
        limit=limit,
    )


def _http_visitor(
    plan: Plan, found: FoundPages, task: Task, spy: Spy | None, views: list[View]
) -> HttpVisitor:
    return HttpVisitor(
        client=plan.client,
        base=found.base,
        preferences=plan.site.path,
        signal=task.state.signal,
        keeps_cookies=task.state.keeps_cookies,
        language=plan.language,
        now=plan.now,
        spy=spy,
        views=views,
    )


@contextmanager
def _noted(run: Run) -> Iterator[None]:
    """Write down why a state was not reached, whoever is at fault."""
    try:
        yield
    except UnverifiedError as error:
        run.unverified = str(error)
    except Exception as error:  # noqa: BLE001 - the site's own hook may fail in any way
        # The words of somebody else's error may hold a cookie's value, so not those.
        run.unverified = f"it ended with {type(error).__name__}"
    # A question may fail, but not be left out.
    faults = [v.fault for v in run.views if v.fault and (v.step != PROBE or v.fault == OVER)]
    if run.unverified is None and faults:
        run.unverified = faults[0]
