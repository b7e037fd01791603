r"""A tea shop that asks, with Quart.

It is started from the top of the repository, by one command:
pip install '.[quart]' && \
  COOKIECONSENT_SECRET=$(python3 -c 'import secrets; print(secrets.token_urlsafe(32))') \
  quart --app examples/quart/app.py run
"""

import os

from quart import Quart, ResponseReturnValue, make_response, render_template

from cookieconsent import Cookie, CookieClass
from cookieconsent.integrations.quart import CookieConsent, current_consent

app = Quart(__name__)
app.config.from_mapping(
    COOKIECONSENT_SECRET_KEY=os.environ["COOKIECONSENT_SECRET"],
    COOKIECONSENT_CLASSES=[
        CookieClass("analytics", shares_with_third_parties=False),
        CookieClass("media"),
    ],
    COOKIECONSENT_COOKIES=[
        Cookie(
            "visits",
            "analytics",
            purpose="Counts visits.",
            provider="The tea shop",
            lifetime="30 days",
        )
    ],
)
CookieConsent(app)


@app.route("/")
async def shop() -> ResponseReturnValue:
    """Show the shop, and count the visit; the cookie gets through only after a yes."""
    page = await make_response(await render_template("shop.html"))
    page.set_cookie("visits", "1", max_age=30 * 86_400)
    return page


@app.route("/counted")
async def counted() -> dict[str, bool]:
    """Tell whether the visitor is counted."""
    return {"counted": current_consent.allows("analytics")}
