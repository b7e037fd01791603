"""The demo shop behind either door, its visitors, and its panel as a parser reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlencode, urlsplit

import html5lib

from cookieconsent.demo import asgi, wsgi
from cookieconsent.demo.shop import Shop
from doors import FORM, SECRET, Clock, Door, Site, Visitor, elements
from oracles.drivers import Answer
from oracles.jar import Jar

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

PATHS: Final = (
    "/",
    "/basket",
    "/goods/teapot",
    "/goods/towel",
    "/sign-in",
    "/thanks",
    "/statistics",
    "/privacy",
    "/nothing-here",
)
GPC: Final = {b"sec-gpc": b"1"}
SENT: Final = "Your browser sent → the shop saw"
GOT: Final = "The shop set → your browser got"


class OpenShop(Site):
    """The shop at one of its doors, with a clock and a dice of the tests."""

    def __init__(self, door: Door, *, secret: str | None = SECRET) -> None:
        self.door: Door = door
        self.clock = Clock()
        self.shop = Shop(secret, clock=self.clock, random_below=lambda below: below // 3)
        self.asgi: Any = asgi.application(self.shop) if door == "asgi" else None
        self.wsgi: Any = wsgi.application(self.shop) if door == "wsgi" else None


def visitor_of(shop: OpenShop, **headers: bytes) -> Visitor:
    """Return somebody on this machine who was never in the shop before."""
    visitor = Visitor(shop, "http://127.0.0.1:8000", jar=Jar(trustworthy_loopback=True))
    visitor.headers |= {name.replace("_", "-").encode(): value for name, value in headers.items()}
    return visitor


def send(visitor: Visitor, action: str, **fields: str) -> Answer:
    """Send a form of the page in view."""
    page = elements(visitor.page)
    assert any(tag.tag == "form" and tag["action"] == action for tag in page), action
    return visitor.visit(
        action,
        [(b"content-type", FORM)],
        method="POST",
        body=urlencode(fields).encode("ascii"),
    )


def press(visitor: Visitor, action: str, **fields: str) -> Answer:
    """Send a form of the page in view, and follow to where it leads."""
    answer = send(visitor, action, **fields)
    visitor.visit(urlsplit(answer.values(b"location")[0].decode("ascii")).path)
    return answer


class Row(NamedTuple):
    """What the panel says of one cookie."""

    fate: str
    name: str
    cls: str
    value: str
    why: str


def panel(page: bytes) -> dict[str, list[Row]]:
    """Return the panel's lists by their headings."""
    tree = html5lib.parse(page, namespaceHTMLElements=False, transport_encoding="utf-8")
    lists: dict[str, list[Row]] = {}
    heading = ""
    for element in tree.iterfind(".//aside/details/*"):
        if element.tag == "h3":
            heading = _text(element)
            lists[heading] = []
        elif element.get("class") == "fates":
            lists[heading] += [row for group in element for row in _rows(group)]
    return lists


def _rows(group: Element) -> list[Row]:
    verdict, reason = group.find("p/b"), group.find("p[@class='why']")
    assert verdict is not None
    assert reason is not None
    fate, why = _text(verdict).split()[-1], _text(reason)
    found = []
    for item in group.iterfind("ul/li"):
        name, cls, value = map(_text, item)
        found.append(Row(fate, name, cls, value, why))
    return found


def _text(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def fates(page: bytes, heading: str) -> dict[str, str]:
    """Return what one list of the panel says became of each cookie."""
    return {row.name: row.fate for row in panel(page)[heading]}


def state(page: bytes) -> str:
    """Return what the panel says of the visitor's answer."""
    tree = html5lib.parse(page, namespaceHTMLElements=False, transport_encoding="utf-8")
    found = tree.find(".//aside//p[@class='state']")
    assert found is not None
    return _text(found)
