"""The common site as datasette has it: routes of a plugin, which only this site switches on."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from datasette import Response, hookimpl
from datasette.app import Datasette
from datasette.plugins import pm
from datasette.utils.asgi import AsgiStream, asgi_send_file

from cookieconsent import Config, consent_of

NAME = "datasette"
DOOR = "asgi"
WEBSOCKET = False

FILES = Path(__file__).with_name("files")
PLUGIN = "common-site"
PAGE = """<!DOCTYPE html><html><head><title>Shop</title></head>
<body><p>analytics {{ "on" if consent.allows("analytics") else "off" }}</p></body></html>"""


async def home(datasette: Datasette, request: Any) -> Response:
    template = datasette.jinja_env.from_string(PAGE)
    response = Response.html(await datasette.render_template(template, request=request))
    for name in ("sid", "basket", "_ga"):
        response.set_cookie(name, "1")
    return response


async def redirect() -> Response:
    response = Response.redirect("/")
    response.set_cookie("_ga", "1")
    return response


async def error() -> None:
    raise RuntimeError("the site's own mistake")


async def stream(send: Any) -> None:
    async def parts(writer: Any) -> None:
        await writer.write("<!DOCTYPE html><html><head>")
        await writer.write("<title>Stream</title></head><body>")
        await writer.write("<p>streamed</p></body></html>")

    await AsgiStream(parts, content_type="text/html; charset=utf-8").asgi_send(send)


async def file(send: Any) -> None:
    await asgi_send_file(send, FILES / "file.txt")


async def asks(request: Any) -> Response:
    return Response.text("on" if consent_of(request).allows("analytics") else "off")


class Routes:
    """A datasette plugin."""

    __name__ = PLUGIN

    @hookimpl  # type: ignore[untyped-decorator]
    def register_routes(self, datasette: Datasette) -> list[tuple[str, Any]]:
        if not datasette.plugin_config(PLUGIN):
            return []
        return [
            (r"/$", home),
            (r"/redirect$", redirect),
            (r"/error$", error),
            (r"/stream$", stream),
            (r"/file\.txt$", file),
            (r"/asks$", asks),
        ]


def settings_of(config: Config) -> dict[str, Any]:
    """Return what stands under `plugins: cookieconsent:` for a configuration."""
    return {
        spec.name: getattr(config, spec.name)
        for spec in dataclasses.fields(Config)
        if spec.init and getattr(config, spec.name) not in (spec.default, ())
    }


def application(config: Config) -> object:
    if not pm.has_plugin(PLUGIN):
        pm.register(Routes(), PLUGIN)
    plugins = {PLUGIN: {"on": True}, "cookieconsent": settings_of(config)}
    return Datasette(memory=True, metadata={"plugins": plugins}, secret="s" * 40).app()
