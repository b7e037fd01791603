"""Hostile input H: caches and conditional requests. Nobody gets what was made for another visitor."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from typing import Any

import pytest
from markupsafe import Markup

from cookieconsent import Cookie, CookieClass
from cookieconsent.ui.theme import SHIPPED
from doors import (
    HTML,
    NAVIGATION,
    PAGE,
    Asked,
    Door,
    Headers,
    Page,
    Site,
    Visitor,
    banners,
    both_doors,
    buttons,
    consent_lines,
    elements,
    form_for,
    settings_elements,
)
from oracles.cache import Cache, Response
from oracles.drivers import Answer, Exchange

PUBLIC = (b"cache-control", b"public, max-age=600")
FETCH: Headers = (
    (b"accept", b"*/*"),
    (b"accept-language", b"en"),
    (b"sec-fetch-site", b"same-origin"),
    (b"sec-fetch-mode", b"cors"),
    (b"sec-fetch-dest", b"empty"),
)
STATES = ["undecided", "accepted", "rejected", "signalled"]


def page(*headers: tuple[bytes, bytes], **parts: Any) -> Callable[[Asked], Page]:
    return lambda asked: Page(headers=[*HTML, *headers], **parts)


def in_state(site: Site, state: str, headers: Headers = (), **parts: Any) -> Answer:
    """Load a page in one of the states that a visitor can be in."""
    cookie = None
    if state in {"accepted", "rejected"}:
        cookie = site.answer_cookie(state.removesuffix("ed"))
    more = [(b"sec-gpc", b"1")] if state == "signalled" else []
    return site.get(headers=[*headers, *more], cookie=cookie, **parts)


# --- 155: Vary -----------------------------------------------------------------------------------


@both_doors
@pytest.mark.hostile(155)
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(
    ("lines", "merged"),
    [
        ([], [b"Cookie, Sec-GPC"]),
        ([b"Accept-Encoding"], [b"Accept-Encoding, Cookie, Sec-GPC"]),
        ([b"cookie"], [b"cookie, Sec-GPC"]),
        ([b"COOKIE ,sec-gpc"], [b"COOKIE ,sec-gpc"]),
        ([b"Origin", b"Cookie"], [b"Origin, Cookie, Sec-GPC"]),
        ([b""], [b"Cookie, Sec-GPC"]),
        ([b"*"], [b"*"]),
        ([b"Origin", b"*"], [b"Origin", b"*"]),
        ([b"X-Cookie"], [b"X-Cookie, Cookie, Sec-GPC"]),
    ],
    ids=str,
)
def test_vary_is_merged_once(
    door: Door, state: str, lines: list[bytes], merged: list[bytes]
) -> None:
    """In every state alike, or a cache that saw one visitor would serve it to the others."""
    site = Site(door, page(*((b"vary", line) for line in lines)), locale="en")
    assert in_state(site, state).values(b"vary") == merged


@both_doors
@pytest.mark.hostile(155)
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("status", [200, 203, 304, 400, 403, 404, 410, 500, 503])
@pytest.mark.parametrize("options", [{}, {"settings_link": False}, {"shape": "none"}], ids=str)
def test_page_that_could_carry_a_banner_varies(
    door: Door, state: str, status: int, options: dict[str, Any]
) -> None:
    headers = [] if status == 304 else list(HTML)
    site = Site(door, lambda asked: Page(status=status, headers=headers), **options)
    extra: dict[str, Any] = {"lint": False} if door == "wsgi" else {}
    exchange = Exchange(headers=with_state(site, state))
    [vary] = site.send(exchange, **extra).values(b"vary")
    assert vary.startswith(b"Cookie, Sec-GPC")


def with_state(site: Site, state: str, base: Headers = NAVIGATION) -> list[tuple[bytes, bytes]]:
    headers = list(base)
    if state in {"accepted", "rejected"}:
        headers.append((b"cookie", site.answer_cookie(state.removesuffix("ed"))))
    if state == "signalled":
        headers.append((b"sec-gpc", b"1"))
    return headers


@both_doors
@pytest.mark.hostile(155)
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(
    "head",
    [
        [(b"content-type", b"image/png"), PUBLIC, (b"etag", b'"x"')],
        [(b"content-type", b"text/css"), PUBLIC, (b"vary", b"Accept-Encoding")],
        [(b"content-type", b"application/json"), (b"last-modified", b"x")],
        [(b"content-type", b"text/plain")],
        [(b"content-type", b"text/html"), (b"content-disposition", b"attachment"), PUBLIC],
    ],
    ids=["image", "style", "json", "text", "download"],
)
def test_assets_keep_their_headers(door: Door, state: str, head: Headers) -> None:
    site = Site(door, lambda asked: Page(headers=head, chunks=[b"x"]))
    for base in (NAVIGATION, FETCH):
        answer = site.get(headers=with_state(site, state, base), base=())
        assert answer.headers == list(head)
        assert answer.body == b"x"


@both_doors
@pytest.mark.hostile(155)
def test_redirect_keeps_its_headers(door: Door) -> None:
    head = [(b"location", b"/x"), (b"content-type", b"text/html"), PUBLIC]
    site = Site(door, lambda asked: Page(status=302, headers=head))
    assert site.get().headers == head


@both_doors
@pytest.mark.hostile(155)
@pytest.mark.parametrize("state", STATES)
def test_answer_that_asked_varies_whatever_it_is(door: Door, state: str) -> None:
    def application(asked: Asked) -> Page:
        body = b"%d" % asked.state.allows("analytics")
        return Page(headers=[(b"content-type", b"application/json"), PUBLIC], chunks=[body])

    site = Site(door, application)
    answer = in_state(site, state)
    assert answer.values(b"vary") == [b"Cookie, Sec-GPC"]
    assert answer.body == b"%d" % (state == "accepted")


# --- 156, 157: Cache-Control ---------------------------------------------------------------------

SHARED = [
    (b"cache-control", b"public, s-maxage=31536000, max-age=60"),
    (b"cdn-cache-control", b"max-age=31536000"),
    (b"cloudflare-cdn-cache-control", b"max-age=1"),
    (b"surrogate-control", b"max-age=1"),
    (b"edge-control", b"max-age=1"),
    (b"x-accel-expires", b"3600"),
]
TARGETED = [name for name, _ in SHARED[1:]]


@both_doors
@pytest.mark.hostile(156)
def test_our_cookie_is_never_stored(door: Door) -> None:
    def application(asked: Asked) -> Page:
        asked.state.grant("analytics")
        return Page(headers=[*HTML, *SHARED])

    site = Site(door, application)
    granted = site.get()
    assert len(consent_lines(granted)) == 1
    posted = site.post({"choice": "accept"})
    for answer in (granted, posted):
        assert answer.values(b"cache-control") == [b"no-store"]
        assert not any(answer.values(name) for name in TARGETED)


@both_doors
@pytest.mark.hostile(156)
@pytest.mark.parametrize("path", ["/", "/cookie-consent"])
def test_our_deletions_are_private_at_least(door: Door, path: str) -> None:
    site = Site(door, lambda asked: Page(headers=[(b"content-type", b"text/plain"), *SHARED]))
    answer = site.get(path, cookie=b"_ga=1")
    assert any(line.startswith(b"_ga=;") for line in answer.values(b"set-cookie"))
    [control] = answer.values(b"cache-control")
    assert control in {b"private, max-age=60", b"no-store"}
    assert not any(answer.values(name) for name in TARGETED)


@both_doors
@pytest.mark.hostile(156)
@pytest.mark.parametrize("kind", [b"application/json", b"image/png"])
def test_removed_cookie_makes_nothing_more_cacheable(door: Door, kind: bytes) -> None:
    """Nor less: what the application said about its answer still holds."""
    for control in (b"no-store", b"private, max-age=5", b"public, max-age=5", None):
        head = [(b"content-type", kind), (b"set-cookie", b"_ga=1")]
        head += [] if control is None else [(b"cache-control", control)]
        answer = Site(door, lambda asked, head=head: Page(headers=head, chunks=[b"x"])).get()  # type: ignore[misc]
        assert answer.headers == [pair for pair in head if pair[0] != b"set-cookie"]


@both_doors
@pytest.mark.hostile(157)
@pytest.mark.parametrize("base", [NAVIGATION, FETCH], ids=["navigation", "fetch"])
@pytest.mark.parametrize(
    ("control", "private"),
    [
        ([], [b"private"]),
        ([b"public, max-age=600"], [b"private, max-age=600"]),
        ([b"max-age=600"], [b"private, max-age=600"]),
        ([b"s-maxage=9", b"public"], [b"private"]),
        ([b"private"], [b"private"]),
        ([b"private, max-age=5"], [b"private, max-age=5"]),
        ([b'private="x-user", max-age=5'], [b"private, max-age=5"]),
        ([b"no-store"], [b"no-store"]),
        ([b"no-cache"], [b"private, no-cache"]),
        ([b"PUBLIC, Max-Age=600"], [b"private, Max-Age=600"]),
        ([b'extension="a, public", max-age=5'], [b'private, extension="a, public", max-age=5']),
    ],
    ids=str,
)
def test_page_of_the_undecided_is_private(
    door: Door, base: Headers, control: list[bytes], private: list[bytes]
) -> None:
    """Whether or not a banner went in: a fetch must not be kept for a navigation."""
    site = Site(door, page(*((b"cache-control", line) for line in control), *SHARED[1:]))
    answer = site.get(base=base)
    assert banners(answer.body) == (base is NAVIGATION)
    assert answer.values(b"cache-control") == private
    assert not any(answer.values(name) for name in TARGETED)


@both_doors
@pytest.mark.hostile(157)
@pytest.mark.parametrize("state", ["accepted", "rejected", "signalled"])
def test_page_of_the_decided_stays_as_public_as_it_was(door: Door, state: str) -> None:
    answer = in_state(Site(door, page(*SHARED)), state)
    assert answer.values(b"cache-control") == [SHARED[0][1]]
    assert all(answer.values(name) for name in TARGETED)
    assert answer.values(b"vary")[0].startswith(b"Cookie")


@both_doors
@pytest.mark.hostile(157)
def test_site_may_leave_it_to_vary(door: Door) -> None:
    answer = Site(door, page(*SHARED), private_pages=False).get()
    assert banners(answer.body) == 1
    assert answer.values(b"cache-control") == [SHARED[0][1]]
    assert answer.values(b"vary") == [b"Cookie, Sec-GPC, Accept-Language"]


@both_doors
@pytest.mark.hostile(157)
def test_site_without_choices_keeps_its_headers(door: Door) -> None:
    """Nothing depends on an answer there, so nothing need be said to caches."""
    site = Site(door, page(*SHARED), classes=[CookieClass("analytics", regime="exempt")])
    assert site.get().headers == [*HTML, *SHARED]


# --- 159, 160: validators ------------------------------------------------------------------------


def revalidating(etag: bytes = b'"v1"', **parts: Any) -> Callable[[Asked], Page]:
    """Return an application that answers 304 where the browser has its page."""

    def application(asked: Asked) -> Page:
        wanted = asked.headers.get(b"if-none-match", b"")
        opaque = etag.removeprefix(b"W/")
        if wanted.strip() == b"*" or opaque in wanted:
            return Page(status=304, headers=[(b"etag", etag), PUBLIC])
        if asked.headers.get(b"if-modified-since"):
            return Page(status=304, headers=[(b"etag", etag), PUBLIC])
        stamp = (b"last-modified", b"Thu, 01 Jan 2026 00:00:00 GMT")
        return Page(headers=[*HTML, (b"etag", etag), PUBLIC, stamp], **parts)

    return application


@both_doors
@pytest.mark.hostile(159)
@pytest.mark.parametrize("etag", [b'"v1"', b'W/"v1"', b'""', b'"a-consent"', b'"\xfc"'])
def test_validator_differs_by_state(door: Door, etag: bytes) -> None:
    site = Site(door, revalidating(etag))
    tags = [in_state(site, state).values(b"etag")[0] for state in STATES]
    plain = site.get(base=FETCH).values(b"etag")[0]
    assert len({plain, *tags}) == 1 + len(STATES)
    for tag in tags:
        assert tag.startswith(b'W/"')


@both_doors
@pytest.mark.hostile(159)
@pytest.mark.parametrize("etag", [b'"v1"', b'W/"v1"'])
@pytest.mark.parametrize("before", STATES)
@pytest.mark.parametrize("after", STATES)
def test_old_copy_does_not_come_back(door: Door, etag: bytes, before: str, after: str) -> None:
    """The copy of another state is not confirmed; that of the same state is, if it asks nothing."""
    site = Site(door, revalidating(etag))
    first = in_state(site, before)
    [tag] = first.values(b"etag")
    second = in_state(site, after, [(b"if-none-match", tag)])
    # What was said is part of it, since the application may show that.
    if before == after:
        assert second.status == 304
        assert second.values(b"etag") == [tag]
        assert site.asked[-1].headers[b"if-none-match"] == etag, "the application's own"
    else:
        assert second.status == 200
        assert second.body == in_state(site, after).body
    assert second.values(b"vary")[0].startswith(b"Cookie, Sec-GPC")
    assert first.values(b"last-modified") == []


@both_doors
@pytest.mark.hostile(159)
@pytest.mark.parametrize("after", ["undecided", "accepted", "rejected"])
def test_copy_of_another_day_is_not_confirmed(door: Door, after: str) -> None:
    """Its form holds a token that may have run out."""
    site = Site(door, revalidating())
    cookie = None if after == "undecided" else site.answer_cookie(after.removesuffix("ed"))
    [tag] = site.get(cookie=cookie).values(b"etag")
    site.clock.advance(days=1)
    again = site.get(headers=[(b"if-none-match", tag)], cookie=cookie)
    assert again.status == 200
    assert again.values(b"etag") != [tag]


@both_doors
@pytest.mark.hostile(159)
@pytest.mark.parametrize("name", [b"if-modified-since", b"range", b"if-range"])
def test_undecided_get_the_whole_page(door: Door, name: bytes) -> None:
    site = Site(door, revalidating())
    value = b"Thu, 01 Jan 2026 00:00:00 GMT"
    answer = site.get(headers=[(name, value)])
    assert banners(answer.body) == 1
    assert name not in site.asked[-1].headers
    decided = site.get(headers=[(name, value)], cookie=site.answer_cookie())
    assert site.asked[-1].headers[name] == value
    assert (decided.status == 304) is (name == b"if-modified-since")


class Browsed(Site):
    """A site seen through a browser's own cache, which knows the cookies it sends."""

    def __init__(self, door: Door, application: Callable[[Asked], Page]) -> None:
        super().__init__(door, application)
        self.cache = Cache(self._network, shared=False)

    def _network(self, method: str, url: str, headers: Headers) -> Response:
        answer = super().send(Exchange(method=method, path=url, headers=list(headers)))
        return Response(answer.status, answer.headers, answer.body)

    def send(self, exchange: Exchange, **server: Any) -> Answer:
        if exchange.method != "GET":
            return super().send(exchange, **server)
        return as_answer(self.cache.fetch("GET", exchange.path, exchange.wire()))


