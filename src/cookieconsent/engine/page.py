"""One HTML answer: whether markup goes in, and what its head must say then.

A page with our markup in it is another representation: its length, validators and digests change, it
must not be served to somebody else, and a browser that has another state's copy must not be told
"not modified".
May not enter: what the markup is, who gets it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from cookieconsent.core.headers import HeaderList, first, tokens, values, with_value, without
from cookieconsent.core.inject import BodyFinder, Place

_HTML = re.compile(rb"text/html[ \t]*(?:;|$)", re.IGNORECASE)
_CHARSET = re.compile(rb";[ \t]*charset[ \t]*=[ \t]*\"?([^\";, \t]*)", re.IGNORECASE)
# Labels whose encodings are supersets of ASCII (Encoding Standard, 4.2): ASCII markup may go in.
_ASCII_SUPERSET = re.compile(
    rb"utf-?8|us-ascii|ascii|(?:x-)?(?:iso|cp|windows|ibm|mac|koi8|euc|gb|big5|shift|sjis|ms|latin|l)"
    rb"[-_]?[a-z0-9_-]*|x-sjis|macintosh|tis-620|ks_c_5601-1987|x-mac-(?:cyrillic|roman)",
    re.IGNORECASE,
)
_STATEFUL = re.compile(
    rb"iso-?2022|cp(?:037|273|500|875|1026|1047|1140)|utf-?7|ibm0?(?:37|273|500|875|1026|1047|1140)",
    re.IGNORECASE,
)
_DIGESTS = (b"content-md5", b"digest", b"content-digest", b"repr-digest")
_DECIMAL = re.compile(rb"[0-9]{1,18}")
_FIRST_SHOWN, _NO_CONTENT, _RESET_CONTENT, _PARTIAL, _FIRST_REDIRECT, _FIRST_ERROR = (
    200,
    204,
    205,
    206,
    300,
    400,
)
NOT_MODIFIED = 304


def is_html(content_type: bytes | None) -> bool:
    """Tell whether a `Content-Type` names an HTML document."""
    return content_type is not None and _HTML.match(content_type) is not None


def shows_page(status: int) -> bool:
    """Tell whether browsers show the body of an answer with this status as a page."""
    if status in {_NO_CONTENT, _RESET_CONTENT, _PARTIAL}:
        return False
    return _FIRST_SHOWN <= status < _FIRST_REDIRECT or status >= _FIRST_ERROR


def _is_ascii_superset(content_type: bytes) -> bool:
    found = _CHARSET.search(content_type)
    if found is None:
        return True
    return _ASCII_SUPERSET.fullmatch(found[1]) is not None and not _STATEFUL.match(found[1])


def is_encoded(headers: HeaderList) -> bool:
    """Tell whether the body is compressed, so that no markup can go in."""
    codings = [
        token.lower() for value in values(headers, b"content-encoding") for token in tokens(value)
    ]
    return any(coding != b"identity" for coding in codings)


def can_carry(status: int, headers: HeaderList) -> bool:
    """Tell whether an answer is a complete HTML document that shows a page.

    Whether it is compressed is another question: it could have come otherwise.
    """
    types = values(headers, b"content-type")
    if len(types) != 1 or not is_html(types[0]) or not shows_page(status):
        return False
    disposition = first(headers, b"content-disposition") or b""
    return (
        _is_ascii_superset(types[0])
        and not disposition.lstrip().lower().startswith(b"attachment")
        and first(headers, b"content-range") is None
    )


def length_of(headers: HeaderList) -> int | None:
    """Return the `Content-Length`; -1 where it is none or several, `None` where there is none."""
    lengths = values(headers, b"content-length")
    if not lengths:
        return None
    return int(lengths[0]) if len(lengths) == 1 and _DECIMAL.fullmatch(lengths[0]) else -1


def is_alterable(headers: HeaderList) -> bool:
    """Tell whether the body of a page may be changed: not if it is empty, encoded or signed."""
    return (
        not is_encoded(headers)
        and length_of(headers) not in {0, -1}
        and first(headers, b"signature") is None
    )


# --- validators -----------------------------------------------------------------------------------
_ETAG = re.compile(rb'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_MARK = b"-consent"


def mark_etag(etag: bytes, state: bytes) -> bytes:
    """Return the validator of a page with our markup: weak, and different for each state.

    Whether the application's own was weak is kept in it, so that `own_etags` can give it back.
    """
    found = _ETAG.fullmatch(etag.strip())
    if found is None:
        return etag
    return b'W/"%s%s%s-%s"' % (found[2], _MARK, b"W" if found[1] else b"S", state)


def own_etags(if_none_match: bytes, state: bytes | None, *, unmarked: bool) -> bytes | None:
    """Return the `If-None-Match` that the application may see, `None` if nothing is left of it.

    Args:
        if_none_match: What the browser sent.
        state: The state whose copies still hold; copies of other states are forgotten.
        unmarked: Whether copies without our markup still hold.
    """
    kept: list[bytes] = []
    for found in _ETAG.finditer(if_none_match):
        opaque, mark, suffix = found[2].rpartition(_MARK)
        if not mark:
            if unmarked:
                kept.append(found[0])
        elif state is not None and suffix[1:] == b"-" + state:
            kept.append((b'W/"%s"' if suffix.startswith(b"W") else b'"%s"') % opaque)
    if not kept and unmarked and if_none_match.strip() == b"*":
        return if_none_match
    return b", ".join(kept) or None


def with_state(headers: HeaderList, state: bytes) -> HeaderList:
    """Return the head of a page with our markup in it, but for its length."""
    etag = first(headers, b"etag")
    if etag is not None:
        headers = with_value(headers, b"etag", mark_etag(etag, state))
    return without(headers, *_DIGESTS, b"last-modified", b"accept-ranges")


class Insertion:
    """The body of a page on its way out.

    Args:
        head: The response head if markup goes in.
        plain_head: The response head if there turns out to be no place for it.
        markup: Returns the markup when the place is found; `None` to insert nothing after all.
        failed: Called while an exception of ours is being handled.
    """

    __slots__ = ("_failed", "_finder", "_left", "_markup", "_plain_head", "head", "inserted")

    def __init__(
        self,
        head: HeaderList,
        plain_head: HeaderList,
        markup: Callable[[BodyFinder], bytes | None],
        failed: Callable[[], None],
    ) -> None:
        self.head: HeaderList = head
        self._plain_head = plain_head
        self._markup = markup
        self._failed = failed
        self._left = length_of(head)
        self._finder: BodyFinder | None = BodyFinder()
        self.inserted: bool = False

    @property
    def open(self) -> bool:
        """Whether the place is still being looked for."""
        return self._finder is not None

    def feed(self, chunk: bytes, *, last: bool) -> bytes:
        """Take a chunk of the body and return what may go out of it.

        After the first call `head` is final: with the exact length if the matter is settled, without
        one if it is not.
        """
        finder = self._finder
        if finder is None:
            return chunk
        held = finder.held
        try:
            return self._feed(finder, chunk, last=last)
        except Exception:  # noqa: BLE001 - the page goes out without markup rather than not at all
            self._failed()
            self._finder = None
            self.head = without(self._plain_head, b"content-length")
            return held + chunk

    def _feed(self, finder: BodyFinder, chunk: bytes, *, last: bool) -> bytes:
        if self._left is not None:
            self._left -= len(chunk)
            last = last or self._left <= 0
        data, place = finder.feed(chunk)
        if place is None and last:
            tail, place = finder.finish()
            place = None if place is None else len(data) + place
            data += tail
        if place is not None:
            self._finder = None
            markup = self._markup(finder)
            if markup is not None:
                self.inserted = True
                self._lengthen(len(markup))
                return b"".join((data[:place], markup, memoryview(data)[place:]))
        if place is not None or finder.place is Place.NOWHERE:
            self._finder = None
            self.head = self._plain_head
        return data

    def _lengthen(self, added: int) -> None:
        length = first(self.head, b"content-length")
        if length is not None:
            self.head = with_value(self.head, b"content-length", b"%d" % (int(length) + added))

    def settle(self) -> None:
        """Make `head` one that holds whatever becomes of the body: without a length."""
        if not self.inserted and self._finder is not None:
            self.head = without(self.head, b"content-length")
