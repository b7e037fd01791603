"""What comes from a site is text and nothing else, in each format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from cookieconsent.audit.reports.escape import cell, code, markup, prose, terminal, visible

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("_ga", "_ga"),
        ("a\x1b[2J", "a\\x1b[2J"),
        ("a\nb", "a\\x0ab"),
        ("a\u202eb", "a\\u202eb"),
        ("a\ud800b", "a\\ud800b"),
        ("\U000e0001", "\\U000e0001"),
        ("é", "é"),
    ],
)
def test_what_hides_is_shown(text: str, seen: str) -> None:
    assert visible(text) == seen


@given(st.text())
def test_terminal_gets_printable_ascii(text: str) -> None:
    written = terminal(text)
    assert written.isascii()
    assert written.isprintable()


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\N{FULLWIDTH EQUALS SIGN}1"]
)
def test_no_cell_is_a_formula(text: str) -> None:
    assert cell(text).startswith("'")


@pytest.mark.parametrize("text", ["_ga", "", "a=b", "/path", "\t=1"])
def test_other_cells_stay(text: str) -> None:
    assert cell(text) == visible(text)


@given(st.text())
def test_markup_comes_back_as_text(text: str) -> None:
    """From an HTML parser and an XML parser, as content and as an attribute."""
    written = markup(text)
    page: Any = html5lib.parse(f'<p title="{written}">{written}</p>', namespaceHTMLElements=False)
    paragraphs = [page.find("body/p"), ET.fromstring(f'<p title="{written}">{written}</p>')]
    for paragraph in paragraphs:
        assert paragraph.get("title") == (paragraph.text or "") == visible(text)


def inline(markdown: str) -> list[Any]:
    """Read one line as CommonMark with tables, as a cell of one."""
    tokens = MarkdownIt("commonmark").enable("table").parse(f"| a | b |\n|-|-|\n| {markdown} | x |")
    cells = [token for token in tokens if token.type == "inline"]
    assert len(cells) == 4  # nothing in it ends a cell or a row
    return cells[2].children or []


def words(tokens: list[Any]) -> Iterator[str]:
    for token in tokens:
        if token.type == "html_inline":
            assert token.content == "<!-- -->"
        else:
            yield token.content


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_prose_is_text_alone(text: str) -> None:
    tokens = inline(prose(text))
    assert {token.type for token in tokens} <= {"text", "text_special", "html_inline"}
    assert "".join(words(tokens)) == visible(text).strip()


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_code_is_one_span(text: str) -> None:
    tokens = inline(code(text))
    if visible(text).strip():
        assert [token.type for token in tokens] == ["code_inline"]
        assert tokens[0].content.strip() == visible(text).strip()
    else:
        assert tokens == []


@pytest.mark.parametrize(
    "text", ["@team", "http://evil.example", "www.evil.example", "a@b.example"]
)
def test_nobody_is_called_and_nothing_is_a_link(text: str) -> None:
    """Code hosts look for these in text, after the Markdown."""
    written = prose(text)
    assert not any(plain in written for plain in ("@t", "@b", "://", "www."))
