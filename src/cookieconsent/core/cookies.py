"""Cookie bytes: `Cookie` into ordered raw segments, `Set-Cookie` into name and attributes, and back.

No library parser may enter: seven of them give four answers to one header, some raise, some take
seconds (see docs/explanation/security.md). Here a name is the bytes before the first `=`, trimmed of
space and tab only; nothing is unquoted, decoded or re-printed; what is kept is kept byte for byte.
May not enter: which cookie is allowed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

WHITE_SPACE = b" \t"
# wsgiref hands down the CR LF of an obsolete line fold; it is white space there (RFC 9112, 5.2).
_FOLD = re.compile(rb"\r?\n[ \t]+")
# A conforming browser cannot have stored these (RFC 6265bis, 5.6 step 1); horizontal tab it can.
_CONTROLS = bytes([*range(0x09), *range(0x0A, 0x20), 0x7F])
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")  # RFC 9110, section 5.6.2

MAX_COOKIE_OCTETS = 4096  # name and value together (RFC 6265bis, 5.6 step 5)
MAX_NAME_OCTETS = 256  # the longest name anybody may declare, in bytes
MAX_ATTRIBUTE_OCTETS = 1024  # a longer attribute value is ignored (RFC 6265bis, 5.6)
MAX_AGE_SECONDS = 34_560_000  # 400 days, the cap of RFC 6265bis, 5.6.2


def is_token(name: bytes) -> bool:
    """Tell whether `name` is an RFC 9110 token, which every cookie name written here must be."""
    return _TOKEN.fullmatch(name) is not None


def has_control(data: bytes) -> bool:
    """Tell whether `data` holds a control byte other than tab."""
    return len(data.translate(None, _CONTROLS)) != len(data)


def join_lines(lines: list[bytes]) -> bytes:
    """Join several `Cookie` field lines into one (RFC 9113, section 8.2.3)."""
    return lines[0] if len(lines) == 1 else b"; ".join(lines)


# Bytes that no parser takes for the start of another cookie, or for anything but themselves.
_PLAIN_BUT_EQUALS = bytes(byte for byte in range(0x21, 0x7F) if byte not in b'",;=[\\]')
_SEPARATOR = b"; "


class CookieHeader:
    """A `Cookie` field value, split once.

    Args:
        value: The field value, several lines joined.
    """

    __slots__ = ("names", "segments", "tidy", "whole")

    names: list[bytes]
    """The name of each cookie, trimmed; empty for one without a name."""
    segments: list[bytes]
    """Each cookie as it arrived, its edges trimmed."""
    tidy: bool
    """Whether browsers write it so: `name=value`, one separator between two, no byte with a meaning."""
    whole: bool
    """Whether all of it is in the segments, so that it may pass unchanged. False where an empty
    segment or one with control bytes was left out."""

    def __init__(self, value: bytes) -> None:
        segments = value.split(_SEPARATOR)
        # What is left of `a=1; b=2=` when all plain bytes are gone: `=; ==`. Without its equals signs
        # it must be separators alone, one less than segments; and each segment must have had one.
        marks = value.translate(None, _PLAIN_BUT_EQUALS)
        self.tidy = self.whole = (
            marks.translate(None, b"=") == _SEPARATOR * (len(segments) - 1)
            and b"; ;" not in b"; %b;" % marks
        )
        if self.tidy:
            self.segments = segments
            self.names = [raw.partition(b"=")[0] for raw in segments]
        else:
            self.segments = self._split(value)
            self.names = [name_of(raw) for raw in self.segments]

    def _split(self, value: bytes) -> list[bytes]:
        parts = value.split(b";")
        self.whole = not has_control(value)
        if not self.whole:
            # A control byte takes its own segment with it, so that it carries nothing anywhere.
            parts = [raw for raw in _FOLD.sub(b" ", value).split(b";") if not has_control(raw)]
        trimmed = [raw.strip(WHITE_SPACE) for raw in parts]
        segments = [raw for raw in trimmed if raw]
        self.whole = self.whole and len(segments) == len(parts)
        return segments

    def values(self, name: bytes) -> list[bytes]:
        """Return the values of the cookies called `name`, trimmed of space and tab."""
        names, values = self.names, []
        place = -1
        for _ in range(names.count(name)):
            place = names.index(name, place + 1)
            values.append(value_of(self.segments[place]))
        return values


def name_of(segment: bytes) -> bytes:
    """Return the name of a raw segment: what precedes the first `=`, trimmed of space and tab."""
    name, equals, _ = segment.partition(b"=")
    return name.strip(WHITE_SPACE) if equals else b""


def value_of(segment: bytes) -> bytes:
    """Return the value of a raw segment: what follows the first `=`, trimmed of space and tab."""
    return segment.partition(b"=")[2].strip(WHITE_SPACE)


@dataclass(frozen=True, slots=True)
class SetCookie:
    """One `Set-Cookie` field value, read as RFC 6265bis, section 5.6 reads it."""

    name: bytes
    """The name, trimmed; empty for a nameless cookie."""
    raw: bytes
    """The field value as it came."""
    rest: bytes
    """The attributes with their leading `;`, as they came."""

    def is_deletion(self, now: float) -> bool:
        """Tell whether a browser that reads this at `now` (POSIX seconds) removes the cookie."""
        max_age: int | None = None
        expires: float | None = None
        for attribute in self.rest.split(b";"):
            key, _, value = attribute.partition(b"=")
            key, value = key.strip(WHITE_SPACE).lower(), value.strip(WHITE_SPACE)
            if len(value) > MAX_ATTRIBUTE_OCTETS:
                continue
            if key == b"max-age" and _MAX_AGE.fullmatch(value):
                # Only the sign matters; int() of a thousand digits would be a waste.
                max_age = -1 if value.startswith(b"-") else int(value.lstrip(b"0")[:9] or b"0")
            elif key == b"expires":
                stamp = read_cookie_date(value)
                expires = expires if stamp is None else stamp
        if max_age is not None:  # Max-Age beats Expires in either order
            return max_age <= 0
        return expires is not None and expires <= now

    def emptied(self) -> bytes:
        """Return the field value with an empty value: a deletion need not carry a payload."""
        return self.name + b"=" + self.rest


_MAX_AGE = re.compile(rb"-?[0-9]+")
# The comma in `Expires=Thu, 01 Jan` has no name and `=` behind it.
_FOLDED = re.compile(rb",[ \t]*[!#$%&'*+\-.^_`|~0-9A-Za-z]+[ \t]*=")


def is_folded(line: bytes) -> bool:
    """Tell whether a `Set-Cookie` value looks like several, joined by commas on their way.

    RFC 6265bis, section 3: they cannot be joined, so browsers see the first cookie alone.
    """
    return b"," in line and _FOLDED.search(line) is not None


def read_set_cookie(line: bytes) -> SetCookie | None:
    """Read a `Set-Cookie` field value; `None` where browsers reject it or it would split a header.

    Control bytes reject the line (RFC 6265bis, 5.6 step 1); a line without a name is no cookie that
    anybody could have declared.
    """
    if has_control(line):
        return None
    pair, semicolon, rest = line.partition(b";")
    name, equals, _ = pair.partition(b"=")
    name = name.strip(WHITE_SPACE)
    if not equals or not name:
        return None
    return SetCookie(name, line, semicolon + rest)


# RFC 6265, section 5.1.1: the cookie-date algorithm, step by step.
_DELIMITER = re.compile(rb"[\x09\x20-\x2f\x3b-\x40\x5b-\x60\x7b-\x7e]+")
_TIME = re.compile(rb"(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\D.*)?", re.DOTALL)
_DAY = re.compile(rb"(\d{1,2})(?:\D.*)?", re.DOTALL)
_YEAR = re.compile(rb"(\d{2,4})(?:\D.*)?", re.DOTALL)
_MONTHS = tuple(b"jan feb mar apr may jun jul aug sep oct nov dec".split())
_TWO_DIGIT_PIVOT = 70
_FIRST_YEAR = 1601


def read_cookie_date(text: bytes) -> float | None:
    """Read a cookie date (RFC 6265, section 5.1.1) as POSIX seconds; `None` where it has none."""
    time_of_day: tuple[int, int, int] | None = None
    day = month = year = None
    for token in _DELIMITER.split(text):
        if time_of_day is None and (found := _TIME.fullmatch(token)):
            time_of_day = (int(found[1]), int(found[2]), int(found[3]))
        elif day is None and (found := _DAY.fullmatch(token)):
            day = int(found[1])
        elif month is None and token[:3].lower() in _MONTHS:
            month = _MONTHS.index(token[:3].lower()) + 1
        elif year is None and (found := _YEAR.fullmatch(token)):
            year = _full_year(int(found[1]))
    if time_of_day is None or day is None or month is None or year is None or year < _FIRST_YEAR:
        return None
    try:
        moment = datetime(year, month, day, *time_of_day, tzinfo=UTC)
    except ValueError:
        return None
    return (moment - _EPOCH) / timedelta(seconds=1)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _full_year(year: int) -> int:
    if year < _TWO_DIGIT_PIVOT:
        return 2000 + year
    return 1900 + year if year <= 99 else year  # noqa: PLR2004 - two digits


@dataclass(frozen=True, slots=True, order=True)
class Scope:
    """Where a cookie lives: with its name, what a deletion must repeat (RFC 6265bis, 5.7)."""

    domain: str | None = None
    """The `Domain` attribute; `None` for a host-only cookie."""
    path: str = "/"
    """The `Path` attribute."""
    partitioned: bool = False
    """Whether the cookie lives in a partition (CHIPS); its deletion must say so."""


_PAST = b"; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0"
_SECURE_PREFIXES = (b"__host-", b"__secure-", b"__http-")


def expire(name: bytes, scope: Scope, *, secure: bool) -> bytes | None:
    """Write the `Set-Cookie` value that removes a cookie; `None` where no such value can work.

    Obeys the name prefixes (RFC 6265bis, 4.1.3; layered cookies for `__Http-`), compared in lower
    case as browsers do: `__Host-` has no `Domain` and `Path=/`, both need `Secure`, and a page
    loaded over plain http cannot remove them.

    Args:
        name: The cookie name; a token or a name the site declared.
        scope: Where the cookie lives.
        secure: Whether the page is served over https, where `Secure` is always written: over plain
            http a browser ignores it.
    """
    http_only = False
    if name.startswith(b"__"):
        prefix = name[:12].lower()
        if prefix.startswith(b"__host-") and (scope.domain is not None or scope.path != "/"):
            return None
        secure = secure or prefix.startswith(_SECURE_PREFIXES)
        http_only = prefix.startswith((b"__http-", b"__host-http-"))
    return name + _expiry(scope, secure or scope.partitioned, http_only)


@lru_cache(maxsize=256)  # a page has few scopes, and many names live in each
def _expiry(scope: Scope, secure: bool, http_only: bool) -> bytes:  # noqa: FBT001 - cached by place
    parts = [b"=", _PAST, b"; Path=", scope.path.encode("ascii")]
    if scope.domain is not None:
        parts += [b"; Domain=", scope.domain.encode("ascii")]
    if secure:
        parts.append(b"; Secure")
    if http_only:
        parts.append(b"; HttpOnly")
    if scope.partitioned:
        parts.append(b"; Partitioned")
    return b"".join(parts)


_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTH_NAMES = tuple(month.decode().title() for month in _MONTHS)


def http_date(seconds: float) -> bytes:
    """Write POSIX seconds as an IMF-fixdate (RFC 9110, 5.6.7), the same in every C locale."""
    moment = _EPOCH + timedelta(seconds=seconds)
    return (
        f"{_WEEKDAYS[moment.weekday()]}, {moment:%d} {_MONTH_NAMES[moment.month - 1]} "
        f"{moment.year:04d} {moment:%H:%M:%S} GMT"
    ).encode("ascii")


def write(
    name: bytes, value: bytes, *, max_age: int, expires: float, secure: bool, domain: str | None
) -> bytes:
    """Write the `Set-Cookie` value of a cookie of ours: whole site, hidden from page scripts.

    Args:
        name: The cookie name.
        value: Its value, base64url and dots only.
        max_age: Lifetime in seconds; 0 removes the cookie.
        expires: The same end as POSIX seconds, for agents that know no Max-Age.
        secure: Whether to say `Secure`.
        domain: The `Domain` attribute, or `None` for a host-only cookie.
    """
    parts = [name, b"=", value, b"; Expires=", http_date(expires), b"; Max-Age=%d" % max_age]
    parts.append(b"; Path=/")
    if domain is not None:
        parts.append(b"; Domain=" + domain.encode("ascii"))
    if secure:
        parts.append(b"; Secure")
    parts.append(b"; HttpOnly; SameSite=Lax")
    return b"".join(parts)
