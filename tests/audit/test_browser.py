"""The audit in a real Chromium: what scripts and others store, whose banner it is, what fails."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin

import pytest

from cookieconsent import Config
from cookieconsent.audit.browser import (
    BrowserVisitor,
    BrowserVisitors,
    through_browser,
)
from cookieconsent.audit.checks import BY_ID
from cookieconsent.audit.diary import MAX_NAME, MAX_REQUESTS
from cookieconsent.audit.evidence import Evidence, Sighting, View
from cookieconsent.audit.in_browser import audit_in_browser
from cookieconsent.audit.plan import Plan
from cookieconsent.audit.platforms import PLATFORMS
from cookieconsent.audit.reporting import report_on
from cookieconsent.audit.reports import FORMATS
from cookieconsent.audit.run import observe
from cookieconsent.audit.site import Site
from cookieconsent.audit.states import BY_NAME, STATES, Task
from cookieconsent.audit.unverified import UnverifiedError
from cookieconsent.audit.visitor import Visitor
from cookieconsent.cli import main
from cookieconsent.core.palette import contrast
from cookieconsent.demo import asgi, wsgi
from cookieconsent.demo.shop import Shop
from cookieconsent.observation.answer import Request
from cookieconsent.observation.browser_faults import NO_CHROMIUM
from cookieconsent.observation.document import MAX_HTML_CHARACTERS
from cookieconsent.observation.http import HttpClient
from cookieconsent.observation.jar import Seen
from cookieconsent.observation.layout import NARROW
from cookieconsent.observation.reaching import within
from cookieconsent.observation.serving import served
from cookieconsent.observation.traffic import MAX_EVENTS, MAX_STORED_CHARACTERS, without_query

SECRET: Final = "a secret of the tests, long enough to sign"
FLAGS: Final = ("--no-sandbox", "--host-resolver-rules=MAP *.test 127.0.0.1")
PNG: Final = b"\x89PNG\r\n"
DECLARED: Final = Config(secret_key=SECRET)
ONETRUST: Final = PLATFORMS[0]
DIDOMI: Final = next(platform for platform in PLATFORMS if platform.name == "Didomi")

Headers = list[tuple[str, str]]
Answer = tuple[Headers, bytes]


def page(body: str, *headers: tuple[str, str]) -> Answer:
    html = f"<!DOCTYPE html><html lang='en'><title>Shop</title><body>{body}</body></html>"
    return [("Content-Type", "text/html; charset=utf-8"), *headers], html.encode()


def script(text: str) -> Answer:
    return [("Content-Type", "text/javascript")], text.encode()


STORING: Final = script(
    "document.cookie = '_ga=GA1.1.hushed; path=/; max-age=3600';"
    "cookieStore.set({name: 'later', value: 'hushed', path: '/'});"
    "localStorage.setItem('kept', 'a=b; hushed');"
    "sessionStorage.plain = 'hushed';"
    "indexedDB.open('base');"
    "caches.open('box');"
    "navigator.serviceWorker.register('/worker.js');"
)
PIXEL: Final[Answer] = (
    [
        ("Content-Type", "image/gif"),
        ("Set-Cookie", "pixel=hushed; SameSite=None; Secure"),
        ("Set-Cookie", "apart=hushed; SameSite=None; Secure; Partitioned"),
    ],
    b"GIF89a",
)
CLICKED: Final = "document.cookie = `${this.id}=1; path=/`; document.body.replaceChildren()"
BANNER: Final = (
    f"<button id='{ONETRUST.accept[1:]}' onclick='{CLICKED}'>Yes</button>"
    f"<button id='{ONETRUST.reject[1:]}' onclick='{CLICKED}'>No</button>"
)
LATE_BANNER: Final = (
    f"<script>setTimeout(() => document.body.insertAdjacentHTML('beforeend', {json.dumps(BANNER)}),"
    " 400)</script>"
)
PAGES: Final[dict[str, Answer]] = {
    "/": page("<p>Nothing here"),
    "/scripts": page("<script src='/store.js?token=hushed'></script>"),
    "/store.js": STORING,
    "/worker.js": script(""),
    "/others": page(
        "<img src='{other}/pixel.gif?id=hushed'><iframe src='{other}/frame'></iframe>",
        ("Set-Cookie", "own=1"),
        ("Set-Cookie", "own_too=1; Path=/x"),
    ),
    "/lost": page(
        "<script src='http://cdn.invalid/x.js'></script><iframe src='http://frame.invalid/'></iframe>"
        "<img src='http://pixel.invalid/'><script src='http://stopped.invalid/x.js'></script>",
        ("Content-Security-Policy", "script-src http://cdn.invalid"),
    ),
    "/pixel.gif": PIXEL,
    "/frame": page(
        "<script>document.cookie = 'framed=1; SameSite=None; Secure; Partitioned'</script>"
    ),
    "/signal": page(
        "<script>document.cookie = `signal_${navigator.globalPrivacyControl}=1`</script>"
    ),
    "/foreign": page(BANNER),
    "/late": page(LATE_BANNER),
    "/yes-only": page(f"<button id='{ONETRUST.accept[1:]}'>Yes</button>"),
    "/restless": page("<script>setInterval(() => fetch('/?' + Math.random()), 50)</script>"),
    "/stuck": page("<script>while (true) {}</script>"),
    "/unfinished": page("<img src='/never'>"),
    "/file": (
        [
            ("Content-Type", "text/csv"),
            ("Content-Disposition", "attachment"),
            ("Set-Cookie", "f=1"),
        ],
        b"a;b",
    ),
    "/leaving": page(
        f"{BANNER}<script>addEventListener('beforeunload', event => event.preventDefault())</script>"
    ),
    "/asking": page("<script>alert(1); confirm(2); prompt(3)</script>"),
    "/worker": page("<script>new Worker('/working.js')</script>"),
    "/shared": page("<script>new SharedWorker('/working.js')</script>"),
    "/working.js": script(
        "fetch('{other}/pixel.gif?by=hushed', {mode: 'no-cors', credentials: 'include'})"
    ),
    "/window": page("<script>window.open('{other}/pixel.gif')</script>"),
    "/returning": page(
        "<script>fetch('/deleting').then(() => new Worker('/returning.js'))</script>"
    ),
    "/deleting": page("", ("Set-Cookie", "back=; Path=/; Max-Age=0")),
    "/returning.js": script("fetch('/back')"),
    "/back": page("", ("Set-Cookie", "back=1; Path=/")),
    "/busy": page(
        "<script>for (let n = 0; n < 6000; n++) sessionStorage[`k${n % 9}`] = n</script>"
    ),
    "/hoarding": page(
        "<script>for (let n = 0; n < 9; n++) { localStorage.clear();"
        " localStorage.setItem('k'.repeat(2000000) + n, 'hushed') }</script>"
    ),
    "/greedy": page("<script>for (let n = 0; n < 600; n++) new Image().src = `/x${n}`</script>"),
    "/long": page("<p>" + "x" * (MAX_HTML_CHARACTERS + 1)),
    "/unheard": page(BANNER.replace(CLICKED, "")),
    "/two": page(f"{BANNER.replace(CLICKED, 'this.remove()')}<i id={DIDOMI.accept[1:]}>Yes</i>"),
    "/no-only": page(BANNER.partition("</button>")[2]),
    "/alike": page(BANNER.replace(">No<", "> yes <")),
    "/reversed": page(BANNER.replace(">Yes<", ">Save<").replace(">No<", ">Accept all cookies<")),
    "/boasting": page(
        f"<form><input name=parentElement><i style='color: red'>{BANNER}</i></form>"
        "<div style='width: 900px'>Wide</div><img name=createElement><img name=querySelector><script>"
        "const huge = {get: () => 9999};"
        "Element.prototype.getBoundingClientRect = () => ({width: 9999, height: 9999});"
        "self.getComputedStyle = () => ({fontSize: '99px', visibility: 'visible'});"
        "Object.defineProperty(HTMLElement.prototype, 'innerText', {get: () => 'None'});"
        "Object.defineProperty(Element.prototype, 'scrollWidth', {get: () => 9})</script>"
    ),
    "/shaded": page(
        "<div id=host></div><script>const tree = document.querySelector('#host')"
        ".attachShadow({mode: 'open'});"
        f"tree.innerHTML = {json.dumps(BANNER.replace('<button', '<button style=color:#123456'))}"
        "</script>"
    ),
    "/wide-only": page(
        f"<style>#{ONETRUST.accept[1:]} {{ opacity: .05 }} @media (max-width: 600px) {{"
        f"#{ONETRUST.reject[1:]} {{ display: none }} }}</style>{BANNER}"
        "<div style='position: fixed; top: 0; width: 120px; height: 120px'></div>"
    ),
    "/leading-off": page(
        f"<button id='{ONETRUST.accept[1:]}'>Yes</button>"
        f"<a id='{ONETRUST.reject[1:]}' href='{{other}}/'>No</a>"
    ),
    "/dead-button": page("<form><button type=button name=choice value=reject>No</button></form>"),
    "/registering": page(
        "<script>navigator.serviceWorker.register('/worker.js?key=hushed')</script>"
    ),
    "/vanishing": page(
        "<script>document.currentScript.remove();"
        "setTimeout(() => { localStorage.late = 'hushed' }, 250)</script>"
    ),
    "/lying": page(
        "<p>Here<img name=documentElement><script>"
        "indexedDB.open('base'); IDBFactory.prototype.databases = async () => [];"
        "Object.defineProperty(Element.prototype, 'outerHTML', {get: () => ''})</script>"
    ),
    "/silencing": page(
        "<script>Error.prepareStackTrace = Object.prototype.toJSON = String = Reflect.apply ="
        " Array.prototype[Symbol.iterator] = () => { throw 1 };"
        "self.origin = {toJSON() { throw 1 }};"
        "for (let age = 9; age >= 0; age -= 9) { let name = 'brief';"
        " document.cookie = {toString() {"
        " const said = `${name}=1; max-age=${age}`; name = 'other'; return said }} }</script>"
    ),
    "/parting": page(
        "<script>addEventListener('pagehide', () => {"
        " document.cookie = 'parting=1'; localStorage.parted = 1 })</script>"
    ),
    "/touched": page(
        "<p style='height: 3000px'>Long<script>for (const kind of ['mousemove', 'scroll', 'keydown'])"
        " addEventListener(kind, () => { document.cookie = `${kind}=1` }, {once: true})</script>"
    ),
    "/filing": page(
        "<script>navigator.storage.getDirectory().then("
        "root => root.getFileHandle('visitor', {create: true}));"
        "navigator.storageBuckets.open('bucket')</script><iframe src='{other}/framing'></iframe>"
    ),
    "/endless-script": page("<script>setTimeout(() => { while (true) {} })</script>"),
    "/namesakes": page("<script>document.cookie = 'pixel=1'; new Worker('/working.js')</script>"),
    "/framing": page("<script>new Worker('/keeping.js')</script>"),
    "/keeping.js": script("indexedDB.open('theirs')"),
    "/disguised": page(
        "<script>const {set} = Object.getOwnPropertyDescriptor(Document.prototype, 'cookie');"
        "const all = [set, Storage.prototype.setItem, IDBFactory.prototype.open];"
        "if (all.every(one => String(one).includes('[native code]'))) document.cookie = 'native=1';"
        "if (!navigator.webdriver) document.cookie = 'driven_by_nobody=1';"
        "if (!/headless/i.test(navigator.userAgent)) document.cookie = 'has_a_head=1'</script>"
    ),
    "/wide": page("<p style='width: 900px'>Wide"),
}


class Pages:
    """An application of a few pages."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def __call__(self, environ: dict[str, Any], start: Callable[..., object]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        self.asked.append((path, environ.get("HTTP_SEC_GPC", "")))
        if path == "/round":
            start("302 Found", [("Location", f"/round?{time.monotonic_ns()}")])
            return []
        if path == "/sign-in":
            text = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            is_right = text == b"name=Ada+L.&password=%26"
            cookie = ("Set-Cookie", "in=1; HttpOnly; Path=/")
            start("303 See Other" if is_right else "403 No", [("Location", "/"), cookie])
            return []
        if path == "/secret":
            start("401 Unauthorized", [("WWW-Authenticate", "Basic realm=shop")])
            return []
        if path == "/cut":
            start("200 OK", [("Content-Type", "text/html"), ("Content-Length", "99")])
            return [b"<p>Half"]
        if path == "/empty":
            start("204 No Content", [("Set-Cookie", "nothing=1")])
            return []
        if path == "/never":
            time.sleep(3)
        if path == "/endless":
            start("200 OK", [("Content-Type", "text/html")])
            return (b"<p>" + b"x" * 100_000 for _ in range(1000))
        headers, body = PAGES.get(path, page("Nothing there"))
        other = f"http://127.0.0.1:{environ['SERVER_PORT']}".encode()
        start("200 OK" if path in PAGES else "404 Not Found", headers)
        return [body.replace(b"{other}", other)]


