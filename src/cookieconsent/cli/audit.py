"""`cookieconsent audit`: sends visitors in every state of consent through a site, and reports.

Exit codes: 0 clean, 1 findings, 2 something unverified (with `--strict`), 3 asked wrongly, or nothing
could be read or written.
May not enter: what is looked at and judged (`audit/`), how a report looks (`audit/reports`).
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import re
import sys
import threading
import time
import warnings
from collections.abc import Callable, Container, Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cookieconsent.audit import options
from cookieconsent.audit.severity import SEVERITIES
from cookieconsent.cli import audit_outputs, pages, target
from cookieconsent.cli.audit_outputs import Output, WrongError
from cookieconsent.cli.output import STREAM, refuse
from cookieconsent.errors import ConfigError, ConsentError, DeclarationWarning
from cookieconsent.observation.answer import ObservationError

if TYPE_CHECKING:
    from cookieconsent.audit.planning import Wishes
    from cookieconsent.audit.report import Report
    from cookieconsent.audit.run import Plan
    from cookieconsent.audit.site import Site

NAME: Final = "audit"
HELP: Final = "send visitors in every state of consent through a site, and report what is wrong"
MORE: Final = (
    "An application is run in this process; an address is asked over the network, a few pages of the "
    "same site. Values of cookies are in no report. `audit diff` compares two reports. Exit code 0: "
    "clean; 1: findings; 2: something unverified, with --strict; 3: asked wrongly, or something could "
    "not be read or written."
)
WRONG: Final = 3
_REPORTS: Final = ("text", "json", "html", "sarif", "junit", "markdown", "csv", "edpb")
_EXPORTS: Final = ("declaration", "disclosure", "policy")
_STATES: Final = (
    "none",
    "ignored",
    "rejected",
    "accepted",
    "partial",
    "withdrawn",
    "gpc",
    "gpc-accepted",
    "stale",
    "tampered",
    "seeded",
    "nojs",
    "blocked",
)
_MAX_PAGES: Final = 1000
_MAX_MINUTES: Final = 24 * 60
_LAST_SECONDS: Final = 2.0
"""For threads of the application, once everything is said."""
_LOGIN: Final = re.compile(r"//[^/?#]*@")
"""The name and the password in an address, which a log should not have."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "target",
        metavar="TARGET",
        nargs="+",
        help="the application as module:attribute (ASGI or WSGI, run in this process), or an address "
        "that begins with http:// or https://",
    )
    target.add_arguments(parser)
    pages.add_limit(parser, usual=50, most=_MAX_PAGES)
    parser.add_argument(
        "--minutes",
        metavar="NUMBER",
        type=options.up_to(_MAX_MINUTES, "minutes"),
        default=30,
        help="how long all of it may take; states that are not reached by then are unverified "
        f"(default: 30, at most {_MAX_MINUTES:,})",
    )
    parser.add_argument(
        "--state",
        action="append",
        default=[],
        choices=_STATES,
        metavar="STATE",
        help=f"a state of consent; may be repeated (default: all of {', '.join(_STATES)})",
    )
    parser.add_argument(
        "--language",
        metavar="TAG",
        type=options.language,
        default="en",
        help="the language that visitors ask for, such as de or pt-BR (default: en)",
    )
    parser.add_argument(
        "--login",
        metavar="MODULE:FUNCTION",
        help="a function of yours that gets the visitor of each state, to sign in or fill a basket",
    )
    parser.add_argument(
        "--declaration",
        metavar="FILE",
        help="the TOML file with the site's declarations (default: that of the middleware in the "
        "application, else cookieconsent.toml, else pyproject.toml with [tool.cookieconsent])",
    )
    parser.add_argument(
        "--alias",
        metavar="HOST=NAME",
        type=options.alias,
        action="append",
        default=[],
        help="the canonical name (CNAME) of a host that pages load from, which you have looked up; "
        "HOST= says that there is none; may be repeated",
    )
    parser.add_argument(
        "--browser",
        action="store_true",
        help="look through a real Chromium; needs the extra `browser`",
    )
    _add_judging(parser)