@both_doors
@pytest.mark.hostile(159)
@pytest.mark.parametrize("etag", [None, b'"v1"'], ids=["no etag", "etag"])
def test_visitor_who_decides_sees_no_old_page(door: Door, etag: bytes | None) -> None:
    """What the browser still has of another state is not shown again, fresh or stale."""
    site = Browsed(door, page(PUBLIC) if etag is None else revalidating(etag))
    visitor = Visitor(site)
    visitor.visit("/")
    seen = [visitor.page]
    for choice in ("accept", "withdraw", "accept", "reject"):
        visitor.visit("/cookie-consent")
        visitor.choose(choice)
        site.cache.now += 1
        visitor.visit("/")
        seen.append(visitor.page)
        for seconds in (1, 601):  # fresh; stale: asked again with every validator it has
            site.cache.now += seconds
            visitor.visit("/")
            assert visitor.page == seen[-1]
    assert [banners(body) for body in seen] == [1, 0, 0, 0, 0]
    assert ["withdraw" in buttons(body) for body in seen] == [False, True, False, True, False]
    assert site.cache.hits


@both_doors
@pytest.mark.hostile(160)
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(
    "value",
    [
        b'"v1"',
        b'W/"v1"',
        b"*",
        b'"a", W/"b" , "c"',
        b"",
        b",",
        b"v1",
        b'"',
        b'"unclosed',
        b'W/""',
        b'"a,b"',
        b'w/"v1"',
        b'W/"v1-consentS-"',
        b'W/"-consent"',
        b'W/"v1-consentS-00000000"',
        b'W/"v1-consentX-00000000-consentS-00000000"',
        b'"\xff\x01"',
        b'"' + b"a" * 60_000,
        b'"a",' * 10_000,
    ],
    ids=lambda value: repr(value[:30]),
)
def test_odd_validators_are_harmless(door: Door, state: str, value: bytes) -> None:
    site = Site(door, revalidating())
    answer = in_state(site, state, [(b"if-none-match", value)])
    if state == "undecided":
        assert banners(answer.body) == 1
        assert b"if-none-match" not in site.asked[-1].headers
    elif answer.status == 304:
        assert b"v1" in value or value.strip() == b"*"
        assert answer.body == b""
        assert answer.values(b"etag") == [b'"v1"']
    else:
        assert settings_elements(answer.body) == 1


