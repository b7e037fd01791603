"""A known finding hides itself, and no other fault of the same check, cookie and page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from audit.samples import check, site
from cookieconsent.audit.check import Case, Fault, Finding
from cookieconsent.audit.checks import BY_ID
from cookieconsent.audit.evidence import Evidence, Run, Sighting, View
from cookieconsent.audit.judging import judge
from cookieconsent.audit.page import read_page
from cookieconsent.audit.severity import Severity
from cookieconsent.core.cookies import Scope
from cookieconsent.observation.jar import Seen
from cookieconsent.observation.lines import read_line
from cookieconsent.observation.traffic import StoreKind

URL = "https://shop.example/"
NOW = 1_790_000_000.0
FORM = "<form method=post action=/cookie-consent>{}</form>"
NO = "<button name=choice value=reject>Reject all</button>"
YES = "<button name=choice value=accept>Accept all</button>"


def found(name: str, view: View) -> list[Finding]:
    evidence = Evidence(target="t", mode="wsgi", base=URL)
    evidence.runs["none"] = Run(state="none", views=[view])
    (verdict,) = judge(evidence, site(), [BY_ID[name]])
    return list(verdict.findings)


def view(line: bytes = b"_ga=1", html: str = "") -> View:
    return View(
        step="before",
        method="GET",
        path="/",
        url=URL,
        status=200,
        sightings=[Sighting(line=read_line(line, NOW), host="shop.example")],
        page=read_page(URL, html.encode()),
    )


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("CC403", b"a=1", b"a=1; SameSite=Sometimes"),
        ("CC403", b"a=1; SameSite=Lax; SameSite=Lax", b"a=1; SameSite=Sometimes"),
        ("CC404", b"a=1; SameSite=None", b"a=1; Partitioned"),
        ("CC405", b"__Host-a=1; Path=/", b"__Host-a=1; Secure"),
        ("CC409", b"a=1; Domain=example", b"a=1; Domain=other.example"),
        ("CC411", b"a=1; Max-Age=x", b"a=1; Expires=x"),
        ("CC413", b"a=me@shop.example", b"a=192.0.2.1"),
    ],
)
def test_other_fault_of_a_cookie_is_another_finding(name: str, one: bytes, other: bytes) -> None:
    ((first,), (second,)) = (found(name, view(line)) for line in (one, other))
    assert first.said != second.said
    assert first.fingerprint != second.fingerprint


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("CC305", NO.replace("name", "class=pale name") + YES, NO + "<input>" + YES),
        ("CC306", NO + YES.replace("Accept all", "OK"), NO + YES.replace("Accept all", "Close")),
        ("CC315", NO.replace("name", "tabindex=3 name") + YES, YES + NO),
    ],
)
def test_other_fault_of_a_banner_is_another_finding(name: str, one: str, other: str) -> None:
    banner = f"<div id=cookieconsent-banner lang=en role=region aria-label=Cookies>{FORM}</div>"
    first, second = (found(name, view(html=banner.format(form))) for form in (one, other))
    prints = [{finding.fingerprint for finding in findings} for findings in (first, second)]
    assert all(prints)
    assert prints[0].isdisjoint(prints[1])


def test_measured_number_is_no_other_finding() -> None:
    ages = (60 * 60 * 24 * days for days in (500, 900))
    ((first,), (second,)) = (
        found("CC406", view(b"_ga=1; SameSite=Lax; Max-Age=%d" % age)) for age in ages
    )
    assert first.said != second.said
    assert first.fingerprint == second.fingerprint


def kept(host: str) -> Seen:
    return Seen(name=b"uid", scope=Scope(None), host=host, lifetime=None, secure=True)


@pytest.mark.parametrize(
    ("hosts", "number"),
    [
        (["shop.example", "www.shop.example"], 1),
        (["one.tracker.example", "two.tracker.example"], 1),
        (["shop.example", "tracker.example", "other.example"], 3),
    ],
)
def test_what_stays_after_a_no_is_told_for_each_party(hosts: list[str], number: int) -> None:
    evidence = Evidence(target="t", mode="browser", base=URL)
    after = replace(view(b""), step="after", sightings=[])
    evidence.runs["rejected"] = Run(state="rejected", views=[after], kept=list(map(kept, hosts)))
    (verdict,) = judge(evidence, site(), [BY_ID["CC103"]])
    assert len({finding.fingerprint for finding in verdict.findings}) == number
    assert len(verdict.findings) == number


def seen(kind: StoreKind = "cookie", host: str = "shop.example") -> Sighting:
    return Sighting(line=read_line(b"uid=1", NOW), host=host, kind=kind)


@pytest.mark.parametrize(
    ("sighting", "severity", "same"),
    [
        (seen(), None, True),
        (seen(host="www.shop.example"), None, True),
        (seen(host="tracker.example"), None, False),
        (seen("localStorage"), None, False),
        (seen(), "critical", False),
    ],
)
def test_where_and_how_bad_tell_findings_apart(
    sighting: Sighting, severity: Severity | None, same: bool
) -> None:
    def both(case: Case) -> Iterator[Fault]:
        yield Fault(said="uid is set", sighting=seen())
        yield Fault(said="uid is set, too", sighting=sighting, severity=severity)

    evidence = Evidence(target="t", mode="browser", base=URL)
    evidence.runs["none"] = Run(state="none", views=[view()])
    (verdict,) = judge(evidence, site(), [check("CC101", judge=both)])
    first, second = verdict.findings
    assert (first.fingerprint == second.fingerprint) is same


def test_value_that_changes_makes_no_other_finding() -> None:
    view = View(step="before", method="GET", path="/", url=URL, status=200)
    for value in (b"first-value", b"second-value"):
        line = read_line(b"_ga=" + value + b"; Path=/", NOW)
        view.sightings.append(Sighting(line=line, host="shop.example"))
    assert len({each.line.text for each in view.sightings}) == 2
    assert len(found("CC101", view)) == 1
