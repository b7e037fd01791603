"""Write docs/reference/configuration.md from the docstrings under the fields of `Config` and `Cookie`.

Run it to write the page; the tests fail where the page is stale.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "cookieconsent"
PAGE = ROOT / "docs" / "reference" / "configuration.md"

HEAD = """# Configuration

<!-- Written by tools/configuration.py; do not edit. -->

All of these are arguments of `Config`, options of `CookieConsentMiddleware`, and keys of the
`[cookieconsent]` table of a TOML file (`[tool.cookieconsent]` in `pyproject.toml`). An unknown key is
an error with the nearest one that exists.
"""
CLASSES = """## CookieClass

`CookieClass(name, title=..., description=..., regime=..., shares_with_third_parties=..., purposes=(),
version=1)`, in TOML `[[cookieconsent.classes]]`. Built in are `authentication`, `cart`, `consent`
(exempt) and `analytics` (opt-in); ready-made, off until a cookie uses them, are `preferences`, `media`
and `advertising` (opt-in). Up to 24 of your own.
"""


BAR = r"\|"  # a bare one would end the cell


def fields_of(path: Path, name: str) -> Iterator[tuple[str, str, str]]:
    """Yield name, default and docstring of each field of a class that users may set."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = next(n for n in ast.walk(tree) if isinstance(n, ast.ClassDef) and n.name == name)
    for field, below in zip(found.body, found.body[1:], strict=False):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(below, ast.Expr)
            and isinstance(below.value, ast.Constant)
        ):
            default = _default(field.value)
            if default is not None:
                yield field.target.id, default, " ".join(str(below.value.value).split())


def _default(value: ast.expr | None) -> str | None:
    """Return a default as source; `None` for a field that users cannot set."""
    if not (isinstance(value, ast.Call) and ast.unparse(value.func) == "field"):
        return "needed" if value is None else f"`{ast.unparse(value)}`"
    keywords = {keyword.arg: ast.unparse(keyword.value) for keyword in value.keywords}
    if keywords.get("init") == "False":
        return None
    if keywords.get("default_factory") == "dict":
        return "`{}`"
    return f"`{keywords['default']}`" if "default" in keywords else "needed"


def table(path: Path, name: str) -> list[str]:
    """Return the fields of a class as a table."""
    rows = [
        f"| `{field}` | {default} | {text.replace('|', BAR)} |"
        for field, default, text in fields_of(path, name)
    ]
    return ["| field | default | meaning |", "| --- | --- | --- |", *rows, ""]


def page() -> str:
    """Return the page."""
    return "\n".join(
        [
            HEAD,
            *table(SOURCE / "engine" / "config.py", "Config"),
            "## Cookie",
            "",
            "In TOML `[[cookieconsent.cookies]]`.",
            "",
            *table(SOURCE / "core" / "registry.py", "Cookie"),
            CLASSES,
        ]
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