@both_doors
@pytest.mark.hostile(160)
def test_not_modified_is_filtered_and_varies(door: Door) -> None:
    def application(asked: Asked) -> Page:
        lines = [(b"set-cookie", b"_ga=1"), (b"set-cookie", b"sessionid=1; Path=/")]
        return Page(status=304, headers=[(b"etag", b'"v1"'), PUBLIC, *lines])

    site = Site(door, application)
    for state in STATES:
        answer = in_state(site, state, [(b"if-none-match", b'"v1"')])
        lines = answer.values(b"set-cookie")
        assert (b"_ga=1" in lines) is (state == "accepted")
        assert b"sessionid=1; Path=/" in lines
        assert answer.values(b"vary") == [b"Cookie, Sec-GPC"]
        assert answer.body == b""
        assert (answer.values(b"cache-control") == [PUBLIC[1]]) is (state != "undecided")


@both_doors
@pytest.mark.hostile(160)
@pytest.mark.parametrize("state", ["accepted", "rejected", "signalled"])
def test_not_modified_has_the_validator_of_the_page(door: Door, state: str) -> None:
    site = Site(door, revalidating())
    [tag] = in_state(site, state).values(b"etag")
    for wanted in (tag, b'"other", ' + tag, tag + b', W/"x-consentS-00000000"'):
        answer = in_state(site, state, [(b"if-none-match", wanted)])
        assert (answer.status, answer.values(b"etag")) == (304, [tag])


