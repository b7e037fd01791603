"""What holds for every format: nothing of the site hides or breaks out, and it is always the same."""

from __future__ import annotations

import re

import pytest

from audit.samples import HOSTILE, audited, empty, hostile, report
from cookieconsent.audit.reports import FORMATS

EVERY = pytest.mark.parametrize("name", FORMATS)


@EVERY
def test_same_report_gives_the_same_file(name: str) -> None:
    assert FORMATS[name](report()) == FORMATS[name](report())
    assert FORMATS[name](audited()) == FORMATS[name](audited())


@EVERY
def test_no_time_of_day_is_told(name: str) -> None:
    written = FORMATS[name](report())
    assert set(re.findall(r"\d\d:\d\d(?::\d\d)?", written)) <= {"00:00:00"}


@EVERY
def test_empty_report_can_be_written(name: str) -> None:
    assert FORMATS[name](empty())


@EVERY
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_nothing_of_a_site_hides_in_it(name: str, text: str) -> None:
    """No control character, no mark of direction, no half of a pair; the file is UTF-8."""
    written = FORMATS[name](hostile(text))
    written.encode("utf-8")
    assert {char for char in written if not char.isprintable()} <= {"\n", "\r"}


@EVERY
def test_values_of_cookies_are_in_no_report(name: str) -> None:
    assert "GA1.2.3" not in FORMATS[name](audited())


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "edpb"])
def test_what_was_not_verified_is_told(name: str) -> None:
    """EDPB's tool has no place for it."""
    written = FORMATS[name](report())
    assert "no page has a form" in written
    assert "add" in written
    assert "browser" in written
