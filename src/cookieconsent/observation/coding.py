"""What stands in a body: its content codings taken off (RFC 9110, section 8.4), its letters as UTF-8.

Visitors ask for no coding, yet some applications always use one.
May not enter: what is read in it.
"""

from __future__ import annotations

import re
import zlib
from contextlib import suppress
from dataclasses import replace
from typing import Final

from cookieconsent.observation.answer import MAX_BODY_OCTETS, Answer

_KNOWN: Final = frozenset({b"gzip", b"x-gzip", b"deflate"})
_GZIP_OR_ZLIB: Final = 32 + zlib.MAX_WBITS
_BARE: Final = -zlib.MAX_WBITS
"""How some servers write `deflate`, against RFC 9110, section 8.4.1.2."""
_MARKS: Final = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_SIXTEEN_BITS: Final = re.compile(rb'charset\s*=\s*"?\s*(utf-16(?:le|be)?)\b', re.IGNORECASE)


def is_html(answer: Answer) -> bool:
    """Tell whether an answer says that it is a page."""
    return any(b"html" in kind.lower() for kind in answer.values(b"content-type")[:1])


def plain(answer: Answer) -> Answer:
    """Return an answer with its body as readers of markup take it; not whole where that is not known.

    Every other charset of the web has the letters of ASCII where markup needs them, so it may stay.
    """
    for coding in reversed(_codings(answer)):
        body, ends = _decoded(coding, answer.body)
        whole = answer.whole and ends and len(body) <= MAX_BODY_OCTETS
        answer = replace(answer, body=body[:MAX_BODY_OCTETS], whole=whole)
    charset = _sixteen_bits(answer)
    if charset is None:
        return answer
    return replace(answer, body=answer.body.decode(charset, "replace").encode("utf-8", "replace"))


def _codings(answer: Answer) -> list[bytes]:
    named = b",".join(answer.values(b"content-encoding")).lower().split(b",")
    return [coding.strip() for coding in named if coding.strip() not in {b"", b"identity"}]


def _decoded(coding: bytes, body: bytes) -> tuple[bytes, bool]:
    """Return at most one octet more than is read, and whether it ends as it should."""
    for bits in (_GZIP_OR_ZLIB, _BARE) if coding in _KNOWN else ():
        stream = zlib.decompressobj(bits)
        with suppress(zlib.error):
            return stream.decompress(body, MAX_BODY_OCTETS + 1), stream.eof
    return b"", False


def _sixteen_bits(answer: Answer) -> str | None:
    """Return the charset of a body in units of sixteen bits; the mark at its begin wins."""
    marked = next((name for mark, name in _MARKS if answer.body.startswith(mark)), None)
    kinds = b",".join(answer.values(b"content-type"))
    named = _SIXTEEN_BITS.search(kinds)
    if marked is not None or named is None:
        return marked
    return "utf-16-be" if named[1].lower() == b"utf-16be" else "utf-16-le"
