"""A visitor's receipt: what it says, how it is written and signed, and whether a file is still one.

Written as JSON for people and programs; signed over a canonical form (keys in order, no white space,
ASCII only), so that whoever indents it anew or sorts it otherwise leaves it valid, and whoever changes,
adds or removes a value does not. No identifier and nothing finer than a day is in it: equal answers of
one day have equal receipts.
May not enter: keys and signatures (`codec.py`), words for visitors, files.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal, Protocol

from cookieconsent.core.registry import Regime

SCHEMA: Final = "cookieconsent-receipt/1"
"""Names the format: the fields, the canonical form, and HMAC-SHA-256 over it."""
MAX_RECEIPT_OCTETS: Final = 4_194_304  # thousands of cookies, in the widest script
_SIGNATURE: Final = "signature"

ReceiptAnswer = Literal["yes", "no", "none", "always on"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptCookie:
    """A cookie of a class, as the site declared it."""

    name: str
    """The name, or a glob in which `*` stands for any run of characters."""
    purpose: str | None
    provider: str | None
    lifetime: str | None
    """How long it is kept, in the visitor's language."""
    lifetime_seconds: int | Literal["session"] | None
    """The same in seconds; `"session"` until the browser is closed, `None` where not declared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptClass:
    """A class of cookies and what the visitor said of it."""

    name: str
    title: str
    """What it is called, in the visitor's language."""
    description: str | None
    """What it is for, in the visitor's language."""
    regime: Regime
    shares_with_third_parties: bool
    answer: ReceiptAnswer
    under_signal: bool
    """Whether a yes was given while Global Privacy Control was on."""
    paused: bool
    """Whether it is not used for now, whatever was answered."""
    cookies: tuple[ReceiptCookie, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a receipt says. The field names are those of the file."""

    schema_version: str = SCHEMA
    site: str | None
    """The host that visitors see, with a port other than the usual one."""
    language: str
    """The language of its texts (BCP 47)."""
    issued: date
    answered: date | None
    """The day of the answer; `None` where no class was answered."""
    valid_until: date | None
    """The last day on which the answer, or the pause, counts."""
    paused: bool
    """Whether the visitor has paused something."""
    gpc: bool
    """Whether the browser sent Global Privacy Control when the receipt was issued."""
    policy_version: str | None
    policy_last_updated: date | None
    privacy_policy_url: str | None
    contact: str | None
    authority: str | None
    withdraw_at: str
    """The path of the page on which the answer can be withdrawn."""
    classes: tuple[ReceiptClass, ...]


class Seal(Protocol):
    """What signs receipts for one site."""

    def sign(self, text: bytes) -> str:
        """Return the signature of a text."""
        ...

    def is_valid(self, text: bytes, signature: str) -> bool:
        """Tell whether a signature is that of a text."""
        ...


def facts_of(receipt: Receipt) -> dict[str, Any]:
    """Return a receipt as plain values, in the order in which it is written, not yet signed."""
    return dataclasses.asdict(receipt, dict_factory=_plain)


def _plain(pairs: list[tuple[str, object]]) -> dict[str, object]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in pairs}


def canonical(facts: Mapping[str, Any]) -> bytes:
    """Return the text that is signed: everything but the signature.

    Raises:
        ValueError: A number in it is not finite, which JSON cannot say.
    """
    signed = {name: value for name, value in facts.items() if name != _SIGNATURE}
    text = json.dumps(
        signed, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
    )
    return text.encode("ascii")


def signature_of(receipt: Receipt, seal: Seal) -> str:
    """Return the signature of a receipt."""
    return seal.sign(canonical(facts_of(receipt)))


def write_receipt(receipt: Receipt, seal: Seal) -> bytes:
    """Return a signed receipt as a JSON file (UTF-8)."""
    facts = facts_of(receipt)
    facts[_SIGNATURE] = seal.sign(canonical(facts))
    text = json.dumps(facts, indent=2, ensure_ascii=False) + "\n"
    # Half a surrogate pair is no character, but has a spelling in JSON, which is Python's too.
    return text.encode("utf-8", "backslashreplace")


# --- reading --------------------------------------------------------------------------------------

Fault = Literal[
    "too large",
    "not utf-8",
    "not json",
    "repeated name",
    "too deep",
    "no receipt",
    "unknown format",
    "altered",
]


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of reading a file."""

    fault: Fault | None
    """Why it is no receipt of this site; `None` for one that is."""
    facts: Mapping[str, Any]
    """What it says; empty with a fault, since nothing in it can be relied on."""


class _RepeatedNameError(Exception):
    """A name stands twice in one object, so that readers may differ about its value."""


def read_receipt(data: bytes, seal: Seal) -> Reading:
    """Read a file that somebody says is a receipt of this site. Total: any bytes are taken.

    Args:
        data: The file; more than `MAX_RECEIPT_OCTETS` is not looked at.
        seal: The seal of the site.
    """
    found = _parse(data)
    if isinstance(found, str):
        return Reading(found, {})
    fault = _fault(found, seal)
    if fault is not None:
        return Reading(fault, {})
    del found[_SIGNATURE]
    return Reading(None, found)


def _parse(data: bytes) -> dict[str, Any] | Fault:
    if len(data) > MAX_RECEIPT_OCTETS:
        return "too large"
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "not utf-8"
    try:
        found = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse)
    except _RepeatedNameError:
        return "repeated name"
    except RecursionError:
        return "too deep"
    except ValueError:
        return "not json"
    return found if isinstance(found, dict) else "no receipt"


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    named = dict(pairs)
    if len(named) != len(pairs):
        raise _RepeatedNameError
    return named


def _refuse(word: str) -> object:
    """Refuse `NaN` and `Infinity`, which Python reads and JSON does not have (RFC 8259, section 6)."""
    message = f"{word} is no JSON"
    raise ValueError(message)


def _fault(found: Mapping[str, Any], seal: Seal) -> Fault | None:
    schema, signature = found.get("schema_version"), found.get(_SIGNATURE)
    if not isinstance(schema, str) or not isinstance(signature, str):
        return "no receipt"
    if schema != SCHEMA:
        return "unknown format"
    try:
        text = canonical(found)
    except RecursionError:
        return "too deep"
    except ValueError:  # a number so large that Python takes it for infinite
        return "altered"
    return None if seal.is_valid(text, signature) else "altered"
