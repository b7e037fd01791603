"""Flask's extension: settings, factories, templates, the active language, error pages."""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import flask
import pytest
from flask import Blueprint, Flask, g, render_template_string, request, stream_template_string
from flask_babel import Babel
from jinja2 import DictLoader

from cookieconsent import ConfigError, ConsentState, NotInstalledError, consent_of
from cookieconsent.integrations import flask as integration
from cookieconsent.integrations.flask import CookieConsent, current_consent
from cookieconsent.middleware.wsgi import CookieConsentMiddleware
from doors import NAVIGATION, SECRET, banners, form_for, language

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

BROWSER = {name.decode(): value.decode() for name, value in NAVIGATION}
PAGE = "<!DOCTYPE html><html><body>{}</body></html>"


def site(*, extend: bool = True, **settings: Any) -> Flask:
    app = Flask(__name__)
    app.config["COOKIECONSENT_SECRET_KEY"] = SECRET
    app.config.update(settings)
    if extend:
        CookieConsent(app)
    return app


def page(app: Flask, source: str, url: str = "/") -> None:
    """Add a page that is made of a template."""
    app.add_url_rule(url, url, lambda: render_template_string(PAGE.format(source)))


def get(app: Flask, url: str = "/", client: FlaskClient | None = None, speaks: str = "en") -> Any:
    headers = BROWSER | {"accept-language": speaks}
    return (client or app.test_client()).get(url, headers=headers, base_url="https://a.example")


def accept(app: Flask, client: FlaskClient, choice: str = "accept") -> TestResponse:
    """Press a button of the banner."""
    form = form_for(get(app, client=client).data, choice)
    return client.post(
        form.action,
        data=dict(form.fields) | {"choice": choice},
        headers={"Sec-Fetch-Site": "same-origin"},
        base_url="https://a.example",
    )


# --- the door -------------------------------------------------------------------------------------


def test_extension_wraps_wsgi_app() -> None:
    app = site()
    assert isinstance(app.wsgi_app, CookieConsentMiddleware)
    assert app.extensions["cookieconsent"] is app.wsgi_app.consent.config


def test_visitor_is_asked_once() -> None:
    app = site()
    page(app, '{% consent "analytics" %}counted{% endconsent %}')
    client = app.test_client()
    assert banners(get(app, client=client).data) == 1
    assert accept(app, client).status_code == 303
    after = get(app, client=client).data
    assert banners(after) == 0
    assert b"counted" in after


@pytest.mark.parametrize("handled", [True, False], ids=["handler", "plain"])
def test_page_of_an_unhandled_error_is_covered(handled: bool) -> None:
    app = site()

    @app.route("/broken")
    def broken() -> str:
        raise RuntimeError

    if handled:

        @app.errorhandler(500)
        def sorry(error: Exception) -> Any:
            answer = flask.make_response(
                render_template_string(PAGE.format("{{ consent.decided }}"))
            )
            answer.set_cookie("_ga", "1")
            return answer, 500

    answer = get(app, "/broken")
    assert answer.status_code == 500
    assert banners(answer.data) == 1
    assert not [line for line in answer.headers.getlist("Set-Cookie") if line.startswith("_ga=1")]
    assert (b"False" in answer.data) == handled


def test_error_of_a_missing_page_is_covered() -> None:
    answer = get(site(), "/nowhere")
    assert answer.status_code == 404
    assert banners(answer.data) == 1


# --- settings -------------------------------------------------------------------------------------


def test_settings_are_those_of_the_application() -> None:
    app = site(COOKIECONSENT_PATH="/cookies", COOKIECONSENT_SHAPE="bottom")
    assert get(app, "/cookies").status_code == 200
    assert app.extensions["cookieconsent"].shape == "bottom"


