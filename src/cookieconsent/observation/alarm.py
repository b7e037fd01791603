"""Ends a call into an application of this process that does not come back by itself.

The system's alarm does that where there is one (POSIX, `setitimer`), and in the main thread alone; an
application that blocks anywhere else is waited for.
May not enter: what is called.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_AGAIN_SECONDS: Final = 1.0
"""After which whoever took no notice is interrupted once more."""


class OverdueError(BaseException):
    """The time of a call was over; no `Exception`, since applications catch those."""


@contextmanager
def alarm(seconds: float) -> Iterator[None]:
    """Raise `OverdueError` in what is called, if it takes longer.

    An alarm of somebody else's that comes sooner is left alone; one that comes later still comes.
    """
    others = signal.getitimer(signal.ITIMER_REAL) if _can_be_set() else None
    if others is None or 0 < others[0] <= seconds:
        yield
        return
    began, handler = time.monotonic(), signal.signal(signal.SIGALRM, _interrupt)
    try:
        try:
            signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN_SECONDS)
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    finally:  # also where the alarm came in between
        signal.signal(signal.SIGALRM, handler)
        if others[0]:
            left = max(others[0] - (time.monotonic() - began), 0.001)
            signal.setitimer(signal.ITIMER_REAL, left, others[1])


def _can_be_set() -> bool:
    return (
        hasattr(signal, "setitimer")
        and threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGALRM) is not None  # such a handler could not be put back
    )


def _interrupt(number: int, frame: object) -> None:  # noqa: ARG001 - so handlers are called
    raise OverdueError
