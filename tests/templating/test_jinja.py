"""The Jinja2 block and functions, sync and async, with the state found in a template's context."""

from __future__ import annotations

import asyncio
import re
import runpy
import sys
from types import SimpleNamespace
from typing import Any

import jinja2
import pytest

from cookieconsent import Cookie, NotInstalledError, consent_of
from cookieconsent.templating import jinja
from cookieconsent.templating.jinja import ConsentExtension
from doors import Asked, Page, Site, banners, elements, settings_elements
from oracles.drivers import Answer

COOKIES = [Cookie("player", "media", purpose="P.", provider="Film House", lifetime="1 year")]
BLOCK = '{% consent "analytics" %}counted{% endconsent %}'
BLOCK_ELSE = '{% consent "analytics" %}counted{% else %}alone{% endconsent %}'
FILM = """
{%- set video %}<iframe src="https://film.example/embed/1"></iframe>{% endset -%}
{{ consent_embed(video, "media", title="How tea is made", provider="Film House",
                 link="https://film.example/watch/1", width=560, height=315) }}
"""


def environment(**options: Any) -> jinja2.Environment:
    options.setdefault("autoescape", True)
    return jinja2.Environment(extensions=[ConsentExtension], **options)


def rendered(source: str, context: dict[str, Any], **options: Any) -> str:
    template = environment(**options).from_string(source)
    if options.get("enable_async"):
        return asyncio.run(template.render_async(context))
    return template.render(context)


def site_with(
    source: str, *, by: str = "consent", content_type: bytes = b"text/html", **options: Any
) -> Site:
    """Return a site whose one page is a template that finds its state by a name."""

    def page(asked: Asked) -> Page:
        context = {"consent": asked.state, "request": SimpleNamespace(environ=asked.scope)}
        body = rendered(source, {by: context[by]}, **options)
        return Page(
            headers=[(b"content-type", content_type)],
            chunks=(f"<!DOCTYPE html><title>t</title><body><i>[{body}]</i>".encode(),),
        )

    return Site("wsgi", page, cookies=COOKIES)


def shown(answer: Answer) -> str:
    found = re.search(r"<i>\[(.*)\]</i>", answer.body.decode(), re.DOTALL)
    assert found is not None, answer.body
    return found[1]


def answers(site: Site) -> list[str]:
    """Return what the template shows to the undecided, after a no and after a yes."""
    cookies = [None, site.answer_cookie("reject"), site.answer_cookie("accept")]
    return [shown(site.get(cookie=cookie)) for cookie in cookies]


@pytest.mark.parametrize("enable_async", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize("by", ["consent", "request"])
@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (BLOCK, ["", "", "counted"]),
        (BLOCK_ELSE, ["alone", "alone", "counted"]),
        ('{{ consent_allows("analytics") }}', ["False", "False", "True"]),
        ('{% set c = "analytics" %}{% consent c %}yes{% endconsent %}', ["", "", "yes"]),
        (
            "{% for c in ['analytics'] %}{% consent c %}yes{% endconsent %}{% endfor %}",
            ["", "", "yes"],
        ),
        (
            '{% consent "authentication" %}a{% consent "analytics" %}b{% endconsent %}{% endconsent %}',
            ["a", "a", "ab"],
        ),
        ("{{ consent_preferences_url() }}", ["/cookie-consent"] * 3),
    ],
    ids=["block", "else", "function", "variable", "loop", "nested", "address"],
)
def test_template_asks_the_state(
    source: str, expected: list[str], by: str, enable_async: bool
) -> None:
    assert answers(site_with(source, by=by, enable_async=enable_async)) == expected


def test_block_asks_though_its_function_is_hidden() -> None:
    source = '{% set consent_allows = 1 %}{% consent "analytics" %}yes{% endconsent %}'
    assert answers(site_with(source)) == ["", "", "yes"]


def test_block_works_in_blocks_includes_and_macros() -> None:
    files = {
        "base.html": "{% block main %}{% endblock %}",
        "part.html": BLOCK,
        "macros.html": f"{{% macro part() %}}{BLOCK}{{% endmacro %}}",
    }
    source = (
        '{% extends "base.html" %}{% from "macros.html" import part with context %}'
        f'{{% block main %}}{BLOCK} {{% include "part.html" %}} {{{{ part() }}}}{{% endblock %}}'
    )
    site = site_with(source, loader=jinja2.DictLoader(files))
    assert answers(site) == ["  ", "  ", "counted counted counted"]


def test_block_works_in_the_sandbox() -> None:
    from jinja2.sandbox import SandboxedEnvironment

    sandbox = SandboxedEnvironment(extensions=[ConsentExtension], autoescape=True)
    site = Site("asgi")
    site.get()
    assert sandbox.from_string(BLOCK_ELSE).render(consent=site.asked[-1].state) == "alone"


