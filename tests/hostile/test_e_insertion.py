"""Cases 108 to 132: where the banner goes, where it does not, and what else must stay as it was."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Literal

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookieconsent.middleware import asgi, wsgi
from documents import DOCUMENTS, WORDS, Document, verdict
from doors import (
    HTML,
    NAVIGATION,
    PAGE,
    SECRET,
    Asked,
    Door,
    Headers,
    Page,
    Site,
    both_doors,
)
from oracles.asgi_lint import AsgiLint
from oracles.drivers import Answer, Exchange, drive_asgi, run_asgi, run_wsgi

STATE = "cookieconsent-banner"
BANNER = b'id="cookieconsent-banner"'
SETTINGS = b'id="cookieconsent-settings"'
# What a page of an undecided visitor says to caches, banner or not.
CACHE_FIELDS = {b"vary", b"cache-control"}


def answering(page: Page) -> Callable[[Asked], Page]:
    """Return an application that answers always the same."""
    return lambda request: page


def html_page(body: bytes = PAGE, *headers: tuple[bytes, bytes], status: int = 200) -> Page:
    """Return a page with its length."""
    length = (b"content-length", b"%d" % len(body))
    return Page(status=status, headers=[*HTML, length, *headers], chunks=[body])


def markup_in(answer: Answer, page: bytes, place: int) -> bytes:
    """Return what was inserted at a place; everything else must be as it was."""
    added = len(answer.body) - len(page)
    assert answer.body[:place] == page[:place]
    assert answer.body[place + added :] == page[place:]
    return answer.body[place : place + added]


def octets(page: bytes) -> list[bytes]:
    return [page[at : at + 1] for at in range(len(page))]


def events(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [getattr(record, "event", "") for record in caplog.records]


# --- places ---------------------------------------------------------------------------------------


@pytest.mark.hostile(108, 109, 110, 111, 112, 113)
@both_doors
@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_document_gets_one_banner(door: Door, document: Document) -> None:
    """It is visible, all other bytes are the same, and chunk borders do not matter."""
    page, place = document
    chunks: list[list[bytes]] = []
    site = Site(door, lambda request: Page(chunks=chunks[-1]))
    answers = []
    for pieces in ([page], octets(page), [page[:9], page[9:25], page[25:]], [b"", page, b""]):
        chunks.append(pieces)
        answers.append(site.get())
    assert [answer.body for answer in answers[1:]] == 3 * [answers[0].body]
    if place is None:
        assert answers[0].body == page
        return
    for answer in answers:
        markup = markup_in(answer, page, place)
        assert markup.startswith(b'<div id="cookieconsent-banner"')
        assert markup.isascii()
    assert verdict(answers[0].body, STATE) == "shown"
    assert [outcome.asked for outcome in site.outcomes] == [True] * 4


@pytest.mark.hostile(113)
@both_doors
def test_every_chunk_border_gives_the_same_answer(door: Door) -> None:
    page = "<!doctype html><html><head><title>Çà</title></head><body>ü<!-- x --></body>".encode()
    borders: list[int] = []
    site = Site(door, lambda request: Page(chunks=[page[: borders[-1]], page[borders[-1] :]]))
    bodies = set()
    for at in range(len(page) + 1):
        borders.append(at)
        bodies.add(site.get().body)
    assert len(bodies) == 1


@pytest.mark.hostile(108, 113)
@given(chunks=st.lists(st.sampled_from(WORDS) | st.binary(max_size=9), max_size=12))
def test_answer_without_the_banner_is_the_page(chunks: list[bytes]) -> None:
    """Through both doors, for any page: the same answer, and cutting the banner out restores it."""
    page = b"".join(chunks)
    answers = [
        Site("asgi", answering(Page(chunks=chunks))).get(),
        Site("wsgi", answering(Page(chunks=chunks))).get(),
        Site("asgi", answering(Page(chunks=[page]))).get(),
    ]
    assert answers[0].body == answers[1].body == answers[2].body
    body = answers[0].body
    start = body.find(b'<div id="cookieconsent-banner"')
    if start < 0:
        assert body == page
    else:
        added = len(body) - len(page)
        assert body[start : start + added].endswith(b"</form></div>")
        assert body[:start] + body[start + added :] == page


@pytest.mark.hostile(112)
@both_doors
def test_frameset_is_left_alone_but_for_cookies(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    body = b"<html><head></head><frameset cols='*'><frame src=a></frameset></html>"
    page = html_page(body, (b"set-cookie", b"_ga=1"), (b"etag", b'"a"'))
    site = Site(door, answering(page))
    with caplog.at_level(logging.WARNING, "cookieconsent"):
        answers = [site.get(), site.get()]
    for answer in answers:
        assert answer.body == body
        assert answer.values(b"content-length") == [b"%d" % len(body)]
        assert answer.values(b"etag") == [b'"a"']
        assert answer.values(b"set-cookie") == []
    assert events(caplog) == ["no place"]
    assert [outcome.asked for outcome in site.outcomes] == [False, False]


@pytest.mark.hostile(112)
@both_doors
def test_empty_page_is_no_reason_to_warn(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "cookieconsent"):
        assert Site(door, answering(Page(chunks=[]))).get().body == b""
    assert events(caplog) == []


# --- requests that show a page, and requests that do not ------------------------------------------

PLAIN: Headers = ((b"accept", b"text/html"),)
NAVIGATIONS: list[tuple[str, Headers, bool]] = [
    ("navigation", NAVIGATION, True),
    ("html wanted", PLAIN, True),
    ("xhtml wanted", [(b"accept", b"application/xhtml+xml;q=0.9")], True),
    ("anything wanted", [(b"accept", b"*/*")], False),
    ("nothing said", [], False),
    ("html refused", [(b"accept", b"text/html;q=0, */*")], False),
    ("json wanted", [(b"accept", b"application/json")], False),
    ("htmx", [*PLAIN, (b"hx-request", b"true")], False),
    ("htmx not boosted", [*PLAIN, (b"hx-request", b"true"), (b"hx-boosted", b"false")], False),
    ("turbo frame", [*NAVIGATION, (b"turbo-frame", b"x")], False),
    ("xhr", [*PLAIN, (b"x-requested-with", b"XMLHttpRequest")], False),
    ("unpoly", [*PLAIN, (b"x-up-target", b"main")], False),
    ("pjax", [*PLAIN, (b"x-pjax", b"true")], False),
    *(
        (
            f"destination {name}",
            [(b"sec-fetch-mode", b"navigate"), (b"sec-fetch-dest", dest)],
            False,
        )
        for name, dest in (
            (dest.decode(), dest)
            for dest in b"empty iframe frame embed object image script style serviceworker".split()
        )
    ),
    *(
        (f"mode {mode.decode()}", [*PLAIN, (b"sec-fetch-mode", mode)], False)
        for mode in b"cors no-cors same-origin websocket".split()
    ),
    ("mode alone", [(b"sec-fetch-mode", b"navigate")], True),
]


@pytest.mark.hostile(114)
@both_doors
@pytest.mark.parametrize(
    ("headers", "shown"), [row[1:] for row in NAVIGATIONS], ids=[row[0] for row in NAVIGATIONS]
)
def test_request_that_shows_a_page(door: Door, headers: Headers, shown: bool) -> None:
    """A piece of a page gets no banner, whole as the answer may look."""
    answer = Site(door, answering(html_page())).get(base=headers)
    assert (BANNER in answer.body) is shown
    if not shown:
        assert answer.body == PAGE
        assert answer.values(b"content-length") == [b"%d" % len(PAGE)]


@pytest.mark.hostile(114)
@both_doors
def test_boosted_page_gets_one_banner(door: Door) -> None:
    """The body of the answer replaces the body in view, though it arrives as a fetch."""
    headers = [
        (b"accept", b"text/html"),
        (b"hx-request", b"true"),
        (b"hx-boosted", b"true"),
        (b"sec-fetch-dest", b"empty"),
        (b"sec-fetch-mode", b"cors"),
    ]
    answer = Site(door, answering(html_page())).get(base=headers)
    assert answer.body.count(BANNER) == 1


@pytest.mark.hostile(115)
@both_doors
@pytest.mark.parametrize("purpose", [b"prefetch", b"prefetch;prerender", b"prerender"])
def test_page_fetched_ahead_counts_as_not_asked(door: Door, purpose: bytes) -> None:
    site = Site(door)
    answer = site.get(headers=[(b"sec-purpose", purpose)])
    assert answer.body.count(BANNER) == 1
    site.get()
    assert [outcome.asked for outcome in site.outcomes] == [False, True]
    assert site.choices == []


# --- answers that carry a banner, and answers that do not -----------------------------------------

TYPES: list[tuple[str, list[bytes], bool]] = [
    ("html", [b"text/html"], True),
    ("capitals and parameters", [b"Text/HTML ; charset=UTF-8; x=y"], True),
    ("json", [b"application/json"], False),
    ("events", [b"text/event-stream"], False),
    ("parts", [b"multipart/x-mixed-replace; boundary=b"], False),
    ("text", [b"text/plain"], False),
    ("xhtml", [b"application/xhtml+xml"], False),
    ("two types", [b"text/html", b"text/html"], False),
    ("latin", [b"text/html; charset=iso-8859-1"], True),
    ("windows", [b"text/html; charset=windows-1252"], True),
    ("japanese", [b"text/html; charset=shift_jis"], True),
    ("utf-16", [b"text/html; charset=utf-16"], False),
    ("utf-16le", [b"text/html; charset=utf-16le"], False),
    ("utf-32", [b"text/html; charset=utf-32"], False),
    ("utf-7", [b"text/html; charset=utf-7"], False),
    ("iso-2022-jp", [b"text/html; charset=iso-2022-jp"], False),
    ("EBCDIC", [b"text/html; charset=cp500"], False),
    ("unknown charset", [b"text/html; charset=nonsense"], False),
]


@pytest.mark.hostile(116, 117)
@both_doors
@pytest.mark.parametrize(
    ("types", "carries"), [row[1:] for row in TYPES], ids=[row[0] for row in TYPES]
)
def test_content_type_of_the_answer(door: Door, types: list[bytes], carries: bool) -> None:
    headers = [*((b"content-type", value) for value in types), (b"content-length", b"99")]
    body = PAGE.ljust(99)[:99]
    answer = Site(door, answering(Page(headers=headers, chunks=[body]))).get()
    assert (BANNER in answer.body) is carries
    if not carries:
        assert answer.body == body
        assert [pair for pair in answer.headers if pair[0] not in CACHE_FIELDS] == headers


@pytest.mark.hostile(116)
@both_doors
def test_answer_without_a_type_is_left_alone(door: Door) -> None:
    site = Site(door, answering(Page(headers=[(b"x-a", b"b")])))
    lint = {"lint": door == "asgi"}  # wsgiref.validate insists on a type
    answer = site.send(Exchange(headers=list(NAVIGATION)), **lint)
    assert (answer.body, answer.headers) == (PAGE, [(b"x-a", b"b")])


@pytest.mark.hostile(117)
@both_doors
@pytest.mark.parametrize("language", ["de", "fr", "en"])
def test_banner_reads_the_same_in_every_charset(door: Door, language: str) -> None:
    body = "<html><body>Größe</body></html>"
    for charset in ("utf-8", "iso-8859-1", "windows-1252"):
        headers = [(b"content-type", b"text/html; charset=" + charset.encode())]
        page = Page(headers=headers, chunks=[body.encode(charset)])
        answer = Site(door, answering(page), locale=language).get()
        markup = answer.body.decode(charset).replace("Größe", "")
        assert charset.lower() in {"utf-8", "utf8"} or markup.isascii()
        assert answer.body.count(BANNER) == 1


@pytest.mark.hostile(117)
@both_doors
def test_sixteen_bit_text_behind_a_wrong_label(door: Door) -> None:
    body = "\ufeff<html><body>x".encode("utf-16-le")
    assert Site(door, answering(html_page(body))).get().body == body


@pytest.mark.hostile(116, 131)
@both_doors
@pytest.mark.parametrize(
    "content_type", [b"application/json", b"text/event-stream", b"text/plain", b"image/svg+xml"]
)
def test_other_bodies_are_the_same_objects(door: Door, content_type: bytes) -> None:
    chunks = [b"<html>", b"<body>", b"x" * 70_000, b""]
    site = Site(door, answering(Page(headers=[(b"content-type", content_type)], chunks=chunks)))
    answer = site.get()
    assert all(sent is got for sent, got in zip(chunks, answer.chunks, strict=False))


ENCODINGS: list[tuple[str, list[bytes], bool]] = [
    ("identity", [b"identity"], True),
    ("empty", [b""], True),
    ("gzip", [b"gzip"], False),
    ("br", [b"br"], False),
    ("zstd", [b"zstd"], False),
    ("deflate", [b"deflate"], False),
    ("two lines", [b"identity", b"gzip"], False),
    ("unknown", [b"x-own"], False),
]


@pytest.mark.hostile(118)
@both_doors
@pytest.mark.parametrize(
    ("codings", "carries"), [row[1:] for row in ENCODINGS], ids=[row[0] for row in ENCODINGS]
)
def test_encoded_page_is_left_alone(
    door: Door, codings: list[bytes], carries: bool, caplog: pytest.LogCaptureFixture
) -> None:
    page = html_page(PAGE, *((b"content-encoding", coding) for coding in codings))
    site = Site(door, answering(page))
    with caplog.at_level(logging.WARNING, "cookieconsent"):
        answers = [site.get(), site.get()]
    for answer in answers:
        assert (BANNER in answer.body) is carries
        if not carries:
            assert answer.body == PAGE
    warnings = [record.getMessage() for record in caplog.records]
    assert len(warnings) == (0 if carries else 1)
    assert all("compressor" in warning for warning in warnings)


@pytest.mark.hostile(118)
@both_doors
def test_application_is_asked_for_plain_bytes(door: Door) -> None:
    site = Site(door)
    accept = (b"accept-encoding", b"gzip, br")
    site.get(headers=[accept])
    site.get(headers=[accept], base=[(b"accept", b"application/json")])
    site.get(headers=[accept], cookie=site.answer_cookie())
    site.get()
    seen = [request.headers.get(b"accept-encoding") for request in site.asked]
    assert seen == [b"identity", b"gzip, br", b"gzip, br", None]


@pytest.mark.hostile(119)
@both_doors
def test_range_of_a_page_that_is_due_a_banner(door: Door) -> None:
    """The application answers whole, so that offsets of two versions of a page never mix."""
    site = Site(door)
    asked = [(b"range", b"bytes=5-"), (b"if-range", b'"a"')]
    assert BANNER in site.get(headers=asked).body
    site.get(headers=asked, base=[(b"sec-fetch-dest", b"video")])
    site.get(headers=asked, cookie=site.answer_cookie())
    seen = [request.headers.get(b"range") for request in site.asked]
    assert seen == [None, b"bytes=5-", b"bytes=5-"]
    assert b"if-range" not in site.asked[0].headers


GATES: list[tuple[str, int, Headers, bytes]] = [
    *(
        (f"status {status}", status, [], PAGE)
        for status in (205, 206, 300, 301, 302, 303, 307, 399)
    ),
    ("content range", 200, [(b"content-range", b"bytes 0-9/10")], PAGE),
    ("attachment", 200, [(b"content-disposition", b'attachment; filename="a.html"')], PAGE),
    ("attachment in capitals", 200, [(b"content-disposition", b" ATTACHMENT")], PAGE),
    ("unknown disposition", 200, [(b"content-disposition", b"form-data; name=a")], PAGE),
    ("no length", 200, [(b"content-length", b"0")], b""),
    ("signature", 200, [(b"signature", b"sig1=:YQ==:"), (b"content-digest", b"x")], PAGE),
]


@pytest.mark.hostile(119, 120, 123)
@both_doors
@pytest.mark.parametrize(
    ("status", "headers", "body"), [row[1:] for row in GATES], ids=[row[0] for row in GATES]
)
def test_answer_that_is_left_alone(door: Door, status: int, headers: Headers, body: bytes) -> None:
    page = Page(status=status, headers=[*HTML, *headers], chunks=[body])
    answer = Site(door, answering(page)).get()
    assert answer.status == status
    assert answer.body == body
    kept = [pair for pair in answer.headers if pair[0] not in CACHE_FIELDS]
    assert kept == [(name.lower(), value) for name, value in page.headers]


@pytest.mark.hostile(120)
@both_doors
@pytest.mark.parametrize("status", [204, 304])
def test_answer_without_a_body_stays_one(door: Door, status: int) -> None:
    page = Page(status=status, headers=[(b"x-a", b"b")], chunks=[])
    answer = Site(door, answering(page)).get()
    assert (answer.status, answer.body) == (status, b"")


@pytest.mark.hostile(120)
@both_doors
@pytest.mark.parametrize(
    "status", [200, 201, 203, 226, 400, 401, 403, 404, 410, 418, 500, 503, 599]
)
def test_status_that_shows_a_page(door: Door, status: int) -> None:
    answer = Site(door, answering(html_page(PAGE, status=status))).get()
    assert (answer.status, answer.body.count(BANNER)) == (status, 1)


@pytest.mark.hostile(121)
@both_doors
@pytest.mark.parametrize("cookie", [None, "accept", "reject"])
def test_length_for_head_is_that_of_get_or_none(door: Door, cookie: str | None) -> None:
    site = Site(door, answering(html_page(PAGE, (b"etag", b'"a"'))))
    line = None if cookie is None else site.answer_cookie(cookie)
    head, get = (site.get(cookie=line, method=method) for method in ("HEAD", "GET"))
    assert head.body == b""
    assert head.values(b"content-length") in ([], get.values(b"content-length"))
    for name in (b"etag", b"vary", b"cache-control"):
        assert head.values(name) == get.values(name)


@pytest.mark.hostile(121)
@both_doors
def test_length_for_head_of_other_things_stays(door: Door) -> None:
    page = Page(headers=[(b"content-type", b"text/plain"), (b"content-length", b"5")], chunks=[])
    assert Site(door, answering(page)).get(method="HEAD").values(b"content-length") == [b"5"]


LENGTHS: list[tuple[str, list[bytes], bool]] = [
    ("none", [], True),
    ("exact", [b"%d" % len(PAGE)], True),
    ("two lines", 2 * [b"%d" % len(PAGE)], False),
    ("list", [b"5, 5"], False),
    ("not decimal", [b"0x10"], False),
    ("negative", [b"-1"], False),
    ("empty", [b""], False),
]


@pytest.mark.hostile(122)
@both_doors
@pytest.mark.parametrize(
    ("lengths", "carries"), [row[1:] for row in LENGTHS], ids=[row[0] for row in LENGTHS]
)
def test_length_is_exact(door: Door, lengths: list[bytes], carries: bool) -> None:
    headers = [*HTML, *((b"content-length", length) for length in lengths)]
    site = Site(door, answering(Page(headers=headers)))
    # Two lengths are a fault of the application, which the lint must not hide.
    lint = {"lint": carries if door == "asgi" else True}
    answer = site.send(Exchange(headers=list(NAVIGATION)), **lint)
    assert (BANNER in answer.body) is carries
    if not carries:
        assert answer.body == PAGE
    expected = [b"%d" % len(answer.body)] if carries and lengths else lengths
    assert answer.values(b"content-length") == expected
    assert answer.values(b"transfer-encoding") == []


@pytest.mark.hostile(122)
@both_doors
def test_length_of_a_page_in_chunks(door: Door) -> None:
    """The place is known with the first chunk, or the length is left to the server."""
    for chunks, known in (([PAGE[:90], PAGE[90:]], True), ([PAGE[:9], PAGE[9:]], False)):
        page = Page(headers=[*HTML, (b"content-length", b"%d" % len(PAGE))], chunks=chunks)
        answer = Site(door, answering(page)).get()
        assert answer.body.count(BANNER) == 1
        expected = [b"%d" % len(answer.body)] if known else []
        assert answer.values(b"content-length") == expected


INTEGRITY: Headers = (
    (b"content-md5", b"x"),
    (b"digest", b"sha-256=x"),
    (b"content-digest", b"sha-256=:x:"),
    (b"repr-digest", b"sha-256=:x:"),
    (b"last-modified", b"Thu, 01 Jan 2026 00:00:00 GMT"),
    (b"accept-ranges", b"bytes"),
)


@pytest.mark.hostile(123)
@both_doors
def test_facts_about_the_old_bytes_go(door: Door) -> None:
    site = Site(door, answering(html_page(PAGE, *INTEGRITY, (b"etag", b'"a"'), (b"x-a", b"b"))))
    answers = [site.get(), site.get(cookie=site.answer_cookie("accept"))]
    answers.append(site.get(cookie=site.answer_cookie("reject")))
    for answer in answers:
        names = {name for name, _ in answer.headers}
        assert names.isdisjoint({name.lower() for name, _ in INTEGRITY})
        assert b"x-a" in names
        assert all(etag.startswith(b'W/"') for etag in answer.values(b"etag"))
    assert len({answer.values(b"etag")[0] for answer in answers}) == 3


@pytest.mark.hostile(123)
@both_doors
def test_facts_about_untouched_bytes_stay(door: Door) -> None:
    page = html_page(PAGE, *INTEGRITY, (b"etag", b'"a"'))
    answer = Site(door, answering(page), shape="none").get(base=[(b"accept", b"*/*")])
    kept = [pair for pair in answer.headers if pair[0] not in CACHE_FIELDS]
    assert kept == [(name.lower(), value) for name, value in page.headers]


@pytest.mark.hostile(124)
@pytest.mark.parametrize(
    "body", [[b"<html><body>x"], [b"<html>", b"<body>", b"x"], [b""]], ids=["one", "some", "none"]
)
def test_trailers_follow_the_one_last_chunk(body: list[bytes]) -> None:
    """WSGI has no trailers."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        headers = [*HTML, (b"trailer", b"Digest, Server-Timing")]
        await send(
            {"type": "http.response.start", "status": 200, "headers": headers, "trailers": True}
        )
        for number, chunk in enumerate(body, start=1):
            more = number < len(body)
            await send({"type": "http.response.body", "body": chunk, "more_body": more})
        trailers = [(b"digest", b"x"), (b"server-timing", b"y"), (b"set-cookie", b"_ga=1")]
        await send({"type": "http.response.trailers", "headers": trailers})

    middleware = asgi.CookieConsentMiddleware(AsgiLint(app), secret_key=SECRET)
    answer = run_asgi(
        middleware,
        Exchange(headers=list(NAVIGATION)),
        extensions={"http.response.trailers": {}},
    )
    kinds = [message["type"].rpartition(".")[2] for message in answer.messages]
    assert kinds[0] == "start"
    assert kinds[-1] == "trailers"
    assert [m.get("more_body") for m in answer.messages[1:-1]].count(False) == 1
    if body == [b""]:
        assert answer.trailers == [(b"digest", b"x"), (b"server-timing", b"y")]
        assert answer.values(b"trailer") == [b"Digest, Server-Timing"]
    else:
        assert answer.body.count(BANNER) == 1
        assert answer.trailers == [(b"server-timing", b"y")]
        assert answer.values(b"trailer") == [b"Server-Timing"]


