"""Hostile input J: names in logs and pages, and declarations that cannot both hold."""

from __future__ import annotations

import logging
import time
import warnings
from typing import Any

import html5lib
import pytest

from cookieconsent import Config, ContradictionError, Cookie, CookieClass, DeclarationWarning
from cookieconsent.core.registry import glob_matches
from doors import HTML, NAVIGATION, SECRET, Door, Page, Site, both_doors, elements
from oracles.drivers import Exchange

OWN = [CookieClass("own", regime="exempt")]
FACTS: dict[str, Any] = {"purpose": "p", "provider": "p", "lifetime": "1 days"}

HOSTILE_NAMES = [
    b"\x1b[2J\x1b[31m",
    b"\x9b31m",
    b"\xc2\x9b31m",
    b"a\r\nERROR cookieconsent: forged",
    b"a\nb",
    b"a\x00b",
    b"a\x7fb",
    b"\xe2\x80\xaegnp.exe",
    b"\xef\xbb\xbfsid",
    "s\u0456d".encode(),
    b"%(message)s%s%n",
    b"{0.__class__}",
    b"<script>alert(1)</script>",
    b'"><img src=x onerror=alert(1)>',
    b"+cmd|' /C calc'!A0",
    b"@SUM(1)",
    b"-2+3",
    b"a" * 5000,
    b"\xff" * 500,
]


def plain(text: str) -> bool:
    """Tell whether a text can do nothing to a terminal or a log file."""
    return all(0x20 <= ord(char) < 0x7F for char in text)


@both_doors
@pytest.mark.hostile(180)
@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=lambda name: repr(name[:24]))
def test_name_is_harmless_in_log_and_outcome(
    door: Door, name: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """As a cookie, as a Set-Cookie, as a value, and behind a declared glob."""
    caplog.set_level(logging.DEBUG, "cookieconsent")
    value = b"SECRET-VALUE"
    lines = [name + b"=" + value, b"_ga_" + name + b"=" + value, b"_ga=" + name + value]
    if not {0, 10, 13} & set(name):
        lines.append(b"sessionid=" + value + b", " + name + b"=" + value)
    head = [*HTML, *((b"set-cookie", line) for line in lines)]
    site = Site(door, lambda asked: Page(headers=head))
    extra: dict[str, Any] = {"lint": False}
    if door == "asgi":
        extra["scope"] = {}
    for line in lines:
        site.send(Exchange(headers=[*NAVIGATION, (b"cookie", line)]), **extra)
    assert caplog.records
    for record in caplog.records:
        text = record.getMessage()
        assert plain(text)
        assert len(text) < 300
        assert value.decode() not in text
        assert plain(str(record.__dict__.get("cookie", "")))
        assert value.decode() not in str(record.__dict__)
    names = [n for o in site.outcomes for n in (*o.stripped, *o.blocked, *o.expired)]
    assert names
    assert all(plain(name) and len(name) <= 64 for name in names)
    assert value.decode() not in str(site.outcomes)


@both_doors
@pytest.mark.hostile(180, 183)
@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=lambda name: repr(name[:24]))
def test_name_is_harmless_on_the_page(door: Door, name: bytes) -> None:
    """Every name is shown, a catalogued one with its class too; whatever is in them is text."""
    site = Site(door)
    extra: dict[str, Any] = {"lint": False}
    if door == "asgi":
        extra["scope"] = {}
    cookie = b"_ga_" + name + b"=SECRET-VALUE; " + name + b"=SECRET-VALUE"
    exchange = Exchange(path="/cookie-consent", headers=[*NAVIGATION, (b"cookie", cookie)])
    page = site.send(exchange, **extra).body
    text = page.decode("utf-8")
    assert "SECRET-VALUE" not in text
    assert not {"\x00", "\x1b", "\x9b", "\u202e", "\ufeff", "\r"} & set(text)
    tree = html5lib.parse(page, namespaceHTMLElements=False, transport_encoding="utf-8")
    assert not list(tree.iter("script"))
    assert not list(tree.iter("img"))
    codes = [e.text for e in elements(page) if e.tag == "code"]
    assert all(plain(code) for code in codes)
    if not {0, 10, 13, 0x1B, 0x7F} & set(name) and b";" not in name:
        assert len([code for code in codes if code.startswith("_ga_")]) == 2


