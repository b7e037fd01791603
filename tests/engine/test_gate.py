"""The content-security gate on pages: added, narrowing, by what the visitor allowed."""

from __future__ import annotations

from typing import Any

import pytest

from cookieconsent import Config, CookieClass
from cookieconsent.errors import ConfigError, ContradictionError
from doors import HTML, Asked, Page, Site
from oracles.drivers import Answer

CSP = b"content-security-policy"
REPORT = b"content-security-policy-report-only"
CLASSES = [
    CookieClass("analytics", hosts=["www.google-analytics.com", "*.googletagmanager.com"]),
    CookieClass("media", hosts=["www.youtube-nocookie.com"]),
    CookieClass("cart", hosts=["pay.example.com"]),
]
ALWAYS = {"fonts.example.com", "pay.example.com"}
ANALYTICS, MEDIA = {*CLASSES[0].hosts}, {*CLASSES[1].hosts}
OWN = b"script-src 'nonce-abc'"


def strict(request: Asked) -> Page:
    return Page(headers=[*HTML, (CSP, OWN)])


@pytest.fixture(params=["asgi", "wsgi"])
def door(request: pytest.FixtureRequest) -> Any:
    return request.param


def gated(door: Any, application: Any = strict, **options: Any) -> Site:
    given = {"csp_gate": "enforce", "csp_hosts": ["fonts.example.com"], "classes": CLASSES}
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


@pytest.mark.parametrize("kind", [b"application/json", b"image/png", b"text/css"])
def test_only_pages_have_a_gate(door: Any, kind: bytes) -> None:
    def other(request: Asked) -> Page:
        return Page(headers=[(b"content-type", kind)])

    assert gated(door, other).get().values(CSP) == []


def test_errors_and_revalidations_have_it_too(door: Any) -> None:
    for status, headers in ((304, []), (404, HTML), (500, HTML)):
        page = Page(status=status, headers=headers)
        assert hosts_in(gated(door, lambda request, page=page: page).get()) == ALWAYS, status


def test_caches_keep_the_gates_apart(door: Any) -> None:
    assert b"Cookie" in gated(door).get().values(b"vary")[0]


def test_banner_keeps_its_style_under_the_gate(door: Any) -> None:
    """The policy we add says nothing against our own markup."""
    answer = gated(door, lambda request: Page()).get()
    assert b'<div id="cookieconsent-banner"' in answer.body
    assert b"<style>#cookieconsent-banner" in answer.body


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"csp_gate": "on"}, "csp_gate"),
        ({"csp_gate": True}, "csp_gate"),
        ({"csp_hosts": "a.example"}, "csp_hosts"),
        ({"csp_hosts": ["*"]}, "csp_hosts"),
        ({"csp_report_uri": "reports"}, "csp_report_uri"),
        ({"csp_gate": "report", "shared_cache": True}, "csp_gate"),
        (
            {"csp_hosts": ["a.example"], "classes": [CookieClass("x", hosts=["a.example"])]},
            "x.hosts",
        ),
    ],
    ids=["word", "switch", "one string", "every host", "no address", "shared", "always and asked"],
)
def test_mistakes_are_refused(options: dict[str, Any], field: str) -> None:
    with pytest.raises(ConfigError, match=field):
        Config(secret_key="s" * 40, **options)


def test_class_refuses_its_hosts_by_name() -> None:
    with pytest.raises(ConfigError, match=r"classes\.media\.hosts: '\*' names no host"):
        CookieClass("media", hosts=["*"])


def test_exempt_and_asked_contradict() -> None:
    classes = [CookieClass("cart", hosts=["a.example"]), CookieClass("ads", hosts=["a.example"])]
    with pytest.raises(ContradictionError, match="whatever the visitor says"):
        Config(secret_key="s" * 40, classes=classes)


def test_hosts_are_read_from_toml() -> None:
    table = {
        "secret_key": "s" * 40,
        "csp_gate": "report",
        "classes": [{"name": "media", "hosts": ["www.youtube-nocookie.com"]}],
    }
    (media,) = (cls for cls in Config.from_mapping(table).classes)
    assert media.hosts == ("www.youtube-nocookie.com",)
