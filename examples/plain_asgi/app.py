r"""A tea shop that asks, without a framework: ASGI.

It is started from the top of the repository, by one command:
pip install . uvicorn && \
  COOKIECONSENT_SECRET=$(python3 -c 'import secrets; print(secrets.token_urlsafe(32))') \
  uvicorn --app-dir examples/plain_asgi app:app
"""

import os

from markupsafe import Markup

from cookieconsent import Cookie, CookieClass, consent_of
from cookieconsent.middleware.asgi import CookieConsentMiddleware, Receive, Scope, Send

PAGE = Markup(
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Tea shop</title></head>'
    '<body><h1>Tea shop</h1>{count}{film}<a href="{preferences}">Cookies</a></body></html>'
)
COUNT = Markup('<script src="/count.js" async></script>')
FILM = Markup('<iframe src="https://www.youtube-nocookie.com/embed/abc" title="Tea"></iframe>')
HEADERS = [
    (b"content-type", b"text/html; charset=utf-8"),
    (b"set-cookie", b"visits=1; Max-Age=2592000; Path=/"),
]


async def shop(scope: Scope, _receive: Receive, send: Send) -> None:
    """Show the shop, and count the visit; the cookie gets through only after a yes."""
    consent = consent_of(scope)
    page = PAGE.format(
        count=COUNT if consent.allows("analytics") else "",
        film=consent.embed(FILM, title="How tea is made", provider="YouTube", width=560),
        preferences=consent.preferences_url,
    )
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": page.encode()})


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
