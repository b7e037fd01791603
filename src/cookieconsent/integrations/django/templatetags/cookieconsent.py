"""`{% load cookieconsent %}`: banner, links, and content that needs a yes.

Without a request that passed the middleware, as in the page of a server error, nothing is allowed and
nothing is shown.
May not enter: rules; each tag asks the consent state of its request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.template import Library, Node, NodeList, TemplateSyntaxError
from markupsafe import Markup

from cookieconsent.engine.events import LOGGER
from cookieconsent.engine.state import ConsentState, consent_of
from cookieconsent.errors import NotInstalledError
from cookieconsent.integrations.django.layout import OWN_PAGE

if TYPE_CHECKING:
    from django.template.base import FilterExpression, Parser, Token
    from django.template.context import Context

register: Library = Library()


def _state(context: Context) -> ConsentState | None:
    """Return the consent state of the request that a template is rendered for."""
    request = getattr(context, "request", None) or context.get("request")
    try:
        return consent_of(request)
    except NotInstalledError:
        LOGGER.debug("a template was rendered without a request that has a consent state")
        return None


@register.simple_tag(takes_context=True)
def consent_banner(context: Context) -> str:
    """Return the banner, if one is due; nothing is inserted into the page then."""
    state = _state(context)
    return Markup() if state is None or OWN_PAGE in context else state.banner()


@register.simple_tag(takes_context=True)
def consent_settings_link(context: Context) -> str:
    """Return the settings element for visitors who have answered."""
    state = _state(context)
    return Markup() if state is None or OWN_PAGE in context else state.settings_link()


@register.simple_tag(takes_context=True)
def consent_allows(context: Context, cls: str) -> bool:
    """Tell whether a class is allowed: `{% consent_allows "analytics" as counted %}`."""
    state = _state(context)
    return state is not None and state.allows(cls)


@register.simple_tag(takes_context=True)
def consent_preferences_url(context: Context) -> str:
    """Return the address of the preferences page."""
    state = _state(context)
    return "" if state is None else state.preferences_url


@register.simple_tag(takes_context=True)
def consent_preferences(context: Context) -> str:
    """Return the inner part of the preferences page, for a page of the project's own."""
    state = _state(context)
    return Markup() if state is None else state.preferences()


@register.simple_block_tag(takes_context=True)
def consent_embed(
    context: Context,
    content: str,
    cls: str = "media",
    title: str | None = None,
    provider: str | None = None,
    link: str | None = None,
    width: int | str | None = None,
    height: int | str | None = None,
) -> str:
    """Return the content once its class is allowed; before that, a box that says what it is.

    Args:
        context: The context.
        content: What stands between the tags.
        cls: The class that needs a yes.
        title: What it is.
        provider: Who delivers it, and receives data.
        link: Where the same content is at the provider.
        width: In CSS pixels.
        height: In CSS pixels.
    """
    state = _state(context)
    markup = Markup(content)  # noqa: S704 - rendered by the template, which has escaped it
    if state is None:
        return Markup()
    return state.embed(
        markup, cls, title=title, provider=provider, link=link, width=width, height=height
    )


@register.tag
def consent(parser: Parser, token: Token) -> Node:
    """Show what stands between the tags if a class is allowed, else what follows `{% else %}`."""
    words = token.split_contents()
    if len(words) != 2:  # noqa: PLR2004 - the tag and its class
        message = f'{words[0]!r} takes one class: {{% {words[0]} "analytics" %}}'
        raise TemplateSyntaxError(message)
    allowed = parser.parse(("else", "endconsent"))
    otherwise = NodeList()
    if parser.next_token().contents == "else":
        otherwise = parser.parse(("endconsent",))
        parser.delete_first_token()
    return _ConsentNode(parser.compile_filter(words[1]), allowed, otherwise)


class _ConsentNode(Node):
    """What is shown with, and without, a yes to a class."""

    child_nodelists = ("allowed", "otherwise")

    def __init__(self, cls: FilterExpression, allowed: NodeList, otherwise: NodeList) -> None:
        self.cls = cls
        self.allowed = allowed
        self.otherwise = otherwise

    def render(self, context: Context) -> str:
        """Return one of the two."""
        state = _state(context)
        is_allowed = state is not None and state.allows(self._class(context))
        nodes = self.allowed if is_allowed else self.otherwise
        text: str = nodes.render(context)
        return text

    def _class(self, context: Context) -> str:
        cls = self.cls.resolve(context)
        if not isinstance(cls, str) or not cls:
            raise TypeError(
                f"{{% consent {self.cls.token} %}} names no class: write it in quotation marks, as in "
                '"analytics"'
            )
        return cls
