"""The search for the body: every document, every chunk border, with and without its short cut."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cookieconsent.core import inject
from cookieconsent.core.inject import BodyFinder, Place
from documents import DOCUMENTS, HELD_BACK, WORDS, Document, verdict

MARKUP = b'<div id="cookieconsent-banner"><p>?</p></div>'
# What is left of the short cut when it finds nothing usual: only it passes over white space.
WHITE_SPACE = re.compile(rb"[\t\n\x0c\r ]*+(?:(a)(?!a)(a))?")

documents = pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)


@dataclass(slots=True)
class Scan:
    """What came out of a finder."""

    page: bytes = b""
    place: int | None = None
    ended: Place = Place.SEEKING
    base: str | None = None
    metas: list[dict[str, str]] = field(default_factory=list)
    most_held: int = field(default=0, compare=False)
    first_out: int | None = field(default=None, compare=False)
    """After how many chunks the first byte came out."""


def scan(chunks: Iterable[bytes]) -> Scan:
    """Put a page through a finder, as the engine does."""
    finder, result, seen = BodyFinder(), Scan(), 0
    for number, chunk in enumerate(chunks, start=1):
        if finder.place is not Place.SEEKING:
            result.page += chunk
            continue
        seen += len(chunk)
        data, place = finder.feed(chunk)
        assert (place is not None) == has_found(finder)
        if place is not None:
            result.place = len(result.page) + place
        result.page += data
        assert len(result.page) + len(finder.held) == seen
        result.most_held = max(result.most_held, len(finder.held))
        if result.page and result.first_out is None:
            result.first_out = number
    if finder.place is Place.SEEKING:
        data, place = finder.finish()
        if place is not None:
            result.place = len(result.page) + place
        result.page += data
    result.ended, result.base, result.metas = finder.place, finder.base_href, finder.metas
    return result


def has_found(finder: BodyFinder) -> bool:
    return finder.place is Place.FOUND


def octets(page: bytes) -> Iterator[bytes]:
    return (page[at : at + 1] for at in range(len(page)))


@pytest.fixture
def without_short_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inject, "_USUAL", WHITE_SPACE)


# --- the documents --------------------------------------------------------------------------------


@pytest.mark.hostile(108, 109, 110, 111, 112)
@documents
def test_place_in_a_document(document: Document) -> None:
    result = scan([document.page])
    assert result.page == document.page
    assert result.place == document.place
    assert result.ended is (Place.NOWHERE if document.place is None else Place.FOUND)


@pytest.mark.hostile(108, 109, 110, 111, 112)
@documents
def test_browsers_show_what_goes_there(document: Document) -> None:
    seen = verdict(document.filled(MARKUP), "cookieconsent-banner")
    assert seen == ("none" if document.place is None else "shown")


@pytest.mark.hostile(113)
@documents
def test_every_chunk_border_gives_the_same(document: Document) -> None:
    whole = scan([document.page])
    for at in range(len(document.page) + 1):
        assert scan([document.page[:at], document.page[at:]]) == whole
    assert scan(octets(document.page)) == whole
    assert scan([b"", *octets(document.page), b""]) == whole


@documents
@pytest.mark.usefixtures("without_short_cut")
def test_steps_agree_with_the_short_cut(document: Document) -> None:
    assert scan([document.page]).place == document.place
    assert scan(octets(document.page)).place == document.place


def test_short_cut_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above compares two things only if the steps see nothing of a usual head."""
    page = (
        b"<!doctype html>\n<html lang=en><head><!-- a --><meta charset=utf-8><title>t</title>"
        b"<link rel=a href='b'><style>p{}</style><script>a<b</script></head>\n<body class=c>x"
    )
    monkeypatch.setattr(BodyFinder, "_tag_name", None)
    monkeypatch.setattr(BodyFinder, "_declaration", None)
    assert scan([page]).place == len(page) - 1


@pytest.mark.hostile(130, 131)
@documents
def test_few_octets_wait(document: Document) -> None:
    result = scan(octets(document.page))
    assert result.most_held <= 16
    assert result.first_out is None or result.first_out <= 17


