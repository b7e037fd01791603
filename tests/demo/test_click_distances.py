"""How many clicks a visitor of the shop is away from each act, from every page and in every state.

Without scripts, links and forms are all there is, so the shop is a graph: pages are nodes, links are
edges, and an act is done by one more click, on a button. Distances are computed, not clicked.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from demo.visits import GPC, PATHS, OpenShop, visitor_of
from doors import Door, Visitor, elements, forms

PREFERENCES = "/cookie-consent"
STATES = ("undecided", "accepted", "rejected", "saved", "signalled", "granted under signal")
FAR = 99
"""The distance of what cannot be reached."""


def in_state(door: Door, state: str) -> Visitor:
    """Return a visitor of the shop who has done something before."""
    signal = GPC if state in {"signalled", "granted under signal"} else {}
    visitor = visitor_of(OpenShop(door), **{name.decode(): value for name, value in signal.items()})
    if state in {"accepted", "rejected"}:
        visitor.visit("/")
        visitor.choose(state.removesuffix("ed"))
    elif state not in {"undecided", "signalled"}:
        visitor.visit(PREFERENCES)
        visitor.choose("save", **{"class-analytics": "yes"})
    return visitor


def links(html: bytes) -> Iterator[str]:
    """Yield the pages that a page leads to."""
    for element in elements(html):
        target = urlsplit(element.get("href") or "")
        if element.tag == "a" and target.path.startswith("/") and not target.netloc:
            yield target.path


def acts(html: bytes) -> set[str]:
    """Return what one click on a button of ours does."""
    return {
        button["value"]
        for form in forms(html)
        for button in form.buttons
        if form.action.startswith(PREFERENCES) and button.has("value")
    }


class Clicks:
    """The shop as one visitor finds it."""

    def __init__(self, visitor: Visitor) -> None:
        self._visitor = visitor
        self._pages: dict[str, bytes] = {}

    def page(self, path: str) -> bytes:
        if path not in self._pages:
            self._visitor.visit(path)
            self._pages[path] = self._visitor.page
        return self._pages[path]

    def to_page(self, start: str, goal: str) -> int:
        return self._least(start, lambda path: path == goal)

    def to_act(self, start: str, act: str) -> int:
        return 1 + self._least(start, lambda path: act in acts(self.page(path)))

    def _least(self, start: str, is_goal: object) -> int:
        assert callable(is_goal)
        seen, waiting = {start}, deque([(start, 0)])
        while waiting:
            path, clicks = waiting.popleft()
            if is_goal(path):
                return clicks
            for target in links(self.page(path)):
                if target not in seen:
                    seen.add(target)
                    waiting.append((target, clicks + 1))
        return FAR


@pytest.fixture(scope="module", params=["asgi", "wsgi"])
def shops(request: pytest.FixtureRequest) -> dict[str, Clicks]:
    """The shop in every state."""
    return {state: Clicks(in_state(request.param, state)) for state in STATES}


@pytest.mark.parametrize("state", STATES)
def test_preferences_are_one_click_away(shops: dict[str, Clicks], state: str) -> None:
    for path in PATHS:
        assert shops[state].to_page(path, PREFERENCES) == 1, path


@pytest.mark.parametrize("state", STATES)
def test_refusing_is_no_further_than_accepting(shops: dict[str, Clicks], state: str) -> None:
    for path in (*PATHS, PREFERENCES):
        refusing, accepting = (shops[state].to_act(path, act) for act in ("reject", "accept"))
        assert refusing <= accepting < FAR, path


def test_answers_are_one_click_away_for_newcomers(shops: dict[str, Clicks]) -> None:
    for path in (*PATHS, PREFERENCES):
        for act in ("reject", "accept"):
            assert shops["undecided"].to_act(path, act) == 1, path


def test_withdrawing_is_no_further_than_giving(shops: dict[str, Clicks]) -> None:
    for path in (*PATHS, PREFERENCES):
        giving = shops["undecided"].to_act(path, "accept")
        for state in ("accepted", "saved", "granted under signal"):
            assert shops[state].to_act(path, "withdraw") <= giving, (path, state)


@pytest.mark.parametrize("state", ["accepted", "rejected", "saved", "granted under signal"])
def test_every_right_is_two_clicks_away(shops: dict[str, Clicks], state: str) -> None:
    for path in PATHS:
        for act in ("save", "withdraw", "forget"):
            assert shops[state].to_act(path, act) <= 2, (path, act)
        assert shops[state].to_page(path, f"{PREFERENCES}/receipt.json") == 2, path


@pytest.mark.parametrize("state", ["accepted", "saved", "granted under signal"])
def test_pausing_is_two_clicks_away(shops: dict[str, Clicks], state: str) -> None:
    for path in PATHS:
        assert shops[state].to_act(path, "pause") == 2, path


def test_distances_are_seen(shops: dict[str, Clicks]) -> None:
    """A page that cannot be reached, and an act that nobody offers, are far."""
    assert shops["undecided"].to_page("/", "/no-such-page") == FAR
    assert shops["undecided"].to_act("/", "no-such-act") > FAR
    assert shops["rejected"].to_act("/", "accept") == 2