# --- the page's policy ----------------------------------------------------------------------------

Style = Literal["inline", "linked", "none"]
POLICIES: list[tuple[str, bytes | None, Style, bool]] = [
    ("none", None, "inline", True),
    ("nothing about styles", b"script-src 'self'", "inline", True),
    ("own styles", b"style-src 'self'", "linked", True),
    ("own host", b"style-src shop.example", "linked", True),
    ("own origin", b"style-src https://shop.example", "linked", True),
    ("inline allowed", b"style-src 'unsafe-inline'", "inline", True),
    ("inline allowed but for a nonce", b"style-src 'unsafe-inline' 'nonce-a'", "none", True),
    ("nonce and own", b"style-src 'self' 'nonce-a'", "linked", True),
    ("default none", b"default-src 'none'", "none", True),
    ("strict", b"default-src 'none'; style-src 'self'; form-action 'self'", "linked", True),
    ("default own", b"default-src 'self'", "linked", True),
    ("elements own", b"style-src 'none'; style-src-elem 'self'", "linked", True),
    ("first of a name", b"style-src 'none'; style-src 'self'", "none", True),
    ("foreign styles", b"style-src https://cdn.example", "none", True),
    ("two policies", b"style-src 'self', style-src 'none'", "none", True),
    ("no forms", b"form-action 'none'", "inline", False),
    ("empty form-action", b"form-action", "inline", False),
    ("foreign forms", b"form-action https://pay.example", "inline", False),
    ("own forms", b"form-action 'self' https://pay.example", "inline", True),
    ("forms by host", b"form-action shop.example", "inline", True),
    ("no forms, own styles", b"style-src 'self'; form-action 'none'", "linked", False),
    ("capitals", b"STYLE-SRC 'SELF'; Form-Action 'NONE'", "linked", False),
    ("trusted types", b"require-trusted-types-for 'script'; trusted-types", "inline", True),
    ("sandbox with forms", b"sandbox allow-forms", "inline", True),
]
policies = pytest.mark.parametrize(
    ("policy", "style", "form"), [row[1:] for row in POLICIES], ids=[row[0] for row in POLICIES]
)


