"""Receipts: what is written, and what of a changed file is still one."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from cookieconsent.core.codec import ChoiceCodec, ReceiptSeal
from cookieconsent.core.receipt import (
    MAX_RECEIPT_OCTETS,
    SCHEMA,
    Fault,
    facts_of,
    read_receipt,
    signature_of,
    write_receipt,
)
from doors import SECRET
from receipts import FILE, RECEIPT, SEAL, Steps, facts, put, remove, values

OTHER = "another secret of more than 32 characters"


def dumped(found: Any, **form: Any) -> bytes:
    return json.dumps(found, **form).encode()


# --- what stays valid -----------------------------------------------------------------------------


def test_file_reads_as_it_was_written() -> None:
    reading = read_receipt(FILE, SEAL)
    assert reading.fault is None
    assert reading.facts == json.loads(json.dumps(facts_of(RECEIPT)))
    assert list(reading.facts) == list(facts_of(RECEIPT))


@pytest.mark.parametrize(
    "data",
    [
        dumped(facts()),
        dumped(facts(), indent=7),
        dumped(facts(), sort_keys=True, separators=(",", ":")),
        dumped(dict(reversed(facts().items()))),
        dumped(facts(), ensure_ascii=False),
        b"\xef\xbb\xbf" + FILE,
        FILE.replace(b"\n", b"\r\n"),
        b" \n" + FILE + b"\n\n",
    ],
    ids=["one line", "indented", "sorted", "reversed", "unescaped", "BOM", "CRLF", "space"],
)
def test_another_form_stays_valid(data: bytes) -> None:
    assert read_receipt(data, SEAL).fault is None


def test_file_is_readable_text() -> None:
    assert "Größe \U0001f600" in FILE.decode("utf-8")
    assert FILE.startswith(b'{\n  "schema_version": "cookieconsent-receipt/1",\n  "site"')
    assert SCHEMA == "cookieconsent-receipt/1"


def test_half_a_character_survives() -> None:
    """Texts of a site may hold a lone surrogate, which UTF-8 cannot say and JSON can."""
    import dataclasses

    for text in ("\ud83d", "\ud83d\ude00"):
        data = write_receipt(dataclasses.replace(RECEIPT, policy_version=text), SEAL)
        reading = read_receipt(data, SEAL)
        assert reading.fault is None
        assert reading.facts["policy_version"].encode("utf-16-le", "surrogatepass") == text.encode(
            "utf-16-le", "surrogatepass"
        )


def test_equal_receipts_have_equal_bytes() -> None:
    assert write_receipt(RECEIPT, ReceiptSeal([SECRET])) == FILE
    assert signature_of(RECEIPT, SEAL) == facts()["signature"]


# --- what does not --------------------------------------------------------------------------------

WAYS = [way for way, _ in values(facts()) if way != ("schema_version",)]


def others(value: object) -> list[object]:
    """Return what a value may be mistaken for, or be changed to."""
    near: list[object] = [None, True, False, 0, 1, 1.0, "", str(value), [], {}, f"{value} "]
    if isinstance(value, str):
        near += [value.upper(), value[:-1], [value]]
    return [other for other in near if dumped(other) != dumped(value)]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: ".".join(map(str, way)))
def test_changed_value_is_noticed(way: Steps) -> None:
    before = dict(values(facts()))[way]
    for other in others(before):
        changed = facts()
        put(changed, way, other)
        assert read_receipt(dumped(changed), SEAL).fault in {"altered", "no receipt"}, other


@pytest.mark.parametrize("way", WAYS, ids=lambda way: ".".join(map(str, way)))
def test_removed_value_is_noticed(way: Steps) -> None:
    changed = facts()
    remove(changed, way)
    assert read_receipt(dumped(changed), SEAL).fault in {"altered", "no receipt"}


@pytest.mark.parametrize("way", [(), ("classes", 0), ("classes", 0, "cookies", 0)])
def test_added_value_is_noticed(way: Steps) -> None:
    changed = facts()
    put(changed, (*way, "added"), None)
    assert read_receipt(dumped(changed), SEAL).fault == "altered"


def repeated(found: dict[str, Any]) -> None:
    found["classes"] *= 2


def emptied(found: dict[str, Any]) -> None:
    found["classes"] = []


@pytest.mark.parametrize("change", [repeated, emptied])
def test_changed_list_is_noticed(change: Callable[[dict[str, Any]], None]) -> None:
    changed = facts()
    change(changed)
    assert read_receipt(dumped(changed), SEAL).fault == "altered"


TEXT = FILE.decode("utf-8")


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", "not json"),
        (b"{", "not json"),
        (FILE[:-3], "not json"),
        (FILE + FILE, "not json"),
        (b"not json", "not json"),
        (TEXT.replace('"paused": false', '"paused": NaN').encode(), "not json"),
        (TEXT.replace('"paused": false', '"paused": -Infinity').encode(), "not json"),
        (TEXT.replace('"paused": false', '"paused": 1e999').encode(), "altered"),
        (TEXT.replace('"paused": false', '"paused": ' + "9" * 9999).encode(), "not json"),
        (TEXT.replace("Google", "Goo\x00gle").encode(), "not json"),
        (TEXT.encode("utf-16"), "not utf-8"),
        (TEXT.encode("latin-1", "replace"), "not utf-8"),
        (b"\xff\xfe\x00", "not utf-8"),
        (bytes(range(256)), "not utf-8"),
        (TEXT.replace('"gpc"', '"site": "shop.example",\n"gpc"').encode(), "repeated name"),
        (TEXT.replace('"answer"', '"answer": "no",\n"answer"').encode(), "repeated name"),
        (TEXT.replace('"gpc"', '"signature": "x",\n"gpc"').encode(), "repeated name"),
        (b"[" * 100_000, "too deep"),
        (b'{"a":' * 100_000, "too deep"),
        (TEXT.replace('"paused": false', f'"paused": {"[" * 99_999}').encode(), "too deep"),
        (b"null", "no receipt"),
        (b"1", "no receipt"),
        (b'"text"', "no receipt"),
        (b"[]", "no receipt"),
        (b"{}", "no receipt"),
        (dumped([facts()]), "no receipt"),
        (dumped(facts() | {"signature": None}), "no receipt"),
        (dumped(facts() | {"signature": [facts()["signature"]]}), "no receipt"),
        (dumped(facts() | {"schema_version": 1}), "no receipt"),
        (dumped(facts() | {"schema_version": "cookieconsent-receipt/2"}), "unknown format"),
        (dumped(facts() | {"schema_version": ""}), "unknown format"),
        (dumped(facts() | {"signature": ""}), "altered"),
        (dumped(facts() | {"signature": "x." + facts()["signature"]}), "altered"),
        (dumped(facts() | {"signature": facts()["signature"] + "="}), "altered"),
        (dumped(facts() | {"signature": "\ud800" * 43}), "altered"),
        (FILE + b" " * MAX_RECEIPT_OCTETS, "too large"),
        (b"[" * 10_000_000, "too large"),
    ],
)
def test_file_that_is_no_receipt(data: bytes, fault: Fault) -> None:
    reading = read_receipt(data, SEAL)
    assert reading.fault == fault
    assert reading.facts == {}


def test_largest_file_is_still_read() -> None:
    assert read_receipt(FILE.ljust(MAX_RECEIPT_OCTETS), SEAL).fault is None


def test_nested_too_deeply_for_the_signature() -> None:
    """What can just be read may be too deep to be written again."""
    for depth in range(100, 3000, 50):
        nested = "[" * depth + "]" * depth
        data = TEXT.replace('"paused": false', f'"paused": {nested}').encode()
        assert read_receipt(data, SEAL).fault in {"altered", "too deep"}


# --- keys -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("signing", "site", "reading", "other_site", "fault"),
    [
        ([SECRET], "", [SECRET], "", None),
        ([SECRET], "", [OTHER], "", "altered"),
        ([SECRET], "", [SECRET, OTHER], "", None),
        ([SECRET], "", [OTHER, SECRET], "", None),
        ([SECRET, OTHER], "", [OTHER], "", None),
        ([SECRET, OTHER], "", [SECRET], "", "altered"),
        ([SECRET], "blog", [SECRET], "blog", None),
        ([SECRET], "blog", [SECRET], "", "altered"),
        ([SECRET], "", [SECRET], "blog", "altered"),
    ],
)
def test_all_keys_verify_and_the_newest_signs(
    signing: list[str], site: str, reading: list[str], other_site: str, fault: Fault | None
) -> None:
    data = write_receipt(RECEIPT, ReceiptSeal(signing, site))
    assert read_receipt(data, ReceiptSeal(reading, other_site)).fault == fault


def test_signature_of_another_purpose_is_none() -> None:
    """A receipt's signature is made with a salt of its own."""
    text = b"text"
    for purpose in ("choice.", "form."):
        seal = ChoiceCodec([SECRET], [], [])._seal
        value = type(seal)([SECRET], purpose).close(text)
        assert not SEAL.is_valid(text, value.rpartition(b".")[2].decode())
