"""What becomes of a check that finds faults, and then cannot go on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

import pytest

from audit.samples import check, finding, report, site
from cookieconsent.audit.check import Case, Fault, Verdict
from cookieconsent.audit.evidence import Evidence, Mode, Run, View
from cookieconsent.audit.judging import banner_need, judge
from cookieconsent.audit.known import Rule, apply
from cookieconsent.audit.merging import merged
from cookieconsent.audit.page import Page
from cookieconsent.audit.unverified import UnverifiedError

VIEW = View(step="before", method="GET", path="/", url="https://shop.example/", status=200)
RUN = Run(state="none", views=[VIEW])
SEEN = Evidence(target="t", mode="wsgi", base="https://shop.example/", runs={"none": RUN})


def halting(case: Case) -> Iterator[Fault]:
    """Find a fault, and give up."""
    yield Fault(said="_ga is set")
    raise UnverifiedError("too few visitors")


def test_faults_stay_where_a_check_gives_up() -> None:
    (verdict,) = judge(SEEN, site(), [check("CC101", judge=halting)])
    assert [finding.said for finding in verdict.findings] == ["_ga is set"]
    assert (verdict.outcome, verdict.reason) == ("violation", "too few visitors")


def test_half_reached_state_leaves_its_violations_open() -> None:
    """A finding tells what was met; what was not looked at stays open beside it."""
    run = Run(state="none", views=[VIEW], unverified="1 page broke off")
    seen = Evidence(target="t", mode="wsgi", base="https://shop.example/", runs={"none": run})
    (verdict,) = judge(seen, site(), [check("CC101", judge=lambda _: [Fault(said="_ga is set")])])
    assert (verdict.outcome, verdict.left_open) == ("violation", "1 page broke off")
    assert report(verdicts=(verdict,)).unverified() == [verdict]


def test_what_one_part_left_open_stays_open_beside_a_finding() -> None:
    """Parts that ran apart: one met what is known, another gave up."""
    met = Verdict(check="CC101", state="none", findings=(finding(),))
    parts = [
        Verdict(check="CC101", state="none", left_open=why) for why in ("no form", "no answer")
    ]
    whole = merged([report(verdicts=(verdict,)) for verdict in (parts[0], met, *parts)])
    assert whole.verdicts[0].left_open == "no form; no answer"
    known = Rule(check="CC101", reason="agreed", until=dt.date(2027, 1, 1), place="suppress[0]")
    (verdict,) = apply(whole, [known]).verdicts
    assert (verdict.outcome, verdict.reason) == ("unverified", "no form; no answer")


# --- whether a banner is needed -------------------------------------------------------------------

PLAIN = Page(url="https://shop.example/")
FRAMING = Page(url="https://shop.example/", hosts={"frames.example"})
SCRIPTED = Page(url="https://shop.example/", scripts=["their banner"])
NO_FORM = "no page has a form that sends choice=accept"


def looked(mode: Mode, page: Page, **unverified: str | None) -> Evidence:
    """Return what visitors met who found nothing but one page."""
    view = replace(VIEW, page=page)
    runs = {name: Run(state=name, views=[view], unverified=why) for name, why in unverified.items()}
    return Evidence(target="t", mode=mode, base="https://shop.example/", runs=runs)


@pytest.mark.parametrize(
    ("evidence", "need"),
    [
        (looked("wsgi", PLAIN, none=None, accepted=None), "not needed"),
        (looked("browser", SCRIPTED, none=None, accepted=None), "not needed"),
        (looked("wsgi", PLAIN, none=None, accepted=NO_FORM), "not needed"),
        (looked("wsgi", PLAIN, none=None), "unknown"),
        (looked("browser", PLAIN, none=None), "unknown"),
        (looked("browser", SCRIPTED, none=None, accepted=NO_FORM), "unknown"),
        (looked("wsgi", SCRIPTED, none=None, accepted=None), "unknown"),
        (looked("wsgi", FRAMING, none=None, accepted=None), "unknown"),
        (looked("wsgi", PLAIN, none="timed out", accepted=None), "unknown"),
        (looked("recorder", PLAIN, none=None, accepted=None), "unknown"),
    ],
)
def test_no_banner_is_needed_only_where_a_yes_was_seen(evidence: Evidence, need: str) -> None:
    assert banner_need(evidence, replace(site(), config=None)) == need


def test_broken_run_needs_no_banner_and_is_not_passed() -> None:
    evidence = looked("wsgi", PLAIN, none=None, accepted=None, rejected="timed out")
    verdicts = judge(evidence, site(), [check("CC301", needs=frozenset({"banner"}))])
    assert [v.outcome for v in verdicts] == ["pass", "pass", "unverified"]
