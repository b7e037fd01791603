r"""A tea shop that asks, with Starlette.

It is started from the top of the repository, by one command:
pip install '.[starlette,jinja2]' uvicorn && \
  COOKIECONSENT_SECRET=$(python3 -c 'import secrets; print(secrets.token_urlsafe(32))') \
  uvicorn --app-dir examples/starlette app:app
"""

import os
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.templating import Jinja2Templates

from cookieconsent import Config, Cookie, CookieClass
from cookieconsent.integrations.starlette import consent_context, install
from cookieconsent.templating.jinja import ConsentExtension

templates = Jinja2Templates(
    Path(__file__).with_name("templates"), context_processors=[consent_context]
)
templates.env.add_extension(ConsentExtension)


async def shop(request: Request) -> Response:
    """Show the shop, and count the visit; the cookie gets through only after a yes."""
    page = templates.TemplateResponse(request, "shop.html")
    page.set_cookie("visits", "1", max_age=30 * 86_400)
    return page


app = Starlette(routes=[Route("/", shop)])
install(
    app,
    Config(
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
    ),
)
