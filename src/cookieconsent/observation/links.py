"""What a page leads to and loads, as far as its first bytes tell.

May not enter: which of it is followed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Final
from urllib.parse import quote, urljoin, urlsplit

from cookieconsent.observation.queries import Query

_ZEROS: Final = re.compile(r"(&#[xX]?)0+(?=[0-9a-fA-F])")
_TOO_HIGH: Final = re.compile(r"&#(?:[0-9]{8,}|[xX][0-9a-fA-F]{8,});?")
"""No character has such a number, and of over 4,300 digits Python makes none."""
_KEPT: Final = "".join(char for char in map(chr, range(33, 127)) if char not in '"<>`')


class MarkupReader(HTMLParser):
    """Reads on, as browsers do, where the standard library gives up.

    A marked section such as `<![foo[` is a comment that ends with the next `>` (HTML, bogus comment
    state), and a character by too high a number is U+FFFD (numeric character reference end state).
    """

    def feed(self, data: str) -> None:
        """Read the whole of a page."""
        super().feed(_TOO_HIGH.sub("\ufffd", _ZEROS.sub(r"\1", data)))

    def parse_marked_section(self, i: int, report: bool = True) -> int:  # noqa: FBT001, FBT002 - as it is called
        """Pass over it."""
        return self.parse_bogus_comment(i, report)


class PageReader(MarkupReader):
    """Reads the links of an HTML page.

    Args:
        url: The address of the page.
    """

    def __init__(self, url: str) -> None:
        super().__init__()
        self.links: list[str] = []
        """Addresses of links, frames and refreshes in order, without fragments."""
        self.unfollowed: list[str] = []
        """Addresses of links that ask not to be followed."""
        self.hosts: set[str] = set()
        """Other hosts that scripts, frames and pictures are loaded from."""
        self.scripts: int = 0
        """How many scripts it has."""
        self.forms: int = 0
        """How many forms it has."""
        self.queries: list[Query] = []
        """Forms that are sent by GET."""
        self.is_cut: bool = False
        """Whether something in it kept the rest from being read."""
        self._url = self._base = url
        self._query: Query | None = None
        """The form that is open."""
        self._has_base = False
        self._host = urlsplit(url).hostname

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what one tag leads to."""
        values = {name: value or "" for name, value in attrs}
        if tag == "base" and "href" in values and not self._has_base:
            base = joined(self._base, values["href"])
            self._base, self._has_base = base or self._base, base is not None
        elif tag in {"a", "area"} and "href" in values and "download" not in values:
            is_followed = "nofollow" not in values.get("rel", "").lower().split()
            self._link(values["href"], self.links if is_followed else self.unfollowed)
        elif tag in {"script", "iframe", "img"}:
            self.scripts += tag == "script"
            self._load(values.get("src", ""), is_page=tag == "iframe")
        elif tag == "meta" and values.get("http-equiv", "").lower() == "refresh":
            self._link(refreshed(values.get("content", "")), self.links)
        elif tag == "form":
            self.forms += 1
            self._begin_form(values)
        elif self._query is not None:
            self._query.add(tag, values)

    def handle_endtag(self, tag: str) -> None:
        """End a form."""
        if tag == "form":
            self._query = None

    def _begin_form(self, values: Mapping[str, str]) -> None:
        said = values.get("action", "").strip()
        # HTML, form submission: without one it is the document's own address, whatever its base.
        action = joined(self._base, said) if said else self._url
        is_sent_otherwise = values.get("method", "").lower() in {"post", "dialog"}
        if action is not None and not is_sent_otherwise and self._query is None:
            self._query = Query(action)
            self.queries.append(self._query)

    def _link(self, href: str, links: list[str]) -> None:
        url = joined(self._base, href)
        if href and url is not None:
            links.append(url)

    def _load(self, source: str, *, is_page: bool) -> None:
        url = joined(self._base, source)
        host = None if url is None else urlsplit(url).hostname
        if host is not None and host != self._host:
            self.hosts.add(host)
        elif is_page and source:
            self._link(source, self.links)


def refreshed(content: str) -> str:
    """Return where a refresh leads; empty where it shows the same page again."""
    place = content.replace(",", ";", 1).partition(";")[2].strip()
    name, sign, target = place.partition("=")
    is_named = sign and name.strip().lower() == "url"
    return (target if is_named else place).strip().strip("'\"")


def joined(base: str, href: str) -> str | None:
    """Return an http address without its fragment; `None` for any other, or for none at all."""
    try:
        typed = quote(href.strip(), safe=_KEPT, errors="replace")  # as browsers do
        url = urljoin(base, typed).partition("#")[0]
        parts = urlsplit(url)
        _ = parts.port  # raises for what is no port
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and parts.hostname else None


def read_page(url: str, body: bytes) -> PageReader:
    """Return what a page leads to; what comes behind broken markup is left out."""
    reader = PageReader(url)
    try:
        reader.feed(body.decode("utf-8", "replace"))
    except AssertionError:  # so the standard library says that it cannot read on
        reader.is_cut = True
    return reader
