"""A site's own layout around the preferences page: what it may be, and whether it can be rendered.

What can be seen of a template's faults is seen at start-up; a layout that fails later costs a visitor
nothing but its looks (`desk`). May not enter: template languages, what the page says.
"""

from __future__ import annotations

import inspect
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final, Protocol

from cookieconsent.errors import ConfigError

if TYPE_CHECKING:  # a `Config` is built without the words
    from cookieconsent.ui.preferences import PagePart

# Whose errors come again with every visitor; ours say that a template asks for a request.
_SURE: Final = frozenset({"jinja2", "django", "cookieconsent"})
_SAMPLE: Final = {"title": "", "lang": "en", "dir": "ltr", "head": "", "body": ""}


class Template(Protocol):
    """A template of Jinja2, or of a Django engine."""

    def render(self, context: Any, /) -> str:  # noqa: ANN401 - each engine has its own kind
        """Return the document for a mapping of names to values."""
        ...


def names_of(part: PagePart) -> dict[str, object]:
    """Return the variables that a template has."""
    return {spec.name: getattr(part, spec.name) for spec in fields(part)}


def check_layout(layout: object) -> None:
    """Refuse what lays nothing out, and a template with a fault that every visitor would meet.

    Raises:
        ConfigError: It is one of these.
    """
    render = layout if callable(layout) else getattr(layout, "render", None)
    waits = any(
        inspect.iscoroutinefunction(thing)
        for thing in (render, getattr(render, "__call__", None))  # noqa: B004
    ) or getattr(getattr(layout, "environment", None), "is_async", False)
    if layout is not None and (waits or not callable(render)):
        raise ConfigError(
            "layout",
            f"a {type(layout).__name__} lays nothing out without being awaited"
            if waits
            else f"a {type(layout).__name__} lays nothing out",
            "Give a plain function that returns a document, or a Jinja2 or Django template",
            toml_fix="Give it in Python: Config.from_toml(..., layout=...)",
        )
    if layout is not None and not callable(layout):
        _try(layout)  # type: ignore[arg-type] # it has `render`


def _try(template: Template) -> None:
    """Render a template once: a fault may be in one that it extends or includes."""
    try:
        template.render(dict(_SAMPLE))
    except Exception as error:
        if type(error).__module__.partition(".")[0] not in _SURE:
            return  # the site's own code, which may need what is not there yet
        raise ConfigError(
            "layout",
            f"the template cannot be rendered: {_told(error)}",
            "Correct it; it has the variables " + ", ".join(_SAMPLE) + ", and no request",
        ) from error


def _told(error: Exception) -> str:
    """Return what is wrong, in one line, with the place where the template language knows it."""
    said = str(error).partition("\n")[0].rstrip(".")
    name, line = getattr(error, "name", None), getattr(error, "lineno", None)
    place = f" in {name}, line {line}" if name and line else ""
    return f"{type(error).__name__}{place}: {said}"
