"""Who may send a form: every row of the product against the truth table written anew, row by row."""

from __future__ import annotations

from itertools import product

import pytest

from cookieconsent.core.csrf import Origin, Sender, is_own_form, read_origin

HOST = "good.example"
TRUSTED = frozenset({Origin("https", "pay.example"), Origin("http", "old.example:8080")})

FETCH_SITES = (None, "none", "same-origin", "same-site", "cross-site", "", "Same-Origin", "x")
ORIGINS = (
    None,
    "null",
    "https://good.example",
    "http://good.example",
    "https://GOOD.example",
    "https://good.example:443",
    "https://good.example:444",
    "https://good.example.",
    "https://good.example.evil.test",
    "https://evil.test",
    "https://pay.example",
    "http://pay.example",
    "http://old.example:8080",
    "",
    "good.example",
    "https://good.example/",
    "https://good.example, https://good.example",
)
SCHEMES = ("http", "https")


def site_of(origin: str | None, scheme: str) -> str:
    """Say in the table's words what an `Origin` is, from a list made by hand."""
    if origin in {None, "null"}:
        return "null or missing"
    if origin in {"https://pay.example", "http://old.example:8080"}:
        return "trusted"
    if origin in {"https://good.example", "https://GOOD.example", "https://good.example:443"}:
        return "same"
    if origin == "http://good.example" and scheme == "http":
        return "same"
    return "other"


def expected(fetch_site: str | None, origin: str | None, scheme: str, token: bool) -> bool:
    """The truth table of the HTTP contract, first row that fits."""
    site = site_of(origin, scheme)
    rows = (
        # the row fits, and then a good token is answered with
        (fetch_site == "same-origin", True, True),
        (fetch_site not in {None, "none"} and site == "trusted", True, False),
        (fetch_site not in {None, "none"}, False, False),
        (site in {"same", "trusted"}, True, False),
        (site == "null or missing", True, False),
    )
    for fits, answer, whatever_token in rows:
        if fits:
            return answer and (token or whatever_token)
    return False


@pytest.mark.parametrize("fetch_site", FETCH_SITES)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_truth_table(fetch_site: str | None, scheme: str) -> None:
    wrong = [
        (origin, token)
        for origin, token in product(ORIGINS, (False, True))
        if is_own_form(Sender(fetch_site, origin, HOST, scheme), TRUSTED, token_valid=token)
        is not expected(fetch_site, origin, scheme, token)
    ]
    assert not wrong


def test_no_foreign_page_without_trust() -> None:
    """The one sentence behind the table: from another site, only a trusted origin gets through."""
    for origin, scheme, token in product(ORIGINS, SCHEMES, (False, True)):
        accepted = is_own_form(
            Sender("cross-site", origin, HOST, scheme), TRUSTED, token_valid=token
        )
        assert not accepted or (
            token and origin in {"https://pay.example", "http://old.example:8080"}
        )


@pytest.mark.parametrize(
    ("fetch_site", "origin", "accepted"),
    [
        ("same-origin", None, True),
        ("none", "https://good.example", True),
        (None, "https://good.example", True),
        (None, "https://pay.example", True),
        (None, None, False),
        (None, "null", False),
        (None, "https://evil.test", False),
        ("cross-site", "https://pay.example", False),
        ("same-site", "https://good.example", False),
    ],
)
def test_forms_without_token(fetch_site: str | None, origin: str | None, accepted: bool) -> None:
    """On pages cached for everybody a known origin must do, and nothing stands in for one."""
    sender = Sender(fetch_site, origin, HOST, "https")
    assert is_own_form(sender, TRUSTED, token_valid=False, tokenless=True) is accepted


@pytest.mark.parametrize(
    ("host", "origin", "scheme", "same"),
    [
        ("good.example", "https://good.example", "https", True),
        ("GOOD.example", "https://good.example", "https", True),
        ("good.example:443", "https://good.example", "https", True),
        ("good.example:80", "http://good.example", "http", True),
        ("good.example:8000", "http://good.example:8000", "http", True),
        ("good.example:8000", "http://good.example", "http", False),
        ("good.example", "https://good.example", "http", True),
        ("good.example", "http://good.example", "https", False),
        ("127.0.0.1:5000", "http://127.0.0.1:5000", "http", True),
        ("[::1]:5000", "http://[::1]:5000", "http", True),
        ("good.example.", "https://good.example", "https", False),
        ("", "https://good.example", "https", False),
        ("good.example, evil.test", "https://evil.test", "https", False),
        ("user@good.example", "https://good.example", "https", False),
        ("good.example/x", "https://good.example", "https", False),
        (None, "https://good.example", "https", False),
    ],
)
def test_origin_compared_with_host(host: str | None, origin: str, scheme: str, same: bool) -> None:
    sender = Sender(None, origin, host, scheme)
    assert is_own_form(sender, frozenset(), token_valid=True) is same


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://shop.example", Origin("https", "shop.example")),
        ("HTTPS://Shop.Example", Origin("https", "shop.example")),
        ("https://shop.example:443", Origin("https", "shop.example")),
        ("http://shop.example:80", Origin("http", "shop.example")),
        ("http://shop.example:443", Origin("http", "shop.example:443")),
        ("https://shop.example:8443", Origin("https", "shop.example:8443")),
        ("http://[::1]:80", Origin("http", "[::1]")),
        ("http://192.0.2.1", Origin("http", "192.0.2.1")),
        ("null", None),
        ("", None),
        ("shop.example", None),
        ("//shop.example", None),
        ("ftp://shop.example", None),
        ("https://", None),
        ("https://shop.example/", None),
        ("https://shop.example/path", None),
        ("https://shop.example?", None),
        ("https://user@shop.example", None),
        ("https://shop.example:", None),
        ("https://shop.example:123456", None),
        ("https://b\u00fccher.example", None),
        ("https://shop.example\n", None),
        (" https://shop.example", None),
    ],
)
def test_read_origin(text: str, origin: Origin | None) -> None:
    assert read_origin(text) == origin
