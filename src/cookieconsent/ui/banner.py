"""The banner for undecided visitors and the settings element for the others.

One labelled region in normal flow: heading, text, two equal buttons, a link to the preferences page.
No script, no inline event, no `style` attribute, no `autofocus`.
May not enter: when it is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from markupsafe import Markup, escape

from cookieconsent.core.registry import CookieClass
from cookieconsent.ui.classes import title_of
from cookieconsent.ui.forms import ACTION, next_field, token_field
from cookieconsent.ui.i18n import Words
from cookieconsent.ui.theme import SHIPPED, Theme

Style = Literal["inline", "linked", "none"]
"""How the style reaches the page: in it, by a link to a sheet of the own origin, or not at all."""

_BANNER = Markup(
    '<div id="cookieconsent-banner" role="region" aria-labelledby="cookieconsent-title"'
    ' lang="{lang}" dir="{dir}" data-nosnippet>{style}{line}'
    '<h2 id="cookieconsent-title">{title}</h2><p>{text}</p>{controls}</div>'
)
_FORM = Markup(
    '<form method="post" action="{action}">{token}{next}'
    '<button type="submit" name="choice" value="reject" class="cookieconsent-button">{reject}</button> '
    '<button type="submit" name="choice" value="accept" class="cookieconsent-button">{accept}</button> '
    '<a href="{action}">{settings}</a></form>'
)
_LINK = Markup('<p><a href="{action}">{settings}</a></p>')
# In every page of every decided visitor, so each byte counts: what users' tests need not find by its
# bytes goes unquoted.
_SETTINGS = Markup(
    '<div id="cookieconsent-settings" lang={lang}{dir}>{style}{line}'
    "<a href={action}>{settings}</a> {withdraw}</div>"
)
_WITHDRAW = Markup(
    "<form method=post action={action}>{token}{next}"
    "<button name=choice value=withdraw>{withdraw}</button></form>"
)
_SAVED = Markup("<p id=cookieconsent-saved role=status>{} <a href=#>{}</a></p>")
_SAVED_HERE = Markup("<p id=cookieconsent-saved role=status>{}</p>")
_LINE = Markup('<p id="cookieconsent-saved" role=status>{}{}</p>')
_HIDE = Markup(' <a href="#">{}</a>')


class Look(NamedTuple):
    """What the host page lets us show."""

    style: Style = "inline"
    """How the style reaches it."""
    form: bool = True
    """Whether forms may be sent from it; otherwise there is a link only."""
    token: bool = True
    """Whether forms carry a token. Pages cached for everybody carry none, and a sheet that says
    whether to show the banner instead."""
    fragments: bool = True
    """Whether `#` stays on the page: not where a `<base>` leads it away."""
    utf8: bool = False
    """Whether its head says that it is UTF-8, so that letters need no character references."""
    kept: bool = False
    """Whether an answer stands all the same, to one class say, so that saying it was not would be
    untrue."""


@dataclass(frozen=True, slots=True)
class BannerFacts:
    """What the text of the banner depends on, the same for every visitor of a site."""

    classes: tuple[CookieClass, ...]
    """The classes a visitor can say yes or no to."""
    providers: int
    """How many different third parties were declared; 0 where none was."""

    @property
    def shares(self) -> bool:
        """Whether any class passes data on to third parties."""
        return any(cls.shares_with_third_parties for cls in self.classes)


def style_markup(theme: Theme, sheet: str, style: Style) -> Markup:
    """Return the markup that brings a sheet into a page."""
    if style == "inline":
        # The sheets are ours, ASCII, and hold no `</style`; a site's values were checked for it.
        return Markup("<style>{}</style>").format(Markup(theme.sheet(sheet)))  # noqa: S704
    if style == "linked":
        return Markup('<link rel="stylesheet" href="{}/{}">').format(ACTION, theme.linked_name)
    return Markup()


def banner(facts: BannerFacts, words: Words, look: Look, theme: Theme = SHIPPED) -> Markup:
    """Return the banner, with holes for address, token and page to return to.

    Args:
        facts: What the text depends on.
        words: The language.
        look: What the host page allows.
        theme: The style of the site.
    """
    gettext = words.gettext
    if look.form:
        controls = _FORM.format(
            action=ACTION,
            token=token_field() if look.token else "",
            next=next_field(),
            reject=gettext("Reject all"),
            accept=gettext("Accept all"),
            settings=gettext("Cookie settings"),
        )
    else:
        controls = _LINK.format(action=ACTION, settings=gettext("Cookie settings"))
    return _BANNER.format(
        lang=words.tag,
        dir=words.direction,
        style=style_markup(theme, "banner", look.style) + _state_link(look),
        line=_line(words, look),
        title=gettext("Cookies on this site"),
        text=banner_text(facts, words),
        controls=controls,
    )


def _state_link(look: Look) -> Markup:
    if look.token:
        return Markup()
    return Markup('<link rel="stylesheet" href="{}/state.css">').format(ACTION)


def _line(words: Words, look: Look) -> Markup:
    """Return what style shows where a form did not lead to a choice."""
    if look.style == "none":
        return Markup()
    hide = _HIDE.format(words.gettext("Hide")) if look.fragments else ""
    return _LINE.format(confirmation_text(words, kept=look.kept), hide)


def _saved(words: Words, look: Look) -> Markup:
    """Return what style shows where a form did, while it is the target of the address.

    A link, so that the target takes the focus and is said aloud.
    """
    if look.style == "none":
        return Markup()
    text = confirmation_text(words, kept=True)
    return (
        _SAVED.format(text, words.gettext("Hide")) if look.fragments else _SAVED_HERE.format(text)
    )


def confirmation_text(words: Words, *, kept: bool) -> str:
    """Return what is said after a form was taken.

    Without a choice it must hold in three cases: the browser refuses cookies; the visitor had the
    choice forgotten; a text browser shows the line at all times.
    """
    if kept:
        return words.gettext("Your choice is saved.")
    return words.gettext(
        "No choice is stored, so cookies that need your consent stay off. If you have just chosen, "
        "your browser refuses cookies."
    )


def banner_text(facts: BannerFacts, words: Words) -> Markup:
    """Return the text of the first layer: what is used for what, who receives data, the way back."""
    gettext = words.gettext
    asked = [title_of(cls, words) for cls in facts.classes if cls.regime == "opt-in"]
    assumed = [title_of(cls, words) for cls in facts.classes if cls.regime == "objection"]
    sentences = [gettext("Necessary cookies make this site work.")]
    if asked:
        sentences.append(
            gettext("With your consent we also use cookies for: %(classes)s.")
            % {"classes": words.listing(asked)}
        )
    if assumed:
        sentences.append(
            gettext("Unless you object we use cookies for: %(classes)s.")
            % {"classes": words.listing(assumed)}
        )
    if facts.shares:
        sentences.append(_recipients(facts.providers, words))
    sentences.append(gettext("You can withdraw your consent at any time."))
    return Markup(" ").join(escape(sentence) for sentence in sentences)


def _recipients(number: int, words: Words) -> str:
    if not number:
        return words.gettext("Third parties may then receive data, also outside the EU.")
    message = words.ngettext(
        "%(num)d third party may then receive data, also outside the EU.",
        "%(num)d third parties may then receive data, also outside the EU.",
        number,
    )
    return message % {"num": number}


def settings_element(words: Words, look: Look, theme: Theme = SHIPPED, *, granted: bool) -> Markup:
    """Return the settings element: the way back, and for those who said yes the withdrawal.

    Args:
        words: The language.
        look: What the host page allows.
        theme: The style of the site.
        granted: Whether there is anything to withdraw.
    """
    gettext = words.gettext
    withdraw = Markup()
    if granted and look.form:
        withdraw = _WITHDRAW.format(
            action=ACTION,
            token=token_field() if look.token else "",
            next=next_field(),
            withdraw=gettext("Withdraw consent"),
        )
    return _SETTINGS.format(
        lang=words.tag,
        dir="" if words.direction == "ltr" else f" dir={words.direction}",
        style=style_markup(theme, "settings", look.style),
        line=_saved(words, look),
        action=ACTION,
        settings=gettext("Cookie settings"),
        withdraw=withdraw,
    )
