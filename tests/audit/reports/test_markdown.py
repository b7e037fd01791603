"""The report for a comment on a pull request."""

from __future__ import annotations

from typing import Any

import pytest
from markdown_it import MarkdownIt

from audit.samples import HOSTILE, cookie, empty, finding, hostile, report
from cookieconsent.audit.check import Verdict
from cookieconsent.audit.report import StateRow
from cookieconsent.audit.reports.markdown import MAX_CHARACTERS, write

READER = MarkdownIt("commonmark").enable("table")


def test_comment_begins_with_the_answer() -> None:
    lines = write(report()).splitlines()
    assert lines[0] == "### Cookie audit of `shop:app`"
    assert lines[2].startswith(
        "**1 finding (1 critical), met 2 times; 2 of 5 questions could not be answered.** "
        "3 states, 2 pages"
    )


def test_table_has_a_row_for_each_finding() -> None:
    assert (
        "| 🔴 critical | CC101 | `_ga` | none | `/`, `/shop` "
        "| \\_ga is set although nobody has said yes |"
    ) in write(report()).splitlines()


def test_many_cookies_of_one_fault_are_one_row() -> None:
    findings = tuple(finding(cookie=name, said=f"{name} is set") for name in ("_ga", "_gid"))
    verdict = Verdict(check="CC101", state="none", findings=findings)
    assert (
        "| 🔴 critical | CC101 | `_ga`, `_gid` | none | `/` | \\_ga is set (and 1 more cookie) |"
    ) in write(report(verdicts=(verdict,))).splitlines()


def test_how_much_was_not_looked_at_is_said_at_once() -> None:
    assert write(report()).splitlines()[4].startswith("❔ **Not looked at, or not in whole: 11")


def test_gaps_come_last() -> None:
    assert write(report()).rstrip().endswith("- Pages: /logout (its link may do something).")


def test_comment_is_never_too_long() -> None:
    names = [f"cookie-{number:05}" for number in range(5_000)]
    many = report(
        cookies=tuple(map(cookie, names)),
        missed={f"/{name}": f"reason {name}" for name in names},
        verdicts=(
            Verdict(
                check="CC101",
                state="none",
                findings=tuple(finding(cookie=name) for name in names),
            ),
        ),
    )
    written = write(many)
    assert len(written) <= MAX_CHARACTERS
    assert "more rows in the full report" in written


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_site_adds_no_link_picture_or_heading(text: str) -> None:
    tokens = READER.parse(write(hostile(text)))
    inner = [child for token in tokens for child in token.children or []]
    assert {"link_open", "image"}.isdisjoint(child.type for child in inner)
    assert {child.content for child in inner if child.type == "html_inline"} <= {"<!-- -->"}
    assert "html_block" not in {token.type for token in tokens}
    assert [token.tag for token in tokens if token.type == "heading_open"] == ["h3"] + ["h4"] * 3
    assert len([token for token in tokens if token.type == "table_open"]) == 2


def test_names_of_states_are_explained_once() -> None:
    names = ("none", "partial:analytics", "partial:media", "recorded")
    states = tuple(StateRow(name=name, pages=1, unverified=None) for name in names)
    assert (
        "What the visitor does: `none` has not answered; `partial` said yes to one class; `recorded` "
        "asked for what a test wanted."
    ) in write(report(states=states))
    assert "What the visitor does" not in write(empty())


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"declaration_file": "cookieconsent.toml"},
            "Declarations are from the file cookieconsent.",
        ),
        (
            {"declaration_file": "cookieconsent.toml", "target": "https://shop.example/"},
            "An address does not tell its declarations; they are from the file cookieconsent.toml.",
        ),
        (
            {"declaration": "the middleware of the application"},
            "Declarations are those of the middleware of the application.",
        ),
    ],
)
def test_head_says_where_declarations_are_from(given: dict[str, Any], said: str) -> None:
    head = write(report(**given)).partition("| check |")[0]
    assert said in head.replace("&#46;", ".")


def test_cookie_without_a_name_is_said_to_have_none() -> None:
    nameless = Verdict(check="CC101", state="none", findings=(finding(cookie=""), finding()))
    assert "| no name, `_ga` |" in write(report(verdicts=(nameless,)))
