"""Copies of pages: none that shows what is no longer so is confirmed, whatever it depends on."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from markupsafe import Markup

from cookieconsent import ConsentState, Cookie
from doors import HTML, NAVIGATION, Asked, Door, Page, Site, both_doors
from oracles.drivers import Answer

COOKIES = [Cookie("player", "media", purpose="P.", provider="Film House", lifetime="1 year")]
ETAG = b'"v1"'
PUBLIC = (b"cache-control", b"public, max-age=600")
FETCH = ((b"accept", b"*/*"), (b"sec-fetch-dest", b"empty"), (b"sec-fetch-mode", b"cors"))
GATE: dict[str, Any] = {"csp_gate": "enforce", "csp_hosts": {"media": ["film.example"]}}
OWN_POLICY = (b"content-security-policy", b"img-src 'self'")


def says(question: Callable[[ConsentState], object], *headers: tuple[bytes, bytes]) -> Any:
    """Return an application with one validator, whose page is what a question says."""

    def application(asked: Asked) -> Page:
        said = str(question(asked.state))
        if ETAG in asked.headers.get(b"if-none-match", b""):
            return Page(status=304, headers=[(b"etag", ETAG), PUBLIC])
        if b"if-modified-since" in asked.headers:
            return Page(status=304, headers=[PUBLIC])
        stamp = (b"last-modified", b"Thu, 01 Jan 2026 00:00:00 GMT")
        body = f"<!DOCTYPE html><html><head><title>t</title></head><body>{said}</body></html>"
        return Page(
            headers=[*(headers or HTML), (b"etag", ETAG), PUBLIC, stamp], chunks=[body.encode()]
        )

    return application


def validators(answer: Answer) -> list[tuple[bytes, bytes]]:
    """Return what a browser sends that has this answer."""
    found = [(b"if-none-match", tag) for tag in answer.values(b"etag")]
    return found + [(b"if-modified-since", day) for day in answer.values(b"last-modified")]


def visitors(site: Site) -> list[tuple[bytes | None, tuple[tuple[bytes, bytes], ...]]]:
    """Return consent cookies and further fields of visitors who differ."""
    yes = site.answer_cookie("accept")
    paused = site.post(b"choice=pause", cookie=yes).values(b"set-cookie")[-1].partition(b";")[0]
    signal = ((b"sec-gpc", b"1"),)
    return [(None, ()), (yes, ()), (site.answer_cookie("reject"), ()), (paused, ()), (None, signal)]


QUESTIONS: dict[str, Callable[[ConsentState], object]] = {
    "nothing": lambda state: "",
    "allows": lambda state: state.allows("media"),
    "decided": lambda state: state.decided,
    "choice": lambda state: state.choice,
    "embed": lambda state: state.embed(Markup("<i>film</i>"), title="Film"),
    "banner": lambda state: state.banner(),
    "settings": lambda state: state.settings_link(),
}
SITES: dict[str, dict[str, Any]] = {
    "top": {},
    "none": {"shape": "none"},
    "no settings link": {"settings_link": False},
    "gate": GATE,
    "shared": {"shared_cache": True},
}
KINDS = {
    "html": HTML[0],
    "xhtml": (b"content-type", b"application/xhtml+xml"),
    "stream": (b"content-type", b"text/vnd.turbo-stream.html"),
    "json": (b"content-type", b"application/json"),
}


@both_doors
@pytest.mark.parametrize("options", SITES.values(), ids=SITES)
@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_confirmed_copy_is_what_would_be_sent(
    door: Door, options: dict[str, Any], question: Any, kind: tuple[bytes, bytes]
) -> None:
    """By every visitor before and after, navigating or fetching: a 304 stands for the same bytes."""
    site = Site(door, says(question, kind), cookies=COOKIES, **options)
    ways = [
        (cookie, fields, base) for cookie, fields in visitors(site) for base in (NAVIGATION, FETCH)
    ]
    answers = [site.get(cookie=c, headers=f, base=b) for c, f, b in ways]
    for first in answers:
        for (cookie, fields, base), now in zip(ways, answers, strict=True):
            headers = (*fields, *validators(first))
            again = site.get(cookie=cookie, headers=headers, base=base)
            if again.status == 304:
                assert first.body == now.body
                assert first.values(b"content-security-policy") == now.values(
                    b"content-security-policy"
                )
            else:
                assert (again.status, again.body) == (200, now.body)


@both_doors
@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_same_copy_is_confirmed(door: Door, question: Any) -> None:
    site = Site(door, says(question), cookies=COOKIES)
    for cookie, fields in visitors(site):
        for base in (NAVIGATION, FETCH):
            first = site.get(cookie=cookie, headers=fields, base=base)
            headers = (*fields, *validators(first))
            again = site.get(cookie=cookie, headers=headers, base=base)
            assert again.status == 304
            assert again.values(b"etag") == first.values(b"etag")
            if b"-consent" in first.values(b"etag")[0]:  # caches update what they keep from it
                assert again.values(b"vary")[0].startswith(first.values(b"vary")[0])
                assert again.values(b"cache-control") == first.values(b"cache-control")


@both_doors
def test_revalidation_takes_no_policy_away(door: Door) -> None:
    """A browser replaces the fields of its copy by those of the 304."""
    site = Site(door, says(QUESTIONS["nothing"], HTML[0], OWN_POLICY), cookies=COOKIES, **GATE)
    yes = site.answer_cookie("accept")
    first = site.get(cookie=yes)
    assert len(first.values(b"content-security-policy")) == 2
    again = site.get(cookie=yes, headers=validators(first))
    assert (again.status, again.values(b"content-security-policy")) == (304, [])


@both_doors
def test_copy_from_before_the_gate_is_none(door: Door) -> None:
    old = validators(Site(door, says(QUESTIONS["nothing"]), shape="none", cookies=COOKIES).get())
    assert len(old) == 2
    site = Site(door, says(QUESTIONS["nothing"]), shape="none", cookies=COOKIES, **GATE)
    for kept in (old[:1], old[1:], old):
        assert site.get(cookie=site.answer_cookie("reject"), headers=kept).status == 200


@both_doors
def test_conditional_write_has_the_validator_of_the_application(door: Door) -> None:
    site = Site(door, says(QUESTIONS["allows"], KINDS["json"]), cookies=COOKIES)
    marked = site.get(base=FETCH).values(b"etag")[0]
    assert marked != ETAG
    site.get(base=FETCH, headers=[(b"if-match", marked)], cookie=site.answer_cookie("accept"))
    assert site.asked[-1].headers[b"if-match"] == ETAG


@both_doors
def test_asking_behind_a_validator_is_told(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    def late(asked: Asked) -> Page:
        headers = [*HTML, (b"etag", ETAG)]
        return Page(headers=headers, after_head=lambda: asked.state.allows("media"))

    caplog.set_level(logging.WARNING, "cookieconsent")
    site = Site(door, late, shape="none", cookies=COOKIES)
    for _ in range(2):
        site.get()
    assert [record.__dict__["event"] for record in caplog.records] == ["asked late"]


@both_doors
def test_reading_the_language_is_told_to_caches(door: Door) -> None:
    site = Site(door, says(lambda state: state.locale), cookies=COOKIES, settings_link=False)
    answer = site.get(cookie=site.answer_cookie("accept"))
    assert b"Accept-Language" in answer.values(b"vary")[0]


@both_doors
def test_fetched_page_is_nobody_elses(door: Door) -> None:
    """A navigation with the same cookies must not get it: it has no settings element."""
    site = Site(door, says(QUESTIONS["nothing"]), cookies=COOKIES)
    for answer in ("accept", "reject"):
        cookie = site.answer_cookie(answer)
        assert b"private" in site.get(cookie=cookie, base=FETCH).values(b"cache-control")[0]
        assert b"public" in site.get(cookie=cookie).values(b"cache-control")[0]
