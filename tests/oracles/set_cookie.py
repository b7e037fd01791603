"""One `Set-Cookie` line: read as a user agent reads it, judged as a server must write it.

Sources, cited by these short names below:

* "bis": RFC 6265bis, "Cookies: HTTP State Management Mechanism" (the Internet-Draft).
* "layered": its successor draft, "layered cookies", which restates the same rules on byte
  sequences and adds the `__Http-` and `__Host-Http-` prefixes.
* CHIPS: the `Partitioned` attribute.

Reading and judging are deliberately far apart: a user agent takes nearly anything (bis 5.6), a
server may send very little (bis 4.1.1). This module is the only parser the oracles own; the jar
builds on it.

Two slips of the layered draft are not followed: it resets "max-age seen" for each attribute, so
that `Expires` could beat an earlier `Max-Age` (bis 5.7 step 6 says it never does), and one of its
editions asks http-only to be *false* for an `__Http-` cookie. Where the two drafts differ, this
module does what bis says and browsers do:

* `SameSite=Strict; SameSite=odd` is "default" (bis 5.6.7: the last attribute counts, known or not).
* `Path=/a; Path=odd` is the default path (bis 5.6.4), and does not count as "has a `Path`" for the
  `__Host-` prefix (layered; a user agent compares the attribute as it was written).
* An empty `Domain` means "host-only" (bis 5.7 step 10).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = [
    "AGE_LIMIT",
    "EARLIEST",
    "Moment",
    "Reason",
    "Rejected",
    "SameSite",
    "SetCookie",
    "assert_strict",
    "is_deletion",
    "name_of",
    "parse",
    "parse_date",
    "seconds",
]

AGE_LIMIT: Final = 400 * 24 * 60 * 60
"""Seconds a cookie may live at most (bis 5.5, layered "cookie age limit")."""

EARLIEST: Final = -11_644_473_600.0
"""The "earliest representable time": 1601-01-01, the first year of cookie dates (RFC 6265 5.1.1)."""

PAIR_LIMIT: Final = 4096  # octets of name plus value, "=" not counted (bis 5.7 step 4)
ATTRIBUTE_LIMIT: Final = 1024  # octets of one attribute's value (bis 5.6 step 6)
WSP: Final = b" \t"  # RFC 5234 B.1

Moment: TypeAlias = float | datetime
"""A point in time: seconds since 1970-01-01 UTC, or an aware `datetime`."""


class Reason(StrEnum):
    """Why a user agent ignores a cookie, in the order in which the rules are tried."""

    CONTROL = "the line holds a control character"
    EMPTY = "name and value are both empty"
    TOO_LARGE = "name and value are longer than 4096 octets together"
    BAD_DOMAIN = "the Domain attribute is not ASCII"
    PUBLIC_SUFFIX = "the Domain attribute is a public suffix"
    FOREIGN_DOMAIN = "the host does not domain-match the Domain attribute"
    INSECURE_ORIGIN = "a Secure cookie from an insecure origin"
    SCRIPT_HTTP_ONLY = "an HttpOnly cookie from a script"
    SECURE_LEFT_ALONE = "an insecure origin may not lay a cookie over a Secure one"
    CROSS_SITE = "a SameSite cookie from a cross-site request"
    NONE_WITHOUT_SECURE = "SameSite=None without Secure"
    PARTITIONED_WITHOUT_SECURE = "Partitioned without Secure"
    SECURE_PREFIX = "the __Secure- prefix needs Secure"
    HOST_PREFIX = "the __Host- prefix needs Secure, Path=/ and no Domain"
    HTTP_PREFIX = "the __Http- prefix needs Secure and HttpOnly"
    NAMELESS_PREFIX = "a nameless cookie's value looks like a prefixed name"
    SCRIPT_OVERWRITE = "a script may not replace an HttpOnly cookie"


class SameSite(StrEnum):
    """A cookie's same-site-flag (bis 5.6.7); "default" when absent or not understood."""

    STRICT = "strict"
    LAX = "lax"
    NONE = "none"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Rejected:
    """A cookie that the user agent ignores, and why."""

    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCookie:
    """What one line says, before any host, clock or store is looked at."""

    name: bytes
    value: bytes
    max_age: int | None = None
    """Seconds as written: not capped, may be negative. `None`: no understandable `Max-Age`."""
    expires: float | None = None
    """The last understandable `Expires`, in seconds since 1970; not capped."""
    domain: str | None = None
    """Lower-cased, without one leading dot, bytes as Latin-1; `None` or empty: host-only."""
    path: str | None = None
    """Bytes as Latin-1; `None`: the default path of the request applies."""
    secure: bool = False
    http_only: bool = False
    same_site: SameSite = SameSite.DEFAULT
    partitioned: bool = False

    def expiry(self, now: Moment, age_limit: float = AGE_LIMIT) -> float | None:
        """Tell when the cookie expires if it arrives at `now`; `None` for a session cookie."""
        start = seconds(now)
        # Max-Age wins wherever it stands (bis 5.7 step 6).
        if self.max_age is not None:
            # Zero and negative ages mean "the earliest representable time" (bis 5.6.2).
            return start + min(self.max_age, age_limit) if self.max_age > 0 else EARLIEST
        return None if self.expires is None else min(self.expires, start + age_limit)


