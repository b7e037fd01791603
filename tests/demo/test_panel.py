"""The side panel tells what happened, in every state, and agrees with what was on the wire."""

from __future__ import annotations

import re

import pytest

from cookieconsent.demo import record
from demo.visits import GOT, GPC, SENT, OpenShop, fates, panel, press, send, state, visitor_of
from doors import DOORS, Door, Visitor, both_doors

ANALYTICS = {"_ga", "_ga_K3TTL3CRMB"}


def undecided(visitor: Visitor) -> None:
    visitor.visit("/")


def planted(visitor: Visitor) -> None:
    visitor.visit("/")
    press(visitor, "/plant")


def accepted(visitor: Visitor) -> None:
    visitor.visit("/")
    visitor.choose("accept")
    visitor.visit("/goods/mug")


def rejected(visitor: Visitor) -> None:
    visitor.visit("/")
    visitor.choose("reject")
    press(visitor, "/plant")


def withdrawn(visitor: Visitor) -> None:
    accepted(visitor)
    visitor.choose("withdraw")


def objected(visitor: Visitor) -> None:
    visitor.headers |= GPC
    planted(visitor)


def shopped(visitor: Visitor) -> None:
    visitor.visit("/sign-in")
    press(visitor, "/sign-in", name="Ada Lovelace")
    visitor.visit("/goods/mug")
    press(visitor, "/basket", add="mug")


@pytest.mark.parametrize(
    ("life", "sent", "got", "said"),
    [
        (undecided, {}, dict.fromkeys(ANALYTICS, "blocked"), "You have not decided yet."),
        (
            planted,
            dict.fromkeys(("_ga", "_hjid", "_fbp", "mystery"), "stripped"),
            {"_ga": "deleted", "_ga_K3TTL3CRMB": "blocked", "_hjid": "deleted", "_fbp": "deleted"},
            "You have not decided yet.",
        ),
        (
            accepted,
            dict.fromkeys(ANALYTICS, "passed") | {"__Host-cookieconsent": "passed"},
            dict.fromkeys(ANALYTICS, "set"),
            "You said yes to analytics on January 1, 2026.",
        ),
        (
            rejected,
            dict.fromkeys(("_ga", "_hjid", "_fbp", "mystery"), "stripped")
            | {"__Host-cookieconsent": "passed"},
            {"_ga": "deleted", "_ga_K3TTL3CRMB": "blocked", "_hjid": "deleted", "_fbp": "deleted"},
            "You said no to everything optional on January 1, 2026.",
        ),
        (
            withdrawn,
            {"__Host-cookieconsent": "passed"},
            dict.fromkeys(ANALYTICS, "blocked"),
            "You said no to everything optional on January 1, 2026.",
        ),
        (
            objected,
            dict.fromkeys(("_ga", "_hjid", "_fbp", "mystery"), "stripped"),
            {"_ga": "deleted", "_ga_K3TTL3CRMB": "blocked", "_hjid": "deleted", "_fbp": "deleted"},
            "Nobody asks you: your browser says no by Global Privacy Control.",
        ),
        (
            shopped,
            {"shop_session": "passed", "shop_cart": "passed"},
            dict.fromkeys(ANALYTICS, "blocked"),
            "You have not decided yet.",
        ),
    ],
)
@both_doors
def test_panel_tells_what_became_of_each_cookie(
    door: Door, life: object, sent: dict[str, str], got: dict[str, str], said: str
) -> None:
    visitor = visitor_of(OpenShop(door))
    assert callable(life)
    life(visitor)
    assert fates(visitor.page, SENT) == sent
    assert fates(visitor.page, GOT) == got
    assert state(visitor.page) == said


@pytest.mark.parametrize(
    ("life", "reasons"),
    [
        (
            planted,
            {
                "_ga": "You have not answered about analytics yet.",
                "_fbp": "This shop has no use for advertising cookies, so it never asks for them.",
                "mystery": "Nobody declared this name, so nobody could ask you about it.",
            },
        ),
        (
            accepted,
            {
                "_ga": "You said yes to analytics.",
                "__Host-cookieconsent": "Always passes: it keeps your answer and nothing else.",
            },
        ),
        (rejected, {"_hjid": "You said no to analytics."}),
        (
            objected,
            {"_ga": "Your browser sends Global Privacy Control, which counts as a no."},
        ),
        (
            shopped,
            {
                "shop_session": "Always passes: it keeps you signed in.",
                "shop_cart": "Always passes: it keeps your basket.",
            },
        ),
    ],
)
def test_panel_says_why(life: object, reasons: dict[str, str]) -> None:
    visitor = visitor_of(OpenShop("asgi"))
    assert callable(life)
    life(visitor)
    said = {row.name: row.why for row in panel(visitor.page)[SENT]}
    assert {name: said[name] for name in reasons} == reasons


