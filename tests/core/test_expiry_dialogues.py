"""What browsers are left with: deletions through both doors, kept in a jar, view after view.

The promise: declared cookies of every scope, and up to ten names that only the catalogue knows, on a
host with one parent, are gone within two views; what is not ours survives.
"""

from __future__ import annotations

import random
from typing import Any

import pytest

from cookieconsent import Cookie
from cookieconsent.core.catalog import shipped_rules
from cookieconsent.core.registry import EXEMPT_CLASSES
from doors import Door, Site, Visitor, both_doors
from oracles.jar import Cookie as Kept

HOSTS = [
    "https://shop.example",
    "https://www.shop.example",
    "http://shop.example",
    "http://127.0.0.1:8000",
]
STARTS = [0, 1, 7, 13, 19, 29]

SHORT = [
    b"_ga",
    b"_gid",
    b"_fbp",
    b"_gcl_au",
    b"_uetsid",
    b"_uetvid",
    b"_clck",
    b"_clsk",
    b"__utma",
    b"__utmz",
]


def longest_names() -> list[bytes]:
    """The ten longest names the catalogue wants gone."""
    names = [
        rule.pattern
        for rule in shipped_rules()
        if b"*" not in rule.pattern
        and not rule.domains
        and rule.classification.cls not in EXEMPT_CLASSES
        and not rule.pattern.startswith(b"__")
    ]
    return sorted(names, key=len)[-10:]


def fields(**parts: str) -> dict[str, Any]:
    """The facts that keep a declaration free of warnings."""
    return {"purpose": "Counts.", "provider": "Example Inc.", "lifetime": "1 day", **parts}


def visitor_of(door: Door, origin: str, start: int | None = None, **options: Any) -> Visitor:
    """A visitor of a site whose chance is known."""
    options.setdefault("secure", origin.startswith("https:"))
    site = Site(door, **options)
    chance = random.Random(1)
    site.consent.random_below = chance.randrange if start is None else lambda count: start % count
    return Visitor(site, origin)


def plant(visitor: Visitor, line: str | bytes) -> Kept:
    """Let the browser hold a cookie."""
    kept = visitor.jar.receive(visitor.origin + "/shop/page", line, now=visitor.site.clock.now)
    assert isinstance(kept, Kept), (line, kept)
    return kept


def ours(visitor: Visitor) -> set[bytes]:
    """The names left in the jar, without the consent cookie."""
    return {name for name in visitor.jar.names() if not name.endswith(b"cookieconsent")}


@both_doors
@pytest.mark.parametrize("origin", HOSTS)
@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("names", [SHORT, longest_names()], ids=["short", "long"])
def test_ten_undeclared_names_gone_in_two_views(
    door: Door, origin: str, start: int, names: list[bytes]
) -> None:
    """Each of them both host-only and on the parent domain."""
    visitor = visitor_of(door, origin, start)
    for name in names:
        plant(visitor, name + b"=1; Path=/")
        if "127" not in origin:
            plant(visitor, name + b"=2; Path=/; Domain=shop.example")
    for _ in range(2):
        visitor.visit("/shop/page")
    assert ours(visitor) == set()


@both_doors
@pytest.mark.parametrize("origin", HOSTS[:2])
def test_undeclared_name_in_rare_scopes(door: Door, origin: str) -> None:
    """In a partition, below the path of the page, on the host's own domain."""
    visitor = visitor_of(door, origin)
    plant(visitor, "_ga=1; Path=/; Secure; Partitioned")
    plant(visitor, "_ga=2; Path=/shop")
    plant(visitor, "_ga=3; Path=/shop/page; Domain=shop.example")
    plant(visitor, f"_ga=4; Path=/; Domain={origin.removeprefix('https://')}")
    plant(visitor, "_ga=5")  # the default path, /shop
    visitor.visit("/shop/page")
    assert ours(visitor) == set()


GENERIC = [b"id", b"c", b"fr", b"uid", b"lang", b"player", b"token", b"visitor_id", b"mid", b"IDE"]


@both_doors
def test_generic_names_are_stripped_but_stay(door: Door) -> None:
    """The catalogue alone is too unsure of them to delete what may be another application's."""
    visitor = visitor_of(door, HOSTS[1])
    for name in [*GENERIC, b"_ga"]:
        plant(visitor, name + b"=1; Path=/")
    for _ in range(2):
        visitor.visit("/shop/page")
    assert {request.cookie for request in visitor.site.asked} == {None}
    assert ours(visitor) == set(GENERIC)


