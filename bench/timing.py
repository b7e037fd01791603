"""Time: cases interleaved in rounds, each next to its own no-op, and the medians of the pairs.

One process, one core where the system can pin it, processor time, no garbage collection within a
block. The order rotates, so that a slow second hits a different case in each round.
May not enter: what is timed.
"""

from __future__ import annotations

import gc
import itertools
import math
import os
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

Work = Callable[[int], None]
"""Does something so many times."""

MICROSECONDS = 1e6
_WARM_UP_CALLS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One line of the tables."""

    group: str
    """The table it stands in."""
    name: str
    """What it is, in a few words."""
    work: Work
    """What is timed."""
    no_op: Work
    """The same without what is timed: a no-op middleware in its place."""
    unit: Work
    """What a no-op middleware costs by itself: the unit of the targets."""
    target_us: float | None = None
    """The most it may cost beyond the no-op, in microseconds where a no-op costs 0.62; or none."""
    parts: int = 1
    """How many parts one call has, if the cost of a part is asked for."""
    warm_up: int = _WARM_UP_CALLS
    """How many calls come before the first that is timed."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One round of a case: seconds per call."""

    work: float
    no_op: float
    unit: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What all rounds of a case say."""

    delta_us: float
    """The median of the differences to the no-op, in microseconds."""
    ratio: float
    """The median of the ratios to the no-op."""
    no_ops: float
    """The median of the differences, each in units of that round."""
    unit_us: float
    """The median of the units, in microseconds."""


def figures(samples: Sequence[Sample], parts: int = 1) -> Figures:
    """Return the medians of the pairs of each round."""
    return Figures(
        delta_us=statistics.median((s.work - s.no_op) / parts for s in samples) * MICROSECONDS,
        ratio=statistics.median(s.work / s.no_op for s in samples),
        no_ops=statistics.median((s.work - s.no_op) / parts / s.unit for s in samples),
        unit_us=statistics.median(s.unit for s in samples) * MICROSECONDS,
    )


def slope(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """Return the steepest step of a growth in log-log terms: 1 is linear, 2 is quadratic."""
    points = list(zip(sizes, costs, strict=True))
    return max(
        math.log(after[1] / before[1]) / math.log(after[0] / before[0])
        for before, after in itertools.pairwise(points)
    )


def seconds(work: Work, count: int) -> float:
    """Return the processor time of so many calls."""
    start = time.process_time()
    work(count)
    return time.process_time() - start


def calls_per_block(work: Work, block: float) -> int:
    """Return how many calls take about so many seconds."""
    count = 1
    while (taken := seconds(work, count)) < block / 4:
        count *= 4
    return max(1, round(count * block / taken))


def measure(cases: Sequence[Case], *, rounds: int, block: float) -> list[Figures]:
    """Time all cases, interleaved.

    Args:
        cases: What to time.
        rounds: How often each is timed.
        block: Seconds per case and round.
    """
    for case in cases:
        case.work(case.warm_up)
        case.no_op(case.warm_up)
    works = {work for case in cases for work in (case.work, case.no_op, case.unit)}
    counts = {work: calls_per_block(work, block) for work in works}
    samples: list[list[Sample]] = [[] for _ in cases]
    for turn in range(rounds):
        with _undisturbed():
            units = {unit: _per_call(unit, counts) for unit in {case.unit for case in cases}}
            for place in _rotated(len(cases), turn, rounds):
                samples[place].append(_sample(cases[place], counts, units, turn))
    return [figures(taken, case.parts) for case, taken in zip(cases, samples, strict=True)]


def _sample(
    case: Case, counts: Mapping[Work, int], units: Mapping[Work, float], turn: int
) -> Sample:
    pair = [case.work, case.no_op] if turn % 2 else [case.no_op, case.work]
    taken = {work: _per_call(work, counts) for work in pair}
    return Sample(taken[case.work], taken[case.no_op], units[case.unit])


def _per_call(work: Work, counts: Mapping[Work, int]) -> float:
    return seconds(work, counts[work]) / counts[work]


def _rotated(length: int, turn: int, turns: int) -> Iterable[int]:
    start = length * turn // turns
    return (*range(start, length), *range(start))


@contextmanager
def _undisturbed() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def stay_on_one_core() -> None:
    """Pin the process to one core, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
