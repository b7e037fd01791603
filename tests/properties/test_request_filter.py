"""What the filter does to a `Cookie` header, for any bytes: properties 2 to 8 of hostile input.

The judges are seven parsers of other people: whatever they see in what is left must be allowed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import combinations, pairwise
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookieconsent.core.cookies import CookieHeader
from cookieconsent.core.filter import DENIED, PASSES, CookieFilter
from cookieconsent.engine.consent import Consent
from cookieconsent.engine.state import ConsentState
from doors import NAVIGATION, Site, both_doors, request_to
from oracles.parsers import PARSERS, SPLIT_ON_SEMICOLON, parse
from properties.strategies import (
    COOKIE_ATOMS,
    ODD_COOKIES,
    SWITCHABLE,
    UNICODE_SPACES,
    config,
    cookie_lines,
    examples,
    filter_of,
    filtered,
    random_soups,
)

PLAIN = Consent(config())
ODD = Consent(config(ODD_COOKIES))
OPEN = Consent(config(ODD_COOKIES, undeclared="allow"))
GRANTS = [grant for size in range(3) for grant in combinations(SWITCHABLE, size)]

sites = pytest.mark.parametrize(
    "consent",
    [
        pytest.param(PLAIN, id="plain names"),
        pytest.param(ODD, id="odd names"),
        pytest.param(OPEN, id="undeclared allowed"),
    ],
)


def leaks(cookie_filter: CookieFilter, header: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the parsers that see a cookie in a filtered header which may not pass."""
    strict = cookie_filter.verdict(b"nobody declared this") != PASSES
    for parser in PARSERS:
        for name, values in parse(parser, header).items():
            verdict = cookie_filter.verdict(name)
            unknown = strict and verdict != PASSES and parser in SPLIT_ON_SEMICOLON
            if (verdict == DENIED and not is_bare_word(parser, name, values, header)) or unknown:
                yield parser, name


def is_bare_word(parser: str, name: bytes, values: list[bytes], header: bytes) -> bool:
    """Tell whether a name is only a word without `=`, which aiohttp takes for an empty cookie.

    `note=see you` is such a note, so a word is left where it stands: there is no value to see.
    """
    has_value = re.search(rb"(?:^|[\s;])" + re.escape(name) + rb"\s*=", header)
    return parser == "aiohttp" and not any(values) and has_value is None


def pieces(header: bytes | None) -> list[bytes]:
    return [] if header is None else [piece.strip(b" \t") for piece in header.split(b";")]


# --- what an application can see ------------------------------------------------------------------


@pytest.mark.hostile(14, 15, 17, 20, 21)
@sites
@examples(300)
@given(line=cookie_lines(), grant=st.sampled_from(GRANTS))
def test_no_parser_sees_denied_cookies(
    consent: Consent, line: bytes, grant: tuple[str, ...]
) -> None:
    cookie_filter = filter_of(consent, *grant)
    header = filtered(cookie_filter, line).header
    assert header is None or not list(leaks(cookie_filter, header))


@pytest.mark.hostile(20, 21)
@sites
@pytest.mark.parametrize("seed", [1, 2])
def test_thousands_of_soups_leak_nothing(consent: Consent, seed: int) -> None:
    cookie_filter = filter_of(consent)
    for line in random_soups(seed, COOKIE_ATOMS, 12_000, prefix=b"sid="):
        header = filtered(cookie_filter, line).header
        found = [] if header is None else list(leaks(cookie_filter, header))
        assert not found, (line, header)


def test_bare_words_stay_where_they_are() -> None:
    """The one thing left to see: aiohttp takes a word for a cookie, but it has no value."""
    header = filtered(filter_of(PLAIN), b"sid=see _ga; cart=1").header
    assert header == b"sid=see _ga; cart=1"
    assert parse("aiohttp", header)[b"_ga"] == [b""]


STARTERS = frozenset([*range(0x21), *b'",[\\]', *range(0x7F, 0x100)])
"""The bytes at which some parser starts a cookie inside a value (measured)."""


