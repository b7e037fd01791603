"""The content-security gate on pages: added, narrowing, by what the visitor allowed."""

from __future__ import annotations

from typing import Any

import pytest

from cookieconsent import Config, CookieClass
from cookieconsent.engine.exchange import Exchange
from cookieconsent.errors import ConfigError
from doors import HTML, Asked, Page, Site
from oracles.drivers import Answer

CSP = b"content-security-policy"
REPORT = b"content-security-policy-report-only"
HOSTS = {
    "analytics": ["www.google-analytics.com", "*.googletagmanager.com"],
    "media": ["www.youtube-nocookie.com"],
    "cart": ["pay.example.com"],
    "always": ["fonts.example.com"],
}
ALWAYS = {"fonts.example.com", "pay.example.com"}
ANALYTICS, MEDIA = {*HOSTS["analytics"]}, {*HOSTS["media"]}
OWN = b"script-src 'nonce-abc'"


def strict(request: Asked) -> Page:
    return Page(headers=[*HTML, (CSP, OWN)])


@pytest.fixture(params=["asgi", "wsgi"])
def door(request: pytest.FixtureRequest) -> Any:
    return request.param


def gated(door: Any, application: Any = strict, **options: Any) -> Site:
    given = {"csp_gate": "enforce", "csp_hosts": HOSTS, "classes": [CookieClass("media")]}
    return Site(door, application, **given | options)


def hosts_in(answer: Answer, header: bytes = CSP) -> set[str]:
    """Return the hosts of the gate's policy, which is the last."""
    return {
        word for word in answer.values(header)[-1].decode().replace(";", " ").split() if "." in word
    }


def after(site: Site, form: bytes, headers: Any = ()) -> Answer:
    cookie = site.post(b"choice=" + form).values(b"set-cookie")[-1].partition(b";")[0]
    return site.get(cookie=cookie, headers=headers)


def test_hosts_are_absent_until_granted(door: Any) -> None:
    site = gated(door)
    assert hosts_in(site.get()) == ALWAYS
    assert hosts_in(after(site, b"accept")) == ALWAYS | ANALYTICS | MEDIA
    assert hosts_in(after(site, b"reject")) == ALWAYS
    assert hosts_in(after(site, b"grant&class=media")) == ALWAYS | MEDIA
    assert hosts_in(after(site, b"pause")) == ALWAYS


def test_signal_closes_the_gate(door: Any) -> None:
    assert hosts_in(after(gated(door), b"accept", [(b"sec-gpc", b"1")])) == ALWAYS


def test_policy_of_the_site_stays(door: Any) -> None:
    assert gated(door).get().values(CSP)[0] == OWN
    assert len(gated(door).get().values(CSP)) == 2


def test_report_comes_first(door: Any) -> None:
    answer = gated(door, csp_gate="report", csp_report_uri="/reports").get()
    assert answer.values(CSP) == [OWN]
    assert hosts_in(answer, REPORT) == ALWAYS
    assert answer.values(REPORT)[0].endswith(b"; report-uri /reports")


def test_gate_is_off_unless_opened(door: Any) -> None:
    answer = gated(door, csp_gate="off").get()
    assert (answer.values(CSP), answer.values(REPORT)) == ([OWN], [])


def test_report_only_mode_adds_nothing(door: Any) -> None:
    assert gated(door, enforce=False).get().values(CSP) == [OWN]


DOCUMENTS = [
    b"text/html; charset=utf-16le",
    b"TEXT/HTML",
    b"application/xhtml+xml",
    b"text/xml; charset=utf-8",
    b"image/svg+xml",
    b"multipart/x-mixed-replace; boundary=x",
    b"*/*",
    b"html",
    b"",
]


def test_answer_without_a_type_has_a_gate() -> None:
    # A WSGI application must send one (PEP 3333, as `wsgiref.validate` reads it).
    assert hosts_in(gated("asgi", lambda request: Page(headers=[])).get()) == ALWAYS


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_every_document_has_a_gate(door: Any, kind: bytes) -> None:
    site = gated(door, lambda request: Page(headers=[(b"content-type", kind)]))
    assert hosts_in(site.get()) == ALWAYS
    frame = [(b"sec-fetch-dest", b"iframe"), (b"sec-fetch-mode", b"navigate")]
    assert hosts_in(site.get(base=frame)) == ALWAYS


