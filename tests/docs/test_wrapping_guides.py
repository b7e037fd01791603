"""What the guides for Pyramid, Bottle, Falcon and any application promise."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import plaster
import pytest
from webtest import TestApp

from doors import NAVIGATION, Door, Visitor, banners
from oracles.drivers import Exchange, run_asgi, run_wsgi
from pages import GUIDES, ReadGuide, Written, blocks

COUNTED = b"You are counted."


def walks(app: Any, door: Door, path: str = "/") -> list[tuple[str, bool]]:
    """Return what a visitor sees who comes and accepts: of ours, and whether it counts."""
    visitor = Visitor(Written(app, door))
    visitor.visit(path)
    before = (visitor.sees, COUNTED in visitor.page)
    visitor.choose("accept")
    return [before, (visitor.sees, COUNTED in visitor.page)]


ASKED = [("banner", False), ("settings", True)]


@pytest.mark.parametrize("guide", ["pyramid", "bottle", "falcon"])
def test_first_banner_takes_eight_lines(guide: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COOKIECONSENT_SECRET", "a secret of more than thirty-two characters")
    first = next(block for block in blocks(GUIDES / f"{guide}.md") if block.language == "python")
    assert len([line for line in first.text.splitlines() if line.strip()]) <= 8
    names: dict[str, Any] = {}
    exec(first.text, names)
    answer = run_wsgi(names["app"], Exchange(headers=NAVIGATION))
    assert banners(answer.body) == 1
    assert answer.body.endswith(b"<h1>Hello</h1>")


def test_pyramid_guide_asks(read: ReadGuide, monkeypatch: pytest.MonkeyPatch) -> None:
    names = read("pyramid")
    monkeypatch.setitem(sys.modules, "shop", ModuleType("shop"))
    settings = plaster.get_settings("development.ini", "app:main")
    app = names["main"]({}, **settings)
    for door_app in (app, names["app"]):
        assert banners(run_wsgi(door_app, Exchange(headers=NAVIGATION)).body) == 1
    client = TestApp(app, extra_environ={"HTTP_ACCEPT": "text/html"})
    assert COUNTED not in client.get("/").body
    page = client.get("/cookie-consent")
    assert b"Counts visits." in page.body
    page.forms["cookieconsent-preferences"].submit("choice", value="accept")
    assert COUNTED in client.get("/").body
    assert "cookieconsent" in client.cookies, "secure = false"


def test_pyramid_guide_says_every_kind_of_setting() -> None:
    text = (GUIDES / "pyramid.md").read_text(encoding="utf-8")
    for name in ("layout", "on_choice", "on_outcome", "clock"):
        assert f"`{name}`" in text


def test_bottle_guide_asks(read: ReadGuide) -> None:
    assert walks(read("bottle")["app"], "wsgi", "/offers") == ASKED


def test_bottle_plugins_miss_what_has_no_route(read: ReadGuide) -> None:
    seen = []

    class Plugin:
        name, api = "sees", 2

        def apply(self, callback: Any, route: Any) -> Any:
            seen.append(route.rule)
            return callback

    names = read("bottle")
    names["site"].install(Plugin())
    assert run_wsgi(names["app"], Exchange(path="/nothing", headers=NAVIGATION)).status == 404
    assert seen == []


def test_falcon_guide_asks_through_both_doors(read: ReadGuide) -> None:
    names = read("falcon")
    assert walks(names["app"], "wsgi", "/offers") == ASKED
    assert walks(names["async_app"], "asgi") == ASKED


def test_component_of_the_falcon_guide_gives_the_state(read: ReadGuide) -> None:
    seen = []

    class Shows:
        def on_get(self, req: Any, resp: Any) -> None:
            seen.append(req.context.consent.allows("analytics"))

    names = read("falcon")
    names["site"].add_route("/shows", Shows())
    run_wsgi(names["app"], Exchange(path="/shows"))
    assert seen == [False]


def test_falcon_routes_name_the_prefix(read: ReadGuide) -> None:
    names = read("falcon")
    names["async_site"].add_route("/shop/", names["Home"]())
    answer = run_asgi(names["async_app"], Exchange(root="/shop", path="/", headers=NAVIGATION))
    assert banners(answer.body) == 1
    assert b'action="/shop/cookie-consent"' in answer.body


def test_html_of_a_falcon_error_handler_is_asked_in(read: ReadGuide) -> None:
    import falcon

    def sorry(req: Any, resp: Any, error: Exception, params: Any) -> None:
        resp.status, resp.content_type = falcon.HTTP_500, falcon.MEDIA_HTML
        resp.text = "<h1>Sorry</h1>"

    class Broken:
        def on_get(self, req: Any, resp: Any) -> None:
            raise RuntimeError

    names = read("falcon")
    names["site"].add_route("/broken", Broken())
    names["site"].add_error_handler(RuntimeError, sorry)
    answer = run_wsgi(names["app"], Exchange(path="/broken", headers=NAVIGATION))
    assert (answer.status, banners(answer.body)) == (500, 1)


def test_any_application_asks_through_both_doors(read: ReadGuide) -> None:
    names = read("any-application")
    assert walks(names["app"], "wsgi") == ASKED
    assert walks(names["async_app"], "asgi") == ASKED
