"""`Set-Cookie` lines as they were seen: everything but the value.

Of a value there is its length, a digest to compare it by, and what kinds of text it looks like; the
text itself is not kept. What stands behind a semicolon may belong to a value as well, so of that too
only known attributes are kept, with values that are of their kind. Of the
digest four digits are printed: those 16 bits tell two values apart, and fit one in 65,536 of all that
somebody could guess. Where there are few to guess from they would give the value away, so short ones,
numbers, dates and what looks personal have a length alone.
May not enter: what is wrong with a line.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

from cookieconsent.core.codec import MAX_VALUE_OCTETS
from cookieconsent.core.cookies import (
    MAX_AGE_SECONDS,
    WHITE_SPACE,
    read_cookie_date,
    read_set_cookie,
)

_MINUTE = 60
_DIGEST_CHARACTERS = 12
_PRINTED_CHARACTERS = 4
_FEWEST_OCTETS = 8
_FEW: Final = re.compile(rb"[0-9\s()+,./:_-]*")
"""What numbers, dates and times, addresses and telephone numbers are made of."""
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_SHOWN = re.compile(rb"\\x([0-9a-f]{2})")
_DECIMAL = re.compile(rb"-?[0-9]+")
_DATE_WORD: Final = (
    rb"(?:(?:mon|tue|tues|wed|wednes|thu|thurs|fri|sat|satur|sun)(?:day)?"
    rb"|jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    rb"|sep(?:tember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
    rb"|[0-9]{1,4}|[0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}|gmt|utc)"
)
_NOTHING: Final = re.compile(rb"")
_KINDS: Final = {
    "domain": re.compile(rb"[A-Za-z0-9_.:\[\]-]+"),
    "expires": re.compile(_DATE_WORD + rb"(?:[ ,-]+" + _DATE_WORD + rb")*", re.IGNORECASE),
    "httponly": _NOTHING,
    "max-age": _DECIMAL,
    "partitioned": _NOTHING,
    "path": re.compile(rb"/.*"),
    "priority": re.compile(rb"low|medium|high", re.IGNORECASE),
    "samesite": re.compile(rb"strict|lax|none", re.IGNORECASE),
    "secure": _NOTHING,
}
"""The attributes that may be printed, and what their values look like."""
_TRAITS: Final = {
    "e-mail address": re.compile(r"[\w.+-]+@[\w-]+\.[a-z]{2,}", re.IGNORECASE),
    "IP address": re.compile(
        r"(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\w.])"
    ),
}
_SIGNED: Final = re.compile(rb"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{43}")
_LOOKED_AT: Final = 4096
_BASE64: Final = re.compile(r"[A-Za-z0-9_+/-]{8,}={0,2}")
_URL_SAFE: Final = str.maketrans("+/", "-_")
_PARTS: Final = 16
_JWT = re.compile(r"eyJ[\w-]+\.(eyJ[\w-]+)\.[\w-]*")
_PERSONAL_CLAIMS: Final = frozenset(
    [
        "address",
        "birthdate",
        "email",
        "family_name",
        "given_name",
        "name",
        "nickname",
        "phone_number",
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenLine:
    """One `Set-Cookie` line without its value."""

    name: bytes
    """The name; empty for a nameless cookie."""
    text: str
    """The line, printable, with what stands for the value."""
    length: int
    """How many octets the value has."""
    digest: str
    """The first 12 hexadecimal digits of the value's SHA-256; not for print in whole."""
    octets: int
    """How long the whole line is."""
    attributes: tuple[tuple[str, str], ...]
    """The known attributes in their order, names in lower case; for a value that is not of its
    attribute's kind stands its length."""
    lifetime: timedelta | None
    """How long it stays; `None` for the session."""
    deletes: bool
    """Whether it removes the cookie."""
    traits: frozenset[str]
    """What the value looks like: `e-mail address`, `IP address`, `personal claims`."""
    malformed: str | None
    """Why the line is no proper one, as far as it can be read at all."""
    signed: bool = False
    """Whether the value has the form in which this package writes an answer; nobody looks further."""

    def has(self, attribute: str) -> bool:
        """Tell whether the line has an attribute (in lower case)."""
        return any(name == attribute for name, _ in self.attributes)

    def get(self, attribute: str) -> str | None:
        """Return the value of an attribute; of several the last (RFC 6265bis, section 5.6)."""
        return next((value for name, value in reversed(self.attributes) if name == attribute), None)


def shown(text: bytes) -> str:
    r"""Return octets as printable ASCII, all others as `\xNN`."""
    return "".join(
        chr(octet) if 0x20 <= octet < 0x7F and octet != 0x5C else f"\\x{octet:02x}"  # noqa: PLR2004
        for octet in text
    )


def octets(text: str) -> bytes:
    r"""Return what `shown` made printable.

    Args:
        text: Printable ASCII, a backslash in it beginning `\xNN`.
    """
    return _SHOWN.sub(lambda found: bytes.fromhex(found[1].decode()), text.encode("ascii"))


def read_line(line: bytes, now: float) -> SeenLine:
    """Read a `Set-Cookie` value. Total: any bytes are taken.

    Args:
        line: The field value as it came.
        now: POSIX seconds.
    """
    cookie = read_set_cookie(line)
    pair, _, rest = line.partition(b";")
    name, equals, value = pair.partition(b"=")
    if not equals:  # a nameless cookie: all of it is the value
        name, value = b"", pair
    name, value = name.strip(WHITE_SPACE), value.strip(WHITE_SPACE)
    attributes = _attributes(rest)
    return SeenLine(
        name=name,
        text=_text(name, equals, value) + "".join(map(_attribute_text, _segments(rest))),
        length=len(value),
        digest=digest(value),
        octets=len(line),
        attributes=_safe(attributes),
        lifetime=_lifetime(attributes, now),
        deletes=cookie is not None and cookie.is_deletion(now),
        traits=_traits(value),
        malformed=_malformed(line, name, equals, value, attributes),
        signed=len(value) <= MAX_VALUE_OCTETS and _SIGNED.fullmatch(value) is not None,
    )