def test_fault_of_ours_leaves_the_gate_shut(door: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    site = gated(door)
    accepted = site.answer_cookie("accept")
    monkeypatch.setattr(Exchange, "_start", None)
    assert hosts_in(site.get(cookie=accepted)) == ALWAYS


def test_layout_of_the_site_has_a_gate(door: Any) -> None:
    site = gated(door, layout=lambda part: f"<title>t</title><body>{part.body}")
    assert hosts_in(site.get("/cookie-consent")) == ALWAYS
    assert len(site.get("/cookie-consent").values(CSP)) == 2
    cookie = site.answer_cookie("accept")
    assert hosts_in(site.get("/cookie-consent", cookie=cookie)) == ALWAYS | ANALYTICS | MEDIA


@pytest.mark.parametrize("kind", [b"application/json", b"image/png", b"text/css"])
def test_only_pages_have_a_gate(door: Any, kind: bytes) -> None:
    def other(request: Asked) -> Page:
        return Page(headers=[(b"content-type", kind)])

    assert gated(door, other).get().values(CSP) == []


def test_errors_have_it_too(door: Any) -> None:
    for status in (404, 500):
        page = Page(status=status, headers=HTML)
        assert hosts_in(gated(door, lambda request, page=page: page).get()) == ALWAYS, status


def test_caches_keep_the_gates_apart(door: Any) -> None:
    assert b"Cookie" in gated(door).get().values(b"vary")[0]


def test_banner_keeps_its_style_under_the_gate(door: Any) -> None:
    """The policy we add says nothing against our own markup."""
    answer = gated(door, lambda request: Page()).get()
    assert b'<div id="cookieconsent-banner"' in answer.body
    assert b"<style>#cookieconsent-banner" in answer.body


MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    "word": ({"csp_gate": "on"}, "csp_gate"),
    "switch": ({"csp_gate": True}, "csp_gate"),
    "list": ({"csp_hosts": ["a.example"]}, "csp_hosts: .* no table"),
    "one string": ({"csp_hosts": {"always": "a.example"}}, "csp_hosts.always"),
    "every host": (
        {"csp_hosts": {"analytics": ["*"]}},
        r"csp_hosts\.analytics: '\*' names no host",
    ),
    "no class": ({"csp_hosts": {"analytic": ["a.example"]}}, "Did you mean 'analytics'"),
    "class not in use": ({"csp_hosts": {"media": ["a.example"]}}, "no such class"),
    "no address": ({"csp_report_uri": "reports"}, "csp_report_uri"),
    "shared": ({"csp_gate": "report", "shared_cache": True}, "csp_gate"),
    "exempt and asked": (
        {"csp_hosts": {"cart": ["a.example"], "analytics": ["a.example"]}},
        "whatever the visitor says",
    ),
    "wildcard over a class": (
        {"csp_hosts": {"always": ["*.example.com"], "analytics": ["https://a.example.com"]}},
        r"'https://a.example.com' would be allowed .*, by '\*.example.com'",
    ),
    "exempt wildcard over a class": (
        {"csp_hosts": {"analytics": ["a.example.com:443"], "cart": ["http://*.example.com"]}},
        "csp_hosts.analytics and csp_hosts.cart contradict each other",
    ),
    "sites of everybody": (
        {"csp_hosts": {"always": ["*.co.uk"]}},
        r"csp_hosts\.always: '\*\.co\.uk' names the sites of everybody",
    ),
    "class of that name": (
        {"classes": [CookieClass("cart"), CookieClass("always")]},
        r"classes\[1\]\.name: 'always' stands in csp_hosts .* Call the class otherwise",
    ),
}


def test_host_may_be_an_exception_to_a_wildcard(door: Any) -> None:
    hosts = {"media": ["*.example.com"], "always": ["fonts.example.com"]}
    site = gated(door, csp_hosts=hosts)
    assert hosts_in(site.get()) == {"fonts.example.com"}
    assert hosts_in(after(site, b"accept")) == {"fonts.example.com", "*.example.com"}


@pytest.mark.parametrize(("options", "message"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Config(secret_key="s" * 40, **options)