DECLARED: list[tuple[str, str, dict[str, Any]]] = [
    ("host-only", "a1=1; Path=/", {}),
    ("domain", "a2=1; Path=/; Domain=shop.example", {"domain": "shop.example"}),
    ("path", "a3=1; Path=/shop", {"path": "/shop"}),
    (
        "domain and path",
        "a4=1; Path=/shop; Domain=shop.example",
        {"domain": "shop.example", "path": "/shop"},
    ),
    ("HttpOnly", "a5=1; Path=/; HttpOnly", {}),
    ("Secure", "a6=1; Path=/; Secure", {}),
    ("SameSite=None", "a7=1; Path=/; Secure; SameSite=None", {}),
    ("__Secure-", "__Secure-a8=1; Path=/; Secure; Domain=shop.example", {"domain": "shop.example"}),
    ("__Host-", "__Host-a9=1; Path=/; Secure", {}),
    (
        "__Http-",
        "__Http-b1=1; Path=/; Secure; HttpOnly; Domain=shop.example",
        {"domain": "shop.example"},
    ),
    ("__Host-Http-", "__Host-Http-b2=1; Path=/; Secure; HttpOnly", {}),
    ("partitioned", "b3=1; Path=/; Secure; Partitioned", {"partitioned": True}),
    (
        "__Host- partitioned",
        "__Host-b4=1; Path=/; Secure; Partitioned; SameSite=None",
        {"partitioned": True},
    ),
    (
        "domain, partitioned",
        "b5=1; Path=/; Secure; Partitioned; Domain=shop.example",
        {"domain": "shop.example", "partitioned": True},
    ),
    ("glob", "b6_x=1; Path=/; Domain=shop.example", {"name": "b6_*", "domain": "shop.example"}),
    ("odd name", "wp[b7]=1; Path=/", {}),
]


def declaration(line: str, scope: dict[str, Any]) -> Cookie:
    scope = dict(scope)
    name = scope.pop("name", line.partition("=")[0])
    return Cookie(name, "analytics", **fields(), **scope)


@both_doors
@pytest.mark.parametrize("origin", HOSTS[:2])
@pytest.mark.parametrize(
    ("line", "scope"), [row[1:] for row in DECLARED], ids=[row[0] for row in DECLARED]
)
@pytest.mark.filterwarnings("ignore::cookieconsent.DeclarationWarning")
def test_declared_scope_gone_in_one_view(
    door: Door, origin: str, line: str, scope: dict[str, Any]
) -> None:
    visitor = visitor_of(door, origin, cookies=[declaration(line, scope)])
    plant(visitor, line)
    visitor.visit("/shop/page")
    assert ours(visitor) == set()


@both_doors
@pytest.mark.parametrize("start", STARTS)
@pytest.mark.filterwarnings("ignore::cookieconsent.DeclarationWarning")
def test_all_declared_scopes_gone_in_two_views(door: Door, start: int) -> None:
    """Every kind at once, and twenty more."""
    more = [
        (f"more_{number}=1; Path=/; Domain=shop.example", {"domain": "shop.example"})
        for number in range(20)
    ]
    cookies = [(line, scope) for _, line, scope in DECLARED] + more
    declared = [declaration(line, scope) for line, scope in cookies]
    visitor = visitor_of(door, "https://www.shop.example", start, cookies=declared)
    for line, _ in cookies:
        plant(visitor, line)
    visitor.visit("/shop/page")
    visitor.visit("/shop/page")
    assert ours(visitor) == set()


@both_doors
def test_nothing_left_after_withdrawal(door: Door) -> None:
    """The answer to the form deletes, and so do the views behind it."""
    cookies = [
        Cookie("_ga", "analytics", **fields(), domain="shop.example"),
        Cookie("_ga_*", "analytics", **fields(), domain="shop.example"),
        Cookie("seen", "analytics", **fields(), path="/shop"),
    ]
    visitor = visitor_of(door, "https://www.shop.example", cookies=cookies)
    visitor.visit("/shop/page")
    visitor.choose("accept")
    for line in (
        "_ga=1; Path=/; Domain=shop.example; Secure",
        "_ga_X=1; Path=/; Domain=shop.example",
        "seen=1; Path=/shop",
        "_gid=1; Path=/; Domain=shop.example",
    ):
        plant(visitor, line)
    visitor.visit("/shop/page")
    assert ours(visitor) == {b"_ga", b"_ga_X", b"seen", b"_gid"}
    visitor.choose("withdraw")
    visitor.visit("/shop/page")
    assert ours(visitor) == set()
    assert visitor.sees == "settings"


