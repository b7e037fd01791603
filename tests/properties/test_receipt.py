"""Receipts: whatever is written reads back, and no change of a value goes unnoticed."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cookieconsent.core.receipt import (
    Receipt,
    ReceiptClass,
    ReceiptCookie,
    canonical,
    facts_of,
    read_receipt,
    write_receipt,
)
from properties.strategies import examples
from receipts import FILE, SEAL, facts, put, values

DAYS = st.one_of(st.none(), st.dates())
TEXTS = st.text(st.characters(), max_size=12)  # lone surrogates and control characters, too
MAYBE = st.one_of(st.none(), TEXTS)
COOKIES = st.builds(
    ReceiptCookie,
    name=TEXTS,
    purpose=MAYBE,
    provider=MAYBE,
    lifetime=MAYBE,
    lifetime_seconds=st.one_of(st.none(), st.just("session"), st.integers(0, 10**10)),
)
CLASSES = st.builds(
    ReceiptClass,
    name=TEXTS,
    title=TEXTS,
    description=MAYBE,
    regime=st.sampled_from(["exempt", "opt-in", "objection"]),
    shares_with_third_parties=st.booleans(),
    answer=st.sampled_from(["yes", "no", "none", "always on"]),
    under_signal=st.booleans(),
    paused=st.booleans(),
    cookies=st.lists(COOKIES, max_size=3).map(tuple),
)
RECEIPTS = st.builds(
    Receipt,
    site=MAYBE,
    language=TEXTS,
    issued=st.dates(),
    answered=DAYS,
    valid_until=DAYS,
    paused=st.booleans(),
    gpc=st.booleans(),
    policy_version=MAYBE,
    policy_last_updated=DAYS,
    privacy_policy_url=MAYBE,
    contact=MAYBE,
    authority=MAYBE,
    withdraw_at=TEXTS,
    classes=st.lists(CLASSES, max_size=3).map(tuple),
)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), TEXTS),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(TEXTS, inner)),
    max_leaves=8,
)


@examples(150)
@given(receipt=RECEIPTS, indent=st.one_of(st.none(), st.integers(0, 9)), data=st.data())
def test_receipts_survive_another_form(receipt: Receipt, indent: int | None, data: Any) -> None:
    written = write_receipt(receipt, SEAL)
    assert read_receipt(written, SEAL).fault is None
    found = json.loads(written)
    shuffled = dict(data.draw(st.permutations(list(found.items()))))
    again = json.dumps(shuffled, indent=indent).encode()
    reading = read_receipt(again, SEAL)
    assert reading.fault is None
    assert canonical(reading.facts) == canonical(facts_of(receipt))


@examples(300)
@given(at=st.integers(0, 10_000), value=JSON)
def test_no_other_value_is_taken(at: int, value: object) -> None:
    changed = facts()
    ways = [way for way, _ in values(changed)]
    put(changed, ways[at % len(ways)], value)
    reading = read_receipt(json.dumps(changed).encode(), SEAL)
    assert (reading.fault is None) == (json.dumps(changed) == json.dumps(facts()))


@examples(300)
@given(receipt=RECEIPTS, other=RECEIPTS)
def test_signature_fits_one_receipt(receipt: Receipt, other: Receipt) -> None:
    found, changed = (json.loads(write_receipt(r, SEAL)) for r in (receipt, other))
    changed["signature"] = found["signature"]
    reading = read_receipt(json.dumps(changed).encode(), SEAL)
    assert (reading.fault is None) == (canonical(found) == canonical(changed))


@examples(500)
@given(
    data=st.one_of(
        st.binary(max_size=200),
        st.builds(
            lambda at, octet: FILE[: at % len(FILE)] + octet + FILE[at % len(FILE) + 1 :],
            st.integers(0, 10_000),
            st.binary(max_size=2),
        ),
        JSON.map(lambda value: json.dumps(value).encode()),
    )
)
def test_any_bytes_give_an_answer(data: bytes) -> None:
    reading = read_receipt(data, SEAL)
    assert reading.fault is not None or json.loads(data) == json.loads(FILE)
