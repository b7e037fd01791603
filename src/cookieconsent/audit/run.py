"""One audit from end to end: find the pages, send a visitor through each state, judge, report.

A state that fails leaves a run that says why, and the rest goes on.
May not enter: how requests are sent, single checks, formats.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Final
from urllib.parse import urlsplit

from cookieconsent.audit.check import Check
from cookieconsent.audit.checks import CHECKS
from cookieconsent.audit.cookie_rows import cookie_rows
from cookieconsent.audit.evidence import Evidence, Mode, Run, View
from cookieconsent.audit.inside import Spy, watching
from cookieconsent.audit.judging import judge
from cookieconsent.audit.places import declared_lines
from cookieconsent.audit.probes import has_questions, probe
from cookieconsent.audit.report import Report, StateRow
from cookieconsent.audit.site import Site
from cookieconsent.audit.states import Journey, Task, tasks
from cookieconsent.audit.steps import PROBE
from cookieconsent.audit.time_limit import OVER, TimedClient, TimeLimit
from cookieconsent.audit.unverified import UnverifiedError
from cookieconsent.audit.visitor import AGENT, FIRST_FAULT, HttpVisitor, Visitor, is_fault
from cookieconsent.observation.answer import Client, ObservationError
from cookieconsent.observation.lines import shown
from cookieconsent.observation.links import joined
from cookieconsent.observation.navigation import REDIRECTS
from cookieconsent.observation.walk import (
    FIRST_BROKEN,
    MAY_ACT,
    Limits,
    Walk,
    may_act,
    target_of,
    walk,
    without_values,
)

DEFAULT_PAGES: Final = 50
DEFAULT_SECONDS: Final = 1800.0
_WALK_SHARE: Final = 0.1
"""How much of that time goes into finding the pages, at the most: each state takes as long again."""
_MOST_FOUND_LATER: Final = 50
_FOUND_LATER: Final = "linked only for who has signed in or answered; add --page"
Visitors = Callable[[Task, list[View], Spy | None], AbstractContextManager[Visitor]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an audit looks at.

    Attributes:
        target: What is audited, as it was named.
        mode: How it is reached.
        base: The address of its first page.
        site: What is known of it.
        client: Sends the requests.
        app: The application, where it is in this process, to see what reaches it.
        pages: Paths that are looked at, in this order; links are followed from them.
        limit: How many pages at the most.
        states: Names of states; none for all.
        language: What visitors read (BCP 47), for `Accept-Language`.
        visitors: Gives the visitor of a state, who writes into the views what it meets, and what
            a spy in the application has seen; by default one that speaks HTTP through `client`.
        prepare: The site's own hook, called once in each state: signs in, fills a basket.
        progress: Called with each state that begins, and how many there are.
        now: Gives POSIX seconds.
        seconds: How long the audit may take; states that are not reached by then are unverified.
        clock: Gives seconds that only go up.
    """

    target: str
    mode: Mode
    base: str
    site: Site
    client: Client
    app: object = None
    pages: Sequence[str] = ()
    limit: int = DEFAULT_PAGES
    states: Sequence[str] = ()
    language: str = "en"
    visitors: Visitors | None = None
    prepare: Callable[[Visitor], object] | None = None
    progress: Callable[[str, int, int], object] | None = None
    now: Callable[[], float] = time.time
    seconds: float = DEFAULT_SECONDS
    clock: Callable[[], float] = time.monotonic


def audit(plan: Plan, checks: Iterable[Check] = CHECKS) -> Report:
    """Audit a site and return the report."""
    return report_on(observe(plan), plan.site, checks, plan.now)


def report_on(
    evidence: Evidence,
    site: Site,
    checks: Iterable[Check] = CHECKS,
    now: Callable[[], float] = time.time,
) -> Report:
    """Judge what was seen and return the report."""
    asked, rows = tuple(checks), cookie_rows(evidence, site)
    return Report(
        version=version("cookieconsent"),
        target=evidence.target,
        mode=evidence.mode,
        language=evidence.language,
        day=dt.datetime.fromtimestamp(now(), dt.UTC).date().isoformat(),
        declaration=_source(site),
        states=tuple(
            StateRow(name=run.state, pages=run.answers, unverified=run.unverified)
            for run in evidence.runs.values()
        ),
        pages=tuple(map(without_values, evidence.pages)),
        missed=evidence.missed,
        cookies=rows,
        verdicts=tuple(judge(evidence, site, asked)),
        pictures=_pictures(evidence),
        checks=asked,
        declaration_file=None if site.file is None else str(site.file),
        declared_lines=declared_lines(site, [row.name for row in rows]),
    )


