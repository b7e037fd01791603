"""Hostile input I: proxies, mounts, domains, clocks, odd clients and the order of middleware."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from cookieconsent import Cookie, CookieClass
from cookieconsent.middleware import asgi, wsgi
from doors import (
    FORM,
    HTML,
    NAVIGATION,
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
    consent_pair,
    elements,
    forms,
)
from oracles.drivers import Exchange, run_asgi, run_wsgi
from oracles.jar import Jar
from oracles.set_cookie import assert_strict

FACTS: dict[str, Any] = {"purpose": "p", "provider": "p", "lifetime": "1 days"}
SAME: Headers = ((b"sec-fetch-site", b"same-origin"),)


def setting(*lines: bytes) -> Any:
    head = [*HTML, *((b"set-cookie", line) for line in lines)]
    return lambda asked: Page(headers=head)


# --- 164: TLS ends at a proxy --------------------------------------------------------------------

FORWARDED: list[Headers] = [
    (),
    ((b"x-forwarded-proto", b"https"),),
    ((b"x-forwarded-proto", b"http"),),
    ((b"x-forwarded-proto", b"https, http"),),
    ((b"x-forwarded-ssl", b"on"), (b"front-end-https", b"on")),
    ((b"forwarded", b"proto=https;host=evil.example"),),
]


@both_doors
@pytest.mark.hostile(164)
@pytest.mark.parametrize("headers", FORWARDED, ids=str)
@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("secure", [True, False])
def test_secure_is_a_setting_not_a_guess(
    door: Door, headers: Headers, scheme: Any, secure: bool
) -> None:
    site = Site(door, secure=secure)
    answer = site.post({"choice": "accept"}, [*SAME, *headers], scheme=scheme)
    [line] = consent_lines(answer, site.consent.cookie_name)
    assert (b"; Secure" in line) is secure
    assert line.startswith(b"__Host-cookieconsent=" if secure else b"cookieconsent=")
    assert answer.values(b"location") == [b"/cookie-consent#cookieconsent-saved"]


@both_doors
@pytest.mark.hostile(164)
@pytest.mark.parametrize("headers", FORWARDED, ids=str)
def test_spoofed_scheme_opens_nothing(door: Door, headers: Headers) -> None:
    """Everything is deleted over https only, and the server says what is https."""
    site = Site(door)
    assert site.post({"choice": "erase"}, [*SAME, *headers]).status == 400
    assert site.post({"choice": "erase"}, [*SAME, *headers], scheme="https").status == 303
    named = Site(door, public_origin="https://shop.example")
    assert named.post({"choice": "erase"}, [*SAME, *headers]).status == 303


@both_doors
@pytest.mark.hostile(88, 164)
def test_visit_behind_a_tls_proxy(door: Door) -> None:
    """The browser is on https, the application sees http: form, cookie and return work."""
    site = Site(door)

    visitor = Visitor(site)
    send = site.send

    def over_http(exchange: Exchange, **server: Any) -> Any:
        headers = [*exchange.headers, (b"x-forwarded-proto", b"https")]
        parts = {
            name: getattr(exchange, name) for name in ("method", "path", "query", "body", "host")
        }
        return send(Exchange(headers=headers, scheme="http", **parts), **server)

    site.send = over_http  # type: ignore[method-assign]
    visitor.headers.pop(b"sec-fetch-site")
    visitor.visit("/")
    visitor.choose("accept")
    assert visitor.sees == "settings"
    assert visitor.jar.names() == {b"__Host-cookieconsent"}


# --- 165, 166: mounts ----------------------------------------------------------------------------


@both_doors
@pytest.mark.hostile(165)
@pytest.mark.parametrize("doubled", [True, False], ids=["prefix in the path", "path without it"])
@pytest.mark.parametrize("root", ["/shop", "/a/b", "/größe", "/a b"])
def test_mounted_site_links_to_itself(door: Door, root: str, doubled: bool) -> None:
    """Servers and frameworks differ in whether `path` has the mount prefix; links have it once."""
    site = Site(door)
    prefix = {"/größe": "/gr%C3%B6%C3%9Fe", "/a b": "/a%20b"}.get(root, root)

    def get(path: str) -> Any:
        if door == "wsgi" or doubled:
            return site.get(path, root=root)
        exchange = Exchange(path=path, headers=NAVIGATION)
        return site.send(exchange, scope={"path": path, "root_path": root})

    page = get("/x").body
    for form in forms(page):
        assert form.action == f"{prefix}/cookie-consent"
        assert dict(form.fields)["next"] == f"{prefix}/x"
    links = {e["href"] for e in elements(page) if e.tag == "a"} - {"#"}
    assert links == {f"{prefix}/cookie-consent"}
    preferences = get("/cookie-consent")
    assert preferences.status == 200
    assert {form.action for form in forms(preferences.body)} == {f"{prefix}/cookie-consent"}
    [style] = [e["href"] for e in elements(preferences.body) if e.tag == "link"]
    assert style.startswith(f"{prefix}/cookie-consent/style.")
    assert len(site.asked) == 1
    assert get("/cookie-consent/" + style.rpartition("/")[2]).status == 200


@pytest.mark.hostile(165)
@pytest.mark.parametrize(
    "missing", [["root_path"], ["root_path", "query_string", "scheme"]], ids=str
)
def test_scope_without_optional_keys(missing: list[str]) -> None:
    site = Site("asgi")
    sent: list[Any] = []
    scope: dict[str, Any] = {
        "type": "http",
        "method": "GET",
        "path": "/x",
        "root_path": "",
        "query_string": b"",
        "scheme": "https",
        "headers": list(NAVIGATION),
    }
    for name in missing:
        del scope[name]

    async def receive() -> Any:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(site.asgi(scope, receive, send))
    body = b"".join(message.get("body", b"") for message in sent[1:])
    assert {form.action for form in forms(body)} == {"/cookie-consent"}


@pytest.mark.hostile(165)
@pytest.mark.parametrize("missing", [["SCRIPT_NAME"], ["SCRIPT_NAME", "QUERY_STRING"]], ids=str)
def test_environ_without_optional_keys(missing: list[str]) -> None:
    site = Site("wsgi")
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/x",
        "SCRIPT_NAME": "",
        "QUERY_STRING": "",
        "wsgi.url_scheme": "https",
        "HTTP_ACCEPT": "text/html",
    }
    for name in missing:
        del environ[name]
    body = b"".join(site.wsgi(environ, lambda *head: None))
    assert {form.action for form in forms(body)} == {"/cookie-consent"}


@both_doors
@pytest.mark.hostile(165)
def test_redirect_keeps_the_mount(door: Door) -> None:
    site = Site(door)
    answer = site.post({"choice": "accept"}, root="/shop")
    assert answer.values(b"location") == [b"/shop/cookie-consent#cookieconsent-saved"]


@pytest.mark.hostile(165, 166)
@pytest.mark.parametrize("inside", [True, False], ids=["inside the mount", "around everything"])
def test_mount_of_a_framework(inside: bool) -> None:
    from starlette.applications import Starlette
    from starlette.responses import HTMLResponse
    from starlette.routing import Mount, Route

    async def page(request: Any) -> HTMLResponse:
        return HTMLResponse(PAGE.decode())

    shop: Any = Starlette(routes=[Route("/x", page)])
    if inside:
        shop = asgi.CookieConsentMiddleware(shop, secret_key=SECRET)
    app: Any = Starlette(routes=[Mount("/shop", shop)])
    if not inside:
        app = asgi.CookieConsentMiddleware(app, secret_key=SECRET)
    body = run_asgi(app, Exchange(path="/shop/x", headers=NAVIGATION)).body
    action = "/shop/cookie-consent" if inside else "/cookie-consent"
    assert {form.action for form in forms(body)} == {action}
    assert dict(forms(body)[0].fields)["next"] == "/shop/x"
    headers = [(b"content-type", FORM), *SAME]
    exchange = Exchange(method="POST", path=action, headers=headers, body=b"choice=accept")
    answer = run_asgi(app, exchange)
    assert answer.status == 303
    [line] = consent_lines(answer)
    assert b"; Path=/;" in line


@pytest.mark.hostile(165, 166)
def test_mount_by_werkzeugs_dispatcher() -> None:
    from werkzeug.middleware.dispatcher import DispatcherMiddleware

    site = Site("wsgi")
    app = DispatcherMiddleware(lambda environ, start: [], {"/shop": site.wsgi})
    page = run_wsgi(app, Exchange(path="/shop/x", headers=NAVIGATION)).body
    assert {form.action for form in forms(page)} == {"/shop/cookie-consent"}
    assert run_wsgi(app, Exchange(path="/shop/cookie-consent", headers=NAVIGATION)).status == 200
    headers = [(b"content-type", FORM), *SAME]
    exchange = Exchange(
        method="POST", path="/shop/cookie-consent", headers=headers, body=b"choice=accept"
    )
    [line] = consent_lines(run_wsgi(app, exchange))
    assert b"; Path=/;" in line


STATS = CookieClass("stats", purposes=["measure"])


@both_doors
@pytest.mark.hostile(166, 169)
def test_sites_with_names_of_their_own_do_not_fight(door: Door) -> None:
    """Two mounts on one host, or two ports: each keeps its own answer in its own cookie."""
    shop = Site(door, site="shop")
    blog = Site(door, site="blog", classes=[STATS])
    jar = Jar(now=NOON)
    visitors = [Visitor(shop, jar=jar), Visitor(blog, jar=jar, origin="https://shop.example:8443")]
    for visitor in visitors:
        visitor.visit("/")
        assert visitor.sees == "banner"
    visitors[0].choose("accept")
    visitors[1].visit("/")
    assert visitors[1].sees == "banner", "an answer to one site is none to the other"
    visitors[1].choose("reject")
    visitors[0].visit("/")
    assert shop.asked[-1].state.allows("analytics")
    assert jar.names() == {b"__Host-cookieconsent-shop", b"__Host-cookieconsent-blog"}
    assert all(cookie.path == "/" for cookie in jar)


@both_doors
@pytest.mark.hostile(169)
def test_answer_to_one_site_is_none_to_another(door: Door) -> None:
    """Neither by its name nor, renamed, by its signature."""
    shop, blog, plain = Site(door, site="shop"), Site(door, site="blog"), Site(door)
    answer = shop.post({"choice": "accept"})
    value = consent_pair(answer, b"__Host-cookieconsent-shop").partition(b"=")[2]
    for other in (blog, plain):
        other.get(cookie=b"__Host-cookieconsent-shop=" + value)
        assert not other.asked[-1].state.decided
        other.get(cookie=other.consent.cookie_name + b"=" + value)
        assert not other.asked[-1].state.decided


@both_doors
@pytest.mark.hostile(166)
def test_same_cookie_means_the_same_policy(door: Door) -> None:
    """Mounts that share a cookie share the answers to what they declare alike, and nothing else."""
    one = Site(door, classes=[STATS])
    two = Site(door, classes=[CookieClass("stats", purposes=["advertise"])])
    cookie = one.answer_cookie("accept")
    two.get(cookie=cookie)
    state = two.asked[-1].state
    assert (state.allows("analytics"), state.allows("stats")) == (True, False)
    assert not state.decided


# --- 168, 170-172: domains and frames ------------------------------------------------------------


@both_doors
@pytest.mark.hostile(168)
def test_answer_is_shared_with_subdomains(door: Door) -> None:
    site = Site(door, cookie_domain="shop.example")
    jar = Jar(now=NOON)
    www = Visitor(site, "https://www.shop.example", jar=jar)
    pay = Visitor(site, "https://pay.shop.example", jar=jar)
    www.visit("/")
    www.choose("accept")
    [cookie] = list(jar)
    assert (cookie.name, cookie.domain, cookie.secure) == (
        b"__Secure-cookieconsent",
        "shop.example",
        True,
    )
    pay.visit("/")
    assert pay.sees == "settings"
    pay.choose("withdraw")
    www.visit("/")
    assert not site.asked[-1].state.allows("analytics")
    assert len(jar) == 1


@both_doors
@pytest.mark.hostile(168, 75)
def test_tossed_answer_counts_as_intersection(door: Door) -> None:
    """A subdomain can plant its visitor's older yes beside the no."""
    site = Site(door, cookie_domain="shop.example")
    name = site.consent.cookie_name
    yes = consent_pair(site.post({"choice": "accept"}), name)
    no = consent_pair(site.post({"choice": "reject"}), name)
    for tossed in (yes + b"; " + no, no + b"; " + yes):
        site.get(cookie=tossed)
        assert site.asked[-1].state.decided
        assert not site.asked[-1].state.allows("analytics")