@pytest.mark.hostile(20, 24)
@pytest.mark.parametrize("octet", range(256), ids="0x{:02x}".format)
def test_each_octet_before_denied_name(octet: int) -> None:
    line = b"sid=x" + bytes([octet]) + b"_ga=1; cart=2"
    header = filtered(filter_of(PLAIN), line).header
    if octet == ord(";"):
        assert header == b"sid=x; cart=2"
    elif octet == 0x7F or (octet < 0x20 and octet != ord("\t")):
        assert header == b"cart=2"  # the whole segment: no browser can have stored it
    else:
        assert header == (b"sid=x; cart=2" if octet in STARTERS else line)


@pytest.mark.parametrize("octet", range(256), ids="0x{:02x}".format)
def test_only_those_octets_start_cookies(octet: int) -> None:
    """The list of bytes is right and no longer than it must be, as far as these parsers tell."""
    line = b"sid=x" + bytes([octet]) + b"_ga=1"
    seen = any(b"_ga" in names(line) for names in PARSERS.values())
    assert not seen or octet in STARTERS or octet == ord(";")


@pytest.mark.hostile(20)
@pytest.mark.parametrize(
    "line",
    [
        b'cart={"a":1,"b":2}',
        b"sid=/p?_ga=2.1",
        b"sid=a=_ga=1",
        b"sid=x_ga=1",
        b"sid=x-_ga=1",
        b"sid=x, y=1",
        b"sid=x,_gax=1",
        b"sid=x,xx_ga_1=1",
        b'sid="_ga"',
        b"sid=_ga, ads",
        "sid=Käse _gö=1".encode(),
        b"sid=base64+/==",
    ],
)
def test_innocent_values_stay_byte_for_byte(line: bytes) -> None:
    assert filtered(filter_of(PLAIN), line).header == line


@pytest.mark.hostile(20)
@pytest.mark.parametrize(
    ("line", "kept"),
    [
        (b"sid=1, _ga=2", b"sid=1"),
        (b"sid=1,_ga=2", b"sid=1"),
        (b"sid=1 _ga=2", b"sid=1"),
        (b"sid=1\t_ga=2", b"sid=1"),
        (b"sid=1,_ga =2", b"sid=1"),
        (b"cart=x\xe2\x80\x80_ga=1", b"cart=x"),
        (b"sid=1 _ga\xe3\x80\x80=2", b"sid=1"),
        (b"sid=1 _ga\xe2\x80\xa8=2", b"sid=1"),
        (b"sid=1 _ga\xc2\xa0=2", b"sid=1"),
        (b"sid=1,_ga_X=2", b"sid=1"),
        (b"sid=1 _ga_[1]=2", b"sid=1"),
        (b"sid=1 wp[user]=2", b"sid=1"),
        (b"sid=xwp[user] wp[user]=2", b"sid=xwp[user]"),
        (b"sid=1,odd[a[b]]=2", b"sid=1"),
        (b"sid=1 my cookie=2", b"sid=1"),
        ("sid=1 größe=2".encode(), b"sid=1"),
        (b"sid=1,a,b=2", b"sid=1"),
        ("sid=ä_ga=1".encode(), b"sid="),
        ("sid=1ö,_ga=1".encode(), "sid=1ö".encode()),
        (b"sid=a,b=1 _fbp=1; cart=2", b"sid=a,b=1; cart=2"),
    ],
)
def test_hidden_cookies_are_cut_off(line: bytes, kept: bytes) -> None:
    assert filtered(filter_of(ODD), line).header == kept


@pytest.mark.hostile(20)
@pytest.mark.parametrize(
    "space", [char for char in map(chr, range(0x80, 0x3001)) if char.isspace()], ids=ascii
)
def test_each_space_behind_hidden_name(space: str) -> None:
    """Parsers trim a name in Latin-1 or in UTF-8, with all the white space of Unicode."""
    for encoding in ("utf-8", "latin-1") if space < "\u0100" else ("utf-8",):
        line = b"sid=1 _ga" + space.encode(encoding) + b"=2"
        assert filtered(filter_of(PLAIN), line).header == b"sid=1"


# --- what is kept ---------------------------------------------------------------------------------


