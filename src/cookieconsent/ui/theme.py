"""Style: the sheets under `styles/`, minified once, and the addresses and hashes that policies need.

May not enter: markup, words.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

_STYLES = Path(__file__).with_name("styles")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_AROUND = re.compile(r"\s*([{};,]|:(?=\s))\s*")


def minify(sheet: str) -> str:
    """Return a style sheet without comments and without white space that means nothing."""
    text = _AROUND.sub(r"\1", _COMMENT.sub("", sheet))
    return re.sub(r"\s+", " ", text).replace(";}", "}").strip()


@cache
def sheet(name: str) -> str:
    """Return a minified sheet: `banner`, `settings`, `embed` or `page`."""
    return minify((_STYLES / f"{name}.css").read_text(encoding="utf-8"))


@cache
def linked_sheet() -> bytes:
    """Return the whole style as one file, for pages whose policy forbids inline style."""
    return "".join(sheet(name) for name in ("banner", "settings", "embed", "page")).encode("ascii")


@cache
def linked_name() -> str:
    """Return the file name of the linked style: it changes when the content does."""
    return f"style.{hashlib.sha256(linked_sheet()).hexdigest()[:12]}.css"


@cache
def source_hash(name: str) -> str:
    """Return the CSP hash-source of an inline sheet (CSP Level 3, section 2.3.1)."""
    digest = hashlib.sha256(sheet(name).encode("ascii")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def state_sheet(*, ask: bool) -> bytes:
    """Return the tiny sheet that hides the banner of shared pages from those who decided."""
    return b"/* undecided */" if ask else b"#cookieconsent-banner{display:none}"
