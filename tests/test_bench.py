"""The benchmark: its statistics, its verdicts, its page, and that every case does what it says.

Nothing here judges a time.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from bench import asgi, cases, growth, report, results
from bench.growth import Growth
from bench.imports import Import
from bench.memory import Peak
from bench.outcomes import Answer, Outcome, UnexpectedOutcomeError, check
from bench.requests import EXEMPT, UNDECLARED, Request, cookie_header, denied, granted
from bench.sites import HTML, PLAIN
from bench.timing import Sample, figures, slope
from cookieconsent.middleware.asgi import CookieConsentMiddleware

ROOT = Path(__file__).resolve().parents[1]

LINE = results.Line(
    group="ASGI", name="a", delta_us=1.0, ratio=2.0, no_ops=2.0, unit_us=0.5, target_us=1.5
)
REPORT = results.Report(
    written="2026-11-25",
    python="CPython 3.13.0",
    machine="Linux x86_64",
    versions={"starlette": "1.0"},
    rounds=21,
    lines=[LINE, replace(LINE, name="b", no_ops=9.0), replace(LINE, name="c", target_us=None)],
    hostile=[Growth(name="quotes", octets=(1000, 10_000), micros=(1.0, 100.0), slope=2.0)],
    peaks=[Peak(name="stream", kib=300.0)],
    imports=[Import(name="import json", ms=1.25)],
)


# --- statistics -----------------------------------------------------------------------------------


def test_figures_are_medians_of_pairs() -> None:
    """One slow round moves nothing, even where it is slow on one side only."""
    rounds = [Sample(3e-6, 1e-6, 1e-6), Sample(6e-6, 2e-6, 2e-6), Sample(99e-6, 1e-6, 1e-6)]
    found = figures(rounds)
    assert found.delta_us == pytest.approx(4)
    assert found.ratio == pytest.approx(3)
    assert found.no_ops == pytest.approx(2)
    assert found.unit_us == pytest.approx(1)


def test_parts_divide_the_difference() -> None:
    found = figures([Sample(11e-6, 1e-6, 1e-6)], parts=10)
    assert found.delta_us == pytest.approx(1)
    assert found.no_ops == pytest.approx(1)
    assert found.ratio == pytest.approx(11)


@pytest.mark.parametrize(
    ("costs", "expected"),
    [
        ((5, 5, 5), 0),
        ((1, 10, 100), 1),
        ((1, 100, 10_000), 2),
        ((1, 1, 100), 2),
        ((1, 100, 100), 2),
    ],
    ids=["flat", "linear", "quadratic", "late", "early"],
)
def test_slope_is_the_steepest_step(costs: tuple[float, ...], expected: float) -> None:
    assert slope((10, 100, 1000), costs) == pytest.approx(expected)


# --- verdicts -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("no_ops", "target_us", "holds"),
    [(1.9, 1.24, True), (2.1, 1.24, False), (100.0, None, None)],
    ids=["within", "beyond", "no target"],
)
def test_verdict_is_given_in_no_ops(
    no_ops: float, target_us: float | None, holds: bool | None
) -> None:
    """A target of 1.24 us is two no-ops of 0.62 us, whatever a no-op costs here."""
    assert replace(LINE, no_ops=no_ops, target_us=target_us).holds is holds


def test_everything_that_fails_is_named() -> None:
    named = [text.partition(":")[0] for text in report.failures(REPORT)]
    assert named == ["b", "stream", "quotes"]


def test_reason_stands_beside_its_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(report.REASONS, "b", "Because of this.")
    assert next(iter(report.failures(REPORT))).endswith("Because of this.")


def test_every_failure_has_its_reason() -> None:
    found = results.from_json(report.PAGE.with_suffix(".json").read_text("utf-8"))
    lines = (found.lines, found.peaks, found.hostile)
    assert set(report.REASONS) <= {item.name for group in lines for item in group}
    failed = {line.name for line in found.lines if line.holds is False}
    assert failed <= set(report.REASONS)


# --- the page -------------------------------------------------------------------------------------


def test_report_survives_json() -> None:
    assert results.from_json(results.to_json(REPORT)) == REPORT


def test_page_shows_every_figure() -> None:
    page = report.to_page(REPORT)
    assert "| a | 1.00 | 2.00 | 2.00 | 2.42 (1.5) | yes |" in page
    assert "| b | 1.00 | 2.00 | 9.00 | 2.42 (1.5) | no |" in page
    assert "| quotes | 1.00 | 100 | 2.00 | no |" in page
    assert "| `import json` | 1.25 |" in page


def test_page_without_failures_says_so() -> None:
    good = replace(REPORT, lines=[LINE], hostile=[], peaks=[])
    assert "Every target holds." in report.to_page(good)


def test_terminal_shows_what_the_page_shows() -> None:
    text, page = report.to_text(REPORT), report.to_page(REPORT)
    for table in report.tables(REPORT):
        assert table.title in text
        assert table.title in page
    for shown in (text, page):
        assert "extra µs" in shown
        assert "0.620 us" not in shown


def test_performance_page_is_fresh() -> None:
    data = report.PAGE.with_suffix(".json").read_text(encoding="utf-8")
    assert report.PAGE.read_text(encoding="utf-8") == report.to_page(results.from_json(data))


def test_committed_figures_are_of_a_whole_run() -> None:
    found = results.from_json(report.PAGE.with_suffix(".json").read_text("utf-8"))
    groups = {line.group for line in found.lines}
    assert groups == {"ASGI", "WSGI", "peers", "growth by cookies", "growth by rules"}
    assert found.hostile
    assert found.peaks
    assert found.imports
    assert found.rounds >= 15


# --- the cases ------------------------------------------------------------------------------------


def test_choices_are_all_different_and_valid() -> None:
    consent = CookieConsentMiddleware(asgi.application(HTML), **PLAIN).consent
    for choices, allowed in ((denied(cases.DISTINCT), False), (granted(cases.DISTINCT), True)):
        assert len(set(choices)) == cases.DISTINCT
        read = [consent.codec.read(choice.partition(b"=")[2]) for choice in choices]
        assert {choice is not None and choice.answer("analytics") for choice in read} == {allowed}


def test_wrong_outcome_is_refused() -> None:
    request = Request(cookies=[cookie_header(*EXEMPT, *UNDECLARED)])
    install = partial(CookieConsentMiddleware, **PLAIN)
    answer = asgi.answer(install, asgi.application(HTML), request)
    check("right", answer, Outcome(cookies=len(EXEMPT), banner=True))
    with pytest.raises(UnexpectedOutcomeError, match="wrong"):
        check("wrong", answer, Outcome(cookies=len(EXEMPT)))


def test_error_page_is_refused() -> None:
    with pytest.raises(UnexpectedOutcomeError):
        check("broken", Answer(status=500, headers=[], body=b"", cookies=0), Outcome())


def test_scopes_bring_new_cookie_bytes() -> None:
    make = asgi.scopes(Request(cookies=[b"a=1"]))
    first, second = (make()["headers"][-1][1] for _ in range(2))
    assert first == second == b"a=1"
    assert first is not second


@pytest.mark.parametrize("size", growth.SIZES)
def test_hostile_input_has_its_size(size: int) -> None:
    """Within a part of a family: nothing is measured that is not there."""
    for name, request, page in growth.hostile_inputs(size):
        sent = [*request.cookies[:1], *(value for _, value in request.headers)]
        answered = [page.body, *(value for _, value in page.headers)]
        if name == "Set-Cookie: many":
            answered.append(b"\n".join(value for _, value in page.headers))
        nearest = min(abs(len(part) - size) for part in (*sent, *answered))
        assert nearest < 50, name


def test_quick_run_measures_everything_of_ours(tmp_path: Path) -> None:
    """Every case passes its own check; peers are left out, for they need not be installed."""
    sections = ["cases", "growth", "hostile", "memory", "imports"]
    page, data = tmp_path / "page.md", tmp_path / "bench.json"
    subprocess.run(
        [
            *(sys.executable, "-m", "bench", "--quick", "--only", *sections),
            *("--json", data, "--page", page),
        ],
        capture_output=True,
        check=True,
        cwd=ROOT,
    )
    found = results.from_json(data.read_text("utf-8"))
    assert page.read_text("utf-8") == report.to_page(found)
    targets = {line.name.partition(":")[0] for line in found.lines if line.target_us is not None}
    assert targets == {"a", "b1", "b2", "c", "d", "e"}
    assert all((found.hostile, found.peaks, found.imports, found.start_ups))
