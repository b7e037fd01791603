"""The preferences page: every class with its cookies, the current answer, and the forms to change it.

A whole document of ours under the strictest policy: one style sheet of the own origin, forms to
itself, nothing else.
May not enter: what an answer leads to.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from markupsafe import Markup, escape

from cookieconsent.core.choice import VALID_DAYS, Choice
from cookieconsent.core.registry import Classification, Cookie, CookieClass
from cookieconsent.ui.banner import confirmation_text
from cookieconsent.ui.classes import description_of, title_of
from cookieconsent.ui.forms import hidden
from cookieconsent.ui.i18n import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFacts:
    """What the site says of itself, the same for every visitor."""

    classes: tuple[CookieClass, ...]
    cookies: tuple[Cookie, ...]
    consent_cookie: str
    """The name of the cookie that keeps the answer."""
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
    home: str = "/"
    """The address of the site's first page."""
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
    '<body class="cookieconsent-page">\n<main>\n{message}<p><a href="{home}">{back}</a></p>\n'
    "<h1>{heading}</h1>\n{body}</main>\n</body>\n</html>\n"
)
_PARAGRAPH = Markup("<p>{}</p>\n")
_NOTE = Markup('<p class="cookieconsent-note" id="cookieconsent-{}">{}</p>\n')


def preferences_page(site: SiteFacts, visit: Visit, words: Words) -> bytes:
    """Return the page as UTF-8 bytes."""
    heading = words.gettext("Cookie settings")
    failed = words.gettext("Not saved")
    sections = (
        _introduction(words),
        _state(site, visit, words),
        _signal(site, visit, words),
        _form(site, visit, words),
        _necessary(site, visit, words),
        _explanations(site, words),
        _rights(site, words),
        _footer(site, words),
    )
    page = _DOCUMENT.format(
        lang=words.tag,
        dir=words.direction,
        # The title is what a screen reader says first.
        title=heading if visit.error is None else f"{failed} - {heading}",
        style=visit.style_url,
        message=_message(visit, words),
        home=visit.back or visit.home,
        back=words.gettext("Back to the site"),
        heading=heading,
        body=Markup().join(sections),
    )
    return page.encode("utf-8", "xmlcharrefreplace")


def _message(visit: Visit, words: Words) -> Markup:
    if visit.error is not None:
        return Markup('<p role="alert">{}</p>\n').format(words.gettext(ERRORS[visit.error]))
    # A status that is there from the beginning is not announced; the focus, which goes to the
    # target of a fragment that can have it, is.
    return Markup(
        '<p id="cookieconsent-saved" role="status" tabindex="-1">{} <a href="#">{}</a></p>\n'
    ).format(confirmation_text(words, kept=visit.choice is not None), words.gettext("Hide"))


def _introduction(words: Words) -> Markup:
    return Markup("<p>{} {}</p>\n").format(
        words.gettext(
            "Cookies are small texts that a site asks your browser to keep. Here you decide which "
            "ones this site may use."
        ),
        words.gettext("You can change your answer or withdraw your consent here at any time."),
    )


def _switchable(site: SiteFacts) -> list[CookieClass]:
    return [cls for cls in site.classes if cls.switchable]


def _state(site: SiteFacts, visit: Visit, words: Words) -> Markup:
    """Return what the visitor has said, when, and for how long it counts."""
    gettext, choice = words.gettext, visit.choice
    if choice is None:
        if not _switchable(site):
            return Markup()
        text = gettext(
            "You have not answered yet. Until you do, cookies that need your consent stay off."
        )
        return _NOTE.format("state", text)
    sentences = [
        gettext("You answered on %(day)s. Your answer counts until %(end)s.")
        % {"day": words.date(choice.date), "end": words.date(choice.valid_until)}
    ]
    for answer, message in (
        (True, gettext("You said yes to: %(classes)s.")),
        (False, gettext("You said no to: %(classes)s.")),
        (None, gettext("You have not answered yet for: %(classes)s.")),
    ):
        titles = [
            title_of(cls, words) for cls in _switchable(site) if choice.answer(cls.name) is answer
        ]
        if titles:
            sentences.append(message % {"classes": words.listing(titles)})
    return _NOTE.format("state", " ".join(sentences))


