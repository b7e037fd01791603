"""The form: a question for each class that visitors decide about, and the buttons that answer.

May not enter: what can be done with an answer that stands (`acts`).
"""

from __future__ import annotations

from markupsafe import Markup

from cookieconsent.core.registry import CookieClass
from cookieconsent.ui.classes import description_of, title_of
from cookieconsent.ui.i18n import Words
from cookieconsent.ui.sections.acts import acts
from cookieconsent.ui.sections.cookies import cookie_table
from cookieconsent.ui.sections.facts import SiteFacts, Visit
from cookieconsent.ui.sections.parts import HEADING, PARAGRAPH, hidden_fields

_CLASS = Markup(
    '<section id="cookieconsent-class-{name}" class="cookieconsent-class">\n<h3>{title}</h3>'
    '<p class="cookieconsent-now">{now}</p>\n{notes}{answer}{cookies}</section>\n'
)


def answers(site: SiteFacts, visit: Visit, words: Words) -> Markup:
    """Return the form of the page, with all that is one click away."""
    further = acts(site, visit, words)
    if site.switchable:
        questions = Markup("{}{}<p>{}</p>\n{}").format(
            HEADING.format("optional", words.gettext("Optional cookies")),
            Markup().join(_optional(cls, site, visit, words) for cls in site.switchable),
            words.gettext("What you leave open counts as no."),
            _buttons(words),
        )
    else:
        questions = PARAGRAPH.format(
            words.gettext("This site uses necessary cookies only. There is nothing to decide.")
        )
        if not further:
            return questions
    return Markup(
        '<form id="cookieconsent-preferences" method="post" action="{}">{}\n{}{}</form>\n'
    ).format(visit.action, hidden_fields(visit), questions, further)


def _buttons(words: Words) -> Markup:
    """Return the buttons that answer; the first is what the Enter key sends."""
    button = Markup(
        '<button type="submit" name="choice" value="{}" class="cookieconsent-button">{}</button>'
    )
    buttons = (
        ("save", words.gettext("Save my choice")),
        ("reject", words.gettext("Reject all")),
        ("accept", words.gettext("Accept all")),
    )
    return Markup('<div class="cookieconsent-buttons">{}</div>\n').format(
        Markup().join(button.format(value, label) for value, label in buttons)
    )


def _optional(cls: CookieClass, site: SiteFacts, visit: Visit, words: Words) -> Markup:
    gettext = words.gettext
    notes = [description_of(cls, words)]
    question = gettext("Do you consent to “%(class)s”?")
    if cls.shares_with_third_parties:
        notes.append(gettext("Third parties may receive this data, also outside the EU."))
    if cls.regime == "objection":
        notes.append(gettext("These cookies are used until you say no."))
        question = gettext("May this site use “%(class)s”?")
    answer = Markup("<fieldset>\n<legend>{}</legend>\n{}\n{}\n</fieldset>\n").format(
        question % {"class": title_of(cls, words)},
        _radio(cls, "yes", gettext("Yes"), visit),
        _radio(cls, "no", gettext("No"), visit),
    )
    return _CLASS.format(
        name=cls.name,
        title=title_of(cls, words),
        now=_now(cls, visit, words),
        notes=PARAGRAPH.format(" ".join(filter(None, notes))) if any(notes) else "",
        answer=answer,
        cookies=cookie_table(cls, site, visit, words),
    )


def _now(cls: CookieClass, visit: Visit, words: Words) -> str:
    if cls.name in visit.allowed:
        return words.gettext("Now on")
    if visit.choice is not None and cls.name in visit.choice.paused:
        return words.gettext("Paused")
    return words.gettext("Now off")


def _radio(cls: CookieClass, value: str, label: str, visit: Visit) -> Markup:
    answer = visit.filled.get(cls.name)
    if answer is None and visit.choice is not None:
        answer = visit.choice.answer(cls.name)
    checked = Markup(" checked") if answer is (value == "yes") else ""
    return Markup('<label><input type="radio" name="class-{}" value="{}"{}>{}</label>').format(
        cls.name, value, checked, label
    )


def necessary(site: SiteFacts, visit: Visit, words: Words) -> Markup:
    """Return the classes that cannot be switched, and why."""
    classes = [
        _CLASS.format(
            name=cls.name,
            title=title_of(cls, words),
            now=words.gettext("Always on"),
            notes=PARAGRAPH.format(description) if description else "",
            answer="",
            cookies=cookie_table(cls, site, visit, words),
        )
        for cls in site.classes
        if not cls.switchable
        for description in (description_of(cls, words),)
    ]
    return Markup("{}<p>{}</p>\n{}").format(
        HEADING.format("necessary", words.gettext("Necessary cookies")),
        words.gettext("You cannot switch these off, because the site does not work without them."),
        Markup().join(classes),
    )
