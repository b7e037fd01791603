"""The shop as a shop: pages, basket, sign-in, statistics, and what it does with hostile requests."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookieconsent.demo import cookies, wsgi
from cookieconsent.demo.goods import ARTICLES, BY_SLUG
from cookieconsent.demo.record import MAX_REMEMBERED
from cookieconsent.demo.shop import ICON_PATH, MAX_FORM_OCTETS, STYLE_PATH
from demo.visits import PATHS, OpenShop, press, visitor_of
from doors import FORM, SECRET, Door, both_doors, consent_pair
from oracles.drivers import Exchange

FILES = [(STYLE_PATH, b"text/css; charset=utf-8"), (ICON_PATH, b"image/svg+xml")]


@pytest.mark.parametrize("path", PATHS)
@both_doors
def test_every_page_is_there(door: Door, path: str) -> None:
    answer = OpenShop(door).get(path)
    assert answer.status == (404 if path == "/nothing-here" else 200)
    assert answer.values(b"content-type") == [b"text/html; charset=utf-8"]
    assert answer.values(b"cache-control") == [b"no-store"]


@pytest.mark.parametrize(("path", "kind"), FILES)
@both_doors
def test_files_come_without_cookies(door: Door, path: str, kind: bytes) -> None:
    answer = OpenShop(door).get(path)
    assert (answer.status, answer.values(b"content-type")) == (200, [kind])
    assert answer.values(b"content-length") == [b"%d" % len(answer.body)]
    assert not answer.values(b"set-cookie")


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("HEAD", "/", 200, []),
        ("HEAD", STYLE_PATH, 200, []),
        ("HEAD", "/nothing-here", 404, []),
        ("POST", "/privacy", 405, [b"GET, HEAD"]),
        ("PUT", "/basket", 405, [b"GET, HEAD, POST"]),
        ("GET", "/checkout", 405, [b"POST"]),
        ("POST", "/nothing-here", 404, []),
        ("DELETE", "/nothing-here", 404, []),
    ],
)
@both_doors
def test_methods_are_minded(
    door: Door, method: str, path: str, status: int, allow: list[bytes]
) -> None:
    answer = OpenShop(door).send(Exchange(method=method, path=path))
    assert (answer.status, answer.values(b"allow")) == (status, allow)
    assert (method == "HEAD") <= (answer.body == b"")


@both_doors
def test_basket_fills_and_empties(door: Door) -> None:
    visitor = visitor_of(OpenShop(door))
    visitor.visit("/goods/mug")
    press(visitor, "/basket", add="mug")
    press(visitor, "/basket", add="mug")
    assert "€28.00".encode() in visitor.page
    press(visitor, "/basket", remove="mug")
    assert "€14.00".encode() in visitor.page
    press(visitor, "/basket", remove="mug")
    assert b"There is nothing in it yet" in visitor.page
    assert b"shop_cart" not in visitor.jar.names()


@both_doors
def test_order_empties_the_basket(door: Door) -> None:
    visitor = visitor_of(OpenShop(door))
    visitor.visit("/goods/tea")
    press(visitor, "/basket", add="tea")
    press(visitor, "/checkout")
    assert b"Thank you" in visitor.page
    assert b"shop_cart" not in visitor.jar.names()


@both_doors
def test_visitor_signs_in_and_out(door: Door) -> None:
    visitor = visitor_of(OpenShop(door))
    visitor.visit("/sign-in")
    press(visitor, "/sign-in", name="  Ada   <b>Byron</b> ")
    assert b"Ada &lt;b&gt;Byron&lt;/b&gt;" in visitor.page
    press(visitor, "/sign-out")
    assert b"Byron" not in visitor.page
    assert b"shop_session" not in visitor.jar.names()


@both_doors
def test_sign_in_without_a_name_asks_again(door: Door) -> None:
    visitor = visitor_of(OpenShop(door))
    visitor.visit("/sign-in")
    assert press(visitor, "/sign-in", name="  ").values(b"location") == [b"/sign-in"]


@both_doors
def test_only_a_yes_is_counted(door: Door) -> None:
    shop = OpenShop(door)
    visitor = visitor_of(shop)
    visitor.visit("/goods/tea")
    assert shop.shop.views["/goods/tea"] == 0
    visitor.choose("accept")
    assert shop.shop.views["/goods/tea"] == 1
    visitor.visit("/statistics")
    assert b'<meter min="0" max="1" value="1"' in visitor.page
    visitor.choose("withdraw")
    visitor.visit("/goods/tea")
    assert shop.shop.views["/goods/tea"] == 1


def test_only_known_pages_are_counted() -> None:
    shop = OpenShop("asgi")
    before = set(shop.shop.views)
    cookie = consent_pair(shop.post({"choice": "accept"}))
    for number in range(50):
        shop.get(f"/invented/{number}", cookie=cookie)
    assert set(shop.shop.views) == before
    assert sum(shop.shop.views.values()) == 0


def test_memory_of_forms_is_bounded() -> None:
    shop = OpenShop("asgi")
    for number in range(MAX_REMEMBERED * 3):
        agent = (b"user-agent", b"agent %d" % number)
        shop.post({}, [agent], path="/plant")
    assert len(shop.shop.trail._last) == MAX_REMEMBERED


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"add=" + b"x" * MAX_FORM_OCTETS, FORM),
        (b"add=mug&" * 40, FORM),
        (b"add=%ff%00&remove=%s", FORM),
        (b"\xff\xfe", FORM),
        (b"add=crown-jewels", FORM),
        (b"", FORM),
        (b"add=mug", None),
    ],
)
@both_doors
def test_odd_forms_do_no_harm(door: Door, body: bytes, kind: bytes | None) -> None:
    answer = OpenShop(door).post(body, path="/basket", content_type=kind)
    assert (answer.status, answer.values(b"location")) == (303, [b"/basket"])


# --- cookies of the shop ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "basket"),
    [
        ("mug:2.tea:1", {"mug": 2, "tea": 1}),
        ("mug:0", {}),
        ("mug:10", {}),
        ("mug:-1.tea:1", {"tea": 1}),
        ("crown:1", {}),
        ("mug:1.mug:3", {"mug": 3}),
        ("mug", {}),
        (".....", {}),
        ("mug:\u0661", {}),
        ("mug:1\n", {}),
        ("mug:1." * 10_000, {"mug": 1}),
    ],
)
def test_basket_cookie_is_checked(value: str, basket: dict[str, int]) -> None:
    assert cookies.read_basket({cookies.CART: value}) == basket


def test_basket_survives_its_cookie() -> None:
    basket = dict.fromkeys(BY_SLUG, cookies.MAX_OF_ONE)
    written = cookies.write_basket(basket)
    assert cookies.read_basket(cookies.read_cookies(written.partition(";")[0])) == basket
    assert len(basket) == len(ARTICLES)


@pytest.mark.parametrize("name", ["Ada", "Zoë", "李", "a;b=c", '"><script>', "\U0001f375" * 40])
def test_session_survives_its_cookie(name: str) -> None:
    written = cookies.write_session(name, SECRET).partition(";")[0]
    assert cookies.read_session(cookies.read_cookies(written), SECRET) == name


@pytest.mark.parametrize(
    "value",
    [
        "",
        "QWRh",
        "QWRh.",
        "QWRh.00000000000000000000000000000000",
        "Q." + "0" * 32,
        "QWRh.\u0660" + "0" * 31,
        "QWRh" * 1000 + "." + "0" * 32,
    ],
)
def test_forged_session_is_nobody(value: str) -> None:
    assert cookies.read_session({cookies.SESSION: value}, SECRET) is None


def test_session_of_another_secret_is_nobody() -> None:
    written = cookies.write_session("Ada", SECRET[::-1]).partition(";")[0]
    assert cookies.read_session(cookies.read_cookies(written), SECRET) is None


def test_analytics_keeps_a_visitor_and_counts_views() -> None:
    first = cookies.write_analytics({}, 1_700_000_000, lambda _: 5)
    known = cookies.read_cookies("; ".join(line.partition(";")[0] for line in first))
    second = cookies.write_analytics(known, 1_700_000_060, lambda _: 6)
    assert first[0] == second[0]
    assert "=GS1.1.1700000000.2.1.1700000060;" in second[1]


@given(st.dictionaries(st.sampled_from((*cookies.read_cookies("_ga=;a="), "shop_cart")), st.text()))
def test_analytics_writes_only_what_it_made(sent: dict[str, str]) -> None:
    for line in cookies.write_analytics(sent, 1_700_000_000, lambda _: 5):
        assert line.isascii()
        assert line.count(";") == 3


@given(st.binary(max_size=200))
def test_no_cookie_header_upsets_the_shop(header: bytes) -> None:
    # Through WSGI: what the shop has not caught would come out here.
    shop = OpenShop("wsgi")
    sent = (
        b"shop_cart="
        + header.translate(None, b"\r\n\x00")
        + b"; shop_session="
        + header[:50].hex().encode()
    )
    answer = shop.get("/basket", cookie=sent.strip())
    assert answer.status == 200
    assert answer.body.endswith(b"</html>\n")


def test_form_that_stops_half_way_is_an_empty_one() -> None:
    """The standard library's server gives up on a silent client; the shop answers all the same."""

    class Silent:
        def read(self, size: int) -> bytes:
            raise TimeoutError

    assert wsgi._read({"CONTENT_LENGTH": "4000", "wsgi.input": Silent()}) == b""