@both_doors
@pytest.mark.hostile(160)
def test_confirmed_copy_keeps_its_own_validator(door: Door) -> None:
    """The browser has a copy with our markup of an older page, and one without of this page."""
    [older] = in_state(Site(door, revalidating(b'"v0"')), "accepted").values(b"etag")
    site = Site(door, revalidating(b'"v1"'))
    answer = in_state(site, "accepted", [(b"if-none-match", older + b', "v1"')])
    assert (answer.status, answer.values(b"etag")) == (304, [b'"v1"'])


@both_doors
@pytest.mark.hostile(160)
def test_validators_of_assets_are_not_touched(door: Door) -> None:
    site = Site(door, page())
    for kind in (b"image", b"script", b"style", b"font"):
        base = ((b"accept", b"*/*"), (b"sec-fetch-dest", kind))
        site.get(headers=[(b"if-none-match", b'W/"x-consentS-00000000"')], base=base)
        assert site.asked[-1].headers[b"if-none-match"] == b'W/"x-consentS-00000000"'


@both_doors
@pytest.mark.hostile(160)
def test_part_of_a_page_is_not_confirmed_in_another_state(door: Door) -> None:
    """What a script fetches may hold an embed, and is a copy of one state like a page."""

    def part(asked: Asked) -> Page:
        shown = asked.state.embed(Markup("<i>film</i>"), "analytics", title="Film")
        if b'"v1"' in asked.headers.get(b"if-none-match", b""):
            return Page(status=304, headers=[(b"etag", b'"v1"')])
        return Page(headers=[*HTML, (b"etag", b'"v1"')], chunks=[shown.encode()])

    site = Site(door, part)
    yes, no = site.answer_cookie("accept"), site.answer_cookie("reject")
    first = site.get(base=FETCH, cookie=yes)
    assert first.body == b"<i>film</i>"
    wanted = [(b"if-none-match", first.values(b"etag")[0])]
    assert site.get(base=FETCH, cookie=yes, headers=wanted).status == 304
    again = site.get(base=FETCH, cookie=no, headers=wanted)
    assert (again.status, b"<i>film</i>" in again.body) == (200, False)


