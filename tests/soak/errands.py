"""What shoppers do, as a table: each errand is one request and what must come of it.

May not enter: sockets; reading a response.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal
from urllib.parse import urlencode

from cookieconsent.core.palette import read_palette
from cookieconsent.demo.cookies import CART, SESSION, VISIT, VISITOR
from cookieconsent.demo.goods import BY_SLUG
from cookieconsent.demo.shop import ICON_PATH, STYLE_PATH, THEME
from cookieconsent.ui.theme import Theme
from soak.client import Request
from soak.shoppers import (
    ALWAYS_DENIED,
    ANALYTICS,
    CONSENT,
    PLANTED,
    Answer,
    Shopper,
    basket_with,
    cart_of,
    session_of,
)

SETTINGS: Final = "/cookie-consent"
OWN_STYLE: Final = f"{SETTINGS}/{Theme('top', read_palette(THEME)).linked_name}"
PAGES: Final = (
    *("/", "/basket", "/sign-in", "/thanks", "/statistics", "/privacy"),
    *(f"/goods/{slug}" for slug in BY_SLUG),
)
MAX_INVENTED: Final = 9
"""How many cookie names a request invents at most; the mean is half of it."""

Shows = Literal["shop", "fragment", "settings", "file", "nothing"]
"""What the body is: a page of the shop, one without our markup, our own page, or something else."""

_FORM = "application/x-www-form-urlencoded"
_ODDITIES = ("", "", "", ".", "~", "|", "'", "$", "\xe9", "%41", "_" * 60, "-x" * 120)
_FOREIGN = "AVEuAQAxW0M.5fkMGjCjQMHTCNIXyT1kBBt2VPwCngP5bvag6V1f3i0"
"""A consent cookie that another secret has signed."""
_GARBAGE = (
    _FOREIGN,
    "",
    "1",
    "v0.eyJhbmFseXRpY3MiOnRydWV9",
    "eyJhbmFseXRpY3MiOnRydWUsInZlcnNpb24iOjB9.Zm9v",
    "%7B%22analytics%22%3Atrue%7D",
    "analytics=yes&day=20000",
    '"AVEuAQAxW0M"',
    "A" * 236,
    ".",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One request, and what must come of it."""

    name: str
    request: Request
    status: int = 200
    shows: Shows = "shop"
    location: str | None = None
    allow: str | None = None
    sets: Mapping[str, str | None] = field(default_factory=dict)
    """Cookies that are set: by name the value, or `None` where anything may be right."""
    deletes: frozenset[str] = frozenset()
    """Cookies that are deleted."""
    may_delete: frozenset[str] = frozenset()
    """Cookies that may be deleted: what was sent and may not stay."""
    answer: Answer | None = None
    """What the visitor says; the consent cookie is that of this answer."""
    invented: int = 0
    """How many cookie names were invented for it."""
    then: Callable[[Shopper], None] | None = None
    """What the visitor knows afterwards."""

    @property
    def path(self) -> str:
        return self.request.target.partition("?")[0]