@pytest.fixture(scope="module")
def pages() -> Pages:
    return Pages()


@pytest.fixture(scope="module")
def base(pages: Pages) -> Iterator[str]:
    with served(pages) as address:
        yield address


@pytest.fixture(scope="module")
def visitors(base: str, chromium_path: str) -> Iterator[BrowserVisitors]:
    with BrowserVisitors(base, DECLARED.path, path=chromium_path, flags=FLAGS, seconds=2) as opened:
        yield opened


@pytest.fixture(scope="module")
def patient(base: str, chromium_path: str) -> Iterator[BrowserVisitors]:
    """Visitors for pages that take their time."""
    with BrowserVisitors(base, DECLARED.path, path=chromium_path, flags=FLAGS) as opened:
        yield opened


def visit(visitors: BrowserVisitors, path: str, state: str = "none") -> View:
    """Open one page as a visitor of a state, and return the last view."""
    views: list[View] = []
    with visitors(Task(BY_NAME[state]), views) as visitor:
        return visitor.open(path, "before")


def observed(base: str, visitors: BrowserVisitors, *states: str, **options: Any) -> Evidence:
    site = Site(config=DECLARED, registry=DECLARED.registry, has_secret=True)
    plan = Plan(
        target="pages",
        mode="browser",
        base=base,
        site=site,
        client=HttpClient(),
        visitors=visitors,
        states=states,
        **{"limit": 1, **options},
    )
    return observe(plan)


