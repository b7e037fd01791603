r"""A tea shop that asks, with FastAPI.

It is started from the top of the repository, by one command:
pip install '.[fastapi,jinja2]' uvicorn && \
  COOKIECONSENT_SECRET=$(python3 -c 'import secrets; print(secrets.token_urlsafe(32))') \
  uvicorn --app-dir examples/fastapi app:app
"""

import os
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates

from cookieconsent import Config, Cookie, CookieClass
from cookieconsent.integrations.fastapi import Consent
from cookieconsent.integrations.starlette import consent_context, install
from cookieconsent.templating.jinja import ConsentExtension

templates = Jinja2Templates(
    Path(__file__).with_name("templates"), context_processors=[consent_context]
)
templates.env.add_extension(ConsentExtension)
app = FastAPI(title="Tea shop")


@app.get("/", response_class=HTMLResponse)
async def shop(request: Request) -> HTMLResponse:
    """Show the shop, and count the visit; the cookie gets through only after a yes."""
    page = templates.TemplateResponse(request, "shop.html")
    page.set_cookie("visits", "1", max_age=30 * 86_400)
    return page


@app.get("/counted")
async def counted(consent: Consent) -> bool:
    """Tell whether the visitor is counted."""
    return consent.allows("analytics")


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
