r"""A tea shop that asks, with Bottle.

It is started from the top of the repository, by one command:
pip install '.[bottle]' waitress && \
  COOKIECONSENT_SECRET=$(python3 -c 'import secrets; print(secrets.token_urlsafe(32))') \
  PYTHONPATH=examples/bottle waitress-serve --listen=localhost:8000 app:app
"""

import os

from bottle import Bottle, request, response, template
from markupsafe import Markup

from cookieconsent import Cookie, CookieClass, consent_of
from cookieconsent.middleware.wsgi import CookieConsentMiddleware

PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Tea shop</title></head>
<body>
  <h1>Tea shop</h1>
  % if consent.allows("analytics"):
  <script src="/count.js" async></script>
  % end
  {{!consent.embed(film, title="How tea is made", provider="YouTube", width=560, height=315)}}
  <footer><a href="{{consent.preferences_url}}">Cookies</a></footer>
</body>
</html>
"""
FILM = Markup('<iframe src="https://www.youtube-nocookie.com/embed/abc" title="Tea"></iframe>')

shop = Bottle()


@shop.route("/")  # type: ignore[untyped-decorator]
def home() -> str:
    """Show the shop, and count the visit; the cookie gets through only after a yes."""
    response.set_cookie("visits", "1", max_age=30 * 86_400)
    return str(template(PAGE, consent=consent_of(request), film=FILM))


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
