"""What stands in a page: read to its end, forms as browsers send them."""

from __future__ import annotations

import pytest

from cookieconsent.audit.page import MAX_ELEMENTS, Element, Page, read_page
from cookieconsent.observation.links import MarkupReader
from cookieconsent.observation.links import read_page as read_links

URL = "https://shop.example/tea/?page=2"


@pytest.mark.parametrize(
    ("form", "action"),
    [
        ("<form action=/cookie-consent>", "https://shop.example/cookie-consent"),
        ("<form action='add#top'>", "https://shop.example/tea/add"),
        ("<form>", URL),
        ("<form action=' '>", URL),
        ("<base href=https://cdn.example/x/><form action=add>", "https://cdn.example/x/add"),
        ("<base href=https://cdn.example/x/><form action=''>", URL),
        ("<form action='/stra\u00dfe x'>", "https://shop.example/stra%C3%9Fe%20x"),
        ("<form action='javascript:go()'>", ""),
        ("<form action='http://[x'>", ""),
    ],
)
def test_form_is_sent_where_browsers_send_it(form: str, action: str) -> None:
    """An empty action is the page's own address, whatever its base (HTML, form submission)."""
    page = read_page(URL, f"{form}<input name=q></form><h1>Tea</h1>".encode())
    assert [found.action for found in page.forms] == [action]
    assert [element.tag for element in page.elements][-1] == "h1"


@pytest.mark.parametrize(
    "markup",
    ["<![foo[x]]>", "<![1>", "<![endif]>", "<![CDATA[x]]>", "<!ELEMENT x>", "<!foo>", "<?x?>"],
)
def test_odd_declarations_hide_nothing_behind_them(markup: str) -> None:
    """Who sees no more of a page would find no fault with it, nor any page that it leads to."""
    body = f"{markup}<h1>Tea</h1><a href=/x>More</a>".encode()
    assert [element.tag for element in read_page(URL, body).elements] == ["h1", "a"]
    assert read_links(URL, body).links == ["https://shop.example/x"]


@pytest.mark.parametrize("digits", ["9" * 5000, "x" + "f" * 5000, "X110000000"])
def test_numbers_of_no_character_hide_nothing_behind_them(digits: str) -> None:
    body = f"<a title='&#{digits};' href=/x>&#{digits};More</a>".encode()
    [link] = read_page(URL, body).elements
    assert (link.text, link.get("title")) == ("\ufffdMore", "\ufffd")
    assert read_links(URL, body).links == ["https://shop.example/x"]


@pytest.mark.parametrize("number", ["47", "0" * 5000 + "47", "x2f", "X" + "0" * 5000 + "2F"])
def test_zeros_before_a_number_count_for_nothing(number: str) -> None:
    body = f"<a href='&#{number};x'>More</a>".encode()
    assert read_links(URL, body).links == ["https://shop.example/x"]


def test_page_of_endless_elements_is_cut() -> None:
    """Whoever remembers what stands in it must not run out of room."""
    page = read_page(URL, b"<a>" * (MAX_ELEMENTS + 1) + b"<h1>Behind it</h1>")
    assert page.cut == "a page has more than 10,000 elements"
    assert len(page.elements) == MAX_ELEMENTS
    assert read_page(URL, b"<a>" * MAX_ELEMENTS).cut is None


def test_only_our_own_elements_are_told_around_others() -> None:
    own = b"<div id=cookieconsent-banner>"
    page = read_page(URL, b"<div id=a>" * 3000 + own + b"<a id=b>" + own * 5000 + b"<b id=c>")
    assert named(page, "b").within == ("cookieconsent-banner",)
    assert len(named(page, "c").within) == 50


def named(page: Page, name: str) -> Element:
    element = page.by_id(name)
    assert element is not None
    return element


def test_markup_that_cannot_be_read_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def give_up(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(MarkupReader, "feed", give_up)
    assert (
        read_page(URL, b"<p>nobody has seen this one").cut == "the markup of a page cannot be read"
    )


@pytest.mark.parametrize(
    ("markup", "files"),
    [
        ("<script src=/a.js></script>", [("script", "/a.js")]),
        ("<link rel='preload stylesheet' href=/a.css>", [("style sheet", "/a.css")]),
        ("<link rel='shortcut icon' href=/a.ico>", [("icon", "/a.ico")]),
        ("<img src=/a.gif?x=1#y>", [("picture", "/a.gif?x=1")]),
        ("<picture><source srcset='/b.webp 2x, /c.webp'></picture>", [("picture", "/b.webp")]),
        ("<input type=image src=/a.png>", [("picture", "/a.png")]),
        ("<base href=/x/><img src=/stra\u00dfe.png>", [("picture", "/stra%C3%9Fe.png")]),
        ("<link rel=canonical href=/a><iframe src=/b></iframe><input src=/c>", []),
        ("<img src=''><img><img src='data:image/gif,x'><img src='http://['>", []),
    ],
)
def test_files_that_a_page_loads_are_noted(markup: str, files: list[tuple[str, str]]) -> None:
    found = read_page(URL, markup.encode()).files
    assert found == [(kind, f"https://shop.example{path}") for kind, path in files]


def test_script_that_is_its_own_address_is_one() -> None:
    page = read_page(URL, b"<script src='data:text/javascript,track()'></script>")
    assert page.scripts == ["data:text/javascript,track()"]


def test_same_page_is_read_once() -> None:
    assert read_page(URL, b"<p>once") is read_page(URL, b"<p>once")
    assert read_page(URL, b"<p>once") is not read_page(URL, b"<p>twice")
