"""`Config`: every field with good and bad values, every operator mistake with field and remedy."""

from __future__ import annotations

import dataclasses
import datetime as dt
import time
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cookieconsent import (
    Config,
    ConfigError,
    ContradictionError,
    Cookie,
    CookieClass,
    DeclarationWarning,
    UnknownFieldError,
)
from cookieconsent.core.choice import Choice
from cookieconsent.engine.consent import Consent
from cookieconsent.middleware import asgi, wsgi
from doors import SECRET

OTHER_SECRET = "a second secret of more than 32 characters"
WHOLE: dict[str, Any] = {
    "purpose": "counts visits",
    "provider": "Example Ltd",
    "lifetime": "13 months",
}


def config(**options: Any) -> Config:
    return Config(**({"secret_key": SECRET} | options))


def refusal(**options: Any) -> ConfigError:
    """Build a configuration that is refused, and return the error."""
    given = options if {"secret_key", "secret_keys"} & set(options) else {"secret_key": SECRET}
    with pytest.raises(ConfigError) as caught:
        Config(**(given | options))
    return caught.value


# --- each field ----------------------------------------------------------------------------------


def test_defaults_are_those_of_the_contract() -> None:
    site = config()
    defaults = {spec.name: getattr(site, spec.name) for spec in dataclasses.fields(Config)}
    expected: dict[str, object] = {
        "path": "/cookie-consent",
        "undeclared": "block",
        "enforce": True,
        "secure": True,
        "strict": False,
        "cookies": (),
        "classes": (),
        "domains": (),
        "public_origin": None,
        "trusted_origins": (),
        "shape": "top",
        "settings_link": True,
        "shared_cache": False,
        "policy_version": None,
        "last_updated": None,
        "privacy_policy_url": None,
        "contact": None,
        "authority": None,
        "gpc": False,
        "locale": None,
    }
    assert {name: defaults[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("field", "given", "kept"),
    [
        (
            "secret_keys",
            [SECRET, OTHER_SECRET],
            (
                SECRET,
                OTHER_SECRET,
            ),
        ),
        ("path", "/privacy/cookies", "/privacy/cookies"),
        ("path", "/c", "/c"),
        ("path", "/Cookies_2.0~a-b", "/Cookies_2.0~a-b"),
        ("undeclared", "allow", "allow"),
        ("enforce", False, False),
        ("secure", False, False),
        ("strict", True, True),
        ("settings_link", False, False),
        ("shared_cache", True, True),
        ("private_pages", False, False),
        ("gpc", True, True),
        ("domains", ["Example.COM", ".example.org"], ("example.com", "example.org")),
        ("domains", (domain for domain in ["example.com"]), ("example.com",)),
        ("cookie_domain", ".Example.com", "example.com"),
        ("cookie_domain", "xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("site", "shop2", "shop2"),
        ("public_origin", "https://shop.example", "https://shop.example"),
        ("public_origin", "https://shop.example:8443", "https://shop.example:8443"),
        ("public_origin", "http://localhost:8000", "http://localhost:8000"),
        ("public_origin", "http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("trusted_origins", ["https://a.example"], ("https://a.example",)),
        ("shape", "none", "none"),
        ("policy_version", "2026-01", "2026-01"),
        ("last_updated", "2026-01-31", dt.date(2026, 1, 31)),
        ("last_updated", dt.date(2026, 1, 31), dt.date(2026, 1, 31)),
        ("last_updated", dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC), dt.date(2026, 1, 31)),
        ("privacy_policy_url", "/privacy", "/privacy"),
        ("privacy_policy_url", "/", "/"),
        ("privacy_policy_url", "https://shop.example/p?a=1#b", "https://shop.example/p?a=1#b"),
        ("contact", "mailto:privacy@shop.example", "mailto:privacy@shop.example"),
        ("authority", "CNIL", "CNIL"),
        ("locale", "de", "de"),
        ("on_choice", print, print),
        ("on_outcome", print, print),
        ("clock", time.monotonic, time.monotonic),
    ],
)
def test_good_value_is_kept(field: str, given: object, kept: object) -> None:
    options = {field: given} if field == "secret_keys" else {"secret_key": SECRET, field: given}
    site = Config(**options)  # type: ignore[arg-type]
    assert getattr(site, field) == kept


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *[
            (switch, value)
            for switch in ("enforce", "secure", "strict", "settings_link")
            for value in ("yes", 1, None)
        ],
        *[(switch, "false") for switch in ("shared_cache", "private_pages", "gpc")],
        ("undeclared", "drop"),
        ("undeclared", True),
        ("path", ""),
        ("path", "/"),
        ("path", "cookies"),
        ("path", "/cookies/"),
        ("path", "//cookies"),
        ("path", "/a//b"),
        ("path", "/a/../b"),
        ("path", "/./b"),
        ("path", "/coo kies"),
        ("path", "/cookies?x=1"),
        ("path", "/cookies#x"),
        ("path", "/cookies%2f"),
        ("path", "/kekse\r\nX: y"),
        ("path", "/kekse\n"),
        ("path", "/größe"),
        ("path", "/" + "a" * 128),
        ("path", b"/cookies"),
        ("path", None),
        ("shape", "bottom-sheet"),
        ("shape", None),
        ("policy_version", 3),
        ("policy_version", "  "),
        ("contact", ""),
        ("authority", ["CNIL"]),
        ("locale", 5),
        ("last_updated", "31.01.2026"),
        ("last_updated", "2026-02-30"),
        ("last_updated", 2026),
        ("privacy_policy_url", "javascript:alert(1)"),
        ("privacy_policy_url", "JavaScript:alert(1)"),
        ("privacy_policy_url", "data:text/html,x"),
        ("privacy_policy_url", "//evil.example"),
        ("privacy_policy_url", "/\\evil.example"),
        ("privacy_policy_url", "https:evil.example"),
        ("privacy_policy_url", "https://a b"),
        ("privacy_policy_url", "privacy.html"),
        ("privacy_policy_url", "/p\r\nX: y"),
        ("privacy_policy_url", "/p\n"),
        ("site", "Shop"),
        ("site", "a" * 17),
        ("site", "a-b"),
        ("site", "a\n"),
        ("site", 5),
        ("site", None),
        ("on_choice", "log"),
        ("on_outcome", 1),
        ("clock", None),
        ("clock", 1_700_000_000),
        ("public_origin", "shop.example"),
        ("public_origin", "https://shop.example/"),
        ("public_origin", "https://shop.example/path"),
        ("public_origin", "ftp://shop.example"),
        ("public_origin", "null"),
        ("public_origin", "https://user@shop.example"),
        ("public_origin", "https://shop.example\n"),
        ("public_origin", 5),
        ("trusted_origins", ["https://a.example", "b.example"]),
        ("trusted_origins", ["*"]),
        ("trusted_origins", [None]),
        ("trusted_origins", "https://a.example"),
        ("trusted_origins", 5),
        ("domains", "example.com"),
        ("domains", ["com"]),
        ("domains", [5]),
        ("domains", None),
        ("cookies", Cookie("sid", "authentication")),
        ("cookies", "sid"),
        ("cookies", {"name": "sid", "cls": "authentication"}),
        ("cookies", None),
        ("classes", CookieClass("statistics")),
        ("classes", "analytics"),
        ("classes", 5),
    ],
)
def test_bad_value_names_field_and_remedy(field: str, value: object) -> None:
    error = refusal(**{field: value})
    assert error.field == field
    assert str(error).startswith(f"{field}: ")
    assert len(error.problem) > 5
    assert len(error.fix) > 3


