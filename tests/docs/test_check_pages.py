"""The pages of the audit's checks: one each, as the code says, and none too many."""

from __future__ import annotations

import pytest

import audit_checks
from cookieconsent.audit.checks import CHECKS


@pytest.mark.parametrize("name", sorted(audit_checks.pages()))
def test_page_of_a_check_is_fresh(name: str) -> None:
    text = (audit_checks.FOLDER / name).read_text(encoding="utf-8")
    assert text == audit_checks.pages()[name], "run `make pages`"


def test_no_page_is_left_over() -> None:
    assert {path.name for path in audit_checks.FOLDER.glob("*.md")} == set(audit_checks.pages())


def test_there_are_sixty_five_checks() -> None:
    assert len(CHECKS) == 65
    assert len({check.id for check in CHECKS}) == 65