def facts(sighting: Sighting) -> tuple[str, bytes, str, str | None]:
    return sighting.kind, sighting.line.name, sighting.setter, sighting.initiator


# --- scripts and third parties --------------------------------------------------------------------


@pytest.fixture(scope="module")
def scripts(visitors: BrowserVisitors) -> View:
    """What a visitor meets on the page whose script stores things."""
    return visit(visitors, "scripts")


@pytest.fixture(scope="module")
def others(visitors: BrowserVisitors) -> tuple[View, list[Seen]]:
    """What a visitor meets on the page with third parties in it, and what the browser keeps."""
    with visitors(Task(BY_NAME["none"]), []) as visitor:
        return visitor.open("others", "before"), visitor.kept()


def test_script_is_named_with_all_it_stored(scripts: View, base: str) -> None:
    view = scripts
    by = f"{base}store.js"
    assert {facts(sighting) for sighting in view.sightings} == {
        ("cookie", b"_ga", "script", by),
        ("cookie", b"later", "script", by),
        ("localStorage", b"kept", "script", by),
        ("sessionStorage", b"plain", "script", None),
        ("IndexedDB", b"base", "script", by),
        ("cache", b"box", "script", by),
        ("service worker", f"{base}worker.js".encode(), "script", by),
    }
    assert view.fault is None