DOMAIN_MISTAKES = [
    "com",
    "co.uk",
    "github.io",
    "192.0.2.1",
    "[2001:db8::1]",
    "2001:db8::1",
    "localhost",
    "example.com:8000",
    "bücher.example",
    "a;b",
    "example.com; Secure",
    "example.com\r\nSet-Cookie: x=1",
    "example.com\r\n",
    "\nexample.com",
    "",
    ".",
    "..example.com",
    "-a.example",
    "a-.example",
    "a..example",
    "a_b.example",
    "*.example.com",
    "https://example.com",
    "example.com/",
    "a" * 64 + ".example",
    ".".join(["a" * 60] * 5),
    5,
]


@pytest.mark.hostile(167)
@pytest.mark.parametrize("domain", DOMAIN_MISTAKES, ids=repr)
def test_impossible_cookie_domain_is_refused(domain: object) -> None:
    assert refusal(cookie_domain=domain).field == "cookie_domain"
    assert refusal(domains=[domain]).field == "domains"
    with pytest.raises(ConfigError, match=r"cookies\.domain"):
        Cookie("sid", "authentication", domain=domain)  # type: ignore[arg-type]


@pytest.mark.hostile(167)
def test_leading_dot_of_domain_goes() -> None:
    site = config(cookie_domain=".Example.com", domains=[".example.com"])
    assert (site.cookie_domain, site.domains) == ("example.com", ("example.com",))


@pytest.mark.hostile(167, 168)
def test_shared_domain_gives_up_host_prefix() -> None:
    """`__Host-` forbids a Domain, so the two can never stand together."""
    assert config(cookie_domain="example.com").cookie_name == "__Secure-cookieconsent"
    with pytest.raises(ConfigError, match="__Host-"):
        Cookie("__Host-sid", "authentication", domain="example.com")


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({}, "__Host-cookieconsent"),
        ({"secure": False}, "cookieconsent"),
        ({"site": "shop"}, "__Host-cookieconsent-shop"),
        ({"secure": False, "site": "shop"}, "cookieconsent-shop"),
        ({"cookie_domain": "example.com"}, "__Secure-cookieconsent"),
        ({"cookie_domain": "example.com", "secure": False}, "cookieconsent"),
    ],
)
def test_cookie_name_follows_configuration(options: dict[str, Any], name: str) -> None:
    assert config(**options).cookie_name == name


# --- secrets -------------------------------------------------------------------------------------


@pytest.mark.hostile(83)
@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="none"),
        pytest.param({"secret_key": None}, id="None"),
        pytest.param({"secret_key": ""}, id="empty"),
        pytest.param({"secret_key": "short"}, id="short"),
        pytest.param({"secret_key": "x" * 31}, id="31 characters"),
        pytest.param({"secret_key": " " * 40}, id="blank"),
        pytest.param({"secret_key": "changeme"}, id="changeme"),
        pytest.param({"secret_key": "changeme" * 5}, id="changeme repeated"),
        pytest.param({"secret_key": "CHANGE-ME-please-this-is-a-placeholder"}, id="CHANGE-ME"),
        pytest.param({"secret_key": "your secret goes here, at least 32 characters"}, id="your"),
        pytest.param({"secret_key": "replace_me_with_something_long_enough!"}, id="replace"),
        pytest.param({"secret_key": SECRET.encode()}, id="bytes"),
        pytest.param({"secret_key": 12345678901234567890123456789012}, id="number"),
        pytest.param({"secret_key": [SECRET]}, id="list for one"),
        pytest.param({"secret_keys": []}, id="empty list"),
        pytest.param({"secret_keys": iter([])}, id="empty generator"),
        pytest.param({"secret_keys": SECRET}, id="one for list"),
        pytest.param({"secret_keys": SECRET.encode()}, id="bytes for list"),
        pytest.param({"secret_keys": [SECRET, "short"]}, id="short in list"),
        pytest.param({"secret_keys": ["changeme" * 5, SECRET]}, id="placeholder in list"),
        pytest.param({"secret_keys": [SECRET, None]}, id="None in list"),
        pytest.param({"secret_keys": [SECRET, SECRET.encode()]}, id="bytes in list"),
        pytest.param({"secret_keys": 5}, id="number for list"),
        pytest.param({"secret_keys": 0}, id="zero for list"),
        pytest.param({"secret_keys": None}, id="None for list"),
        pytest.param({"secret_keys": ""}, id="empty text for list"),
        pytest.param({"secret_keys": ["\ud800" * 40]}, id="half characters"),
    ],
)
def test_missing_or_weak_secret_is_refused(options: dict[str, Any]) -> None:
    """And the message never repeats the secret, since start-up errors end in logs."""
    with pytest.raises(ConfigError) as caught:
        Config(**options)
    error = caught.value
    assert error.field in {"secret_key", "secret_keys"}
    assert error.fix
    assert SECRET not in str(error)
    if "secret_keys" in options and options["secret_keys"] != []:
        assert error.field == "secret_keys"


