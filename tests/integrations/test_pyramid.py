"""Pyramid as its users have it: settings, requests, templates, tweens, policies, languages."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import chameleon
import plaster
import pytest
from pyramid import testing
from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationError
from pyramid.path import AssetResolver
from pyramid.renderers import render
from pyramid.request import Request
from pyramid.response import Response
from pyramid.tweens import EXCVIEW, INGRESS, MAIN

from cookieconsent import Config, ConfigError, Cookie, NotInstalledError, consent_of
from cookieconsent.integrations import pyramid
from doors import NAVIGATION, PAGE, SECRET, Visitor, banners, language
from oracles.drivers import Answer, Exchange, run_wsgi
from pages import Written

MODULE = "cookieconsent.integrations.pyramid"
SETTINGS = {"cookieconsent.secret_key": SECRET}


def site(view: Any = None, /, **settings: object) -> Any:
    """Return a configurator with the integration and one page."""
    config = Configurator(settings=SETTINGS | settings)
    config.include(MODULE)
    config.add_route("home", "/")
    config.add_view(view or (lambda request: Response(PAGE)), route_name="home")
    return config


def get(app: Any, path: str = "/", *headers: tuple[bytes, bytes]) -> Answer:
    return run_wsgi(app, Exchange(path=path, headers=[*NAVIGATION, *headers]))


def read(**settings: object) -> Config:
    """Return the configuration that settings are taken for."""
    given = {f"cookieconsent.{name}": value for name, value in settings.items()}
    return pyramid._config_from(Configurator(settings=given))


# --- settings -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("secure", "false", False),
        ("secure", "Off", False),
        ("strict", "yes", True),
        ("enforce", " 1 ", True),
        ("domains", "shop.example other.example", ("shop.example", "other.example")),
        ("domains", "\n  shop.example\n  other.example\n", ("shop.example", "other.example")),
        ("trusted_origins", "https://pay.example", ("https://pay.example",)),
        ("translations", "\n  our words\n  theirs", (Path("our words"), Path("theirs"))),
        ("path", "/cookies", "/cookies"),
        ("authority", "FR", "FR"),
        ("clock", "time.monotonic", time.monotonic),
        ("clock", "time:monotonic", time.monotonic),
        ("csp_hosts", {"analytics": ["a.example"]}, {"analytics": ("a.example",)}),
        ("secure", False, False),
    ],
)
def test_text_of_a_setting_is_read(name: str, text: object, value: object) -> None:
    assert getattr(read(secret_key=SECRET, **{name: text}), name) == value


def test_every_switch_of_config_is_read_as_one() -> None:
    assert {name for name in pyramid._SWITCHES if getattr(Config(secret_key=SECRET), name)} == {
        "enforce",
        "private_pages",
        "secure",
        "settings_link",
    }
    for name in pyramid._SWITCHES:
        with pytest.raises(ConfigError, match="neither yes nor no"):
            read(secret_key=SECRET, **{name: "perhaps"})


def test_secrets_stand_one_to_a_line() -> None:
    older, newer = "the older secret of this site, long enough", SECRET
    assert read(secret_keys=f"\n  {older}\n  {newer}\n").keys == (older, newer)


def test_every_kind_of_setting_is_a_field() -> None:
    kinds = pyramid._WORDS | pyramid._LINES | pyramid._CODE | pyramid._TABLES
    assert kinds - {"config"} <= set(Config.__dataclass_fields__)


def test_file_gives_tables_and_settings_win(tmp_path: Path) -> None:
    file = tmp_path / "cookieconsent.toml"
    file.write_text(
        '[cookieconsent]\npath = "/c"\ncontact = "us"\n'
        '[[cookieconsent.cookies]]\nname = "sid"\ncls = "authentication"\n',
        encoding="utf-8",
    )
    config = read(secret_key=SECRET, toml=str(file), path="/d")
    assert (config.path, config.contact, config.cookies[0].name) == ("/d", "us", "sid")


@pytest.mark.parametrize("whole", ["object", "dotted name"])
def test_whole_config_is_taken(whole: str, monkeypatch: pytest.MonkeyPatch) -> None:
    config = Config(secret_key=SECRET)
    monkeypatch.setattr(pyramid, "shop_config", config, raising=False)
    given = config if whole == "object" else f"{MODULE}.shop_config"
    assert read(config=given) is config


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, r"cookieconsent\.secret_key: there is none.* Make one with"),
        ({"secret_key": "short"}, r"cookieconsent\.secret_key: it is too weak"),
        (
            {"secert_key": SECRET},
            r"cookieconsent\.secert_key: .*Did you mean 'cookieconsent\.secret_key'\?",
        ),
        ({"secret_key": SECRET, "secure": "nope"}, r"cookieconsent\.secure: 'nope' is neither"),
        ({"secret_key": SECRET, "theme": "dark"}, r"cookieconsent\.theme: .*cookieconsent\.toml"),
        ({"secret_key": SECRET, "layout": "no.such"}, r"cookieconsent\.layout: .*dotted name"),
        ({"secret_key": SECRET, "layout": "json:nothing"}, r"cookieconsent\.layout: .*imported"),
        ({"secret_key": SECRET, "toml": "none.toml"}, r"cookieconsent\.toml: .*cannot be read"),
        ({"secret_key": SECRET, "locale": "tlh"}, r"cookieconsent\.locale: 'tlh'"),
        ({"config": "json.dumps"}, r"cookieconsent\.config: a function is no Config"),
        ({"config": Config(secret_key=SECRET), "path": "/x"}, r"config: .*cookieconsent\.path"),
        ({"config": Config(secret_key=SECRET), "toml": "x"}, r"config: .*cookieconsent\.toml"),
    ],
    ids=range(12),
)
def test_wrong_setting_is_refused_at_start_up(settings: dict[str, Any], message: str) -> None:
    given = {f"cookieconsent.{name}": value for name, value in settings.items()}
    with pytest.raises(ConfigurationError, match=message):
        Configurator(settings=given).include(MODULE)


def test_error_in_a_file_names_the_file(tmp_path: Path) -> None:
    file = tmp_path / "consent.toml"
    file.write_text("[cookieconsent]\npaht = '/c'\n", encoding="utf-8")
    settings = SETTINGS | {"cookieconsent.toml": str(file)}
    with pytest.raises(ConfigurationError, match=r"consent\.toml \[cookieconsent\]: paht: "):
        Configurator(settings=settings).include(MODULE)


def test_ini_file_is_enough(tmp_path: Path) -> None:
    ini = tmp_path / "site.ini"
    ini.write_text(
        "[app:main]\nuse = call:nowhere:main\n"
        f"cookieconsent.secret_key = {SECRET}\n"
        "cookieconsent.secure = false\n"
        "cookieconsent.domains =\n    shop.example\n    other.example\n",
        encoding="utf-8",
    )
    settings = plaster.get_settings(str(ini), "app:main")
    config = pyramid._config_from(Configurator(settings=settings))
    assert (config.secure, config.domains) == (False, ("shop.example", "other.example"))


# --- everything passes the door -------------------------------------------------------------------


def test_visitor_is_asked_and_answers() -> None:
    visitor = Visitor(Written(site().make_wsgi_app(), "wsgi"))
    visitor.visit()
    assert visitor.sees == "banner"
    visitor.choose("reject")
    assert [visitor.sees] == ["settings"]


def broken(request: Request) -> Response:
    raise RuntimeError("the site's own mistake")


def sorry(context: Exception, request: Request) -> Response:
    response = Response(PAGE, status=500)
    response.set_cookie("_ga", "1")
    return response


def test_exception_view_is_covered() -> None:
    config = site(broken)
    config.add_view(sorry, context=RuntimeError)
    answer = get(config.make_wsgi_app())
    assert (answer.status, banners(answer.body)) == (500, 1)
    assert answer.values(b"set-cookie") == []


@pytest.mark.parametrize("where", [{"under": INGRESS, "over": EXCVIEW}, {"over": MAIN}], ids=str)
def test_answer_of_a_tween_is_covered(where: dict[str, str]) -> None:
    config = site(broken)
    config.add_tween(f"{__name__}.closed_tween", **where)
    answer = get(config.make_wsgi_app())
    assert (answer.status, banners(answer.body)) == (503, 1)
    assert answer.values(b"set-cookie") == []


def closed_tween(handler: Any, registry: Any) -> Any:
    def closed(request: Request) -> Response:
        assert "cookieconsent.state" in request.environ
        response = Response(PAGE, status=503)
        response.set_cookie("_ga", "1")
        return response

    return closed


def test_unhandled_error_reaches_the_server() -> None:
    with pytest.raises(RuntimeError, match="own mistake"):
        get(site(broken).make_wsgi_app())


@pytest.mark.parametrize("first", [True, False], ids=["policy first", "include first"])
def test_execution_policy_of_the_site_stays(first: bool) -> None:
    tried: list[int] = []

    def twice(environ: Any, router: Any) -> Any:
        for number in (1, 2):
            tried.append(number)
            with router.request_context(environ) as request:
                try:
                    return router.invoke_request(request)
                except RuntimeError:
                    continue
        raise AssertionError

    def fails_once(request: Request) -> Response:
        if len(tried) == 1:
            raise RuntimeError
        return Response(PAGE)

    config = Configurator(settings=SETTINGS)
    if first:
        config.set_execution_policy(twice)
    config.include(MODULE)
    config.commit()
    if not first:
        config.set_execution_policy(twice)
    config.add_route("home", "/")
    config.add_view(fails_once, route_name="home")
    answer = get(config.make_wsgi_app())
    assert (answer.status, banners(answer.body), tried) == (200, 1, [1, 2])


def test_configurator_makes_several_applications() -> None:
    config = site()
    first, second = config.make_wsgi_app(), config.make_wsgi_app()
    assert first.execution_policy is not second.execution_policy
    assert [banners(get(app).body) for app in (first, second)] == [1, 1]


def test_included_twice_asks_once() -> None:
    config = site()
    config.include(MODULE)
    assert banners(get(config.make_wsgi_app()).body) == 1


# --- requests -------------------------------------------------------------------------------------


def test_request_carries_the_state() -> None:
    seen = []

    def view(request: Request) -> Response:
        assert request.cookieconsent is request.cookieconsent
        assert consent_of(request) is request.cookieconsent
        seen.append(request.cookieconsent.allows("analytics"))
        request.cookieconsent.grant("analytics")
        return Response(PAGE)

    answer = get(site(view).make_wsgi_app())
    assert seen == [False]
    assert b"__Host-cookieconsent" in answer.values(b"set-cookie")[0]


def test_subrequest_has_no_state_of_its_own() -> None:
    def outer(request: Request) -> Response:
        inner = Request.blank("/inner")
        with pytest.raises(NotInstalledError, match="carries no consent state"):
            request.invoke_subrequest(inner, use_tweens=True)
        inner = Request.blank("/inner", environ={**request.environ, "PATH_INFO": "/inner"})
        return request.invoke_subrequest(inner, use_tweens=True)

    config = site(outer)
    config.add_route("inner", "/inner")
    config.add_view(
        lambda request: Response(f"analytics {request.cookieconsent.allows('analytics')}"),
        route_name="inner",
    )
    assert b"analytics False" in get(config.make_wsgi_app()).body


# --- templates ------------------------------------------------------------------------------------


class Chameleon:
    """A renderer of Chameleon's templates: `pyramid_chameleon` needs an older setuptools."""

    def __init__(self, info: Any) -> None:
        self.template = chameleon.PageTemplateFile(AssetResolver().resolve(info.name).abspath())

    def __call__(self, value: Any, system: Any) -> str:
        return str(self.template.render(**{**system, **value}))


