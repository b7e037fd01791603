"""The preferences page: every class with its cookies, the current answer, and the forms to change it.

A whole document of ours under the strictest policy: one style sheet of the own origin, forms to
itself, nothing else.
May not enter: what an answer leads to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from markupsafe import Markup, escape

from cookieconsent.core.choice import Choice
from cookieconsent.core.registry import Classification, Cookie, CookieClass
from cookieconsent.ui.classes import description_of, title_of
from cookieconsent.ui.forms import hidden
from cookieconsent.ui.i18n import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFacts:
    """What the site says of itself, the same for every visitor."""

    classes: tuple[CookieClass, ...]
    cookies: tuple[Cookie, ...]
    policy_version: str | None = None
    last_updated: date | None = None
    privacy_policy_url: str | None = None
    contact: str | None = None
    authority: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What differs between two views of the page."""

    action: str
    """The address of the page."""
    style_url: str
    """The address of the style sheet."""
    token: str | None
    """The form token; `None` where forms carry none."""
    choice: Choice | None = None
    """The current answer."""
    allowed: frozenset[str] = frozenset()
    """The classes that pass now."""
    signal: bool = False
    """Whether Global Privacy Control is on."""
    overruled: frozenset[str] = frozenset()
    """The classes that the signal refused."""
    seen: Mapping[str, Classification] = field(default_factory=dict)
    """Catalogued cookies that this browser sent, by name."""
    filled: Mapping[str, bool] = field(default_factory=dict)
    """Answers of a form that could not be taken, so that they are not lost."""
    back: str | None = None
    """Where the visitor came from, carried through a form that could not be taken."""
    error: str | None = None
    """Which fault a form had: a key of `ERRORS`."""
    deletable: bool = False
    """Whether everything of this site can be deleted, which needs https."""


def _mark(message: str) -> str:
    """Mark a message for extraction; it is translated where it is used."""
    return message


ERRORS = {
    "stale": _mark("This form was too old or was sent from elsewhere. Please send it once more."),
    "unknown": _mark("That answer is not one of this form. Nothing was changed."),
    "insecure": _mark("Everything can be deleted over a secure connection (https) only."),
    "size": _mark("The form was too large. Nothing was changed."),
    "type": _mark("The form was sent in a way this site does not read. Nothing was changed."),
    "slow": _mark("The form did not arrive in time. Please send it once more."),
}
"""What the page says when a form could not be taken."""

_DOCUMENT = Markup(
    '<!DOCTYPE html>\n<html lang="{lang}" dir="{dir}">\n<head>\n<meta charset="utf-8">\n'
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    '<meta name="robots" content="noindex">\n<title>{title}</title>\n'
    '<link rel="stylesheet" href="{style}">\n</head>\n'
    '<body class="cookieconsent-page">\n<main>\n<h1>{title}</h1>\n{body}</main>\n</body>\n</html>\n'
)


def preferences_page(site: SiteFacts, visit: Visit, words: Words) -> bytes:
    """Return the page as UTF-8 bytes."""
    sections = (
        _messages(visit, words),
        _introduction(words),
        _state(visit, words),
        _signal(site, visit, words),
        _form(site, visit, words),
        _standing_forms(visit, words),
        _necessary(site, visit, words),
        _explanations(words),
        _rights(site, words),
        _footer(site, words),
    )
    page = _DOCUMENT.format(
        lang=words.tag,
        dir=words.direction,
        title=words.gettext("Cookie settings"),
        style=visit.style_url,
        body=Markup().join(sections),
    )
    return page.encode("utf-8", "xmlcharrefreplace")


def _messages(visit: Visit, words: Words) -> Markup:
    if visit.error is not None:
        text = words.gettext(ERRORS[visit.error])
        return Markup('<p role="alert">{}</p>\n').format(text)
    if visit.choice is None:
        text = words.gettext("Your browser did not keep your choice. Optional cookies stay off.")
    else:
        text = words.gettext("Your choice has been saved.")
    line = Markup('<p id="cookieconsent-saved" role="status" hidden>{} <a href="#">{}</a></p>\n')
    return line.format(text, words.gettext("Hide"))


def _introduction(words: Words) -> Markup:
    return Markup("<p>{} {}</p>\n").format(
        words.gettext(
            "Cookies are small texts that a site asks your browser to keep. Here you decide which "
            "ones this site may use."
        ),
        words.gettext("You can change or withdraw your consent here at any time."),
    )


def _state(visit: Visit, words: Words) -> Markup:
    if visit.choice is None:
        text = words.gettext("You have not answered yet. Until you do, optional cookies stay off.")
    else:
        text = words.gettext("You answered on %(day)s. Your answer counts until %(end)s.") % {
            "day": words.date(visit.choice.date),
            "end": words.date(visit.choice.valid_until),
        }
    return Markup('<p class="cookieconsent-note" id="cookieconsent-state">{}</p>\n').format(text)