def test_secret_of_32_characters_suffices() -> None:
    assert Config(secret_key="0123456789abcdef0123456789abcdef").keys == (
        "0123456789abcdef0123456789abcdef",
    )


def test_secret_and_list_contradict() -> None:
    error = refusal(secret_key=SECRET, secret_keys=[OTHER_SECRET])
    assert isinstance(error, ContradictionError)
    assert {error.first, error.second} == {"secret_key", "secret_keys"}
    assert OTHER_SECRET not in str(error)


def test_list_of_secrets_keeps_order() -> None:
    assert Config(secret_keys=[SECRET, OTHER_SECRET]).keys == (SECRET, OTHER_SECRET)


def test_repr_hides_secrets() -> None:
    for site in (config(), Config(secret_keys=[SECRET, OTHER_SECRET])):
        assert SECRET not in repr(site)
        assert OTHER_SECRET not in repr(site)
        assert "/cookie-consent" in repr(site)


def test_configuration_is_frozen() -> None:
    site = config(domains=["example.com"], cookies=[Cookie("sid", "authentication")])
    with pytest.raises(dataclasses.FrozenInstanceError):
        site.path = "/other"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        site.domains.append("example.org")  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        site.cookies[0].cls = "analytics"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        CookieClass("statistics").regime = "exempt"


def test_fields_are_keyword_only() -> None:
    with pytest.raises(TypeError):
        Config(SECRET)  # type: ignore[call-arg]


def test_every_field_has_a_docstring() -> None:
    """The reference is made from them, and an editor shows them."""
    import ast
    import inspect

    tree = ast.parse(inspect.getsource(Config)).body[0]
    assert isinstance(tree, ast.ClassDef)
    for statement, following in zip(tree.body, tree.body[1:], strict=False):
        if isinstance(statement, ast.AnnAssign):
            assert isinstance(following, ast.Expr), ast.unparse(statement)
            assert isinstance(following.value, ast.Constant), ast.unparse(statement)
            assert isinstance(following.value.value, str), ast.unparse(statement)