def _signal(site: SiteFacts, visit: Visit, words: Words) -> Markup:
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
    return _NOTE.format("signal", " ".join(sentences))


# --- the form -----------------------------------------------------------------------------------


def _form(site: SiteFacts, visit: Visit, words: Words) -> Markup:
    switchable = _switchable(site)
    acts = _acts(visit, words)
    if not switchable:
        nothing = words.gettext(
            "This site uses necessary cookies only. There is nothing to decide."
        )
        answers = _PARAGRAPH.format(nothing)
    else:
        answers = Markup("<h2>{}</h2>\n{}<p>{}</p>\n{}").format(
            words.gettext("Optional cookies"),
            Markup().join(_optional(cls, site, visit, words) for cls in switchable),
            words.gettext("What you leave open counts as no."),
            _answers(words),
        )
    if not switchable and not acts:
        return answers
    return Markup(
        '<form id="cookieconsent-preferences" method="post" action="{}">{}\n{}{}</form>\n'
    ).format(visit.action, _hidden_fields(visit), answers, acts)


def _hidden_fields(visit: Visit) -> Markup:
    fields = Markup()
    if visit.token is not None:
        fields += hidden("token", visit.token)
    if visit.back is not None:
        fields += hidden("next", visit.back)
    return fields


def _answers(words: Words) -> Markup:
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


def _acts(visit: Visit, words: Words) -> Markup:
    """Return what can be done with an answer that stands, each with what it leads to."""
    gettext = words.gettext
    acts: list[tuple[str, str, str]] = []
    if visit.choice is not None:
        acts += [
            (
                "withdraw",
                gettext("Withdraw everything"),
                gettext("Turns every answer into a no and deletes the cookies that needed a yes."),
            ),
            (
                "forget",
                gettext("Forget my choice"),
                gettext("Deletes your answer from this browser. You will be asked again."),
            ),
        ]
    if visit.deletable:
        acts.append(
            (
                "erase",
                gettext("Delete all cookies of this site"),
                gettext("This also signs you out and empties the cart."),
            )
        )
    if not acts:
        return Markup()
    row = Markup(
        '<div class="cookieconsent-act"><button type="submit" name="choice" value="{0}"'
        ' aria-describedby="cookieconsent-about-{0}">{1}</button>'
        '<p id="cookieconsent-about-{0}">{2}</p></div>\n'
    )
    return Markup("<h2>{}</h2>\n{}").format(
        gettext("Withdraw or delete"), Markup().join(row.format(*act) for act in acts)
    )


# --- the classes --------------------------------------------------------------------------------

_CLASS = Markup(
    '<section id="cookieconsent-class-{name}" class="cookieconsent-class">\n<h3>{title}</h3>'
    '<p class="cookieconsent-now">{now}</p>\n{notes}{answer}{cookies}</section>\n'
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
        now=gettext("Now on") if cls.name in visit.allowed else gettext("Now off"),
        notes=_PARAGRAPH.format(" ".join(filter(None, notes))) if any(notes) else "",
        answer=answer,
        cookies=_cookie_table(cls, site, visit, words),
    )


def _radio(cls: CookieClass, value: str, label: str, visit: Visit) -> Markup:
    answer = visit.filled.get(cls.name)
    if answer is None and visit.choice is not None:
        answer = visit.choice.answer(cls.name)
    checked = Markup(" checked") if answer is (value == "yes") else ""
    return Markup('<label><input type="radio" name="class-{}" value="{}"{}>{}</label>').format(
        cls.name, value, checked, label
    )


