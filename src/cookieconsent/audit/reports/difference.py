"""What changed between two audits, for a terminal, for a comment on a pull request, and for programs.

May not enter: comparing (`difference`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from cookieconsent.audit.difference import Change, Difference
from cookieconsent.audit.report import SCHEMA
from cookieconsent.audit.reports.escape import code, prose, terminal
from cookieconsent.audit.snapshot import Cookie, Found, Snapshot
from cookieconsent.audit.wording import counted, some

_ROWS: Final = 50


def headline(difference: Difference) -> str:
    """Return what changed, in a sentence."""
    if difference.is_empty:
        left = f", but {counted(len(difference.unclear), 'thing')} could not be told"
        return f"Nothing changed{left if difference.unclear else ''}."
    new, gone = (_alike(each) for each in (difference.new_findings, difference.gone_findings))
    return (
        f"{counted(len(new), 'new finding')}, {len(gone)} gone; "
        f"{counted(len(difference.new_cookies), 'new cookie')}, {len(difference.gone_cookies)} gone, "
        f"{counted(len(difference.changes), 'change')}."
    )


def text(difference: Difference) -> str:
    """Return the difference for a terminal, in ASCII."""
    before, after = difference.before, difference.after
    ends = f"{before.target} ({before.day}) to {after.target} ({after.day})"
    lines = [headline(difference), ends]
    for title, sentences in _told(difference):
        lines += ["", title, *(f"  {sentence}" for sentence in sentences)]
    return "\n".join(map(terminal, lines)) + "\n"


def markdown(difference: Difference) -> str:
    """Return the difference for a comment on a pull request."""
    before, after = difference.before, difference.after
    ends = (
        f"{code(before.target)} ({prose(before.day)}) to {code(after.target)} ({prose(after.day)})"
    )
    parts = ["### Cookie audit: what changed", f"**{prose(headline(difference))}** {ends}"]
    for title, sentences in _told(difference):
        more = len(sentences) - _ROWS
        rows = [f"- {prose(sentence)}" for sentence in sentences[:_ROWS]]
        rows += [f"- and {more} more"] if more > 0 else []
        parts.append(f"#### {title}\n\n" + "\n".join(rows))
    return "\n\n".join(parts) + "\n"


def _told(difference: Difference) -> Iterator[tuple[str, list[str]]]:
    """Yield each kind of change that there is, in sentences."""
    kinds = (
        ("New findings", [*map(_finding, _alike(difference.new_findings))]),
        ("Findings that are gone", [*map(_finding, _alike(difference.gone_findings))]),
        ("New cookies", [*map(_told_cookie, difference.new_cookies)]),
        ("Cookies that are gone", [*map(_told_cookie, difference.gone_cookies)]),
        ("Cookies that changed", [*map(_change, difference.changes)]),
        ("Cannot be told", list(difference.unclear)),
    )
    return ((title, sentences) for title, sentences in kinds if sentences)


def _alike(findings: Iterable[Found]) -> list[list[Found]]:
    """Return the findings that say the same of several states and pages together, as reports do."""
    gathered: dict[tuple[str, str, str, bool], list[Found]] = {}
    for found in findings:
        key = (found.severity, found.check, found.said, found.known)
        gathered.setdefault(key, []).append(found)
    return [*gathered.values()]


def _finding(alike: Sequence[Found]) -> str:
    found = alike[0]
    states = some(dict.fromkeys(each.state for each in alike))
    paths = dict.fromkeys(each.path for each in alike if each.path)
    place = f" on {some(paths)}" if paths else ""
    known = ", known" if found.known else ""
    return f"{found.severity} {found.check} in {states}{place}: {found.said}{known}"


def _told_cookie(cookie: Cookie) -> str:
    kind = "" if cookie.kind == "cookie" else f" ({cookie.kind})"
    facts = ", ".join(f"{name} {fact}" for name, fact in cookie.facts.items() if fact)
    return f"{cookie.name}{kind}: {facts}; in {some(cookie.states)}"


def _change(change: Change) -> str:
    if change.fact == "states":
        return f"{change.cookie}: was set in {change.before}; is set in {change.after}"
    before, after = change.before or "none", change.after or "none"
    return f"{change.cookie}: {change.fact} was {before}, is {after}"


def as_json(difference: Difference) -> str:
    """Return the difference for programs, as JSON in ASCII."""
    document = {
        "schema_version": f"cookieconsent-audit-difference/{SCHEMA}",
        "before": _end(difference.before),
        "after": _end(difference.after),
        "new_cookies": [*map(_cookie_document, difference.new_cookies)],
        "gone_cookies": [*map(_cookie_document, difference.gone_cookies)],
        "changes": [
            {
                "cookie": change.cookie,
                "kind": change.kind,
                "fact": change.fact,
                "before": change.before,
                "after": change.after,
            }
            for change in difference.changes
        ],
        "new_findings": [*map(_found_document, difference.new_findings)],
        "gone_findings": [*map(_found_document, difference.gone_findings)],
        "unclear": list(difference.unclear),
    }
    return json.dumps(document, indent=2) + "\n"


def _end(end: Snapshot) -> dict[str, str]:
    return {"target": end.target, "day": end.day}


def _cookie_document(cookie: Cookie) -> dict[str, Any]:
    return {
        "name": cookie.name,
        "kind": cookie.kind,
        "facts": dict(cookie.facts),
        "states": list(cookie.states),
    }


def _found_document(found: Found) -> dict[str, Any]:
    return {
        "fingerprint": found.fingerprint,
        "check": found.check,
        "state": found.state,
        "severity": found.severity,
        "said": found.said,
        "path": found.path,
        "known": found.known,
    }
