"""What a visitor's browser keeps in each state, read by the engine that the site itself uses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cookieconsent import ConfigError, CookieClass, NotInstalledError, UnknownClassError
from cookieconsent.core.codec import MAX_VALUE_OCTETS
from cookieconsent.testing import STATE_NAMES, ConsentStates, VisitorState
from doors import SECRET, Site, banners, consent_pair
from integrations import django_project
from testing.kinds import Client, config_of

DAY = 86_400
ALL = frozenset({"analytics", "media"})
NOTHING: frozenset[str] = frozenset()


def states_of(**options: object) -> ConsentStates:
    return ConsentStates(config_of(**options))


def allowed(states: ConsentStates, state: VisitorState) -> frozenset[str] | None:
    """Return which classes the engine lets pass for a visitor; `None` where it would ask."""
    consent = states.consent
    values = [] if state.value is None else [state.value.encode("ascii")]
    today = consent.today(consent.clock())
    standing = consent.read(values, today) if values else consent.undecided
    decision = standing.ruling(signal=False).decision
    return None if decision.ask else decision.allowed & consent.switchable_names


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("none", None),
        ("accepted", ALL),
        ("rejected", NOTHING),
        ("withdrawn", NOTHING),
        ("stale", None),
        ("outdated", None),
        ("tampered", None),
    ],
)
def test_engine_reads_each_state(name: str, expected: frozenset[str] | None) -> None:
    states = states_of()
    assert name in STATE_NAMES
    assert states[name].name == name
    assert allowed(states, states[name]) == expected


def test_table_above_is_whole() -> None:
    [mark] = test_engine_reads_each_state.pytestmark  # type: ignore[attr-defined]
    assert [row[0] for row in mark.args[1]] == list(STATE_NAMES)


@pytest.mark.parametrize("classes", [("analytics",), ("media",), ("analytics", "media"), ()])
def test_only_some_classes_are_allowed(classes: tuple[str, ...]) -> None:
    states = states_of()
    assert allowed(states, states.only(*classes)) == frozenset(classes)


def test_only_of_an_unknown_class_names_the_others() -> None:
    with pytest.raises(UnknownClassError, match=r"'anlytics' is not .* this site has: .*analytics"):
        states_of().only("anlytics")


def test_only_of_a_list_shows_how_to_write_it() -> None:
    names: Any = ["analytics", "media"]
    with pytest.raises(TypeError, match=r'only\("analytics", "media"\)'):
        states_of().only(names)


def test_unknown_state_names_the_nearest() -> None:
    with pytest.raises(KeyError, match="'acepted' is no state; use one of accepted"):
        states_of()["acepted"]


def test_states_are_what_the_site_writes() -> None:
    site = Site("asgi", config=config_of())
    states = ConsentStates(site.asgi)
    for choice, state in (("accept", states.accepted), ("reject", states.rejected)):
        assert consent_pair(site.post({"choice": choice})) == state.cookie_header.encode("ascii")


def test_withdrawn_has_the_bytes_of_a_no() -> None:
    states = states_of()
    assert states.withdrawn.value == states.rejected.value


@pytest.mark.parametrize("now", [200 * DAY, 1_900_000_000, 5_000_000_000])
def test_days_are_those_of_the_site(now: float) -> None:
    states = states_of(clock=lambda: now)
    assert allowed(states, states.accepted) == ALL
    assert allowed(states, states.stale) is None
    choice = states.consent.codec.read((states.stale.value or "").encode("ascii"))
    assert choice is not None
    assert choice.day == now // DAY - 183


def test_one_day_less_is_not_stale() -> None:
    now = 1_900_000_000.0
    stale = states_of(clock=lambda: now).stale
    assert allowed(states_of(clock=lambda: now - DAY), stale) == ALL


def test_clock_of_1970_has_no_stale_answer() -> None:
    with pytest.raises(ConfigError, match="clock: no answer can be older than 182 days"):
        _ = states_of(clock=lambda: 182.0 * DAY).stale


def test_outdated_and_tampered_are_nearly_valid() -> None:
    states = states_of()
    before = [CookieClass(cls.name, version=2) for cls in states.consent.switchable]
    older = ConsentStates(config_of(classes=before))
    assert allowed(older, states.outdated) == ALL, "the declaration alone is another"
    good, bad = states.accepted.value or "", states.tampered.value or ""
    assert len([1 for a, b in zip(good, bad, strict=True) if a != b]) == 1
    assert good.partition(".")[0] == bad.partition(".")[0]


@pytest.mark.parametrize("name", STATE_NAMES)
def test_no_state_is_larger_than_a_real_one(name: str) -> None:
    classes = [CookieClass(f"class-{number}") for number in range(21)]
    state = states_of(classes=classes)[name]
    assert len(state.value or "") <= MAX_VALUE_OCTETS


@pytest.mark.parametrize(
    ("options", "name", "secure", "domain"),
    [
        ({}, "__Host-cookieconsent", True, None),
        ({"secure": False}, "cookieconsent", False, None),
        ({"site": "a"}, "__Host-cookieconsent-a", True, None),
        ({"cookie_domain": "shop.example"}, "__Secure-cookieconsent", True, ".shop.example"),
    ],
)
def test_browser_cookie_is_that_of_the_site(
    options: dict[str, object], name: str, secure: bool, domain: str | None
) -> None:
    [cookie] = states_of(**options).accepted.browser_cookies("https://www.shop.example/page")
    assert (cookie["name"], cookie["secure"], cookie["path"]) == (name, secure, "/")
    assert cookie["domain"] == (domain or "www.shop.example")
    assert cookie["httpOnly"] is True


def test_browser_cookie_needs_an_address() -> None:
    with pytest.raises(ValueError, match=r"url: 'shop.example' names no host"):
        states_of().accepted.browser_cookies("shop.example")


def test_leftovers_come_behind_the_answer() -> None:
    states = states_of()
    left = states.withdrawn.with_cookies({"_ga": "1"}).with_cookies({"player": "loud"})
    assert left.cookie_header == f"{states.rejected.cookie_header}; _ga=1; player=loud"
    assert states.none.with_cookies({"_ga": "1"}).cookie_header == "_ga=1"
    assert states.none.cookie_header == ""


@pytest.mark.parametrize("door", ["asgi", "wsgi"])
def test_cookie_header_is_understood_by_the_doors(door: str) -> None:
    site = Site(door, config=config_of())  # type: ignore[arg-type]
    states = ConsentStates(site.asgi or site.wsgi)
    for name in STATE_NAMES:
        header = states[name].cookie_header.encode("ascii")
        asked = banners(site.get(cookie=header or None).body)
        assert asked == (allowed(states, states[name]) is None), name


# --- finding the rules ----------------------------------------------------------------------------


def test_config_and_states_are_sites_too() -> None:
    config = config_of()
    states = ConsentStates(config)
    assert states.consent.config is config
    assert ConsentStates(states).consent is states.consent


def test_rules_are_those_of_the_application(enter: Callable[..., Client], kind: str) -> None:
    shop = enter(site="a")
    assert ConsentStates(shop.app).accepted.cookie_name == "__Host-cookieconsent-a"
    if kind != "django":  # whose client keeps no application
        assert ConsentStates(shop.client).accepted == ConsentStates(shop.app).accepted


def test_application_without_middleware_is_refused() -> None:
    with pytest.raises(NotInstalledError, match=r"no CookieConsentMiddleware .* in this function"):
        ConsentStates(allowed)


def test_application_that_wraps_itself_is_no_endless_search() -> None:
    class Ring:
        @property
        def app(self) -> Ring:
            return Ring()

        application = wsgi_app = app

    with pytest.raises(NotInstalledError):
        ConsentStates(Ring())


# --- what frameworks have at hand -----------------------------------------------------------------


def test_fields_by_name_are_a_site(tmp_path: Path) -> None:
    """As Django's `settings.COOKIECONSENT` has them, with declarations in a file."""
    file = tmp_path / "cookieconsent.toml"
    file.write_text('[cookieconsent]\nsite = "shop"\n', encoding="utf-8")
    states = ConsentStates({"secret_key": SECRET, "toml": file})
    assert states.consent.config.site == "shop"
    assert allowed(states, states.accepted)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"secret_key": SECRET, "pth": "/x"}, "pth: there is no such setting"),
        ({"secret_key": SECRET, "toml": 5}, "toml: 5 is no path"),
        ({"secret_key": SECRET, "toml": "none.toml"}, "toml: 'none.toml' cannot be read"),
    ],
)
def test_wrong_fields_are_named_as_written(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=f"^{said}"):
        ConsentStates(fields)


