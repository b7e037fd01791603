"""Reads the literals of a JavaScript (or JSON) file: objects, lists, texts, numbers, patterns.

Theory of operation. The file is cut into tokens, each looked at once. Code is passed over with its
brackets balanced; wherever an expression begins with `{` or `[`, that literal is read. Within one,
whatever is no literal (a function, a name, a spread, a sum) is passed over too, and its place noted.
So the work is linear in the size of the file, and nesting is bounded.
May not enter: running or evaluating anything; what the values mean.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, TypeAlias

from cookieconsent.errors import ConsentError

MAX_OCTETS: Final = 2_097_152
"""Configurations have a few thousand bytes; one of more than 2 MiB is refused."""
MAX_DEPTH: Final = 64
"""How deep brackets may be nested."""
MAX_UNREAD: Final = 1_000
"""How many pieces of code are kept; the others are counted."""
_SHOWN: Final = 60  # characters of code that a note quotes
_MAX_PLACE: Final = 200  # characters of a place


class LiteralError(ConsentError, ValueError):
    """A text that is not what JavaScript or JSON would accept, or is beyond the bounds.

    Attributes:
        problem: What is wrong.
        line: From 1.
        column: From 1, in characters.
    """

    def __init__(self, problem: str, line: int, column: int) -> None:
        super().__init__(f"line {line}, column {column}: {problem}")
        self.problem = problem
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression literal."""

    source: str
    """What stands between the slashes."""
    flags: str = ""

    def __str__(self) -> str:
        return f"/{self.source}/{self.flags}"


@dataclass(frozen=True, slots=True)
class Unread:
    """A piece of code in the place of a value."""

    place: str
    """Where it stands in the literal, such as `services[0].callback`."""
    line: int
    code: str
    """Its beginning, on one line."""
    is_function: bool
    """Whether it is a function, which says nothing of cookies by itself."""
    is_repeated: bool = False
    """Whether it is a value whose name comes again below, where it counts."""


Value: TypeAlias = (
    "str | int | float | bool | Pattern | Unread | list[Value] | dict[str, Value] | None"
)


@dataclass(frozen=True, slots=True)
class Found:
    """A literal of the file, with what was not read in it."""

    value: Value
    unread: tuple[Unread, ...]
    more_unread: int = 0
    """Pieces of code beyond those."""


def read(text: str) -> list[Found]:
    """Return the outermost literals of a file in the order in which they end.

    Raises:
        LiteralError: The text is too large, nested too deeply, or a bracket, text, comment or regular
            expression in it does not end.
    """
    if len(text) > MAX_OCTETS:
        raise LiteralError(f"there are more than {MAX_OCTETS:,} characters", 1, 1)
    return _Reader(text).read()


# --- tokens ---------------------------------------------------------------------------------------

_Kind = Literal["end", "mark", "word", "number", "text", "template", "pattern"]


class _Token(NamedTuple):
    kind: _Kind
    text: str
    start: int


# Possessive (`*+`), so that nothing is ever looked at twice. Line ends are those of ECMA-262, 12.3.
_SPACE = re.compile(r"(?:[\s\ufeff]++|//[^\n\r\u2028\u2029]*+|/\*(?s:.*?)\*/|<!--[^\n\r]*+)*+")
_TOKEN = re.compile(
    r"""
      (?P<number>(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?\w*+)
    | (?P<word>(?:[\w$\u200c\u200d]|\\u[0-9a-fA-F]{4})++)
    | (?P<text>"[^"\\\n\r]*+(?:\\(?s:.)[^"\\\n\r]*+)*+"|'[^'\\\n\r]*+(?:\\(?s:.)[^'\\\n\r]*+)*+')
    | (?P<template>`[^`\\$]*+(?:(?:\\(?s:.)|\$(?!\{))[^`\\$]*+)*+(?:`|\$\{))
    | (?P<open>/\*|["'`])
    | (?P<mark>\.\.\.|=>|(?s:.))
    """,
    re.VERBOSE,
)
_TEMPLATE_REST = re.compile(r"[^`\\$]*+(?:(?:\\(?s:.)|\$(?!\{))[^`\\$]*+)*+(`|\$\{)")
_REGEX = re.compile(r"/(?:[^\\/\[\n\r]|\\[^\n\r]|\[(?:[^\]\\\n\r]|\\[^\n\r])*+\])++/\w*+")
# Behind these words an expression begins, so a slash does not divide.
_BEFORE_EXPRESSION: Final = frozenset(
    {"await", "case", "default", "delete", "do", "else", "in", "instanceof", "new", "of"}
    | {"return", "throw", "typeof", "void", "yield"}
)
_NEVER_CLOSED: Final = {
    "/*": "this comment is never closed",
    "`": "this template literal is never closed",
    '"': "this text is not closed on its line",
    "'": "this text is not closed on its line",
}