@both_doors
@pytest.mark.hostile(170)
def test_frame_of_a_foreign_page_is_undecided(door: Door) -> None:
    """The answer does not go into frames, so nothing is allowed there, and nothing is lost."""
    site = Site(door, setting(b"_ga=1; Path=/"))
    visitor = Visitor(site)
    visitor.visit("/")
    visitor.choose("accept")
    sent = visitor.jar.send("https://shop.example/", top_level_site="https://news.example/")
    assert b"cookieconsent" not in sent
    framed = [
        (b"sec-fetch-site", b"cross-site"),
        (b"sec-fetch-dest", b"iframe"),
        (b"cookie", sent),
    ]
    answer = site.get(headers=framed)
    assert not site.asked[-1].state.allows("analytics")
    assert banners(answer.body) == 0
    assert consent_lines(answer) == []
    assert not [line for line in answer.values(b"set-cookie") if line.startswith(b"_ga=1")]


@both_doors
@pytest.mark.hostile(170)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_partitioned_cookie_is_deleted_in_its_partition(door: Door, scheme: Any) -> None:
    cookies = [
        Cookie("__Host-embed", "analytics", partitioned=True, **FACTS),
        Cookie("embed", "analytics", partitioned=True, domain="shop.example", **FACTS),
    ]
    site = Site(door, cookies=cookies)
    answer = site.get(cookie=b"__Host-embed=1; embed=2", scheme=scheme)
    for name, domain in ((b"__Host-embed", b""), (b"embed", b"; Domain=shop.example")):
        line = next(line for line in answer.values(b"set-cookie") if line.startswith(name + b"="))
        assert line.endswith(b"; Secure; Partitioned")
        assert domain in line
        assert (b"Domain" in line) is bool(domain)
        assert_strict(line)
    jar = Jar(now=NOON)
    url, top = "https://shop.example/", "https://news.example/"
    jar.receive(
        url,
        b"__Host-embed=1; Path=/; Secure; SameSite=None; Partitioned",
        top_level_site=top,
        navigation=False,
    )
    assert len(jar) == 1
    jar.receive_response(url, answer.headers, top_level_site=top, navigation=False)
    left = {cookie.name for cookie in jar}
    assert left in ({b"__Host-embed"}, set())


