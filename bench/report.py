"""What was measured, as tables for the terminal and as docs/explanation/performance.md.

The page is rendered from the JSON beside it, so that a test can tell whether it is fresh.
May not enter: measuring, verdicts (`results`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.growth import Growth
from bench.results import REFERENCE_NO_OP_US, STEEPEST, TARGET_PEAK_KIB, Line, Report

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "explanation" / "performance.md"

_COOKIES = (
    "Splitting twenty cookies into raw segments and judging each by its exact name takes about half "
    "of it; the other half is what any head needs: an index, a copied scope, a merged `Vary`."
)
_SIGNATURE = (
    "itsdangerous verifies the signature, on purpose, and the choice in it is read. Visitors with the "
    "same answer on one day share one value, so a site meets few misses."
)
REASONS: dict[str, str] = {
    "a: no cookies, JSON, a browser's fetch with 15 headers": (
        "It is the same for every request: each header is looked at once, the scope is copied, and "
        "three small objects hold the exchange. The target leaves room for about half of that."
    ),
    "b1: undecided, 19 cookies, 12 stripped, banner": (
        "More than half of it is the page: finding the body by the states of a tokenizer, asking what "
        "the page's policy, encoding and validators allow, telling caches, and writing the banner are "
        "some sixty short calls. The target comes from a prototype that did without most of them."
    ),
    "b2: denied, 20 cookies, 12 stripped, memo hit": _COOKIES,
    "b2: denied, 20 cookies, 12 stripped, memo miss": _SIGNATURE,
    "c: granted, 20 cookies, all kept, memo hit": _COOKIES,
    "c: granted, 20 cookies, all kept, memo miss": _SIGNATURE,
    "e: websocket, denied, 20 cookies, 12 stripped, memo hit": _COOKIES,
}
"""Why a target does not hold, by the name of the case: written by hand."""


# --- tables ---------------------------------------------------------------------------------------

Row = tuple[str, ...]
_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a heading, for the terminal and for the page alike."""

    title: str
    about: str
    head: Row
    rows: list[Row]


_ABOUT = {
    "ASGI": (
        "Through the ASGI door",
        (
            "The installation is the one of eight lines, a secret and nothing else; cases b2 and c "
            "without the settings element have `settings_link=False`. A page is 10 kB of HTML. On a "
            "memo hit the same consent cookie comes every time; on a miss 4,096 different ones come in "
            "turn, and each is verified anew. The ratio compares whole requests, each with the "
            "making of the request and of the page in it: with us, and with a middleware that does "
            "nothing. A no-op is the cost of such a middleware alone; it is the unit of the targets."
        ),
    ),
    "WSGI": (
        "Through the WSGI door",
        "The same cases over a no-op WSGI middleware. The targets are the ASGI door's.",
    ),
    "peers": (
        "Other middlewares",
        (
            "What others cost in the same run, with the same 10 kB page. BaseHTTPMiddleware needs an "
            "event loop, so it is measured in one, over a no-op in one. The two lines about Django are "
            "over the same Django without the middleware, through its WSGI handler."
        ),
    ),
    "growth by cookies": (
        "Growth with the number of cookies",
        "Case b2 on a memo hit, without the settings element; a third of the cookies is kept.",
    ),
    "growth by rules": (
        "Growth with the number of declared rules",
        (
            "Case b2 with 20 cookies at a site that declares more and more, half of it globs. Names "
            "that are always new are not remembered from an earlier request."
        ),
    ),
}


def tables(report: Report) -> Iterator[Table]:
    """Yield everything that was measured."""
    for group, (title, about) in _ABOUT.items():
        lines = [line for line in report.lines if line.group == group]
        if lines:
            yield _cases_table(title, about, lines)
    if report.start_ups:
        yield Table(
            "Start-up",
            "Building the middleware, once per process, after the shipped catalogue has been read.",
            ("declared", "ms"),
            [(item.name, _number(item.ms)) for item in report.start_ups],
        )
    if report.hostile:
        yield _hostile_table(report.hostile)
    if report.peaks:
        yield Table(
            "Memory of a stream",
            "The most that Python allocates while a page streams through with the banner put in, "
            "beyond the one chunk that the application sends again and again.",
            ("case", "KiB", "target", "holds"),
            [
                (
                    item.name,
                    _number(item.kib),
                    f"{TARGET_PEAK_KIB}",
                    _yes(item.kib <= TARGET_PEAK_KIB),
                )
                for item in report.peaks
            ],
        )
    if report.imports:
        yield Table(
            "Import time",
            "Processor time in a fresh interpreter, beyond its own start.",
            ("statement", "ms"),
            [(f"`{item.name}`", _number(item.ms)) for item in report.imports],
        )
    if report.audits:
        yield Table(
            "Audits in process",
            "A site of 50 pages in all states of consent, requests and judgement together.",
            ("door", "page views", "seconds", "page views a second"),
            [
                (item.name, str(item.views), _number(item.seconds), f"{item.rate:,.0f}")
                for item in report.audits
            ],
        )


