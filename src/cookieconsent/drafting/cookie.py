"""The table of one cookie: what can be declared of it, and what somebody must decide.

Every draft makes its tables here, wherever it has heard of the cookie.
May not enter: where it was heard of, which class it has; how TOML looks (`toml.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from cookieconsent.core.cookies import Scope
from cookieconsent.core.registry import Cookie
from cookieconsent.drafting.toml import Entry, Value
from cookieconsent.errors import ConfigError

UNDECIDED: Final = "DECIDE"
"""Stands in the place of a class that somebody must choose."""
_ANY_CLASS: Final = "analytics"
_UNSAID: Final[Mapping[str, str]] = {
    "purpose": "DECIDE: what it is for, in a plain sentence for visitors",
    "provider": "DECIDE: who sets it or receives its data",
    "lifetime": "",
}


def table(
    name: str,
    cls: str | None,
    scope: Scope,
    *,
    facts: Mapping[str, str],
    notes: Sequence[str],
    unset: Mapping[str, Value],
) -> Entry:
    """Return the table of a cookie, commented out where it has no class.

    Args:
        name: A name or glob without a `problem`.
        cls: Its class, or `None`.
        scope: Where it lives, as `declarable` gives it.
        facts: Of `purpose`, `provider` and `lifetime`, what is known.
        notes: What to say above it.
        unset: Fields for somebody to fill in.
    """
    told = {fact: facts[fact] for fact in _UNSAID if fact in facts}
    fields = {"name": name, "cls": cls or UNDECIDED, **told, **_place(scope)}
    return Entry(fields=fields, notes=notes, unset=unset, is_comment=cls is None)


def unnamed(note: str) -> Entry:
    """Return an empty table, commented out, for a cookie whose name cannot be declared."""
    return Entry(fields={"name": "", "cls": ""}, notes=(note,), is_comment=True)


def unsaid(facts: Iterable[str], **known: str) -> dict[str, Value]:
    """Return the facts that somebody must tell, each with what to write or what is likely.

    Args:
        facts: Of `purpose`, `provider` and `lifetime`, those that are missing.
        known: What is likely.
    """
    return {fact: known.get(fact) or _UNSAID[fact] for fact in facts}


def problem(name: str) -> str | None:
    """Return why a name or glob cannot be declared, `None` where it can."""
    return _refusal(name, Scope(None))


def problem_of_octets(name: bytes) -> str | None:
    """Return why the name of a cookie that was seen cannot be declared, `None` where it can."""
    if b"*" in name:
        return "a '*' in a declaration stands for any characters, so more would be declared"
    try:
        return problem(name.decode("utf-8"))
    except UnicodeDecodeError:
        return "it is no text in UTF-8"


def declarable(name: str, scope: Scope) -> tuple[Scope, str | None]:
    """Return a scope as a declaration can have it, and what to note where that is less."""
    refusal = _refusal(name, scope)
    if refusal is None:
        cookie = Cookie(name, _ANY_CLASS, domain=scope.domain, path=scope.path)
        return Scope(cookie.domain, scope.path, scope.partitioned), None
    note = f"DECIDE: {refusal}. It was left out."
    without_domain = Scope(None, scope.path, scope.partitioned)
    if scope.domain is not None and _refusal(name, without_domain) is None:
        return without_domain, note
    return Scope(None, "/", scope.partitioned), note


def _refusal(name: str, scope: Scope) -> str | None:
    try:
        Cookie(name, _ANY_CLASS, domain=scope.domain, path=scope.path)
    except ConfigError as error:
        field = error.field.removeprefix("cookies.")
        return error.problem if field == "name" else f"{field}: {error.problem}"
    return None


def _place(scope: Scope) -> dict[str, Value]:
    fields: dict[str, Value] = {}
    if scope.domain is not None:
        fields["domain"] = scope.domain
    if scope.path != "/":
        fields["path"] = scope.path
    if scope.partitioned:
        fields["partitioned"] = True
    return fields