@both_doors
@pytest.mark.hostile(171)
def test_landing_from_a_foreign_form_keeps_the_answer(door: Door) -> None:
    """A payment service posts the visitor back; Lax keeps our cookie away from that request."""
    site = Site(door)
    visitor = Visitor(site)
    visitor.visit("/")
    visitor.choose("accept")
    before = list(visitor.jar)
    answer = visitor.visit(
        "/paid",
        [(b"sec-fetch-site", b"cross-site"), (b"content-type", FORM)],
        method="POST",
        body=b"result=ok",
        same_site=False,
    )
    assert site.asked[-1].cookie is None
    assert not site.asked[-1].state.decided
    assert answer.values(b"set-cookie") == []
    assert list(visitor.jar) == before
    visitor.visit("/")
    assert site.asked[-1].state.allows("analytics")


@both_doors
@pytest.mark.hostile(172)
def test_evicted_answer_is_a_first_visit(door: Door) -> None:
    site = Site(door, setting(*(b"sessionid=1; Secure; Path=/p%d" % number for number in range(5))))
    visitor = Visitor(site, jar=Jar(now=NOON, limit_per_domain=3))
    visitor.visit("/")
    visitor.choose("reject")
    visitor.visit("/")
    visitor.visit("/")
    assert b"__Host-cookieconsent" not in visitor.jar.names()
    assert visitor.sees == "banner"


