r"""A tea shop that asks, with Pyramid.

It is started from the top of the repository, by one command:
pip install '.[pyramid]' pyramid_jinja2 waitress && \
  COOKIECONSENT_SECRET=$(python3 -c 'import secrets; print(secrets.token_urlsafe(32))') \
  PYTHONPATH=examples/pyramid waitress-serve --listen=localhost:8000 app:app
"""

import os
from pathlib import Path
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request

from cookieconsent import Cookie, CookieClass

SETTINGS = {
    "jinja2.directories": str(Path(__file__).with_name("templates")),
    "jinja2.extensions": "cookieconsent.templating.jinja.ConsentExtension",
    "cookieconsent.secret_key": os.environ["COOKIECONSENT_SECRET"],
    "cookieconsent.classes": [
        CookieClass("analytics", shares_with_third_parties=False),
        CookieClass("media"),
    ],
    "cookieconsent.cookies": [
        Cookie(
            "visits",
            "analytics",
            purpose="Counts visits.",
            provider="The tea shop",
            lifetime="30 days",
        )
    ],
}


def shop(request: Request) -> dict[str, Any]:
    """Show the shop, and count the visit; the cookie gets through only after a yes."""
    request.response.set_cookie("visits", "1", max_age=30 * 86_400)
    return {}


with Configurator(settings=SETTINGS) as config:
    config.include("pyramid_jinja2")
    config.include("cookieconsent.integrations.pyramid")
    config.add_route("shop", "/")
    config.add_view(shop, route_name="shop", renderer="shop.jinja2")
    app = config.make_wsgi_app()
