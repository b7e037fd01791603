"""A crowd at the door of a running shop: connections, requests, and the memory of the server.

May not enter: what a response should say.
"""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from statistics import linear_regression
from typing import Final

from soak.checks import faults, learn
from soak.client import Connection, MalformedError
from soak.errands import next_errand
from soak.shoppers import Ledger, Shopper

MIB: Final = 2**20
_PAGE_OCTETS: Final = os.sysconf("SC_PAGE_SIZE")
_MAX_FAULTS: Final = 20
"""After so many faults the rest is not worth the time."""


def resident_octets(process_id: int) -> int:
    """Return the memory of a process that is in RAM."""
    statm = Path(f"/proc/{process_id}/statm")
    if statm.exists():
        return int(statm.read_text(encoding="ascii").split()[1]) * _PAGE_OCTETS
    command = ["ps", "-o", "rss=", "-p", str(process_id)]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    return int(done.stdout) * 1024


@dataclass(frozen=True, slots=True)
class Memory:
    """What a server needed after so many requests."""

    requests: int
    octets: int


def slope(samples: list[Memory]) -> float:
    """Return by how many octets memory grows with each request: a line of least squares."""
    line = linear_regression(
        [sample.requests for sample in samples], [sample.octets for sample in samples]
    )
    return line.slope


@dataclass(slots=True, kw_only=True)
class Load:
    """A crowd that does its errands through some connections at once.

    A visitor has one request under way at a time, and whichever connection is free takes it, so that
    all states follow each other on every connection.
    """

    port: int
    process_id: int
    requests: int
    connections: int
    every: int
    """After how many requests the memory is looked at."""
    chance: random.Random
    shoppers: list[Shopper]
    ledger: Ledger = field(default_factory=Ledger)
    faults: list[str] = field(default_factory=list)
    memory: list[Memory] = field(default_factory=list)
    begun: int = 0
    ended: int = 0

    async def run(self) -> None:
        """Send all requests, or as many as it takes to see that too much is wrong."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self.connections):
                group.create_task(self._work())

    async def _work(self) -> None:
        connection = Connection(self.port)
        try:
            while self.begun < self.requests and len(self.faults) < _MAX_FAULTS:
                self.begun += 1
                await self._visit(connection, self.begun)
        finally:
            await connection.close()

    async def _visit(self, connection: Connection, serial: int) -> None:
        shopper = self.shoppers.pop(self.chance.randrange(len(self.shoppers)))
        errand = next_errand(shopper, serial, self.chance)
        try:
            response = await connection.send(errand.request)
        except (MalformedError, OSError) as error:
            self.faults.append(f"{errand.name} {errand.request.target}: {error!r}")
            await connection.close()
            return  # what this visitor knows may be untrue now, so it goes home
        self.faults += faults(shopper, errand, response, self.ledger)
        learn(shopper, errand, response, self.ledger)
        self.shoppers.append(shopper)
        self.ended += 1
        if self.ended % self.every == 0:
            self.memory.append(Memory(self.ended, resident_octets(self.process_id)))