# --- 173-175: clocks, hosts, clients -------------------------------------------------------------


@both_doors
@pytest.mark.hostile(173)
@pytest.mark.parametrize(
    "day", [0, 1, 182, 183, 10_957, 24_836, 47_481, 65_535, 65_536, 100_000, -1, -10_000]
)
def test_wrong_clock_writes_a_sane_cookie(door: Door, day: int) -> None:
    site = Site(door)
    site.clock.now = day * 86_400.0
    answer = site.post({"choice": "accept"})
    [line] = consent_lines(answer)
    assert_strict(line)
    attributes = dict(part.partition(b"=")[::2] for part in line.split(b"; ")[1:])
    assert int(attributes[b"Max-Age"]) == 183 * 86_400
    names = [part.partition(b"=")[0] for part in line.split(b"; ")]
    assert b"Expires" in names
    assert site.get(cookie=consent_pair(answer)).status == 200
    if 0 <= day <= 65_535:
        assert site.asked[-1].state.allows("analytics")
    assert site.post({"choice": "forget"}).status == 303
    assert site.get("/cookie-consent", cookie=consent_pair(answer)).status == 200


@both_doors
@pytest.mark.hostile(173)
def test_clock_set_right_again_forgets(door: Door) -> None:
    """An answer given in 2099 is none in 2026, and one of 1970 has long run out."""
    site = Site(door)
    for day in (0, 47_481):
        site.clock.now = day * 86_400.0
        cookie = site.answer_cookie()
        site.clock.now = NOON
        site.get(cookie=cookie)
        assert not site.asked[-1].state.decided


