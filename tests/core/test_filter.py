"""What passes the filter, for one set of allowed classes: segments inwards, lines outwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from cookieconsent.core import filter as filter_module
from cookieconsent.core.cookies import CookieHeader, join_lines
from cookieconsent.core.filter import (
    DENIED,
    MEMO_NAMES,
    PASSES,
    UNKNOWN,
    CookieFilter,
    Filtered,
    Verdict,
)
from cookieconsent.core.registry import Classification as Known
from cookieconsent.core.registry import Cookie, Registry, Rule
from oracles.parsers import PARSERS

NOW = datetime(2026, 3, 1, tzinfo=UTC).timestamp()
OWN = b"__Host-cookieconsent"
EXEMPT = frozenset({"authentication", "cart", "consent"})
EVERYTHING = EXEMPT | {"analytics"}

COOKIES = [
    Cookie("sid", "authentication"),
    Cookie("cart", "cart"),
    Cookie("_ga", "analytics"),
    Cookie("_ga_*", "analytics"),
]
CATALOGUE = [Rule(b"_fbp", Known("advertising", "catalogue", "_fbp", "Meta", None))]


def filter_of(
    *cookies: Cookie,
    allowed: frozenset[str] = EXEMPT,
    undeclared: bool = False,
    report: Callable[[bytes, Verdict], None] | None = None,
) -> CookieFilter:
    registry = Registry([*COOKIES, *cookies], CATALOGUE)
    return CookieFilter(registry, allowed, OWN, undeclared=undeclared, report=report)


def run(cookie_filter: CookieFilter, *lines: bytes) -> Filtered:
    """Return what the filter makes of the `Cookie` lines of one request."""
    return cookie_filter.request(list(lines), CookieHeader(join_lines(list(lines))))


def parts(filtered: Filtered) -> tuple[bytes | None, bool, list[bytes], list[bytes]]:
    return filtered.header, filtered.changed, filtered.stripped, filtered.denied


CLOSED, OPEN = filter_of(), filter_of(allowed=EVERYTHING)

# --- inwards ------------------------------------------------------------------------------------

# header, what is left, what was taken out, what of it is known
REQUESTS: list[tuple[str, bytes, bytes | None, list[bytes], list[bytes]]] = [
    ("all allowed", b"sid=1; cart=2", b"sid=1; cart=2", [], []),
    ("denied", b"sid=1; _ga=2; cart=3", b"sid=1; cart=3", [b"_ga"], [b"_ga"]),
    ("denied by glob", b"_ga_1=2; sid=1", b"sid=1", [b"_ga_1"], [b"_ga_1"]),
    ("denied by catalogue", b"_fbp=2; sid=1", b"sid=1", [b"_fbp"], [b"_fbp"]),
    ("undeclared", b"x=2; sid=1", b"sid=1", [b"x"], []),
    ("nameless", b"x; =y; sid=1", b"sid=1", [b"", b""], []),
    ("dollar sign", b"$Version=1; sid=1; $Path=/", b"sid=1", [b"$Version", b"$Path"], []),
    ("nothing left", b"_ga=2", None, [b"_ga"], [b"_ga"]),
    ("own cookie", b"__Host-cookieconsent=x.y; sid=1", b"__Host-cookieconsent=x.y; sid=1", [], []),
    ("repeated denied", b"_ga=1; _ga=2", None, [b"_ga", b"_ga"], [b"_ga", b"_ga"]),
    ("repeated allowed", b"sid=1; sid=2", b"sid=1; sid=2", [], []),
    ("odd separators pass whole", b"sid=1;cart=2", b"sid=1;cart=2", [], []),
    ("odd separators of the rest", b"sid=1;_ga=2;cart=3", b"sid=1; cart=3", [b"_ga"], [b"_ga"]),
    ("empty segments vanish", b";sid=1;;", b"sid=1", [], []),
    ("control bytes vanish", b"sid=1\x01; cart=2", b"cart=2", [], []),
]


@pytest.mark.parametrize(
    ("header", "left", "stripped", "denied"),
    [row[1:] for row in REQUESTS],
    ids=[row[0] for row in REQUESTS],
)
def test_request(
    header: bytes, left: bytes | None, stripped: list[bytes], denied: list[bytes]
) -> None:
    assert parts(run(CLOSED, header)) == (left, left != header, stripped, denied)


def test_request_with_everything_allowed() -> None:
    """Undeclared names go even then; the catalogue's other classes too."""
    header = b"sid=1;_ga=2; _ga_1=x y,z; x=1; _fbp=3"
    assert parts(run(OPEN, header)) == (
        b"sid=1; _ga=2; _ga_1=x y,z",
        True,
        [b"x", b"_fbp"],
        [b"_fbp"],
    )
    assert parts(run(OPEN, b"sid=1;_ga=2")) == (b"sid=1;_ga=2", False, [], [])


