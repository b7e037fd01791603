"""What visitors read of a cookie class: the words of the built-in ones, a site's own where it has any.

May not enter: markup.
"""

from __future__ import annotations

from cookieconsent.core.registry import CookieClass
from cookieconsent.ui.i18n import Words


def _mark(message: str) -> str:
    """Mark a message for extraction; it is translated where it is used."""
    return message


_TITLES = {
    "authentication": _mark("Authentication and status"),
    "cart": _mark("Shopping cart"),
    "consent": _mark("Cookie consent"),
    "analytics": _mark("Analytics"),
    "preferences": _mark("Preferences"),
    "media": _mark("Embedded media"),
    "advertising": _mark("Advertising"),
}
_DESCRIPTIONS = {
    "authentication": _mark(
        "These cookies keep you signed in, protect forms against misuse and keep the service stable."
    ),
    "cart": _mark("These cookies remember what you put in the shopping cart until you check out."),
    "consent": _mark("This cookie remembers your answer on this page. It holds no identifier."),
    "analytics": _mark(
        "These cookies count visits and show which pages are used, so that the site can be improved."
    ),
    "preferences": _mark(
        "These cookies remember settings that you choose yourself, such as language or text size."
    ),
    "media": _mark("These cookies are set when videos, maps or posts of other services are shown."),
    "advertising": _mark(
        "These cookies follow visits across websites to choose and measure advertisements."
    ),
}


def title_of(cls: CookieClass, words: Words) -> str:
    """Return a class's title: the site's own, else the translated built-in, else the name."""
    if cls.title is not None:
        return words.own(cls.title)
    message = _TITLES.get(cls.name)
    return cls.name if message is None else words.gettext(message)


def description_of(cls: CookieClass, words: Words) -> str:
    """Return what a class is for: the site's own words, else the translated built-in, else none."""
    if cls.description is not None:
        return words.own(cls.description)
    message = _DESCRIPTIONS.get(cls.name)
    return "" if message is None else words.gettext(message)
