"""One HTML answer: whether markup goes in, and what its head must say then.

A page with our markup in it is another representation: its length, validators and digests change, it
must not be served to somebody else, and a browser that has another state's copy must not be told
"not modified".
May not enter: what the markup is, who gets it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import TypeGuard

from cookieconsent.core.headers import Head, HeaderList
from cookieconsent.core.inject import BodyFinder, Place
from cookieconsent.core.policy import PagePolicy

_HTML = re.compile(rb"[ \t]*text/html[ \t]*(?:;|$)", re.IGNORECASE)
_CHARSET = re.compile(rb";[ \t]*charset[ \t]*=[ \t]*\"?[ \t]*([^\";, \t]+)", re.IGNORECASE)
# The labels that browsers know (Encoding Standard, 4.2) of encodings in which ASCII is ASCII, so that
# ASCII markup may go in: all but those of UTF-16, ISO-2022-JP and "replacement".
_ASCII_SUPERSETS = frozenset(
    b"""
    866 ansi_x3.4-1968 arabic ascii asmo-708 big5 big5-hkscs chinese cn-big5 cp1250 cp1251
    cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 cp819 cp866 csbig5 cseuckr
    cseucpkdfmtjapanese csgb2312 csibm866 csiso58gb231280 csiso88596e csiso88596i csiso88598e
    csiso88598i csisolatin1 csisolatin2 csisolatin3 csisolatin4 csisolatin5 csisolatin6
    csisolatin9 csisolatinarabic csisolatincyrillic csisolatingreek csisolatinhebrew cskoi8r
    csksc56011987 csmacintosh csshiftjis cyrillic dos-874 ecma-114 ecma-118 elot_928 euc-jp
    euc-kr gb18030 gb2312 gb_2312 gb_2312-80 gbk greek greek8 hebrew ibm819 ibm866 iso-8859-1
    iso-8859-10 iso-8859-11 iso-8859-13 iso-8859-14 iso-8859-15 iso-8859-16 iso-8859-2
    iso-8859-3 iso-8859-4 iso-8859-5 iso-8859-6 iso-8859-6-e iso-8859-6-i iso-8859-7 iso-8859-8
    iso-8859-8-e iso-8859-8-i iso-8859-9 iso-ir-100 iso-ir-101 iso-ir-109 iso-ir-110 iso-ir-126
    iso-ir-127 iso-ir-138 iso-ir-144 iso-ir-148 iso-ir-149 iso-ir-157 iso-ir-58 iso8859-1
    iso8859-10 iso8859-11 iso8859-13 iso8859-14 iso8859-15 iso8859-2 iso8859-3 iso8859-4
    iso8859-5 iso8859-6 iso8859-7 iso8859-8 iso8859-9 iso88591 iso885910 iso885911 iso885913
    iso885914 iso885915 iso88592 iso88593 iso88594 iso88595 iso88596 iso88597 iso88598 iso88599
    iso_8859-1 iso_8859-15 iso_8859-1:1987 iso_8859-2 iso_8859-2:1987 iso_8859-3 iso_8859-3:1988
    iso_8859-4 iso_8859-4:1988 iso_8859-5 iso_8859-5:1988 iso_8859-6 iso_8859-6:1987 iso_8859-7
    iso_8859-7:1987 iso_8859-8 iso_8859-8:1988 iso_8859-9 iso_8859-9:1989 koi koi8 koi8-r
    koi8-ru koi8-u koi8_r korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 l1 l2 l3 l4 l5
    l6 l9 latin1 latin2 latin3 latin4 latin5 latin6 logical mac macintosh ms932 ms_kanji
    shift-jis shift_jis sjis sun_eu_greek tis-620 unicode-1-1-utf-8 unicode11utf8 unicode20utf8
    us-ascii utf-8 utf8 visual windows-1250 windows-1251 windows-1252 windows-1253 windows-1254
    windows-1255 windows-1256 windows-1257 windows-1258 windows-31j windows-874 windows-949
    x-cp1250 x-cp1251 x-cp1252 x-cp1253 x-cp1254 x-cp1255 x-cp1256 x-cp1257 x-cp1258 x-euc-jp
    x-gbk x-mac-cyrillic x-mac-roman x-mac-ukrainian x-sjis x-unicode20utf8 x-user-defined
    x-x-big5
    """.split()
)
_UTF8 = re.compile(rb"utf-?8", re.IGNORECASE)
_DIGESTS = (b"content-md5", b"digest", b"content-digest", b"repr-digest")
_MAX_DIGITS = 18
_FIRST_SHOWN, _NO_CONTENT, _RESET_CONTENT, _PARTIAL, _FIRST_REDIRECT, _FIRST_ERROR = (
    200,
    204,
    205,
    206,
    300,
    400,
)
NOT_MODIFIED = 304


@lru_cache(maxsize=64)  # an application has few content types
def is_html(content_type: bytes) -> bool:
    """Tell whether a `Content-Type` names an HTML document."""
    return _HTML.match(content_type) is not None


_WORD = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # a token (RFC 9110, section 5.6.2)
_ESSENCE = re.compile(rb"[ \t]*(%b/%b)[ \t]*(?:;|$)" % (_WORD, _WORD))
# The last three are no types, so that browsers look at the content (MIME Sniffing Standard, 7).
_DOCUMENTS = frozenset(
    b"text/html text/xml text/xsl application/xml multipart/x-mixed-replace"
    b" unknown/unknown application/unknown */*".split()
)


@lru_cache(maxsize=64)
def is_document(content_type: bytes | None) -> bool:
    """Tell whether browsers may show an answer as a document, which loads what it names.

    HTML, and XML of whatever kind; so may they what has no type that can be read.
    """
    found = _ESSENCE.match(content_type or b"")
    if found is None:
        return True
    essence = found[1].lower()
    return essence in _DOCUMENTS or essence.endswith(b"+xml")


# Fields that say nothing to us, whatever their value, in an answer that is no page.
_INDIFFERENT = frozenset(
    {
        b"accept-ranges",
        b"age",
        b"allow",
        b"cache-control",
        b"content-encoding",
        b"content-language",
        b"content-length",
        b"date",
        b"etag",
        b"expires",
        b"last-modified",
        b"location",
        b"server",
        b"vary",
        b"x-content-type-options",
        b"x-frame-options",
        b"x-process-time",
        b"x-request-id",
    }
)


def is_indifferent(headers: Iterable[Sequence[object]], status: int) -> TypeGuard[HeaderList]:
    """Tell at a glance that an answer is neither a page nor sets a cookie: most answers are so.

    A no means that a closer look is needed.
    """
    if type(headers) is not list or status == NOT_MODIFIED:
        return False
    try:
        for name, value in headers:
            if name not in _INDIFFERENT and (
                name != b"content-type" or type(value) is not bytes or b"html" in value.lower()
            ):
                return False
    except (TypeError, ValueError):  # a `bytearray`, or no pair
        return False
    return True


def shows_page(status: int) -> bool:
    """Tell whether browsers show the body of an answer with this status as a page."""
    if status == _FIRST_SHOWN:
        return True
    if status in {_NO_CONTENT, _RESET_CONTENT, _PARTIAL}:
        return False
    return _FIRST_SHOWN <= status < _FIRST_REDIRECT or status >= _FIRST_ERROR


@lru_cache(maxsize=64)
def _is_ascii_superset(content_type: bytes) -> bool:
    found = _CHARSET.search(content_type)
    if found is None:
        return True
    return found[1].lower() in _ASCII_SUPERSETS


@lru_cache(maxsize=64)
def is_utf8(content_type: bytes) -> bool:
    """Tell whether a `Content-Type` says that a page is UTF-8, which nothing in it can overrule.

    But for a byte order mark, which says the same unless the head is wrong (Encoding Standard, 6).
    """
    found = _CHARSET.search(content_type)
    return found is not None and _UTF8.fullmatch(found[1]) is not None


def _is_inline(disposition: bytes) -> bool:
    """Tell whether an answer is shown: what is neither inline nor known is saved (RFC 6266, 4.2)."""
    kind = disposition.partition(b";")[0].strip(b" \t").lower()
    return kind in {b"", b"inline"} or b"=" in kind  # browsers forgive a missing type


def is_encoded(head: Head) -> bool:
    """Tell whether the body is compressed, so that no markup can go in."""
    if b"content-encoding" not in head.fields:
        return False
    return any(coding.lower() != b"identity" for coding in head.members(b"content-encoding"))


def can_carry(status: int, head: Head) -> bool:
    """Tell whether an answer is a complete HTML document that shows a page.

    Whether it is compressed is another question: it could have come otherwise.
    """
    fields = head.fields
    kind = fields.get(b"content-type")
    if kind is None or not is_html(kind) or not _is_ascii_superset(kind) or not shows_page(status):
        return False
    if len(fields) != len(head.lines) and len(head.values(b"content-type")) > 1:
        return False
    if b"content-range" in fields:
        return False
    return b"content-disposition" not in fields or all(
        map(_is_inline, head.values(b"content-disposition"))
    )


def length_of(head: Head) -> int | None:
    """Return the `Content-Length`; -1 where it is none or several, `None` where there is none."""
    length = head.fields.get(b"content-length")
    if length is None:
        return None
    if not length.isdigit() or len(length) > _MAX_DIGITS:
        return -1
    is_one = len(head.fields) == len(head.lines) or len(head.values(b"content-length")) == 1
    return int(length) if is_one else -1


def is_alterable(head: Head) -> bool:
    """Tell whether the body of a page may be changed: not if it is empty or signed."""
    if b"signature" in head.fields:
        return False
    length = length_of(head)
    return length is None or length > 0


# --- what a head says of the bytes ------------------------------------------------------------------
_OF_THE_BYTES = frozenset({*_DIGESTS, b"accept-ranges", b"trailer"})
_DESCRIBING = _OF_THE_BYTES | {b"etag", b"last-modified"}


def forget_bytes(head: Head) -> None:
    """Take away what a head says of the bytes of a page that markup goes into, but for its length."""
    if head.fields.keys().isdisjoint(_OF_THE_BYTES):
        return
    announced = head.members(b"trailer")
    head.remove(*_DIGESTS, b"accept-ranges")
    kept = [token for token in announced if token.lower() not in _DIGESTS]
    if not kept:
        head.remove(b"trailer")
    elif kept != announced:
        head.set(b"trailer", b", ".join(kept))


def remove_digests(trailers: Head) -> None:
    """Take away what the trailers of a page with our markup in it say of its bytes: it is untrue."""
    trailers.remove(*_DIGESTS)


Markup = Callable[[BodyFinder], bytes | None]


class Insertion:
    """The body of a page on its way out, and the head that waits for it.

    Args:
        head: The response head, not yet saying anything of our markup.
        policy: The policy of the page.
    """

    __slots__ = (
        "_added",
        "_empty",
        "_finder",
        "_head",
        "_left",
        "_length",
        "_settled",
        "homeless",
        "policy",
        "utf8",
    )

    def __init__(self, head: Head, policy: PagePolicy) -> None:
        self._head = head
        self.policy: PagePolicy = policy
        self.utf8: bool = is_utf8(head.fields.get(b"content-type", b""))
        """Whether the head says that the page is UTF-8."""
        self._length = self._left = length_of(head)
        self._empty = True
        self._added: int | None = None  # bytes of markup
        self._settled = False
        self._finder: BodyFinder | None = BodyFinder()
        self.homeless: bool = False
        """Whether the page turned out to have no place for markup: a frameset, say."""

    @property
    def open(self) -> bool:
        """Whether the place is still being looked for."""
        return self._finder is not None

    @property
    def inserted(self) -> bool:
        """Whether markup has gone in."""
        return self._added is not None

    @property
    def held(self) -> bytes:
        """The bytes that wait for the next chunk."""
        return b"" if self._finder is None else self._finder.held

    def feed(self, chunk: bytes, markup: Markup, *, last: bool) -> bytes:
        """Take a chunk of the body and return what may go out of it.

        Args:
            chunk: The next bytes.
            markup: Returns the markup when the place is found; `None` to insert nothing after all.
            last: Whether no further chunk follows.
        """
        finder = self._finder
        if finder is None:
            return chunk
        if self._left is not None:
            self._left -= len(chunk)
            last = last or self._left <= 0
        self._empty = self._empty and not chunk
        data, place = finder.feed(chunk)
        if place is None and last:
            tail, place = finder.finish()
            place = None if place is None else len(data) + place
            data += tail
        if place is not None:
            self._finder = None
            added = markup(finder)
            if added is not None:
                self._added = len(added)
                return b"".join((data[:place], added, memoryview(data)[place:]))
        elif finder.place is Place.NOWHERE:
            self._finder = None
            self.homeless = not self._empty
        return data

    def settle(self, mark: Callable[[Head, bool], None]) -> HeaderList:
        """Return the head that may go out now.

        It has the exact length where the matter is settled, and none while the place is open:
        then it must hold whatever becomes of the body.

        Args:
            mark: Marks the validators of a head; told whether its page is altered, or may be.
        """
        head = self._head
        if not self._settled:
            self._settled = True
            altered = self._finder is not None or self._added is not None
            if altered:
                forget_bytes(head)
            mark(head, altered)
            if self._finder is not None:
                head.remove(b"content-length")
            elif self._added is not None and self._length is not None:
                head.set(b"content-length", b"%d" % (self._length + self._added))
        return head.lines

    def bare_head(self) -> HeaderList:
        """Return the head without a word about the bytes of the page."""
        telling = {*_DESCRIBING, b"content-length"}
        return [pair for pair in self._head.lines if pair[0].lower() not in telling]

    def fail(self) -> None:
        """Insert nothing, since our own code has failed: what came so far may be incomplete."""
        self._finder = None
        self._head.remove(b"content-length")

    def abandon(self) -> bytes:
        """Insert nothing, since the rest of the body does not come this way; return what waited."""
        held, self._finder = self.held, None
        return held
