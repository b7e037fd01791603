"""A state put into a client of each kind is what the shop then sees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cookieconsent.testing import (
    STATE_NAMES,
    ConsentStates,
    assert_no_cookies_without_consent,
    put_into,
)
from cookieconsent.testing.clients import jar_of
from testing.kinds import Client, config_of

Enter = Callable[..., Client]

# What reaches the application on the second visit: analytics cookies only after a yes.
CONSENT = "__Host-cookieconsent"
CAME = {
    "none": "sessionid",
    "accepted": f"{CONSENT} _ga player sessionid",
    "rejected": f"{CONSENT} sessionid",
    "withdrawn": f"{CONSENT} sessionid",
    "stale": f"{CONSENT} sessionid",
    "outdated": f"{CONSENT} sessionid",
    "tampered": f"{CONSENT} sessionid",
}
ASKED = {"none", "stale", "outdated", "tampered"}


def names_held(client: object) -> set[str]:
    jar = jar_of(client)
    assert jar is not None
    return {name for name, _ in jar.held()}


@pytest.mark.parametrize("name", STATE_NAMES)
def test_shop_sees_the_state(enter: Enter, name: str) -> None:
    shop = enter()
    put_into(shop.client, ConsentStates(shop.app)[name])
    first = shop.get()
    assert_no_cookies_without_consent(first, shop.app)
    page = shop.text(shop.get())
    assert f"came: {CAME[name]}<" in page
    assert ('id="cookieconsent-banner"' in page) == (name in ASKED)
    assert_no_cookies_without_consent(shop.client, shop.app)


def test_shop_sees_only_one_class(enter: Enter) -> None:
    shop = enter()
    put_into(shop.client, ConsentStates(shop.app).only("media"))
    shop.get()
    assert f"came: {CONSENT} player sessionid<" in shop.text(shop.get())
    assert names_held(shop.client) == {CONSENT, "player", "sessionid"}


def test_leftovers_are_deleted_by_one_visit(enter: Enter) -> None:
    shop = enter()
    states = ConsentStates(shop.app)
    put_into(shop.client, states.withdrawn.with_cookies({"_ga": "1", "player": "loud"}))
    assert {"_ga", "player"} <= names_held(shop.client)
    with pytest.raises(AssertionError, match="_ga, held by the client"):
        assert_no_cookies_without_consent(shop.client, states)
    shop.get()
    assert names_held(shop.client) == {CONSENT, "sessionid"}
    assert_no_cookies_without_consent(shop.client, states)


def test_next_state_takes_the_place_of_the_last(enter: Enter) -> None:
    shop = enter()
    states = ConsentStates(shop.app)
    for state in (states.accepted, states.rejected, states.none):
        put_into(shop.client, state)
        held = [name for name, _ in jar_of(shop.client).held()]  # type: ignore[union-attr]
        assert held.count(CONSENT) == (state.value is not None)


def test_other_cookies_stay(enter: Enter) -> None:
    shop = enter()
    shop.get()
    put_into(shop.client, ConsentStates(shop.app).accepted)
    put_into(shop.client, ConsentStates(shop.app).none)
    assert "sessionid" in names_held(shop.client)


@pytest.mark.parametrize("answer", ["accept", "reject"])
def test_answer_by_form_is_kept_and_sent(enter: Enter, answer: str) -> None:
    """The answer is `Secure`, and Python's own jar sends it over https alone."""
    shop = enter()
    put_into(shop.client, ConsentStates(shop.app).none)
    reply = shop.post(answer)
    assert reply.status_code == 303
    assert_no_cookies_without_consent(reply, shop.app)
    assert 'id="cookieconsent-banner"' not in shop.text(shop.get())


def test_form_takes_the_place_of_a_state(enter: Enter) -> None:
    shop = enter()
    put_into(shop.client, ConsentStates(shop.app).accepted)
    shop.get()
    shop.post("withdraw")
    assert f"came: {CONSENT} sessionid<" in shop.text(shop.get())
    assert names_held(shop.client) == {CONSENT, "sessionid"}
    assert_no_cookies_without_consent(shop.client, shop.app)


