"""Every journey through every framework gives the same answers."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from cookieconsent import Config
from cookieconsent.middleware.wsgi import CookieConsentMiddleware
from doors import SECRET
from integrations.deviations import DEVIATIONS, journey_through
from integrations.journeys import JOURNEYS, MODULES, Journey, Served, served, site_module
from integrations.sites import plain_wsgi

SITES = {name: site_module(name) for name in MODULES}
BY_TITLE = {journey.title: journey for journey in JOURNEYS}


@pytest.fixture(scope="module")
def site(request: pytest.FixtureRequest) -> Iterator[Served]:
    with served(request.param) as site:
        yield site


@pytest.mark.parametrize(
    ("site", "journey"),
    [
        pytest.param(name, journey, id=f"{name}-{journey.title}")
        for name, module in SITES.items()
        for journey in JOURNEYS
        if journey.fits(websockets=module.WEBSOCKET)
    ],
    indirect=["site"],
)
def test_journey_gives_the_same_answers(site: Served, journey: Journey) -> None:
    due = journey_through(site.name, journey)
    assert due.walk(site) == due.sights


@pytest.mark.parametrize(
    ("site", "title"),
    [
        pytest.param(name, title, id=f"{name}-{title}")
        for name, module in SITES.items()
        for title in DEVIATIONS.get(module.NAME, {})
    ],
    indirect=["site"],
)
def test_declared_deviation_occurs(site: Served, title: str) -> None:
    with pytest.raises(AssertionError):
        assert BY_TITLE[title].walk(site) == BY_TITLE[title].sights


def test_names_of_sites_and_titles_differ() -> None:
    assert len({module.NAME for module in SITES.values()}) == len(SITES)
    assert len(BY_TITLE) == len(JOURNEYS)


def test_both_doors_have_sites() -> None:
    assert {module.DOOR for module in SITES.values()} == {"asgi", "wsgi"}
    assert {module.WEBSOCKET for module in SITES.values()} == {True, False}


def test_declared_deviations_belong_to_this_table() -> None:
    assert set(DEVIATIONS) <= {module.NAME for module in SITES.values()}
    assert {title for declared in DEVIATIONS.values() for title in declared} <= set(BY_TITLE)


@pytest.mark.parametrize("title", ["No choice", "Unknown path", "Redirect", "HEAD"])
def test_site_that_does_not_ask_is_found(title: str) -> None:
    def application(config: Config) -> object:
        return CookieConsentMiddleware(plain_wsgi.shop, secret_key=SECRET, enforce=False)

    module = SimpleNamespace(NAME="Silent", DOOR="wsgi", WEBSOCKET=False, application=application)
    site = Served(module, "plain_silent")
    with pytest.raises(AssertionError):
        assert BY_TITLE[title].walk(site) == BY_TITLE[title].sights
    site.stop()
