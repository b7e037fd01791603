"""A passive recorder: what a project's own tests ask becomes evidence, without one request of ours.

The state of consent is what the consent cookie of each request says, read by the rules of the site that
answers. Memory is bounded; where anything was not kept, no state is called clean. A fault of ours
disturbs no test.
May not enter: where exchanges are heard (`observation.listening`), judgements.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import reduce
from itertools import islice
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from cookieconsent.audit.caching import dated
from cookieconsent.audit.declared import site_of
from cookieconsent.audit.evidence import Evidence, Run, Sighting, View
from cookieconsent.audit.page import read_page
from cookieconsent.audit.report import Report, StateRow
from cookieconsent.audit.run import report_on
from cookieconsent.audit.steps import AFTER, ANSWER, BEFORE, RunStep
from cookieconsent.core.choice import Choice
from cookieconsent.core.cookies import CookieHeader
from cookieconsent.core.signals import is_navigation
from cookieconsent.engine.consent import Consent
from cookieconsent.errors import NotInstalledError
from cookieconsent.observation.jar import Jar
from cookieconsent.observation.lines import SeenLine, shown
from cookieconsent.observation.tap import AsgiTap, Heard, WsgiTap, settle, tapped
from cookieconsent.testing.sites import consent_behind

MAX_VIEWS: Final = 5000
MAX_LINES: Final = 100
"""`Set-Cookie` lines of one answer."""
MAX_FINDINGS: Final = 500
"""Of one check in one state."""
UNKNOWN: Final = "recorded"
"""The state of whoever asks a site whose rules are not known, or has not answered all of it."""
_READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_TELLING: Final = frozenset({b"cache-control", b"clear-site-data", b"vary"})
"""Response fields that make one answer another one to the checks; a policy may be new each time."""
_LISTED_PAGES: Final = 1000
_MAX_VALUES: Final = 4  # consent cookies of one request


class Recorder:
    """Writes down what it hears.

    Args:
        target: What the report calls it.
        limit: How many views are kept.
    """

    def __init__(self, target: str = "the tests", *, limit: int = MAX_VIEWS) -> None:
        # There is no one address: base is empty, and every host that answers is the site.
        self._evidence = Evidence(target=target, mode="recorder", base="")
        self._limit = limit
        self._lock = threading.RLock()  # what is heard when memory is freed comes in between
        self._known: set[object] = set()
        self._heard: Counter[str] = Counter()
        self._kept = 0
        self._repeated = 0
        self._lost: Counter[str] = Counter()
        self._unread: dict[object, tuple[str, str]] = {}
        """Pages of which nobody has read the end: state and path, by what makes them the same one."""
        self._consent: Consent | None = None

    def hear(self, heard: Heard) -> None:
        """Write down one exchange."""
        try:
            with self._lock:
                self._note(heard)
        except Exception as error:  # noqa: BLE001 - the tests of the project go on whatever happens
            self.lose(type(error).__name__)

    def lose(self, why: str) -> None:
        """Count an answer that could not be written down.

        Args:
            why: The name of the error.
        """
        with self._lock:
            self._lost[f"that could not be read ({why})"] += 1

    def wrap(self, app: Callable[..., object]) -> AsgiTap | WsgiTap:
        """Return an application that is listened to, for a client that is not known.

        Raises:
            ObservationError: It is no application.
        """
        return tapped(app, self.hear, self.lose)

    @property
    def heard(self) -> int:
        """How many exchanges there were."""
        return self._heard.total()

    @property
    def loss(self) -> str | None:
        """What was not kept, for which nothing that was is called clean; `None` for nothing."""
        number = self._lost.total()
        return f"{_answers(number)} {_was(number)} not kept" if number else None

    def report(self, app: object = None, *, file: Path | None = None, folder: Path) -> Report:
        """Judge what was heard.

        Args:
            app: The application whose middleware says what is declared; `None` for one that was heard.
            file: The file with the declarations, which counts more.
            folder: Where such a file is looked for, if there is neither.

        Raises:
            ConfigError: The file does not hold.
        """
        settle()
        with self._lock:
            known = app if app is not None else self._consent and self._consent.config
            report = report_on(self._told(), site_of(known, file, folder))
            return _capped(_counted(report, self._heard))

    def _note(self, heard: Heard) -> None:
        consent = _consent_of(heard.app)
        self._consent = self._consent or consent
        # The clock of the site: tests may have set it.
        now = time.time() if consent is None else consent.clock()
        state, step = _state(heard, consent, now)
        self._heard[state] += 1
        view = _view(heard, step, now)
        key = _key(state, view), _is_page(heard), heard.answer.whole
        if key in self._known:
            self._repeated += 1
        elif self._kept >= self._limit:
            self._lost[f"beyond the first {self._limit:,} different ones"] += 1
        else:
            self._known.add(key)
            self._kept += 1
            self._keep(heard, state, view)
            self._note_end(heard, key[0], state, view)

    def _keep(self, heard: Heard, state: str, view: View) -> None:
        run = self._evidence.runs.setdefault(state, Run(state=state))
        run.views.append(view)
        if _is_page(heard):
            view.page = read_page(view.url, heard.answer.body)
        if len(heard.answer.values(b"set-cookie")) > MAX_LINES:
            self._lost[f"with more than {MAX_LINES} cookies"] += 1
        pages = self._evidence.pages
        if len(pages) < _LISTED_PAGES and view.place not in pages:
            pages.append(view.place)

    def _note_end(self, heard: Heard, key: object, state: str, view: View) -> None:
        if heard.answer.whole:
            self._unread.pop(key, None)
        elif _is_navigation(heard):
            self._unread[key] = state, view.place

    def _told(self) -> Evidence:
        """Return the evidence, with what is not in it."""
        evidence = self._evidence
        evidence.missed = {"whatever no test asked for": "tests were listened to, nothing else"}
        if self._repeated:
            evidence.missed[f"{_answers(self._repeated)} like one before"] = (
                "the same request, status and cookies; only the first was read"
            )
        for which, number in self._lost.items():
            evidence.missed[f"{_answers(number)} {which}"] = "not kept"
        if self._lost and not evidence.runs:
            evidence.runs[UNKNOWN] = Run(state=UNKNOWN)
        for run in evidence.runs.values():
            unread = (path for state, path in self._unread.values() if state == run.state)
            path = next(unread, None)
            end = None if path is None else f"{shown(path.encode())} was not read to its end"
            run.unverified = self.loss or end
        return evidence


def _was(number: int) -> str:
    return "was" if number == 1 else "were"


def _answers(number: int) -> str:
    return f"{number:,} answer{'' if number == 1 else 's'}"


# --- one exchange ---------------------------------------------------------------------------------


def _consent_of(app: object) -> Consent | None:
    try:
        return consent_behind(app)
    except NotInstalledError:
        return None


def _view(heard: Heard, step: RunStep, now: float) -> View:
    request, answer = heard.request, heard.answer
    parts = urlsplit(request.url)
    lines = answer.values(b"set-cookie")[:MAX_LINES]
    # Clients of tests speak http and do not mean it.
    taken = Jar().take(lines, parts._replace(scheme="https").geturl(), now)
    host = parts.hostname or ""
    return View(
        step=step,
        method=request.method,
        path=parts._replace(scheme="", netloc="").geturl() or "/",
        url=request.url,
        sent=tuple(shown(name) for name in _cookies(heard).names if name),
        status=answer.status,
        headers=dated([pair for pair in answer.headers if pair[0] != b"set-cookie"], now),
        sightings=[Sighting(line=line, host=host, refused=why) for line, why in taken],
        fault=None if answer.whole else "the page was not read to its end",
    )


def _cookies(heard: Heard) -> CookieHeader:
    fields = (value for name, value in heard.request.headers if name == b"cookie")
    return CookieHeader(b"; ".join(fields))


def _is_page(heard: Heard) -> bool:
    """Tell whether a banner belongs into an answer; clients of tests often ask for anything."""
    return bool(heard.answer.body) and _is_navigation(heard)


def _is_navigation(heard: Heard) -> bool:
    kinds = heard.answer.values(b"content-type")
    is_html = bool(kinds) and b"html" in kinds[0].lower()
    return is_html and is_navigation(dict(heard.request.headers))


def _key(state: str, view: View) -> object:
    """Return what makes two views the same one to the checks."""
    lines = tuple(_line_key(sighting.line) for sighting in view.sightings)
    told = tuple(pair for pair in view.headers if pair[0] in _TELLING)
    return state, view.step, view.method, view.place, view.status, lines, told


def _line_key(line: SeenLine) -> object:
    # The same lifetime is another date each second.
    attributes = tuple(pair for pair in line.attributes if pair[0] != "expires")
    looks = line.traits, line.malformed, line.signed
    return line.name, attributes, line.lifetime, line.deletes, looks


def _state(heard: Heard, consent: Consent | None, now: float) -> tuple[str, RunStep]:
    """Return the state of a request, and when in it that was."""
    if consent is None:
        return UNKNOWN, AFTER
    answered = [
        line.partition(b";")[0].partition(b"=")[2]
        for line in heard.answer.values(b"set-cookie")
        if line.startswith(consent.cookie_name + b"=")
    ]
    if answered and heard.request.method not in _READING:  # what is sent is the answer
        return _named(_choice(answered[-1:], consent, now), consent), ANSWER
    choice = _choice(_cookies(heard).values(consent.cookie_name), consent, now)
    return _named(choice, consent), BEFORE if choice is None else AFTER


def _choice(values: Iterable[bytes], consent: Consent, now: float) -> Choice | None:
    """Return what these consent cookies say, without a word in the log, where tests may look."""
    first = islice(dict.fromkeys(values), _MAX_VALUES)
    read = (consent.codec.read(value) for value in first)
    valid = [choice for choice in read if choice and choice.is_current(consent.today(now))]
    return reduce(Choice.intersection, valid) if valid else None


def _named(choice: Choice | None, consent: Consent) -> str:
    if choice is None:
        return "none"
    if choice.paused or not choice.answers:
        return UNKNOWN
    granted = choice.granted & consent.switchable_names
    if granted >= consent.switchable_names:
        return "accepted"
    if choice.refused >= consent.switchable_names:
        return "rejected"
    return "partial:" + "+".join(sorted(granted)) if granted else UNKNOWN


# --- the report -----------------------------------------------------------------------------------


def _counted(report: Report, heard: Counter[str]) -> Report:
    """Return a report whose states say how many answers they are made of."""
    rows = (replace(row, pages=heard[row.name]) for row in report.states)
    return replace(report, states=tuple(rows))


def _capped(report: Report) -> Report:
    """Return a report with no more findings than somebody may ever read."""
    cut = {v.state for v in report.verdicts if len(v.findings) > MAX_FINDINGS}
    if not cut:
        return report
    verdicts = (replace(v, findings=v.findings[:MAX_FINDINGS]) for v in report.verdicts)
    return replace(
        report,
        verdicts=tuple(verdicts),
        states=tuple(_cut(row) if row.name in cut else row for row in report.states),
    )


def _cut(row: StateRow) -> StateRow:
    why = f"findings of one check beyond the first {MAX_FINDINGS} were not kept"
    return replace(row, unverified=row.unverified or why)
