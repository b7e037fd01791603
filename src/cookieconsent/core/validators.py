"""Validators of answers that differ by a visitor's state: marked going out, given back coming in.

A page with our markup, or one made by what a visitor said, is another representation in each state; a
browser that has another state's copy must not be told "not modified" (RFC 9110, sections 8.8 and 13.1).
May not enter: what a state is (`engine/copies.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from cookieconsent.core.headers import Head

# RFC 9110, section 8.8.3, but for the space: Trac puts a date in its validators.
_ETAG = re.compile(rb'(W/)?"([\x20\x21\x23-\x7e\x80-\xff]*)"')
_MARK = b"-consent"
VALIDATORS = frozenset({b"etag", b"last-modified"})


def mark_etag(etag: bytes, state: bytes) -> bytes:
    """Return the validator of a page with our markup: weak, and different for each state.

    Whether the application's own was weak is kept in it, so that `own_etags` can give it back.
    """
    found = _ETAG.fullmatch(etag.strip())
    if found is None:
        return etag
    return b'W/"%s%s%s-%s"' % (found[2], _MARK, b"W" if found[1] else b"S", state)


def is_marked(sent: bytes) -> bool:
    """Tell whether a copy that the browser has may depend on what a visitor said."""
    return _MARK in sent


def own_etags(sent: bytes, state: bytes | None, *, unmarked: bool) -> bytes | None:
    """Return the `If-None-Match` that the application may see, `None` if nothing is left of it.

    Args:
        sent: What the browser sent.
        state: The state whose copies still hold, copies of other states are forgotten; `None` where
            those of every state do, as for `If-Match`.
        unmarked: Whether copies without our markup still hold.
    """
    kept: list[bytes] = []
    for found in _ETAG.finditer(sent):
        opaque, mark, suffix = found[2].rpartition(_MARK)
        if not mark:
            if unmarked:
                kept.append(found[0])
        elif state is None or suffix[1:] == b"-" + state:
            kept.append((b'W/"%s"' if suffix.startswith(b"W") else b'"%s"') % opaque)
    if not kept and unmarked and sent.strip() == b"*":
        return sent
    return b", ".join(kept) or None


def mark_validators(head: Head, state: Callable[[], bytes]) -> None:
    """Make the validators of a page those of its copy in this state, its bytes being untouched.

    Args:
        head: The head to change.
        state: Returns what tells copies of the page apart.
    """
    if head.fields.keys().isdisjoint(VALIDATORS):
        return
    etag = head.first(b"etag")
    if etag is not None:
        marked = mark_etag(etag, state())
        if marked == etag:  # one that cannot be marked would be the same in every state
            head.remove(b"etag")
        else:
            head.set(b"etag", marked)
    head.remove(b"last-modified")  # a day is no validator of an answer


def forget_validators(head: Head) -> None:
    """Let no copy of an answer be confirmed: what it depends on is not to be told."""
    head.remove(*VALIDATORS)
