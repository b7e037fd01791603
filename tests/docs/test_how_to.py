"""What the how-to guides promise about the code they show."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import jinja2
import pytest

import cookieconsent
from cookieconsent import Config, Cookie
from cookieconsent.cli import main
from cookieconsent.core.palette import NAMES
from cookieconsent.engine.config import SHAPES
from cookieconsent.errors import DeclarationWarning
from cookieconsent.templating.jinja import ConsentExtension
from cookieconsent.testing import STATE_NAMES
from cookieconsent.ui.preferences import PagePart
from doors import NAVIGATION, SECRET, Door, Site, Visitor, banners, consent_pair, settings_elements
from oracles.drivers import Exchange, run_asgi
from pages import GUIDES, ReadGuide, Written, blocks, read_along, run_alone

# --- frameworks -----------------------------------------------------------------------------------


FIRST_LINES = {
    "fastapi": "cookieconsent.integrations.starlette",
    "starlette": "cookieconsent.integrations.starlette",
    "litestar": "cookieconsent.integrations.litestar",
}
"""Guides whose first block is a whole site, and the integration that it is made with."""


@pytest.mark.parametrize("guide", FIRST_LINES)
def test_first_lines_of_a_guide_show_a_banner(
    guide: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COOKIECONSENT_SECRET", SECRET)
    page = read_along(GUIDES / f"{guide}.md", tmp_path)
    first, names = next(step for step in page if step[0].language == "python")
    assert FIRST_LINES[guide] in first.text
    assert len([line for line in first.text.splitlines() if line.strip()]) <= 8
    visitor = Visitor(Written(names["app"], "asgi"))
    visitor.visit()
    assert (visitor.sees, b"<h1>Hello</h1>" in visitor.page) == ("banner", True)


def started(app: Any) -> Any:
    """Return a client, like a browser, of an application that has been told that it starts."""
    from litestar.testing import TestClient

    client = TestClient(app)
    client.headers.update({name.decode(): value.decode() for name, value in NAVIGATION})
    return client


def accepted(client: Any) -> dict[str, str]:
    """Return the header of a visitor who has accepted everything."""
    same = {"sec-fetch-site": "same-origin"}
    answer = client.post(
        "/cookie-consent", data={"choice": "accept"}, headers=same, follow_redirects=False
    )
    return {"cookie": answer.headers["set-cookie"].partition(";")[0]}


@pytest.mark.parametrize(
    ("guide", "app"),
    [("fastapi", "app"), ("starlette", "app"), ("starlette", "packed"), ("litestar", "app")],
)
def test_offers_of_a_guide_depend_on_the_answer(read: ReadGuide, guide: str, app: str) -> None:
    with started(read(guide)[app]) as client:
        page = client.get("/offers")
        assert (banners(page.content), "You are counted." in page.text) == (1, False)
        page = client.get("/offers", headers=accepted(client))
        assert (banners(page.content), "You are counted." in page.text) == (0, True)


def test_parameter_of_a_litestar_handler_is_the_state(read: ReadGuide) -> None:
    with started(read("litestar")["app"]) as client:
        assert client.get("/counted").text == "no"
        assert client.get("/counted", headers=accepted(client)).text == "yes"


def test_compressor_outside_compresses_the_banner(read: ReadGuide) -> None:
    with started(read("starlette")["packed"]) as client:
        answer = client.get("/", headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert banners(answer.content) == 1


def test_added_middleware_of_the_guide_asks(read: ReadGuide) -> None:
    with started(read("starlette")["added"]) as client:
        assert banners(client.get("/").content) == 1


def test_datasette_guide_configures_the_plugin(read: ReadGuide) -> None:
    import yaml  # type: ignore[import-untyped]
    from datasette.app import Datasette

    read("datasette")
    metadata = yaml.safe_load(Path("metadata.yaml").read_text(encoding="utf-8"))
    site = Datasette(memory=True, metadata=metadata, template_dir="templates", secret=SECRET)
    visitor = Visitor(Written(site.app(), "asgi"))
    visitor.visit()
    assert (visitor.sees, b"/static/count.js" in visitor.page) == ("banner", False)
    visitor.choose("accept")
    assert (visitor.sees, b"/static/count.js" in visitor.page) == ("settings", True)
    visitor.visit("/cookie-consent")
    assert b"Counts visits." in visitor.page


def test_first_lines_for_datasette_are_few() -> None:
    first = next(block for block in blocks(GUIDES / "datasette.md") if block.language == "yaml")
    assert len(first.text.splitlines()) <= 8


def test_datasettes_own_cookies_pass_always() -> None:
    known = cookieconsent.catalogue()
    exempt = {"authentication", "cart", "consent"}
    names = ("ds_actor", "ds_csrftoken", "ds_messages")
    assert {known.classify(name).cls for name in names} <= exempt


NEW_EXTENSIONS = pytest.mark.parametrize(("guide", "door"), [("flask", "wsgi"), ("quart", "asgi")])


@NEW_EXTENSIONS
def test_first_lines_of_an_extension_show_a_banner(
    guide: str, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COOKIECONSENT_SECRET", SECRET)
    [first, *_] = (b for b in blocks(GUIDES / f"{guide}.md") if b.language == "python")
    assert len([line for line in first.text.splitlines() if line.strip()]) <= 8
    names: dict[str, Any] = {"__name__": "shop"}
    exec(first.text, names)
    visitor = Visitor(Written(names["app"], door))
    visitor.visit()
    assert visitor.sees == "banner"
    assert b"<h1>Hello</h1>" in visitor.page


def test_flask_guide_asks_in_template_and_view(read: ReadGuide) -> None:
    visitor = Visitor(Written(read("flask")["app"], "wsgi"))
    visitor.visit()
    assert visitor.sees == "banner"
    assert b"You are not counted." in visitor.page
    assert b"<iframe" not in visitor.page
    assert visitor.jar.names() == set()
    visitor.choose("accept")
    for part in (b"You are counted.", b"<iframe", b"Films are on."):
        assert part in visitor.page
    assert b"visits" in visitor.jar.names()
    visitor.visit("/cookies")
    assert b"This shop" in visitor.page


def test_flask_factory_of_the_guide_is_covered(read: ReadGuide) -> None:
    names = read("flask")
    one, two = (names["create_app"]() for _ in range(2))
    assert one.extensions["cookieconsent"] is not two.extensions["cookieconsent"]
    assert one.test_client().get("/cookie-consent").status_code == 200


def test_quart_guide_asks_in_template_and_websocket(read: ReadGuide) -> None:
    app = read("quart")["app"]
    visitor = Visitor(Written(app, "asgi"))
    visitor.visit("/page")
    assert visitor.sees == "banner"
    assert b"You are counted." not in visitor.page
    visitor.choose("accept")
    assert b"You are counted." in visitor.page

    async def heard() -> Any:
        async with app.test_client().websocket("/live") as socket:
            return await socket.receive()

    assert asyncio.run(heard()) == "alone"


DJANGO = """
import importlib
import pathlib
import sys

