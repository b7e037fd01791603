"""Write docs/reference/hostile-input.md: which test covers which case of hostile input.

Reads the `hostile` markers out of the test files. Run without arguments to write the page, with
`--check` to fail if the page is stale or a case is covered by nothing.
"""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "reference" / "hostile-input.md"

AREAS = (
    ("Request `Cookie` header: splitting and naming", 1, 42),
    ("Response `Set-Cookie`", 43, 67),
    ("Consent cookie: signature, replay, tossing", 68, 84),
    ("Forms, CSRF, redirects", 85, 107),
    ("Banner insertion", 108, 132),
    ("ASGI protocol", 133, 144),
    ("WSGI protocol", 145, 154),
    ("Caching and conditional requests", 155, 163),
    ("Deployment", 164, 178),
    ("Text, logs, operator input", 179, 183),
)
LAST_CASE = AREAS[-1][2]

# Cases that no test here can decide, each with the reason. Nothing else may be missing.
REASONS: dict[int, str] = {
    76: "A signed cookie of the visitor's own, restored from a backup, is a valid answer: stateless "
    "signing cannot tell it from one that was never withdrawn. A site that must, keeps records.",
    163: "What a service worker's `fetch(event.request)` sends depends on the worker; a stored page "
    "shows the state of the day it was stored. A limit, not a test.",
    172: "A browser that drops cookies to make room has no choice stored, which is the first visit "
    "and tested as such; the eviction itself is the browser's.",
}


def markers_in(path: Path) -> Iterator[tuple[int, str]]:
    """Yield each case number that a test file marks, with the name of the test."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    tables: dict[str, set[int]] = {}
    for node in tree.body:
        target: ast.AST | None = getattr(node, "target", None)
        if isinstance(node, ast.Assign):
            target = node.targets[0]
        if isinstance(target, ast.Name):
            tables[target.id] = set(_numbers(node))
    marked_module = tables.get("pytestmark", set())
    for test in ast.walk(tree):
        if not isinstance(test, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if not test.name.startswith("test_"):
            continue
        numbers = set(_numbers(test)) | marked_module
        for decorator in test.decorator_list:
            for name in ast.walk(decorator):
                if isinstance(name, ast.Name):
                    numbers |= tables.get(name.id, set())
        yield from ((number, test.name) for number in numbers)


def _numbers(node: ast.AST) -> Iterator[int]:
    for call in ast.walk(node):
        if (
            isinstance(call, ast.Call)
            and isinstance(call.func, ast.Attribute)
            and call.func.attr == "hostile"
        ):
            for argument in call.args:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, int):
                    yield argument.value


@cache
def coverage() -> dict[int, list[str]]:
    """Return the tests of each case, as `path::test`."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for number, test in markers_in(path):
            found[number].add(f"{path.relative_to(ROOT / 'tests').as_posix()}::{test}")
    return {number: sorted(tests) for number, tests in found.items()}


def missing() -> list[int]:
    """Return the cases that have neither a test nor a reason."""
    covered = coverage()
    return [n for n in range(1, LAST_CASE + 1) if n not in covered and n not in REASONS]


def page() -> str:
    """Return the page."""
    covered = coverage()
    reasons = [number for number in REASONS if number not in covered]
    lines = [
        "# Hostile input",
        "",
        "<!-- Written by tools/hostile_cases.py; do not edit. -->",
        "",
        f"{LAST_CASE} cases of input that a consent middleware must survive, and their tests.",
        f"Cases with a test: {LAST_CASE - len(reasons) - len(missing())}.",
        f"Cases with a written reason instead: {len(reasons)}.",
        "",
    ]
    for title, first, last in AREAS:
        lines += [f"## {title} ({first}-{last})", "", "| case | tests |", "| --- | --- |"]
        for number in range(first, last + 1):
            tests = "<br>".join(f"`{test}`" for test in covered.get(number, ()))
            lines.append(f"| {number} | {tests or REASONS.get(number, 'MISSING')} |")
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    if gaps := missing():
        sys.exit("cases without a test: " + " ".join(map(str, gaps)))
