"""The plan of an audit: what is looked at, how it is reached, and for how long.

May not enter: how a plan is made of what somebody names (`planning`), or carried out (`run`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from cookieconsent.audit.evidence import Mode, View
from cookieconsent.audit.inside import Spy
from cookieconsent.audit.names import USUAL_MINUTES, USUAL_PAGES
from cookieconsent.audit.site import Site
from cookieconsent.audit.states import Task
from cookieconsent.audit.visitor import Visitor
from cookieconsent.observation.answer import Client

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
        pages: Paths that are looked at, in this order; links and searches are followed from them.
        limit: How many pages at the most.
        states: Names of states; none for all.
        language: What visitors read (BCP 47), for `Accept-Language`.
        visitors: Gives the visitor of a state, who writes into the views what it meets, and what
            a spy in the application has seen; by default one that speaks HTTP through `client`.
        prepare: The site's own hook, called once in each state: signs in, fills a basket.
        progress: Called with what begins (the walk, then each state), how many states are done, and how
            many there are.
        stopped: Called where Ctrl-C ends the audit early; states that were not reached are unverified
            then. Without it, `KeyboardInterrupt` is raised as usual.
        now: Gives POSIX seconds.
        seconds: How long the audit may take; states that are not reached by then are unverified.
        clock: Gives seconds that only go up.
        rate: How many requests a second the client sends at the most; `None` for as many as it can.
    """

    target: str
    mode: Mode
    base: str
    site: Site
    client: Client
    app: object = None
    pages: Sequence[str] = ()
    limit: int = USUAL_PAGES
    states: Sequence[str] = ()
    language: str = "en"
    visitors: Visitors | None = None
    prepare: Callable[[Visitor], object] | None = None
    progress: Callable[[str, int, int], object] | None = None
    stopped: Callable[[], object] | None = None
    now: Callable[[], float] = time.time
    seconds: float = 60.0 * USUAL_MINUTES
    clock: Callable[[], float] = time.monotonic
    rate: float | None = None