@pytest.mark.parametrize(
    ("source", "vary"),
    [(BLOCK, [b"Cookie"]), ('{{ consent_allows("analytics") }}', [b"Cookie"]), ("plain", [])],
)
def test_only_asking_sets_vary(source: str, vary: list[bytes]) -> None:
    site = site_with(source, content_type=b"text/plain")
    varies = b", ".join(site.get(cookie=site.answer_cookie()).values(b"vary"))
    assert [name for name in varies.split(b", ") if name == b"Cookie"] == vary


# --- banner, settings, embed ----------------------------------------------------------------------


def test_banner_and_settings_stand_where_called() -> None:
    site = site_with("{{ consent_banner() }}|{{ consent_settings_link() }}")
    for cookie, count in ((None, (1, 0)), (site.answer_cookie("reject"), (0, 1))):
        answer = site.get(cookie=cookie)
        before, after = shown(answer).split("|")
        assert (banners(before.encode()), settings_elements(after.encode())) == count
        assert (banners(answer.body), settings_elements(answer.body)) == count


@pytest.mark.parametrize("enable_async", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize("autoescape", [False, True], ids=["plain", "escaping"])
def test_set_block_is_embedded(enable_async: bool, autoescape: bool) -> None:
    site = site_with(FILM, enable_async=enable_async, autoescape=autoescape)
    undecided, no, yes = answers(site)
    assert yes.strip() == '<iframe src="https://film.example/embed/1"></iframe>'
    for box in (undecided, no):
        assert "iframe" not in box
        assert "How tea is made" in box
        assert 'href="https://film.example/watch/1"' in box
        assert 'width="560" height="315"' in box


def test_embed_is_of_class_media_by_default() -> None:
    site = site_with('{{ consent_embed("<b>film</b>"|safe, title="Film") }}')
    media = site.answer_cookie("grant", **{"class": "media"})
    assert shown(site.get(cookie=media)) == "<b>film</b>"
    assert "<b>film</b>" not in shown(site.get())


def test_other_text_of_an_embed_is_escaped() -> None:
    site = site_with("{{ consent_embed('<b>film</b>'|safe, title='<i id=x>') }}")
    assert "x" not in [element.get("id") for element in elements(site.get().body)]


def test_plain_text_is_refused_where_it_is_escaped() -> None:
    site = Site("asgi")
    site.get()
    with pytest.raises(TypeError, match=r"markupsafe\.Markup"):
        rendered('{{ consent_embed("<b>") }}', {"consent": site.asked[-1].state})


# --- what a template can get wrong ----------------------------------------------------------------


@pytest.mark.parametrize(
    "source", ["{% consent analytics %}x{% endconsent %}", "{{ consent_allows(analytics) }}"]
)
def test_class_without_quotation_marks_is_refused(source: str) -> None:
    site = Site("asgi")
    site.get()
    with pytest.raises(TypeError, match="quotation marks"):
        rendered(source, {"consent": site.asked[-1].state})


@pytest.mark.parametrize(
    "source",
    [
        "{% consent %}x{% endconsent %}",
        '{% consent "analytics" %}x',
        '{% consent "analytics" %}x{% else %}y{% else %}z{% endconsent %}',
        '{% consent "analytics" %}x{% elif y %}z{% endconsent %}',
    ],
)
def test_wrong_block_is_a_syntax_error(source: str) -> None:
    with pytest.raises(jinja2.TemplateSyntaxError):
        environment().from_string(source)


def test_syntax_error_in_a_block_names_its_line() -> None:
    with pytest.raises(jinja2.TemplateSyntaxError) as caught:
        environment().from_string('\n{% consent "analytics" %}\n{% nonsense %}{% endconsent %}')
    assert caught.value.lineno == 3


def test_context_without_state_is_named() -> None:
    with pytest.raises(NotInstalledError, match=r"consent=consent_of\(request\)"):
        rendered("{{ consent_banner() }}", {})


def test_variable_of_that_name_is_not_taken_for_the_state() -> None:
    site = Site("asgi")
    site.get()
    context = {"consent": "I agree", "request": SimpleNamespace(scope=site.asked[-1].scope)}
    assert rendered(BLOCK_ELSE, context) == "alone"
    with pytest.raises(NotInstalledError):
        rendered(BLOCK, {"consent": "I agree"})
    assert consent_of(context["request"]) is site.asked[-1].state


def test_without_jinja2_one_line_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(ImportError) as caught:
        runpy.run_path(jinja.__file__)
    assert str(caught.value) == (
        "cookieconsent.templating.jinja needs Jinja2: pip install 'cookieconsent[jinja2]'"
    )
    assert caught.value.__suppress_context__