# --- 161, 162 ------------------------------------------------------------------------------------


@both_doors
@pytest.mark.hostile(161)
def test_only_our_own_pages_are_never_stored(door: Door) -> None:
    """`no-store` everywhere would switch the browser's back button cache off."""
    site = Site(door, page(PUBLIC))
    assert site.get("/cookie-consent").values(b"cache-control") == [b"no-store"]
    assert site.post({"choice": "accept"}).values(b"cache-control") == [b"no-store"]
    for state in STATES:
        assert b"no-store" not in in_state(site, state).values(b"cache-control")[0]
    style = site.get("/cookie-consent/" + SHIPPED.linked_name)
    assert style.values(b"cache-control") == [b"public, max-age=31536000, immutable"]


POISON: Headers = (
    (b"x-forwarded-host", b"evil.example"),
    (b"x-forwarded-prefix", b"/evil"),
    (b"x-forwarded-proto", b"http"),
    (b"x-forwarded-for", b"192.0.2.66"),
    (b"x-original-url", b"/evil"),
    (b"x-rewrite-url", b"/evil"),
    (b"x-script-name", b"/evil"),
    (b"forwarded", b"host=evil.example;proto=http"),
    (b"referer", b"https://evil.example/"),
    (b"user-agent", b"evil"),
    (b"x-http-method-override", b"POST"),
    (b"dnt", b"1"),
    (b"save-data", b"on"),
)


@both_doors
@pytest.mark.hostile(162)
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize(("name", "value"), POISON, ids=[name.decode() for name, _ in POISON])
def test_no_other_header_changes_the_page(
    door: Door, name: bytes, value: bytes, state: str, shared: bool
) -> None:
    site = Site(door, page(PUBLIC), shared_cache=shared)
    clean = in_state(site, state, root="/shop")
    assert in_state(site, state, [(name, value)], root="/shop") == clean


