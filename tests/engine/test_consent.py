"""`Consent`: what is built once, what is read from consent cookies, and that nothing grows."""

from __future__ import annotations

import gc
import itertools
import logging
import random
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from cookieconsent import ChoiceEvent, Config, Cookie, CookieClass
from cookieconsent.core.choice import Choice
from cookieconsent.core.codec import ChoiceCodec
from cookieconsent.core.filter import MEMO_NAMES, CookieFilter
from cookieconsent.engine import consent as module
from cookieconsent.engine.consent import Consent
from cookieconsent.engine.state import ConsentState
from cookieconsent.ui.banner import Look
from doors import DAY, NOON, SECRET, Clock, request_to
from oracles.jar import Jar
from oracles.set_cookie import assert_strict

YES = Choice(day=DAY, granted=frozenset({"analytics"}))
NO = Choice(day=DAY, refused=frozenset({"analytics"}))


def consent(**options: Any) -> Consent:
    defaults: dict[str, Any] = {"secret_key": SECRET, "clock": Clock()}
    return Consent(Config(**(defaults | options)))


def value(site: Consent, choice: Choice) -> bytes:
    return site.choice_cookie(choice).partition(b";")[0].partition(b"=")[2]


# --- writing -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [{}, {"secure": False}, {"cookie_domain": "shop.example"}, {"site": "a1"}],
    ids=["host", "plain", "domain", "site"],
)
@pytest.mark.parametrize("choice", [YES, NO], ids=["yes", "no"])
def test_consent_cookie_is_kept_and_removed(options: dict[str, Any], choice: Choice) -> None:
    """A careful reader takes both lines, and the second leaves nothing of the first."""
    site = consent(**options)
    url = (
        "http://www.shop.example/"
        if options.get("secure") is False
        else "https://www.shop.example/"
    )
    jar = Jar(now=NOON)
    for line in (site.choice_cookie(choice), site.forgetting_cookie()):
        assert_strict(line)
    jar.receive(url, site.choice_cookie(choice))
    kept = list(jar)
    assert [cookie.name for cookie in kept] == [site.cookie_name]
    assert kept[0].http_only
    jar.receive(url, site.forgetting_cookie())
    assert not list(jar)


def test_browser_keeps_it_as_long_as_it_counts() -> None:
    """One day more, so that the signed day decides on the last day and no clock of a browser."""
    site = consent()
    jar = Jar(now=NOON)
    jar.receive("https://shop.example/", site.choice_cookie(YES))
    jar.advance(days=182)
    assert jar.send("https://shop.example/")
    jar.advance(days=2)
    assert not jar.send("https://shop.example/")


def test_equal_choices_have_equal_bytes() -> None:
    lines = {
        consent().choice_cookie(Choice(day=DAY, granted=frozenset({"analytics"}))) for _ in "ab"
    }
    assert len(lines) == 1
    assert consent().choice_cookie(YES) != consent().choice_cookie(NO)
    assert consent().choice_cookie(YES) != consent().choice_cookie(
        Choice(day=DAY + 1, granted=YES.granted)
    )


@pytest.mark.hostile(173)
@pytest.mark.parametrize(
    "day", [0, 1, 365 * 30, 365 * 129, 65_535, 65_536, -400], ids=lambda day: f"day {day}"
)
def test_odd_clock_writes_a_sane_cookie(day: int) -> None:
    line = consent().choice_cookie(Choice(day=day, granted=YES.granted))
    assert_strict(line)
    assert b"Max-Age=15811200;" in line
    assert b"-" not in line.partition(b"Expires=")[2].partition(b"GMT")[0]


# --- reading -------------------------------------------------------------------------------------


@pytest.mark.hostile(72, 73)
@pytest.mark.parametrize(
    ("age", "counts"), [(-2, False), (-1, True), (0, True), (181, True), (182, True), (183, False)]
)
@pytest.mark.parametrize("warm", [False, True], ids=["first read", "read before"])
def test_signed_day_decides(age: int, counts: bool, warm: bool) -> None:
    site = consent()
    token = value(site, YES)
    if warm:
        site.read([token], DAY)
    standing = site.read([token], DAY + age)
    assert standing.choice == (YES if counts else None)
    assert (standing is site.undecided) is not counts


