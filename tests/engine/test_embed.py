"""`consent.embed()`: content once it is allowed, before that a box, through both doors."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from markupsafe import Markup

from cookieconsent import Cookie, CookieClass
from doors import HTML, Asked, Page, Site, elements, form_for
from oracles.drivers import Answer

FILM = Markup('<iframe src="https://film.example/embed/1" width="560" height="315"></iframe>')
SAID: dict[str, Any] = {
    "title": "How tea is made",
    "provider": "Film House",
    "link": "https://film.example/watch/1",
    "width": 560,
    "height": "315",
}
COOKIES = [Cookie("player", "media", purpose="P.", provider="Film House", lifetime="1 year")]


@pytest.fixture(params=["asgi", "wsgi"])
def door(request: pytest.FixtureRequest) -> Any:
    return request.param


def showing(*arguments: Any, **said: Any) -> Any:
    """Return an application that embeds something."""

    def page(request: Asked) -> Page:
        shown = request.state.embed(*arguments, **said)
        assert hasattr(shown, "__html__")
        return Page(chunks=(f"<!DOCTYPE html><title>t</title><body><i>[{shown}]</i>".encode(),))

    return page


def site_with(door: Any, *arguments: Any, said: Any = None, **options: Any) -> Site:
    page = showing(*(arguments or (FILM,)), **(SAID if said is None else said))
    return Site(door, page, **{"cookies": COOKIES} | options)


def shown(answer: Answer) -> str:
    return answer.body.decode().split("<i>[")[1].split("]</i>")[0]


def test_content_is_absent_until_granted(door: Any) -> None:
    site = site_with(door)
    for cookie in (None, site.answer_cookie("reject")):
        box = shown(site.get(cookie=cookie))
        assert "iframe" not in box
        assert 'class="cookieconsent-embed"' in box
    assert shown(site.get(cookie=site.answer_cookie("accept"))) == str(FILM)


def test_box_says_what_it_is_and_is_as_large(door: Any) -> None:
    box = shown(site_with(door).get())
    for part in (
        "How tea is made",
        "Film House receives data about you when this is shown, possibly outside the EU.",
        '<a href="https://film.example/watch/1" rel="noopener noreferrer">Open at Film House</a>',
        '<svg width="560" height="315" aria-hidden="true" focusable="false"></svg>',
    ):
        assert part in box


def test_button_allows_the_class_and_comes_back(door: Any) -> None:
    site = site_with(door)
    form = form_for(site.get("/film", query=b"of=1").body, "grant")
    answer = site.post([*form.fields, ("choice", "grant")], ())
    assert answer.status == 303
    assert site.choices[-1].granted == {"media"}
    assert answer.values(b"location") == [b"/film?of=1#cookieconsent-saved"]
    cookie = answer.values(b"set-cookie")[-1].partition(b";")[0]
    assert shown(site.get(cookie=cookie)) == str(FILM)


ATTACK = '" autofocus onfocus="alert(1)" x="'


@pytest.mark.parametrize("field", ["title", "provider", "link"])
@pytest.mark.parametrize(
    "value", [ATTACK, Markup(ATTACK), Markup("</p><script>alert(1)</script>")], ids=repr
)
def test_nothing_said_becomes_markup(door: Any, field: str, value: Any) -> None:
    box = shown(site_with(door, said={**SAID, field: value}).get())
    for element in elements(box.encode()):
        assert element.tag != "script"
        assert not {n for n in element.attributes if n.startswith("on") or n == "autofocus"}


SAID_OTHERWISE: list[tuple[str, Any, str]] = [
    ("title", Markup("Tom &amp; <b>Ann</b>"), "<strong>Tom &amp; Ann</strong>"),
    ("title", "Tom & Ann", "<strong>Tom &amp; Ann</strong>"),
    ("title", "a\x02next\x03\tb", "<strong>a next b</strong>"),
    (
        "link",
        Markup("https://film.example/?a=1&amp;b=2"),
        'href="https://film.example/?a=1&amp;b=2"',
    ),
    ("provider", Markup("Ann &amp; Co"), "Open at Ann &amp; Co"),
]


@pytest.mark.parametrize(("field", "value", "markup"), SAID_OTHERWISE)
def test_markup_is_read_as_text(door: Any, field: str, value: Any, markup: str) -> None:
    assert markup in shown(site_with(door, said={**SAID, field: value}).get())


def test_copy_of_another_answer_is_not_confirmed(door: Any) -> None:
    """The application has one validator; the page is another one in each state."""

    def film(request: Asked) -> Page:
        shown = request.state.embed(FILM, **SAID)
        if b'"v1"' in request.headers.get(b"if-none-match", b""):
            return Page(status=304, headers=[(b"etag", b'"v1"')])
        return Page(headers=[*HTML, (b"etag", b'"v1"')], chunks=[b"<body>", shown.encode()])

    for options in ({}, {"settings_link": False}, {"shape": "none"}):
        site = Site(door, film, cookies=COOKIES, **options)
        yes = site.answer_cookie("accept")
        paused = site.post(b"choice=pause", cookie=yes).values(b"set-cookie")[-1].partition(b";")[0]
        cookies = [yes, paused, site.answer_cookie("reject"), None]
        for before in cookies:
            seen = site.get(cookie=before)
            wanted = [(b"if-none-match", seen.values(b"etag")[0])]
            if before is not None:
                assert site.get(cookie=before, headers=wanted).status == 304
            for after in cookies:
                if after != before:
                    again = site.get(cookie=after, headers=wanted)
                    assert again.status == 200
                    assert (b"iframe" in again.body) is (after == yes)


def test_caches_know_of_the_language(door: Any) -> None:
    page = showing(FILM, **SAID)
    for options in ({}, {"settings_link": False}, {"shape": "none"}, {"shared_cache": True}):
        for answer in (None, "accept", "reject"):
            site = Site(door, page, cookies=COOKIES, **options)
            cookie = None if answer is None else site.answer_cookie(answer)
            assert b"Accept-Language" in site.get(cookie=cookie).values(b"vary")[0]


def test_sheet_comes_with_the_first_box_shown(door: Any) -> None:
    def page(request: Asked) -> Page:
        request.state.embed(Markup("<script></script>"), "analytics")
        return Page(chunks=[b"<!DOCTYPE html><body>", request.state.embed(FILM, **SAID).encode()])

    assert b'<link rel="stylesheet"' in Site(door, page, cookies=COOKIES, shape="none").get().body


def test_banner_says_that_the_yes_was_kept(door: Any) -> None:
    """One class is answered and another is not: the banner is there, and its line is true."""
    site = site_with(door)
    form = form_for(site.get().body, "grant")
    answer = site.post([*form.fields, ("choice", "grant")], ())
    cookie = answer.values(b"set-cookie")[-1].partition(b";")[0]
    body = site.get(cookie=cookie).body
    assert b'id="cookieconsent-banner"' in body
    assert b"Your choice is saved." in body
    assert b"No choice is stored" not in body
    assert b"No choice is stored" in site.get().body


def test_sheet_is_linked_once(door: Any) -> None:
    def page(request: Asked) -> Page:
        boxes = "".join(request.state.embed(FILM, **SAID) for _ in range(3))
        return Page(chunks=(b"<!DOCTYPE html><title>t</title><body>", boxes.encode()))

    site = Site(door, page, cookies=COOKIES)
    body = site.get().body
    assert body.count(b'class="cookieconsent-embed"') == 3
    (link,) = [e for e in elements(body) if e.tag == "link"]
    assert b".cookieconsent-embed" in site.get(link["href"]).body


def test_script_and_pixel_leave_nothing_behind(door: Any) -> None:
    script = Markup('<script src="/count.js"></script>')
    site = site_with(door, script, "analytics", said={})
    assert shown(site.get()) == ""
    assert shown(site.get(cookie=site.answer_cookie("accept"))) == str(script)


def test_page_with_an_embed_depends_on_the_visitor(door: Any) -> None:
    for cookie in (None, site_with(door).answer_cookie("accept")):
        assert b"Cookie" in site_with(door).get(cookie=cookie).values(b"vary")[0]


def test_signal_withholds_and_a_click_outranks_it(door: Any) -> None:
    site, signal = site_with(door), [(b"sec-gpc", b"1")]
    accepted = site.answer_cookie("accept")
    assert "grant" in shown(site.get(headers=signal, cookie=accepted))
    form = form_for(site.get(headers=signal, cookie=accepted).body, "grant")
    answer = site.post([*form.fields, ("choice", "grant")], signal, cookie=accepted)
    cookie = answer.values(b"set-cookie")[-1].partition(b";")[0]
    assert shown(site.get(headers=signal, cookie=cookie)) == str(FILM)


def test_class_not_in_use_has_no_button(door: Any, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "cookieconsent"):
        box = shown(site_with(door, cookies=()).get())
    assert "Open at Film House" in box
    assert "<form" not in box
    assert "class not in use: allows('media')" in caplog.text


def test_shared_pages_have_the_same_box_for_all(door: Any) -> None:
    site = site_with(door, shared_cache=True)
    accepted = site.get(cookie=site.answer_cookie("accept"))
    assert accepted.body == site.get().body
    assert "Open at Film House" in shown(accepted)
    assert "<form" not in shown(accepted)


def test_shared_pages_hold_what_nobody_is_asked_about(door: Any) -> None:
    assert shown(site_with(door, FILM, "cart", shared_cache=True).get()) == str(FILM)


def test_report_only_mode_shows_the_content(door: Any) -> None:
    assert shown(site_with(door, enforce=False).get()) == str(FILM)


def test_plain_text_is_refused(door: Any) -> None:
    failures = []

    def page(request: Asked) -> Page:
        with pytest.raises(TypeError, match=r"markupsafe\.Markup") as failure:
            request.state.embed("<iframe>")  # type: ignore[arg-type]
        failures.append(failure)
        return Page()

    Site(door, page, cookies=COOKIES).get()
    assert failures


HOSTILE = '"><script>alert(1)</script>\x02token\x03'


def test_texts_are_escaped(door: Any) -> None:
    said = {"title": HOSTILE, "provider": HOSTILE, "link": "https://a.example/'><script>"}
    classes = [CookieClass("media", title=HOSTILE)]
    answer = site_with(door, said=said, classes=classes).get()
    assert b"<script" not in answer.body


@pytest.mark.parametrize(
    "link",
    ["javascript:alert(1)", "//evil.example", "/\\evil.example", "data:text/html,x", "x y", 3],
)
def test_other_addresses_are_left_out(
    door: Any, link: Any, caplog: pytest.LogCaptureFixture
) -> None:
    box = shown(site_with(door, said={"title": "T", "link": link}).get())
    assert "<a " not in box
    assert "is no address; the placeholder has no link" in caplog.text


@pytest.mark.parametrize("size", [(0, 1), (-1, 5), (10_000, 5), ("x", "5"), (5, None), (True, 1)])
def test_strange_sizes_are_left_out(door: Any, size: tuple[Any, Any]) -> None:
    said = {"title": "T", "width": size[0], "height": size[1]}
    assert "<svg" not in shown(site_with(door, said=said).get())


def test_box_speaks_the_visitors_language(door: Any) -> None:
    box = shown(site_with(door).get(headers=[(b"accept-language", b"de")]))
    assert 'lang="de"' in box
