"""The preferences page: the visitor's own desk, section after section.

A whole document of ours under the strictest policy, one style sheet of the own origin and forms to
itself; or its inner part, for a layout or a page of the site's own. The sections stand in `sections/`.
May not enter: what an answer leads to.
"""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from cookieconsent.ui.banner import confirmation_text
from cookieconsent.ui.i18n import Words, mark
from cookieconsent.ui.sections.about import about_cookies, browsers
from cookieconsent.ui.sections.acts import limits, objections, receipt_links
from cookieconsent.ui.sections.answers import answers, necessary
from cookieconsent.ui.sections.facts import SiteFacts, Visit
from cookieconsent.ui.sections.parts import PARAGRAPH
from cookieconsent.ui.sections.rights import complaint, rights
from cookieconsent.ui.sections.sent import sent_cookies
from cookieconsent.ui.sections.state import introduction, signal, state

ERRORS = {
    "stale": mark("This form was too old or was sent from elsewhere. Please send it once more."),
    "unknown": mark("That answer is not one of this form. Nothing was changed."),
    "insecure": mark("Everything can be deleted over a secure connection (https) only."),
    "size": mark("The form was too large. Nothing was changed."),
    "type": mark("The form was sent in a way this site does not read. Nothing was changed."),
    "slow": mark("The form did not arrive in time. Please send it once more."),
}
"""What the page says when a form could not be taken."""

_DOCUMENT = Markup(
    '<!DOCTYPE html>\n<html lang="{lang}" dir="{dir}">\n<head>\n<meta charset="utf-8">\n'
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    '<meta name="robots" content="noindex">\n<title>{title}</title>\n{head}\n</head>\n'
    '<body class="cookieconsent-page">\n<main>\n{body}</main>\n</body>\n</html>\n'
)
_INNER = Markup('<div class="cookieconsent-page" lang="{}" dir="{}">\n{}</div>\n')
_STYLE = Markup('<link rel="stylesheet" href="{}">')


@dataclass(frozen=True, slots=True, kw_only=True)
class PagePart:
    """What a site's own layout puts together: the preferences page without a document around it."""

    title: str
    """The title of the document."""
    lang: str
    """The BCP 47 tag of the language."""
    dir: str
    """`ltr` or `rtl`."""
    head: Markup
    """What belongs into the head: the link to our style sheet."""
    body: Markup
    """What belongs into the body, beginning with a heading of the first order."""


def preferences_page(site: SiteFacts, visit: Visit, words: Words) -> bytes:
    """Return the page as UTF-8 bytes."""
    page = _DOCUMENT.format(
        lang=words.tag,
        dir=words.direction,
        title=_title(visit, words),
        head=_STYLE.format(visit.style_url),
        body=_content(site, visit, words),
    )
    return page.encode("utf-8", "xmlcharrefreplace")


def inner_part(site: SiteFacts, visit: Visit, words: Words) -> Markup:
    """Return the sections alone, with the link to their style, for a page of the site's own.

    That page has its own heading, its own way back, and the line that confirms an answer: in the
    banner or the settings element.
    """
    sections = Markup().join(_sections(site, visit, words))
    style = _STYLE.format(visit.style_url)
    return style + _INNER.format(words.tag, words.direction, sections)


def page_part(site: SiteFacts, visit: Visit, words: Words) -> PagePart:
    """Return the page for a layout of the site's own."""
    return PagePart(
        title=_title(visit, words),
        lang=words.tag,
        dir=words.direction,
        head=_STYLE.format(visit.style_url),
        body=_INNER.format(words.tag, words.direction, _content(site, visit, words)),
    )


def _title(visit: Visit, words: Words) -> str:
    heading = words.gettext("Cookie settings")
    if visit.error is None:
        return heading
    # The title is what a screen reader says first.
    return words.gettext("Not saved") + " - " + heading


def _content(site: SiteFacts, visit: Visit, words: Words) -> Markup:
    head = (
        _message(visit, words),
        Markup('<p class="cookieconsent-links"><a href="{}">{}</a></p>\n').format(
            visit.back or visit.home, words.gettext("Back to the site")
        ),
        Markup("<h1>{}</h1>\n").format(words.gettext("Cookie settings")),
    )
    return Markup().join((*head, *_sections(site, visit, words)))


def _sections(site: SiteFacts, visit: Visit, words: Words) -> tuple[Markup, ...]:
    return (
        introduction(words),
        state(site, visit, words),
        signal(site, visit, words),
        answers(site, visit, words),
        objections(site, visit, words),
        limits(words),
        receipt_links(visit, words),
        sent_cookies(site, visit, words),
        necessary(site, visit, words),
        about_cookies(site, words),
        browsers(words),
        rights(site, visit, words),
        complaint(site, words),
        _footer(site, words),
    )


def _message(visit: Visit, words: Words) -> Markup:
    if visit.error is not None:
        return Markup('<p role="alert">{}</p>\n').format(words.gettext(ERRORS[visit.error]))
    # A status that is there from the beginning is not announced; the focus, which goes to the
    # target of a fragment that can have it, is.
    return Markup(
        '<p id="cookieconsent-saved" role="status" tabindex="-1">{} <a href="#">{}</a></p>\n'
    ).format(confirmation_text(words, kept=visit.choice is not None), words.gettext("Hide"))


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
        Markup().join(PARAGRAPH.format(fact) for fact in facts)
    )
