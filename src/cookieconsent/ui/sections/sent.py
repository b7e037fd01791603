"""Your cookies now: every cookie this browser sent, what became of it and why (GDPR, article 15).

May not enter: values of cookies.
"""

from __future__ import annotations

from markupsafe import Markup

from cookieconsent.ui.classes import title_of
from cookieconsent.ui.i18n import Words, mark
from cookieconsent.ui.sections.facts import Reason, SentCookie, SiteFacts, Visit
from cookieconsent.ui.sections.parts import HEADING, PARAGRAPH, coded, table

_HEADS = (mark("Name"), mark("Class"), mark("What happened to it"), mark("Value"))
_REASONS: dict[Reason, str] = {
    "needed": mark("Passed on, because the site needs it"),
    "yes": mark("Passed on, because you said yes"),
    "not objected": mark("Passed on, because you have not objected"),
    "let pass": mark("Passed on, because this site lets unknown cookies pass"),
    "undecided": mark("Removed, because you have not answered yet"),
    "no": mark("Removed, because you said no"),
    "signal": mark("Removed, because your browser sends Global Privacy Control"),
    "paused": mark("Removed, because everything is paused"),
    "unknown": mark("Removed, because this site does not know it"),
}
_PAUSED = mark("Paused")
_HIDDEN = "••••"


def sent_cookies(site: SiteFacts, visit: Visit, words: Words) -> Markup:
    """Return the table of what this browser sent."""
    title = words.gettext("Your cookies now")
    heading = HEADING.format("sent", title)
    if not visit.sent:
        return heading + PARAGRAPH.format(words.gettext("Your browser sent no cookies."))
    titles = {cls.name: title_of(cls, words) for cls in site.classes}
    resting = visit.rests(site)
    more = Markup()
    if visit.unshown:
        message = words.ngettext(
            "%(num)d more cookie is not shown.",
            "%(num)d more cookies are not shown.",
            visit.unshown,
        )
        more = PARAGRAPH.format(message % {"num": visit.unshown})
    return Markup("{}<p>{}</p>\n{}{}").format(
        heading,
        words.gettext(
            "Your browser sent these cookies with this page view. Their values are hidden."
        ),
        table(
            title,
            list(map(words.gettext, _HEADS)),
            [_row(cookie, titles, resting, words) for cookie in visit.sent],
        ),
        more,
    )


def _row(
    cookie: SentCookie,
    titles: dict[str, str],
    resting: bool,  # noqa: FBT001 - whether everything does
    words: Words,
) -> tuple[str, ...]:
    reason = _REASONS[cookie.reason]
    if cookie.reason == "paused" and not resting:
        reason = _PAUSED
    size = words.ngettext("%(num)d character", "%(num)d characters", cookie.length)
    return (
        coded(cookie.name),
        titles.get(cookie.cls or "") or words.gettext("Unknown"),
        words.gettext(reason),
        f"{_HIDDEN} ({size % {'num': cookie.length}})",
    )
