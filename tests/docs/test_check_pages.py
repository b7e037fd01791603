"""The pages of the audit's checks: one each, as the code says, and none too many."""

from __future__ import annotations

import pytest

import audit_checks
from cookieconsent.audit.check import Check
from cookieconsent.audit.checks import CHECKS
from cookieconsent.audit.states import BY_NAME


@pytest.mark.parametrize("name", sorted(audit_checks.pages()))
def test_page_of_a_check_is_fresh(name: str) -> None:
    text = (audit_checks.FOLDER / name).read_text(encoding="utf-8")
    assert text == audit_checks.pages()[name], "run `make pages`"


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_page_says_who_each_visitor_is(check: Check) -> None:
    text = audit_checks.pages()[f"{check.id}.md"]
    assert all(f"`{name}` ({BY_NAME[name].about})" in text for name in check.states)


def test_no_page_is_left_over() -> None:
    assert {path.name for path in audit_checks.FOLDER.glob("*.md")} == set(audit_checks.pages())


def test_there_are_sixty_five_checks() -> None:
    assert len(CHECKS) == 65
    assert len({check.id for check in CHECKS}) == 65
