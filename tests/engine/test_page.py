"""Which answers markup goes into, and what their heads and validators say then."""

from __future__ import annotations

import codecs
import string
from collections.abc import Callable

import pytest
from webencodings.labels import LABELS

from cookieconsent.core.headers import Head, HeaderList
from cookieconsent.core.inject import BodyFinder
from cookieconsent.core.policy import PagePolicy
from cookieconsent.core.validators import mark_etag, mark_validators, own_etags
from cookieconsent.engine.config import Config
from cookieconsent.engine.consent import Consent
from cookieconsent.engine.exchange import Exchange
from cookieconsent.engine.page import (
    Insertion,
    Markup,
    can_carry,
    forget_bytes,
    is_alterable,
    is_encoded,
    is_html,
    is_indifferent,
    length_of,
    remove_digests,
    shows_page,
)

TYPES: list[tuple[bytes, bool]] = [
    (b"", False),
    (b"text/html", True),
    (b"TEXT/HTML", True),
    (b"text/html;charset=utf-8", True),
    (b"Text/Html ; charset=utf-8", True),
    (b" text/html", True),
    (b"\ttext/html\t", True),
    (b"text/html;", True),
    (b"text/htmlx", False),
    (b"text/html charset=utf-8", False),
    (b"text/html, text/plain", False),
    (b"x-text/html", False),
    (b"application/json", False),
    (b"application/xhtml+xml", False),
    (b"text/event-stream", False),
    (b"multipart/x-mixed-replace; boundary=text/html", False),
    (b"text/plain; a=text/html", False),
]


@pytest.mark.hostile(116)
@pytest.mark.parametrize(("content_type", "expected"), TYPES)
def test_content_type_of_pages(content_type: bytes, expected: bool) -> None:
    assert is_html(content_type) is expected


@pytest.mark.hostile(120)
@pytest.mark.parametrize("status", range(100, 600))
def test_status_that_shows_a_page(status: int) -> None:
    silent = status < 200 or status in {204, 205, 206} or 300 <= status < 400
    assert shows_page(status) is not silent
    assert can_carry(status, Head([(b"content-type", b"text/html")])) is not silent


def is_html_in(charset: str) -> bool:
    return can_carry(200, Head([(b"content-type", b"text/html; charset=" + charset.encode())]))


@pytest.mark.hostile(117)
@pytest.mark.parametrize("label", sorted(LABELS))
def test_every_label_of_the_encoding_standard(label: str) -> None:
    encoding = LABELS[label]
    stateful = encoding in {"utf-16be", "utf-16le", "iso-2022-jp", "replacement"}
    assert is_html_in(label) is not stateful
    assert is_html_in(label.upper()) is not stateful


@pytest.mark.hostile(117)
@pytest.mark.parametrize("label", sorted(LABELS))
def test_ascii_is_ascii_where_markup_goes_in(label: str) -> None:
    """The table above is right: a second opinion from Python's own codecs, where it has them."""
    try:
        codec = codecs.lookup(LABELS[label])
    except LookupError:
        return
    if is_html_in(label):
        assert string.printable.encode(codec.name) == string.printable.encode("ascii")


@pytest.mark.hostile(117)
@pytest.mark.parametrize(
    "label",
    [
        *("utf-7", "utf-16", "UTF-32", "utf-32le", "ucs-4", "iso-2022-jp", "ISO-2022-KR", "hz"),
        *(
            "cp037",
            "cp297",
            "cp500",
            "cp1140",
            "cp1141",
            "ibm037",
            "ebcdic-cp-us",
            "scsu",
            "bocu-1",
        ),
        *("nonsense", "'utf-8'", "utf", "8859-1", "iso-8859-99", "latinx", "none", "*"),
    ],
)
def test_other_labels_carry_nothing(label: str) -> None:
    assert not is_html_in(label)


