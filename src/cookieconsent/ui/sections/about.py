"""Cookies explained, and how browsers refuse or delete them.

May not enter: anything about this site but whether it uses a star in a name.
"""

from __future__ import annotations

from typing import Final

from markupsafe import Markup

from cookieconsent.ui.i18n import Words
from cookieconsent.ui.sections.facts import SiteFacts
from cookieconsent.ui.sections.parts import HEADING, PARAGRAPH

BROWSERS: Final = ("Chrome", "Edge", "Firefox", "Opera")
"""Those that are alike in where their settings are."""


def about_cookies(site: SiteFacts, words: Words) -> Markup:
    """Return what kinds of cookies there are, and what refusing them leads to."""
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
    return HEADING.format("about", words.gettext("About cookies")) + Markup().join(
        PARAGRAPH.format(text) for text in texts
    )


def browsers(words: Words) -> Markup:
    """Return where the common browsers let one refuse and delete cookies."""
    texts = (
        words.gettext(
            "%(browsers)s: open the menu, choose the settings, then “Privacy and security”. There you "
            "can delete cookies and refuse them."
        )
        % {"browsers": words.listing(BROWSERS)},
        words.gettext("Safari on a Mac: choose the settings of Safari, then “Privacy”."),
        words.gettext(
            "Safari on iPhone and iPad: open the Settings app, then choose “Apps” and “Safari”."
        ),
        words.gettext(
            "Samsung Internet: open the menu, choose the settings, then “Personal browsing data”."
        ),
    )
    heading = words.gettext("Refuse or delete cookies in your browser")
    return Markup("{}<ul>\n{}</ul>\n").format(
        HEADING.format("browser", heading),
        Markup().join(Markup("<li>{}</li>\n").format(text) for text in texts),
    )
