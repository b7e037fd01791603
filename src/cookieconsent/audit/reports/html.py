"""The report as one page to read, print and file: no script, nothing loaded from elsewhere.

May not enter: how the page looks (`report.css`); a form, a link that does something.
"""

from __future__ import annotations

from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from typing import Final, get_args

from cookieconsent.audit.check import FAMILIES, Check
from cookieconsent.audit.gaps import NOUNS, gaps, overlooked
from cookieconsent.audit.report import CookieRow, Gap, Report, StateRow
from cookieconsent.audit.reports.escape import markup
from cookieconsent.audit.reports.groups import (
    Breach,
    Group,
    breaches,
    everywhere,
    known,
    known_lines,
)
from cookieconsent.audit.reports.legend import declared
from cookieconsent.audit.reports.summary import (
    Came,
    came_to,
    headline,
    outcomes,
    severities,
    tally,
    undeclared,
)
from cookieconsent.audit.severity import SEVERITIES, Severity
from cookieconsent.audit.sources import WEIGHTS, by_weight, work_of
from cookieconsent.audit.states import STATES
from cookieconsent.audit.wording import SHOWN, counted, lasting_of, reasons, some

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_TONES: Final[dict[Came, str]] = {
    "failed": "violation",
    "noted": "info",
    "not verified": "unverified",
    "passed": "pass",
}
_SIGNS: Final[dict[Came, str]] = {
    "failed": "\N{MULTIPLICATION X}",
    "noted": "i",
    "not verified": "?",
    "passed": "\N{CHECK MARK}",
}
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
    parts = list(_parts(report))
    links = "".join(f'<li><a href="#{name}">{title}</a></li>\n' for name, title, _ in parts)
    yield f'<nav aria-label="Contents">\n<ul>\n{links}</ul>\n</nav>\n'
    for name, title, inside in parts:
        yield _section(name, title, inside)
    yield (
        f"<footer><p>Written by cookieconsent {markup(report.version)}. Values of cookies are not in "
        "this report: a line shows how many octets a value has, and the first digits of its SHA-256 "
        "where nobody could guess from them. An audit shows what was met on "
        "these pages in these states, and is no legal advice.</p>"
        "</footer>\n"
    )


def _parts(report: Report) -> Iterator[tuple[str, str, str]]:
    """Yield the name, the title and the inside of each section."""
    yield "findings", "Findings", _findings(report)
    yield "cookies", "Cookies in each state", _timeline(report)
    if known(report) or report.notes:
        yield "known", "Known findings", _known(report)
    yield "gaps", "What was not looked at", _gaps(report)
    yield "states", "States and pages that were looked at", _states(report)
    yield "checks", "What was asked", _checks(report)
    if report.pictures:
        yield "pictures", "Pictures", _pictures(report)


def _section(name: str, title: str, inside: str) -> str:
    return f'<section aria-labelledby="{name}">\n<h2 id="{name}">{title}</h2>\n{inside}</section>\n'


# --- what it came to ------------------------------------------------------------------------------


def _head(report: Report) -> str:
    declaration = declared(report) or undeclared(report) or ""
    facts = {
        "Audited": _code(report.target),
        "On": markup(report.day),
        "How": markup(_MODES[report.mode]),
        "Accept-Language": markup(report.language or ""),
        "Declaration": markup(declaration),
    }
    return f"<header>\n<h1>Cookie audit</h1>\n{_facts(facts)}{_answer(report)}</header>\n"


def _answer(report: Report) -> str:
    """Return the answer, and beside a violation what was not looked at in a box of its own."""
    tone, sign, words = _verdict(report)
    told = (
        f'<p class="word">{_sign(sign)}{words}</p>\n<p>{markup(headline(report))}</p>\n'
        f"{_severities(report)}{_bar(report)}<p>{markup(tally(report))}</p>\n"
    )
    left = _overlooked(report)
    if tone == "unverified":
        return _box("unverified open", told + left)
    word = f'<p class="word">{_sign("?")}Not verified</p>\n'
    return _box(tone, told) + (_box("unverified open", word + left) if left else "")


def _box(tone: str, inside: str) -> str:
    return f'<div class="verdict {tone}">\n{inside}</div>\n'