# --- cookies and classes -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"name": ""}, "cookies.name"),
        ({"name": 5}, "cookies.name"),
        ({"name": "a;b"}, "cookies.name"),
        ({"name": "a=b"}, "cookies.name"),
        ({"name": " a"}, "cookies.name"),
        ({"name": "a\r\n"}, "cookies.name"),
        ({"name": "a\x00"}, "cookies.name"),
        ({"name": "a" * 257}, "cookies.name"),
        ({"name": "*"}, "cookies.name"),
        ({"name": "**"}, "cookies.name"),
        ({"cls": "Analytics"}, "cookies.cls"),
        ({"cls": "my class"}, "cookies.cls"),
        ({"cls": ""}, "cookies.cls"),
        ({"cls": "a" * 33}, "cookies.cls"),
        ({"purpose": ""}, "cookies.purpose"),
        ({"purpose": 5}, "cookies.purpose"),
        ({"provider": "  "}, "cookies.provider"),
        ({"lifetime": "13 moons"}, "cookies.lifetime"),
        ({"lifetime": "a year"}, "cookies.lifetime"),
        ({"lifetime": "-1 days"}, "cookies.lifetime"),
        ({"lifetime": 3600}, "cookies.lifetime"),
        ({"lifetime": dt.timedelta(0)}, "cookies.lifetime"),
        ({"lifetime": ""}, "cookies.lifetime"),
        ({"path": "shop"}, "cookies.path"),
        ({"path": "/a;b"}, "cookies.path"),
        ({"path": "/a b"}, "cookies.path"),
        ({"path": "/a\r\n"}, "cookies.path"),
        ({"path": None}, "cookies.path"),
        ({"partitioned": "yes"}, "cookies.partitioned"),
        ({"name": "__Host-x", "path": "/shop"}, "cookies.path"),
        ({"name": "__host-x", "domain": "example.com"}, "cookies.domain"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_bad_cookie_names_field_and_remedy(arguments: dict[str, Any], field: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Cookie(**({"name": "_x", "cls": "analytics"} | arguments))
    assert caught.value.field == field
    assert caught.value.fix


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"name": "Statistics"}, "classes.name"),
        ({"name": "1st"}, "classes.name"),
        ({"name": "a b"}, "classes.name"),
        ({"name": 'x"><script>'}, "classes.name"),
        ({"name": "größe"}, "classes.name"),
        ({"regime": "opt-out"}, "classes.regime"),
        ({"name": "authentication", "regime": "opt-in"}, "classes.regime"),
        ({"name": "consent", "regime": "objection"}, "classes.regime"),
        ({"title": 5}, "classes.title"),
        ({"description": ["x"]}, "classes.description"),
        ({"shares_with_third_parties": "no"}, "classes.shares_with_third_parties"),
        ({"purposes": "measure"}, "classes.purposes"),
        ({"purposes": [5]}, "classes.purposes"),
        ({"version": 0}, "classes.version"),
        ({"version": "2"}, "classes.version"),
        ({"version": True}, "classes.version"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_bad_class_names_field_and_remedy(arguments: dict[str, Any], field: str) -> None:
    with pytest.raises(ConfigError) as caught:
        CookieClass(**({"name": "statistics"} | arguments))
    assert caught.value.field == field
    assert caught.value.fix


def test_cookie_of_unknown_class_is_refused() -> None:
    error = refusal(cookies=[Cookie("sid", "authentication"), Cookie("_x", "analytic", **WHOLE)])
    assert error.field == "cookies[1].cls"
    assert "analytics" in error.fix
    unknown = refusal(cookies=[Cookie("_x", "zzz", **WHOLE)])
    assert "classes=[CookieClass('zzz')]" in unknown.fix


@pytest.mark.parametrize(
    "missing", ["purpose", "provider", "lifetime"], ids=lambda name: f"no {name}"
)
def test_incomplete_declaration_warns_or_fails(missing: str) -> None:
    facts = {name: value for name, value in WHOLE.items() if name != missing}
    cookies = [Cookie("sid", "authentication"), Cookie("_x", "analytics", **facts)]
    with pytest.warns(DeclarationWarning, match=rf"cookies\[1\].*'_x'.*{missing}") as caught:
        config(cookies=cookies)
    assert len(caught) == 1
    error = refusal(cookies=cookies, strict=True)
    assert error.field == f"cookies[1].{missing}"
    assert missing in error.fix


def test_warning_points_at_the_operators_line() -> None:
    with pytest.warns(DeclarationWarning) as caught:
        Config(secret_key=SECRET, cookies=[Cookie("_x", "analytics")])
    assert caught[0].filename == __file__


def test_exempt_declaration_may_be_short() -> None:
    config(
        strict=True,
        cookies=[Cookie("sid", "authentication"), Cookie("basket", "cart"), Cookie("lang", "own")],
        classes=[CookieClass("own", regime="exempt")],
    )


@pytest.mark.hostile(182)
@pytest.mark.parametrize(
    "cookies",
    [
        pytest.param(
            [Cookie("_ga", "authentication"), Cookie("_ga", "analytics", **WHOLE)],
            id="two classes",
        ),
        pytest.param(
            [Cookie("_ga_*", "authentication"), Cookie("_ga_*", "analytics", **WHOLE)],
            id="two classes of a glob",
        ),
        pytest.param(
            [Cookie("_ga", "analytics", **WHOLE), Cookie("_ga", "analytics", **WHOLE)],
            id="same scope twice",
        ),
    ],
)
def test_contradicting_declarations_name_both_places(cookies: list[Cookie]) -> None:
    error = refusal(cookies=[Cookie("sid", "authentication"), *cookies])
    assert isinstance(error, ContradictionError)
    assert (error.first, error.second) == ("cookies[1]", "cookies[2]")
    assert error.first in str(error)
    assert error.second in str(error)


@pytest.mark.hostile(182)
def test_exact_beats_overlapping_glob() -> None:
    cookies = [
        Cookie("track*", "analytics", **WHOLE),
        Cookie("track_session", "authentication"),
        Cookie("*_id", "authentication"),
        Cookie("abc*", "analytics", **WHOLE),
    ]
    classify = config(cookies=cookies).registry.classify
    assert classify("track_session").cls == "authentication"
    assert classify("track_me").cls == "analytics"
    assert classify("abc_id").cls == "analytics", "of equally long globs the stricter class wins"


def test_same_name_may_have_several_scopes() -> None:
    cookies = [
        Cookie("_x", "analytics", **WHOLE),
        Cookie("_x", "analytics", domain="example.com", **WHOLE),
        Cookie("_x", "analytics", path="/shop", **WHOLE),
    ]
    assert len(config(cookies=cookies).cookies) == 3


@pytest.mark.parametrize(
    "name", ["__Host-cookieconsent", "__Host-cookieconsent-shop", "__Secure-cookieconsent"]
)
def test_consent_cookie_cannot_be_another_class(name: str) -> None:
    options: dict[str, Any] = {"site": "shop"} if name.endswith("shop") else {}
    if name.startswith("__Secure"):
        options["cookie_domain"] = "example.com"
    error = refusal(cookies=[Cookie(name, "analytics", **WHOLE)], **options)
    assert isinstance(error, ContradictionError)
    assert error.first == "cookies[0]"


def test_glob_over_everything_leaves_consent_cookie_alone() -> None:
    site = config(cookies=[Cookie("__Host-*", "analytics", **WHOLE)])
    answer = Consent(site)
    assert answer.undecided.plain.filter.verdict(b"__Host-cookieconsent") is True


def test_class_twice_is_a_contradiction() -> None:
    error = refusal(classes=[CookieClass("a"), CookieClass("b"), CookieClass("a", version=2)])
    assert isinstance(error, ContradictionError)
    assert (error.first, error.second) == ("classes[0]", "classes[2]")


@pytest.mark.parametrize(
    "origin", ["http://shop.example", "HTTP://shop.example", "http://localhost.shop.example"]
)
def test_http_origin_contradicts_secure(origin: str) -> None:
    error = refusal(public_origin=origin)
    assert isinstance(error, ContradictionError)
    assert {error.first, error.second} == {"public_origin", "secure"}
    config(public_origin=origin, secure=False)


def test_built_in_classes_are_always_active() -> None:
    assert [cls.name for cls in config().active_classes] == [
        "authentication",
        "cart",
        "consent",
        "analytics",
    ]
    assert [cls.name for cls in config().switchable] == ["analytics"]


@pytest.mark.parametrize("ready", ["preferences", "media", "advertising"])
def test_ready_made_class_is_off_until_used(ready: str) -> None:
    assert ready not in {cls.name for cls in config().active_classes}
    used = config(cookies=[Cookie("_x", ready, **WHOLE)])
    named = config(classes=[CookieClass(ready)])
    for site in (used, named):
        active = {cls.name: cls for cls in site.active_classes}
        assert active[ready].regime == "opt-in"
        assert active[ready].shares_with_third_parties is (ready != "preferences")


def test_site_may_describe_a_built_in_class() -> None:
    site = config(
        classes=[
            CookieClass("analytics", shares_with_third_parties=False, regime="objection"),
            CookieClass("preferences", regime="exempt"),
        ],
    )
    active = {cls.name: cls for cls in site.active_classes}
    assert active["analytics"].regime == "objection"
    assert not active["analytics"].shares_with_third_parties
    assert not active["preferences"].switchable


def many_classes(count: int) -> list[CookieClass]:
    return [CookieClass(f"own-{number}") for number in range(count)]


def test_own_classes_go_up_to_24() -> None:
    built_in = [CookieClass(name) for name in ("analytics", "preferences", "media", "advertising")]
    assert len(config(classes=[*many_classes(24), *built_in]).active_classes) == 31
    error = refusal(classes=many_classes(25))
    assert error.field == "classes"
    assert "24" in error.fix


@pytest.mark.hostile(79)
@pytest.mark.parametrize("under_signal", [False, True], ids=["plain", "under signal"])
@pytest.mark.parametrize("granted", [0, 14, 28])
def test_largest_configuration_fits_its_cookie(granted: int, under_signal: bool) -> None:
    """24 own classes, every built-in one and the longest names: name, `=` and value in 256 bytes.

    The cookie holds three bytes per class, so no configuration can come near 4,096.
    """
    ready = [CookieClass(name) for name in ("preferences", "media", "advertising")]
    classes = [CookieClass(f"{'x' * 29}-{number:02}") for number in range(24)]
    site = Consent(config(classes=[*classes, *ready], site="a" * 16))
    names = [cls.name for cls in site.switchable]
    assert len(names) == 28
    yes = frozenset(names[:granted])
    choice = Choice(
        day=65_535,
        granted=yes,
        refused=frozenset(names) - yes,
        under_signal=yes if under_signal else frozenset(),
    )
    line = site.choice_cookie(choice)
    pair = line.partition(b";")[0]
    assert len(pair) <= 256
    assert len(line) < 512
    assert site.read([pair.partition(b"=")[2]], 65_535).choice == choice


# --- remedies ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value", "fix"),
    [
        ("cookies", {"sid": "authentication"}, "[Cookie('sid', 'authentication')]"),
        ("cookies", {"name": "sid", "cls": "cart"}, "[Cookie('sid', 'cart')]"),
        ("cookies", {"name": "sid"}, "[Cookie('sid', ...)]"),
        ("cookies", {"sid": {"cls": "cart"}}, "[Cookie('sid', ...)]"),
        ("cookies", Cookie("sid", "cart"), "[Cookie('sid', 'cart')]"),
        ("cookies", "sid", "[Cookie('sid', ...)]"),
        ("cookies", {}, "[Cookie(...)]"),
        ("cookies", None, "[Cookie(...)]"),
        ("classes", CookieClass("stats"), "[CookieClass('stats')]"),
        ("classes", {"stats": "opt-in"}, "[CookieClass('stats')]"),
        ("classes", "stats", "[CookieClass('stats')]"),
    ],
    ids=repr,
)
@pytest.mark.parametrize("by_name", [True, False], ids=["Config", "from_mapping"])
def test_one_for_a_list_is_told_what_to_write(
    by_name: bool, field: str, value: object, fix: str
) -> None:
    values: dict[str, Any] = {"secret_key": SECRET, field: value}
    with pytest.raises(ConfigError) as caught:
        Config(**values) if by_name else Config.from_mapping(values)
    assert caught.value.fix == f"Write {field}={fix}"
    assert len(caught.value.problem) < 70, "the value is not printed again"
    if "..." not in fix:
        written = eval(fix, {"Cookie": Cookie, "CookieClass": CookieClass})
        assert getattr(config(**{field: written}), field) == tuple(written)