def test_file_is_relative_to_the_application(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text('[cookieconsent]\npath = "/cookies"\n', encoding="utf-8")
    app = Flask(__name__, root_path=str(tmp_path))
    app.config.update(COOKIECONSENT_SECRET_KEY=SECRET, COOKIECONSENT_TOML="site.toml")
    CookieConsent(app)
    assert app.extensions["cookieconsent"].path == "/cookies"


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLASK_COOKIECONSENT_SECRET_KEY", SECRET)
    monkeypatch.setenv("FLASK_COOKIECONSENT_SECURE", "false")
    app = Flask(__name__)
    app.config.from_prefixed_env()
    CookieConsent(app)
    assert app.extensions["cookieconsent"].cookie_name == "cookieconsent"


def test_secret_of_flask_is_not_used() -> None:
    app = Flask(__name__)
    app.config["SECRET_KEY"] = SECRET
    with pytest.raises(ConfigError, match=r"^COOKIECONSENT_SECRET_KEY: "):
        CookieConsent(app)


def test_unknown_setting_is_refused_and_nothing_changed() -> None:
    app = site(extend=False, COOKIECONSENT_PTAH="/cookies")
    with pytest.raises(ConfigError, match="Did you mean 'COOKIECONSENT_PATH'"):
        CookieConsent(app)
    assert "cookieconsent" not in app.extensions
    assert not isinstance(app.wsgi_app, CookieConsentMiddleware)


def test_second_init_app_is_refused() -> None:
    app = site()
    with pytest.raises(ConfigError, match="has CookieConsent already") as caught:
        CookieConsent().init_app(app)
    assert "init_app(app) in a factory" in caught.value.fix


def test_one_extension_serves_several_applications() -> None:
    extension = CookieConsent()
    apps = [site(extend=False, COOKIECONSENT_PATH=path) for path in ("/one", "/two")]
    for app in apps:
        extension.init_app(app)
    answers = [[get(app, path).status_code for path in ("/one", "/two")] for app in apps]
    assert answers == [[200, 404], [404, 200]]


# --- views and templates --------------------------------------------------------------------------


def test_factory_and_blueprint_have_the_state() -> None:
    shop = Blueprint("shop", __name__)

    @shop.route("/")
    def home() -> str:
        assert consent_of(request).allows("analytics") is current_consent.allows("analytics")
        return render_template_string(PAGE.format("{{ consent.allows('analytics') }}"))

    def create_app() -> Flask:
        app = site()
        app.register_blueprint(shop, url_prefix="/shop")
        return app

    assert b"False" in get(create_app(), "/shop/").data


def test_current_consent_is_the_state_of_the_request() -> None:
    app = site()

    @app.route("/grant")
    def grant() -> str:
        assert isinstance(current_consent, ConsentState)
        current_consent.grant("analytics")
        return str(current_consent.allows("analytics"))

    answer = get(app, "/grant")
    assert answer.text.endswith("True")
    assert "__Host-cookieconsent=" in answer.headers["Set-Cookie"]


@pytest.mark.parametrize(
    ("source", "asks"),
    [
        ("plain", False),
        ("{{ consent.allows('analytics') }}", True),
        ('{% consent "analytics" %}{% endconsent %}', True),
    ],
)
def test_asking_in_a_template_sets_vary(source: str, asks: bool) -> None:
    app = site()

    @app.route("/")
    def text() -> Any:
        return render_template_string(source), {"Content-Type": "text/plain"}

    client = app.test_client()
    client.set_cookie("sid", "1", domain="a.example")
    varies = get(app, client=client).headers.get("Vary", "")
    assert ("Cookie" in varies.replace(" ", "").split(",")) == asks


def test_macro_without_context_asks(tmp_path: Path) -> None:
    (tmp_path / "macros.html").write_text(
        '{% macro part() %}{% consent "analytics" %}yes{% else %}no{% endconsent %}'
        "{{ consent_preferences_url() }}{% endmacro %}",
        encoding="utf-8",
    )
    app = Flask(__name__, template_folder=str(tmp_path))
    app.config["COOKIECONSENT_SECRET_KEY"] = SECRET
    CookieConsent(app)
    page(app, '{% from "macros.html" import part %}[{{ part() }}]')
    assert b"[no/cookie-consent]" in get(app).data


def test_embed_in_a_streamed_template_waits() -> None:
    app = site(
        COOKIECONSENT_COOKIES=[
            {"name": "v", "cls": "media", "purpose": "P.", "provider": "F.", "lifetime": "1 day"}
        ]
    )
    source = PAGE.format(
        "{% set video %}<iframe></iframe>{% endset %}"
        '{{ consent_embed(video, "media", title="Film", provider="Film House") }}'
    )
    app.add_url_rule("/", "home", lambda: stream_template_string(source))
    client = app.test_client()
    first = get(app, client=client).data
    assert b"<iframe>" not in first
    assert b"Film House" in first
    accept(app, client)
    assert b"<iframe>" in get(app, client=client).data


def test_banner_in_layout_and_page_stands_once() -> None:
    layout = PAGE.format("{{ consent_banner() }}{% block main %}{% endblock %}")
    app = site()
    app.jinja_env.loader = DictLoader(
        {"base.html": layout, "part.html": "{{ consent.banner() }}"},
    )
    app.add_url_rule(
        "/",
        "home",
        lambda: render_template_string(
            '{% extends "base.html" %}{% block main %}[{{ consent_banner() }}]'
            '[{% include "part.html" %}]{% endblock %}'
        ),
    )
    data = get(app).data
    assert banners(data) == 1
    assert b"[][]" in data


def test_page_of_a_failed_template_has_the_banner() -> None:
    app = site()
    page(app, "{{ consent_banner() }}{{ 1 / 0 }}")
    app.register_error_handler(
        500, lambda _: (render_template_string(PAGE.format("{{ consent_banner() }}<i>")), 500)
    )
    answer = get(app)
    assert answer.status_code == 500
    assert b"</div><i>" in answer.data
    assert banners(answer.data) == 1


def test_own_variable_wins_over_the_state() -> None:
    app = site()
    app.add_url_rule("/", "home", lambda: render_template_string("{{ consent }}", consent="mine"))
    assert b"mine" in get(app).data


def test_template_without_a_request_renders() -> None:
    """A template for a letter, say; one that asks is told why it cannot."""
    app = site()
    with app.app_context():
        assert render_template_string("Dear customer") == "Dear customer"
        with pytest.raises(RuntimeError, match="there is no request here"):
            render_template_string("{{ consent.decided }}")
    with app.test_request_context():
        assert render_template_string("Dear customer") == "Dear customer"
        with pytest.raises(NotInstalledError):
            render_template_string("{{ consent.decided }}")


# --- the active language --------------------------------------------------------------------------


def speaking(selector: Any, **settings: Any) -> Flask:
    app = site(**settings)
    Babel(app, locale_selector=selector)
    return app


def plain(app: Flask) -> None:
    app.add_url_rule("/", "home", lambda: PAGE.format("Hallo"))


def test_language_of_flask_babel_is_the_banners() -> None:
    app = speaking(lambda: request.args.get("lang"))
    plain(app)
    assert [language(get(app, f"/?lang={tag}").data) for tag in ("de", "pt_BR")] == ["de", "pt-BR"]


def test_placed_banner_speaks_it_too() -> None:
    app = speaking(lambda: "de")
    page(app, "{{ consent.banner() }}")
    data = get(app).data
    assert (language(data), banners(data)) == ("de", 1)


def test_selector_is_asked_after_the_site_knows_the_user() -> None:
    app = speaking(lambda: g.language)

    @app.before_request
    def find_user() -> None:
        assert not current_consent.allows("analytics")
        g.language = "fr"

    plain(app)
    assert language(get(app).data) == "fr"


def test_failing_selector_costs_no_page(caplog: pytest.LogCaptureFixture) -> None:
    app = speaking(lambda: g.nothing)
    plain(app)
    assert language(get(app, speaks="es").data) == "es"
    assert "no language from Flask-Babel" in caplog.text


def test_selector_is_not_asked_for_other_content() -> None:
    asked: list[None] = []
    app = speaking(lambda: asked.append(None))
    app.add_url_rule("/", "home", lambda: {"a": 1})
    get(app)
    assert asked == []


def test_unknown_language_leaves_the_browsers() -> None:
    app = speaking(lambda: "eo")
    plain(app)
    assert language(get(app, speaks="es").data) == "es"


def test_application_without_flask_babel_has_the_browsers() -> None:
    assert "flask_babel" in sys.modules
    app = site()
    plain(app)
    assert language(get(app, speaks="de").data) == "de"


# --- loading --------------------------------------------------------------------------------------


def test_flask_babel_is_not_loaded() -> None:
    code = "import cookieconsent.integrations.flask, sys; print('flask_babel' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout == "False\n"


def test_without_flask_one_line_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "flask", None)
    with pytest.raises(ImportError) as caught:
        runpy.run_path(integration.__file__)
    assert str(caught.value) == (
        "cookieconsent.integrations.flask needs Flask: pip install 'cookieconsent[flask]'"
    )
    assert caught.value.__suppress_context__
