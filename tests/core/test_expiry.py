"""Which deletions are sent: for which scopes, in which order, within how many bytes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from cookieconsent.core.cookies import Scope
from cookieconsent.core.expiry import BUDGET_OCTETS, deletions, parents_of, path_prefixes
from cookieconsent.core.registry import Classification, Cookie, Registry, Rule
from oracles import set_cookie

NAMES = [b"_ga", b"_gid", b"_fbp"]


def undeclared(*names: bytes) -> list[tuple[bytes, Rule]]:
    """Name cookies that the catalogue knows: no scope."""
    return [
        (
            name,
            Rule(
                name, Classification("analytics", "catalogue", name.decode("latin-1"), None, None)
            ),
        )
        for name in names
    ]


def declared(*cookies: Cookie) -> list[tuple[bytes, Rule]]:
    """Name declared cookies, each once."""
    registry = Registry(cookies, ())
    found = [(cookie.key, registry.rule_for(cookie.key)) for cookie in cookies]
    return [(name, rule) for name, rule in found if rule is not None]


class Pick:
    """A random start that is none, and writes down what it was asked for."""

    def __init__(self, start: int = 0) -> None:
        self.start = start
        self.asked: list[int] = []

    def __call__(self, count: int) -> int:
        self.asked.append(count)
        return self.start % count


def lines_for(
    rules: list[tuple[bytes, Rule]],
    *,
    domains: Sequence[str] = (),
    path: str = "/",
    secure: bool = True,
    pick: Callable[[int], int] | None = None,
) -> list[bytes]:
    return deletions(rules, domains=domains, path=path, secure=secure, pick=pick or Pick())


def scope_of(line: bytes) -> str:
    """Say where a deletion points: domain, path, and `*` for a partition."""
    cookie = set_cookie.parse(line)
    assert isinstance(cookie, set_cookie.SetCookie)
    return f"{cookie.domain or ''}{cookie.path}{'*' if cookie.partitioned else ''}"


# --- hosts and paths ----------------------------------------------------------------------------

PARENTS: list[tuple[str | None, tuple[str, ...]]] = [
    ("shop.example", ("shop.example",)),
    ("www.shop.example", ("shop.example", "www.shop.example")),
    ("a.b.shop.example", ("shop.example", "b.shop.example", "a.b.shop.example")),
    ("WWW.Shop.Example", ("shop.example", "www.shop.example")),
    ("www.shop.example.", ("shop.example", "www.shop.example")),
    ("shop.example:8443", ("shop.example",)),
    ("shop.example:", ()),
    ("shop.example:x", ()),
    ("xn--bcher-kva.example", ("xn--bcher-kva.example",)),
    ("localhost", ()),
    ("localhost:8000", ()),
    ("intranet", ()),
    ("127.0.0.1", ()),
    ("127.0.0.1:5000", ()),
    ("192.0.2.1.", ()),
    ("[::1]", ()),
    ("[::1]:8000", ()),
    ("2001:db8::1", ()),
    ("", ()),
    (None, ()),
    (".", ()),
    (".shop.example", ()),
    ("shop..example", ()),
    ("b\u00fccher.example", ()),
    ("evil.example; Path=/", ()),
    ("a_b.example", ()),
    ("-a.example", ()),
    ("shop.example/path", ()),
    ("user@shop.example", ()),
    ("shop.example\r\nx", ()),
]


@pytest.mark.parametrize(("host", "parents"), PARENTS)
def test_parents_of_host(host: str | None, parents: tuple[str, ...]) -> None:
    assert parents_of(host) == parents


@pytest.mark.parametrize(
    ("path", "prefixes"),
    [
        ("/", ()),
        ("", ()),
        ("/a", ("/a",)),
        ("/a/", ("/a",)),
        ("/a/b/c", ("/a/b/c", "/a/b", "/a")),
        ("//a///b", ("/a/b", "/a")),
        ("/a/b/c/d/e/f", ("/a/b/c/d", "/a/b/c", "/a/b", "/a")),
        ("/\u00e4 b", ("/%C3%A4%20b",)),
        ("/a;b", ("/a%3Bb",)),
        ("/a\r\nb", ("/a%0D%0Ab",)),
        ("/a\udcff", ("/a%FF",)),
    ],
)
def test_path_prefixes(path: str, prefixes: tuple[str, ...]) -> None:
    assert path_prefixes(path) == prefixes


# --- scopes and their order ---------------------------------------------------------------------

DOMAINS = ("shop.example", "www.shop.example")

ORDERS: list[tuple[str, list[tuple[bytes, Rule]], tuple[str, ...], str, str]] = [
    (
        "undeclared",
        undeclared(b"_ga"),
        DOMAINS,
        "/",
        "shop.example/ www.shop.example/ / /* shop.example/* www.shop.example/*",
    ),
    (
        "undeclared below a path",
        undeclared(b"_ga"),
        ("shop.example",),
        "/a/b",
        "shop.example/ / /* shop.example/* /a/b /a shop.example/a/b shop.example/a",
    ),
    ("undeclared on an address", undeclared(b"_ga"), (), "/a", "/ /* /a"),
    (
        "declared host-only",
        declared(Cookie("_ga", "analytics")),
        ("shop.example",),
        "/",
        "/ shop.example/ /* shop.example/*",
    ),
    (
        "declared domain and path",
        declared(Cookie("_ga", "analytics", domain="shop.example", path="/x")),
        ("shop.example",),
        "/x",
        "shop.example/x shop.example/ / /* shop.example/* /x",
    ),
    (
        "declared partitioned",
        declared(Cookie("_ga", "analytics", partitioned=True)),
        (),
        "/",
        "/* /",
    ),
    (
        "declared in two scopes",
        declared(
            Cookie("_ga", "analytics", path="/x"), Cookie("_ga", "analytics", domain="shop.example")
        ),
        ("shop.example",),
        "/",
        "/x shop.example/ / /* shop.example/*",
    ),
    ("__Host-", undeclared(b"__Host-a"), DOMAINS, "/a", "/ /*"),
    ("__Secure-", undeclared(b"__Secure-a"), (), "/a", "/ /* /a"),
    ("__Host-Http-", undeclared(b"__Host-Http-a"), DOMAINS, "/a", "/ /*"),
]


@pytest.mark.parametrize(
    ("rules", "domains", "path", "scopes"),
    [row[1:] for row in ORDERS],
    ids=[row[0] for row in ORDERS],
)
def test_scopes_in_order(
    rules: list[tuple[bytes, Rule]], domains: tuple[str, ...], path: str, scopes: str
) -> None:
    lines = lines_for(rules, domains=domains, path=path)
    assert [scope_of(line) for line in lines] == scopes.split()
    for line in lines:
        set_cookie.assert_strict(line)


def test_likely_scopes_of_all_names_come_first() -> None:
    """So that a name with many scopes keeps no other from its likely ones."""
    lines = lines_for(undeclared(*NAMES), domains=["shop.example"])
    likely, rare = lines[:6], lines[6:]
    assert [line.partition(b"=")[0] for line in likely] == [n for n in NAMES for _ in range(2)]
    assert {scope_of(line) for line in likely} == {"/", "shop.example/"}
    assert {scope_of(line) for line in rare} == {"/*", "shop.example/*"}


@pytest.mark.parametrize("secure", [False, True])
def test_secure_follows_the_scheme(secure: bool) -> None:
    lines = lines_for(undeclared(b"_ga"), domains=["shop.example"], secure=secure)
    plain = [line for line in lines if b"Partitioned" not in line]
    assert {b"; Secure" in line for line in plain} == {secure}
    assert all(b"; Secure" in line for line in lines if line not in plain)


def test_name_is_taken_once() -> None:
    assert lines_for(undeclared(b"_ga", b"_ga")) == lines_for(undeclared(b"_ga"))


@pytest.mark.parametrize("name", [b'"x"', b"x\x7f", b"\xff", b"a b", b"wp[1]", b"x,y", b"a:b"])
def test_hostile_name_is_never_written_back(name: bytes) -> None:
    """Neither from the catalogue nor when a declared glob happens to match it."""
    assert lines_for(undeclared(name)) == []
    glob = Rule(b"*", Classification("analytics", "declared", "*", None, None), (Scope(),))
    assert lines_for([(name, glob)]) == []


def test_declared_odd_name_is_written() -> None:
    lines = lines_for(declared(Cookie("wp[user]", "analytics")))
    assert lines[0].startswith(b"wp[user]=; Expires=")


# --- the budget ---------------------------------------------------------------------------------


def cost(lines: list[bytes]) -> int:
    return sum(len(b"set-cookie: " + line + b"\r\n") for line in lines)


MANY = [b"_ga_%04d" % number for number in range(200)]


@pytest.mark.parametrize("start", range(0, 130, 7))
@pytest.mark.parametrize("count", [1, 10, 30, 200])
def test_budget_is_kept(count: int, start: int) -> None:
    lines = lines_for(undeclared(*MANY[:count]), domains=DOMAINS, path="/a/b", pick=Pick(start))
    assert cost(lines) <= BUDGET_OCTETS == 2600
    assert len(set(lines)) == len(lines)
    if count >= 10:
        assert cost(lines) > BUDGET_OCTETS - 150


def test_usual_scopes_come_before_rare_ones() -> None:
    """For declared names, too: what old code left behind lies on a parent more likely than not."""
    cookies = [Cookie(f"c{number}", "analytics", path="/x") for number in range(8)]
    lines = lines_for(declared(*cookies), domains=["shop.example"], path="/a/b", pick=Pick(5))
    places = [scope_of(line) for line in lines]
    assert places[:8] == ["/x"] * 8
    assert set(places[8:24]) == {"/", "shop.example/"}


def test_no_chance_where_all_fits() -> None:
    pick = Pick()
    lines_for(undeclared(b"_ga"), domains=["shop.example"], pick=pick)
    assert pick.asked == []


def test_start_is_picked_among_all_lines() -> None:
    pick = Pick(40)
    lines = lines_for(undeclared(*MANY[:30]), domains=["shop.example"], pick=pick)
    assert pick.asked[0] == 60
    assert lines[0].startswith(MANY[20])
    assert (
        lines[:3]
        == [
            line
            for name in MANY[20:22]
            for line in lines_for(undeclared(name), domains=["shop.example"])[:2]
        ][:3]
    )


def test_start_wraps_around() -> None:
    lines = lines_for(undeclared(*MANY[:30]), domains=["shop.example"], pick=Pick(59))
    assert lines[0].startswith(MANY[29])
    assert lines[1].startswith(MANY[0])


def test_rare_scopes_get_what_is_left() -> None:
    """They start at a random place of their own when they do not all fit."""
    pick = Pick(3)
    lines = lines_for(undeclared(*MANY[:8]), domains=["shop.example"], path="/a", pick=pick)
    assert len(pick.asked) == 1
    assert {scope_of(line) for line in lines[:16]} == {"/", "shop.example/"}
    assert len(lines) > 16


def test_every_line_has_its_turn() -> None:
    """Whatever does not fit starts somewhere else next time."""
    rules = undeclared(*MANY[:30])
    sent: set[bytes] = set()
    for start in range(0, 120, 10):
        sent |= set(lines_for(rules, domains=["shop.example"], pick=Pick(start)))
    assert {line.partition(b"=")[0] for line in sent} == set(MANY[:30])


def test_work_is_bounded() -> None:
    """Of thousands of names only the first are looked at; the others come when these are gone."""
    pick = Pick()
    lines_for(undeclared(*(b"_ga_%06d" % number for number in range(5000))), pick=pick)
    assert set(pick.asked) == {32}


def test_one_line_larger_than_the_budget() -> None:
    path = "/" + "a" * 3000
    cookie = Cookie("_ga", "analytics", path=path)
    assert all(len(line) < BUDGET_OCTETS for line in lines_for(declared(cookie)))


def test_host_of_many_labels_is_bounded() -> None:
    """Four parents are tried, whatever a visitor claims the host to be."""
    assert len(parents_of("a." * 100 + "example.com")) == 4


def test_path_of_many_segments_is_bounded() -> None:
    assert path_prefixes("/a" * 50_000) == ("/a/a/a/a", "/a/a/a", "/a/a", "/a")
    assert path_prefixes("/" + "a" * 50_000) == ()


@pytest.mark.parametrize(
    ("name", "deleted"),
    [(b"IDE", False), (b"DSID", False), (b"_ga", True), (b"_gid", True), (b"datrs", True)],
)
def test_very_short_names_stay(name: bytes, *, deleted: bool) -> None:
    """The catalogue knows them, and another application may own them."""
    assert bool(lines_for(undeclared(name))) is deleted


def test_very_short_names_go_where_declared() -> None:
    assert lines_for(declared(Cookie("IDE", "advertising")))
