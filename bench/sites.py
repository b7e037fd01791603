"""What answers: applications that do nothing but answer, and the installations that wrap them.

May not enter: how they are driven (`asgi`, `wsgi`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bench.requests import SECRET, HeaderList

PLAIN: dict[str, Any] = {"secret_key": SECRET}
"""The installation of eight lines: nothing but a secret."""
QUIET: dict[str, Any] = {**PLAIN, "settings_link": False}
"""The same, without the settings element for those who have decided."""

CHUNK_OCTETS = 65_536

_PARAGRAPH = b"<p>Shoes of felt and leather, made by hand, for the house and for the garden.</p>\n"
_HEAD = b"""<!doctype html>
<html lang="de">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Shoes</title>
<meta name="description" content="Shoes of felt and leather">
<meta property="og:title" content="Shoes">
<link rel="canonical" href="https://shop.example/shoes">
<link rel="icon" href="/static/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/static/site.css?v=8f1a2b3c">
<script src="/static/site.js?v=1d2e3f4a" defer></script>
</head>
<body class="shop">
"""
_FOOT = b"</body>\n</html>\n"


@dataclass(frozen=True, slots=True)
class Page:
    """What an application answers."""

    content_type: bytes
    """The media type."""
    body: bytes
    """One chunk of the body."""
    chunks: int = 1
    """How often that chunk is sent."""
    headers: HeaderList = ()
    """Further headers."""


def html(octets: int) -> bytes:
    """Return a plain page of about so many octets."""
    paragraphs = (octets - len(_HEAD) - len(_FOOT)) // len(_PARAGRAPH)
    return _HEAD + _PARAGRAPH * paragraphs + _FOOT


JSON = Page(b"application/json", b'{"ok": true}')
HTML = Page(b"text/html; charset=utf-8", html(10_000))


def stream(octets: int) -> Page:
    """Return a page that comes in chunks of 64 KiB, one and the same."""
    return Page(HTML.content_type, HTML.body.ljust(CHUNK_OCTETS), octets // CHUNK_OCTETS)