def _necessary(site: SiteFacts, visit: Visit, words: Words) -> Markup:
    classes = [
        _CLASS.format(
            name=cls.name,
            title=title_of(cls, words),
            now=words.gettext("Always on"),
            notes=_PARAGRAPH.format(description) if description else "",
            answer="",
            cookies=_cookie_table(cls, site, visit, words),
        )
        for cls in site.classes
        if not cls.switchable
        for description in (description_of(cls, words),)
    ]
    return Markup("<h2>{}</h2>\n<p>{}</p>\n{}").format(
        words.gettext("Necessary cookies"),
        words.gettext("You cannot switch these off, because the site does not work without them."),
        Markup().join(classes),
    )


# --- the cookies --------------------------------------------------------------------------------


def _cookie_table(cls: CookieClass, site: SiteFacts, visit: Visit, words: Words) -> Markup:
    rows = _rows(cls, site, visit, words)
    if not rows:
        return _PARAGRAPH.format(
            words.gettext(
                "This site names no cookie of this class, and knows none of those your browser sent."
            )
        )
    heads = (words.gettext(text) for text in _HEADS)
    # The roles are what the elements have anyway, said again because a style sheet that stacks the
    # cells on small screens takes them away in some browsers.
    return Markup(
        '<details{}>\n<summary>{}</summary>\n<table role="table">\n<caption>{}</caption>\n'
        '<thead role="rowgroup"><tr role="row">{}</tr></thead>\n<tbody role="rowgroup">\n{}</tbody>\n'
        "</table>\n</details>\n"
    ).format(
        Markup(" open") if cls.switchable else "",
        words.ngettext("%(num)d cookie", "%(num)d cookies", len(rows)) % {"num": len(rows)},
        title_of(cls, words),
        Markup().join(
            Markup('<th scope="col" role="columnheader">{}</th>').format(head) for head in heads
        ),
        Markup().join(rows),
    )


def _rows(cls: CookieClass, site: SiteFacts, visit: Visit, words: Words) -> list[Markup]:
    declared = [cookie for cookie in site.cookies if cookie.cls == cls.name]
    rows = [
        _row(
            cookie.name,
            words.own(cookie.purpose or ""),
            words.own(cookie.provider or ""),
            _lifetime(cookie, words),
            words,
        )
        for cookie in declared
    ]
    own = site.consent_cookie
    if cls.name == "consent" and own not in {cookie.name for cookie in declared}:
        purpose = words.gettext("Keeps your answer on this page.")
        valid = words.duration(timedelta(days=VALID_DAYS))
        rows.append(_row(own, purpose, words.gettext("This site"), valid, words))
    for name, known in visit.seen.items():
        if known.cls == cls.name:
            lifetime = None if known.lifetime is None else words.duration(known.lifetime)
            rows.append(_row(name, None, _provider(cls, known.vendor, words), lifetime, words))
    # A cookie that is declared with several scopes is one cookie to a visitor.
    return list(dict.fromkeys(rows))


_HEADS = (_mark("Name"), _mark("Purpose"), _mark("Provider"), _mark("Kept for"))


def _row(
    name: str, purpose: str | None, provider: str | None, lifetime: str | None, words: Words
) -> Markup:
    unknown = words.gettext("Not stated")
    texts = (
        purpose or words.gettext("As described above"),
        provider or unknown,
        lifetime or unknown,
    )
    cell = Markup('<td role="cell" data-label="{}">{}</td>')
    return Markup(
        '<tr role="row"><th scope="row" role="rowheader"><code>{}</code></th>{}</tr>\n'
    ).format(
        printable(name),
        Markup().join(
            cell.format(words.gettext(label), text)
            for label, text in zip(_HEADS[1:], texts, strict=True)
        ),
    )