TEMPLATES = {
    "jinja2": "<body>{{ consent.banner() }}<p>{{ consent.allows('analytics') }}</p></body>",
    "mako": "<body>${consent.banner()}<p>${consent.allows('analytics')}</p></body>",
    "pt": "<body>${consent.banner()}<p>${consent.allows('analytics')}</p></body>",
}


SHOP = """
from pyramid.config import Configurator

def main(renderer, **settings):
    config = Configurator(settings=settings)
    config.include("cookieconsent.integrations.pyramid")
    config.include("pyramid_jinja2")
    config.include("pyramid_mako")
    config.add_renderer(".pt", renderer)
    config.add_route("page", "/")
    config.add_view(lambda request: {}, route_name="page", renderer="FILE")
    return config.make_wsgi_app()
"""


def shop(
    kind: str, template: str, tmp_path: Path, patch: pytest.MonkeyPatch, **settings: str
) -> Visitor:
    """Return a visitor of a site of one template: a package, beside which renderers look for it."""
    package = tmp_path / f"shop_{kind}"
    package.mkdir()
    (package / f"home.{kind}").write_text(template, encoding="utf-8")
    code = package / "__init__.py"
    code.write_text(SHOP.replace("FILE", f"{package.name}:home.{kind}"), encoding="utf-8")
    spec = importlib.util.spec_from_file_location(package.name, code)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    patch.setitem(sys.modules, package.name, module)
    spec.loader.exec_module(module)
    return Visitor(Written(module.main(Chameleon, **SETTINGS, **settings), "wsgi"))


