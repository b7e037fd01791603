"""Write docs/reference/python.md from the docstrings of the public names.

Run it to write the page; the tests fail where the page is stale.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src"
PAGE = ROOT / "docs" / "reference" / "python.md"

GROUPS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "Declarations",
        "What a site says of itself, once, at start-up.",
        ("Config", "Cookie", "CookieClass"),
    ),
    (
        "One request",
        "What an application asks while it answers a request.",
        ("consent_of", "ConsentState", "Choice"),
    ),
    (
        "Cookie names",
        "What is known of a name. A site's own registry is `Config.registry`.",
        ("catalogue", "Registry", "Classification"),
    ),
    (
        "Hooks",
        "What the functions given as `on_choice` and `on_outcome` receive.",
        ("ChoiceEvent", "Outcome"),
    ),
    (
        "Errors and warnings",
        "Every error is a `ConsentError` and carries its evidence as attributes.",
        (
            "ConsentError",
            "ConfigError",
            "ContradictionError",
            "UnknownFieldError",
            "NotInstalledError",
            "ResponseStartedError",
            "UnknownClassError",
            "DeclarationWarning",
        ),
    ),
)
# Their fields fill a page of their own.
CONFIGURED = ("Config", "Cookie", "CookieClass")
# Public by Python's rules, but read by the engine alone.
UNLISTED = {
    "Config.keys",
    "Config.origins",
    "Cookie.key",
    "Cookie.scope",
    "Registry.exact_names",
    "Registry.odd_names",
    "Registry.rule_for",
    "VisitorState.kept",
    "Registry.rule_sets",
}
DOORS = ("asgi", "wsgi")
TESTING = "cookieconsent.testing"

HEAD = """# Python names

<!-- Written by tools/python_names.py; do not edit. -->

Everything here but the two middleware classes and what is for your own tests is imported from
`cookieconsent`. What is not on this page may change without notice.
"""

Function = ast.FunctionDef | ast.AsyncFunctionDef
_SECTION = re.compile(r"(Args|Attributes|Raises):")


@cache
def exports(package: str = "cookieconsent") -> dict[str, ast.ClassDef | Function]:
    """Return the definition of every class and function a package exports."""
    path = SOURCE.joinpath(*package.split(".")) / "__init__.py"
    return {
        alias.name: definition(str(node.module), alias.name)
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if not alias.name.isupper()
    }


def definition(module: str, name: str) -> ast.ClassDef | Function:
    """Return the definition of a name in a module."""
    path = SOURCE.joinpath(*module.split(".")).with_suffix(".py")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return next(
        node
        for node in tree.body
        if isinstance(node, ast.ClassDef | Function) and node.name == name
    )


# --- docstrings -----------------------------------------------------------------------------------


def prose(docstring: str, indent: str = "") -> Iterator[str]:
    """Yield a Google-style docstring as Markdown: its paragraphs, then its sections as lists."""
    for paragraph in inspect.cleandoc(docstring).split("\n\n"):
        title, _, rest = paragraph.partition("\n")
        if _SECTION.fullmatch(title):
            yield from _items(title, rest, indent)
        else:
            yield from (indent + " ".join(paragraph.split()), "")


def _items(title: str, text: str, indent: str) -> Iterator[str]:
    verb = "raises " if title == "Raises:" else ""
    for item in re.split(r"\n(?=    \S)", text):
        name, _, meaning = item.strip().partition(":")
        yield f"{indent}- {verb}`{name}`: {' '.join(meaning.split())}"
    yield ""


def signature(function: Function) -> str:
    """Return a call with its types, without the receiver."""
    arguments = ast.unparse(function.args)
    arguments = re.sub(r"^(?:self|cls)(?:, (?:/, )?|$)", "", arguments)
    result = "" if function.returns is None else f" -> {ast.unparse(function.returns)}"
    return f"{function.name}({arguments}){result}"


def _members(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    """Yield what a class offers, field or method, with its docstring."""
    for member, below in zip(node.body, [*node.body[1:], ast.Pass()], strict=True):
        if isinstance(member, ast.AnnAssign) and isinstance(member.target, ast.Name):
            is_given = "init=False" not in ast.unparse(member)
            documented = isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)
            if documented and not (is_given and node.name in CONFIGURED):
                text = str(below.value.value)  # type: ignore[attr-defined] # seen above
                yield f"{member.target.id}: {ast.unparse(member.annotation)}", text
        elif isinstance(member, Function) and not member.name.startswith("_"):
            decorators = [ast.unparse(decorator) for decorator in member.decorator_list]
            if any(decorator.endswith(".setter") for decorator in decorators):
                continue
            shown = signature(member)
            if "property" in decorators and member.returns is not None:
                shown = f"{member.name}: {ast.unparse(member.returns)}"
            yield shown, ast.get_docstring(member) or ""


# --- the page -------------------------------------------------------------------------------------


def _entry(name: str, node: ast.ClassDef | Function) -> Iterator[str]:
    yield from (f"### {name}", "")
    if isinstance(node, Function):
        yield from (f"`{signature(node)}`", "")
    elif node.bases:
        bases = " and ".join(f"`{ast.unparse(base)}`" for base in node.bases)
        yield from (f"Derived from {bases}.", "")
    yield from prose(ast.get_docstring(node) or "")
    if name in CONFIGURED:
        anchor = "" if name == "Config" else f"#{name.lower()}"
        yield from (f"[All its fields](configuration.md{anchor}).", "")
    if isinstance(node, ast.ClassDef):
        for shown, docstring in _members(node):
            if f"{name}.{re.split('[:(]', shown)[0]}" in UNLISTED:
                continue
            first, *rest = prose(docstring, "  ")
            yield from (f"- `{shown}`  ", first, *_packed(rest))
        yield ""


def _packed(lines: list[str]) -> list[str]:
    """Return the rest of a list item with no blank line at its end."""
    while lines and not lines[-1]:
        lines = lines[:-1]
    return lines


def _doors() -> Iterator[str]:
    yield from ("## Middleware", "")
    for door in DOORS:
        module = f"cookieconsent.middleware.{door}"
        yield from (f"### {module}.CookieConsentMiddleware", "")
        node = definition(module, "CookieConsentMiddleware")
        yield from ("`CookieConsentMiddleware(app, config=None, **options)`", "")
        yield from prose(ast.get_docstring(node) or "")


def _testing() -> Iterator[str]:
    yield from ("## For your own tests", "")
    yield f"In `{TESTING}`; [how to use it](../how-to/end-to-end-tests.md). `STATE_NAMES` are the names"
    yield from ("of the states that `ConsentStates` has as attributes.", "")
    for name, node in exports(TESTING).items():
        yield from _entry(name, node)


def page() -> str:
    """Return the page."""
    lines = [HEAD, *_doors()]
    for title, text, names in GROUPS:
        lines += [f"## {title}", "", text, ""]
        for name in names:
            lines += _entry(name, exports()[name])
    lines += _testing()
    text = "\n".join(lines)
    text = re.sub(r"(\n *- [^\n]+)\n\n( *- raises)", r"\1\n\2", text)  # one list, not two
    return re.sub(r"\n{3,}", "\n\n", text).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
