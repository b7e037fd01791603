"""One test for each check in each state of consent, and the one audit behind all of them.

The tests are known before anything is looked at, and are the same ones in the same order in every
worker; the audit runs when the first of them does.
May not enter: what a failure says (`telling`), how workers share an audit (`sharing`).
"""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Final, TypeVar

import pytest

from cookieconsent.audit import known, options
from cookieconsent.audit.check import Check, Verdict
from cookieconsent.audit.checks import CHECKS
from cookieconsent.audit.evidence import Run
from cookieconsent.audit.names import (
    MOST_MINUTES,
    MOST_PAGES,
    MOST_RATE,
    STATE_NAMES,
    USUAL_MINUTES,
    USUAL_PAGES,
    USUAL_RATE,
)
from cookieconsent.audit.plan import Plan
from cookieconsent.audit.planning import Wishes, plan_for
from cookieconsent.audit.report import Report
from cookieconsent.audit.reports.escape import terminal
from cookieconsent.audit.run import audit
from cookieconsent.audit.severity import Severity, is_at_least
from cookieconsent.audit.states import tasks
from cookieconsent.errors import ConsentError
from cookieconsent.observation.reaching import wrong_host, wrong_page
from cookieconsent.pytest_plugin.sharing import once
from cookieconsent.pytest_plugin.telling import unverified_text, verdict_text

Parsed = TypeVar("Parsed")
ROOT: Final = "cookie-audit"
"""What the ids of these tests begin with."""
_NOTES: Final = "cookie_audit_notes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the command line says of an audit and of its failures."""

    baseline: Path | None
    fail_on: Severity
    strict: bool

    @classmethod
    def of(cls, config: pytest.Config) -> Asked:
        """Read the options."""
        baseline = config.getoption("cookie_audit_baseline")
        return cls(
            baseline=None if baseline is None else config.invocation_params.dir / baseline,
            fail_on=config.getoption("cookie_audit_fail_on"),
            strict=config.getoption("cookie_audit_strict"),
        )

    def without_known(self, report: Report) -> Report:
        """Return a report with known findings set apart.

        Raises:
            ConfigError: The file of known findings does not hold.
        """
        return report if self.baseline is None else known.apply(report, known.read(self.baseline))


class Auditing:
    """Adds the tests to the session.

    Args:
        config: Says what is audited.

    Raises:
        UsageError: An option does not hold.
    """

    def __init__(self, config: pytest.Config) -> None:
        wrong = [name for name in config.getoption("cookie_audit_state") if name not in STATE_NAMES]
        if wrong:
            raise pytest.UsageError(
                f"--cookie-audit-state: {wrong[0]!r} is no state; use one of {', '.join(STATE_NAMES)}"
            )
        page = wrong_page(config.getoption("cookie_audit_page"))
        if page is not None:
            raise pytest.UsageError(f"--cookie-audit-page: {page}")
        self._config = config
        self._asked = Asked.of(config)
        self._audited: Audited | None = None
        self._notes: list[str] = []
        if self._asked.baseline is not None:
            try:
                known.read(self._asked.baseline)
            except ConsentError as error:
                raise pytest.UsageError(f"--cookie-audit-baseline: {error}") from error

    def pytest_sessionstart(self) -> None:
        """Refuse a wrong target before there are workers (pytest-xdist), which could not say why."""
        if self._config.pluginmanager.hasplugin("dsession"):
            self._plan()

    def _plan(self) -> Plan:
        try:
            return _plan(self._config)
        except ConsentError as error:
            target = self._config.getoption("cookie_audit")
            said = str(error).replace("--factory", "--cookie-audit-factory")
            raise pytest.UsageError(f"--cookie-audit={target}: {said}") from error

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(
        self, session: pytest.Session, items: list[pytest.Item]
    ) -> None:
        """Add the tests, so that whatever chooses and orders tests does so with these."""
        audited = self._audited = Audited(self._plan(), self._asked, self._config)
        collector: AuditCollector = AuditCollector.from_parent(
            session, name=ROOT, nodeid=ROOT, audited=audited
        )
        items.extend(collector.collect())

    def pytest_sessionfinish(self) -> None:
        """Keep what is to be done about known findings; a worker (pytest-xdist) hands it over."""
        notes = [] if self._audited is None else self._audited.notes()
        output = getattr(self._config, "workeroutput", None)
        if output is None:
            self._note(notes)
        else:
            output[_NOTES] = notes

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:  # noqa: ANN401 - of pytest-xdist
        """Take over what a worker says."""
        self._note(getattr(node, "workeroutput", {}).get(_NOTES, []))

    def _note(self, notes: Sequence[str]) -> None:
        self._notes += [note for note in notes if note not in self._notes]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what is to be done about known findings."""
        if self._notes:
            terminalreporter.section("cookie audit")
            for note in self._notes:
                terminalreporter.write_line(note, yellow=True)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Say of what was skipped why, not where in our code."""
        report = yield
        if isinstance(item, AuditItem) and report.skipped and isinstance(report.longrepr, tuple):
            report.longrepr = (str(item.path / ROOT), None, report.longrepr[2])  # type: ignore[assignment] # pytest reads it so
        return report


def declaration_of(config: pytest.Config) -> Path | None:
    """Return the file with the declarations, where one is named.

    Raises:
        UsageError: There is no such file.
    """
    named = config.getoption("cookie_audit_declaration")
    file = None if named is None else config.invocation_params.dir / named
    if file is not None and not file.is_file():
        raise pytest.UsageError(f"--cookie-audit-declaration={named}: there is no such file")
    return file