@pytest.mark.parametrize("kind", TEMPLATES)
def test_templates_have_consent(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = shop(kind, TEMPLATES[kind], tmp_path, monkeypatch)
    visitor.visit()
    assert banners(visitor.page) == 1
    assert b"<p>False</p>" in visitor.page
    visitor.choose("accept")
    assert b"<p>True</p>" in visitor.page


def test_jinja2_templates_take_the_extension(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    extension = {"jinja2.extensions": "cookieconsent.templating.jinja.ConsentExtension"}
    template = '<body>{% consent "analytics" %}counted{% endconsent %}</body>'
    visitor = shop("jinja2", template, tmp_path, monkeypatch, **extension)
    visitor.visit()
    assert b"counted" not in visitor.page
    visitor.choose("accept")
    assert b"counted" in visitor.page


def render_with(given: dict[str, object], request: object, tmp_path: Path) -> str:
    """Render a template that shows `consent`, as a script or a unit test does."""
    file = tmp_path / "who.mako"
    file.write_text("${consent if consent is not UNDEFINED else 'nothing'}", encoding="utf-8")
    with testing.testConfig(settings=SETTINGS) as config:
        config.include("pyramid_mako")
        config.include(MODULE)
        return str(render(str(file), given, request=request))


def test_name_of_a_view_wins(tmp_path: Path) -> None:
    request = testing.DummyRequest(cookieconsent="the state")
    assert render_with({"consent": "the view's"}, request, tmp_path) == "the view&#39;s"
    assert render_with({}, request, tmp_path) == "the state"


@pytest.mark.parametrize("request_made", [None, testing.DummyRequest, lambda: Request.blank("/")])
def test_request_made_by_hand_renders(request_made: Any, tmp_path: Path) -> None:
    assert render_with({}, request_made and request_made(), tmp_path) == "nothing"


# --- languages ------------------------------------------------------------------------------------

GERMAN = (b"accept-language", b"de")


def spoken(config: Any, *headers: tuple[bytes, bytes]) -> str | None:
    app = config.make_wsgi_app()
    answer = run_wsgi(app, Exchange(headers=[*NAVIGATION[:1], *NAVIGATION[2:], *headers]))
    return language(answer.body)


def test_browser_chooses_where_the_site_has_one_language() -> None:
    assert spoken(site(), GERMAN) == "de"


def test_negotiator_of_the_site_chooses() -> None:
    config = site()
    config.set_locale_negotiator(lambda request: "fr")
    assert spoken(config, GERMAN) == "fr"


def test_translating_site_speaks_its_language(tmp_path: Path) -> None:
    config = site(**{"pyramid.default_locale_name": "it"})
    config.add_translation_dirs(str(tmp_path))
    assert spoken(config, GERMAN) == "it"


def test_unknown_language_leaves_the_browsers() -> None:
    config = site()
    config.set_locale_negotiator(lambda request: "tlh")
    assert spoken(config, GERMAN) == "de"


def test_fixed_language_of_our_pages_stays() -> None:
    config = site(**{"cookieconsent.locale": "sv"})
    config.set_locale_negotiator(lambda request: "fr")
    assert spoken(config, GERMAN) == "sv"


# --- not installed --------------------------------------------------------------------------------


def test_missing_pyramid_is_told_in_one_line() -> None:
    code = "import sys\nsys.modules['pyramid'] = None\nimport cookieconsent.integrations.pyramid"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, text=True)
    assert done.stderr.splitlines()[-1] == (
        "ImportError: cookieconsent.integrations.pyramid needs Pyramid: "
        "pip install 'cookieconsent[pyramid]'"
    )
    assert "During handling" not in done.stderr


def test_cookies_of_pyramid_are_known() -> None:
    """What the guide says of them."""
    known = Config(secret_key=SECRET, cookies=[Cookie("x", "authentication")]).registry
    classes = {name: known.classify(name).cls for name in ("session", "auth_tkt", "csrf_token")}
    assert set(classes.values()) == {"authentication"}
    assert known.classify("_LOCALE_").cls == "preferences"