def test_no_value_stands_in_evidence(scripts: View, others: tuple[View, list[Seen]]) -> None:
    views = [scripts, others[0]]
    assert sum(len(view.sightings) for view in views) > 9
    assert "hushed" not in repr([(view.sightings, view.requests, view.sent) for view in views])


def test_no_value_stands_in_any_report(visitors: BrowserVisitors, base: str) -> None:
    """Nor does one of an address, a storage or a script."""
    pages = ("/scripts?id=hushed", "/others", "/worker", "/registering")
    evidence = observed(base, visitors, "none", pages=pages, limit=9)
    evidence.pages = [page.partition("?")[0] for page in evidence.pages]  # named by the user
    site = Site(config=DECLARED, registry=DECLARED.registry, has_secret=True)
    report = report_on(evidence, site)
    assert len(report.findings("info")) > 9
    assert report.pictures
    for write in FORMATS.values():
        assert "hushed" not in write(report)


def test_address_is_told_without_what_is_secret() -> None:
    address = "http://visitor:hushed@shop.test:8000/pixel.gif?id=hushed#hushed"
    assert without_query(address) == "http://shop.test:8000/pixel.gif"


def test_third_parties_are_told_from_the_site(others: tuple[View, list[Seen]], base: str) -> None:
    view = others[0]
    other = base.replace("localhost", "127.0.0.1")
    assert {(s.host, s.line.name, s.setter, s.refused) for s in view.sightings} == {
        ("localhost", b"own", "header", None),
        ("localhost", b"own_too", "header", None),
        ("127.0.0.1", b"pixel", "third party", None),
        ("127.0.0.1", b"apart", "third party", None),
        ("127.0.0.1", b"framed", "third party", None),
    }
    parted = {s.line.name for s in view.sightings if s.line.has("partitioned")}
    assert parted == {b"apart", b"framed"}
    assert {f"{other}pixel.gif", f"{other}frame"} <= set(view.requests)


def test_kept_cookies_know_their_partition(others: tuple[View, list[Seen]]) -> None:
    assert {(seen.name, seen.host, seen.scope.partitioned) for seen in others[1]} == {
        (b"own", "localhost", False),
        (b"own_too", "localhost", False),
        (b"pixel", "127.0.0.1", False),
        (b"apart", "127.0.0.1", True),
        (b"framed", "127.0.0.1", True),
    }


def test_worker_and_window_are_heard(visitors: BrowserVisitors, base: str) -> None:
    pixel = f"{base.replace('localhost', '127.0.0.1')}pixel.gif"
    for path in ("worker", "window"):
        view = visit(visitors, path)
        assert pixel in view.requests
        found = {(s.line.name, s.setter) for s in view.sightings}
        assert found == {(b"pixel", "third party"), (b"apart", "third party")}
        assert view.fault is None


def test_deleted_cookie_that_comes_back_is_seen(visitors: BrowserVisitors) -> None:
    """By a worker, whose answers are not told: the browser's own list of cookies shows it."""
    found = [(s.line.name, s.line.deletes) for s in visit(visitors, "returning").sightings]
    assert found == [(b"back", True), (b"back", False)]


def test_cookie_of_another_host_is_not_taken_for_a_namesake(visitors: BrowserVisitors) -> None:
    found = {(s.line.name, s.host) for s in visit(visitors, "namesakes").sightings}
    assert found == {(b"pixel", "localhost"), (b"pixel", "127.0.0.1"), (b"apart", "127.0.0.1")}


def test_address_of_a_service_worker_loses_its_query(visitors: BrowserVisitors, base: str) -> None:
    names = {s.line.name for s in visit(visitors, "registering").sightings}
    assert names == {f"{base}worker.js".encode()}


def test_script_that_removes_itself_is_waited_for(visitors: BrowserVisitors) -> None:
    assert [s.line.name for s in visit(visitors, "vanishing").sightings] == [b"late"]