def _verdict(report: Report) -> tuple[str, str, str]:
    """Return a tone, a sign and the answer in a few words; nothing left open is called a pass."""
    worst = min((found.severity for found in breaches(report)), key=SEVERITIES.index, default=None)
    if worst not in {None, "info"}:
        return str(worst), "\N{MULTIPLICATION X}", "Violations found"
    if not report.verdicts:
        return "unverified", "?", "Nothing was asked"
    if 2 * (left := outcomes(report)["unverified"]) > len(report.verdicts):
        return "unverified", "?", "Not verified: most questions were left open"
    if left or overlooked(report) is not None:
        return "unverified", "?", "No violation met, but not all was looked at"
    if known(report):
        return "info", "i", "Nothing but known findings"
    return "pass", "\N{CHECK MARK}", "Passed"


def _sign(sign: str) -> str:
    return f'<b aria-hidden="true">{sign}</b> '


def _severities(report: Report) -> str:
    found = {name: number for name, number in severities(report).items() if number}
    if not found:
        return ""
    counts = "".join(
        f'<li class="tag {name}">{number} {name}</li>\n' for name, number in found.items()
    )
    return f'<ul class="counts" aria-label="Findings by severity">\n{counts}</ul>\n'


def _bar(report: Report) -> str:
    """Return how the questions were answered, as a bar for those who see; the tally says it too."""
    came = Counter(map(came_to, report.verdicts))
    parts, start = [], 0
    for name in get_args(Came):
        parts.append(f'<rect class="{_TONES[name]}" x="{start}" width="{came[name]}" height="1"/>')
        start += came[name]
    return (
        f'<svg class="bar" viewBox="0 0 {start} 1" preserveAspectRatio="none" aria-hidden="true">'
        f"{''.join(parts)}</svg>\n"
        if start
        else ""
    )


def _overlooked(report: Report) -> str:
    left = overlooked(report)
    if left is None:
        return ""
    return (
        f"<p>{markup(left)} It may be clean or not: this report does not say.</p>\n"
        '<p><a href="#gaps">What was not looked at, and why</a></p>\n'
    )


def _facts(facts: dict[str, str]) -> str:
    inside = "".join(f"<dt>{name}</dt><dd>{fact}</dd>\n" for name, fact in facts.items() if fact)
    return f"<dl>\n{inside}</dl>\n" if inside else ""


# --- findings -------------------------------------------------------------------------------------


def _findings(report: Report) -> str:
    found = breaches(report)
    return "".join(_breach(breach, report) for breach in found) if found else "<p>None.</p>\n"


def _breach(breach: Breach, report: Report) -> str:
    check = breach.check
    facts = {
        "Rule": f"{markup(check.title)}. {markup(check.why)}",
        "Fix": f"<strong>{markup(check.fix)}</strong>",
        **_sources(check),
    }
    cases = "".join(_case(group, report, breach.said) for group in breach.groups)
    return (
        f'<article class="finding {breach.severity}">\n'
        f'<h3><span class="tag">{breach.severity}</span>{markup(check.id)}: '
        f"{markup(breach.said)}</h3>\n{_facts(facts)}"
        f"<details open><summary>Evidence</summary>\n<ul>\n{cases}</ul>\n</details>\n</article>\n"
    )


def _case(group: Group, report: Report, heading: str) -> str:
    """Return the evidence about one cookie, open so that it is printed too."""
    first = group.first
    steps = "".join(f"<li>{markup(step)}</li>" for step in reasons(first.chain))
    facts = {
        "States": _codes(group.states, report),
        "Pages": _some_code(group.paths),
        "Request": _code(first.request),
        "Line": _code(first.line),
        "Set by": markup(first.setter or ""),
        "Class": f"<ul>{steps}</ul>" if steps else "",
    }
    said = "".join(f"<p>{markup(said)}</p>\n" for said in group.sayings[:5] if said != heading)
    return f"<li>{said}{_facts(facts)}</li>\n"


def _codes(states: list[str], report: Report) -> str:
    return everywhere(states, report) or ", ".join(map(_code, states))


def _code(text: str | None) -> str:
    return f"<code>{markup(text)}</code>" if text else ""


def _some_code(names: list[str], shown: int = SHOWN) -> str:
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


# --- tables ---------------------------------------------------------------------------------------


