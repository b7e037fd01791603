"""What tests of a project use themselves: an audit of one application, and a recorder of one test.

May not enter: the tests of `--cookie-audit` (`items`), the recorder of the whole session (`recording`).
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pytest

from cookieconsent.audit.names import FAILING, USUAL_MINUTES, USUAL_PAGES, USUAL_RATE
from cookieconsent.audit.planning import Wishes, plan_for
from cookieconsent.audit.recorder import Recorder
from cookieconsent.audit.report import Report
from cookieconsent.audit.run import audit
from cookieconsent.audit.severity import Severity
from cookieconsent.audit.visitor import Visitor
from cookieconsent.observation.listening import listening
from cookieconsent.observation.tap import AsgiTap, WsgiTap
from cookieconsent.pytest_plugin.telling import report_text, severe, unverified_text


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanReport(Report):
    """A report that a test can make demands of."""

    def assert_clean(self, *, fail_on: Severity = FAILING, strict: bool = False) -> None:
        """Fail the test if there is something to find fault with, or nothing was looked at.

        Args:
            fail_on: The least severity that counts.
            strict: Whether what could not be verified fails as well.
        """
        __tracebackhide__ = True
        outcome = self.outcome(fail_on, strict=strict)
        if outcome == "findings":
            pytest.fail(report_text(self, severe(self, fail_on)), pytrace=False)
        if outcome != "clean":
            pytest.fail(unverified_text(self), pytrace=False)


def demanding(report: Report) -> CleanReport:
    """Return a report that a test can make demands of."""
    return CleanReport(**{field.name: getattr(report, field.name) for field in fields(Report)})


class AuditApplication:
    """Audits applications inside a test.

    Args:
        folder: Where modules and declarations are looked for.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(  # noqa: PLR0913 - each is one thing that an audit may be told
        self,
        app: object,
        *,
        states: Sequence[str] = (),
        pages: Sequence[str] = (),
        limit: int = USUAL_PAGES,
        seconds: float = 60.0 * USUAL_MINUTES,
        declaration: str | Path | None = None,
        host: str = "localhost",
        prepare: Callable[[Visitor], object] | None = None,
        aliases: Mapping[str, str] | None = None,
        language: str = "en",
        earlier: str | Path | None = None,
        rate: float = USUAL_RATE,
        browser: bool = False,
    ) -> CleanReport:
        """Send visitors through an application, and judge what they met.

        Args:
            app: An ASGI or WSGI application, `module:attribute`, or an address.
            states: States of consent; none for all.
            pages: Paths that are looked at before any link.
            limit: How many pages at the most.
            seconds: How long it may take; states that are not reached by then are unverified.
            declaration: The TOML file with the declarations; `None` for what the middleware says.
            host: What an application in this process is asked for.
            prepare: Gets the visitor of each state, to sign in or fill a basket.
            aliases: Canonical names (CNAME) of hosts that pages load from, where somebody has looked
                them up; an empty one says that there is none.
            language: What visitors read (BCP 47).
            earlier: An earlier report in JSON, to tell which cookies are new.
            rate: How many requests a second an address on the network is sent.
            browser: Whether they look through a real Chromium, which needs the extra `browser`.

        Raises:
            ConsentError: There is no such application, state or page, the declaration or the earlier
                report does not hold, or the extra is not installed.
        """
        file = None if declaration is None else self._folder / declaration
        wishes = Wishes(
            pages=pages,
            limit=limit,
            seconds=seconds,
            states=states,
            language=language,
            aliases=aliases or {},
            earlier=None if earlier is None else self._folder / earlier,
            prepare=prepare,
            rate=rate,
            browser=browser,
        )
        plan = plan_for(app, wishes, file=file, folder=self._folder, host=host)
        return demanding(_outside_of_loops(lambda: audit(plan)))


def _outside_of_loops(call: Callable[[], Report]) -> Report:
    """Call something that runs an event loop of its own, also from within one."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return call()
    context = contextvars.copy_context()
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(context.run, call).result()


class OneTestRecorder:
    """Hears what one test asks.

    Args:
        recorder: Writes it down.
        folder: Where a declaration is looked for, if no middleware is met.
    """

    def __init__(self, recorder: Recorder, folder: Path) -> None:
        self._recorder = recorder
        self._folder = folder

    def wrap(self, app: Callable[..., Any]) -> AsgiTap | WsgiTap:
        """Return an application that is heard through any client.

        Raises:
            ObservationError: It is no application.
        """
        return self._recorder.wrap(app)

    @property
    def heard(self) -> int:
        """How many answers were heard."""
        return self._recorder.heard

    def report(self, *, declaration: str | Path | None = None) -> CleanReport:
        """Judge what was heard so far.

        Args:
            declaration: The TOML file with the declarations; `None` for what the middleware says.

        Raises:
            ConfigError: The declaration does not hold.
        """
        file = None if declaration is None else self._folder / declaration
        return demanding(self._recorder.report(file=file, folder=self._folder))


@contextmanager
def recording(target: str, folder: Path) -> Iterator[OneTestRecorder]:
    """Hear what the known clients ask.

    Args:
        target: What the report calls it.
        folder: Where a declaration is looked for, if no middleware is met.
    """
    recorder = Recorder(target)
    with listening(recorder.hear, recorder.lose):
        yield OneTestRecorder(recorder, folder)