def _cases_table(title: str, about: str, lines: Sequence[Line]) -> Table:
    head: Row = ("case", "extra µs", "ratio to a no-op", "extra in no-ops")
    if all(line.target_us is None for line in lines):
        return Table(title, about, head, [_figures(line) for line in lines])
    rows = [(*_figures(line), _target(line), _yes(line.holds)) for line in lines]
    return Table(title, about, (*head, "target in no-ops (µs)", "holds"), rows)


def _figures(line: Line) -> Row:
    return line.name, _number(line.delta_us), _number(line.ratio), _number(line.no_ops)


def _target(line: Line) -> str:
    if line.target_us is None or line.target_no_ops is None:
        return ""
    return f"{_number(line.target_no_ops)} ({line.target_us:g})"


def _hostile_table(found: Sequence[Growth]) -> Table:
    sizes = [f"{octets:,} B" for octets in found[0].octets]
    rows = [
        (
            item.name,
            *(_number(cost) for cost in item.micros),
            f"{item.slope:.2f}",
            _yes(item.slope <= STEEPEST),
        )
        for item in found
    ]
    return Table(
        "Growth with hostile input",
        "Microseconds over a no-op for an undecided visitor's page as one header or the page itself "
        "grows. The exponent is that of the steepest step from one size to the next: 1 is linear, 2 is "
        f"quadratic, and up to {STEEPEST} counts as linear.",
        ("input", *sizes, "exponent", "linear"),
        rows,
    )


def _yes(holds: bool | None) -> str:  # noqa: FBT001 - one of three words
    return {True: "yes", False: "no", None: ""}[holds]


def _number(value: float) -> str:
    """Return a number with the digits that mean something."""
    digits = len(str(int(abs(value)))) if abs(value) >= 1 else 0
    return f"{value:,.{max(0, _DIGITS - digits)}f}"


def failures(report: Report) -> Iterator[str]:
    """Yield a sentence for everything that does not hold."""
    for line in report.lines:
        if line.holds is False:
            yield _failure(
                line.name,
                f"{_number(line.no_ops)} no-ops, target {_number(line.target_no_ops or 0)}",
            )
    for peak in report.peaks:
        if peak.kib > TARGET_PEAK_KIB:
            yield _failure(peak.name, f"{_number(peak.kib)} KiB, target {TARGET_PEAK_KIB}")
    for growth in report.hostile:
        if growth.slope > STEEPEST:
            yield _failure(growth.name, f"exponent {growth.slope:.2f}")


def _failure(name: str, text: str) -> str:
    reason = REASONS.get(name, "")
    return f"{name}: {text}." + (f" {reason}" if reason else "")


# --- the terminal and the page --------------------------------------------------------------------


def to_text(report: Report) -> str:
    """Return a report for the terminal."""
    parts = [_circumstances(report)]
    for table in tables(report):
        parts += ["", table.title, *_columns([table.head, *table.rows])]
    failed = list(failures(report))
    parts += ["", "Does not hold:", *failed] if failed else ["", "All targets hold."]
    return "\n".join(parts) + "\n"


def _columns(rows: Sequence[Row]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *others in rows:
        cells = (cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))
        yield "  ".join([first.ljust(widths[0]), *cells]).rstrip()


def _circumstances(report: Report) -> str:
    parts = [f"Measured on {report.written} with {report.python} on {report.machine}"]
    parts += [f"{name} {version}" for name, version in report.versions.items()]
    parts.append(f"medians of {report.rounds} rounds")
    parts += [
        f"{_number(cost)} µs for a no-op {door} middleware"
        for door, cost in report.no_op_us.items()
    ]
    return "; ".join(parts) + "."


_HEAD = """# Performance

<!-- Written by `make bench` from performance.json; do not edit. -->

Each figure is the extra time of one request over a middleware that does nothing, measured in one
process without a server: our cost, not a server's throughput. Cases take turns in short blocks, each
next to its own no-op, and a figure is the median of the differences (or ratios) of all rounds. Before
it is timed, each case is checked to do what its name says.
"""
_SCALE = f"""The targets are microseconds of a machine on which a no-op ASGI middleware cost
{REFERENCE_NO_OP_US} µs, so they say little about another one. Verdicts are therefore given in no-ops:
a target of 11 µs is {11 / REFERENCE_NO_OP_US:.1f} no-ops anywhere.
"""


def to_page(report: Report) -> str:
    """Return a report as the page of the documentation."""
    parts = [_HEAD, _SCALE, _circumstances(report), ""]
    for table in tables(report):
        parts += [f"## {table.title}", "", table.about, "", *_markdown(table), ""]
    failed = [f"- {text}" for text in failures(report)]
    parts += ["## What does not hold, and why", "", *(failed or ["Every target holds."]), ""]
    return "\n".join(parts)


def _markdown(table: Table) -> Iterator[str]:
    yield _cells(table.head)
    yield _cells(["---", *["---:"] * (len(table.head) - 1)])
    yield from map(_cells, table.rows)


def _cells(row: Sequence[str]) -> str:
    return "| " + " | ".join(row) + " |"