def _signal(site: SiteFacts, visit: Visit, words: Words) -> Markup:
    if not visit.signal:
        return Markup()
    text = words.gettext("Your browser sends Global Privacy Control. This site honours it.")
    titles = [title_of(cls, words) for cls in site.classes if cls.name in visit.overruled]
    if titles:
        text += " " + words.gettext("It counts as your no to: %(classes)s.") % {
            "classes": ", ".join(titles)
        }
    conflict = visit.choice is not None and visit.choice.granted & visit.overruled
    if conflict:
        text += " " + words.gettext(
            "You had said yes before. To let your yes count all the same, save it again here."
        )
    return Markup('<p class="cookieconsent-note" id="cookieconsent-signal">{}</p>\n').format(text)


def _form(site: SiteFacts, visit: Visit, words: Words) -> Markup:
    switchable = [cls for cls in site.classes if cls.switchable]
    if not switchable:
        return Markup("<p>{}</p>\n").format(
            words.gettext("This site uses necessary cookies only. There is nothing to decide.")
        )
    buttons = [
        ("save", words.gettext("Save my choice")),
        ("reject", words.gettext("Reject all")),
        ("accept", words.gettext("Accept all")),
    ]
    return Markup(
        '<form id="cookieconsent-preferences" method="post" action="{}">{}\n{}'
        '<div class="cookieconsent-buttons">{}</div>\n</form>\n'
    ).format(
        visit.action,
        _hidden_fields(visit),
        Markup().join(_fieldset(cls, site, visit, words) for cls in switchable),
        _buttons(buttons),
    )


def _hidden_fields(visit: Visit) -> Markup:
    fields = Markup()
    if visit.token is not None:
        fields += hidden("token", visit.token)
    if visit.back is not None:
        fields += hidden("next", visit.back)
    return fields


def _buttons(buttons: Iterable[tuple[str, str]]) -> Markup:
    button = Markup('<button type="submit" name="choice" value="{}">{}</button>')
    return Markup().join(button.format(value, label) for value, label in buttons)


def _standing_forms(visit: Visit, words: Words) -> Markup:
    """Return the forms that act on the standing choice, beside the one that makes it."""
    buttons: list[tuple[str, str]] = []
    if visit.choice is not None:
        buttons.append(("withdraw", words.gettext("Withdraw everything")))
        buttons.append(("forget", words.gettext("Forget my choice")))
    warning = Markup()
    if visit.deletable:
        buttons.append(("erase", words.gettext("Delete all cookies of this site")))
        warning = Markup("<p>{}</p>").format(
            words.gettext("Deleting all cookies also signs you out and empties the cart.")
        )
    if not buttons:
        return Markup()
    return Markup(
        '<form id="cookieconsent-standing" method="post" action="{}">{}{}'
        '<div class="cookieconsent-buttons cookieconsent-quiet">{}</div>\n</form>\n'
    ).format(visit.action, _hidden_fields(visit), warning, _buttons(buttons))


def _fieldset(cls: CookieClass, site: SiteFacts, visit: Visit, words: Words) -> Markup:
    return Markup(
        "<fieldset>\n<legend>{}</legend>\n<p>{}</p>\n{}<div>{}{}</div>\n{}</fieldset>\n"
    ).format(
        title_of(cls, words),
        description_of(cls, words),
        _class_notes(cls, words),
        _radio(cls, "yes", words.gettext("Yes"), visit),
        _radio(cls, "no", words.gettext("No"), visit),
        _cookie_table(cls, site, visit, words),
    )


def _class_notes(cls: CookieClass, words: Words) -> Markup:
    notes = []
    if cls.shares_with_third_parties:
        notes.append(
            words.gettext("Third parties may receive this data, also outside the European Union.")
        )
    if cls.regime == "objection":
        notes.append(words.gettext("These cookies are used until you say no."))
    return Markup().join(Markup("<p>{}</p>\n").format(note) for note in notes)


def _radio(cls: CookieClass, value: str, label: str, visit: Visit) -> Markup:
    answer = visit.filled.get(cls.name)
    if answer is None and visit.choice is not None:
        answer = visit.choice.answer(cls.name)
    checked = Markup(" checked") if answer is (value == "yes") else ""
    return Markup('<label><input type="radio" name="class-{}" value="{}"{}>{}</label>').format(
        cls.name, value, checked, label
    )


def _cookie_table(cls: CookieClass, site: SiteFacts, visit: Visit, words: Words) -> Markup:
    rows = [_declared_row(cookie, words) for cookie in site.cookies if cookie.cls == cls.name]
    rows += [
        _row(name, "", known.vendor, _seen_lifetime(known, words), words)
        for name, known in visit.seen.items()
        if known.cls == cls.name
    ]
    if not rows:
        return Markup("<p>{}</p>\n").format(
            words.gettext("Your browser sent no cookie of this class that this site knows by name.")
        )
    heads = [words.gettext("Name"), words.gettext("Purpose")]
    heads += [words.gettext("Provider"), words.gettext("Kept for")]
    return Markup(
        "<details>\n<summary>{}</summary>\n<table>\n<caption>{}</caption>\n<thead><tr>{}</tr></thead>\n"
        "<tbody>\n{}</tbody>\n</table>\n</details>\n"
    ).format(
        words.ngettext("%(num)d cookie", "%(num)d cookies", len(rows)) % {"num": len(rows)},
        title_of(cls, words),
        Markup().join(Markup('<th scope="col">{}</th>').format(head) for head in heads),
        Markup().join(rows),
    )


