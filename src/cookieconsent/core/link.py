"""What may stand behind a link of ours: an address of the web, a path of this site, a mail address.

Schemes are few and named, so that no `javascript:` is one; nothing in it can move or hide.
May not enter: where a form may lead back to (`target`).
"""

from __future__ import annotations

import re

_WEB = re.compile(r"(?:https?://[^\s\x00-\x1f\x7f\\]|/(?![/\\]))[^\s\x00-\x1f\x7f\\]*")
_MAIL = "mailto:"


def is_web_link(value: object) -> bool:
    """Tell whether a value is an `https:` or `http:` address, or a path of this site."""
    return isinstance(value, str) and _WEB.fullmatch(value) is not None


def is_link(value: str) -> bool:
    """Tell whether a text is a web link, or a `mailto:` address (RFC 6068)."""
    if value.startswith(_MAIL):
        return _WEB.fullmatch("/" + value.removeprefix(_MAIL)) is not None
    return is_web_link(value)
