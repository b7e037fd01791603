"""The visitor's rights, where on this page each is exercised, and to whom one can complain.

May not enter: the acts themselves (`acts`).
"""

from __future__ import annotations

from markupsafe import Markup

from cookieconsent.core.authorities import Authority
from cookieconsent.ui.i18n import Words, mark
from cookieconsent.ui.sections.acts import has_acts
from cookieconsent.ui.sections.facts import SiteFacts, Visit
from cookieconsent.ui.sections.parts import HEADING, PARAGRAPH, linked

_MANY = 3
# Each right, and the sections (ids and titles) of this page that serve it.
_RIGHTS = (
    (
        mark("Access: learn which data about you is kept, and get a copy."),
        ("sent", "Your cookies now"),
    ),
    (mark("Rectification: have wrong data corrected."), ("optional", "Optional cookies")),
    (mark("Erasure: have data about you deleted."), ("acts", "Withdraw, pause or delete")),
    (
        mark("Restriction: have the use of your data limited."),
        ("acts", "Withdraw, pause or delete"),
    ),
    (mark("Objection: say no to a use of your data."), ("optional", "Optional cookies")),
    (
        mark("Portability: receive your data in a form that other services can read."),
        ("file", "Your choice as a file"),
    ),
    (
        mark("Withdrawal: take back a consent at any time. What was done before stays lawful."),
        ("acts", "Withdraw, pause or delete"),
    ),
    (
        mark("Complaint: turn to a data protection authority."),
        ("complaint", "Data protection authority"),
    ),
)


def rights(site: SiteFacts, visit: Visit, words: Words) -> Markup:
    """Return the rights, each with the way to it."""
    missing = {
        "optional": not site.switchable,
        "acts": not has_acts(site, visit),
        "file": visit.receipt_url is None,
    }
    row = Markup("<li>{}{}</li>\n")
    way = Markup(' <a href="#cookieconsent-{}">{}</a>')
    return Markup("{}<p>{}</p>\n<ul>\n{}</ul>\n").format(
        HEADING.format("rights", words.gettext("Your rights")),
        words.gettext("Where a site keeps data about you, you have these rights:"),
        Markup().join(
            row.format(
                words.gettext(text),
                "" if missing.get(place) else way.format(place, words.gettext(title)),
            )
            for text, (place, title) in _RIGHTS
        ),
    )


def complaint(site: SiteFacts, words: Words) -> Markup:
    """Return to whom a visitor can turn: the authority, and the site itself."""
    policy = site.privacy_policy_url
    contact = Markup()
    if site.contact is not None:
        contact = Markup("<dl>\n<dt>{}</dt><dd>{}</dd>\n</dl>\n").format(
            words.gettext("Contact"), linked(site.contact)
        )
    return Markup("{}<p>{}</p>\n{}{}{}").format(
        HEADING.format("complaint", words.gettext("Data protection authority")),
        words.gettext(
            "You can complain to the data protection authority of the country where you live or work, "
            "or where you think the law was broken."
        ),
        _authorities(site, words),
        contact,
        PARAGRAPH.format(linked(policy, words.gettext("Privacy policy"))) if policy else "",
    )


def _authorities(site: SiteFacts, words: Words) -> Markup:
    if site.authority is not None:
        return PARAGRAPH.format(linked(site.authority))
    rows = sorted((words.country(one.country), one) for one in site.authorities)
    if not rows:
        return Markup()
    listed = Markup("<ul>\n{}</ul>\n").format(
        Markup().join(_authority(country, one) for country, one in rows)
    )
    if len(rows) <= _MANY:
        return listed
    return Markup("<details>\n<summary>{}</summary>\n{}</details>\n").format(
        words.gettext("Authorities by country"), listed
    )


def _authority(country: str, one: Authority) -> Markup:
    # Its name is in a language of its country, which the page does not know for sure.
    return Markup('<li>{}: <a href="{}"><bdi>{}</bdi></a></li>\n').format(
        country, one.url, one.name
    )
