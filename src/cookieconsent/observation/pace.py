"""No more requests a second than a site is to be asked, whoever asks.

May not enter: what is asked.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from cookieconsent.observation.answer import Answer, Client, ReadyClient, Request


class PacedClient(ReadyClient):
    """Sends requests as another client does, each no sooner than its turn.

    Args:
        client: Sends them; it need not be made ready.
        rate: How many a second.
        clock: Gives seconds that only go up.
        sleep: Waits for seconds.
    """

    def __init__(
        self,
        client: Client,
        rate: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._client = client
        self._between = 1 / rate
        self._clock = clock
        self._sleep = sleep
        self._turn = clock()

    def send(self, request: Request) -> Answer:
        """Wait, and return what a request is answered with.

        Raises:
            ObservationError: There was no answer.
        """
        now = self._clock()
        if now < self._turn:
            self._sleep(self._turn - now)
        self._turn = max(self._turn, now) + self._between
        return self._client.send(request)