@both_doors
@pytest.mark.hostile(162)
@pytest.mark.parametrize("host", [b"evil.example", b"shop.example:666", b"", b"a\xffb"])
def test_host_changes_no_page(door: Door, host: bytes) -> None:
    site = Site(door, page(PUBLIC))
    assert site.get(host=host).body == site.get().body


@both_doors
@pytest.mark.hostile(162)
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("shared", [False, True])
def test_negotiated_language_is_named(door: Door, state: str, shared: bool) -> None:
    site = Site(door, page(PUBLIC), shared_cache=shared)
    names = in_state(site, state).values(b"vary")[0].split(b", ")
    assert names.count(b"Accept-Language") == 1
    fixed = Site(door, page(PUBLIC), shared_cache=shared, locale="en")
    assert b"Accept-Language" not in b"".join(in_state(fixed, state).values(b"vary"))
    french = (b"accept-language", b"fr")
    assert in_state(fixed, state, [french]) == in_state(fixed, state)


# --- a cache in front ----------------------------------------------------------------------------


def behind(site: Site) -> Callable[[str, str, Headers], Response]:
    """Return what a shared cache asks."""

    def origin(method: str, url: str, headers: Headers) -> Response:
        answer = site.send(Exchange(method=method, path=url, headers=list(headers)))
        return Response(answer.status, answer.headers, answer.body)

    return origin


def crowd(site: Site) -> list[tuple[str, list[tuple[bytes, bytes]]]]:
    """Return visitors of every kind, as the requests they send."""
    visitors = []
    for base, kind in ((NAVIGATION, "page"), (FETCH, "fetch")):
        visitors += [(f"{state} {kind}", with_state(site, state, base)) for state in STATES]
    visitors.append(("undecided page", [*NAVIGATION, (b"cookie", b"sessionid=1; _ga=2; zzz=3")]))
    visitors.append(("undecided page", [*NAVIGATION, (b"cookie", b"__Host-cookieconsent=forged")]))
    old = site.answer_cookie()
    visitors.append(("accepted page", [*NAVIGATION, (b"cookie", b"x=1; " + old)]))
    htmx = [*with_state(site, "undecided", FETCH), (b"hx-request", b"true")]
    visitors.append(("undecided fetch", htmx))
    return visitors


def assert_own(kind: str, body: bytes) -> None:
    """Check that a page is of the visitor's own state."""
    state, _, request = kind.partition(" ")
    if request == "fetch":
        return  # whoever fetches a page inserts what they please of it
    assert banners(body) == (state == "undecided"), kind
    assert ("withdraw" in buttons(body)) <= (state == "accepted"), kind


@both_doors
@pytest.mark.hostile(157, 158, 159)
@pytest.mark.parametrize("etag", [None, b'"v1"', b'W/"v1"'], ids=["no etag", "strong", "weak"])
@pytest.mark.parametrize("private_pages", [True, False])
def test_nobody_gets_anothers_page(door: Door, etag: bytes | None, private_pages: bool) -> None:
    """A busy public page behind an eager cache: fresh, stale and revalidated, in any order."""
    application = page(PUBLIC) if etag is None else revalidating(etag)
    site = Site(door, application, private_pages=private_pages)
    cache = Cache(behind(site))
    visitors = crowd(site)
    pick = random.Random(f"{etag!r}")
    for _ in range(150):
        kind, headers = pick.choice(visitors)
        cache.now += pick.choice([0, 1, 300, 700])
        response = cache.fetch("GET", "/", headers)
        assert response.status == 200
        assert_own(kind, response.body)
        assert not response.cached or not consent_lines(as_answer(response))
    assert cache.hits > 10, "the cache was of use"


def as_answer(response: Response) -> Answer:
    return Answer(status=response.status, headers=response.headers, body=response.body, chunks=[])


@both_doors
@pytest.mark.hostile(157)
def test_cache_blind_for_cookies_keeps_no_banner(door: Door) -> None:
    """Most content networks ignore `Vary: Cookie`; an undecided visitor's page never gets there."""
    site = Site(door, revalidating())
    cache = Cache(behind(site), ignores=[b"cookie", b"sec-gpc"])
    for kind, headers in crowd(site):
        if kind.startswith("undecided"):
            cache.fetch("GET", "/", headers)
    assert cache.stored() == []


@both_doors
@pytest.mark.hostile(156)
def test_cache_keeps_nobodys_cookies(door: Door) -> None:
    site = Site(door, page(*SHARED[:2]))
    cache = Cache(behind(site), ignores=[b"cookie"])
    tracked = [*with_state(site, "rejected"), (b"cookie", b"x")]
    tracked[-2:] = [(b"cookie", site.answer_cookie("reject") + b"; _ga=1; _gid=2")]
    answer = cache.fetch("GET", "/", tracked)
    assert answer.values(b"set-cookie")
    assert cache.stored() == []


