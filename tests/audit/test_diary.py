"""What a browser could not load leaves a gap where the network is at fault, and there alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from audit.fixtures.shop import FBP_LINE, Shop, look_at
from cookieconsent.audit.checks import BY_ID
from cookieconsent.audit.diary import MAX_REQUESTS, Diary
from cookieconsent.audit.evidence import Evidence, View
from cookieconsent.audit.judging import judge
from cookieconsent.observation.traffic import Traffic

BASE = "https://shop.example/"


class Session:
    """Tells what a browser would tell."""

    def __init__(self) -> None:
        self.heard: dict[str, Callable[[Mapping[str, Any]], None]] = {}

    def on(self, event: str, f: Callable[..., None]) -> None:
        self.heard[event] = f

    def ask(self, key: str, url: str, kind: str, frame: str) -> None:
        request = {"url": url, "method": "GET", "isSameSite": url.startswith(BASE)}
        told = {"requestId": key, "loaderId": key, "frameId": frame, "type": kind}
        self.heard["Network.requestWillBeSent"]({**told, "request": request})

    def fail(self, key: str, error: str) -> None:
        self.heard["Network.loadingFailed"]({"requestId": key, "errorText": error})

    def succeed(self, key: str) -> None:
        self.heard["Network.responseReceived"]({"requestId": key, "response": {"status": 200}})
        self.heard["Network.loadingFinished"]({"requestId": key})


def met(kind: str, *errors: str | None, url: str = "https://cdn.example/x?id=hush7") -> View:
    """Return the view of a page that asks for this; `None` for a request without an end."""
    session, traffic, views = Session(), Traffic("main", "tell"), list[View]()
    traffic.listen(session)
    session.ask("page", BASE, "Document", "main")
    session.succeed("page")
    for number, error in enumerate(errors):
        session.ask(f"r{number}", url.replace("cdn", f"cdn{number or ''}"), kind, "frame")
        if error is not None:
            session.fail(f"r{number}", error)
    traffic.give_up()
    return Diary(BASE, views).note(traffic.take(), "before", BASE, None)


@pytest.mark.parametrize("kind", ["Script", "Document", "Image"])
@pytest.mark.parametrize(
    "error",
    [
        "net::ERR_NAME_NOT_RESOLVED",
        "net::ERR_INTERNET_DISCONNECTED",
        "net::ERR_CONNECTION_REFUSED",
        "net::ERR_TIMED_OUT",
        "net::ERR_CERT_AUTHORITY_INVALID",
        "net::ERR_NETWORK_ACCESS_DENIED",
        None,
    ],
)
def test_fault_of_the_network_is_kept(kind: str, error: str | None) -> None:
    view = met(kind, error)
    assert (view.status, view.fault, view.unloaded) == (200, None, ["cdn.example"])


@pytest.mark.parametrize(
    "error",
    [
        "",
        "net::ERR_BLOCKED_BY_CSP",
        "net::ERR_BLOCKED_BY_CLIENT",
        "net::ERR_BLOCKED_BY_ORB",
        "net::ERR_BLOCKED_BY_RESPONSE",
        "net::ERR_ABORTED",
        "net::ERR_FAILED",
    ],
)
def test_what_is_stopped_on_purpose_is_no_gap(error: str) -> None:
    assert met("Script", error).unloaded == []


def test_what_sets_nothing_is_no_gap() -> None:
    assert met("Font", "net::ERR_NAME_NOT_RESOLVED").unloaded == []


def test_number_of_lost_hosts_is_bounded() -> None:
    view = met("Script", *["net::ERR_NAME_NOT_RESOLVED"] * (MAX_REQUESTS + 5))
    assert len(view.unloaded) == MAX_REQUESTS


# --- what that leaves open ------------------------------------------------------------------------


def losing(*hosts: str) -> Callable[[Evidence], None]:
    """Return what loses something of these hosts on each first page."""

    def alter(evidence: Evidence) -> None:
        for run in evidence.runs.values():
            run.views[0].unloaded += hosts

    return alter


OPEN = [
    # check, state that it is left open in
    ("CC101", "none"),
    ("CC102", "none"),
    ("CC103", "rejected"),
    ("CC104", "withdrawn"),
    ("CC106", "gpc"),
    ("CC107", "tampered"),
    ("CC108", "stale"),
    ("CC109", "partial:analytics"),
    ("CC112", "none"),
    ("CC206", "accepted"),
]


@pytest.fixture(scope="module")
def lost() -> Evidence:
    return look_at(Shop(alter=losing("a.example", "b.example", "c.example", "d.example")))


@pytest.mark.parametrize(("check", "state"), OPEN)
def test_lost_script_leaves_questions_open(lost: Evidence, check: str, state: str) -> None:
    found = {verdict.state: verdict for verdict in judge(lost, Shop().site, [BY_ID[check]])}
    named = "a.example, b.example, c.example and more"
    said = f"what pages load from {named} could not be loaded, and may set more"
    assert (found[state].outcome, found[state].reason) == ("unverified", said)


def test_lost_script_hides_no_finding() -> None:
    shop = Shop(past=lambda _visit: [FBP_LINE])
    evidence = look_at(replace(shop, alter=losing("a.example")))
    verdict = judge(evidence, shop.site, [BY_ID["CC101"]])[0]
    assert (verdict.outcome, len(verdict.findings)) == ("violation", 1)
    assert verdict.reason == "what pages load from a.example could not be loaded, and may set more"
