"""What all our forms share: the holes that are filled per request, and markup made once around them.

Markup is rendered once per language and kept as bytes; only three things differ between requests: the
address of our pages (a mount prefix), the form token of the day, and the page to return to.
May not enter: words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

from markupsafe import Markup, escape

ACTION = Markup("\x02action\x03")
"""Stands for the address of the preferences page, which is also where forms are sent."""
TOKEN = Markup("\x02token\x03")
"""Stands for the form token."""
NEXT = Markup("\x02next\x03")
"""Stands for the page to return to."""


def hidden(name: str, value: Markup | str) -> Markup:
    """Return a hidden form field."""
    return Markup('<input type=hidden name={} value="{}">').format(name, value)


def token_field() -> Markup:
    """Return the hidden token field, where the site's forms carry one."""
    return Markup("<input type=hidden name=token value={}>").format(TOKEN)


def next_field() -> Markup:
    """Return the hidden field that says where to return to."""
    return hidden("next", NEXT)


def to_ascii(markup: str) -> bytes:
    """Return markup that reads the same in every ASCII-superset charset of a host page."""
    return markup.encode("ascii", "xmlcharrefreplace")


_PLAIN = re.compile(r"[A-Za-z0-9/._~?=-]*+")


def attribute(value: str) -> bytes:
    """Return a value ready to stand in a quoted attribute of ASCII markup."""
    # Nearly every address needs no escaping, and this is asked once per page view.
    return value.encode("ascii") if _PLAIN.fullmatch(value) else to_ascii(escape(value))


class Fragment:
    """Markup with its holes, as bytes.

    Args:
        markup: The markup.
        utf8: Whether it goes into a page that is UTF-8; any other charset gets it in ASCII.
    """

    __slots__ = ("_markup",)

    def __init__(self, markup: str, *, utf8: bool = False) -> None:
        self._markup = markup.encode("utf-8") if utf8 else to_ascii(markup)

    def fill(self, action: str, token: bytes) -> Filled:
        """Fill the address and the token.

        Args:
            action: The address of our pages, a path or an absolute URL.
            token: The form token, base64url and dots: it needs no quotes.
        """
        # White space, quotes and angle brackets are gone then: the settings element quotes nothing.
        address = attribute(quote(action, safe="/:%?=&[]"))
        markup = self._markup.replace(ACTION.encode(), address).replace(TOKEN.encode(), token)
        head, hole, tail = markup.partition(NEXT.encode())
        return Filled(head, tail if hole else None)


@dataclass(frozen=True, slots=True)
class Filled:
    """Markup in which only the page to return to is missing."""

    head: bytes
    tail: bytes | None
    """What follows the page to return to; `None` where the markup does not ask for one."""

    def to(self, target: str) -> bytes:
        """Return the markup of a page at `target`."""
        if self.tail is None:
            return self.head
        return b"".join((self.head, attribute(target), self.tail))