HOSTS: list[Headers] = [
    (),
    ((b"host", b"evil.example"),),
    ((b"host", b"evil.example"), (b"host", b"shop.example")),
    ((b"host", b""),),
    ((b"host", b"evil.example:99999999"),),
    ((b"host", b"evil.example/path"),),
    ((b"host", b"evil.example\r\nx: y"),),
    ((b"host", b"[::1]:8000"),),
    ((b"host", b"ev\xefl.example"),),
    ((b"host", b'"><script>'),),
    ((b"host", b"a" * 5000),),
]


@both_doors
@pytest.mark.hostile(174)
@pytest.mark.parametrize("headers", HOSTS, ids=lambda headers: str(headers)[:50])
@pytest.mark.parametrize("path", ["/", "/cookie-consent"])
def test_host_never_gets_into_a_page(door: Door, headers: Headers, path: str) -> None:
    site = Site(door)
    plain = site.get(path, host=None)
    extra: dict[str, Any] = {"lint": False} if door == "wsgi" else {}
    exchange = Exchange(path=path, headers=[*NAVIGATION, *headers], host=None)
    assert site.send(exchange, **extra) == plain
    fields = [*SAME, *headers, (b"content-type", FORM)]
    posted = site.send(
        Exchange(
            method="POST", path="/cookie-consent", headers=fields, host=None, body=b"choice=accept"
        ),
        **extra,
    )
    assert posted.values(b"location") == [b"/cookie-consent#cookieconsent-saved"]
    assert not any(b"evil" in value for _, value in posted.headers)


@both_doors
@pytest.mark.hostile(174)
@pytest.mark.parametrize("headers", HOSTS, ids=lambda headers: str(headers)[:50])
def test_host_is_nothing_but_a_domain_in_deletions(door: Door, headers: Headers) -> None:
    """A browser takes the deletion for its own domain only, and the answer is private."""
    site = Site(door)
    extra: dict[str, Any] = {"lint": False} if door == "wsgi" else {}
    exchange = Exchange(headers=[*NAVIGATION, *headers, (b"cookie", b"_ga=1")], host=None)
    answer = site.send(exchange, **extra)
    lines = answer.values(b"set-cookie")
    assert lines
    for line in lines:
        assert_strict(line)
    assert answer.values(b"cache-control") == [b"private"]
    domains = {part for line in lines for part in line.split(b"; ") if part.startswith(b"Domain=")}
    assert domains <= {b"Domain=evil.example"}
    own = Site(door, domains=["shop.example"])
    lines = own.send(exchange, **extra).values(b"set-cookie")
    assert not any(b"evil" in line for line in lines)


