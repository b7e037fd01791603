"""What our markup adds to a page on the wire, once it is compressed.

Measured through a door, in three kinds of host page: one of a few lines, where nothing compresses
along; an article of about 30 kB with its own style; a checkout full of forms.
"""

from __future__ import annotations

import pytest
from babel import Locale

import weights
from cookieconsent.engine.config import Shape
from cookieconsent.engine.consent import Kind
from cookieconsent.ui.languages import shipped
from doors import Page, Site
from weights import COOKIES, DATA, HOSTS, compressed

FLOW_OCTETS = 1536
"""The budget of the banner in the flow, where letters are Latin."""
BANNER_OCTETS = 1792
"""The budget of every shape in every language."""
SETTINGS_OCTETS = 350
SHAPES: tuple[Shape, ...] = ("top", "bottom", "corner")

every_host = pytest.mark.parametrize("host", HOSTS)
every_locale = pytest.mark.parametrize("locale", shipped().names)
every_shape = pytest.mark.parametrize("shape", SHAPES)


def is_latin(locale: str) -> bool:
    """Tell whether a language is written in Latin letters, as its own name is."""
    name = Locale.parse(locale).get_display_name(locale) or ""
    return all(ord(letter) < 0x250 for letter in name)


def serve(host: str, shape: Shape = "top") -> tuple[Site, bytes]:
    """Return a site that serves a host page, and that page."""
    body = (DATA / f"host_{host}.html").read_bytes()
    return Site("wsgi", lambda request: Page(chunks=(body,)), cookies=COOKIES, shape=shape), body


def added(site: Site, host: str, locale: str, plain: bytes, cookie: bytes | None = None) -> int:
    """Return how many octets more a visitor's page has than the host page."""
    tag = locale.replace("_", "-")
    answer = site.get(HOSTS[host], [(b"accept-language", tag.encode())], cookie=cookie)
    assert f'lang="{tag}" dir'.encode() in answer.body or f"lang={tag}".encode() in answer.body
    assert b"<style>#cookieconsent-" in answer.body
    return compressed(answer.body) - compressed(plain)


@every_locale
def test_banner_in_the_flow_stays_in_its_budget(locale: str) -> None:
    budget = FLOW_OCTETS if is_latin(locale) else BANNER_OCTETS
    for host in HOSTS:
        site, plain = serve(host)
        assert 0 < added(site, host, locale, plain) <= budget


@every_shape
@every_locale
def test_every_shape_stays_in_its_budget(locale: str, shape: Shape) -> None:
    for host in HOSTS:
        site, plain = serve(host, shape)
        assert 0 < added(site, host, locale, plain) <= BANNER_OCTETS


@every_locale
@every_host
def test_settings_element_stays_in_its_budget(host: str, locale: str) -> None:
    """The larger one: with the way to withdraw."""
    site, plain = serve(host)
    cookie = site.answer_cookie("accept")
    assert 0 < added(site, host, locale, plain, cookie) <= SETTINGS_OCTETS


@every_locale
@every_host
def test_settings_link_alone_is_smaller(host: str, locale: str) -> None:
    site, plain = serve(host)
    refused = added(site, host, locale, plain, site.answer_cookie("reject"))
    granted = added(site, host, locale, plain, site.answer_cookie("accept"))
    assert 0 < refused < granted


@every_locale
def test_decided_visitor_gets_nothing_of_the_banner(locale: str) -> None:
    site, _ = serve("tiny", "corner")
    body = site.get("/", cookie=site.answer_cookie("accept")).body
    assert b"cookieconsent-banner" not in body


KINDS: list[tuple[Kind, str | None]] = [
    ("banner", None),
    ("withdrawal", "accept"),
    ("settings", "reject"),
]


@every_host
@pytest.mark.parametrize(("kind", "answer"), KINDS)
def test_scales_of_the_docs_show_what_is_sent(kind: Kind, answer: str | None, host: str) -> None:
    """The weight that the docs are written from is the one that a door adds, but for the token."""
    site, plain = serve(host)
    cookie = None if answer is None else site.answer_cookie(answer)
    heaviest = weights.weight(weights.site(), kind, "de")
    assert added(site, host, "de", plain, cookie) <= heaviest + 6


def test_table_of_the_docs_is_fresh() -> None:
    """Run `python tools/weights.py` to write it."""
    assert weights.TABLE.findall(weights.PAGE.read_text(encoding="utf-8")) == [weights.table()]


def test_host_pages_are_of_three_kinds() -> None:
    sizes = {host: len((DATA / f"host_{host}.html").read_bytes()) for host in HOSTS}
    assert sizes["tiny"] < 300
    assert sizes["article"] > 28_000
    assert (DATA / "host_forms.html").read_bytes().count(b"<form") >= 4
