"""Clients of every kind, in a shop with the middleware and in one without."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from testing.kinds import KINDS, Client, config_of

Enter = Callable[..., Client]
"""Opens a shop and walks in; options are `Config` fields."""


@pytest.fixture(params=list(KINDS))
def kind(request: pytest.FixtureRequest) -> str:
    """The kind of the client."""
    return str(request.param)


@pytest.fixture
def enter(kind: str) -> Iterator[Enter]:
    """A visitor of a shop with the middleware."""
    with ExitStack() as open_shops:

        def walk_in(**options: Any) -> Client:
            return open_shops.enter_context(KINDS[kind](config_of(**options)))

        yield walk_in


@pytest.fixture
def unguarded(kind: str) -> Iterator[Client]:
    """A visitor of a shop without the middleware, where every page tracks."""
    with KINDS[kind](None) as client:
        yield client
