"""The alarm interrupts what takes too long, and leaves everybody else's alarm as it was."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator

import pytest

from cookieconsent.observation.alarm import OverdueError, alarm


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Take away the alarm of the test run, and give it back."""
    left = signal.setitimer(signal.ITIMER_REAL, 0)
    handler = signal.signal(signal.SIGALRM, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, *left)


def test_what_takes_too_long_is_interrupted() -> None:
    with pytest.raises(OverdueError), alarm(0.01):
        time.sleep(60)
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    assert signal.getsignal(signal.SIGALRM) is signal.SIG_DFL


def test_an_alarm_that_comes_later_goes_on() -> None:
    signal.setitimer(signal.ITIMER_REAL, 900, 7)
    with alarm(5):
        assert signal.getitimer(signal.ITIMER_REAL)[0] <= 5
    left, again = signal.getitimer(signal.ITIMER_REAL)
    assert 5 < left <= 900
    assert again == pytest.approx(7)


def test_an_alarm_that_comes_sooner_is_left_alone() -> None:
    signal.setitimer(signal.ITIMER_REAL, 900)
    with alarm(1_000):
        assert signal.getsignal(signal.SIGALRM) is signal.SIG_DFL
    assert signal.getitimer(signal.ITIMER_REAL)[0] > 0


def test_other_threads_are_waited_for() -> None:
    done: list[bool] = []

    def work() -> None:
        with alarm(0.001):
            time.sleep(0.01)
        done.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [True]
