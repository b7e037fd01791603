"""The side panel: what happened to each cookie of a request, and why.

It is written when the head of the response has left, from what the recorder saw on both sides of the
middleware. Facts are compared, never predicted; only the words of "why" come from the rules.
May not enter: deciding what passes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from markupsafe import Markup

from cookieconsent import Config, ConsentState, CookieClass
from cookieconsent.core.cookies import (
    CookieHeader,
    SetCookie,
    name_of,
    read_set_cookie,
    value_of,
)
from cookieconsent.demo.pages import date_in_words
from cookieconsent.demo.record import Record
from cookieconsent.engine.events import escape_name

MAX_ROWS: Final = 40
"""How many cookies a list shows; the others are counted."""
_MAX_SHOWN = 14
_HIDDEN_CLASSES = frozenset({"authentication", "consent"})

Fate = Literal["passed", "cut", "stripped", "set", "blocked", "deleted", "planted"]
_FATES: Final[dict[Fate, tuple[str, str]]] = {
    "passed": ("✓", "the shop saw {them}"),
    "cut": ("✂", "the shop saw a part of {them}"),
    "stripped": ("✕", "the shop did not see {them}"),
    "set": ("✓", "your browser got {them}"),
    "blocked": ("✕", "your browser did not get {them}"),
    "deleted": ("⌫", "your browser was told to remove {them}"),
    "planted": ("!", "sent past the consent layer"),
}
"""A sign and a meaning for each fate, in the order in which they are told."""
_SEEN: Final = frozenset[Fate]({"passed", "cut"})
_EXEMPT_REASONS = {
    "authentication": "Always passes: it keeps you signed in.",
    "cart": "Always passes: it keeps your basket.",
    "consent": "Always passes: it keeps your answer and nothing else.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One cookie of a list."""

    name: str
    """Printable ASCII."""
    value: str
    """Shortened, and masked where it could be used."""
    cls: str
    fate: Fate
    why: str


@dataclass(frozen=True, slots=True)
class Explainer:
    """Says in words why a cookie has the fate it has.

    Args:
        config: The shop's configuration.
        consent: The visitor's state.
        signal: Whether the browser sends Global Privacy Control.
    """

    config: Config
    consent: ConsentState
    signal: bool
    classes: dict[str, CookieClass] = field(init=False)

    def __post_init__(self) -> None:
        classes = {cls.name: cls for cls in self.config.active_classes}
        object.__setattr__(self, "classes", classes)

    def cls(self, name: bytes) -> str:
        """Return the class of a cookie."""
        return self.config.registry.classify(name).cls or "unknown"

    def why(self, name: bytes) -> str:
        """Return why a cookie passes or does not."""
        name_of_class = self.config.registry.classify(name).cls
        if name_of_class is None:
            return "Nobody declared this name, so nobody could ask you about it."
        cls = self.classes.get(name_of_class)
        if cls is None:
            return f"This shop has no use for {name_of_class} cookies, so it never asks for them."
        if not cls.switchable:
            return _EXEMPT_REASONS.get(cls.name, "Always passes.")
        return self._answered(cls)

    def _answered(self, cls: CookieClass) -> str:
        choice = self.consent.choice
        answer = None if choice is None else choice.answer(cls.name)
        if self.consent.allows(cls.name):
            return f"You said yes to {cls.name}."
        if answer is False:
            return f"You said no to {cls.name}."
        if self.signal and cls.shares_with_third_parties:
            return "Your browser sends Global Privacy Control, which counts as a no."
        return f"You have not answered about {cls.name} yet."

    def state(self) -> str:
        """Return what the visitor has decided, as a sentence."""
        choice = self.consent.choice
        if choice is None:
            if self.signal and self.consent.decided:
                return "Nobody asks you: your browser says no by Global Privacy Control."
            return "You have not decided yet."
        granted = [name for name in sorted(choice.granted) if name in self.classes]
        said = f"yes to {', '.join(granted)}" if granted else "no to everything optional"
        silenced = [name for name in granted if not self.consent.allows(name)]
        overruled = "; Global Privacy Control overrules that" if silenced else ""
        return f"You said {said} on {date_in_words(choice.date)}{overruled}."


