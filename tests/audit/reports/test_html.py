"""The report as one page: complete, without script, and nothing of the site is markup in it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import html5lib
import pytest

from audit.samples import HOSTILE, audited, cookie, empty, finding, hostile, report
from cookieconsent.audit.check import Verdict
from cookieconsent.audit.report import Report, StateRow
from cookieconsent.audit.reports.escape import visible
from cookieconsent.audit.reports.html import write
from cookieconsent.audit.states import STATES
from cookieconsent.observation.lines import read_line


def page(given: Report) -> Any:
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    return parser.parse(write(given))


def words(element: Any) -> str:
    return "".join(element.itertext())


def answers(given: Report) -> list[str]:
    return [words(e) for e in elements(given) if e.get("class") == "word"]


def elements(given: Report) -> list[Any]:
    return [element for element in page(given).iter() if isinstance(element.tag, str)]


@pytest.mark.parametrize(
    "given",
    [report(), empty(), *map(hostile, HOSTILE.values())],
    ids=["whole", "empty", *HOSTILE],
)
def test_page_is_well_formed_and_runs_nothing(given: Report) -> None:
    for element in elements(given):
        assert element.tag not in {"script", "iframe", "object", "embed", "link", "form", "base"}
        assert not [name for name in element.attrib if name.startswith("on") or name == "style"]
        if element.tag == "img":
            assert element.get("src").startswith("data:image/png;base64,")
        if element.tag == "a":
            assert element.get("href").startswith(("https://", "#"))


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_text_of_a_site_stays_text(text: str) -> None:
    whole = page(hostile(text))
    assert words(whole.find("head/title")) == visible(f"Cookie audit of {text}, 2026-09-21")
    assert whole.find(".//img").get("alt") == visible(f"Screenshot: {text}")


def test_sections_come_in_order() -> None:
    titles = [words(element) for element in elements(report()) if element.tag == "h2"]
    assert titles == [
        "Findings",
        "Cookies in each state",
        "Known findings",
        "What was not looked at",
        "States and pages that were looked at",
        "What was asked",
        "Pictures",
    ]


def test_finding_has_all_that_somebody_files() -> None:
    [finding] = [e for e in elements(report()) if "finding" in (e.get("class") or "").split()]
    text = words(finding)
    for part in (
        "critical",
        "CC101",
        "The rule of CC101 is kept",
        "_ga is set although nobody has said yes",
        "Somebody would be followed.",
        "Ask consent.allows(...) first.",
        "Directive 2002/58/EC (ePrivacy), article 5(3)",
        "_ga=<27 octets, sha256 9f3a...>; Path=/; Max-Age=63072000",
        "catalogue name: _ga is analytics (decides)",
        "GET / (before)",
        "header",
    ):
        assert part in text


def test_foot_tells_what_a_line_has_of_a_value() -> None:
    """Its digest would give a short value away, so its line has none."""
    [foot] = [e for e in elements(report()) if e.tag == "footer"]
    assert "a line shows how many octets a value has, and the first digits" in words(foot)
    assert read_line(b"_ga=yes; Path=/", 0).text == "_ga=<3 octets>; Path=/"


def test_finding_says_what_is_wrong_once() -> None:
    [finding] = [e for e in elements(report()) if "finding" in (e.get("class") or "").split()]
    assert words(finding).count("_ga is set although nobody has said yes") == 1


def test_timeline_shows_each_cookie_in_each_state() -> None:
    [timeline] = [e for e in elements(report()) if e.get("class") == "timeline"]
    rows = [[words(cell) for cell in row] for row in timeline.iter("tr")]
    assert rows[0] == ["Cookie", "none", "rejected", "accepted"]
    assert rows[1] == [
        "_gaanalytics, needs a yesGoogle; set by header; lasts: 730 days",
        "▲set, first on /; critical finding",
        "?not seen; state not verified",
        "●set, first on /shop",
    ]
    assert rows[3][0].startswith("themeunknown, needs a yeslocalStorage; ")


def test_absence_of_cookies_is_told_with_the_states_that_were_left_out() -> None:
    said = "No cookie was set in any state that was looked at, but 1 of 3 states not in whole."
    assert said in write(report(cookies=()))


def test_mark_tells_what_was_not_verified() -> None:
    [timeline] = [
        e
        for e in elements(report(cookies=(cookie(states={"rejected": "/"}),)))
        if e.get("class") == "timeline"
    ]
    [_, _, rejected, _] = timeline.find("tbody/tr")
    assert rejected.get("class") == "mark unverified"
    assert words(rejected) == "●?set, first on /; state not verified"


def test_open_question_is_not_shown_as_passed() -> None:
    [*_, asked] = [e for e in elements(report()) if e.tag == "table"]
    rows = [list(row) for row in asked.iter("tr") if len(row) == 3]
    came = {words(row[0]): words(row[2]) for row in rows[1:]}
    assert came == {
        "CC101": "✕ failed in none✓ passed in accepted",
        "CC201": "✓ passed in none",
        "CC501": "? not verified in rejected, none",
    }


def test_what_the_answer_is_stands_on_top() -> None:
    """By a sign and words, not by its colour alone."""
    assert answers(report()) == ["✕ Violations found", "? Not verified"]
    assert answers(report(verdicts=report().verdicts[1:2])) == [
        "? No violation met, but not all was looked at"
    ]
    assert answers(report(verdicts=report().verdicts[3:])) == [
        "? Not verified: most questions were left open"
    ]
    assert answers(report(verdicts=())) == ["? Nothing was asked"]
    every = tuple(StateRow(name=state.name, pages=1, unverified=None) for state in STATES)
    whole = report(mode="browser", states=every, missed={})
    assert answers(replace(whole, verdicts=whole.verdicts[1:2])) == ["✓ Passed"]
    assert answers(replace(whole, verdicts=whole.verdicts[1:3])) == ["i Nothing but known findings"]


def test_every_link_inside_has_its_end() -> None:
    found = elements(report())
    ends = {f"#{e.get('id')}" for e in found if e.get("id")}
    inner = {e.get("href") for e in found if e.tag == "a" and e.get("href").startswith("#")}
    sections = {f"#{e.get('id')}" for e in found if e.tag == "h2"}
    assert inner == {*sections, "#picture-1"}
    assert inner <= ends


def test_what_was_not_looked_at_is_a_table_with_reasons() -> None:
    [table] = [e for e in elements(report()) if e.get("class") == "gaps cards"]
    rows = [[words(cell) for cell in row] for row in table.iter("tr")]
    assert rows[-2:] == [
        ["Pages", "/logout", "its link may do something"],
        ["Checks", "CC501 in none", "add --browser"],
    ]


def test_every_head_of_a_table_has_its_scope() -> None:
    heads = [e.get("scope") for e in elements(report()) if e.tag == "th"]
    assert set(heads) == {"col", "row", "rowgroup"}


def test_own_cookie_says_how_long_its_answer_counts() -> None:
    """It lasts a day longer than its answer counts, by the visitor's clock."""
    own = cookie("__Host-cookieconsent", cls="consent", vendor="cookieconsent", lifetime=15_811_200)
    assert "lasts: 183 days (its answer counts for 182)" in write(report(cookies=(own,)))


def test_finding_that_only_informs_does_not_look_failed() -> None:
    told = finding(check="CC501", severity="info")
    noted = Verdict(check="CC501", state="none", findings=(told,))
    tags = [e for e in elements(report(verdicts=(noted,))) if e.get("class") == "tag info"]
    assert [words(tag) for tag in tags] == ["1 info", "i noted"]


def test_sources_lead_to_where_they_can_be_read() -> None:
    links = {e.get("href") for e in elements(report()) if e.tag == "a"}
    links = {link for link in links if not link.startswith("#")}
    assert links == {"https://eur-lex.europa.eu/eli/dir/2002/58/oj"}


def test_last_line_tells_what_is_in_place_of_values() -> None:
    written = write(audited())
    assert "of its SHA-256 where nobody could guess from them. An audit" in written
    lines = [each.line for verdict in audited().verdicts for each in verdict.findings if each.line]
    digests = re.compile(r"\b[0-9a-f]{12,}\b")
    assert lines
    assert not any(map(digests.search, lines))
