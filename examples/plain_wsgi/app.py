r"""A tea shop that asks, without a framework: WSGI.

It is started from the top of the repository, by one command:
pip install . waitress && \
  COOKIECONSENT_SECRET=$(python3 -c 'import secrets; print(secrets.token_urlsafe(32))') \
  PYTHONPATH=examples/plain_wsgi waitress-serve --listen=localhost:8000 app:app
"""

import os
from collections.abc import Callable, Iterable
from typing import Any

from markupsafe import Markup

from cookieconsent import Cookie, CookieClass, consent_of
from cookieconsent.middleware.wsgi import CookieConsentMiddleware

PAGE = Markup(
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Tea shop</title></head>'
    '<body><h1>Tea shop</h1>{count}{film}<a href="{preferences}">Cookies</a></body></html>'
)
COUNT = Markup('<script src="/count.js" async></script>')
FILM = Markup('<iframe src="https://www.youtube-nocookie.com/embed/abc" title="Tea"></iframe>')
HEADERS = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Set-Cookie", "visits=1; Max-Age=2592000; Path=/"),
]


def shop(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    """Show the shop, and count the visit; the cookie gets through only after a yes."""
    consent = consent_of(environ)
    page = PAGE.format(
        count=COUNT if consent.allows("analytics") else "",
        film=consent.embed(FILM, title="How tea is made", provider="YouTube", width=560),
        preferences=consent.preferences_url,
    )
    start_response("200 OK", HEADERS)
    return [page.encode()]


app = CookieConsentMiddleware(
    shop,
    secret_key=os.environ["COOKIECONSENT_SECRET"],
    classes=[CookieClass("analytics", shares_with_third_parties=False), CookieClass("media")],
    cookies=[
        Cookie(
            "visits",
            "analytics",
            purpose="Counts visits.",
            provider="The tea shop",
            lifetime="30 days",
        )
    ],
)