def django_client() -> object:
    from django.test import Client

    client = Client()
    client.get("/")  # its layers are put together with the first request
    return client


def django_handler(name: str) -> object:
    from django.core.handlers import asgi, wsgi

    return wsgi.WSGIHandler() if name == "wsgi" else asgi.ASGIHandler()


@pytest.mark.parametrize("make", ["wsgi", "asgi", "client"])
def test_application_of_django_is_a_site(make: str) -> None:
    django_project.set_up()
    site = django_client() if make == "client" else django_handler(make)
    assert ConsentStates(site).accepted.cookie_name == "__Host-cookieconsent"


def test_litestar_is_a_site_before_it_starts() -> None:
    from litestar import Litestar
    from litestar.testing import TestClient

    from cookieconsent.integrations.litestar import CookieConsentPlugin

    app = Litestar(plugins=[CookieConsentPlugin(secret_key=SECRET, site="shop")])
    for site in (app, TestClient(app)):
        assert ConsentStates(site).consent.config.site == "shop"
    with TestClient(app) as client:
        assert ConsentStates(client).consent.config.site == "shop"


def pyramid() -> object:
    from pyramid.config import Configurator

    config = Configurator(settings={"cookieconsent.secret_key": SECRET})
    config.include("cookieconsent.integrations.pyramid")
    return config.make_wsgi_app()


def datasette(**settings: str) -> object:
    from datasette.app import Datasette

    metadata = {"plugins": {"cookieconsent": {"secret_key": SECRET}}}
    return Datasette(memory=True, metadata=metadata, settings=settings).app()


@pytest.mark.parametrize(
    "make",
    [pyramid, datasette, lambda: datasette(base_url="/data/")],
    ids=["Pyramid", "datasette", "datasette below a prefix"],
)
def test_application_of_an_integration_is_a_site(make: Callable[[], object]) -> None:
    states = ConsentStates(make())
    assert allowed(states, states.rejected) == NOTHING
