"""The common site as Quart has it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from quart import (
    Quart,
    Response,
    make_response,
    redirect,
    render_template_string,
    request,
    websocket,
)

from cookieconsent import Config, consent_of
from cookieconsent.integrations.quart import CookieConsent, current_consent

NAME = "Quart"
DOOR = "asgi"
WEBSOCKET = True

FILES = Path(__file__).with_name("files")
PAGE = """<!DOCTYPE html><html><head><title>Shop</title></head>
<body><p>analytics {% consent "analytics" %}on{% else %}off{% endconsent %}</p></body></html>"""


async def home() -> Any:
    response: Any = await make_response(await render_template_string(PAGE))
    for name in ("sid", "basket", "_ga"):
        response.set_cookie(name, "1")
    return response


async def leave() -> Any:
    response: Any = await make_response(redirect("/"))
    response.set_cookie("_ga", "1")
    return response


async def error() -> Response:
    raise RuntimeError("the site's own mistake")


async def stream() -> Response:
    async def parts() -> AsyncIterator[str]:
        yield "<!DOCTYPE html><html><head>"
        yield "<title>Stream</title></head><body>"
        yield "<p>streamed</p></body></html>"

    return Response(parts(), mimetype="text/html")


async def asks() -> Response:
    return Response(
        "on" if consent_of(request).allows("analytics") else "off", mimetype="text/plain"
    )


async def talk() -> None:
    await websocket.send(f"analytics {'on' if current_consent.allows('analytics') else 'off'}")


def application(config: Config) -> object:
    app = Quart(__name__, static_folder=str(FILES), static_url_path="/")
    app.config["COOKIECONSENT_CONFIG"] = config
    CookieConsent(app)
    app.add_url_rule("/", view_func=home)
    app.add_url_rule("/redirect", view_func=leave)
    app.add_url_rule("/error", view_func=error)
    app.add_url_rule("/stream", view_func=stream)
    app.add_url_rule("/asks", view_func=asks)
    app.add_websocket("/ws", view_func=talk)
    return app
