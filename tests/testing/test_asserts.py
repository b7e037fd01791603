"""The assertion finds what may not be there, in every kind of response and jar, and says why."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import pytest

from cookieconsent import Config, Cookie, CookieClass
from cookieconsent.core.choice import Choice
from cookieconsent.testing import ConsentStates, assert_no_cookies_without_consent, put_into
from testing.kinds import Client, config_of

Enter = Callable[..., Client]
CONSENT = "__Host-cookieconsent"


def fault(seen: object, site: object, **options: Any) -> str:
    """Return what the assertion says."""
    with pytest.raises(AssertionError, match=r"^cookies without consent:\n- ") as caught:
        assert_no_cookies_without_consent(seen, site, **options)
    return str(caught.value)


def names_in(message: str) -> list[str]:
    return re.findall(r"^- ([^,]+),", message, re.MULTILINE)


# --- every kind -----------------------------------------------------------------------------------

FOUND = {
    "none": ["_ga", "player"],
    "accepted": [],
    "rejected": ["_ga", "player"],
    "stale": ["_ga", "player"],
    "tampered": ["_ga", "player"],
}


@pytest.mark.parametrize("name", FOUND)
def test_unguarded_shop_is_found_out(unguarded: Client, name: str) -> None:
    """By its response, judged by the request's own cookie, and by what the client then holds."""
    states = ConsentStates(config_of())
    put_into(unguarded.client, states[name])
    response = unguarded.get()
    for seen in (response, unguarded.client):
        if FOUND[name]:
            assert names_in(fault(seen, states)) == FOUND[name]
        else:
            assert_no_cookies_without_consent(seen, states)


def test_only_the_other_class_is_found(unguarded: Client) -> None:
    states = ConsentStates(config_of())
    put_into(unguarded.client, states.only("media"))
    response = unguarded.get()
    for seen in (response, unguarded.client):
        assert names_in(fault(seen, states)) == ["_ga"]


def test_signal_is_heard_in_the_request(unguarded: Client) -> None:
    config = config_of()
    put_into(unguarded.client, ConsentStates(config).accepted)
    message = fault(unguarded.get(headers={"Sec-GPC": "1"}), config)
    assert names_in(message) == ["_ga", "player"]
    assert "Global Privacy Control refuses it" in message
    assert_no_cookies_without_consent(unguarded.client, config)
    assert names_in(fault(unguarded.client, config, gpc=True)) == ["_ga", "player"]


def test_place_is_named(unguarded: Client) -> None:
    response = unguarded.get()
    assert re.search(r"^- _ga, set by GET \S*/$", fault(response, config_of()), re.MULTILINE)
    assert "- _ga, held by the client\n" in fault(unguarded.client, config_of())


def test_values_are_never_shown(unguarded: Client) -> None:
    response = unguarded.get()
    assert "loud" not in fault(response, config_of())
    assert "loud" not in fault(unguarded.client, config_of())


def test_redirects_are_judged_too() -> None:
    from starlette.applications import Starlette
    from starlette.responses import PlainTextResponse, RedirectResponse
    from starlette.routing import Route
    from starlette.testclient import TestClient

    async def start(request: Any) -> RedirectResponse:
        return RedirectResponse("/end", headers={"set-cookie": "_ga=1"})

    async def end(request: Any) -> PlainTextResponse:
        return PlainTextResponse("end")

    app = Starlette(routes=[Route("/start", start), Route("/end", end)])
    response = TestClient(app).get("/start")
    assert response.text == "end"
    assert "_ga, set by GET http://testserver/start" in fault(response, config_of())


def test_flask_redirects_are_judged_too() -> None:
    from flask import Flask, redirect

    app = Flask("shop")

    @app.route("/start")
    def start() -> Any:
        response = redirect("/end")
        response.set_cookie("_ga", "1")
        return response

    app.add_url_rule("/end", view_func=lambda: "end", endpoint="end")
    response = app.test_client().get("/start", follow_redirects=True)
    assert response.text == "end"
    assert names_in(fault(response, config_of())) == ["_ga"]


@pytest.mark.parametrize("header", [True, False])
def test_django_has_two_places_for_cookies(header: bool) -> None:
    from testing.kinds import KINDS

    with KINDS["django"](None) as shop:
        response = shop.get()
        response.cookies.clear()
        if header:
            response.headers["Set-Cookie"] = "_ga=1; Path=/"
            assert names_in(fault(response, config_of())) == ["_ga"]
        else:
            assert_no_cookies_without_consent(response, config_of())


