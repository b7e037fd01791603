"""Jinja2: a block and five functions for every framework whose templates are Jinja2's.

They ask the consent state of the request that the template is rendered for, and add nothing of their
own. May not enter: rules, words, and whatever only one framework has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

try:
    from jinja2 import nodes, pass_context
    from jinja2.ext import Extension
except ImportError:
    raise ImportError(
        "cookieconsent.templating.jinja needs Jinja2: pip install 'cookieconsent[jinja2]'"
    ) from None

from markupsafe import Markup

from cookieconsent.engine.state import ConsentState, consent_of
from cookieconsent.errors import NotInstalledError

if TYPE_CHECKING:
    from jinja2 import Environment
    from jinja2.parser import Parser
    from jinja2.runtime import Context


class ConsentExtension(Extension):
    """Add `{% consent "analytics" %}...{% else %}...{% endconsent %}` and the functions to Jinja2.

    Works in async environments too, and in templates imported with their context. The functions are
    `consent_banner`, `consent_settings_link`, `consent_embed`, `consent_allows` and
    `consent_preferences_url`.
    """

    tags: set[str] = {"consent"}  # noqa: RUF012 - as the base class has it

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.globals.update(
            consent_allows=allows,
            consent_banner=banner,
            consent_embed=embed,
            consent_preferences_url=preferences_url,
            consent_settings_link=settings_link,
        )

    def parse(self, parser: Parser) -> nodes.Node:
        """Read a block, which becomes an `if`."""
        line = next(parser.stream).lineno
        # Bound to the extension: a variable of the template's may be called like the function.
        asks = self.call_method(
            "allows", [nodes.DerivedContextReference(), parser.parse_expression()]
        )
        yes = parser.parse_statements(("name:else", "name:endconsent"))
        no: list[nodes.Node] = []
        if next(parser.stream).test("name:else"):
            no = parser.parse_statements(("name:endconsent",), drop_needle=True)
        return nodes.If(asks, yes, [], no).set_lineno(line)

    def allows(self, context: Context, cls: str) -> bool:
        """Tell whether the content of a block is shown."""
        return allows(context, cls)


def state_in(context: Context) -> ConsentState:
    """Return the consent state of the request that a template is rendered for.

    It is the template's `consent`; where that is none, that of the template's `request`.

    Raises:
        NotInstalledError: The template has neither, or the request did not pass the middleware.
    """
    named = context.get("consent")
    if isinstance(named, ConsentState):
        return named
    request = context.get("request")
    if request is None:
        raise NotInstalledError(
            "the template has no consent state: render it with consent=consent_of(request), or with "
            "request=request"
        )
    return consent_of(request)


@pass_context
def allows(context: Context, cls: str) -> bool:
    """Tell whether a class may be used now.

    Raises:
        TypeError: The class is no text: `{% consent analytics %}` without quotation marks.
    """
    if not isinstance(cls, str):
        raise TypeError(f'{cls!r} names no class: write it in quotation marks, as in "analytics"')
    return state_in(context).allows(cls)


@pass_context
def banner(context: Context) -> Markup:
    """Return the banner, if one is due, for this place of the page."""
    return state_in(context).banner()


@pass_context
def settings_link(context: Context) -> Markup:
    """Return the settings element for decided visitors, for this place of the page."""
    return state_in(context).settings_link()


@pass_context
def preferences_url(context: Context) -> str:
    """Return the address of the preferences page."""
    return state_in(context).preferences_url


@pass_context
def embed(
    context: Context,
    markup: Markup | str,
    cls: str = "media",
    *,
    title: str | None = None,
    provider: str | None = None,
    link: str | None = None,
    width: int | str | None = None,
    height: int | str | None = None,
) -> Markup:
    """Return embedded content once its class is allowed; before that, a box that says what it is.

    Args:
        context: The template's.
        markup: The content: a `{% set video %}...{% endset %}` block, or `markupsafe.Markup`.
        cls: The class that needs a yes.
        title: What it is.
        provider: Who delivers it, and receives data.
        link: Where the same content is at the provider: `https:`, `http:` or a path.
        width: In CSS pixels.
        height: In CSS pixels.

    Raises:
        TypeError: `markup` is plain text, where the template escapes such text.
    """
    if isinstance(markup, str) and not context.eval_ctx.autoescape:
        markup = Markup(markup)  # noqa: S704 - as this template writes all text: unescaped
    return state_in(context).embed(
        markup,  # type: ignore[arg-type] # plain text is the engine's to refuse
        cls,
        title=title,
        provider=provider,
        link=link,
        width=width,
        height=height,
    )
