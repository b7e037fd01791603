"""A walk stays on its site, does nothing there, comes to an end, and says what it left out."""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Self

import pytest

from cookieconsent.core.cookies import Scope, http_date
from cookieconsent.observation.answer import Answer, ObservationError, Request
from cookieconsent.observation.jar import Jar
from cookieconsent.observation.links import PageReader, read_page
from cookieconsent.observation.walk import Limits, Walk, walk

START = "https://shop.example/"
NOW = 1_700_000_000.0


class Site:
    """A client of made-up pages; what is not there is a 404, `None` gives no answer."""

    def __init__(self, pages: Mapping[str, Answer | None]) -> None:
        self.pages = pages
        self.asked: list[tuple[str, bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *arguments: object) -> None:
        """End nothing."""

    def send(self, request: Request) -> Answer:
        url = request.url
        self.asked.append((url, dict(request.headers).get(b"cookie", b"")))
        answer = self.pages.get(url, page(status=404))
        if answer is None:
            raise ObservationError("no answer in time")
        return answer


def page(*links: str, cookies: Sequence[bytes] = (), status: int = 200, more: str = "") -> Answer:
    body = "".join(f'<a href="{link}">x</a>' for link in links) + more
    headers = [(b"content-type", b"text/html"), *((b"set-cookie", line) for line in cookies)]
    return Answer(status=status, headers=headers, body=body.encode())


def moved(location: str, *cookies: bytes) -> Answer:
    headers = [(b"location", location.encode()), *((b"set-cookie", line) for line in cookies)]
    return Answer(status=302, headers=headers, body=b"")


def walked(found: Mapping[str, Answer | None], *named: str, **limits: Any) -> tuple[Walk, Site]:
    site = Site({f"https://shop.example{k}" if k[0] == "/" else k: v for k, v in found.items()})
    return walk(site, START, named, Limits(**limits), now=lambda: NOW), site


def test_links_of_the_site_are_followed_once() -> None:
    first = page("/a", "/a?again", "a#part", "https://shop.example/b", "mailto:x@y.example")
    seen, site = walked({"/": first, "/a": page("/"), "/b": page("/c", status=500)})
    assert [url for url, _ in site.asked] == [START, f"{START}a", f"{START}b", f"{START}c"]
    assert seen.pages == {"/": 200, "/a": 200, "/b": 500, "/c": 404}


def test_named_pages_come_before_links() -> None:
    _, site = walked({"/": page("/a")}, "/z?q=1")
    assert [url for url, _ in site.asked][1] == f"{START}z?q=1"


@pytest.mark.parametrize(
    "link",
    [
        "https://other.example/",
        "//other.example/x",
        "http://shop.example/plain",
        "https://shop.example:8443/",
        "https://shop.example.other.example/",
        "/logout",
        "/account/sign-out/",
        "/cart/add?id=1",
        "/items/7/delete",
        "/style.css",
        "/book.PDF",
        "javascript:alert(1)",
        "http://[broken",
        "https://shop.example:port/",
    ],
)
def test_some_links_are_left_alone(link: str) -> None:
    _, site = walked({"/": page(link)})
    assert len(site.asked) == 1


def test_what_was_left_out_is_kept() -> None:
    links = ["/a", "/b", "/logout", "https://other.example/"]
    more = '<form></form><script src="https://cdn.example/x.js"></script><script></script>'
    seen, _ = walked({"/": page(*links, more=more), "/a": None}, pages=2)
    assert seen.failed == {"/a": "no answer in time"}
    assert (seen.left, seen.acts, seen.elsewhere) == ({"/b"}, {"/logout"}, {"other.example"})
    assert (seen.forms, seen.scripts, seen.loaded) == (1, 2, {"cdn.example"})


@pytest.mark.parametrize(
    ("markup", "asked"),
    [
        ('<a href="/\u00fcber uns?a=\u00fc">', "%C3%BCber%20uns?a=%C3%BC"),
        ('<a href="/50%25">', "50%25"),
        ('<iframe src="/framed"></iframe>', "framed"),
        ("<meta http-equiv=Refresh content=\"0; URL='/next'\">", "next"),
        ('<meta http-equiv=refresh content="0;/next">', "next"),
    ],
)
def test_pages_are_found_as_browsers_find_them(markup: str, asked: str) -> None:
    _, site = walked({"/": page(more=markup)})
    assert [url for url, _ in site.asked] == [START, f"{START}{asked}"]


@pytest.mark.parametrize(
    "markup",
    [
        '<iframe src="https://other.example/"></iframe>',
        "<iframe></iframe>",
        "<meta http-equiv=refresh content=30>",
        "<meta http-equiv=refresh>",
        "<a rel=nofollow href=https://other.example/>",
    ],
)
def test_what_leads_nowhere_is_not_missed(markup: str) -> None:
    seen, site = walked({"/": page(more=markup)})
    assert (len(site.asked), seen.skipped) == (1, {})


@pytest.mark.parametrize(
    ("markup", "path", "why"),
    [
        ("<a rel=nofollow href=/x>", "/x", "asks not to be followed"),
        ("<a href=/book.pdf>", "/book.pdf", "that of a file"),
        ("<a href=/feed.xml?a=1>", "/feed.xml", "that of a file"),
        ("<a href=/?id=2>", "/?...", "its query was left out"),
        ("<a href=/x?id=1><a href=/x?id=secret>", "/x?...", "its query was left out"),
        ("<a href=/x?id=secret><a href=/x>", "/x?...", "its query was left out"),
        ("<a href=/away>", "/away", "leads to another site"),
    ],
)
def test_skipped_links_are_named_with_a_reason(markup: str, path: str, why: str) -> None:
    seen, _ = walked({"/": page(more=markup), "/away": moved("https://login.example/")})
    assert list(seen.skipped) == [path]
    assert why in seen.skipped[path]


@pytest.mark.parametrize(
    ("markup", "asked"),
    [
        ("<a href=/x?id=3>", "x?id=3"),
        ("<a href=/x?id=1><a href=/x?id=2>", "x?id=1"),
        ("<a href=/x?id=1><a href=/x?id=1>", "x?id=1"),
        ("<a href=/x?id=1><a href=/x><a href=/x?id=2>", "x"),
        ("<a href=/x><a href=/x?id=1>", "x"),
    ],
)
def test_query_is_sent_where_it_is_the_only_way(markup: str, asked: str) -> None:
    seen, site = walked({"/": page(more=markup), f"/{asked}": page(f"/{asked}")})
    assert [url for url, _ in site.asked] == [START, START + asked]
    assert (list(seen.pages), seen.asked["/x"]) == (["/", "/x"], f"/{asked}")


@pytest.mark.parametrize(
    "query",
    ["token=1", "csrf_token=1", "action=x", "a=1&confirm=1", "add=3", "logout", "do=delete"],
)
def test_queries_that_may_act_are_left_alone(query: str) -> None:
    seen, site = walked({"/": page(f"/x?{query}")})
    assert (len(site.asked), seen.acts) == (1, {"/x?..."})


def test_what_a_hostile_site_names_is_bounded() -> None:
    links = [f"/{n}" for n in range(900)] + [f"/{n}/logout" for n in range(900)]
    more = "".join(f"<a href=//{n}.example><img src=//{n}.example/x>" for n in range(900))
    seen, _ = walked({"/": page(*links, more=more)}, pages=5)
    bounded = (seen.left, seen.acts, seen.elsewhere, seen.loaded)
    assert [len(names) <= 205 for names in bounded] == [True] * 4


def test_number_of_skipped_links_is_bounded() -> None:
    seen, _ = walked({"/": page(*(f"/{number}.pdf" for number in range(900)))})
    assert len(seen.skipped) == 200


def test_named_pages_keep_their_query() -> None:
    seen, site = walked({"/": page("/?id=2"), "/?id=2": page("/x")}, "/?id=2", "/x?a=1")
    assert [url for url, _ in site.asked] == [START, f"{START}?id=2", f"{START}x?a=1", f"{START}x"]
    assert list(seen.pages) == ["/", "/?id=2", "/x?a=1", "/x"]
    assert seen.skipped == {}


def test_another_link_makes_up_for_a_skipped_one() -> None:
    seen, _ = walked({"/": page("/x", more="<a rel=nofollow href=/y>"), "/x": page("/y")})
    assert (list(seen.pages), seen.skipped) == (["/", "/x", "/y"], {})


def test_redirects_are_followed_and_bounded() -> None:
    pages = {"/": moved("/in", b"a=1"), "/in": page("/round"), "/round": moved("/round")}
    seen, site = walked(pages, redirects=3)
    assert [cookie for _, cookie in site.asked[:2]] == [b"", b"a=1"]
    assert seen.pages == {"/": 200}
    assert seen.failed == {"/round": "more than 3 redirects"}
    assert len(site.asked) == 2 + 4


@pytest.mark.parametrize("location", ["http://[", "ftp://shop.example/", "http://x:0/", "/a b"])
def test_redirects_to_nowhere_are_failures(location: str) -> None:
    assert walked({"/": moved(location)})[0].failed == {"/": "it redirects to what is no address"}


def test_redirects_away_are_not_followed() -> None:
    seen, site = walked({"/": moved("https://login.example/")})
    assert (len(site.asked), seen.elsewhere) == (1, {"login.example"})


def test_site_may_move_to_https_and_www() -> None:
    target = "https://www.shop.example/"
    site = Site(
        {"http://shop.example/": moved(target), target: page("/a", "http://shop.example/b")}
    )
    seen = walk(site, "http://shop.example/", now=lambda: NOW)
    assert [url for url, _ in site.asked] == ["http://shop.example/", target, f"{target}a"]
    assert seen.elsewhere == {"shop.example"}
    assert seen.start == target


def test_time_is_bounded() -> None:
    moments = iter([0.0, 0.0])
    site = Site({START: page("/a", "/b")})
    seen = walk(site, START, limits=Limits(seconds=60), clock=lambda: next(moments, 100.0))
    assert (seen.left, seen.late) == ({"/a", "/b"}, True)


def test_our_banner_is_noticed() -> None:
    assert walked({"/": page(more='<div id="cookieconsent-banner"></div>')})[0].banner
    assert not walked({"/": page()})[0].banner


def test_other_than_html_is_not_read() -> None:
    answer = Answer(status=200, headers=[], body=b'<a href="/a">', whole=False)
    seen, site = walked({"/": answer})
    assert (len(site.asked), seen.cut) == (1, {"/"})


def coded(body: bytes, coding: str = "", kind: str = "text/html") -> Answer:
    headers = [(b"content-type", kind.encode()), (b"content-encoding", coding.encode())]
    return Answer(status=200, headers=headers, body=body)


@pytest.mark.parametrize(
    "answer",
    [
        coded(gzip.compress(b"<a href=/a>"), "gzip"),
        coded("<a href=/a>".encode("utf-16"), kind="text/html; charset=utf-16"),
        coded(b"<a href=/a>", kind="application/xhtml+xml"),
    ],
    ids=["gzip", "UTF-16", "XHTML"],
)
def test_pages_are_read_in_whatever_coding(answer: Answer) -> None:
    seen, _ = walked({"/": answer})
    assert (list(seen.pages), seen.cut) == (["/", "/a"], set())


def test_unknown_coding_is_told() -> None:
    assert walked({"/": coded(b"<a href=/a>", "br")})[0].cut == {"/"}


def test_markup_that_cannot_be_read_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def give_up(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(PageReader, "feed", give_up)
    assert walked({"/": page("/a")})[0].cut == {"/"}


# --- other ways on ---------------------------------------------------------------------------------


def refreshing(value: str) -> Answer:
    return Answer(status=200, headers=[(b"refresh", value.encode())], body=b"")


@pytest.mark.parametrize(
    "value", ["0; url=/a", "5;URL='/a'", "0, /a", "0;https://shop.example/a#x"]
)
def test_refresh_of_an_answer_is_a_link(value: str) -> None:
    assert list(walked({"/": refreshing(value)})[0].pages) == ["/", "/a"]


@pytest.mark.parametrize("value", ["5", "0; url=", "0; url=http://[", ""])
def test_refresh_of_the_same_page_leads_nowhere(value: str) -> None:
    assert len(walked({"/": refreshing(value)})[1].asked) == 1


def form(fields: str = "", attributes: str = "action=/a") -> Answer:
    return page(more=f"<form {attributes}>{fields}</form><input name=outside>")


@pytest.mark.parametrize(
    ("fields", "asked"),
    [
        ("", "a"),
        ("<input name=q><button name=go value=1>Go</button><input type=submit name=x>", "a?q="),
        ("<input name=q value='a b'><input><input name=off disabled>", "a?q=a+b"),
        ("<input type=checkbox name=a><input type=radio name=b checked>", "a?b=on"),
        ("<select name=s><option value=1><option value=2></select>", "a?s=1"),
        ("<select name=s><option value=1><option value=2 selected></select>", "a?s=2"),
        ("<textarea name=t>x</textarea><form action=/b>", "a?t="),
        ("<input name=q value='&#xd800;'>", "a?q=%EF%BF%BD"),
        (f"<input name=q value={'x' * 3000}>", "a"),
        ("<input name=q>" * 1000, "a?" + "&".join(["q="] * 50)),
    ],
)
def test_forms_that_ask_are_links(fields: str, asked: str) -> None:
    seen, site = walked({"/": form(fields)})
    assert [url for url, _ in site.asked] == [START, START + asked]
    assert seen.acts == set()


@pytest.mark.parametrize(
    ("fields", "attributes"),
    [
        ("<input type=password name=p>", "action=/a"),
        ("<input name=token>", "action=/a"),
        ("<input type=hidden name=choice value=accept>", "action=/a"),
        ("", "action=/logout"),
        ("<input name=a>", "action=/cookie-consent"),
        ("<input name=tea>", "action=/shop/cart"),
    ],
)
def test_forms_that_may_act_are_left_alone(fields: str, attributes: str) -> None:
    seen, site = walked({"/": form(fields, attributes)})
    assert (len(site.asked), len(seen.acts)) == (1, 1)


@pytest.mark.parametrize(
    "attributes",
    [
        "action=/a method=POST",
        "action=/a method=dialog",
        "action=https://a.example/",
        "action='http://['",
    ],
)
def test_other_forms_are_no_links(attributes: str) -> None:
    assert len(walked({"/": form("<input name=q>", attributes)})[1].asked) == 1


# --- links ----------------------------------------------------------------------------------------


def test_base_and_hints_are_honoured() -> None:
    body = b'<base href="/deep/"><a href="x">1</a><a rel=nofollow href=y>2</a><a download href=z>'
    assert read_page(START, body).links == [f"{START}deep/x"]


def test_first_base_counts() -> None:
    body = b'<base href="http://["><base href="/deep/"><base href="/other/"><a href="x">1</a>'
    assert read_page(START, body).links == [f"{START}deep/x"]


@pytest.mark.parametrize("body", [b"<![broken[", b"<!", b"\xff\xfe<a href=", b"<a href='/a'><![x["])
def test_broken_markup_raises_nothing(body: bytes) -> None:
    assert len(read_page(START, body).links) <= 1


# --- the jar --------------------------------------------------------------------------------------


def jar(*lines: bytes, url: str = f"{START}a/b") -> Jar:
    kept = Jar()
    kept.take(list(lines), url, NOW)
    return kept


@pytest.mark.parametrize(
    ("line", "scope", "days"),
    [
        (b"a=1", Scope(None, "/a"), None),
        (b"a=1; Path=/", Scope(), None),
        (b"a=1; Path=x", Scope(None, "/a"), None),
        (b"a=1; Path=/; Domain=.Shop.example", Scope("shop.example"), None),
        (b"a=1; Path=/; Secure; Partitioned", Scope(None, "/", True), None),
        (b"a=1; Path=/; Max-Age=86400", Scope(), 1),
        (b"a=1; Path=/; Max-Age=99999999999999", Scope(), 400),
        (b"a=1; Path=/; Max-Age=x", Scope(), None),
        (b"a=1; Path=/; Expires=" + http_date(NOW + 86_400 - 3), Scope(), 1),
        (b"a=1; Path=/; Max-Age=172800; Expires=" + http_date(NOW + 86_400), Scope(), 2),
    ],
)
def test_scope_and_lifetime_are_read(line: bytes, scope: Scope, days: int | None) -> None:
    [seen] = jar(line).seen.values()
    assert (seen.name, seen.scope) == (b"a", scope)
    assert seen.lifetime == (None if days is None else timedelta(days=days))


@pytest.mark.parametrize(
    ("line", "url", "sent"),
    [
        (b"a=1; Path=/", START, True),
        (b"a=1; Path=/x", START, False),
        (b"a=1; Path=/x", f"{START}x/y", True),
        (b"a=1; Path=/x", f"{START}xy", False),
        (b"a=1; Path=/; Secure", "http://shop.example/", False),
        (b"a=1; Path=/", "https://www.shop.example/", False),
        (b"a=1; Path=/; Domain=shop.example", "https://www.shop.example/", True),
        (b"a=1; Path=/; Max-Age=0", START, False),
        (b"nameless", START, False),
    ],
)
def test_cookies_come_back_where_they_belong(line: bytes, url: str, sent: bool) -> None:
    assert jar(line).header(url) == (b"a=1" if sent else b"")


def test_deleted_cookies_were_seen_all_the_same() -> None:
    kept = jar(b"a=1; Path=/", b"a=; Path=/; Max-Age=0")
    assert (kept.header(START), len(kept.seen)) == (b"", 1)


def test_longest_lifetime_is_kept() -> None:
    lines = [b"a=1; Max-Age=60", b"a=1", b"a=1; Max-Age=120", b"a=1; Max-Age=60"]
    [seen] = jar(*lines).seen.values()
    assert seen.lifetime == timedelta(minutes=2)


def test_jar_is_bounded() -> None:
    assert len(jar(*(b"c%d=1" % number for number in range(1_000))).seen) == 200
