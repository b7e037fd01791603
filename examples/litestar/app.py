r"""A tea shop that asks, with Litestar.

It is started from the top of the repository, by one command:
pip install '.[litestar,jinja2]' uvicorn && \
  COOKIECONSENT_SECRET=$(python3 -c 'import secrets; print(secrets.token_urlsafe(32))') \
  uvicorn --app-dir examples/litestar app:app
"""

import os
from pathlib import Path

from litestar import Litestar, get
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Template
from litestar.template.config import TemplateConfig

from cookieconsent import Config, Cookie, CookieClass
from cookieconsent.integrations.litestar import Consent, CookieConsentPlugin


@get("/")
async def shop() -> Template:
    """Show the shop, and count the visit; the cookie gets through only after a yes."""
    page = Template("shop.html")
    page.set_cookie("visits", "1", max_age=30 * 86_400)
    return page


@get("/counted")
async def counted(consent: Consent) -> bool:
    """Tell whether the visitor is counted."""
    return consent.allows("analytics")


config = Config(
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
app = Litestar(
    [shop, counted],
    plugins=[CookieConsentPlugin(config)],
    template_config=TemplateConfig(
        directory=Path(__file__).with_name("templates"), engine=JinjaTemplateEngine
    ),
)
