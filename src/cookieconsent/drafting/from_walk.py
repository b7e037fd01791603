"""From what a walk has seen to the text of a declaration, with a word where somebody must decide.

Values of cookies never get here: the jar keeps them.
May not enter: how a site is looked at (`observation/`), what can be declared of a cookie (`cookie.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from cookieconsent.core.catalog import shipped_rules
from cookieconsent.core.cookies import Scope
from cookieconsent.core.lifetime import write
from cookieconsent.core.registry import SHARING_CLASSES, Classification, CookieClass, Registry
from cookieconsent.drafting import cookie, toml
from cookieconsent.observation.jar import MAX_COOKIES, Seen
from cookieconsent.observation.walk import MOST_SKIPPED, Walk

_SHOWN: Final = 8


@dataclass(slots=True)
class _Found:
    """Cookies that one declaration covers."""

    known: Classification
    octets: bytes
    """The name of the first."""
    scope: Scope
    names: list[str] = field(default_factory=list)
    lifetimes: list[timedelta | None] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


def draft(walk: Walk, target: str) -> str:
    """Return the text of a declaration.

    Args:
        walk: What was seen.
        target: What was looked at, as it was named.
    """
    entries = [_entry(found) for found in _gathered(walk)]
    text = toml.declaration(
        notes=[
            f"The cookies that {target} set on {_counted(len(walk.pages), 'page')}.",
            "DECIDE marks what only you know. When all is decided, run: cookieconsent check",
        ],
        cookies=sorted(entries, key=lambda entry: entry.is_comment),
    )
    unseen = (line for note in not_seen(walk) for line in toml.comment(note))
    return "\n".join([text, "# What was not looked at:", *unseen, ""])


def _gathered(walk: Walk) -> Iterable[_Found]:
    """Return what was seen, put together by name (or the catalogue's glob) and scope."""
    registry = Registry((), shipped_rules())  # its lines alone: a guess has no name to declare
    gathered: dict[tuple[str | bytes, Scope], _Found] = {}
    for key, seen in walk.jar.seen.items():
        known = registry.classify(seen.name, domain=seen.domain)
        if known.vendor == "cookieconsent":
            continue  # our own, which nobody has to declare
        by = (known.rule or seen.name, seen.scope)
        found = gathered.setdefault(by, _Found(known, seen.name, seen.scope))
        found.names.append(_text(seen.name))
        found.lifetimes.append(seen.lifetime)
        found.paths.append(walk.places.get(key, "/"))
    return gathered.values()


def _text(name: bytes) -> str:
    return name.decode("utf-8", "backslashreplace")


def _entry(found: _Found) -> toml.Entry:
    known = found.known
    name = known.rule or _text(found.octets)
    problem = cookie.problem_of_octets(found.octets) if known.rule is None else None
    if problem is not None:
        return cookie.unnamed(
            f"{_seen(name, found)}. DECIDE: '{name}' cannot be declared, so it is removed whatever "
            f"visitors say. {problem[0].upper()}{problem[1:]}."
        )
    declared, less = cookie.declarable(name, found.scope)
    return cookie.table(
        name,
        known.cls,
        declared,
        facts={"lifetime": _longest(found.lifetimes)},
        notes=[_note(name, found), *([less] if less else [])],
        unset=cookie.unsaid(("purpose", "provider"), provider=_provider(known)),
    )


def _note(name: str, found: _Found) -> str:
    known, seen = found.known, _seen(name, found)
    if known.cls is None:
        return (
            f"{seen}. DECIDE: neither the catalogue nor anybody else knows this name, so it is removed "
            "whatever visitors say. Choose its class and take the comment signs away, or leave it."
        )
    exempt = not CookieClass(known.cls).switchable
    why = f" ({known.reason})" if known.reason else ""
    asked = "passes without a yes" if exempt else "waits for a yes"
    return f"{seen}. The catalogue knows it: {known.vendor}{why}. It {asked}."


def _seen(name: str, found: _Found) -> str:
    names = list(dict.fromkeys(found.names))
    places = f"Set on {_some(list(dict.fromkeys(found.paths)))}"
    return places if names == [name] else f"{places} as {_some(names)}"


def _provider(known: Classification) -> str:
    if known.cls in SHARING_CLASSES and known.vendor:
        return f"DECIDE: {known.vendor}, if it is the one that receives its data"
    return ""


def _longest(lifetimes: Sequence[timedelta | None]) -> str:
    lasting = [lifetime for lifetime in lifetimes if lifetime]
    return write(max(lasting, default=None))


# --- what is left open ----------------------------------------------------------------------------


def not_seen(walk: Walk) -> Iterator[str]:
    """Yield what the walk could not or did not look at."""
    yield "Pages behind a login or a form: links and searches were followed, nothing was filled in."
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
        ("Links that may do something (name one by --page to have it looked at)", walk.acts),
        ("Pages beyond the limit of pages or time (raise --limit)", walk.left),
        ("The ends of long pages", walk.cut),
        ("Pages that gave no answer", (f"{p} ({why})" for p, why in walk.failed.items())),
        ("Pages that answered with an error", _errors(walk)),
    ):
        listed = sorted(names)
        if listed:
            yield f"{words}: {_some(listed)}."
    yield from _skipped(walk)


def _skipped(walk: Walk) -> Iterator[str]:
    """Yield what was passed over, by the reason."""
    by_reason: dict[str, list[str]] = {}
    for path, why in sorted(walk.skipped.items()):
        by_reason.setdefault(why, []).append(path)
    for why, paths in by_reason.items():
        yield f"Passed over: {_some(paths)} ({why})."
    if len(walk.skipped) >= MOST_SKIPPED:
        yield f"What else was passed over: only the first {MOST_SKIPPED} are known."
    if len(walk.jar.seen) >= MAX_COOKIES:
        yield f"Further cookies: only the first {MAX_COOKIES} are told."


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
