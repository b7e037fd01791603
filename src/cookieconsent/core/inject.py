"""Puts markup behind the opening body tag of a byte stream, whatever the chunk borders.

Theory of operation. A page is scanned once, forwards, in the states of the HTML tokenizer that matter
before a body exists. Bytes pass as they come; only an unfinished `<name` at the end of a chunk waits
(at most 16 bytes). The scan ends at the first of:

* a `<body ...>` start tag: the markup goes behind it;
* any token that implies a body (text, `<h1>`, `</body>`): the markup goes before it;
* `<frameset>`: there is no body, nothing is inserted;
* the end of the stream: the markup goes there, unless inside a comment, script, style or title.

Comments, raw-text elements (script with its escapes), templates, `noscript` and quoted attributes are
passed over as browsers do (HTML Standard, 13.2.5 and 13.2.6.4). On the way, the attributes of `base`
and of `meta` elements are kept, up to 16 kB each, for whoever needs to know where links lead and
which policy the page sets.
May not enter: what is inserted, or whether it should be.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum, auto
from html import unescape

_LONGEST_NAME = 9  # `</noframes`, `</template`, `basefont`: longer names imply a body
_KEPT_TAG_OCTETS = 16_384  # policies with many hashes reach 10 kB
_KEPT_METAS = 100
_BOM = b"\xef\xbb\xbf"

# Start tags that stand in a head and open no body (HTML Standard, 13.2.6.4.4).
_VOID_HEAD = frozenset({b"html", b"head", b"base", b"basefont", b"bgsound", b"link", b"meta"})
# Their text is not markup. `noscript` is markup where scripts are off, but nothing inside it may be
# taken for the body of a page whose scripts are on.
_RAW_TEXT = frozenset({b"script", b"style", b"title", b"noscript", b"noframes"})
_BODY_END_TAGS = frozenset({b"body", b"html", b"br"})

_NAME = re.compile(rb"[A-Za-z][^\t\n\x0c\r />]*")
_ATTRIBUTE = re.compile(rb"""([^\s/>=][^\s/>=]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]*)))?""")


class Place(Enum):
    """How a scan ended."""

    SEEKING = auto()
    """Not yet."""
    FOUND = auto()
    """At a place for the markup."""
    NOWHERE = auto()
    """The page has no place for it."""


class _Part:
    """Where inside a tag we are: a quote counts only where a value begins.

    Each part knows the next byte that matters, where the bytes with a meaning lead, and where any
    other byte leads (HTML Standard, 13.2.5.32 to 13.2.5.39). `>` ends the tag unless quoted.
    """

    __slots__ = ("interesting", "meanings", "otherwise", "quoted")

    def __init__(self, interesting: bytes, *, quoted: bool = False) -> None:
        self.interesting = re.compile(interesting)
        self.quoted = quoted
        self.meanings: dict[bytes, _Part] = {}
        self.otherwise = self


_BEFORE_NAME = _Part(rb"[^\t\n\x0c\r /]")
_NAME_PART = _Part(rb"[\t\n\x0c\r /=>]")
_AFTER_NAME = _Part(rb"[^\t\n\x0c\r ]")
_BEFORE_VALUE = _Part(rb"[^\t\n\x0c\r ]")
_UNQUOTED = _Part(rb"[\t\n\x0c\r >]")
_DOUBLE_QUOTED = _Part(rb'"', quoted=True)
_SINGLE_QUOTED = _Part(rb"'", quoted=True)

_BEFORE_NAME.otherwise = _AFTER_NAME.otherwise = _NAME_PART
_NAME_PART.otherwise = _AFTER_NAME
_NAME_PART.meanings = _AFTER_NAME.meanings = {b"/": _BEFORE_NAME, b"=": _BEFORE_VALUE}
_BEFORE_VALUE.otherwise = _UNQUOTED
_BEFORE_VALUE.meanings = {b'"': _DOUBLE_QUOTED, b"'": _SINGLE_QUOTED}
_UNQUOTED.otherwise = _DOUBLE_QUOTED.otherwise = _SINGLE_QUOTED.otherwise = _BEFORE_NAME

# What stands in nearly every head, passed over in one match, with the body tag if it follows. What is
# unusual (and `base` and `http-equiv`, which must be read) is left to the steps below. Possessive
# throughout, so that it cannot backtrack.
_SPACE = rb"[\t\n\x0c\r ]"
_TAG_OPENS = rb"(?![^\t\n\x0c\r />])(?>[\t\n\x0c\r /]++|"
_TAG_GOES_ON = (
    rb"""[^\t\n\x0c\r />="'<]++"""
    rb"""(?>[\t\n\x0c\r ]*+=[\t\n\x0c\r ]*+(?>"[^"]*+"|'[^']*+'|[^\t\n\x0c\r "'<>=]++))?+)*+>"""
)
_ATTRIBUTES = _TAG_OPENS + _TAG_GOES_ON
_OTHER_META = _TAG_OPENS + rb"(?!http-equiv)" + _TAG_GOES_ON
_USUAL = re.compile(
    rb"(?>" + _SPACE + rb"++"
    rb"|<!doctype[^>]*+>"
    rb"|<!--(?!-?>)(?>[^-]++|-(?!-))*+-->"
    rb"|<(?:html|/?head)" + _ATTRIBUTES + rb"|<link" + _ATTRIBUTES + rb""
    rb"|<meta" + _OTHER_META + rb""
    rb"|<(title|style|script)" + _ATTRIBUTES + rb"(?>[^<]++|<(?![/!s]))*+</\1>"
    rb")*+(<body" + _ATTRIBUTES + rb")?+",
    re.IGNORECASE,
)
_STRICTEST = (
    b"""http-equiv="Content-Security-Policy" content="style-src 'self'; form-action 'none'" """
)
_COMMENT_END = re.compile(rb"--!?>")


