"""The content-security gate: what it lists, and what a host may be."""

from __future__ import annotations

import pytest

from cookieconsent.core.gate import check_report_uri, check_source, narrowing_policy
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


@pytest.mark.parametrize("uri", [None, "/reports", "https://reports.example/csp?a=1"])
def test_report_addresses_are_taken(uri: str | None) -> None:
    check_report_uri("csp_report_uri", uri)


@pytest.mark.parametrize(
    "uri", ["", "reports", "//evil.example", "/a;script-src *", "/a b", "/a,b", "/\r\n", 3]
)
def test_other_report_addresses_are_refused(uri: object) -> None:
    with pytest.raises(ConfigError, match="csp_report_uri"):
        check_report_uri("csp_report_uri", uri)
