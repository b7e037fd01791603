"""One row for each cookie, over all states."""

from __future__ import annotations

from pathlib import Path

import pytest

from audit.samples import CONFIG, DAY, audited, cookie, report, site
from cookieconsent.audit.cookie_rows import cookie_rows
from cookieconsent.audit.earlier import earlier_cookies
from cookieconsent.audit.evidence import Evidence, Run, Sighting, View
from cookieconsent.audit.report import CookieRow
from cookieconsent.audit.reports import json
from cookieconsent.observation.lines import octets, read_line, shown


def rows(*lines: bytes, **fields: str) -> tuple[CookieRow, ...]:
    """Return the rows of lines that were each set by a page of their own."""
    views = [
        View(
            step="before",
            method="GET",
            path=f"/{number}?x",
            url=f"https://shop.example/{number}",
            sightings=[Sighting(line=read_line(line, 0.0), host="shop.example", **fields)],  # type: ignore[arg-type] # a test's own
        )
        for number, line in enumerate(lines)
    ]
    evidence = Evidence(target="x", mode="wsgi", base="https://shop.example/")
    evidence.runs["none"] = Run(state="none", views=views)
    return cookie_rows(evidence, site())


def test_row_has_the_first_place_and_the_longest_lifetime() -> None:
    [row] = rows(b"_ga=1; Max-Age=60; Secure", b"_ga=1; Max-Age=3600", b"_ga=1")
    assert (row.states, row.lifetime, row.refreshed) == ({"none": "/0"}, 3600, True)
    assert row.attributes == {"secure": ""}
    assert (row.host, row.setter, row.cls) == ("shop.example", "header", "analytics")


def test_deletion_is_no_cookie() -> None:
    assert rows(b"_ga=; Max-Age=0") == ()


def test_cookie_that_is_set_once_is_not_refreshed() -> None:
    [row] = rows(b"sid=1")
    assert (row.refreshed, row.lifetime, row.source) == (False, None, "declared")


def test_kept_back_cookie_is_a_row_unless_declared_or_set_elsewhere() -> None:
    kept = [
        Sighting(line=read_line(line, 0.0), host="shop.example", setter="application, kept back")
        for line in (b"odd=1", b"sid=1", b"_ga=1", CONFIG.cookie_name.encode() + b"=1")
    ]
    place = "https://shop.example/"
    view = View(step="before", method="GET", path="/", url=place, kept_back=kept)
    later = Sighting(line=read_line(b"_ga=1", 0.0), host="shop.example")
    after = View(step="after", method="GET", path="/", url=place, sightings=[later])
    evidence = Evidence(target="x", mode="wsgi", base=place)
    evidence.runs["none"] = Run(state="none", views=[view])
    evidence.runs["accepted"] = Run(state="accepted", views=[after])
    found = [(row.name, row.states, row.is_kept_back) for row in cookie_rows(evidence, site())]
    assert found == [("_ga", {"accepted": "/"}, False), ("odd", {"none": "/"}, True)]


def test_storages_are_rows_of_their_own() -> None:
    found = {row.kind for row in (*rows(b"a=1"), *rows(b"a=1", kind="localStorage"))}
    assert found == {"cookie", "localStorage"}


def test_real_report_tells_its_day_and_checks() -> None:
    report = audited()
    assert report.day == DAY
    assert report.declaration == "the middleware of the application"
    assert report.declaration_file is None
    assert {verdict.check for verdict in report.verdicts} <= {each.id for each in report.checks}
    assert [row.name for row in report.cookies] == ["_ga", "odd name", "sid"]


def test_earlier_cookies_are_those_that_visitors_had(tmp_path: Path) -> None:
    odd = cookie("odd", setter="application, kept back")
    file = tmp_path / "earlier.json"
    file.write_text(json.write(report(cookies=(cookie("_ga"), odd))), encoding="utf-8")
    assert [(row.name, row.attributes) for row in earlier_cookies(file)] == [
        ("_ga", {"path": "/", "domain": "shop.example"})
    ]


@pytest.mark.parametrize("name", [b"_ga", b"caf\xc3\xa9", b"a\\b", b"\\x41", b"\x00", b""])
def test_printable_names_lead_back_to_their_octets(name: bytes) -> None:
    assert octets(shown(name)) == name
