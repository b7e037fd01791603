"""The report on a terminal."""

from __future__ import annotations

import re
from typing import Any

import pytest

from audit.samples import HOSTILE, cookie, empty, finding, hostile, report
from cookieconsent.audit.check import Verdict
from cookieconsent.audit.report import StateRow
from cookieconsent.audit.reports.text import WIDTH, write

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def test_short_answer_comes_first_and_gaps_last() -> None:
    lines = write(report()).splitlines()
    assert (
        lines[0] == "1 finding (1 critical), met 2 times; 2 of 5 questions could not be answered."
    )
    assert lines[-1] == "  Pages: /logout (its link may do something)."
    titles = [line for line in lines if line and not line.startswith(" ")]
    assert titles[-3:] == ["Known findings", "To do", "What was not looked at"]


def test_finding_has_its_evidence() -> None:
    written = write(report())
    for words in (
        "CRITICAL  CC101 _ga\n  _ga is set although nobody has said yes\n",
        "  rule      The rule of CC101 is kept",
        "    states    none\n",
        "    pages     /, /shop\n",
        "    request   GET / (before)",
        "    line      _ga=<27 octets, sha256 9f3a...>; Path=/; Max-Age=63072000",
        "    class     catalogue name: _ga is analytics (decides)",
        "  fix       Ask consent.allows(...) first.",
        "  law       Directive 2002/58/EC (ePrivacy), article 5(3)",
    ):
        assert words in written


def test_what_many_cookies_need_is_said_once() -> None:
    names = ("_fbp", "_ga", "_gid", "_hjid")
    findings = tuple(finding(cookie=name, said=f"{name} is set") for name in names)
    verdict = Verdict(check="CC101", state="none", findings=findings)
    written = write(report(verdicts=(verdict,)))
    assert "CRITICAL  CC101 _fbp, _ga, _gid and 1 more\n  _fbp is set\n" in written
    assert all(f"\n  {name} is set\n    states    none\n" in written for name in names)
    assert written.count("  fix  ") == written.count("  law  ") == 1


def test_how_much_was_not_looked_at_is_said_at_once() -> None:
    lines = write(report()).splitlines()
    assert lines[3].startswith("Not looked at, or not in whole: 11 states, 1 check, 1 page")


def test_colours_only_where_asked() -> None:
    plain, painted = write(report()), write(report(), colours=True)
    assert "\x1b" not in plain
    assert _COLOUR.sub("", painted) == plain != painted


def test_site_paints_nothing() -> None:
    written = _COLOUR.sub("", write(hostile(HOSTILE["control"]), colours=True))
    assert "\x1b" not in written


def test_lines_fit_the_terminal() -> None:
    prose = [line for line in write(report()).splitlines() if " " in line.strip()]
    assert max(map(len, prose)) <= WIDTH


def test_long_name_makes_no_wide_table() -> None:
    name = "amp_" + "f00ba4" * 20
    found = finding(cookie=name, said=f"{name} is set")
    verdict = Verdict(check="CC101", state="none", findings=(found,))
    lines = write(report(cookies=(cookie(name), cookie("x")), verdicts=(verdict,))).splitlines()
    assert "CRITICAL  CC101 amp_f00ba4f00ba4f00ba4f00ba4f00ba4f[...]" in lines
    assert f"  {name}" in lines  # whole, where something is said of it
    assert max(len(line) for line in lines[lines.index("Cookies") :]) <= WIDTH


def test_finding_that_is_known_in_several_states_is_told_once() -> None:
    verdicts = [
        Verdict(
            check="CC101",
            state=state,
            suppressed=((finding(state=state), "agreed"),),
        )
        for state in ("none", "ignored")
    ]
    lines = write(report(verdicts=tuple(verdicts), notes=())).splitlines()
    told = lines[lines.index("Known findings") + 1 :]
    assert told[0] == "  CC101 in none, ignored: _ga is set although nobody has said yes (agreed)"
    assert told[1] == ""


def test_names_of_states_are_explained_once() -> None:
    names = ("none", "partial:analytics", "partial:media", "recorded")
    states = tuple(StateRow(name=name, pages=1, unverified=None) for name in names)
    assert (
        "What the visitor does\n"
        "  none      has not answered\n"
        "  partial   said yes to one class\n"
        "  recorded  asked for what a test wanted\n"
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
    head = write(report(**given)).partition("CC101")[0]
    assert said in " ".join(head.split())