# --- 158: pages for everybody --------------------------------------------------------------------


@both_doors
@pytest.mark.hostile(158)
@pytest.mark.parametrize("etag", [None, b'"v1"'], ids=["no etag", "etag"])
def test_shared_page_is_the_same_for_everybody(door: Door, etag: bytes | None) -> None:
    """Byte for byte and header for header, whatever cookies and signals come."""
    site = Site(door, page(PUBLIC) if etag is None else revalidating(etag), shared_cache=True)
    cookies = (b"_ga=1; _gid=2; zzz=3", b"__Host-cookieconsent=x", b"sessionid=1")
    answers = [in_state(site, state) for state in STATES]
    answers += [site.get(cookie=cookie) for cookie in cookies]
    answers.append(site.get(base=((b"accept", b"*/*"), (b"accept-language", b"en"))))
    site.clock.advance(days=5)
    answers.append(site.get())
    for answer in answers:
        assert answer == answers[0]
    first = answers[0]
    assert banners(first.body) == 1
    assert settings_elements(first.body) == 0
    assert first.values(b"cache-control") == [PUBLIC[1]]
    assert first.values(b"vary") == [b"Accept-Language"]
    assert first.values(b"set-cookie") == []
    assert not [
        name
        for form in [form_for(first.body, "accept")]
        for name, _ in form.fields
        if name == "token"
    ]


@both_doors
@pytest.mark.hostile(158)
def test_shared_page_may_be_confirmed_for_everybody(door: Door) -> None:
    site = Site(door, revalidating(), shared_cache=True)
    [tag] = site.get().values(b"etag")
    for state in STATES:
        answer = in_state(site, state, [(b"if-none-match", tag), (b"cookie", b"_ga=1")])
        assert (answer.status, answer.values(b"etag")) == (304, [tag])
        assert answer.values(b"set-cookie") == []
        assert answer.values(b"cache-control") == [PUBLIC[1]]
        assert b"Cookie" not in b"".join(answer.values(b"vary"))


@both_doors
@pytest.mark.hostile(158)
def test_shared_page_survives_a_blind_cache(door: Door) -> None:
    """Banner or not is decided by a small sheet that no cache keeps."""
    site = Site(door, revalidating(), shared_cache=True)
    cache = Cache(behind(site), ignores=[b"cookie", b"sec-gpc"])
    pick = random.Random(5)
    whole = site.get().body
    for _ in range(80):
        kind, headers = pick.choice(crowd(site))
        cache.now += pick.choice([0, 1, 700])
        if kind.endswith("page"):
            assert cache.fetch("GET", "/", headers).body == whole
            state = kind.partition(" ")[0]
            sheet = cache.fetch("GET", "/cookie-consent/state.css", headers)
            assert not sheet.cached
            assert (b"display:none" in sheet.body) is (state != "undecided")
    assert cache.hits > 20


@both_doors
@pytest.mark.hostile(158)
def test_fragment_is_not_kept_as_the_shared_page(door: Door) -> None:
    site = Site(door, page(PUBLIC), shared_cache=True)
    fragment = site.get(headers=[(b"hx-request", b"true")])
    assert banners(fragment.body) == 0
    assert fragment.values(b"cache-control") == [b"private, max-age=600"]


@both_doors
@pytest.mark.hostile(158)
@pytest.mark.parametrize("state", STATES)
def test_state_sheet_is_never_stored(door: Door, state: str) -> None:
    site = Site(door, shared_cache=True)
    answer = site.get("/cookie-consent/state.css", with_state(site, state, FETCH), base=())
    assert answer.status == 200
    assert answer.values(b"content-type") == [b"text/css; charset=utf-8"]
    assert answer.values(b"cache-control") == [b"no-store"]
    assert (b"#cookieconsent-banner" in answer.body) is (state != "undecided")
    links = [e["href"] for e in elements(site.get(root="/m").body) if e.tag == "link"]
    assert links == ["/m/cookie-consent/state.css"]


@both_doors
@pytest.mark.parametrize(
    ("policy", "warned"),
    [(b"style-src 'self'", False), (b"style-src 'unsafe-inline'", True), (b"img-src *", False)],
)
def test_page_without_the_state_sheet_is_warned_of(
    door: Door, policy: bytes, warned: bool, caplog: pytest.LogCaptureFixture
) -> None:
    site = Site(door, page((b"content-security-policy", policy)), shared_cache=True)
    with caplog.at_level(logging.WARNING, "cookieconsent"):
        assert banners(site.get().body) == 1
    assert ("state sheet" in caplog.text) == warned


