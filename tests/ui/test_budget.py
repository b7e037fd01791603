"""What our markup adds to a page on the wire, once it is compressed.

Measured through a door, in three kinds of host page: one of a few lines, where nothing compresses
along; an article of about 30 kB with its own style; a checkout full of forms.
"""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from cookieconsent import Cookie
from doors import Page, Site
from ui.markup import LOCALES

DATA = Path(__file__).with_name("data")
HOSTS = {"tiny": "/", "article": "/articles/the-light-on-the-anvil", "forms": "/checkout/address"}
BANNER_OCTETS = 1536
SETTINGS_OCTETS = 350
COOKIES = [
    Cookie(name, cls, purpose="P.", provider=provider, lifetime="13 months")
    for name, cls, provider in (
        ("_ga", "analytics", "Google"),
        ("YSC", "media", "YouTube"),
        ("_fbp", "advertising", "Meta"),
    )
]

every_host = pytest.mark.parametrize("host", HOSTS)
every_locale = pytest.mark.parametrize("locale", LOCALES)


def compressed(body: bytes) -> int:
    return len(gzip.compress(body, 6, mtime=0))


def serve(host: str) -> tuple[Site, bytes]:
    """Return a site that serves a host page, and that page."""
    body = (DATA / f"host_{host}.html").read_bytes()
    return Site("wsgi", lambda request: Page(chunks=(body,)), cookies=COOKIES), body


def added(site: Site, host: str, locale: str, plain: bytes, cookie: bytes | None = None) -> int:
    """Return how many octets more a visitor's page has than the host page."""
    headers = [(b"accept-language", locale.encode())]
    answer = site.get(HOSTS[host], headers, cookie=cookie)
    assert (
        f'lang="{locale}" dir'.encode() in answer.body or f"lang={locale}".encode() in answer.body
    )
    assert b"<style>#cookieconsent-" in answer.body
    return compressed(answer.body) - compressed(plain)


@every_locale
@every_host
def test_banner_stays_in_its_budget(host: str, locale: str) -> None:
    site, plain = serve(host)
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


def test_host_pages_are_of_three_kinds() -> None:
    sizes = {host: len((DATA / f"host_{host}.html").read_bytes()) for host in HOSTS}
    assert sizes["tiny"] < 300
    assert sizes["article"] > 28_000
    assert (DATA / "host_forms.html").read_bytes().count(b"<form") >= 4
