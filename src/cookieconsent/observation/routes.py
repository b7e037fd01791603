"""The pages that an application in this process knows of, as far as its framework keeps a list.

Starlette and what is built on it (FastAPI) have `routes`, Werkzeug's (Flask, Quart) a `url_map`.
May not enter: frameworks themselves; which pages are asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from typing import Any, Final

_MOST: Final = 1000
_DEEPEST: Final = 8
"""Of applications mounted in each other."""


def known_pages(layers: Iterable[object]) -> list[str]:
    """Return the paths without parameters that are answered to `GET`, each once.

    Args:
        layers: An application, and what it wraps.
    """
    found: dict[str, None] = {}
    for layer in layers:
        with suppress(Exception):  # whatever else has an attribute of that name
            paths = (*_of_starlette(layer, "", 0), *_of_werkzeug(layer))
            found |= dict.fromkeys(path for path in paths if path.startswith("/"))
    return list(found)[:_MOST]


def _of_starlette(layer: Any, prefix: str, depth: int) -> Iterator[str]:  # noqa: ANN401 - nobody's class
    for route in islice(getattr(layer, "routes", None) or (), _MOST):
        path = prefix + getattr(route, "path", "{")
        if "{" in path:  # has a parameter, or is no route
            continue
        if getattr(route, "routes", None) and depth < _DEEPEST:
            yield from _of_starlette(route, path, depth + 1)
        elif "GET" in (getattr(route, "methods", None) or ()):
            yield path


def _of_werkzeug(layer: Any) -> Iterator[str]:  # noqa: ANN401 - as above
    rules = getattr(layer, "url_map", None)
    for rule in () if rules is None else islice(rules.iter_rules(), _MOST):
        if "GET" in (rule.methods or ()) and not rule.arguments:
            yield rule.rule
