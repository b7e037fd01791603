"""How fast a site is asked."""

from __future__ import annotations

from cookieconsent.observation.answer import Answer, ReadyClient, Request
from cookieconsent.observation.pace import PacedClient


class Watch:
    """A clock that goes on when somebody waits."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds


class Site(ReadyClient):
    """A site that answers after a while, and remembers when it was asked."""

    def __init__(self, watch: Watch, seconds: float) -> None:
        self.asked: list[float] = []
        self._watch = watch
        self._seconds = seconds

    def send(self, request: Request) -> Answer:
        assert request.url
        self.asked.append(self._watch.now)
        self._watch.now += self._seconds
        return Answer(status=204, headers=[], body=b"")


def asked(seconds: float, pauses: tuple[float, ...]) -> list[float]:
    watch = Watch()
    site = Site(watch, seconds)
    client = PacedClient(site, 4, clock=watch, sleep=watch.wait)
    for pause in pauses:
        watch.now += pause
        client.send(Request(url="https://shop.example/"))
    return [when - 100 for when in site.asked]


def test_requests_wait_for_their_turn() -> None:
    assert asked(0, (0, 0, 0)) == [0, 0.25, 0.5]


def test_a_slow_site_is_not_made_slower() -> None:
    assert asked(1, (0, 0, 0)) == [0, 1, 2]


def test_a_pause_saves_no_turns_up() -> None:
    assert asked(0, (0, 10, 0, 0)) == [0, 10, 10.25, 10.5]
