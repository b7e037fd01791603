"""Cost grows linearly with the size of the input, in time and memory: property 17.

Only growth is judged, in processor time and with a generous guard: a cost that is quadratic doubles
twice where a linear one doubles once.
"""

from __future__ import annotations

import gc
import statistics
import time
import tracemalloc
from collections.abc import Callable
from functools import partial

import pytest

from cookieconsent.core.inject import BodyFinder
from cookieconsent.engine.consent import Consent
from cookieconsent.engine.submission import MAX_BODY_OCTETS, read_submission
from doors import HTML, NAVIGATION, NOON, request_to
from properties.strategies import ODD_COOKIES, Pairs, config, declared, filter_of

KIB = 1024
SIZES = [128 * KIB, 256 * KIB, 512 * KIB, 1024 * KIB]
GUARD = 3.0
"""The median of time(2n)/time(n) stays below; 2 is linear, 4 is quadratic."""
NOISE = 0.001
"""Seconds added on both sides, so that what takes no time at all has no ratio to speak of."""

GLOBS = [declared("a:*:*:*", "analytics"), declared("w[*]x[*]y", "analytics")]
CONSENT = Consent(config([*ODD_COOKIES, *GLOBS]))
OPEN = Consent(config([*ODD_COOKIES, *GLOBS], undeclared="allow"))

Family = Callable[[int], bytes]


