"""The shop's own cookies: their declarations, how they are written, and what is read from them.

What a browser sends may be anything, so each reader checks every character and answers "nothing"
where a value does not fit; none of them raises.
May not enter: which cookies pass.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from typing import Final

from cookieconsent import Cookie
from cookieconsent.demo.goods import BY_SLUG

SHOP: Final = "Kettle & Crumb"
SESSION: Final = "shop_session"
CART: Final = "shop_cart"
VISITOR: Final = "_ga"
VISIT: Final = "_ga_K3TTL3CRMB"
MAX_OF_ONE: Final = 9
"""How many of one article a basket holds."""
MAX_NAME: Final = 40
"""The longest name of a visitor, in characters."""

DECLARED: Final = (
    Cookie(
        SESSION,
        "authentication",
        purpose="Remembers that you have signed in.",
        provider=SHOP,
        lifetime="session",
    ),
    Cookie(
        CART,
        "cart",
        purpose="Remembers what is in your basket.",
        provider=SHOP,
        lifetime="7 days",
    ),
    Cookie(
        VISITOR,
        "analytics",
        purpose="Tells one browser from another, so that visits can be counted.",
        provider="Google",
        lifetime="13 months",
    ),
    Cookie(
        "_ga_*",
        "analytics",
        purpose="Holds together the page views of one visit.",
        provider="Google",
        lifetime="13 months",
    ),
)

PLANTED: Final = (
    b"_ga=GA1.1.1234567890.1700000000; Path=/; Max-Age=34128000",
    b"_hjid=6f2a7c1e-0b1d-4c57-9a77-2d1f4be0c0de; Path=/; Max-Age=31536000",
    b"_fbp=fb.1.1700000000000.987654321; Path=/; Max-Age=7776000",
    b"mystery=nobody-declared-me; Path=/; Max-Age=86400",
)
"""What a careless script on a page would have left behind."""

_WEEK = 7 * 86_400
_THIRTEEN_MONTHS = 395 * 86_400
_LASTING = "; Path=/; Max-Age={}; SameSite=Lax"
_OWN = "; Path=/; HttpOnly; SameSite=Lax"
_GONE = "=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"

_SESSION = re.compile(r"([A-Za-z0-9_-]{1,240})\.([0-9a-f]{32})")
_LINE = re.compile(r"([a-z]{1,16}):([1-9])")
_VISITOR = re.compile(r"GA1\.1\.[0-9]{1,10}\.[0-9]{1,12}")
_VISIT = re.compile(r"GS1\.1\.([0-9]{1,12})\.([0-9]{1,6})\.1\.[0-9]{1,12}")

Basket = dict[str, int]
"""How many of each article, by slug."""


def read_cookies(header: str) -> dict[str, str]:
    """Return the cookies of a `Cookie` header by name; of several of one name the first."""
    found: dict[str, str] = {}
    for pair in header.split(";"):
        name, equals, value = pair.partition("=")
        if equals:
            found.setdefault(name.strip(" \t"), value.strip(" \t"))
    return found


def _signature(text: str, secret: str) -> str:
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()[:32]


def write_session(name: str, secret: str) -> str:
    """Return the `Set-Cookie` value that keeps somebody signed in."""
    text = base64.urlsafe_b64encode(name.encode("utf-8", "replace")).decode("ascii").rstrip("=")
    return f"{SESSION}={text}.{_signature(text, secret)}{_OWN}"


def read_session(cookies: Mapping[str, str], secret: str) -> str | None:
    """Return the name of who has signed in; `None` for nobody."""
    found = _SESSION.fullmatch(cookies.get(SESSION, ""))
    if found is None or not hmac.compare_digest(found[2], _signature(found[1], secret)):
        return None
    return base64.urlsafe_b64decode(found[1] + "=" * (-len(found[1]) % 4)).decode(
        "utf-8", "replace"
    )


def write_basket(basket: Basket) -> str:
    """Return the `Set-Cookie` value that keeps a basket; an empty one needs no cookie."""
    text = ".".join(f"{slug}:{count}" for slug, count in basket.items())
    return f"{CART}={text}; Max-Age={_WEEK}{_OWN}" if text else CART + _GONE


def read_basket(cookies: Mapping[str, str]) -> Basket:
    """Return what is in the basket; what is no article of ours is not in it."""
    basket: Basket = {}
    for part in cookies.get(CART, "").split(".", len(BY_SLUG))[: len(BY_SLUG)]:
        line = _LINE.fullmatch(part)
        if line is not None and line[1] in BY_SLUG:
            basket[line[1]] = int(line[2])
    return basket


def signed_out() -> str:
    """Return the `Set-Cookie` value that ends a session."""
    return SESSION + _GONE


def write_analytics(
    cookies: Mapping[str, str], now: int, random_below: Callable[[int], int]
) -> list[str]:
    """Return the `Set-Cookie` values that a shop with server-side analytics sends with each page.

    Args:
        cookies: What the shop received.
        now: POSIX seconds.
        random_below: Gives a number below its argument, for a browser that is new.
    """
    visitor = cookies.get(VISITOR, "")
    if not _VISITOR.fullmatch(visitor):
        visitor = f"GA1.1.{random_below(10**10)}.{now}"
    visit = _VISIT.fullmatch(cookies.get(VISIT, ""))
    begun, views = (visit[1], int(visit[2]) % 999_999 + 1) if visit else (str(now), 1)
    lasting = _LASTING.format(_THIRTEEN_MONTHS)
    return [
        f"{VISITOR}={visitor}{lasting}",
        f"{VISIT}=GS1.1.{begun}.{views}.1.{now}{lasting}",
    ]
