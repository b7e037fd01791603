"""What this page is, what the visitor has said, and what the browser says.

May not enter: what can be done about it (`answers`, `acts`).
"""

from __future__ import annotations

from markupsafe import Markup

from cookieconsent.ui.classes import title_of
from cookieconsent.ui.i18n import Words
from cookieconsent.ui.sections.facts import SiteFacts, Visit
from cookieconsent.ui.sections.parts import NOTE


def introduction(words: Words) -> Markup:
    """Return what cookies are, and what this page is for."""
    return Markup("<p>{} {}</p>\n").format(
        words.gettext(
            "Cookies are small texts that a site asks your browser to keep. Here you decide which "
            "ones this site may use."
        ),
        words.gettext("You can change your answer or withdraw your consent here at any time."),
    )


def state(site: SiteFacts, visit: Visit, words: Words) -> Markup:
    """Return what the visitor has said, when, and for how long it counts."""
    gettext, choice = words.gettext, visit.choice
    if choice is None:
        if not site.switchable:
            return Markup()
        text = gettext(
            "You have not answered yet. Until you do, cookies that need your consent stay off."
        )
        return NOTE.format("state", text)
    sentences = []
    if visit.rests(site):
        sentences.append(
            gettext("Everything is paused. Your answers count again when you end the pause.")
        )
    if choice.answers:
        sentences.append(
            gettext("You answered on %(day)s. Your answer counts until %(end)s.")
            % {"day": words.date(choice.date), "end": words.date(choice.valid_until)}
        )
    for answer, message in (
        (True, gettext("You said yes to: %(classes)s.")),
        (False, gettext("You said no to: %(classes)s.")),
        (None, gettext("You have not answered yet for: %(classes)s.")),
    ):
        titles = [
            title_of(cls, words) for cls in site.switchable if choice.answer(cls.name) is answer
        ]
        if titles:
            sentences.append(message % {"classes": words.listing(titles)})
    return NOTE.format("state", " ".join(sentences))


def signal(site: SiteFacts, visit: Visit, words: Words) -> Markup:
    """Return that the browser's signal was seen, and what it did (11 CCR 7025 (c)(6))."""
    if not visit.signal:
        return Markup()
    gettext = words.gettext
    sentences = [gettext("Your browser sends Global Privacy Control. This site honours it.")]
    titles = [title_of(cls, words) for cls in site.classes if cls.name in visit.overruled]
    if titles:
        sentences.append(
            gettext("It counts as your no to: %(classes)s.") % {"classes": words.listing(titles)}
        )
    if visit.choice is not None and visit.choice.granted & visit.overruled:
        sentences.append(
            gettext(
                "You had said yes before. To let your yes count all the same, save it again here."
            )
        )
    return NOTE.format("signal", " ".join(sentences))