def seconds(moment: Moment) -> float:
    """Turn a moment into seconds since 1970-01-01 UTC."""
    if isinstance(moment, datetime):
        if moment.tzinfo is None:
            msg = "a moment given as datetime needs a time zone"
            raise ValueError(msg)
        return moment.timestamp()
    return float(moment)


# --- reading: bis 5.6 ---------------------------------------------------------------------------

_CONTROLS: Final = frozenset(range(0x20)) - {0x09} | {0x7F}


def parse(line: bytes) -> SetCookie | Rejected:
    """Read one `Set-Cookie` value as bis 5.6 and layered "Parse a Cookie" do."""
    if not _CONTROLS.isdisjoint(line):
        return Rejected(Reason.CONTROL)  # bis 5.6 step 1: all controls except HTAB
    pair, _, rest = line.partition(b";")
    # Without "=" the whole text is the *value* of a nameless cookie (bis 5.6 step 3).
    left, equals, right = pair.partition(b"=")
    name, value = (left, right) if equals else (b"", left)
    name, value = name.strip(WSP), value.strip(WSP)
    if not name and not value:
        return Rejected(Reason.EMPTY)
    if len(name) + len(value) > PAIR_LIMIT:
        return Rejected(Reason.TOO_LARGE)
    cookie = SetCookie(name=name, value=value)
    for attribute, text in _attributes(rest):
        reader = _READERS.get(attribute)
        if reader is not None:
            cookie = reader(cookie, text)
    return cookie


def _attributes(text: bytes) -> Iterator[tuple[bytes, bytes]]:
    for piece in text.split(b";"):
        name, _, value = piece.partition(b"=")
        value = value.strip(WSP)
        # An over-long attribute is skipped, the cookie stays (bis 5.6, attribute step 6).
        if len(value) <= ATTRIBUTE_LIMIT:
            yield name.strip(WSP).lower(), value


def _read_expires(cookie: SetCookie, text: bytes) -> SetCookie:
    moment = parse_date(text)
    return cookie if moment is None else replace(cookie, expires=moment)


def _read_max_age(cookie: SetCookie, text: bytes) -> SetCookie:
    # Digits with at most one "-" before them, else the attribute is ignored (bis 5.6.2).
    return replace(cookie, max_age=int(text)) if re.fullmatch(rb"-?[0-9]+", text) else cookie


def _read_domain(cookie: SetCookie, text: bytes) -> SetCookie:
    return replace(cookie, domain=text.removeprefix(b".").lower().decode("latin-1"))


def _read_path(cookie: SetCookie, text: bytes) -> SetCookie:
    return replace(cookie, path=text.decode("latin-1") if text.startswith(b"/") else None)


def _read_secure(cookie: SetCookie, _text: bytes) -> SetCookie:
    return replace(cookie, secure=True)


def _read_http_only(cookie: SetCookie, _text: bytes) -> SetCookie:
    return replace(cookie, http_only=True)


def _read_partitioned(cookie: SetCookie, _text: bytes) -> SetCookie:
    return replace(cookie, partitioned=True)


