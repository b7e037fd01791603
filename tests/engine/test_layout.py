"""A site's own layout: faults that can be seen are refused at start-up, others cost its looks alone."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import jinja2
import pytest

from cookieconsent import Config, ConfigError
from cookieconsent.engine import layout
from cookieconsent.templating.jinja import ConsentExtension
from cookieconsent.ui.preferences import PagePart
from doors import SECRET, Site

GOOD = "<!DOCTYPE html><title>{{ title }}</title>{{ head }}<body>{{ body }}"
BROKEN = "<body>\n{% if %}"


def template(source: str, **others: str) -> jinja2.Template:
    loader = jinja2.DictLoader({"page.html": source, "good.html": GOOD, **others})
    environment = jinja2.Environment(
        loader=loader,
        autoescape=True,
        extensions=[ConsentExtension],
        undefined=jinja2.StrictUndefined,
    )
    return environment.get_template("page.html")


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("{% extends 'broken.html' %}", "TemplateSyntaxError in broken.html, line 2: Expected"),
        ("{% include 'broken.html' %}{{ body }}", "TemplateSyntaxError in broken.html, line 2"),
        ("{% extends 'none.html' %}", "TemplateNotFound: none.html"),
        ("{{ request.path }}{{ body }}", "UndefinedError: 'request' is undefined"),
        (
            "{{ consent_banner() }}{{ body }}",
            "NotInstalledError: the template has no consent state",
        ),
    ],
    ids=["parent", "part", "missing", "request", "consent"],
)
def test_fault_that_every_visitor_would_meet_is_refused(source: str, problem: str) -> None:
    broken = template(source, **{"broken.html": BROKEN})
    with pytest.raises(ConfigError) as caught:
        Config(secret_key=SECRET, layout=broken)
    assert caught.value.field == "layout"
    assert problem in caught.value.problem
    assert "\n" not in str(caught.value)
    assert "title, lang, dir, head, body" in caught.value.fix


def test_sample_has_what_the_page_has() -> None:
    assert list(layout._SAMPLE) == [spec.name for spec in fields(PagePart)]


def not_yet() -> str:
    raise ConnectionError


@pytest.mark.parametrize("source", [GOOD, "{% extends 'good.html' %}", GOOD + "{{ site_name() }}"])
def test_other_templates_are_taken(source: str) -> None:
    good = template(source)
    good.globals["site_name"] = not_yet
    assert Config(secret_key=SECRET, layout=good).layout is good


def test_functions_are_not_called_at_start_up() -> None:
    Site("wsgi", layout=lambda part: not_yet())


def test_fault_that_comes_later_costs_the_looks(caplog: pytest.LogCaptureFixture) -> None:
    """A template may be edited while the site runs; the visitor gets our own page."""
    files = {"page.html": "{% include part %}{{ body }}", "part.html": "x"}
    environment = jinja2.Environment(loader=jinja2.DictLoader(files), autoescape=True)
    names: dict[str, Any] = {"part": "part.html"}
    site = Site("wsgi", layout=environment.get_template("page.html", globals=names))
    files["part.html"] = BROKEN
    plain = Site("wsgi").get("/cookie-consent")
    for _ in range(2):
        answer = site.get("/cookie-consent")
        assert (answer.status, answer.body) == (200, plain.body)
    assert caplog.messages == ["failure: layout"]
