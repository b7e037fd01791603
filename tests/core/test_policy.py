"""What Content Security Policies let us do on somebody's page."""

from __future__ import annotations

import pytest

from cookieconsent.core.policy import PagePolicy

HASH = "'sha256-abc='"
HOSTS = ("shop.example", "www.shop.example:8443", None)


def policy_of(*values: str) -> PagePolicy:
    return PagePolicy.of(values, HOSTS)


# policy, inline style, own sheet, own form
POLICIES: list[tuple[str, bool, bool, bool]] = [
    ("", True, True, True),
    (" ; ;", True, True, True),
    ("img-src 'none'", True, True, True),
    ("default-src 'self'", False, True, True),
    ("default-src 'none'", False, False, True),
    ("default-src 'none'; style-src 'self'", False, True, True),
    ("default-src 'self'; style-src 'none'", False, False, True),
    ("DEFAULT-SRC 'SELF'", False, True, True),
    ("style-src 'unsafe-inline'", True, False, True),
    ("style-src 'unsafe-inline' 'self'", True, True, True),
    ("style-src 'Unsafe-Inline'", True, False, True),
    ("style-src 'unsafe-inline' 'nonce-x'", False, False, True),
    ("style-src 'unsafe-inline' 'sha384-x'", False, False, True),
    ("style-src 'unsafe-inline' 'sha512-x'", False, False, True),
    ("style-src 'unsafe-inline' 'sha256-other='", False, False, True),
    (f"style-src {HASH}", True, False, True),
    (f"style-src 'none'; style-src-elem {HASH} 'self'", True, True, True),
    ("style-src 'unsafe-inline'; style-src-elem 'none'", False, False, True),
    ("style-src 'self'; style-src 'unsafe-inline'", False, True, True),
    ("style-src", False, False, True),
    ("style-src *", False, True, True),
    ("style-src https:", False, True, True),
    ("style-src http:", False, True, True),
    ("style-src data:", False, False, True),
    ("style-src shop.example", False, True, True),
    ("style-src SHOP.example", False, True, True),
    ("style-src https://shop.example", False, True, True),
    ("style-src https://shop.example/", False, True, True),
    ("style-src https://shop.example/css/", False, False, True),
    ("style-src shop.example/css", False, False, True),
    ("style-src shop.example:*", False, True, True),
    ("style-src www.shop.example:8443", False, True, True),
    ("style-src www.shop.example", False, False, True),
    ("style-src cdn.example", False, False, True),
    ("style-src *.shop.example", False, False, True),
    ("form-action 'self'", True, True, True),
    ("form-action 'none'", True, True, False),
    ("form-action", True, True, False),
    ("form-action https://pay.example", True, True, False),
    ("default-src 'none'; form-action 'self'; style-src 'self'", False, True, True),
    ("default-src 'self', style-src 'unsafe-inline'", False, False, True),
    ("default-src 'self', form-action 'none'", False, True, False),
]


@pytest.mark.parametrize(("text", "inline", "sheet", "form"), POLICIES)
def test_policy(text: str, inline: bool, sheet: bool, form: bool) -> None:
    policy = policy_of(text)
    answers = (
        policy.allows_inline_style(HASH),
        policy.allows_own_style(),
        policy.allows_own_form(),
    )
    assert answers == (inline, sheet, form)


def test_all_policies_hold_together() -> None:
    """Several headers, several in one header, and those of `<meta>` elements."""
    policy = policy_of("style-src 'self'", "style-src 'self' 'unsafe-inline'")
    assert policy.allows_own_style()
    assert not policy.allows_inline_style(HASH)
    stricter = policy.with_meta(["form-action 'none'", "style-src 'none'"])
    assert not stricter.allows_own_form()
    assert not stricter.allows_own_style()
    assert policy.allows_own_form()


def test_meta_policy_knows_the_own_hosts() -> None:
    assert policy_of().with_meta(["style-src shop.example"]).allows_own_style()


@pytest.mark.parametrize(
    ("texts", "sandboxed"),
    [
        ([], False),
        (["default-src 'none'"], False),
        (["sandbox"], True),
        (["sandbox allow-scripts"], True),
        (["sandbox allow-scripts allow-forms"], False),
        (["sandbox ALLOW-FORMS"], False),
        (["sandbox allow-forms", "sandbox"], True),
    ],
)
def test_sandbox(texts: list[str], sandboxed: bool) -> None:
    assert policy_of(*texts).is_sandboxed() is sandboxed


def test_endless_source_list_is_cut() -> None:
    policy = policy_of("style-src " + "x " * 100_000 + "'self'")
    assert not policy.allows_own_style()
