"""The content-security gate: what it lists, and what a host may be."""

from __future__ import annotations

import pytest

from cookieconsent.core.gate import check_report_uri, check_source, covers, narrowing_policy
from cookieconsent.errors import ConfigError

FREE = "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob: mediastream:"


@pytest.mark.parametrize(
    ("hosts", "report_uri", "policy"),
    [
        ([], None, FREE),
        (["b.example", "a.example"], None, f"{FREE} a.example b.example"),
        (["a.example", "a.example"], None, f"{FREE} a.example"),
        ([], "/reports", f"{FREE}; report-uri /reports"),
    ],
    ids=["no host", "sorted", "once", "reports"],
)
def test_policy_lists_the_hosts(hosts: list[str], report_uri: str | None, policy: str) -> None:
    assert narrowing_policy(hosts, report_uri) == policy.encode()


@pytest.mark.parametrize(
    "source",
    [
        "www.example.com",
        "*.example.com",
        "https://maps.example:8443",
        "wss://live.example.com",
        "cdn.example.com:*",
        "cdn.example.com/lib/",
        "xn--bcher-kva.example",
        "localhost:8000",
    ],
)
def test_hosts_are_taken(source: str) -> None:
    assert check_source("x", source) == source


@pytest.mark.parametrize(
    "source",
    [
        "",
        "*",
        "https:",
        "https://*",
        "'self'",
        "'unsafe-inline'",
        "'nonce-abc'",
        "example",
        "*.com/;script-src *",
        "a.example;script-src *",
        "a.example, b.example",
        "a.example b.example",
        "a.example\r\nset-cookie: x=1",
        "a.example\n",
        "A.example",
        "bücher.example",
        "data:",
        "javascript://a.example",
        "*.*.example",
    ],
)
def test_what_would_open_the_gate_is_refused(source: str) -> None:
    with pytest.raises(ConfigError, match="names no host"):
        check_source("csp_hosts.media", source)


@pytest.mark.parametrize("source", ["*.co.uk", "https://*.github.io:*", "co.uk", "*.com.au/a/"])
def test_known_public_suffix_is_refused(source: str) -> None:
    with pytest.raises(ConfigError, match="names the sites of everybody"):
        check_source("csp_hosts.media", source)


COVERED = [
    ("same", "video.example", "video.example"),
    ("wildcard over a host", "*.example.com", "video.example.com"),
    ("wildcard over a deeper host", "*.example.com", "a.b.example.com"),
    ("wildcard over itself", "*.example.com", "*.example.com"),
    ("wildcard over a narrower one", "*.example.com", "*.video.example.com"),
    ("scheme over none", "https://video.example", "video.example"),
    ("none over a scheme", "video.example", "https://video.example"),
    ("http allows https", "http://video.example", "https://video.example"),
    ("https over http, which pages upgrade", "https://video.example", "http://video.example"),
    ("web sockets", "wss://*.example.com", "https://live.example.com"),
    ("usual port over none", "video.example:443", "video.example"),
    ("none over a usual port", "video.example", "https://video.example:443"),
    ("port of http allows that of https", "video.example:80", "video.example:443"),
    ("port with a zero before it", "video.example:0443", "video.example"),
    ("every port", "video.example:*", "video.example:8443"),
    ("port of every one", "video.example:8443", "video.example:*"),
    ("root path", "video.example/", "video.example"),
    ("host over its path", "video.example", "video.example/player/"),
    ("folder over what is in it", "video.example/a/", "video.example/a/b.js"),
    ("same path", "video.example/a.js", "video.example/a.js"),
    ("all at once", "http://*.example.com:*", "wss://live.example.com:9000/a"),
    ("this machine", "localhost:*", "localhost:8000"),
]
APART = [
    ("other host", "video.example", "maps.example"),
    ("host over a wildcard", "video.example.com", "*.example.com"),
    ("wildcard over its own domain", "*.example.com", "example.com"),
    ("end of a longer name", "*.example.com", "badexample.com"),
    ("wildcard deeper down", "*.a.example.com", "b.example.com"),
    ("other port", "video.example:8443", "video.example"),
    ("other port of a wildcard", "*.example.com:8443", "video.example.com:9443"),
    ("https only", "video.example:443", "video.example:8443"),
    ("path over the host", "video.example/a/", "video.example"),
    ("other folder", "video.example/a/", "video.example/b/"),
    ("file over a longer name", "video.example/a", "video.example/ab"),
]


@pytest.mark.parametrize(
    ("broad", "narrow", "expected"),
    [(*row[1:], True) for row in COVERED] + [(*row[1:], False) for row in APART],
    ids=[row[0] for row in [*COVERED, *APART]],
)
def test_one_source_covers_another(broad: str, narrow: str, expected: bool) -> None:
    assert covers(check_source("x", broad), check_source("x", narrow)) is expected


@pytest.mark.parametrize("uri", [None, "/reports", "https://reports.example/csp?a=1"])
def test_report_addresses_are_taken(uri: str | None) -> None:
    check_report_uri("csp_report_uri", uri)


@pytest.mark.parametrize(
    "uri", ["", "reports", "//evil.example", "/a;script-src *", "/a b", "/a,b", "/\r\n", 3]
)
def test_other_report_addresses_are_refused(uri: object) -> None:
    with pytest.raises(ConfigError, match="csp_report_uri"):
        check_report_uri("csp_report_uri", uri)