def _plan(config: pytest.Config) -> Plan:
    return plan_for(
        config.getoption("cookie_audit"),
        _wishes(config),
        file=declaration_of(config),
        folder=config.rootpath,
        host=_only(config, "host", _host) or "localhost",
        factory=config.getoption("cookie_audit_factory"),
    )


def _host(text: str) -> str:
    wrong = wrong_host(text)
    if wrong is not None:
        raise ArgumentTypeError(wrong)
    return text


def _wishes(config: pytest.Config) -> Wishes:
    earlier = config.getoption("cookie_audit_earlier")
    minutes = _only(config, "minutes", options.up_to(MOST_MINUTES, "minutes")) or USUAL_MINUTES
    return Wishes(
        pages=config.getoption("cookie_audit_page"),
        limit=_only(config, "limit", options.up_to(MOST_PAGES, "pages")) or USUAL_PAGES,
        seconds=60.0 * minutes,
        states=config.getoption("cookie_audit_state"),
        language=_only(config, "language", options.language) or "en",
        aliases=dict(_parsed(config, "alias", options.alias)),
        earlier=None if earlier is None else config.invocation_params.dir / earlier,
        prepare=_only(config, "login", partial(options.hook, folder=config.rootpath)),
        rate=_only(config, "rate", options.up_to(MOST_RATE, "requests a second")) or USUAL_RATE,
        browser=config.getoption("cookie_audit_browser"),
    )


def _only(config: pytest.Config, name: str, parse: Callable[[str], Parsed]) -> Parsed | None:
    return next(iter(_parsed(config, name, parse)), None)


def _parsed(config: pytest.Config, name: str, parse: Callable[[str], Parsed]) -> list[Parsed]:
    """Return what an option says, as often as it was given."""
    given = config.getoption(f"cookie_audit_{name}")
    texts = given if isinstance(given, list) else [given] if given is not None else []
    try:
        return [parse(text) for text in texts]
    except (ArgumentTypeError, ConsentError) as error:
        raise pytest.UsageError(f"--cookie-audit-{name}={', '.join(texts)}: {error}") from error


class Audited:
    """An audit that runs when somebody asks what it came to."""

    def __init__(self, plan: Plan, asked: Asked, config: pytest.Config) -> None:
        self.asked = asked
        self._plan = plan
        self._config = config
        self._witness: str | None = None

    def pairs(self) -> Iterator[tuple[Check, str]]:
        """Yield each check with each state that it speaks of."""
        runs = [Run(state=task.name) for task in tasks(self._plan.states, self._plan.site)]
        for check in CHECKS:
            for run in runs:
                if check.speaks_of(run):
                    yield check, run.state

    @cached_property
    def report(self) -> Report:
        """What it came to."""
        return self.asked.without_known(once(self._config, lambda: audit(self._plan)))

    def notes(self) -> list[str]:
        """Return what is to be done about known findings, if anybody asked what it came to."""
        return [terminal(note) for note in self.report.notes] if "report" in vars(self) else []

    def verdict(self, check: str, state: str) -> Verdict:
        """Return what became of a check in a state."""
        return next(
            verdict
            for verdict in self.report.verdicts
            if (verdict.check, verdict.state) == (check, state)
        )

    def is_witness(self, name: str) -> bool:
        """Tell whether a test must say that nothing was seen: the first one, however often."""
        # Whoever signs in wants to see what lies behind, as `cookieconsent audit --login` has it.
        is_missed = self.report.nothing_known() is not None and self._plan.prepare is not None
        if not is_missed and self.report.outcome(self.asked.fail_on) != "nothing seen":
            return False
        self._witness = self._witness or name
        return name == self._witness


class AuditCollector(pytest.Collector):
    """The node above the tests of an audit."""

    def __init__(self, *, audited: Audited, **fields: Any) -> None:  # noqa: ANN401 - pytest's own
        super().__init__(**fields)
        self.audited = audited

    def collect(self) -> Sequence[AuditItem]:
        """Return the tests."""
        return [
            AuditItem.from_parent(self, name=f"{check.id}[{state}]", check=check, state=state)
            for check, state in self.audited.pairs()
        ]


class FindingsError(Exception):
    """Findings; the message tells them."""


class AuditItem(pytest.Item):
    """One check in one state."""

    def __init__(self, *, check: Check, state: str, **fields: Any) -> None:  # noqa: ANN401 - pytest's own
        super().__init__(**fields)
        self._check = check
        self._state = state

    @property
    def audited(self) -> Audited:
        """The audit behind it."""
        parent = self.parent
        assert isinstance(parent, AuditCollector)  # noqa: S101 - so it was made
        return parent.audited

    def runtest(self) -> None:
        """Fail on findings, skip what is unverified; where all is, one test fails for all."""
        asked, report = self.audited.asked, self.audited.report
        verdict = self.audited.verdict(self._check.id, self._state)
        severe = [f for f in verdict.findings if is_at_least(f.severity, asked.fail_on)]
        if severe:
            raise FindingsError(verdict_text(report, verdict, severe))
        if verdict.findings:
            self.add_report_section("call", ROOT, verdict_text(report, verdict, verdict.findings))
        if self.audited.is_witness(self.name):
            raise FindingsError(unverified_text(report))
        if verdict.left_open is not None:
            if asked.strict:
                raise FindingsError(f"{self.name} is unverified: {verdict.left_open}")
            pytest.skip(f"unverified: {verdict.left_open}")

    def repr_failure(
        self,
        excinfo: pytest.ExceptionInfo[BaseException],
        style: Any = None,  # noqa: ANN401 - pytest's own
    ) -> Any:  # noqa: ANN401 - as above
        """Return what is wrong, without a traceback through our code."""
        if isinstance(excinfo.value, FindingsError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return where it stands: nowhere but in its id."""
        return self.path / ROOT, None, self.name
