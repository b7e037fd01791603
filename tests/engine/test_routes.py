"""`routes`: which requests are ours, and what our own pages answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cookieconsent import Config, Cookie, CookieClass
from cookieconsent.engine.consent import Consent
from cookieconsent.engine.routes import wants_body
from cookieconsent.engine.submission import MAX_BODY_OCTETS
from cookieconsent.ui.theme import SHIPPED
from doors import (
    DAY,
    FORM,
    SECRET,
    Door,
    Form,
    Page,
    Site,
    banners,
    both_doors,
    consent_lines,
    elements,
    form_for,
    request_to,
)
from oracles.drivers import Answer, Exchange

STYLE = "/cookie-consent/" + SHIPPED.linked_name


def consent(**options: Any) -> Consent:
    return Consent(Config(secret_key=SECRET, **options))


# --- which requests are ours ---------------------------------------------------------------------


@pytest.mark.hostile(165)
@pytest.mark.parametrize(
    ("root", "path", "route"),
    [
        ("", "/cookie-consent", ""),
        ("", "/cookie-consent/", "/"),
        ("", "/cookie-consent/x/y", "/x/y"),
        ("", "/cookie-consents", None),
        ("", "/cookie-consent-x", None),
        ("", "/Cookie-Consent", None),
        ("", "/x/cookie-consent", None),
        ("", "//cookie-consent", None),
        ("", "cookie-consent", None),
        ("", "/", None),
        ("", "", None),
        ("", "/shop/cookie-consent", None),
        ("/shop", "/shop/cookie-consent", ""),
        ("/shop", "/cookie-consent", ""),
        ("/shop", "/shop/cookie-consent/x", "/x"),
        ("/shop", "/cookie-consent/x", "/x"),
        ("/shop", "/shop/shop/cookie-consent", None),
        ("/shop", "/other/cookie-consent", None),
        ("/größe", "/größe/cookie-consent", ""),
    ],
)
def test_path_is_ours(root: str, path: str, route: str | None) -> None:
    assert request_to(consent(), path, root=root).route == route


@pytest.mark.parametrize(
    ("options", "path", "route"),
    [
        ({"path": "/privacy/c"}, "/privacy/c", ""),
        ({"path": "/privacy/c"}, "/cookie-consent", None),
        ({"enforce": False}, "/cookie-consent", None),
        ({}, "/.well-known/gpc.json", None),
        ({"gpc": True}, "/.well-known/gpc.json", "/.well-known/gpc.json"),
        ({"gpc": True}, "/x/.well-known/gpc.json", None),
    ],
)
def test_configuration_moves_what_is_ours(
    options: dict[str, Any], path: str, route: str | None
) -> None:
    assert request_to(consent(**options), path).route == route


@pytest.mark.hostile(94)
@pytest.mark.parametrize(
    ("method", "path", "headers", "wanted"),
    [
        ("POST", "/cookie-consent", {b"content-type": FORM}, True),
        ("POST", "/cookie-consent", {b"content-type": FORM, b"content-length": b"9"}, True),
        ("POST", "/cookie-consent", {b"content-type": FORM, b"content-length": b"16384"}, True),
        ("POST", "/cookie-consent", {b"content-type": FORM, b"content-length": b"16385"}, False),
        ("POST", "/cookie-consent", {b"content-type": FORM, b"content-length": b"9" * 30}, False),
        ("POST", "/cookie-consent", {b"content-type": b"text/plain"}, False),
        ("POST", "/cookie-consent", {}, False),
        ("POST", "/cookie-consent/x", {b"content-type": FORM}, False),
        ("POST", "/", {b"content-type": FORM}, False),
        ("GET", "/cookie-consent", {b"content-type": FORM}, False),
        ("PUT", "/cookie-consent", {b"content-type": FORM}, False),
    ],
)
def test_body_is_read_only_for_our_form(
    method: str, path: str, headers: dict[bytes, bytes], wanted: bool
) -> None:
    exchange = request_to(consent(), path, list(headers.items()), method=method)
    assert wants_body(exchange) is wanted


# --- our pages -----------------------------------------------------------------------------------


@both_doors
def test_application_never_runs_for_our_pages(door: Door) -> None:
    site = Site(door, gpc=True)
    for path in ("/cookie-consent", "/cookie-consent/x", STYLE, "/.well-known/gpc.json"):
        site.get(path)
    site.post(b"choice=accept")
    assert site.asked == []


@both_doors
def test_page_has_the_strictest_headers(door: Door) -> None:
    answer = Site(door).get("/cookie-consent")
    headers = dict(answer.headers)
    assert answer.status == 200
    assert headers[b"content-type"] == b"text/html; charset=utf-8"
    assert headers[b"cache-control"] == b"no-store"
    assert headers[b"x-content-type-options"] == b"nosniff"
    assert headers[b"x-frame-options"] == b"DENY"
    assert headers[b"content-language"] == b"en"
    assert headers[b"content-length"] == b"%d" % len(answer.body)
    assert headers[b"vary"] == b"Cookie, Sec-GPC, Accept-Language"
    policy = headers[b"content-security-policy"].split(b"; ")
    assert policy[0] == b"default-src 'none'"
    assert b"form-action 'self'" in policy
    assert b"frame-ancestors 'none'" in policy
    assert b"unsafe" not in headers[b"content-security-policy"]


@both_doors
def test_page_loads_nothing_but_its_style(door: Door) -> None:
    site = Site(door)
    page = elements(site.get("/cookie-consent").body)
    assert {e["href"] for e in page if e.tag == "link"} == {STYLE}
    assert not {e.tag for e in page} & {"script", "img", "iframe", "object", "svg", "style"}
    assert not [name for e in page for name in e.attributes if name.startswith("on")]
    assert banners(site.get("/cookie-consent").body) == 0


@both_doors
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/cookie-consent/", 404),
        ("/cookie-consent/accept-all", 404),
        ("/cookie-consent/style.css", 404),
        ("/cookie-consent/style.000000000000.css", 404),
        (STYLE + "/", 404),
        (STYLE, 200),
        ("/cookie-consent/state.css", 404),
        ("/cookie-consent/../x", 404),
        ("/cookie-consent/\x00", 404),
    ],
)
def test_only_our_files_are_below_our_path(door: Door, path: str, status: int) -> None:
    answer = Site(door).get(path)
    assert answer.status == status
    assert answer.values(b"set-cookie") == []


@both_doors
def test_style_sheet_is_immutable(door: Door) -> None:
    site = Site(door)
    answer = site.get(STYLE, cookie=b"_ga=1")
    assert answer.headers == [
        (b"content-type", b"text/css; charset=utf-8"),
        (b"cache-control", b"public, max-age=31536000, immutable"),
        (b"x-content-type-options", b"nosniff"),
        (b"content-length", b"%d" % len(answer.body)),
    ]
    assert answer.body == SHIPPED.linked_sheet


@both_doors
@pytest.mark.parametrize(
    ("options", "resource"),
    [
        ({}, {"gpc": True}),
        ({"last_updated": "2026-01-31"}, {"gpc": True, "lastUpdate": "2026-01-31"}),
    ],
    ids=["plain", "dated"],
)
def test_signal_support_is_announced_on_request(
    door: Door, options: dict[str, Any], resource: dict[str, object]
) -> None:
    answer = Site(door, gpc=True, **options).get("/.well-known/gpc.json")
    assert answer.status == 200
    assert answer.values(b"content-type") == [b"application/json"]
    assert json.loads(answer.body) == resource
    site = Site(door, lambda asked: Page(status=404, headers=[(b"content-type", b"text/plain")]))
    assert site.get("/.well-known/gpc.json").status == 404
    assert len(site.asked) == 1


@both_doors
@pytest.mark.parametrize(
    "path", ["/cookie-consent", STYLE, "/cookie-consent/x", "/.well-known/gpc.json"]
)
def test_head_is_that_of_get(door: Door, path: str) -> None:
    site = Site(door, gpc=True)
    get = site.get(path)
    head = site.send(Exchange(method="HEAD", path=path, headers=[(b"accept-language", b"en")]))
    assert head.body == b""
    assert (head.status, head.headers) == (get.status, get.headers)


@both_doors
@pytest.mark.hostile(105)
@pytest.mark.parametrize(
    "method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "pOsT", "post", "QUERY"]
)
@pytest.mark.parametrize("path", ["/cookie-consent", STYLE])
def test_other_methods_are_refused(door: Door, method: str, path: str) -> None:
    answer = Site(door).send(
        Exchange(
            method=method,
            path=path,
            headers=[
                (b"content-type", FORM),
                (b"sec-fetch-site", b"same-origin"),
                (b"cookie", b"_ga=1"),
            ],
            body=b"choice=accept",
        ),
    )
    assert answer.status == 405
    assert answer.values(b"allow") == [
        b"GET, HEAD, POST" if path == "/cookie-consent" else b"GET, HEAD"
    ]
    assert answer.values(b"set-cookie") == []
    assert answer.body == b""


@both_doors
def test_form_below_our_path_is_refused(door: Door) -> None:
    answer = Site(door).post(b"choice=accept", path=STYLE)
    assert (answer.status, answer.values(b"allow")) == (405, [b"GET, HEAD"])


# --- forms that cannot be taken ------------------------------------------------------------------

FILLED = {"choice": "save", "class-analytics": "no", "class-maps": "yes", "next": "/shop?a=1"}


def checked(answer: Answer) -> set[tuple[str, str]]:
    page = elements(answer.body)
    return {(e["name"], e["value"]) for e in page if e.tag == "input" and e.has("checked")}


@both_doors
@pytest.mark.hostile(89)
@pytest.mark.parametrize(
    ("fields", "headers", "status"),
    [
        pytest.param({"token": "wrong"}, [], 403, id="stale"),
        pytest.param(
            {"class-zzz": "yes"}, [(b"sec-fetch-site", b"same-origin")], 400, id="unknown"
        ),
    ],
)
def test_form_comes_back_filled_in(
    door: Door, fields: dict[str, str], headers: list[tuple[bytes, bytes]], status: int
) -> None:
    """Sent once more, it says what the visitor meant, and leads where they came from."""
    site = Site(door, classes=[CookieClass("maps")])
    answer = site.post(FILLED | fields, headers)
    assert answer.status == status
    assert answer.values(b"set-cookie") == []
    assert [e for e in elements(answer.body) if e.get("role") == "alert"]
    assert checked(answer) == {("class-analytics", "no"), ("class-maps", "yes")}
    form: Form = form_for(answer.body, "save")
    again = site.post([*form.fields, ("choice", "save")], ())
    assert again.status == 303
    assert again.values(b"location") == [b"/shop?a=1#cookieconsent-saved"]
    assert site.choices[-1].granted == {"maps"}


@both_doors
def test_refused_form_shows_the_standing_answer(door: Door) -> None:
    site = Site(door)
    answer = site.post({"choice": "accept"}, (), cookie=site.answer_cookie("reject"))
    assert answer.status == 403
    assert checked(answer) == {("class-analytics", "no")}


@both_doors
@pytest.mark.parametrize(
    ("send", "status"),
    [
        (lambda site: site.post(b"choice=accept", content_type=b"text/plain"), 415),
        (lambda site: site.post(b"choice=accept", content_type=None), 415),
        (lambda site: site.post(b"choice=accept&" + b"x" * MAX_BODY_OCTETS), 413),
        (lambda site: site.post(b"choice=accept" + b"&a=1" * 64), 400),
        (lambda site: site.post(b"choice=everything"), 400),
        (lambda site: site.post(b""), 400),
        (lambda site: site.post(b"choice=grant"), 400),
        (lambda site: site.post(b"choice=grant&class="), 400),
        (lambda site: site.post(b"choice=grant&class=zzz"), 400),
        (lambda site: site.post(b"choice=grant&class=analytics&class=zzz"), 400),
        (lambda site: site.post(b"choice=object"), 400),
        (lambda site: site.post(b"choice=object&class=zzz"), 400),
        (lambda site: site.post(b"choice=object&class=cart"), 400),
        (lambda site: site.post(b"choice=accept", ()), 403),
        (lambda site: site.post(b"choice=erase"), 400),
    ],
    ids=[
        "text/plain",
        "no type",
        "too large",
        "too many fields",
        "unknown choice",
        "empty",
        "grant of nothing",
        "grant of an empty name",
        "grant of an unknown class",
        "grant of one known class",
        "objection to nothing",
        "objection to an unknown class",
        "objection to an exempt class",
        "no token",
        "erase over http",
    ],
)
def test_fault_shows_the_page_and_sets_nothing(door: Door, send: Any, status: int) -> None:
    site = Site(door)
    answer = send(site)
    assert answer.status == status
    assert answer.values(b"set-cookie") == []
    assert answer.values(b"location") == []
    assert answer.values(b"cache-control") == [b"no-store"]
    assert [e for e in elements(answer.body) if e.get("role") == "alert"]
    assert [e for e in elements(answer.body) if e.get("id") == "cookieconsent-preferences"]
    assert site.choices == []


@both_doors
def test_exempt_class_in_a_form_is_no_fault(door: Door) -> None:
    site = Site(door)
    answer = site.post({"choice": "save", "class-authentication": "no", "class-analytics": "yes"})
    assert answer.status == 303
    site.get(cookie=consent_lines(answer)[0].partition(b";")[0])
    assert site.asked[-1].state.allows("authentication")
    assert site.choices[0].refused == frozenset()


# --- what the page tells -------------------------------------------------------------------------


@both_doors
def test_page_lists_classes_and_cookies(door: Door) -> None:
    facts: dict[str, Any] = {"purpose": "Counts <b>visits</b>.", "provider": "Example & Co"}
    site = Site(
        door,
        cookies=[
            Cookie("_x_*", "analytics", lifetime="13 months", **facts),
            Cookie("_y", "analytics", lifetime="session", **facts),
        ],
        policy_version="4.2",
        last_updated="2026-01-31",
        privacy_policy_url="/privacy",
        contact="mailto:privacy@shop.example",
        authority="CNIL",
    )
    page = site.get("/cookie-consent").body
    text = page.decode()
    for told in (
        "_x_*",
        "13 months",
        "Counts &lt;b&gt;visits&lt;/b&gt;.",
        "Example &amp; Co",
        "4.2",
        "January 31, 2026",
        "CNIL",
    ):
        assert told in text, told
    links = {e["href"] for e in elements(page) if e.tag == "a"}
    assert {"/privacy", "mailto:privacy@shop.example"} <= links


@both_doors
def test_page_lists_known_cookies_of_this_browser(door: Door) -> None:
    page = Site(door).get("/cookie-consent", cookie=b"_ga=VALUE; zzz=VALUE; PHPSESSID=VALUE").body
    codes = {e.text for e in elements(page) if e.tag == "code"}
    assert {"_ga", "PHPSESSID", "zzz"} <= codes
    assert b"VALUE" not in page


@both_doors
def test_page_tells_answer_and_day(door: Door) -> None:
    site = Site(door)
    assert b"2026" not in site.get("/cookie-consent").body
    decided = site.get("/cookie-consent", cookie=site.answer_cookie("reject")).body
    assert b"January 1, 2026" in decided
    assert b"July 2, 2026" in decided, "the last day on which it counts"
    assert DAY == 20_454


@both_doors
def test_page_deletes_what_may_not_stay(door: Door) -> None:
    answer = Site(door).get("/cookie-consent", cookie=b"_ga=1")
    assert [line for line in answer.values(b"set-cookie") if line.startswith(b"_ga=;")]


@both_doors
def test_site_without_choices_has_nothing_to_decide(door: Door) -> None:
    site = Site(door, classes=[CookieClass("analytics", regime="exempt")])
    answer = site.get("/cookie-consent")
    assert answer.status == 200
    assert not [e for e in elements(answer.body) if e.get("id") == "cookieconsent-preferences"]
