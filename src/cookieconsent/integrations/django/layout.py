"""The project's own template around the preferences page.

May not enter: what the page says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from django.template import TemplateDoesNotExist, TemplateSyntaxError
from django.template.loader import get_template

from cookieconsent.errors import ConfigError

if TYPE_CHECKING:
    from django.http import HttpRequest

TEMPLATE: Final = "cookieconsent/preferences.html"
"""The name under which a project has its own template for the page."""
OWN_PAGE: Final = "cookieconsent_page"
"""Set in the context of that template: banner and settings link are no part of this page."""

_asking: ContextVar[HttpRequest | None] = ContextVar("cookieconsent_request", default=None)


def project_layout() -> Callable[[Any], str] | None:
    """Return the layout, `None` where the project has no such template.

    The template is looked up anew for each page, so that changes of the file show.

    Raises:
        ConfigError: Its syntax is wrong.
    """
    try:
        get_template(TEMPLATE)
    except TemplateDoesNotExist:
        return None
    except TemplateSyntaxError as error:
        problem = f"the project's template {TEMPLATE} has a fault: {error}"
        raise ConfigError("layout", problem, "Correct the template") from error
    return _laid_out


def _laid_out(part: Any) -> str:  # noqa: ANN401 - the engine's `PagePart`, of which we need the names
    context = {spec.name: getattr(part, spec.name) for spec in fields(part)}
    text: str = get_template(TEMPLATE).render({**context, OWN_PAGE: True}, _asking.get())
    return text


@contextmanager
def asked_by(request: HttpRequest) -> Iterator[None]:
    """Let the template see the request, and so context processors, while the page is made."""
    before = _asking.set(request)
    try:
        yield
    finally:
        _asking.reset(before)
