"""How long an audit takes at the most: once that is over, nothing more is asked.

May not enter: what is asked, single answers (each client has bounds of its own).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from cookieconsent.observation.answer import Answer, Client, ObservationError, ReadyClient, Request

OVER: Final = "the time of the audit was over"
STOPPED: Final = "the audit was stopped"


class TimeLimit:
    """Begins now.

    Args:
        seconds: How long.
        clock: Gives seconds that only go up.
    """

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._end = clock() + seconds
        self._clock = clock

    def is_over(self) -> bool:
        """Tell whether the time is over."""
        return self._clock() >= self._end


class TimedClient(ReadyClient):
    """Sends requests as another client does, who has been made ready, until the time is over."""

    def __init__(self, client: Client, limit: TimeLimit) -> None:
        self._client = client
        self._limit = limit

    def send(self, request: Request) -> Answer:
        """Return what a request is answered with.

        Raises:
            ObservationError: There was no answer, or the time is over.
        """
        if self._limit.is_over():
            raise ObservationError(OVER)
        return self._client.send(request)