def style_of(body: bytes) -> Style:
    if b"<style>" in body:
        return "inline"
    return "linked" if b'<link rel="stylesheet"' in body else "none"


@pytest.mark.hostile(125, 126, 127)
@both_doors
@policies
def test_banner_fits_the_policy(door: Door, policy: bytes | None, style: Style, form: bool) -> None:
    lines = [] if policy is None else [(b"content-security-policy", policy)]
    site = Site(door, answering(html_page(PAGE, *lines)))
    answer = site.get(scheme="https")
    assert answer.body.count(BANNER) == 1
    assert style_of(answer.body) == style
    assert (b"<form" in answer.body) is form
    assert b'<a href="/cookie-consent">' in answer.body
    assert answer.values(b"content-security-policy") == [value for _, value in lines]
    assert b" style=" not in answer.body
    assert b" hidden" not in answer.body


@pytest.mark.hostile(125, 126)
@both_doors
@policies
def test_policy_in_the_page_counts_too(
    door: Door, policy: bytes | None, style: Style, form: bool
) -> None:
    if policy is None or b"sandbox" in policy:  # which a meta element cannot set (CSP3, 3.3)
        policy = b""
    meta = b'<meta http-equiv="content-security-policy" content="%s">' % policy
    page = b"<html><head>" + meta + b"<title>t</title></head><body>x</body></html>"
    for chunks in ([page], octets(page)):
        answer = Site(door, answering(Page(chunks=chunks))).get(scheme="https")
        assert style_of(answer.body) == style
        assert (b"<form" in answer.body) is form


