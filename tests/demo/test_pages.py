"""The shop's pages as documents: correct, complete, without scripts or anything from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import html5lib
import pytest

import cookieconsent.demo
from cookieconsent.demo.goods import picture
from demo.visits import PATHS, OpenShop, press, visitor_of
from doors import Door, both_doors, elements
from oracles.drivers import Exchange

FOLDER = Path(cookieconsent.demo.__file__).parent
STYLE = (FOLDER / "styles" / "shop.css").read_text("utf-8")
DRAWINGS = sorted(path.stem for path in (FOLDER / "art").glob("*.svg"))


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("choice", [None, "accept", "reject"])
def test_pages_parse_without_errors(path: str, choice: str | None) -> None:
    visitor = visitor_of(OpenShop("asgi"))
    visitor.visit("/goods/mug")
    press(visitor, "/basket", add="mug")
    if choice is not None:
        visitor.choose(choice)
    visitor.visit(path)
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    parser.parse(visitor.page, transport_encoding="utf-8")
    # A style sheet in the body is the banner's own business: html5lib is older than `body-ok`.
    assert [error for error in parser.errors if "link" not in str(error)] == []


@pytest.mark.parametrize("path", PATHS)
def test_pages_run_and_fetch_nothing_foreign(path: str) -> None:
    page = OpenShop("asgi").get(path).body
    found = elements(page)
    assert not {tag.tag for tag in found} & {"script", "iframe", "img", "object", "embed", "base"}
    assert [tag for tag in found for name in tag.attributes if name.startswith("on")] == []
    assert [tag for tag in found if tag.has("style")] == []
    addresses = [tag[name] for tag in found for name in ("href", "src", "action") if tag.has(name)]
    # An empty one is the page itself; two slashes would lead elsewhere.
    assert [a for a in addresses if not re.match(r"(?:/(?!/)|#|mailto:|$)", a)] == []
    assert "url(" not in STYLE
    assert "@import" not in STYLE


@both_doors
@pytest.mark.parametrize("path", ["//evil.example/x", "/\\evil.example/x", "/a?b#c"])
def test_no_link_is_made_of_an_odd_path(door: Door, path: str) -> None:
    found = elements(OpenShop(door).get(path).body)
    links = [tag["href"] for tag in found if tag.has("href")]
    assert [link for link in links if "evil" in link or "b#c" in link] == []


@pytest.mark.parametrize("path", PATHS)
def test_pages_have_their_landmarks(path: str) -> None:
    found = elements(OpenShop("asgi").get(path).body)
    tags = [tag.tag for tag in found]
    for once in ("h1", "main", "header", "footer", "nav", "aside", "title"):
        assert tags.count(once) == 1, once
    assert next(tag for tag in found if tag.tag == "html")["lang"] == "en"
    assert any(tag.get("name") == "viewport" for tag in found)
    identifiers = [tag["id"] for tag in found if tag.has("id")]
    assert len(identifiers) == len(set(identifiers))
    targets = {tag["href"][1:] for tag in found if tag.has("href") and tag["href"][0:1] == "#"}
    assert targets - {""} <= set(identifiers)


def test_policy_allows_no_script() -> None:
    [policy] = OpenShop("asgi").get("/").values(b"content-security-policy")
    assert policy.startswith(b"default-src 'none'; style-src 'self'")
    assert b"unsafe" not in policy


@pytest.mark.parametrize("name", DRAWINGS)
def test_drawings_are_lines_and_colours_only(name: str) -> None:
    drawing = picture(name)
    assert not re.search(r"<(?:script|style|image|use|foreignObject)|href|url\(|\bon\w+=", drawing)


@pytest.mark.parametrize(
    "statement",
    [
        "authentication cookie",
        "cart cookie",
        "Analytics cookies",
        "what you answered about cookies",
        "session cookie",
        "persistent cookie",
        "browser that refuses cookies",
        "Google Ireland Ltd",
        "How long we keep things",
        "Your rights",
        'Last updated on <time datetime="2026-11-03">November 3, 2026</time>',
        'href="/cookie-consent"',
    ],
)
def test_privacy_page_says_what_it_must(statement: str) -> None:
    text = " ".join(OpenShop("asgi").get("/privacy").body.decode().split())
    assert statement in text


def test_privacy_page_lists_every_declared_cookie() -> None:
    shop = OpenShop("asgi")
    page = shop.get("/privacy").body.decode()
    declared = [cookie.name for cookie in shop.shop.config.cookies]
    assert len(declared) == 4
    for name in (*declared, "__Host-cookieconsent"):
        assert f"<code>{name}</code>" in page


def test_privacy_page_puts_lifetimes_in_words() -> None:
    page = OpenShop("asgi").get("/privacy").body.decode()
    kept = re.findall(r"<td>([^<]*)</td></tr>", page)
    assert kept == ["until you close the browser", "7 days", "13 months", "13 months", "6 months"]


def test_statistics_call_pages_by_their_titles() -> None:
    shop = OpenShop("asgi")
    statistics = shop.get("/statistics").body.decode()
    named = re.findall(r'<a href="(/[^"]*)">([^<]+)</a></th>', statistics)
    assert [path for path, _ in named] == list(shop.shop.views)
    for path, title in named:
        page = shop.get(path).body.decode()
        assert f"<title>{title} · " in page
        assert f"<h1>{title}</h1>" in page


def test_preferences_page_knows_the_shop() -> None:
    page = OpenShop("asgi").get("/cookie-consent").body.decode()
    assert 'href="/privacy"' in page
    assert "Google" in page
    assert "shop_cart" in page


@both_doors
def test_page_comes_in_two_parts(door: Door) -> None:
    answer = OpenShop(door).send(Exchange(path="/"))
    filled = [chunk for chunk in answer.chunks if chunk]
    assert len(filled) == 2
    assert b'<aside id="cookies"' not in filled[0]
    assert b'<aside id="cookies"' in filled[1]


def _luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    channels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, two: str) -> float:
    low, high = sorted((_luminance(one), _luminance(two)))
    return (high + 0.05) / (low + 0.05)


def _colours(scheme: str) -> dict[str, str]:
    blocks = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    named = re.compile(r"--([a-z-]+): (#[0-9a-f]+);")
    light = dict(named.findall(blocks[0]))
    return light if scheme == "light" else light | dict(named.findall(blocks[1]))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("text", "back"),
    [
        *[(text, back) for text in ("ink", "quiet", "accent") for back in ("paper", "card")],
        ("on-accent", "accent"),
        *[
            (text, back)
            for text in ("night-ink", "night-quiet", "good", "bad", "note")
            for back in ("night", "night-card")
        ],
    ],
)
def test_text_stands_out(scheme: str, text: str, back: str) -> None:
    """WCAG 2.2, 1.4.3."""
    colours = _colours(scheme)
    assert _contrast(colours[text], colours[back]) >= 4.5