from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.core.servers.basehttp import get_internal_wsgi_application
from django.test import Client
from pages import PAGES, Written, blocks
from doors import Visitor, banners

[page] = [page for page in PAGES if page.name == "django.md"]
wrapped = {}
for block in blocks(page):
    if block.file in {"shop/wsgi.py", "shop/asgi.py", "shop/urls.py", "shop/tests.py"}:
        pathlib.Path(block.file).write_text(block.text)
applications = [
    ("wsgi", WSGIHandler()),
    ("asgi", ASGIHandler()),
    ("wsgi", importlib.import_module("shop.wsgi").application),
    ("asgi", importlib.import_module("shop.asgi").application),
]
for door, application in applications:
    for path in ("/", "/soon"):
        visitor = Visitor(Written(application, door), origin="https://localhost")
        visitor.visit(path)
        seen = [visitor.sees, b"You are counted" in visitor.page, b"<iframe" in visitor.page]
        visitor.choose("accept")
        seen += [visitor.sees, b"You are counted" in visitor.page, b"<iframe" in visitor.page]
        print(type(application).__module__, path, *seen)
for door, application in applications:
    visitor = Visitor(Written(application, door), origin="https://localhost")
    visitor.visit("/cookie-consent")
    print("layout", b"<header>Shop</header>" in visitor.page, b"Counts how often" in visitor.page)
