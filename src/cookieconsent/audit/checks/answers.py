"""After the banner: a page can be read without an answer, an answer holds, and can be changed.

May not enter: how the banner looks (`banner`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from cookieconsent.audit.check import Case, Check, Fault, Need
from cookieconsent.audit.checks.layers import (
    FOUND,
    asking,
    consent_cookie,
    is_shared,
    leads_to_preferences,
)
from cookieconsent.audit.evidence import View
from cookieconsent.audit.page import BANNER, Page
from cookieconsent.audit.probes import STATE_SHEET
from cookieconsent.audit.unverified import UnverifiedError

_NEEDS: Final[frozenset[Need]] = frozenset({"banner"})
_WITHDRAWAL: Final = "Regulation (EU) 2016/679 (GDPR), article 7(3)"
_TASKFORCE: Final = "EDPB, report of the Cookie Banner Taskforce (17 January 2023)"
_GUIDELINES: Final = "EDPB, Guidelines 05/2020 on consent"
_GARANTE: Final = (
    "Garante per la protezione dei dati personali, guidelines on cookies of 10 June 2021"
)
_SIX_MONTHS: Final = timedelta(
    days=180
)  # the shortest way to count them: no site asks too soon by it
_FEW_WORDS: Final = 12  # so few words may be those of a greeting


def _answered(case: Case) -> list[View]:
    """Return the pages after an answer."""
    found = [view for view in case.run.pages("after") if view.status == FOUND]
    if not found:
        raise UnverifiedError(case.run.unverified or "no page was seen after an answer")
    return found


def _no_way_back(case: Case) -> Iterator[Fault]:
    for view in _answered(case):
        links = [] if view.page is None else view.page.elements
        if is_shared(case):  # there the banner stands in every page, and is hidden
            links = [link for link in links if BANNER not in link.within]
        if not any(leads_to_preferences(link, case) for link in links):
            yield Fault(said="no link leads to where the answer can be changed", view=view)


def _slow_withdrawal(case: Case) -> Iterator[Fault]:
    pages = _answered(case)
    given = [view for view in case.run.views if view.step == "answer"]
    if not given or given[0].method == "GET":
        raise UnverifiedError("the answer was not given on the first layer")
    if is_shared(case):
        return  # nothing in these pages may be one visitor's; their link is asked for by CC307
    for view in pages:
        if view.page is not None and not _offers_withdrawal(view.page):
            said = "a yes took one step here, and taking it back takes more"
            yield Fault(said=said, view=view)


def _offers_withdrawal(page: Page) -> bool:
    buttons = (form.button("withdraw") for form in page.forms)
    return any(button is not None and not button.is_hidden for button in buttons)


def _wall(case: Case) -> Iterator[Fault]:
    accepted = case.evidence.runs.get("accepted")
    whole = [] if accepted is None or accepted.unverified else accepted.pages("after")
    if not whole:
        raise UnverifiedError("there is no accepted visitor to compare with")
    full = {view.place: view.page.words for view in whole if view.page and view.status == FOUND}
    # The last look at each: the first one may choose a language or begin a session.
    views = {v.place: v for v in case.run.views if v.step == "before" and v.method == "GET"}
    for place in sorted(full.keys() & views.keys()):
        view, many = views[place], full[place]
        if view.status is not None and view.status != FOUND:
            said = f"the answer is status {view.status} until there is a yes"
            yield Fault(said=said, view=view, aspect="status")
        elif view.page is not None and view.page.words * 2 < many and many >= _FEW_WORDS:
            said = f"there are {view.page.words} words before an answer and {many} after a yes"
            yield Fault(said=said, view=view)


def _asked_again(case: Case) -> Iterator[Fault]:
    again = [view for view in _answered(case) if view.page and view.page.by_id(BANNER)]
    if again and is_shared(case) and _is_hidden(_state_sheet(case)):
        again = []
    for view in again:
        yield Fault(said="the banner is there again after an answer", view=view)
    if not again:
        yield from _short_memory(case, consent_cookie(case))


def _short_memory(case: Case, name: bytes) -> Iterator[Fault]:
    for view, sighting in case.run.sightings("answer"):
        lifetime = sighting.line.lifetime
        if sighting.line.name == name and (lifetime is None or lifetime < _SIX_MONTHS):
            said = "the answer is kept for less than six months, so the question comes back"
            yield Fault(said=said, view=view, sighting=sighting)


def _silent_yes(case: Case) -> Iterator[Fault]:
    said = "the banner is gone although nobody has answered: browsing on counts as an answer"
    asking(case)
    if is_shared(case):
        sheet = _state_sheet(case)
        if _is_hidden(sheet):
            yield Fault(said=said, view=sheet)
        return
    before = {v.place for v in case.run.pages("before") if v.page and v.page.by_id(BANNER)}
    for view in case.run.pages("after"):
        if view.place in before and view.page is not None and view.page.by_id(BANNER) is None:
            yield Fault(said=said, view=view)


def _state_sheet(case: Case) -> View:
    """Return the sheet that hides the banner, where pages are the same for everybody."""
    for view in case.run.probes():
        if view.place.endswith(STATE_SHEET) and view.status == FOUND:
            return view
    raise UnverifiedError("whether a sheet hides the banner was not looked at")


def _is_hidden(sheet: View) -> bool:
    return "display:none" in sheet.told.replace(" ", "")


CHECKS: Final = (
    Check(
        id="CC307",
        family="banner",
        severity="high",
        title="Every page leads to where the answer can be changed",
        why="A consent that cannot be found again cannot be withdrawn. An icon would do as well, "
        "authorities say; this audit looks for a link.",
        sources=(
            _WITHDRAWAL,
            f"{_TASKFORCE}, type K practice, paragraphs 31 to 35",
            f"{_GARANTE} (a link in the foot of every page)",
        ),
        fix="Leave Config.settings_link at True, or place consent.settings_link() or a link to "
        "consent.preferences_url in every page; with Config.shared_cache do the latter.",
        judge=_no_way_back,
        states=frozenset({"rejected", "accepted"}),
        needs=_NEEDS,
    ),
    Check(
        id="CC308",
        family="banner",
        severity="high",
        title="Withdrawing takes no more steps than consenting",
        why="It shall be as easy to withdraw as to give consent, and on the same site. No law "
        "counts steps; to count them is our way to measure it.",
        sources=(_WITHDRAWAL, f"{_GUIDELINES}, paragraphs 113 to 115"),
        fix="Leave Config.settings_link at True: its button withdraws in one click. With "
        "Config.shared_cache, whose pages are the same for everybody, only a link is asked for.",
        judge=_slow_withdrawal,
        states=frozenset({"accepted"}),
        needs=_NEEDS,
    ),
    Check(
        id="CC309",
        family="banner",
        severity="high",
        title="Pages can be read without an answer",
        why="Who must agree to read has no choice. Italy's authority allows it where the same can "
        "be had without a yes; that, the audit cannot see.",
        sources=(f"{_GUIDELINES}, paragraphs 38 to 41", f"{_GARANTE} (cookie walls)"),
        fix="Show the same page before an answer; the banner stands above it (Config.shape).",
        judge=_wall,
        states=frozenset({"none"}),
        needs=_NEEDS | {"walk"},
    ),
    Check(
        id="CC310",
        family="banner",
        severity="medium",
        title="Nobody is asked again within six months of an answer",
        why="Who is asked until the yes comes, gives in.",
        sources=(
            f"{_GARANTE}, section 6.2 (six months)",
            "CNIL, recommendation of 17 September 2020 (2020-092), paragraph 39: good practice",
            "EDPB, Guidelines 03/2022 on deceptive design patterns: continuous prompting",
        ),
        fix="Keep the consent cookie (Config.cookie_name); do not raise CookieClass.version without "
        "a reason.",
        judge=_asked_again,
        states=frozenset({"rejected", "accepted"}),
        needs=_NEEDS,
    ),
    Check(
        id="CC316",
        family="banner",
        severity="medium",
        title="Browsing on is no answer",
        why="Scrolling and browsing on are no clear affirmative act.",
        sources=(f"{_GUIDELINES}, paragraph 86", f"{_GARANTE}, section 6.1 (scrolling)"),
        fix="Let only the form answer; do not call consent.grant() without having asked.",
        judge=_silent_yes,
        states=frozenset({"ignored"}),
        needs=_NEEDS | {"walk"},
    ),
)