def test_what_is_stored_on_leaving_is_seen(visitors: BrowserVisitors) -> None:
    """After the last page of a visitor too."""
    views: list[View] = []
    with visitors(Task(BY_NAME["none"]), views) as visitor:
        visitor.open("parting", "before")
        assert [seen.name for seen in visitor.kept()] == [b"parting"]
    (view,) = views
    assert {s.line.name for s in view.sightings} == {b"parting", b"parted"}


def test_script_that_waits_for_a_visitor_is_woken(visitors: BrowserVisitors) -> None:
    names = {s.line.name for s in visit(visitors, "touched").sightings}
    assert names == {b"mousemove", b"scroll", b"keydown"}


def test_page_cannot_hide_what_it_shows_and_keeps(visitors: BrowserVisitors) -> None:
    """What the page says of itself is asked where its scripts cannot change the answer."""
    view = visit(visitors, "lying")
    assert view.page is not None
    assert "html" in {element.tag for element in view.page.elements}
    assert [s.line.name for s in view.sightings] == [b"base"]


def test_page_cannot_silence_what_tells(visitors: BrowserVisitors) -> None:
    """The cookie is gone again when the page has loaded, so nothing else shows it."""
    found = [(s.line.name, s.line.deletes) for s in visit(visitors, "silencing").sightings]
    assert found == [(b"brief", False), (b"brief", True)]


def test_browser_looks_like_a_visitors(visitors: BrowserVisitors) -> None:
    names = [s.line.name for s in visit(visitors, "disguised").sightings]
    assert names == [b"native", b"driven_by_nobody", b"has_a_head"]


def test_files_and_stores_of_frames_are_seen(visitors: BrowserVisitors) -> None:
    found = {(s.kind, s.line.name, s.host) for s in visit(visitors, "filing").sightings}
    assert found == {
        ("file", b"visitor", "localhost"),
        ("storage bucket", b"bucket", "localhost"),
        ("IndexedDB", b"theirs", "127.0.0.1"),
    }


# --- states ---------------------------------------------------------------------------------------


def test_scripts_do_not_run_without_scripts(visitors: BrowserVisitors) -> None:
    assert visit(visitors, "scripts", "nojs").sightings == []


def test_blocked_cookies_are_seen_and_refused(visitors: BrowserVisitors) -> None:
    views: list[View] = []
    with visitors(Task(BY_NAME["blocked"]), views) as visitor:
        visitor.open("others", "before")
        visitor.open("scripts", "before")
        assert visitor.kept() == []
    refused = {sighting.refused for view in views for sighting in view.sightings}
    assert refused == {"the visitor's settings refuse it"}
    assert views[-1].sent == ()


def test_signal_reaches_server_and_scripts(visitors: BrowserVisitors, pages: Pages) -> None:
    for state, header, name in (("gpc", "1", b"signal_true"), ("none", "", b"signal_undefined")):
        pages.asked.clear()
        view = visit(visitors, "signal", state)
        assert ("/signal", header) in pages.asked
        assert [sighting.line.name for sighting in view.sightings] == [name]


def shop_evidence(door: Any, shop: Shop, chromium_path: str, *states: str) -> Evidence:
    site = Site(config=shop.config, registry=shop.config.registry, has_secret=True)
    reached = within(door.application(shop))
    plan = Plan(
        target="shop",
        mode=reached.mode,
        base=reached.start,
        site=site,
        client=reached.client,
        app=reached.app,
        states=states,
        limit=1,
    )
    return observe(through_browser(plan, path=chromium_path, flags=("--no-sandbox",)))


def convicted(evidence: Evidence, config: Config) -> dict[str, set[str]]:
    """Return the checks that find fault, by state; what was left out on purpose is none."""
    site = Site(config=config, registry=config.registry, has_secret=True)
    found: dict[str, set[str]] = {}
    for finding in report_on(evidence, site).findings("low"):
        found.setdefault(finding.state, set()).add(finding.check)
    return found


@pytest.fixture(scope="module")
def everywhere(chromium_path: str) -> Evidence:
    """What visitors in every state met in the demo shop."""
    return shop_evidence(asgi, Shop(SECRET), chromium_path)


def test_shop_is_clean_in_every_state(everywhere: Evidence) -> None:
    assert {run.name for run in everywhere.runs.values()} == {state.name for state in STATES}
    accepted = everywhere.runs["accepted"]
    assert {s.line.name for _, s in accepted.sightings("after")} >= {b"_ga"}
    assert_clean(everywhere)


def test_shop_of_the_other_door_is_clean(chromium_path: str) -> None:
    assert_clean(shop_evidence(wsgi, Shop(SECRET), chromium_path, "rejected"))


def assert_clean(evidence: Evidence) -> None:
    assert {run.state: run.unverified for run in evidence.runs.values() if run.unverified} == {}
    assert convicted(evidence, Shop(SECRET).config) == {}


