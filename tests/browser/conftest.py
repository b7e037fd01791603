"""Shops to walk into, and what their visitors can do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from browser.site import Shop, open_shop


@pytest.fixture(scope="module", params=["asgi", "wsgi"])
def open_shops(request: pytest.FixtureRequest) -> Iterator[tuple[Shop, Shop]]:
    """A shop as browsers like it, and one for plain http with a name, behind the same door."""
    with open_shop(request.param) as secure, open_shop(request.param, secure=False) as plain:
        yield secure, plain


@pytest.fixture
def shop(open_shops: tuple[Shop, Shop]) -> Shop:
    """A shop on localhost, where browsers accept Secure cookies without https."""
    return _swept(open_shops[0])


@pytest.fixture
def plain_shop(open_shops: tuple[Shop, Shop]) -> Shop:
    """A shop for any name, its consent cookie without Secure."""
    return _swept(open_shops[1])


def _swept(shop: Shop) -> Shop:
    for notes in (shop.cookies, shop.outcomes, shop.choices):
        notes.clear()
    return shop
