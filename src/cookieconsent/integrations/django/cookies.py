"""A `Set-Cookie` line as one of Django's cookies, which it stays whatever is done to it afterwards.

May not enter: responses, rules; the line is the engine's.
"""

from __future__ import annotations

from collections.abc import Container
from http.cookies import Morsel


class CookieLine(Morsel[str]):
    """A `Set-Cookie` line that is printed as it is, but for what somebody changes in it.

    Django sends `response.cookies` one by one and keeps them by name; a deletion needs several lines of
    one name. Other middleware changes cookies by their attributes, of which Python knows fewer than
    browsers do: so those that were not changed keep their bytes.
    """

    in_octets: bool = False
    """Whether it goes to Django's ASGI handler, which takes no cookie but in ASCII."""

    def __init__(self, line: str) -> None:
        super().__init__()
        pair, *attributes = line.split(";")
        name, _, value = map(str.strip, pair.partition("="))
        # Not by `set`, which refuses names that browsers send and that must be deleted.
        vars(self).update(_key=name, _value=value, _coded_value=value)
        for attribute in attributes:
            if self.isReservedKey(_key(attribute)):
                said = attribute.partition("=")[2].strip()
                dict.__setitem__(self, _key(attribute), said or True)
        self._line = line
        self._said = (name, value, dict(self))

    def OutputString(self, attrs: Container[str] | None = None) -> str:  # noqa: N802 - the name in the base class
        """Return the line, with what has changed; or some of its attributes, as Python prints them."""
        if attrs is not None:
            return super().OutputString(attrs)
        return self._as_octets(self._with_changes())

    def _with_changes(self) -> str:
        name, value, before = self._said
        changed = {key for key in self.keys() | before.keys() if self.get(key) != before.get(key)}
        pair, *attributes = self._line.split(";")
        if (self.key, self.coded_value) != (name, value):
            pair = super().OutputString(())
        kept = [text for text in attributes if _key(text) not in changed]
        new = [super(CookieLine, self).OutputString((key,)) for key in sorted(changed)]
        added = [";" + text.partition(";")[2] for text in new if ";" in text]
        return ";".join([pair, *kept]) + "".join(added)

    def output(self, attrs: Container[str] | None = None, header: str = "Set-Cookie:") -> str:
        """Return the field, for handlers that write it so; others take `OutputString` itself."""
        return self._as_octets(super().output(attrs, header))

    def _as_octets(self, text: str) -> str:
        return _Octets(text) if self.in_octets and not text.isascii() else text

    def copy(self) -> CookieLine:
        """Return another one like it."""
        return CookieLine(self._with_changes())

    def __reduce__(self) -> tuple[type[CookieLine], tuple[str]]:
        """Say how a cache copies it."""
        return (CookieLine, (self._with_changes(),))


class _Octets(str):
    """Text whose characters stand for octets (PEP 3333), whatever it is to be encoded in."""

    __slots__ = ()

    def encode(self, encoding: str = "latin-1", errors: str = "strict") -> bytes:  # noqa: ARG002 - see above
        """Return the octets."""
        return str.encode(self, "latin-1")


def _key(attribute: str) -> str:
    return attribute.partition("=")[0].strip().lower()
