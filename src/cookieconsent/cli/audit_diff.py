"""`cookieconsent audit diff`: compares two reports in JSON, and tells what changed.

Exit codes: 0 no new finding, 1 new findings, 2 something that the later audit could no longer tell
(with `--strict`), 3 asked wrongly, or nothing could be compared, read or written.
May not enter: what a change is (`audit/difference.py`), options of an audit.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cookieconsent.audit.names import DIFFERENCE_FORMS
from cookieconsent.audit.severity import SEVERITIES
from cookieconsent.cli import audit_outputs
from cookieconsent.cli.audit_outputs import WrongError
from cookieconsent.cli.output import complain, refuse
from cookieconsent.errors import ConfigError

if TYPE_CHECKING:
    from cookieconsent.audit.difference import Difference
    from cookieconsent.audit.snapshot import Snapshot

NAME: Final = "audit diff"
HELP: Final = "compare two reports of an audit, and tell what changed"
MORE: Final = (
    "Both are files that `audit -f json` wrote. Exit code 0: no new finding; 1: new findings; 2: "
    "something that the later audit could no longer tell, with --strict; 3: asked wrongly, or nothing "
    "could be compared, read or written."
)
WRONG: Final = 3
_SHOWN: Final = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("before", metavar="BEFORE.json", help="the earlier report")
    parser.add_argument("after", metavar="AFTER.json", help="the later report")
    parser.add_argument(
        "--fail-on",
        choices=SEVERITIES,
        default=SEVERITIES[-1],
        metavar="SEVERITY",
        help=f"the least severity of a new finding that counts: {', '.join(SEVERITIES)} "
        f"(default: {SEVERITIES[-1]}, so every one)",
    )
    parser.add_argument(
        "--strict",
        action="store_true",
        help="let what the earlier audit could tell and the later one cannot end with code 2",
    )
    audit_outputs.add_arguments(parser, DIFFERENCE_FORMS, "")


def run(arguments: argparse.Namespace) -> int:
    """Compare."""
    from cookieconsent.audit.difference import diff  # noqa: PLC0415 - for this sub-command alone
    from cookieconsent.audit.reports import difference  # noqa: PLC0415 - as above
    from cookieconsent.audit.snapshot import read  # noqa: PLC0415 - as above

    try:
        outputs = audit_outputs.outputs(arguments)
        before, after = map(read, map(Path, (arguments.before, arguments.after)))
    except (ConfigError, WrongError) as error:
        return refuse(str(error), WRONG)
    found = diff(before, after)
    writers = {
        "text": difference.text,
        "json": difference.as_json,
        "markdown": difference.markdown,
    }
    written = [audit_outputs.write(each.file, writers[each.form](found)) for each in outputs]
    return _code(found, arguments) if all(written) else WRONG


def _code(found: Difference, arguments: argparse.Namespace) -> int:
    for file, end in ((arguments.before, found.before), (arguments.after, found.after)):
        if not end.answered:
            return refuse(
                f"{file}: that audit could answer no question, so nothing was compared.", WRONG
            )
    if any(_counts(failure.severity, arguments.fail_on) for failure in found.failures):
        return 1
    lost = _lost(found.before, found.after)
    if arguments.strict and lost:
        more = f" and {len(lost) - _SHOWN} more" if len(lost) > _SHOWN else ""
        complain(f"Answered before and not in the later report: {', '.join(lost[:_SHOWN])}{more}.")
    return 2 if arguments.strict and (lost or found.unclear) else 0


def _counts(severity: str, least: str) -> bool:
    # A file may name any severity; one that nobody knows may be the worst.
    known: tuple[str, ...] = SEVERITIES
    return severity not in known or known.index(severity) <= known.index(least)


def _lost(before: Snapshot, after: Snapshot) -> list[str]:
    """Return the questions that the later audit left open: it cannot tell what is new there."""
    again = {(check, part) for check, state in after.answered for part in (state, _whole(state))}
    return [f"{check} in {state}" for check, state in sorted(before.answered - again)]


def _whole(state: str) -> str:
    """Return the state that one is a part of, after it was divided into classes."""
    return state.partition(":")[0]
