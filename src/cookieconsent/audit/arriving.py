"""Where a visitor came out: on the page that was asked for, at an error, or on another site.

May not enter: how requests are sent, what is wrong with a page.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from urllib.parse import urlsplit

from cookieconsent.audit.evidence import Run, View
from cookieconsent.audit.steps import PROBE
from cookieconsent.audit.visitor import is_fault
from cookieconsent.observation.answer import ObservationError
from cookieconsent.observation.lines import shown
from cookieconsent.observation.navigation import redirected
from cookieconsent.observation.same_site import is_same_site
from cookieconsent.observation.walk import FIRST_BROKEN, without_values


def turned_away(run: Run, base: str, broken: Container[str]) -> str | None:
    """Return why a visitor was not let in at the first page, or met a page that broke for them.

    Pages that are broken for everybody tell nothing of a state; they are missed. A page among others
    that leads to another site is an ordinary way out.

    Args:
        run: What the visitor met.
        base: The address of the first page.
        broken: Paths that are broken for everybody.
    """
    ends = list(_ends(run.views, base))
    lastly = dict(ends)  # whoever signs in may be let in then
    for place, _ in ends[:1]:
        view = lastly[place]
        host = _led_off(view, base)
        if host is not None:
            return f"{_named(place)} leads to another site ({host})"
        if is_fault(view):
            return refusal(view.place, view.status or 0)
    # Of a site that is there, other errors are often meant: a link to what is gone.
    errors = ((view.place, view.status or 0) for _, view in ends)
    faults = (one for one in errors if one[1] >= FIRST_BROKEN and one[0] not in broken)
    return next((refusal(*one) for one in faults), None)


def is_shut_out(views: Iterable[View], base: str) -> bool:
    """Tell whether a visitor saw no page at all, but errors and other sites."""
    ends = (view for _, view in _ends(views, base))
    return all(is_fault(view) or _led_off(view, base) is not None for view in ends)


def refusal(path: str, status: int) -> str:
    """Return the sentence for a page that was refused."""
    return f"{_named(path)} answered with status {status}"


def _named(path: str) -> str:
    return shown(without_values(path).encode())


def _ends(views: Iterable[View], base: str) -> Iterator[tuple[str, View]]:
    """Yield what came of each page at the end of its redirects, under its path and under theirs."""
    begin, target = "", None
    for view in views:
        is_page = view.step != PROBE and view.method == "GET" and is_same_site(base, view.url)
        if not is_page or view.status is None:
            target = None
            continue
        begin = begin if view.url == target else view.place
        target = _target(view)
        if target is None or not is_same_site(base, target):
            yield from ((place, view) for place in dict.fromkeys((begin, view.place)))
            target = None


def _led_off(view: View, base: str) -> str | None:
    """Return the host of another site that an answer leads to, `None` if it leads to none."""
    target = _target(view)
    if target is None or is_same_site(base, target):
        return None
    return shown((urlsplit(target).hostname or "").encode())


def _target(view: View) -> str | None:
    try:
        return redirected(view.url, view)
    except ObservationError:
        return None
