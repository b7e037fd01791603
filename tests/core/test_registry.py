"""Declarations and what is refused of them; from a name to its class."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookieconsent.core.cookies import Scope
from cookieconsent.core.registry import (
    Classification,
    Cookie,
    CookieClass,
    Regime,
    Registry,
    Rule,
    RuleSet,
    clean_domain,
    glob_matches,
    is_domain,
    strings,
)
from cookieconsent.errors import ConfigError, ContradictionError

# --- classes ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "regime", "shares"),
    [
        ("authentication", "exempt", False),
        ("cart", "exempt", False),
        ("consent", "exempt", False),
        ("analytics", "opt-in", True),
        ("media", "opt-in", True),
        ("advertising", "opt-in", True),
        ("preferences", "opt-in", False),
        ("anything-else_2", "opt-in", False),
    ],
)
def test_class_defaults(name: str, regime: str, shares: bool) -> None:
    cls = CookieClass(name)
    assert (cls.regime, cls.shares_with_third_parties) == (regime, shares)
    assert cls.switchable is (regime != "exempt")
    assert (cls.title, cls.description, cls.purposes, cls.version) == (None, None, (), 1)


def test_class_says_otherwise() -> None:
    cls = CookieClass(
        "analytics",
        title="Statistics",
        description="How many came.",
        regime="objection",
        shares_with_third_parties=False,
        purposes=["measure", "improve"],
        version=3,
    )
    assert (cls.regime, cls.shares_with_third_parties, cls.version) == ("objection", False, 3)
    assert cls.purposes == ("measure", "improve")
    assert repr(cls) == (
        "CookieClass('analytics', regime='objection', shares_with_third_parties=False, version=3)"
    )


def test_preferences_may_be_exempt() -> None:
    assert not CookieClass("preferences", regime="exempt").switchable


WRONG_CLASSES: list[tuple[str, dict[str, Any], str]] = [
    ("no name", {"name": ""}, "classes.name"),
    ("capitals", {"name": "Analytics"}, "classes.name"),
    ("space", {"name": "my class"}, "classes.name"),
    ("digit first", {"name": "1st"}, "classes.name"),
    ("dash first", {"name": "-x"}, "classes.name"),
    ("not ASCII", {"name": "\u00e9t\u00e9"}, "classes.name"),
    ("other digits", {"name": "x\u0661"}, "classes.name"),
    ("too long", {"name": "x" * 33}, "classes.name"),
    ("no text", {"name": 5}, "classes.name"),
    ("markup", {"name": "x<b>"}, "classes.name"),
    ("unknown regime", {"name": "x", "regime": "optin"}, "classes.regime"),
    ("exempt class opted in", {"name": "cart", "regime": "opt-in"}, "classes.regime"),
    ("consent to object to", {"name": "consent", "regime": "objection"}, "classes.regime"),
    ("title no text", {"name": "x", "title": 1}, "classes.title"),
    ("description no text", {"name": "x", "description": b"x"}, "classes.description"),
    (
        "sharing in words",
        {"name": "x", "shares_with_third_parties": "no"},
        "classes.shares_with_third_parties",
    ),
    ("version zero", {"name": "x", "version": 0}, "classes.version"),
    ("version true", {"name": "x", "version": True}, "classes.version"),
    ("version text", {"name": "x", "version": "2"}, "classes.version"),
    ("purposes one text", {"name": "x", "purposes": "measure"}, "classes.purposes"),
    ("purposes of numbers", {"name": "x", "purposes": [1]}, "classes.purposes"),
    ("purposes with an empty one", {"name": "x", "purposes": [""]}, "classes.purposes"),
]


@pytest.mark.parametrize(
    ("fields", "field"),
    [row[1:] for row in WRONG_CLASSES],
    ids=[row[0] for row in WRONG_CLASSES],
)
def test_class_refused(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(ConfigError) as caught:
        CookieClass(**fields)
    assert caught.value.field == field
    assert caught.value.fix


def test_class_is_frozen() -> None:
    cls = CookieClass("x")
    with pytest.raises(AttributeError, match="frozen"):
        cls.version = 2
    with pytest.raises(AttributeError, match="frozen"):
        del cls.version
    assert cls.version == 1


def test_classes_compare_by_value() -> None:
    assert CookieClass("x") == CookieClass("x")
    assert hash(CookieClass("x")) == hash(CookieClass("x"))
    assert CookieClass("x") != CookieClass("x", version=2)
    assert CookieClass("x") != "x"


def test_strings_is_no_lone_string() -> None:
    assert strings("f", ("a", "b")) == ("a", "b")
    assert strings("f", iter(["a"])) == ("a",)
    for value in ("abc", b"abc", 5, None, ["a", 1], ["a", ""]):
        with pytest.raises(ConfigError, match=r"^f: "):
            strings("f", value)


# --- cookies ------------------------------------------------------------------------------------


def test_cookie_defaults() -> None:
    cookie = Cookie("sid", "authentication")
    assert cookie.scope == Scope(None, "/", False)
    assert cookie.max_age is None
    assert cookie.missing == ("purpose", "provider", "lifetime")
    assert not cookie.is_glob
    assert cookie.key == b"sid"


def test_cookie_with_everything() -> None:
    cookie = Cookie(
        "_ga_*",
        "analytics",
        purpose="Counts visitors.",
        provider="Google",
        lifetime="13 months",
        domain=".Example.COM",
        path="/shop",
        partitioned=True,
    )
    assert cookie.scope == Scope("example.com", "/shop", True)
    assert cookie.max_age == timedelta(days=395)
    assert cookie.missing == ()
    assert cookie.is_glob


def test_only_name_and_class_by_position() -> None:
    with pytest.raises(TypeError):
        Cookie("a", "b", "c")  # type: ignore[call-arg]


def test_cookie_is_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Cookie("a", "cart").name = "b"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("lifetime", "expected"),
    [
        (None, None),
        ("session", None),
        ("90 days", timedelta(days=90)),
        (timedelta(hours=1), timedelta(hours=1)),
    ],
)
def test_cookie_lifetime(lifetime: str | timedelta | None, expected: timedelta | None) -> None:
    assert Cookie("a", "cart", lifetime=lifetime).max_age == expected


@pytest.mark.parametrize(
    "name", ["my cookie", "wp[user]", "\u6e05", "a@b", "a,b", '"a"', "__Host-a", "*x", "x" * 256]
)
def test_odd_names_are_taken_as_they_are(name: str) -> None:
    assert Cookie(name, "cart").key == name.encode()


WRONG_COOKIES: list[tuple[str, dict[str, Any], str]] = [
    ("no name", {"name": ""}, "cookies.name"),
    ("bytes", {"name": b"sid"}, "cookies.name"),
    ("semicolon", {"name": "a;b"}, "cookies.name"),
    ("equals sign", {"name": "a=b"}, "cookies.name"),
    ("tab", {"name": "a\tb"}, "cookies.name"),
    ("line break", {"name": "a\r\nb"}, "cookies.name"),
    ("NUL", {"name": "a\x00"}, "cookies.name"),
    ("space at the edge", {"name": " a"}, "cookies.name"),
    ("no-break space at the edge", {"name": "a\xa0"}, "cookies.name"),
    ("too long", {"name": "x" * 257}, "cookies.name"),
    ("too long in bytes", {"name": "\u6e05" * 86}, "cookies.name"),
    ("every cookie", {"name": "*"}, "cookies.name"),
    ("every cookie twice", {"name": "**"}, "cookies.name"),
    ("class no name", {"cls": "My Class"}, "cookies.cls"),
    ("empty purpose", {"purpose": ""}, "cookies.purpose"),
    ("blank purpose", {"purpose": "  "}, "cookies.purpose"),
    ("provider no text", {"provider": 5}, "cookies.provider"),
    ("lifetime no words", {"lifetime": "forever"}, "cookies.lifetime"),
    ("lifetime number", {"lifetime": 3600}, "cookies.lifetime"),
    ("lifetime zero", {"lifetime": timedelta(0)}, "cookies.lifetime"),
    ("lifetime negative", {"lifetime": timedelta(days=-1)}, "cookies.lifetime"),
    ("domain", {"domain": "com"}, "cookies.domain"),
    ("empty domain", {"domain": ""}, "cookies.domain"),
    ("relative path", {"path": "shop"}, "cookies.path"),
    ("empty path", {"path": ""}, "cookies.path"),
    ("path with an attribute", {"path": "/; Domain=x"}, "cookies.path"),
    ("path with a line break", {"path": "/\r\n"}, "cookies.path"),
    ("path not ASCII", {"path": "/\u00e4"}, "cookies.path"),
    ("path no text", {"path": None}, "cookies.path"),
    ("partitioned in words", {"partitioned": "yes"}, "cookies.partitioned"),
    ("__Host- with a domain", {"name": "__Host-a", "domain": "example.com"}, "cookies.domain"),
    ("__Host- with a path", {"name": "__Host-a", "path": "/x"}, "cookies.path"),
    ("__host- in any case", {"name": "__hOST-a", "path": "/x"}, "cookies.path"),
    (
        "__Host-Http- with a domain",
        {"name": "__Host-Http-a", "domain": "example.com"},
        "cookies.domain",
    ),
]


@pytest.mark.parametrize(
    ("fields", "field"),
    [row[1:] for row in WRONG_COOKIES],
    ids=[row[0] for row in WRONG_COOKIES],
)
def test_cookie_refused(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Cookie(**({"name": "a", "cls": "cart"} | fields))
    assert caught.value.field == field
    assert caught.value.fix


@pytest.mark.parametrize("name", ["__Secure-a", "__Http-a"])
def test_other_prefixes_may_have_a_domain(name: str) -> None:
    assert Cookie(name, "cart", domain="example.com", path="/x").scope == Scope("example.com", "/x")


DOMAINS = {
    "example.com": "example.com",
    ".example.com": "example.com",
    "WWW.Example.Com": "www.example.com",
    "xn--bcher-kva.example": "xn--bcher-kva.example",
    "a-b.c1.example": "a-b.c1.example",
    "4chan.example": "4chan.example",
    f"{'a' * 63}.example": f"{'a' * 63}.example",
}
NO_DOMAINS: list[object] = [
    "com",
    ".com",
    "co.uk",
    ".CO.UK",
    "github.io",
    "localhost",
    "192.0.2.1",
    "[2001:db8::1]",
    "2001:db8::1",
    "example.com:8000",
    "b\u00fccher.example",
    "a;b",
    "example.com; Path=/",
    "example.com\r\nSet-Cookie: a=b",
    "example.com\n",
    " example.com",
    "example..com",
    "..example.com",
    "example.com.",
    "-a.example",
    "a-.example",
    "a_b.example",
    "*.example.com",
    "https://example.com",
    f"{'a' * 64}.example",
    ".".join(["abcdefgh"] * 29),
    "",
    ".",
    None,
    5,
    b"example.com",
]


@pytest.mark.parametrize(("value", "expected"), DOMAINS.items())
@pytest.mark.hostile(167)
def test_domain_kept(value: str, expected: str) -> None:
    assert clean_domain("domains", value) == expected


@pytest.mark.parametrize("value", NO_DOMAINS, ids=repr)
@pytest.mark.hostile(167)
def test_domain_refused(value: object) -> None:
    with pytest.raises(ConfigError) as caught:
        clean_domain("domains", value)
    assert caught.value.field == "domains"
    assert "example.com" in caught.value.fix


def test_domain_labels() -> None:
    assert is_domain("a.b")
    assert not is_domain("a")
    assert not is_domain("a.1")
    assert is_domain("1.a")


# --- globs --------------------------------------------------------------------------------------

GLOBS = [
    (b"_ga_*", b"_ga_ABC", True),
    (b"_ga_*", b"_ga_", True),
    (b"_ga_*", b"x_ga_1", False),
    (b"_ga_*", b"_GA_1", False),
    (b"_ga_*", b"_ga", False),
    (b"*_id", b"_id", True),
    (b"*_id", b"x_id", True),
    (b"*_id", b"x_idx", False),
    (b"a*b", b"ab", True),
    (b"a*b", b"a**b", True),
    (b"a*a", b"a", False),
    (b"ab*bc", b"abc", False),
    (b"a*b*c", b"abc", True),
    (b"a*b*c", b"axbxc", True),
    (b"a*b*c", b"acb", False),
    (b"a*bc*bc", b"abc", False),
    (b"a*bc*bc", b"abcbc", True),
    (b"**a", b"xa", True),
    (b"a.*", b"ab", False),
    (b"a[0-9]*", b"a5", False),
    (b"a?*", b"ab", False),
    (b"_ga_*", b"_ga_\xff", True),
    (b"_ga_*", b"_ga_\n", True),
]


@pytest.mark.parametrize(("pattern", "name", "matches"), GLOBS)
def test_glob(pattern: bytes, name: bytes, matches: bool) -> None:
    assert glob_matches(pattern, name) is matches


@given(st.text("ab*", min_size=1).filter(lambda text: "*" in text), st.text("ab"))
def test_glob_like_a_regular_expression(pattern: str, name: str) -> None:
    expression = ".*".join(map(re.escape, pattern.split("*")))
    expected = re.fullmatch(expression, name, re.DOTALL) is not None
    assert glob_matches(pattern.encode(), name.encode()) is expected


# --- classify -----------------------------------------------------------------------------------


def rule(pattern: str, cls: str, *domains: str) -> Rule:
    """Make a line of a catalogue."""
    known = Classification(cls, "catalogue", pattern, "Vendor", None)
    return Rule(pattern.encode(), known, domains=domains)


CATALOGUE = [
    rule("_ga", "analytics"),
    rule("_ga_*", "analytics"),
    rule("PHPSESSID", "authentication"),
    rule("pref*", "preferences"),
    rule("preference_session*", "authentication"),
    rule("*_end", "media"),
    rule("ID", "advertising", "tracker.example"),
    rule("ID", "media", "video.example", "clips.example"),
]


def registry_of(*cookies: Cookie) -> Registry:
    return Registry(cookies, CATALOGUE)


CLASSES: list[tuple[str, list[Cookie], str, str | None, str | None]] = [
    ("catalogue", [], "_ga", "analytics", "_ga"),
    ("catalogue glob", [], "_ga_1", "analytics", "_ga_*"),
    ("unknown", [], "_gb", None, None),
    ("nameless", [], "", None, None),
    ("case matters", [], "_GA", None, None),
    ("no trimming", [], "_ga ", None, None),
    ("no decoding", [], "%5Fga", None, None),
    ("declared exact", [Cookie("sid", "cart")], "sid", "cart", "sid"),
    ("declared over catalogue", [Cookie("_ga", "cart")], "_ga", "cart", "_ga"),
    ("declared glob over catalogue exact", [Cookie("_g*", "cart")], "_ga", "cart", "_g*"),
    ("declared leaves the rest", [Cookie("_ga", "cart")], "_ga_1", "analytics", "_ga_*"),
    ("exact over longer glob", [Cookie("ab*", "cart"), Cookie("a", "media")], "a", "media", "a"),
    ("exact over glob", [Cookie("a*", "cart"), Cookie("ab", "media")], "ab", "media", "ab"),
    ("longer glob", [Cookie("a*", "cart"), Cookie("ab*", "media")], "abc", "media", "ab*"),
    ("longer glob first", [Cookie("ab*", "media"), Cookie("a*", "cart")], "abc", "media", "ab*"),
    (
        "literal text counts, not the start",
        [Cookie("ab*", "cart"), Cookie("*bcd", "media")],
        "abcd",
        "media",
        "*bcd",
    ),
    (
        "tie goes to the stricter",
        [Cookie("ab*", "cart"), Cookie("*bc", "media")],
        "abc",
        "media",
        "*bc",
    ),
    ("tie, other order", [Cookie("*bc", "media"), Cookie("ab*", "cart")], "abc", "media", "*bc"),
    ("tie of one start", [Cookie("a*b", "cart"), Cookie("ab*", "media")], "abb", "media", "ab*"),
    (
        "longer one does not match",
        [Cookie("ab*x", "cart"), Cookie("a*", "media")],
        "abc",
        "media",
        "a*",
    ),
    (
        "catalogue's longer glob",
        [],
        "preference_session_1",
        "authentication",
        "preference_session*",
    ),
    ("catalogue's glob with an end", [], "pre_end", "media", "*_end"),
    ("only the tail", [], "_end", "media", "*_end"),
    ("odd bytes", [Cookie("wp[user]", "cart")], "wp[user]", "cart", "wp[user]"),
]


@pytest.mark.parametrize(
    ("cookies", "name", "cls", "matched"),
    [row[1:] for row in CLASSES],
    ids=[row[0] for row in CLASSES],
)
def test_classify(cookies: list[Cookie], name: str, cls: str | None, matched: str | None) -> None:
    registry = registry_of(*cookies)
    known = registry.classify(name)
    assert (known.cls, known.rule) == (cls, matched)
    assert registry.classify(name.encode()) == known
    declared = matched in {cookie.name for cookie in cookies}
    assert known.source == (None if cls is None else "declared" if declared else "catalogue")


@pytest.mark.parametrize(
    ("domain", "cls"),
    [
        (None, None),
        ("shop.example", None),
        ("tracker.example", "advertising"),
        ("a.tracker.example", "advertising"),
        ("nottracker.example", None),
        ("clips.example", "media"),
        ("video.example", "media"),
    ],
)
def test_generic_name_decided_by_domain(domain: str | None, cls: str | None) -> None:
    assert registry_of().classify("ID", domain=domain).cls == cls


TIES: list[tuple[Regime, Regime, str]] = [
    ("exempt", "objection", "*b"),
    ("exempt", "opt-in", "*b"),
    ("objection", "exempt", "a*"),
    ("objection", "opt-in", "*b"),
    ("opt-in", "objection", "a*"),
]


@pytest.mark.parametrize(("first", "second", "winner"), TIES)
@pytest.mark.hostile(182)
def test_tie_goes_to_the_stricter_regime(first: Regime, second: Regime, winner: str) -> None:
    """The regimes that the site gave its classes, whichever glob is found first."""
    regimes = {"own": first, "other": second}
    cookies = [Cookie("a*", "own"), Cookie("*b", "other")]
    for declared in (cookies, cookies[::-1]):
        assert Registry(declared, (), regimes).classify("ab").rule == winner


def test_declared_facts_are_told() -> None:
    cookie = Cookie("a_*", "media", provider="Video Inc.", lifetime="90 days")
    known = registry_of(cookie).classify("a_1")
    assert known == Classification("media", "declared", "a_*", "Video Inc.", timedelta(days=90))


def test_classify_takes_text_that_is_no_unicode() -> None:
    assert registry_of(Cookie("a*", "cart")).classify("a\udcff").cls == "cart"
    assert registry_of().classify(b"\xff\x00").cls is None


def test_scopes_of_one_name_are_gathered() -> None:
    cookies = [Cookie("_ga", "analytics"), Cookie("_ga", "analytics", domain="shop.example")]
    found = registry_of(*cookies).rule_for(b"_ga")
    assert found is not None
    assert found.scopes == (Scope(), Scope("shop.example"))


def test_catalogue_knows_no_scopes() -> None:
    found = registry_of().rule_for(b"_ga")
    assert found is not None
    assert found.scopes == ()
    assert registry_of().rule_for(b"x") is None


def test_catalogue_may_be_ready_made() -> None:
    rules = RuleSet(CATALOGUE)
    assert Registry((), rules).classify("_ga").cls == "analytics"
    assert sorted(found.pattern for found in rules) == sorted(line.pattern for line in CATALOGUE)


def test_exact_names() -> None:
    """What the middleware falls back on when its rules have failed: no globs, nothing undecided."""
    registry = registry_of(Cookie("sid", "cart"), Cookie("_ga", "cart"), Cookie("x*", "cart"))
    assert dict(registry.exact_names()) == {
        b"sid": "cart",
        b"_ga": "cart",
        b"PHPSESSID": "authentication",
    }


def test_odd_names() -> None:
    registry = registry_of(Cookie("sid", "cart"), Cookie("wp[u]", "cart"), Cookie("x*", "cart"))
    assert registry.odd_names() == (b"wp[u]",)


@given(
    st.lists(
        st.text("ab*", min_size=1, max_size=4).filter(lambda t: t.strip("*") and "**" not in t),
        unique=True,
    ),
    st.text("ab", max_size=6),
)
def test_classify_like_a_plain_search(patterns: list[str], name: str) -> None:
    """The index finds what a walk over all rules finds: exact, then most literal text."""
    registry = Registry([Cookie(pattern, "media") for pattern in patterns], ())

    def literal(pattern: str) -> int:
        return len(pattern.replace("*", ""))

    fits = [
        p for p in patterns if p == name or ("*" in p and glob_matches(p.encode(), name.encode()))
    ]
    found = registry.classify(name).rule
    if not fits:
        assert found is None
    else:
        assert found in fits
        assert found == name if name in fits else literal(found) == max(map(literal, fits))


# --- contradictions -----------------------------------------------------------------------------

CONTRADICTIONS: list[tuple[str, list[Cookie], str, str]] = [
    (
        "two classes",
        [Cookie("_ga", "cart"), Cookie("_ga", "analytics")],
        "cookies[0]",
        "cookies[1]",
    ),
    (
        "same twice",
        [Cookie("a", "cart"), Cookie("b", "cart"), Cookie("a", "cart")],
        "cookies[0]",
        "cookies[2]",
    ),
    (
        "glob twice",
        [Cookie("b", "cart"), Cookie("a*", "cart"), Cookie("a*", "media")],
        "cookies[1]",
        "cookies[2]",
    ),
    (
        "two classes in two scopes",
        [Cookie("a", "cart"), Cookie("a", "media", domain="x.example")],
        "cookies[0]",
        "cookies[1]",
    ),
    (
        "third against second",
        [Cookie("a", "cart"), Cookie("a", "cart", path="/x"), Cookie("a", "cart", path="/x")],
        "cookies[1]",
        "cookies[2]",
    ),
    (
        "one domain in two spellings",
        [Cookie("a", "cart", domain=".X.example"), Cookie("a", "cart", domain="x.example")],
        "cookies[0]",
        "cookies[1]",
    ),
]


@pytest.mark.parametrize(
    ("cookies", "first", "second"),
    [row[1:] for row in CONTRADICTIONS],
    ids=[row[0] for row in CONTRADICTIONS],
)
@pytest.mark.hostile(182)
def test_contradiction_names_both_places(cookies: list[Cookie], first: str, second: str) -> None:
    with pytest.raises(ContradictionError) as caught:
        registry_of(*cookies)
    assert (caught.value.first, caught.value.second) == (first, second)
    assert first in str(caught.value)
    assert second in str(caught.value)
    assert caught.value.field == "cookies"


def test_no_contradictions() -> None:
    """One name in several scopes, a glob over an exact name, names that differ by case."""
    registry_of(
        Cookie("a", "cart"),
        Cookie("a", "cart", partitioned=True),
        Cookie("a", "cart", domain="x.example"),
        Cookie("a*", "media"),
        Cookie("A", "media"),
    )


# --- cost ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        lambda size: b"x" * size,
        lambda size: b"_ga_" + b"a" * size,
        lambda size: b"a" + b"ab" * (size // 2),
    ],
    ids=["unknown", "glob", "nearly"],
)
def test_long_names_end(name: Callable[[int], bytes]) -> None:
    """A megabyte of name is looked at once, not over and over: no answer but the right one."""
    registry = registry_of(Cookie("a*b*a*b*c", "media"))
    assert registry.classify(name(1_000_000)).cls in {None, "analytics"}