def test_end_after_the_place_adds_nothing() -> None:
    finder = BodyFinder()
    assert finder.feed(b"<body>x") == (b"<body>x", 6)
    assert finder.finish() == (b"", None)
    assert has_found(finder)


# --- pages that nobody wrote down -----------------------------------------------------------------

soups = st.lists(st.sampled_from(WORDS + HELD_BACK), max_size=14).map(b"".join)
judged_soups = st.lists(st.sampled_from(WORDS), max_size=10).map(b"".join)


@pytest.mark.hostile(113)
@given(page=soups | st.binary(max_size=60), cuts=st.tuples(st.integers(0, 99), st.integers(0, 99)))
@example(page=b'<meta content="a>b" http-equiv=refresh><body>x', cuts=(40, 45))
@example(page=b'<meta content=""http-equiv=a><body>x', cuts=(40, 45))
@example(page=b"<html></html>x", cuts=(8, 9))
def test_soup_is_one_whatever_its_chunks(page: bytes, cuts: tuple[int, int]) -> None:
    first, second = sorted(cuts)
    whole = scan([page])
    assert whole.page == page
    assert scan([page[:first], page[first:second], page[second:]]) == whole
    by_octet = scan(octets(page))
    assert by_octet == whole
    assert by_octet.most_held <= 16
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inject, "_USUAL", WHITE_SPACE)
        assert scan([page]) == whole


@given(page=judged_soups)
@example(page=b"<script><!--<script></script>--><body>x")
def test_soup_shows_what_goes_in(page: bytes) -> None:
    result = scan([page])
    if result.place is not None:
        filled = page[: result.place] + MARKUP + page[result.place :]
        assert verdict(filled, "cookieconsent-banner") == "shown"


# --- what is learned on the way -------------------------------------------------------------------

BASES: list[tuple[str, bytes, str | None]] = [
    ("none", b"<head><body>", None),
    ("target alone", b"<base target=_top><body>", None),
    ("quoted", b'<base href="https://cdn.example/"><body>', "https://cdn.example/"),
    ("single quotes", b"<base href='/a>b'><body>", "/a>b"),
    ("unquoted", b"<base href=//cdn.example/><body>", "//cdn.example/"),
    ("capitals", b"<BASE HREF=X><body>", "X"),
    ("references", b"<base href='a&amp;b&#x2f;'><body>", "a&b/"),
    ("first of two elements", b"<base href=a><base href=b><body>", "a"),
    ("first that has one", b"<base target=a><base href=b><body>", "b"),
    ("first of two attributes", b"<base href=a href=b><body>", "a"),
    ("slashes around", b"<base/target='a'/href='b/'/><body>", "b/"),
    ("slashes in a value", b"<base/target=a/href=b/><body>", None),
    ("spaces around the sign", b"<base href = 'a' ><body>", "a"),
    ("behind the body tag", b"<body><base href=a>", None),
    ("in a comment", b"<!-- <base href=a> --><body>", None),
    ("in a script", b"<script>'<base href=a>'</script><body>", None),
    ("in a template", b"<template><base href=a></template><body>", None),
    ("end tag", b"</base href=a><body>", None),
    ("longer name", b"<basefont href=a><body>", None),
]


@pytest.mark.parametrize(("page", "href"), [row[1:] for row in BASES], ids=[r[0] for r in BASES])
def test_base_is_read(page: bytes, href: str | None) -> None:
    assert scan([page]).base == href
    assert scan(octets(page)).base == href


METAS: list[tuple[str, bytes, list[dict[str, str]]]] = [
    ("none", b"<meta charset=utf-8><meta name=a content=b><body>", []),
    (
        "policy",
        b'<head><meta http-equiv="Content-Security-Policy" content="style-src \'self\'"><body>',
        [{"http-equiv": "Content-Security-Policy", "content": "style-src 'self'"}],
    ),
    (
        "content first",
        b"<meta content='a>b' HTTP-EQUIV=refresh><body>",
        [{"content": "a>b", "http-equiv": "refresh"}],
    ),
    (
        "no space between",
        b'<meta name=x content="a"http-equiv="b"><body>',
        [{"name": "x", "content": "a", "http-equiv": "b"}],
    ),
    (
        "two of them",
        b"<meta http-equiv=a><title>t</title><meta http-equiv=b content=c><body>",
        [{"http-equiv": "a"}, {"http-equiv": "b", "content": "c"}],
    ),
    ("word in a value", b"<meta name=a content=' http-equiv=b'><body>", []),
    ("in a comment", b"<!--<meta http-equiv=a>--><body>", []),
    ("behind the body tag", b"<body><meta http-equiv=a>", []),
]