@pytest.mark.hostile(1, 2, 3, 5, 6, 7, 10, 13, 19, 23)
@sites
@examples(300)
@given(lines=st.lists(cookie_lines(), max_size=3), grant=st.sampled_from(GRANTS))
def test_kept_segments_come_from_input(
    consent: Consent, lines: list[bytes], grant: tuple[str, ...]
) -> None:
    """Bytes and order stay: each piece is found in the input, behind the one before it."""
    whole = b"; ".join(lines)
    place = 0
    for piece in pieces(filtered(filter_of(consent, *grant), *lines).header):
        # An obsolete line fold is white space, whatever its bytes were.
        found = re.sub(rb"\r?\n[ \t]+", b" ", whole).find(piece, place)
        assert found >= 0, (piece, place)
        place = found + len(piece)


@pytest.mark.hostile(1, 4, 11, 12, 16, 26, 27, 28)
@examples(300)
@given(line=cookie_lines(), grant=st.sampled_from(GRANTS))
def test_kept_names_are_allowed_exactly(line: bytes, grant: tuple[str, ...]) -> None:
    allowed = {b"sid", b"cart", PLAIN.cookie_name}
    allowed |= {b"_ga"} if "analytics" in grant else set()
    allowed |= {b"ads"} if "advertising" in grant else set()
    for piece in pieces(filtered(filter_of(PLAIN, *grant), line).header):
        name, equals, _ = piece.partition(b"=")
        name = name.strip(b" \t")
        in_glob = "analytics" in grant and name.startswith(b"_ga_")
        shipped = PLAIN.registry.classify(name)
        in_catalogue = shipped.source == "catalogue" and (
            shipped.cls in {"authentication", "cart", "consent", *grant}
        )
        assert equals
        assert name in allowed or in_glob or in_catalogue


@pytest.mark.hostile(55)
@examples(200)
@given(
    values=st.lists(
        st.tuples(
            st.sampled_from([b"sid", b"cart", b"_ga", b"_ga_1", b"ads"]),
            st.binary(max_size=12).map(
                lambda value: value.translate(None, bytes([*range(32), 0x7F, ord(";")]))
            ),
        ),
        min_size=1,
        max_size=6,
    ),
    joint=st.sampled_from([b"; ", b";", b" ;\t"]),
)
def test_full_consent_changes_nothing(values: list[tuple[bytes, bytes]], joint: bytes) -> None:
    line = joint.join(name + b"=" + value for name, value in values)
    result = filtered(filter_of(PLAIN, *SWITCHABLE), line)
    assert result.header == line
    assert not result.changed


@sites
@examples(200)
@given(line=cookie_lines())
def test_text_that_was_utf8_stays_utf8(consent: Consent, line: bytes) -> None:
    """Werkzeug loses every cookie to one byte that is no UTF-8, so none may be made."""
    header = filtered(filter_of(consent), line).header
    if header is not None and is_utf8(line):
        assert is_utf8(header)


def is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


@sites
@examples(300)
@given(line=cookie_lines(), less=st.sampled_from(GRANTS), more=st.sampled_from(GRANTS))
def test_granting_more_removes_nothing(
    consent: Consent, line: bytes, less: tuple[str, ...], more: tuple[str, ...]
) -> None:
    few = pieces(filtered(filter_of(consent, *less), line).header)
    many = pieces(filtered(filter_of(consent, *less, *more), line).header)
    # The one with less is found in the other in order, a value cut short counting as found.
    rest = iter(many)
    assert all(any(other.startswith(piece) for other in rest) for piece in few), (few, many)


@pytest.mark.hostile(42)
@sites
@examples(300)
@given(lines=st.lists(cookie_lines(), max_size=3), grant=st.sampled_from(GRANTS))
def test_filtering_twice_changes_nothing(
    consent: Consent, lines: list[bytes], grant: tuple[str, ...]
) -> None:
    cookie_filter = filter_of(consent, *grant)
    once = filtered(cookie_filter, *lines).header
    if once is not None:
        twice = filtered(cookie_filter, once)
        assert twice.header == once
        assert not twice.stripped


@pytest.mark.hostile(32, 33, 34)
@sites
@examples(300)
@given(line=cookie_lines(), data=st.data())
def test_crumbs_give_the_same_view(consent: Consent, line: bytes, data: st.DataObject) -> None:
    """HTTP/2 may cut a header at any semicolon into several lines."""
    segments = line.split(b";")
    cuts = data.draw(st.sets(st.integers(1, max(1, len(segments) - 1))))
    edges = [0, *sorted(cuts), len(segments)]
    crumbs = [b";".join(segments[a:b]) for a, b in pairwise(edges)]
    cookie_filter = filter_of(consent)
    whole, cut = filtered(cookie_filter, line), filtered(cookie_filter, *crumbs)
    assert [p for p in pieces(whole.header) if p] == [p for p in pieces(cut.header) if p]
    assert whole.stripped == cut.stripped


