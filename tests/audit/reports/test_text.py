"""The report on a terminal."""

from __future__ import annotations

import re

from audit.samples import HOSTILE, hostile, report
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
        "  states    none\n",
        "  pages     /, /shop\n",
        "  request   GET / (before)",
        "  line      _ga=<27 octets>; Path=/; Max-Age=63072000",
        "  class     declared name: nothing; catalogue name: _ga is analytics (decides)",
        "  fix       Ask consent.allows(...) first.",
        "  law       Directive 2002/58/EC (ePrivacy), article 5(3)",
    ):
        assert words in written


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
