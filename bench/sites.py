"""What answers: applications that do nothing but answer, and the installations that wrap them.

May not enter: how they are driven (`asgi`, `wsgi`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bench.requests import SECRET

PLAIN: dict[str, Any] = {"secret_key": SECRET}
"""The installation of eight lines: nothing but a secret."""
QUIET: dict[str, Any] = {**PLAIN, "settings_link": False}
"""The same, without the settings element for those who have decided."""

_PARAGRAPH = b"<p>Shoes of felt and leather, made by hand, for the house and for the garden.</p>\n"
_HEAD = (
    b"<!doctype html>\n<html lang=de>\n<head><meta charset=utf-8><title>Shoes</title></head>\n<body>\n"
)
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


def html(octets: int) -> bytes:
    """Return a plain page of about so many octets."""
    paragraphs = (octets - len(_HEAD) - len(_FOOT)) // len(_PARAGRAPH)
    return _HEAD + _PARAGRAPH * paragraphs + _FOOT


JSON = Page(b"application/json", b'{"ok": true}')
HTML = Page(b"text/html; charset=utf-8", html(10_000))