def _masked(value: bytes, cls: str) -> str:
    if not value:
        return "empty"
    size = f"{len(value)} byte{'s' if len(value) > 1 else ''}"
    if cls in _HIDDEN_CLASSES:
        return f"•••• ({size})"
    if len(value) <= _MAX_SHOWN:
        return escape_name(value)
    return f"{escape_name(value[: _MAX_SHOWN - 2])}… ({size})"


def request_rows(record: Record, explainer: Explainer) -> Iterator[Row]:
    """Yield what became of each cookie that the browser sent."""
    seen = CookieHeader(record.shop_saw)
    left = Counter(seen.segments)
    names = set(seen.names)
    sent = CookieHeader(record.browser_sent)
    for raw in sent.segments:
        name = name_of(raw)
        fate: Fate = "stripped"
        why = explainer.why(name)
        if left[raw]:
            left[raw] -= 1
            fate = "passed"
        elif name in names:
            fate, why = "cut", "Another cookie was hidden inside its value; that part is gone."
        cls = explainer.cls(name)
        yield Row(
            name=escape_name(name) or "(no name)",
            value=_masked(value_of(raw), cls),
            cls=cls,
            fate=fate,
            why=why,
        )
    pieces = filter(None, map(bytes.strip, record.browser_sent.split(b";")))
    for _ in range(len(list(pieces)) - len(sent.segments)):
        yield Row(
            name="(unreadable)",
            value="",
            cls="unknown",
            fate="stripped",
            why="It holds control characters, which no browser keeps in a cookie.",
        )


def response_rows(record: Record, explainer: Explainer, now: float) -> Iterator[Row]:
    """Yield what became of each cookie that the shop set, then what others added to the response."""
    added = Counter(record.browser_got)
    for line in record.shop_set:
        cookie = read_set_cookie(line)
        if cookie is None:
            continue
        for version in (line, cookie.emptied()):
            if added[version]:
                added[version] -= 1
                yield _set_row(cookie, explainer, "set", now)
                break
        else:
            yield _set_row(cookie, explainer, "blocked", now)
    planted = frozenset(record.planted)
    deletions: dict[bytes, list[SetCookie]] = {}
    for line in added.elements():
        cookie = read_set_cookie(line)
        if cookie is None:
            continue
        if line in planted:
            yield _set_row(cookie, explainer, "planted", now)
        elif cookie.is_deletion(now):
            deletions.setdefault(cookie.name, []).append(cookie)
        else:
            yield _set_row(cookie, explainer, "set", now)
    for name, cookies in deletions.items():
        yield Row(
            name=escape_name(name),
            value="; ".join(_scope(cookie) for cookie in cookies),
            cls=explainer.cls(name),
            fate="deleted",
            why=explainer.why(name),
        )


def _set_row(cookie: SetCookie, explainer: Explainer, fate: Fate, now: float) -> Row:
    cls = explainer.cls(cookie.name)
    value = cookie.raw.partition(b";")[0].partition(b"=")[2]
    why = explainer.why(cookie.name)
    if fate == "set" and cookie.is_deletion(now):
        fate, why = "deleted", "The shop ended it itself; a deletion may always pass."
    if fate == "planted":
        why = "As a careless script in a page would do it."
    return Row(
        name=escape_name(cookie.name), value=_masked(value, cls), cls=cls, fate=fate, why=why
    )


def _scope(cookie: SetCookie) -> str:
    """Return where a deletion reaches, in the words of `Set-Cookie`."""
    attributes = (part.strip() for part in cookie.rest.decode("latin-1").split(";"))
    return " ".join(
        part for part in attributes if part.lower().startswith(("domain=", "path=", "partitioned"))
    )