def _pictures(evidence: Evidence) -> dict[str, bytes]:
    """Return the pictures that were taken, the same one once, by the views that it shows."""
    found: dict[bytes, list[str]] = {}
    for run in evidence.runs.values():
        for view in run.views:
            if view.screenshot is not None:
                name = f"{run.state} at {shown(view.place.encode())} ({view.step})"
                found.setdefault(view.screenshot, []).append(name)
    return {", ".join(dict.fromkeys(names)): data for data, names in found.items()}


def _source(site: Site) -> str | None:
    if site.file is not None:
        return str(site.file)
    return None if site.config is None else "the middleware of the application"


def observe(plan: Plan) -> Evidence:
    """Send a visitor through each state and return what was met."""
    evidence = Evidence(target=plan.target, mode=plan.mode, base=plan.base, language=plan.language)
    todo = tasks(plan.states, plan.site)
    limit = TimeLimit(plan.seconds, plan.clock)
    client, plan = plan.client, replace(plan, client=TimedClient(plan.client, limit))
    try:
        with client:
            unread = _find_pages(plan, evidence)
            with watching(plan.app) as spy:
                for number, task in enumerate(todo):
                    if plan.progress is not None:
                        plan.progress(task.name, number, len(todo))
                    run = evidence.runs[task.name] = _run(plan, evidence, task, spy, limit)
                    turned_away = _turned_away(run, evidence.broken)
                    run.unverified = run.unverified or unread or turned_away
        evidence.missed |= _found_later(plan, evidence)
    except ObservationError as error:  # it could not even be started
        for task in todo:
            evidence.runs.setdefault(task.name, Run(state=task.name, unverified=str(error)))
    return evidence


def _find_pages(plan: Plan, evidence: Evidence) -> str | None:
    """Walk over the site once, to know its pages; return which could not be read, and why."""
    limits = Limits(pages=plan.limit, seconds=plan.seconds * _WALK_SHARE)
    seen = walk(
        plan.client,
        plan.base,
        plan.pages,
        limits,
        agent=AGENT,
        language=plan.language,
        now=plan.now,
        clock=plan.clock,
    )
    evidence.base, evidence.broken = seen.start, seen.broken
    _refuse_elsewhere(seen, evidence)
    own = [path for path in seen.pages if path != plan.site.path]
    evidence.pages = [seen.asked[name] for name in own] or [target_of(evidence.base)]
    failed = {without_values(name): why for name, why in seen.failed.items()}
    unread = next((f"{path} could not be read: {why}" for path, why in failed.items()), None)
    if unread is not None and not seen.pages and plan.visitors is None:
        raise ObservationError(unread)  # a browser may fare better
    refused = {path: status for path, status in seen.pages.items() if status >= FIRST_FAULT}
    nobody_else = plan.visitors is None and plan.prepare is None
    if refused and len(refused) == len(seen.pages) and nobody_else:
        raise ObservationError(_refusal(*next(iter(refused.items()))))
    evidence.missed |= {
        without_values(name): f"answered with status {refused[name]}" for name in sorted(refused)
    }
    evidence.missed |= {path: f"failed: {reason}" for path, reason in sorted(failed.items())}
    evidence.missed |= dict.fromkeys(sorted(seen.acts), MAY_ACT)
    left = "the time for finding pages was over" if seen.late else "beyond the limit of pages"
    evidence.missed |= dict.fromkeys(map(without_values, sorted(seen.left)), left)
    skipped = sorted(seen.skipped.items())
    evidence.missed |= {path: why for path, why in skipped if not _is_ours(path, plan.site)}
    return unread


def _found_later(plan: Plan, evidence: Evidence) -> dict[str, str]:
    """Return the pages that only links met in a state lead to: after signing in, or a yes."""
    known = {*evidence.pages, *evidence.missed}
    met = {view.place for run in evidence.runs.values() for view in run.views}
    found: dict[str, str] = {}
    for target in _linked(evidence):
        path = target.partition("?")[0]
        is_known = path in known or path in met or _is_ours(path, plan.site)
        if not is_known and len(found) < _MOST_FOUND_LATER:
            found.setdefault(path, MAY_ACT if may_act(target) else _FOUND_LATER)
    return found