@both_doors
@pytest.mark.hostile(183)
@pytest.mark.parametrize("cookie", [b'=HYPERLINK("https://evil.example")=1', b"=1+1", b"==x"])
def test_name_cannot_begin_a_formula(door: Door, cookie: bytes) -> None:
    """What stands before the first `=` is the name: a spreadsheet formula is a nameless cookie."""
    site = Site(door, lambda asked: Page(headers=[*HTML, (b"set-cookie", cookie)]))
    site.get(cookie=cookie)
    assert site.asked[-1].cookie is None
    [outcome] = site.outcomes
    assert not any(name.startswith("=") for name in (*outcome.stripped, *outcome.blocked))
    assert "HYPERLINK" not in str(outcome)


@pytest.mark.hostile(181)
@pytest.mark.parametrize("pattern", ["(a+)+$", "a.c", "[a-z]+", "^sid$", "a|b", r"\d+", "a?"])
def test_declared_name_is_no_expression(pattern: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeclarationWarning)  # brackets are no token
        site = Config(secret_key=SECRET, cookies=[Cookie(pattern, "own")], classes=OWN)
    assert site.registry.classify(pattern).rule == pattern
    for name in ("abc", "aaaa", "sid", "a", "b", "12", "aaaaaaaaaaaaaaaaaaaaaaaaaaaa!"):
        assert site.registry.classify(name).rule != pattern


@pytest.mark.hostile(181)
@pytest.mark.parametrize("pattern", [b"a*a*a*a*a*a*a*b", b"*a*a*a*a*a*c", b"*" * 50 + b"x"])
def test_glob_costs_grow_with_the_name(pattern: bytes) -> None:
    """Twice the name costs about twice; what backtracks would never come back."""

    def seconds(size: int) -> float:
        name = b"a" * size
        started = time.perf_counter()
        for _ in range(20):
            assert not glob_matches(pattern, name)
        return time.perf_counter() - started

    small = min(seconds(50_000) for _ in range(5))
    large = min(seconds(200_000) for _ in range(5))
    assert large < 16 * small + 0.05


@pytest.mark.hostile(182)
@pytest.mark.parametrize(
    ("cookies", "places"),
    [
        ([("_ga", "authentication"), ("_ga", "analytics")], ("cookies[0]", "cookies[1]")),
        ([("x", "cart"), ("y", "cart"), ("x", "consent")], ("cookies[0]", "cookies[2]")),
        ([("x*", "cart"), ("x*", "analytics")], ("cookies[0]", "cookies[1]")),
        ([("x", "cart"), ("x", "cart")], ("cookies[0]", "cookies[1]")),
    ],
)
def test_contradiction_names_both_places(
    cookies: list[tuple[str, str]], places: tuple[str, str]
) -> None:
    with pytest.raises(ContradictionError) as caught:
        Config(secret_key=SECRET, cookies=[Cookie(name, cls, **FACTS) for name, cls in cookies])
    assert (caught.value.first, caught.value.second) == places
    assert all(place in str(caught.value) for place in places)
    assert caught.value.fix


@both_doors
@pytest.mark.hostile(182)
def test_more_exact_declaration_decides(door: Door) -> None:
    """Exact before glob, longer before shorter, on a tie the stricter class; in any order."""
    declared = [
        Cookie("app_*", "analytics", **FACTS),
        Cookie("app_login", "authentication"),
        Cookie("app_shop_*", "cart"),
        Cookie("tie*", "authentication"),
        Cookie("*tie", "analytics", **FACTS),
        Cookie("_ga", "authentication"),
    ]
    for cookies in (declared, declared[::-1]):
        site = Site(door, cookies=cookies)
        site.get(cookie=b"app_x=1; app_login=2; app_shop_3=3; tie-tie=4; tie-=5; _ga=6; _gid=7")
        assert site.asked[-1].cookie == b"app_login=2; app_shop_3=3; tie-=5; _ga=6"
