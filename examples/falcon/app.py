r"""A tea shop that asks, with Falcon.

It is started from the top of the repository, by one command:
pip install '.[falcon,jinja2]' uvicorn && \
  COOKIECONSENT_SECRET=$(python3 -c 'import secrets; print(secrets.token_urlsafe(32))') \
  uvicorn --app-dir examples/falcon app:app
"""

import os
from pathlib import Path

import falcon
import falcon.asgi
from falcon.asgi import Request, Response
from jinja2 import Environment, FileSystemLoader

from cookieconsent import Cookie, CookieClass, consent_of
from cookieconsent.middleware.asgi import CookieConsentMiddleware
from cookieconsent.templating.jinja import ConsentExtension

templates = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    extensions=[ConsentExtension],
    autoescape=True,
)


class Shop:
    """The one page of the shop."""

    async def on_get(self, req: Request, resp: Response) -> None:
        """Show the shop, and count the visit; the cookie gets through only after a yes."""
        resp.content_type = falcon.MEDIA_HTML
        resp.text = templates.get_template("shop.html").render(consent=consent_of(req))
        resp.set_cookie("visits", "1", max_age=30 * 86_400)


shop = falcon.asgi.App()
shop.add_route("/", Shop())
app = CookieConsentMiddleware(
    shop,  # type: ignore[arg-type] # Falcon's scope is a `dict`, which is narrower than ASGI's
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