class Pen:
    """Writes the requests of one errand.

    Args:
        shopper: Whose errand it is.
        serial: A number that no other request has.
        chance: What decides where anything may be sent.
    """

    def __init__(self, shopper: Shopper, serial: int, chance: random.Random) -> None:
        self.shopper = shopper
        self.chance = chance
        self.tag = f"{shopper.tag}{serial}"
        self.host = f"{self.tag}.shop{serial % 7}.example"
        self.invented = [self._invent(place) for place in range(chance.randint(0, MAX_INVENTED))]

    def _invent(self, place: int) -> str:
        # Every ninth looks like one that the shop has declared as a glob.
        start = "_ga_" if self.chance.random() < 1 / 9 else ""
        return f"{start}{self.tag}n{place}{self.chance.choice(_ODDITIES)}"

    def deletable(self, *, allowed: bool) -> frozenset[str]:
        """Return which of the cookies that are sent may be deleted."""
        sent = {*self.shopper.jar, *self.invented}
        known = {name for name in sent if name in ANALYTICS or name.startswith("_ga_")}
        return frozenset(sent & ALWAYS_DENIED) | (frozenset() if allowed else frozenset(known))

    def address(self, path: str) -> str:
        """Return an address that nobody has asked for yet."""
        return f"{path}?from={self.tag}"

    def request(
        self, target: str, *headers: tuple[str, str], method: str = "GET", body: bytes = b""
    ) -> Request:
        """Return a request as this visitor's browser sends it."""
        lines = [("Host", self.host), *self._self_portrait(), *headers]
        cookies = [*self.shopper.jar.items(), *((name, self.tag) for name in self.invented)]
        self.chance.shuffle(cookies)
        if cookies:
            lines.append(("Cookie", "; ".join(f"{name}={value}" for name, value in cookies)))
        return Request(method=method, target=target, headers=tuple(lines), body=body)

    def _self_portrait(self) -> list[tuple[str, str]]:
        shopper = self.shopper
        wishes = (
            f"{shopper.language}, x-{self.chance.randrange(10**8)};q=0.{self.chance.randint(1, 9)}"
        )
        lines = [("User-Agent", f"Soak/1 ({shopper.tag})"), ("Accept-Language", wishes)]
        return [*lines, ("Sec-GPC", "1")] if shopper.signal else lines

    def looking(self) -> tuple[tuple[str, str], ...]:
        """Return the headers of a navigation."""
        if not self.shopper.metadata:
            return (("Accept", "text/html"),)
        return (
            ("Accept", "text/html,*/*;q=0.8"),
            ("Sec-Fetch-Site", "none"),
            ("Sec-Fetch-Mode", "navigate"),
            ("Sec-Fetch-Dest", "document"),
        )

    def form(
        self, path: str, fields: Mapping[str, str], *headers: tuple[str, str], kind: str = _FORM
    ) -> Request:
        """Return a form as this visitor's browser sends it, but for where it comes from."""
        lines = (("Accept", "text/html"), ("Content-Type", kind), *headers)
        return self.request(path, *lines, method="POST", body=urlencode(fields).encode("ascii"))


# --- looking around -------------------------------------------------------------------------------


def _shop_sets(shopper: Shopper) -> dict[str, str | None]:
    """Return what a page of the shop sets: nothing without a yes."""
    if not shopper.allows:
        return {}
    return {VISITOR: shopper.jar.get(VISITOR), VISIT: None}


def _plain(pen: Pen, name: str, request: Request, **facts: Any) -> Errand:
    """Return an errand that leaves the visitor's answer as it is; `facts` are fields of it."""
    errand = Errand(
        name=name,
        request=request,
        may_delete=pen.deletable(allowed=pen.shopper.allows),
        invented=len(pen.invented),
    )
    return replace(errand, **facts)


def look(pen: Pen, name: str, path: str, *headers: tuple[str, str], **facts: Any) -> Errand:
    """Look at one page of the shop."""
    request = pen.request(pen.address(path), *headers)
    return _plain(pen, name, request, sets=_shop_sets(pen.shopper), **facts)


def page(pen: Pen) -> Errand:
    """Look at a page."""
    return look(pen, "page", pen.chance.choice(PAGES), *pen.looking())


def missing(pen: Pen) -> Errand:
    """Look for what nobody has."""
    return look(pen, "missing page", f"/goods/{pen.tag}", *pen.looking(), status=404)


def conditional(pen: Pen) -> Errand:
    """Ask whether a page has changed; the shop's pages have no validators, so all of it must come."""
    validators = (
        ("If-None-Match", f'"{pen.tag}", W/"{pen.tag}-consentS-0123abcd"'),
        ("If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT"),
    )
    path = pen.chance.choice(PAGES)
    return look(pen, "conditional", path, *pen.looking(), *validators)


def fragment(pen: Pen) -> Errand:
    """Fetch a page by a script, which is asked nothing."""
    path = pen.chance.choice(PAGES)
    headers = (*pen.looking(), ("HX-Request", "true"))
    return look(pen, "fragment", path, *headers, shows="fragment")


def head(pen: Pen) -> Errand:
    """Ask for the head of a page."""
    path = pen.chance.choice((*PAGES, f"/{pen.tag}"))
    request = pen.request(pen.address(path), *pen.looking(), method="HEAD")
    status = 200 if path in PAGES else 404
    sets = _shop_sets(pen.shopper)
    return _plain(pen, "head", request, status=status, shows="nothing", sets=sets)


