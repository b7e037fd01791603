"""Markup that several sections share.

May not enter: words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from markupsafe import Markup, escape

from cookieconsent.core.link import is_link
from cookieconsent.ui.forms import hidden
from cookieconsent.ui.sections.facts import Visit

PARAGRAPH: Final = Markup("<p>{}</p>\n")
HEADING: Final = Markup('<h2 id="cookieconsent-{}">{}</h2>\n')
NOTE: Final = Markup('<p class="cookieconsent-note" id="cookieconsent-{}">{}</p>\n')


def isolated(text: str) -> Markup:
    """Return what a site says itself: it may be written in another direction than the page."""
    return Markup("<bdi>{}</bdi>").format(text) if text else Markup()


def hidden_fields(visit: Visit) -> Markup:
    """Return the fields that every form of the page carries."""
    fields = Markup()
    if visit.token is not None:
        fields += hidden("token", visit.token)
    if visit.back is not None:
        fields += hidden("next", visit.back)
    return fields


def printable(name: str) -> str:
    """Return a cookie name in which nothing invisible or reordering is left unescaped."""
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in name)


def linked(value: str, label: str | None = None) -> Markup:
    """Return a link for web, mail and site addresses, plain text for anything else."""
    if not is_link(value):
        return escape(value if label is None else f"{label}: {value}")
    if label is None:
        label = value.removeprefix("mailto:").removeprefix("https://").removesuffix("/")
    return Markup('<a href="{}">{}</a>').format(value, label)


def coded(name: str) -> Markup:
    """Return a cookie name, which reads from left to right in every language."""
    return Markup('<code dir="ltr">{}</code>').format(printable(name))


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Markup:
    """Return a table whose first column names the row.

    The roles are what the elements have anyway, said again because a style sheet that stacks the
    cells on small screens takes them away in some browsers.

    Args:
        caption: What it lists.
        heads: The titles of the columns.
        rows: The cells of each row, text or markup.
    """
    head = Markup('<th scope="col" role="columnheader">{}</th>')
    return Markup(
        '<table role="table">\n<caption>{}</caption>\n'
        '<thead role="rowgroup"><tr role="row">{}</tr></thead>\n<tbody role="rowgroup">\n{}</tbody>\n'
        "</table>\n"
    ).format(
        caption,
        Markup().join(map(head.format, heads)),
        Markup().join(_row(heads, cells) for cells in rows),
    )


def _row(heads: Sequence[str], cells: Sequence[str]) -> Markup:
    cell = Markup('<td role="cell" data-label="{}">{}</td>')
    return Markup('<tr role="row"><th scope="row" role="rowheader">{}</th>{}</tr>\n').format(
        cells[0],
        Markup().join(cell.format(*pair) for pair in zip(heads[1:], cells[1:], strict=True)),
    )
