"""Write docs/reference/decision-table.md from the code's own table.

Run it to write the page; the tests fail where the page is stale.
"""

from __future__ import annotations

from pathlib import Path

from cookieconsent.core.decision import TABLE

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "decision-table.md"


def page() -> str:
    """Return the page."""
    lines = [
        "# The decision table",
        "",
        "<!-- Written by tools/decision_table.py; do not edit. -->",
        "",
        "Whether the cookies of a class pass, and whether the visitor must be asked. *Signal* means",
        "Global Privacy Control on a class that shares with third parties. A yes *under signal* was",
        "given while the signal was on. *Paused* is a class that rests, whatever was answered.",
        "",
        "| regime | answer | signal | passes | ask |",
        "| --- | --- | --- | --- | --- |",
    ]
    for (regime, answer, signal), verdict in TABLE.items():
        cells = (regime, answer, _yes(signal), _yes(verdict.allowed), _yes(verdict.ask))
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join([*lines, ""])


def _yes(value: bool) -> str:  # noqa: FBT001 - it is what is printed
    return "yes" if value else "no"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