@both_doors
@pytest.mark.hostile(158)
def test_deletions_ride_on_sheet_and_form_alone(door: Door) -> None:
    """Not on pages, not on their 304, not on assets that a cache may keep."""
    cookies = [Cookie("old", "analytics", purpose="p", provider="p", lifetime="session")]
    site = Site(door, shared_cache=True, cookies=cookies)
    dirty = site.answer_cookie("reject") + b"; old=1"
    deletion = b"old=; "
    for head, status in (
        ([*HTML, PUBLIC], 200),
        ([PUBLIC], 304),
        ([(b"location", b"/x"), (b"content-type", b"text/plain")], 302),
        ([(b"content-type", b"image/png"), PUBLIC], 200),
    ):
        site._application = lambda asked, head=head, status=status: Page(
            status=status, headers=head
        )  # type: ignore[misc]
        extra: dict[str, Any] = {"lint": False} if door == "wsgi" else {}
        answer = site.send(Exchange(headers=[*NAVIGATION, (b"cookie", dirty)]), **extra)
        assert answer.values(b"set-cookie") == [], status
        assert b"private" not in b"".join(answer.values(b"cache-control"))
    sheet = site.get("/cookie-consent/state.css", base=FETCH, cookie=dirty)
    posted = site.post({"choice": "reject"}, cookie=dirty)
    for answer in (sheet, posted):
        assert [line for line in answer.values(b"set-cookie") if line.startswith(deletion)]


@both_doors
@pytest.mark.hostile(158)
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([(b"sec-fetch-site", b"same-origin")], 303),
        ([(b"origin", b"http://shop.example")], 303),
        ([(b"origin", b"https://shop.example")], 303),
        ([(b"sec-fetch-site", b"none"), (b"origin", b"https://shop.example")], 303),
        ([], 403),
        ([(b"origin", b"null")], 403),
        ([(b"sec-fetch-site", b"none")], 403),
        ([(b"sec-fetch-site", b"cross-site")], 403),
        ([(b"sec-fetch-site", b"cross-site"), (b"origin", b"https://pay.example")], 403),
        ([(b"origin", b"https://evil.example")], 403),
        ([(b"origin", b"http://shop.example"), (b"sec-fetch-site", b"same-site")], 403),
    ],
    ids=str,
)
def test_form_without_token_rests_on_its_origin(door: Door, headers: Headers, status: int) -> None:
    site = Site(door, shared_cache=True, trusted_origins=["https://pay.example"])
    fields = [*form_for(site.get("/shop").body, "accept").fields, ("choice", "accept")]
    assert "token" not in dict(fields)
    answer = site.post(fields, headers)
    assert answer.status == status
    if status == 303:
        assert answer.values(b"location") == [b"/shop#cookieconsent-saved"]
        return
    assert answer.values(b"set-cookie") == []
    again = form_for(answer.body, "accept")
    assert dict(again.fields)["token"], "the preferences page has one, and what was meant"
    assert dict(again.fields)["next"] == "/shop"
    if not headers:
        assert site.post([*again.fields, ("choice", "accept")], ()).status == 303


@both_doors
@pytest.mark.hostile(158)
def test_token_is_not_replaced_by_an_origin(door: Door) -> None:
    site = Site(door, shared_cache=True)
    origin = [(b"origin", b"http://shop.example")]
    assert site.post({"choice": "accept", "token": "wrong"}, origin).status == 403
    assert Site(door).post({"choice": "accept"}, origin).status == 403, (
        "only where pages are shared"
    )


@both_doors
@pytest.mark.hostile(158)
def test_asking_for_a_shared_page_is_warned_of(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    def application(asked: Asked) -> Page:
        asked.state.allows("analytics")
        return Page()

    site = Site(door, application, shared_cache=True)
    answers = [site.get() for _ in range(3)]
    warned = [r for r in caplog.records if r.levelno == logging.WARNING]
    assert len(warned) == 1
    assert "asked" in warned[0].getMessage()
    assert b"Cookie" in answers[-1].values(b"vary")[0], "better slow than wrong"


@both_doors
@pytest.mark.hostile(158)
def test_whole_dialogue_on_shared_pages(door: Door) -> None:
    site = Site(door, page(PUBLIC), shared_cache=True)
    visitor = Visitor(site)

    def shown() -> bool:
        page_bytes = visitor.page
        sheet = visitor.visit("/cookie-consent/state.css", FETCH)
        visitor.page = page_bytes
        return b"display:none" not in sheet.body

    visitor.visit("/")
    before = visitor.page
    assert shown()
    visitor.choose("reject")
    assert visitor.page == before
    assert not shown()
    assert PAGE[:50] in visitor.page
