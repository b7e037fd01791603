"""What stands in a page in the place of content that needs a yes: a box of the same size.

It says what is there and who would receive data, leads to the provider, and has the button that allows
the class from now on. The content itself is in the page only once it may be, so nothing of it loads.
May not enter: whether it may.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from cookieconsent.core.link import is_web_link
from cookieconsent.core.registry import CookieClass
from cookieconsent.ui.classes import title_of
from cookieconsent.ui.forms import ACTION, hidden, next_field, token_field
from cookieconsent.ui.i18n import Words

_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")  # among them what marks the holes of our markup
_MAX_PIXELS = 9999

# The drawing draws nothing: it is the one element that has a size without any style, so the page does
# not jump when the content comes.
_SPACE = Markup('<svg width="{}" height="{}" aria-hidden="true" focusable="false"></svg>')
_PLACEHOLDER = Markup(
    '<div class="cookieconsent-embed" role="group" lang="{lang}" dir="{dir}"{label}>{style}{space}'
    '<div class="cookieconsent-embed-text">{title}<p>{text}</p>{form}{link}</div></div>'
)
_STYLE = Markup('<link rel="stylesheet" href="{}/{}">')
_FORM = Markup(
    '<form method="post" action="{}">{}{}{}'
    '<button type="submit" name="choice" value="grant">{}</button></form>'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Embed:
    """What a site says of content that it embeds."""

    title: str | None = None
    """What it is: the title of a video, say."""
    provider: str | None = None
    """Who delivers it, and receives data."""
    link: str | None = None
    """Where the same content is at the provider: `https:`, `http:` or a path of this site."""
    width: int | None = None
    """In CSS pixels."""
    height: int | None = None
    """In CSS pixels."""

    @classmethod
    def of(cls, said: Mapping[str, object]) -> Embed:
        """Read what a template says, which may be markup, a lazy text, or numbers as text.

        A link that is no web address is left out.

        Args:
            said: `title`, `provider`, `link`, `width` and `height`; `None` for what is not said.
        """
        link = _text(said.get("link"))
        return cls(
            title=_text(said.get("title")),
            provider=_text(said.get("provider")),
            link=link if is_web_link(link) else None,
            width=_pixels(said.get("width")),
            height=_pixels(said.get("height")),
        )

    @property
    def is_shown(self) -> bool:
        """Whether something stands in its place; for a script or a pixel, nothing does."""
        return any((self.title, self.provider, self.link, self.width, self.height))


def _text(value: object) -> str | None:
    """Return a value as plain text, which markup escapes once more, also in attributes."""
    if value is None:
        return None
    text = Markup(value).striptags() if hasattr(value, "__html__") else str(value)  # noqa: S704
    return _CONTROL.sub(" ", text).strip() or None


def _pixels(value: object) -> int | None:
    """Return a length in CSS pixels; `None` for what is none."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:5])
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _MAX_PIXELS:
        return value
    return None


def placeholder(
    embed: Embed, cls: CookieClass | None, words: Words, *, token: bool, sheet: str | None
) -> Markup:
    """Return what stands in the place of the content, with holes as the banner has them.

    Args:
        embed: What the site says of it.
        cls: The class that a button may allow; `None` for no button.
        words: The language.
        token: Whether forms carry a token.
        sheet: The name of our style sheet; `None` where the page has it already.
    """
    gettext = words.gettext
    title = embed.title
    return _PLACEHOLDER.format(
        lang=words.tag,
        dir=words.direction,
        label="" if title is None else Markup(' aria-label="{}"').format(title),
        style="" if sheet is None else _STYLE.format(ACTION, sheet),
        space=_space(embed),
        title="" if title is None else Markup("<p><strong>{}</strong></p>").format(title),
        text=" ".join(
            (
                gettext("This content needs your consent, so it is not shown yet."),
                _recipient(embed, words),
            )
        ),
        form="" if cls is None else _form(cls, words, token=token),
        link=_link(embed, words),
    )


def _space(embed: Embed) -> Markup:
    if embed.width is None or embed.height is None:
        return Markup()
    return _SPACE.format(embed.width, embed.height)


def _recipient(embed: Embed, words: Words) -> str:
    if embed.provider is None:
        return words.gettext(
            "A third party receives data about you when this is shown, possibly outside the EU."
        )
    return words.gettext(
        "%(provider)s receives data about you when this is shown, possibly outside the EU."
    ) % {"provider": embed.provider}


def _form(cls: CookieClass, words: Words, *, token: bool) -> Markup:
    label = words.gettext("Allow “%(class)s” from now on") % {"class": title_of(cls, words)}
    return _FORM.format(
        ACTION,
        token_field() if token else "",
        next_field(),
        hidden("class", cls.name),
        label,
    )


def _link(embed: Embed, words: Words) -> Markup:
    if embed.link is None:
        return Markup()
    label = words.gettext("Open at the provider")
    if embed.provider is not None:
        label = words.gettext("Open at %(provider)s") % {"provider": embed.provider}
    return Markup('<p><a href="{}" rel="noopener noreferrer">{}</a></p>').format(embed.link, label)
