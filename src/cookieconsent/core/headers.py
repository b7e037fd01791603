"""Header lists: sequences of `(name, value)` byte pairs, never a mapping.

`Set-Cookie` may not be merged, order matters, and what is not changed passes byte for byte.
Names are compared in lower case, and keep the case they came in; searching is a plain loop.
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


def index(headers: Iterable[Sequence[object]]) -> tuple[HeaderList, Fields, list[bytes]]:
    """Return request headers as a list of byte pairs, by name, and the `Cookie` lines.

    Servers hand over tuples, lists of lists, generators, `bytearray` and `memoryview` (ASGI allows
    each), and names that are not in lower case. The list is the very one given where nothing had to
    be put right.
    """
    if type(headers) is list:
        try:
            fields: Fields = dict(headers)
            kinds = {*map(type, fields), *map(type, fields.values())}
            if len(fields) == len(headers) and kinds == {bytes} and b"".join(fields).islower():
                line = fields.get(b"cookie")
                return headers, fields, [] if line is None else [line]
        except (TypeError, ValueError):
            pass
    pairs = normalise(headers)
    fields = {}
    for name, value in pairs:
        fields[name] = fields[name] + b", " + value if name in fields else value
    return pairs, fields, [value for name, value in pairs if name == b"cookie"]


def normalise(headers: Iterable[Sequence[object]]) -> HeaderList:
    """Return any iterable of pairs as a list of byte pairs with lower-case names.

    A pair that is none is dropped rather than raised on.
    """
    pairs: HeaderList = []
    for pair in headers:
        try:
            name, value = pair
            pairs.append((bytes(name).lower(), bytes(value)))  # type: ignore[call-overload]
        except (TypeError, ValueError):
            continue
    return pairs


def as_list(headers: Iterable[Sequence[object]] | None) -> HeaderList:
    """Return response headers as a list of byte pairs: the very one given where it is one already."""
    if type(headers) is list:
        try:
            for name, value in headers:
                if type(name) is not bytes or type(value) is not bytes:
                    break
            else:
                return headers
        except (TypeError, ValueError):
            pass
    return normalise(headers or ())


def replace(headers: HeaderList, changes: Mapping[bytes, bytes | None]) -> HeaderList:
    """Return request headers with fields replaced at their first place, or removed (`None`)."""
    changed: HeaderList = []
    placed: set[bytes] = set()
    for pair in headers:
        name = pair[0]
        if name not in changes:
            changed.append(pair)
        elif name not in placed:
            placed.add(name)
            value = changes[name]
            if value is not None:
                changed.append((name, value))
    return changed


def values(headers: HeaderList, name: bytes) -> list[bytes]:
    """Return the values of every field line called `name` (lower case), in order."""
    return [value for key, value in headers if key.lower() == name]


def first(headers: HeaderList, name: bytes) -> bytes | None:
    """Return the value of the first field line called `name`, or `None`."""
    for key, value in headers:
        if key.lower() == name:
            return value
    return None


def without(headers: HeaderList, *names: bytes) -> HeaderList:
    """Return a new list without the field lines called any of `names`."""
    return [pair for pair in headers if pair[0].lower() not in names]


def with_value(headers: HeaderList, name: bytes, value: bytes) -> HeaderList:
    """Return a new list in which `value` stands once, at the place of the first `name`."""
    changed: HeaderList = []
    placed = False
    for pair in headers:
        if pair[0].lower() != name:
            changed.append(pair)
        elif not placed:
            changed.append((pair[0], value))
            placed = True
    if not placed:
        changed.append((name, value))
    return changed


def tokens(value: bytes) -> list[bytes]:
    """Split a comma-separated field value into its members, trimmed, empties dropped.

    RFC 9110, section 5.6.1; a comma inside a quoted string does not split.
    """
    parts = value.split(b",") if b'"' not in value else _MEMBER.findall(value)
    return [part for part in (part.strip(b" \t") for part in parts) if part]


def merge_vary(headers: HeaderList, *fields: bytes) -> HeaderList:
    """Add `fields` to `Vary` once each, whatever their case; `Vary: *` stays alone.

    RFC 9110, section 12.5.5.
    """
    present = [token.lower() for value in values(headers, b"vary") for token in tokens(value)]
    if b"*" in present:
        return headers
    missing = [field for field in fields if field.lower() not in present]
    if not missing:
        return headers
    existing = [token for value in values(headers, b"vary") for token in tokens(value)]
    return with_value(headers, b"vary", b", ".join([*existing, *missing]))


# Directives that let a shared cache keep an answer (RFC 9111, section 5.2.2), and the fields that
# overrule Cache-Control for one cache alone (RFC 9213; Surrogate-Control is its older form).
_SHARED_DIRECTIVES = (b"public", b"s-maxage", b"proxy-revalidate")
_TARGETED_FIELDS = (b"surrogate-control", b"edge-control", b"x-accel-expires")


def _is_targeted(name: bytes) -> bool:
    name = name.lower()
    return name in _TARGETED_FIELDS or name.endswith(b"cdn-cache-control")


def _directive(token: bytes) -> bytes:
    return token.partition(b"=")[0].strip(b" \t").lower()


def make_private(headers: HeaderList) -> HeaderList:
    """Take an answer out of shared caches, keeping what the browser's own cache may do."""
    members = [token for value in values(headers, b"cache-control") for token in tokens(value)]
    kept = [token for token in members if _directive(token) not in _SHARED_DIRECTIVES]
    if not any(token.lower() in {b"private", b"no-store"} for token in kept):
        # `private="x-field"` covers one field only; the whole answer must be private.
        kept = [token for token in kept if _directive(token) != b"private"]
        kept.insert(0, b"private")
    if kept != members:
        headers = with_value(headers, b"cache-control", b", ".join(kept))
    return [pair for pair in headers if not _is_targeted(pair[0])]


def make_no_store(headers: HeaderList) -> HeaderList:
    """Keep an answer out of every cache (RFC 9111, section 5.2.2.5)."""
    headers = with_value(headers, b"cache-control", b"no-store")
    return [pair for pair in headers if not _is_targeted(pair[0])]
