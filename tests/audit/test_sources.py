"""What the checks rest on: each source is a place in a work that is known."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from cookieconsent.audit.check import Check
from cookieconsent.audit.checks import CHECKS
from cookieconsent.audit.sources import (
    COMPARED_ON,
    WORKS,
    by_weight,
    first_address,
    work_of,
)

DIRECTIVE = "Directive 2002/58/EC (ePrivacy), article 5(3)"
RFC = "RFC 6265, section 6.1"
SHEET = "OWASP Session Management Cheat Sheet"


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_every_source_is_a_place_in_a_known_work(check: Check) -> None:
    sources = check.sources
    assert sources
    assert [work_of(source).name for source in sources]


def test_every_work_is_made_use_of() -> None:
    cited = {work_of(source).name for check in CHECKS for source in check.sources}
    assert cited == {work.name for work in WORKS}


def test_every_work_says_what_it_was_compared_with() -> None:
    assert [work.name for work in WORKS if not work.compared] == []


def test_sources_name_places_where_works_have_some() -> None:
    whole = {s for check in CHECKS for s in check.sources if s == work_of(s).name}
    assert whole == {"Bollinger et al., Automating Cookie Consent and GDPR Violation Detection"}


# Rules that ask for more than their sources, or for a number that these do not name.
STRICTER = ["CC302", "CC304", "CC305", "CC308", "CC315", "CC406", "CC407", "CC410"]


def test_rules_stricter_than_their_sources_say_so() -> None:
    assert [check.id for check in CHECKS if re.search(r"\bours?\b", check.why)] == STRICTER


def test_no_name_hides_another() -> None:
    for work in WORKS:
        assert work_of(work.name) is work


def test_unknown_work_is_refused() -> None:
    with pytest.raises(LookupError, match="no work"):
        work_of("my memory, page 3")


def test_what_binds_comes_first() -> None:
    found = by_weight([SHEET, RFC, DIRECTIVE])
    assert list(found.items()) == [("law", [DIRECTIVE]), ("standard", [RFC]), ("practice", [SHEET])]


def test_first_lasting_address_is_found() -> None:
    assert first_address([SHEET, RFC]) == "https://www.rfc-editor.org/rfc/rfc6265"
    assert first_address([SHEET]) is None


def test_addresses_and_day_are_well_formed() -> None:
    assert dt.date.fromisoformat(COMPARED_ON) > dt.date(2026, 1, 1)
    assert all(w.address is None or w.address.startswith("https://") for w in WORKS)