@pytest.mark.parametrize("field", ["enforce", "secure", "gpc"])
@pytest.mark.parametrize("value", ["false", "yes", 0])
def test_switch_is_told_the_words_of_python(field: str, value: object) -> None:
    assert refusal(**{field: value}).fix == "Write True or False, without quotes"


def test_ready_made_class_is_suggested() -> None:
    error = refusal(cookies=[Cookie("_x", "advertizing", **WHOLE)])
    assert error.fix.startswith("Did you mean 'advertising', or declare it: ")


# --- plain values and files ----------------------------------------------------------------------


def test_mapping_builds_tables() -> None:
    site = Config.from_mapping(
        {
            "secret_key": SECRET,
            "cookies": [{"name": "_x", "cls": "stats", "lifetime": "session"} | WHOLE],
            "classes": [{"name": "stats", "regime": "objection", "purposes": ["measure"]}],
        },
    )
    assert site.cookies[0].name == "_x"
    assert site.classes[0] == CookieClass("stats", regime="objection", purposes=["measure"])


def test_mapping_takes_built_objects() -> None:
    cookie, cls = Cookie("_x", "stats", **WHOLE), CookieClass("stats")
    site = Config.from_mapping({"secret_key": SECRET, "cookies": [cookie], "classes": [cls]})
    assert (site.cookies, site.classes) == ((cookie,), (cls,))


