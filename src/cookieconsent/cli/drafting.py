"""From what a walk has seen to the text of a declaration, with a word where somebody must decide.

Values of cookies never get here: the jar keeps them.
May not enter: how a site is looked at (`observation/`), how TOML is written (`drafting/`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from cookieconsent.core.catalog import catalogue
from cookieconsent.core.cookies import Scope
from cookieconsent.core.lifetime import write
from cookieconsent.core.registry import SHARING_CLASSES, Classification, Cookie, CookieClass
from cookieconsent.drafting import toml
from cookieconsent.errors import ConfigError
from cookieconsent.observation.jar import Seen
from cookieconsent.observation.walk import Walk

_SHOWN: Final = 8
_PURPOSE: Final = "DECIDE: what it is for, in a plain sentence for visitors"
_PROVIDER: Final = "DECIDE: who sets it or receives its data"
_CLASS: Final = "DECIDE"


@dataclass(slots=True)
class _Found:
    """Cookies that one declaration covers."""

    known: Classification
    names: list[str] = field(default_factory=list)
    lifetimes: list[timedelta | None] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


def draft(walk: Walk, target: str) -> str:
    """Return the text of a declaration.

    Args:
        walk: What was seen.
        target: What was looked at, as it was named.
    """
    entries = [_entry(name, scope, found) for (name, scope), found in _gathered(walk).items()]
    text = toml.declaration(
        notes=[
            f"The cookies that {target} set on {_counted(len(walk.pages), 'page')}.",
            "DECIDE marks what only you know. When all is decided, run: cookieconsent check",
        ],
        cookies=sorted(entries, key=lambda entry: entry.is_comment),
    )
    unseen = (line for note in not_seen(walk) for line in toml.comment(note))
    return "\n".join([text, "# What was not looked at:", *unseen, ""])


def _gathered(walk: Walk) -> dict[tuple[str, Scope], _Found]:
    """Return what was seen by name (or the catalogue's glob) and scope."""
    registry = catalogue()
    gathered: dict[tuple[str, Scope], _Found] = {}
    for key, seen in walk.jar.seen.items():
        known = registry.classify(seen.name, domain=seen.domain)
        if known.vendor == "cookieconsent":
            continue  # our own, which nobody has to declare
        name = seen.name.decode("utf-8", "backslashreplace")
        found = gathered.setdefault((known.rule or name, seen.scope), _Found(known))
        found.names.append(name)
        found.lifetimes.append(seen.lifetime)
        found.paths.append(walk.places.get(key, "/"))
    return gathered


def _entry(name: str, scope: Scope, found: _Found) -> toml.Entry:
    known = found.known
    fields: dict[str, toml.Value] = {"name": name, "cls": known.cls or _CLASS}
    fields["lifetime"] = _longest(found.lifetimes)
    fields |= _scope_fields(scope)
    notes = list(_notes(name, found))
    problem = _refusal(fields)
    if problem is not None and scope.domain is not None:
        del fields["domain"]
        notes.append(f"DECIDE: its Domain={scope.domain} cannot be declared, so it is left out.")
        problem = _refusal(fields)
    if problem is not None:
        notes.append(f"It cannot be declared as it is: {problem}.")
    unset: dict[str, toml.Value] = {"purpose": _PURPOSE, "provider": _provider(known)}
    return toml.Entry(
        fields=fields, notes=notes, unset=unset, is_comment=known.cls is None or problem is not None
    )


def _notes(name: str, found: _Found) -> Iterator[str]:
    known = found.known
    places = ", ".join(dict.fromkeys(found.paths))
    seen = f"Set on {places}"
    if [name] != list(dict.fromkeys(found.names)):
        seen += f" as {', '.join(dict.fromkeys(found.names))}"
    if known.cls is None:
        yield (
            f"{seen}. DECIDE: neither the catalogue nor anybody else knows this name, so it is removed "
            "whatever visitors say. Choose its class and take the comment signs away, or leave it."
        )
        return
    exempt = not CookieClass(known.cls).switchable
    why = f" ({known.reason})" if known.reason else ""
    asked = "passes without a yes" if exempt else "waits for a yes"
    yield f"{seen}. The catalogue knows it: {known.vendor}{why}. It {asked}."


def _provider(known: Classification) -> str:
    if known.cls in SHARING_CLASSES and known.vendor:
        return f"DECIDE: {known.vendor}, if it is the one that receives its data"
    return _PROVIDER


def _longest(lifetimes: Sequence[timedelta | None]) -> str:
    lasting = [lifetime for lifetime in lifetimes if lifetime]
    return write(max(lasting, default=None))


def _scope_fields(scope: Scope) -> dict[str, toml.Value]:
    fields: dict[str, toml.Value] = {}
    if scope.domain is not None:
        fields["domain"] = scope.domain
    if scope.path != "/":
        fields["path"] = scope.path
    if scope.partitioned:
        fields["partitioned"] = True
    return fields


def _refusal(fields: dict[str, toml.Value]) -> str | None:
    """Return why such a declaration would be refused."""
    values = {**fields, "cls": "consent"}
    try:
        Cookie(**values)  # type: ignore[arg-type] # refused where they do not fit
    except ConfigError as error:
        return error.problem
    return None


# --- what is left open ----------------------------------------------------------------------------


def not_seen(walk: Walk) -> Iterator[str]:
    """Yield what the walk could not or did not look at."""
    yield "Pages behind a login or a form: only links were followed, and nothing was sent."
    if walk.banner:
        yield (
            "A consent banner answered: cookies that wait for a yes were not set. Look at the "
            "application without the middleware, too."
        )
    if walk.scripts:
        yield (
            f"Cookies that scripts set: {_counted(walk.scripts, 'script')} on these pages, none was "
            "run. Look with a browser."
        )
    if walk.forms:
        yield f"What {_counted(walk.forms, 'form')} would do."
    for words, names in (
        ("Other hosts that pages load from, which may set cookies of their own", walk.loaded),
        ("Other hosts that links or redirects lead to", walk.elsewhere),
        ("Links that may do something", walk.acts),
        ("Further pages", walk.left),
        ("The ends of long pages", walk.cut),
        ("Pages that gave no answer", (f"{p} ({why})" for p, why in walk.failed.items())),
        ("Pages that answered with an error", _errors(walk)),
    ):
        listed = sorted(names)
        if listed:
            yield f"{words}: {_some(listed)}."


def _errors(walk: Walk) -> Iterable[str]:
    return (f"{path} ({status})" for path, status in walk.pages.items() if status >= 400)  # noqa: PLR2004


def _some(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def summary(walk: Walk) -> str:
    """Return in one line what was seen."""
    seen: list[Seen] = list(walk.jar.seen.values())
    return f"{_counted(len(walk.pages), 'page')} looked at, {_counted(len(seen), 'cookie')} seen"
