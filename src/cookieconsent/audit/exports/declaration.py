"""Declarations for the cookies that an audit met and nobody declared, as TOML to be added to a file.

What only a person knows is marked `DECIDE`.
May not enter: what can be declared of a cookie, and how TOML looks (`drafting`); entries of storages
that are no cookies.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import PurePath
from typing import Final

from cookieconsent.audit.report import CookieRow, Report
from cookieconsent.audit.wording import some
from cookieconsent.core.cookies import Scope
from cookieconsent.core.lifetime import write as lifetime_text
from cookieconsent.core.registry import CookieClass
from cookieconsent.drafting import cookie, toml
from cookieconsent.observation.lines import octets

_NOTHING: Final = "Every cookie that was met is declared."


def write(report: Report) -> str:
    """Return a `[[cookieconsent.cookies]]` table for each undeclared cookie.

    For a `pyproject.toml`, the tables are those of `[tool.cookieconsent]`.
    """
    entries = [_entry(row) for row in undeclared(report)]
    if not entries:
        return "".join(f"{line}\n" for line in toml.comment(_NOTHING))
    note = (
        f"Cookies that the audit of {report.target} met and that are not declared. DECIDE marks what "
        "only you know. When all is decided, run: cookieconsent check"
    )
    ordered = sorted(entries, key=lambda entry: entry.is_comment)
    return toml.cookie_tables(ordered, notes=[note], table=_table(report))


def undeclared(report: Report) -> list[CookieRow]:
    """Return the cookies that somebody should declare."""
    return [
        row
        for row in report.cookies
        if row.kind == "cookie" and row.source != "declared" and not row.is_own
    ]


def _table(report: Report) -> str:
    file = report.declaration_file
    is_project = file is not None and PurePath(file).name == "pyproject.toml"
    return f"tool.{toml.TABLE}" if is_project else toml.TABLE


def _entry(row: CookieRow) -> toml.Entry:
    seen = octets(row.name)
    problem = cookie.problem_of_octets(seen)
    if problem is not None:
        return cookie.unnamed(
            f"{_seen(row)}. DECIDE: '{row.name}' cannot be declared, so it is removed whatever "
            f"visitors say. {problem[0].upper()}{problem[1:]}."
        )
    name = seen.decode("utf-8")
    declared, less = cookie.declarable(name, _scope(row))
    likely = f"DECIDE: {row.vendor}, if it receives its data" if row.vendor else ""
    return cookie.table(
        name,
        row.cls,
        declared,
        facts={
            "lifetime": lifetime_text(timedelta(seconds=row.lifetime) if row.lifetime else None)
        },
        notes=[_note(row), *([less] if less else [])],
        unset=cookie.unsaid(("purpose", "provider"), provider=likely),
    )


def _scope(row: CookieRow) -> Scope:
    path = row.attributes.get("path", "/")
    return Scope(
        row.attributes.get("domain") or None,
        path if path.startswith("/") else "/",
        "partitioned" in row.attributes,
    )


def _seen(row: CookieRow) -> str:
    kept = " and kept back" if row.is_kept_back else ""
    setter = "the application" if kept else row.setter
    first = next(iter(row.states.values()))
    return f"Set by {setter}{kept} in {some(row.states)}, first on {first}"


def _note(row: CookieRow) -> str:
    if row.cls is None:
        return (
            f"{_seen(row)}. DECIDE: the catalogue does not know this name, so it is removed whatever "
            "visitors say. Choose its class and take the comment signs away, or leave it."
        )
    asked = "waits for a yes" if CookieClass(row.cls).switchable else "passes without a yes"
    return f"{_seen(row)}. The catalogue knows it: {row.vendor or 'many sites'}. It {asked}."