_Step = Callable[["BodyFinder", bytes, int], int]


class BodyFinder:
    """Finds the place for markup in a page that arrives in chunks.

    `feed` and `finish` return the index in the bytes *they return as text* at which to insert, so the
    caller needs no copy of what went before.
    """

    __slots__ = (
        "_carry",
        "_depth",
        "_escape",
        "_is_end_tag",
        "_kept",
        "_name",
        "_part",
        "_raw",
        "_started",
        "_step",
        "base_href",
        "metas",
        "place",
    )

    def __init__(self) -> None:
        self.place: Place = Place.SEEKING
        self.base_href: str | None = None
        """The `href` of the first `<base>` that has one."""
        self.metas: list[dict[str, str]] = []
        """The attributes of `<meta http-equiv>` elements, names in lower case."""
        self._step: _Step = BodyFinder._data
        self._part = _BEFORE_NAME
        self._carry = b""
        self._name = b""
        self._raw = b""
        self._depth = 0  # of open templates
        self._is_end_tag = False
        self._escape = _Escape.NONE
        self._kept: bytearray | None = None
        self._started = False

    @property
    def held(self) -> bytes:
        """The bytes that wait for the next chunk."""
        return self._carry

    def feed(self, chunk: bytes) -> tuple[bytes, int | None]:
        """Take a chunk; return the bytes that may go out and where among them to insert.

        The index is `None` while the place is not found, and where there is none.
        """
        data = self._carry + chunk
        self._carry = b""
        position = 0
        if not self._started:
            start = self._begin(data)
            if start is None:
                return b"", None
            if self.place is Place.NOWHERE:
                return data, None
            position = start
        while position < len(data):
            step = self._step(self, data, position)
            if self.place is Place.FOUND:
                return data, step
            if self.place is Place.NOWHERE:
                return data, None
            if step < 0:  # unfinished: the bytes from ~step on wait for the next chunk
                self._carry = data[~step:]
                return data[:~step], None
            position = step
        return data, None

    def finish(self) -> tuple[bytes, int | None]:
        """Tell the end of the stream; return the bytes that still waited and where to insert."""
        data, self._carry = self._carry, b""
        if self.place is not Place.SEEKING:
            return data, None
        if not self._started and not data:
            self.place = Place.NOWHERE  # an empty answer shows no page
            return data, None
        if self._step is BodyFinder._data and not self._depth:
            self.place = Place.FOUND
            # An unfinished `<` or `<di` at the very end is text, and text implies a body.
            return data, 0
        self.place = Place.NOWHERE
        return data, None

    def _begin(self, data: bytes) -> int | None:
        """Look past a byte order mark; `None` while there are too few bytes to tell."""
        if data[:2] in {b"\xfe\xff", b"\xff\xfe"}:
            self._started = True
            self.place = Place.NOWHERE  # UTF-16, whatever the label says (Encoding Standard, 6)
            return 0
        if len(data) < len(_BOM) and (_BOM.startswith(data) or data in {b"\xfe", b"\xff"}):
            self._carry = data
            return None
        self._started = True
        return len(_BOM) if data.startswith(_BOM) else 0

    def _data(self, data: bytes, position: int) -> int:
        if self._depth:
            found = data.find(b"<", position)
            if found < 0:
                return len(data)
        else:
            usual = _USUAL.match(data, position)
            found = position if usual is None else usual.end()
            if usual is not None and usual[2] is not None:
                self.place = Place.FOUND
                return found
            if found == len(data):
                return found
        if not data.startswith(b"<", found):
            return self._implied(found)
        following = data[found + 1 : found + 2]
        if not following:
            return ~found
        if following == b"!":
            return self._declaration(data, found)
        if following == b"?":
            self._step = BodyFinder._in_bogus
            return found + 2
        return self._tag_name(data, found)

    def _implied(self, position: int) -> int:
        """Text stands at `position`: it implies a body, unless inside a template."""
        if self._depth:
            return position + 1
        self.place = Place.FOUND
        return position

    def _declaration(self, data: bytes, found: int) -> int:
        if not data.startswith(b"<!--", found):
            if b"<!--".startswith(data[found : found + len(b"<!--")]):
                return ~found
            self._step = BodyFinder._in_bogus
            return found + 2
        # `<!-->` and `<!--->` are whole comments, `<!--!>` is not.
        opening = found + len(b"<!--")
        following = data[opening : opening + 2]
        if following.startswith(b">"):
            return opening + 1
        if following == b"->":
            return opening + 2
        if following in {b"", b"-"}:
            return ~found
        self._step = BodyFinder._in_comment
        return opening

    def _tag_name(self, data: bytes, found: int) -> int:
        self._is_end_tag = data.startswith(b"/", found + 1)
        start = found + 1 + self._is_end_tag
        match = _NAME.match(data, start, start + _LONGEST_NAME + 1)
        if match is None:
            if start >= len(data):
                return ~found
            if self._is_end_tag:
                return self._no_end_tag(data, start)
            return self._implied(found)  # `<` before anything else is text
        if match.end() == len(data) and len(match[0]) <= _LONGEST_NAME:
            return ~found
        return self._tag(match[0].lower(), found, match.end())

    def _no_end_tag(self, data: bytes, start: int) -> int:
        if data.startswith(b">", start):  # `</>` is nothing at all
            return start + 1
        self._step = BodyFinder._in_bogus
        return start

    def _tag(self, name: bytes, found: int, end: int) -> int:
        if self._depth or name == b"template":
            return self._template_tag(name, end)
        if self._is_end_tag:
            if name in _BODY_END_TAGS:
                return self._implied(found)
        elif name == b"frameset":
            self.place = Place.NOWHERE
            return end
        elif name != b"body" and name not in _VOID_HEAD and name not in _RAW_TEXT:
            return self._implied(found)
        return self._enter_tag(name, end)

    def _template_tag(self, name: bytes, end: int) -> int:
        if name == b"template":
            self._depth = max(self._depth - 1, 0) if self._is_end_tag else self._depth + 1
        return self._enter_tag(name, end)

    def _enter_tag(self, name: bytes, end: int) -> int:
        self._step, self._part, self._name = BodyFinder._in_tag, _BEFORE_NAME, name
        keeps = name in {b"base", b"meta"} and not self._is_end_tag and not self._depth
        self._kept = bytearray() if keeps else None
        return end

    def _in_tag(self, data: bytes, position: int) -> int:
        start = position
        while position < len(data):
            part = self._part
            match = part.interesting.search(data, position)
            if match is None:
                break
            position = match.end()
            if match[0] == b">" and not part.quoted:
                self._keep(data[start : position - 1])
                return self._tag_ends(position)
            self._part = part.meanings.get(match[0], part.otherwise)
        self._keep(data[start:])
        return len(data)

    def _keep(self, part: bytes) -> None:
        if self._kept is None:
            return
        self._kept += part
        if len(self._kept) > _KEPT_TAG_OCTETS:
            self._kept = bytearray(self._instead(bytes(self._kept)))

    def _instead(self, kept: bytes) -> bytes:
        """Return what stands for a tag that is too long to read: the worst it may say."""
        if self._name == b"base":
            return b"href=http:"  # leads nowhere that could be trusted
        return _STRICTEST if b"http-equiv" in kept.lower() else b""

    def _tag_ends(self, position: int) -> int:
        self._step = BodyFinder._data
        if self._kept is not None:
            self._read_attributes(bytes(self._kept))
            self._kept = None
        if self._is_end_tag:
            return position
        if self._name == b"body" and not self._depth:
            self.place = Place.FOUND
        elif self._name in _RAW_TEXT or (self._depth and self._name in _RAW_IN_TEMPLATE):
            self._step, self._raw = BodyFinder._in_raw, self._name
        return position

    def _read_attributes(self, text: bytes) -> None:
        attributes: dict[str, str] = {}
        for found in _ATTRIBUTE.finditer(text):
            value = found[2] or found[3] or found[4] or b""
            name = found[1].decode("latin-1").lower()
            attributes.setdefault(name, unescape(value.decode("utf-8", "replace")))
        if self._name == b"meta":
            if "http-equiv" in attributes and len(self.metas) < _KEPT_METAS:
                self.metas.append(attributes)
        elif self.base_href is None and "href" in attributes:
            self.base_href = attributes["href"]

    def _in_comment(self, data: bytes, position: int) -> int:
        match = _COMMENT_END.search(data, position)
        if match is not None:
            self._step = BodyFinder._data
            return match.end()
        # `--!` may be the beginning of the end; what waits is never more than three bytes.
        for tail in (b"--!", b"--", b"-"):
            if data.endswith(tail) and len(data) - len(tail) >= position:
                return ~(len(data) - len(tail))
        return len(data)

    def _in_bogus(self, data: bytes, position: int) -> int:
        found = data.find(b">", position)
        if found < 0:
            return len(data)
        self._step = BodyFinder._data
        return found + 1

    def _in_raw(self, data: bytes, position: int) -> int:
        """Pass over raw text up to its end tag; a script may hold escaped ones."""
        for found in _RAW_TOKENS[self._raw].finditer(data, position):
            token, position = found[0][:2], found.end()
            if token == b"</":
                if self._escape is not _Escape.DOUBLE:
                    return self._raw_ends(found.end() - 1)
                self._escape = _Escape.ONCE
            elif token == b"<!":
                if self._escape is _Escape.NONE:
                    self._escape = _Escape.ONCE
                position -= 2  # its dashes may belong to a `-->` that ends with the next chunk
            elif token == b"--":
                self._escape = _Escape.NONE
            elif self._escape is _Escape.ONCE:
                self._escape = _Escape.DOUBLE
        return _waiting(data, position)

    def _raw_ends(self, position: int) -> int:
        self._escape = _Escape.NONE
        self._is_end_tag = True
        self._step, self._part, self._name = BodyFinder._in_tag, _BEFORE_NAME, self._raw
        return position