CLIENTS: list[tuple[str, Headers]] = [
    ("no headers", ()),
    ("curl", ((b"accept", b"*/*"), (b"user-agent", b"curl/8"))),
    ("bot", ((b"accept", b"*/*"), (b"user-agent", b"Googlebot/2.1"))),
    ("json", ((b"accept", b"application/json"),)),
    ("image", ((b"accept", b"image/avif,*/*"), (b"sec-fetch-dest", b"image"))),
    ("refuses html", ((b"accept", b"text/html;q=0, */*"),)),
]


@both_doors
@pytest.mark.hostile(175)
@pytest.mark.parametrize(
    "headers", [headers for _, headers in CLIENTS], ids=[n for n, _ in CLIENTS]
)
@pytest.mark.parametrize("version", ["1.0", "1.1", "2"])
def test_odd_client_is_filtered_and_not_asked(door: Door, headers: Headers, version: str) -> None:
    site = Site(door, setting(b"_ga=1; Path=/", b"sessionid=2; Path=/"))
    lines = [*headers, (b"cookie", b"_ga=3; sessionid=4")]
    answer = site.send(Exchange(headers=lines, http_version=version))
    assert site.asked[-1].cookie == b"sessionid=4"
    assert b"sessionid=2; Path=/" in answer.values(b"set-cookie")
    assert b"_ga=1; Path=/" not in answer.values(b"set-cookie")
    assert answer.body == PAGE


# --- 82, 84: development on this machine ---------------------------------------------------------


@both_doors
@pytest.mark.hostile(82)
@pytest.mark.parametrize("origin", ["http://localhost:8000", "http://127.0.0.1:8000"])
def test_loopback_keeps_a_secure_cookie(door: Door, origin: str) -> None:
    site = Site(door)
    visitor = Visitor(site, origin)
    visitor.visit("/")
    visitor.choose("accept")
    assert visitor.sees == "settings"
    visitor.choose("withdraw")
    assert not site.asked[-1].state.allows("analytics")


@both_doors
@pytest.mark.hostile(82, 84)
def test_plain_http_with_a_name_needs_the_setting(door: Door) -> None:
    """The browser ignores a Secure cookie there: the visitor is told so, and is asked again."""
    visitor = Visitor(Site(door), "http://shop.example")
    visitor.headers = {b"accept": b"text/html"}  # no Fetch Metadata over plain http
    visitor.visit("/")
    assert visitor.choose("accept").status == 303
    assert visitor.sees == "banner"
    assert len(visitor.jar) == 0
    assert visitor.fragment == "cookieconsent-saved"
    assert [e for e in elements(visitor.page) if e.get("id") == "cookieconsent-saved"]
    site = Site(door, secure=False)
    visitor = Visitor(site, "http://shop.example")
    visitor.headers = {b"accept": b"text/html"}
    visitor.visit("/")
    visitor.choose("accept")
    assert visitor.sees == "settings"
    assert visitor.jar.names() == {b"cookieconsent"}


# --- 177, 178: order, preflights -----------------------------------------------------------------


@pytest.mark.hostile(177)
def test_outer_consent_filters_an_inner_session() -> None:
    from starlette.middleware.sessions import SessionMiddleware

    async def application(scope: Any, receive: Any, send: Any) -> None:
        scope["session"]["seen"] = "yes"
        await send({"type": "http.response.start", "status": 200, "headers": list(HTML)})
        await send({"type": "http.response.body", "body": PAGE})

    session = SessionMiddleware(application, secret_key=SECRET, session_cookie="tracker")
    cookies = [Cookie("tracker", "analytics", **FACTS)]
    app = asgi.CookieConsentMiddleware(session, secret_key=SECRET, cookies=cookies)
    assert run_asgi(app, Exchange(headers=NAVIGATION)).values(b"set-cookie") == []
    exempt = [Cookie("tracker", "authentication")]
    app = asgi.CookieConsentMiddleware(session, secret_key=SECRET, cookies=exempt)
    [line] = run_asgi(app, Exchange(headers=NAVIGATION)).values(b"set-cookie")
    assert line.startswith(b"tracker=")