class _Tokens:
    """The tokens of a text, one at a time."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._position = 0
        self._depth = 0
        self._last = _Token("end", "", 0)
        self._line_starts = [0, *(found.end() for found in re.finditer(r"\r\n|[\n\r]", text))]

    def line(self, position: int) -> int:
        """Return the line of a position, from 1."""
        return bisect_right(self._line_starts, position)

    def error(self, problem: str, position: int) -> LiteralError:
        """Return the error for a problem at a position."""
        line = self.line(position)
        return LiteralError(problem, line, position - self._line_starts[line - 1] + 1)

    def next(self) -> _Token:
        """Return the next token; `end` again and again behind the last."""
        space = _SPACE.match(self.text, self._position)
        self._position = space.end() if space else self._position
        self._last = self._cut()
        return self._last

    def _cut(self) -> _Token:
        start = self._position
        if self._at_regex(start):
            return self._take(_REGEX.match(self.text, start), "pattern", start)
        found = _TOKEN.match(self.text, start)
        if found is None:
            return _Token("end", "", start)
        kind = found.lastgroup
        if kind == "open":
            raise self.error(_NEVER_CLOSED[found[0]], start)
        self._position = found.end()
        if kind == "template" and found[0].endswith("${"):
            self._pass_template(start)
            return _Token("mark", "${", start)
        kinds: dict[str | None, _Kind] = {
            "number": "number",
            "word": "word",
            "text": "text",
            "template": "template",
        }
        return _Token(kinds.get(kind, "mark"), found[0], start)

    def _at_regex(self, start: int) -> bool:
        if not self.text.startswith("/", start) or self.text.startswith("/*", start):
            return False
        last = self._last
        if last.kind == "word":
            return last.text in _BEFORE_EXPRESSION
        return last.kind == "end" or (
            last.kind == "mark" and last.text not in {")", "]", "}", "${"}
        )

    def _take(self, found: re.Match[str] | None, kind: _Kind, start: int) -> _Token:
        if found is None:
            raise self.error("this regular expression is not closed on its line", start)
        self._position = found.end()
        return _Token(kind, found[0], start)

    def _pass_template(self, start: int) -> None:
        """Go past the code in a template literal and past the rest of it."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self.error(f"templates are nested more than {MAX_DEPTH} deep", start)
        opened = 0
        self._last = _Token("mark", "{", start)
        while True:
            token = self.next()
            if token.kind == "end":
                raise self.error(_NEVER_CLOSED["`"], start)
            if token.kind != "mark" or token.text not in {"{", "}"}:
                continue
            opened += 1 if token.text == "{" else -1
            if opened < 0 and self._template_ends(start):
                break
            opened = max(opened, 0)
        self._depth -= 1

    def _template_ends(self, start: int) -> bool:
        rest = _TEMPLATE_REST.match(self.text, self._position)
        if rest is None:
            raise self.error(_NEVER_CLOSED["`"], start)
        self._position = rest.end()
        return rest[1] == "`"


# --- values ---------------------------------------------------------------------------------------

_CLOSING: Final = {"{": "}", "[": "]", "(": ")"}
_CLOSERS: Final = frozenset(_CLOSING.values())
_CONSTANTS: Final[dict[str, bool | None]] = {
    "true": True,
    "false": False,
    "null": None,
    "undefined": None,
}
# Marks behind which `{` and `[` begin a literal, not a block or an index.
_BEFORE_LITERAL: Final = frozenset({"=", "(", ",", "|", "&", "?"})
_FUNCTION = re.compile(
    r"(?:async\b\s*+)?(?:function\b|class\b|[\w$]++\s*+=>|\([^()]*+\)\s*+(?::[^=]*+)?=>)"
    r"|(?:async\s|get\s|set\s|\*)?\s*+[\w$\"']++\s*+\("
)
_EXACT_NUMBERS: Final = 2**53
_CODE: Final = Unread("", 0, "", is_function=False)  # "not a literal", until its place is known


