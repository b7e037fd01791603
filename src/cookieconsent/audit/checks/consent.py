"""Consent: nothing that needs a yes before there is one, nor after it was taken back.

May not enter: how cookies are classed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cookieconsent.audit.check import Case, Check, Fault
from cookieconsent.audit.evidence import Sighting, View
from cookieconsent.observation.lines import shown


def _set(case: Case, *steps: str) -> Iterator[tuple[View, Sighting]]:
    """Yield what was set by a response header and needs a yes, in the steps named, or in all."""
    for view, sighting in case.run.sightings(*steps):
        line = sighting.line
        asked = case.site.needs_consent(line.name, sighting.host)
        if asked and sighting.setter == "header" and not line.deletes:
            yield view, sighting


def _set_before_an_answer(case: Case) -> Iterator[Fault]:
    for view, sighting in _set(case):
        yield Fault(
            said=f"{shown(sighting.line.name)} is set although nobody has said yes",
            view=view,
            sighting=sighting,
        )


def _set_after_a_no(case: Case) -> Iterator[Fault]:
    for view, sighting in _set(case, "answer", "after"):
        yield Fault(
            said=f"{shown(sighting.line.name)} is set after a no", view=view, sighting=sighting
        )


CHECKS: Final = (
    Check(
        id="CC101",
        family="consent",
        severity="critical",
        title="No cookie that needs consent is set before there is an answer",
        why="Somebody who only looks at a page is already followed.",
        sources=(
            "Directive 2002/58/EC (ePrivacy), article 5(3)",
            "Regulation (EU) 2016/679 (GDPR), articles 4(11), 6(1)(a) and 7",
        ),
        fix="Put CookieConsentMiddleware outermost; it keeps the cookie back until there is a yes.",
        judge=_set_before_an_answer,
        states=frozenset({"none", "ignored"}),
    ),
    Check(
        id="CC103",
        family="consent",
        severity="critical",
        title="No cookie that needs consent is set after a no",
        why="The no was heard and not kept to.",
        sources=("Directive 2002/58/EC (ePrivacy), article 5(3)",),
        fix="Put CookieConsentMiddleware outermost; ask consent.allows(...) before you set it.",
        judge=_set_after_a_no,
        states=frozenset({"rejected", "nojs"}),
    ),
)