def settings(pen: Pen) -> Errand:
    """Look at the preferences page."""
    request = pen.request(pen.address(SETTINGS), *pen.looking())
    return _plain(pen, "settings", request, shows="settings")


def file(pen: Pen) -> Errand:
    """Fetch a style sheet or the icon."""
    path = pen.chance.choice((OWN_STYLE, STYLE_PATH, ICON_PATH))
    request = pen.request(pen.address(path), ("Accept", "text/css,image/*"))
    return _plain(pen, "file", request, shows="file")


def own_missing(pen: Pen) -> Errand:
    """Look for what is not below the preferences page."""
    request = pen.request(f"{SETTINGS}/{pen.tag}", *pen.looking())
    return _plain(pen, "own missing page", request, status=404, shows="nothing")


def wrong_method(pen: Pen) -> Errand:
    """Use a method that a page does not know."""
    path, method, allow = pen.chance.choice(
        [
            ("/privacy", "POST", "GET, HEAD"),
            ("/basket", "PUT", "GET, HEAD, POST"),
            (SETTINGS, "DELETE", "GET, HEAD, POST"),
            (OWN_STYLE, "POST", "GET, HEAD"),
        ]
    )
    request = pen.request(path, method=method)
    return _plain(pen, "wrong method", request, status=405, allow=allow, shows="nothing")


# --- answering ------------------------------------------------------------------------------------


def _credentials(pen: Pen) -> tuple[dict[str, str], tuple[tuple[str, str], ...]]:
    """Return the fields and headers by which a form of ours is known as one."""
    own = ("Origin", f"http://{pen.host}")
    token = pen.shopper.token
    if pen.shopper.metadata or token is None:
        return {}, (("Sec-Fetch-Site", "same-origin"), own)
    return {"token": token}, (own,) if pen.chance.random() < 0.5 else ()


def _answered(fields: Mapping[str, str], shopper: Shopper) -> Answer | None:
    if fields["choice"] == "forget":
        return None
    yes = fields["choice"] == "accept" or fields.get("class-analytics") == "yes"
    return shopper.yes if yes else "no"


_CHOICES: Final[tuple[dict[str, str], ...]] = (
    {"choice": "accept"},
    {"choice": "accept"},
    {"choice": "reject"},
    {"choice": "save", "class-analytics": "yes"},
    {"choice": "save", "class-analytics": "no"},
    {"choice": "save"},
    {"choice": "withdraw"},
    {"choice": "forget"},
)


def choose(pen: Pen) -> Errand:
    """Answer, from the page in view or from the preferences page."""
    shopper, chance = pen.shopper, pen.chance
    fields, origin = _credentials(pen)
    fields |= chance.choice(_CHOICES)
    back = SETTINGS
    if chance.random() < 0.8:  # a form may come without it
        fields["next"] = back = shopper.view
    answer = _answered(fields, shopper)

    def answered(who: Shopper) -> None:
        who.answer = answer

    return Errand(
        name=f"choose {fields['choice']}",
        request=pen.form(SETTINGS, fields, *origin),
        status=303,
        shows="nothing",
        location=f"{back}#cookieconsent-saved",
        sets={} if answer is None else {CONSENT: None},
        deletes=frozenset() if answer is not None else frozenset({CONSENT}),
        may_delete=pen.deletable(allowed=answer in {"yes", "yes under the signal"}),
        answer=answer,
        invented=len(pen.invented),
        then=answered,
    )


def bad_form(pen: Pen) -> Errand:
    """Send an answer that must not count."""
    token = pen.shopper.token or ""
    accept = {"choice": "accept", "next": pen.shopper.view}
    same = ("Sec-Fetch-Site", "same-origin")
    make: tuple[Callable[[], tuple[Request, int]], ...] = (
        lambda: (pen.form(SETTINGS, accept), 403),
        lambda: (pen.form(SETTINGS, accept | {"token": f"US4.{pen.tag}"}), 403),
        lambda: (pen.form(SETTINGS, accept | {"token": token[:-2] + "xx"}), 403),
        lambda: (
            pen.form(SETTINGS, accept | {"token": token}, ("Sec-Fetch-Site", "cross-site")),
            403,
        ),
        lambda: (
            pen.form(SETTINGS, accept | {"token": token}, ("Origin", f"http://{pen.tag}.example")),
            403,
        ),
        lambda: (pen.form(SETTINGS, {"choice": pen.tag}, same), 400),
        lambda: (pen.form(SETTINGS, {"choice": "save", f"class-{pen.tag}": "yes"}, same), 400),
        lambda: (pen.form(SETTINGS, accept, same, kind="text/plain"), 415),
    )
    request, status = pen.chance.choice(make)()
    return _plain(pen, "bad form", request, shows="settings", status=status)