_SAME_SITE: Final = {
    b"strict": SameSite.STRICT,
    b"lax": SameSite.LAX,
    b"none": SameSite.NONE,
}


def _read_same_site(cookie: SetCookie, text: bytes) -> SetCookie:
    return replace(cookie, same_site=_SAME_SITE.get(text.lower(), SameSite.DEFAULT))


_READERS: Final[Mapping[bytes, Callable[[SetCookie, bytes], SetCookie]]] = {
    b"expires": _read_expires,
    b"max-age": _read_max_age,
    b"domain": _read_domain,
    b"path": _read_path,
    b"secure": _read_secure,
    b"httponly": _read_http_only,
    b"samesite": _read_same_site,
    b"partitioned": _read_partitioned,
}

# The cookie-date grammar of RFC 6265 5.1.1. Everything that is not a delimiter belongs to a token.
_DATE_TOKEN: Final = re.compile(rb"[^\x09\x20-\x2f\x3b-\x40\x5b-\x60\x7b-\x7e]+")
_TIME: Final = re.compile(rb"([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?![0-9])")
_DAY: Final = re.compile(rb"([0-9]{1,2})(?![0-9])")
_MONTH: Final = re.compile(rb"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)", re.IGNORECASE)
_YEAR: Final = re.compile(rb"([0-9]{2,4})(?![0-9])")
_MONTHS: Final = b"jan feb mar apr may jun jul aug sep oct nov dec".split()
_PARTS: Final = (("time", _TIME), ("day", _DAY), ("month", _MONTH), ("year", _YEAR))


def parse_date(text: bytes) -> float | None:
    """Read a cookie-date (RFC 6265 5.1.1): seconds since 1970, or `None` if it is not one."""
    found: dict[str, tuple[bytes, ...]] = {}
    for token in _DATE_TOKEN.findall(text):
        for part, pattern in _PARTS:
            # Each part is found once; the first production that fits takes the token.
            if part not in found and (match := pattern.match(token)):
                found[part] = match.groups()
                break
    return _moment(found) if len(found) == len(_PARTS) else None


