"""Where the markup goes in any document, in any chunks: property 11, and what is held back (18).

The judge is html5lib: whatever was sent, the markup is one element of the body, and the rest of the
bytes are the application's own.
"""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookieconsent.core.inject import BodyFinder, Place
from doors import HTML, Door, Page, both_doors
from oracles.drivers import Answer
from properties.strategies import (
    HTML_ATOMS,
    borders,
    cut_at,
    examples,
    html_soups,
    random_soups,
    stage,
)

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import html5lib

MARK = b'<div id="cookieconsent-banner">x</div>'
HELD = 16
"""The most octets that may wait for the next chunk: an unfinished `<name`."""


def insert(chunks: list[bytes]) -> tuple[bytes, Place]:
    """Return a document with the mark in it."""
    finder = BodyFinder()
    out: list[bytes] = []
    for chunk in chunks:
        if finder.place is not Place.SEEKING:
            out.append(chunk)
            continue
        data, place = finder.feed(chunk)
        assert len(finder.held) <= HELD
        out.append(data if place is None else data[:place] + MARK + data[place:])
    if finder.place is Place.SEEKING:
        data, place = finder.finish()
        out.append(data if place is None else data[:place] + MARK + data[place:])
    return b"".join(out), finder.place


@pytest.mark.hostile(108, 109, 110, 111, 112, 130)
@examples(500)
@given(document=html_soups())
def test_mark_cut_out_leaves_input(document: bytes) -> None:
    out, place = insert([document])
    assert place is not Place.SEEKING
    assert out.count(MARK) == (place is Place.FOUND)
    assert out.replace(MARK, b"", 1) == document


@pytest.mark.hostile(113)
@examples(500)
@given(document=html_soups(), places=borders())
def test_chunk_borders_change_nothing(document: bytes, places: list[int]) -> None:
    whole = insert([document])
    assert insert(cut_at(document, places)) == whole
    assert insert([document[at : at + 1] for at in range(len(document))]) == whole


TOKEN_ATOMS = (
    *(b"<!--", b"-->", b"--!>", b"--", b"-", b"!", b">", b"<", b"<script>", b"</script>", b"<!"),
    *(b"<body>", b"<title>", b"</title>", b" ", b"/", b"'", b'"', b"=", b"<meta a=", b"<head>"),
)
"""Where most of the states of the scanner begin and end."""


@pytest.mark.hostile(113)
def test_single_octets_give_same_page() -> None:
    for document in random_soups(7, TOKEN_ATOMS, 12_000, prefix=b"<!--", size=10):
        whole = insert([document])
        assert insert([document[at : at + 1] for at in range(len(document))]) == whole, document


# --- the judge ------------------------------------------------------------------------------------

_HIDING = frozenset({"script", "style", "template", "textarea", "title", "select", "svg", "math"})


def places_of_mark(document: bytes, *, scripting: bool) -> list[tuple[str, ...]]:
    """Return for each mark in a document the elements it stands in, the innermost last."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        tree = parser.parse(document, override_encoding="utf-8", scripting=scripting)
    found: list[tuple[str, ...]] = []

    def walk(element: Any, path: tuple[str, ...]) -> None:
        for child in element:
            if child.attrib.get("id") == "cookieconsent-banner":
                found.append(path)
            walk(child, (*path, str(child.tag).rpartition("}")[2]))

    walk(tree, ())
    return found


def is_shown(document: bytes, *, scripting: bool) -> bool:
    """Tell whether there is one mark, in the body and in nothing that hides it."""
    found = places_of_mark(document, scripting=scripting)
    return len(found) == 1 and "body" in found[0] and _HIDING.isdisjoint(found[0])


def assert_shown(document: bytes) -> None:
    """Hold one document against html5lib, with and without scripts.

    Two things it cannot judge: it takes templates for ordinary elements, and with scripts off a
    `<noscript>` that breaks off inside a script or comment swallows the page that follows.
    """
    if b"<template" in document.lower():
        return
    out, place = insert([document])
    for scripting in (True, False) if b"<noscript" not in document.lower() else (True,):
        if place is Place.FOUND:
            assert is_shown(out, scripting=scripting), (document, out)
        else:
            assert not places_of_mark(out, scripting=scripting)
            # Nobody gave up too early: a mark at the very end would not be seen either.
            assert not document or not is_shown(document + MARK, scripting=scripting), document


@pytest.mark.hostile(108, 109, 110, 111, 112)
@examples(300)
@given(document=html_soups())
def test_mark_is_shown_in_body(document: bytes) -> None:
    assert_shown(document)


@pytest.mark.hostile(108, 109, 110, 111, 112)
@pytest.mark.parametrize("prefix", [b"", b"<!DOCTYPE html><html><head>"], ids=["bare", "head"])
def test_mark_is_shown_in_thousands(prefix: bytes) -> None:
    for document in random_soups(6, HTML_ATOMS, 5_000, prefix=prefix, size=14):
        assert_shown(document)


@pytest.mark.hostile(109, 111)
@pytest.mark.parametrize("scripting", [True, False], ids=["scripts", "no scripts"])
@pytest.mark.parametrize(
    "document",
    [
        b"<head><noscript><link rel=stylesheet href=x></noscript></head><body>x",
        b"<head><noscript><style></body></style></noscript><title>t</title><body>x",
        b"<head><noscript><iframe src=x></iframe></noscript></head><body class=a>x</body>",
        b"<head><noscript><img src=x></noscript><script>'<body>'</script></head><body>x",
    ],
)
def test_noscript_in_head_hides_nothing(document: bytes, scripting: bool) -> None:
    out, place = insert([document])
    assert place is Place.FOUND
    assert is_shown(out, scripting=scripting)


# --- through both doors ---------------------------------------------------------------------------


def assert_own_bytes_kept(document: bytes, answer: Answer) -> None:
    """Cut the banner out of a page and compare what is left."""
    start = answer.body.find(BANNER)
    if start < 0:
        assert answer.body == document
    else:
        rest = document[start:]
        assert answer.body[:start] == document[:start]
        assert answer.body.endswith(rest)
        banner = answer.body[start : len(answer.body) - len(rest)]
        assert banner.endswith(b"</form></div>")
        assert banner.count(BANNER) == 1
    for length in answer.values(b"content-length"):
        assert int(length) == len(answer.body)


BANNER = b'<div id="cookieconsent-banner"'


@pytest.mark.hostile(113, 122, 131, 148)
@both_doors
@examples(120)
@given(document=html_soups(), places=borders(), with_length=st.booleans())
def test_pages_keep_their_own_bytes(
    door: Door, document: bytes, places: list[int], with_length: bool
) -> None:
    length = [(b"content-length", b"%d" % len(document))] if with_length else []
    chunks = cut_at(document, places)
    answer = stage(door).show(Page(headers=[*HTML, *length], chunks=chunks)).get()
    assert_own_bytes_kept(document, answer)
    assert (BANNER in answer.body) == (insert([document])[1] is Place.FOUND)
    if with_length and document and len(chunks) == 1:
        assert answer.values(b"content-length")
    # Nothing waits for a later chunk but an unfinished name.
    sent = received = 0
    for chunk, out in zip(chunks, answer.chunks, strict=False):
        received, sent = received + len(chunk), sent + len(out)
        assert door == "asgi" or sent >= received - HELD
