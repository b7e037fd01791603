"""The judge's own checks: genuine answers pass, and each kind of wrong one is seen."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cookieconsent.demo import asgi, wsgi
from cookieconsent.demo.cookies import CART, VISITOR
from cookieconsent.demo.shop import Shop
from doors import SECRET, Door, both_doors
from oracles.drivers import Exchange, run_asgi, run_wsgi
from soak.checks import faults, learn, views
from soak.client import Request, Response
from soak.errands import ERRANDS, Errand, Pen, choose, look, next_errand
from soak.load import MIB, Memory, slope
from soak.shoppers import CONSENT, PLANTED, Ledger, Shopper, crowd

Visit = Callable[[Request], Response]


def shop_at(door: Door) -> Visit:
    """Return a shop that is asked without a socket."""
    shop = Shop(SECRET)
    app: Any = asgi.application(shop) if door == "asgi" else wsgi.application(shop)

    def visit(request: Request) -> Response:
        path, _, query = request.target.partition("?")
        exchange = Exchange(
            method=request.method,
            path=path,
            query=query.encode("ascii"),
            headers=[(n.encode("latin-1"), v.encode("latin-1")) for n, v in request.headers],
            body=request.body,
        )
        answer = run_asgi(app, exchange) if door == "asgi" else run_wsgi(app, exchange)
        headers = tuple((name.lower(), value) for name, value in answer.headers)
        return Response(status=answer.status, headers=headers, body=answer.body)

    return visit


@both_doors
def test_right_answers_have_no_faults(door: Door) -> None:
    visit, ledger, chance = shop_at(door), Ledger(), random.Random(1)
    people = crowd(8, chance)
    for serial in range(500):
        shopper = chance.choice(people)
        errand = next_errand(shopper, serial, chance)
        response = visit(errand.request)
        assert faults(shopper, errand, response, ledger) == []
        learn(shopper, errand, response, ledger)
    assert len(ledger.done) >= len(ERRANDS)
    assert set(ledger.answers) == {"yes", "yes under the signal", "no"}
    statistics = visit(Request(target="/statistics", headers=(("Host", "a"),)))
    assert +ledger.views == {path: count for path, count in views(statistics).items() if count}
    assert ledger.views.total() > 0


def undecided() -> Shopper:
    """Somebody with a name and a basket who has not answered."""
    return Shopper(
        number=1,
        language="fr",
        signal=False,
        metadata=True,
        name="Ada soak1x",
        basket={"mug": 2},
        jar={CART: "mug:2"},
    )


def genuine(shopper: Shopper) -> tuple[Errand, Response]:
    """Return what comes of a look into the basket; the session is put in, since it is signed."""
    visit = shop_at("asgi")
    pen = Pen(shopper, 5, random.Random(1))
    name = shopper.name or ""
    signed_in = visit(pen.form("/sign-in", {"name": name}))
    cookie = signed_in.values(b"set-cookie")[0].partition(b";")[0].decode("ascii")
    shopper.jar |= dict([cookie.split("=", 1)])
    shopper.form = "/sign-in"
    errand = look(pen, "page", "/basket", *pen.looking())
    return errand, visit(errand.request)


def in_body(old: bytes, new: bytes) -> Callable[[Response], Response]:
    return lambda response: replace(response, body=response.body.replace(old, new))


def with_field(name: bytes, value: bytes) -> Callable[[Response], Response]:
    return lambda response: replace(response, headers=(*response.headers, (name, value)))


@pytest.mark.parametrize(
    ("spoilt", "fault"),
    [
        (lambda response: replace(response, status=500), "500, not 200"),
        (in_body(b"Ada soak1x", b"Ada soak2x"), "sees what is [b'2']'s"),
        (in_body(b"Ada soak1x", b"Ada"), "who is ['Ada']"),
        (in_body(b"from=soak1x5", b"from=soak1x4"), "next is"),
        (in_body(b'id="cookieconsent-banner"', b""), "banner is []"),
        (in_body(b'lang="fr"', b'lang="de"'), "banner is ['de']"),
        (in_body(b"<main", b'<div id="cookieconsent-settings" lang=fr><main'), "settings is"),
        (in_body(b"</main>", b"<button name=choice value=withdraw>"), "withdraw is"),
        (in_body(b'class="count">2', b'class="count">3'), "count is ['3']"),
        (in_body(b'value="mug"', b'value="tea"'), "lines is {'tea': 2}"),
        (in_body(b"<code>POST /sign-in<", b"<code>POST /plant<"), "tells of the form ['/plant']"),
        (in_body(b"</html>\n", b""), "a page that ends with"),
        (in_body(b"<!DOCTYPE", b"GET /<!DOCTYPE"), "a page that ends with"),
        (in_body(b"</head>", b"</html>\n</head>"), "two pages in one"),
        (with_field(b"x-for", b"soak3x9"), "sees what is [b'3']'s"),
        (with_field(b"set-cookie", b"_ga=GA1.1.1.1; Path=/"), "sets ['_ga'], not []"),
        (with_field(b"set-cookie", b"shop_cart=; Path=/; Max-Age=0"), "deletes ['shop_cart']"),
        (with_field(b"location", b"/"), "location is ['/'], not None"),
        (lambda response: replace(response, headers=()), "content-type is []"),
    ],
)
def test_wrong_pages_are_seen(spoilt: Callable[[Response], Response], fault: str) -> None:
    shopper = undecided()
    errand, response = genuine(shopper)
    assert faults(shopper, errand, response, Ledger()) == []
    assert fault in "\n".join(faults(shopper, errand, spoilt(response), Ledger()))


def test_page_of_somebody_else_is_seen() -> None:
    mine, other = undecided(), undecided()
    other.number, other.name = 2, "Ada soak2x"
    errand, _ = genuine(mine)
    _, theirs = genuine(other)
    assert any("sees what is [b'2']'s" in one for one in faults(mine, errand, theirs, Ledger()))


def test_page_of_another_state_is_seen() -> None:
    shopper = undecided()
    errand, response = genuine(shopper)
    shopper.answer = "yes"
    found = "\n".join(faults(shopper, errand, response, Ledger()))
    for fact in ("banner is ['fr'], not []", "settings is []", "withdraw is []"):
        assert fact in found


def test_consent_cookie_of_another_answer_is_seen() -> None:
    ledger = Ledger()
    assert ledger.note_answer("yes", "a") is None
    assert ledger.note_answer("no", "b") is None
    assert ledger.note_answer("no", "a") == "got the cookie of 'yes' for 'no'"


def test_consent_cookie_that_tells_visitors_apart_is_seen() -> None:
    ledger = Ledger()
    assert [ledger.note_answer("no", value) for value in "abc"] == [
        None,
        None,
        "3 different cookies for 'no'",
    ]


def test_choice_without_its_cookie_is_seen() -> None:
    shopper = undecided()
    errand = choose(Pen(shopper, 5, random.Random(3)))
    response = shop_at("asgi")(errand.request)
    assert errand.answer is not None
    assert faults(shopper, errand, response, Ledger()) == []
    kept = tuple(pair for pair in response.headers if pair[0] != b"set-cookie")
    found = faults(shopper, errand, replace(response, headers=kept), Ledger())
    assert f"sets [], not ['{CONSENT}']" in "\n".join(found)


def test_analytics_number_of_somebody_else_is_seen() -> None:
    ledger, one, other = Ledger(), undecided(), undecided()
    other.number = 2
    assert ledger.note_browser("GA1.1.7.7", one) is None
    assert ledger.note_browser("GA1.1.7.7", one) is None
    assert ledger.note_browser("GA1.1.7.7", other) == "got the analytics number of 1"
    assert [ledger.note_browser(PLANTED, who) for who in (one, other)] == [None, None]
    assert VISITOR == "_ga"


@pytest.mark.parametrize(
    ("octets", "growth"),
    [
        ([5, 5, 5, 5], 0),
        ([5, 6, 7, 8], 1),
        ([8, 7, 6, 5], -1),
        ([5, 6, 5, 6], 0.2),
    ],
)
def test_slope_is_growth_per_request(octets: list[int], growth: float) -> None:
    samples = [Memory(requests, number * MIB) for requests, number in enumerate(octets)]
    assert slope(samples) / MIB == pytest.approx(growth)
