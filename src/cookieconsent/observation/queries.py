"""Forms that are sent by GET: such a one is a link whose query visitors may fill in.

May not enter: which of them are followed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

_ASKED_FIRST: Final = frozenset({"button", "file", "image", "reset", "submit"})
"""Types of inputs that are sent only where somebody has done something to them."""
_MOST_FIELDS: Final = 50
_LONGEST: Final = 2000
"""Characters of an address, about what servers take (RFC 9110, section 4.1, asks for 8000)."""


class Query:
    """A form that is sent by GET, with its fields as they come.

    Args:
        action: The absolute address that it is sent to.
    """

    def __init__(self, action: str) -> None:
        self._action = action.partition("?")[0]
        self._fields: list[tuple[str, str]] = []
        self._list = ""
        """The name of the list that is open."""
        self.has_password: bool = False
        """Whether it asks for one, so that it signs somebody in."""

    @property
    def address(self) -> str:
        """What it leads to where nobody fills it in."""
        query = urlencode(self._fields, errors="replace")
        whole = f"{self._action}?{query}"
        return whole if query and len(whole) <= _LONGEST else self._action

    def add(self, tag: str, values: Mapping[str, str]) -> None:
        """Take in the beginning of an element in it."""
        name = values.get("name", "")
        if tag == "input":
            self._add_input(name, values)
        elif tag == "textarea":
            self._add(name, "")
        elif tag == "select":
            self._list = name
        elif tag == "option":
            self._choose(values.get("value", ""), is_set="selected" in values)

    def _add_input(self, name: str, values: Mapping[str, str]) -> None:
        kind = values.get("type", "").lower()
        self.has_password = self.has_password or kind == "password"
        is_box = kind in {"checkbox", "radio"}
        if kind in _ASKED_FIRST or "disabled" in values or (is_box and "checked" not in values):
            return
        self._add(name, values.get("value", "on" if is_box else ""))

    def _choose(self, value: str, *, is_set: bool) -> None:
        """Take an option of the list that is open: the one that is set, or else the first."""
        is_first = not any(name == self._list for name, _ in self._fields)
        if is_set:
            self._fields = [field for field in self._fields if field[0] != self._list]
        if is_set or is_first:
            self._add(self._list, value)

    def _add(self, name: str, value: str) -> None:
        if name and len(self._fields) < _MOST_FIELDS:
            self._fields.append((name, value))