GARBAGE = [
    b"",
    b"x",
    b"a.b.c",
    b"A" * 1_000_000,
    b"." * 100_000,
    b"\xff.\xfe.x",
    b".eJx.AAAA.zzz",
    b'""',
    b"\x00",
]


@pytest.mark.hostile(68)
@pytest.mark.parametrize("garbage", GARBAGE, ids=lambda garbage: repr(garbage[:12]))
def test_garbage_is_no_choice(garbage: bytes) -> None:
    assert consent().read([garbage], DAY).choice is None


@pytest.mark.hostile(68)
@pytest.mark.parametrize(
    "disguise",
    [
        lambda t: b'"' + t + b'"',
        lambda t: t + b" ",
        lambda t: t + b"\n",
        bytes.upper,
        lambda t: t[:-1],
    ],
    ids=["quoted", "space", "line feed", "upper case", "cut"],
)
def test_disguised_token_is_no_choice(disguise: Any) -> None:
    site = consent()
    assert site.read([disguise(value(site, YES))], DAY).choice is None


@pytest.mark.hostile(75)
def test_several_valid_cookies_count_as_intersection(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "cookieconsent")
    site = consent(classes=[CookieClass("maps"), CookieClass("chat")])
    one = Choice(day=DAY, granted=frozenset({"analytics", "maps"}), refused=frozenset({"chat"}))
    two = Choice(day=DAY - 9, granted=frozenset({"analytics", "chat"}), refused=frozenset({"maps"}))
    for _ in range(2):
        for tokens in ([value(site, one), value(site, two)], [value(site, two), value(site, one)]):
            choice = site.read(tokens, DAY).choice
            assert choice is not None
            assert choice.granted == {"analytics"}
            assert choice.refused == {"maps", "chat"}
    events = [record.__dict__["event"] for record in caplog.records]
    assert events == ["several consent cookies"]


@pytest.mark.hostile(75)
def test_forged_neighbour_is_ignored(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "cookieconsent")
    site = consent()
    forged = value(consent(secret_key="another secret of more than 32 letters"), NO)
    for tokens in ([forged, value(site, YES)], [value(site, YES), forged]):
        assert site.read(tokens, DAY).choice == YES
    assert site.read([value(site, YES)] * 3, DAY).choice == YES
    assert not caplog.records


def test_outdated_neighbour_is_ignored() -> None:
    site = consent()
    old = Choice(day=DAY - 200, refused=frozenset({"analytics"}))
    assert site.read([value(site, old), value(site, YES)], DAY).choice == YES


@pytest.mark.hostile(41)
@pytest.mark.parametrize("same", [True, False], ids=["one value", "many values"])
def test_few_signatures_are_checked(same: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[bytes] = []
    read = ChoiceCodec.read

    def counting(self: ChoiceCodec, token: bytes) -> Choice | None:
        checked.append(token)
        return read(self, token)

    monkeypatch.setattr(ChoiceCodec, "read", counting)
    site = consent()
    tokens = [b"bogus" if same else b"bogus%d" % number for number in range(50_000)]
    assert site.read(tokens, DAY).choice is None
    assert len(checked) <= 4


def test_no_behind_many_is_not_overlooked() -> None:
    """A sibling domain can plant old answers before the visitor's own; what is not read may be a no."""
    site = consent()
    planted = [value(site, Choice(day=DAY - n, granted=frozenset({"analytics"}))) for n in range(6)]
    no = value(site, Choice(day=DAY, refused=frozenset({"analytics"})))
    assert "analytics" not in site.read([*planted, no], DAY).plain.decision.allowed


def test_what_counts_does_not_depend_on_memory() -> None:
    """Too many valid cookies are no answer, whether they were seen before or not."""
    site = consent()
    values = [value(site, Choice(day=DAY - age, granted=YES.granted)) for age in range(5)]
    for one in values:
        assert site.read([one], DAY).choice is not None
    assert site.read(values, DAY) is site.unknown
    assert site.read(values[:4] * 2, DAY).choice is not None


def test_unreadable_cookie_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "cookieconsent")
    site = consent()
    for garbage in (b"x", b"y", value(site, YES) + b"z"):
        site.read([garbage], DAY)
    assert [record.__dict__["event"] for record in caplog.records] == ["consent cookie not valid"]


