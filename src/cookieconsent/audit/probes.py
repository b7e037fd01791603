"""Questions that are put to a site beside its pages: what errors, files and odd requests lead to.

All are GET or HEAD, but for one form with the token of another day, which a site must refuse. They are
asked in states in which nothing may be set, and stand in the evidence with the step `probe`.
May not enter: what an answer means.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import urlencode, urljoin, urlsplit

from cookieconsent.audit.evidence import View
from cookieconsent.audit.site import Site
from cookieconsent.audit.visitor import HttpVisitor
from cookieconsent.observation.answer import Request

PROBE: Final = "probe"
STATES: Final = frozenset({"none", "rejected", "gpc"})
MARK: Final = "audit-probe-7c1f"
"""What a cookie must not take over from an address."""
ABSENT: Final = "/cookie-consent-audit/no-such-page"
GPC_PATH: Final = "/.well-known/gpc.json"
FOREIGN: Final = "https://elsewhere.example"


def probe(visitor: HttpVisitor, state: str, pages: Sequence[str], site: Site) -> None:
    """Put the questions that belong to a state."""
    if state not in STATES:
        return
    if state == "gpc":
        visitor.send(_request(visitor, GPC_PATH), PROBE)
        return
    for request in _requests(visitor, pages):
        visitor.send(request, PROBE)
    if state == "none":
        for request in _temptations(visitor, site):
            visitor.send(request, PROBE)


def _request(visitor: HttpVisitor, path: str, method: str = "GET") -> Request:
    return Request(url=urljoin(visitor.base, path), method=method)


def _requests(visitor: HttpVisitor, pages: Sequence[str]) -> Iterator[Request]:
    """Yield an error, a head alone, a confirmation and a file."""
    yield _request(visitor, ABSENT)
    yield _request(visitor, pages[0], "HEAD")
    views = list(visitor.views)
    etag = next((tag for view in views for tag in view.values(b"etag")), None)
    marked = next((view for view in views if view.values(b"etag")), None)
    if etag is not None and marked is not None:
        yield Request(url=marked.url, headers=[(b"if-none-match", etag)])
    file = next(filter(None, map(_file, views)), None)
    if file is not None:
        yield Request(url=file)


def _file(view: View) -> str | None:
    """Return the address of a script or style sheet of the site's own that a page names."""
    if view.page is None:
        return None
    here = urlsplit(view.url)
    own = (url for url in view.page.files if urlsplit(url)[:2] == here[:2])
    return next(own, None)


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
    yield Request(
        url=urljoin(visitor.base, site.path),
        method="POST",
        headers=[
            (b"content-type", b"application/x-www-form-urlencoded"),
            (b"origin", FOREIGN.encode("ascii")),
            (b"sec-fetch-site", b"cross-site"),
        ],
        body=urlencode({"choice": "accept", "next": f"{FOREIGN}/"}).encode("ascii"),
    )
