"""The holes that are filled per request: whatever fills them stays a value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from cookieconsent.core.target import safe_target
from cookieconsent.ui.forms import (
    ACTION,
    Fragment,
    attribute,
    hidden,
    next_field,
    to_ascii,
    token_field,
)
from ui.markup import HOSTILE, active_parts, in_page

FORM = Markup('<form id="f" method="post" action="{}">{}{}</form>').format(
    ACTION, token_field(), next_field()
)


def fields(markup: bytes) -> dict[str | None, str | None]:
    return {field.get("name"): field.get("value") for field in in_page(markup).iter("input")}


def test_holes_are_filled() -> None:
    markup = Fragment(FORM).fill("/shop/cookie-consent", b"TiA.abc").to("/p?a=1&b=2")
    assert fields(markup) == {"token": "TiA.abc", "next": "/p?a=1&b=2"}
    assert b'action="/shop/cookie-consent"' in markup
    assert b"\x02" not in markup
    assert b"\x03" not in markup


def test_one_filling_serves_many_pages() -> None:
    filled = Fragment(FORM).fill("/c", b"T.t")
    assert fields(filled.to("/a"))["next"] == "/a"
    assert fields(filled.to("/b"))["next"] == "/b"


def test_markup_without_a_form_ignores_the_page() -> None:
    filled = Fragment(Markup('<a href="{}">x</a>').format(ACTION)).fill("/c", b"T.t")
    assert filled.tail is None
    assert filled.to("/a") == b'<a href="/c">x</a>'


def test_every_address_is_filled() -> None:
    assert Fragment(f"{ACTION} {ACTION}").fill("/c", b"").to("/") == b"/c /c"


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_page_to_return_to_stays_a_value(value: str) -> None:
    markup = Fragment(FORM).fill("/c", b"T.t").to(value)
    assert fields(markup)["next"] == value
    assert active_parts(in_page(markup)) == []


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_address_stays_a_value(value: str) -> None:
    markup = Fragment(FORM).fill("/" + value, b"T.t").to("/")
    tree = in_page(markup)
    assert active_parts(tree) == []
    assert [form.get("id") for form in tree.iter("form")] == ["f"]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/cookie-consent", "/cookie-consent"),
        ("/a%20b/c", "/a%20b/c"),
        ("https://[::1]:8000/c?a=1&b=2", "https://[::1]:8000/c?a=1&b=2"),
        ("/a b/\u00e9", "/a%20b/%C3%A9"),
        ("/a'`\\<>", "/a%27%60%5C%3C%3E"),
    ],
    ids=["plain", "encoded", "whole", "space and accent", "marks"],
)
def test_address_is_percent_encoded(address: str, expected: str) -> None:
    (form,) = in_page(Fragment(FORM).fill(address, b"T.t").to("/")).iter("form")
    assert form.get("action") == expected


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_hidden_field_escapes(value: str) -> None:
    assert fields(hidden("next", value).encode("ascii", "xmlcharrefreplace")) == {"next": value}


@given(st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E)).map("/{}".format))
def test_any_target_survives(value: str) -> None:
    """A page to return to comes back from the form as it went in."""
    if safe_target(value) is not None:
        assert fields(Fragment(FORM).fill("/c", b"T.t").to(value))["next"] == value


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", b""), ("plain", b"plain"), ("é„“", b"&#233;&#8222;&#8220;"), ("𝄞", b"&#119070;")],
    ids=["empty", "ascii", "latin and quotes", "astral"],
)
def test_markup_is_ascii(text: str, expected: bytes) -> None:
    """So it reads the same in a page of any charset that has ASCII in it."""
    assert to_ascii(text) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("a&b", b"a&amp;b"), ("\"'<>", b"&#34;&#39;&lt;&gt;"), ("é", b"&#233;")],
    ids=["ampersand", "quotes and angles", "accent"],
)
def test_attribute_is_escaped(value: str, expected: bytes) -> None:
    assert attribute(value) == expected
