"""Receipts for tests: one of a whole site, its seal, and the ways in which files get changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any, Final, TypeAlias

from cookieconsent.core.codec import ReceiptSeal
from cookieconsent.core.receipt import Receipt, ReceiptClass, ReceiptCookie, write_receipt
from doors import SECRET

Facts: TypeAlias = dict[str, Any]
Steps: TypeAlias = tuple[str | int, ...]
"""The way to a value: names and positions."""

SEAL: Final = ReceiptSeal([SECRET])
RECEIPT: Final = Receipt(
    site="shop.example",
    language="de",
    issued=date(2026, 1, 2),
    answered=date(2026, 1, 1),
    valid_until=date(2026, 7, 2),
    paused=False,
    gpc=True,
    policy_version="1.5",
    policy_last_updated=date(2025, 12, 1),
    privacy_policy_url="/privacy",
    contact="mailto:privacy@shop.example",
    authority=None,
    withdraw_at="/cookie-consent",
    classes=(
        ReceiptClass(
            name="analytics",
            title="Größe \U0001f600",
            description=None,
            regime="opt-in",
            shares_with_third_parties=True,
            answer="yes",
            under_signal=True,
            paused=False,
            cookies=(
                ReceiptCookie(
                    name="_ga_*",
                    purpose="Zählt.",
                    provider="Google",
                    lifetime="1 Sekunde",
                    lifetime_seconds=1,
                ),
            ),
        ),
    ),
)
FILE: Final = write_receipt(RECEIPT, SEAL)


def facts() -> Facts:
    """Return what stands in the file, afresh."""
    found: Facts = json.loads(FILE)
    return found


def values(found: Any, way: Steps = ()) -> Iterator[tuple[Steps, Any]]:
    """Yield every value in a file that holds no others, with the way to it."""
    if isinstance(found, dict | list):
        steps = list(found) if isinstance(found, dict) else range(len(found))
        for step in steps:
            yield from values(found[step], (*way, step))
    else:
        yield way, found


def put(found: Facts, way: Steps, value: object) -> None:
    """Put a value where a way leads."""
    place: Any = found
    for step in way[:-1]:
        place = place[step]
    place[way[-1]] = value


def remove(found: Facts, way: Steps) -> None:
    """Take away what a way leads to."""
    place: Any = found
    for step in way[:-1]:
        place = place[step]
    del place[way[-1]]