SURVIVORS = [
    "sid=1; Path=/",
    "cart=1; Path=/; Domain=shop.example",
    "PHPSESSID=1; Path=/; HttpOnly",
    "someone_elses=1; Path=/; Domain=shop.example",
    "unknown=1; Path=/shop",
    "ID=1; Path=/",  # too generic to be deleted by the catalogue alone
    "_GA=1; Path=/",
]


@both_doors
@pytest.mark.parametrize("choice", ["reject", "accept", None])
def test_what_is_not_ours_survives(door: Door, choice: str | None) -> None:
    """Exempt and undeclared ones, byte for byte, whatever the visitor says."""
    cookies = [Cookie("sid", "authentication"), Cookie("cart", "cart")]
    visitor = visitor_of(door, "https://www.shop.example", cookies=cookies)
    for line in SURVIVORS:
        plant(visitor, line)
    before = {cookie.identity: cookie.value for cookie in visitor.jar}
    plant(visitor, "_ga=1; Path=/")
    visitor.visit("/shop/page")
    if choice is not None:
        visitor.choose(choice)
    visitor.visit("/shop/page")
    after = {
        cookie.identity: cookie.value for cookie in visitor.jar if b"consent" not in cookie.name
    }
    assert after == before


@both_doors
def test_only_configured_parents_are_tried(door: Door) -> None:
    """`domains` replaces the parents of the host, and a domain that is not the host's is left out."""
    site = Site(door, domains=["shop.example", "other.example"])
    answer = site.get(cookie=b"_ga=1", host=b"a.b.shop.example", scheme="https")
    domains = {
        part.removeprefix(b" Domain=")
        for line in answer.values(b"set-cookie")
        for part in line.split(b";")
        if part.startswith(b" Domain=")
    }
    assert domains == {b"shop.example"}


@both_doors
@pytest.mark.parametrize(
    "host",
    [b"localhost", b"127.0.0.1:80", b"[::1]:80", b"evil.example; Path=/", b"a_b.example", None],
)
def test_host_without_parents(door: Door, host: bytes | None) -> None:
    """Only host-only deletions, and nothing of what was sent as the host."""
    answer = Site(door).get(cookie=b"_ga=1", host=host)
    lines = answer.values(b"set-cookie")
    assert lines
    assert not any(b"Domain" in line or b"evil" in line for line in lines)


@both_doors
@pytest.mark.parametrize(
    ("method", "expires"),
    [("GET", True), ("HEAD", True), ("POST", True), ("OPTIONS", False), ("PUT", False)],
)
def test_methods_that_carry_deletions(door: Door, method: str, expires: bool) -> None:
    answer = Site(door).get(cookie=b"_ga=1", method=method)
    assert bool(answer.values(b"set-cookie")) is expires


@both_doors
def test_more_names_take_more_views(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    """More than ten are logged once; all go in the end."""
    visitor = visitor_of(door, "https://shop.example")
    for number in range(60):
        plant(visitor, f"_ga_{number:04d}=1; Path=/; Domain=shop.example")
    with caplog.at_level("INFO", "cookieconsent"):
        views = 0
        while ours(visitor) and views < 20:
            visitor.visit("/shop/page")
            views += 1
    assert ours(visitor) == set()
    assert 2 < views < 8
    events = [
        record
        for record in caplog.records
        if getattr(record, "event", "") == "many cookies to delete"
    ]
    assert len(events) == 1


@both_doors
def test_ten_names_are_no_news(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    visitor = visitor_of(door, "https://shop.example")
    for name in SHORT:
        plant(visitor, name + b"=1; Path=/")
    with caplog.at_level("INFO", "cookieconsent"):
        visitor.visit("/")
    assert "many cookies" not in caplog.text


@both_doors
def test_outcome_tells_what_was_expired(door: Door) -> None:
    """Names for which a deletion was written, not all that were taken out."""
    visitor = visitor_of(
        door, "https://shop.example", cookies=[Cookie("a*", "analytics", **fields())]
    )
    site = visitor.site
    site.get(cookie=b'_ga=1; unknown=2; a"=3; a1=4', scheme="https")
    outcome = site.outcomes[-1]
    assert outcome.stripped == ("_ga", "unknown", 'a"', "a1")
    assert sorted(outcome.expired) == ["_ga", "a1"]