def digest(value: bytes) -> str:
    """Return what values are compared by: the beginning of the SHA-256."""
    return hashlib.sha256(value).hexdigest()[:_DIGEST_CHARACTERS]


def read_entry(key: bytes, value: bytes) -> SeenLine:
    """Describe an entry of another storage as a line without attributes. Total.

    Args:
        key: Its name.
        value: What is in it; empty where nobody looked.
    """
    return SeenLine(
        name=key,
        text=_text(key, b"=" if value else b"", value),
        length=len(value),
        digest=digest(value),
        octets=len(key) + len(value),
        attributes=(),
        lifetime=None,
        deletes=False,
        traits=_traits(value),
        malformed=None,
    )


def _text(name: bytes, equals: bytes, value: bytes) -> str:
    return shown(name) + equals.decode() + (_stand_in(value) if value else "")


def _stand_in(value: bytes) -> str:
    """Return what is printed for a value: its length, and a digest where nobody could guess from it."""
    if len(value) < _FEWEST_OCTETS or _FEW.fullmatch(value) or _traits(value):
        return _length(value)
    return f"<{len(value)} octets, sha256 {digest(value)[:_PRINTED_CHARACTERS]}...>"


def _length(text: bytes) -> str:
    return f"<{len(text)} octet{'' if len(text) == 1 else 's'}>"


def _segments(rest: bytes) -> list[bytes]:
    segments = (segment.strip(WHITE_SPACE) for segment in rest.split(b";"))
    return [segment for segment in segments if segment]


def _attribute_text(segment: bytes) -> str:
    name, equals, value = segment.partition(b"=")
    name = name.strip(WHITE_SPACE)
    if shown(name).lower() not in _KINDS:
        return f"; {_length(segment)}"
    return f"; {shown(name)}{equals.decode()}{_safe_value(name, value.strip(WHITE_SPACE))}"


def _safe_value(name: bytes, value: bytes) -> str:
    """Return the value of a known attribute, or its length where it may be anything."""
    kind = _KINDS[shown(name).lower()]
    return shown(value) if not value or kind.fullmatch(value) else _length(value)


def _attributes(rest: bytes) -> tuple[tuple[bytes, bytes], ...]:
    pairs = (segment.partition(b"=") for segment in _segments(rest))
    found = (
        (name.strip(WHITE_SPACE).lower(), value.strip(WHITE_SPACE)) for name, _, value in pairs
    )
    return tuple((name, value) for name, value in found if name)


def _safe(attributes: tuple[tuple[bytes, bytes], ...]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (shown(name), _safe_value(name, value))
        for name, value in attributes
        if shown(name) in _KINDS
    )


def _all(attributes: tuple[tuple[bytes, bytes], ...], wanted: bytes) -> list[bytes]:
    """Return the values of an attribute, the last one first."""
    return [value for name, value in reversed(attributes) if name == wanted]


def _lifetime(attributes: tuple[tuple[bytes, bytes], ...], now: float) -> timedelta | None:
    """Return how long browsers keep it: of several attributes the last one that they understand."""
    age = next(filter(_DECIMAL.fullmatch, _all(attributes, b"max-age")), None)
    if age is not None:
        seconds = 0 if age.startswith(b"-") else int(age[:12])
        return timedelta(seconds=min(seconds, MAX_AGE_SECONDS * 100))
    dates = map(read_cookie_date, _all(attributes, b"expires"))
    expires = next((date for date in dates if date is not None), None)
    if expires is None:
        return None
    # The server's clock and the way here take some seconds: the minute is what was meant.
    minutes = max(round((expires - now) / _MINUTE), 0)
    return timedelta(minutes=min(minutes, MAX_AGE_SECONDS * 100 // _MINUTE))


def _malformed(
    line: bytes,
    name: bytes,
    equals: bytes,
    value: bytes,
    attributes: tuple[tuple[bytes, bytes], ...],
) -> str | None:
    if _CONTROL.search(line):
        return "it holds a control character"
    if not name:
        return "it has no name" if value or equals else "it is empty"
    if any(date and read_cookie_date(date) is None for date in _all(attributes, b"expires")):
        return "its Expires is no date"
    if any(age and not _DECIMAL.fullmatch(age) for age in _all(attributes, b"max-age")):
        return "its Max-Age is no number"
    return None


@lru_cache(maxsize=4096)
def _traits(value: bytes) -> frozenset[str]:
    text = unquote(value[:_LOOKED_AT].decode("utf-8", "replace"))
    readings = [text, unquote(text), *_decoded(text)]
    found = {
        name
        for name, pattern in _TRAITS.items()
        if any(pattern.search(reading) for reading in readings)
    }
    claims = _JWT.search(text)
    if claims is not None and _has_personal_claims(claims[1]):
        found.add("personal claims")
    return frozenset(found)


def _decoded(text: str) -> Iterator[str]:
    """Yield what stands in base64, as in tokens and in sessions that visitors keep."""
    for part in _BASE64.findall(text)[:_PARTS]:
        plain = part.rstrip("=").translate(_URL_SAFE)
        with suppress(ValueError):  # no base64, or no text in it
            yield base64.urlsafe_b64decode(plain + "=" * (-len(plain) % 4)).decode("utf-8")


def _has_personal_claims(part: str) -> bool:
    try:
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return False
    return isinstance(claims, dict) and not _PERSONAL_CLAIMS.isdisjoint(claims)
