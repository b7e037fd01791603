"""Measure the catalogue against cookies that other people labelled, and print a table.

    python tools/measure_catalogue.py [FILE]

FILE is tab-separated with the columns `source`, `name`, `domain` (may be empty) and `label`
(`necessary`, `functional`, `analytics` or `advertising`); left out, it is the small file beside the
reviewed layer. Only `necessary` counts as "needs no consent"; an unknown cookie counts as
one that does.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cookieconsent.core.catalog import catalogue
from cookieconsent.core.registry import EXEMPT_CLASSES

HELD_OUT: Final = Path(__file__).with_name("catalogue") / "held_out.tsv"
LABELS: Final = frozenset({"necessary", "functional", "analytics", "advertising"})


@dataclass(frozen=True, slots=True)
class Score:
    """How many labelled cookies, and how many of them the catalogue knows and knows rightly."""

    cookies: int
    covered: int
    right: int
    wrongly_exempt: int
    right_overall: int

    def shares(self) -> tuple[float, float, float, float]:
        """Return covered, right and wrongly exempt of the covered, and right overall, in percent."""
        covered = max(self.covered, 1)
        return (
            100 * self.covered / self.cookies,
            100 * self.right / covered,
            100 * self.wrongly_exempt / covered,
            100 * self.right_overall / self.cookies,
        )


def score(lines: Iterable[dict[str, str]]) -> Score:
    """Return the score over labelled cookies."""
    shipped = catalogue()
    answers: list[tuple[str | None, bool]] = []
    for line in lines:
        cls = shipped.classify(line["name"], domain=line["domain"] or None).cls
        answers.append((cls, line["label"] == "necessary"))
    covered = [(cls in EXEMPT_CLASSES, exempt) for cls, exempt in answers if cls is not None]
    right = sum(said == exempt for said, exempt in covered)
    asked = sum(not exempt for cls, exempt in answers if cls is None)
    wrongly = sum(said and not exempt for said, exempt in covered)
    return Score(len(answers), len(covered), right, wrongly, right + asked)


def table(lines: list[dict[str, str]]) -> Iterator[str]:
    """Yield a Markdown table with a line for each source."""
    yield "| labelled by | cookies | covered | right | wrongly exempt | right overall |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for source in sorted({line["source"] for line in lines}):
        own = score(line for line in lines if line["source"] == source)
        cells = (f"{share:.1f} %" for share in own.shares())
        yield f"| {source} | {own.cookies} | " + " | ".join(cells) + " |"


def read(path: Path) -> list[dict[str, str]]:
    """Return the labelled cookies of a file.

    Raises:
        ValueError: A label is none of the four.
    """
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    for line in lines:
        if line["label"] not in LABELS:
            message = f"{line['label']!r} of {line['name']!r}: write one of {sorted(LABELS)}"
            raise ValueError(message)
    return lines


if __name__ == "__main__":
    path = Path(sys.argv[1]) if sys.argv[1:] else HELD_OUT
    sys.stdout.write("\n".join(table(read(path))) + "\n")