def repeat(part: bytes, *, before: bytes = b"", behind: bytes = b"") -> Family:
    """Return what makes so many octets of one part."""
    return lambda size: before + part * (size // len(part)) + behind


def number(part: bytes, *, before: bytes = b"") -> Family:
    """Return what makes so many octets of parts that are all different."""
    width = len(part % 0) + 5
    return lambda size: before + b"".join(part % (10**5 + count) for count in range(size // width))


def best_of(action: Callable[[], object], runs: int) -> float:
    """Return the shortest processor time of a few runs."""
    times = []
    for _ in range(runs):
        start = time.process_time()
        action()
        times.append(time.process_time() - start)
    return min(times)


def growth(work: Callable[[bytes], object], family: Family, runs: int) -> float:
    """Return how much longer twice the input takes."""
    costs = [best_of(partial(work, family(size)), runs) + NOISE for size in SIZES]
    return statistics.median(costs[n + 1] / costs[n] for n in range(len(costs) - 1))


def assert_linear(work: Callable[[bytes], object], family: Family) -> None:
    """Fail where the growth is beyond the guard, and stays so when measured with more care."""
    assert growth(work, family, 1) < GUARD or growth(work, family, 3) < GUARD


# --- Cookie ---------------------------------------------------------------------------------------

COOKIES: dict[str, Family] = {
    "many names": number(b"n%d=1; "),
    "many denied names": number(b"_ga_%d=1; "),
    "semicolons": repeat(b";"),
    "segments": repeat(b"a;"),
    "cookies": repeat(b"sid=1;"),
    "equals": repeat(b"="),
    "equals in a value": repeat(b"=", before=b"sid"),
    "escaped quotes": repeat(b'\\"', before=b'a="'),
    "escaped quotes in a value": repeat(b'\\"', before=b'sid="'),
    "octal": repeat(b"\\073", before=b'sid="'),
    "commas": repeat(b",", before=b"sid="),
    "spaces": repeat(b" ", before=b"sid=1,a", behind=b"x"),
    "tabs between segments": repeat(b"\t;"),
    "hidden names": number(b",n%d=1", before=b"sid="),
    "one hidden name": repeat(b",n=", before=b"sid="),
    "nearly denied": repeat(b",_ga", before=b"sid="),
    "nearly denied, spaced": repeat(b",_ga   ", before=b"sid="),
    "long hidden name": repeat(b"a", before=b"sid=,", behind=b"="),
    "long name": repeat(b"a", behind=b"=1"),
    "long glob": repeat(b"_", before=b"_ga_", behind=b"=1"),
    "long nameless": repeat(b"a"),
    "brackets": repeat(b"[", before=b"sid= "),
    "bracketed names": repeat(b" odd[a", before=b"sid="),
    "stars": repeat(b":", before=b"sid=,a:"),
    "many stars": repeat(b",a" + b":" * 260, before=b"sid="),
    "bracketed stars": repeat(b",w[]x[", before=b"sid="),
    "half characters": repeat(b"\x80", before=b"sid="),
    "wide spaces": repeat(b"\xe3\x80\x80", before=b"sid=,_ga", behind=b"x"),
    "controls": repeat(b"a=\x01;"),
    "folds": repeat(b"\r\n ", before=b"sid="),
    "dollars": repeat(b"$Version=1; "),
    "forged choices": number(b"__Host-cookieconsent=eJx%d; "),
    "the same forged choice": repeat(b"__Host-cookieconsent=bogus; "),
    "long choice": repeat(b"A", before=b"__Host-cookieconsent="),
    "dots": repeat(b".", before=b"__Host-cookieconsent="),
}


def take_request(consent: Consent, line: bytes) -> None:
    exchange = request_to(consent, cookies=[line])
    exchange.start(200, [(b"content-type", b"text/plain")])


@pytest.mark.hostile(40, 41, 68, 181)
@pytest.mark.parametrize("family", COOKIES.values(), ids=COOKIES)
@pytest.mark.parametrize("consent", [CONSENT, OPEN], ids=["block", "allow"])
def test_cookie_header_costs_linear_time(consent: Consent, family: Family) -> None:
    assert_linear(partial(take_request, consent), family)


@pytest.mark.hostile(40)
@pytest.mark.parametrize("crumb", [b"sid=1", b"_ga=1", b"a", b""], ids=repr)
def test_crumbs_cost_linear_time(crumb: bytes) -> None:
    def work(line: bytes) -> None:
        request_to(CONSENT, cookies=line.split(b"|"))

    assert_linear(work, repeat(crumb + b"|"))


@pytest.mark.hostile(40)
@pytest.mark.parametrize("family", COOKIES.values(), ids=COOKIES)
def test_cookie_header_costs_linear_memory(family: Family) -> None:
    peaks = []
    for size in (32 * KIB, 128 * KIB):
        line = family(size)
        take_request(CONSENT, line)  # what is kept for good is judged below
        tracemalloc.start()
        take_request(CONSENT, line)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 8 * peaks[0] + 64 * KIB
    assert peaks[1] < 200 * 128 * KIB


def test_invented_names_are_not_remembered() -> None:
    """60,000 different names leave no more behind than the bounded memos hold."""
    consent = Consent(config())
    take_request(consent, b"sid=1")
    gc.collect()
    tracemalloc.start()

    def view(batch: int) -> None:
        line = b"; ".join(b"_ga_%d_%d=1; u%d_%d=1" % (batch, n, batch, n) for n in range(500))
        exchange = request_to(consent, path=f"/{batch}/a/b", cookies=[line])
        lines = [(b"set-cookie", b"s%d_%d=1" % (batch, n)) for n in range(100)]
        exchange.start(200, [*HTML, *lines])
        exchange.feed(b"<body>", last=True)

    for batch in range(60):
        view(batch)
    gc.collect()
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert kept < 4 * 1024 * KIB


# --- Set-Cookie -----------------------------------------------------------------------------------

SET_COOKIES: dict[str, Family] = {
    "attributes": repeat(b"; a", before=b"_ga=1"),
    "ages": repeat(b"; Max-Age=1", before=b"_ga=1"),
    "long age": repeat(b"9", before=b"_ga=1; Max-Age="),
    "dates": repeat(b"; Expires=1 jan 70 0:0:0", before=b"_ga=1"),
    "long date": repeat(b"1 ", before=b"_ga=1; Expires="),
    "date of spaces": repeat(b" ", before=b"_ga=1; Expires="),
    "semicolons": repeat(b";", before=b"_ga=1"),
    "long value": repeat(b"x", before=b"_ga="),
    "long name": repeat(b"x", behind=b"=1"),
    "spaces": repeat(b" ", before=b"_ga", behind=b"=1"),
    "commas": repeat(b",", before=b"sid="),
}


@pytest.mark.hostile(40, 53)
@pytest.mark.parametrize("family", SET_COOKIES.values(), ids=SET_COOKIES)
def test_set_cookie_costs_linear_time(family: Family) -> None:
    assert_linear(lambda line: filter_of(CONSENT).response(line, NOON), family)


@pytest.mark.hostile(40)
def test_many_set_cookies_cost_linear_time() -> None:
    def work(text: bytes) -> None:
        exchange = request_to(CONSENT)
        exchange.start(200, [(b"set-cookie", line) for line in text.split(b"|")])

    assert_linear(work, number(b"n%d=1; Path=/|"))


# --- other fields ---------------------------------------------------------------------------------

FIELDS: dict[str, tuple[bytes, Family]] = {
    "languages": (b"accept-language", repeat(b"de,")),
    "unknown languages": (b"accept-language", number(b"x%d,")),
    "long language": (b"accept-language", repeat(b"a")),
    "dashes of a language": (b"accept-language", repeat(b"en-")),
    "weights": (b"accept-language", repeat(b";q=0.1", before=b"de")),
    "spaces of a language": (b"accept-language", repeat(b" ", before=b"de;q=", behind=b"x")),
    "validators": (b"if-none-match", repeat(b'"a",')),
    "marked validators": (b"if-none-match", repeat(b'W/"a-consentS-0",')),
    "marks in a validator": (b"if-none-match", repeat(b"-consent", before=b'"')),
    "open validators": (b"if-none-match", repeat(b'"')),
    "types": (b"accept", repeat(b"a/b,")),
    "quotes of a type": (b"accept", repeat(b'"\\', before=b'a/b;c="')),
    "refused types": (b"accept", repeat(b"text/html;q=0" + b"0" * 50 + b",")),
    "zeros of a type": (b"accept", repeat(b"0", before=b"text/html;q=0.", behind=b"x")),
    "codings": (b"accept-encoding", repeat(b"gzip,")),
    "signals": (b"sec-gpc", repeat(b"0,")),
    "host": (b"host", repeat(b"a.")),
    "host of digits": (b"host", repeat(b"1", before=b"a:")),
    "library": (b"x-requested-with", repeat(b"x")),
}


@pytest.mark.hostile(40, 160, 174, 179)
@pytest.mark.parametrize(("name", "family"), FIELDS.values(), ids=FIELDS)
def test_request_field_costs_linear_time(name: bytes, family: Family) -> None:
    plain = [pair for pair in NAVIGATION if not pair[0].startswith(b"sec-")]

    def work(value: bytes) -> None:
        for base in (NAVIGATION, plain):
            exchange = request_to(CONSENT, headers=[(name, value)], base=base, cookies=[b"_ga=1"])
            exchange.start(200, [*HTML, (b"etag", b'"a"')])
            exchange.feed(b"<body>", last=True)

    assert_linear(work, family)


@pytest.mark.hostile(40, 103)
@pytest.mark.parametrize(
    "family",
    [repeat(b"/"), repeat(b"/a"), repeat(b"/../"), repeat(b"a"), repeat(b"%2F"), repeat(b"?")],
    ids=["slashes", "segments", "dots", "letters", "percent", "marks"],
)
@pytest.mark.parametrize("where", ["path", "query", "root"])
def test_address_costs_linear_time(where: str, family: Family) -> None:
    def work(text: bytes) -> None:
        path = "/" + text.decode() if where == "path" else "/"
        root = "/" + text.decode() if where == "root" else ""
        query = text if where == "query" else b""
        exchange = request_to(CONSENT, path=path, root=root, query=query, cookies=[b"_ga=1"])
        exchange.start(200, HTML_HEAD)
        exchange.feed(b"<body>", last=True)

    assert_linear(work, family)


HTML_HEAD: Pairs = list(HTML)
RESPONSE_FIELDS: dict[str, tuple[bytes, Family]] = {
    "vary": (b"vary", repeat(b"a,")),
    "different vary": (b"vary", number(b"a%d,")),
    "directives": (b"cache-control", repeat(b"a=b,")),
    "open quotes": (b"cache-control", repeat(b'a="\\", b', before=b'x="')),
    "policies": (b"content-security-policy", repeat(b"default-src 'self',")),
    "policy": (b"content-security-policy", repeat(b"a b;")),
    "sources": (b"content-security-policy", repeat(b" 'self'", before=b"style-src")),
    "spaces of a policy": (b"content-security-policy", repeat(b" ")),
    "charset": (b"content-type", repeat(b"; charset=utf-8", before=b"text/html")),
    "long charset": (b"content-type", repeat(b"a", before=b"text/html; charset=iso")),
    "spaces of a type": (b"content-type", repeat(b" ", before=b"text/html", behind=b"x")),
    "semicolons of a type": (b"content-type", repeat(b"; ", before=b"text/html")),
    "validator": (b"etag", repeat(b"a", before=b'"', behind=b'"')),
    "codings": (b"content-encoding", repeat(b"identity,")),
    "disposition": (b"content-disposition", repeat(b" ", behind=b"x")),
    "length": (b"content-length", repeat(b"1")),
}


@pytest.mark.hostile(40)
@pytest.mark.parametrize(("name", "family"), RESPONSE_FIELDS.values(), ids=RESPONSE_FIELDS)
def test_response_field_costs_linear_time(name: bytes, family: Family) -> None:
    def work(value: bytes) -> None:
        exchange = request_to(CONSENT, cookies=[b"_ga=1"])
        head = [(name, value)] if name == b"content-type" else [*HTML, (name, value)]
        exchange.start(200, head)
        exchange.feed(b"<body>", last=True)

    assert_linear(work, family)


# --- pages ----------------------------------------------------------------------------------------

DOCUMENTS: dict[str, Family] = {
    "spaces": repeat(b" "),
    "open tags": repeat(b"<"),
    "end tags": repeat(b"</"),
    "comments": repeat(b"<!---->"),
    "open comments": repeat(b"<!--"),
    "dashes": repeat(b"-", before=b"<!--"),
    "dashes and marks": repeat(b"--!", before=b"<!--"),
    "declarations": repeat(b"<!x>"),
    "empty end tags": repeat(b"</>"),
    "unknown end tags": repeat(b"</x>"),
    "long tag": repeat(b" a", before=b"<meta"),
    "attributes": repeat(b" a=b", before=b"<head"),
    "quoted attributes": repeat(b" a='<'", before=b"<meta"),
    "open quote": repeat(b"a", before=b"<meta a='"),
    "equals of a tag": repeat(b"=", before=b"<meta a"),
    "slashes of a tag": repeat(b"/", before=b"<link"),
    "head tags": repeat(b"<meta><link>"),
    "policies": repeat(b"<meta http-equiv=content-security-policy content=\"style-src 'self'\">"),
    "nearly policies": repeat(b"<meta http-equi"),
    "bases": repeat(b"<base href=/>"),
    "scripts": repeat(b"<script></script>"),
    "open script": repeat(b"<", before=b"<script>"),
    "comments of a script": repeat(b"<!--", before=b"<script>"),
    "scripts of a script": repeat(b"<script ", before=b"<script><!--"),
    "nearly ended script": repeat(b"</script", before=b"<script>"),
    "dashes of a script": repeat(b"-", before=b"<script><!--"),
    "nearly ended title": repeat(b"</titl", before=b"<title>"),
    "nearly ended style": repeat(b"</style", before=b"<style>"),
    "templates": repeat(b"<template>"),
    "ended templates": repeat(b"<template></template>"),
    "texts of a template": repeat(b"a<", before=b"<template>"),
    "noscripts": repeat(b"<noscript></noscript>"),
    "zeros": repeat(b"\0"),
    "long body tag": repeat(b" a=b", before=b"<body"),
}


@pytest.mark.hostile(130)
@pytest.mark.parametrize("chunk", [0, 61], ids=["whole", "in chunks"])
@pytest.mark.parametrize("family", DOCUMENTS.values(), ids=DOCUMENTS)
def test_page_costs_linear_time(family: Family, chunk: int) -> None:
    def work(document: bytes) -> None:
        exchange = request_to(CONSENT)
        exchange.start(200, HTML_HEAD)
        size = chunk or len(document)
        for at in range(0, len(document), size):
            exchange.feed(document[at : at + size], last=False)
        exchange.feed(b"", last=True)

    assert_linear(work, family)


@pytest.mark.hostile(130, 142)
@pytest.mark.parametrize("family", DOCUMENTS.values(), ids=DOCUMENTS)
def test_page_scan_keeps_little(family: Family) -> None:
    """Whatever comes, what waits is an unfinished name, and what is remembered is bounded."""
    document = family(128 * KIB)
    finder = BodyFinder()
    chunks = [document[at : at + 1000] for at in range(0, len(document), 1000)]
    tracemalloc.start()
    for chunk in chunks:
        finder.feed(chunk)
        assert len(finder.held) <= 16
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert kept < 64 * KIB


# --- forms ----------------------------------------------------------------------------------------


@pytest.mark.hostile(97)
@pytest.mark.parametrize(
    "family",
    [
        repeat(b"&"),
        repeat(b"="),
        repeat(b"%"),
        repeat(b"%FF"),
        repeat(b"+"),
        repeat(b"&a=b"),
        repeat(b"a", before=b"token="),
        repeat(b"%2F", before=b"next="),
    ],
    ids=["ands", "equals", "percent", "octets", "plus", "fields", "token", "target"],
)
def test_form_costs_linear_time(family: Family) -> None:
    """A form is capped before it is read; up to there its cost is linear, too."""
    base = family(MAX_BODY_OCTETS // 8)
    costs = [best_of(partial(read_submission, base * times), 5) + NOISE for times in (1, 2, 4, 8)]
    assert costs[-1] < 20 * costs[0]