def test_signal_overrules_an_older_yes() -> None:
    visitor = visitor_of(OpenShop("asgi"))
    accepted(visitor)
    visitor.visit("/", list(GPC.items()))
    assert fates(visitor.page, SENT)["_ga"] == "stripped"
    assert state(visitor.page).endswith("; Global Privacy Control overrules that.")
    reasons = {row.name: row.why for row in panel(visitor.page)[SENT]}
    assert reasons["_ga"].startswith("Your browser sends Global Privacy Control")


@pytest.mark.parametrize("life", [planted, accepted, rejected, withdrawn, objected, shopped])
def test_both_doors_show_the_same_page(life: object) -> None:
    assert callable(life)
    visitors = [visitor_of(OpenShop(door)) for door in DOORS]
    for visitor in visitors:
        life(visitor)
    assert visitors[0].page == visitors[1].page
    assert panel(visitors[0].page)[SENT]


@both_doors
def test_unreadable_cookies_are_shown_too(door: Door) -> None:
    cookie = (b"cookie", b"sid=\x01bad; shop_cart=teapot:1; mystery=\x7f")
    rows = panel(OpenShop(door).get(headers=[cookie]).body)[SENT]
    assert [row.fate for row in rows if row.name == "(unreadable)"] == ["stripped"] * 2


@both_doors
@pytest.mark.parametrize("basket", [False, True])
def test_form_is_shown_to_nobody_else(door: Door, basket: bool) -> None:
    """Address and user agent are equal for many; the cookies that a form leaves are not."""
    shop = OpenShop(door)
    victim, stranger = visitor_of(shop), visitor_of(shop)
    if basket:
        stranger.visit("/goods/mug")
        press(stranger, "/basket", add="mug")
    victim.visit("/goods/honey")
    send(victim, "/basket", add="honey")
    stranger.visit("/")
    assert "Just before" not in panel(stranger.page)