@pytest.mark.hostile(125)
@both_doors
def test_policies_of_all_lines_hold(door: Door) -> None:
    lines = [(b"content-security-policy", b"img-src *"), (b"content-security-policy", b"style-src")]
    answer = Site(door, answering(html_page(PAGE, *lines))).get()
    assert style_of(answer.body) == "none"
    assert answer.values(b"content-security-policy") == [value for _, value in lines]


@pytest.mark.hostile(125)
@both_doors
def test_policy_that_only_reports_changes_nothing(door: Door) -> None:
    line = (b"content-security-policy-report-only", b"default-src 'none'")
    assert style_of(Site(door, answering(html_page(PAGE, line))).get().body) == "inline"


@pytest.mark.hostile(125)
@both_doors
def test_linked_sheet_is_there_for_ever(door: Door) -> None:
    line = (b"content-security-policy", b"default-src 'none'; style-src 'self'")
    site = Site(door, answering(html_page(PAGE, line)))
    body = site.get(root="/shop").body
    found = re.search(rb'<link rel="stylesheet" href="/shop(/cookie-consent/[^"]+)">', body)
    assert found is not None
    sheet = site.get(found[1].decode(), root="/shop", base=[])
    assert sheet.status == 200
    assert sheet.values(b"content-type") == [b"text/css; charset=utf-8"]
    assert b"immutable" in sheet.values(b"cache-control")[0]
    assert b"#cookieconsent-banner" in sheet.body