def test_several_lines_become_one() -> None:
    assert parts(run(CLOSED, b"sid=1", b"cart=2")) == (b"sid=1; cart=2", True, [], [])
    assert parts(run(CLOSED, b"sid=1;", b" cart=2")) == (b"sid=1; cart=2", True, [], [])
    assert run(CLOSED, b"_ga=1", b"_ga=2").header is None


# header, what is left, what was hidden
HIDDEN: list[tuple[str, bytes, bytes, list[bytes]]] = [
    ("comma", b"sid=1,_ga=2", b"sid=1", [b"_ga"]),
    ("comma and space", b"sid=1, _ga=2", b"sid=1", [b"_ga"]),
    ("space", b"sid=1 _ga=2", b"sid=1", [b"_ga"]),
    ("tab", b"sid=1\t_ga=2", b"sid=1", [b"_ga"]),
    ("white space of Unicode", b"cart=x\xe2\x80\x80_ga=1", b"cart=x", [b"_ga"]),
    ("no-break space of Latin-1", b"cart=x\xa0_ga=1", b"cart=x", [b"_ga"]),
    ("lead byte alone", b"cart=x\xff_ga=1", b"cart=x", [b"_ga"]),
    ("bytes of a letter", b"cart=\xc3\xa9_ga=1", b"cart=", [b"_ga"]),
    ("letter before the white space", b"cart=\xc3\xa9 _ga=1", b"cart=\xc3\xa9", [b"_ga"]),
    ("quote", b'cart="x"_ga=1', b'cart="x', [b"_ga"]),
    ("bracket", b"cart=[1]_ga=1", b"cart=[1", [b"_ga"]),
    ("opening bracket", b"cart=[_ga=1", b"cart=", [b"_ga"]),
    ("backslash", b"cart=x\\_ga=1", b"cart=x", [b"_ga"]),
    ("space before the equals sign", b"sid=1,_ga =2", b"sid=1", [b"_ga"]),
    ("wide space before the equals sign", b"sid=1,_ga\xe3\x80\x80=2", b"sid=1", [b"_ga"]),
    ("glob", b"sid=1,_ga_X=2", b"sid=1", [b"_ga_X"]),
    ("catalogue", b"sid=1,_fbp=2", b"sid=1", [b"_fbp"]),
    ("the first counts", b"sid=1,_fbp=2,_ga=3", b"sid=1", [b"_fbp"]),
    ("behind an allowed one", b"sid=1,cart=2,_ga=3", b"sid=1,cart=2", [b"_ga"]),
    ("behind an unknown one", b"sid=1,x=2,_ga=3", b"sid=1,x=2", [b"_ga"]),
    ("empty value", b"sid=,_ga=3", b"sid=", [b"_ga"]),
    ("directly behind the equals sign", b"sid= _ga=3", b"sid=", [b"_ga"]),
    ("separators go with it", b"sid=1 , ,\t_ga=3", b"sid=1", [b"_ga"]),
    ("in an own cookie", OWN + b"=x,_ga=3", OWN + b"=x", [b"_ga"]),
    ("JSON", b'cart={"a":1,"b":2}', b'cart={"a":1,"b":2}', []),
    ("address", b"cart=/p?_ga=2.1", b"cart=/p?_ga=2.1", []),
    ("ampersand", b"cart=a&_ga=2", b"cart=a&_ga=2", []),
    ("octal escape", b'sid="x\\073 _ga=1"', b'sid="x\\073', [b"_ga"]),
    ("no equals sign", b"sid=1,_ga", b"sid=1,_ga", []),
    ("other case", b"sid=1,_GA=2", b"sid=1,_GA=2", []),
    ("longer name", b"sid=1,x_ga=2", b"sid=1,x_ga=2", []),
]


@pytest.mark.parametrize(
    ("header", "left", "hidden"), [row[1:] for row in HIDDEN], ids=[row[0] for row in HIDDEN]
)
def test_hidden_cookie_is_cut(header: bytes, left: bytes, hidden: list[bytes]) -> None:
    before, after = b"cart=0; " + header, b"; sid=9"
    filtered = run(CLOSED, before + after)
    assert parts(filtered) == (b"cart=0; " + left + after, bool(hidden), hidden, [])
    assert filtered.header is not None
    assert parts(run(CLOSED, filtered.header)) == (filtered.header, False, [], [])