@both_doors
def test_form_of_long_ago_is_not_shown(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = visitor_of(OpenShop(door))
    visitor.visit("/goods/mug")
    send(visitor, "/basket", add="mug")
    monkeypatch.setattr(record, "MAX_SECONDS", -1.0)
    visitor.visit("/")
    assert "Just before" not in panel(visitor.page)


@both_doors
def test_panel_shows_the_form_before_once(door: Door) -> None:
    visitor = visitor_of(OpenShop(door))
    withdrawn(visitor)
    heading = "Just before: POST /cookie-consent"
    assert fates(visitor.page, heading) == {
        "__Host-cookieconsent": "set",
        **dict.fromkeys(ANALYTICS, "deleted"),
    }
    visitor.visit("/")
    assert heading not in panel(visitor.page)


def test_form_of_one_browser_is_not_shown_to_another() -> None:
    shop = OpenShop("asgi")
    one = visitor_of(shop, user_agent=b"one")
    two = visitor_of(shop, user_agent=b"two")
    one.visit("/")
    one.visit("/plant", method="POST")
    two.visit("/")
    assert list(panel(two.page)) == [SENT, GOT, "Try it"]
    one.visit("/")
    assert "Just before: POST /plant" in panel(one.page)


@pytest.mark.parametrize("life", [undecided, planted, accepted, rejected, withdrawn, shopped])
@both_doors
def test_panel_agrees_with_the_wire(door: Door, life: object) -> None:
    shop = OpenShop(door)
    visitor = visitor_of(shop)
    assert callable(life)
    life(visitor)
    answer = visitor.visit("/privacy")
    arrived = {line.partition(b"=")[0].decode() for line in answer.values(b"set-cookie")}
    told = panel(answer.body)[GOT]
    assert {row.name for row in told if row.fate in {"set", "deleted"}} == arrived
    assert {row.name for row in told if row.fate == "blocked"} == ANALYTICS - {
        row.name for row in told if row.fate == "set"
    }


@pytest.mark.parametrize(
    ("cookie", "said"),
    [
        (b"", "Your browser sent no cookie for this page."),
        (b"shop_cart=mug:1", "Your browser sent 1 cookie for this page. The shop saw it."),
        (b"mystery=1", "Your browser sent 1 cookie for this page. The shop did not see it."),
        (
            b"shop_cart=mug:1; shop_session=x",
            "Your browser sent 2 cookies for this page. The shop saw all of them.",
        ),
        (
            b"mystery=1; _ga=2",
            "Your browser sent 2 cookies for this page. The shop saw none of them.",
        ),
        (
            b"mystery=1; shop_cart=mug:1,_ga=1; _ga=2",
            "Your browser sent 3 cookies for this page. The shop saw 1 of them.",
        ),
    ],
)
@both_doors
def test_panel_counts_what_the_shop_saw(door: Door, cookie: bytes, said: str) -> None:
    answer = OpenShop(door).get("/", cookie=cookie or None)
    assert f'<p class="seen">{said}</p>' in answer.body.decode()


def test_fates_stand_in_one_order() -> None:
    """Passed before stripped, however the browser orders them."""
    page = OpenShop("asgi").get("/", cookie=b"mystery=1; shop_cart=mug:1; _ga=2").body
    assert [row.fate for row in panel(page)[SENT]] == ["passed", "stripped", "stripped"]
    assert b"1 passed, 2 stripped" in page


@pytest.mark.parametrize(
    ("sent", "meaning"),
    [
        (b"shop_cart=mug:1", "passed</b>: the shop saw it"),
        (b"mystery=1; other=2", "stripped</b>: the shop did not see them"),
        (b"shop_cart=mug:1,_ga=1", "cut</b>: the shop saw a part of it"),
        (b"", "blocked</b>: your browser did not get them"),
        (b"_ga=1", "deleted</b>: your browser was told to remove it"),
    ],
)
def test_each_fate_says_what_it_means(sent: bytes, meaning: str) -> None:
    assert meaning in OpenShop("asgi").get("/", cookie=sent or None).body.decode()


def test_deletions_name_their_scope() -> None:
    visitor = visitor_of(OpenShop("asgi"))
    planted(visitor)
    scopes = {row.name: row.value for row in panel(visitor.page)[GOT] if row.fate == "deleted"}
    assert scopes["_ga"].startswith("Path=/; ")


@pytest.mark.parametrize("name", ["shop_session", "__Host-cookieconsent"])
def test_values_that_could_be_used_are_masked(name: str) -> None:
    visitor = visitor_of(OpenShop("asgi"))
    visitor.visit("/sign-in")
    press(visitor, "/sign-in", name="Ada")
    visitor.choose("accept")
    values = {row.name: row.value for row in panel(visitor.page)[SENT]}
    assert re.fullmatch(r"•••• \(\d+ bytes\)", values[name])


@both_doors
def test_cookie_hidden_in_a_value_is_shown_as_cut(door: Door) -> None:
    answer = OpenShop(door).get("/", cookie=b"shop_cart=mug:1,_ga=GA1.1.1.1")
    [row] = panel(answer.body)[SENT]
    assert (row.fate, row.name) == ("cut", "shop_cart")


@both_doors
def test_many_cookies_are_counted_not_listed(door: Door) -> None:
    sent = b"; ".join(b"invented%d=1" % number for number in range(500))
    answer = OpenShop(door).get("/", cookie=sent)
    assert len(panel(answer.body)[SENT]) == 40
    assert b"500 stripped" in answer.body
    assert b"and 460 more" in answer.body
    assert len(answer.body) < 40_000


@pytest.mark.parametrize(
    "cookie",
    [
        b"<script>alert(1)</script>=1",
        b'"><img src=x onerror=alert(1)>=2',
        b"_ga=<script>alert(1)</script>",
        b"shop_cart={0}{name}%s",
        b"na\xc3\xafve=\xe2\x80\xae",
        b"nameless",
        b"=empty",
        b"a\x00b=1",
    ],
)
@both_doors
def test_panel_escapes_what_a_browser_sent(door: Door, cookie: bytes) -> None:
    answer = OpenShop(door).get("/", cookie=cookie)
    assert answer.status == 200
    assert b"<script" not in answer.body
    assert b"<img" not in answer.body
    assert answer.body.endswith(b"</html>\n")
