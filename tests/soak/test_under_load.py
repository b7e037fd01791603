"""The demo shop as a process under load, through both doors: `make soak`.

Nothing here says how fast it is. What is said: every one of the responses is right for the visitor who
asked, and the memory of the server stays what it was once everything bounded is full.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from demo.processes import OPEN, PATIENCE, both_doors
from soak.checks import views
from soak.client import Connection, Request
from soak.load import MIB, Load, slope
from soak.shoppers import crowd

ROOT: Final = Path(__file__).parents[2]
REQUESTS: Final = 20_000
CONNECTIONS: Final = 16
INVENTED_NAMES: Final = 60_000
SHOPPERS: Final = 320
EVERY: Final = 500
WARM_UP: Final = 5_000
"""Requests until memos are full: each filter keeps 4,096 names, most requests bring new ones."""
MAX_GROWTH: Final = 5 * MIB
"""By which memory may grow after the warm-up. 0.5 to 2.5 MiB were seen, since allocators keep some
pieces of what was freed; 7 to 9 MiB where a set kept every invented name, the smallest of leaks."""
TIME_LIMIT: Final = 400
"""Seconds for the whole load, on a busy machine."""


@contextmanager
def opened(log: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Start the shop on a free port, and give the process and its port."""
    command = [sys.executable, "-m", "cookieconsent", "demo", "--port", "0", *arguments]
    # As a site runs it: development mode has an allocator of its own.
    environment = {name: os.environ[name] for name in os.environ if name != "PYTHONDEVMODE"}
    with (
        log.open("w", encoding="utf-8") as errors,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment
        ) as process,
    ):
        try:
            assert process.stdout is not None
            found = OPEN.fullmatch(process.stdout.readline())
            assert found is not None, log.read_text(encoding="utf-8")
            yield process, int(found[1].rpartition(":")[2])
        finally:
            process.kill()


async def soak(load: Load) -> dict[str, int]:
    """Send everything, and return the page views that the shop has counted."""
    async with asyncio.timeout(TIME_LIMIT):
        await load.run()
        connection = Connection(load.port)
        try:
            host = ("Host", f"127.0.0.1:{load.port}")
            return views(await connection.send(Request(target="/statistics", headers=(host,))))
        finally:
            await connection.close()


@pytest.mark.soak
@pytest.mark.timeout(600)
@both_doors
def test_shop_stays_right_and_small(
    door: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log, chance = tmp_path / "log", random.Random(20_000)
    with opened(log, *door) as (process, port):
        load = Load(
            port=port,
            process_id=process.pid,
            requests=REQUESTS,
            connections=CONNECTIONS,
            every=EVERY,
            chance=chance,
            shoppers=crowd(SHOPPERS, chance),
        )
        begun = time.monotonic()
        # In debug mode the client's loop, not the server, would be what is waited for.
        counted = asyncio.run(soak(load), debug=False)
        seconds = time.monotonic() - begun
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=PATIENCE)[0] == ""
    with capsys.disabled():
        print(f"\n{report(load, seconds)}")  # noqa: T201 - what one runs this for
    assert load.faults == []
    assert load.ended == REQUESTS
    assert load.ledger.invented >= INVENTED_NAMES
    assert {path: count for path, count in counted.items() if count} == +load.ledger.views
    assert load.ledger.views.total() > 0
    warm = [sample for sample in load.memory if sample.requests >= WARM_UP]
    assert warm[-1].octets - warm[0].octets < MAX_GROWTH
    assert slope(warm) * (REQUESTS - WARM_UP) < MAX_GROWTH
    assert process.returncode == 0
    # The hosts are invented, so a choice over http looks like a site without https; once.
    said = log.read_text(encoding="utf-8").splitlines()
    assert [line for line in said if not line.startswith("plain http: ")] == []
    assert len(said) == 1


def test_docs_name_these_numbers() -> None:
    page = (ROOT / "docs" / "explanation" / "soak.md").read_text(encoding="utf-8")
    for fact in (
        f"{REQUESTS:,} requests",
        f"{CONNECTIONS} connections",
        f"{INVENTED_NAMES:,} invented cookie names",
        f"{SHOPPERS} visitors",
        f"{WARM_UP:,} requests",
        f"{MAX_GROWTH // MIB} MiB",
    ):
        assert fact in page


def report(load: Load, seconds: float) -> str:
    """Return the figures of a load in three lines."""
    warm = [sample for sample in load.memory if sample.requests >= WARM_UP]
    if not warm:
        return f"{load.ended:,} requests, then: {load.faults}"
    first, last = warm[0], warm[-1]
    return (
        f"{load.ended:,} requests over {load.connections} connections in {seconds:.0f} s, "
        f"{load.ledger.invented:,} invented cookie names, {len(load.faults)} faults\n"
        f"memory {first.octets / MIB:.1f} MiB after {first.requests:,} requests, "
        f"{last.octets / MIB:.1f} MiB after {last.requests:,}, "
        f"{slope(warm) * 1000 / 1024:+.0f} KiB per 1,000 requests\n"
        + ", ".join(f"{count:,} {name}" for name, count in load.ledger.done.most_common())
    )
