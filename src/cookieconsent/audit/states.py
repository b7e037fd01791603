"""The states of consent, and how a visitor comes to each: thirteen ways to meet one site.

Each begins with a visitor who has no cookie. A state that cannot be reached says why
(`UnverifiedError`), and is never taken for a clean one.
May not enter: how requests are sent, what is wrong with what was met.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from cookieconsent.audit.site import Site
from cookieconsent.audit.steps import AFTER, AFTERWARDS, ANSWER, BEFORE, WITHDRAWAL, RunStep
from cookieconsent.audit.time_limit import OVER, TimeLimit
from cookieconsent.audit.unverified import UnverifiedError
from cookieconsent.audit.visitor import FIRST_FAULT, Visitor, is_fault
from cookieconsent.core.choice import Choice
from cookieconsent.core.codec import ChoiceCodec
from cookieconsent.engine.config import Config
from cookieconsent.observation.lines import shown
from cookieconsent.observation.loading import place_of
from cookieconsent.observation.walk import without_values
from cookieconsent.testing.states import ConsentStates

LEFTOVERS: Final = (b"_ga", b"_gid", b"_fbp", b"_hjSessionUser_1")
"""What a browser may bring from before: analytics and advertising that everybody knows."""


_NOTHING_KEPT: Final = "the site has kept no answer that could be changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """What a state is made with."""

    visitor: Visitor
    site: Site
    pages: Sequence[str]
    prepare: Callable[[Visitor], object] | None = None
    """The site's own hook: signs in, fills a basket."""
    part: str = ""
    """For `partial`, the class that gets a yes."""
    limit: TimeLimit | None = None

    def open(self, page: str, step: RunStep) -> None:
        """Open a page.

        Raises:
            UnverifiedError: There is no time left for it.
        """
        if self.limit is not None and self.limit.is_over():
            raise UnverifiedError(OVER)
        self.visitor.open(page, step)

    def browse(self, step: RunStep) -> None:
        """Open every page."""
        for page in self.pages:
            self.open(page, step)

    def arrive(self, step: RunStep = BEFORE) -> None:
        """Open the first page, and let the site's hook act."""
        self.open(self.pages[0], step)
        if self.prepare is not None:
            self._prepare(self.prepare)

    def _prepare(self, prepare: Callable[[Visitor], object]) -> None:
        """Let the site's hook act.

        Raises:
            UnverifiedError: It failed, or was turned away last.
        """
        before = len(self.visitor.views)
        try:
            prepare(self.visitor)
        except UnverifiedError:
            raise
        except Exception as error:
            # The words of somebody else's error may hold a cookie's value, so not those.
            trace = error.__traceback__
            is_inside = trace is not None and trace.tb_next is not None
            place = (
                place_of(error) if is_inside else "; it is called with one argument, the visitor"
            )
            said = f"the hook (--login) raised {type(error).__name__}{place}"
            raise UnverifiedError(said) from error
        last = self.visitor.views[before:][-1:]
        for view in last:
            if view.status is not None and view.status >= FIRST_FAULT:
                told = f"{view.method} {shown(without_values(view.path).encode())}"
                raise UnverifiedError(f"the hook (--login) was met with {view.status} at {told}")

    def answer(self, choice: str, step: RunStep = ANSWER, classes: tuple[str, ...] = ()) -> None:
        """Answer, and see that it was taken.

        Raises:
            UnverifiedError: It was not.
        """
        view = self.visitor.answer(choice, step, classes)
        if is_fault(view):
            raise UnverifiedError(
                f"the answer {choice!r} was met with {view.fault or f'status {view.status}'}"
            )


def _none(journey: Journey) -> None:
    journey.arrive()
    journey.browse(BEFORE)


def _ignored(journey: Journey) -> None:
    _none(journey)
    journey.browse(AFTER)


def _answered(choice: str) -> Callable[[Journey], None]:
    def perform(journey: Journey) -> None:
        journey.arrive()
        journey.answer(choice)
        journey.browse(AFTER)
        journey.open(journey.pages[0], AFTER)  # a next page, even where there is one alone

    return perform


def _partial(journey: Journey) -> None:
    journey.arrive()
    journey.open(journey.site.path, ANSWER)
    journey.answer("save", ANSWER, (journey.part,))
    journey.browse(AFTER)


def _withdrawn(journey: Journey) -> None:
    journey.arrive()
    journey.answer("accept")
    journey.browse(AFTER)
    journey.answer("withdraw", WITHDRAWAL)
    # Deletions may take two views.
    journey.open(journey.pages[0], WITHDRAWAL)
    journey.open(journey.pages[-1], WITHDRAWAL)
    journey.browse(AFTERWARDS)


def _stale(journey: Journey) -> None:
    if not journey.site.has_secret or journey.site.config is None:
        raise UnverifiedError("an old answer can be made with the site's secret alone")
    states = ConsentStates(journey.site.config)
    for state in (states.outdated, states.stale):
        journey.visitor.put(state.cookie_name.encode("ascii"), (state.value or "").encode("ascii"))
        journey.arrive()
        journey.browse(BEFORE)


def _flipped(value: bytes) -> bytes:
    """Return a value whose signature is another one."""
    return value[:-8] + bytes(value[-8:]).swapcase() if value[-8:].isalpha() else _spoilt(value)


