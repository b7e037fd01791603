"""Numbers, lists and lifetimes are written as people say them."""

from __future__ import annotations

import pytest

from cookieconsent.audit.wording import lasting, reasons, some


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, "session"),
        (1, "1 second"),
        (90, "2 minutes"),
        (7200, "2 hours"),
        (86400, "1 day"),
        (99_999_999, "1158 days"),
    ],
)
def test_lifetimes_are_said_as_people_do(seconds: int | None, said: str) -> None:
    assert lasting(seconds) == said


def test_long_lists_are_cut_and_counted() -> None:
    assert some("abcdefg") == "a, b, c, d, e and 2 more"


def test_steps_that_said_nothing_are_left_out_unless_all_did() -> None:
    nothing, something = "declared name: nothing", "catalogue name: _ga is analytics (decides)"
    assert reasons([nothing, something]) == [something]
    assert reasons([nothing]) == [nothing]
