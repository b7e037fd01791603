"""Where a visitor may be sent back to: a path and query on this site, and nothing that leaves it.

Everything is judged on the bytes that would stand in `Location`: printable ASCII only, one leading
slash, no backslash anywhere (browsers read it as a slash), no fragment, no encoded line break.
May not enter: the Host header, any other fact about the request.
"""

from __future__ import annotations

import re
from urllib.parse import quote

MAX_TARGET_OCTETS = 2048

# What nearly every address is made of, and what no browser reads as anything else.
_PLAIN_PATH = re.compile(r"/(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]*+/?)*+")
_PLAIN_QUERY = re.compile(rb"[A-Za-z0-9._~=&-]*+")
_TARGET = re.compile(r"/(?![/\\])[!-~]*")
_ENCODED_CONTROL = re.compile(r"%(?:0[0-9a-f]|1[0-9a-f]|7f)", re.IGNORECASE)


def safe_target(value: str) -> str | None:
    """Return `value` if it is a path (and query) of this site, else `None`."""
    if not _TARGET.fullmatch(value) or len(value) > MAX_TARGET_OCTETS:
        return None
    if "\\" in value or "#" in value or _ENCODED_CONTROL.search(value):
        return None
    path = value.partition("?")[0]
    # `/./` and `/../` before an empty segment become `//` when a browser tidies the path.
    if "//" in _without_dots(path)[:2]:
        return None
    return value


def _without_dots(path: str) -> str:
    """Return a path as browsers tidy it (URL Standard, path state), enough to see how it begins."""
    kept: list[str] = []
    plain = ""
    for segment in path.split("/")[1:]:
        plain = segment.lower().replace("%2e", ".")
        if plain == "..":
            kept = kept[:-1]
        elif plain != ".":
            kept.append(segment)
    if plain in {".", ".."}:
        kept.append("")  # `/a/.` is `/a/`
    return "/" + "/".join(kept)


def whole_path(root: str, path: str) -> str:
    """Return the path as visitors see it, whether or not the server left the mount prefix in it."""
    root = root.rstrip("/")
    return path if not root or path == root or path.startswith(root + "/") else root + path


def page_target(root: str, path: str, query: bytes) -> str | None:
    """Return the address of the current page for a form's `next` field, `None` where it has none.

    Args:
        root: The mount prefix, decoded.
        path: The path, decoded; with or without the prefix, as servers differ.
        query: The query string as it came.
    """
    whole = whole_path(root, path) if root else path
    size = len(whole) + len(query)
    if size < MAX_TARGET_OCTETS and _PLAIN_PATH.fullmatch(whole) and _PLAIN_QUERY.fullmatch(query):
        return f"{whole}?{query.decode('ascii')}" if query else whole
    # An encoded slash at the beginning has been decoded by the server: `//evil.example` must not
    # be read as a host, so all but the first slash go back to what they were.
    rest = whole.lstrip("/")
    extra = len(whole) - len(rest) - 1
    # Bytes that are no UTF-8 reach some applications as lone surrogates (PEP 383).
    path = quote(rest, safe="/:@!$&'()*+,;=~-._", errors="surrogateescape")
    text = "/" + "%2F" * max(extra, 0) + path
    if query:
        text += "?" + quote(query, safe="/:@!$&'()*+,;=~-._%?[]")
    return safe_target(text)