def _table(name: str, label: str, head: Iterable[str], body: str) -> str:
    """Return a table in a box that scrolls, by keys too; narrow windows see a card for each row.

    Cards have other boxes than a table's, and some browsers then forget that it is one: so roles.
    """
    return (
        f'<div class="scroll" role="group" aria-label="{label}" tabindex="0">\n'
        f'<table class="{name}" role="table">\n<thead role="rowgroup"><tr role="row">'
        f"{''.join(head)}</tr></thead>\n{body}</table></div>\n"
    )


def _column(title: str, name: str = "") -> str:
    kind = f' class="{name}"' if name else ""
    return f'<th scope="col" role="columnheader"{kind}>{title}</th>'


def _body(rows: Iterable[str]) -> str:
    return f'<tbody role="rowgroup">\n{"".join(rows)}</tbody>\n'


def _tr(first: str, cells: Iterable[str]) -> str:
    return f'<tr role="row"><th scope="row" role="rowheader">{first}</th>{"".join(cells)}</tr>\n'


def _td(inside: str) -> str:
    return f'<td role="cell">{inside}</td>'


# --- cookies --------------------------------------------------------------------------------------


_LEGEND: Final = (
    ("met", "\N{BLACK CIRCLE}", "it was set"),
    ("critical", "\N{BLACK UP-POINTING TRIANGLE}", "there is a finding about it"),
    ("info", "i", "there is something to know about it"),
    ("unverified", "?", "the state was not looked at in whole"),
    ("absent", "\N{EN DASH}", "it was not set"),
)


def _timeline(report: Report) -> str:
    if not report.cookies:
        left = sum(row.unverified is not None for row in report.states)
        but = f", but {left} of {counted(len(report.states), 'state')} not in whole" if left else ""
        return f"<p>No cookie was set in any state that was looked at{but}.</p>\n"
    legend = "".join(
        f'<li><b class="mark {tone}">{sign}</b> {words}</li>\n' for tone, sign, words in _LEGEND
    )
    head = [
        _column("Cookie"),
        *(_column(f"<span>{_breaking(row.name)}</span>", "mark") for row in report.states),
    ]
    blame = _blame(report)
    rows = (_row(row, report, blame) for row in report.cookies)
    table = _table("timeline", "Cookies in each state", head, _body(rows))
    return f'<ul class="legend" aria-label="Signs">\n{legend}</ul>\n{table}'


def _breaking(state: str) -> str:
    """Return the name of a state, which may break before its class."""
    return markup(state).replace(":", ":<wbr>", 1)


_Blame = Mapping[tuple[str | None, str], Severity]
"""By cookie and state, how bad the worst finding is."""


def _blame(report: Report) -> _Blame:
    worst_last = reversed(report.findings())
    return {(finding.cookie, finding.state): finding.severity for finding in worst_last}


def _row(row: CookieRow, report: Report, blame: _Blame) -> str:
    asked = f"{row.cls or 'unknown'}, {'needs a yes' if row.needs_consent else 'needs no yes'}"
    facts = [
        row.kind if row.kind != "cookie" else None,
        row.vendor,
        f"set by {row.setter}",
        f"lasts: {lasting_of(row)}",
    ]
    first = (
        f"<code>{markup(row.name or '(no name)')}</code><small>{markup(asked)}</small>"
        f"<small>{markup('; '.join(fact for fact in facts if fact))}</small>"
    )
    return _tr(
        first,
        (_mark(row, state, blame.get((row.name, state.name))) for state in report.states),
    )


def _mark(row: CookieRow, state: StateRow, severity: Severity | None) -> str:
    """Return a cell. That a cookie was met is a fact: no mark says that all is well."""
    path = row.states.get(state.name)
    left = state.unverified is not None
    told = ["not set" if path is None else f"set, first on {path}"]
    tone, sign = ("absent", "\N{EN DASH}") if path is None else ("met", "\N{BLACK CIRCLE}")
    if severity is not None:
        told.append(f"{severity} finding")
        tone = severity
        sign = "i" if severity == "info" else "\N{BLACK UP-POINTING TRIANGLE}"
    if left:
        told = ["not seen" if path is None else told[0], *told[1:], "state not verified"]
        tone = "unverified" if severity is None else f"{tone} left"
        sign = "?" if path is None and severity is None else f"{sign}?"
    return _cell(state.name, tone, sign, "; ".join(told))


