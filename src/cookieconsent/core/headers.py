"""Header lists: sequences of `(name, value)` byte pairs, and one index over each.

`Set-Cookie` may not be merged, order matters, and what is not changed passes byte for byte. Names are
compared in lower case, and keep the case they came in. A request head is read by name; a response
head is a `Head`, which is indexed once and copied only when something changes.
May not enter: cookie names, classes, decisions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

_MEMBER = re.compile(rb'(?:[^,"]+|"(?:[^"\\]|\\.)*"?)+', re.DOTALL)

HeaderList = list[tuple[bytes, bytes]]

Fields = dict[bytes, bytes]
"""Request fields by lower-case name; the lines of a repeated field are joined by commas, as RFC 9110,
section 5.3 allows for lists. `Cookie` is no list and never read from here."""

_BYTES = {bytes}


def index(headers: Iterable[Sequence[object]]) -> tuple[HeaderList, Fields, list[bytes]]:
    """Return request headers as a list of byte pairs, by name, and the `Cookie` lines.

    Servers hand over tuples, lists of lists, generators, `bytearray` and `memoryview` (ASGI allows
    each), and names that are not in lower case. The list is the very one given where nothing had to
    be put right.
    """
    if type(headers) is list and headers:
        try:
            fields: Fields = dict(headers)
            if (
                len(fields) == len(headers)
                and b"".join(fields).islower()
                and {*map(type, fields.values())} == _BYTES
                and type(headers[0][0]) is bytes
            ):
                line = fields.get(b"cookie")
                return headers, fields, [] if line is None else [line]
        except (TypeError, ValueError):
            pass
    return _indexed(normalise(headers))


def _indexed(pairs: HeaderList) -> tuple[HeaderList, Fields, list[bytes]]:
    fields: Fields = {}
    for name, value in pairs:
        fields[name] = fields[name] + b", " + value if name in fields else value
    return pairs, fields, [value for name, value in pairs if name == b"cookie"]


def normalise(headers: Iterable[Sequence[object]], *, lower: bool = True) -> HeaderList:
    """Return any iterable of pairs as a list of byte pairs.

    A pair that is none is dropped rather than raised on.

    Args:
        headers: The pairs.
        lower: Whether names are written in lower case, too.
    """
    pairs: HeaderList = []
    for pair in headers:
        try:
            name, value = pair
            name, value = bytes(name), bytes(value)  # type: ignore[call-overload]
        except (TypeError, ValueError):
            continue
        pairs.append((name.lower() if lower else name, value))
    return pairs


def replace(
    headers: HeaderList, fields: Fields, changes: Mapping[bytes, bytes | None]
) -> HeaderList:
    """Return request headers with fields replaced at their first place, or removed (`None`).

    Args:
        headers: The field lines, names in lower case.
        fields: The same by name.
        changes: The new values; a field that is not there is not added.
    """
    if len(fields) == len(headers):  # each stands once
        names = list(fields)
        changed: list[tuple[bytes, bytes | None]] = [*headers]
        for name, value in changes.items():
            if name in fields:
                changed[names.index(name)] = (name, value)
    else:
        placed: set[bytes] = set()
        changed = []
        for name, value in headers:
            if name not in changes:
                changed.append((name, value))
            elif name not in placed:
                placed.add(name)
                changed.append((name, changes[name]))
    if None in changes.values():
        return [(name, value) for name, value in changed if value is not None]
    return changed  # type: ignore[return-value] # nothing in it is `None`


class Head:
    """A response head: its field lines in order, with an index.

    The list it is made from is the application's and never changed: the first change copies it.

    Args:
        headers: Pairs of names and values, as servers and applications write them.
    """

    __slots__ = ("_names", "_own", "fields", "lines")

    lines: HeaderList
    """The field lines: the very list given, where it is an orderly one and nothing changed."""
    fields: dict[bytes, bytes]
    """The last value of each field, by lower-case name; to be read only."""

    def __init__(self, headers: Iterable[Sequence[object]]) -> None:
        self._own = False
        try:
            if type(headers) is list:
                for name, value in headers:
                    if type(name) is not bytes or type(value) is not bytes:
                        break
                else:
                    self.write(headers)
                    return
        except (TypeError, ValueError):
            pass
        self.write(normalise(headers, lower=False))

    def write(self, lines: HeaderList) -> None:
        """Take other lines instead."""
        fields = dict(lines)
        names = b"\n".join(fields)
        if fields and not names.islower():
            fields = {name.lower(): value for name, value in lines}
            names = b"\n".join(fields)
        self.lines, self.fields, self._names = lines, fields, names

    def values(self, name: bytes) -> list[bytes]:
        """Return the values of every field line called `name` (lower case), in order."""
        if name not in self.fields:
            return []
        if len(self.fields) == len(self.lines):
            return [self.fields[name]]
        return [value for key, value in self.lines if key.lower() == name]

    def first(self, name: bytes) -> bytes | None:
        """Return the value of the first field line called `name`, or `None`."""
        return next(iter(self.values(name)), None)

    def members(self, name: bytes) -> list[bytes]:
        """Return the members of the list that the lines called `name` make together."""
        return [token for value in self.values(name) for token in tokens(value)]

    def has_part(self, part: bytes) -> bool:
        """Tell whether some field of the head as it came has `part` in its name."""
        return part in self._names

    def append(self, name: bytes, value: bytes) -> None:
        """Add a field line (its name in lower case) at the end."""
        if not self._own:
            self._unshare()
        self.lines.append((name, value))
        self.fields[name] = value

    def remove(self, *names: bytes) -> None:
        """Take away every field line called any of `names`."""
        if not self.fields.keys().isdisjoint(names):
            self._own = False
            self.write([pair for pair in self.lines if pair[0].lower() not in names])

    def set(self, name: bytes, value: bytes) -> None:
        """Let `value` stand once, at the place of the first `name`, or at the end."""
        if name not in self.fields:
            self.append(name, value)
            return
        if not self._own:
            self._unshare()
        lines = self.lines
        first, *others = [at for at, pair in enumerate(lines) if pair[0].lower() == name]
        lines[first] = (lines[first][0], value)
        for at in reversed(others):
            del lines[at]
        self.fields[name] = value

    def _unshare(self) -> None:
        self.lines = self.lines.copy()
        self.fields = self.fields.copy()
        self._own = True


def tokens(value: bytes) -> list[bytes]:
    """Split a comma-separated field value into its members, trimmed, empties dropped.

    RFC 9110, section 5.6.1; a comma inside a quoted string does not split.
    """
    parts = value.split(b",") if b'"' not in value else _MEMBER.findall(value)
    return [part for part in (part.strip(b" \t") for part in parts) if part]


def merge_vary(head: Head, fields: Sequence[bytes]) -> None:
    """Add `fields` to `Vary` once each, whatever their case; `Vary: *` stays alone.

    RFC 9110, section 12.5.5.
    """
    if b"vary" not in head.fields:
        head.append(b"vary", b", ".join(fields))
        return
    existing = head.members(b"vary")
    present = {token.lower() for token in existing}
    missing = [field for field in fields if field.lower() not in present]
    if missing and b"*" not in present:
        head.set(b"vary", b", ".join([*existing, *missing]))


# Directives that let a shared cache keep an answer (RFC 9111, section 5.2.2), and the fields that
# overrule Cache-Control for one cache alone (RFC 9213; Surrogate-Control is its older form).
_SHARED_DIRECTIVES = (b"public", b"s-maxage", b"proxy-revalidate")
_TARGETED_FIELDS = frozenset({b"surrogate-control", b"edge-control", b"x-accel-expires"})
_TARGETED_END = b"cdn-cache-control"


def _directive(token: bytes) -> bytes:
    return token.partition(b"=")[0].strip(b" \t").lower()


def make_private(head: Head) -> None:
    """Take an answer out of shared caches, keeping what the browser's own cache may do."""
    if b"cache-control" in head.fields:
        members = head.members(b"cache-control")
        kept = [token for token in members if _directive(token) not in _SHARED_DIRECTIVES]
        if not any(token.lower() in {b"private", b"no-store"} for token in kept):
            # `private="x-field"` covers one field only; the whole answer must be private.
            kept = [token for token in kept if _directive(token) != b"private"]
            kept.insert(0, b"private")
        if kept != members:
            head.set(b"cache-control", b", ".join(kept))
    else:
        head.append(b"cache-control", b"private")
    _remove_targeted(head)


def make_no_store(head: Head) -> None:
    """Keep an answer out of every cache (RFC 9111, section 5.2.2.5)."""
    head.set(b"cache-control", b"no-store")
    _remove_targeted(head)


def _remove_targeted(head: Head) -> None:
    if not head.fields.keys().isdisjoint(_TARGETED_FIELDS) or head.has_part(_TARGETED_END):
        ends = (name for name in head.fields if name.endswith(_TARGETED_END))
        head.remove(*_TARGETED_FIELDS, *ends)