def test_overrides_win_over_mapping() -> None:
    mapping = {"secret_key": "weak", "path": "/a", "enforce": True}
    site = Config.from_mapping(mapping, secret_key=SECRET, path="/b")
    assert (site.keys, site.path, site.enforce) == ((SECRET,), "/b", True)
    assert mapping["path"] == "/a"


@pytest.mark.parametrize(
    ("mapping", "field", "suggestion"),
    [
        ({"secret": SECRET}, "secret", "secret_key"),
        ({"secretkey": SECRET}, "secretkey", "secret_key"),
        ({"undeclard": "block"}, "undeclard", "undeclared"),
        ({"setings_link": True}, "setings_link", "settings_link"),
        ({"trusted_origin": []}, "trusted_origin", "trusted_origins"),
        ({"cookie": []}, "cookie", "cookies"),
        ({"zzz": 1}, "zzz", None),
        ({"registry": None}, "registry", None),
        ({"keys": [SECRET]}, "keys", None),
        ({"cookies": [{"name": "x", "class": "cart"}]}, "cookies[0].class", "cls"),
        ({"cookies": [{"nmae": "x", "cls": "cart"}]}, "cookies[0].nmae", "name"),
        (
            {"cookies": [{"name": "x", "cls": "cart"}, {"name": "y", "cls": "cart", "ttl": 5}]},
            "cookies[1].ttl",
            None,
        ),
        ({"classes": [{"name": "x", "regim": "exempt"}]}, "classes[0].regim", "regime"),
        (
            {"classes": [{"name": "x", "shares_with_third_party": True}]},
            "classes[0].shares_with_third_party",
            "shares_with_third_parties",
        ),
    ],
)
def test_unknown_key_gets_a_suggestion(
    mapping: Mapping[str, Any], field: str, suggestion: str | None
) -> None:
    with pytest.raises(UnknownFieldError) as caught:
        Config.from_mapping({"secret_key": SECRET, **mapping})
    assert caught.value.field == field
    assert suggestion is None or suggestion in str(caught.value)
    assert suggestion is None or caught.value.suggestion == suggestion


@pytest.mark.parametrize(
    ("mapping", "field"),
    [
        ({"cookies": [{"cls": "cart"}]}, "cookies[0].name"),
        ({"cookies": [{"name": "x"}]}, "cookies[0].cls"),
        ({"classes": [{"title": "X"}]}, "classes[0].name"),
        ({"cookies": ["sid"]}, "cookies[0]"),
        ({"cookies": {"sid": "cart"}}, "cookies"),
        ({"cookies": "sid"}, "cookies"),
        ({"classes": [None]}, "classes[0]"),
        ({"classes": 5}, "classes"),
    ],
)
def test_incomplete_table_is_refused(mapping: Mapping[str, Any], field: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Config.from_mapping({"secret_key": SECRET, **mapping})
    assert caught.value.field == field


@pytest.mark.parametrize("middleware", [asgi, wsgi], ids=["asgi", "wsgi"])
def test_unknown_option_of_middleware_is_refused(middleware: Any) -> None:
    with pytest.raises(UnknownFieldError, match="secret_key"):
        middleware.CookieConsentMiddleware(print, secrt_key=SECRET)


@pytest.mark.parametrize("middleware", [asgi, wsgi], ids=["asgi", "wsgi"])
def test_unshipped_locale_is_refused_at_start_up(middleware: Any) -> None:
    with pytest.raises(ConfigError) as caught:
        middleware.CookieConsentMiddleware(print, secret_key=SECRET, locale="tlh")
    assert caught.value.field == "locale"
    assert "en" in caught.value.fix


TABLE = f"""
secret_key = "{SECRET}"
path = "/cookies"
last_updated = 2026-01-31
domains = ["example.com"]

[[{{}}.cookies]]
name = "_x"
cls = "stats"
purpose = "counts visits"
provider = "Example Ltd"
lifetime = "13 months"

[[{{}}.classes]]
name = "stats"
regime = "objection"
"""


@pytest.mark.parametrize("table", ["cookieconsent", "tool.cookieconsent"])
@pytest.mark.parametrize("as_path", [True, False], ids=["Path", "str"])
def test_toml_table_is_read(tmp_path: Path, table: str, as_path: bool) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(f"[{table}]" + TABLE.format(table, table), encoding="utf-8")
    site = Config.from_toml(file if as_path else str(file), path="/other")
    assert site.keys == (SECRET,)
    assert site.path == "/other"
    assert site.last_updated == dt.date(2026, 1, 31)
    assert site.domains == ("example.com",)
    assert site.registry.classify("_x").cls == "stats"
    assert site.switchable[-1].regime == "objection"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"", "no table", id="empty"),
        pytest.param(b"[other]\nx = 1\n", "no table", id="no table"),
        pytest.param(b"[tool.other]\nx = 1\n", "no table", id="another tool"),
        pytest.param(b"cookieconsent = 5\n", "no table", id="a value"),
        pytest.param(b"[[cookieconsent]]\npath = '/a'\n", "no table", id="an array"),
        pytest.param(b"tool = 5\n", "no table", id="tool is no table"),
        pytest.param(b"tool = 'cookieconsent'\n", "no table", id="tool is text"),
        pytest.param(b"[tool]\ncookieconsent = true\n", "no table", id="a value below tool"),
        pytest.param(b"[cookieconsent\n", "no TOML", id="broken"),
        pytest.param(b"[cookieconsent]\npath = '/\xff'\n", "cannot be read", id="no UTF-8"),
    ],
)
def test_unusable_file_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "settings.toml"
    file.write_bytes(content)
    with pytest.raises(ConfigError, match=words) as caught:
        Config.from_toml(file, secret_key=SECRET)
    assert caught.value.field == "from_toml"
    assert "settings.toml" in str(caught.value)
    assert caught.value.fix