def test_response_of_an_unknown_kind_is_refused() -> None:
    class Odd:
        request = headers = None

    with pytest.raises(TypeError, match="seen: a Odd is no response"):
        assert_no_cookies_without_consent(Odd(), config_of())


# --- one response ---------------------------------------------------------------------------------


def answer(*lines: str, cookie: str = "") -> Any:
    """Return WebTest's response to one request of a page that sets some cookies."""
    from webtest import TestApp

    def page(environ: Any, start_response: Any) -> list[bytes]:
        start_response(
            "200 OK", [("Content-Type", "text/html"), *(("Set-Cookie", x) for x in lines)]
        )
        return [b"<h1>Shop</h1>"]

    return TestApp(page).get("/", headers={"Cookie": cookie} if cookie else {})


PASSING: dict[str, tuple[str, ...]] = {
    "nothing": (),
    "exempt": ("sessionid=a",),
    "deletion by age": ("_ga=; Max-Age=0",),
    "deletion by date": ("_ga=; Expires=Thu, 01 Jan 1970 00:00:00 GMT",),
    "no name": ("=a",),
}


@pytest.mark.parametrize("case", PASSING)
def test_response_passes(case: str) -> None:
    assert_no_cookies_without_consent(answer(*PASSING[case]), config_of())


# Site, line and what is said of it.
CASES: dict[str, tuple[dict[str, Any], str, tuple[str, ...]]] = {
    "declared": (
        {},
        "_ga=1",
        (
            "  class: analytics\n",
            "  why: declared as '_ga' > class 'analytics' is opt-in > the visitor has not answered\n",
            'purpose="...", provider="Google", lifetime="2 years")',
        ),
    ),
    "of the catalogue": (
        {},
        "_ga_ABC=1",
        (
            "  class: analytics\n",
            "  why: not declared > '_ga_*' in the catalogue > class 'analytics' is opt-in > ",
            'declare: Cookie("_ga_*", "analytics", purpose="...", provider="Google',
        ),
    ),
    "unknown": (
        {},
        "mystery=1",
        (
            "  class: unknown\n",
            "  why: not declared > not in the catalogue > nobody can allow what is unknown\n",
            'declare: Cookie("mystery", "...", purpose="...", provider="...", lifetime="...")',
        ),
    ),
    "of a class not in use": (
        {},
        "django_language=de",
        ("  class: preferences\n", "class 'preferences' is not in use on this site\n"),
    ),
    "short life": (
        {"cookies": [Cookie("tick", "analytics", purpose="a", provider="b", lifetime="5 minutes")]},
        "tick=1",
        ('lifetime="5 minutes")',),
    ),
    "thirteen months": (
        {"cookies": [Cookie("m", "analytics", purpose="a", provider="b", lifetime="13 months")]},
        "m=1",
        ('lifetime="395 days")',),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_message_tells_class_reasons_and_declaration(case: str) -> None:
    options, line, said = CASES[case]
    message = fault(answer(line), config_of(**options))
    for words in said:
        assert words in message


def test_declaration_can_be_pasted() -> None:
    message = fault(answer("_gid=1"), config_of())
    [declaration] = re.findall(r"declare: (Cookie\(.+\))$", message, re.MULTILINE)
    cookie = eval(declaration, {"Cookie": Cookie})
    assert (cookie.name, cookie.cls) == ("_gid", "analytics")
    registry = config_of(cookies=[cookie]).registry
    assert registry.classify("_gid").source == "declared"


ANSWERED = {
    "rejected": "the visitor said no",
    "withdrawn": "the visitor said no",
    "none": "the visitor has not answered",
    "outdated": "the visitor has not answered",
}


@pytest.mark.parametrize("name", ANSWERED)
def test_message_tells_the_answer(name: str) -> None:
    states = ConsentStates(config_of())
    assert f"> {ANSWERED[name]}\n" in fault(
        answer("_ga=1", cookie=states[name].cookie_header), states
    )


def test_each_name_is_told_once() -> None:
    assert names_in(fault(answer("_ga=1", "_ga=2; Path=/a"), config_of())) == ["_ga"]


def test_answer_that_the_response_writes_counts() -> None:
    """An application may grant a class and use it at once; one that withdraws may not."""
    states = ConsentStates(config_of())
    yes, no = states.accepted.cookie_header, states.rejected.cookie_header
    assert_no_cookies_without_consent(answer("_ga=1", f"{yes}; Path=/; Secure", cookie=no), states)
    for line in (f"{no}; Path=/; Secure", f"{CONSENT}=; Path=/; Secure; Max-Age=0"):
        assert names_in(fault(answer("_ga=1", line, cookie=yes), states)) == ["_ga"]


def test_two_answers_count_as_the_lesser() -> None:
    states = ConsentStates(config_of())
    both = f"{states.accepted.cookie_header}; {states.rejected.cookie_header}"
    assert names_in(fault(answer("_ga=1", cookie=both), states)) == ["_ga"]


def test_undeclared_may_be_allowed() -> None:
    assert_no_cookies_without_consent(answer("mystery=1"), config_of(undeclared="allow"))


def test_objection_passes_until_a_no() -> None:
    states = ConsentStates(
        config_of(
            classes=[CookieClass("analytics", regime="objection", shares_with_third_parties=False)]
        )
    )
    assert_no_cookies_without_consent(answer("_ga=1"), states)
    message = fault(answer("_ga=1", cookie=states.rejected.cookie_header), states)
    assert "class 'analytics' is objection > the visitor said no\n" in message


def test_paused_class_rests_in_the_jar_alone() -> None:
    states = ConsentStates(config_of())
    consent = states.consent
    day = consent.today(consent.clock())
    choice = Choice(day=day, granted=consent.switchable_names).pause(consent.switchable_names)
    pair = f"{CONSENT}={consent.codec.write(choice).decode()}"
    message = fault(answer("_ga=1", cookie=pair), states)
    assert "> the visitor has paused it\n" in message
    name, _, value = pair.partition("=")
    held = [{"name": name, "value": value}, {"name": "_ga", "value": "1"}]
    assert_no_cookies_without_consent(held, states)


def test_day_is_that_of_the_site() -> None:
    """A yes of today is outdated by a clock that is ahead."""
    states = ConsentStates(config_of())
    later = config_of(clock=lambda: states.consent.clock() + 183 * 86_400)
    seen = answer("_ga=1", cookie=states.accepted.cookie_header)
    assert_no_cookies_without_consent(seen, states)
    assert names_in(fault(seen, later)) == ["_ga"]


def test_list_of_a_browser_is_a_jar() -> None:
    states = ConsentStates(config_of())
    held = [*states.rejected.browser_cookies("http://localhost"), {"name": "_ga", "value": "1"}]
    assert names_in(fault(held, states)) == ["_ga"]
    assert_no_cookies_without_consent(held[:-1], states)
    assert_no_cookies_without_consent([], states)


def test_odd_names_are_escaped() -> None:
    assert "- a\\x1bb, held by" in fault([{"name": "a\x1bb", "value": ""}], config_of())


@pytest.mark.parametrize("seen", [None, "text", 3, Config(secret_key="x" * 32)])
def test_anything_else_is_refused(seen: object) -> None:
    with pytest.raises(TypeError, match=f"seen: a {type(seen).__name__} is no response"):
        assert_no_cookies_without_consent(seen, config_of())


class Session:
    """As that of `requests`: it has what a response has, and is none."""

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}
        self.cookies: dict[str, str] = {}

    def request(self, method: str, url: str) -> None: ...


class Joined:
    """As a response of `requests`: of its `Set-Cookie` fields it has one text."""

    def __init__(self) -> None:
        self.request = Request()
        self.headers = {"set-cookie": "a=1, b=2"}


class Request:
    method, url = "GET", "https://shop.example/"
    headers: Final[dict[str, str]] = {}


@pytest.mark.parametrize("kind", [Session, Joined])
def test_client_that_reaches_out_is_refused(kind: type) -> None:
    with pytest.raises(TypeError, match=rf"seen: a {kind.__name__} is no .* WebTest's TestApp"):
        assert_no_cookies_without_consent(kind(), config_of())


def test_list_of_something_else_is_refused() -> None:
    with pytest.raises(TypeError, match=r"seen: a list with a int in it .* one response"):
        assert_no_cookies_without_consent([1], config_of())
