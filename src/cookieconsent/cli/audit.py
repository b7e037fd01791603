"""`cookieconsent audit`: sends visitors in every state of consent through a site, and reports.

Exit codes: 0 clean, 1 findings, 2 something unverified (with `--strict`; all of it always), 3 asked
wrongly, or nothing could be looked at, read or written.
May not enter: what is looked at and judged (`audit/`), how a report looks (`audit/reports`).
"""

from __future__ import annotations

import argparse
import datetime as dt
import logging
import os
import re
import sys
import threading
import warnings
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cookieconsent.audit import options
from cookieconsent.cli import audit_arguments, audit_outputs, target
from cookieconsent.cli.audit_outputs import Output, WrongError
from cookieconsent.cli.leaving import leave
from cookieconsent.cli.output import INTERRUPTED, STREAM, complain, refuse
from cookieconsent.errors import ConfigError, ConsentError, DeclarationWarning
from cookieconsent.observation.answer import ObservationError

if TYPE_CHECKING:
    from cookieconsent.audit.plan import Plan
    from cookieconsent.audit.planning import Wishes
    from cookieconsent.audit.report import Report
    from cookieconsent.audit.site import Site

NAME: Final = "audit"
HELP: Final = "send visitors in every state of consent through a site, and report what is wrong"
MORE: Final = (
    "An application is run in this process; an address is asked over the network, a few pages of the "
    "same site. Values of cookies are in no report. `audit diff` compares two reports. Exit code 0: "
    "clean; 1: findings; 2: something unverified, with --strict; 3: asked wrongly, nothing could be "
    "looked at, or something could not be read or written."
)
WRONG: Final = 3
_CODES: Final = {"clean": 0, "findings": 1, "unverified": 2, "nothing seen": WRONG}
_LOGIN: Final = re.compile(r"//[^/?#]*@")
"""The name and the password in an address, which a log should not have."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    audit_arguments.add_arguments(parser)


class _Stop:
    """Ends an audit at the first Ctrl-C with a report; at the second one the program ends."""

    def __init__(self) -> None:
        self.was_asked = False

    def __call__(self) -> None:
        self.was_asked = True
        _clear()
        logging.getLogger("asyncio").disabled = True  # a browser that has ended as well complains
        complain("Stopping: the report is of what was seen. Ctrl-C again ends without a report.")


def run(arguments: argparse.Namespace) -> int:
    """Audit."""
    others = threading.enumerate()
    try:
        code = _run(arguments)
    except KeyboardInterrupt:
        leave(INTERRUPTED, others)
        raise
    leave(code, others)
    return code


def _run(arguments: argparse.Namespace) -> int:
    named: list[str] = arguments.target
    stop = _Stop()
    try:
        _refuse_wrong(named, arguments)
        outputs = audit_outputs.outputs(arguments, [arguments.write_baseline])
        report, site = _audited(named[0], arguments, stop)
    except WrongError as error:
        return refuse(str(error), WRONG)
    written = [audit_outputs.write(each.file, _text(report, site, each)) for each in outputs]
    if arguments.write_baseline is not None:
        text = _baseline(report, arguments)
        written.append(audit_outputs.write(arguments.write_baseline, text))
    code = _code(report, arguments) if all(written) else WRONG
    return code or (_CODES["unverified"] if stop.was_asked else code)


def _refuse_wrong(named: Sequence[str], arguments: argparse.Namespace) -> None:
    """See that what was asked for fits together.

    Raises:
        WrongError: It does not.
    """
    if named[0] == "diff":
        raise WrongError("Write `audit diff BEFORE.json AFTER.json`, and its options behind that.")
    if len(named) > 1:
        raise WrongError(f"One target at a time, and {named[1]!r} is a second one.")
    wrong = _wrong_baseline(arguments) or target.wrong_page(arguments.page)
    if wrong is not None:
        raise WrongError(wrong)


def _wrong_baseline(arguments: argparse.Namespace) -> str | None:
    """Return what is wrong with how a file of known findings is asked for."""
    if arguments.write_baseline is not None and not (arguments.reason and arguments.until):
        return "--write-baseline needs --reason TEXT and --until DATE."
    if arguments.write_baseline is None and (arguments.reason or arguments.until):
        return "--reason and --until are for --write-baseline FILE alone."
    if arguments.until is not None and arguments.until < dt.datetime.now(dt.UTC).date():
        return f"--until {arguments.until} is over, so nothing would be accepted; name a later day."
    return None


def _code(report: Report, arguments: argparse.Namespace) -> int:
    nothing = report.nothing_known()
    if nothing is not None:
        complain(f"{report.target}: {nothing}")
    outcome = report.outcome(arguments.fail_on, strict=arguments.strict)
    if outcome != "unverified" or arguments.strict:
        return _CODES[outcome]
    # Whoever names a login wants to see what lies behind it, and none of that was seen.
    return 0 if nothing is None or arguments.login is None else WRONG


# --- auditing -------------------------------------------------------------------------------------


def _audited(
    named: str, arguments: argparse.Namespace, stop: Callable[[], object]
) -> tuple[Report, Site]:
    from cookieconsent.audit import known  # noqa: PLC0415 - for this sub-command alone
    from cookieconsent.audit.run import audit  # noqa: PLC0415

    try:
        accepted = None if arguments.baseline is None else known.read(Path(arguments.baseline))
    except ConfigError as error:
        raise WrongError(str(error)) from error
    # Whatever an application prints while it is looked at is no part of the report.
    with redirect_stdout(sys.stderr), warnings.catch_warnings():
        warnings.simplefilter("ignore", DeclarationWarning)
        plan = _plan(named, arguments)
        try:
            report = audit(replace(plan, progress=_progress(), stopped=stop))
        finally:
            _clear()
    return known.apply(report, accepted or ()), plan.site


def _plan(named: str, arguments: argparse.Namespace) -> Plan:
    from cookieconsent.audit.planning import plan_for  # noqa: PLC0415 - as above

    file = None if arguments.declaration is None else Path(arguments.declaration)
    if file is not None and not file.is_file():
        raise WrongError(f"--declaration {file}: there is no such file.")
    host, factory = arguments.host, arguments.factory
    try:
        wishes = _wishes(arguments)
        return plan_for(named, wishes, file=file, folder=Path(), host=host, factory=factory)
    except (ConsentError, OSError) as error:
        raise WrongError(f"{_told(named)}: {error}") from error


def _told(named: str) -> str:
    """Return a target without what a log should not have: name, password, query."""
    from cookieconsent.observation.walk import without_values  # noqa: PLC0415 - as above

    return without_values(_LOGIN.sub("//...@", named))


def _wishes(arguments: argparse.Namespace) -> Wishes:
    from cookieconsent.audit.planning import Wishes  # noqa: PLC0415 - as above

    return Wishes(
        pages=arguments.page,
        limit=arguments.limit,
        seconds=60.0 * arguments.minutes,
        states=arguments.state,
        language=arguments.language,
        aliases=dict(arguments.alias),
        earlier=None if arguments.earlier is None else Path(arguments.earlier),
        prepare=None if arguments.login is None else _hook(arguments.login),
        rate=arguments.rate,
        browser=arguments.browser,
    )


def _hook(named: str) -> Callable[..., object]:
    try:
        return options.hook(named, Path.cwd())
    except ObservationError as error:
        raise WrongError(f"--login {named}: {error}") from error


def _progress() -> Callable[[str, int, int], object] | None:
    """Return what shows how far an audit is, on a terminal alone."""
    if not _is_terminal():
        return None

    def show(doing: str, number: int, total: int) -> None:
        filled = "#" * (20 * number // total)
        sys.stderr.write(f"\r[{filled:<20}] {doing:<24}")
        sys.stderr.flush()

    return show


def _clear() -> None:
    """Take away what shows how far an audit is."""
    if _is_terminal():
        sys.stderr.write("\r" + " " * 48 + "\r")
        sys.stderr.flush()


def _is_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()


# --- the report -----------------------------------------------------------------------------------


def _text(report: Report, site: Site, output: Output) -> str:
    """Return the report in the form that is asked for."""
    from cookieconsent.audit import exports, reports  # noqa: PLC0415 - for this sub-command alone

    if output.form in exports.FORMATS:
        return exports.FORMATS[output.form](report, site)
    if output.form == "text":
        return reports.text.write(report, colours=output.file == STREAM and _has_colour())
    return reports.FORMATS[output.form](report)


def _baseline(report: Report, arguments: argparse.Namespace) -> str:
    from cookieconsent.audit import known  # noqa: PLC0415 - for this sub-command alone

    return known.baseline(report, reason=arguments.reason, until=arguments.until)


def _has_colour() -> bool:
    is_plain = "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb"
    return not is_plain and sys.stdout is not None and sys.stdout.isatty()
