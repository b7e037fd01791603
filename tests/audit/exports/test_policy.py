"""The table of cookies for a privacy policy."""

from __future__ import annotations

from typing import Any

import html5lib
import pytest

from audit.samples import HOSTILE, cookie, report, site
from cookieconsent.audit.exports.policy import html, markdown
from cookieconsent.audit.reports.escape import visible


def cells(written: str) -> list[list[str]]:
    fragment: Any = html5lib.parseFragment(written, namespaceHTMLElements=False)
    return [["".join(cell.itertext()) for cell in row] for row in fragment.iter("tr")]


def test_declared_cookies_come_first_with_what_they_are_for() -> None:
    assert cells(html(report(), site())) == [
        ["Cookie", "Class", "What for", "Who", "How long", "Needs your yes"],
        ["sid", "authentication", "Keeps you | in.", "We", "session", "no"],
        ["_ga", "analytics", "not declared", "Google", "730 days", "yes"],
    ]


def test_own_cookie_is_told_although_nobody_declares_it() -> None:
    own = cookie(
        "__Host-cookieconsent",
        cls="consent",
        vendor="cookieconsent",
        needs_consent=False,
        lifetime=15_811_200,
    )
    assert cells(html(report(cookies=(own,)), site()))[2] == [
        "__Host-cookieconsent",
        "consent",
        "Keeps your answer about cookies.",
        "This site",
        "183 days (its answer counts for 182)",
        "no",
    ]


def test_markdown_has_the_same_rows() -> None:
    lines = markdown(report(), site()).splitlines()
    assert lines[2] == "| `sid` | authentication | Keeps you \\| in. | We | session | no |"
    assert lines[3] == "| `_ga` | analytics | not declared | Google | 730 days | yes |"
    assert lines[-1] == "As of 2026-09-21."


def test_site_without_a_declaration_has_what_was_met() -> None:
    assert len(cells(html(report(), site(config=None)))) == 2


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_text_of_a_site_stays_text(text: str) -> None:
    given = report(cookies=(cookie(text, vendor=text),))
    row = cells(html(given, site()))[2]
    assert (row[0], row[3]) == (visible(text), visible(text))
    assert len(markdown(given, site()).splitlines()) == 6


def test_fragment_brings_no_style_and_no_script() -> None:
    assert not {"<style", "<script", "style=", " on"} & set(
        html(report(), site()).lower().split("\n")
    )
    assert html(report(), site()).startswith('<table class="cookie-policy">\n<caption>')