def test_shop_that_enforces_nothing_is_convicted(chromium_path: str) -> None:
    shop = Shop(SECRET)
    shop.config = dataclasses.replace(shop.config, enforce=False)
    evidence = shop_evidence(asgi, shop, chromium_path, "none", "rejected")
    assert "CC101" in convicted(evidence, shop.config)["none"]
    assert evidence.runs["rejected"].unverified == "no page has a form that sends choice=reject"


def test_banner_is_measured_and_pictured(everywhere: Evidence) -> None:
    run = everywhere.runs["rejected"]
    layout = run.views[0].layout
    assert layout is not None
    yes, no = (layout.controls[choice] for choice in ("accept", "reject"))
    assert yes.area == pytest.approx(no.area)
    assert (yes.tag, yes.text, yes.visible, yes.at_hand) == ("button", "Accept all", True, True)
    assert all(found["reject"].at_hand for found in layout.phones.values())
    assert (contrast(no.colour, no.background) or 0) > 4.5
    assert layout.narrow_width == NARROW
    site = Site(config=DECLARED, registry=DECLARED.registry)
    evidence = Evidence(target="shop", mode="browser", base="/", runs={"rejected": run})
    evidence.runs["again"] = dataclasses.replace(run, state="again")
    assert list(report_on(evidence, site).pictures) == [
        "rejected at / (before), again at / (before)",
        "rejected at / (after), again at / (after)",
    ]
    pictured = [view.step for view in run.views if view.screenshot is not None]
    assert pictured == ["before", "after"]
    assert all((view.screenshot or PNG).startswith(PNG) for view in run.views)


def test_wide_page_is_wider_than_the_window(visitors: BrowserVisitors) -> None:
    layout = visit(visitors, "wide").layout
    assert layout is not None
    assert layout.narrow_width >= 900


def test_page_cannot_boast_of_its_buttons(visitors: BrowserVisitors) -> None:
    layout = visit(visitors, "boasting").layout
    assert layout is not None
    assert {c: button.text for c, button in layout.controls.items()} == {
        "accept": "Yes",
        "reject": "No",
    }
    assert all(0 < button.width < 100 for button in layout.controls.values())
    assert all(button.font_size < 20 and button.visible for button in layout.controls.values())
    assert layout.narrow_width >= 900


def test_what_people_do_not_see_is_not_visible(visitors: BrowserVisitors) -> None:
    layout = visit(visitors, "wide-only").layout
    assert layout is not None
    assert {c: (b.visible, b.at_hand) for c, b in layout.controls.items()} == {
        "accept": (False, False),
        "reject": (True, False),
    }
    assert [found["reject"].visible for found in layout.phones.values()] == [False, False]


def test_buttons_in_a_shadow_tree_are_measured(visitors: BrowserVisitors) -> None:
    layout = visit(visitors, "shaded").layout
    assert layout is not None
    assert {button.colour for button in layout.controls.values()} == {"#123456"}
    assert set(layout.controls) == {"accept", "reject"}


def closed_to_programs(environ: dict[str, Any], start: Callable[..., object]) -> Iterable[bytes]:
    """A site that lets in nothing but browsers."""
    is_browser = "Chrome" in environ.get("HTTP_USER_AGENT", "")
    headers, body = page("<p>Welcome")
    start("200 OK" if is_browser else "403 Forbidden", headers)
    return [body if is_browser else b""]


def test_what_only_a_browser_sees_is_not_asked_aside(chromium_path: str) -> None:
    with (
        served(closed_to_programs) as base,
        BrowserVisitors(base, "/x", path=chromium_path, flags=FLAGS) as visitors,
    ):
        evidence = observed(base, visitors, "none")
    assert evidence.runs["none"].pages("before")
    assert evidence.runs["none"].probes() == []
    site = Site(config=DECLARED, registry=DECLARED.registry)
    (verdict,) = report_on(evidence, site, [BY_ID["CC502"]]).verdicts
    assert verdict.outcome == "unverified"


