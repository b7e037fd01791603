"""A passive recorder: what a project's own tests ask becomes evidence, without one request of ours.

The state of consent is what the consent cookie of each request says, read by the rules of the site that
answers; each site is judged by its own declarations. Memory is bounded; where anything was not kept, no
state is called clean. A fault of ours disturbs no test.
May not enter: where exchanges are heard (`observation.listening`), judgements.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, replace
from functools import reduce
from itertools import islice
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from cookieconsent.audit.caching import dated
from cookieconsent.audit.declared import site_of
from cookieconsent.audit.evidence import Evidence, Run, Sighting, View
from cookieconsent.audit.merging import merged
from cookieconsent.audit.page import BANNER, read_page
from cookieconsent.audit.report import Gap, Report, StateRow
from cookieconsent.audit.reporting import report_on
from cookieconsent.audit.steps import AFTER, ANSWER, BEFORE, RunStep
from cookieconsent.core.choice import Choice
from cookieconsent.core.cookies import CookieHeader
from cookieconsent.core.signals import is_navigation
from cookieconsent.engine.config import Config
from cookieconsent.engine.consent import Consent
from cookieconsent.errors import NotInstalledError
from cookieconsent.observation.coding import plain
from cookieconsent.observation.jar import Jar
from cookieconsent.observation.lines import SeenLine, shown
from cookieconsent.observation.tap import AsgiTap, Heard, WsgiTap, settle, tapped
from cookieconsent.testing.sites import consent_behind

MAX_VIEWS: Final = 5000
MAX_LINES: Final = 100
"""`Set-Cookie` lines of one answer."""
MAX_FINDINGS: Final = 500
"""Of one check in one state."""
MAX_SITES: Final = 100
"""Sites are told apart by their configuration."""
UNKNOWN: Final = "recorded"
"""The state of whoever asks a site whose rules are not known, or has not answered all of it."""
_READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_TELLING: Final = frozenset({b"cache-control", b"clear-site-data", b"vary"})
"""Response fields that make one answer another one to the checks; a policy may be new each time."""
_LISTED_PAGES: Final = 1000
_MAX_VALUES: Final = 4  # consent cookies of one request
_UNTOLD: Final = frozenset(
    {"secret_key", "secret_keys", "layout", "on_choice", "on_outcome", "clock"}
)
"""Fields of a configuration in which applications of one factory differ."""


@dataclass(frozen=True, slots=True)
class _Site:
    config: Config | None
    """`None` for all applications without a middleware."""
    evidence: Evidence


class Recorder:
    """Writes down what it hears.

    Args:
        target: What the report calls it.
        limit: How many views are kept.
    """

    def __init__(self, target: str = "the tests", *, limit: int = MAX_VIEWS) -> None:
        self._target = target
        self._limit = limit
        self._sites: dict[str, _Site] = {}
        """By their rules."""
        self._rules: WeakKeyDictionary[Consent, str] = WeakKeyDictionary()
        self._lock = threading.RLock()  # what is heard when memory is freed comes in between
        self._known: set[object] = set()
        self._heard: Counter[str] = Counter()
        self._kept = 0
        self._repeated = 0
        self._lost: Counter[str] = Counter()
        self._unread: dict[object, tuple[Run, str]] = {}
        """Pages of which nobody has read the end: run and path, by what makes them the same one."""

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
            app: The application whose middleware says what is declared, for whatever was heard; `None`
                for the one that answered.
            file: The file with the declarations, which counts more.
            folder: Where such a file is looked for, if there is neither.

        Raises:
            ConfigError: The file does not hold.
        """
        settle()
        with self._lock:
            reports = [
                report_on(evidence, site_of(app, file, folder, config=config))
                for evidence, config in self._told()
            ]
            whole = replace(merged(reports), left_out=tuple(self._left_out()))
            return _capped(_counted(whole, self._heard))

    def _note(self, heard: Heard) -> None:
        heard = replace(heard, answer=plain(heard.answer)) if _is_page(heard) else heard
        consent = _consent_of(heard.app)
        # The clock of the site: tests may have set it.
        now = time.time() if consent is None else consent.clock()
        state, step = _state(heard, consent, now)
        self._heard[state] += 1
        view = _view(heard, step, now)
        rules = self._rules_of(consent)
        end = rules, _key(state, view)
        key = end, _is_page(heard), _has_banner(heard), heard.answer.whole
        if key in self._known:
            self._repeated += 1
        elif rules not in self._sites and len(self._sites) >= MAX_SITES:
            self._lost[f"of more than {MAX_SITES} sites"] += 1
        elif self._kept >= self._limit:
            self._lost[f"beyond the first {self._limit:,} different ones"] += 1
        else:
            self._known.add(key)
            self._kept += 1
            site = self._sites.get(rules) or self._begin(rules, consent)
            run = site.evidence.runs.setdefault(state, Run(state=state))
            self._keep(heard, site.evidence, run, view)
            self._note_end(heard, end, run, view)

    def _rules_of(self, consent: Consent | None) -> str:
        if consent is None:
            return ""
        if consent not in self._rules:
            self._rules[consent] = sys.intern(_rules(consent.config))
        return self._rules[consent]

    def _begin(self, rules: str, consent: Consent | None) -> _Site:
        # There is no one address: base is empty, and every host that answers is the site.
        evidence = Evidence(target=self._target, mode="recorder", base="")
        self._sites[rules] = _Site(None if consent is None else consent.config, evidence)
        return self._sites[rules]

    def _keep(self, heard: Heard, evidence: Evidence, run: Run, view: View) -> None:
        run.views.append(view)
        if _is_page(heard):
            view.page = read_page(view.url, heard.answer.body)
            view.fault = view.fault or view.page.cut
        if len(heard.answer.values(b"set-cookie")) > MAX_LINES:
            self._lost[f"with more than {MAX_LINES} cookies"] += 1
        pages = evidence.pages
        if len(pages) < _LISTED_PAGES and view.place not in pages:
            pages.append(view.place)

    def _note_end(self, heard: Heard, key: object, run: Run, view: View) -> None:
        if view.fault is None:
            self._unread.pop(key, None)
        elif _is_navigation(heard):
            self._unread[key] = run, view.place

    def _told(self) -> Iterator[tuple[Evidence, Config | None]]:
        """Yield what was heard of each site, and the site's configuration."""
        if not self._sites:
            self._begin("", None)
        known = [site.config for site in self._sites.values() if site.config is not None]
        for site in self._sites.values():
            self._leave_open(site.evidence)
            # Whoever has no middleware belongs to the one that has, where there is one alone.
            yield site.evidence, site.config or (known[0] if len(known) == 1 else None)

    def _left_out(self) -> Iterator[Gap]:
        yield _gap("whatever no test asked for", "tests were listened to, nothing else")
        if self._repeated:
            why = "the same request, status and cookies; only the first was read"
            yield _gap(f"{_answers(self._repeated)} like one before", why)
        for which, number in self._lost.items():
            yield _gap(f"{_answers(number)} {which}", "not kept")

    def _leave_open(self, evidence: Evidence) -> None:
        """Say of each run why it is not all there is."""
        if self._lost and not evidence.runs:
            evidence.runs[UNKNOWN] = Run(state=UNKNOWN)
        for run in evidence.runs.values():
            path = next((path for other, path in self._unread.values() if other is run), None)
            end = None if path is None else f"{shown(path.encode())} was not read to its end"
            run.unverified = self.loss or end


def _gap(name: str, why: str) -> Gap:
    return Gap(what="answer", names=(name,), why=why)


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


def _rules(config: Config) -> str:
    """Return what makes two configurations the same site."""
    told = (field.name for field in fields(config) if field.init and field.name not in _UNTOLD)
    return repr([getattr(config, name) for name in told])


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


def _has_banner(heard: Heard) -> bool:
    return BANNER.encode() in heard.answer.body


def _is_navigation(heard: Heard) -> bool:
    kinds = heard.answer.values(b"content-type")
    is_html = bool(kinds) and b"html" in kinds[0].lower()
    return is_html and is_navigation(dict(heard.request.headers))


def _key(state: str, view: View) -> object:
    """Return what makes two views the same one to the checks."""
    lines = tuple(_line_key(sighting.line) for sighting in view.sightings)
    told = tuple(pair for pair in view.headers if pair[0] in _TELLING)
    parts = urlsplit(view.url)  # without the port, which each live server has another one of
    place = parts.scheme, parts.hostname, view.place
    return state, view.step, view.method, place, view.status, lines, told


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
