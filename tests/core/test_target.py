"""Where a visitor may be sent back to: nothing that a browser reads as another site."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cookieconsent.core import target
from cookieconsent.core.target import MAX_TARGET_OCTETS, page_target, safe_target

KEPT = [
    "/",
    "/a",
    "/a/b?c=d&e=f",
    "/a?next=//evil.example",
    "/a?u=https://evil.example/",
    "/a//b",
    "/a/?",
    "/%20%C3%A4",
    "/%2Fevil.example/x",
    "/a/..",
    "/a/../b",
    "/:@!$&'()*+,;=~-._",
    "/" + "a" * (MAX_TARGET_OCTETS - 1),
]
REFUSED = [
    "",
    "a",
    "?a",
    "#a",
    ".",
    "//",
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/a\\b",
    "/a?b=\\",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r/evil.example",
    " //evil.example",
    "\x01//evil.example",
    "/a b",
    "/a\x7f",
    "/\u00e4",
    "\uff0f\uff0fevil.example",
    ".//evil.example",
    "/.//evil.example",
    "/.//%2e",
    "/a/..//.",
    "/a/..//x/..",
    "/..//evil.example",
    "/a/..//evil.example",
    "/a/b/../..//evil.example",
    "/%2e//evil.example",
    "/%2E%2e//evil.example",
    "/./%2e//evil.example",
    "https:evil.example",
    "https:///evil.example",
    "http://x@evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "//[",
    "/a#b",
    "/a%0d%0aSet-Cookie:%20y=1",
    "/a%0A",
    "/a%00",
    "/a?b=%1f",
    "/a%7F",
    "/a\r\nSet-Cookie: y=1",
    "/" + "a" * MAX_TARGET_OCTETS,
]


@pytest.mark.parametrize("value", KEPT)
def test_path_of_this_site_is_kept(value: str) -> None:
    assert safe_target(value) == value


@pytest.mark.parametrize("value", REFUSED, ids=repr)
def test_anything_else_is_refused(value: str) -> None:
    assert safe_target(value) is None


BASE = "https://shop.example/deep/page"
PIECES = st.sampled_from(
    [
        *"/\\.?#%:@;&= \t\n",
        "..",
        "//",
        "%2e",
        "%2F",
        "%5c",
        "%0d",
        "%0a",
        "a",
        "b/",
        "evil.example",
        "https:",
    ]
)


@given(st.lists(PIECES, max_size=12).map("".join))
@example("/%2e%2e//evil.example")
def test_kept_target_stays_on_the_site(value: str) -> None:
    """By the standard library's idea of a relative address, dot segments removed."""
    kept = safe_target(value)
    if kept is None:
        return
    assert kept == value
    joined = urlsplit(urljoin(BASE, value.replace("%2e", ".").replace("%2E", ".")))
    assert (joined.scheme, joined.netloc) == ("https", "shop.example")
    assert not joined.path.startswith("//")
    assert all("!" <= char <= "~" for char in kept)


TARGETS: list[tuple[str, str, str, bytes, str | None]] = [
    ("plain", "", "/a", b"", "/a"),
    ("query", "", "/a", b"b=c&d", "/a?b=c&d"),
    ("prefix added", "/shop", "/a", b"", "/shop/a"),
    ("prefix there", "/shop", "/shop/a", b"", "/shop/a"),
    ("prefix alone", "/shop", "/shop", b"", "/shop"),
    ("similar path is no prefix", "/shop", "/shopping", b"", "/shop/shopping"),
    ("no path", "", "", b"", "/"),
    ("letters elsewhere", "", "/\u00e4", b"", "/%C3%A4"),
    ("bytes that are no UTF-8", "", "/a\udcff", b"", "/a%FF"),
    ("space and quote", "", '/a "b"', b"", "/a%20%22b%22"),
    ("percent sign", "", "/100%", b"", "/100%25"),
    ("question mark in the path", "", "/a?b", b"c", "/a%3Fb?c"),
    ("hash in the path", "", "/a#b", b"", "/a%23b"),
    ("decoded slash", "", "//evil.example/x", b"", "/%2Fevil.example/x"),
    ("two decoded slashes", "", "///evil.example", b"", "/%2F%2Fevil.example"),
    ("decoded slash with dots", "", "//evil.example/../", b"", "/%2Fevil.example/../"),
    ("backslash", "", "/\\evil.example", b"", "/%5Cevil.example"),
    ("line break in the path", "", "/a\r\nb", b"", None),
    ("line break in the query", "", "/a", b"b=%0d%0a", None),
    ("raw line break in the query", "", "/a", b"b=\r\n", None),
    ("hash in the query", "", "/a", b"b#c", "/a?b%23c"),
    ("high bytes in the query", "", "/a", b"b=\xe4\xff", "/a?b=%E4%FF"),
    ("too long", "", "/" + "a" * 2100, b"", None),
]


@pytest.mark.parametrize(
    ("root", "path", "query", "expected"),
    [row[1:] for row in TARGETS],
    ids=[row[0] for row in TARGETS],
)
def test_page_target(root: str, path: str, query: bytes, expected: str | None) -> None:
    assert page_target(root, path, query) == expected


@given(st.text(max_size=20), st.binary(max_size=20))
@example("//evil.example/..//", b"")
@example("/..//evil.example", b"")
@example("/\udcff", b"")
def test_page_target_is_safe_or_none(path: str, query: bytes) -> None:
    target = page_target("", path, query)
    assert target is None or safe_target(target) == target


WORDS = st.text(alphabet="/ab.%2e~?#;&=\\:é ", max_size=12)


@given(root=st.sampled_from(["", "/shop", "/shop/"]), path=WORDS.map("/".__add__), query=WORDS)
def test_plain_address_goes_the_short_way_to_the_same_end(root: str, path: str, query: str) -> None:
    """What is taken as it is would come out of the long way unchanged."""
    octets = query.encode("utf-8")
    short = page_target(root, path, octets)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(target, "_PLAIN_PATH", re.compile("(?!)"))
        assert page_target(root, path, octets) == short
