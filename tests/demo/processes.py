"""The demo shop as a process of its own, as somebody starts it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pytest

PATIENCE: Final = 60
"""Seconds that a process may take to start or to end."""
OPEN: Final = re.compile(
    r"The shop is open: (http://127\.0\.0\.1:\d+) \(Ctrl-C closes it\)\n",
)
DOORS: Final[tuple[list[str], ...]] = ([], ["--wsgi"])
"""What is typed for each door."""
both_doors = pytest.mark.parametrize("door", DOORS, ids=["asgi", "wsgi"])


@contextmanager
def opened(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start the shop on a free port, and give the process and its address."""
    command = [sys.executable, "-m", "cookieconsent", "demo", "--port", "0", *arguments]
    pipe = subprocess.PIPE
    # As it is started by hand: in development mode asyncio complains of a busy machine.
    environment = {name: os.environ[name] for name in os.environ if name != "PYTHONDEVMODE"}
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=environment) as process:
        try:
            assert process.stdout is not None
            found = OPEN.fullmatch(process.stdout.readline())
            assert found is not None, process.communicate()
            yield process, found[1]
        finally:
            process.kill()
