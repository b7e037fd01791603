"""Import time: what a fresh interpreter spends, beyond its own start.

May not enter: what an import does.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from dataclasses import dataclass

STATEMENTS = (
    "import http.cookies, json",
    "import cookieconsent",
    "import cookieconsent.middleware.asgi",
    "import cookieconsent.middleware.wsgi",
    "import starlette.middleware.sessions",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """What an import costs."""

    name: str
    """The statement."""
    ms: float
    """Processor time, in milliseconds, the median of several fresh interpreters."""


def imports(rounds: int) -> list[Import]:
    """Return what each statement costs, all of them interleaved."""
    taken = [[_milliseconds(statement) for statement in STATEMENTS] for _ in range(rounds)]
    return [
        Import(name=statement, ms=statistics.median(times))
        for statement, times in zip(STATEMENTS, zip(*taken, strict=True), strict=True)
    ]


def _milliseconds(statement: str) -> float:
    code = (
        "import time; start = time.process_time()\n"
        f"{statement}\n"
        "print((time.process_time() - start) * 1000)"
    )
    done = subprocess.run(  # noqa: S603 - the statements above
        [sys.executable, "-I", "-c", code], capture_output=True, check=True, text=True
    )
    return float(done.stdout)