def _moment(found: Mapping[str, tuple[bytes, ...]]) -> float | None:
    year = _full_year(int(found["year"][0]))
    month = _MONTHS.index(found["month"][0].lower()) + 1
    hour, minute, second = map(int, found["time"])
    if year < 1601:  # step 5
        return None
    try:
        # Hours over 23, day 0 or 31 April: "no such date exists" (steps 5 and 6).
        moment = datetime(year, month, int(found["day"][0]), hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    return moment.timestamp()


def _full_year(year: int) -> int:
    # Steps 3 and 4: 70-99 belong to the last century, 0-69 to this one.
    if year <= 69:
        return year + 2000
    return year + 1900 if year <= 99 else year


# --- questions ----------------------------------------------------------------------------------


def name_of(line: bytes) -> bytes | None:
    """Tell the cookie's name; empty for a nameless cookie, `None` if the line is ignored."""
    cookie = parse(line)
    return None if isinstance(cookie, Rejected) else cookie.name


def is_deletion(line: bytes, now: Moment) -> bool:
    """Tell whether a user agent that gets the line at `now` is left without the cookie.

    Only the lifetime is judged. Whether the right cookie goes depends on domain, path, partition
    and prefix rules, which the jar knows.
    """
    cookie = parse(line)
    if isinstance(cookie, Rejected):
        return False
    expiry = cookie.expiry(now)
    return expiry is not None and expiry <= seconds(now)


# --- judging: bis 4.1.1 -------------------------------------------------------------------------

_TOKEN: Final = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")  # RFC 9110 5.6.2
_OCTETS: Final = rb"[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*"  # cookie-octet, bis 4.1.1
_VALUE: Final = re.compile(_OCTETS + rb'|"' + _OCTETS + rb'"')
_PATH_VALUE: Final = re.compile(rb"/[\x20-\x3a\x3c-\x7e]*")  # av-octets
_LABEL: Final = rb"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"  # RFC 1034 3.5, RFC 1123 2.1
_DOMAIN_VALUE: Final = re.compile(_LABEL + rb"(?:\." + _LABEL + rb")*")
_DIGITS: Final = re.compile(rb"[0-9]+")
_SAME_SITE_VALUE: Final = re.compile(rb"Strict|Lax|None")
_FLAGS: Final = frozenset({b"secure", b"httponly", b"partitioned"})


def assert_strict(line: bytes) -> None:
    """Fail unless the line is one that a careful server sends (bis 4.1.1, 4.1.3; CHIPS).

    Stricter than the grammar in four points, all of them advice in the same section: `"; "` between
    the parts, no attribute twice, no attribute but the known ones, and no `Max-Age` over 400 days.
    """
    pair, *attributes = line.split(b"; ")
    name, equals, value = pair.partition(b"=")
    _require(bool(equals), line, "there is no '=' in the cookie-pair")
    _require(_TOKEN.fullmatch(name), line, "the name is not a token")
    _require(_VALUE.fullmatch(value), line, "the value holds more than cookie-octets")
    _require(len(name) + len(value) <= PAIR_LIMIT, line, Reason.TOO_LARGE)
    seen: dict[bytes, bytes] = {}
    for attribute in attributes:
        key, value = _strict_attribute(line, attribute)
        _require(key not in seen, line, f"the attribute {key!r} stands twice")
        seen[key] = value
    _assert_combination(line, name.lower(), seen)


def _require(condition: object, line: bytes, sentence: str) -> None:
    if not condition:
        msg = f"{sentence}: {line!r}"
        raise AssertionError(msg)


def _strict_attribute(line: bytes, attribute: bytes) -> tuple[bytes, bytes]:
    name, equals, value = attribute.partition(b"=")
    key = name.lower()
    _require(len(value) <= ATTRIBUTE_LIMIT, line, f"the attribute {key!r} is too long")
    if key in _FLAGS:
        _require(not equals, line, f"the attribute {key!r} takes no value")
    else:
        check = _STRICT_VALUES.get(key)
        _require(check, line, f"{attribute!r} is no attribute of bis 4.1.1")
        _require(equals and check and check(value), line, f"{attribute!r} breaks its grammar")
    return key, value


def _is_fixdate(value: bytes) -> bool:
    # sane-cookie-date is IMF-fixdate (RFC 9110 5.6.7), day name and all.
    moment = parse_date(value)
    if moment is None:
        return False
    day = datetime.fromtimestamp(moment, UTC)
    month = _MONTHS[day.month - 1].capitalize().decode()
    week_day = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[day.weekday()]
    text = f"{week_day}, {day.day:02} {month} {day.year:04} {day:%H:%M:%S} GMT"
    return text.encode() == value


_STRICT_VALUES: Final[Mapping[bytes, Callable[[bytes], object]]] = {
    b"expires": _is_fixdate,
    # layered allows "0"; bis still asks for a non-zero first digit, which nobody obeys: a deletion
    # by Max-Age=0 is what every framework sends and every user agent takes.
    b"max-age": lambda value: _DIGITS.fullmatch(value) and int(value) <= AGE_LIMIT,
    b"domain": _DOMAIN_VALUE.fullmatch,
    b"path": _PATH_VALUE.fullmatch,
    b"samesite": _SAME_SITE_VALUE.fullmatch,
}


def _assert_combination(line: bytes, name: bytes, seen: Mapping[bytes, bytes]) -> None:
    secure = b"secure" in seen
    if seen.get(b"samesite") == b"None":
        _require(secure, line, Reason.NONE_WITHOUT_SECURE)  # bis 5.7 step 19
    if b"partitioned" in seen:
        _require(secure, line, Reason.PARTITIONED_WITHOUT_SECURE)  # CHIPS
    # bis 4.1.3 and layered "Cookie Name Prefixes"; user agents ignore the prefix's case.
    if name.startswith(b"__secure-"):
        _require(secure, line, Reason.SECURE_PREFIX)
    if name.startswith(b"__host-"):
        bound = secure and seen.get(b"path") == b"/" and b"domain" not in seen
        _require(bound, line, Reason.HOST_PREFIX)
    if name.startswith((b"__http-", b"__host-http-")):
        _require(secure and b"httponly" in seen, line, Reason.HTTP_PREFIX)