class _Reader:
    """One pass over a text."""

    def __init__(self, text: str) -> None:
        self._tokens = _Tokens(text)
        self._last = _Token("end", "", 0)
        self._token = self._tokens.next()
        self._opened: list[_Token] = []  # the brackets of literals around the current token
        self._path: list[str] = []
        self._unread: list[Unread] = []
        self._kept = 0
        self._more_unread = 0
        self._found: list[Found] = []

    def read(self) -> list[Found]:
        self._pass_code(frozenset())
        return self._found

    def _advance(self) -> _Token:
        self._last, self._token = self._token, self._tokens.next()
        return self._last

    def _at(self, *marks: str) -> bool:
        return self._token.kind == "mark" and self._token.text in marks

    def _error(self, problem: str, token: _Token | None = None) -> LiteralError:
        return self._tokens.error(problem, (token or self._token).start)

    @contextmanager
    def _inside(self, opening: _Token) -> Iterator[None]:
        self._opened.append(opening)
        self._check_depth(len(self._opened), opening)
        yield
        self._opened.pop()

    def _check_depth(self, depth: int, opening: _Token) -> None:
        if depth > MAX_DEPTH:
            raise self._error(f"brackets are nested more than {MAX_DEPTH} deep", opening)

    def _never_closed(self, opening: _Token) -> LiteralError:
        return self._error(f"{opening.text!r} is never closed", opening)

    def _pass_code(self, ends: frozenset[str]) -> None:
        """Go past code up to one of `ends` outside of its brackets, or to the end of the file."""
        opened: list[_Token] = []
        while opened or not self._at(*ends):
            token = self._token
            if token.kind == "end":
                around = [*self._opened, *opened]
                if not around:
                    return
                raise self._never_closed(around[-1])
            if token.kind == "mark" and token.text in _CLOSING:
                if self._begins_literal():
                    self._read_apart()
                    continue
                opened.append(token)
                self._check_depth(len(self._opened) + len(opened), token)
            elif token.kind == "mark" and token.text in _CLOSERS:
                self._close(opened)
            self._advance()

    def _close(self, opened: list[_Token]) -> None:
        if not opened or _CLOSING[opened.pop().text] != self._token.text:
            raise self._error(f"{self._token.text!r} closes nothing")

    def _begins_literal(self) -> bool:
        if self._token.text == "(":
            return False
        last = self._last
        if last.kind == "word":
            return last.text in {"return", "default"}
        return last.kind == "end" or (last.kind == "mark" and last.text in _BEFORE_LITERAL)

    def _read_apart(self) -> None:
        """Read a literal that stands in code."""
        around = self._path, self._unread, self._more_unread
        self._path, self._unread, self._more_unread = [], [], 0
        value = self._primary()
        self._found.append(Found(value, tuple(self._unread), self._more_unread))
        self._path, self._unread, self._more_unread = around

    def _value(self) -> Value:
        start = self._token
        value = self._primary()
        if isinstance(value, str) and self._at("+"):
            value = self._joined(value)
        if value is not _CODE and self._at(",", "}", "]"):
            return value
        if value is not _CODE and self._token.kind != "mark" and not self._continues():
            raise self._error("a comma is missing before this")
        self._pass_code(frozenset({",", "}", "]"}))
        return self._note(start)

    def _joined(self, first: str) -> Value:
        """Read the rest of `'a' + 'b'`, which is how long texts are broken into lines."""
        parts = [first]
        while self._at("+"):
            self._advance()
            more = self._primary()
            if not isinstance(more, str):
                return _CODE
            parts.append(more)
        return "".join(parts)

    def _continues(self) -> bool:
        """Tell whether a word joins what precedes it: `'x' as const` in TypeScript, `a in b`."""
        words = {"as", "satisfies", "in", "instanceof"}
        return self._token.kind == "end" or self._token.text in words

    def _primary(self) -> Value:
        """Read a literal; leave anything else where it is and return `_CODE`."""
        token = self._token
        readers: dict[str, Callable[[], Value]] = {
            "number": self._number,
            "text": lambda: _unescaped(self._advance().text),
            "template": lambda: _unescaped(self._advance().text),
            "pattern": self._pattern,
        }
        if token.kind in readers:
            return readers[token.kind]()
        if token.kind == "word" and token.text in _CONSTANTS:
            return _CONSTANTS[self._advance().text]
        if self._at("{"):
            return self._object()
        if self._at("["):
            return self._list()
        if self._at("-", "!"):
            return self._signed()
        return _CODE

    def _number(self) -> Value:
        return _number(self._advance().text)

    def _signed(self) -> Value:
        """Read `-1`, and `!0` and `!1`, which is how minifiers write true and false."""
        sign = self._advance().text
        if self._token.kind != "number":
            return _CODE
        value = self._number()
        if not isinstance(value, int | float):
            return _CODE
        return -value if sign == "-" else not value

    def _pattern(self) -> Pattern:
        source, _, flags = self._advance().text[1:].rpartition("/")
        return Pattern(source, flags)

    def _object(self) -> dict[str, Value]:
        opening = self._advance()
        members: dict[str, Value] = {}
        with self._inside(opening):
            while not self._at("}"):
                self._member(members)
                self._end_item("}", opening)
        self._advance()
        return members

    def _member(self, members: dict[str, Value]) -> None:
        start, key = self._token, self._key()
        if key in members:
            self._note(start, f".{key[:_SHOWN]}", is_repeated=True)
        if key is not None and self._at(":"):
            self._advance()
            self._path.append(f".{key[:_SHOWN]}")
            members[key] = self._value()
            self._path.pop()
            return
        if key is not None and start.kind != "word" and not self._at("("):
            raise self._error(f"a colon is missing behind the name {key[:_SHOWN]!r}")
        self._pass_code(frozenset({",", "}"}))
        self._path.append(f".{key[:_SHOWN]}" if key else "")
        unread = self._note(start)
        self._path.pop()
        if key is not None:
            members[key] = unread

    def _key(self) -> str | None:
        if self._token.kind == "text":
            return _unescaped(self._advance().text)
        if self._token.kind in {"word", "number"}:
            return self._advance().text
        return None

    def _list(self) -> list[Value]:
        opening = self._advance()
        items: list[Value] = []
        with self._inside(opening):
            while not self._at("]"):
                if not self._at(","):  # a hole in the list is no item
                    self._path.append(f"[{len(items)}]")
                    items.append(self._value())
                    self._path.pop()
                self._end_item("]", opening)
        self._advance()
        return items

    def _end_item(self, closer: str, opening: _Token) -> None:
        if self._at(","):
            self._advance()
        elif self._token.kind != "end" and not self._at(closer):
            raise self._error(
                f"{self._token.text[:_SHOWN]!r} stands where ',' or {closer!r} should"
            )
        if self._token.kind == "end":
            raise self._never_closed(opening)

    def _note(self, start: _Token, name: str = "", *, is_repeated: bool = False) -> Value:
        """Note code from a token up to the current one."""
        if self._kept == MAX_UNREAD:
            self._more_unread += 1
            return _CODE
        self._kept += 1
        beginning = self._tokens.text[start.start : min(self._token.start, start.start + 400)]
        code = " ".join(beginning.split())
        unread = Unread(
            "".join([*self._path, name]).lstrip(".")[:_MAX_PLACE],
            self._tokens.line(start.start),
            code if len(code) <= _SHOWN else f"{code[:_SHOWN]}...",
            _FUNCTION.match(code) is not None,
            is_repeated,
        )
        self._unread.append(unread)
        return unread


def _number(text: str) -> Value:
    try:
        value = float(text)
    except ValueError:  # 0x1F, 10n, 1_000
        return _CODE
    whole = abs(value) < _EXACT_NUMBERS and value == int(value)
    return int(value) if whole else value


_ESCAPE = re.compile(
    r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|(?s:.)))"
)
_SINGLE: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
_LINE_ENDS: Final = frozenset({"\n", "\r", "\r\n", "\u2028", "\u2029"})


def _unescaped(quoted: str) -> str:
    """Return what a text in quotes says (ECMA-262, 12.9.4); halves of a pair find each other."""
    inner = quoted[1:-1]
    if "\\" not in inner:
        return inner
    text = _ESCAPE.sub(_escaped, inner)
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _escaped(found: re.Match[str]) -> str:
    digits = found[1] or found[2] or found[3]
    if digits is not None:
        number = int(digits, 16)
        return chr(number) if number <= 0x10FFFF else "\N{REPLACEMENT CHARACTER}"  # noqa: PLR2004
    char = found[4]
    return "" if char in _LINE_ENDS else _SINGLE.get(char, char)