@pytest.mark.parametrize("name", PARSERS)
def test_no_byte_hides_a_cookie(name: str) -> None:
    """Every byte, before the name and behind it, seen with the eyes of each parser."""
    seen = []
    for byte in (bytes([value]) for value in range(256) if value != ord(";")):
        for header in (
            b"sid=1" + byte + b"_ga=2",
            b'sid="1"' + byte + b"_ga=2",
            b'sid="1' + byte + b'_ga=2"',
            b"sid=1," + byte + b"_ga=2",
            b"sid=1,_ga" + byte + b"=2",
            b"sid=1 _ga" + byte + byte + b"=2",
        ):
            left = run(CLOSED, header).header
            if left is not None and b"_ga" in PARSERS[name](left):
                seen.append((header, left))
    assert not seen


@pytest.mark.parametrize("name", PARSERS)
def test_no_character_hides_a_cookie(name: str) -> None:
    """The white space of Unicode and its neighbours, in UTF-8."""
    spaces = [chr(code) for code in range(0x10000) if chr(code).isspace()]
    seen = []
    for character in [*spaces, "\u200b", "\ufeff", "\u00e9", "\U0001f36a"]:
        text = character.encode()
        for header in (b"sid=1" + text + b"_ga=2", b"sid=1,_ga" + text + b"=2"):
            left = run(CLOSED, header).header
            if left is not None and b"_ga" in PARSERS[name](left):
                seen.append((header, left))
    assert not seen


ODD = filter_of(
    Cookie("wp[u]", "analytics"), Cookie("my cookie", "analytics"), Cookie("x[*]y*", "analytics")
)


@pytest.mark.parametrize(
    ("header", "left", "hidden"),
    [
        (b"sid=1 wp[u]=2", b"sid=1", [b"wp[u]"]),
        (b"sid=wp[u]=1 wp[u]=2", b"sid=wp[u]=1", [b"wp[u]"]),
        (b"sid=1 wp[u]=2,_ga=3", b"sid=1", [b"wp[u]"]),
        (b"sid=1,_ga=2 wp[u]=3", b"sid=1", [b"_ga"]),
        (b"sid=1,my cookie=2", b"sid=1", [b"my cookie"]),
        (b"sid=1 x[5]yz=2", b"sid=1", [b"x[5]yz"]),
        (b"sid=1 wp[v]=2", b"sid=1 wp[v]=2", []),
        (b"sid=wp[u]", b"sid=wp[u]", []),
        (b"wp[u]=1; sid=2", b"sid=2", [b"wp[u]"]),
    ],
)
def test_hidden_odd_names(header: bytes, left: bytes, hidden: list[bytes]) -> None:
    """Declared names that are no tokens hold the very bytes at which others begin."""
    filtered = run(ODD, header)
    assert (filtered.header, filtered.stripped) == (left, hidden)


# --- undeclared names that may pass -------------------------------------------------------------

LENIENT = filter_of(undeclared=True)


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        (b"x", PASSES),
        (b"sid", PASSES),
        (b"\xc3\xa9t\xc3\xa9", PASSES),
        (b"a b", PASSES),
        (b"_GA", PASSES),
        (b"_ga", DENIED),
        (b"_ga_1", DENIED),
        (b"_fbp", DENIED),
        (b"", UNKNOWN),
        (b"$Version", UNKNOWN),
        (b"\xa0_ga", UNKNOWN),
        (b"_ga\xa0", UNKNOWN),
        (b"\x85_ga", UNKNOWN),
        (b"\xc2\xa0_ga", UNKNOWN),
        (b"_ga\xe3\x80\x80", UNKNOWN),
        (b"\xe2\x80\x80_ga_1", UNKNOWN),
        (b"x,_ga", UNKNOWN),
        (b"x _ga", UNKNOWN),
        (b'"_ga', UNKNOWN),
        (b"[_ga", UNKNOWN),
    ],
)
def test_undeclared_allowed_but_no_disguise(name: bytes, verdict: Verdict) -> None:
    """Where undeclared names pass, one out of which a parser reads a denied name does not."""
    assert LENIENT.verdict(name) == verdict
    assert LENIENT.response(name + b"=1", NOW) == (name + b"=1" if verdict == PASSES else None)


@pytest.mark.parametrize("name", PARSERS)
def test_no_disguise_reaches_a_parser(name: str) -> None:
    seen = []
    for value in range(256):
        byte = bytes([value])
        for header in (byte + b"_ga=1", b"_ga" + byte + b"=1", b"x" + byte + b"_ga=1"):
            left = run(LENIENT, header).header
            if left is not None and b"_ga" in PARSERS[name](left):
                seen.append((header, left))
    assert not seen


