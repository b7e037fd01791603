"""`Exchange`: regimes, signal, re-asking and failures, taken from request to response."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookieconsent import Config, Cookie, CookieClass, Outcome
from cookieconsent.core.codec import ChoiceCodec
from cookieconsent.core.cookies import CookieHeader
from cookieconsent.core.filter import CookieFilter
from cookieconsent.core.inject import BodyFinder
from cookieconsent.core.registry import Registry, RuleSet
from cookieconsent.engine import config as config_module
from cookieconsent.engine import desk, leftovers, placement, routes
from cookieconsent.engine import exchange as module
from cookieconsent.engine import page as page_module
from cookieconsent.engine.consent import Consent
from cookieconsent.engine.state import ConsentState
from doors import (
    DAY,
    HTML,
    NOON,
    PAGE,
    SECRET,
    Asked,
    Door,
    Headers,
    Page,
    Site,
    Visitor,
    banners,
    both_doors,
    consent_lines,
    elements,
    request_to,
    settings_elements,
)

FACTS: dict[str, Any] = {"purpose": "p", "provider": "Example Ltd", "lifetime": "1 days"}
COMFORT = CookieClass("comfort", shares_with_third_parties=False)
OWN_ANALYTICS = CookieClass("analytics", shares_with_third_parties=False)
SIGNAL: Headers = ((b"sec-gpc", b"1"),)


def consent(**options: Any) -> Consent:
    return Consent(Config(secret_key=SECRET, **options))


def setting(*lines: bytes) -> Callable[[Asked], Page]:
    """Return an application whose page sets cookies."""
    head = [*HTML, *((b"set-cookie", line) for line in lines)]
    return lambda asked: Page(headers=head)


# --- what the application is asked for -----------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "changes"),
    [
        pytest.param({}, {}, id="plain"),
        pytest.param(
            {b"accept-encoding": b"gzip, br"}, {b"accept-encoding": b"identity"}, id="encoding"
        ),
        pytest.param({b"range": b"bytes=0-9"}, {b"range": None}, id="range"),
        pytest.param({b"if-range": b'"x"'}, {b"if-range": None}, id="if-range"),
        pytest.param({b"if-modified-since": b"x"}, {b"if-modified-since": None}, id="since"),
        pytest.param({b"if-none-match": b'"x"'}, {b"if-none-match": None}, id="validator"),
        pytest.param({b"if-none-match": b"*"}, {b"if-none-match": None}, id="any validator"),
        pytest.param(
            {b"sec-fetch-mode": b"cors", b"accept-encoding": b"gzip", b"range": b"bytes=0-9"},
            {},
            id="no navigation",
        ),
        pytest.param({b"hx-request": b"true", b"if-none-match": b'"x"'}, {}, id="fragment"),
    ],
)
def test_banner_asks_for_a_page_it_fits_in(
    headers: dict[bytes, bytes], changes: dict[bytes, bytes | None]
) -> None:
    exchange = request_to(consent(), headers=list(headers.items()))
    assert exchange.request_changes == changes
    assert exchange.due is (not {b"sec-fetch-mode", b"hx-request"} & set(headers))


@pytest.mark.parametrize("options", [{"enforce": False}, {"shape": "none"}], ids=str)
def test_request_is_left_alone_without_banner(options: dict[str, Any]) -> None:
    headers = [(b"accept-encoding", b"gzip"), (b"if-none-match", b'"x"'), (b"range", b"bytes=0-")]
    exchange = request_to(consent(**options), headers=headers)
    assert exchange.request_changes == {}
    assert not exchange.due


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_pages_come_by_three_methods(method: str) -> None:
    assert request_to(consent(), method=method).navigates


@pytest.mark.hostile(178)
@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "PURGE", "get"])
@pytest.mark.parametrize("shared", [False, True])
def test_no_page_comes_by_other_methods(method: str, shared: bool) -> None:
    exchange = request_to(consent(shared_cache=shared), method=method, cookies=[b"_ga=1"])
    assert not exchange.due
    head = exchange.start(200, list(HTML))
    assert exchange.insertion is None
    assert not [value for name, value in head if name == b"set-cookie"]


def test_websocket_shows_no_page() -> None:
    exchange = request_to(
        consent(), "/cookie-consent", cookies=[b"_ga=1; sessionid=2"], upgrade=True
    )
    assert exchange.route is None
    assert exchange.request_changes == {b"cookie": b"sessionid=2"}
    head = exchange.start(101, [(b"set-cookie", b"_ga=1"), (b"content-type", b"text/html")])
    assert head == [(b"content-type", b"text/html")]


# --- regimes -------------------------------------------------------------------------------------


@both_doors
@pytest.mark.parametrize(
    ("regime", "action", "passes", "asks"),
    [
        ("exempt", None, True, False),
        ("exempt", "reject", True, False),
        ("opt-in", None, False, True),
        ("opt-in", "reject", False, False),
        ("opt-in", "accept", True, False),
        ("objection", None, True, False),
        ("objection", "reject", False, False),
        ("objection", "accept", True, False),
    ],
)
def test_regime_decides_both_ways(
    door: Door, regime: Any, action: str | None, passes: bool, asks: bool
) -> None:
    """What reaches the application, what leaves it, what it is told and what is shown agree."""
    site = Site(
        door,
        setting(b"stat=2; Path=/"),
        classes=[
            CookieClass("analytics", regime="exempt"),
            CookieClass("stats", regime=regime),
        ],
        cookies=[Cookie("stat", "stats", **FACTS)],
    )
    cookie = b"stat=1"
    if action is not None:
        cookie += b"; " + site.answer_cookie(action)
    answer = site.get(cookie=cookie)
    asked = site.asked[-1]
    assert (b"stat=1" in (asked.cookie or b"")) is passes
    assert (b"stat=2; Path=/" in answer.values(b"set-cookie")) is passes
    assert asked.state.allows("stats") is passes
    assert asked.state.decided is not asks
    assert banners(answer.body) == asks
    assert settings_elements(answer.body) == (regime != "exempt" and not asks)
    assert (site.outcomes[-1].reason == "undecided") is asks


@both_doors
def test_objection_is_always_at_hand(door: Door) -> None:
    """No banner asks, but information and a no are one click away from every page."""
    site = Site(
        door,
        setting(b"_ga=1; Path=/"),
        classes=[
            CookieClass("analytics", regime="objection", shares_with_third_parties=False),
        ],
    )
    visitor = Visitor(site)
    visitor.visit("/")
    assert visitor.sees == "settings"
    assert b"_ga" in visitor.jar.names()
    [link] = [e for e in elements(visitor.page) if e.tag == "a" and e["href"] != "#"]
    visitor.visit(link["href"])
    visitor.choose("reject")
    visitor.visit("/")
    assert b"_ga" not in visitor.jar.names()
    assert visitor.sees == "settings"


# --- Global Privacy Control ----------------------------------------------------------------------


@both_doors
@pytest.mark.hostile(176)
@pytest.mark.parametrize(
    ("action", "given_under_signal", "signal", "allowed", "asks", "reason"),
    [
        # before any answer
        (None, False, False, set(), True, "undecided"),
        (None, False, True, set(), True, "undecided"),  # comfort is left to ask about
        # a yes without the signal does not outrank it
        ("accept", False, False, {"analytics", "comfort"}, False, "decided"),
        ("accept", False, True, {"comfort"}, False, "decided"),
        # a yes under the signal does
        ("accept", True, False, {"analytics", "comfort"}, False, "decided"),
        ("accept", True, True, {"analytics", "comfort"}, False, "decided"),
        # a no is a no
        ("reject", False, False, set(), False, "decided"),
        ("reject", False, True, set(), False, "decided"),
        ("reject", True, False, set(), False, "decided"),
        ("reject", True, True, set(), False, "decided"),
    ],
)
def test_signal_and_answer(
    door: Door,
    action: str | None,
    given_under_signal: bool,
    signal: bool,
    allowed: set[str],
    asks: bool,
    reason: str,
) -> None:
    site = Site(
        door,
        setting(b"_ga=2", b"cosy=2"),
        classes=[COMFORT],
        cookies=[Cookie("cosy", "comfort", **FACTS)],
    )
    cookie = b"_ga=1; cosy=1"
    if action is not None:
        headers = [(b"sec-fetch-site", b"same-origin"), *(SIGNAL if given_under_signal else ())]
        answer = site.post({"choice": action}, headers)
        assert site.choices[-1].signal is given_under_signal
        cookie += b"; " + consent_lines(answer)[0].partition(b";")[0]
    answer = site.get(headers=SIGNAL if signal else (), cookie=cookie)
    state = site.asked[-1].state
    assert {name for name in ("analytics", "comfort") if state.allows(name)} == allowed
    assert (b"_ga=1" in (site.asked[-1].cookie or b"")) is ("analytics" in allowed)
    assert (b"cosy=1" in (site.asked[-1].cookie or b"")) is ("comfort" in allowed)
    assert (b"_ga=2" in answer.values(b"set-cookie")) is ("analytics" in allowed)
    assert (b"cosy=2" in answer.values(b"set-cookie")) is ("comfort" in allowed)
    assert banners(answer.body) == asks
    assert site.outcomes[-1].reason == reason


@both_doors
def test_signal_alone_settles_sharing_classes(door: Door) -> None:
    """Nothing else is undecided: no banner, no cookie, and a page that says why."""
    site = Site(door)
    visitor = Visitor(site)
    visitor.headers |= dict(SIGNAL)
    visitor.visit("/")
    assert visitor.sees == "settings"
    assert len(visitor.jar) == 0
    assert site.asked[-1].state.decided
    assert site.asked[-1].state.choice is None
    assert site.outcomes[-1].reason == "signal"
    visitor.visit("/cookie-consent")
    assert b"Global Privacy Control" in visitor.page
    assert b"Analytics" in visitor.page.partition(b"Global Privacy Control")[2][:200]
    visitor.headers.pop(b"sec-gpc")
    visitor.visit("/cookie-consent")
    assert b"Global Privacy Control" not in visitor.page


def note(page: bytes) -> str:
    """Return what the preferences page says of the signal."""
    return "".join(e.text for e in elements(page) if e.get("id") == "cookieconsent-signal")


@both_doors
def test_page_shows_conflict_and_the_way_out(door: Door) -> None:
    site = Site(door)
    visitor = Visitor(site)
    visitor.visit("/")
    visitor.choose("accept")
    visitor.headers |= dict(SIGNAL)
    visitor.visit("/cookie-consent")
    conflict = note(visitor.page)
    visitor.choose("save", **{"class-analytics": "yes"})
    visitor.visit("/cookie-consent")
    assert note(visitor.page) not in {conflict, ""}
    visitor.visit("/")
    assert site.asked[-1].state.allows("analytics")


@both_doors
def test_grant_under_signal_lifts_that_class_alone(door: Door) -> None:
    """An older yes without the signal stays outranked."""
    video = CookieClass("media")
    site = Site(door, classes=[video])
    cookie = site.answer_cookie("save", **{"class-analytics": "yes"})
    answer = site.post(
        {"choice": "grant", "class": "media"},
        [(b"sec-fetch-site", b"same-origin"), *SIGNAL],
        cookie=cookie,
    )
    site.get(headers=SIGNAL, cookie=consent_lines(answer)[0].partition(b";")[0])
    state = site.asked[-1].state
    assert (state.allows("media"), state.allows("analytics")) == (True, False)


@both_doors
@pytest.mark.hostile(176)
@pytest.mark.parametrize(
    ("values", "on"),
    [
        ([b"1"], True),
        ([b"0"], False),
        ([b""], False),
        ([b"true"], False),
        ([b"01"], False),
        ([b"1.0"], False),
        ([b"1;x"], False),
        ([b"11"], False),
        ([b'"1"'], False),
        ([b"\xb9"], False),
        ([b"0", b"1"], True),
        ([b"0", b"0"], False),
    ],
)
def test_signal_is_exactly_one(door: Door, values: Sequence[bytes], on: bool) -> None:
    site = Site(door)
    answer = site.get(headers=[(b"sec-gpc", value) for value in values])
    assert site.asked[-1].state.decided is on
    assert banners(answer.body) == (not on)


@both_doors
@pytest.mark.hostile(176)
@pytest.mark.parametrize("dnt", [b"1", b"0", b"null"])
def test_do_not_track_changes_nothing(door: Door, dnt: bytes) -> None:
    """It has no legal meaning of its own, and no signal grants anything."""
    site = Site(door)
    plain, tracked = site.get(), site.get(headers=[(b"dnt", dnt)])
    assert plain == tracked
    assert not site.asked[-1].state.allows("analytics")


@both_doors
@pytest.mark.parametrize(
    ("options", "vary"),
    [
        ({}, b"Cookie, Sec-GPC"),
        (
            {"classes": [OWN_ANALYTICS]},
            b"Cookie",
        ),
        ({"classes": [OWN_ANALYTICS, CookieClass("media")]}, b"Cookie, Sec-GPC"),
    ],
    ids=["shares", "keeps", "one shares"],
)
@pytest.mark.parametrize("action", [None, "accept", "reject"])
def test_vary_names_the_signal_where_it_is_heard(
    door: Door, options: dict[str, Any], vary: bytes, action: str | None
) -> None:
    site = Site(door, locale="en", **options)
    cookie = None if action is None else site.answer_cookie(action)
    for headers in ((), SIGNAL):
        assert site.get(headers=headers, cookie=cookie).values(b"vary") == [vary]


# --- asking again --------------------------------------------------------------------------------

STATS: dict[str, Any] = {
    "name": "stats",
    "purposes": ["measure", "improve"],
    "shares_with_third_parties": False,
}
A = Cookie("a", "stats", **FACTS)
B = Cookie("b", "stats", **(FACTS | {"provider": "Sample Inc"}))
MAP = Cookie("map", "maps", **FACTS)


def declared(
    stats: dict[str, Any] | None = None,
    cookies: Sequence[Cookie] = (A, B, MAP),
    more: Sequence[CookieClass] = (),
    **options: Any,
) -> dict[str, Any]:
    """Return a site with two classes, one of which may be declared otherwise."""
    classes = [
        CookieClass("analytics", regime="exempt"),
        CookieClass(**(STATS | (stats or {}))),
        CookieClass("maps"),
        *more,
    ]
    return {"classes": classes, "cookies": list(cookies)} | options


ASKS_AGAIN: dict[str, dict[str, Any]] = {
    "another cookie": declared(cookies=[A, B, MAP, Cookie("c", "stats", **FACTS)]),
    "a cookie less": declared(cookies=[A, MAP]),
    "a cookie renamed": declared(cookies=[A, replace(B, name="b2"), MAP]),
    "a glob for a name": declared(cookies=[A, replace(B, name="b*"), MAP]),
    "another provider": declared(cookies=[A, replace(B, provider="Else GmbH"), MAP]),
    "a provider more": declared(cookies=[A, B, replace(A, path="/x", provider="Else GmbH"), MAP]),
    "third parties": declared({"shares_with_third_parties": True}),
    "a purpose more": declared({"purposes": ["measure", "improve", "personalise"]}),
    "a purpose less": declared({"purposes": ["measure"]}),
    "a new version": declared({"version": 2}),
}
STANDS: dict[str, dict[str, Any]] = {
    "nothing": declared(),
    "title": declared({"title": "Statistics"}),
    "description": declared({"description": "We count."}),
    "purpose in words": declared(cookies=[A, replace(B, purpose="another sentence"), MAP]),
    "lifetime": declared(cookies=[replace(A, lifetime="13 months"), B, MAP]),
    "order of cookies": declared(cookies=[MAP, B, A]),
    "order of purposes": declared({"purposes": ["improve", "measure"]}),
    "purpose named twice": declared({"purposes": ["measure", "improve", "measure"]}),
    "scope": declared(cookies=[A, replace(B, domain="shop.example", path="/x"), MAP]),
    "policy version": declared(policy_version="2", last_updated="2026-01-01"),
    "path of the page": declared(path="/privacy"),
    "exempt cookie": declared(cookies=[A, B, MAP, Cookie("sid", "authentication")]),
    "class less": {
        "classes": [CookieClass("analytics", regime="exempt"), CookieClass(**STATS)],
        "cookies": [A, B],
    },
}


@both_doors
@pytest.mark.hostile(74)
@pytest.mark.parametrize("action", ["accept", "reject"])
@pytest.mark.parametrize("change", ASKS_AGAIN)
def test_changed_class_is_asked_again_alone(door: Door, change: str, action: str) -> None:
    before = Site(door, **declared())
    after = Site(door, **ASKS_AGAIN[change])
    answer = after.get(cookie=before.answer_cookie(action) + b"; a=1; map=2")
    state = after.asked[-1].state
    assert banners(answer.body) == 1
    assert not state.decided
    assert not state.allows("stats")
    assert state.allows("maps") is (action == "accept")
    assert b"a=1" not in (after.asked[-1].cookie or b"")
    assert (b"map=2" in (after.asked[-1].cookie or b"")) is (action == "accept")
    page = elements(after.get("/cookie-consent", cookie=before.answer_cookie(action)).body)
    checked = {(e["name"], e["value"]) for e in page if e.tag == "input" and e.has("checked")}
    assert checked == {("class-maps", "yes" if action == "accept" else "no")}


@both_doors
@pytest.mark.parametrize("action", ["accept", "reject"])
@pytest.mark.parametrize("change", STANDS)
def test_answer_stands_where_nothing_material_changed(door: Door, change: str, action: str) -> None:
    before = Site(door, **declared())
    after = Site(door, **STANDS[change])
    answer = after.get(cookie=before.answer_cookie(action))
    state = after.asked[-1].state
    assert banners(answer.body) == 0
    assert state.decided
    assert state.allows("stats") is (action == "accept")


@both_doors
@pytest.mark.hostile(74)
def test_new_class_is_asked_about_alone(door: Door) -> None:
    before = Site(door, **declared())
    after = Site(door, **declared(more=[CookieClass("chat")]))
    answer = after.get(cookie=before.answer_cookie("accept"))
    state = after.asked[-1].state
    assert banners(answer.body) == 1
    assert (state.allows("stats"), state.allows("maps"), state.allows("chat")) == (
        True,
        True,
        False,
    )


@both_doors
def test_moved_cookie_changes_both_classes(door: Door) -> None:
    before = Site(door, **declared())
    after = Site(door, **declared(cookies=[A, replace(B, cls="maps"), MAP]))
    after.get(cookie=before.answer_cookie("accept"))
    state = after.asked[-1].state
    assert (state.allows("stats"), state.allows("maps")) == (False, False)


@both_doors
def test_catalogue_asks_nobody_again(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """An upgrade brings other names; that is no change of what the site does."""
    cookie = Site(door).answer_cookie("accept")
    monkeypatch.setattr(config_module, "shipped_rules", lambda: RuleSet(()))
    site = Site(door)
    assert site.consent.registry.classify("_ga").cls is None
    assert banners(site.get(cookie=cookie).body) == 0


# --- outcomes and hooks --------------------------------------------------------------------------


@both_doors
def test_outcome_tells_what_was_done(door: Door) -> None:
    site = Site(door, setting(b"_gid=1", b"sessionid=2", b"zzz=3"))
    site.get(cookie=b"_ga=1; odd=2; sessionid=3; odd=4")
    assert site.outcomes == [
        Outcome(
            reason="undecided",
            stripped=("_ga", "odd", "odd"),
            blocked=("_gid", "zzz"),
            expired=("_ga",),
            asked=True,
            status=200,
        ),
    ]
    site.get(cookie=site.answer_cookie("accept"))
    assert site.outcomes[1] == Outcome(reason="decided", blocked=("zzz",), status=200)


@both_doors
def test_outcome_without_page_comes_once(door: Door) -> None:
    site = Site(door, lambda asked: Page(status=404, headers=[(b"content-type", b"text/plain")]))
    site.get()
    assert site.outcomes == [Outcome(reason="undecided", status=404)]


@both_doors
def test_report_only_mode_still_tells(door: Door) -> None:
    site = Site(door, setting(b"_gid=1"), enforce=False)
    site.get(cookie=b"_ga=1")
    assert site.asked[-1].cookie == b"_ga=1"
    assert site.outcomes == [
        Outcome(reason="undecided", stripped=("_ga",), blocked=("_gid",), status=200)
    ]


@both_doors
def test_failing_hooks_change_nothing(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    def broken(event: object) -> None:
        message = "the site's own mistake"
        raise RuntimeError(message)

    sound = Site(door, setting(b"_ga=1", b"sessionid=2"))
    site = Site(door, setting(b"_ga=1", b"sessionid=2"), on_outcome=broken, on_choice=broken)
    for _ in range(3):
        assert site.get(cookie=b"_ga=1; sid=2") == sound.get(cookie=b"_ga=1; sid=2")
        assert site.post({"choice": "accept"}) == sound.post({"choice": "accept"})
    failures = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(failures) == 1, "both hooks are one function"


# --- failures of our own code --------------------------------------------------------------------


class Broken(Exception):  # noqa: N818 - a mistake of ours may be anything
    """A mistake of ours."""


def broken(*args: object, **kwargs: object) -> Any:
    """Stand for any function of ours that has a mistake in it."""
    raise Broken


REQUEST_STAGES: list[tuple[object, str]] = [
    (module, "CookieHeader"),
    (module, "privacy_control"),
    (module, "is_navigation"),
    (CookieHeader, "values"),
    (routes, "route_of"),
    (Consent, "read"),
    (ChoiceCodec, "read"),
    (CookieFilter, "request"),
    (Registry, "classify"),
    (RuleSet, "find"),
]
RESPONSE_STAGES: list[tuple[object, str]] = [
    (CookieFilter, "response"),
    (module, "read_set_cookie"),
    (module, "deletion_lines"),
    (leftovers, "deletions"),
    (leftovers, "parents_of"),
    (module, "can_carry"),
    (module, "is_html"),
    (module, "make_private"),
    (module, "merge_vary"),
    (module, "Insertion"),
    (module, "policy_for_markup"),
    (placement, "PagePolicy"),
]
PAGE_STAGES: list[tuple[object, str]] = [
    (BodyFinder, "feed"),
    (Consent, "fragment"),
    (placement, "page_target"),
]


def names(stages: list[tuple[object, str]]) -> list[str]:
    places = (str(getattr(place, "__name__", place)).rpartition(".")[2] for place, _ in stages)
    return [f"{place}.{name}" for place, (_, name) in zip(places, stages, strict=True)]


def failing_site(door: Door) -> Site:
    """Return a site whose page sets an exempt, a denied and an unknown cookie."""
    page = Page(
        headers=[
            *HTML,
            (b"set-cookie", b"sessionid=2; HttpOnly"),
            (b"set-cookie", b"_ga=2"),
            (b"set-cookie", b"zzz=2"),
            (b"content-security-policy", b"default-src 'self'"),
        ],
    )
    return Site(door, lambda asked: page)


VISITORS = ["nobody", "accepted", "rejected"]
FAILING_REQUESTS = [
    pytest.param(place, name, visitor, id=f"{identifier}-{visitor}")
    for (place, name), identifier in zip(REQUEST_STAGES, names(REQUEST_STAGES), strict=True)
    for visitor in VISITORS
    if visitor != "nobody" or name not in {"read", "values"}  # there is no answer to read
    if visitor == "nobody" or name != "is_navigation"  # asked only where a banner is due
]


def cookie_of(site: Site, visitor: str) -> bytes:
    cookie = b"_ga=1; sessionid=1; zzz=1; csrftoken=1"
    if visitor == "nobody":
        return cookie
    return cookie + b"; " + site.answer_cookie("accept" if visitor == "accepted" else "reject")


@both_doors
@pytest.mark.parametrize(("place", "name", "visitor"), FAILING_REQUESTS)
def test_failure_with_the_request(
    door: Door,
    place: object,
    name: str,
    visitor: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Cookies fail closed, the page fails open, the log has it once."""
    site = failing_site(door)
    cookie = cookie_of(site, visitor)
    monkeypatch.setattr(place, name, broken)
    headers = [(b"if-none-match", b'W/"x-consentS-0"')]
    if name == "privacy_control":
        headers.append((b"sec-gpc", b"1"))
    path = "/cookie-consents" if name == "route_of" else "/"  # nearly ours, so it is asked
    for _ in range(3):
        answer = site.get(path, headers, cookie=cookie)
        assert answer.status == 200
        assert PAGE[:40] in answer.body
        assert b"_ga" not in (site.asked[-1].cookie or b"")
        assert b"zzz" not in (site.asked[-1].cookie or b"")
        assert b"sessionid=1" in (site.asked[-1].cookie or b"")
        assert not any(
            line.startswith((b"_ga=2", b"zzz=2")) for line in answer.values(b"set-cookie")
        )
        assert b"sessionid=2; HttpOnly" in answer.values(b"set-cookie")
        assert site.asked[-1].state.allows("analytics") is False
        assert site.asked[-1].state.allows("authentication") is True
    assert len([r for r in caplog.records if r.levelno >= logging.ERROR]) == 1
    assert site.outcomes[-1].reason == "failure"
    assert site.outcomes[-1].status == 200


