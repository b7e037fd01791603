"""`cookieconsent check`: tells what is wrong in a declaration, and what it means for each cookie.

The site's secret is not needed; nothing is signed.
May not enter: what is wrong (`engine/review.py`).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from cookieconsent.cli.output import answer, is_taken, refuse, table
from cookieconsent.core.lifetime import write
from cookieconsent.core.reasons import overruled
from cookieconsent.core.registry import Cookie, CookieClass, Regime
from cookieconsent.engine import declaration
from cookieconsent.engine.config import Config
from cookieconsent.engine.review import Finding, Level, Review, review

NAME: Final = "check"
HELP: Final = "tell what is wrong in a declaration, and what is done with each cookie"
MORE: Final = (
    "The secret is not needed. Exit code 0: nothing was found, or notes alone; 1: something was; "
    "2: asked wrongly."
)

_LEVELS: Final[tuple[Level, ...]] = ("error", "conflict", "warning", "note")
_REGIMES: Final[dict[Regime, str]] = {
    "exempt": "exempt",
    "opt-in": "asked",
    "objection": "may object",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "file",
        metavar="FILE",
        nargs="?",
        help="the TOML file (default: cookieconsent.toml, else pyproject.toml with "
        "[tool.cookieconsent])",
    )
    parser.add_argument("--json", action="store_true", help="answer in JSON")


def run(arguments: argparse.Namespace) -> int:
    """Check a declaration and say what came out."""
    file = Path(arguments.file) if arguments.file is not None else declaration.find()
    if file is None:
        return refuse(
            f"There is no {declaration.OWN} here, and no {declaration.PROJECT} with "
            "[tool.cookieconsent]. Name the file."
        )
    if not is_taken(str(file)) or not file.is_file():
        return refuse(f"{file}: there is no such file. Check the path.")
    reviewed = review(file)
    findings = sorted(reviewed.findings, key=lambda finding: _LEVELS.index(finding.level))
    code = 1 if any(finding.level != "note" for finding in findings) else 0
    if arguments.json:
        return answer(code, [json.dumps(_facts(reviewed, findings))])
    return answer(code, _lines(reviewed, findings))


# --- for people -----------------------------------------------------------------------------------


def _lines(reviewed: Review, findings: Sequence[Finding]) -> Iterator[str]:
    place = reviewed.file if reviewed.table is None else f"{reviewed.file} [{reviewed.table}]"
    yield f"{place}: {_count(findings)}"
    for finding in findings:
        level = finding.level.upper() if finding.level == "conflict" else finding.level
        yield f"  {level}: {finding}"
    if reviewed.config is None:
        return
    yield ""
    classes = reviewed.config.active_classes
    yield from table(
        ("class", "visitors are", "third parties", "cookies"),
        [_class_row(cls, reviewed.config) for cls in classes],
    )
    if reviewed.config.cookies:
        yield ""
        yield from table(
            ("cookie", "class", "visitors are", "source", "provider", "lifetime", "where"),
            [_cookie_row(cookie, reviewed.config) for cookie in reviewed.config.cookies],
        )
    yield ""
    yield "Other names are judged by the shipped catalogue: cookieconsent explain NAME"


def _count(findings: Sequence[Finding]) -> str:
    levels = [finding.level for finding in findings]
    counted = [
        f"{levels.count(level)} {level}{'s' if levels.count(level) > 1 else ''}"
        for level in _LEVELS
        if level in levels
    ]
    return ", ".join(counted) or "nothing wrong"


def _class_row(cls: CookieClass, config: Config) -> tuple[str, ...]:
    names = dict.fromkeys(cookie.name for cookie in config.cookies if cookie.cls == cls.name)
    shares = "yes" if cls.shares_with_third_parties else "no"
    return cls.name, _asked(cls), shares, ", ".join(names) or "those of the catalogue"


def _asked(cls: CookieClass) -> str:
    return "not asked" if cls.regime == "exempt" else _REGIMES[cls.regime]


def _cookie_row(cookie: Cookie, config: Config) -> tuple[str, ...]:
    [cls] = (cls for cls in config.active_classes if cls.name == cookie.cls)
    return (
        cookie.name,
        cookie.cls,
        _REGIMES[cls.regime],
        _source(cookie, config),
        cookie.provider or "not said",
        _lifetime(cookie) or "not said",
        _place(cookie),
    )


def _place(cookie: Cookie) -> str:
    partition = ", partitioned" if cookie.partitioned else ""
    return f"{cookie.domain or 'this host'}{cookie.path}{partition}"


def _source(cookie: Cookie, config: Config) -> str:
    classes = dict.fromkeys(str(r.classification.cls) for r in overruled(config.registry, cookie))
    return f"declared, over the catalogue's {', '.join(classes)}" if classes else "declared"


def _lifetime(cookie: Cookie) -> str | None:
    return cookie.lifetime if isinstance(cookie.lifetime, str | None) else write(cookie.lifetime)


# --- for programs ---------------------------------------------------------------------------------


def _facts(reviewed: Review, findings: Sequence[Finding]) -> dict[str, Any]:
    config = reviewed.config
    return {
        "file": reviewed.file,
        "table": reviewed.table,
        "valid": config is not None,
        "findings": [
            {
                "level": finding.level,
                "field": finding.field,
                "problem": finding.problem,
                "fix": finding.fix or None,
            }
            for finding in findings
        ],
        "classes": [] if config is None else [_class_facts(cls) for cls in config.active_classes],
        "cookies": [] if config is None else [_cookie_facts(c, config) for c in config.cookies],
    }


def _class_facts(cls: CookieClass) -> dict[str, Any]:
    return {
        "name": cls.name,
        "regime": cls.regime,
        "shares_with_third_parties": cls.shares_with_third_parties,
    }


def _cookie_facts(cookie: Cookie, config: Config) -> dict[str, Any]:
    [cls] = (cls for cls in config.active_classes if cls.name == cookie.cls)
    return {
        "name": cookie.name,
        "class": cookie.cls,
        "regime": cls.regime,
        "source": "declared",
        "overrules": [
            {"rule": rule.classification.rule, "class": rule.classification.cls}
            for rule in overruled(config.registry, cookie)
        ],
        "purpose": cookie.purpose,
        "provider": cookie.provider,
        "lifetime": _lifetime(cookie),
        "domain": cookie.domain,
        "path": cookie.path,
        "partitioned": cookie.partitioned,
    }