class _Escape(Enum):
    """How far a script has escaped itself (HTML Standard, 13.2.5.16 to 13.2.5.31)."""

    NONE = auto()
    ONCE = auto()  # behind `<!--`
    DOUBLE = auto()  # behind `<!-- <script>`: the next `</script>` does not end the element


_RAW_IN_TEMPLATE = frozenset({b"textarea", b"xmp", b"iframe", b"noembed", b"plaintext"})
_LONGEST_TOKEN = len(b"</noscript>")


def _raw_tokens(name: bytes) -> re.Pattern[bytes]:
    if name == b"plaintext":  # nothing ends it
        return re.compile(rb"(?!)")
    end_tag = rb"</" + name + rb"[\t\n\x0c\r />]"
    if name != b"script":
        return re.compile(end_tag, re.IGNORECASE)
    # `<!-->` and `<!--->` escape nothing: the dashes of `<!--` count for `-->` too.
    tokens = rb"|<!--(?!-?>)|-->|<script[\t\n\x0c\r />]"
    return re.compile(end_tag + tokens, re.IGNORECASE)


_RAW_TOKENS = {name: _raw_tokens(name) for name in _RAW_TEXT | _RAW_IN_TEMPLATE}


def _waiting(data: bytes, position: int) -> int:
    """Keep back the tail of raw text in which a token may have begun."""
    tail = max(position, len(data) - _LONGEST_TOKEN + 1)
    starts = [at for at in (data.find(b"<", tail), data.find(b"-", tail)) if at >= 0]
    return ~min(starts) if starts else len(data)