@both_doors
@pytest.mark.parametrize("visitor", VISITORS)
@pytest.mark.parametrize(("place", "name"), RESPONSE_STAGES, ids=names(RESPONSE_STAGES))
def test_failure_with_the_response(
    door: Door,
    place: object,
    name: str,
    visitor: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    site = failing_site(door)
    cookie = cookie_of(site, visitor)
    monkeypatch.setattr(place, name, broken)
    answers = [site.get(cookie=cookie) for _ in range(3)]
    failures = [r for r in caplog.records if r.levelno >= logging.ERROR]
    allowed = visitor == "accepted"
    for answer in answers:
        assert answer.status == 200
        assert PAGE[:40] in answer.body
        assert (b"_ga=1" in (site.asked[-1].cookie or b"")) is allowed
        if failures:
            assert answer.values(b"set-cookie") == [b"sessionid=2; HttpOnly"]
            assert answer.body == PAGE
    assert len(failures) <= 1
    if visitor == "nobody":
        assert failures, "this visitor needs everything"
    assert (site.outcomes[-1].reason == "failure") is bool(failures)


@both_doors
def test_failure_with_the_head_of_a_page(
    door: Door, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The banner is in, the cookies are filtered, and nothing is said of the changed bytes."""
    page = Page(headers=[*HTML, (b"etag", b'"a"'), (b"digest", b"x"), (b"set-cookie", b"_ga=2")])
    site = Site(door, lambda asked: page)
    monkeypatch.setattr(page_module, "forget_bytes", broken)
    for _ in range(3):
        answer = site.get()
        assert banners(answer.body) == 1
        assert answer.values(b"set-cookie") == []
        assert not {b"etag", b"digest"} & {name.lower() for name, _ in answer.headers}
    assert len([r for r in caplog.records if r.levelno >= logging.ERROR]) == 1


@both_doors
@pytest.mark.parametrize(("place", "name"), PAGE_STAGES, ids=names(PAGE_STAGES))
def test_failure_with_the_page(
    door: Door,
    place: object,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The page goes out as the application made it; its cookies stay filtered."""
    site = failing_site(door)
    monkeypatch.setattr(place, name, broken)
    for _ in range(3):
        answer = site.get(cookie=b"_ga=1; sessionid=1")
        assert (answer.status, answer.body) == (200, PAGE)
        assert site.asked[-1].cookie == b"sessionid=1"
        assert answer.values(b"set-cookie")[0] == b"sessionid=2; HttpOnly"
        assert not any(
            line.startswith((b"_ga=2", b"zzz=2")) for line in answer.values(b"set-cookie")
        )
        assert site.outcomes[-1].asked is False
    assert len([r for r in caplog.records if r.levelno >= logging.ERROR]) == 1


@both_doors
@pytest.mark.parametrize("helper", ["banner", "settings_link"])
def test_failure_in_a_template_helper(
    door: Door, helper: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def application(asked: Asked) -> Page:
        return Page(chunks=[b"<body>", getattr(asked.state, helper)().encode(), b"</body>"])

    site = Site(door, application)
    cookie = None if helper == "banner" else site.answer_cookie("reject")
    monkeypatch.setattr(Consent, "fragment", broken)
    for _ in range(2):
        assert site.get(cookie=cookie).body == b"<body></body>"
    assert len([r for r in caplog.records if r.levelno >= logging.ERROR]) == 1


@both_doors
@pytest.mark.parametrize(
    ("place", "name"),
    [(desk, "preferences_page"), (routes, "read_submission"), (routes, "is_own_form")],
    ids=["page", "form", "rules"],
)
def test_failure_of_our_own_page(
    door: Door,
    place: object,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    site = Site(door)
    monkeypatch.setattr(place, name, broken)
    for _ in range(2):
        answer = (
            site.get("/cookie-consent")
            if name == "preferences_page"
            else site.post(b"choice=accept")
        )
        assert answer.status == 500
        assert answer.values(b"set-cookie") == []
        assert answer.values(b"cache-control") == [b"no-store"]
    assert site.choices == []
    assert len([r for r in caplog.records if r.levelno >= logging.ERROR]) == 1


@both_doors
def test_report_only_mode_survives_failure_unchanged(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = Site(door, setting(b"_ga=2"), enforce=False)
    monkeypatch.setattr(module, "CookieHeader", broken)
    monkeypatch.setattr(CookieFilter, "response", broken)
    answer = site.get(cookie=b"_ga=1")
    assert site.asked[-1].cookie == b"_ga=1"
    assert answer.values(b"set-cookie") == [b"_ga=2"]
    assert answer.body == PAGE


def test_second_head_is_not_taken_for_the_first() -> None:
    """It is the server's to refuse, and must get there as it is."""
    exchange = request_to(consent())
    exchange.start(200, [*HTML, (b"etag", b'"one"')])
    second = [(b"content-type", b"application/json"), (b"x-two", b"2")]
    assert exchange.start(500, second) == second
    assert not exchange.inserting
    assert exchange.feed(b"<body>{}", last=True) == b"<body>{}"


def test_replaced_head_takes_its_policy_with_it() -> None:
    """An error page in place of a page that forbade our form may have the form again."""
    exchange = request_to(consent())
    exchange.start(200, [*HTML, (b"content-security-policy", b"form-action 'none'")])
    exchange.restart()
    exchange.start(500, HTML)
    assert b"<form" in exchange.feed(b"<body>hi", last=True)


def test_nameless_cookie_fails_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an equals sign there is no name, whatever the text says."""
    exchange = request_to(consent())
    monkeypatch.setattr(CookieFilter, "response", broken)
    lines = exchange.start(200, [(b"set-cookie", b"sessionid; Path=/")])
    assert lines == []


def test_failure_of_trailers_and_pushes_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    exchange = request_to(consent())
    exchange.start(200, [])
    monkeypatch.setattr(CookieFilter, "response", broken)
    monkeypatch.setattr(CookieFilter, "request", broken)
    pushed = exchange.pushed([(b":path", b"/x"), (b"cookie", b"_ga=1; sessionid=2")])
    assert pushed == [(b":path", b"/x")]
    trailers = exchange.trailers([(b"set-cookie", b"_ga=1"), (b"x", b"y")])
    assert trailers == [(b"x", b"y")]


def test_day_changes_at_midnight_utc() -> None:
    site = Site("asgi")
    cookie = site.answer_cookie("accept")
    site.clock.now = (DAY + 183) * 86_400 - 1
    assert banners(site.get(cookie=cookie).body) == 0
    site.clock.now = (DAY + 183) * 86_400
    assert banners(site.get(cookie=cookie).body) == 1


# --- the short way ---------------------------------------------------------------------------------

FIELDS = st.sampled_from(
    [
        (b"content-type", b"application/json"),
        (b"content-type", b"text/html"),
        (b"Content-Type", b"text/html; charset=utf-8"),
        (b"content-type", b"image/svg+xml"),
        (b"set-cookie", b"_ga=1; Path=/"),
        (b"set-cookie", b"sessionid=1; HttpOnly"),
        (b"set-cookie", b"_ga=; Max-Age=0"),
        (b"cache-control", b"public, max-age=60"),
        (b"CDN-Cache-Control", b"max-age=60"),
        (b"content-encoding", b"gzip"),
        (b"etag", b'"a"'),
        (b"vary", b"accept"),
        (b"x-own", b"y"),
        (b"content-length", b"2"),
    ]
)
PLAIN, SHARED = consent(clock=lambda: NOON), consent(clock=lambda: NOON, shared_cache=True)


@given(
    head=st.lists(FIELDS, max_size=5),
    status=st.sampled_from([200, 204, 206, 301, 304, 404, 500]),
    cookies=st.sampled_from([(), (b"sessionid=1",), (b"_ga=1; sessionid=1",)]),
    asks=st.booleans(),
    grants=st.booleans(),
    shared=st.booleans(),
    method=st.sampled_from(["GET", "HEAD", "OPTIONS"]),
)
def test_answer_goes_the_short_way_to_the_same_end(
    *,
    head: list[tuple[bytes, bytes]],
    status: int,
    cookies: tuple[bytes, ...],
    asks: bool,
    grants: bool,
    shared: bool,
    method: str,
) -> None:
    """What passes at a glance would pass a closer look unchanged."""

    def answered() -> object:
        exchange = request_to(SHARED if shared else PLAIN, cookies=cookies, method=method)
        state = ConsentState(exchange)
        if asks:
            state.allows("analytics")
        if grants:
            state.grant("analytics")
        return exchange.start(status, list(head)), exchange.inserting, exchange.settled_head()

    short = answered()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "is_indifferent", lambda headers, status: False)
        assert answered() == short
