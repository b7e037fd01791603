"""The common site as Flask has it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from flask import Flask, Response, make_response, redirect, render_template_string, request

from cookieconsent import Config, consent_of
from cookieconsent.integrations.flask import CookieConsent

NAME = "Flask"
DOOR = "wsgi"
WEBSOCKET = False

FILES = Path(__file__).with_name("files")
PAGE = """<!DOCTYPE html><html><head><title>Shop</title></head>
<body><p>analytics {% consent "analytics" %}on{% else %}off{% endconsent %}</p></body></html>"""


def home() -> Response:
    response = make_response(render_template_string(PAGE))
    for name in ("sid", "basket", "_ga"):
        response.set_cookie(name, "1")
    return response


def leave() -> Response:
    response = make_response(redirect("/"))
    response.set_cookie("_ga", "1")
    return response


def error() -> Response:
    raise RuntimeError("the site's own mistake")


def stream() -> Response:
    def parts() -> Iterator[str]:
        yield "<!DOCTYPE html><html><head>"
        yield "<title>Stream</title></head><body>"
        yield "<p>streamed</p></body></html>"

    return Response(parts(), mimetype="text/html")


def asks() -> Response:
    return Response(
        "on" if consent_of(request).allows("analytics") else "off", mimetype="text/plain"
    )


def application(config: Config) -> object:
    app = Flask(__name__, static_folder=FILES, static_url_path="/")
    app.config["COOKIECONSENT_CONFIG"] = config
    CookieConsent(app)
    app.add_url_rule("/", view_func=home)
    app.add_url_rule("/redirect", view_func=leave)
    app.add_url_rule("/error", view_func=error)
    app.add_url_rule("/stream", view_func=stream)
    app.add_url_rule("/asks", view_func=asks)
    return app