def _provider(cls: CookieClass, vendor: str | None, words: Words) -> str | None:
    """Return who answers for a catalogued cookie: a vendor's software may run on the site itself."""
    if vendor is None or cls.shares_with_third_parties:
        return vendor
    return words.gettext("This site (%(software)s)") % {"software": vendor}


def _lifetime(cookie: Cookie, words: Words) -> str | None:
    if cookie.lifetime is None:
        return None
    if cookie.max_age is None:
        return words.gettext("Until you close the browser")
    return words.duration(cookie.max_age)


def printable(name: str) -> str:
    """Return a cookie name in which nothing invisible or reordering is left unescaped."""
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in name)


# --- what else visitors should know -------------------------------------------------------------


def _explanations(site: SiteFacts, words: Words) -> Markup:
    texts = [
        words.gettext(
            "Session cookies are deleted when you close the browser. Persistent cookies stay for the "
            "time that is given for each of them."
        ),
        words.gettext(
            "You can also refuse or delete cookies in the settings of your browser, usually under "
            "“Privacy”. Without the necessary ones, parts of this site may not work. A browser that "
            "refuses all cookies cannot keep your answer either: what needs your consent stays off."
        ),
    ]
    if any(cookie.is_glob for cookie in site.cookies):
        texts.append(words.gettext("A * in a name stands for any characters."))
    return Markup("<h2>{}</h2>\n{}").format(
        words.gettext("About cookies"), Markup().join(_PARAGRAPH.format(text) for text in texts)
    )


_RIGHTS = (
    _mark("Access: learn which data about you is kept, and get a copy."),
    _mark("Rectification: have wrong data corrected."),
    _mark("Erasure: have data about you deleted."),
    _mark("Restriction: have the use of your data limited."),
    _mark("Objection: say no to a use of your data."),
    _mark("Portability: receive your data in a form that other services can read."),
    _mark("Withdrawal: take back a consent at any time. What was done before stays lawful."),
    _mark("Complaint: turn to a data protection authority."),
)


def _rights(site: SiteFacts, words: Words) -> Markup:
    policy = site.privacy_policy_url
    contacts = [
        Markup("<dt>{}</dt><dd>{}</dd>\n").format(label, linked(value))
        for label, value in (
            (words.gettext("Contact"), site.contact),
            (words.gettext("Data protection authority"), site.authority),
        )
        if value is not None
    ]
    return Markup("<h2>{}</h2>\n<p>{}</p>\n<ul>\n{}</ul>\n{}{}").format(
        words.gettext("Your rights"),
        words.gettext("Where a site keeps data about you, you have these rights:"),
        Markup().join(Markup("<li>{}</li>\n").format(words.gettext(text)) for text in _RIGHTS),
        _PARAGRAPH.format(linked(policy, words.gettext("Privacy policy"))) if policy else "",
        Markup("<dl>\n{}</dl>\n").format(Markup().join(contacts)) if contacts else "",
    )


_LINK = re.compile(r"(?:https?://|mailto:|/(?![/\\]))[^\s\x00-\x1f\x7f\\]*")


def linked(value: str, label: str | None = None) -> Markup:
    """Return a link for web, mail and site addresses, plain text for anything else."""
    if not _LINK.fullmatch(value):
        return escape(value if label is None else f"{label}: {value}")
    if label is None:
        label = value.removeprefix("mailto:").removeprefix("https://").removesuffix("/")
    return Markup('<a href="{}">{}</a>').format(value, label)


def _footer(site: SiteFacts, words: Words) -> Markup:
    facts = []
    if site.last_updated is not None:
        facts.append(
            words.gettext("Last updated: %(day)s") % {"day": words.date(site.last_updated)}
        )
    if site.policy_version is not None:
        facts.append(words.gettext("Version: %(version)s") % {"version": site.policy_version})
    if not facts:
        return Markup()
    return Markup("<footer>{}</footer>\n").format(
        Markup().join(_PARAGRAPH.format(fact) for fact in facts)
    )