def _add_judging(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--baseline",
        metavar="FILE",
        help="findings that are known, each with a reason and an end; only others count",
    )
    parser.add_argument(
        "--write-baseline", metavar="FILE", help="write what was found as such a file"
    )
    parser.add_argument(
        "--reason", metavar="TEXT", help="why those findings are accepted, for --write-baseline"
    )
    parser.add_argument(
        "--until", metavar="DATE", type=_day, help="the last day on which they are (YYYY-MM-DD)"
    )
    parser.add_argument(
        "--earlier", metavar="FILE", help="an earlier report in JSON, to tell which cookies are new"
    )
    parser.add_argument(
        "--fail-on",
        choices=SEVERITIES,
        default="medium",
        metavar="SEVERITY",
        help=f"the least severity that counts: {', '.join(SEVERITIES)} (default: medium)",
    )
    parser.add_argument(
        "--strict", action="store_true", help="let what could not be verified end with code 2"
    )
    audit_outputs.add_arguments(
        parser,
        (*_REPORTS, *_EXPORTS),
        ". Besides reports there are a draft of declarations (TOML), a storage disclosure (JSON) and a "
        "table of cookies for a policy (HTML)",
    )


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write YYYY-MM-DD") from None


def run(arguments: argparse.Namespace) -> int:
    """Audit."""
    named: list[str] = arguments.target
    others = threading.enumerate()
    try:
        _refuse_wrong(named, arguments)
        outputs = audit_outputs.outputs(arguments, [arguments.write_baseline])
        report, site = _audited(named[0], arguments)
    except WrongError as error:
        return refuse(str(error), WRONG)
    written = [audit_outputs.write(each.file, _text(report, site, each)) for each in outputs]
    if arguments.write_baseline is not None:
        text = _baseline(report, arguments)
        written.append(audit_outputs.write(arguments.write_baseline, text))
    code = _code(report, arguments) if all(written) else WRONG
    _leave(code, others)
    return code


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


def _leave(code: int, others: Container[threading.Thread]) -> None:
    """See that the process ends with a code, whatever threads an application has left behind."""
    left = [one for one in threading.enumerate() if one not in others and not one.daemon]
    # The interpreter waits for them before `atexit`; so executors of the standard library know, too.
    register = getattr(threading, "_register_atexit", None)
    if left and register is not None:
        leaving = threading.Event()
        register(leaving.set)
        threading.Thread(target=_end, args=[code, leaving], daemon=True).start()


def _end(code: int, leaving: threading.Event) -> None:
    leaving.wait()
    time.sleep(_LAST_SECONDS)
    os._exit(code)


def _wrong_baseline(arguments: argparse.Namespace) -> str | None:
    """Return what is wrong with how a file of known findings is asked for."""
    if arguments.write_baseline is not None and not (arguments.reason and arguments.until):
        return "--write-baseline needs --reason TEXT and --until DATE."
    if arguments.write_baseline is None and (arguments.reason or arguments.until):
        return "--reason and --until are for --write-baseline FILE alone."
    return None


def _code(report: Report, arguments: argparse.Namespace) -> int:
    if not any(state.pages for state in report.states):
        reasons = (verdict.reason for verdict in report.verdicts if verdict.reason)
        why = next(reasons, "no state was asked for")
        return refuse(f"{report.target}: nothing could be looked at: {why}.", WRONG)
    if report.findings(arguments.fail_on):
        return 1
    return 2 if arguments.strict and report.unverified() else 0


# --- auditing -------------------------------------------------------------------------------------


def _audited(named: str, arguments: argparse.Namespace) -> tuple[Report, Site]:
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
        report = audit(plan)
    return known.apply(report, accepted or ()), plan.site


def _plan(named: str, arguments: argparse.Namespace) -> Plan:
    from cookieconsent.audit.planning import plan_for  # noqa: PLC0415 - as above

    file = None if arguments.declaration is None else Path(arguments.declaration)
    if file is not None and not file.is_file():
        raise WrongError(f"--declaration {file}: there is no such file.")
    host, factory = arguments.host, arguments.factory
    try:
        wishes = _wishes(arguments)
        plan = plan_for(named, wishes, file=file, folder=Path(), host=host, factory=factory)
    except (ConsentError, OSError) as error:
        raise WrongError(f"{_LOGIN.sub('//...@', named)}: {error}") from error
    return replace(plan, progress=_progress())


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
        browser=arguments.browser,
    )


def _hook(named: str) -> Callable[..., object]:
    try:
        return options.hook(named, Path.cwd())
    except ObservationError as error:
        raise WrongError(f"--login {named}: {error}") from error


def _progress() -> Callable[[str, int, int], object] | None:
    """Return what shows how far an audit is, on a terminal alone."""
    if not (sys.stderr and sys.stderr.isatty()):
        return None

    def show(state: str, number: int, total: int) -> None:
        filled = "#" * (20 * number // total)
        sys.stderr.write(f"\r[{filled:<20}] {state:<24}")
        if number + 1 == total:
            sys.stderr.write("\r" + " " * 48 + "\r")
        sys.stderr.flush()

    return show


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
    return "NO_COLOR" not in os.environ and sys.stdout is not None and sys.stdout.isatty()
