"""What becomes of a check that finds faults, and then cannot go on."""

from __future__ import annotations

from collections.abc import Iterator

from audit.samples import check, site
from cookieconsent.audit.check import Case, Fault
from cookieconsent.audit.evidence import Evidence, Run, View
from cookieconsent.audit.judging import judge
from cookieconsent.audit.visitor import UnverifiedError

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