CARRIERS: list[tuple[str, HeaderList, bool]] = [
    ("no type", [(b"x", b"text/html")], False),
    ("plain", [(b"content-type", b"text/html")], True),
    ("name in any case", [(b"Content-Type", b"text/html")], True),
    ("quoted charset", [(b"content-type", b'text/html; charset="utf-8"')], True),
    ("space in the quotes", [(b"content-type", b'text/html; charset=" utf-16"')], False),
    ("quoted wide charset", [(b"content-type", b'text/html;charset="UTF-16"')], False),
    ("empty charset", [(b"content-type", b"text/html; charset=")], True),
    ("spaces around", [(b"content-type", b"text/html ; Charset = UTF-8 ; x=y")], True),
    ("first charset", [(b"content-type", b"text/html;charset=utf-16;charset=utf-8")], False),
    ("two types", [(b"content-type", b"text/html"), (b"Content-Type", b"text/html")], False),
    (
        "attachment",
        [(b"content-type", b"text/html"), (b"content-disposition", b"Attachment; filename=a")],
        False,
    ),
    (
        "attachment and space",
        [(b"content-type", b"text/html"), (b"content-disposition", b" attachment ")],
        False,
    ),
    (
        "unknown disposition",
        [(b"content-type", b"text/html"), (b"content-disposition", b"form-data; name=a")],
        False,
    ),
    (
        "second disposition",
        [
            (b"content-type", b"text/html"),
            (b"content-disposition", b"inline"),
            (b"content-disposition", b"attachment"),
        ],
        False,
    ),
    (
        "inline",
        [(b"content-type", b"text/html"), (b"content-disposition", b"INLINE; filename=a")],
        True,
    ),
    (
        "name alone",
        [(b"content-type", b"text/html"), (b"content-disposition", b"filename=a.html")],
        True,
    ),
    (
        "range",
        [(b"content-type", b"text/html"), (b"content-range", b"bytes 0-1/5")],
        False,
    ),
]


@pytest.mark.hostile(116, 117, 119, 120)
@pytest.mark.parametrize(
    ("headers", "expected"), [row[1:] for row in CARRIERS], ids=[row[0] for row in CARRIERS]
)
def test_head_of_a_page(headers: HeaderList, expected: bool) -> None:
    assert can_carry(200, Head(headers)) is expected


INDIFFERENT: list[tuple[str, int, object, bool]] = [
    ("nothing", 200, [], True),
    ("JSON", 200, [(b"content-type", b"application/json"), (b"content-length", b"2")], True),
    ("image", 200, [(b"content-type", b"image/png"), (b"etag", b'"a"')], True),
    ("redirect", 303, [(b"location", b"/")], True),
    ("page", 200, [(b"content-type", b"text/html")], False),
    ("page in capitals", 200, [(b"content-type", b"TEXT/HTML")], False),
    ("cookie", 200, [(b"set-cookie", b"a=1")], False),
    ("name in capitals", 200, [(b"Content-Type", b"text/html")], False),
    ("field we do not know", 200, [(b"x-own", b"y")], False),
    ("not modified", 304, [(b"etag", b'"a"')], False),
    ("tuple", 200, ((b"content-length", b"2"),), False),
    ("bytearray name", 200, [(bytearray(b"etag"), b"a")], False),
    ("bytearray type", 200, [(b"content-type", bytearray(b"text/html"))], False),
    ("text", 200, [("content-length", "2")], False),
    ("no pair", 200, [(b"etag",)], False),
]


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [row[1:] for row in INDIFFERENT],
    ids=[row[0] for row in INDIFFERENT],
)
def test_answer_that_needs_no_closer_look(status: int, headers: HeaderList, expected: bool) -> None:
    assert is_indifferent(headers, status) is expected


LENGTHS: list[tuple[HeaderList, int | None]] = [
    ([], None),
    ([(b"Content-Length", b"5")], 5),
    ([(b"content-length", b"0")], 0),
    ([(b"content-length", b"5"), (b"content-length", b"5")], -1),
    ([(b"content-length", b"")], -1),
    ([(b"content-length", b"-1")], -1),
    ([(b"content-length", b"+5")], -1),
    ([(b"content-length", b"1_0")], -1),
    ([(b"content-length", b"5, 5")], -1),
    ([(b"content-length", "٣".encode())], -1),
    ([(b"content-length", 5000 * b"9")], -1),
]


@pytest.mark.hostile(122)
@pytest.mark.parametrize(("headers", "expected"), LENGTHS)
def test_length_is_one_decimal_number(headers: HeaderList, expected: int | None) -> None:
    assert length_of(Head(headers)) == expected
    assert is_alterable(Head(headers)) is (expected not in {0, -1})


@pytest.mark.hostile(118)
@pytest.mark.parametrize(
    ("codings", "encoded"),
    [
        ([], False),
        ([b""], False),
        ([b"identity"], False),
        ([b"Identity , identity"], False),
        ([b"gzip"], True),
        ([b"br"], True),
        ([b"zstd"], True),
        ([b"deflate"], True),
        ([b"x-unknown"], True),
        ([b"identity", b"gzip"], True),
        ([b"identity, GZIP"], True),
    ],
)
def test_encoded_pages_are_left_alone(codings: list[bytes], encoded: bool) -> None:
    head = Head([(b"content-encoding", coding) for coding in codings])
    assert is_encoded(head) is encoded