def test_hidden_in_an_undeclared_value() -> None:
    assert run(LENIENT, b"x=1,_ga=2; y=3").header == b"x=1; y=3"


# --- outwards -----------------------------------------------------------------------------------

GONE = b"; Max-Age=0; Path=/; Domain=shop.example; Secure; Partitioned"

RESPONSES: list[tuple[str, bytes, bytes | None]] = [
    ("allowed", b"sid=1; HttpOnly", b"sid=1; HttpOnly"),
    ("allowed, oddly written", b" sid = a b,c ; path=/;;", b" sid = a b,c ; path=/;;"),
    ("denied", b"_ga=1", None),
    ("denied by glob", b"_ga_X=1; Path=/", None),
    ("undeclared", b"x=1", None),
    ("nameless", b"_ga", None),
    ("control byte", b"sid=1\x01", None),
    ("deletion of a denied one", b"_ga=" + GONE, b"_ga=" + GONE),
    ("deletion with a payload", b"_ga=ID123" + GONE, b"_ga=" + GONE),
    ("deletion of an undeclared one", b"x=ID; Max-Age=-1", b"x=; Max-Age=-1"),
    ("deletion of an oddly named one", b"wp[u]=1; Max-Age=0", b"wp[u]=; Max-Age=0"),
    ("false deletion", b"_ga=v; Max-Age=0; Max-Age=60", None),
    ("own cookie", OWN + b"=forged; Path=/; Secure", None),
    ("own cookie deleted", OWN + b"=; Max-Age=0; Path=/; Secure", None),
    ("own cookie in other letters", b"__host-cookieconsent=1", None),
]


@pytest.mark.parametrize(
    ("line", "left"), [row[1:] for row in RESPONSES], ids=[row[0] for row in RESPONSES]
)
def test_response(line: bytes, left: bytes | None) -> None:
    assert CLOSED.response(line, NOW) == left


@pytest.mark.parametrize(
    "line", [b"sid=1", b"_ga=1; Max-Age=0", b'_ga=a b,c"d; path=/;;', b"_ga_1=x; bad attribute"]
)
def test_response_with_everything_allowed(line: bytes) -> None:
    assert OPEN.response(line, NOW) is line


def test_deletion_is_judged_by_the_clock() -> None:
    line = b"_ga=1; Expires=Fri, 01 Jan 2027 00:00:00 GMT"
    assert CLOSED.response(line, NOW) is None
    later = datetime(2028, 1, 1, tzinfo=UTC).timestamp()
    assert CLOSED.response(line, later) == b"_ga=" + line.removeprefix(b"_ga=1")


# --- memory and reports -------------------------------------------------------------------------


def test_names_are_reported_when_first_judged() -> None:
    reports: list[tuple[bytes, Verdict]] = []
    cookie_filter = filter_of(report=lambda name, verdict: reports.append((name, verdict)))
    for _ in range(3):
        run(cookie_filter, b"sid=1; _ga=2; x=3; _ga=4")
        cookie_filter.response(b"x=1", NOW)
    assert reports == [(b"_ga", DENIED), (b"x", UNKNOWN)]


def test_hidden_denied_name_is_reported() -> None:
    reports: list[bytes] = []
    cookie_filter = filter_of(report=lambda name, _: reports.append(name))
    run(cookie_filter, b"sid=1,y=2,_ga=3")
    assert reports == [b"_ga"]


def test_memory_is_bounded() -> None:
    """Visitors invent names; a bounded number of bounded length is remembered."""
    cookie_filter = filter_of()
    run(cookie_filter, b"; ".join(b"n%d=1" % number for number in range(MEMO_NAMES * 2)))
    long_name = b"x" * 257
    run(filter_of(), long_name + b"=1")
    assert len(cookie_filter._verdicts) <= MEMO_NAMES
    other = filter_of()
    assert other.verdict(long_name) == UNKNOWN
    assert long_name not in other._verdicts
    assert cookie_filter.verdict(b"_ga_later") == DENIED


def test_remembered_verdict_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    cookie_filter = filter_of()
    assert cookie_filter.verdict(b"_ga_1") == DENIED
    monkeypatch.setattr(filter_module.CookieFilter, "_judge", None)
    assert cookie_filter.verdict(b"_ga_1") == DENIED
    assert run(cookie_filter, b"_ga_1=1").denied == [b"_ga_1"]
