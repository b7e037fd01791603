"""What a target names, and what is no name of anything."""

from __future__ import annotations

from typing import Any

import pytest

from cookieconsent.observation.answer import ObservationError
from cookieconsent.observation.reaching import within, wrong_host


def app(environ: Any, start_response: Any) -> list[bytes]:
    return []


@pytest.mark.parametrize("host", ["localhost", "shop.example", "127.0.0.1", "a", "X-1.example"])
def test_hosts_are_names_of_labels(host: str) -> None:
    assert wrong_host(host) is None
    assert within(app, host).start == f"https://{host}/"


@pytest.mark.parametrize(
    "host",
    [
        "",
        ".",
        "..",
        ".a",
        "a.",
        "a..b",
        "-a",
        "a-",
        "a b",
        "a/b",
        "a_b",
        "a" * 64,
        "a." * 127 + "a",
    ],
)
def test_what_is_no_host_is_refused(host: str) -> None:
    with pytest.raises(ObservationError, match="is no host; use a name such as"):
        within(app, host)