# --- names in disguise ----------------------------------------------------------------------------

DISGUISES = {
    "upper case": bytes.upper,
    "title case": bytes.title,
    "percent": lambda name: b"%%%02X" % name[0] + name[1:],
    "full width": lambda name: "".join(chr(0xFEE0 + octet) for octet in name).encode(),
    **{
        f"{space!r} {place}": put
        for space in (*UNICODE_SPACES, b"\xa0", b"\x85", b"\x0b", b"\x1c")
        for place, put in (
            ("before", lambda name, space=space: space + name),
            ("behind", lambda name, space=space: name + space),
        )
    },
}


def normal_forms(name: bytes) -> set[bytes]:
    """Return what the most generous reader might make of a name."""
    forms = {name}
    for encoding in ("latin-1", "utf-8"):
        text = unquote_to_bytes(name).decode(encoding, "replace").strip().strip("\ufeff\u200b")
        forms.add(unicodedata.normalize("NFKC", text).casefold().encode())
    return forms


@pytest.mark.hostile(11, 12, 21, 31)
@pytest.mark.parametrize("disguise", DISGUISES.values(), ids=DISGUISES)
@pytest.mark.parametrize("consent", [PLAIN, OPEN], ids=["block", "allow"])
def test_disguised_names_are_not_the_name(consent: Consent, disguise: object) -> None:
    assert callable(disguise)
    name = disguise(b"_ga")
    assert b"_ga" in normal_forms(name)
    assert name != b"_ga"
    for grant in GRANTS:
        cookie_filter = filter_of(consent, *grant)
        header = filtered(cookie_filter, b"cart=1; " + name + b"=1; sid=2").header
        assert header is not None
        assert not list(leaks(cookie_filter, header))
        if consent is PLAIN:
            assert header == b"cart=1; sid=2"


@pytest.mark.hostile(21)
@examples(300)
@given(
    before=st.lists(st.sampled_from(UNICODE_SPACES), max_size=2).map(b"".join),
    name=st.sampled_from([b"_ga", b"_ga_1", b"ads", b"_fbp", b"sid"]),
    behind=st.binary(max_size=2),
)
def test_names_near_a_denied_one_are_denied(before: bytes, name: bytes, behind: bytes) -> None:
    raw = before + name + behind.translate(None, b"=;")
    for piece in pieces(filtered(filter_of(PLAIN), raw + b"=1").header):
        assert piece.partition(b"=")[0].strip(b" \t") == b"sid" == raw.strip(b" \t")


@pytest.mark.hostile(22)
@both_doors
@pytest.mark.parametrize("space", [*UNICODE_SPACES, b"\xa0", b"\x85"], ids=repr)
def test_disguised_consent_is_no_consent(door: str, space: bytes) -> None:
    site = Site("asgi" if door == "asgi" else "wsgi", config=config())
    token = site.answer_cookie("accept")
    for cookie in (space + token, token.replace(b"=", space + b"=", 1)):
        site.get(cookie=cookie + b"; sid=1")
        assert not site.asked[-1].state.decided
        assert site.asked[-1].cookie == b"sid=1"
    site.get(cookie=token + b"; sid=1")
    assert site.asked[-1].state.decided


@examples(200)
@given(lines=st.lists(cookie_lines(), max_size=3))
def test_any_cookies_leave_visitor_undecided(lines: list[bytes]) -> None:
    """Nobody guesses a signature: without one of ours nothing is ever allowed."""
    exchange = request_to(PLAIN, cookies=lines, base=NAVIGATION)
    assert exchange.ruling.decision.ask
    assert not ConsentState(exchange).allows("analytics")


def test_segments_of_anything_are_whole() -> None:
    """A header is "whole" only where joining its segments would lose nothing."""
    for line in random_soups(3, COOKIE_ATOMS, 5_000):
        cookies = CookieHeader(line)
        if cookies.whole:
            assert pieces(line) == cookies.segments