print("runserver", type(get_internal_wsgi_application()).__module__)
client = Client(headers={"accept": "text/html", "host": "localhost"})
print("client", banners(client.get("/").content))
call_command("check", stdout=sys.stdout)
call_command("test", "shop", verbosity=0)
"""


def test_django_asks_in_both_ways_through_both_doors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COOKIECONSENT_SECRET", SECRET)
    lines = run_alone(GUIDES / "django.md", tmp_path, DJANGO).splitlines()
    seen = "banner False False settings True True"
    handlers = (
        "django.core.handlers.wsgi",
        "django.core.handlers.asgi",
        "cookieconsent.middleware.wsgi",
        "cookieconsent.middleware.asgi",
    )
    assert [line for line in lines if line != "one more visit"] == [
        *(f"{handler} {path} {seen}" for handler in handlers for path in ("/", "/soon")),
        *["layout True True"] * 2,
        *["layout False True"] * 2,
        "runserver cookieconsent.middleware.wsgi",
        "client 1",
        *["System check identified no issues (0 silenced)."] * 2,
    ]


FIRST = """
from django.core.handlers.wsgi import WSGIHandler
from pages import Written
from doors import Visitor
import django
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "shop.settings"
django.setup()
visitor = Visitor(Written(WSGIHandler(), "wsgi"), origin="https://localhost")
visitor.visit()
print(visitor.sees)
"""


def test_first_lines_for_django_show_a_banner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COOKIECONSENT_SECRET", SECRET)
    commands, lines, *_ = blocks(GUIDES / "django.md")
    assert len([line for line in lines.text.splitlines() if line.strip()]) <= 8
    page = tmp_path / "page.md"
    page.write_text(f"```sh\n{commands.text}```\n\n```python\n{lines.text}```\n", "utf-8")
    assert run_alone(page, tmp_path, FIRST) == "banner\n"


def test_checks_of_the_guide_are_those_that_exist() -> None:
    page = (GUIDES / "django.md").read_text(encoding="utf-8")
    source = (GUIDES.parents[1] / "src/cookieconsent/integrations/django/checks.py").read_text(
        "utf-8"
    )
    known = re.compile(r"cookieconsent\.[EW]\d{3}")
    assert set(known.findall(page)) == set(known.findall(source))


def test_classes_of_djangos_cookies() -> None:
    known = cookieconsent.catalogue()
    exempt = {known.classify(name).cls for name in ("sessionid", "csrftoken", "messages")}
    assert exempt <= {"authentication", "cart", "consent"}
    assert known.classify("django_language").cls == "preferences"
    assert Config(secret_key=SECRET).registry.classify("django_language").cls == "preferences"


# --- declarations ---------------------------------------------------------------------------------


def test_declared_cookies_are_classified(read: ReadGuide) -> None:
    names = read("declare-cookies")
    visitor = Visitor(Written(names["app"], "asgi"))
    visitor.visit("/cookie-consent")
    assert b"Counts visits." in visitor.page, "the application is wrapped with the declarations"
    config = names["config"]
    assert config.registry.classify("_ga_X").source == "declared"
    assert config.registry.classify("_ga").source == "catalogue"
    assert config.contact == "mailto:privacy@shop.example"


def test_incomplete_declaration_is_a_warning_or_an_error() -> None:
    with pytest.warns(cookieconsent.DeclarationWarning, match="purpose"):
        Config(secret_key=SECRET, cookies=[Cookie("a", "analytics")])
    with pytest.raises(cookieconsent.ConfigError, match="purpose"):
        Config(secret_key=SECRET, cookies=[Cookie("a", "analytics")], strict=True)


def test_objection_passes_until_a_no(read: ReadGuide) -> None:
    config = read("classes")["config"]
    site = Site("asgi", config=config)
    first = site.get(cookie=b"_ga=1; stars=2; django_language=de")
    assert site.asked[-1].cookie == b"_ga=1; django_language=de"
    assert banners(first.body) == 1
    no = consent_pair(site.post({"choice": "reject"}))
    site.get(cookie=no + b"; _ga=1; stars=2; django_language=de")
    assert site.asked[-1].cookie == no + b"; django_language=de"


def test_nothing_to_ask_leaves_the_settings_link() -> None:
    objection = cookieconsent.CookieClass(
        "analytics", regime="objection", shares_with_third_parties=False
    )
    page = Site("asgi", classes=[objection]).get().body
    assert (banners(page), settings_elements(page)) == (0, 1)


def test_old_answers_hold_while_the_old_secret_is_there(read: ReadGuide) -> None:
    names = read("secrets")
    before = Site("asgi", secret_key=names["old"])
    answer = before.answer_cookie("reject")
    both = Site("asgi", secret_keys=list(names["config"].keys))
    assert banners(both.get(cookie=answer).body) == 0
    after = Site("asgi", secret_key=names["new"])
    assert banners(after.get(cookie=answer).body) == 1
    assert banners(after.get(cookie=both.answer_cookie("reject")).body) == 0


def test_receipt_is_verified_as_the_guide_shows(
    read: ReadGuide, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    read("receipts")
    site = Site("asgi", config=Config.from_toml("cookieconsent.toml", secret_key=SECRET))
    cookie = site.answer_cookie()
    path = "/cookie-consent/receipt.json"
    Path("cookie-choice.json").write_bytes(site.get(path, cookie=cookie).body)
    guide = list(blocks(GUIDES / "receipts.md"))
    [shown] = [block.text for block in guide if block.language == "text"]
    plain, rotated = (block.text.split()[1:] for block in guide if block.language == "sh")
    assert main(plain) == 0
    days = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
    assert days.sub("day", capsys.readouterr().out) == days.sub("day", shown)
    monkeypatch.setenv("OLD_SECRET", SECRET)
    monkeypatch.setenv("COOKIECONSENT_SECRET", "a new secret of more than 32 characters")
    assert main(plain) == 1
    assert main(rotated) == 0


def test_receipts_of_two_visitors_are_identical() -> None:
    site = Site("asgi")
    first, second = (
        site.get("/cookie-consent/receipt.json", [(b"user-agent", agent)]).body
        for agent in (b"One/1", b"Two/2")
    )
    assert first == second


# --- templates ------------------------------------------------------------------------------------


def test_template_places_banner_and_link(read: ReadGuide) -> None:
    visitor = Visitor(Written(read("templates")["app"], "asgi"))
    visitor.visit()
    assert banners(visitor.page) == 1
    assert visitor.page.index(b"<header>") < visitor.page.index(b"cookieconsent-banner")
    assert b"/count.js" not in visitor.page

    visitor.choose("accept")
    assert (banners(visitor.page), settings_elements(visitor.page)) == (0, 1)
    assert visitor.page.index(b"<footer>") < visitor.page.index(b"cookieconsent-settings")
    assert b"/count.js" in visitor.page
    assert b'<a href="/cookie-consent">Cookies</a>' in visitor.page


@pytest.mark.parametrize("guide", ["templates", "flask"])
def test_guide_names_every_function_of_the_extension(guide: str) -> None:
    text = (GUIDES / f"{guide}.md").read_text("utf-8")
    environment = jinja2.Environment(autoescape=True, extensions=[ConsentExtension])
    functions = {name for name in environment.globals if name.startswith("consent_")}
    assert len(functions) == 5
    assert functions == set(re.findall(r"consent_\w+", text)) - {"consent_of"}


def test_extension_finds_the_state_in_a_part(read: ReadGuide) -> None:
    environment = read("templates")["environment"]
    part = environment.from_string(Path("templates/part.html").read_text("utf-8"))
    site = Site("asgi")
    for action, counted in ((None, False), ("accept", True)):
        site.get(cookie=None if action is None else site.answer_cookie(action))
        shown = part.render(consent=site.asked[-1].state)
        assert ("You are counted." in shown) == counted
        assert ("/count.js" in shown) == counted
        assert ("not counted -->" in shown) != counted
        assert "<iframe" not in shown, "nobody has been asked about media"


# --- trying and running ---------------------------------------------------------------------------


def test_dry_run_logs_what_the_guide_shows(
    read: ReadGuide, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "cookieconsent")
    app = read("dry-run")["app"]
    answer = run_asgi(app, Exchange(headers=[*NAVIGATION, (b"cookie", b"mystery=1")]))
    assert answer.body == b"<h1>Hello</h1>"
    assert b"_ga=GA1.1.1; Path=/; SameSite=lax" in answer.values(b"set-cookie")
    [shown] = [block.text for block in blocks(GUIDES / "dry-run.md") if block.language == "text"]
    logged = [
        f"{record.levelname}:{record.name}:{record.getMessage()}"
        for record in caplog.records
        if record.name == "cookieconsent"
    ]
    assert logged == shown.splitlines()


@pytest.mark.parametrize("named", [True, False])
def test_public_origin_makes_the_page_https(
    read: ReadGuide, caplog: pytest.LogCaptureFixture, named: bool
) -> None:
    origin = read("proxy")["config"].public_origin
    site = Site("asgi", public_origin=origin if named else None)
    assert (b'value="erase"' in site.get("/cookie-consent").body) == named
    site.post({"choice": "reject"})
    assert ("plain http" not in caplog.text) == named


def test_shared_cache_serves_everybody_the_same(read: ReadGuide) -> None:
    site = Site("asgi", config=read("proxy")["config"])
    yes = site.answer_cookie("accept")
    first, second = site.get(), site.get(cookie=yes)
    assert first.body == second.body
    assert banners(first.body) == 1
    assert b"/cookie-consent/state.css" in first.body
    assert b"Cookie" not in b", ".join(first.values(b"vary"))
    sheets = [site.get("/cookie-consent/state.css", cookie=c) for c in (None, yes)]
    assert b"display:none" not in sheets[0].body
    assert b"display:none" in sheets[1].body
    assert sheets[1].values(b"cache-control") == [b"no-store"]


# --- end-to-end tests -----------------------------------------------------------------------------


END_TO_END = GUIDES / "end-to-end-tests.md"


def test_guide_without_a_browser_passes(read: ReadGuide, tmp_path: Path) -> None:
    """Its blocks, written into one file, are a test module that pytest runs."""
    read("end-to-end-tests")
    code = "\n".join(block.text for block in blocks(END_TO_END) if block.language == "python")
    (tmp_path / "test_shop.py").write_text(code, encoding="utf-8")
    tests = ("test_analytics_waits_for_a_yes", "test_visitor_who_said_no_sees_no_banner")
    browser = [f"test_shop.py::{name}" for name in tests]
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            f"--deselect={browser[0]}",
            f"--deselect={browser[1]}",
        ],
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert f"{len(STATE_NAMES) + 3} passed, 2 deselected" in done.stdout


def test_failure_reads_as_the_guide_shows(read: ReadGuide) -> None:
    names = read("end-to-end-tests")
    [shown] = [block.text for block in blocks(END_TO_END) if block.language == "text"]
    states = names["states"]
    held = [*states.rejected.browser_cookies("http://localhost"), {"name": "_ga", "value": "1"}]
    with pytest.raises(AssertionError) as caught:
        names["assert_no_cookies_without_consent"](held, names["app"])
    assert str(caught.value) == shown.rstrip("\n")


def test_guide_lists_every_state(read: ReadGuide) -> None:
    names = read("end-to-end-tests")
    site, states = Written(names["app"], "asgi"), names["states"]
    text = END_TO_END.read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z]+)[^|]*\| [^|]+ \| (yes|no) \| ([^|]+) \|$", text, re.MULTILINE)
    assert [name for name, _, _ in rows if name != "only"] == list(STATE_NAMES)
    for name, asked, tracked in rows:
        state = states.only("analytics") if name == "only" else states[name]
        visitor = site.get(cookie=state.cookie_header.encode("ascii") or None)
        assert banners(visitor.body) == (asked == "yes"), name
        consent = states.consent
        values = [] if state.value is None else [state.value.encode("ascii")]
        standing = consent.read(values, consent.today(consent.clock()))
        allowed = standing.ruling(signal=False).decision.allowed
        assert ("analytics" in allowed) == (tracked != "no"), name


def test_clock_of_the_guides_is_todays() -> None:
    assert abs(Written(None, "asgi").clock() - time.time()) < 60


# --- embeds and the gate --------------------------------------------------------------------------


def test_film_waits_for_its_class(read: ReadGuide) -> None:
    visitor = Visitor(Written(read("embeds")["app"], "wsgi"))
    visitor.visit()
    assert b"<iframe" not in visitor.page
    assert b"count.js" not in visitor.page
    visitor.choose("grant")
    assert b"<iframe" in visitor.page
    assert b"count.js" not in visitor.page


def test_gate_opens_with_the_class(read: ReadGuide) -> None:
    site = Site("asgi", config=read("csp-gate")["config"])
    (closed,) = site.get().values(b"content-security-policy-report-only")
    answer = site.get(cookie=site.answer_cookie("grant", **{"class": "media"}))
    (opened,) = answer.values(b"content-security-policy-report-only")
    assert opened == closed.replace(b";", b" www.youtube-nocookie.com;")
    assert b" fonts.example.com; report-uri /csp-reports" in closed


# --- languages ------------------------------------------------------------------------------------


def test_words_are_those_of_the_guide(read: ReadGuide) -> None:
    with pytest.warns(DeclarationWarning, match="stay in English"):
        consent = Site("asgi", config=read("translate")["config"]).consent
    words = consent.languages.words("lb")
    labels = [words.gettext(label) for label in ("Accept all", "Reject all", "Cookie settings")]
    assert labels == ["Alles erlaben", "Alles refuséieren", "Cookie settings"]


def test_texts_of_the_guide_reach_the_page(read: ReadGuide, tmp_path: Path) -> None:
    read("translate")
    site = Site("asgi", config=Config.from_toml("cookieconsent.toml", secret_key=SECRET))
    for language, title in (("en", "Cookies at Kettle &amp; Crumb"), ("de", "Cookies bei Kettle")):
        page = site.get(headers=[(b"accept-language", language.encode())])
        assert title.encode() in page.body
    page = site.get("/cookie-consent", headers=[(b"accept-language", b"de")])
    assert b"Filme" in page.body
    assert b"Ein Keks" in page.body


def test_guide_of_looks_has_shape_and_theme(read: ReadGuide) -> None:
    config = read("looks")["config"]
    assert config.shape == "corner"
    site = Site("asgi", config=config)
    for path in ("/", "/cookie-consent"):
        body = site.get(path).body
        sheet = (
            body
            if path == "/"
            else site.get(config.path + "/" + site.consent.theme.linked_name).body
        )
        assert b"var(--cookieconsent-accent,#0a5c36)" in sheet
        assert b"var(--cookieconsent-accent,#8fd3a8)" in sheet
    assert b"position:fixed" in site.get("/").body


def test_guide_of_looks_names_every_value() -> None:
    text = (GUIDES / "looks.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z-]+)`", text, re.MULTILINE)
    assert rows == ["shape", *SHAPES, *NAMES]


# --- the preferences page -------------------------------------------------------------------------

DESK = "/cookie-consent"


def test_page_has_what_the_guide_lists_in_that_order(read: ReadGuide) -> None:
    read("preferences-page")
    site = Site("asgi", config=Config.from_toml("cookieconsent.toml", secret_key=SECRET))
    page = site.get(DESK, cookie=site.answer_cookie()).body
    found = re.findall(rb' id="cookieconsent-([a-z]+)"', page)
    sections = [
        *(b"state", b"optional", b"acts", b"file", b"sent"),
        *(b"necessary", b"about", b"browser", b"rights", b"complaint"),
    ]
    assert [name for name in found if name in sections] == sections
    assert page.index(b"Back to the site") < page.index(b"cookieconsent-state")


def test_page_names_the_authorities_of_the_guide(read: ReadGuide) -> None:
    read("preferences-page")
    config = Config.from_toml("cookieconsent.toml", secret_key=SECRET)
    page = Site("asgi", config=config).get(DESK).body.decode()
    told = page.partition('id="cookieconsent-complaint"')[2]
    assert told.index("<li>Austria: ") < told.index("<li>Germany: ")
    assert "<details>" not in told
    for written in ("mailto:privacy@shop.example", "/privacy"):
        assert f'href="{written}"' in told


def test_authorities_may_be_all_or_in_own_words() -> None:
    for authority, expected in (("EEA", b"<li>France: "), ("Ask Ada", b"<p>Ask Ada</p>")):
        page = Site("asgi", authority=authority).get(DESK).body
        assert expected in page.partition(b'id="cookieconsent-complaint"')[2]


def test_both_layouts_of_the_guide_look_alike(read: ReadGuide) -> None:
    names = read("preferences-page")
    first, second = (
        Site("asgi", layout=layout).get(DESK).body.strip()
        for layout in (names["layout"], names["config"].layout)
    )
    assert b'<header><a href="/">Shop</a></header><main>' in first
    assert first == second


def test_title_is_escaped_by_the_layouts_of_the_guide(read: ReadGuide) -> None:
    texts = {"en": {"Cookie settings": "<b>Cookies</b> & more"}}
    config = read("preferences-page")["config"]
    for layout in (read("preferences-page")["layout"], config.layout):
        body = Site("asgi", secret_key=SECRET, layout=layout, texts=texts).get(DESK).body
        assert b"<title>&lt;b&gt;Cookies&lt;/b&gt; &amp; more - Shop</title>" in body


def test_guide_explains_every_field_of_a_layout() -> None:
    text = (GUIDES / "preferences-page.md").read_text(encoding="utf-8")
    rows = [
        name for row in re.findall(r"^\| (`.+?) \|", text, re.MULTILINE) for name in row.split(", ")
    ]
    assert rows == [f"`{field.name}`" for field in dataclasses.fields(PagePart)]


def test_part_stands_in_the_page_of_the_guide(read: ReadGuide) -> None:
    visitor = Visitor(Written(read("preferences-page")["app"], "asgi"))
    answer = visitor.visit("/privacy")
    assert b"no-store" in b", ".join(answer.values(b"cache-control"))
    assert visitor.page.count(b"<h1>") == 1
    visitor.choose("save", **{"class-analytics": "yes"})
    assert (visitor.url, visitor.sees) == ("/privacy", "settings")
    assert b"Now on" in visitor.page
