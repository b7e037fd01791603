"""What grows: more cookies, more rules, and headers and pages that somebody made to cost time.

May not enter: verdicts (`results`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from bench import asgi
from bench.cases import Row, asgi_case, asgi_unit
from bench.outcomes import Outcome, expect
from bench.requests import EXEMPT, NAVIGATION, Request, denied, with_choices
from bench.sites import HTML, PLAIN, QUIET, Page
from bench.timing import Case, measure, slope
from cookieconsent import Cookie
from cookieconsent.middleware.asgi import CookieConsentMiddleware

COOKIES = (5, 20, 60, 600)
RULES = (100, 1_000, 10_000)
SIZES = (1_000, 10_000, 100_000, 1_000_000)
# Each brings twelve new names: enough of them to fill any memo at first and to be new afterwards.
_STRANGE_HEADERS = 8192
_WARM_UP_HEADERS = 1024
_GLOBS, _UNKNOWN = 6, 6
_SMALLEST_US = 0.01  # a difference below that is noise, and may be negative

Family = Callable[[int], bytes]
"""Makes so many octets of one kind."""


# --- cookies and rules ----------------------------------------------------------------------------


def cookie_cases() -> Iterator[Case]:
    """Yield case b2 with more and more cookies, of which two thirds are stripped."""
    for count in COOKIES:
        kept = [EXEMPT[number % len(EXEMPT)] for number in range(count // 3)]
        stripped = [b"zz_feature_%03d" % number for number in range(count - 1 - len(kept))]
        row = Row(
            name=f"{count} cookies",
            request=Request(cookies=with_choices(denied(), *kept, *stripped)),
            options=QUIET,
            outcome=Outcome(cookies=1 + len(kept)),
        )
        yield asgi_case("growth by cookies", row)


def rule_cases() -> Iterator[Case]:
    """Yield case b2 with more and more declared rules; half of them are globs."""
    for count in RULES:
        options = {**QUIET, "cookies": _declarations(count)}
        outcome = Outcome(cookies=1 + len(EXEMPT) + _GLOBS)
        for text, headers in (("the same", 1), ("always new", _STRANGE_HEADERS)):
            cookies = [_strange_header(turn) for turn in range(headers)]
            row = Row(
                name=f"{count:,} rules, {text} names",
                request=Request(cookies=cookies),
                options=options,
                outcome=outcome,
            )
            yield replace(asgi_case("growth by rules", row), warm_up=min(headers, _WARM_UP_HEADERS))


def _declarations(count: int) -> list[Cookie]:
    """Return rules, exact ones and globs in turn; their class is one that always passes."""
    names = (f"shop_{number // 2:05}" + "_*" * (number % 2) for number in range(count))
    return [Cookie(name, "cart", purpose="-", provider="-", lifetime="session") for name in names]


def _strange_header(turn: int) -> bytes:
    """Return 20 cookies: consent, exempt ones, ones that a glob covers, ones that nobody knows."""
    globs = [b"shop_%05d_%d" % (number, turn) for number in range(_GLOBS)]
    unknown = [b"strange_%d_%d" % (number, turn) for number in range(_UNKNOWN)]
    return with_choices(denied(), *EXEMPT, *globs, *unknown)[0]


def start_ups() -> Iterator[StartUp]:
    """Yield what installations with more and more rules take to build."""
    app = asgi.application(HTML)
    for count in RULES:
        cookies = _declarations(count)
        start = time.process_time()
        CookieConsentMiddleware(app, **PLAIN, cookies=cookies)
        yield StartUp(name=f"{count:,} rules", ms=(time.process_time() - start) * 1000)


# --- hostile input --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class StartUp:
    """What an installation costs to build, once."""

    name: str
    """How many rules the site declares."""
    ms: float
    """Processor time, in milliseconds; the shipped catalogue has been read already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """What one kind of hostile input costs as it grows."""

    name: str
    """What it is."""
    octets: tuple[int, ...]
    """Sizes."""
    micros: tuple[float, ...]
    """Microseconds beyond a no-op, for each size."""
    slope: float
    """The steepest step, in log-log terms: 1 is linear."""


