"""What a page leads to and loads, as far as its first bytes tell.

May not enter: which of it is followed.
"""

from __future__ import annotations

from contextlib import suppress
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit


class PageReader(HTMLParser):
    """Reads the links of an HTML page.

    Args:
        url: The address of the page.
    """

    def __init__(self, url: str) -> None:
        super().__init__()
        self.links: list[str] = []
        """Addresses of links in order, without fragments."""
        self.hosts: set[str] = set()
        """Other hosts that scripts, frames and pictures are loaded from."""
        self.scripts: int = 0
        """How many scripts it has."""
        self.forms: int = 0
        """How many forms it has."""
        self._base = url
        self._host = urlsplit(url).hostname

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what one tag leads to."""
        values = {name: value or "" for name, value in attrs}
        if tag == "base" and "href" in values:
            self._base = _joined(self._base, values["href"]) or self._base
        elif tag in {"a", "area"} and "href" in values and "download" not in values:
            if "nofollow" not in values.get("rel", "").lower().split():
                self._link(values["href"])
        elif tag in {"script", "iframe", "img"}:
            self.scripts += tag == "script"
            self._load(values.get("src", ""))
        elif tag == "form":
            self.forms += 1

    def _link(self, href: str) -> None:
        url = _joined(self._base, href.strip())
        if url is not None:
            self.links.append(url)

    def _load(self, source: str) -> None:
        url = _joined(self._base, source.strip())
        host = None if url is None else urlsplit(url).hostname
        if host is not None and host != self._host:
            self.hosts.add(host)


def _joined(base: str, href: str) -> str | None:
    """Return an http address without its fragment; `None` for any other, or for none at all."""
    try:
        url = urljoin(base, href).partition("#")[0]
        parts = urlsplit(url)
        _ = parts.port  # raises for what is no port
    except ValueError:
        return None
    plain = url.isascii() and all("!" <= char <= "~" for char in url)
    return url if plain and parts.scheme in {"http", "https"} and parts.hostname else None


def read_page(url: str, body: bytes) -> PageReader:
    """Return what a page leads to; what comes behind broken markup is left out."""
    reader = PageReader(url)
    with suppress(AssertionError):  # so the standard library says that it knows no such declaration
        reader.feed(body.decode("utf-8", "replace"))
    return reader