def tamper(pen: Pen) -> Errand:
    """Come back with a consent cookie of which one character has changed."""
    # A genuine one, since a second change could undo the first.
    value = pen.shopper.jar[CONSENT] if pen.shopper.answer is not None else _FOREIGN
    place = pen.chance.randrange(len(value))
    other = "A" if value[place] != "A" else "B"
    pen.shopper.forge(value[:place] + other + value[place + 1 :])
    return replace(page(pen), name="tampered cookie")


def garbage(pen: Pen) -> Errand:
    """Come back with a consent cookie of another age, or of another program."""
    pen.shopper.forge(pen.chance.choice((*_GARBAGE, pen.tag)))
    return replace(page(pen), name="garbage cookie")


# --- shopping -------------------------------------------------------------------------------------


def _shop_form(
    pen: Pen, name: str, path: str, fields: Mapping[str, str], location: str, **facts: Any
) -> Errand:
    request = pen.form(path, fields)
    return _plain(pen, name, request, status=303, location=location, shows="nothing", **facts)


def basket(pen: Pen) -> Errand:
    """Put something into the basket, or take it out."""
    slug = pen.chance.choice(sorted(BY_SLUG))
    action, change = pen.chance.choice((("add", 1), ("add", 1), ("remove", -1)))
    after = basket_with(pen.shopper.basket, slug, change)

    def packed(who: Shopper) -> None:
        who.basket = after

    return _shop_form(
        pen,
        "basket",
        "/basket",
        {action: slug},
        "/basket",
        sets={CART: cart_of(after)} if after else {},
        deletes=frozenset() if after else frozenset({CART}),
        then=packed,
    )


def check_out(pen: Pen) -> Errand:
    """Order what is in the basket."""

    def ordered(who: Shopper) -> None:
        who.basket = {}

    return _shop_form(
        pen,
        "check out",
        "/checkout",
        {},
        "/thanks",
        deletes=frozenset({CART}),
        then=ordered,
    )


def sign_in(pen: Pen) -> Errand:
    """Sign in by a name that nobody else has."""
    name = f"Ada {pen.tag}"

    def signed_in(who: Shopper) -> None:
        who.name = name

    sets = {SESSION: session_of(name)}
    return _shop_form(pen, "sign in", "/sign-in", {"name": name}, "/", sets=sets, then=signed_in)


def sign_out(pen: Pen) -> Errand:
    """Sign out."""

    def signed_out(who: Shopper) -> None:
        who.name = None

    gone = frozenset({SESSION})
    return _shop_form(pen, "sign out", "/sign-out", {}, "/", deletes=gone, then=signed_out)


def plant(pen: Pen) -> Errand:
    """Have cookies planted past the consent layer."""
    sets = {VISITOR: PLANTED, "_hjid": None, "_fbp": None, "mystery": None}
    return _shop_form(pen, "plant", "/plant", {}, "/#cookies", sets=sets)


ERRANDS: Final[tuple[tuple[int, Callable[[Pen], Errand]], ...]] = (
    (22, page),
    (4, missing),
    (5, conditional),
    (3, fragment),
    (5, head),
    (8, settings),
    (6, file),
    (2, own_missing),
    (2, wrong_method),
    (15, choose),
    (5, bad_form),
    (2, tamper),
    (2, garbage),
    (8, basket),
    (2, check_out),
    (4, sign_in),
    (2, sign_out),
    (3, plant),
)
"""How many of a hundred requests are what."""


def next_errand(shopper: Shopper, serial: int, chance: random.Random) -> Errand:
    """Return what somebody does next; some come back as another, or have changed a setting."""
    if chance.random() < 0.01:
        shopper.leave()
    if chance.random() < 0.02:
        shopper.signal = not shopper.signal
    weights = [weight for weight, _ in ERRANDS]
    errand = chance.choices([errand for _, errand in ERRANDS], weights)[0]
    return errand(Pen(shopper, serial, chance))