def _cell(state: str, tone: str, sign: str, told: str) -> str:
    return (
        f'<td role="cell" class="mark {tone}" data-state="{markup(state)}" title="{markup(told)}">'
        f'<b aria-hidden="true">{sign}</b><span class="said">{markup(told)}</span></td>'
    )


# --- the rest -------------------------------------------------------------------------------------


def _known(report: Report) -> str:
    return _listed([*known_lines(report), *report.notes])


def _listed(lines: Iterable[str]) -> str:
    return f'<ul class="lines">{"".join(f"<li>{markup(line)}</li>" for line in lines)}</ul>\n'


_KINDS: Final = ("mode", "state", "page", "check", "answer")
"""In the order of the table."""


def _gaps(report: Report) -> str:
    found = gaps(report)
    if not found:
        return "<p>Nothing of what the audit knew of.</p>\n"
    rows = (
        _tr(NOUNS[gap.what], (_td(_some_names(gap)), _td(markup(gap.why))))
        for kind in _KINDS
        for gap in found
        if gap.what == kind
    )
    head = map(_column, ("What", "Which", "Why"))
    told = "<p>Of all this the report says neither that it is clean nor that it is not.</p>\n"
    return told + _table("gaps cards", "What was not looked at", head, _body(rows))


def _some_names(gap: Gap) -> str:
    if gap.what in {"mode", "check"}:
        return markup(some(gap.names, 20))
    return _some_code(list(gap.names), 20)


def _states(report: Report) -> str:
    about = {state.name: state.about for state in STATES}
    rows = (
        _state(row, about.get(row.name.partition(":")[0], "of a test")) for row in report.states
    )
    head = map(_column, ("State", "The visitor", "Answers", "Looked at"))
    pages = ", ".join(map(_code, report.pages)) or "none"
    table = _table("cards", "States", head, _body(rows)) if report.states else ""
    return f"<p>Pages: {pages}.</p>\n{table}"


def _state(row: StateRow, about: str) -> str:
    whole = _tag("passed", "in whole")
    left = f"{_tag('not verified', 'not in whole')} {markup(row.unverified or '')}"
    return _tr(
        _code(row.name),
        (_td(markup(about)), _td(str(row.pages)), _td(whole if row.unverified is None else left)),
    )


def _tag(came: Came, words: str = "") -> str:
    """Return what a question came to: a sign, a shape and a word, for colours alone tell nothing."""
    return f'<span class="tag {_TONES[came]}">{_sign(_SIGNS[came])}{words or came}</span>'


def _checks(report: Report) -> str:
    bodies = []
    for family in FAMILIES:
        checks = [check for check in report.checks if check.family == family]
        if checks:
            title = (
                '<tr role="row"><th scope="rowgroup" role="rowheader" colspan="3" class="family">'
                f"{family.upper() if family == 'http' else family.title()}</th></tr>\n"
            )
            bodies.append(_body([title, *(_check(report, check) for check in checks)]))
    head = map(_column, ("Check", "Rule", "Came to"))
    return _table("cards", "What was asked", head, "".join(bodies))


def _check(report: Report, check: Check) -> str:
    states: dict[Came, list[str]] = {came: [] for came in get_args(Came)}
    for verdict in report.verdicts:
        if verdict.check == check.id:
            states[came_to(verdict)].append(verdict.state)
    came = "<br>".join(
        f"{_tag(came)} in {_codes(names, report)}" for came, names in states.items() if names
    )
    return _tr(markup(check.id), (_td(markup(check.title)), _td(came or "not asked")))


def _pictures(report: Report) -> str:
    """Return the pictures, small; a link to one of them makes it large (`:target`)."""
    figures = "".join(
        _figure(number, name, data)
        for number, (name, data) in enumerate(report.pictures.items(), 1)
    )
    return f'<div class="pictures">\n{figures}</div>\n'


def _figure(number: int, name: str, data: bytes) -> str:
    source = "data:image/png;base64," + b64encode(data).decode("ascii")
    return (
        f'<figure id="picture-{number}">\n<img src="{source}" alt="Screenshot: {markup(name)}">\n'
        f"<figcaption>{number}. {markup(name)}<br>\n"
        f'<a class="larger" href="#picture-{number}">Full size of picture {number}</a>'
        f'<a class="smaller" href="#pictures">All pictures, small</a></figcaption>\n</figure>\n'
    )