class Beaker:
    """A session middleware of the WSGI kind, which leaves its session in the environ."""

    def __init__(self, app: Any) -> None:
        self.app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            return start_response(status, [*headers, ("Set-Cookie", "tracker=1; Path=/")])

        return self.app({**environ, "beaker.session": {}}, start)


@pytest.mark.hostile(177)
def test_outer_consent_filters_an_inner_beaker_session() -> None:
    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/html")])
        return [PAGE]

    cookies = [Cookie("tracker", "analytics", **FACTS)]
    app = wsgi.CookieConsentMiddleware(Beaker(application), secret_key=SECRET, cookies=cookies)
    assert run_wsgi(app, Exchange(headers=NAVIGATION)).values(b"set-cookie") == []


@both_doors
@pytest.mark.hostile(177)
def test_outer_session_is_warned_of(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    """Its cookies pass us by; the operator learns it from the first request."""
    from starlette.middleware.sessions import SessionMiddleware

    site = Site(door)
    site.get()
    assert not caplog.records
    for _ in range(3):
        if door == "asgi":
            app = SessionMiddleware(site.asgi, secret_key=SECRET)
            assert run_asgi(app, Exchange(headers=NAVIGATION)).status == 200
        else:
            assert run_wsgi(Beaker(site.wsgi), Exchange(headers=NAVIGATION)).status == 200
    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert "session" in record.getMessage()


@both_doors
@pytest.mark.hostile(177)
def test_two_copies_are_one(door: Door) -> None:
    inner = Site(door, setting(b"_ga=1", b"sessionid=2"))
    if door == "asgi":
        app: Any = asgi.CookieConsentMiddleware(inner.asgi, secret_key=SECRET, clock=inner.clock)
        run: Any = run_asgi
    else:
        app = wsgi.CookieConsentMiddleware(inner.wsgi, secret_key=SECRET, clock=inner.clock)
        run = run_wsgi
    for cookie in (b"_ga=1; sessionid=2", inner.answer_cookie() + b"; _ga=1"):
        exchange = Exchange(headers=[*NAVIGATION, (b"cookie", cookie)])
        assert run(app, exchange).body == inner.send(exchange).body
        assert inner.asked[-1].cookie == inner.asked[-2].cookie


@both_doors
@pytest.mark.hostile(178)
@pytest.mark.parametrize("path", ["/", "/cookie-consent"])
def test_preflight_gets_nothing_of_ours(door: Door, path: str) -> None:
    def application(asked: Asked) -> Page:
        return Page(headers=[*HTML, (b"access-control-allow-origin", b"*")], chunks=[PAGE])

    site = Site(door, application)
    headers = [
        (b"origin", b"https://evil.example"),
        (b"access-control-request-method", b"POST"),
        (b"accept", b"text/html"),
        (b"cookie", b"_ga=1"),
    ]
    answer = site.send(Exchange(method="OPTIONS", path=path, headers=headers))
    assert answer.values(b"set-cookie") == []
    assert answer.body == (PAGE if path == "/" else b"")
    assert answer.status == (200 if path == "/" else 405)
    assert len(site.asked) == (path == "/")


@both_doors
@pytest.mark.hostile(178)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_health_check_is_left_alone(door: Door, method: str) -> None:
    head = [(b"content-type", b"text/plain"), (b"cache-control", b"no-cache")]
    site = Site(door, lambda asked: Page(headers=head, chunks=[b"ok"]))
    answer = site.send(Exchange(method=method, path="/healthz", headers=[(b"accept", b"*/*")]))
    assert answer.headers == head
    assert answer.body == (b"ok" if method == "GET" else b"")
