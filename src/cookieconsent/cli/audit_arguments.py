"""What may be said to `cookieconsent audit`.

May not enter: what is done with it; what values look like that the plugin for pytest takes as well
(`audit/options.py`).
"""

from __future__ import annotations

import argparse
import datetime as dt

from cookieconsent.audit import options
from cookieconsent.audit.names import (
    EXPORT_FORMS,
    FAILING,
    MOST_MINUTES,
    MOST_PAGES,
    MOST_RATE,
    REPORT_FORMS,
    STATE_NAMES,
    USUAL_MINUTES,
    USUAL_PAGES,
    USUAL_RATE,
)
from cookieconsent.audit.severity import SEVERITIES
from cookieconsent.cli import audit_outputs, pages, target


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
    pages.add_limit(parser, usual=USUAL_PAGES, most=MOST_PAGES)
    parser.add_argument(
        "--minutes",
        metavar="NUMBER",
        type=options.up_to(MOST_MINUTES, "minutes"),
        default=USUAL_MINUTES,
        help="how long all of it may take; states that are not reached by then are unverified "
        f"(default: {USUAL_MINUTES}, at most {MOST_MINUTES:,})",
    )
    parser.add_argument(
        "--rate",
        metavar="NUMBER",
        type=options.up_to(MOST_RATE, "requests a second"),
        default=USUAL_RATE,
        help="how many requests a second an address on the network is sent; this machine is not slowed "
        f"(default: {USUAL_RATE}, at most {MOST_RATE:,})",
    )
    parser.add_argument(
        "--state",
        action="append",
        default=[],
        choices=STATE_NAMES,
        metavar="STATE",
        help=f"a state of consent; may be repeated (default: all of {', '.join(STATE_NAMES)})",
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
        default=FAILING,
        metavar="SEVERITY",
        help=f"the least severity that counts: {', '.join(SEVERITIES)} (default: {FAILING})",
    )
    parser.add_argument(
        "--strict", action="store_true", help="let what could not be verified end with code 2"
    )
    audit_outputs.add_arguments(
        parser,
        (*REPORT_FORMS, *EXPORT_FORMS),
        ". Besides reports there are a draft of declarations (TOML), a storage disclosure (JSON) and a "
        "table of cookies for a policy (HTML)",
    )


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write YYYY-MM-DD") from None
