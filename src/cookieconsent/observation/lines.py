"""`Set-Cookie` lines as they were seen: everything but the value.

Of a value there is its length, a digest to compare it by, and what kinds of text it looks like; the
text itself is not kept.
May not enter: what is wrong with a line.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

from cookieconsent.core.cookies import (
    MAX_AGE_SECONDS,
    WHITE_SPACE,
    read_cookie_date,
    read_set_cookie,
)

_MINUTE = 60
_DIGEST_CHARACTERS = 12
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_SHOWN = re.compile(rb"\\x([0-9a-f]{2})")
_DECIMAL = re.compile(r"-?[0-9]+")
_TRAITS: Final = {
    "e-mail address": re.compile(r"[\w.+-]+@[\w-]+\.[a-z]{2,}", re.IGNORECASE),
    "IP address": re.compile(
        r"(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\w.])"
    ),
}
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
    """The first 12 hexadecimal digits of the value's SHA-256."""
    octets: int
    """How long the whole line is."""
    attributes: tuple[tuple[str, str], ...]
    """The attributes in their order, names in lower case."""
    lifetime: timedelta | None
    """How long it stays; `None` for the session."""
    deletes: bool
    """Whether it removes the cookie."""
    traits: frozenset[str]
    """What the value looks like: `e-mail address`, `IP address`, `personal claims`."""
    malformed: str | None
    """Why the line is no proper one, as far as it can be read at all."""

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
    digest = hashlib.sha256(value).hexdigest()[:_DIGEST_CHARACTERS]
    return SeenLine(
        name=name,
        text=_text(name, equals, value, digest, rest),
        length=len(value),
        digest=digest,
        octets=len(line),
        attributes=attributes,
        lifetime=_lifetime(attributes, now),
        deletes=cookie is not None and cookie.is_deletion(now),
        traits=_traits(value),
        malformed=_malformed(line, name, equals, value, attributes),
    )


def read_entry(key: bytes, value: bytes) -> SeenLine:
    """Describe an entry of another storage as a line without attributes. Total.

    Args:
        key: Its name.
        value: What is in it; empty where nobody looked.
    """
    digest = hashlib.sha256(value).hexdigest()[:_DIGEST_CHARACTERS]
    return SeenLine(
        name=key,
        text=_text(key, b"=" if value else b"", value, digest, b""),
        length=len(value),
        digest=digest,
        octets=len(key) + len(value),
        attributes=(),
        lifetime=None,
        deletes=False,
        traits=_traits(value),
        malformed=None,
    )


def _text(name: bytes, equals: bytes, value: bytes, digest: str, rest: bytes) -> str:
    held = f"<{len(value)} octets, sha256 {digest}>" if value else ""
    return shown(name) + equals.decode() + held + (";" + shown(rest) if rest else "")


def _attributes(rest: bytes) -> tuple[tuple[str, str], ...]:
    found = []
    for attribute in rest.split(b";"):
        name, _, value = attribute.partition(b"=")
        if name.strip(WHITE_SPACE):
            found.append((shown(name.strip(WHITE_SPACE)).lower(), shown(value.strip(WHITE_SPACE))))
    return tuple(found)


def _last(attributes: tuple[tuple[str, str], ...], wanted: str) -> str:
    return next((value for name, value in reversed(attributes) if name == wanted), "")


def _lifetime(attributes: tuple[tuple[str, str], ...], now: float) -> timedelta | None:
    age = _last(attributes, "max-age")
    if _DECIMAL.fullmatch(age):
        seconds = 0 if age.startswith("-") else int(age[:12])
        return timedelta(seconds=min(seconds, MAX_AGE_SECONDS * 100))
    expires = read_cookie_date(_last(attributes, "expires").encode("latin-1", "replace"))
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
    attributes: tuple[tuple[str, str], ...],
) -> str | None:
    if _CONTROL.search(line):
        return "it holds a control character"
    if not name:
        return "it has no name" if value or equals else "it is empty"
    date = _last(attributes, "expires")
    if date and read_cookie_date(date.encode("latin-1", "replace")) is None:
        return "its Expires is no date"
    age = _last(attributes, "max-age")
    if age and not _DECIMAL.fullmatch(age):
        return "its Max-Age is no number"
    return None


@lru_cache(maxsize=4096)
def _traits(value: bytes) -> frozenset[str]:
    text = unquote(value[:4096].decode("utf-8", "replace"))
    found = {name for name, pattern in _TRAITS.items() if pattern.search(text)}
    claims = _JWT.search(text)
    if claims is not None and _has_personal_claims(claims[1]):
        found.add("personal claims")
    return frozenset(found)


def _has_personal_claims(part: str) -> bool:
    try:
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return False
    return isinstance(claims, dict) and not _PERSONAL_CLAIMS.isdisjoint(claims)
