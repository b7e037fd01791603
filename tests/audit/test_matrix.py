"""Every check in a real Chromium: it convicts the shop that breaks its rule, and acquits a similar one.

The whole takes a long while, so `make test` takes a few and leaves the rest to `make audit-matrix`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any, Final

import pytest

from audit.fixtures.every import IN_BROWSER
from audit.fixtures.shop import DOORS, Door, Fixture, Shop, convicted, planned
from cookieconsent.audit.browser import through_browser
from cookieconsent.audit.check import FAMILIES, Verdict
from cookieconsent.audit.checks import BY_ID, CHECKS
from cookieconsent.audit.judging import judge
from cookieconsent.audit.plan import Plan
from cookieconsent.audit.run import observe
from cookieconsent.audit.site import Site
from cookieconsent.audit.states import BY_NAME
from cookieconsent.demo import asgi as demo_asgi
from cookieconsent.demo import wsgi as demo_wsgi
from cookieconsent.demo.shop import Shop as Demo
from cookieconsent.observation.answer import Client, ReadyClient
from cookieconsent.observation.reaching import within

FLAGS: Final = ("--no-sandbox",)
STATES: Final[dict[str, tuple[str, ...]]] = {
    # those that need a browser
    "CC102": ("none", "accepted"),
    "CC112": ("none", "accepted"),
    "CC304": ("none", "accepted"),
    # one of every other family, of those that need no browser
    "CC103": ("none", "accepted", "rejected"),
    "CC206": ("accepted",),
    "CC401": ("accepted",),
    "CC502": ("none", "accepted"),
}
"""What `make test` looks at: checks, and the states that show their fault."""
FEW: Final = tuple(fixture for fixture in IN_BROWSER if fixture.check in STATES)


ALL_OF_FEW: Final = tuple(dict.fromkeys(state for states in STATES.values() for state in states))
USUAL: Final = Shop()
HOSTS: Final = tuple(
    dict.fromkeys(
        host
        for fixture in IN_BROWSER
        for shop in (fixture.guilty, fixture.innocent)
        for host in shop.hosts
    )
)
Look = Callable[..., list[Verdict]]


class WsgiStage:
    """Where one shop after another is served, so that server and browser start but once."""

    app: Any = None

    def __call__(self, environ: Any, start_response: Any) -> Any:
        return self.app(environ, start_response)


class AsgiStage:
    """The same for the other protocol."""

    app: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":  # it starts before there is a shop
            await self.app(scope, receive, send)


class Opened(ReadyClient):
    """A client that others have started."""

    def __init__(self, client: Client) -> None:
        self.send = client.send


@pytest.fixture(scope="module")
def stage(chromium_path: str) -> Iterator[Callable[[Shop, Door], Plan]]:
    """Put a shop on the stage of its door, and plan to look at it there through the browser."""
    stages: dict[tuple[Door, str], tuple[WsgiStage | AsgiStage, Plan]] = {}

    def put(shop: Shop, door: Door) -> Plan:
        plan = planned(shop, door)
        if (door, shop.base) not in stages:
            stage = WsgiStage() if door == "wsgi" else AsgiStage()
            through = through_browser(
                replace(plan, app=stage), hosts=HOSTS, path=chromium_path, flags=FLAGS
            )
            opened.enter_context(through.client)
            stages[door, shop.base] = stage, through
        stage, through = stages[door, shop.base]
        stage.app = plan.app
        return replace(
            plan, mode=through.mode, client=Opened(through.client), visitors=through.visitors
        )

    with ExitStack() as opened:
        yield put


@pytest.fixture(scope="module")
def look(stage: Callable[[Shop, Door], Plan]) -> Look:
    """Look at a shop through the browser, and judge it; at the same one only once."""
    seen: list[tuple[tuple[Shop, Door, Sequence[str]], list[Verdict]]] = []

    def look(shop: Shop, door: Door, states: Sequence[str] = ()) -> list[Verdict]:
        for asked, verdicts in seen:
            if asked == (shop, door, states):
                return verdicts
        plan = replace(stage(shop, door), states=states)
        seen.append(((shop, door, states), judge(observe(plan), shop.site, CHECKS)))
        return seen[-1][1]

    return look


def verdicts_on_demo(door: Door, chromium_path: str, *, enforce: bool) -> list[Verdict]:
    demo = Demo("s" * 40)
    demo.config = replace(demo.config, enforce=enforce)
    reached = within((demo_wsgi if door == "wsgi" else demo_asgi).application(demo))
    site = Site(config=demo.config, registry=demo.config.registry, has_secret=True)
    plan = Plan(
        target="demo",
        mode=reached.mode,
        base=reached.start,
        site=site,
        client=reached.client,
        app=reached.app,
    )
    return judge(observe(through_browser(plan, path=chromium_path, flags=FLAGS)), site, CHECKS)


def convict(fixture: Fixture, verdicts: list[Verdict]) -> None:
    found = convicted(verdicts)
    assert set(found) == {fixture.check}, found
    assert any(fixture.said in said for said in found[fixture.check]), found


def acquit(fixture: Fixture, verdicts: list[Verdict]) -> None:
    assert convicted(verdicts) == {}
    outcomes = {verdict.outcome for verdict in verdicts if verdict.check == fixture.check}
    assert outcomes == {"pass"}


def by_check(fixture: Fixture) -> str:
    return fixture.check


# --- a few, in every test run ---------------------------------------------------------------------


def test_few_hold_each_family_and_whatever_needs_a_browser() -> None:
    assert {fixture.check for fixture in FEW} == set(STATES)
    assert {check.id for check in CHECKS if "browser" in check.needs} <= set(STATES)
    assert {BY_ID[check].family for check in STATES} == set(FAMILIES)


@pytest.mark.parametrize("fixture", FEW, ids=by_check)
def test_guilty_shop_is_convicted_in_few_states(fixture: Fixture, look: Look) -> None:
    convict(fixture, look(fixture.guilty, "wsgi", STATES[fixture.check]))


@pytest.mark.parametrize("fixture", FEW, ids=by_check)
def test_innocent_shop_is_acquitted_in_few_states(fixture: Fixture, look: Look) -> None:
    usual = fixture.innocent == USUAL
    acquit(fixture, look(fixture.innocent, "asgi", ALL_OF_FEW if usual else STATES[fixture.check]))


# --- all of them ----------------------------------------------------------------------------------


@pytest.mark.matrix
@pytest.mark.parametrize("fixture", IN_BROWSER, ids=by_check)
def test_guilty_shop_is_convicted_in_browser(fixture: Fixture, look: Look) -> None:
    convict(fixture, look(fixture.guilty, "wsgi"))


@pytest.mark.matrix
@pytest.mark.parametrize("fixture", IN_BROWSER, ids=by_check)
def test_innocent_shop_is_acquitted_in_browser(fixture: Fixture, look: Look) -> None:
    acquit(fixture, look(fixture.innocent, "asgi"))


@pytest.mark.matrix
@pytest.mark.parametrize("door", DOORS)
def test_usual_shop_is_clean_in_browser(door: Door, look: Look) -> None:
    """Nothing is left unverified either: the application is in this process."""
    verdicts = look(USUAL, door)
    assert convicted(verdicts) == {}
    assert {v.check for v in verdicts if v.outcome == "unverified"} == set()


@pytest.mark.matrix
@pytest.mark.parametrize("door", DOORS)
def test_demo_shop_is_clean_in_browser(door: Door, chromium_path: str) -> None:
    verdicts = verdicts_on_demo(door, chromium_path, enforce=True)
    assert {verdict.state.partition(":")[0] for verdict in verdicts} == set(BY_NAME)
    assert convicted(verdicts) == {}
    unverified = [(v.check, v.reason or "") for v in verdicts if v.outcome == "unverified"]
    # Its basket is declared, and nobody has put anything into it.
    assert [check for check, reason in unverified if "forms" in reason] == ["CC202"]
    assert len(unverified) == 1


@pytest.mark.matrix
@pytest.mark.parametrize("door", DOORS)
def test_demo_shop_that_enforces_nothing_is_convicted_in_browser(
    door: Door, chromium_path: str
) -> None:
    assert {"CC101", "CC106"} <= set(
        convicted(verdicts_on_demo(door, chromium_path, enforce=False))
    )
