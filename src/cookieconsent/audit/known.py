"""Findings that are known: rules that suppress them, and a baseline of single ones.

Both stand in TOML. A `[[suppress]]` table names a check and, by globs, cookies and pages; a
`[[baseline]]` table names one finding by its fingerprint. Each has a reason and a last day: what has
ended suppresses nothing, and the report says so.
May not enter: how findings are made; formats of reports.
"""

from __future__ import annotations

import datetime as dt
import difflib
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from cookieconsent.audit.check import Finding, Verdict
from cookieconsent.audit.report import Report
from cookieconsent.audit.wording import some
from cookieconsent.core.registry import glob_matches
from cookieconsent.drafting import toml
from cookieconsent.errors import ConfigError

_FIELDS: Final = {
    "suppress": ("check", "cookie", "path", "reason", "until"),
    "baseline": ("fingerprint", "check", "state", "cookie", "path", "reason", "until"),
}
_KNOWN: Final = "only known findings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What makes findings known."""

    place: str
    """Where it stands, such as `known.toml: suppress[0]`."""
    reason: str
    until: dt.date
    """The last day on which it holds."""
    fingerprint: str | None = None
    """The one finding of a baseline."""
    check: str | None = None
    cookie: str | None = None
    """A glob for the name; with one, findings about no cookie are not covered."""
    path: str | None = None
    """A glob for the page; likewise."""

    def covers(self, finding: Finding) -> bool:
        """Tell whether a finding is one that it speaks of."""
        if self.fingerprint is not None:
            return self.fingerprint == finding.fingerprint
        return (
            self.check == finding.check
            and _fits(self.cookie, finding.cookie)
            and _fits(self.path, finding.path)
        )


def _fits(glob: str | None, text: str | None) -> bool:
    if glob is None:
        return True
    if text is None or "*" not in glob:
        return text == glob
    return glob_matches(glob.encode(), text.encode("utf-8", "replace"))


# --- what they do ---------------------------------------------------------------------------------


def apply(report: Report, rules: Sequence[Rule]) -> Report:
    """Return the report with known findings set apart.

    Args:
        report: What an audit came to; its day decides which rules have ended.
        rules: The first that covers a finding gives the reason.
    """
    today = dt.date.fromisoformat(report.day)
    valid = [rule for rule in rules if rule.until >= today]
    return replace(
        report,
        verdicts=tuple(_judged_again(verdict, valid) for verdict in report.verdicts),
        known_until={**report.known_until, **_days(report, valid)},
        notes=(*report.notes, *_notes(report, rules, today)),
    )


def _days(report: Report, rules: Sequence[Rule]) -> dict[str, str]:
    """Return the last day of each finding that is known, by its fingerprint."""
    found = ((finding, _covering(finding, rules)) for finding in report.findings())
    return {
        finding.fingerprint: rule.until.isoformat() for finding, rule in found if rule is not None
    }


def _judged_again(verdict: Verdict, rules: Sequence[Rule]) -> Verdict:
    """Return a verdict without what is known; what it leaves open stays so."""
    pairs = [(finding, _reason(finding, rules)) for finding in verdict.findings]
    known = tuple((finding, reason) for finding, reason in pairs if reason is not None)
    if not known:
        return verdict
    left = tuple(finding for finding, reason in pairs if reason is None)
    return replace(
        verdict,
        findings=left,
        remark=verdict.remark if left else _KNOWN,
        suppressed=(*verdict.suppressed, *known),
    )


def _covering(finding: Finding, rules: Sequence[Rule]) -> Rule | None:
    return next((rule for rule in rules if rule.covers(finding)), None)


def _reason(finding: Finding, rules: Sequence[Rule]) -> str | None:
    rule = _covering(finding, rules)
    return None if rule is None else rule.reason


def _notes(report: Report, rules: Iterable[Rule], today: dt.date) -> Iterable[str]:
    """Yield what is to be done about the rules themselves."""
    findings = report.findings()
    over: dict[str, list[str]] = {}
    for rule in rules:
        found = any(rule.covers(finding) for finding in findings)
        if rule.until < today and found:
            said = (
                f"ended on {rule.until} and suppresses nothing any more; mend what was covered, or "
            )
            over.setdefault(f"{said}give a later day ({rule.reason})", []).append(rule.place)
        elif not found:
            said = f"nothing that was found is covered; take this out ({rule.reason})"
            over.setdefault(said, []).append(rule.place)
    for said, places in over.items():
        yield f"{_together(places)}: {said}"


