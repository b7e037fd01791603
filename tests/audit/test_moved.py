"""A site that leads from the address it was named by to another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from flask import Flask

from cookieconsent.audit.plan import Plan
from cookieconsent.audit.report import Report
from cookieconsent.audit.run import audit
from cookieconsent.audit.site import Site
from cookieconsent.core.catalog import shipped_rules
from cookieconsent.core.registry import Registry
from cookieconsent.observation.reaching import within
from cookieconsent.observation.wsgi import WsgiClient

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

HTML = "text/html; charset=utf-8"
PAGE = b"<!DOCTYPE html><html lang=en><title>t</title><body><h1>Shop</h1></body></html>"


class Moved:
    """Answers at one address, and leads there from all others."""

    def __init__(self, home: str) -> None:
        self.home = home

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        here = f"{environ['wsgi.url_scheme']}://{environ['HTTP_HOST']}"
        if here != self.home:
            start("301 Moved", [("Location", self.home + environ["PATH_INFO"])])
            return [b""]
        start("200 OK", [("Content-Type", HTML), ("Set-Cookie", "_ga=1; Path=/; Max-Age=600")])
        return [PAGE]


def audited(base: str, home: str) -> Report:
    site = Site(config=None, registry=Registry((), shipped_rules()))
    client = WsgiClient(Moved(home))
    return audit(
        Plan(target="t", mode="wsgi", base=base, site=site, client=client, states=["none"])
    )


@pytest.mark.parametrize("base", ["http://shop.example/", "https://shop.example/"])
def test_site_that_moves_is_looked_at_where_it_is(base: str) -> None:
    report = audited(base, "https://www.shop.example")
    assert "CC101" in {finding.check for finding in report.findings("critical")}


def test_other_hosts_of_the_site_are_named() -> None:
    links = (
        "//blog.shop.example/x?who=ada",
        "//ada:secret@api.shop.example:8443/",
        "//www.shop.example/",
        "http://shop.example/",
        "//other.example/",
        "//notshop.example/",
    )
    body = "".join(f'<a href="{link}">x</a>' for link in links).encode()

    def app(_: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        start("200 OK", [("Content-Type", HTML)])
        return [PAGE, body]

    site = Site(config=None, registry=Registry((), shipped_rules()))
    plan = Plan(
        target="t",
        mode="wsgi",
        base="https://shop.example/",
        site=site,
        client=WsgiClient(app),
        states=["none"],
    )
    why = "another host of this site; audit it by its own address"
    assert audit(plan).missed == dict.fromkeys(["api.shop.example:8443", "blog.shop.example"], why)


def test_routes_that_no_page_leads_to_are_named() -> None:
    app = Flask("shop")
    for path in ("/", "/linked", "/hidden", "/logout", "/data.json", "/cookie-consent"):
        app.add_url_rule(path, path, lambda: "<!DOCTYPE html><a href=/linked>x</a>")
    reached = within(app)
    plan = Plan(
        target="t",
        mode="wsgi",
        base=reached.start,
        site=Site(config=None, registry=Registry((), shipped_rules())),
        client=reached.client,
        app=app,
        states=["none"],
    )
    assert audit(plan).missed == {
        "/hidden": "a route that no page leads to; add --page",
        "/logout": "its link may do something",
    }


def test_site_that_leads_elsewhere_is_not_clean() -> None:
    report = audited("https://shop.example/", "https://other.example")
    assert {verdict.outcome for verdict in report.verdicts} == {"unverified"}
    [row] = report.states
    assert row.unverified == "/ leads to another site; name that one (other.example)"
