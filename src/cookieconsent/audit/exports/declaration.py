"""Declarations for the cookies that an audit met and nobody declared, as TOML to be added to a file.

What only a person knows is marked `DECIDE`.
May not enter: how TOML looks (`drafting`); entries of storages that are no cookies.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import PurePath
from typing import Final

from cookieconsent.audit.report import CookieRow, Report
from cookieconsent.audit.reports.groups import some
from cookieconsent.core.lifetime import write as lifetime_text
from cookieconsent.core.registry import Cookie, CookieClass
from cookieconsent.drafting import toml
from cookieconsent.errors import ConfigError
from cookieconsent.observation.lines import octets

_OWN: Final = "cookieconsent"
"""The vendor of our own cookie, which nobody has to declare."""
_CLASS: Final = "DECIDE"
_PURPOSE: Final = "DECIDE: what it is for, in a plain sentence for visitors"
_PROVIDER: Final = "DECIDE: who sets it or receives its data"
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
        if row.kind == "cookie" and row.source != "declared" and row.vendor != _OWN
    ]


def _table(report: Report) -> str:
    file = report.declaration_file
    is_project = file is not None and PurePath(file).name == "pyproject.toml"
    return f"tool.{toml.TABLE}" if is_project else toml.TABLE


def _entry(row: CookieRow) -> toml.Entry:
    fields = _fields(row)
    notes = list(_notes(row))
    problem = _refusal(fields)
    if problem is not None and "domain" in fields:
        domain = fields.pop("domain")
        notes.append(f"DECIDE: its Domain={domain} cannot be declared, so it is left out.")
        problem = _refusal(fields)
    if problem is not None:
        notes.append(f"It cannot be declared as it is: {problem}.")
    return toml.Entry(
        fields=fields,
        notes=notes,
        unset={"purpose": _PURPOSE, "provider": _provider(row)},
        is_comment=row.cls is None or problem is not None,
    )


def _fields(row: CookieRow) -> dict[str, toml.Value]:
    name = octets(row.name).decode("utf-8", "backslashreplace")
    lifetime = timedelta(seconds=row.lifetime) if row.lifetime else None
    fields: dict[str, toml.Value] = {
        "name": name,
        "cls": row.cls or _CLASS,
        "lifetime": lifetime_text(lifetime),
    }
    if row.attributes.get("domain"):
        fields["domain"] = row.attributes["domain"]
    if row.attributes.get("path", "/").startswith("/") and row.attributes.get("path", "/") != "/":
        fields["path"] = row.attributes["path"]
    if "partitioned" in row.attributes:
        fields["partitioned"] = True
    return fields


def _notes(row: CookieRow) -> Iterator[str]:
    seen = f"Set by {row.setter} in {some(row.states)}, first on {next(iter(row.states.values()))}"
    if row.cls is None:
        yield (
            f"{seen}. DECIDE: the catalogue does not know this name, so it is removed whatever "
            "visitors say. Choose its class and take the comment signs away, or leave it."
        )
        return
    asked = "waits for a yes" if CookieClass(row.cls).switchable else "passes without a yes"
    yield f"{seen}. The catalogue knows it: {row.vendor or 'many sites'}. It {asked}."


def _provider(row: CookieRow) -> str:
    return f"DECIDE: {row.vendor}, if it receives its data" if row.vendor else _PROVIDER


def _refusal(fields: dict[str, toml.Value]) -> str | None:
    """Return why such a declaration would be refused."""
    try:
        Cookie(**{**fields, "cls": "consent"})  # type: ignore[arg-type] # refused where they do not fit
    except ConfigError as error:
        return error.problem
    return None