_PANEL = Markup(
    """<aside id="cookies" class="panel" aria-labelledby="cookies-title">
<details open>
<summary><h2 id="cookies-title">Cookies on this page</h2></summary>
<p class="state">{state}</p>
<p class="seen">{seen}</p>
<p class="choice"><label><input type="checkbox" class="details"> Show details for developers</label></p>
<p class="exact"><code>{method} {path}</code></p>
{before}
{sent}
{got}
{play}
</details>
</aside>
"""
)
_LIST = Markup('<h3>{title}</h3>\n<p class="sum">{sum}</p>\n<ul class="fates">{rows}</ul>\n{more}')
_EMPTY = Markup('<h3>{title}</h3>\n<p class="sum">{sum}</p>')
_GROUP = Markup(
    '<li class="fate {fate}"><p><b><span aria-hidden="true">{sign}</span> {fate}</b>: {meaning}</p>\n'
    '<p class="why">{why}</p>\n<ul>{rows}</ul></li>\n'
)
_ROW = Markup('<li><code>{name}</code> <span>{cls}</span> <i class="exact">{value}</i></li>\n')
_MORE = Markup('<p class="more">and {count} more</p>')
_ARROW = Markup('{} <span aria-hidden="true">→</span> {}')
_BEFORE = Markup('Just before<span class="exact">: <code>{method} {path}</code></span>')
_PLAY = Markup(
    """<h3>Try it</h3>
<form method="post" action="/plant"><button>Plant tracking cookies</button></form>
<p class="hint">Sends your browser four cookies past the consent layer, as careless scripts leave them.
Then see which of them the shop gets to read.</p>
<p class="links"><a href="{preferences}">Cookie settings</a>
<a href="">Load this page again</a></p>
"""
)


def panel(
    record: Record, before: Record | None, config: Config, consent: ConsentState, *, signal: bool
) -> Markup:
    """Return the panel for a response whose head has left.

    Args:
        record: What the recorder saw.
        before: The form that led to this page, if one did.
        config: The shop's configuration.
        consent: The visitor's state.
        signal: Whether the browser sends Global Privacy Control.
    """
    explainer = Explainer(config, consent, signal)
    now = config.clock()
    sent = list(request_rows(record, explainer))
    return _PANEL.format(
        method=record.method,
        path=_shortened(record.path),
        state=explainer.state(),
        seen=_seen(sent),
        before=Markup() if before is None else _before(before, explainer, now),
        sent=_listed(
            _ARROW.format("Your browser sent", "the shop saw"),
            sent,
            "Nothing.",
        ),
        got=_listed(
            _ARROW.format("The shop set", "your browser got"),
            response_rows(record, explainer, now),
            "Nothing.",
        ),
        play=_PLAY.format(preferences=consent.preferences_url),
    )


def _before(before: Record, explainer: Explainer, now: float) -> Markup:
    """Return what the form did that led here; its own answer was a redirect without a panel."""
    rows = list(response_rows(before, explainer, now))
    if not rows:
        return Markup()
    title = _BEFORE.format(method=before.method, path=_shortened(before.path))
    return _listed(title, rows, "")


def _seen(sent: Collection[Row]) -> str:
    """Return how much of what came with the request the shop got to see."""
    seen = sum(row.fate in _SEEN for row in sent)
    if not sent:
        return "Your browser sent no cookie for this page."
    if len(sent) == 1:
        verdict = "saw it" if seen else "did not see it"
        return f"Your browser sent 1 cookie for this page. The shop {verdict}."
    share = {0: "none", len(sent): "all"}.get(seen, str(seen))
    return f"Your browser sent {len(sent)} cookies for this page. The shop saw {share} of them."


def _shortened(path: str) -> str:
    return path if len(path) <= MAX_ROWS else path[: MAX_ROWS - 1] + "…"


def _listed(title: Markup, rows: Iterable[Row], nothing: str) -> Markup:
    """Return a list of cookies, those of one fate and one reason together."""
    fates: Counter[Fate] = Counter()
    groups: dict[tuple[Fate, str], list[Row]] = {}
    for row in rows:
        if fates.total() < MAX_ROWS:
            groups.setdefault((row.fate, row.why), []).append(row)
        fates[row.fate] += 1
    if not fates:
        return _EMPTY.format(title=title, sum=nothing)
    more = fates.total() - MAX_ROWS
    return _LIST.format(
        title=title,
        sum=", ".join(f"{fates[fate]} {fate}" for fate in _FATES if fates[fate]),
        rows=Markup().join(
            _group(*reason, alike)
            for fate in _FATES
            for reason, alike in groups.items()
            if reason[0] == fate
        ),
        more=_MORE.format(count=more) if more > 0 else "",
    )


def _group(fate: Fate, why: str, rows: Collection[Row]) -> Markup:
    sign, meaning = _FATES[fate]
    them = "it" if len(rows) == 1 else "them"
    lines = (_ROW.format(name=row.name, cls=row.cls, value=row.value) for row in rows)
    return _GROUP.format(
        fate=fate,
        sign=sign,
        meaning=meaning.format(them=them),
        why=why,
        rows=Markup().join(lines),
    )
