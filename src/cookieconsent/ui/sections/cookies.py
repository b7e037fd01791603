"""The cookies of a class: name, purpose, provider and whether that is a third party, how long kept.

May not enter: what this browser sent (`sent`), but for names that the catalogue knows.
"""

from __future__ import annotations

from datetime import timedelta

from markupsafe import Markup, escape

from cookieconsent.core.choice import VALID_DAYS
from cookieconsent.core.registry import Cookie, CookieClass
from cookieconsent.ui.classes import title_of
from cookieconsent.ui.i18n import Words, mark
from cookieconsent.ui.sections.facts import SiteFacts, Visit
from cookieconsent.ui.sections.parts import PARAGRAPH, coded, isolated, table

_HEADS = (mark("Name"), mark("Purpose"), mark("Provider"), mark("Kept for"))


def cookie_table(cls: CookieClass, site: SiteFacts, visit: Visit, words: Words) -> Markup:
    """Return the cookies of a class as a table; open where the visitor decides about them."""
    rows = _rows(cls, site, visit, words)
    if not rows:
        return PARAGRAPH.format(
            words.gettext(
                "This site names no cookie of this class, and knows none of those your browser sent."
            )
        )
    return Markup("<details{}>\n<summary>{}</summary>\n{}</details>\n").format(
        Markup(" open") if cls.switchable else "",
        words.ngettext("%(num)d cookie", "%(num)d cookies", len(rows)) % {"num": len(rows)},
        table(title_of(cls, words), list(map(words.gettext, _HEADS)), rows),
    )


def _rows(cls: CookieClass, site: SiteFacts, visit: Visit, words: Words) -> list[tuple[str, ...]]:
    declared = [cookie for cookie in site.cookies if cookie.cls == cls.name]
    rows = [
        _row(
            cookie.name,
            isolated(words.own(cookie.purpose or "")),
            _provider(cls, isolated(words.own(cookie.provider or "")), words),
            _lifetime(cookie, words),
            words,
        )
        for cookie in declared
    ]
    own = site.consent_cookie
    if cls.name == "consent" and own not in {cookie.name for cookie in declared}:
        purpose = words.gettext("Keeps your answer on this page.")
        valid = words.duration(timedelta(days=VALID_DAYS))
        rows.append(_row(own, purpose, escape(words.gettext("This site")), valid, words))
    for cookie in visit.sent:
        known = cookie.known
        if known is not None and known.cls == cls.name:
            lifetime = None if known.lifetime is None else words.duration(known.lifetime)
            rows.append(_row(cookie.name, None, _vendor(cls, known.vendor, words), lifetime, words))
    # A cookie that is declared with several scopes is one cookie to a visitor.
    return list(dict.fromkeys(rows))


def _row(
    name: str, purpose: str | None, provider: Markup | None, lifetime: str | None, words: Words
) -> tuple[str, ...]:
    unknown = words.gettext("Not stated")
    return (
        coded(name),
        purpose or words.gettext("As described above"),
        provider or unknown,
        lifetime or unknown,
    )


def _provider(cls: CookieClass, provider: Markup, words: Words) -> Markup:
    """Return who sets a cookie; a class that shares shares with them."""
    if not provider or not cls.shares_with_third_parties:
        return provider
    return escape(words.gettext("%(provider)s (third party)")) % {"provider": provider}


def _vendor(cls: CookieClass, vendor: str | None, words: Words) -> Markup | None:
    """Return who answers for a catalogued cookie: a vendor's software may run on the site itself."""
    if vendor is None:
        return None
    if cls.shares_with_third_parties:
        return _provider(cls, isolated(vendor), words)
    return escape(words.gettext("This site (%(software)s)")) % {"software": isolated(vendor)}


def _lifetime(cookie: Cookie, words: Words) -> str | None:
    if cookie.lifetime is None:
        return None
    if cookie.max_age is None:
        return words.gettext("Until you close the browser")
    return words.duration(cookie.max_age)