def _row(name: str, purpose: str, provider: str | None, lifetime: str, words: Words) -> Markup:
    cells = (
        (words.gettext("Name"), Markup("<code>{}</code>").format(printable(name))),
        (words.gettext("Purpose"), escape(purpose)),
        (words.gettext("Provider"), escape(provider or "")),
        (words.gettext("Kept for"), escape(lifetime)),
    )
    cell = Markup('<td data-label="{}">{}</td>')
    return Markup("<tr>{}</tr>\n").format(
        Markup().join(cell.format(label, text) for label, text in cells)
    )


def printable(name: str) -> str:
    """Return a cookie name in which nothing invisible or reordering is left unescaped."""
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in name)


def _declared_row(cookie: Cookie, words: Words) -> Markup:
    if cookie.lifetime is None:
        lifetime = ""
    elif cookie.max_age is None:
        lifetime = words.gettext("until you close the browser")
    else:
        lifetime = words.duration(cookie.max_age)
    return _row(cookie.name, cookie.purpose or "", cookie.provider, lifetime, words)


def _seen_lifetime(known: Classification, words: Words) -> str:
    return "" if known.lifetime is None else words.duration(known.lifetime)


def _necessary(site: SiteFacts, visit: Visit, words: Words) -> Markup:
    sections = [
        Markup(
            '<section id="cookieconsent-class-{}">\n<h3>{}</h3>\n<p>{}</p>\n{}</section>\n'
        ).format(
            cls.name,
            title_of(cls, words),
            description_of(cls, words),
            _cookie_table(cls, site, visit, words),
        )
        for cls in site.classes
        if not cls.switchable
    ]
    return Markup("<h2>{}</h2>\n<p>{}</p>\n{}").format(
        words.gettext("Necessary cookies"),
        words.gettext(
            "You cannot switch these off here, because the site does not work without them."
        ),
        Markup().join(sections),
    )


def _explanations(words: Words) -> Markup:
    paragraphs = (
        words.gettext(
            "Session cookies last until you close the browser. Persistent cookies stay for the time "
            "that is given for each."
        ),
        words.gettext(
            "You can also refuse or delete cookies in the settings of your browser. Without the "
            "necessary ones, parts of this site may not work."
        ),
    )
    return Markup("<h2>{}</h2>\n{}").format(
        words.gettext("Good to know"),
        Markup().join(Markup("<p>{}</p>\n").format(text) for text in paragraphs),
    )


def _rights(site: SiteFacts, words: Words) -> Markup:
    rights = (
        words.gettext(
            "to see the data about you and to receive a copy that other services can read"
        ),
        words.gettext("to have wrong data corrected and data deleted"),
        words.gettext("to have the use of your data restricted, and to object to it"),
        words.gettext("to withdraw consent at any time; what was done before stays lawful"),
        words.gettext("to complain to a data protection authority"),
    )
    contacts: Sequence[Markup] = [
        Markup("<li>{}: {}</li>\n").format(label, _linked(value))
        for label, value in (
            (words.gettext("Contact"), site.contact),
            (words.gettext("Privacy policy"), site.privacy_policy_url),
            (words.gettext("Authority"), site.authority),
        )
        if value is not None
    ]
    return Markup("<h2>{}</h2>\n<p>{}</p>\n<ul>\n{}</ul>\n{}").format(
        words.gettext("Your rights"),
        words.gettext("You have the right"),
        Markup().join(Markup("<li>{}</li>\n").format(right) for right in rights),
        Markup("<ul>\n{}</ul>\n").format(Markup().join(contacts)) if contacts else "",
    )


def _linked(value: str) -> Markup:
    """Return a link for web, mail and site addresses, plain text for anything else."""
    if value.startswith(("https://", "http://", "mailto:")) or (
        value.startswith("/") and not value.startswith(("//", "/\\"))
    ):
        return Markup('<a href="{}">{}</a>').format(value, value.removeprefix("mailto:"))
    return escape(value)


def _footer(site: SiteFacts, words: Words) -> Markup:
    facts = []
    if site.policy_version is not None:
        facts.append(words.gettext("Version %(version)s") % {"version": site.policy_version})
    if site.last_updated is not None:
        facts.append(words.gettext("Last updated %(day)s") % {"day": words.date(site.last_updated)})
    if not facts:
        return Markup()
    return Markup("<footer>{}</footer>\n").format(", ".join(facts))
