"""The report as one page to read, print and file: no script, nothing loaded from elsewhere.

May not enter: how the page looks (`report.css`); a form, a link that does something.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from typing import Final

from cookieconsent.audit.check import Check, Finding
from cookieconsent.audit.report import CookieRow, Report, StateRow
from cookieconsent.audit.reports.escape import markup
from cookieconsent.audit.reports.groups import (
    Group,
    counted,
    gap_lines,
    groups,
    headline,
    known,
    lasting,
    outcomes,
    severities,
    some,
    states_of,
    tally,
    undeclared,
)
from cookieconsent.audit.severity import Severity
from cookieconsent.audit.sources import WEIGHTS, by_weight, work_of
from cookieconsent.audit.states import STATES

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_OUTCOMES: Final = {"pass": "passed", "violation": "failed", "unverified": "not verified"}
_MODES: Final = {
    "wsgi": "in process, WSGI",
    "asgi": "in process, ASGI",
    "url": "over HTTP, without scripts",
    "browser": "in a browser",
    "recorder": "recorded while tests ran",
}


def write(report: Report) -> str:
    """Return the page."""
    style = (files("cookieconsent.audit.reports") / "report.css").read_text(encoding="utf-8")
    return "".join(
        [
            "<!DOCTYPE html>\n",
            '<html lang="en">\n<head>\n<meta charset="utf-8">\n',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n',
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
            '<meta name="robots" content="noindex">\n',
            f"<title>Cookie audit of {markup(report.target)}, {markup(report.day)}</title>\n",
            f"<style>\n{style}</style>\n</head>\n<body>\n<main>\n",
            *_sections(report),
            "</main>\n</body>\n</html>\n",
        ]
    )


def _sections(report: Report) -> Iterator[str]:
    yield _head(report)
    yield _section("findings", "Findings", _findings(report))
    yield _section("cookies", "Cookies in each state", _timeline(report))
    if known(report) or report.notes:
        yield _section("known", "Known findings", _known(report))
    yield _section("gaps", "What was not looked at", _gaps(report))
    yield _section("checks", "What was asked", _checks(report))
    if report.pictures:
        yield _section("pictures", "Pictures", "".join(_pictures(report)))
    yield _section("pages", "Pages and states looked at", _pages(report))
    yield (
        f"<footer><p>Written by cookieconsent {markup(report.version)}. Values of cookies are not in "
        "this report: a line shows how many octets a value has and the beginning of its SHA-256. An "
        "audit shows what was met on these pages in these states, and is no legal advice.</p>"
        "</footer>\n"
    )


def _section(name: str, title: str, inside: str) -> str:
    return f'<section aria-labelledby="{name}">\n<h2 id="{name}">{title}</h2>\n{inside}</section>\n'


# --- what it came to ------------------------------------------------------------------------------


def _head(report: Report) -> str:
    declaration = report.declaration or undeclared(report) or ""
    facts = {
        "Audited": f"<code>{markup(report.target)}</code>",
        "On": markup(report.day),
        "How": markup(_MODES[report.mode]),
        "Accept-Language": markup(report.language or ""),
        "Declaration": markup(declaration),
    }
    counts = "".join(
        f'<li class="{name if number else "zero"}">{number} {name}</li>'
        for name, number in severities(report).items()
    )
    return (
        f"<header>\n<h1>Cookie audit</h1>\n{_facts(facts)}"
        f'<div class="verdict {_tone(report)}">\n'
        f'<p class="headline">{markup(headline(report))}</p>\n<p>{markup(tally(report))}</p>\n'
        f'<ul class="counts" aria-label="Findings by severity">{counts}</ul>\n</div>\n</header>\n'
    )


def _tone(report: Report) -> str:
    if report.findings():
        return report.findings()[0].severity
    is_whole = report.verdicts and not outcomes(report)["unverified"]
    return "pass" if is_whole else "unverified"


def _facts(facts: dict[str, str]) -> str:
    inside = "".join(f"<dt>{name}</dt><dd>{fact}</dd>\n" for name, fact in facts.items() if fact)
    return f"<dl>\n{inside}</dl>\n"


# --- findings -------------------------------------------------------------------------------------


def _findings(report: Report) -> str:
    found = groups(report)
    return "".join(_group(group, report) for group in found) if found else "<p>None.</p>\n"


def _group(group: Group, report: Report) -> str:
    check, first = group.check, group.first
    first_said, *sayings = group.sayings[:5]
    facts = {
        "Rule": f"{markup(check.title)}. {markup(check.why)}",
        "States": markup(states_of(group, report)),
        "Pages": _some_code(group.paths),
        "Fix": markup(check.fix),
        **_sources(check),
    }
    return (
        f'<article class="finding {group.severity}">\n'
        f'<h3><span class="tag">{group.severity}</span>{markup(check.id)}: '
        f"{markup(first_said)}</h3>\n"
        f"{''.join(f'<p>{markup(said)}.</p>' for said in sayings)}\n"
        f"{_facts(facts)}{_evidence(first)}</article>\n"
    )


def _evidence(finding: Finding) -> str:
    """Return the evidence, open so that it is printed too."""
    chain = "".join(f"<li>{markup(step)}</li>" for step in finding.chain)
    facts = {
        "Request": _code(finding.request),
        "Line": _code(finding.line),
        "Set by": markup(finding.setter or ""),
        "Class": f'<ol class="chain">{chain}</ol>' if chain else "",
    }
    if not any(facts.values()):
        return ""
    return f"<details open><summary>Evidence</summary>\n{_facts(facts)}</details>\n"


def _code(text: str | None) -> str:
    return f"<code>{markup(text)}</code>" if text else ""


def _some_code(names: list[str], shown: int = 5) -> str:
    more = len(names) - shown
    listed = ", ".join(map(_code, names[:shown]))
    return listed + (f" and {more} more" if more > 0 else "")


def _sources(check: Check) -> dict[str, str]:
    """Return what a rule rests on, law and guidance apart."""
    return {
        WEIGHTS[weight]: "".join(f"<p>{_source(source)}</p>" for source in sources)
        for weight, sources in by_weight(check.sources).items()
    }


def _source(source: str) -> str:
    place = work_of(source).address
    return markup(source) if place is None else f'<a href="{markup(place)}">{markup(source)}</a>'


# --- cookies --------------------------------------------------------------------------------------


def _timeline(report: Report) -> str:
    if not report.cookies:
        return "<p>No cookie was set in any state that was looked at.</p>\n"
    heads = "".join(
        f'<th scope="col" class="mark"><span>{markup(row.name)}</span></th>'
        for row in report.states
    )
    blame = _blame(report)
    rows = "".join(_row(row, report, blame) for row in report.cookies)
    return (
        "<p>● it was set; ▲ it was set, and there is a finding about it in that state. With ?, or ? "
        "alone: the state was not looked at in whole.</p>\n"
        f'{_scroll("Cookies in each state")}<table class="timeline">\n<thead><tr>'
        f'<th scope="col">Cookie</th>{heads}</tr></thead>\n<tbody>\n{rows}</tbody></table></div>\n'
    )


def _scroll(label: str) -> str:
    """Open a box that scrolls where the window is narrow, by keys too."""
    return f'<div class="scroll" role="group" aria-label="{label}" tabindex="0">'


_Blame = Mapping[tuple[str | None, str], Severity]
"""By cookie and state, how bad the worst finding is."""


def _blame(report: Report) -> _Blame:
    worst_last = reversed(report.findings())
    return {(finding.cookie, finding.state): finding.severity for finding in worst_last}


def _row(row: CookieRow, report: Report, blame: _Blame) -> str:
    facts = [
        row.kind,
        row.cls or "unknown",
        row.vendor,
        "needs a yes" if row.needs_consent else "needs no yes",
        f"set by {row.setter}",
        lasting(row.lifetime),
    ]
    cells = "".join(_mark(row, state, blame.get((row.name, state.name))) for state in report.states)
    return (
        f'<tr><th scope="row"><code>{markup(row.name or "(no name)")}</code>'
        f"<small>{markup(', '.join(fact for fact in facts if fact))}</small></th>{cells}</tr>\n"
    )


def _mark(row: CookieRow, state: StateRow, severity: Severity | None) -> str:
    """Return a cell. That a cookie was met is a fact: no mark says that all is well."""
    path = row.states.get(state.name)
    left = state.unverified is not None
    if path is None and severity is None:
        return _cell("unverified", "?", "not verified") if left else _cell("", "", "")
    told = "not set" if path is None else f"set, first on {path}"
    if severity is not None:
        return _cell(severity, "▲", f"{told}; {severity} finding")
    if left:
        return _cell("unverified", "●?", f"{told}; state not verified")
    return _cell("met", "●", told)


def _cell(tone: str, mark: str, told: str) -> str:
    if not mark:
        return '<td class="mark"></td>'
    return (
        f'<td class="mark {tone}" title="{markup(told)}"><b aria-hidden="true">{mark}</b>'
        f'<span class="said">{markup(told)}</span></td>'
    )


# --- the rest -------------------------------------------------------------------------------------


def _known(report: Report) -> str:
    lines = [
        f"{found.check} in {found.state}: {found.said} ({reason})"
        for found, reason in known(report)
    ]
    return _listed([*lines, *report.notes])


def _gaps(report: Report) -> str:
    lines = gap_lines(report, 20)
    return _listed(lines) if lines else "<p>Nothing of what the audit knew of.</p>\n"


def _listed(lines: Iterable[str]) -> str:
    return f'<ul class="gaps">{"".join(f"<li>{markup(line)}</li>" for line in lines)}</ul>\n'


def _checks(report: Report) -> str:
    rows = "".join(_check(report, check) for check in report.checks)
    return (
        f'{_scroll("What was asked")}<table>\n<thead><tr><th scope="col">Check</th>'
        '<th scope="col">Rule</th><th scope="col">Came to</th></tr></thead>\n'
        f"<tbody>\n{rows}</tbody></table></div>\n"
    )


def _check(report: Report, check: Check) -> str:
    states: dict[str, list[str]] = {outcome: [] for outcome in ("violation", "unverified", "pass")}
    for verdict in report.verdicts:
        if verdict.check == check.id:
            states[verdict.outcome].append(verdict.state)
    came = "<br>".join(
        f'<span class="tag {outcome}">{_OUTCOMES[outcome]}</span> {markup(some(names, 20))}'
        for outcome, names in states.items()
        if names
    )
    return (
        f'<tr><th scope="row">{markup(check.id)}</th><td>{markup(check.title)}</td>'
        f"<td>{came or 'not asked'}</td></tr>\n"
    )


def _pictures(report: Report) -> Iterator[str]:
    for name, data in report.pictures.items():
        source = "data:image/png;base64," + b64encode(data).decode("ascii")
        yield (
            f'<figure><img src="{source}" alt="Screenshot: {markup(name)}">'
            f"<figcaption>{markup(name)}</figcaption></figure>\n"
        )


def _pages(report: Report) -> str:
    about = {state.name: state.about for state in STATES}
    states = [
        f"{row.name}, the visitor {about.get(row.name.partition(':')[0], 'of a test')}: "
        + counted(row.pages, "answer")
        + (f", not verified: {row.unverified}" if row.unverified else "")
        for row in report.states
    ]
    pages = ", ".join(map(_code, report.pages))
    return f"<p>{pages or 'None.'}</p>\n{_listed(states)}"
