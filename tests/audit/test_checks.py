"""Every check convicts the shop that breaks its rule, of that alone, and acquits a similar one."""

from __future__ import annotations

import pytest

from audit.fixtures.every import FIXTURES
from audit.fixtures.shop import (
    DOORS,
    Door,
    Fixture,
    Shop,
    convicted,
    verdicts_on,
)
from cookieconsent.audit.checks import BY_ID


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda fixture: fixture.check)
def test_guilty_shop_is_convicted_of_that_alone(fixture: Fixture, door: Door) -> None:
    found = convicted(verdicts_on(fixture.guilty, door))
    assert set(found) == {fixture.check}, found
    assert any(fixture.said in said for said in found[fixture.check]), found


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda fixture: fixture.check)
def test_innocent_shop_is_acquitted(fixture: Fixture) -> None:
    verdicts = verdicts_on(fixture.innocent)
    assert convicted(verdicts) == {}
    outcomes = {verdict.outcome for verdict in verdicts if verdict.check == fixture.check}
    assert outcomes == {"pass"}


@pytest.mark.parametrize("door", DOORS)
def test_usual_shop_is_clean_in_every_state(door: Door) -> None:
    verdicts = verdicts_on(Shop(), door)
    assert convicted(verdicts) == {}
    blind = {v.check for v in verdicts if v.outcome == "unverified"}
    assert {check for check in blind if "browser" not in BY_ID[check].needs} == set()


def test_every_check_has_a_fixture() -> None:
    assert [fixture.check for fixture in FIXTURES] == sorted(BY_ID)
