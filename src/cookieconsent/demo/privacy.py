"""The shop's privacy page: what an ordinary company says of its cookies, with the declared ones listed.

May not enter: what is done about it; the page speaks, the middleware acts.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from markupsafe import Markup

from cookieconsent import Config
from cookieconsent.demo.cookies import SHOP
from cookieconsent.demo.pages import TITLES, Page, date_in_words

VERSION: Final = "3"
LAST_UPDATED: Final = date(2026, 11, 3)

_TEXT = Markup(
    """<h1>Privacy and cookies</h1>
<p class="teaser">Last updated on <time datetime="{updated}">{updated_text}</time>,
version {version}.</p>
<p>{shop} is a small shop. We keep as little about you as we can, and this page says what that is.</p>

<h2>What cookies are</h2>
<p>A cookie is a short text that a site asks your browser to keep and to send back. A <b>session
cookie</b> is gone when you close the browser; a <b>persistent cookie</b> stays until the day that is
written in it, or until you delete it.</p>

<h2>What we use them for</h2>
<dl>
<dt>To sign you in</dt>
<dd>An authentication cookie tells us that you are the person who signed in. It is a session cookie.
Without it you would have to sign in on every page.</dd>
<dt>To keep your basket</dt>
<dd>A cart cookie holds what you have put into the basket, for a week. It holds no name.</dd>
<dt>To count visits</dt>
<dd>Analytics cookies tell us which pages are read. They are persistent, and we set them only when you
have said yes. Our own page counts keep no cookie, and are kept only of visitors who said yes, too.</dd>
<dt>To remember your answer</dt>
<dd>One cookie keeps what you answered about cookies, and on which day, so that we need not ask again
for six months. It is the same for everybody who gave the same answer on that day.</dd>
</dl>

<h2>The list</h2>
<table class="cookies">
<thead><tr><th scope="col">Name</th><th scope="col">What for</th><th scope="col">By</th><th
scope="col">Kept</th></tr></thead>
<tbody>
{rows}</tbody>
</table>

<h2>Third parties</h2>
<p>Visits are counted with Google Analytics by Google Ireland Ltd. If you say yes, Google receives the
number in the cookie <code>_ga</code>, the address of the page and your IP address, and may process
them in the United States. If you say no, or nothing, Google receives nothing.</p>

<h2>Your choice</h2>
<p>You can <a href="{preferences}">change your answer at any time</a>; a no is as good as a yes, and the
shop works the same. A browser that refuses cookies works, too: you can look at everything, but we
cannot keep a basket or sign you in. If your browser sends Global Privacy Control, we take it as a
no.</p>

<h2>How long we keep things</h2>
<p>Orders: ten years, as tax law wants it. Page counts: until the shop closes for the night. Visits at
Google: 13 months.</p>

<h2>Your rights</h2>
<p>You may ask what we know about you, have it corrected, deleted or handed over, and object to its
use. Write to <a href="mailto:privacy@kettle-and-crumb.example">privacy@kettle-and-crumb.example</a>.
You may also complain to the data protection authority where you live.</p>"""
)
_ROW = Markup(
    '<tr><th scope="row"><code>{name}</code></th><td>{purpose}</td><td>{provider}</td>'
    "<td>{lifetime}</td></tr>\n"
)
_KEPT: Final[dict[object, str]] = {"session": "until you close the browser"}
"""Lifetimes that are not in the reader's words."""


def privacy(config: Config) -> Page:
    """Return the privacy page.

    Args:
        config: The shop's configuration, whose declarations are listed.
    """
    rows = Markup().join(
        _ROW.format(
            name=cookie.name,
            purpose=cookie.purpose,
            provider=cookie.provider,
            lifetime=_KEPT.get(cookie.lifetime, cookie.lifetime),
        )
        for cookie in config.cookies
    ) + _ROW.format(
        name=config.cookie_name,
        purpose="Remembers your answer about cookies.",
        provider=SHOP,
        lifetime="6 months",
    )
    main = _TEXT.format(
        shop=SHOP,
        updated=LAST_UPDATED.isoformat(),
        updated_text=date_in_words(LAST_UPDATED),
        version=VERSION,
        rows=rows,
        preferences=config.path,
    )
    return Page(TITLES["/privacy"], main)
