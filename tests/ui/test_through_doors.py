"""What visitors see, and what they send, through both doors."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from cookieconsent import Cookie, CookieClass
from cookieconsent.ui.banner import confirmation_text
from doors import Door, Site, both_doors
from ui.markup import HOSTILE, active_parts, by_id, choices, has_id, parse, text_of, words

PATH = "/cookie-consent"

ACCEPT_LANGUAGE = [
    ("path", b"../../../../etc/passwd", "en"),
    ("100 kB of a", b"a" * 100_000, "en"),
    ("star", b"*", "en"),
    ("weight is not a number", b"en;q=NaN", "en"),
    ("weight is huge", b"en;q=1e999", "en"),
    ("root", b"root", "en"),
    ("C", b"C", "en"),
    ("nul", b"\x00", "en"),
    ("5,000 entries", b",".join([b"de"] + [b"xx"] * 4999), "de"),
    ("a wish behind nonsense", b"../.., *, en;q=NaN, fr;q=0.1", "fr"),
]


@both_doors
@pytest.mark.hostile(179)
@pytest.mark.parametrize(
    ("header", "expected"),
    [row[1:] for row in ACCEPT_LANGUAGE],
    ids=[row[0] for row in ACCEPT_LANGUAGE],
)
def test_language_is_always_a_shipped_one(door: Door, header: bytes, expected: str) -> None:
    site = Site(door)
    page = site.get("/", [(b"accept-language", header)])
    assert page.status == 200
    tree, _ = parse(page.body)
    assert by_id(tree, "cookieconsent-banner").get("lang") == expected
    own = site.get(PATH, [(b"accept-language", header)])
    assert own.status == 200
    assert own.values(b"content-language") == [expected.encode()]
    assert parse(own.body)[0].get("lang") == expected


@both_doors
@pytest.mark.parametrize("locale", ["de", "en", "fr"])
def test_own_page_is_well_formed_in_every_language(door: Door, locale: str) -> None:
    site = Site(door)
    answer = site.get(PATH, [(b"accept-language", locale.encode())], cookie=site.answer_cookie())
    tree, errors = parse(answer.body)
    assert errors == []
    assert active_parts(tree) == []
    assert choices(tree)[:3] == ["save", "reject", "accept"]


@both_doors
@pytest.mark.hostile(84)
def test_browser_without_cookies_is_told(door: Door) -> None:
    """The answer is taken, the page comes back with the banner and a line that says why, no loop."""
    site = Site(door)
    answer = site.post({"choice": "accept", "next": "/p"})
    assert answer.status == 303
    assert answer.values(b"location") == [b"/p#cookieconsent-saved"]
    page = site.get("/p")
    assert page.status == 200
    tree, _ = parse(page.body)
    line = by_id(by_id(tree, "cookieconsent-banner"), "cookieconsent-saved")
    assert text_of(line).startswith(confirmation_text(words("en"), kept=False))


@both_doors
def test_decided_visitor_can_be_told(door: Door) -> None:
    site = Site(door)
    tree, _ = parse(site.get("/p", cookie=site.answer_cookie()).body)
    assert not has_id(tree, "cookieconsent-banner")
    line = by_id(by_id(tree, "cookieconsent-settings"), "cookieconsent-saved")
    assert text_of(line).startswith(confirmation_text(words("en"), kept=True))


@both_doors
@pytest.mark.hostile(106)
@pytest.mark.parametrize("value", [*HOSTILE, "\x00"], ids=range(len(HOSTILE) + 1))
def test_what_a_visitor_sends_stays_text(door: Door, value: str) -> None:
    """As the address of a page, its query, a cookie's name, a language, and in every field."""
    site = Site(
        door,
        cookies=[Cookie("_x_*", "analytics", purpose="P.", provider="G", lifetime="1 days")],
    )
    octets = value.encode()
    name = octets.replace(b";", b"").replace(b"=", b"")
    language = octets.replace(b"\x00", b"")
    pages = [
        site.get("/" + value, query=octets.replace(b" ", b"%20")),
        site.get(PATH, cookie=b"_ga_" + name + b"=1; _gid=" + octets),
        site.get(PATH, [(b"accept-language", language)]),
    ]
    for fields in (
        {"choice": value},
        {"choice": "save", f"class-{value}": "yes"},
        {"choice": "grant", "class": value},
        {"choice": "nonsense", "next": "/" + value},
        {"choice": "nonsense", "next": value, "token": value},
    ):
        pages.append(site.post(fields))
        assert pages[-1].status == 400
        assert pages[-1].values(b"set-cookie") == []
    for page in pages:
        tree, _ = parse(page.body)
        assert active_parts(tree) == []
        assert b"\x00" not in page.body
        assert "\u202e".encode() not in page.body


@both_doors
@pytest.mark.hostile(106)
@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_what_an_operator_writes_stays_text(door: Door, value: str) -> None:
    cls = CookieClass("own", title=value, description=value)
    cookie = Cookie("x", "own", purpose=value, provider=value, lifetime="1 days")
    site = Site(
        door, cookies=[cookie], classes=[cls], contact=value, authority=value, policy_version=value
    )
    for path in ("/", PATH):
        tree, _ = parse(site.get(path).body)
        assert active_parts(tree) == []
        assert value in text_of(tree)


@both_doors
@pytest.mark.hostile(106)
def test_page_to_return_to_is_carried_through_a_fault(door: Door) -> None:
    """As a field and as a link, and only if it stays on the site."""
    site = Site(door)
    for target, kept in (("/p?a=1&b=2", "/p?a=1&b=2"), ("javascript:alert(1)", None)):
        tree, _ = parse(site.post({"choice": "nonsense", "next": target}).body)
        fields = {i.get("name"): i.get("value") for i in tree.iter("input")}
        assert fields.get("next") == kept
        assert (kept or "/") in [a.get("href") for a in tree.iter("a")]


@both_doors
@pytest.mark.parametrize("root", ["", "/shop"], ids=["at the root", "mounted"])
def test_own_page_leads_home(door: Door, root: str) -> None:
    answer = Site(door).get(PATH, root=root)
    tree, _ = parse(answer.body)
    assert f"{root}/" in [a.get("href") for a in tree.iter("a")]
    assert quote(root) + PATH in [form.get("action") for form in tree.iter("form")]
