"""Which addresses belong to one site."""

from __future__ import annotations

import pytest

from cookieconsent.observation.same_site import is_same_site

CASES = [
    # address of the site, where it leads, whether that is the same site
    ("https://shop.example/", "https://shop.example/a?b=1", True),
    ("https://shop.example/", "https://www.shop.example:443/", True),
    ("https://www.shop.example/", "https://shop.example/", True),
    ("http://shop.example/", "https://www.shop.example/", True),
    ("http://localhost:8000/", "http://localhost:8000/a", True),
    ("http://SHOP.example/", "http://shop.example:80/", True),
    ("https://shop.example/", "http://shop.example/", False),
    ("https://shop.example/", "https://id.shop.example/", False),
    ("https://shop.example/", "https://shop.example.evil.example/", False),
    ("http://localhost:8000/", "http://localhost:8001/", False),
    ("http://localhost:8000/", "https://localhost:8443/", False),
    ("https://shop.example/", "about:blank", False),
    ("https://shop.example/", "mailto:ada@shop.example", False),
    ("https://shop.example/", "https://shop.example:99999/", False),
    ("https://shop.example/", "https://[", False),
]


@pytest.mark.parametrize(("base", "url", "expected"), CASES)
def test_site_is_told_by_host_and_port(base: str, url: str, expected: bool) -> None:
    assert is_same_site(base, url) is expected