def test_verified_value_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    site = consent()
    token = value(site, YES)
    first = site.read([token], DAY)
    monkeypatch.setattr(ChoiceCodec, "read", None)
    assert site.read([token], DAY) is first
    assert site.read([token], DAY + 182) is first
    assert site.read([token], DAY + 183) is site.undecided


# --- what follows from a choice ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "choice", "kind"),
    [
        ({}, None, "banner"),
        ({}, NO, "settings"),
        ({}, YES, "withdrawal"),
        ({"settings_link": False}, None, "banner"),
        ({"settings_link": False}, NO, None),
        ({"settings_link": False}, YES, None),
        ({"shape": "none"}, None, None),
        ({"shape": "none"}, YES, None),
        ({"enforce": False}, None, None),
        ({"enforce": False}, YES, None),
        ({"shared_cache": True}, None, "banner"),
        ({"shared_cache": True}, NO, "banner"),
        ({"shared_cache": True}, YES, "banner"),
        ({"classes": [CookieClass("analytics", regime="exempt")]}, None, None),
        ({"classes": [CookieClass("analytics", regime="objection")]}, None, "settings"),
    ],
)
def test_kind_of_markup_follows(
    options: dict[str, Any], choice: Choice | None, kind: str | None
) -> None:
    assert consent(**options).standing(choice).plain.kind == kind


def test_exact_exempt_names_are_known_beforehand() -> None:
    cookies = [
        Cookie("basket", "cart"),
        Cookie("glob_*", "cart"),
        Cookie("sessionid", "stats", purpose="p", provider="p", lifetime="session"),
    ]
    site = consent(cookies=cookies, classes=[CookieClass("stats")])
    assert {b"basket", b"PHPSESSID", b"csrftoken", b"__Host-cookieconsent"} <= site.exact_exempt
    assert not {b"sessionid", b"_ga", b"glob_*", b"glob_x"} & site.exact_exempt


def test_signal_is_heard_only_where_somebody_shares() -> None:
    assert consent().vary == (b"Cookie", b"Sec-GPC")
    quiet = CookieClass("analytics", shares_with_third_parties=False)
    assert consent(classes=[quiet]).vary == (b"Cookie",)


# --- hooks ---------------------------------------------------------------------------------------

EVENT = ChoiceEvent(
    action="accept",
    granted=frozenset({"analytics"}),
    refused=frozenset(),
    day=DAY,
    signal=False,
    locale="en",
    policy_version=None,
)


def test_hook_gets_the_event() -> None:
    events: list[ChoiceEvent] = []
    consent(on_choice=events.append).announce(EVENT)
    assert events == [EVENT]


def test_failing_hook_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def broken(event: ChoiceEvent) -> None:
        message = "the site's own mistake"
        raise RuntimeError(message)

    site = consent(on_choice=broken)
    for _ in range(3):
        site.announce(EVENT)
    failures = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(failures) == 1
    assert "broken" in failures[0].getMessage()
    assert failures[0].exc_info is not None


# --- nothing grows -------------------------------------------------------------------------------


def sizes(site: Consent) -> dict[str, int]:
    """Return how much is kept of what visitors sent."""
    return {
        "verified cookies": len(site._standings),
        "filters": len(site._filters),
        "rendered markup": len(site._fragments),
        "reported names": len(site.reporter._seen),
        "judged names": sum(len(known._verdicts) for known in filters_of(site)),
    }


