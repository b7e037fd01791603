"""`receipt`: what a visitor gets at `receipt.json` and at `?receipt`, through both doors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cookieconsent import Cookie, CookieClass
from cookieconsent.core.receipt import read_receipt
from doors import Door, Headers, Site, Visitor, both_doors, consent_pair, elements
from oracles.drivers import Answer

PATH = "/cookie-consent/receipt.json"
COOKIES = (
    Cookie("sid", "authentication", purpose="Keeps you signed in.", lifetime="session"),
    Cookie("_ga", "analytics", purpose="Counts.", provider="Google", lifetime="13 months"),
    Cookie(
        "_ga",
        "analytics",
        purpose="Counts.",
        provider="Google",
        lifetime="13 months",
        domain="shop.example",
    ),
    Cookie("YSC", "media", purpose="Counts views.", provider="YouTube", lifetime="session"),
)
OPTIONS: dict[str, Any] = {"cookies": COOKIES}
GPC = (b"sec-gpc", b"1")


def facts(answer: Answer, site: Site) -> dict[str, Any]:
    """Return what a receipt says; fails where it is not valid."""
    assert answer.status == 200
    reading = read_receipt(answer.body, site.consent.receipt_seal)
    assert reading.fault is None
    return dict(reading.facts)


def answers(found: dict[str, Any]) -> dict[str, str]:
    return {cls["name"]: cls["answer"] for cls in found["classes"]}


# --- the file -------------------------------------------------------------------------------------


@both_doors
def test_file_comes_with_strict_headers(door: Door) -> None:
    site = Site(door, **OPTIONS)
    answer = site.get(PATH)
    headers = dict(answer.headers)
    assert headers[b"content-type"] == b"application/json"
    assert headers[b"content-disposition"] == b'attachment; filename="cookie-choice.json"'
    assert headers[b"cache-control"] == b"no-store"
    assert headers[b"x-content-type-options"] == b"nosniff"
    assert headers[b"referrer-policy"] == b"same-origin"
    assert headers[b"content-language"] == b"en"
    assert headers[b"vary"] == b"Cookie, Sec-GPC, Accept-Language"
    assert headers[b"content-length"] == b"%d" % len(answer.body)
    assert site.asked == []


@both_doors
@pytest.mark.parametrize("query", [b"", b"receipt"])
def test_head_is_that_of_get(door: Door, query: bytes) -> None:
    site = Site(door)
    path = "/cookie-consent" if query else PATH
    get, head = (site.get(path, query=query, method=method) for method in ("GET", "HEAD"))
    assert head.headers == get.headers
    assert head.body == b""


@both_doors
def test_file_takes_no_form(door: Door) -> None:
    answer = Site(door).post({"choice": "accept"}, path=PATH)
    assert answer.status == 405
    assert answer.values(b"allow") == [b"GET, HEAD"]
    assert answer.values(b"set-cookie") == []


@both_doors
def test_undecided_visitor_gets_one_that_says_so(door: Door) -> None:
    site = Site(door, **OPTIONS)
    found = facts(site.get(PATH), site)
    assert (found["answered"], found["valid_until"]) == (None, None)
    assert answers(found) == {
        "authentication": "always on",
        "cart": "always on",
        "consent": "always on",
        "analytics": "none",
        "media": "none",
    }


@both_doors
def test_round_trip_of_a_visitor(door: Door) -> None:
    site = Site(door, **OPTIONS)
    visitor = Visitor(site)
    visitor.visit("/cookie-consent")
    visitor.choose("save", **{"class-analytics": "yes", "class-media": "no"})
    site.clock.advance(days=3)
    found = facts(visitor.visit(PATH), site)
    assert found["site"] == "shop.example"
    assert found["language"] == "en"
    assert found["issued"] == "2026-01-04"
    assert (found["answered"], found["valid_until"]) == ("2026-01-01", "2026-07-02")
    assert answers(found)["analytics"] == "yes"
    assert answers(found)["media"] == "no"
    assert found["gpc"] is found["paused"] is False
    assert found["withdraw_at"] == "/cookie-consent"


def test_outdated_answer_is_none() -> None:
    site = Site("asgi", **OPTIONS)
    cookie = site.answer_cookie()
    site.clock.advance(days=183)
    assert facts(site.get(PATH, cookie=cookie), site)["answered"] is None


def test_classes_and_cookies_are_told() -> None:
    site = Site("asgi", **OPTIONS)
    classes = {cls["name"]: cls for cls in facts(site.get(PATH), site)["classes"]}
    assert classes["analytics"] == {
        "name": "analytics",
        "title": "Analytics",
        "description": "These cookies count visits and show which pages are used, so that the site "
        "can be improved.",
        "regime": "opt-in",
        "shares_with_third_parties": True,
        "answer": "none",
        "under_signal": False,
        "paused": False,
        "cookies": [
            {
                "name": "_ga",
                "purpose": "Counts.",
                "provider": "Google",
                "lifetime": "13 months",
                "lifetime_seconds": 34_128_000,
            }
        ],
    }
    [session] = classes["authentication"]["cookies"]
    assert session["lifetime"] == "Until you close the browser"
    assert session["lifetime_seconds"] == "session"
    assert session["provider"] is None
    [own] = classes["consent"]["cookies"]
    assert own["name"] == "__Host-cookieconsent"
    assert own["lifetime_seconds"] == 182 * 86_400


def test_lifetime_that_was_not_declared_is_null() -> None:
    site = Site("asgi", cookies=[Cookie("sid", "authentication")])
    [cls, *_] = facts(site.get(PATH), site)["classes"]
    assert cls["cookies"][0]["lifetime"] is None
    assert cls["cookies"][0]["lifetime_seconds"] is None


def test_declared_consent_cookie_is_told_once() -> None:
    own = Cookie("cookieconsent", "consent", purpose="Ours.", lifetime="1 year")
    site = Site("asgi", cookies=[own], secure=False)
    classes = {cls["name"]: cls for cls in facts(site.get(PATH), site)["classes"]}
    assert [cookie["purpose"] for cookie in classes["consent"]["cookies"]] == ["Ours."]


def test_words_are_in_the_visitors_language() -> None:
    site = Site("asgi", **OPTIONS)
    found = facts(site.get(PATH, [(b"accept-language", b"de")]), site)
    assert found["language"] == "de"
    titles = [cls["title"] for cls in found["classes"]]
    assert "Warenkorb" in titles
    assert found["classes"][3]["cookies"][0]["lifetime"] == "13 Monate"


def test_texts_of_the_site_are_translated(tmp_path: Path) -> None:
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    text = 'msgid "Counts."\nmsgstr "Zählt."\n'
    (folder / "cookieconsent.po").write_text(text, encoding="utf-8")
    site = Site("asgi", translations=[tmp_path], **OPTIONS)
    found = facts(site.get(PATH, [(b"accept-language", b"de")]), site)
    assert found["classes"][3]["cookies"][0]["purpose"] == "Zählt."


def test_signal_is_told() -> None:
    site = Site("asgi", **OPTIONS)
    before = facts(site.get(PATH, [GPC]), site)
    assert before["gpc"] is True
    yes = site.post({"choice": "accept"}, [(b"sec-fetch-site", b"same-origin"), GPC])
    cookie = yes.values(b"set-cookie")[0].partition(b";")[0]
    after = {cls["name"]: cls for cls in facts(site.get(PATH, cookie=cookie), site)["classes"]}
    assert after["analytics"]["under_signal"] is True
    assert after["authentication"]["under_signal"] is False


@both_doors
@pytest.mark.parametrize(
    ("before", "answered", "paused"),
    [
        ({"choice": "accept"}, "2026-01-01", {"analytics", "media"}),
        ({"choice": "save", "class-media": "yes"}, "2026-01-01", {"media"}),
        ({"choice": "forget"}, None, {"analytics", "media"}),
    ],
)
def test_pause_is_told(
    door: Door, before: dict[str, str], answered: str | None, paused: set[str]
) -> None:
    """Also where it is all that a visitor has said: a pause is no answer."""
    site = Site(door, **OPTIONS)
    given = site.post(before).values(b"set-cookie")[0].partition(b";")[0]
    pause = site.post({"choice": "pause"}, cookie=given)
    found = facts(site.get(PATH, cookie=consent_pair(pause)), site)
    assert found["paused"] is True
    assert {cls["name"] for cls in found["classes"] if cls["paused"]} == paused
    assert (found["answered"], found["valid_until"]) == (answered, "2026-07-02")


def test_policy_and_contacts_are_told() -> None:
    said: dict[str, Any] = {
        "policy_version": "7",
        "privacy_policy_url": "/privacy",
        "contact": "mailto:privacy@shop.example",
        "authority": "https://authority.example",
    }
    site = Site("asgi", last_updated="2025-12-01", **said)
    found = facts(site.get(PATH), site)
    assert said.items() <= found.items()
    assert found["policy_last_updated"] == "2025-12-01"


@both_doors
@pytest.mark.parametrize("path", [PATH, "/cookie-consent"])
def test_equal_answers_have_equal_bytes(door: Door, path: str) -> None:
    """Whoever it is, from wherever, at whatever hour, with whatever other cookies."""
    site = Site(door, **OPTIONS)
    first = site.get(path, query=b"receipt", cookie=site.answer_cookie())
    site.clock.advance(days=0.4)
    other: Headers = [
        (b"user-agent", b"Another/1.0"),
        (b"x-forwarded-for", b"192.0.2.7"),
        (b"referer", b"https://shop.example/secret"),
        (b"accept-language", b"en-GB;q=0.9"),
    ]
    cookie = b"sid=42; _ga=GA1.2.3; " + site.answer_cookie()
    second = site.get(path, other, query=b"receipt", cookie=cookie)
    assert first.body == second.body
    assert b"42" not in second.body.replace(b"34128000", b"")


@both_doors
@pytest.mark.parametrize("shared", [True, False])
def test_receipt_is_never_cached(door: Door, shared: bool) -> None:
    site = Site(door, shared_cache=shared, locale="en")
    for answer in (site.get(PATH), site.get("/cookie-consent", query=b"receipt")):
        assert answer.values(b"cache-control") == [b"no-store"]
        assert answer.values(b"etag") == []


def test_dry_run_serves_no_receipt() -> None:
    site = Site("asgi", enforce=False)
    site.get(PATH)
    assert len(site.asked) == 1


def test_mount_prefix_is_told() -> None:
    site = Site("asgi")
    found = facts(site.get(PATH, root="/my shop"), site)
    assert found["withdraw_at"] == "/my%20shop/cookie-consent"


def test_leftovers_are_deleted_here_too() -> None:
    site = Site("asgi", **OPTIONS)
    lines = site.get(PATH, cookie=b"_ga=1").values(b"set-cookie")
    assert any(line.startswith(b"_ga=;") for line in lines)


# --- the host -------------------------------------------------------------------------------------


@both_doors
@pytest.mark.parametrize(
    ("host", "told"),
    [
        (b"shop.example", "shop.example"),
        (b"SHOP.example:443", "shop.example"),
        (b"shop.example:8443", "shop.example:8443"),
        (b"[::1]:8000", "[::1]:8000"),
        (b"", None),
        (b"evil.example/path", None),
        (b"user@evil.example", None),
        (b'<script>"', None),
        (b"evil.example\x00", None),
        (b"a\x1b[31mb", None),
        (b"\xe4.example", None),
        (b"a" * 256, None),
        (b"shop.example, evil.example", None),
    ],
)
def test_host_is_told_where_it_can_be_one(door: Door, host: bytes, told: str | None) -> None:
    site = Site(door)
    answer = site.get(PATH, host=host, scheme="https")
    assert facts(answer, site)["site"] == told
    page = site.get("/cookie-consent", query=b"receipt", host=host, scheme="https")
    assert page.status == 200
    assert (b"Website" in page.body) == (told is not None)


def test_public_origin_wins_over_the_host() -> None:
    site = Site("asgi", public_origin="https://Shop.example:443")
    assert facts(site.get(PATH, host=b"internal:8000"), site)["site"] == "shop.example"


# --- the page to print ----------------------------------------------------------------------------


@both_doors
def test_page_has_the_headers_of_the_preferences_page(door: Door) -> None:
    site = Site(door)
    page, receipt = (site.get("/cookie-consent", query=query) for query in (b"", b"receipt"))
    length = b"content-length"
    assert [p for p in receipt.headers if p[0] != length] == [
        p for p in page.headers if p[0] != length
    ]
    assert b'id="cookieconsent-receipt"' in receipt.body
    assert b'id="cookieconsent-receipt"' not in page.body


@pytest.mark.parametrize(
    "query", [b"receipt=", b"receipt=1", b"Receipt", b"receipt&a", b"a&receipt", b"%72eceipt", b"x"]
)
def test_other_queries_are_the_preferences_page(query: bytes) -> None:
    site = Site("asgi")
    assert site.get("/cookie-consent", query=query).body == site.get("/cookie-consent").body


@both_doors
def test_form_is_taken_whatever_the_query(door: Door) -> None:
    assert Site(door).post({"choice": "accept"}, query=b"receipt").status == 303


def test_page_bears_the_signature_of_the_file() -> None:
    site = Site("asgi", **OPTIONS)
    cookie = site.answer_cookie()
    signature = json.loads(site.get(PATH, cookie=cookie).body)["signature"]
    page = site.get("/cookie-consent", query=b"receipt", cookie=cookie)
    [shown] = [e.text for e in elements(page.body) if e.get("id") == "cookieconsent-signature"]
    assert shown.strip() == f"cookieconsent-receipt/1 {signature}"


def test_old_secret_still_verifies() -> None:
    old, new = "old secret " * 4, "new secret " * 4
    before = Site("asgi", secret_keys=[old]).get(PATH)
    both = Site("asgi", secret_keys=[old, new])
    facts(before, both)
    facts(both.get(PATH), Site("asgi", secret_keys=[new]))
    gone = Site("asgi", secret_keys=[new]).consent.receipt_seal
    assert read_receipt(before.body, gone).fault == "altered"


def test_many_classes_fit() -> None:
    classes = [CookieClass(f"class{number}") for number in range(24)]
    site = Site("asgi", classes=classes)
    found = facts(site.get(PATH, cookie=site.answer_cookie()), site)
    assert list(answers(found).values()).count("yes") == 25
