"""Write a page for each check of the audit, and the list of them, from the checks themselves.

Run it to write the pages; the tests fail where one is stale, or stands for a check that is gone.
"""

from __future__ import annotations

from pathlib import Path

from cookieconsent.audit.check import FAMILIES, Check
from cookieconsent.audit.checks import CHECKS

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "reference" / "checks"
_MARK = "<!-- Written by tools/audit_checks.py; do not edit. -->"
_ABOUT = """[`cookieconsent audit`](../cli.md) asks {} questions, each in the states of consent that it
speaks of. The answer is pass, violation or unverified; what could not be looked at is never called
clean."""
_TITLES = {
    "consent": "Consent",
    "declaration": "Declaration",
    "banner": "Banner and preferences page",
    "attributes": "Attributes of cookies",
    "http": "HTTP and caching",
}
_NEEDS = {
    "browser": "It needs a browser (`--browser`); without one it is unverified.",
    "declaration": "It needs a declaration; without one it is unverified.",
    "earlier": "It needs an earlier report (`--earlier FILE`); without one it passes.",
    "banner": "It passes where nothing that needs consent was seen in any state: no banner is needed "
    "then.",
}


def pages() -> dict[str, str]:
    """Return every page by its file name."""
    return {"index.md": _index(), **{f"{check.id}.md": _page(check) for check in CHECKS}}


def _index() -> str:
    parts = [
        "# Checks of the audit",
        _MARK,
        _ABOUT.format(len(CHECKS)),
    ]
    for family in FAMILIES:
        rows = [
            f"| [{check.id}]({check.id}.md) | {check.severity} | {check.title} |"
            for check in CHECKS
            if check.family == family
        ]
        head = ["| id | severity | rule |", "| --- | --- | --- |"]
        parts += [f"## {_TITLES[family]}", "\n".join([*head, *rows])]
    toc = "```{toctree}\n:hidden:\n:glob:\n\nCC*\n```"
    return "\n\n".join([*parts, toc]) + "\n"


def _page(check: Check) -> str:
    states = ", ".join(f"`{name}`" for name in sorted(check.states)) or "every state"
    parts = [
        f"# {check.id}: {check.title}",
        _MARK,
        f"Severity: {check.severity}. Looked at in: {states}.",
        check.why,
        *(_NEEDS[need] for need in sorted(check.needs)),
        "## What to do",
        check.fix,
        "## Where the rule stands",
        "\n".join(f"- {source}" for source in check.sources),
        "## If it is known",
        "Write down why, and until when; afterwards it counts again:",
        "\n".join(
            [
                "```toml",
                "[[suppress]]",
                f'check = "{check.id}"',
                'cookie = "_example"',
                'path = "/*"',
                'reason = "who has decided this, and why"',
                "until = 2027-01-31",
                "```",
            ]
        ),
    ]
    return "\n\n".join(parts) + "\n"


def write() -> None:
    """Write the pages, and take away those of checks that are gone."""
    FOLDER.mkdir(exist_ok=True)
    written = pages()
    for path in FOLDER.glob("*.md"):
        if path.name not in written:
            path.unlink()
    for name, text in written.items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