@pytest.mark.parametrize(("page", "metas"), [row[1:] for row in METAS], ids=[r[0] for r in METAS])
def test_policies_are_read(page: bytes, metas: list[dict[str, str]]) -> None:
    assert scan([page]).metas == metas
    assert scan(octets(page)).metas == metas


def test_long_base_is_not_trusted() -> None:
    page = b"<base data-x='" + 20_000 * b"x" + b"' href='/ok'><body>"
    assert scan([page]).base == "http:"
    base = scan([page[:17_000], page[17_000:]]).base
    assert base is not None
    assert base.startswith("http:")


@pytest.mark.hostile(125)
def test_long_policy_is_read() -> None:
    content = b"style-src " + b" ".join(b"'sha256-%044d'" % number for number in range(200))
    page = b'<meta http-equiv=Content-Security-Policy content="' + content + b'"><body>'
    assert scan([page]).metas[0]["content"] == content.decode()


@pytest.mark.hostile(125)
def test_policy_too_long_counts_as_strict() -> None:
    page = b'<meta http-equiv=Content-Security-Policy content="' + 20_000 * b"x" + b'"><body>'
    for chunks in ([page], [page[:17_000], page[17_000:]], [page[:100], page[100:]]):
        (meta,) = scan(chunks).metas
        assert meta["http-equiv"] == "Content-Security-Policy"
        assert "form-action 'none'" in meta["content"]


def test_long_description_is_no_policy() -> None:
    page = b'<meta name=description content="' + 20_000 * b"x" + b'"><body>'
    assert scan([page]).metas == scan([page[:99], page[99:]]).metas == []


@pytest.mark.hostile(130)
def test_number_of_policies_is_bounded() -> None:
    assert len(scan([5000 * b"<meta http-equiv=a>" + b"<body>"]).metas) == 100


# --- cost -----------------------------------------------------------------------------------------

FAMILIES: list[tuple[str, bytes]] = [
    ("comment", b"<!-- -"),
    ("comment borders", b"<!--a--!><!--b--c-->"),
    ("attributes", b"<link a='>' b"),
    ("one long tag", b"<meta name='a' "),
    ("unfinished metas", b"<meta <meta "),
    ("meta without end of quote", b"<meta content='"),
    ("white space", b" \n"),
    ("white space in a base", b"<base " + 4000 * b" " + b"href>"),
    ("titles", b"<title>a</title>"),
    ("title without end", b"<title>a<b "),
    ("scripts in scripts", b"<script><!--<script>"),
    ("script tokens", b"<script></scrip<!--"),
    ("templates", b"<template><a>"),
    ("bogus comments", b"<?a<!b"),
    ("policies", b"<meta http-equiv=a content='b'>"),
]


@pytest.mark.hostile(130)
@pytest.mark.parametrize("family", [row[1] for row in FAMILIES], ids=[row[0] for row in FAMILIES])
@pytest.mark.parametrize("size", [100, 1 << 30], ids=["small chunks", "one chunk"])
def test_cost_grows_linearly(family: bytes, size: int) -> None:
    def cost(octets_: int) -> float:
        page = family * (octets_ // len(family))
        best = float("inf")
        for _ in range(3):
            finder = BodyFinder()
            before = time.thread_time()
            for at in range(0, len(page), size):
                finder.feed(page[at : at + size])
            finder.finish()
            best = min(best, time.thread_time() - before)
        return best

    # Eight times the work, sixty-four times if it were quadratic; in time of this thread alone.
    assert cost(1 << 19) < 24 * cost(1 << 16) + 0.05