def _spoilt(value: bytes) -> bytes:
    at = len(value) - 6
    return value[:at] + (b"A" if value[at : at + 1] != b"A" else b"B") + value[at + 1 :]


def _widened(value: bytes) -> bytes:
    """Return a value whose first part says something else under the same signature."""
    return (b"A" if value[:1] != b"A" else b"B") + value[1:]


def _tampered(journey: Journey) -> None:
    name = (journey.site.cookie_name or "").encode("ascii")
    if not name:
        raise UnverifiedError("nobody knows which cookie keeps the answer")
    journey.arrive()
    journey.answer("accept")
    for forged in _forged(_kept(journey, name), journey.site):
        if not journey.visitor.change(name, partial(_replaced, by=forged)):
            raise UnverifiedError(_NOTHING_KEPT)
        journey.browse(AFTER)


def _kept(journey: Journey, name: bytes) -> bytes:
    """Return the value of a cookie, which stays as it is.

    Raises:
        UnverifiedError: There is no such cookie.
    """
    found: list[bytes] = []

    def note(value: bytes) -> bytes:
        found.append(value)
        return value

    if not journey.visitor.change(name, note):
        raise UnverifiedError(_NOTHING_KEPT)
    return found[0]


def _replaced(_value: bytes, by: bytes) -> bytes:
    return by


def _forged(value: bytes, site: Site) -> Iterator[bytes]:
    """Yield values that no site of this secret has written so, each made of one that it has."""
    yield _flipped(value)
    yield _widened(value)
    yield value[: len(value) // 2]
    if site.config is None:
        return
    yield _of_another_site(site.config)
    if site.has_secret:
        no = ConsentStates(site.config).rejected.value or ""
        yield value.rpartition(b".")[0] + b"." + no.rpartition(".")[2].encode("ascii")


def _of_another_site(config: Config) -> bytes:
    """Return a yes to everything that is signed with another secret."""
    consent = ConsentStates(config).consent
    keys = [secrets.token_urlsafe(32)]
    codec = ChoiceCodec(keys, config.switchable, config.cookies, config.site)
    day, names = consent.today(consent.clock()), consent.switchable_names
    return codec.write(Choice(day=day, granted=names, refused=frozenset()))


def _seeded(journey: Journey) -> None:
    for name in _leftovers(journey.site):
        journey.visitor.put(name, b"left.1234567890")
    journey.arrive()
    journey.browse(BEFORE)
    journey.answer("reject")
    journey.open(journey.pages[0], ANSWER)
    journey.browse(AFTER)


def _leftovers(site: Site) -> Iterable[bytes]:
    declared = () if site.config is None else site.config.cookies
    names = [
        cookie.key
        for cookie in declared
        if not cookie.is_glob and cookie.cls in site.switchable and cookie.domain is None
    ]
    return dict.fromkeys([*LEFTOVERS, *names])


def _blocked(journey: Journey) -> None:
    journey.arrive()
    journey.answer("accept")
    journey.browse(AFTER)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A state of consent."""

    name: str
    about: str
    """What the visitor does, in half a sentence."""
    perform: Callable[[Journey], None]
    signal: bool = False
    """Whether the browser sends Global Privacy Control."""
    keeps_cookies: bool = True
    scripts: bool = True
    """Whether a browser runs scripts."""


STATES: Final = (
    State(name="none", about="has not answered", perform=_none),
    State(name="ignored", about="browses on and never answers", perform=_ignored),
    State(name="rejected", about="said no", perform=_answered("reject")),
    State(name="accepted", about="said yes", perform=_answered("accept")),
    State(name="partial", about="said yes to one class", perform=_partial),
    State(name="withdrawn", about="said yes and took it back", perform=_withdrawn),
    State(name="gpc", about="sends Global Privacy Control", perform=_ignored, signal=True),
    State(
        name="gpc-accepted",
        about="said yes while sending Global Privacy Control",
        perform=_answered("accept"),
        signal=True,
    ),
    State(name="stale", about="brings an answer that is too old", perform=_stale),
    State(name="tampered", about="brings an answer that was changed", perform=_tampered),
    State(name="seeded", about="brings cookies from before, says no", perform=_seeded),
    State(
        name="nojs", about="runs no scripts, says no", perform=_answered("reject"), scripts=False
    ),
    State(
        name="blocked",
        about="accepts no cookies, says yes",
        perform=_blocked,
        keeps_cookies=False,
    ),
)
BY_NAME: Final = {state.name: state for state in STATES}


@dataclass(frozen=True, slots=True)
class Task:
    """A state, and for `partial` the class that gets a yes."""

    state: State
    part: str = field(default="")

    @property
    def name(self) -> str:
        """The name of its run."""
        return f"{self.state.name}:{self.part}" if self.part else self.state.name


def tasks(names: Sequence[str], site: Site) -> list[Task]:
    """Return what is to be done for states of these names, in their own order; none means all."""
    found: list[Task] = []
    for state in STATES:
        if names and state.name not in names:
            continue
        if state.name == "partial" and site.switchable:
            found += [Task(state, part) for part in site.switchable]
        else:
            found.append(Task(state))
    return found
