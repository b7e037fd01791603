"""The command line: `python -m bench`, which `make bench` calls."""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import logging
import platform
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path

from bench import audits, cases, growth, imports, memory, peers, report, results
from bench.timing import Case, measure, stay_on_one_core

SECTIONS = ("cases", "peers", "growth", "hostile", "memory", "imports", "audits")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, show, and write what was found."""
    options = _parser().parse_args(arguments)
    if options.render:
        return _render(options.page or report.PAGE)
    stay_on_one_core()
    # What would be logged is the site's affair, and few sites write it where it takes time.
    logger = logging.getLogger("cookieconsent")
    logger.addHandler(logging.NullHandler())
    logger.propagate = False
    data = results.to_json(_measure(frozenset(options.only), quick=options.quick))
    sys.stdout.write(report.to_text(results.from_json(data)))
    _write(options.json, data)
    partly = options.quick or len(options.only) < len(SECTIONS)
    page = options.page or (None if partly else report.PAGE)
    if page is not None:
        _write(page.with_suffix(".json"), data)
        _render(page)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="Measure what consent costs."
    )
    parser.add_argument("--quick", action="store_true", help="few rounds: figures mean little")
    parser.add_argument(
        "--only",
        nargs="+",
        choices=SECTIONS,
        default=SECTIONS,
        metavar="SECTION",
        help="measure these alone: " + ", ".join(SECTIONS),
    )
    parser.add_argument(
        "--json",
        type=Path,
        default=report.ROOT / "build" / "bench.json",
        metavar="FILE",
        help="where the figures go (%(default)s)",
    )
    parser.add_argument(
        "--page", type=Path, metavar="FILE", help="where the page goes, with its data beside it"
    )
    parser.add_argument(
        "--render",
        action="store_true",
        help="write the page from the data beside it, without measuring",
    )
    return parser


def _render(page: Path) -> int:
    data = page.with_suffix(".json").read_text(encoding="utf-8")
    _write(page, report.to_page(results.from_json(data)))
    return 0


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _measure(sections: frozenset[str], *, quick: bool) -> results.Report:
    rounds, block = (3, 0.001) if quick else (21, 0.01)
    with asyncio.Runner() as runner:
        table = list(_table(sections, runner))
        _tell(f"timing {len(table)} cases in {rounds} rounds")
        figures = measure(table, rounds=rounds, block=block)
    _tell("growth, memory and imports")
    return results.Report(
        written=dt.datetime.now(dt.UTC).date().isoformat(),
        python=f"{platform.python_implementation()} {platform.python_version()}",
        machine=f"{platform.system()} {platform.machine()}",
        versions={name: version(name) for name in peers.DISTRIBUTIONS if "peers" in sections},
        rounds=rounds,
        lines=[results.line_of(case, found) for case, found in zip(table, figures, strict=True)],
        hostile=_hostile(quick=quick) if "hostile" in sections else [],
        peaks=list(memory.peaks((16,) if quick else (16, 1024))) if "memory" in sections else [],
        imports=imports.imports(1 if quick else 9) if "imports" in sections else [],
        audits=audits.audits(1 if quick else 5) if "audits" in sections else [],
        start_ups=list(growth.start_ups()) if "growth" in sections else [],
    )


def _table(sections: frozenset[str], runner: asyncio.Runner) -> Iterator[Case]:
    if "cases" in sections:
        yield from cases.asgi_cases()
        yield from cases.wsgi_cases()
    if "peers" in sections:
        yield from peers.cases(runner)
    if "growth" in sections:
        yield from growth.cookie_cases()
        yield from growth.rule_cases()


def _hostile(*, quick: bool) -> list[growth.Growth]:
    if quick:
        return growth.hostile(growth.SIZES[:2], rounds=1, block=0.001)
    return growth.hostile(growth.SIZES, rounds=7, block=0.01)


def _tell(text: str) -> None:
    sys.stderr.write(f"{text} ...\n")


if __name__ == "__main__":
    sys.exit(main())