def _is_ours(path: str, site: Site) -> bool:
    """Tell whether the middleware answers there; visitors ask it what they have to."""
    return path.partition("?")[0] == site.path or path.startswith(f"{site.path}/")


def _linked(evidence: Evidence) -> Iterator[str]:
    """Yield path and query of what pages lead to on this site."""
    here = urlsplit(evidence.base)[:2]
    views = (view for run in evidence.runs.values() for view in run.pages())
    pages = {id(view.page): view.page for view in views if view.page is not None}
    links = {
        (page.base or page.url, element.get("href"))
        for page in pages.values()
        for element in page.elements
        if element.tag == "a" and element.has("href")
    }
    for begin, href in sorted(links):
        url = joined(begin, href)
        if url is not None and urlsplit(url)[:2] == here:
            yield target_of(url)


def _turned_away(run: Run, broken: Container[str]) -> str | None:
    """Return why a visitor saw an error in place of the first page, or a page that broke for them.

    Pages that are broken for everybody tell nothing of a state; they are missed.
    """
    met = [
        (view.place, view.status or 0)
        for view in run.views
        if view.step != PROBE and view.method == "GET" and view.status not in {None, *REDIRECTS}
    ]
    lastly = dict(met)  # whoever signs in may be let in then
    errors = [(place, lastly[place]) for place, _ in met[:1] if lastly[place] >= FIRST_FAULT]
    # Of a site that is there, other errors are often meant: a link to what is gone.
    errors += [one for one in met if one[1] >= FIRST_BROKEN and one[0] not in broken]
    return next((_refusal(place, status) for place, status in errors), None)


def _refusal(path: str, status: int) -> str:
    return f"{shown(without_values(path).encode())} answered with status {status}"


def _refuse_elsewhere(seen: Walk, evidence: Evidence) -> None:
    """See that the first page is one of this site.

    Raises:
        ObservationError: It leads to another one, of which nothing here would tell.
    """
    first = target_of(evidence.base)
    if seen.pages.get(first) in REDIRECTS:
        hosts = " or ".join(sorted(seen.elsewhere))
        named = without_values(first)
        raise ObservationError(f"{named} leads to another site; name that one ({hosts})")


def _run(plan: Plan, evidence: Evidence, task: Task, spy: Spy | None, limit: TimeLimit) -> Run:
    run = Run(state=task.name)
    if limit.is_over():
        run.unverified = OVER
        return run
    if plan.visitors is None:
        visitor = _http_visitor(plan, evidence, task, spy, run.views)
        with _noted(run):
            task.state.perform(_journey(plan, evidence, task, visitor, limit))
        run.kept = visitor.kept()
        with _noted(run):
            probe(visitor, run.state, evidence.pages, plan.site)
        return run
    with _noted(run), plan.visitors(task, run.views, spy) as other:
        try:
            task.state.perform(_journey(plan, evidence, task, other, limit))
        finally:
            run.kept = other.kept()
    _probe_aside(plan, evidence, task, run, limit)
    return run


def _probe_aside(plan: Plan, evidence: Evidence, task: Task, run: Run, limit: TimeLimit) -> None:
    """Put the questions of a state by a visitor who speaks HTTP, and has answered as the other did."""
    if not has_questions(run.state, plan.site):
        return
    visitor = _http_visitor(plan, evidence, task, None, [])
    with suppress(UnverifiedError):  # a banner that scripts alone can show
        journey = _journey(plan, evidence, task, visitor, limit)
        task.state.perform(replace(journey, prepare=None))
    if all(is_fault(view) for view in visitor.views):
        return  # a site that lets in browsers alone; what was not asked is unverified
    with _noted(run):
        probe(visitor, run.state, evidence.pages, plan.site)
    run.views += [view for view in visitor.views if view.step == PROBE]


def _journey(
    plan: Plan, evidence: Evidence, task: Task, visitor: Visitor, limit: TimeLimit
) -> Journey:
    return Journey(
        visitor=visitor,
        site=plan.site,
        pages=evidence.pages,
        prepare=plan.prepare,
        part=task.part,
        limit=limit,
    )


def _http_visitor(
    plan: Plan, evidence: Evidence, task: Task, spy: Spy | None, views: list[View]
) -> HttpVisitor:
    return HttpVisitor(
        client=plan.client,
        base=evidence.base,
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