def repeat(part: bytes, *, before: bytes = b"", behind: bytes = b"") -> Family:
    """Return what makes so many octets of one part."""
    return lambda size: before + part * (size // len(part)) + behind


def numbered(part: bytes) -> Family:
    """Return what makes so many octets of parts that all differ."""
    first = 10_000_000
    width = len(part % first)
    return lambda size: b"".join(part % n for n in range(first, first + size // width))


COOKIE_HEADERS: dict[str, Family] = {
    "Cookie: `a=1; ` again and again": repeat(b"a=1; "),
    "Cookie: semicolons": repeat(b";"),
    "Cookie: quotes": repeat(b'"', before=b"sessionid="),
    "Cookie: names hidden in a value, `,_ga=`": repeat(b",_ga=", before=b"sessionid=1"),
    "Cookie: equals signs": repeat(b"="),
    "Cookie: one giant name": repeat(b"a", behind=b"=1"),
    "Cookie: one giant value": repeat(b"a", before=b"sessionid="),
}
NUMBERED_HEADERS: dict[str, Family] = {
    "Cookie: unknown names, all different": numbered(b"n%d=1; "),
    "Cookie: known analytics names, all different": numbered(b"_ga_%d=1; "),
    "Cookie: forged choices": numbered(b"__Host-cookieconsent=%d.x; "),
}
SET_COOKIES: dict[str, Family] = {
    "Set-Cookie: attributes": repeat(b"; a", before=b"_ga=1"),
    "Set-Cookie: one giant value": repeat(b"a", before=b"sessionid="),
    "Set-Cookie: a date of digits and spaces": repeat(b"1 ", before=b"_ga=1; Expires="),
}
PAGES: dict[str, Family] = {
    "HTML: `<`": repeat(b"<"),
    "HTML: unfinished comments": repeat(b"<!--"),
    "HTML: dashes of a comment": repeat(b"-", before=b"<!--"),
    "HTML: nearly ended titles": repeat(b"</titl", before=b"<title>"),
    "HTML: attributes of a tag": repeat(b" a='<'", before=b"<meta"),
}


def hostile_inputs(size: int) -> Iterator[tuple[str, Request, Page]]:
    """Yield what is sent and answered, with one header or the page of about so many octets."""
    for name, family in COOKIE_HEADERS.items():
        yield name, Request(cookies=[family(size)]), HTML
    for name, family in NUMBERED_HEADERS.items():
        yield name, Request(cookies=_pieces(family(max(SIZES)), size)), HTML
    yield "Accept-Language: commas", _speaking(b"," * size), HTML
    yield "Accept-Language: languages", _speaking(b"xx," * (size // 3)), HTML
    for name, family in SET_COOKIES.items():
        page = Page(HTML.content_type, HTML.body, headers=((b"set-cookie", family(size)),))
        yield name, Request(), page
    yield "Set-Cookie: many", Request(), _setting(size)
    for name, family in PAGES.items():
        yield name, Request(), Page(HTML.content_type, family(size))


def _pieces(text: bytes, size: int) -> list[bytes]:
    """Return a text cut up, to be sent in turn, so that no size profits from remembered names."""
    return [text[start : start + size] for start in range(0, max(len(text) - size, 0) + 1, size)]


def _speaking(languages: bytes) -> Request:
    others = [pair for pair in NAVIGATION if pair[0] != b"accept-language"]
    return Request(headers=(*others, (b"accept-language", languages)))


def _setting(size: int) -> Page:
    lines = numbered(b"n%d=1; Path=/\n")(size).splitlines()
    return Page(HTML.content_type, HTML.body, headers=tuple((b"set-cookie", x) for x in lines))


def hostile(sizes: Sequence[int], *, rounds: int, block: float) -> list[Growth]:
    """Measure what hostile input costs as it grows.

    Args:
        sizes: Octets, ascending.
        rounds: How often each is timed.
        block: Seconds per input and round.
    """
    table = [list(hostile_inputs(size)) for size in sizes]
    cases = [_hostile_case(*item) for column in table for item in column]
    found = measure(cases, rounds=rounds, block=block)
    width = len(table[0])
    return [
        _growth(cases[place].name, sizes, [f.delta_us for f in found[place::width]])
        for place in range(width)
    ]


def _growth(name: str, sizes: Sequence[int], micros: list[float]) -> Growth:
    costs = tuple(max(cost, _SMALLEST_US) for cost in micros)
    return Growth(name=name, octets=tuple(sizes), micros=costs, slope=slope(sizes, costs))


def _hostile_case(name: str, request: Request, page: Page) -> Case:
    app = asgi.application(page)
    install: asgi.Install = partial(CookieConsentMiddleware, **PLAIN)
    answer = asgi.answer(install, app, request)
    expect(name, holds=answer.succeeded and (answer.outcome.banner or page.body != HTML.body))
    return Case(
        group="hostile",
        name=name,
        work=asgi.work(install(app), asgi.scopes(request)),
        no_op=asgi.work(asgi.NoOp(app), asgi.scopes(request)),
        unit=asgi_unit(),
        warm_up=1,
    )