def filters_of(site: Consent) -> Iterator[CookieFilter]:
    """Yield every filter that is alive, whoever holds it."""
    gc.collect()
    for thing in gc.get_objects():
        # Not `isinstance`: that wakes lazy objects of other packages.
        if type(thing) is CookieFilter and thing._registry is site.registry:
            yield thing


def test_invented_names_are_forgotten() -> None:
    site = consent()
    for start in range(0, 60_000, 200):
        names = b"; ".join(b"n%d=1" % number for number in range(start, start + 200))
        request_to(site, cookies=[names])
        known = b"; ".join(b"_ga_%d=1" % number for number in range(start, start + 200))
        request_to(site, cookies=[known]).start(200, [(b"set-cookie", b"x%d=1" % start)])
    kept = sizes(site)
    assert kept["judged names"] <= 2 * (MEMO_NAMES + 1)
    assert kept["reported names"] <= 1024


def test_long_names_are_not_remembered() -> None:
    site = consent()
    for number in range(200):
        request_to(site, cookies=[b"%d" % number + b"a" * 5000 + b"=1"])
    for known in filters_of(site):
        assert sum(map(sys.getsizeof, known._verdicts)) < 100_000
    assert sum(sys.getsizeof(name) for _, name in site.reporter._seen) < 100_000


def test_forged_cookies_are_not_remembered() -> None:
    site = consent()
    before = sizes(site)
    for number in range(3000):
        request_to(site, cookies=[b"__Host-cookieconsent=forged%d" % number])
    after = sizes(site)
    assert after["verified cookies"] == before["verified cookies"]
    assert after["reported names"] <= before["reported names"] + 1


def test_valid_cookies_are_remembered_in_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A visitor can make thousands of valid cookies by saving, one a combination and day."""
    monkeypatch.setattr(module, "_MAX_STANDINGS", 50)
    site = consent(classes=[CookieClass(f"own-{number}") for number in range(24)])
    names = sorted(site.switchable_names)
    pick = random.Random(7)
    for _ in range(300):
        yes = frozenset(pick.sample(names, pick.randrange(len(names))))
        token = value(site, Choice(day=DAY, granted=yes, refused=site.switchable_names - yes))
        invented = b"; ".join(b"%d=1" % pick.randrange(10**9) for _ in range(50))
        request_to(site, cookies=[b"__Host-cookieconsent=" + token + b"; " + invented])
    kept = sizes(site)
    assert kept["verified cookies"] <= 50
    assert kept["filters"] <= module._MAX_FILTERS
    assert len(list(filters_of(site))) <= module._MAX_FILTERS + 2, "the undecided keep theirs"


def test_mounts_and_days_are_remembered_in_bounds() -> None:
    site = consent()
    look = Look()
    for number in range(600):
        site.fragment("banner", "en", look, f"/mount{number}/cookie-consent", DAY)
        site.fragment("settings", "en", look, "/cookie-consent", DAY + number)
    assert sizes(site)["rendered markup"] <= 256


def test_rendered_markup_is_shared() -> None:
    site = consent()
    first = site.fragment("banner", "en", Look(), "/cookie-consent", DAY)
    assert site.fragment("banner", "en", Look(), "/cookie-consent", DAY) is first
    assert site.fragment("banner", "en", Look(), "/cookie-consent", DAY + 1) is not first


def test_state_of_one_visitor_is_no_other_visitors() -> None:
    """Interleaved requests on one object keep their own answers."""
    site = consent()
    yes = b"__Host-cookieconsent=" + value(site, YES)
    no = b"__Host-cookieconsent=" + value(site, NO)
    exchanges = [request_to(site, cookies=[cookie]) for cookie in (yes, no, b"x=1")]
    for order in itertools.permutations(range(3)):
        answers = {index: ConsentState(exchanges[index]).allows("analytics") for index in order}
        assert answers == {0: True, 1: False, 2: False}