@pytest.mark.hostile(126)
@both_doors
def test_forbidden_form_is_told_once(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    line = (b"content-security-policy", b"form-action 'none'")
    site = Site(door, answering(html_page(PAGE, line)))
    with caplog.at_level(logging.WARNING, "cookieconsent"):
        answers = [site.get(), site.get()]
    assert events(caplog) == ["form-action"]
    assert [answer.body.count(b"<button") for answer in answers] == [0, 0]


@pytest.mark.hostile(126)
@both_doors
def test_answer_to_the_form_stays_on_the_origin(door: Door) -> None:
    """Chromium applies form-action to the redirect as well."""
    answer = Site(door).post({"choice": "accept", "next": "/a?b=c"})
    (location,) = answer.values(b"location")
    assert location == b"/a?b=c#cookieconsent-saved"


@pytest.mark.hostile(127)
@both_doors
@pytest.mark.parametrize("sandbox", [b"sandbox", b"sandbox allow-scripts", b"img-src *; SANDBOX"])
def test_sandbox_without_forms_gets_no_banner(door: Door, sandbox: bytes) -> None:
    page = html_page(PAGE, (b"content-security-policy", sandbox))
    assert Site(door, answering(page)).get().body == PAGE


# --- the page's base ------------------------------------------------------------------------------


def page_with_base(href: str) -> bytes:
    return f"<html><head><base href='{href}'></head><body>x</body></html>".encode()


OWN_BASES = ["/", "/shop/", "sub", "https://shop.example/a", "//shop.example/a", "", "#x"]
FOREIGN_BASES = [
    *(
        "https://cdn.example/",
        "//cdn.example/",
        "http://shop.example:8080/",
        "http://shop.example/",
    ),
    *("\\\\cdn.example\\", "/\\cdn.example", "\t//cdn.example", "ht\ntps://cdn.example/", "data:x"),
    *("https:cdn", "https://[::1", " https://cdn.example ", "https:///cdn.example/"),
]


@pytest.mark.hostile(127)
@both_doors
@pytest.mark.parametrize("href", OWN_BASES)
def test_base_on_the_own_site_is_fine(door: Door, href: str) -> None:
    answer = Site(door, answering(html_page(page_with_base(href)))).get(scheme="https")
    assert b'action="/cookie-consent"' in answer.body
    assert b'href="#"' not in answer.body  # which would lead to the base


@pytest.mark.hostile(127)
@both_doors
@pytest.mark.parametrize("href", FOREIGN_BASES)
def test_foreign_base_needs_the_public_origin(
    door: Door, href: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Without it nothing is inserted and one warning says why; with it addresses are absolute."""
    page = html_page(page_with_base(href), (b"etag", b'"a"'))
    site = Site(door, answering(page))
    with caplog.at_level(logging.WARNING, "cookieconsent"):
        answers = [site.get(scheme="https"), site.get(scheme="https")]
    for answer in answers:
        assert answer.body == page.chunks[0]
        assert answer.values(b"etag") == [b'"a"']
        assert answer.values(b"content-length") == [b"%d" % len(answer.body)]
    assert events(caplog) == ["base"]
    assert "public_origin" in caplog.text

    answer = Site(door, answering(page), public_origin="https://shop.example").get(scheme="https")
    assert b'action="https://shop.example/cookie-consent"' in answer.body
    assert b'<a href="https://shop.example/cookie-consent"' in answer.body
    assert b'="/cookie-consent' not in answer.body


@pytest.mark.hostile(127)
@both_doors
def test_base_too_long_to_read_is_foreign(door: Door) -> None:
    page = b"<base data-x='" + 20_000 * b"x" + b"' href='https://cdn.example/'><body>x"
    assert Site(door, answering(html_page(page))).get().body == page


# --- the page around the banner -------------------------------------------------------------------


@pytest.mark.hostile(128)
@both_doors
@pytest.mark.parametrize("shape", ["", "</body></html>"])
def test_open_form_of_the_page_does_not_take_our_buttons(door: Door, shape: str) -> None:
    page = f"<html><body><form action=/search method=get><input name=q>{shape}".encode()
    body = Site(door, answering(html_page(page))).get().body
    tree: Any = html5lib.parse(body, namespaceHTMLElements=False)
    parents = {child: parent for parent in tree.iter() for child in parent}
    buttons = [element for element in tree.iter() if element.get("name") == "choice"]
    assert len(buttons) == 2
    for button in buttons:
        form = button
        while form.tag != "form":
            form = parents[form]
        assert (form.get("method"), form.get("action")) == ("post", "/cookie-consent")


def place_banner(request: Asked) -> Page:
    banner = str(request.state.banner()).encode()
    return html_page(b"<html><body><h1>x</h1><footer>" + banner + b"</footer></body></html>")


def place_settings(request: Asked) -> Page:
    link = str(request.state.settings_link()).encode()
    return html_page(b"<html><body><h1>x</h1><footer>" + link + b"</footer></body></html>")


@pytest.mark.hostile(129)
@both_doors
def test_banner_in_the_template_is_the_only_one(door: Door) -> None:
    site = Site(door, place_banner)
    body = site.get().body
    assert body.count(BANNER) == 1
    assert b"<footer><div " + BANNER in body
    assert verdict(body, STATE) == "shown"


@pytest.mark.hostile(129)
@both_doors
def test_settings_link_in_the_template_is_the_only_one(door: Door) -> None:
    site = Site(door, place_settings)
    body = site.get(cookie=site.answer_cookie()).body
    assert body.count(SETTINGS) == 1
    assert b"<footer><div " + SETTINGS in body


class Stacked(Site):
    """A site that was wrapped twice over."""

    def __init__(self, door: Door, outer: dict[str, Any], inner: dict[str, Any]) -> None:
        super().__init__(door, self._page, **inner)
        self.granting = False
        options: dict[str, Any] = {"secret_key": SECRET, "clock": self.clock}
        if door == "asgi":
            self.asgi = asgi.CookieConsentMiddleware(AsgiLint(self.asgi), **options | outer)
        else:
            self.wsgi = wsgi.CookieConsentMiddleware(self.wsgi, **options | outer)

    def _page(self, request: Asked) -> Page:
        if self.granting:
            request.state.grant("analytics")
        line = (b"set-cookie", b"_ga=1; Path=/")
        return html_page(PAGE, line, (b"set-cookie", b"sessionid=1; Path=/"), (b"etag", b'"a"'))


STACKS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("twins", {}, {}),
    ("another path", {}, {"path": "/privacy"}),
    ("another secret", {}, {"secret_key": SECRET[::-1]}),
    ("outer only reports", {"enforce": False}, {}),
    ("inner only reports", {}, {"enforce": False}),
]


@pytest.mark.hostile(129)
@both_doors
@pytest.mark.parametrize(
    ("outer", "inner"), [row[1:] for row in STACKS], ids=[row[0] for row in STACKS]
)
def test_two_copies_act_as_one(door: Door, outer: dict[str, Any], inner: dict[str, Any]) -> None:
    stacked, single = Stacked(door, outer, inner), Stacked(door, {"enforce": False}, {})
    for granting in (False, True):
        stacked.granting = single.granting = granting
        cookies = [
            None,
            b"_ga=2; sessionid=3",
            single.answer_cookie(),
            single.answer_cookie("reject"),
        ]
        for cookie in cookies:
            answer = stacked.get(cookie=cookie)
            assert answer.body.count(BANNER) + answer.body.count(SETTINGS) == 1
            assert answer == single.get(cookie=cookie)
            assert stacked.asked[-1].cookie == single.asked[-1].cookie


@pytest.mark.hostile(129)
@both_doors
def test_template_of_a_site_wrapped_twice(door: Door) -> None:
    site = Stacked(door, {}, {})
    site._application = place_banner
    assert site.get().body.count(BANNER) == 1


# --- streams --------------------------------------------------------------------------------------


class Stream:
    """An application that answers chunk by chunk and watches what has come out by then."""

    def __init__(self, chunks: Sequence[bytes]) -> None:
        self.chunks = chunks
        self.given = 0
        self.out = 0
        self.most_withheld = 0
        self.body = b""

    def came_out(self, chunk: bytes) -> None:
        self.out += len(chunk)
        self.body += chunk

    def watch(self) -> None:
        """Between two chunks: the banner counts in favour of what came out, but for one of them."""
        banner = BANNER in self.body
        self.most_withheld = max(self.most_withheld, 0 if banner else self.given - self.out)

    async def asgi(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": list(HTML)})
        for chunk in self.chunks:
            self.given += len(chunk)
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
            self.watch()
        await send({"type": "http.response.body", "body": b""})

    def wsgi(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [(n.decode(), v.decode()) for n, v in HTML])
        return self._values()

    def _values(self) -> Iterator[bytes]:
        for chunk in self.chunks:
            self.given += len(chunk)
            yield chunk
            self.watch()

    def run(self, door: Door) -> None:
        exchange = Exchange(headers=list(NAVIGATION))
        if door == "wsgi":
            self._run_wsgi(exchange)
            return

        async def listening(scope: Any, receive: Any, send: Any) -> None:
            async def tap(message: Any) -> None:
                self.came_out(message.get("body", b""))
                await send(message)

            await asgi.CookieConsentMiddleware(self.asgi, secret_key=SECRET)(scope, receive, tap)

        asyncio.run(drive_asgi(listening, exchange))

    def _run_wsgi(self, exchange: Exchange) -> None:
        inner = wsgi.CookieConsentMiddleware(self.wsgi, secret_key=SECRET)

        def listening(environ: Any, start_response: Any) -> Iterator[bytes]:
            for value in inner(environ, start_response):
                self.came_out(value)
                yield value

        run_wsgi(listening, exchange)


HEAD_OF_256_KB = [b"<!doctype html><html><head><title>t</title>"] + 4096 * [
    b"<link rel=preload href=/some/where/over/the/rainbow.css></link>\n"
]


@pytest.mark.hostile(130, 131)
@both_doors
@pytest.mark.parametrize(
    "chunks",
    [
        [*HEAD_OF_256_KB, b"</head><body>", *(50 * [b"<p>x</p>"])],
        [
            b"<html><head><script>",
            *(5000 * [b"var body = '<body>' // <\n"]),
            b"</script></head><bo",
        ],
        [b"<!--", *(5000 * [b"-- -!- <body> \n"])],
        octets(PAGE),
        [
            b"<html><he",
            b"ad><tit",
            b"le>",
            b"a" * 100_000,
            b"</tit",
            b"le><bo",
            b"dy>",
            b"x" * 9999,
        ],
    ],
    ids=["long head", "long script", "long comment", "octets", "odd borders"],
)
def test_bytes_go_out_as_they_come(door: Door, chunks: list[bytes]) -> None:
    stream = Stream(chunks)
    stream.run(door)
    assert stream.most_withheld <= 16
    page = b"".join(chunks)
    start = stream.body.find(b'<div id="cookieconsent-banner"')
    added = len(stream.body) - len(page)
    assert stream.body[:start] + stream.body[start + added :] == page if added else start < 0


@pytest.mark.hostile(131)
@both_doors
def test_chunks_behind_the_banner_are_the_same_objects(door: Door) -> None:
    chunks = [b"<html><body>", b"first", b"x" * 70_000, b"last"]
    answer = Site(door, answering(Page(chunks=chunks))).get()
    assert all(sent is got for sent, got in zip(chunks[1:], answer.chunks[1:], strict=False))


# --- the banner itself ----------------------------------------------------------------------------


@pytest.mark.hostile(132)
@both_doors
@pytest.mark.parametrize("choice", [None, "accept", "reject"])
def test_markup_keeps_to_itself(door: Door, choice: str | None) -> None:
    """Every id and class is ours by name, no selector reaches the page, nothing takes the focus."""
    site = Site(door, answering(html_page(b"<body></body>")))
    cookie = None if choice is None else site.answer_cookie(choice)
    markup = markup_in(site.get(cookie=cookie), b"<body></body>", len(b"<body>"))
    tree: Any = html5lib.parseFragment(markup, namespaceHTMLElements=False)
    ids = []
    for element in tree.iter():
        ids += [element.get("id")] if element.get("id") else []
        for name in (element.get("class") or "").split():
            assert name.startswith("cookieconsent-")
        assert not {"autofocus", "style"} & set(element.attrib)
        assert not any(attribute.startswith("on") for attribute in element.attrib)
        assert element.tag not in {"script", "iframe", "img"}
    assert len(ids) == len(set(ids))
    assert all(name.startswith("cookieconsent-") for name in ids)
    sheets = re.findall(rb"<style>(.*?)</style>", markup, re.DOTALL)
    for sheet in sheets:
        for selector in selectors(sheet.decode()):
            assert selector.startswith(("#cookieconsent-", ".cookieconsent-", "html:has(#cookie"))
        assert set(re.findall(r"(--[a-z-]+)\s*:", sheet.decode())) <= set(
            re.findall(r"--cookieconsent-[a-z-]+", sheet.decode())
        )


def selectors(sheet: str) -> list[str]:
    sheet = re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)
    found = []
    for block in re.findall(r"([^{}]+)\{", sheet):
        if not block.strip().startswith("@"):
            found += [part.strip() for part in re.split(r",(?![^(]*\))", block)]
    assert found
    return found


@pytest.mark.hostile(132)
@both_doors
def test_banner_works_without_a_style(door: Door) -> None:
    line = (b"content-security-policy", b"default-src 'none'")
    body = Site(door, answering(html_page(PAGE, line))).get().body
    tree: Any = html5lib.parse(body, namespaceHTMLElements=False)
    (banner,) = [element for element in tree.iter() if element.get("id") == STATE]
    texts = [text.strip() for text in banner.itertext() if text.strip()]
    assert {"Reject all", "Accept all", "Cookie settings"} <= set(texts)
    hidden = [element for element in banner.iter() if "hidden" in element.attrib]
    assert hidden == []
