"""Write a page for each check of the audit, and the list of them, from the checks themselves.

Run it to write the pages; the tests fail where one is stale, or stands for a check that is gone.
"""

from __future__ import annotations

from pathlib import Path

from cookieconsent.audit.check import FAMILIES, Check
from cookieconsent.audit.checks import CHECKS
from cookieconsent.audit.sources import COMPARED_ON, WEIGHTS, WORKS, Work, work_of
from cookieconsent.audit.states import STATES

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "reference" / "checks"
_MARK = "<!-- Written by tools/audit_checks.py; do not edit. -->"
_ABOUT = """[`cookieconsent audit`](../../how-to/audit.md) asks {} questions, each with
the visitors that it speaks of: one who has not answered, one who said no, and so on. The answer is
pass, violation or unverified; what could not be looked at is never called clean."""
_COMPARED = f"""Law binds. Guidance tells how authorities read it, and differs from country to country.
Standards and good practice are no law: what breaks them may break the law all the same, by the articles
that stand beside them.

The places that checks name were compared on {COMPARED_ON} by the authors of this package, who are no
lawyers, with what the third column says. They read copies of the texts in public archives, not the
addresses that are linked here. Where a rule is stricter than its sources, its page says so. Nothing
here is legal advice."""
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
    "walk": "Listening to a test suite is not enough for it; then it is unverified.",
    "banner": "It passes where nothing that needs consent was seen, with a yes or without: no banner "
    "is needed then.",
}


def pages() -> dict[str, str]:
    """Return every page by its file name."""
    fixed = {"index.md": _index(), "sources.md": _sources()}
    return {**fixed, **{f"{check.id}.md": _page(check) for check in CHECKS}}


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
    about = "[What the rules rest on](sources.md), and how far that was compared."
    toc = "```{toctree}\n:hidden:\n:glob:\n\nsources\nCC*\n```"
    return "\n\n".join([*parts, about, toc]) + "\n"


def _sources() -> str:
    """Return the table of works, with what each was compared with."""
    rows = [
        f"| {_link(work)} | {WEIGHTS[work.weight].lower()} | {work.compared or '**not compared**'} "
        f"| {work.remark} |"
        for work in WORKS
    ]
    head = ["| work | weight | compared with | remark |", "| --- | --- | --- | --- |"]
    return (
        "\n\n".join(["# What the rules rest on", _MARK, _COMPARED, "\n".join([*head, *rows])])
        + "\n"
    )


def _link(work: Work) -> str:
    name = work.name.rstrip(",")
    return name if work.address is None else f"[{name}]({work.address})"


def _source(source: str) -> str:
    work = work_of(source)
    doubt = "" if work.compared else "; not compared with its text"
    return f"- {source} ({WEIGHTS[work.weight].lower()}{doubt})"


def _page(check: Check) -> str:
    visitors = [f"`{s.name}` ({s.about})" for s in STATES if s.name in check.states]
    parts = [
        f"# {check.id}: {check.title}",
        _MARK,
        f"Severity: {check.severity}. Visitors: {', '.join(visitors) or 'all'}.",
        check.why,
        *(_NEEDS[need] for need in sorted(check.needs)),
        "## What to do",
        check.fix,
        "## Where the rule stands",
        "\n".join(map(_source, check.sources)),
        "How far these were compared: [sources](sources.md).",
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