def _together(places: list[str]) -> str:
    """Return places in one file, whose name is said once; of many the first ones."""
    file = places[0].rpartition(": ")[0]
    return some([places[0], *(place.removeprefix(f"{file}: ") for place in places[1:])])


# --- how they are written down --------------------------------------------------------------------


def read(path: Path) -> list[Rule]:
    """Read a file of known findings.

    Raises:
        ConfigError: It cannot be read, is no TOML, or a table does not fit.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        problem = error.strerror or str(error)
        raise _refused(path, "file", f"it cannot be read ({problem})", "Name another") from error
    except ValueError as error:  # UnicodeDecodeError and TOMLDecodeError, which names the line
        problem = f"it is no TOML ({error})"
        raise _refused(path, "file", problem, "Mend the line that is named") from error
    except RecursionError as error:
        raise _refused(path, "file", "it is nested too deeply", "Mend its brackets") from error
    for name in content:
        if name not in _FIELDS:
            raise _refused(path, name, "there is no such table", _nearest(name, _FIELDS))
    return [
        _rule(path, kind, number, table)
        for kind in _FIELDS
        for number, table in enumerate(_tables(path, kind, content.get(kind, [])))
    ]


def _tables(path: Path, kind: str, content: object) -> Sequence[Mapping[str, Any]]:
    if not isinstance(content, list) or not all(isinstance(table, dict) for table in content):
        raise _refused(path, kind, "it is no list of tables", f"Write [[{kind}]]")
    return content


def _rule(path: Path, kind: str, number: int, table: Mapping[str, Any]) -> Rule:
    place = f"{kind}[{number}]"
    for name in table:
        if name not in _FIELDS[kind]:
            fix = _nearest(name, _FIELDS[kind])
            raise _refused(path, f"{place}.{name}", "there is no such field", fix)
    texts = {name: _text(path, place, table, name) for name in _FIELDS[kind] if name != "until"}
    named = "fingerprint" if kind == "baseline" else "check"
    for name in (named, "reason"):
        if texts[name] is None:
            raise _refused(path, f"{place}.{name}", "it is missing", f'Write {name} = "..."')
    until = _until(path, place, table)
    place, reason = f"{path}: {place}", texts["reason"] or ""
    if kind == "baseline":
        return Rule(place=place, reason=reason, until=until, fingerprint=texts["fingerprint"])
    return Rule(
        place=place,
        reason=reason,
        until=until,
        check=texts["check"],
        cookie=texts["cookie"],
        path=texts["path"],
    )


def _text(path: Path, place: str, table: Mapping[str, Any], name: str) -> str | None:
    value = table.get(name)
    if value is None or (isinstance(value, str) and value.strip()):
        return value
    raise _refused(path, f"{place}.{name}", f"{value!r} is no text", f'Write {name} = "..."')


def _until(path: Path, place: str, table: Mapping[str, Any]) -> dt.date:
    value = table.get("until")
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    problem = "it is missing" if value is None else f"{value!r} is no day"
    fix = "Write the last day on which it holds, without quotes: until = 2030-12-31"
    raise _refused(path, f"{place}.until", problem, fix)


def _refused(path: Path, field: str, problem: str, fix: str) -> ConfigError:
    error = ConfigError(field, problem, fix)
    error.file = str(path)
    return error


def _nearest(name: str, names: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(names), 1)
    return f"Did you mean {near[0]!r}?" if near else f"There are {', '.join(names)}"


# --- a baseline from a report ---------------------------------------------------------------------


def baseline(report: Report, *, reason: str, until: dt.date) -> str:
    """Return the text of a file that makes every finding of a report a known one.

    Args:
        report: What an audit came to; what is known already is left out.
        reason: Why they are accepted for now.
        until: The last day on which they are.
    """
    found = {finding.fingerprint: finding for finding in report.findings()}
    note = (
        f"Findings of the cookie audit of {report.target} on {report.day}. They pass until their last "
        "day; new ones fail. Take out what has been mended."
    )
    head = "".join(f"{line}\n" for line in toml.comment(note))
    return "\n".join([head, *(_table(finding, reason, until) for finding in found.values())])


def _table(finding: Finding, reason: str, until: dt.date) -> str:
    fields: dict[str, toml.Value | None] = {
        "fingerprint": finding.fingerprint,
        "check": finding.check,
        "state": finding.state,
        "cookie": finding.cookie,
        "path": finding.path,
        "reason": reason,
        "until": until,
    }
    lines = [f"{name} = {toml.value(value)}" for name, value in fields.items() if value]
    said = "".join(f"{line}\n" for line in toml.comment(finding.said))
    return said + "\n".join(["[[baseline]]", *lines, ""])