@pytest.mark.hostile(123)
def test_signed_pages_are_left_alone() -> None:
    assert not is_alterable(Head([(b"Signature", b"sig1=:YQ==:")]))


# --- heads ----------------------------------------------------------------------------------------


def with_state(headers: HeaderList, state: bytes) -> HeaderList:
    head = Head(headers)
    forget_bytes(head)
    mark_validators(head, lambda: state)
    return head.lines


ETAGS = [b'"abc"', b'W/"abc"', b'""', b'"a-consentS-b"', b'"\xe9!#"', b'"2026-01-01 10:00:00"']


@pytest.mark.hostile(123)
@pytest.mark.parametrize("etag", ETAGS)
def test_etag_is_weak_and_one_per_state(etag: bytes) -> None:
    marked = mark_etag(etag, b"one")
    assert marked.startswith(b'W/"')
    assert marked != mark_etag(etag, b"two")
    assert marked not in ETAGS
    assert own_etags(marked, b"one", unmarked=False) == etag
    assert own_etags(marked, b"two", unmarked=True) is None


MATCHES: list[tuple[bytes, bool, bytes | None]] = [
    (b'"a"', True, b'"a"'),
    (b'"a"', False, None),
    (b'"a", W/"b"', True, b'"a", W/"b"'),
    (b'"a", W/"b-consentS-one", W/"c-consentW-two"', True, b'"a", "b"'),
    (b'"a", W/"b-consentW-one"', False, b'W/"b"'),
    (b"*", True, b"*"),
    (b" * ", True, b" * "),
    (b"*", False, None),
    (b"", True, None),
    (b"a, b", True, None),
    (b'"a', True, None),
    (b'W/"b-consent"', True, None),
    (b'"b-consentX-one"', True, b'"b"'),
]


@pytest.mark.hostile(160)
@pytest.mark.parametrize(("sent", "unmarked", "left"), MATCHES)
def test_copies_that_still_hold(sent: bytes, unmarked: bool, left: bytes | None) -> None:
    assert own_etags(sent, b"one", unmarked=unmarked) == left


@pytest.mark.hostile(123)
@pytest.mark.parametrize("etag", [b"", b"abc", b'"abc', b'w/"abc"', b'"a"b"', b'W/"a" '])
def test_odd_etag_never_claims_two_states_equal(etag: bytes) -> None:
    marked = dict(with_state([(b"etag", etag)], b"one")).get(b"etag")
    assert marked is None or marked == mark_etag(etag.strip(), b"one") != etag


@pytest.mark.hostile(123)
@pytest.mark.parametrize(
    "name", [b"content-md5", b"digest", b"Content-Digest", b"REPR-DIGEST", b"last-modified"]
)
def test_facts_about_the_old_bytes_go(name: bytes) -> None:
    headers = [(b"a", b"b"), (name, b"x"), (b"c", b"d")]
    assert with_state(headers, b"one") == [(b"a", b"b"), (b"c", b"d")]
    assert len(headers) == 3


@pytest.mark.hostile(123)
def test_ranges_are_no_longer_offered() -> None:
    assert with_state([(b"Accept-Ranges", b"bytes")], b"one") == []


TRAILERS: list[tuple[bytes, HeaderList]] = [
    (b"Digest", []),
    (b"x-sum", [(b"trailer", b"x-sum")]),
    (b"x-sum, Repr-Digest, server-timing", [(b"trailer", b"x-sum, server-timing")]),
]


@pytest.mark.hostile(124)
@pytest.mark.parametrize(("announced", "left"), TRAILERS)
def test_announced_digest_goes(announced: bytes, left: HeaderList) -> None:
    assert with_state([(b"trailer", announced)], b"one") == left


@pytest.mark.hostile(124)
def test_digest_in_trailers_goes() -> None:
    trailers = [(b"Digest", b"x"), (b"server-timing", b"y"), (b"content-md5", b"z")]
    head = Head(trailers)
    remove_digests(head)
    assert head.lines == [(b"server-timing", b"y")]


# --- bodies ---------------------------------------------------------------------------------------

HEAD: HeaderList = [
    (b"content-type", b"text/html"),
    (b"content-length", b"14"),
    (b"etag", b'"a"'),
]
MARKED = (b"etag", mark_etag(b'"a"', b"one"))


def some(finder: BodyFinder) -> bytes | None:
    return b"[]"


