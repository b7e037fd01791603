"""What single checks make of single lines, peers' mistakes among them, and what they cannot tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import count
from typing import Any

import pytest

from audit.fixtures.shop import (
    BASE,
    DECLARED,
    DOORS,
    FBP_LINE,
    GA_LINE,
    OPEN,
    OWN,
    SID_LINE,
    Door,
    Outside,
    Shop,
    Visit,
    also,
    configured,
    convicted,
    declared,
    instead,
    look_at,
    verdicts_on,
)
from cookieconsent import Cookie, CookieClass
from cookieconsent.audit.check import Verdict
from cookieconsent.audit.checks import BY_ID, CHECKS
from cookieconsent.audit.checks.sightings import SCRIPTS_UNSEEN, refused
from cookieconsent.audit.evidence import Evidence
from cookieconsent.audit.judging import judge
from cookieconsent.audit.names import USUAL_PAGES
from cookieconsent.audit.plan import Plan
from cookieconsent.audit.probes import ABSENT
from cookieconsent.audit.run import observe
from cookieconsent.audit.site import EarlierCookie, Site
from cookieconsent.audit.visitor import HttpVisitor, Visitor
from cookieconsent.core.catalog import shipped_rules
from cookieconsent.core.registry import Registry
from cookieconsent.demo import asgi as demo_asgi
from cookieconsent.demo import wsgi as demo_wsgi
from cookieconsent.demo.shop import Shop as Demo
from cookieconsent.observation.answer import Request
from cookieconsent.observation.asgi import AsgiClient
from cookieconsent.observation.wsgi import WsgiClient

UNKNOWN = "nobody knows what it is for, so it counts as needing consent"
BARE = Site(config=None, registry=Registry((), shipped_rules()))


def past(line: str) -> Shop:
    """Return a shop that sets this past the middleware, whatever the visitor says."""
    return Shop(past=lambda _visit: [line])


def told(shop: Shop, check: str, state: str = "none") -> list[str]:
    return [
        finding.said
        for verdict in verdicts_on(shop)
        for finding in verdict.findings
        if (verdict.check, verdict.state) == (check, state)
    ]


CONSENT_CASES = [
    # name, and what is said of it in part; None: no finding
    ("_ga", "_ga is set although nobody has said yes"),
    ("IDE", "IDE is set although nobody has said yes"),  # a peer lower-cases one side
    ("ide", UNKNOWN),  # names are case-sensitive
    ("frontend_x", UNKNOWN),  # a peer finds "fr" in it, and another "token" in any name
    ("my_token_session", UNKNOWN),
    ("uploads_x", UNKNOWN),
    ("uid_x", UNKNOWN),
    ("PHPSESSID", None),
    ("csrftoken", None),
]


@pytest.mark.parametrize(("name", "said"), CONSENT_CASES)
def test_name_alone_convicts_as_it_should(name: str, said: str | None) -> None:
    found = [text for text in told(past(f"{name}=1{OWN}"), "CC101") if name in text]
    assert len(found) == (said is not None)
    assert said is None or said in found[0]


def test_every_set_cookie_line_is_read() -> None:
    shop = Shop(past=lambda _visit: [f"{name}=1{OPEN}" for name in ("_gid", "_fbp", "IDE")])
    assert [text.split()[0] for text in told(shop, "CC101")] == ["_gid", "_fbp", "IDE"]


def test_deletion_is_no_fault() -> None:
    found = convicted(verdicts_on(past("_gid=; Max-Age=0; Path=/")))
    assert {check for check in found if check.startswith("CC1")} == set()


def test_refused_cookie_is_said_to_be_refused() -> None:
    said = told(past("_gid=1; Path=/; Domain=shop.other; Secure; SameSite=Lax"), "CC101")
    refusal = "browsers refuse it, for its Domain is another host's"
    assert said == [f"_gid is set although nobody has said yes; {refusal}"]


@pytest.mark.parametrize(
    ("why", "added"),
    [
        (None, ""),
        ("the visitor's settings refuse it", ""),
        ("SameSite=None needs Secure", "; browsers refuse it, for SameSite=None needs Secure"),
    ],
)
def test_settings_of_one_visitor_are_no_fault_of_the_cookie(why: str | None, added: str) -> None:
    evidence = look_at(Shop(lines=also(f"_gid=1{OPEN}")))
    _, met = next(iter(evidence.runs["accepted"].sightings()))
    assert refused(replace(met, refused=why)) == added


def test_site_on_this_machine_is_judged() -> None:
    shop = replace(past(f"_gid=1{OPEN}"), base="https://localhost/")
    assert told(shop, "CC101")


def test_cookie_left_in_the_jar_is_found() -> None:
    shop = past("_gid=1; Path=/a; Secure; SameSite=Lax")
    evidence = look_at(shop)
    for view in evidence.runs["withdrawn"].views:
        if view.step in {"withdrawal", "afterwards"}:
            view.sightings.clear()
    verdicts = judge(evidence, shop.site, [BY_ID["CC104"]])
    said = [f.said for v in verdicts for f in v.findings if v.state == "withdrawn"]
    assert said == ["_gid is still there after the withdrawal"]


def setting_while_answered(answer: Outside) -> None:
    """Set a cookie in the answer to the form alone, and delete it on the next page."""
    is_form = answer.method == "POST"
    line = f"_gid=1{OPEN}" if is_form else f"_gid=; Max-Age=0{OPEN}"
    answer.headers = [*answer.headers, ("Set-Cookie", line)]


@pytest.mark.parametrize(
    ("check", "state", "when"),
    [
        ("CC103", "rejected", "after the no"),
        ("CC103", "nojs", "after the no"),
        ("CC104", "seeded", "after the no"),
        ("CC104", "withdrawn", "after the withdrawal"),
    ],
)
def test_cookie_set_by_the_answer_itself_is_found(check: str, state: str, when: str) -> None:
    assert told(Shop(spoil=setting_while_answered), check, state) == [f"_gid is set {when}"]


def setting_other_while_answered(answer: Outside) -> None:
    if answer.method == "POST":
        answer.headers = [*answer.headers, ("Set-Cookie", FBP_LINE)]


def test_cookie_of_another_class_is_found_in_the_answer_itself() -> None:
    shop = Shop(lines=instead(fbp=SID_LINE), spoil=setting_other_while_answered)
    said = ["_fbp is set although only analytics was allowed"]
    assert told(shop, "CC109", "partial:analytics") == said
    assert told(shop, "CC109", "partial:advertising") == []


def setting_before_the_answer(answer: Outside) -> None:
    is_form = answer.path == "/cookie-consent" and answer.method == "GET" and not answer.decided
    line = f"_gid=1{OPEN}" if is_form else f"_gid=; Max-Age=0{OPEN}"
    answer.headers = [*answer.headers, ("Set-Cookie", line)]


def test_page_of_the_form_comes_before_the_answer() -> None:
    evidence = look_at(Shop(config=configured(shape="none"), spoil=setting_before_the_answer))
    views = evidence.runs["rejected"].views
    assert any(view.place == "/cookie-consent" and view.step == "answer" for view in views)
    found = judge(evidence, Shop().site, [BY_ID["CC103"]])
    assert [finding for verdict in found for finding in verdict.findings] == []


def test_failed_withdrawal_is_no_fault_of_cookies() -> None:
    evidence = look_at(Shop())
    run = evidence.runs["withdrawn"]
    run.views = [view for view in run.views if view.step in {"before", "answer", "after"}]
    run.unverified = "the answer 'withdraw' was met with status 500"
    (verdict,) = (
        v for v in judge(evidence, Shop().site, [BY_ID["CC104"]]) if v.state == "withdrawn"
    )
    assert (verdict.outcome, verdict.reason) == ("unverified", run.unverified)


LINES = [
    # a line past the middleware, and the checks of attributes that convict it
    (f"sid=1{OWN}", set()),
    ("sid=1", {"CC401", "CC402", "CC403", "CC412"}),
    ("sid=1; Path=/; SameSite=None", {"CC402", "CC404"}),
    (f"sid=1{OWN}; Partitioned", set()),
    ("sid=1; Path=/; HttpOnly; SameSite=Lax; Partitioned", {"CC404"}),
    (f"sid=1{OWN}; SameSite=Strict", {"CC403"}),
    (f"sid=1{OWN}; Path=/", {"CC403"}),
    ("sid=1; Path=/; Secure; HttpOnly; SameSite=Loose", {"CC403"}),
    ("sid=1; Path=/; Secure; HttpOnly; SameSite=None", {"CC403"}),
    ("__Secure-id=1; Path=/; HttpOnly; SameSite=Lax", {"CC405"}),
    (f"__Host-id=1{OWN}; Domain=www.shop.example", {"CC405"}),
    (f"__Host-id=1{OWN}", set()),
    (f"csrf_session=1{OPEN}", {"CC402"}),
    (f"csrftoken=1{OPEN}", set()),
    (f"XSRF-TOKEN=1{OPEN}", set()),
    (f"authenticity_csrf=1{OPEN}", set()),
    (f"sid=1{OWN}; Domain=www.shop.example", set()),
    (f"sid=1{OWN}; Domain=.shop.example", {"CC409"}),
    (f"sid=1{OWN}; Domain=co.uk", {"CC409"}),
    (f"sid=1{OWN}; Max-Age=1209600", {"CC407"}),
    (f"__stripe_mid=1{OWN}; Max-Age=31536000", {"CC407"}),
    (f"__cf_bm=1{OWN}; Max-Age=31536000", {"CC407"}),
    (f"__cf_bm=1{OWN}; Max-Age=1800", set()),
    (f"mystery=1{OPEN}; Max-Age=34560001", {"CC406"}),
    (f"CookieConsent=1{OPEN}; Max-Age=31536000", {"CC406"}),
    (f"CookieConsent=1{OPEN}; Max-Age=15552000", set()),
    ("HttpOnly", {"CC403", "CC401", "CC411"}),
    (f"=nameless{OPEN}", {"CC411"}),
    (f"sid=1{OWN}; Max-Age=soon", {"CC411"}),
    (f"sid=192.168.7.9{OWN}", {"CC413"}),
    (f"sid=eyJlbWFpbCI6ImFkYUBzaG9wLmV4YW1wbGUifQ.ZzZ.abc{OWN}", {"CC413"}),  # Flask's session
    (f"sid=YWRhQHNob3AuZXhhbXBsZQ=={OWN}", {"CC413"}),
    (f"sid=ada%2540shop.example{OWN}", {"CC413"}),
    (f"sid=eyJ0aGVtZSI6ImRhcmsifQ.ZzZ.abc{OWN}", set()),
    (f"sid=%7B%22name%22%3A%22dark%22%7D{OWN}", set()),
    (f"sid={'A' * 4000}{OWN}", set()),
    (f"user_password=1{OWN}", {"CC413"}),
    (f"sid=eyJhbGciOiJIUzI1NiJ9.eyJlbWFpbCI6ImEifQ.x{OWN}", {"CC413"}),
    (f"JSESSIONID=1{OWN}", {"CC414"}),
]


@pytest.mark.parametrize(("line", "checks"), LINES)
def test_line_is_judged_by_its_attributes(line: str, checks: set[str]) -> None:
    cookies = [
        declared("sid", "authentication"),
        declared("__Host-id", "authentication"),
        declared("__Secure-id", "authentication"),
        declared("csrf_session", "authentication"),
        declared("authenticity_csrf", "authentication"),
    ]
    shop = Shop(lines=lambda _visit: [], past=lambda _visit: [line], config=configured(cookies))
    found = convicted(judge(look_at(shop), shop.site, CHECKS))
    assert {check for check in found if check.startswith("CC4")} == checks, found


def on_errors(*lines: str) -> Callable[[Outside], None]:
    """Return what sets these on error pages alone."""

    def spoil(answer: Outside) -> None:
        if answer.path == ABSENT:
            answer.status = 404
            answer.headers = [*answer.headers, *(("Set-Cookie", line) for line in lines)]

    return spoil


def test_cookies_of_error_pages_are_judged_by_their_attributes() -> None:
    shop = Shop(
        lines=instead(sid=GA_LINE), spoil=on_errors("sid=1; Path=/", "PHPSESSID=1; Max-Age=soon")
    )
    found = convicted(verdicts_on(shop))
    assert {"CC401", "CC402", "CC403", "CC411", "CC201"} <= set(found)
    assert "none: PHPSESSID is set and not declared" in found["CC201"]
    assert "CC202" not in found


def test_insecure_line_is_found_behind_the_same_one_over_http() -> None:
    shop = Shop(lines=instead(sid="sid=1; Path=/; HttpOnly; SameSite=Lax"))
    evidence = look_at(shop)
    first = evidence.runs["none"].views[0]
    evidence.runs["none"].views.insert(0, replace(first, url="http://www.shop.example/"))
    verdicts = judge(evidence, shop.site, [BY_ID["CC401"]])
    assert [f.cookie for v in verdicts if v.state == "none" for f in v.findings] == ["sid"]


def test_insecure_session_is_told_first() -> None:
    """A peer leaves necessary cookies out of this check."""
    shop = Shop(past=lambda _visit: ["_gid=1; Path=/; SameSite=Lax", "sid=1; Path=/"])
    said = told(shop, "CC401")
    assert said[0].startswith("sid is set over https without Secure")
    assert len(said) == 2


def test_public_suffix_is_worse_than_a_parent() -> None:
    verdicts = verdicts_on(past(f"sid=1{OWN}; Domain=example"))
    severities = {f.severity for v in verdicts for f in v.findings if v.check == "CC409"}
    assert severities == {"high"}


def test_secure_is_not_asked_for_over_http() -> None:
    shop = replace(Shop(lines=instead(sid="sid=1")), base="http://www.shop.example/")
    outcomes = {v.outcome for v in verdicts_on(shop) if v.check == "CC401"}
    assert outcomes == {"unverified"}


def test_yes_may_be_prolonged_by_those_who_gave_it() -> None:
    """What is prolonged is told of visitors who have said no yes alone."""
    classes = [CookieClass("analytics", regime="objection")]
    verdicts = verdicts_on(Shop(config=configured(classes=classes)))
    states = {v.state for v in verdicts if v.check == "CC408" and v.findings}
    assert states >= {"none", "ignored"}
    assert states.isdisjoint({"accepted", "gpc-accepted", "partial:analytics", "withdrawn"})


def test_many_lines_are_too_much_for_one_answer() -> None:
    lines = [f"sid{number}={'x' * 900}{OWN}" for number in range(10)]
    shop = Shop(
        lines=also(*lines), config=configured((*DECLARED, declared("sid*", "authentication")))
    )
    assert "proxies take 8192" in told(shop, "CC410")[0]


def test_more_than_fifty_cookies_are_too_many() -> None:
    lines = [f"sid{number}=1{OWN}" for number in range(51)]
    shop = Shop(
        lines=also(*lines), config=configured((*DECLARED, declared("sid*", "authentication")))
    )
    assert "browsers promise 50" in told(shop, "CC410")[-1]


# --- what cannot be told --------------------------------------------------------------------------


def outcome(verdicts: list[Verdict], check: str, state: str) -> tuple[str, str | None]:
    (verdict,) = (v for v in verdicts if (v.check, v.state) == (check, state))
    return verdict.outcome, verdict.reason


SCRIPT = '<script src="https://cdn.example/a.js"></script>'
FORM = '<form method="post" action="/buy"><button>Buy</button></form>'
DEAD = configured((*DECLARED, declared("_pk_id*", "analytics", "1 years")))
UNVERIFIED = [
    (Shop(head=SCRIPT, config=DEAD), "CC202", "accepted", "scripts were not run"),
    (Shop(head=FORM, config=DEAD), "CC202", "accepted", "nobody filled in the site's forms"),
    (Shop(head=SCRIPT), "CC206", "accepted", "scripts were not run"),
    (
        Shop(lines=lambda _: [], head=SCRIPT, config=configured()),
        "CC102",
        "none",
        "only a browser can tell",
    ),
    (
        Shop(
            lines=lambda _: [f"sid=1{OWN}"],
            head=SCRIPT,
            config=configured([declared("sid", "authentication")]),
        ),
        "CC114",
        "none",
        "scripts were not run",
    ),
]


@pytest.mark.parametrize(("shop", "check", "state", "reason"), UNVERIFIED)
def test_what_was_not_seen_is_not_clean(shop: Shop, check: str, state: str, reason: str) -> None:
    found, why = outcome(verdicts_on(shop), check, state)
    assert found == "unverified"
    assert reason in (why or "")


@pytest.mark.parametrize(
    ("number", "links", "said"),
    [
        (1, "<a href=/logout>out</a>", "p0; and 1 page was not looked at"),
        (
            7,
            "<a href=/logout>out</a><a href=/delete>less</a>",
            "p0, p1, p2, p3, p4 and 2 more; and 2 pages were not looked at",
        ),
    ],
)
def test_declared_cookies_that_nobody_met_are_named(number: int, links: str, said: str) -> None:
    dead = [declared(f"p{index}", "analytics", "1 years") for index in range(number)]
    shop = Shop(head=links, config=configured((*DECLARED, *dead)))
    reason = outcome(verdicts_on(shop), "CC202", "accepted")[1]
    assert reason == f"declared, but not seen: {said}"


def test_received_cookies_cannot_be_told_from_outside() -> None:
    evidence = look_at(Shop())
    for view in evidence.runs["withdrawn"].views:
        view.received = None
    verdicts = judge(evidence, Shop().site, [BY_ID["CC105"]])
    found, why = outcome(verdicts, "CC105", "withdrawn")
    assert (found, "in process alone" in (why or "")) == ("unverified", True)


def tracking_as(name: str, when: Callable[[Visit], bool], form: str = "u{}") -> Shop:
    """Return a shop that numbers its visitors in a cookie of this name, past the middleware."""
    numbers = count(1_000_000)
    end = f"{OWN}; Max-Age=15552000"
    return Shop(
        past=lambda visit: [f"{name}={form.format(next(numbers))}{end}"] if when(visit) else []
    )


OWN_NAME = configured().cookie_name
SIGNED = "AQ{}." + "x" * 43
HIDING = "is not what the middleware writes, so something else hides under its name"
HIDDEN = [
    (tracking_as(OWN_NAME, lambda v: True), "CC111", "none", "for each of 11 who gave none"),
    (
        tracking_as(OWN_NAME, lambda v: OWN_NAME not in v.came, SIGNED),
        "CC111",
        "ignored",
        "for each of 12 who gave none",
    ),
    (tracking_as(OWN_NAME, lambda v: v.refused_all), "CC110", "rejected", HIDING),
    (tracking_as(OWN_NAME, lambda v: v.allows("analytics")), "CC110", "accepted", HIDING),
    (
        tracking_as(OWN_NAME, lambda v: v.allows("advertising")),
        "CC110",
        "partial:advertising",
        HIDING,
    ),
    (tracking_as(OWN_NAME, lambda v: v.signal), "CC110", "gpc", HIDING),
    (
        tracking_as(OWN_NAME, lambda v: v.refused_all, SIGNED),
        "CC110",
        "rejected",
        "is another one for each of 3 visitors",
    ),
]


@pytest.mark.parametrize(("shop", "check", "state", "said"), HIDDEN)
def test_tracker_under_the_consent_cookies_name_is_found(
    shop: Shop, check: str, state: str, said: str
) -> None:
    assert any(said in text for text in told(shop, check, state))


def test_imitated_yes_of_one_visitor_is_not_clean() -> None:
    shop = tracking_as(OWN_NAME, lambda v: v.allows("analytics"), SIGNED)
    found, why = outcome(verdicts_on(shop), "CC110", "accepted")
    assert (found, "add the states withdrawn" in (why or "")) == ("unverified", True)


def test_tracker_under_another_tools_name_is_found() -> None:
    verdicts = judge(look_at(tracking_as("CookieConsent", lambda v: True)), BARE, CHECKS)
    (finding,) = (
        f for v in verdicts for f in v.findings if (v.check, v.state) == ("CC111", "none")
    )
    assert (finding.severity, "who gave none" in finding.said) == ("high", True)


def other_day(evidence: Evidence, *states: str) -> None:
    """Let the answers of these visitors be those of another day."""
    for _, sighting in (pair for state in states for pair in evidence.runs[state].sightings()):
        if sighting.line.signed:
            object.__setattr__(sighting, "line", replace(sighting.line, digest="0" * 12))


@pytest.mark.parametrize(
    ("later", "missing", "outcome"),
    [
        ({"seeded"}, set(), "pass"),
        ({"seeded", "nojs"}, set(), "pass"),
        ({"seeded"}, {"nojs"}, "unverified"),
        (set(), {"nojs"}, "pass"),
        (set(), {"nojs", "seeded"}, "unverified"),
    ],
)
def test_midnight_makes_nobody_an_identifier(
    later: set[str], missing: set[str], outcome: str
) -> None:
    evidence = look_at(Shop())
    other_day(evidence, *later)
    for name in missing:
        del evidence.runs[name]
    verdicts = judge(evidence, Shop().site, [BY_ID["CC110"]])
    (verdict,) = (v for v in verdicts if v.state == "rejected")
    assert verdict.outcome == outcome
    assert "add the states nojs" in (verdict.reason or "add the states nojs")


@pytest.mark.parametrize(("check", "state"), [("CC107", "tampered"), ("CC108", "stale")])
def test_honoured_answer_needs_the_state_without_one(check: str, state: str) -> None:
    evidence = look_at(Shop())
    del evidence.runs["none"]
    found, why = outcome(judge(evidence, Shop().site, [BY_ID[check]]), check, state)
    assert (found, "add the state none" in (why or "")) == ("unverified", True)


@pytest.mark.parametrize(("check", "state"), [("CC107", "tampered"), ("CC108", "stale")])
def test_page_that_no_longer_asks_honours_the_answer(check: str, state: str) -> None:
    evidence = look_at(Shop())
    silent = evidence.runs["accepted"].pages("after")
    run = evidence.runs[state]
    run.views = [
        replace(view, page=silent[0].page) if view.step in {"before", "after"} else view
        for view in run.views
    ]
    (finding,) = (f for v in judge(evidence, Shop().site, [BY_ID[check]]) for f in v.findings)
    assert "the page does not ask" in finding.said


@pytest.mark.parametrize(("check", "state"), [("CC107", "tampered"), ("CC108", "stale")])
@pytest.mark.parametrize(("method", "status"), [("POST", 302), ("GET", 302), ("POST", 200)])
def test_page_behind_a_form_is_not_compared(
    check: str, state: str, method: str, status: int
) -> None:
    evidence = look_at(Shop())
    silent = evidence.runs["accepted"].pages("after")[0].page
    evidence.runs[state].views += [
        replace(view, method=method, status=status, page=silent)
        for view in evidence.runs[state].pages("before", "after")
    ]
    assert outcome(judge(evidence, Shop().site, [BY_ID[check]]), check, state)[0] == "pass"


KEPT_BACK = "is set by the application and not declared, so the middleware keeps it back"


@pytest.mark.parametrize("door", DOORS)
def test_undeclared_cookie_that_is_kept_back_is_told(door: Door) -> None:
    shop = Shop(lines=also(f"mystery=1{OPEN}", f"__Host-cookieconsent=1{OPEN}", "=a"))
    evidence = look_at(shop, door, states=["none", "accepted"])
    found = [f for v in judge(evidence, shop.site, [BY_ID["CC201"]]) for f in v.findings]
    assert [(f.state, f.said, f.severity, f.setter) for f in found] == [
        (state, f"mystery {KEPT_BACK}", "low", "application, kept back")
        for state in ("none", "accepted")
    ]


def test_undeclared_cookie_that_waits_for_a_yes_is_told_where_it_is_set() -> None:
    shop = Shop(lines=also(f"_hjid=1{OPEN}"))
    evidence = look_at(shop, states=["none", "accepted"])
    found = [f for v in judge(evidence, shop.site, [BY_ID["CC201"]]) for f in v.findings]
    assert [(f.state, f.said) for f in found] == [("accepted", "_hjid is set and not declared")]


SCRIPTED = [
    ("CC103", "rejected"),
    ("CC104", "withdrawn"),
    ("CC104", "seeded"),
    ("CC106", "gpc"),
    ("CC109", "partial:analytics"),
    ("CC201", "none"),
    ("CC204", "none"),
]


@cache
def seen_with(head: str) -> Evidence:
    return look_at(Shop(head=head))


def judged_with(head: str, check: str, state: str) -> tuple[str, str | None]:
    return outcome(judge(seen_with(head), Shop().site, [BY_ID[check]]), check, state)


@pytest.mark.parametrize(("check", "state"), SCRIPTED)
def test_what_scripts_may_set_is_unverified_without_a_browser(check: str, state: str) -> None:
    scripted = "<script>document.cookie='_ga=1'</script>"
    assert judged_with(scripted, check, state) == ("unverified", SCRIPTS_UNSEEN)
    assert judged_with("", check, state) == ("pass", None)


@pytest.mark.parametrize("check", ["CC103", "CC201", "CC204"])
def test_who_runs_no_scripts_sees_what_they_would_not_set(check: str) -> None:
    assert judged_with("<script>document.cookie='_ga=1'</script>", check, "nojs")[0] == "pass"
    assert judged_with(SCRIPT, check, "nojs") == ("unverified", SCRIPTS_UNSEEN)


def test_fault_beside_unseen_scripts_stays_one() -> None:
    shop = replace(past(GA_LINE), head="<script>0</script>")
    assert outcome(verdicts_on(shop), "CC103", "rejected") == ("violation", SCRIPTS_UNSEEN)


def test_without_earlier_report_nothing_is_compared() -> None:
    evidence = look_at(Shop())
    verdicts = judge(evidence, Shop().site, [BY_ID["CC210"]])
    said = "nothing was compared, for there is no earlier report; add --earlier FILE"
    assert {(v.outcome, v.reason) for v in verdicts} == {("pass", said)}


GUARDED = {"path": "/", "secure": "", "httponly": "", "samesite": "Strict"}
GUARDS: list[tuple[dict[str, str] | None, str, str | None]] = [
    # attributes in the earlier report; the line now; what is said of it
    (GUARDED, "; Path=/; Secure; HttpOnly; SameSite=Strict", None),
    (GUARDED, "; Path=/; Secure; HttpOnly; SameSite=STRICT", None),
    (GUARDED, "", "without Secure, without HttpOnly, without SameSite"),
    (GUARDED, "; Secure; HttpOnly; SameSite=Lax", "SameSite=Lax instead of Strict"),
    (GUARDED, "; Secure; HttpOnly; SameSite=x", "SameSite=<1 octet> instead of Strict"),
    ({"path": "/"}, "; Domain=www.shop.example", "sent to sub-domains (Domain)"),
    ({"partitioned": ""}, "", "without Partitioned"),
    ({"samesite": "None"}, "; SameSite=Lax", None),
    ({"domain": "www.shop.example"}, "", None),
    ({}, "; Secure; HttpOnly; SameSite=Strict", None),
    (None, "", None),
]


@pytest.mark.parametrize(("before", "line", "said"), GUARDS)
def test_cookie_that_is_less_guarded_than_before_is_told(
    before: dict[str, str] | None, line: str, said: str | None
) -> None:
    shop = Shop(lines=lambda _: [f"sid=1{line}"])
    row = EarlierCookie(
        name="sid", cls="authentication", vendor="Shop", lifetime=None, attributes=before
    )
    evidence = look_at(shop, states=["none"])
    (verdict,) = judge(evidence, replace(shop.site, earlier=[row]), [BY_ID["CC210"]])
    told = None if said is None else f"sid is less guarded than in the earlier report: {said}"
    assert [finding.said for finding in verdict.findings] == ([] if told is None else [told])


def test_cookie_that_is_set_in_several_ways_is_compared_with_all() -> None:
    shop = Shop(lines=lambda v: [SID_LINE if v.path == "/a" else "sid=1"])
    row = EarlierCookie(
        name="sid", cls="authentication", vendor="Shop", lifetime=None, attributes={"secure": ""}
    )
    evidence = look_at(shop, states=["none"])
    (verdict,) = judge(evidence, replace(shop.site, earlier=[row]), [BY_ID["CC210"]])
    assert verdict.outcome == "pass"


def test_cookie_is_new_beside_a_storage_entry_of_its_name() -> None:
    """Another kind of storage is kept for another time, and read by others."""
    evidence, site = look_at(Shop()), Shop().site
    row = EarlierCookie(name="sid", cls="authentication", vendor="Shop", lifetime=None)
    said = {
        kind: {
            finding.said
            for verdict in judge(
                evidence, replace(site, earlier=[replace(row, kind=kind)]), [BY_ID["CC210"]]
            )
            for finding in verdict.findings
        }
        for kind in ("cookie", "localStorage")
    }
    new = "sid is new since the earlier report"
    assert [new in found for found in said.values()] == [False, True]


def test_without_declarations_none_is_judged() -> None:
    verdicts = judge(look_at(Shop()), BARE, CHECKS)
    judged = {v.outcome for v in verdicts if v.check.startswith("CC2") and v.check != "CC210"}
    assert judged == {"unverified"}


PREFERENCES = [
    # days; severities of what CC406 finds
    (366, []),
    (367, ["low"]),
    (397, ["low"]),
    (398, ["medium"]),
]


@pytest.mark.parametrize(("days", "severities"), PREFERENCES)
def test_preference_is_kept_for_a_year_at_most(days: int, severities: list[str]) -> None:
    shop = Shop(
        lines=also(f"look=1{OPEN}; Max-Age={days * 86400}"),
        config=configured((*DECLARED, declared("look", "preferences", f"{days} days"))),
    )
    evidence = look_at(shop, states=["accepted"])
    (verdict,) = judge(evidence, shop.site, [BY_ID["CC406"]])
    assert [finding.severity for finding in verdict.findings] == severities


def test_lifetime_within_a_day_is_no_lie() -> None:
    cookies = (*DECLARED, declared("lab", "analytics", "1 hours"))
    shop = Shop(lines=also(f"lab=1{OPEN}; Max-Age=86400"), config=configured(cookies))
    assert told(shop, "CC204", "accepted") == []


def test_session_cookie_that_persists_is_a_lie() -> None:
    shop = Shop(lines=instead(sid=f"sid=1{OWN}; Max-Age=3600"))
    assert told(shop, "CC204") == ["sid is kept for 1 hour and declared for the session"]


def test_glob_that_swallows_another_class_is_too_broad() -> None:
    cookies = (*DECLARED, declared("_g*", "advertising"), declared("lab_*", "analytics"))
    shop = Shop(config=configured((*cookies, Cookie("lab_one", "advertising"))))
    assert [said.split(" ")[0] for said in told(shop, "CC209")] == ["_g*", "lab_*"]


# --- the shop of the demo -------------------------------------------------------------------------


def shopping(visitor: Visitor) -> None:
    """Sign in and fill the basket."""
    assert isinstance(visitor, HttpVisitor)
    for path, body in (("/sign-in", b"name=Ada"), ("/basket", b"add=mug")):
        form = [(b"content-type", b"application/x-www-form-urlencoded")]
        visitor.send(Request(url=f"{BASE[:-1]}{path}", method="POST", headers=form, body=body))


def verdicts_on_demo(door: Door, limit: int = USUAL_PAGES, **options: Any) -> list[Verdict]:
    demo = Demo("s" * 40)
    demo.config = replace(demo.config, **options)
    app = (demo_wsgi if door == "wsgi" else demo_asgi).application(demo)
    client = WsgiClient(app) if door == "wsgi" else AsgiClient(app)
    site = Site(config=demo.config, registry=demo.config.registry, has_secret=True)
    plan = Plan(
        target="demo",
        mode=door,
        base=BASE,
        site=site,
        client=client,
        app=app,
        limit=limit,
        prepare=shopping,
    )
    return judge(observe(plan), site, CHECKS)


@pytest.mark.parametrize("door", DOORS)
def test_demo_shop_is_clean_in_every_state(door: Door) -> None:
    verdicts = verdicts_on_demo(door, enforce=True)
    assert convicted(verdicts) == {}
    unverified = {v.check for v in verdicts if v.outcome == "unverified"}
    assert {check for check in unverified if "browser" not in BY_ID[check].needs} == set()


def test_cookie_that_the_audit_brought_is_said_to_be_from_it() -> None:
    verdicts = verdicts_on_demo("wsgi", enforce=False, limit=4)
    found = [f for v in verdicts if (v.check, v.state) == ("CC105", "seeded") for f in v.findings]
    said = {finding.cookie: finding.said for finding in found}
    brought = "; this audit brought it, as if from an earlier visit"
    assert (
        said["_hjSessionUser_1"]
        == f"_hjSessionUser_1 reaches the application without a yes{brought}"
    )
    assert said["_ga"] == "_ga reaches the application without a yes"


def test_consent_mode_is_found_behind_a_long_script() -> None:
    start = "var padding = '" + "x" * 9000 + "';"
    mode = "gtag('consent', 'default', {'ad_storage': 'granted'});"
    said = told(Shop(head=f"<script>{start}{mode}</script>"), "CC113")
    assert said == ["ad_storage is granted by default, before any answer"]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("gtag(`consent`, `default`, {ad_storage: `granted`})", ["ad_storage"]),
        ("dataLayer.push(['consent', 'default', {ad_storage: 'granted'}])", ["ad_storage"]),
        ("gtag('consent', 'update', {ad_storage: 'granted'})", []),
    ],
)
def test_consent_mode_is_found_however_it_is_written(call: str, said: list[str]) -> None:
    found = told(Shop(head=f"<script>{call};</script>"), "CC113")
    assert [text.split()[0] for text in found] == said


def test_computed_consent_mode_is_unverified() -> None:
    shop = Shop(head="<script>gtag('consent', 'default', settings);</script>")
    found, why = outcome(verdicts_on(shop), "CC113", "none")
    assert (found, "is computed" in (why or "")) == ("unverified", True)


PURPOSES = (
    declared("sid", "authentication"),
    replace(declared("_ga", "analytics", "1 years"), purpose="Counts the visitors."),
)
COUNTS_IN_GERMAN = {"Counts the visitors.": "Z\u00e4hlt die Besucher."}
ALL_IN_GERMAN = {**COUNTS_IN_GERMAN, "Keeps you signed in.": "H\u00e4lt Sie angemeldet."}


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({}, []),
        ({"de": {"Accept all": "Alles annehmen"}}, []),  # no purpose is, which may be meant so
        (
            {"de": COUNTS_IN_GERMAN},
            ["in 'de' the purpose of sid is not translated, others are"],
        ),
        ({"de": ALL_IN_GERMAN}, []),
    ],
    ids=["no language", "labels alone", "one of two", "both"],
)
def test_purposes_are_translated_all_or_none(
    texts: dict[str, dict[str, str]], said: list[str]
) -> None:
    cookies = (replace(PURPOSES[0], purpose="Keeps you signed in."), PURPOSES[1])
    assert told(Shop(config=configured(cookies, texts=texts)), "CC211", "partial:analytics") == said


LOOKS = [
    {"shape": "bottom"},
    {"shape": "corner"},
    {"shape": "none"},
    {"shared_cache": True},
    {"locale": "ar"},
]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("options", LOOKS, ids=str)
def test_demo_shop_is_clean_in_every_look(options: dict[str, Any], door: Door) -> None:
    found = convicted(verdicts_on_demo(door, limit=4, **options))
    assert set(found) <= {"CC508"}  # there are more pages than four


@pytest.mark.parametrize("door", DOORS)
def test_demo_shop_that_enforces_nothing_is_convicted(door: Door) -> None:
    verdicts = verdicts_on_demo(door, enforce=False)
    assert {"CC101", "CC106"} <= set(convicted(verdicts))
    [stale] = [verdict for verdict in verdicts if verdict.check == "CC108"]
    assert stale.outcome == "unverified", "where no answer counts, an old one shows nothing"
