"""From evidence to verdicts: every check judges every run it speaks of.

May not enter: single checks, formats.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, Literal

from cookieconsent.audit.check import Case, Check, Fault, Finding, Remark, Verdict
from cookieconsent.audit.checks.sightings import unseen
from cookieconsent.audit.classification import Attributes, guesses
from cookieconsent.audit.evidence import Evidence, Run, Sighting
from cookieconsent.audit.hosts import is_foreign
from cookieconsent.audit.site import Site
from cookieconsent.audit.unverified import UnverifiedError
from cookieconsent.core.reasons import Step
from cookieconsent.observation.lines import shown

BannerNeed = Literal["needed", "not needed", "unknown"]
NEEDS_WALK: Final = "tests that were listened to cannot tell; run cookieconsent audit"
_NOTHING_EARLIER = "nothing was compared, for there is no earlier report; add --earlier FILE"
_NOT_NEEDED = "nothing that needs consent was seen in any state, so no banner is needed"


def judge(evidence: Evidence, site: Site, checks: Iterable[Check]) -> list[Verdict]:
    """Return the verdict of each check on each run, in order."""
    need = banner_need(evidence, site)
    return [
        _verdict(check, Case(run=run, site=site, evidence=evidence), need)
        for check in checks
        for run in evidence.runs.values()
        if check.speaks_of(run)
    ]


def banner_need(evidence: Evidence, site: Site) -> BannerNeed:
    """Tell whether anything that needs consent was seen; "not needed" where nothing can be."""
    if any(
        site.needs_consent(sighting.line.name, sighting.host)
        for run in evidence.runs.values()
        for _, sighting in run.sightings()
        if not sighting.line.deletes
    ):
        return "needed"
    return "not needed" if _is_all_seen(evidence, site) else "unknown"


def _is_all_seen(evidence: Evidence, site: Site) -> bool:
    """Tell whether whatever a site sets was seen, before a yes and after it."""
    runs = evidence.runs.values()
    unasked = (evidence.runs.get(name) for name in ("none", "ignored"))
    if any(run is not None and run.unverified is not None for run in unasked):
        return False
    if not evidence.walks or unseen(evidence, runs) is not None:
        return False
    accepted = evidence.runs.get("accepted")
    if accepted is None:
        return False
    return accepted.unverified is None or not _may_ask(evidence, site)


def _may_ask(evidence: Evidence, site: Site) -> bool:
    """Tell whether a yes may be asked for: by our form, by what is declared, or by nobody knows what.

    Where nothing is declared, whatever runs or can be sent may be a banner that we cannot answer.
    """
    pages = [view.page for run in evidence.runs.values() for view in run.pages() if view.page]
    if any(page.form_for("accept") is not None for page in pages):
        return True
    if site.config is None:
        return any(page.scripts or page.hosts or page.forms for page in pages)
    return any(cookie.cls in site.switchable for cookie in site.config.cookies)


def _verdict(check: Check, case: Case, need: BannerNeed) -> Verdict:
    state = case.run.state
    dead = _dead(case.run)
    if dead is not None:
        return Verdict(check=check.id, state=state, left_open=dead)
    if "banner" in check.needs and need == "not needed":
        broken = case.run.unverified if _is_answerable(case.evidence) else None
        return Verdict(check=check.id, state=state, left_open=broken, remark=_NOT_NEEDED)
    is_alone = "earlier" in check.needs and case.site.earlier is None
    if is_alone and case.run.unverified is None:
        return Verdict(check=check.id, state=state, remark=_NOTHING_EARLIER)
    reason = _missing(check, case)
    faults: list[Fault] = []
    remark = None
    if reason is None:
        try:
            for found in check.judge(case):  # what was found before the check gave up counts
                if isinstance(found, Remark):
                    remark = found.said
                else:
                    faults.append(found)
        except UnverifiedError as error:
            reason = str(error)
    return Verdict(
        check=check.id,
        state=state,
        findings=tuple(dict.fromkeys(_finding(check, case, fault) for fault in faults)),
        left_open=reason or case.run.unverified,  # whatever was found, there may be more
        remark=remark,
    )


def _is_answerable(evidence: Evidence) -> bool:
    """Tell whether a yes was taken; where nothing asks, that no answer was given says nothing."""
    accepted = evidence.runs.get("accepted")
    return accepted is not None and accepted.unverified is None


def _missing(check: Check, case: Case) -> str | None:
    """Return what a check needs and does not have."""
    if "browser" in check.needs and not case.evidence.runs_scripts:
        return "only a browser can tell; add --browser"
    if "declaration" in check.needs and case.site.config is None:
        return "there is no declaration; add --declaration FILE"
    if "earlier" in check.needs and case.site.earlier is None:
        return case.run.unverified
    if "walk" in check.needs and not case.evidence.walks:
        return NEEDS_WALK
    return None


def _dead(run: Run) -> str | None:
    """Return why nothing can be said of a run in which nothing answered."""
    if any(view.status is not None for view in run.views):
        return None
    fault = next((view.fault for view in run.views), None)
    return fault or run.unverified or "no page answered"


def _finding(check: Check, case: Case, fault: Fault) -> Finding:
    view, sighting = fault.view, fault.sighting
    name = fault.cookie if sighting is None else sighting.line.name
    host = None if sighting is None else sighting.host
    chain = () if name is None else tuple(_told(case.site.chain(name, host)))
    if name is not None and case.site.classify(name, host).cls is None:
        chain += tuple(_guessed(host, sighting))
    return Finding(
        check=check.id,
        state=case.run.state,
        said=fault.said,
        severity=fault.severity or check.severity,
        cookie=None if name is None else shown(name),
        path=None if view is None else view.place,
        request=None if view is None else f"{view.method} {view.place} ({view.step})",
        line=None if sighting is None else sighting.line.text,
        setter=None if sighting is None else _setter(sighting.setter, sighting.initiator),
        chain=chain,
        aspect=" ".join(_aspects(case, fault)),
    )


def _aspects(case: Case, fault: Fault) -> Iterator[str]:
    """Yield what tells a finding from others of its check, cookie and page."""
    if fault.aspect:
        yield fault.aspect
    if fault.severity is not None:  # what gets worse is another finding
        yield fault.severity
    if fault.sighting is not None and fault.sighting.kind != "cookie":
        yield fault.sighting.kind
    if fault.sighting is not None and is_foreign(fault.sighting.host, case.evidence.base):
        yield fault.sighting.host


def _setter(setter: str, initiator: str | None) -> str:
    return setter if initiator is None else f"{setter} {initiator}"


def _guessed(host: str | None, sighting: Sighting | None) -> Iterator[str]:
    """Yield what speaks of a cookie that no name explains: its domain, and its attributes."""
    attributes = None
    if sighting is not None:
        line = sighting.line
        attributes = Attributes(
            http_only=line.has("httponly"), secure=line.has("secure"), max_age=line.lifetime
        )
    for step in guesses(host, attributes):
        found = "nothing" if step.cls is None else f"perhaps {step.cls} ({step.detail})"
        yield f"{step.witness}: {found}"


def _told(chain: Iterable[Step]) -> Iterator[str]:
    """Yield the steps by which a name came to its class, in words."""
    for step in chain:
        place = f"{step.source} {'name' if step.kind == 'exact' else 'glob'}"
        if step.result == "nothing":
            yield f"{place}: nothing"
            continue
        rule = step.rules[0]
        found = f"{place}: {shown(rule.pattern)} is {rule.classification.cls}"
        if step.result == "decides":
            reason = rule.classification.reason
            yield found + (f": {reason}" if reason else "") + " (decides)"
        elif step.result == "domain":
            yield f"{found} on {', '.join(rule.domains)} alone"
        else:
            yield f"{found} (outranked)"
