"""The public contract, sentence by sentence: what users and their test suites rely on.

Nothing here looks inside. Each test stands for a sentence of the Python or the HTTP contract; whoever
changes one changes the contract, and says so in the changelog.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import inspect
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from markupsafe import Markup

import cookieconsent
import python_names
from cookieconsent import Config, Cookie, CookieClass, consent_of, testing
from cookieconsent.middleware.asgi import CookieConsentMiddleware as AsgiMiddleware
from cookieconsent.middleware.wsgi import CookieConsentMiddleware as WsgiMiddleware
from doors import (
    DAY,
    FORM,
    HTML,
    NAVIGATION,
    PAGE,
    SECRET,
    Asked,
    Door,
    Element,
    Page,
    Site,
    Visitor,
    banners,
    both_doors,
    buttons,
    consent_lines,
    consent_pair,
    elements,
    form_for,
    forms,
    settings_elements,
)
from oracles.drivers import Exchange, run_asgi, run_wsgi

FACTS: dict[str, Any] = {"purpose": "p", "provider": "p", "lifetime": "1 days"}
SAME = [(b"sec-fetch-site", b"same-origin")]
MIDDLEWARE: pytest.MarkDecorator = pytest.mark.parametrize(
    "middleware", [AsgiMiddleware, WsgiMiddleware], ids=["asgi", "wsgi"]
)


def by_id(html: bytes, name: str) -> Element:
    """Return the one element with an id."""
    [element] = [element for element in elements(html) if element.get("id") == name]
    return element


# --- Python: building ----------------------------------------------------------------------------


def test_names_of_the_package() -> None:
    assert {name for name in vars(cookieconsent) if name[0].isupper()} == {
        "Choice",
        "ChoiceEvent",
        "Classification",
        "Config",
        "ConfigError",
        "ConsentError",
        "ConsentState",
        "ContradictionError",
        "Cookie",
        "CookieClass",
        "DeclarationWarning",
        "NotInstalledError",
        "Outcome",
        "Registry",
        "ResponseStartedError",
        "UnknownClassError",
        "UnknownFieldError",
    }
    assert callable(cookieconsent.consent_of)
    assert callable(cookieconsent.catalogue)


def test_names_for_tests_of_sites() -> None:
    assert set(python_names.exports("cookieconsent.testing")) | {"STATE_NAMES"} == {
        "STATE_NAMES",
        "ConsentStates",
        "VisitorState",
        "assert_no_cookies_without_consent",
        "put_into",
    }
    assert all(hasattr(testing, name) for name in python_names.exports("cookieconsent.testing"))


@MIDDLEWARE
def test_signature_of_the_middleware(middleware: Callable[..., Any]) -> None:
    app, config, options = inspect.signature(middleware).parameters.values()
    assert (app.name, config.name, config.default) == ("app", "config", None)
    assert (options.name, options.kind) == ("options", inspect.Parameter.VAR_KEYWORD)


@MIDDLEWARE
def test_options_are_config_fields(middleware: Callable[..., Any]) -> None:
    config = Config(secret_key=SECRET, path="/a")
    middleware(print, secret_key=SECRET, path="/a")
    middleware(print, config)
    middleware(print, config=config)


@MIDDLEWARE
def test_config_and_options_together_are_an_error(middleware: Callable[..., Any]) -> None:
    with pytest.raises(cookieconsent.ContradictionError, match="path"):
        middleware(print, config=Config(secret_key=SECRET), path="/a")


@MIDDLEWARE
@pytest.mark.parametrize("config", [{}, {"secret_key": SECRET}, "x", SECRET, 5], ids=repr)
def test_config_must_be_a_config(middleware: Callable[..., Any], config: object) -> None:
    with pytest.raises(cookieconsent.ConfigError, match="config"):
        middleware(print, config)


@MIDDLEWARE
def test_middleware_needs_a_secret(middleware: Callable[..., Any]) -> None:
    with pytest.raises(cookieconsent.ConfigError, match="secret_key"):
        middleware(print)


@both_doors
def test_secret_alone_is_enough(door: Door) -> None:
    """Nothing else: the shipped catalogue decides."""
    app: Any = AsgiMiddleware if door == "asgi" else WsgiMiddleware
    app(print, secret_key=SECRET)
    site = Site(door, setting(b"_ga=1; Path=/", b"csrftoken=2"))
    answer = site.get(cookie=b"_ga=1; sessionid=2; PHPSESSID=3; unknown=4")
    assert site.asked[0].cookie == b"sessionid=2; PHPSESSID=3"
    assert b"csrftoken=2" in answer.values(b"set-cookie")
    assert b"_ga=1; Path=/" not in answer.values(b"set-cookie")
    assert banners(answer.body) == 1


def test_starlette_takes_the_middleware() -> None:
    from starlette.applications import Starlette
    from starlette.responses import HTMLResponse
    from starlette.routing import Route

    async def page(request: Any) -> HTMLResponse:
        return HTMLResponse(f"<body>{consent_of(request).allows('analytics')}</body>")

    app: Any = Starlette(routes=[Route("/", page)])
    app.add_middleware(AsgiMiddleware, secret_key=SECRET)
    assert banners(run_asgi(app, Exchange(headers=NAVIGATION)).body) == 1


@pytest.mark.parametrize(
    "field",
    [
        "secret_key",
        "secret_keys",
        "cookies",
        "classes",
        "path",
        "undeclared",
        "enforce",
        "secure",
        "strict",
        "domains",
        "public_origin",
        "trusted_origins",
        "shape",
        "settings_link",
        "shared_cache",
        "policy_version",
        "last_updated",
        "privacy_policy_url",
        "contact",
        "authority",
        "gpc",
        "locale",
    ],
)
def test_config_has_the_field(field: str) -> None:
    parameter = inspect.signature(Config).parameters[field]
    assert parameter.kind is inspect.Parameter.KEYWORD_ONLY
    assert parameter.default is not inspect.Parameter.empty


def test_config_is_a_frozen_dataclass() -> None:
    config = Config(secret_key=SECRET)
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.path = "/a"  # type: ignore[misc]


def test_signature_of_cookie() -> None:
    parameters = inspect.signature(Cookie).parameters
    assert {name: parameter.default for name, parameter in parameters.items()} == {
        "name": inspect.Parameter.empty,
        "cls": inspect.Parameter.empty,
        "purpose": None,
        "provider": None,
        "lifetime": None,
        "domain": None,
        "path": "/",
        "partitioned": False,
    }
    cookie = Cookie(
        name="_ga_*",
        cls="analytics",
        purpose="counts visits",
        provider="Google",
        lifetime="13 months",
        domain=None,
        path="/",
        partitioned=False,
    )
    assert (cookie.name, cookie.cls, cookie.lifetime) == ("_ga_*", "analytics", "13 months")


def test_signature_of_cookie_class() -> None:
    parameters = inspect.signature(CookieClass).parameters
    assert list(parameters) == [
        "name",
        "title",
        "description",
        "regime",
        "shares_with_third_parties",
        "purposes",
        "version",
    ]
    cls = CookieClass("own")
    assert (cls.name, cls.regime, cls.shares_with_third_parties) == ("own", "opt-in", False)
    assert (tuple(cls.purposes), cls.version) == ((), 1)
    assert cls.title is None
    assert cls.description is None


@pytest.mark.parametrize(
    ("name", "regime", "shares"),
    [
        ("authentication", "exempt", False),
        ("cart", "exempt", False),
        ("consent", "exempt", False),
        ("analytics", "opt-in", True),
        ("preferences", "opt-in", False),
        ("media", "opt-in", True),
        ("advertising", "opt-in", True),
    ],
)
def test_known_classes(name: str, regime: str, shares: bool) -> None:
    cls = CookieClass(name)
    assert (cls.regime, cls.shares_with_third_parties) == (regime, shares)


@pytest.mark.parametrize("name", ["analytics", "media", "advertising"])
def test_site_may_say_that_nothing_is_shared(name: str) -> None:
    assert CookieClass(name, shares_with_third_parties=False).shares_with_third_parties is False


def test_site_may_exempt_preferences() -> None:
    site = Site(
        "asgi",
        setting(b"lang=de"),
        classes=[CookieClass("preferences", regime="exempt")],
        cookies=[Cookie("lang", "preferences")],
    )
    answer = site.get(cookie=b"lang=fr")
    assert site.asked[0].cookie == b"lang=fr"
    assert answer.values(b"set-cookie") == [b"lang=de"]


def setting(*lines: bytes) -> Callable[[Asked], Page]:
    """Return an application whose page sets cookies."""
    head = [*HTML, *((b"set-cookie", line) for line in lines)]
    return lambda asked: Page(headers=head)


@both_doors
@pytest.mark.parametrize("ready", ["preferences", "media", "advertising"])
def test_ready_made_class_is_off_until_a_cookie_uses_it(door: Door, ready: str) -> None:
    without = elements(Site(door).get("/cookie-consent").body)
    using = Site(door, cookies=[Cookie("_x", ready, **FACTS)]).get("/cookie-consent")
    assert not [e for e in without if e.get("name") == f"class-{ready}"]
    assert len([e for e in elements(using.body) if e.get("name") == f"class-{ready}"]) == 2


@both_doors
def test_regimes(door: Door) -> None:
    """Exempt passes always, opt-in needs a yes, objection passes until the visitor objects."""
    classes = [
        CookieClass("needed", regime="exempt"),
        CookieClass("asked", regime="opt-in"),
        CookieClass("told", regime="objection"),
    ]
    cookies = [Cookie("n", "needed"), Cookie("a", "asked", **FACTS), Cookie("t", "told", **FACTS)]
    site = Site(door, classes=classes, cookies=cookies)
    site.get(cookie=b"n=1; a=2; t=3")
    assert site.asked[-1].cookie == b"n=1; t=3"
    page = elements(site.get("/cookie-consent").body)
    assert {e["name"] for e in page if e.tag == "input" and e.get("type") == "radio"} == {
        "class-analytics",
        "class-asked",
        "class-told",
    }


@both_doors
def test_declarations_add_to_the_catalogue_and_win(door: Door) -> None:
    site = Site(door, cookies=[Cookie("_gid", "authentication")])
    site.get(cookie=b"_ga=1; _gid=2; sessionid=3")
    assert site.asked[0].cookie == b"_gid=2; sessionid=3"


def test_incomplete_declaration_warns_or_fails() -> None:
    cookies = [Cookie("_x", "analytics")]
    with pytest.warns(cookieconsent.DeclarationWarning, match="purpose, provider, lifetime"):
        Config(secret_key=SECRET, cookies=cookies)
    with pytest.raises(cookieconsent.ConfigError, match="purpose"):
        Config(secret_key=SECRET, cookies=cookies, strict=True)


@pytest.mark.parametrize(
    ("name", "cls"),
    [
        ("_x", "cart"),
        ("_x_", "analytics"),
        ("_x_1", "analytics"),
        ("_x_long_1", "cart"),
        ("_x_long_exact", "authentication"),
        ("a_x_1", None),
        ("_X_1", None),
        ("_x2", None),
    ],
)
def test_globs_are_anchored_and_the_more_exact_wins(name: str, cls: str | None) -> None:
    cookies = [
        Cookie("_x", "cart"),
        Cookie("_x_*", "analytics", **FACTS),
        Cookie("_x_long_*", "cart"),
        Cookie("_x_long_exact", "authentication"),
    ]
    assert Config(secret_key=SECRET, cookies=cookies).registry.classify(name).cls == cls


def test_contradictions_are_start_up_errors() -> None:
    with pytest.raises(cookieconsent.ContradictionError):
        Config(secret_key=SECRET, cookies=[Cookie("x", "cart"), Cookie("x", "consent")])


@pytest.mark.parametrize("table", ["cookieconsent", "tool.cookieconsent"])
def test_toml_has_the_same_field_names(tmp_path: Path, table: str) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text(
        f"""
        [{table}]
        secret_key = "{SECRET}"
        path = "/cookies"
        undeclared = "allow"
        [[{table}.cookies]]
        name = "_x_*"
        cls = "stats"
        purpose = "counts visits"
        provider = "Example"
        lifetime = "13 months"
        domain = "shop.example"
        path = "/shop"
        partitioned = true
        [[{table}.classes]]
        name = "stats"
        title = "Statistics"
        regime = "objection"
        shares_with_third_parties = true
        purposes = ["measure"]
        version = 2
        """,
        encoding="utf-8",
    )
    config = Config.from_toml(str(file))
    assert (config.path, config.undeclared) == ("/cookies", "allow")
    assert config.cookies[0] == Cookie(
        "_x_*",
        "stats",
        purpose="counts visits",
        provider="Example",
        lifetime="13 months",
        domain="shop.example",
        path="/shop",
        partitioned=True,
    )
    assert config.classes[0].version == 2
    file.write_text(file.read_text().replace("undeclared", "undeclred"), encoding="utf-8")
    with pytest.raises(cookieconsent.UnknownFieldError, match="undeclared"):
        Config.from_toml(str(file))


def test_secret_has_32_characters_at_least() -> None:
    Config(secret_key="s3cret-of-32-characters-exactly!")
    with pytest.raises(cookieconsent.ConfigError):
        Config(secret_key="s3cret-of-31-characters-exactly")


@both_doors
def test_secrets_rotate_oldest_first(door: Door) -> None:
    old, new = (
        "the older secret, more than 32 characters",
        "the newer secret, more than 32 characters",
    )
    cookie = Site(door, secret_keys=[old]).answer_cookie()
    rotating = Site(door, secret_keys=[old, new])
    rotating.get(cookie=cookie)
    assert rotating.asked[-1].state.allows("analytics")
    rewritten = rotating.answer_cookie()
    after = Site(door, secret_keys=[new])
    after.get(cookie=rewritten)
    assert after.asked[-1].state.allows("analytics")
    after.get(cookie=cookie)
    assert not after.asked[-1].state.decided


# --- Python: asking ------------------------------------------------------------------------------


@both_doors
def test_state_stands_under_the_documented_key(door: Door) -> None:
    site = Site(door)
    site.get()
    key = "cookieconsent" if door == "asgi" else "cookieconsent.state"
    assert site.asked[0].scope[key] is consent_of(site.asked[0].scope)


@both_doors
def test_state_has_the_documented_members(door: Door) -> None:
    site = Site(door)
    site.get()
    state = site.asked[0].state
    assert state.allows("analytics") is False
    assert state.decided is False
    assert state.choice is None
    assert state.preferences_url == "/cookie-consent"
    assert isinstance(state.banner(), Markup)
    assert isinstance(state.settings_link(), Markup)
    assert callable(state.grant)
    assert callable(state.withdraw)


@both_doors
def test_change_after_the_head_is_an_error(door: Door) -> None:
    def application(asked: Asked) -> Page:
        def late() -> None:
            with pytest.raises(cookieconsent.ResponseStartedError):
                asked.state.grant("analytics")
            with pytest.raises(cookieconsent.ResponseStartedError):
                asked.state.withdraw()

        return Page(after_head=late)

    assert Site(door, application).get().values(b"set-cookie") == []


def test_site_registry_lies_over_the_catalogue() -> None:
    config = Config(secret_key=SECRET, cookies=[Cookie("_x_*", "analytics", **FACTS)])
    own, shipped = config.registry.classify("_x_1"), config.registry.classify("_ga")
    assert (own.cls, own.source, own.rule, own.vendor) == ("analytics", "declared", "_x_*", "p")
    assert own.lifetime == dt.timedelta(days=1)
    assert (shipped.cls, shipped.source, shipped.rule) == ("analytics", "catalogue", "_ga")
    assert isinstance(shipped.lifetime, dt.timedelta)
    assert shipped.vendor


def test_catalogue_stands_alone() -> None:
    classify = cookieconsent.catalogue().classify
    assert classify("_ga_ABC123", domain=None).rule == "_ga_*"
    assert classify("csrftoken").cls == "authentication"
    unknown = classify("surely-nobody-has-this")
    assert (unknown.cls, unknown.source, unknown.rule) == (None, None, None)
    assert (unknown.vendor, unknown.lifetime) == (None, None)
    assert list(inspect.signature(classify).parameters) == ["name", "domain"]


@pytest.mark.parametrize(
    ("lifetime", "delta"),
    [
        ("session", None),
        ("1 minutes", dt.timedelta(minutes=1)),
        ("90 minutes", dt.timedelta(minutes=90)),
        ("2 hours", dt.timedelta(hours=2)),
        ("400 days", dt.timedelta(days=400)),
        ("2 years", dt.timedelta(days=730)),
        (dt.timedelta(days=3), dt.timedelta(days=3)),
    ],
)
def test_lifetimes(lifetime: str | dt.timedelta, delta: dt.timedelta | None) -> None:
    cookies = [Cookie("x", "cart", lifetime=lifetime)]
    assert Config(secret_key=SECRET, cookies=cookies).registry.classify("x").lifetime == delta


def test_months_are_months() -> None:
    cookies = [Cookie("x", "cart", lifetime="13 months")]
    lifetime = Config(secret_key=SECRET, cookies=cookies).registry.classify("x").lifetime
    assert lifetime is not None
    assert 392 <= lifetime.days <= 396


@both_doors
@pytest.mark.parametrize(("undeclared", "kept"), [("block", None), ("allow", b"zzz=1")])
def test_undeclared_cookies(door: Door, undeclared: str, kept: bytes | None) -> None:
    site = Site(door, setting(b"yyy=2"), undeclared=undeclared)
    answer = site.get(cookie=b"zzz=1; _ga=3")
    assert site.asked[0].cookie == kept
    assert (b"yyy=2" in answer.values(b"set-cookie")) is (kept is not None)


@both_doors
def test_report_only_changes_no_byte(door: Door) -> None:
    """And shows no banner, in any state, on any path."""
    lines = (b"_ga=1; Path=/", b"zzz=2", b"sessionid=3")
    site = Site(door, setting(*lines), enforce=False)
    bare = Site(door, setting(*lines))
    cookie = b"a@b=1;;  _ga=2;zzz ;" + bare.answer_cookie()
    for path in ("/", "/cookie-consent", "/cookie-consent/state.css"):
        for sent in (None, cookie):
            headers = [
                (b"accept-encoding", b"gzip"),
                (b"if-none-match", b'"x"'),
                (b"sec-gpc", b"1"),
            ]
            answer = site.get(path, headers, cookie=sent)
            assert answer.body == PAGE
            assert answer.headers == [*HTML, *((b"set-cookie", line) for line in lines)]
            asked = site.asked[-1]
            assert asked.cookie == sent
            assert asked.headers[b"accept-encoding"] == b"gzip"
            assert asked.headers[b"if-none-match"] == b'"x"'
    assert site.outcomes
    assert site.post(b"choice=accept").status == 200, "the application's own answer"


def test_package_imports_neither_ui_nor_babel() -> None:
    script = (
        "import sys, cookieconsent as c;"
        f"config = c.Config(secret_key={SECRET!r});"
        "c.consent_of;"
        "bad = {m for m in sys.modules if m.startswith(('babel', 'cookieconsent.ui', 'starlette'))};"
        "sys.exit(' '.join(bad) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


# --- HTTP: the page and the forms ----------------------------------------------------------------


@both_doors
@pytest.mark.parametrize("path", ["/cookie-consent", "/privacy/cookies"])
def test_get_shows_the_preferences_page(door: Door, path: str) -> None:
    site = Site(door, path=path)
    answer = site.get(path)
    assert answer.status == 200
    assert by_id(answer.body, "cookieconsent-preferences").tag == "form"
    assert site.asked == []


@both_doors
def test_head_has_the_length_of_get(door: Door) -> None:
    site = Site(door)
    get, head = site.get("/cookie-consent"), site.get("/cookie-consent", method="HEAD")
    assert (head.status, head.body) == (200, b"")
    assert head.values(b"content-length") in ([], [b"%d" % len(get.body)])


@both_doors
@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods_are_405(door: Door, method: str) -> None:
    answer = Site(door).get("/cookie-consent", method=method)
    assert answer.status == 405
    assert {name.strip() for name in answer.values(b"allow")[0].split(b",")} == {
        b"GET",
        b"HEAD",
        b"POST",
    }


GRANTED: dict[str, tuple[dict[str, str], set[str] | None, set[str] | None]] = {
    # action: fields -> classes granted and refused; None: undecided
    "accept": ({}, {"analytics", "maps"}, set()),
    "reject": ({}, set(), {"analytics", "maps"}),
    "withdraw": ({}, set(), {"analytics", "maps"}),
    "save": ({"class-maps": "yes", "class-analytics": "no"}, {"maps"}, {"analytics"}),
    "save, absent is no": ({"class-maps": "yes"}, {"maps"}, {"analytics"}),
    "save, nothing": ({}, set(), {"analytics", "maps"}),
    "grant": ({"class": "maps"}, {"maps"}, set()),
    "forget": ({}, None, None),
}


@both_doors
@pytest.mark.parametrize("case", GRANTED)
def test_choices_of_an_undecided_visitor(door: Door, case: str) -> None:
    fields, granted, refused = GRANTED[case]
    action = case.partition(",")[0]
    site = Site(door, classes=[CookieClass("maps")])
    visitor = Visitor(site)
    visitor.visit("/cookie-consent")
    answer = visitor.visit(
        "/cookie-consent",
        [(b"content-type", FORM), *SAME],
        method="POST",
        body=encoded(action, fields),
    )
    assert answer.status == 303
    visitor.visit("/")
    choice = site.asked[-1].state.choice
    if granted is None:
        assert choice is None
        assert len(visitor.jar) == 0
    else:
        assert choice is not None
        assert (set(choice.granted), set(choice.refused)) == (granted, refused)
    assert site.choices[0].action == action, "reject and withdraw are told apart in records"


def encoded(action: str, fields: dict[str, str]) -> bytes:
    return "&".join(
        f"{name}={value}" for name, value in {"choice": action, **fields}.items()
    ).encode()


@both_doors
def test_grant_adds_to_the_standing_choice(door: Door) -> None:
    site = Site(door, classes=[CookieClass("maps"), CookieClass("chat")])
    cookie = site.answer_cookie("save", **{"class-chat": "yes"})
    answer = site.post({"choice": "grant", "class": "maps"}, cookie=cookie)
    site.get(cookie=consent_pair(answer))
    choice = site.asked[-1].state.choice
    assert choice is not None
    assert (set(choice.granted), set(choice.refused)) == ({"maps", "chat"}, {"analytics"})


@both_doors
@pytest.mark.parametrize("before", ["accept", "reject"])
def test_forget_leads_back_to_undecided(door: Door, before: str) -> None:
    visitor = Visitor(Site(door))
    visitor.visit("/")
    visitor.choose(before)
    assert settings_elements(visitor.page) == 1
    visitor.visit("/cookie-consent")
    visitor.choose("forget")
    assert len(visitor.jar) == 0
    visitor.visit("/")
    assert banners(visitor.page) == 1


@both_doors
def test_erase_clears_the_site_over_https_only(door: Door) -> None:
    site = Site(door, setting(b"sessionid=1; Path=/; Secure"))
    visitor = Visitor(site)
    visitor.visit("/")
    visitor.choose("accept")
    assert len(visitor.jar) == 2
    visitor.visit("/cookie-consent")
    answer = visitor.choose("erase")
    assert answer.status == 303
    [value] = answer.values(b"clear-site-data")
    assert {b'"cookies"', b'"storage"'} <= set(value.replace(b" ", b"").split(b","))
    assert len(visitor.jar) == 0
    plain = site.post({"choice": "erase"}, scheme="http")
    assert plain.status == 400
    assert plain.values(b"clear-site-data") == []


@both_doors
@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"choice": ""},
        {"choice": "everything"},
        {"choice": "Accept"},
        {"choice": "save", "class-zzz": "yes"},
        {"choice": "save", "class-media": "yes"},
        {"choice": "grant", "class": "zzz"},
        {"choice": "grant"},
    ],
    ids=str,
)
def test_unknown_choice_or_class_shows_the_form_again(door: Door, fields: dict[str, str]) -> None:
    answer = Site(door).post(fields)
    assert answer.status == 400
    assert answer.values(b"set-cookie") == []
    assert by_id(answer.body, "cookieconsent-preferences").tag == "form"


@both_doors
@pytest.mark.parametrize(
    ("target", "location"),
    [
        ("/shop?a=1&b=2", b"/shop?a=1&b=2#cookieconsent-saved"),
        ("/", b"/#cookieconsent-saved"),
        (None, b"/cookie-consent#cookieconsent-saved"),
        ("", b"/cookie-consent#cookieconsent-saved"),
        ("//evil.example", b"/cookie-consent#cookieconsent-saved"),
        ("https://evil.example", b"/cookie-consent#cookieconsent-saved"),
    ],
)
def test_good_form_is_answered_with_303(door: Door, target: str | None, location: bytes) -> None:
    fields = {"choice": "accept"} | ({} if target is None else {"next": target})
    answer = Site(door).post(fields)
    assert answer.status == 303
    assert answer.values(b"location") == [location]
    assert answer.values(b"cache-control") == [b"no-store"]


@both_doors
def test_visitor_returns_to_page_and_query(door: Door) -> None:
    visitor = Visitor(Site(door))
    visitor.visit("/shop/shoes?size=42&page=2")
    visitor.choose("reject")
    assert (visitor.url, visitor.fragment) == ("/shop/shoes?size=42&page=2", "cookieconsent-saved")


@both_doors
def test_confirmation_needs_no_state(door: Door) -> None:
    """A line that CSS shows by `:target` alone; "hide" is a link to `#`; in both states."""
    site = Site(door)
    for cookie in (None, site.answer_cookie(), site.answer_cookie("reject")):
        page = site.get(cookie=cookie).body
        assert by_id(page, "cookieconsent-saved").tag in {"a", "p"}
        assert [e for e in elements(page) if e.tag == "a" and e.get("href") == "#"]
        assert b":target" in page
    texts = {by_id(site.get(cookie=c).body, "cookieconsent-saved").text for c in (None, cookie)}
    assert len(texts) == 2, "an undecided visitor's browser did not keep the choice"


@both_doors
@pytest.mark.parametrize("path", ["/x", "/accept", "/style.css", "/style.0123456789ab.css", "/a/b"])
def test_anything_else_below_the_path_is_404(door: Door, path: str) -> None:
    site = Site(door)
    assert site.get("/cookie-consent" + path).status == 404
    assert site.asked == []


@both_doors
def test_below_the_path_only(door: Door) -> None:
    site = Site(door)
    for path in ("/cookie-consents", "/cookie-consent.html", "/x/cookie-consent", "/"):
        assert site.get(path).status == 200
    assert len(site.asked) == 4


@both_doors
def test_token_is_valid_today_and_yesterday(door: Door) -> None:
    site = Site(door)
    fields = [*form_for(site.get().body, "accept").fields, ("choice", "accept")]
    statuses = []
    for _ in range(3):
        statuses.append(site.post(fields, ()).status)
        site.clock.advance(days=1)
    assert statuses == [303, 303, 403]
    assert [name for name, _ in fields].count("token") == 1


@both_doors
def test_token_is_the_same_for_all_on_one_day(door: Door) -> None:
    site = Site(door)
    tokens = {
        dict(form.fields)["token"]
        for page in (site.get().body, site.get("/cookie-consent", cookie=site.answer_cookie()).body)
        for form in forms(page)
    }
    assert len(tokens) == 1
    site.clock.advance(days=1)
    assert dict(form_for(site.get().body, "accept").fields)["token"] not in tokens


# --- HTTP: the consent cookie --------------------------------------------------------------------


@both_doors
def test_attributes_of_the_consent_cookie(door: Door) -> None:
    [line] = Site(door).post({"choice": "accept"}).values(b"set-cookie")
    pair, *attributes = line.split(b"; ")
    assert pair.startswith(b"__Host-cookieconsent=")
    assert {b"Secure", b"HttpOnly", b"SameSite=Lax", b"Path=/"} <= set(attributes)
    assert not [a for a in attributes if a.lower().startswith(b"domain")]


@both_doors
def test_insecure_consent_cookie_has_another_name(door: Door) -> None:
    [line] = Site(door, secure=False).post({"choice": "accept"}).values(b"set-cookie")
    assert line.startswith(b"cookieconsent=")
    assert b"Secure" not in line


@both_doors
def test_consent_cookie_is_small(door: Door) -> None:
    classes = [CookieClass(f"own-{number}") for number in range(24)]
    site = Site(
        door, classes=[*classes, *map(CookieClass, ("preferences", "media", "advertising"))]
    )
    for action in ("accept", "reject"):
        assert len(site.answer_cookie(action)) <= 256


@both_doors
def test_same_answer_on_one_day_has_the_same_bytes(door: Door) -> None:
    """Whoever gives it, whenever, from wherever: there is nothing in it to tell visitors apart."""
    site = Site(door, classes=[CookieClass("maps")])
    morning = site.post({"choice": "accept"}).values(b"set-cookie")
    site.clock.advance(days=0.4)
    evening = site.post(
        {"choice": "save", "class-maps": "yes", "class-analytics": "yes", "next": "/x"},
        [*SAME, (b"user-agent", b"other"), (b"accept-language", b"fr")],
        cookie=b"sessionid=12345",
    )
    assert evening.values(b"set-cookie") == morning
    site.clock.advance(days=1)
    assert site.post({"choice": "accept"}).values(b"set-cookie") != morning


@both_doors
@pytest.mark.parametrize("action", ["accept", "reject"])
def test_answer_counts_for_182_days(door: Door, action: str) -> None:
    site = Site(door)
    cookie = site.answer_cookie(action)
    site.clock.advance(days=182)
    assert banners(site.get(cookie=cookie).body) == 0
    site.clock.advance(days=1)
    assert banners(site.get(cookie=cookie).body) == 1
    assert not site.asked[-1].state.allows("analytics")


# --- HTML: stable selectors ----------------------------------------------------------------------


@both_doors
def test_banner_has_two_equal_buttons_and_a_link(door: Door) -> None:
    body = Site(door).get("/shop").body
    banner = by_id(body, "cookieconsent-banner")
    assert banner["role"] == "region"
    assert banner.has("aria-label") or by_id(body, banner["aria-labelledby"]).text
    [form] = forms(body)
    assert form.method == "post"
    reject, accept = form.buttons
    assert (reject["value"], accept["value"]) == ("reject", "accept")
    for button in (reject, accept):
        assert (button.tag, button["name"]) == ("button", "choice")
        assert button.get("type") in {None, "submit"}
    assert reject.get("class") == accept.get("class")
    links = [e["href"] for e in elements(body) if e.tag == "a"]
    assert "/cookie-consent" in links
    assert not [e for e in elements(body) if e.tag == "script"]


@both_doors
def test_preferences_page_has_radios_and_buttons(door: Door) -> None:
    site = Site(door, classes=[CookieClass("maps")])
    bodies = [site.get("/cookie-consent", cookie=c).body for c in (None, site.answer_cookie())]
    for body in bodies:
        radios = [(e["name"], e["value"]) for e in elements(body) if e.get("type") == "radio"]
        assert sorted(radios) == [
            ("class-analytics", "no"),
            ("class-analytics", "yes"),
            ("class-maps", "no"),
            ("class-maps", "yes"),
        ]
        assert {"save", "reject", "accept"} <= buttons(body)
    assert {"withdraw", "forget"} <= buttons(bodies[1])


@both_doors
def test_settings_element_of_decided_visitors(door: Door) -> None:
    site = Site(door)
    granted = site.get("/shop", cookie=site.answer_cookie()).body
    refused = site.get("/shop", cookie=site.answer_cookie("reject")).body
    for body in (granted, refused):
        assert settings_elements(body) == 1
        assert "/cookie-consent" in [e["href"] for e in elements(body) if e.tag == "a"]
    assert buttons(granted) == {"withdraw"}
    assert buttons(refused) == set()
    off = Site(door, settings_link=False)
    assert off.get(cookie=off.answer_cookie()).body == PAGE


@both_doors
def test_withdrawing_takes_one_click_from_every_page(door: Door) -> None:
    site = Site(door, setting(b"_ga=1; Path=/"))
    visitor = Visitor(site)
    visitor.visit("/")
    visitor.choose("accept")
    visitor.visit("/any/page")
    assert b"_ga" in visitor.jar.names()
    visitor.choose("withdraw")
    assert visitor.url == "/any/page"
    visitor.visit("/any/page")
    assert visitor.jar.names() == {b"__Host-cookieconsent"}
    assert [event.action for event in site.choices] == ["accept", "withdraw"]


@both_doors
def test_everything_of_ours_has_our_prefix(door: Door) -> None:
    site = Site(door)
    for cookie in (None, site.answer_cookie(), site.answer_cookie("reject")):
        answer = site.get(cookie=cookie)
        ours = elements(answer.body.replace(PAGE[: PAGE.index(b"<body>") + 6], b""))
        for element in ours:
            for name in ("id", "class"):
                for word in (element.get(name) or "").split():
                    assert word.startswith("cookieconsent-")
        for style in (e.text for e in ours if e.tag == "style"):
            assert all("cookieconsent-" in selector for selector in outer_selectors(style))
            assert not re.findall(r"--(?!cookieconsent-)[a-z]", style)


def outer_selectors(style: str) -> list[str]:
    """Return the selectors that stand in no other rule; those within one match inside it only."""
    found, open_rules, start = [], list[str](), 0
    for at, char in enumerate(style):
        if char in ";}":
            start = at + 1
            if char == "}":
                open_rules.pop()
        elif char == "{":
            prelude = style[start:at].strip()
            if not prelude.startswith("@") and all(rule.startswith("@") for rule in open_rules):
                found += re.split(r",(?![^(]*\))", prelude)
            open_rules.append(prelude)
            start = at + 1
    assert not open_rules
    return found


@both_doors
def test_first_visit_sets_no_cookie(door: Door) -> None:
    visitor = Visitor(Site(door))
    visitor.visit("/")
    visitor.visit("/cookie-consent")
    assert len(visitor.jar) == 0


@both_doors
def test_days_are_utc(door: Door) -> None:
    site = Site(door)
    site.clock.now = DAY * 86_400.0 - 1
    first = site.answer_cookie()
    site.clock.now = DAY * 86_400.0
    second = site.answer_cookie()
    site.clock.now = DAY * 86_400.0 + 86_399
    assert site.answer_cookie() == second != first


@both_doors
def test_own_address_of_the_redirect_is_a_path(door: Door) -> None:
    answer = Site(door).post({"choice": "accept"}, root="/shop")
    location = urlsplit(answer.values(b"location")[0].decode())
    assert (location.scheme, location.netloc) == ("", "")
    assert location.path == "/shop/cookie-consent"
    assert consent_lines(answer)


def test_wsgi_application_gets_the_state_by_its_environ() -> None:
    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        allowed = consent_of(environ).allows("analytics")
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [str(allowed).encode()]

    app = WsgiMiddleware(application, secret_key=SECRET)
    assert run_wsgi(app, Exchange()).body == b"False"