def _mark(head: Head, altered: bool) -> None:
    if altered:
        mark_validators(head, lambda: b"one")


class Body(Insertion):
    """An insertion of `[]` into a page whose head has a validator."""

    def __init__(self, head: HeaderList = HEAD) -> None:
        super().__init__(Head(head), PagePolicy((), frozenset()))

    def feed(self, chunk: bytes, markup: Markup = some, *, last: bool) -> bytes:
        return super().feed(chunk, markup, last=last)

    def settle(self, mark: Callable[[Head, bool], None] | None = None) -> HeaderList:
        return super().settle(mark or _mark)


@pytest.mark.hostile(122)
def test_length_is_exact_where_the_place_is_known() -> None:
    insertion = Body()
    assert insertion.feed(b"<body>12345678", last=False) == b"<body>[]12345678"
    assert not insertion.open
    assert insertion.inserted
    assert insertion.settle() == [HEAD[0], (b"content-length", b"16"), MARKED]
    assert insertion.feed(b"more", last=True) == b"more"


def test_length_is_left_out_while_the_place_is_open() -> None:
    insertion = Body()
    assert insertion.feed(b"<html>", last=False) == b"<html>"
    assert insertion.settle() == [HEAD[0], MARKED]
    assert insertion.feed(b"<p>12345", last=True) == b"[]<p>12345"
    assert insertion.settle() == [HEAD[0], MARKED]


def test_declared_length_ends_the_body() -> None:
    """An application that writes all it announced need not say that this was the last chunk."""
    insertion = Body()
    assert insertion.feed(b"<html><title>t", last=False) == b"<html><title>t"
    assert not insertion.open
    assert insertion.settle() == HEAD


def test_empty_page_is_not_homeless() -> None:
    for chunks in ([b""], [b"", b""]):
        insertion = Body()
        for chunk in chunks:
            assert insertion.feed(chunk, last=False) == b""
        assert insertion.feed(b"", last=True) == b""
        assert not insertion.open
        assert not insertion.homeless
        assert insertion.settle() == HEAD


def test_no_place_is_told() -> None:
    insertion = Body()
    insertion.feed(b"<!-- ", last=False)
    assert not insertion.homeless
    insertion.feed(b"", last=True)
    assert insertion.homeless


def test_no_place_leaves_the_head_alone() -> None:
    insertion = Body()
    assert insertion.feed(b"<html><frameset rows=*>", last=False) == b"<html><frameset rows=*>"
    assert insertion.settle() == HEAD
    assert not insertion.inserted


def test_nothing_to_insert_leaves_the_head_alone() -> None:
    insertion = Body()
    assert insertion.feed(b"<body>12345678", lambda finder: None, last=True) == b"<body>12345678"
    assert insertion.settle() == HEAD
    assert not insertion.inserted


def test_rest_of_the_body_may_come_otherwise() -> None:
    insertion = Body()
    assert insertion.feed(b"<html><he", last=False) == b"<html>"
    assert insertion.abandon() == b"<he"
    assert insertion.abandon() == b""
    assert not insertion.open
    assert insertion.feed(b"ad><body>", last=True) == b"ad><body>"


def test_abandoned_before_the_first_chunk_is_untouched() -> None:
    insertion = Body()
    assert insertion.abandon() == b""
    assert insertion.settle() == HEAD


def fail(finder: BodyFinder) -> bytes | None:
    raise RuntimeError


def test_failure_leaves_the_length_out() -> None:
    """What came so far may be incomplete, so nothing is said of the whole."""
    insertion = Body()
    with pytest.raises(RuntimeError):
        insertion.feed(b"<body>12345678", fail, last=False)
    insertion.fail()
    assert not insertion.open
    assert insertion.settle() == [HEAD[0], HEAD[2]]


@pytest.mark.parametrize(
    "chunks",
    [[b"<body>12345678"], [b"<bo", b"dy>12345678"], [b"<html><he", b"ad><body>x"]],
)
def test_failure_of_ours_loses_no_byte(
    chunks: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange = Exchange(
        Consent(Config(secret_key="a secret of more than thirty-two characters")),
        "GET",
        "https",
        "",
        "/",
        b"",
        {b"accept": b"text/html"},
        [],
    )
    exchange.start(200, HEAD)
    monkeypatch.setattr(exchange, "_insert", fail)
    assert b"".join(exchange.feed(chunk, last=False) for chunk in chunks) == b"".join(chunks)
    assert not exchange.inserting
    assert b"content-length" not in dict(exchange.settled_head())