def test_insecure_site_is_left_on_http(enter: Enter) -> None:
    shop = enter(secure=False)
    put_into(shop.client, ConsentStates(shop.app).accepted)
    assert "came: cookieconsent<" in shop.text(shop.get())
    assert getattr(getattr(shop.client, "base_url", None), "scheme", "http") == "http"
    assert getattr(shop.client, "extra_environ", {}).get("wsgi.url_scheme", "http") == "http"


# --- clients with an address of their own ---------------------------------------------------------


@pytest.mark.parametrize(
    ("server", "domain", "hosts"),
    [
        ("shop.example:8000", None, {"shop.example"}),
        ("www.shop.example", None, {"www.shop.example"}),
        ("shop.example", "shop.example", {"shop.example", "www.shop.example"}),
        ("www.shop.example", "shop.example", {"shop.example", "www.shop.example"}),
    ],
)
def test_flask_sends_the_answer_to_its_hosts(
    server: str, domain: str | None, hosts: set[str]
) -> None:
    from testing.kinds import KINDS

    with KINDS["flask"](config_of(cookie_domain=domain)) as shop:
        shop.app.config["SERVER_NAME"] = server
        state = ConsentStates(shop.app).rejected
        put_into(shop.client, state)
        told = {
            host
            for host in ("shop.example", "www.shop.example")
            if state.cookie_name in shop.client.get("/", base_url=f"http://{host}").text
        }
        assert told == hosts


def test_host_of_webtest_is_used() -> None:
    from webtest import TestApp

    from testing.kinds import KINDS

    with KINDS["webtest"](config_of()) as shop:
        client = TestApp(shop.app, extra_environ={"HTTP_HOST": "shop.example:8000"})
        put_into(client, ConsentStates(shop.app).only("media"))
        assert f"came: {CONSENT}<" in client.get("/").text


@pytest.mark.parametrize("host", ["www.shop.example", "other.example"])
def test_domain_of_the_answer_must_fit(host: str) -> None:
    from starlette.testclient import TestClient

    from testing.kinds import KINDS

    with KINDS["starlette"](config_of(cookie_domain="shop.example")) as shop:
        client = TestClient(shop.app, base_url=f"http://{host}")
        state = ConsentStates(shop.app).accepted
        if host == "other.example":
            with pytest.raises(ValueError, match=r"does not take __Secure-cookieconsent .* below"):
                put_into(client, state)
        else:
            put_into(client, state)
            assert "came: __Secure-cookieconsent<" in client.get("/").text


def test_client_without_an_address_needs_one() -> None:
    import httpx2

    client = httpx2.Client()
    with pytest.raises(ValueError, match="url: the client does not say where the site is"):
        put_into(client, ConsentStates(config_of()).accepted)
    put_into(client, ConsentStates(config_of()).accepted, url="https://shop.example")
    assert [cookie.domain for cookie in client.cookies.jar] == ["shop.example"]


def test_asynchronous_httpx_client_has_the_same_jar() -> None:
    import httpx2

    client = httpx2.AsyncClient(base_url="http://shop.example")
    put_into(client, ConsentStates(config_of()).accepted)
    assert client.build_request("GET", "/").url.scheme == "https"
    assert names_held(client) == {CONSENT}


class Unknown:
    """No client."""


def test_unknown_client_is_refused() -> None:
    with pytest.raises(TypeError, match=r"a Unknown is no test client .* `state.cookie_header`"):
        put_into(Unknown(), ConsentStates(config_of()).accepted)


@pytest.mark.parametrize("state", ["accepted", None, config_of()], ids=["name", "none", "config"])
def test_what_is_no_visitor_is_refused(state: Any) -> None:
    with pytest.raises(TypeError, match=f'state: a {type(state).__name__} is no .*"accepted"'):
        put_into(Unknown(), state)


class AsyncContext:
    """What Playwright's asynchronous context looks like."""

    async def add_cookies(self, cookies: Any) -> None: ...

    async def cookies(self) -> list[Any]:
        return []


def test_asynchronous_browser_is_told_the_way() -> None:
    context = AsyncContext()
    with pytest.raises(TypeError, match=r"await context.add_cookies"):
        put_into(context, ConsentStates(config_of()).accepted, url="http://localhost")
    with pytest.raises(TypeError, match=r"await context.cookies"):
        assert_no_cookies_without_consent(context, config_of())
    held = context.cookies()
    with pytest.raises(TypeError, match=r"await context.cookies"):
        assert_no_cookies_without_consent(held, config_of())
    held.close()
