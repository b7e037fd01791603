"""What visitors met: requests, answers and cookies, one run a state. Values are not in it.

May not enter: judgements.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from cookieconsent.audit.page import Page
from cookieconsent.audit.steps import RunStep
from cookieconsent.core.headers import HeaderList
from cookieconsent.observation.jar import Seen
from cookieconsent.observation.layout import Layout
from cookieconsent.observation.lines import SeenLine
from cookieconsent.observation.traffic import StoreKind

Mode = Literal["wsgi", "asgi", "url", "browser", "recorder"]
Setter = Literal["header", "script", "third party", "application, kept back"]
KEPT_BACK: Final = "application, kept back"
"""The setter of what an application sets and our middleware lets nobody have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A cookie (or an entry of another storage) that was set."""

    line: SeenLine
    """The line, or what a browser tells of the cookie, written as one."""
    host: str
    """The host that it was set for."""
    setter: Setter = "header"
    kind: StoreKind = "cookie"
    initiator: str | None = None
    """The address of the script that set it, where a browser says so."""
    refused: str | None = None
    """Why a browser keeps nothing of it; `None` if it does."""
    answer: int | None = 0
    """Which of a view's answers set it: 0 is the page's own, others came for pictures and scripts;
    `None` where no answer did."""


@dataclass(slots=True, kw_only=True)
class View:
    """One request and its answer, without redirects followed."""

    step: RunStep
    method: str
    path: str
    """Path and query."""
    url: str
    sent: tuple[str, ...] = ()
    """The names of the cookies that the visitor sent."""
    status: int | None = None
    """`None` where there was no answer."""
    headers: HeaderList = field(default_factory=list)
    """All but `Set-Cookie`, names in lower case."""
    sightings: list[Sighting] = field(default_factory=list)
    """What was set."""
    page: Page | None = None
    """The HTML in it."""
    told: str = ""
    """The text of a short style sheet or JSON that a probe asked for."""
    received: tuple[str, ...] | None = None
    """The names of the cookies that the application itself got; `None` where nobody can tell."""
    kept_back: list[Sighting] = field(default_factory=list)
    """What the application set and no visitor got; empty where nobody can tell."""
    requests: list[str] = field(default_factory=list)
    """What else a browser asked for on the way: addresses."""
    unloaded: list[str] = field(default_factory=list)
    """Hosts of which it names a script, a picture or a frame that the network did not bring."""
    layout: Layout | None = None
    """How it lies in a browser's window, with the banner's buttons by what they answer."""
    screenshot: bytes | None = field(default=None, repr=False)
    """A picture of it (PNG)."""
    fault: str | None = None
    """Why there was no answer, or not all of one."""

    @property
    def place(self) -> str:
        """The path without its query."""
        return self.path.partition("?")[0]

    def values(self, name: bytes) -> list[bytes]:
        """Return the values of a response field (in lower case)."""
        return [value for key, value in self.headers if key == name]


@dataclass(slots=True, kw_only=True)
class Run:
    """One visitor in one state."""

    state: str
    """Such as `rejected`, or `partial:media`."""
    views: list[View] = field(default_factory=list)
    kept: list[Seen] = field(default_factory=list)
    """The cookies in the jar at the end."""
    unverified: str | None = None
    """Why the state was not reached, or not all was looked at; `None` if it was."""
    unasked: str | None = None
    """Why nothing could be asked beside the pages, if that is known."""

    @property
    def name(self) -> str:
        """The state without its class."""
        return self.state.partition(":")[0]

    @property
    def answers(self) -> int:
        """How many requests were answered, whatever with, without those beside the run."""
        return sum(view.status is not None for view in self.views if view.step != "probe")

    def sightings(self, *steps: RunStep) -> Iterator[tuple[View, Sighting]]:
        """Yield what was set, in the steps named, or in all but probes."""
        for view in self.views:
            if view.step in steps or (not steps and view.step != "probe"):
                for sighting in view.sightings:
                    yield view, sighting

    def pages(self, *steps: RunStep) -> list[View]:
        """Return the views that showed a page, in the steps named, or in all but probes."""
        return [
            view
            for view in self.views
            if view.page is not None
            and (view.step in steps or (not steps and view.step != "probe"))
        ]

    def probes(self) -> list[View]:
        """Return what was asked beside the run."""
        return [view for view in self.views if view.step == "probe"]


@dataclass(slots=True, kw_only=True)
class Evidence:
    """All runs of one audit."""

    target: str
    mode: Mode
    base: str
    """The address of the first page."""
    language: str | None = None
    """What visitors read (BCP 47); `None` where each request says that itself."""
    runs: dict[str, Run] = field(default_factory=dict)
    """By state, in order."""
    pages: list[str] = field(default_factory=list)
    """The paths that each visitor visits."""
    broken: set[str] = field(default_factory=set)
    """Paths that answered with a fault of the server to a visitor in no state."""
    missed: dict[str, str] = field(default_factory=dict)
    """The paths that were not looked at, and why."""

    def kept_back(self, run: Run) -> list[tuple[View, Sighting]]:
        """Return what the application set in a run, and no visitor got in any."""
        found = [(view, sighting) for view in run.views for sighting in view.kept_back]
        if not found:
            return found
        out = {
            sighting.line.name
            for other in self.runs.values()
            for view in other.views
            for sighting in view.sightings
            if not sighting.line.deletes
        }
        return [pair for pair in found if pair[1].line.name not in out]

    @property
    def runs_scripts(self) -> bool:
        """Whether scripts were run, and other hosts asked."""
        return self.mode == "browser"

    @property
    def walks(self) -> bool:
        """Whether visitors walked over the site; a recorder hears what tests happen to ask for."""
        return self.mode != "recorder"
