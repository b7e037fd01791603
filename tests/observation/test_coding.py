"""Bodies as readers of markup take them."""

from __future__ import annotations

import gzip
import zlib

import pytest

from cookieconsent.observation.answer import MAX_BODY_OCTETS, Answer
from cookieconsent.observation.coding import plain

PAGE = "<h1>Caf\u00e9</h1>"
HTML = PAGE.encode()


def answer(body: bytes, coding: str = "", kind: str = "text/html") -> Answer:
    headers = [(b"content-type", kind.encode()), (b"content-encoding", coding.encode())]
    return Answer(status=200, headers=headers, body=body)


def bare(data: bytes) -> bytes:
    squeezed = zlib.compressobj(wbits=-15)
    return squeezed.compress(data) + squeezed.flush()


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (HTML, ""),
        (HTML, "identity"),
        (gzip.compress(HTML), "gzip"),
        (gzip.compress(HTML), "X-GZIP"),
        (zlib.compress(HTML), "deflate"),
        (bare(HTML), "deflate"),
        (gzip.compress(zlib.compress(HTML)), "deflate, gzip"),
        (gzip.compress(gzip.compress(HTML)), "gzip,, gzip"),
    ],
    ids=["none", "identity", "gzip", "x-gzip", "zlib", "bare deflate", "two", "one twice"],
)
def test_codings_are_taken_off(body: bytes, coding: str) -> None:
    found = plain(answer(body, coding))
    assert (found.body, found.whole) == (HTML, True)


@pytest.mark.parametrize(
    ("body", "coding"),
    [(HTML, "br"), (HTML, "gzip"), (HTML, "zstd, gzip"), (b"", "gzip, br")],
    ids=["br", "no gzip", "zstd", "two"],
)
def test_what_cannot_be_taken_off_is_not_whole(body: bytes, coding: str) -> None:
    found = plain(answer(body, coding))
    assert (found.body, found.whole) == (b"", False)


def test_little_that_becomes_much_is_cut() -> None:
    found = plain(answer(gzip.compress(bytes(MAX_BODY_OCTETS + 1)), "gzip"))
    assert (len(found.body), found.whole) == (MAX_BODY_OCTETS, False)


def test_a_coded_body_without_an_end_is_read_as_far_as_it_goes() -> None:
    whole = gzip.compress(HTML * 1000)
    cut = Answer(status=200, headers=[(b"content-encoding", b"gzip")], body=whole[:-20])
    found = plain(cut)
    assert found.body.startswith(HTML)
    assert not found.whole


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("\ufeff" + PAGE, "text/html"),
        (PAGE, "text/html; charset=utf-16le"),
        (PAGE, 'text/html; charset="UTF-16"'),
    ],
    ids=["mark", "little end", "quoted"],
)
def test_letters_of_sixteen_bits_become_utf_8(body: str, kind: str) -> None:
    assert plain(answer(body.encode("utf-16-le"), kind=kind)).body == body.encode()


def test_big_end_first() -> None:
    assert plain(answer(PAGE.encode("utf-16-be"), kind="text/html; charset=utf-16be")).body == HTML


def test_other_charsets_stay() -> None:
    body = PAGE.encode("latin-1")
    assert plain(answer(body, kind="text/html; charset=iso-8859-1")).body == body
