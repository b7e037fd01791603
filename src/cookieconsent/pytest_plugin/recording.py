"""The recorder of a whole session: listens to every test, and says at the end what it heard.

Each worker (pytest-xdist) judges what it heard itself; where they come together, so do the reports.
What one of them has lost is missing in all: nothing is called clean then.
May not enter: how clients are listened to (`observation.listening`), what is written down of it.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any, Final

import pytest

from cookieconsent.audit.gaps import gap_lines
from cookieconsent.audit.merging import incomplete, merged
from cookieconsent.audit.recorder import Recorder
from cookieconsent.audit.report import Report
from cookieconsent.audit.wording import counted
from cookieconsent.errors import ConsentError
from cookieconsent.observation.answer import ObservationError
from cookieconsent.observation.listening import listening
from cookieconsent.observation.loading import load
from cookieconsent.observation.tap import settle
from cookieconsent.pytest_plugin import RECORDER
from cookieconsent.pytest_plugin.items import Asked, declaration_of
from cookieconsent.pytest_plugin.sharing import packed, unpacked
from cookieconsent.pytest_plugin.telling import report_text, severe

_REPORT: Final = "cookie_audit_report"
_PROBLEM: Final = "cookie_audit_problem"
_LOSS: Final = "cookie_audit_loss"
_PART: Final = "cookie_audit_part"
_TITLE: Final = "cookie audit of the tests"
_FAILED: Final = pytest.ExitCode.TESTS_FAILED
_FINE: Final = frozenset({pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED})
_CHOOSING: Final = ("keyword", "markexpr", "deselect", "lf", "stepwise", "collectonly")
"""Options by which few tests of many are run, or none."""


class Recording:
    """Listens from the beginning of a session to its end.

    Args:
        config: Says what is known of the site, and what fails.

    Raises:
        UsageError: An option does not hold.
    """

    def __init__(self, config: pytest.Config) -> None:
        named = str(config.getini(RECORDER)).strip()
        self._target = None if named.lower() in {"true", "yes", "on", "1"} else named
        self._config = config
        self._asked = Asked.of(config)
        self._file = declaration_of(config)
        self._recorder = Recorder(self._target or "the tests")
        self._listening = ExitStack()
        self._listening.enter_context(listening(self._recorder.hear, self._recorder.lose))
        self._from_workers: list[Report] = []
        self._problems: list[str] = []
        self._losses: list[str] = []
        """Why what is judged is not all."""
        self._report: Report | None = None
        self._is_part = _names_tests(config)
        self._is_silent = False
        """Whether all tests ran, and none of them was heard."""

    def pytest_deselected(self) -> None:
        """Take it that those tests might have been heard."""
        self._is_part = True

    def pytest_unconfigure(self) -> None:
        """Let the clients be as they were."""
        self._listening.close()

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Judge, and fail the run if there is something to find fault with."""
        own = self._judged()
        output = getattr(self._config, "workeroutput", None)
        if output is not None:
            self._hand_over(output, own)
            return
        reports = [*self._from_workers, *([] if own is None else [own])]
        if reports:
            self._report = self._without_known(
                incomplete(merged(reports), [*self._losses, *self._problems])
            )
        whole = exitstatus == pytest.ExitCode.OK and not self._is_part
        self._is_silent = whole and self._report is None
        if exitstatus in _FINE and self._fails():
            session.exitstatus = _FAILED

    def _hand_over(self, output: dict[str, Any], own: Report | None) -> None:
        """Give what this worker heard to the process in which all comes together."""
        packet = None
        try:
            packet = None if own is None else packed(own)
        except Exception as error:  # noqa: BLE001 - whatever it is, it must be told
            self._problems.append(f"what a worker heard cannot be handed over ({_kind(error)})")
        output[_REPORT] = packet
        output[_LOSS] = self._losses
        output[_PART] = self._is_part
        # What cannot be encoded would end the worker.
        output[_PROBLEM] = [
            problem.encode("utf-8", "backslashreplace").decode() for problem in self._problems
        ]

    def _without_known(self, report: Report) -> Report:
        try:
            return self._asked.without_known(report)
        except ConsentError as error:
            self._problems.append(str(error))
            return report

    def _judged(self) -> Report | None:
        """Return what this process heard; `None` for nothing."""
        settle()
        loss = self._recorder.loss
        if loss is not None:
            self._losses.append(loss)
        elif not self._recorder.heard:
            return None
        root = self._config.rootpath
        try:
            app = None if self._target is None else load(self._target, folder=root)
            return self._recorder.report(app, file=self._file, folder=root)
        except ObservationError as error:
            self._problems.append(f"{RECORDER} = {self._target}: {error}")
        except ConsentError as error:
            self._problems.append(str(error))
        return None

    def _fails(self) -> bool:
        if self._problems:
            return True
        if self._report is None:
            return self._asked.strict or self._is_silent
        outcome = self._report.outcome(self._asked.fail_on, strict=self._asked.strict)
        return outcome not in ({"clean"} if self._asked.strict else {"clean", "unverified"})

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:  # noqa: ANN401 - of pytest-xdist
        """Take over what a worker heard."""
        output = getattr(node, "workeroutput", None)
        if output is None or _REPORT not in output:
            why = "a worker ended before its time, and what it heard is lost"
            self._problems.append(f"{why} ({error})" if error else why)
            return
        self._problems += [problem for problem in output[_PROBLEM] if problem not in self._problems]
        self._losses += output[_LOSS]
        self._is_part |= output[_PART]
        if output[_REPORT] is not None:
            self._take(output[_REPORT])

    def _take(self, packet: bytes) -> None:
        try:
            self._from_workers.append(unpacked(packet))
        except Exception as error:  # noqa: BLE001 - anything may be in it
            self._problems.append(f"what a worker heard cannot be read ({_kind(error)})")

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what was heard, what is wrong with it, and what was not heard."""
        terminalreporter.section(_TITLE, red=self._fails())
        for problem in self._problems:
            terminalreporter.write_line(problem, red=True)
        if self._report is None:
            if not self._problems:
                terminalreporter.write_line(
                    "No answer was heard: no test asked an application through a client that is "
                    f"known, so nothing was judged.{_REMEDY if self._is_silent else ''}",
                    yellow=True,
                )
            return
        for line in _summary(self._report, self._asked):
            terminalreporter.write_line(line)


_REMEDY: Final = (
    " All tests ran, so this fails: let one of them ask the application, wrap it "
    f"(cookie_recorder.wrap), or take {RECORDER} out."
)


def _names_tests(config: pytest.Config) -> bool:
    """Tell whether whoever started pytest chose some of the tests: others might have been heard.

    A worker (pytest-xdist) is always told which; who started it knows.
    """
    if hasattr(config, "workerinput"):
        return False
    source = getattr(config, "args_source", None)  # since pytest 7.3
    named = source is None or source.name == "ARGS"
    return named or any(config.getoption(name, None) for name in _CHOOSING)


def _kind(error: Exception) -> str:
    return type(error).__name__


def _summary(report: Report, asked: Asked) -> list[str]:
    answers = ", ".join(f"{row.pages} {row.name}" for row in report.states)
    lines = [f"{counted(sum(r.pages for r in report.states), 'answer')} heard ({answers})."]
    nothing = report.nothing_known()
    if nothing is not None:
        lines.append(nothing[0].upper() + nothing[1:])
    found = severe(report, asked.fail_on)
    lines.append(f"{counted(len(found), 'finding')} at {asked.fail_on} or worse.")
    if found:
        lines += ["", *report_text(report, found).split("\n"), ""]
    return [*lines, *report.notes, *gap_lines(report)]