@pytest.mark.parametrize("name", ["missing.toml", "."], ids=["missing", "a folder"])
def test_missing_file_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="cannot be read") as caught:
        Config.from_toml(tmp_path / name)
    assert caught.value.fix == "Check the path"


def test_both_tables_contradict(tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text("[cookieconsent]\n[tool.cookieconsent]\n", encoding="utf-8")
    with pytest.raises(ContradictionError) as caught:
        Config.from_toml(file)
    assert caught.value.first == "[cookieconsent]"
    assert caught.value.second == "[tool.cookieconsent]"


def test_mistake_in_file_names_the_table(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("[[cookieconsent.cookies]]\nname='x'\nclas='cart'\n", encoding="utf-8")
    with pytest.raises(UnknownFieldError) as caught:
        Config.from_toml(file, secret_key=SECRET)
    assert (caught.value.field, caught.value.suggestion) == ("cookies[0].clas", "cls")


IN_TOML: list[tuple[str, str, str]] = [
    (
        "quoted switch",
        'secure = "false"',
        "secure: 'false' is no yes or no. Write true or false, without quotes.",
    ),
    (
        "one table of cookies",
        '[{table}.cookies]\nname = "sid"\ncls = "authentication"',
        (
            "cookies: it is one dict, not a list of Cookie objects. Begin each of them with "
            "[[{table}.cookies]], in double brackets."
        ),
    ),
    (
        "one table of classes",
        '[{table}.classes]\nname = "stats"',
        (
            "classes: it is one dict, not a list of CookieClass objects. Begin each of them with "
            "[[{table}.classes]], in double brackets."
        ),
    ),
    (
        "class left out",
        '[[{table}.cookies]]\nname = "sid"',
        (
            "cookies[0].cls: it is missing. Use one of advertising, analytics, authentication, cart, "
            "consent, media, preferences, or a class of your own."
        ),
    ),
    (
        "name left out",
        '[[{table}.cookies]]\ncls = "cart"',
        "cookies[0].name: it is missing. Add it.",
    ),
    (
        "class misspelt",
        '[[{table}.cookies]]\nname = "a"\ncls = "advertizing"',
        (
            "cookies[0].cls: there is no class 'advertizing'. Did you mean 'advertising', or declare "
            "it: [[{table}.classes]] with name = 'advertizing'."
        ),
    ),
    (
        "lifetime of the second",
        (
            '[[{table}.cookies]]\nname = "a"\ncls = "cart"\n'
            '[[{table}.cookies]]\nname = "b"\ncls = "cart"\nlifetime = 5'
        ),
        (
            "cookies[1].lifetime: 5 of 'b' is no lifetime. Write 'session', "
            "'<number> <minutes|hours|days|months|years>'."
        ),
    ),
    (
        "domain",
        '[[{table}.cookies]]\nname = "a"\ncls = "cart"\ndomain = "com"',
        (
            "cookies[0].domain: 'com' can own no cookies. Write a registrable domain such as "
            "'example.com', in ASCII (xn-- for others), no port."
        ),
    ),
    (
        "partitioned in words",
        '[[{table}.cookies]]\nname = "a"\ncls = "cart"\npartitioned = "yes"',
        "cookies[0].partitioned: 'yes' is no yes or no. Write true or false, without quotes.",
    ),
    (
        "regime of the second",
        '[[{table}.classes]]\nname = "a"\n[[{table}.classes]]\nname = "b"\nregime = "no"',
        (
            "classes[1].regime: 'no' on class 'b' is no regime. Use one of 'exempt', 'opt-in', "
            "'objection'."
        ),
    ),
    (
        "text for a list",
        'domains = "shop.example"',
        "domains: 'shop.example' is one value, not a list of them. Write ['shop.example'].",
    ),
    (
        "number for a list",
        "domains = 5",
        "domains: 5 is no list of texts. Write a list of strings.",
    ),
    (
        "function",
        'on_choice = "print"',
        (
            "on_choice: 'print' cannot be called. "
            "Give a function, in Python: Config.from_toml(..., on_choice=...)."
        ),
    ),
    (
        "http origin",
        'public_origin = "http://shop.example"',
        (
            "public_origin: public_origin and secure contradict each other: browsers refuse a Secure "
            "cookie from an http origin. Write https, or set secure = false for development."
        ),
    ),
    ("typing mistake", "secur = true", "secur: there is no such setting. Did you mean 'secure'?"),
    (
        "unknown setting",
        "zzz = true",
        "zzz: there is no such setting. help(cookieconsent.Config) lists them all.",
    ),
]


@pytest.mark.parametrize("table", ["cookieconsent", "tool.cookieconsent"])
@pytest.mark.parametrize(
    ("lines", "said"), [row[1:] for row in IN_TOML], ids=[row[0] for row in IN_TOML]
)
def test_mistake_in_a_file_is_told_as_toml(
    tmp_path: Path, table: str, lines: str, said: str
) -> None:
    file = tmp_path / "settings.toml"
    text = f"[{table}]\n{lines.replace('{table}', table)}\n"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        Config.from_toml(file, secret_key=SECRET)
    assert str(caught.value) == f"{file} [{table}]: {said.replace('{table}', table)}"


@pytest.mark.parametrize(
    ("written", "fix"),
    [
        ('[[cookies]]\nname = "a"', "Write [[cookieconsent.cookies]]."),
        ('[[classes]]\nname = "a"', "Write [[cookieconsent.classes]]."),
        ("[theme]", "Write it below [cookieconsent]."),
    ],
)
def test_table_beside_the_sites_own_is_refused(tmp_path: Path, written: str, fix: str) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(f"[cookieconsent]\n{written}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="outside of the table") as caught:
        Config.from_toml(file, secret_key=SECRET)
    assert caught.value.fix + "." == fix
    project = tmp_path / "pyproject.toml"
    project.write_text(f"[tool.cookieconsent]\n{written}\n", encoding="utf-8")
    Config.from_toml(project, secret_key=SECRET)  # other tools have tables of any name there


def test_mistake_beside_a_file_is_told_as_python(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("[cookieconsent]\nsecure = true\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        Config.from_toml(file, secret_key=SECRET, secure="false")
    assert str(caught.value) == (
        "secure: 'false' is no yes or no. Write True or False, without quotes."
    )


def test_missing_secret_names_the_file(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("[cookieconsent]\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        Config.from_toml(file)
    assert str(caught.value).startswith(f"{file} [cookieconsent]: secret_key: there is none")


@pytest.mark.parametrize("missing", ["secret", "table"])
def test_secret_may_come_from_elsewhere(tmp_path: Path, missing: str) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("[cookieconsent]\npath = '/a'\n", encoding="utf-8")
    if missing == "secret":
        with pytest.raises(ConfigError, match="secret_key"):
            Config.from_toml(file)
    else:
        assert Config.from_toml(file, secret_key=SECRET).path == "/a"


def test_equal_configurations_are_equal() -> None:
    assert config(path="/a") == config(path="/a")
    assert config(path="/a") != config(path="/b")


@pytest.mark.hostile(181)
@pytest.mark.parametrize("pattern", ["(a+)+$", "^_ga.*", "_ga_[A-Z]+", "a|b", "_pk_id.\\d+"])
def test_regular_expressions_mean_nothing(pattern: str) -> None:
    """A declared name is bytes and `*`; there is no option that reads it as an expression."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeclarationWarning)  # brackets are no token
        site = config(cookies=[Cookie(pattern, "authentication")])
    classify = site.registry.classify
    literal = pattern.replace("*", "x")
    assert classify(literal).rule == pattern
    for name in ("aaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "_ga_ABC", "a", "b", "_pk_id.7"):
        assert classify(name).rule != pattern
    with pytest.raises(TypeError):
        Cookie(name="x", cls="cart", pattern="(a+)+$")  # type: ignore[call-arg]
    with pytest.raises(UnknownFieldError):
        Config.from_mapping(
            {"secret_key": SECRET, "cookies": [{"name": "x", "cls": "cart", "regex": "(a+)+$"}]},
        )


@pytest.mark.hostile(82)
@pytest.mark.parametrize("secure", [True, False])
def test_insecure_cookie_is_warned_of(secure: bool, caplog: pytest.LogCaptureFixture) -> None:
    Consent(config(secure=secure))
    events = [record.__dict__.get("event") for record in caplog.records]
    assert events == ([] if secure else ["insecure"])


# --- shape and theme ------------------------------------------------------------------------------


def test_theme_is_read_from_toml(tmp_path: Path) -> None:
    file = tmp_path / "site.toml"
    file.write_text(
        f"[cookieconsent]\nsecret_key = {SECRET!r}\nshape = 'corner'\n"
        "[cookieconsent.theme]\naccent = '#0a5c36'\n[cookieconsent.theme.dark]\naccent = '#8fd3a8'\n"
        "on-accent = '#000'\n",
        encoding="utf-8",
    )
    config = Config.from_toml(file)
    assert config.shape == "corner"
    assert config.palette.light == {"accent": "#0a5c36"}
    assert config.palette.dark == {"accent": "#8fd3a8", "on-accent": "#000"}


def test_theme_cannot_be_changed_afterwards() -> None:
    theme: dict[str, Any] = {"accent": "#0a5c36", "dark": {"accent": "#8fd3a8"}}
    config = Config(secret_key=SECRET, theme=theme)
    theme["accent"] = theme["dark"]["accent"] = "red;}"
    assert config.theme == {"accent": "#0a5c36", "dark": {"accent": "#8fd3a8"}}
    assert config.palette.light == {"accent": "#0a5c36"}
    assert config.palette.dark == {"accent": "#8fd3a8"}
    assert hash(config) == hash(Config(secret_key=SECRET, theme={"accent": "#0a5c36"}))


def test_plural_forms_cannot_be_changed_afterwards() -> None:
    forms = ["a", "%(num)d"]
    site = config(texts={"en": {"%(num)d cookie": forms}})
    forms.append("more")
    assert site.texts == {"en": {"%(num)d cookie": ("a", "%(num)d")}}


def test_plural_forms_are_a_list_in_toml(tmp_path: Path) -> None:
    file = tmp_path / "cookieconsent.toml"
    file.write_text(
        f'[cookieconsent]\nsecret_key = "{SECRET}"\n'
        '[cookieconsent.texts.en]\n"%(num)d cookie" = ["a", "%(num)d"]\n',
        encoding="utf-8",
    )
    assert Config.from_toml(file).texts == {"en": {"%(num)d cookie": ("a", "%(num)d")}}


def test_fault_of_a_theme_names_field_and_fix() -> None:
    with pytest.raises(ConfigError, match=r"^theme\.acent: .* Did you mean 'accent'\?"):
        Config(secret_key=SECRET, theme={"acent": "red"})


def test_weak_contrast_is_a_warning() -> None:
    with pytest.warns(DeclarationWarning, match=r"theme\.accent: accent #fc0 on back"):
        Config(secret_key=SECRET, theme={"accent": "#fc0", "on-accent": "#000"})
