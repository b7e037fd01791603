"""Questions that are put to a site beside its pages: what errors, files and odd requests lead to.

They read, but for two forms: one sent as by another site, which must be refused, and the no of a
visitor who has said no, with an address elsewhere to return to. They are asked in states in which
nothing may be set, and stand in the evidence with the step `probe`.
May not enter: what an answer means.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import urlencode, urljoin, urlsplit

from cookieconsent.audit.files import to_ask
from cookieconsent.audit.page import FileKind
from cookieconsent.audit.site import Site
from cookieconsent.audit.steps import PROBE
from cookieconsent.audit.visitor import FORM_TYPE, HttpVisitor
from cookieconsent.observation.answer import Request

MARK: Final = "audit-probe-7c1f"
"""What a cookie must not take over from an address."""
ABSENT: Final = "/cookie-consent-audit/no-such-page"
GPC_PATH: Final = "/.well-known/gpc.json"
STATE_SHEET: Final = "/state.css"
"""Below the preferences page: the sheet that hides the banner where pages are cached for everybody."""
FOREIGN: Final = "https://elsewhere.example"
_ABROAD: Final = (f"{FOREIGN}/", "//elsewhere.example/", "/\\elsewhere.example/")
_BESIDE: Final = frozenset({"none", "rejected"})
_SHEETED: Final = frozenset({"ignored", "rejected", "accepted"})
_LOADING: Final = (
    (b"accept", b"*/*"),
    (b"sec-fetch-mode", b"no-cors"),
    (b"sec-fetch-site", b"same-origin"),
)
_DESTINATIONS: Final[dict[FileKind, tuple[bytes, bytes]]] = {
    "script": (b"sec-fetch-dest", b"script"),
    "style sheet": (b"sec-fetch-dest", b"style"),
    "picture": (b"sec-fetch-dest", b"image"),
    "icon": (b"sec-fetch-dest", b"image"),
}
"""What browsers say that they load a file for (Fetch Metadata Request Headers)."""
_FORM: Final = (b"content-type", FORM_TYPE)


def has_questions(state: str, site: Site) -> bool:
    """Tell whether a state has any."""
    return state in _BESIDE | {"gpc"} or (_is_shared(site) and state in _SHEETED)


def _is_shared(site: Site) -> bool:
    return site.config is not None and site.config.shared_cache


def probe(visitor: HttpVisitor, state: str, pages: Sequence[str], site: Site) -> None:
    """Put the questions that belong to a state."""
    for request in _questions(visitor, state, pages, site):
        visitor.send(request, PROBE)


def _questions(
    visitor: HttpVisitor, state: str, pages: Sequence[str], site: Site
) -> Iterator[Request]:
    if state in _BESIDE:
        yield from _beside(visitor, pages)
    if state == "none":
        yield from _temptations(visitor, site)
    if state == "rejected" and site.config is not None:
        yield from _ways_out(visitor, site)
    if state == "gpc":
        yield _request(visitor, GPC_PATH)
    if _is_shared(site) and state in _SHEETED:
        yield _request(visitor, site.path + STATE_SHEET)


def _request(visitor: HttpVisitor, path: str, method: str = "GET") -> Request:
    return Request(url=urljoin(visitor.base, path), method=method)


def _beside(visitor: HttpVisitor, pages: Sequence[str]) -> Iterator[Request]:
    """Yield an error, a head alone, what is allowed, a redirect, a confirmation and files."""
    yield _request(visitor, ABSENT)
    yield _request(visitor, pages[0], "HEAD")
    yield _request(visitor, pages[0], "OPTIONS")
    place = pages[-1].partition("?")[0]
    if place != "/":  # with a slash or without, one of both often leads to the other
        yield _request(visitor, place.rstrip("/") if place.endswith("/") else f"{place}/")
    views = list(visitor.views)
    marked = next((view for view in views if view.values(b"etag")), None)
    if marked is not None:
        yield Request(
            url=marked.url, headers=[(b"if-none-match", tag) for tag in marked.values(b"etag")]
        )
    for file in to_ask(views, visitor.base):
        yield Request(url=file.url, headers=[*_LOADING, _DESTINATIONS[file.kind]])


def _temptations(visitor: HttpVisitor, site: Site) -> Iterator[Request]:
    """Yield what would be an answer or a cookie if the site were careless."""
    names = {
        sighting.line.name.decode("latin-1")
        for view in visitor.views
        for sighting in view.sightings
    }
    fields = [(name, MARK) for name in sorted(names | {"utm_source"}) if name.isprintable()]
    yield _request(visitor, f"/?{urlencode(fields)}")
    if site.config is None:
        return
    yield _request(visitor, f"{site.path}?choice=accept")
    headers = [
        _FORM,
        (b"origin", FOREIGN.encode("ascii")),
        (b"sec-fetch-site", b"cross-site"),
    ]
    yield _form(visitor, site, {"choice": "accept"}, headers)


def _ways_out(visitor: HttpVisitor, site: Site) -> Iterator[Request]:
    """Yield the no of a visitor who has said no, which asks to be led elsewhere."""
    own = urlsplit(visitor.base)
    headers = [_FORM, (b"origin", f"{own.scheme}://{own.netloc}".encode("ascii"))]
    for place in _ABROAD:
        yield _form(visitor, site, {"choice": "reject", "next": place}, headers)


def _form(
    visitor: HttpVisitor, site: Site, fields: dict[str, str], headers: list[tuple[bytes, bytes]]
) -> Request:
    url = urljoin(visitor.base, site.path)
    body = urlencode(fields).encode("ascii")
    return Request(url=url, method="POST", headers=headers, body=body)


def leads_abroad(location: bytes) -> bool:
    """Tell whether a redirect leads where the questions asked to be led."""
    text = location.decode("latin-1").replace("\\", "/")
    try:
        return urlsplit(urljoin("https://site.invalid/", text)).netloc == urlsplit(FOREIGN).netloc
    except ValueError:  # no address at all
        return False
