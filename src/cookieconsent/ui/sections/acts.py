"""What can be done with an answer that stands: withdraw, pause, forget, delete, object.

Each act is one button, with a sentence on what it leads to.
May not enter: answering (`answers`).
"""

from __future__ import annotations

from markupsafe import Markup

from cookieconsent.core.registry import CookieClass
from cookieconsent.ui.classes import title_of
from cookieconsent.ui.forms import hidden
from cookieconsent.ui.i18n import Words
from cookieconsent.ui.sections.facts import SiteFacts, Visit
from cookieconsent.ui.sections.parts import HEADING, hidden_fields

_ACT = Markup(
    '<div class="cookieconsent-act"><button type="submit" name="choice" value="{0}"'
    ' aria-describedby="cookieconsent-about-{0}">{1}</button>'
    '<p id="cookieconsent-about-{0}">{2}</p></div>\n'
)
_OBJECT = Markup(
    '<form class="cookieconsent-act" method="post" action="{}">{}{}'
    '<button type="submit" name="choice" value="object">{}</button></form>\n'
)


def _is_on(site: SiteFacts, visit: Visit) -> bool:
    return any(cls.name in visit.allowed for cls in site.switchable)


def has_acts(site: SiteFacts, visit: Visit) -> bool:
    """Tell whether there is anything to act on."""
    return visit.choice is not None or visit.deletable or _is_on(site, visit)


def acts(site: SiteFacts, visit: Visit, words: Words) -> Markup:
    """Return the acts, for inside the form of the page; nothing where there is none."""
    rows = [
        *([_withdrawing(words)] if visit.choice is not None else []),
        *([_resuming(words)] if visit.paused else []),
        *([_pausing(visit, words)] if _is_on(site, visit) else []),
        *([_forgetting(words)] if visit.choice is not None else []),
        *([_erasing(words)] if visit.deletable else []),
    ]
    if not rows:
        return Markup()
    heading = HEADING.format("acts", words.gettext("Withdraw, pause or delete"))
    return heading + Markup().join(_ACT.format(*row) for row in rows)


def _withdrawing(words: Words) -> tuple[str, str, str]:
    return (
        "withdraw",
        words.gettext("Withdraw everything"),
        words.gettext("Turns every answer into a no and deletes the cookies that needed a yes."),
    )


def _resuming(words: Words) -> tuple[str, str, str]:
    return (
        "resume",
        words.gettext("End the pause"),
        words.gettext("Your earlier answers count again."),
    )


def _pausing(visit: Visit, words: Words) -> tuple[str, str, str]:
    text = words.gettext(
        "Your answers and these cookies are kept, but nothing that you can decide about is used "
        "until you change it here."
    )
    if visit.valid_until is not None:
        # A pause lasts no longer than the cookie that keeps it.
        label = words.gettext("Counts until")
        text += f" ({label}: {words.date(visit.valid_until)})"
    return "pause", words.gettext("Pause everything"), text


def _forgetting(words: Words) -> tuple[str, str, str]:
    return (
        "forget",
        words.gettext("Forget my choice"),
        words.gettext("Deletes your answer from this browser. You will be asked again."),
    )


def _erasing(words: Words) -> tuple[str, str, str]:
    return (
        "erase",
        words.gettext("Delete all cookies of this site"),
        words.gettext("This also signs you out and empties the cart."),
    )


def objections(site: SiteFacts, visit: Visit, words: Words) -> Markup:
    """Return a form with one button for each class that is used until somebody objects."""
    return Markup().join(
        _objection(cls, visit, words)
        for cls in site.switchable
        if cls.regime == "objection" and cls.name in visit.allowed
    )


def _objection(cls: CookieClass, visit: Visit, words: Words) -> Markup:
    label = words.gettext("Object to “%(class)s”") % {"class": title_of(cls, words)}
    return _OBJECT.format(visit.action, hidden_fields(visit), hidden("class", cls.name), label)


def limits(words: Words) -> Markup:
    """Return what no act of this page can do."""
    return Markup("<p>{}</p>\n").format(
        words.gettext(
            "Cookies that other websites have set cannot be deleted from here. Use the settings of "
            "your browser for them."
        )
    )


def receipt_links(visit: Visit, words: Words) -> Markup:
    """Return where the answer can be had as a file, and on paper."""
    links = [
        Markup('<a href="{}">{}</a>').format(url, label)
        for url, label in (
            (visit.receipt_url, words.gettext("Download my choice")),
            (visit.print_url, words.gettext("Print my choice")),
        )
        if url is not None
    ]
    if not links:
        return Markup()
    text = words.gettext(
        "The file says what you answered and on which day. It is signed, so this site can tell "
        "whether it was altered, and it holds no identifier."
    )
    return Markup('{}<p>{}</p>\n<p class="cookieconsent-links">{}</p>\n').format(
        HEADING.format("file", words.gettext("Your choice as a file")),
        text,
        Markup(" ").join(links),
    )