def test_command_looks_through_the_browser(
    chromium_path: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """An application in this process is served for it, and the checks that need a browser judge."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHROMIUM", chromium_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "kettle_and_crumb.py").write_text(
        "from cookieconsent.demo import asgi\n"
        "from cookieconsent.demo.shop import Shop\n"
        f"app = asgi.application(Shop({SECRET!r}))\n"
    )
    asked = ["--browser", "--state", "none", "--state", "rejected", "--limit", "1", "-f", "json"]
    status = main(["audit", "kettle_and_crumb:app", *asked])
    report = json.loads(capsys.readouterr().out)
    verdicts = {(v["check"], v["state"]): v["outcome"] for v in report["verdicts"]}
    assert status == 0
    assert report["mode"] == "browser"
    assert [row for row in report["states"] if row["unverified"]] == []
    for check in ("CC101", "CC102", "CC304", "CC502"):
        assert verdicts[check, "none"] == "pass"


# --- banners of others ----------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/foreign", "/late"])
def test_button_of_another_banner_is_clicked(
    visitors: BrowserVisitors, base: str, path: str
) -> None:
    """What the click itself stores belongs to the answer, not to the page before it."""
    run = observed(f"{base.rstrip('/')}{path}", visitors, "rejected").runs["rejected"]
    assert run.unverified is None
    names = {step: [s.line.name for _, s in run.sightings(step)] for step in ("before", "answer")}
    assert names == {"before": [], "answer": [ONETRUST.reject[1:].encode()]}
    assert [view.method for view in run.views if view.step == "answer"] == ["CLICK"]


@pytest.mark.parametrize(
    ("path", "state", "reason"),
    [
        ("/yes-only", "rejected", "the banner of OneTrust shows no button that is known for"),
        ("/foreign", "withdrawn", "the banner of OneTrust shows no button that is known for"),
        ("/", "rejected", "no page has a form that sends choice=reject"),
        ("/unheard", "rejected", "a banner is still there after the button for 'reject'"),
        ("/two", "rejected", "a banner is still there after the button for 'reject'"),
        ("/no-only", "rejected", "the banner of OneTrust shows no button that is known for 'acc"),
        ("/alike", "rejected", "the buttons of OneTrust for yes and no say the same"),
        ("/reversed", "rejected", "the buttons of OneTrust say the other way round"),
        (
            "/leading-off",
            "rejected",
            "nothing came of the button for 'reject': in the end there was no page of the site",
        ),
    ],
    ids=[
        "no reject button",
        "no way back",
        "no banner",
        "button without effect",
        "two banners",
        "a no without a yes",
        "two buttons that say the same",
        "a no that says yes",
        "button to another site",
    ],
)
def test_what_cannot_be_answered_is_unverified(
    visitors: BrowserVisitors, base: str, path: str, state: str, reason: str
) -> None:
    run = observed(f"{base.rstrip('/')}{path}", visitors, state).runs[state]
    assert (run.unverified or "").startswith(reason)


# --- faults ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("restless", "it had not come to rest 3 seconds after it had loaded"),
        ("shared", "it had not come to rest 3 seconds after it had loaded"),
        ("stuck", "it had not loaded within 2 seconds"),
        ("unfinished", "it had not loaded within 2 seconds"),
        ("endless", "more than 10 MiB of it came"),
        ("never", "no answer within 2 seconds"),
        ("round", "it redirects without an end"),
        ("cut", "it was cut off"),
        ("secret", "it asks for a password"),
    ],
)
def test_page_that_has_no_end_is_given_up(visitors: BrowserVisitors, path: str, fault: str) -> None:
    views: list[View] = []
    with visitors(Task(BY_NAME["none"]), views) as visitor:
        assert visitor.open(path, "before").fault == fault
        view = visitor.open("/", "before")
        assert (view.status, view.fault) == (200, None)


@pytest.mark.parametrize(("path", "status"), [("file", 200), ("empty", 204)])
def test_answer_that_is_no_page_is_seen(visitors: BrowserVisitors, path: str, status: int) -> None:
    view = visit(visitors, path)
    assert (view.status, view.fault, view.page) == (status, None, None)
    assert len(view.sightings) == 1


def test_hosts_that_cannot_be_reached_are_told(visitors: BrowserVisitors, base: str) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        closed = listener.getsockname()[1]
    with visitors(Task(BY_NAME["none"]), []) as visitor:
        for address, fault in (
            (f"http://localhost:{closed}/", "Connection refused"),
            (base.replace("http:", "https:"), "it does not speak TLS"),
            ("http://nowhere.invalid/", "its name is not known"),
        ):
            view = visitor.open(address, "before")
            assert (view.status, view.fault) == (None, fault)


def test_hosts_that_the_network_kept_back_are_told(visitors: BrowserVisitors) -> None:
    view = visit(visitors, "lost")
    assert sorted(view.unloaded) == ["cdn.invalid", "frame.invalid", "pixel.invalid"]
    assert view.fault is None


def test_page_that_asks_to_stay_is_left(visitors: BrowserVisitors) -> None:
    with visitors(Task(BY_NAME["rejected"]), []) as visitor:
        visitor.open("leaving", "before")
        visitor.answer("reject", "answer")  # without a click nothing asks
        view = visitor.open("asking", "after")
        assert (view.place, view.status, view.fault) == ("/asking", 200, None)


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("busy", f"more than {MAX_EVENTS} things happened on it"),
        ("hoarding", f"its scripts store more than {MAX_STORED_CHARACTERS} characters"),
        ("greedy", f"it asks for more than {MAX_REQUESTS} addresses"),
        ("long", "its document is longer than 2097152 characters"),
    ],
)
def test_what_is_left_out_is_told(patient: BrowserVisitors, path: str, fault: str) -> None:
    view = visit(patient, path)
    assert view.fault == fault
    assert all(len(s.line.name) <= MAX_NAME for s in view.sightings)


def test_page_that_crashes_spoils_one_state(visitors: BrowserVisitors) -> None:
    crashed = visit(visitors, "chrome://crash")
    assert crashed.fault == "the browser did not go there: its page has crashed"
    assert visit(visitors, "/").fault is None


def test_page_that_keeps_the_browser_busy_is_given_up(visitors: BrowserVisitors, base: str) -> None:
    def hurry(visitor: Visitor) -> None:
        assert isinstance(visitor, BrowserVisitor)
        visitor._tab.patience = 1
        visitor.open("endless-script", "before")

    run = observed(base, visitors, "none", prepare=hurry).runs["none"]
    assert run.unverified == "it kept the browser busy for 1 seconds, and was given up"


def test_button_that_leads_nowhere_is_no_answer(visitors: BrowserVisitors, base: str) -> None:
    run = observed(f"{base}dead-button", visitors, "rejected").runs["rejected"]
    assert (run.unverified or "").startswith("nothing came of the button for 'reject': ")


def test_chromium_that_is_nowhere_is_asked_for(
    base: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    with BrowserVisitors(base, "/x") as nowhere:
        run = observed(base, nowhere, "none").runs["none"]
    assert run.unverified == f"the browser cannot be started: {NO_CHROMIUM}"


def test_browser_that_is_not_there_leaves_states_unverified(base: str, tmp_path: Path) -> None:
    with BrowserVisitors(base, "/x", path=str(tmp_path / "chromium")) as visitors:
        runs = observed(base, visitors, "none", "rejected").runs
    reasons = [run.unverified or "" for run in runs.values()]
    assert len(reasons) == 2
    assert all(reason.startswith("the browser cannot be started: ") for reason in reasons)


def test_browser_that_dies_spoils_one_state(visitors: BrowserVisitors, base: str) -> None:
    def kill(visitor: Visitor) -> None:
        assert isinstance(visitor, BrowserVisitor)
        if not killed:
            killed.append(visitor._tab.process)
            os.kill(killed[0], signal.SIGKILL)

    killed: list[int] = []
    runs = observed(base, visitors, "none", "ignored", prepare=kill).runs
    assert (runs["none"].unverified or "").endswith(": it has ended")
    assert runs["ignored"].unverified is None
    assert all(view.status == 200 for view in runs["ignored"].views)


def signing_in(visitor: Visitor, password: str = "%26") -> View:
    form = [(b"content-type", b"application/x-www-form-urlencoded")]
    body = f"name=Ada+L.&password={password}".encode()
    url = urljoin(visitor.base, "/sign-in")
    return visitor.send(Request(url=url, method="POST", headers=form, body=body))


@pytest.mark.parametrize("state", ["none", "nojs", "blocked"])
def test_hook_sends_a_form_through_the_browser(visitors: BrowserVisitors, state: str) -> None:
    views: list[View] = []
    with visitors(Task(BY_NAME[state]), views) as visitor:
        visitor.open("/", "before")
        last = signing_in(visitor)
        kept = [seen.name for seen in visitor.kept()]
        again = visitor.send(Request(url=last.url), "after")
    met = [(view.method, view.place, view.status) for view in views]
    home = ("GET", "/", 200)
    assert met == [home, ("POST", "/sign-in", 303), home, home]
    assert [s.line.name for s in views[1].sightings] == [b"in"]
    assert ([b"in"] if state != "blocked" else []) == kept
    assert again is views[-1]


def test_audit_in_python_takes_a_hook(
    base: str, chromium_path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHROMIUM", chromium_path)
    report = audit_in_browser(base, states=["none"], limit=1, prepare=signing_in)
    assert [state.unverified for state in report.states] == [None]
    assert [cookie.name for cookie in report.cookies] == ["in"]
    wrong = audit_in_browser(
        base, states=["none"], limit=1, prepare=lambda visitor: signing_in(visitor, "no")
    )
    said = "the hook (--login) was met with 403 at POST /sign-in"
    assert [state.unverified for state in wrong.states] == [said]


@pytest.mark.parametrize(("method", "kind"), [("PUT", b"text/plain"), ("POST", b"text/plain")])
def test_browser_sends_forms_alone(visitors: BrowserVisitors, method: str, kind: bytes) -> None:
    request = Request(url="https://x.test/", method=method, headers=[(b"content-type", kind)])
    with (
        visitors(Task(BY_NAME["none"]), []) as visitor,
        pytest.raises(UnverifiedError, match="a browser sends GET, and POST of"),
    ):
        visitor.send(request)


def test_playwright_is_asked_for_by_its_extra(base: str) -> None:
    """Where the package was installed without it, the audit says what to install."""
    code = (
        "import sys; sys.modules['playwright'] = sys.modules['playwright.sync_api'] = None\n"
        "from cookieconsent.audit.browser import BrowserVisitors\n"
        "from cookieconsent.audit.states import BY_NAME, Task\n"
        f"with BrowserVisitors({base!r}, '/x')(Task(BY_NAME['none']), []): pass"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, text=True)
    assert done.stderr.splitlines()[-1].endswith(
        "the browser needs Playwright. Install cookieconsent[browser]."
    )
