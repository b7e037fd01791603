"""What goes into a page under each policy that the guide names."""

from __future__ import annotations

import pytest

from doors import DOORS, HTML, NAVIGATION, Asked, Door, Page, Site, banners, elements
from oracles.drivers import Exchange, run_asgi
from pages import GUIDES, ReadGuide

GUIDE = GUIDES / "strict-csp.md"


def seen(door: Door, policy: str | None, *, meta: bool = False) -> tuple[bool, bool, bool, bool]:
    """Return whether a page has a banner, an inline style, a linked one and a form."""
    element = f'<meta http-equiv="Content-Security-Policy" content="{policy}">' if meta else ""
    html = f"<!DOCTYPE html><head><title>x</title>{element}</head><body>x".encode()
    headers = list(HTML)
    if policy is not None and not meta:
        headers.append((b"content-security-policy", policy.encode("ascii")))

    def application(request: Asked) -> Page:
        return Page(headers=headers, chunks=(html,))

    body = Site(door, application).get().body
    found = elements(body)
    return (
        banners(body) == 1,
        any(element.tag == "style" for element in found),
        any(element.tag == "link" and "/style." in element["href"] for element in found),
        any(element.tag == "form" for element in found),
    )


INLINE = (True, True, False, True)
LINKED = (True, False, True, True)
PLAIN = (True, False, False, True)
POLICIES = [
    (None, INLINE),
    ("style-src 'unsafe-inline'", INLINE),
    ("style-src 'self'", LINKED),
    ("style-src 'self' 'nonce-abc'", LINKED),
    ("style-src 'self' 'unsafe-inline' 'nonce-abc'", LINKED),
    ("style-src 'nonce-abc'", PLAIN),
    ("style-src 'none'", PLAIN),
    ("style-src 'self'; form-action https://pay.example", (True, False, True, False)),
    ("require-trusted-types-for 'script'; trusted-types 'none'", INLINE),
]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("meta", [False, True], ids=["header", "meta"])
@pytest.mark.parametrize(("policy", "expected"), POLICIES)
def test_page_gets_what_its_policy_allows(
    door: Door, meta: bool, policy: str | None, expected: tuple[bool, bool, bool, bool]
) -> None:
    assert seen(door, policy, meta=meta and policy is not None) == expected


@pytest.mark.parametrize("door", DOORS)
def test_sandboxed_page_gets_nothing(door: Door) -> None:
    assert seen(door, "sandbox") == (False, False, False, False)
    assert seen(door, "sandbox allow-forms")[0]


def test_policy_of_the_guide_needs_nothing_more(read: ReadGuide) -> None:
    names = read("strict-csp")
    answer = run_asgi(names["app"], Exchange(headers=NAVIGATION))
    assert answer.values(b"content-security-policy") == [names["POLICY"].encode("ascii")]
    assert banners(answer.body) == 1
    assert any(element.tag == "form" for element in elements(answer.body))
